//! Whether entities fit together (DIR-10, DIR-11), and what each of their names stands for.
//!
//! Everything is asked of the model, whatever source it came from; each fault is told where its source has it.

use dictum_vm::directory::entity_hash_of;

use super::model::{Account, Directory, Named, Policies, User};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::fast_hash::FastMap;
use crate::source::Span;

mod organization;

pub use organization::{GuardrailId, Levels};

/// Groups of one user beyond which the service takes no more (SIZ-2).
const GROUPS_MAX: usize = 10;

/// Managed policies of one user, group or role beyond which the service takes no more, unless it is asked to (SIZ-2).
const ATTACHED_MAX: usize = 10;

/// Guardrails of one kind at one node or account (SIZ-2); the vendor's full-access policy counts.
const GUARDRAILS_MAX: usize = 5;

/// Tags of one user, role or resource; the service takes 50.
const TAGS_MAX: usize = 200;

/// What names stand for; each list runs beside that of the model.
#[derive(Debug, Default)]
pub struct Links {
    /// Of each user.
    pub users: Vec<PrincipalLinks>,
    /// Of each group.
    pub groups: Vec<PrincipalLinks>,
    /// Of each role.
    pub roles: Vec<PrincipalLinks>,
    /// Account of each resource.
    pub resources: Vec<u32>,
    /// Path and guardrails of each account in the organization.
    pub accounts: Vec<Option<Levels>>,
}

/// What the names of one user, group or role stand for.
#[derive(Debug, Default)]
pub struct PrincipalLinks {
    /// Index into [`Directory::accounts`].
    pub account: u32,
    /// Indices into [`Directory::managed`].
    pub attached: Vec<u32>,
    /// Likewise.
    pub boundary: Option<u32>,
    /// Indices into [`Directory::groups`].
    pub groups: Vec<u32>,
}

/// Resolves every name. The links are whole only where no error is found.
///
/// O(entities and attachments).
pub fn check(directory: &Directory) -> (Links, Vec<Diagnostic>) {
    let mut checker = Checker::new(directory);
    checker.unique_names();
    let users = directory.users.iter().map(|user| checker.user(user)).collect();
    let groups = directory.groups.iter().map(|group| {
        for boundary in &group.boundaries {
            checker.error(Code::D_BOUNDARY, boundary, "a group has no boundary").help = None;
        }
        for other in &group.groups {
            checker.error(Code::D_GROUP, other, "a group is in no group");
        }
        checker.principal(&group.arn, &group.policies)
    });
    let groups = groups.collect();
    let roles = directory.roles.iter().map(|role| {
        let mut links = checker.principal(&role.arn, &role.policies);
        links.boundary = checker.boundary(&role.boundaries, links.account);
        checker.role(role);
        links
    });
    let roles = roles.collect();
    let resources = directory.resources.iter().map(|resource| checker.resource(resource)).collect();
    checker.profiles();
    let accounts = checker.organization();
    let Checker { mut found, .. } = checker;
    found.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
    // What is attached to a unit is looked up for each account below it.
    found.dedup();
    (Links { users, groups, roles, resources, accounts }, found)
}

struct Checker<'d> {
    directory: &'d Directory,
    found: Vec<Diagnostic>,
    accounts: FastMap<&'d str, u32>,
    managed: FastMap<&'d str, u32>,
    /// Managed policies by account and lower-case name.
    managed_names: FastMap<(&'d str, String), u32>,
    groups: FastMap<(&'d str, &'d str), u32>,
    roles: FastMap<(&'d str, &'d str), u32>,
}

/// Account, kind and name of an entity's ARN.
fn parts(arn: &str) -> (&str, &str, &str) {
    let mut fields = arn.splitn(6, ':').skip(4);
    let account = fields.next().unwrap_or_default();
    let rest = fields.next().unwrap_or_default();
    let kind = rest.split('/').next().unwrap_or_default();
    (account, kind, rest.rsplit('/').next().unwrap_or_default())
}

/// The account of an ARN's fifth field.
pub(super) fn account_of(arn: &str) -> &str {
    parts(arn).0
}

const VENDOR: &str = "aws";

