//! Who asks, and with what kind an entry of a resource policy matches (section 6).

use dictum_compiler::syntax::json::{Kind, Value};

use super::shape::{members, text, texts};
use crate::request::{Principal, RequestError};

/// How an entry matches a requester (6.3). PARENT is as strong as ROLE, and section 9 never tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MatchKind {
    None,
    Account,
    Role,
    Direct,
}

/// What a requester is (PRN-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequesterKind {
    Root,
    User,
    Role,
    Session,
    FederatedUser,
    OriginIdentity,
    Service,
    Federated,
    CanonicalUser,
    Anonymous,
}

/// A requester whose text has been read (PRN-1).
#[derive(Clone, Debug)]
pub(super) struct Requester {
    pub(super) kind: RequesterKind,
    /// The ARN as given; for a requester without ARN empty.
    pub(super) arn: String,
    pub(super) partition: Option<String>,
    pub(super) account: Option<String>,
    /// The role's ARN, where it is known: of a role, or of a session given with it.
    pub(super) role_arn: Option<String>,
    /// Of a user, role or federated user the name; of a session that of its role; else service, provider or id.
    pub(super) name: String,
    /// The user that made a federated-user session, where it is known (PRN-11).
    pub(super) creator: Option<String>,
    /// PRN-16: the names a service has.
    pub(super) service_names: Vec<String>,
    /// PRN-19: the unique ids that stand for it in a directory, each with the kind that the ARN it stands for has.
    pub(super) unique_ids: Vec<(String, MatchKind)>,
    /// PRN-18: the canonical user id that a directory has for its account.
    pub(super) canonical_account: Option<String>,
    /// DIR-9: of an account that the directory does not hold, and so nobody there, were it the root user.
    pub(super) is_stranger: bool,
}

impl Requester {
    /// Reads a principal (PRN-1, REQ-3).
    pub(super) fn new(principal: &Principal) -> Result<Requester, RequestError> {
        match principal {
            Principal::Arn(arn) => from_arn(arn),
            Principal::Session { session, role } => {
                let (mut session, role) = (from_arn(session)?, from_arn(role)?);
                let kinds = (session.kind, role.kind) == (RequesterKind::Session, RequesterKind::Role);
                if !kinds || !session.same_account(&role) || session.name != role.name {
                    return Err(RequestError::about("REQ-3", "the session is not one of the role", &session.arn));
                }
                session.role_arn = role.role_arn;
                Ok(session)
            }
            Principal::FederatedUser { session, user } => {
                let (mut session, user) = (from_arn(session)?, from_arn(user)?);
                let kinds = (session.kind, user.kind) == (RequesterKind::FederatedUser, RequesterKind::User);
                if !kinds || !session.same_account(&user) {
                    return Err(RequestError::about("REQ-3", "the session is not one of the user", &session.arn));
                }
                session.creator = Some(user.arn);
                Ok(session)
            }
            Principal::Service(name) => without_account(RequesterKind::Service, name),
            Principal::Federated(provider) => without_account(RequesterKind::Federated, provider),
            Principal::CanonicalUser(id) => without_account(RequesterKind::CanonicalUser, id),
            Principal::Anonymous => without_account(RequesterKind::Anonymous, "anonymous"),
        }
    }

    fn same_account(&self, other: &Requester) -> bool {
        (&self.partition, &self.account) == (&other.partition, &other.account)
    }

    /// The ARN in `aws:PrincipalArn` (PRN-1).
    pub(super) fn principal_arn(&self) -> Option<String> {
        let (partition, account) = (self.partition.as_ref()?, self.account.as_ref()?);
        Some(match (self.kind, &self.role_arn) {
            (RequesterKind::Session, Some(role)) => role.clone(),
            (RequesterKind::Session, None) => format!("arn:{partition}:iam::{account}:role/{}", self.name),
            _ => self.arn.clone(),
        })
    }

    /// EVL-4: only a known role ARN proves it.
    pub(super) fn is_service_linked_role(&self) -> bool {
        let resource = self.role_arn.as_ref().and_then(|arn| arn.splitn(6, ':').nth(5));
        resource.is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
    }
}

fn without_account(kind: RequesterKind, name: &str) -> Result<Requester, RequestError> {
    if name.is_empty() {
        return Err(RequestError::new("PRN-1", "the principal's name is empty"));
    }
    let service_names = if kind == RequesterKind::Service { vec![name.to_owned()] } else { Vec::new() };
    Ok(Requester {
        kind,
        arn: String::new(),
        partition: None,
        account: None,
        role_arn: None,
        name: name.to_owned(),
        creator: None,
        service_names,
        unique_ids: Vec::new(),
        canonical_account: None,
        is_stranger: false,
    })
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|c| c.is_ascii_digit())
}

