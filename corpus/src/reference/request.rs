//! Validation of a request (9.1, LIM-2) and the context of each of its resources (10, case mode).

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
}

/// LIM-2.
const ACTION_BYTES: usize = 256;
const PRINCIPAL_BYTES: usize = 2_048;
const RESOURCE_BYTES: usize = 4_096;
const RESOURCES: usize = 64;
const KEYS: usize = 256;
const KEY_BYTES: usize = 512;
const VALUES: usize = 1_024;
const VALUE_BYTES: usize = 8_192;

fn need(condition: bool, rule: &'static str, what: &'static str) -> Result<(), RequestError> {
    if condition { Ok(()) } else { Err(RequestError::new(rule, what)) }
}

/// REQ-1 to REQ-4, REQ-6, LIM-2. REQ-5 needs the policies and is in evaluate.rs.
pub(super) fn validate(request: &CaseRequest) -> Result<Request, RequestError> {
    check_principal_size(&request.principal)?;
    let mut who = Requester::new(&request.principal)?;
    check_action(&request.action)?;
    let given = given_context(&request.context)?;
    let places = resources(request, &who)?;
    let list = given.iter().find(|(key, _)| key == "aws:principalservicenameslist");
    if let (RequesterKind::Service, Some((_, ContextValue::Many(names)))) = (who.kind, list) {
        who.service_names.extend(names.iter().cloned()); // PRN-16
    }
    let resources = places.into_iter().map(|(text, arn, account)| {
        let context = context(&given, &who, account.as_deref())?;
        Ok(Resource { text, arn, account, context })
    });
    Ok(Request { resources: resources.collect::<Result<_, _>>()?, action: request.action.clone(), who })
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

type Place = (String, Option<(String, String, String)>, Option<String>);

/// REQ-2, REQ-4, RES-1, RES-9: each resource, its partition, service and sixth field, and its account.
fn resources(request: &CaseRequest, who: &Requester) -> Result<Vec<Place>, RequestError> {
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
        let account = own.or(given).or(who.account.as_deref()).map(str::to_owned);
        out.push((text.clone(), arn, account));
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
fn derived_keys(who: &Requester, resource_account: Option<&str>) -> [(&'static str, Option<ContextValue>); 9] {
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

/// CTX-2, CTX-3, CTX-5: the given and the derived keys, for one resource.
fn context(
    given: &[(String, ContextValue)],
    who: &Requester,
    resource_account: Option<&str>,
) -> Result<Context, RequestError> {
    let mut out = given.to_vec();
    for (key, derived) in derived_keys(who, resource_account) {
        let given = given.iter().find(|(it, _)| it == key).map(|(_, value)| value);
        match (given, derived) {
            (None, None) => {}
            (None, Some(derived)) => out.push((key.to_owned(), derived)),
            (Some(_), None) => {
                let own = matches!(who.kind, RequesterKind::User | RequesterKind::Role | RequesterKind::Session);
                if !(key == "aws:userid" && own) {
                    return Err(RequestError::about("CTX-3", "this principal does not have the context key", key));
                }
            }
            (Some(given), Some(derived)) => {
                if *given != derived && !may_differ(key, given, who) {
                    return Err(RequestError::about("CTX-3", "not the value that the request itself gives to", key));
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
