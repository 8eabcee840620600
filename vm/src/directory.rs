//! Principals, accounts, resources -> what applies to them (semantics.md 11).
//!
//! A principal's ARN is looked up once, when the request is made; what depends on the resource once for each resource.
//! A bundle without a directory (case mode) takes none of these ways.

use crate::asked::{ActionTraits, Resource};
use crate::bundle::{Section, View};
use crate::hash::{hash, mix};
use crate::principal::{Requester, RequesterKind};
use crate::scan::{arn_fields, last_segment};
use crate::words::{Roster, Words};

/// No row, no offset: what was looked up is not there.
pub(crate) const NONE: u32 = u32::MAX;

pub(crate) const ACCOUNT_WORDS: usize = 8;
pub(crate) const ENTITY_WORDS: usize = 5;
pub(crate) const SCOPE_HEAD: usize = 2;
pub(crate) const TAG_WORDS: usize = 4;
pub(crate) const RESOURCE_WORDS: usize = 5;
pub(crate) const MANAGED_WORDS: usize = 2;
pub(crate) const UNIT_WORDS: usize = 2;

/// Which gate a unit stands behind, where it is not each record's own to say.
pub(crate) mod gate {
    /// Each record says it: all policies of a bundle without a directory.
    pub const OWN: u32 = u32::MAX;
    /// Each record says it, and all are levels of guardrails.
    pub const LEVELS: u32 = u32::MAX - 1;
}

/// Where the look-up of a user or role begins: account and name, for names are unique in an account (PRN-13).
pub fn entity_hash(is_role: bool, account: &str, name: &str, seed: u64) -> u64 {
    mix(mix(seed, u64::from(is_role)), mix(hash(account.as_bytes(), seed), hash(name.as_bytes(), seed)))
}

/// The hash of a user's or role's ARN, [`entity_hash`] of its parts; `None` for any other text.
pub fn entity_hash_of(arn: &str, seed: u64) -> Option<u64> {
    let (is_role, account, name) = entity_parts(arn)?;
    Some(entity_hash(is_role, account, name, seed))
}

fn entity_parts(arn: &str) -> Option<(bool, &str, &str)> {
    let [_, _, service, _, account, rest] = arn_fields(arn)?;
    let (form, path) = rest.split_once('/')?;
    let is_role = match (service, form) {
        ("iam", "user") => false,
        ("iam", "role") => true,
        _ => return None,
    };
    Some((is_role, account, last_segment(path)))
}

/// What the directory knows of a requester: rows of Entities and Accounts, [`NONE`] where it does not hold them (DIR-9).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The user or role whose policies and tags count; of a federated-user session the user that made it (DIR-5).
    pub entity: u32,
    pub account: u32,
    /// Whether the directory keys of the principal are derived: it is a user, role or session of one that the bundle
    /// holds, or the root user of an account that it holds (CTX-4).
    pub is_known: bool,
}

impl Standing {
    pub const NOBODY: Standing = Standing { entity: NONE, account: NONE, is_known: false };
}

/// What the directory knows of a requested resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Row of Resources; of an S3 object the row of its bucket.
    pub resource: u32,
    /// Row of Accounts.
    pub account: u32,
    /// The bundle holds this very resource, and with it its tags.
    pub has_tags: bool,
}

impl Place {
    pub const NOWHERE: Place = Place { resource: NONE, account: NONE, has_tags: false };
}

/// A row of Accounts.
#[derive(Clone, Copy)]
pub(crate) struct AccountRow<'b>(Words<'b>);

/// A unit that applies to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub root: u32,
    pub gate: u32,
}

impl<'b> AccountRow<'b> {
    pub fn number(self) -> u32 {
        self.0.at(0)
    }

    /// String ids of organization, management account and path.
    pub fn organization(self) -> Option<u32> {
        self.0.at(1).checked_sub(1)
    }

    pub fn management_account(self) -> Option<u32> {
        self.0.at(2).checked_sub(1)
    }