impl<'d> Checker<'d> {
    fn new(directory: &'d Directory) -> Checker<'d> {
        let numbered = |at: usize| at as u32;
        let accounts = directory.accounts.iter().enumerate().map(|(at, it)| (it.number.text.as_str(), numbered(at)));
        let managed = directory.managed.iter().enumerate().map(|(at, it)| (it.arn.text.as_str(), numbered(at)));
        let names = directory.managed.iter().enumerate().map(|(at, it)| {
            let (account, _, name) = parts(&it.arn.text);
            ((account, name.to_ascii_lowercase()), numbered(at))
        });
        let named = |arn: &'d Named| {
            let (account, _, name) = parts(&arn.text);
            (account, name)
        };
        let groups = directory.groups.iter().enumerate().map(|(at, it)| (named(&it.arn), numbered(at)));
        let roles = directory.roles.iter().enumerate().map(|(at, it)| (named(&it.arn), numbered(at)));
        Checker {
            directory,
            found: Vec::new(),
            accounts: accounts.collect(),
            managed: managed.collect(),
            managed_names: names.collect(),
            groups: groups.collect(),
            roles: roles.collect(),
        }
    }

    fn error(&mut self, code: Code, at: &Named, message: impl Into<String>) -> &mut Diagnostic {
        self.report(code, at.span, message)
    }

    fn report(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let rule = match code {
            Code::D_TREE => "DIR-8",
            Code::L_GROUPS | Code::L_PROFILE | Code::L_LINKED => "DIR-11",
            Code::L_SIZE => "SIZ-2",
            Code::D_VALUE => "DIR-2",
            _ => "DIR-10",
        };
        self.found.push(Diagnostic::new(code, span, rule, message));
        self.found.last_mut().expect("one was just pushed")
    }

