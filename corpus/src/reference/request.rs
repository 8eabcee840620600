//! Validation of a request (9.1, LIM-2) and the context of each of its resources (10); which keys bundle mode derives besides
//! is in assemble.rs.

use super::context::Context;
use super::principals::{Requester, RequesterKind, is_account};
use crate::request::{CaseRequest, ContextValue, Principal, RequestError};

/// A valid request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) who: Requester,
    pub(super) action: String,
    pub(super) resources: Vec<Resource>,
}

/// A requested resource, with its own context.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) text: String,
    /// The ARN's partition, service and sixth field; `None` for `*`.
    pub(super) arn: Option<(String, String, String)>,
    /// REQ-4; `None` where unknown.
    pub(super) account: Option<String>,
    pub(super) context: Context,
    /// EVL-41 (c): a bundle marks it so that its policy must take part.
    pub(super) must_allow: bool,
}

/// A requested resource as the request gives it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) text: String,
    /// As [`Resource::arn`].
    pub(super) arn: Option<(String, String, String)>,
    /// The account in the ARN, else the one that the request states beside it (REQ-4).
    pub(super) account: Option<String>,
}

/// What a request is made of, as far as it can be said without knowing where its policies come from.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) who: Requester,
    pub(super) resources: Vec<Asked>,
    /// The context as given, keys in lower case.
    pub(super) given: Vec<(String, ContextValue)>,
}

/// LIM-2.
const ACTION_BYTES: usize = 256;
const PRINCIPAL_BYTES: usize = 2_048;
const RESOURCE_BYTES: usize = 4_096;
const RESOURCES: usize = 64;
const KEYS: usize = 256;
pub(super) const KEY_BYTES: usize = 512;
const VALUES: usize = 1_024;
pub(super) const VALUE_BYTES: usize = 8_192;

pub(super) fn need(condition: bool, rule: &'static str, what: &'static str) -> Result<(), RequestError> {
    if condition { Ok(()) } else { Err(RequestError::new(rule, what)) }
}

/// A request in case mode: REQ-1 to REQ-4, REQ-6, LIM-2. REQ-5 needs the policies and is in evaluate.rs.
pub(super) fn validate(request: &CaseRequest) -> Result<Request, RequestError> {
    need(request.session.is_none(), "DIR-14", "a session record is for a bundle with a directory")?;
    let Parts { who, resources, given } = parts(request)?;
    let resources = resources.into_iter().map(|Asked { text, arn, account }| {
        let account = account.or(who.account.clone());
        let derived = derived_keys(&who, account.as_deref());
        // CTX-3: those of users and roles only a directory knows.
        let derived = derived.into_iter().filter(|(key, _)| !(*key == "aws:userid" && is_of_entity(&who)));
        let derived: Vec<_> = derived.map(|(key, value)| (key.to_owned(), value)).collect();
        let context = context(&given, &who, &derived)?;
        Ok(Resource { text, arn, account, context, must_allow: false })
    });
    Ok(Request { resources: resources.collect::<Result<_, _>>()?, action: request.action.clone(), who })
}

/// Takes a request apart.
pub(super) fn parts(request: &CaseRequest) -> Result<Parts, RequestError> {
    check_principal_size(&request.principal)?;
    let mut who = Requester::new(&request.principal)?;
    check_action(&request.action)?;
    let given = given_context(&request.context)?;
    let resources = resources(request)?;
    let list = given.iter().find(|(key, _)| key == "aws:principalservicenameslist");
    if let (RequesterKind::Service, Some((_, ContextValue::Many(names)))) = (who.kind, list) {
        who.service_names.extend(names.iter().cloned()); // PRN-16
    }
    Ok(Parts { who, resources, given })
}

/// Whether it is a user, a role or a session of one.
pub(super) fn is_of_entity(who: &Requester) -> bool {
    matches!(who.kind, RequesterKind::User | RequesterKind::Role | RequesterKind::Session)
}

fn check_principal_size(principal: &Principal) -> Result<(), RequestError> {
    let texts: Vec<&String> = match principal {
        Principal::Arn(text)
        | Principal::Service(text)
        | Principal::Federated(text)
        | Principal::CanonicalUser(text) => vec![text],
        Principal::Session { session, role: other } | Principal::FederatedUser { session, user: other } => {
            vec![session, other]
        }
        Principal::Anonymous => vec![],
    };
    need(texts.iter().all(|text| text.len() <= PRINCIPAL_BYTES), "LIM-2", "a text of the principal is too long")
}

/// REQ-1.
fn check_action(action: &str) -> Result<(), RequestError> {
    need(action.len() <= ACTION_BYTES, "LIM-2", "the action is too long")?;
    let error = || RequestError::about("REQ-1", "the action is not `service:Name`", action);
    let (service, name) = action.split_once(':').ok_or_else(error)?;
    let good_service = !service.is_empty() && service.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let bad = |c: char| c == ':' || c == '*' || c == '?' || c.is_whitespace() || c.is_control();
    if good_service && !name.is_empty() && !name.contains(bad) { Ok(()) } else { Err(error()) }
}

