//! Entities -> rows, before any policy is read: what is shared becomes one, and every name a number.
//!
//! A layout names documents by number. So it stays as it is whatever the documents say, and can be kept for as long as the
//! entities are the same.

use dictum_vm::Layer;
use serde::{Deserialize, Serialize};

use super::check::{GuardrailId, Levels, Links, PrincipalLinks};
use super::model::{self, DocumentId, Named, Policies};
use crate::digest::Digest;
use crate::ir::Table;
use crate::ir::directory::{Account, Directory, Entity, Resource, Scope, ScopeId, TagSetId, UnitId};
use crate::size::ATTACHMENTS;
use crate::source::{Document, Notation, PolicyType, SourceId, Sources};

const IDENTITY_GATE: u32 = 0;
const BOUNDARY_GATE: u32 = 2;

/// Entities that fit together, with all their documents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Layout {
    /// The rows. Their units are indices into `sets`.
    pub(crate) directory: Directory,
    /// Documents that are in force together.
    pub(crate) sets: Vec<Vec<Use>>,
    pub(crate) documents: Vec<Row>,
    /// Names of documents.
    pub(crate) names: Vec<Box<str>>,
    /// Unique ids of users and roles with their ARNs, and whether they are roles'.
    pub(crate) unique_ids: Vec<(String, String, bool)>,
    /// Documents whose size the service bounds, those of one bound together.
    pub(crate) bounded: Vec<Bounded>,
    /// Canonical users with their accounts.
    pub(crate) canonical_users: Vec<(String, String)>,
    pub(crate) scp_levels: u32,
    pub(crate) rcp_levels: u32,
}

/// A document, by number, in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Use {
    pub(crate) document: u32,
    #[serde(with = "layer")]
    pub(crate) layer: Layer,
}

/// Documents that the service takes up to a size (SIZ-2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bounded {
    /// Index into [`ATTACHMENTS`].
    pub(crate) attachment: u8,
    pub(crate) documents: Vec<u32>,
}

/// A [`Document`], and what of it a text is not needed for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Index into [`Layout::names`].
    pub(crate) name: u32,
    policy_type: u8,
    source: u32,
    /// Where it stands in the file; `None` of a file that is one document, however long.
    part: Option<Part>,
    /// No policy is ever in force together with it in one set: it is a managed policy or a trust policy.
    pub(crate) is_alone: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Part {
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    digest: [u8; 32],
}

impl Layout {
    /// The layout of entities that have no error.
    pub(crate) fn of(sources: &Sources, model: &model::Directory, links: &Links) -> Layout {
        let mut laying = Laying::of(model);
        let managed = laying.managed();
        laying.principals(links, &managed);
        laying.resources(links);
        laying.accounts(links);
        let Laying { mut out, sets, scopes, tag_sets, strings, .. } = laying;
        out.sets = sets.items().to_vec();
        out.directory.scopes = scopes.items().to_vec();
        out.directory.tag_sets = tag_sets.items().to_vec();
        out.directory.strings = strings.items().to_vec();
        let depth = |of: fn(&Levels) -> &Option<Vec<Vec<GuardrailId>>>| {
            let levels = links.accounts.iter().flatten().filter_map(|levels| of(levels).as_ref());
            levels.map(Vec::len).max().unwrap_or(0) as u32
        };
        (out.scp_levels, out.rcp_levels) = (depth(|levels| &levels.scps), depth(|levels| &levels.rcps));
        let mut names = Table::default();
        let is_alone = alone(model);
        let rows = model.documents.iter().zip(is_alone);
        out.documents = rows.map(|(document, is_alone)| row(sources, document, is_alone, &mut names)).collect();
        out.names = names.items().to_vec();
        out.known(model);
        out.bounded = bounded(model);
        out
    }