    /// Nothing is there twice: accounts, ARNs, names of one kind in an account whatever their path and letter case, ids.
    fn unique_names(&mut self) {
        let directory = self.directory;
        let numbers = directory.accounts.iter().map(|account| (account.number.text.clone(), &account.number));
        self.unique("the account", numbers);
        for account in &directory.accounts {
            self.account(account);
        }
        let by_name = |arn: &'d Named| {
            let (account, kind, name) = parts(&arn.text);
            (format!("{account} {kind} {}", name.to_ascii_lowercase()), arn)
        };
        self.unique("the user", directory.users.iter().map(|it| by_name(&it.arn)));
        self.unique("the group", directory.groups.iter().map(|it| by_name(&it.arn)));
        self.unique("the role", directory.roles.iter().map(|it| by_name(&it.arn)));
        // Vendor's policies have paths of their own; customers' names are unique like those of users.
        self.unique(
            "the managed policy",
            directory.managed.iter().map(|it| match account_of(&it.arn.text) {
                VENDOR => (it.arn.text.clone(), &it.arn),
                _ => by_name(&it.arn),
            }),
        );
        self.unique("the resource", directory.resources.iter().map(|it| (it.arn.text.clone(), &it.arn)));
        self.unique("the provider", directory.providers.iter().map(|it| (it.arn.text.clone(), &it.arn)));
        self.unique("the instance profile", directory.profiles.iter().map(|it| by_name(&it.arn)));
        let ids = directory.users.iter().map(|it| &it.unique_id);
        let ids = ids.chain(directory.groups.iter().map(|it| &it.unique_id));
        let ids = ids.chain(directory.roles.iter().map(|it| &it.unique_id));
        self.unique("the unique id", ids.flatten().map(|id| (id.text.clone(), id)));
        let canonical = directory.accounts.iter().filter_map(|account| account.canonical_user.as_ref());
        self.unique("the canonical user id", canonical.map(|id| (id.text.clone(), id)));
    }

    fn unique<'n>(&mut self, what: &str, names: impl Iterator<Item = (String, &'n Named)>) {
        let mut seen: FastMap<String, &Named> = FastMap::default();
        for (key, name) in names {
            match seen.get(&key) {
                None => _ = seen.insert(key, name),
                Some(first) => {
                    let shown = shown(&name.text);
                    let message = match first.text == name.text {
                        true => format!("{what} `{shown}` is there twice"),
                        false if what == "the tag" => format!("{what} `{shown}` is another's but for letter case"),
                        false => format!("{what} `{shown}` has the name of another but for letter case or path"),
                    };
                    let first = first.span;
                    let diagnostic = self.error(Code::D_TWICE, name, message).clone();
                    *self.found.last_mut().expect("it was just pushed") = diagnostic.related(first, "it is here first");
                }
            }
        }
    }

    fn account(&mut self, account: &Account) {
        let number = &account.number;
        if number.text.len() != 12 || !number.text.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{}` is no account number", shown(&number.text));
            self.error(Code::D_VALUE, number, message).expected = Some("12 digits".to_owned());
        }
    }

    /// The account of an entity; one that is not there is reported.
    fn owner(&mut self, number: &str, at: &Named) -> u32 {
        match self.accounts.get(number) {
            Some(&account) => account,
            None => {
                let message =
                    format!("`{}` is of the account `{}`, which no source holds", shown(&at.text), shown(number));
                self.error(Code::D_REFERENCE, at, message);
                0
            }
        }
    }

    /// CTX-23, and no more tags than a look-up goes through.
    fn tags(&mut self, tags: &[(Named, String)]) {
        if tags.len() < 2 {
            return;
        }
        self.unique("the tag", tags.iter().map(|(key, _)| (key.text.to_ascii_lowercase(), key)));
        if let Some((key, _)) = tags.get(TAGS_MAX) {
            let diagnostic = Diagnostic::new(Code::E_LIMIT, key.span, "LIM-1", format!("{} tags", tags.len()));
            self.found.push(diagnostic.expected(format!("at most {TAGS_MAX}")));
        }
    }

    fn principal(&mut self, arn: &Named, policies: &Policies) -> PrincipalLinks {
        let account = self.owner(account_of(&arn.text), arn);
        self.at_most(ATTACHED_MAX, &policies.attached, "managed policies are attached");
        let attached = policies.attached.iter().filter_map(|name| self.managed(name, account)).collect();
        PrincipalLinks { account, attached, ..PrincipalLinks::default() }
    }

    /// A bundle finds entities by account, kind and name.
    fn arn_of(&mut self, arn: &Named, kind: &str) {
        let is_its = parts(&arn.text).1 == kind && entity_hash_of(&arn.text, 0).is_some();
        if !is_its {
            let message = format!("`{}` is no ARN of a {kind}", shown(&arn.text));
            self.error(Code::D_VALUE, arn, message);
        }
    }

    fn user(&mut self, user: &User) -> PrincipalLinks {
        let mut links = self.principal(&user.arn, &user.policies);
        links.boundary = self.boundary(&user.boundaries, links.account);
        self.arn_of(&user.arn, "user");
        self.tags(&user.tags);
        let number = account_of(&user.arn.text);
        for group in &user.groups {
            match self.groups.get(&(number, group.text.as_str())) {
                Some(&at) => links.groups.push(at),
                None => {
                    let names = self.directory.groups.iter().map(|it| parts(&it.arn.text));
                    let near = nearest(&group.text, names.filter(|it| it.0 == number).map(|it| it.2));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no group `{}` in the account", shown(&group.text));
                    self.error(Code::D_REFERENCE, group, message).help = help;
                }
            }
        }
        if let Some(group) = user.groups.get(GROUPS_MAX) {
            let message = format!("the user is in {} groups", user.groups.len());
            self.error(Code::L_GROUPS, group, message).expected = Some(format!("at most {GROUPS_MAX}"));
        }
        links
    }

    /// More of something than the service takes.
    fn at_most(&mut self, most: usize, names: &[Named], what: &str) {
        if let Some(first) = names.get(most) {
            let message = format!("{} {what}", names.len());
            self.error(Code::L_SIZE, first, message).expected = Some(format!("at most {most}"));
        }
    }

    fn boundary(&mut self, boundaries: &[Named], account: u32) -> Option<u32> {
        if let Some(second) = boundaries.get(1) {
            self.error(Code::D_BOUNDARY, second, "a second boundary").expected = Some("at most one".to_owned());
        }
        self.managed(boundaries.first()?, account)
    }

    /// The managed policy of an ARN, or of a name in the account.
    fn managed(&mut self, name: &Named, account: u32) -> Option<u32> {
        let account = self.directory.accounts.get(account as usize)?;
        let number = account.number.text.as_str();
        let text = name.text.as_str();
        if !text.starts_with("arn:") {
            let found = self.managed_names.get(&(number, text.to_ascii_lowercase())).copied();
            return found.or_else(|| self.unknown_policy(name, number, text));
        }
        let owner = account_of(text);
        match self.managed.get(text) {
            Some(&found) if owner == number || owner == VENDOR => Some(found),
            Some(_) => {
                let message = format!("`{}` is a policy of another account", shown(text));
                self.error(Code::D_REFERENCE, name, message);
                None
            }
            None if owner == VENDOR => {
                let message = format!("the vendor's policy `{}` is in no source", shown(text));
                self.error(Code::D_VENDOR, name, message).help =
                    Some("give a collection that has it, by `--managed-policies FILE`".to_owned());
                None
            }
            None => self.unknown_policy(name, number, parts(text).2),
        }
    }

    fn unknown_policy(&mut self, name: &Named, account: &str, wanted: &str) -> Option<u32> {
        let names = self.directory.managed.iter().map(|it| parts(&it.arn.text));
        let near = nearest(wanted, names.filter(|it| it.0 == account || it.0 == VENDOR).map(|it| it.2));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = format!("there is no managed policy `{}`", shown(&name.text));
        self.error(Code::D_REFERENCE, name, message).help = help;
        None
    }

    /// What a service-linked role cannot have, or should not.
    fn role(&mut self, role: &super::model::Role) {
        self.arn_of(&role.arn, "role");
        self.tags(&role.tags);
        if role.trust.is_none() {
            let message = format!("`{}` has no trust policy", shown(&role.arn.text));
            self.error(Code::D_MISSING, &role.arn, message);
        }
        if !role.arn.text.contains(":role/aws-service-role/") {
            return;
        }
        if let Some(boundary) = role.boundaries.first() {
            self.error(Code::D_BOUNDARY, boundary, "a service-linked role has no boundary");
        }
        let foreign = role.policies.attached.iter().find(|name| account_of(&name.text) != VENDOR);
        if !role.policies.inline.is_empty() || foreign.is_some() {
            let at = foreign.unwrap_or(&role.arn);
            self.error(Code::L_LINKED, at, "a service-linked role with policies that are not its service's");
        }
    }

    fn resource(&mut self, resource: &super::model::Resource) -> u32 {
        self.tags(&resource.tags);
        for policy in &resource.attached {
            let message = format!("the managed policy `{}` is attached to a resource", shown(&policy.text));
            self.error(Code::D_VENDOR, policy, message).expected = Some("a resource policy".to_owned());
        }
        let own = account_of(&resource.arn.text);
        match &resource.account {
            Some(account) if !own.is_empty() && own != account.text => {
                let message = format!("`{}` is of the account `{}`", shown(&resource.arn.text), shown(own));
                self.error(Code::D_VALUE, account, message).expected = Some(own.to_owned());
                0
            }
            Some(account) => self.owner(&account.text, account),
            None if own.is_empty() => {
                let message = format!("the account of `{}` is not told", shown(&resource.arn.text));
                self.error(Code::D_MISSING, &resource.arn, message);
                0
            }
            None => self.owner(own, &resource.arn),
        }
    }

    fn profiles(&mut self) {
        for profile in &self.directory.profiles {
            if profile.roles.len() != 1 {
                let message = format!("the instance profile has {} roles", profile.roles.len());
                self.error(Code::L_PROFILE, &profile.arn, message).expected = Some("one".to_owned());
            }
            let account = account_of(&profile.arn.text);
            for role in &profile.roles {
                if !self.roles.contains_key(&(account, role.text.as_str())) {
                    let message = format!("there is no role `{}` in the account", shown(&role.text));
                    self.error(Code::D_REFERENCE, role, message);
                }
            }
        }
    }
}