    pub fn path(self) -> Option<u32> {
        self.0.at(3).checked_sub(1)
    }

    /// Root of the unit of all levels, and the number of levels; 0 where the member is omitted (DIR-8).
    pub fn scps(self) -> (Option<u32>, u32) {
        (self.0.at(4).checked_sub(1), self.0.at(5))
    }

    pub fn rcps(self) -> (Option<u32>, u32) {
        (self.0.at(6).checked_sub(1), self.0.at(7))
    }
}

/// A row of Entities.
#[derive(Clone, Copy)]
pub(crate) struct EntityRow<'b>(Words<'b>);

impl<'b> EntityRow<'b> {
    pub fn arn(self) -> u32 {
        self.0.at(0)
    }

    pub fn unique_id(self) -> u32 {
        self.0.at(0).wrapping_add(1)
    }

    pub fn account(self) -> u32 {
        self.0.at(1)
    }

    pub fn scope(self) -> u32 {
        self.0.at(2)
    }

    pub fn tags(self) -> Option<u32> {
        self.0.at(3).checked_sub(1)
    }

    pub fn trust(self) -> Option<u32> {
        self.0.at(4).checked_sub(1)
    }
}

/// An entry of Scopes.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'b> {
    pub has_boundary: bool,
    units: Words<'b>,
}

impl<'b> Scope<'b> {
    /// What a principal without policies brings.
    pub const NOTHING: Scope<'static> = Scope { has_boundary: false, units: Words::EMPTY };

    #[inline]
    pub fn units(self) -> impl Iterator<Item = Unit> + 'b {
        (0..self.units.len() / 2).map(move |i| Unit { root: self.units.at(i * 2), gate: self.units.at(i * 2 + 1) })
    }
}

/// A row of Resources.
#[derive(Clone, Copy)]
pub(crate) struct ResourceRow<'b>(Words<'b>);

impl<'b> ResourceRow<'b> {
    pub fn arn(self) -> u32 {
        self.0.at(0)
    }

    pub fn account(self) -> u32 {
        self.0.at(1)
    }

    pub fn policies(self) -> Option<u32> {
        self.0.at(2).checked_sub(1)
    }

    pub fn tags(self) -> Option<u32> {
        self.0.at(3).checked_sub(1)
    }

    pub fn must_allow(self) -> bool {
        self.0.at(4) == 1
    }
}

impl<'b> View<'b> {
    #[inline]
    pub fn has_directory(self) -> bool {
        self.layout.meta.directory == 1
    }

    /// Row of an account's number, [`NONE`] if the bundle does not hold it.
    pub fn find_account(self, number: &str) -> u32 {
        let rows = self.words(Section::Accounts);
        let strings = self.strings();
        let is_it = |row: u32| strings.get(rows.at(row as usize * ACCOUNT_WORDS)) == number.as_bytes();
        self.index(Section::AccountIndex).find(hash(number.as_bytes(), self.layout.seed), is_it).unwrap_or(NONE)
    }