/// REQ-2, REQ-4, RES-1, RES-9.
fn resources(request: &CaseRequest) -> Result<Vec<Asked>, RequestError> {
    let given = request.resource_account.as_deref();
    need(given.is_none_or(is_account), "REQ-4", "`resource_account` is not 12 digits")?;
    let texts = &request.resources;
    need(!texts.is_empty() && texts.len() <= RESOURCES, "REQ-2, LIM-2", "no resource, or too many")?;
    need(texts.len() == 1 || !texts.iter().any(|text| text == "*"), "REQ-2", "`*` among several resources")?;
    let mut out = Vec::new();
    for text in texts {
        need(text.len() <= RESOURCE_BYTES, "LIM-2", "a resource is too long")?;
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let (arn, own) = match fields[..] {
            ["*"] => (None, None),
            ["arn", partition, service, _, account, rest] => {
                let arn = (partition.to_owned(), service.to_owned(), rest.to_owned());
                (Some(arn), is_account(account).then_some(account))
            }
            _ => return Err(RequestError::about("REQ-2", "a resource is neither `*` nor an ARN", text)),
        };
        let conflict = texts.len() == 1 && own.is_some() && given.is_some() && own != given;
        need(!conflict, "REQ-4", "`resource_account` is not the account in the ARN")?;
        out.push(Asked { text: text.clone(), arn, account: own.or(given).map(str::to_owned) });
    }
    Ok(out)
}

/// CND-4, CND-5, LIM-2: the keys as given, in lower case.
fn given_context(context: &[(String, ContextValue)]) -> Result<Vec<(String, ContextValue)>, RequestError> {
    need(context.len() <= KEYS, "LIM-2", "too many context keys")?;
    let mut out: Vec<(String, ContextValue)> = Vec::new();
    for (key, value) in context {
        need(key.len() <= KEY_BYTES, "LIM-2", "a context key is too long")?;
        let key = key.to_ascii_lowercase();
        if out.iter().any(|(other, _)| *other == key) {
            return Err(RequestError::about("CND-5", "a context key occurs twice, whatever its letter case", &key));
        }
        let texts = match value {
            ContextValue::One(text) => std::slice::from_ref(text),
            ContextValue::Many(texts) => texts,
        };
        need(texts.len() <= VALUES, "LIM-2", "too many values of a context key")?;
        need(texts.iter().all(|text| text.len() <= VALUE_BYTES), "LIM-2", "a context value is too long")?;
        out.push((key, value.clone()));
    }
    Ok(out)
}

/// CTX-2 and the table of 10.2: the core keys, with their values for this requester and resource.
pub(super) fn derived_keys(
    who: &Requester,
    resource_account: Option<&str>,
) -> [(&'static str, Option<ContextValue>); 9] {
    use RequesterKind::*;
    let (account, service) = (who.account.as_deref(), (who.kind == Service).then_some(who.name.as_str()));
    let principal_type = match who.kind {
        Root => Some("Account"),
        User => Some("User"),
        Role | Session => Some("AssumedRole"),
        RequesterKind::FederatedUser => Some("FederatedUser"),
        Anonymous => Some("Anonymous"),
        OriginIdentity | Service | Federated | CanonicalUser => None,
    };
    let user_id = match (who.kind, account) {
        (Root, Some(account)) => Some(account.to_owned()),
        (RequesterKind::FederatedUser, Some(account)) => Some(format!("{account}:{}", who.name)),
        (Anonymous, _) => Some("anonymous".to_owned()),
        _ => None,
    };
    let is_service = if who.kind == Service { Some("true") } else { account.map(|_| "false") };
    let one = |text: Option<&str>| text.map(|text| ContextValue::One(text.to_owned()));
    [
        ("aws:principalarn", who.principal_arn().map(ContextValue::One)),
        ("aws:principalaccount", one(if who.kind == Anonymous { Some("anonymous") } else { account })),
        ("aws:principaltype", one(principal_type)),
        ("aws:principalisawsservice", one(is_service)),
        ("aws:principalservicename", one(service)),
        ("aws:principalservicenameslist", service.map(|name| ContextValue::Many(vec![name.to_owned()]))),
        ("aws:username", one((who.kind == User).then_some(&who.name))),
        ("aws:userid", user_id.map(ContextValue::One)),
        ("aws:resourceaccount", one(resource_account)),
    ]
}

/// CTX-2 to CTX-5: the given and the derived keys, for one resource. A key derived as `None` is one that this principal or
/// resource does not have, whoever says so; a key that is not derived is the caller's to state.
pub(super) fn context(
    given: &[(String, ContextValue)],
    who: &Requester,
    derived: &[(String, Option<ContextValue>)],
) -> Result<Context, RequestError> {
    let mut out = given.to_vec();
    for (key, derived) in derived {
        let given = given.iter().find(|(it, _)| it == key).map(|(_, value)| value);
        match (given, derived) {
            (None, None) => {}
            (None, Some(derived)) => out.push((key.clone(), derived.clone())),
            (Some(_), None) => {
                return Err(RequestError::about("CTX-3", "this principal or resource does not have the key", key));
            }
            (Some(given), Some(derived)) => {
                if given != derived && !may_differ(key, given, who) {
                    return Err(RequestError::about("CTX-3", "not the value that is derived for", key));
                }
            }
        }
    }
    Ok(Context(out))
}

/// The exceptions of CTX-3.
fn may_differ(key: &str, given: &ContextValue, who: &Requester) -> bool {
    match (key, given) {
        ("aws:principalarn", ContextValue::One(arn))
            if who.kind == RequesterKind::Session && who.role_arn.is_none() =>
        {
            let role = Requester::new(&Principal::Arn(arn.clone()));
            role.is_ok_and(|role| {
                role.kind == RequesterKind::Role
                    && (&role.partition, &role.account, &role.name) == (&who.partition, &who.account, &who.name)
            })
        }
        ("aws:principalservicenameslist", ContextValue::Many(names)) => names.contains(&who.name),
        _ => false,
    }
}