    fn known(&mut self, model: &model::Directory) {
        let entry =
            |id: &Option<Named>, arn: &Named, is_role| Some((id.as_ref()?.text.clone(), arn.text.clone(), is_role));
        let users = model.users.iter().filter_map(|user| entry(&user.unique_id, &user.arn, false));
        let roles = model.roles.iter().filter_map(|role| entry(&role.unique_id, &role.arn, true));
        self.unique_ids = users.chain(roles).collect();
        let accounts = model.accounts.iter();
        let canonical = accounts
            .filter_map(|account| Some((account.canonical_user.as_ref()?.text.clone(), account.number.text.clone())));
        self.canonical_users = canonical.collect();
    }

    /// A document as it stands in its file now.
    pub(crate) fn document(&self, row: &Row, sources: &Sources) -> Document {
        let source = SourceId(row.source);
        let range = match &row.part {
            Some(part) => part.start..part.end,
            None => sources.whole(source),
        };
        let name = self.names[row.name as usize].to_string();
        Document { name, policy_type: row.policy_type(), source, range }
    }
}

impl Row {
    /// The digest of its text.
    pub(crate) fn digest(&self, sources: &Sources) -> Digest {
        self.part.as_ref().map_or_else(|| sources.file(SourceId(self.source)).digest(), |part| Digest(part.digest))
    }

    /// The type it is validated under.
    pub(crate) fn policy_type(&self) -> PolicyType {
        PolicyType::ALL[self.policy_type as usize]
    }

    /// Line and column of its first character.
    pub(crate) fn base(&self) -> (u32, u32) {
        self.part.as_ref().map_or((1, 1), |part| (part.line, part.column))
    }

    /// What its file is written in.
    pub(crate) fn notation(&self, sources: &Sources) -> Notation {
        sources.file(SourceId(self.source)).notation
    }
}

/// What the service bounds: customers' managed policies, guardrails, trust policies, policies of buckets and keys one by one,
/// inline policies by whom they belong to.
fn bounded(model: &model::Directory) -> Vec<Bounded> {
    let mut bounded = Vec::new();
    let mut add = |name: &str, documents: &[DocumentId]| {
        let attachment = ATTACHMENTS.iter().position(|it| it.name == name).expect("an attachment of this name") as u8;
        if !documents.is_empty() {
            bounded.push(Bounded { attachment, documents: documents.iter().map(|id| id.0).collect() });
        }
    };
    let is_vendors = |arn: &Named| arn.text.split(':').nth(4) == Some("aws");
    for managed in model.managed.iter().filter(|managed| !is_vendors(&managed.arn)) {
        add("managed", &[managed.document]);
    }
    for guardrail in model.organization.iter().flat_map(|organization| &organization.guardrails) {
        let policy_type = model.documents[guardrail.document.0 as usize].policy_type;
        add(policy_type.name(), &[guardrail.document]);
    }
    model.users.iter().for_each(|user| add("user-inline", &user.policies.inline));
    model.groups.iter().for_each(|group| add("group-inline", &group.policies.inline));
    for role in &model.roles {
        add("role-inline", &role.policies.inline);
        add("trust", role.trust.as_slice());
    }
    for resource in &model.resources {
        let name = match resource.arn.text.split(':').nth(2) {
            Some("s3") => "s3-bucket",
            Some("kms") => "kms-key",
            _ => continue,
        };
        resource.policies.iter().for_each(|policy| add(name, &[*policy]));
    }
    bounded
}

/// Whether each document is a managed policy or a trust policy, and nothing else.
fn alone(model: &model::Directory) -> Vec<bool> {
    let mut alone = vec![false; model.documents.len()];
    let managed = model.managed.iter().map(|it| it.document);
    managed.chain(model.roles.iter().filter_map(|role| role.trust)).for_each(|id| alone[id.0 as usize] = true);
    let of_users = model.users.iter().map(|it| &it.policies);
    let of_groups = model.groups.iter().map(|it| &it.policies);
    let policies = of_users.chain(of_groups).chain(model.roles.iter().map(|it| &it.policies));
    let inline = policies.flat_map(|it| &it.inline).chain(model.resources.iter().flat_map(|it| &it.policies));
    inline.for_each(|id| alone[id.0 as usize] = false);
    alone
}