    #[inline]
    pub fn account(self, row: u32) -> AccountRow<'b> {
        AccountRow(self.row(Section::Accounts, row, ACCOUNT_WORDS))
    }

    #[inline]
    pub fn entity(self, row: u32) -> EntityRow<'b> {
        EntityRow(self.row(Section::Entities, row, ENTITY_WORDS))
    }

    #[inline]
    pub fn resource(self, row: u32) -> ResourceRow<'b> {
        ResourceRow(self.row(Section::Resources, row, RESOURCE_WORDS))
    }

    /// Empty behind the last row, and so all zeros.
    #[inline]
    fn row(self, section: Section, row: u32, width: usize) -> Words<'b> {
        let start = (row as usize).saturating_mul(width);
        self.words(section).slice(start..start.saturating_add(width))
    }

    #[inline]
    pub fn scope(self, offset: u32) -> Scope<'b> {
        let words = self.words(Section::Scopes);
        let start = offset as usize;
        let first = start + SCOPE_HEAD;
        let units = words.slice(first..first + 2 * words.at(start + 1) as usize);
        Scope { has_boundary: words.at(start) == 1, units }
    }

    /// The user or role of an ARN.
    fn find_entity(self, arn: &str) -> u32 {
        let Some((is_role, account, name)) = entity_parts(arn) else { return NONE };
        self.find_named(is_role, account, name, |known| known == arn.as_bytes())
    }

    /// The role of a name in an account.
    fn find_role(self, partition: &str, account: &str, name: &str) -> u32 {
        self.find_named(true, account, name, |known| {
            let fields = core::str::from_utf8(known).ok().and_then(arn_fields);
            fields.is_some_and(|[_, its, service, _, owner, rest]| {
                let is_role = service == "iam" && rest.starts_with("role/");
                is_role && (its, owner, last_segment(rest)) == (partition, account, name)
            })
        })
    }

    fn find_named(self, is_role: bool, account: &str, name: &str, is_it: impl Fn(&[u8]) -> bool) -> u32 {
        let rows = self.words(Section::Entities);
        let strings = self.strings();
        let roster = Roster(self.words(Section::EntityIndex));
        let hash = entity_hash(is_role, account, name, self.layout.seed);
        roster.find(hash, |row| is_it(strings.get(rows.at(row as usize * ENTITY_WORDS)))).unwrap_or(NONE)
    }

    /// Looks a requester up, and completes a bare role session by its role's ARN (PRN-13, EVL-4).
    pub fn stand(self, who: &mut Requester<'b>) -> Standing {
        let Some(account) = who.account else { return Standing::NOBODY };
        let entity = match (who.kind, who.role_arn, who.creator) {
            (RequesterKind::User, ..) => self.find_entity(who.arn),
            (RequesterKind::Role | RequesterKind::Session, Some(role), _) => self.find_entity(role),
            (RequesterKind::Session, None, _) => self.find_role(who.partition, account, who.role_name),
            (RequesterKind::FederatedUser, _, Some(user)) => self.find_entity(user),
            _ => NONE,
        };
        if entity == NONE {
            let account = self.find_account(account);
            return Standing { entity, account, is_known: who.kind == RequesterKind::Root && account != NONE };
        }
        let row = self.entity(entity);
        if who.kind == RequesterKind::Session && who.role_arn.is_none() {
            who.role_arn = Some(self.strings().text(row.arn()));
        }
        Standing { entity, account: row.account(), is_known: true }
    }

    /// What a principal brings.
    #[inline]
    pub fn scope_of(self, standing: Standing) -> Scope<'b> {
        match standing.entity {
            NONE => Scope::NOTHING,
            entity => self.scope(self.entity(entity).scope()),
        }
    }

    /// Looks a resource up. `given` is the account that the request states for resources which name none (REQ-4).
    pub fn place(self, resource: &Resource<'_>, given: Option<&str>, who_account: Option<&str>) -> Place {
        if resource.partition.is_none() {
            let account = given.or(who_account).map_or(NONE, |number| self.find_account(number));
            return Place { account, ..Place::NOWHERE };
        }
        let found = self.find_resource(resource.text);
        let (row, has_tags) = match found {
            NONE => (self.find_bucket(resource), false),
            row => (row, true),
        };
        let account = match (row, resource.account.or(given)) {
            (NONE, None) => NONE,
            (NONE, Some(number)) => self.find_account(number),
            (row, _) => self.resource(row).account(),
        };
        Place { resource: row, account, has_tags }
    }

    fn find_resource(self, arn: &str) -> u32 {
        let roster = Roster(self.words(Section::ResourceIndex));
        if roster.capacity() == 0 {
            return NONE;
        }
        let rows = self.words(Section::Resources);
        let strings = self.strings();
        let is_it = |row: u32| strings.get(rows.at(row as usize * RESOURCE_WORDS)) == arn.as_bytes();
        roster.find(hash(arn.as_bytes(), self.layout.seed), is_it).unwrap_or(NONE)
    }

    /// The bucket of an S3 object: its policy and owner are those of its objects.
    fn find_bucket(self, resource: &Resource<'_>) -> u32 {
        let slash = resource.rest.bytes().position(|byte| byte == b'/');
        match slash.filter(|_| resource.service == "s3") {
            None => NONE,
            Some(slash) => {
                let end = resource.text.len() - resource.rest.len() + slash;
                resource.text.get(..end).map_or(NONE, |bucket| self.find_resource(bucket))
            }
        }
    }

    /// Root of the policies of a resource: of a role its trust policy, for the actions that ask for it (DIR-7).
    pub fn policies_of(self, resource: &Resource<'_>, place: Place, action: ActionTraits) -> Option<u32> {
        if action.is_assume && resource.service == "iam" && resource.rest.starts_with("role/") {
            return match self.find_entity(resource.text) {
                NONE => None,
                role => self.entity(role).trust(),
            };
        }
        match place.resource {
            NONE => None,
            row => self.resource(row).policies(),
        }
    }

    /// String id of the value of a tag, looked for by the slot of its key: word 0 of an entry for principals, 1 for
    /// resources.
    #[inline]
    pub fn tag_by_slot(self, set: Option<u32>, field: usize, slot: u32) -> Option<u32> {
        let (words, first, count) = self.tag_set(set?);
        (0..count).map(|i| first + i * TAG_WORDS).find(|at| words.at(at + field) == slot).map(|at| words.at(at + 3))
    }

    /// String id of the value of a tag, whatever the letter case of its key (CTX-23).
    pub fn tag_by_name(self, set: Option<u32>, name: &str) -> Option<u32> {
        let (words, first, count) = self.tag_set(set?);
        let strings = self.strings();
        let is_it = |at: &usize| strings.get(words.at(at + 2)).eq_ignore_ascii_case(name.as_bytes());
        (0..count).map(|i| first + i * TAG_WORDS).find(is_it).map(|at| words.at(at + 3))
    }

    /// The keys of a set of tags.
    pub fn tag_keys(self, set: Option<u32>) -> impl Iterator<Item = &'b str> {
        let (words, first, count) = set.map_or((Words::EMPTY, 0, 0), |set| self.tag_set(set));
        (0..count).map(move |i| self.strings().text(words.at(first + i * TAG_WORDS + 2)))
    }

    fn tag_set(self, offset: u32) -> (Words<'b>, usize, usize) {
        let words = self.words(Section::TagSets);
        (words, offset as usize + 1, words.at(offset as usize) as usize)
    }

    /// The policies of the unit with a root, ascending.
    pub fn policies_of_unit(self, root: u32) -> Words<'b> {
        let units = self.words(Section::Units);
        let (mut low, mut high) = (0, units.len() / UNIT_WORDS);
        while low < high {
            let middle = (low + high) / 2;
            if units.at(middle * UNIT_WORDS) < root {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if units.at(low * UNIT_WORDS) != root || low >= units.len() / UNIT_WORDS {
            return Words::EMPTY;
        }
        let (lists, list) = (self.words(Section::Lists), units.at(low * UNIT_WORDS + 1) as usize);
        lists.slice(list + 1..list + 1 + lists.at(list) as usize)
    }

    /// Root of the unit of a managed policy.
    pub fn find_managed(self, arn: &str) -> Option<u32> {
        let rows = self.words(Section::Managed);
        let strings = self.strings();
        let is_it = |row: u32| strings.get(rows.at(row as usize * MANAGED_WORDS)) == arn.as_bytes();
        let row = self.index(Section::ManagedIndex).find(hash(arn.as_bytes(), self.layout.seed), is_it)?;
        Some(rows.at(row as usize * MANAGED_WORDS + 1))
    }
}