fn is_partition(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

/// REQ-3: one of the ARN forms of PRN-1.
fn from_arn(arn: &str) -> Result<Requester, RequestError> {
    read_arn(arn).ok_or_else(|| RequestError::about("REQ-3", "not the ARN of a requester", arn))
}

fn read_arn(arn: &str) -> Option<Requester> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = fields[..] else { return None };
    if !is_partition(partition) {
        return None;
    }
    let requester = |kind, name: &str| {
        let known = kind != RequesterKind::OriginIdentity;
        Requester {
            kind,
            arn: arn.to_owned(),
            partition: known.then(|| partition.to_owned()),
            account: known.then(|| account.to_owned()),
            role_arn: (kind == RequesterKind::Role).then(|| arn.to_owned()),
            name: name.to_owned(),
            creator: None,
            service_names: Vec::new(),
            unique_ids: Vec::new(),
            canonical_account: None,
            is_stranger: false,
        }
    };
    let (resource_type, path) = resource.split_once('/').unwrap_or((resource, ""));
    if (service, account, resource_type) == ("iam", "cloudfront", "user") {
        return (!path.is_empty()).then(|| requester(RequesterKind::OriginIdentity, path));
    }
    if !is_account(account) {
        return None;
    }
    let last = path.rsplit('/').next().unwrap_or("");
    let parts = path.split('/').count();
    match (service, resource_type) {
        ("iam", "root") if resource == "root" => Some(requester(RequesterKind::Root, account)),
        ("iam", "user") if !last.is_empty() => Some(requester(RequesterKind::User, last)),
        ("iam", "role") if !last.is_empty() => Some(requester(RequesterKind::Role, last)),
        ("sts", "assumed-role") if parts == 2 && path.split('/').all(|part| !part.is_empty()) => {
            Some(requester(RequesterKind::Session, path.split('/').next()?))
        }
        ("sts", "federated-user") if parts == 1 && !path.is_empty() => {
            Some(requester(RequesterKind::FederatedUser, path))
        }
        _ => None,
    }
}

/// PRN-10 to PRN-20, PRN-22: one entry of a Principal element.
fn entry_kind(member: &str, entry: &str, who: &Requester) -> MatchKind {
    let direct = |is| if is { MatchKind::Direct } else { MatchKind::None };
    match member {
        "Service" => direct(who.service_names.iter().any(|name| name == entry)), // PRN-16
        "Federated" => direct(who.kind == RequesterKind::Federated && who.name == entry), // PRN-17
        "CanonicalUser" => {
            // PRN-18
            let of_account = account_kind(who, who.canonical_account.as_deref() == Some(entry));
            direct(who.kind == RequesterKind::CanonicalUser && who.name == entry).max(of_account)
        }
        _ if entry == "*" => MatchKind::Direct, // PRN-10
        _ if is_account(entry) => account_kind(who, who.account.as_deref() == Some(entry)), // PRN-15
        _ => {
            let fields: Vec<&str> = entry.splitn(6, ':').collect();
            let [_, partition, service, _, account, resource] = fields[..] else {
                // PRN-19: a unique id matches nobody without a directory.
                let known = who.unique_ids.iter().find(|(id, _)| id == entry);
                return known.map_or(MatchKind::None, |(_, kind)| *kind);
            };
            let same_account = (who.partition.as_deref(), who.account.as_deref()) == (Some(partition), Some(account));
            match (service, resource.split_once('/')) {
                ("iam", None) => account_kind(who, same_account), // PRN-15
                ("iam", Some(("role", path))) => {
                    let is = match &who.role_arn {
                        // PRN-13
                        Some(role) => role == entry,
                        None => {
                            let name = path.rsplit('/').next();
                            who.kind == RequesterKind::Session && same_account && name == Some(&who.name)
                        }
                    };
                    if is { MatchKind::Role } else { MatchKind::None }
                }
                // PRN-11 (PARENT).
                _ if who.creator.as_deref() == Some(entry) => MatchKind::Role,
                // PRN-11, PRN-12, PRN-14: whole ARNs.
                _ => direct(who.arn == entry),
            }
        }
    }
}

/// PRN-15.
fn account_kind(who: &Requester, same_account: bool) -> MatchKind {
    match (same_account, who.kind) {
        (false, _) => MatchKind::None,
        (true, RequesterKind::Root) => MatchKind::Direct,
        (true, _) => MatchKind::Account,
    }
}

/// PRN-2, PRN-6: the kinds of all entries.
fn entry_kinds(element: &Value<'_>, who: &Requester) -> Vec<MatchKind> {
    match element.kind {
        Kind::String(_) => vec![entry_kind("AWS", text(element), who)],
        _ => members(element)
            .iter()
            .flat_map(|member| texts(&member.value).into_iter().map(|entry| entry_kind(member.name, entry, who)))
            .collect(),
    }
}

/// 6.3: the kind of a Principal element.
pub(super) fn principal_kind(element: &Value<'_>, who: &Requester) -> MatchKind {
    entry_kinds(element, who).into_iter().max().unwrap_or(MatchKind::None)
}

/// 6.4: the kind of a NotPrincipal element.
pub(super) fn not_principal_kind(element: &Value<'_>, deny: bool, who: &Requester, boundary: bool) -> MatchKind {
    let kinds = entry_kinds(element, who);
    let best = kinds.iter().copied().max().unwrap_or(MatchKind::None);
    let applies = if deny {
        let role = who.kind == RequesterKind::Role && best == MatchKind::Role;
        boundary || !(best == MatchKind::Direct || role) // PRN-33, PRN-30, PRN-31
    } else {
        best == MatchKind::None && !kinds.is_empty() // PRN-32, GRM-25
    };
    if applies { MatchKind::Direct } else { MatchKind::None }
}