fn row(sources: &Sources, document: &Document, is_alone: bool, names: &mut Table<Box<str>>) -> Row {
    let file = sources.file(document.source);
    let part = (document.range != sources.whole(document.source)).then(|| {
        let base = file.place(document.range.start);
        let digest = Digest::of(sources.text(document)).0;
        Part { start: document.range.start, end: document.range.end, line: base.line, column: base.column, digest }
    });
    let name = names.text(&document.name);
    Row { name, policy_type: document.policy_type as u8, source: document.source.0, part, is_alone }
}

struct Laying<'d> {
    model: &'d model::Directory,
    out: Layout,
    strings: Table<Box<str>>,
    uses: Table<Use>,
    sets: Table<Vec<Use>>,
    scopes: Table<Scope>,
    tag_sets: Table<Vec<(u32, u32)>>,
}

impl<'d> Laying<'d> {
    fn of(model: &'d model::Directory) -> Laying<'d> {
        Laying {
            model,
            out: Layout::default(),
            strings: Table::default(),
            uses: Table::default(),
            sets: Table::default(),
            scopes: Table::default(),
            tag_sets: Table::default(),
        }
    }

    /// A set has its documents in the order in which any set has first had them.
    fn set(&mut self, mut uses: Vec<Use>) -> UnitId {
        uses.sort_by_cached_key(|it| self.uses.number(*it));
        uses.dedup();
        UnitId(self.sets.number(uses))
    }

    fn set_of(&mut self, documents: &[DocumentId], layer: Layer) -> Option<UnitId> {
        let uses = documents.iter().map(|&id| Use { document: id.0, layer }).collect::<Vec<_>>();
        (!uses.is_empty()).then(|| self.set(uses))
    }

    fn tags(&mut self, tags: &[(Named, String)]) -> Option<TagSetId> {
        let strings = &mut self.strings;
        let mut set: Vec<(u32, u32)> =
            tags.iter().map(|(key, value)| (strings.text(&key.text), strings.text(value))).collect();
        set.sort_by_cached_key(|&(key, _)| strings.get(key).to_ascii_lowercase());
        (!set.is_empty()).then(|| TagSetId(self.tag_sets.number(set)))
    }

    /// The set of each managed policy.
    fn managed(&mut self) -> Vec<UnitId> {
        let mut sets = Vec::with_capacity(self.model.managed.len());
        for managed in &self.model.managed {
            let set = self.set(vec![Use { document: managed.document.0, layer: Layer::Identity }]);
            sets.push(set);
            self.out.directory.managed.push((self.strings.text(&managed.arn.text), set));
        }
        sets
    }

    fn inline(&mut self, policies: &Policies) -> Option<UnitId> {
        self.set_of(&policies.inline, Layer::Identity)
    }

    fn principals(&mut self, links: &Links, managed: &[UnitId]) {
        let model = self.model;
        let managed = |at: &u32| managed[*at as usize];
        let groups: Vec<Vec<UnitId>> = model
            .groups
            .iter()
            .zip(&links.groups)
            .map(|(group, links)| {
                self.inline(&group.policies).into_iter().chain(links.attached.iter().map(managed)).collect()
            })
            .collect();
        for (user, links) in model.users.iter().zip(&links.users) {
            let own = self.inline(&user.policies).into_iter().chain(links.attached.iter().map(managed));
            let of_groups = links.groups.iter().flat_map(|&at| &groups[at as usize]).copied();
            let scope = self.scope(own.chain(of_groups).collect(), links.boundary.as_ref().map(managed));
            let tags = self.tags(&user.tags);
            self.entity(&user.arn, &user.unique_id, links, (scope, tags, None));
        }
        for (role, links) in model.roles.iter().zip(&links.roles) {
            let own = self.inline(&role.policies).into_iter().chain(links.attached.iter().map(managed)).collect();
            let scope = self.scope(own, links.boundary.as_ref().map(managed));
            let tags = self.tags(&role.tags);
            let trust = self.set_of(role.trust.as_slice(), Layer::Resource);
            self.entity(&role.arn, &role.unique_id, links, (scope, tags, trust));
        }
    }

    fn entity(
        &mut self,
        arn: &Named,
        unique_id: &Option<Named>,
        links: &PrincipalLinks,
        (scope, tags, trust): (ScopeId, Option<TagSetId>, Option<UnitId>),
    ) {
        let directory = &mut self.out.directory;
        directory.texts.push(&arn.text);
        directory.texts.push(unique_id.as_ref().map_or("", |id| id.text.as_str()));
        directory.entities.push(Entity { account: links.account, scope, tags, trust });
    }

    fn scope(&mut self, identity: Vec<UnitId>, boundary: Option<UnitId>) -> ScopeId {
        let identity = identity.into_iter().map(|unit| (unit, IDENTITY_GATE));
        let units = identity.chain(boundary.map(|unit| (unit, BOUNDARY_GATE))).collect();
        let scope = Scope { has_boundary: boundary.is_some(), units };
        ScopeId(self.scopes.number(in_order(scope)))
    }

    fn resources(&mut self, links: &Links) {
        for (resource, &account) in self.model.resources.iter().zip(&links.resources) {
            let policies = self.set_of(&resource.policies, Layer::Resource);
            let tags = self.tags(&resource.tags);
            let arn = self.strings.text(&resource.arn.text);
            let must_allow = resource.must_allow;
            self.out.directory.resources.push(Resource { arn, account, policies, tags, must_allow });
        }
    }

    fn accounts(&mut self, links: &Links) {
        let model = self.model;
        for (account, levels) in model.accounts.iter().zip(&links.accounts) {
            let mut row = Account { number: self.strings.text(&account.number.text), ..Account::default() };
            if let (Some(levels), Some(organization)) = (levels, &model.organization) {
                row.organization = Some(self.strings.text(&organization.id.text));
                row.management_account = Some(self.strings.text(&organization.management_account.text));
                row.path = Some(self.strings.text(&levels.path));
                row.scps = levels.scps.as_ref().map(|levels| self.levels(levels, Layer::Scp));
                row.rcps = levels.rcps.as_ref().map(|levels| self.levels(levels, Layer::Rcp));
            }
            self.out.directory.accounts.push(row);
        }
    }

    /// The set of all levels on the way to an account, and their number: they are always in force together.
    fn levels(&mut self, levels: &[Vec<GuardrailId>], layer: fn(u32) -> Layer) -> (UnitId, u32) {
        let Some(organization) = &self.model.organization else { return (self.set(Vec::new()), 0) };
        let mut uses = Vec::new();
        for (level, guardrails) in (0..).zip(levels) {
            uses.extend(guardrails.iter().map(|guardrail| Use {
                document: organization.guardrails[guardrail.0 as usize].document.0,
                layer: layer(level),
            }));
        }
        (self.set(uses), levels.len() as u32)
    }
}

/// The same scope with its identity policies ascending, each once.
pub(crate) fn in_order(mut scope: Scope) -> Scope {
    let boundary = if scope.has_boundary { scope.units.pop() } else { None };
    scope.units.sort_unstable();
    scope.units.dedup();
    scope.units.extend(boundary);
    scope
}

/// A layer as a number.
mod layer {
    use dictum_vm::Layer;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(layer: &Layer, out: S) -> Result<S::Ok, S::Error> {
        match *layer {
            Layer::Identity => 0,
            Layer::Resource => 1,
            Layer::Boundary => 2,
            Layer::Session => 3,
            Layer::Scp(level) => 4 + 2 * u64::from(level),
            Layer::Rcp(level) => 5 + 2 * u64::from(level),
        }
        .serialize(out)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Layer, D::Error> {
        let number = u64::deserialize(from)?;
        let level = || u32::try_from((number - 4) / 2).map_err(|_| D::Error::custom("no layer"));
        Ok(match number {
            0 => Layer::Identity,
            1 => Layer::Resource,
            2 => Layer::Boundary,
            3 => Layer::Session,
            _ if number % 2 == 0 => Layer::Scp(level()?),
            _ => Layer::Rcp(level()?),
        })
    }
}
