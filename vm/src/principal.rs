//! Who makes a request (semantics.md 6.1), and under which names a policy can know them (6.3).

use crate::decision::MatchKind;
use crate::error::RequestError;
use crate::limits::PRINCIPAL_BYTES_MAX;
use crate::scan::{arn_fields, last_segment, split_at_slash};

/// Who signed the call, as the caller states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// An ARN: root user, user, role, role session, federated-user session, or CloudFront origin identity.
    Arn(&'a str),
    /// A role session whose role's ARN, with its path, is known.
    RoleSession {
        /// `arn:P:sts::A:assumed-role/NAME/SESSION`.
        session: &'a str,
        /// `arn:P:iam::A:role/[path/]NAME`.
        role: &'a str,
    },
    /// A federated-user session and the user that made it.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/NAME`.
        session: &'a str,
        /// `arn:P:iam::A:user/[path/]NAME`.
        user: &'a str,
    },
    /// A service making its own call.
    Service(&'a str),
    /// The sign-in call through an identity provider.
    Federated(&'a str),
    /// A canonical user.
    CanonicalUser(&'a str),
    /// Nobody: an unsigned call.
    Anonymous,
}

/// The kinds of PRN-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequesterKind {
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

/// A principal, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requester<'a> {
    pub kind: RequesterKind,
    pub arn: &'a str,
    pub partition: &'a str,
    /// `None` for requesters without an account.
    pub account: Option<&'a str>,
    /// Known role ARN: of a role, or of a role session given with its role.
    pub role_arn: Option<&'a str>,
    /// Of a session.
    pub role_name: &'a str,
    /// User, role or federated-user name; service, provider or canonical id.
    pub name: &'a str,
    /// The user that made a federated-user session (PRN-11).
    pub creator: Option<&'a str>,
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'a> Requester<'a> {
    /// Takes a principal apart (PRN-1, REQ-3, LIM-2).
    pub fn parse(principal: Principal<'a>) -> Result<Self, RequestError> {
        let unnamed = |kind, name: &'a str| match name.len() {
            0 => Err(RequestError::Principal),
            1..=PRINCIPAL_BYTES_MAX => Ok(Requester { name, ..Requester::of(kind) }),
            _ => Err(RequestError::PrincipalTooLong),
        };
        match principal {
            Principal::Arn(arn) => Self::parse_arn(arn),
            Principal::RoleSession { session, role } => {
                let (session, role) = (Self::parse_arn(session)?, Self::parse_arn(role)?);
                let agree = session.kind == RequesterKind::Session
                    && role.kind == RequesterKind::Role
                    && (session.partition, session.account, session.role_name)
                        == (role.partition, role.account, role.name);
                if !agree {
                    return Err(RequestError::SessionOfOtherRole);
                }
                Ok(Requester { role_arn: Some(role.arn), ..session })
            }
            Principal::FederatedUser { session, user } => {
                let (session, user) = (Self::parse_arn(session)?, Self::parse_arn(user)?);
                let agree = session.kind == RequesterKind::FederatedUser
                    && user.kind == RequesterKind::User
                    && (session.partition, session.account) == (user.partition, user.account);
                if !agree {
                    return Err(RequestError::SessionOfOtherUser);
                }
                Ok(Requester { creator: Some(user.arn), ..session })
            }
            Principal::Service(name) => unnamed(RequesterKind::Service, name),
            Principal::Federated(name) => unnamed(RequesterKind::Federated, name),
            Principal::CanonicalUser(name) => unnamed(RequesterKind::CanonicalUser, name),
            Principal::Anonymous => Ok(Requester::of(RequesterKind::Anonymous)),
        }
    }

    fn of(kind: RequesterKind) -> Self {
        Requester {
            kind,
            arn: "",
            partition: "",
            account: None,
            role_arn: None,
            role_name: "",
            name: "",
            creator: None,
        }
    }

    fn parse_arn(arn: &'a str) -> Result<Self, RequestError> {
        if arn.len() > PRINCIPAL_BYTES_MAX {
            return Err(RequestError::PrincipalTooLong);
        }
        Self::parts(arn).ok_or(RequestError::Principal)
    }

    fn parts(arn: &'a str) -> Option<Self> {
        let [first, partition, service, region, account, rest] = arn_fields(arn)?;
        if first != "arn" || !region.is_empty() {
            return None;
        }
        let is_partition_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if partition.is_empty() || !partition.bytes().all(is_partition_byte) {
            return None;
        }
        if (service, account) == ("iam", "cloudfront") {
            rest.strip_prefix("user/").filter(|name| !name.is_empty())?;
            return Some(Requester { arn, ..Self::of(RequesterKind::OriginIdentity) });
        }
        if !is_account(account) {
            return None;
        }
        let requester = |kind| Requester { arn, partition, account: Some(account), ..Self::of(kind) };
        if (service, rest) == ("iam", "root") {
            return Some(requester(RequesterKind::Root));
        }
        let (form, path) = split_at_slash(rest)?;
        let name = last_segment(path);
        if name.is_empty() {
            return None;
        }
        match (service, form) {
            ("iam", "user") => Some(Requester { name, ..requester(RequesterKind::User) }),
            ("iam", "role") => Some(Requester { name, role_arn: Some(arn), ..requester(RequesterKind::Role) }),
            ("sts", "assumed-role") => {
                let (role_name, session) = split_at_slash(path)?;
                let well_formed = !role_name.is_empty() && session == name;
                well_formed.then_some(Requester { role_name, ..requester(RequesterKind::Session) })
            }
            ("sts", "federated-user") if name == path => {
                Some(Requester { name, ..requester(RequesterKind::FederatedUser) })
            }
            _ => None,
        }
    }

    /// Whether it is proven to be a service-linked role (EVL-4).
    pub fn is_service_linked(&self) -> bool {
        let Some(arn) = self.role_arn else { return false };
        // PERF: partition and account are the requester's, so behind no region it is known where the path begins.
        let behind = arn.get("arn:".len() + self.partition.len()..).and_then(|rest| rest.strip_prefix(":iam::"));
        let resource = match behind {
            Some(rest) => rest.get("123456789012:".len()..),
            None => arn_fields(arn).map(|fields| fields[5]),
        };
        resource.is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
    }

    /// `aws:PrincipalType`.
    pub fn type_name(&self) -> Option<&'static str> {
        match self.kind {
            RequesterKind::Root => Some("Account"),
            RequesterKind::User => Some("User"),
            RequesterKind::Role | RequesterKind::Session => Some("AssumedRole"),
            RequesterKind::FederatedUser => Some("FederatedUser"),
            RequesterKind::Anonymous => Some("Anonymous"),
            _ => None,
        }
    }
}

