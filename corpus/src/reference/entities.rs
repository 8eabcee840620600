//! Who and what a directory holds, found by walking its lists (semantics.md 11).

use dictum_compiler::directory::model::{Account, Directory, DocumentId, Named, Policies, Resource, Role, User};
use dictum_compiler::source::PolicyType;

use super::principals::{MatchKind, Requester, RequesterKind};

/// Who a requester is in a directory. Of one that it does not hold everything but the account is missing (DIR-9).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing<'a> {
    /// The user, or the one that made a federated-user session (DIR-5).
    pub(super) user: Option<&'a User>,
    /// The role, or that of a session.
    pub(super) role: Option<&'a Role>,
    /// The account of this number, whether or not it holds the requester. A number is one account in all partitions.
    pub(super) account: Option<&'a Account>,
    /// A user, a role, a session of one, or the root user of an account that is held; or what one of these made.
    pub(super) is_known: bool,
}

/// The fields of an ARN, as many as it has.
fn field(arn: &str, at: usize) -> &str {
    arn.splitn(6, ':').nth(at).unwrap_or("")
}

fn name_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or("")
}

pub(super) fn account<'a>(directory: &'a Directory, number: &str) -> Option<&'a Account> {
    directory.accounts.iter().find(|account| account.number.text == number)
}

/// Looks a requester up, and completes it by what the directory says: the role's ARN of a bare session (PRN-13, EVL-4), and
/// the ids that stand for it (PRN-18, PRN-19). `is_of_root` of a federated-user session that the root user made.
pub(super) fn stand<'a>(directory: &'a Directory, who: &mut Requester, is_of_root: bool) -> Standing<'a> {
    let Some(number) = who.account.clone() else { return Standing::default() };
    let account = account(directory, &number);
    who.canonical_account = account.and_then(|account| account.canonical_user.as_ref()).map(|id| id.text.clone());
    let user = match who.kind {
        RequesterKind::User => Some(who.arn.clone()),
        RequesterKind::FederatedUser => who.creator.clone(),
        _ => None,
    };
    let user = user.and_then(|arn| directory.users.iter().find(|user| user.arn.text == arn));
    let role = match (who.kind, &who.role_arn) {
        (RequesterKind::Role | RequesterKind::Session, Some(arn)) => {
            directory.roles.iter().find(|role| role.arn.text == *arn)
        }
        (RequesterKind::Session, None) => directory.roles.iter().find(|role| {
            let (partition, account) = (field(&role.arn.text, 1), field(&role.arn.text, 4));
            who.partition.as_deref() == Some(partition) && account == number && name_of(&role.arn.text) == who.name
        }),
        _ => None,
    };
    if let Some(role) = role {
        who.role_arn = Some(role.arn.text.clone());
    }
    let kind = if who.kind == RequesterKind::User { MatchKind::Direct } else { MatchKind::Role };
    let ids = user.and_then(|user| user.unique_id.as_ref()).map(|id| (id.text.clone(), kind));
    who.unique_ids = ids.into_iter().collect();
    who.unique_ids.extend(role.and_then(|role| role.unique_id.as_ref()).map(|id| (id.text.clone(), MatchKind::Role)));
    let is_root = account.is_some() && (who.kind == RequesterKind::Root || is_of_root);
    Standing { user, role, account, is_known: is_root || user.is_some() || role.is_some() }
}

/// The document of a managed policy: an ARN, or a name in the account.
pub(super) fn managed(directory: &Directory, name: &str, number: &str) -> Option<DocumentId> {
    let is_it = |arn: &str| match name.starts_with("arn:") {
        true => arn == name,
        false => field(arn, 4) == number && name_of(arn) == name,
    };
    directory.managed.iter().find(|policy| is_it(&policy.arn.text)).map(|policy| policy.document)
}

impl Standing<'_> {
    /// Inline and attached policies, of a user with those of its groups (DIR-3, DIR-4, DIR-5, EVL-2).
    pub(super) fn identity(&self, directory: &Directory) -> Vec<DocumentId> {
        let mut found = Vec::new();
        let mut add = |policies: &Policies, arn: &str| {
            found.extend(&policies.inline);
            let attached = policies.attached.iter();
            found.extend(attached.filter_map(|name| managed(directory, &name.text, field(arn, 4))));
        };
        if let Some(user) = self.user {
            add(&user.policies, &user.arn.text);
            for name in &user.groups {
                let is_it = |arn: &str| field(arn, 4) == field(&user.arn.text, 4) && name_of(arn) == name.text;
                directory
                    .groups
                    .iter()
                    .filter(|group| is_it(&group.arn.text))
                    .for_each(|group| add(&group.policies, &group.arn.text));
            }
        }
        if let Some(role) = self.role {
            add(&role.policies, &role.arn.text);
        }
        found
    }

    /// The permissions boundary.
    pub(super) fn boundary(&self, directory: &Directory) -> Option<DocumentId> {
        let of_user = self.user.map(|user| (&user.arn, &user.boundaries));
        let (arn, boundaries) = of_user.or(self.role.map(|role| (&role.arn, &role.boundaries)))?;
        managed(directory, &boundaries.first()?.text, field(&arn.text, 4))
    }

    pub(super) fn tags(&self) -> &[(Named, String)] {
        let of_user = self.user.map(|user| &user.tags[..]);
        of_user.or(self.role.map(|role| &role.tags[..])).unwrap_or(&[])
    }

    pub(super) fn unique_id(&self) -> Option<&str> {
        let of_user = self.user.and_then(|user| user.unique_id.as_ref());
        of_user.or(self.role.and_then(|role| role.unique_id.as_ref())).map(|id| id.text.as_str())
    }
}