macro_rules! principal_keys {
    ($($(#[doc = $doc:literal])* $number:literal $name:ident;)*) => {
        /// Under what form a principal entry is looked up: a requester offers a few keys, each with a match kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum PrincipalKey { $($(#[doc = $doc])* $name = $number),* }

        impl PrincipalKey {
            /// The form of a number in a bundle.
            pub const fn from_number(number: u32) -> Option<PrincipalKey> {
                match number { $($number => Some(PrincipalKey::$name),)* _ => None }
            }
        }
    };
}

principal_keys! {
    /// `*`.
    0 Everyone;
    /// A 12-digit account id.
    1 Account;
    /// A root ARN, as `partition:account`.
    2 Root;
    /// A role's whole ARN, for requesters whose role's ARN is known.
    3 RoleArn;
    /// A role as `partition:account:name`, for bare role sessions (PRN-13).
    4 RoleName;
    /// A user, session, federated-user or origin-identity ARN.
    5 Arn;
    /// A service's name.
    6 Service;
    /// An identity provider.
    7 Federated;
    /// A canonical user id.
    8 CanonicalUser;
    /// A unique id, which no requester offers without a directory (PRN-19).
    9 UniqueId;
}

/// The parts of a principal key's text, joined by `:` in the bundle.
pub(crate) type KeyText<'a> = [&'a str; 3];

/// The hash of a principal key.
pub fn key_hash(key: PrincipalKey, parts: &[&str], seed: u64) -> u64 {
    parts.iter().filter(|part| !part.is_empty()).fold(crate::hash::mix(seed, key as u64), |sum, part| {
        crate::hash::mix(sum, crate::hash::hash(part.as_bytes(), seed))
    })
}

/// Calls `each` with every key a requester offers and the kind with which it matches (PRN-10 to PRN-18), but for the
/// further names of a service.
pub(crate) fn offered_keys<'a>(who: &Requester<'a>, mut each: impl FnMut(PrincipalKey, KeyText<'a>, MatchKind)) {
    each(PrincipalKey::Everyone, ["", "", ""], MatchKind::Direct);
    if let Some(account) = who.account {
        let kind = if who.kind == RequesterKind::Root { MatchKind::Direct } else { MatchKind::Account };
        each(PrincipalKey::Account, [account, "", ""], kind);
        each(PrincipalKey::Root, [who.partition, account, ""], kind);
    }
    match who.kind {
        RequesterKind::Root | RequesterKind::Anonymous => {}
        RequesterKind::Service => each(PrincipalKey::Service, [who.name, "", ""], MatchKind::Direct),
        RequesterKind::Federated => each(PrincipalKey::Federated, [who.name, "", ""], MatchKind::Direct),
        RequesterKind::CanonicalUser => each(PrincipalKey::CanonicalUser, [who.name, "", ""], MatchKind::Direct),
        RequesterKind::Role => {}
        _ => each(PrincipalKey::Arn, [who.arn, "", ""], MatchKind::Direct),
    }
    if let Some(role) = who.role_arn {
        each(PrincipalKey::RoleArn, [role, "", ""], MatchKind::Role);
    } else if who.kind == RequesterKind::Session {
        let account = who.account.unwrap_or("");
        each(PrincipalKey::RoleName, [who.partition, account, who.role_name], MatchKind::Role);
    }
    if let Some(creator) = who.creator {
        each(PrincipalKey::Arn, [creator, "", ""], MatchKind::Role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_prn_1() {
        use RequesterKind::*;
        for (arn, kind) in [
            ("arn:aws:iam::111111111111:root", Some(Root)),
            ("arn:aws:iam::111111111111:user/eng/ana", Some(User)),
            ("arn:aws:iam::111111111111:user/", None),
            ("arn:aws:iam::111111111111:role/ops", Some(Role)),
            ("arn:aws:sts::111111111111:assumed-role/ops/s1", Some(Session)),
            ("arn:aws:sts::111111111111:assumed-role/ops", None),
            ("arn:aws:sts::111111111111:assumed-role/ops/s/1", None),
            ("arn:aws:sts::111111111111:federated-user/bob", Some(FederatedUser)),
            ("arn:aws:sts::111111111111:federated-user/b/ob", None),
            ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", Some(OriginIdentity)),
            ("arn:aws:iam::1111:user/ana", None),
            ("arn:AWS:iam::111111111111:user/ana", None),
            ("arn:aws:iam::111111111111:group/g", None),
            ("arn:aws:iam:r:111111111111:user/ana", None),
            ("arn:aws:sts::111111111111:user/ana", None),
        ] {
            assert_eq!(Requester::parts(arn).map(|who| who.kind), kind, "{arn}");
        }
    }

    /// EVL-4. A directory's role may have a region in its ARN.
    #[test]
    fn service_linked_roles() {
        let session = Requester::parts("arn:aws-cn:sts::111111111111:assumed-role/R/s").unwrap();
        for (role, is_linked) in [
            ("arn:aws-cn:iam::111111111111:role/aws-service-role/x.amazonaws.com/R", true),
            ("arn:aws-cn:iam:r:111111111111:role/aws-service-role/x.amazonaws.com/R", true),
            ("arn:aws-cn:iam::111111111111:role/p/aws-service-role/R", false),
            ("arn:aws-cn:iam::111111111111:role/R", false),
        ] {
            assert_eq!(Requester { role_arn: Some(role), ..session }.is_service_linked(), is_linked, "{role}");
        }
        assert!(!session.is_service_linked());
    }
}