/// A policy of a level: one of the organization's, or the vendor's full-access policy, which needs no file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guardrail {
    Document(DocumentId),
    FullAccess,
}

pub(super) const FULL_ACCESS: [(PolicyType, &str); 2] =
    [(PolicyType::Scp, "FullAWSAccess"), (PolicyType::Rcp, "RCPFullAWSAccess")];

/// DIR-8, EVL-5: for each node from the root to the account what is attached to it; `None` where the member is omitted.
pub(super) fn levels(
    directory: &Directory,
    account: Option<&Account>,
    policy_type: PolicyType,
) -> Option<Vec<Vec<Guardrail>>> {
    let (account, organization) = (account?, directory.organization.as_ref()?);
    let is_enabled = if policy_type == PolicyType::Scp { organization.has_scps } else { organization.has_rcps };
    let is_management = account.number.text == organization.management_account.text;
    if account.parent.is_none() || !is_enabled || is_management {
        return None;
    }
    let mut levels = vec![if policy_type == PolicyType::Scp { &account.scps } else { &account.rcps }];
    let mut above = account.parent.as_ref();
    while let Some(id) = above {
        let node = organization.nodes.iter().find(|node| node.id.text == id.text)?;
        levels.push(if policy_type == PolicyType::Scp { &node.scps } else { &node.rcps });
        above = node.parent.as_ref();
    }
    levels.reverse();
    Some(levels.into_iter().map(|names| level(directory, names, policy_type)).collect())
}

fn level(directory: &Directory, names: &[Named], policy_type: PolicyType) -> Vec<Guardrail> {
    let own = directory.organization.iter().flat_map(|organization| &organization.guardrails);
    let own: Vec<_> = own.filter(|it| directory.documents[it.document.0 as usize].policy_type == policy_type).collect();
    let (_, full_access) = FULL_ACCESS.into_iter().find(|(it, _)| *it == policy_type).expect("a guardrail's type");
    let find = |name: &str| {
        let is_it = |id: &Named| id.text == name;
        own.iter()
            .find(|it| is_it(&it.name) || it.id.as_ref().is_some_and(is_it))
            .map_or(Guardrail::FullAccess, |it| Guardrail::Document(it.document))
    };
    let mut level: Vec<Guardrail> = names.iter().map(|name| find(&name.text)).collect();
    if policy_type == PolicyType::Rcp && names.iter().all(|name| name.text != full_access) {
        level.push(find(full_access)); // the builder puts it on every node
    }
    level
}

/// `o-…/r-…/ou-…/` of an account of the organization.
pub(super) fn path(directory: &Directory, account: &Account) -> Option<String> {
    let organization = directory.organization.as_ref()?;
    let mut path = String::new();
    let mut above = account.parent.as_ref();
    while let Some(id) = above {
        path = format!("{}/{path}", id.text);
        above = organization.nodes.iter().find(|node| node.id.text == id.text)?.parent.as_ref();
    }
    (!path.is_empty()).then(|| format!("{}/{path}", organization.id.text))
}

/// The entry of a resource; of an S3 object that has none that of its bucket, and then without its tags.
pub(super) fn entry<'a>(directory: &'a Directory, arn: &str) -> Option<(&'a Resource, bool)> {
    let find = |arn: &str| directory.resources.iter().find(|resource| resource.arn.text == arn);
    let object = (field(arn, 2) == "s3").then(|| field(arn, 5).split_once('/')).flatten();
    let bucket = object.map(|(_, key)| &arn[..arn.len() - key.len() - 1]);
    find(arn).map(|it| (it, true)).or_else(|| Some((find(bucket?)?, false)))
}

/// The number of the account that a resource of the directory is of.
pub(super) fn owner(resource: &Resource) -> &str {
    resource.account.as_ref().map_or(field(&resource.arn.text, 4), |account| &account.text)
}
