//! What must hold of a request's resources and context: REQ-2, REQ-4, CND-5, CTX-3, LIM-2.

use super::{Request, Resource, Resources};
use crate::context::{Context, CoreKey, Value};
use crate::error::RequestError;
use crate::limits::*;
use crate::principal::{Requester, RequesterKind, is_account};
use crate::scan::is_same_key;

/// Every resource of a request, taken apart; the first error ends it.
fn each_resource<'a>(
    request: &Request<'a>,
    mut each: impl FnMut(&Resource<'a>) -> Result<(), RequestError>,
) -> Result<(), RequestError> {
    match request.resources {
        Resources::One(resource) => each(&resource),
        Resources::Many(texts) => texts.iter().try_for_each(|text| each(&Resource::parse(text)?)),
    }
}

pub(super) fn check_resources(request: &Request<'_>) -> Result<(), RequestError> {
    if let Resources::Many(texts) = request.resources {
        if texts.len() > RESOURCE_COUNT_MAX {
            return Err(RequestError::ResourceCount);
        }
        if texts.contains(&"*") {
            return Err(RequestError::StarAmongResources);
        }
        each_resource(request, |_| Ok(()))?;
    }
    let Some(given) = request.resource_account else { return Ok(()) };
    if !is_account(given) {
        return Err(RequestError::ResourceAccount);
    }
    match request.resources {
        Resources::One(resource) if resource.account.is_some_and(|account| account != given) => {
            Err(RequestError::ResourceAccountConflict)
        }
        _ => Ok(()),
    }
}

pub(super) fn check_context(request: &Request<'_>) -> Result<(), RequestError> {
    match request.context {
        Context::Pairs(pairs) => check_pairs(request, pairs),
        Context::Handles(pairs) => {
            if pairs.len() > CONTEXT_KEY_COUNT_MAX {
                return Err(RequestError::KeyCount);
            }
            for (i, (key, value)) in pairs.iter().enumerate() {
                if key.generation != request.generation || value.generation != request.generation {
                    return Err(RequestError::StaleHandle);
                }
                if key.hash.is_none() {
                    return Err(RequestError::KeyTooLong);
                }
                if pairs[..i].iter().any(|(other, _)| other.hash == key.hash) {
                    return Err(RequestError::KeyRepeated);
                }
                check_value(value.value)?;
                if let Some(core) = key.core {
                    check_core(request, core, value.value)?;
                }
            }
            Ok(())
        }
        Context::Source(source) => CoreKey::ALL.iter().try_for_each(|&core| match source.get(core.name()) {
            Some(value) => check_value(value).and_then(|()| check_core(request, core, value)),
            None => Ok(()),
        }),
    }
}

fn check_pairs(request: &Request<'_>, pairs: &[(&str, Value<'_>)]) -> Result<(), RequestError> {
    if pairs.len() > CONTEXT_KEY_COUNT_MAX {
        return Err(RequestError::KeyCount);
    }
    // PERF: only keys of equal length (modulo 64) can be equal, and most contexts have few of those.
    let mut lengths = 0u64;
    for (i, &(key, value)) in pairs.iter().enumerate() {
        if key.len() > CONTEXT_KEY_BYTES_MAX {
            return Err(RequestError::KeyTooLong);
        }
        let length = 1u64 << (key.len() & 63);
        if lengths & length != 0 && pairs[..i].iter().any(|(other, _)| is_same_key(other.as_bytes(), key.as_bytes())) {
            return Err(RequestError::KeyRepeated);
        }
        lengths |= length;
        check_value(value)?;
        if let Some(core) = CoreKey::from_name(key) {
            check_core(request, core, value)?;
        }
    }
    Ok(())
}

pub(crate) fn check_value(value: Value<'_>) -> Result<(), RequestError> {
    let too_long = |text: &str| text.len() > CONTEXT_VALUE_BYTES_MAX;
    match value {
        Value::One(text) if too_long(text) => Err(RequestError::ValueTooLong),
        Value::Many(texts) if texts.len() > CONTEXT_VALUE_COUNT_MAX => Err(RequestError::ValueCount),
        Value::Many(texts) if texts.iter().any(|text| too_long(text)) => Err(RequestError::ValueTooLong),
        _ => Ok(()),
    }
}

/// CTX-3: a derived key may only repeat what the request gives it, with the exceptions named there.
fn check_core(request: &Request<'_>, core: CoreKey, given: Value<'_>) -> Result<(), RequestError> {
    let who = &request.who;
    let one = |wanted: Option<&str>| match (wanted, given) {
        (None, _) => Err(RequestError::DerivedKeyAbsent),
        (Some(wanted), Value::One(text)) if text == wanted => Ok(()),
        _ => Err(RequestError::DerivedKeyDiffers),
    };
    let is_service = who.kind == RequesterKind::Service;
    match core {
        CoreKey::PrincipalArn => match (who.kind, who.role_arn, given) {
            (RequesterKind::Session, None, Value::One(text)) if is_arn_of_role(text, who) => Ok(()),
            (RequesterKind::Session, None, _) => Err(RequestError::DerivedKeyDiffers),
            (RequesterKind::Session, role, _) => one(role),
            _ => one(who.account.map(|_| who.arn)),
        },
        CoreKey::PrincipalAccount if who.kind == RequesterKind::Anonymous => one(Some("anonymous")),
        CoreKey::PrincipalAccount => one(who.account),
        CoreKey::PrincipalType => one(who.type_name()),
        CoreKey::PrincipalIsAwsService if is_service => one(Some("true")),
        CoreKey::PrincipalIsAwsService => one(who.account.map(|_| "false")),
        CoreKey::PrincipalServiceName => one(is_service.then_some(who.name)),
        CoreKey::PrincipalServiceNamesList => match given {
            _ if !is_service => Err(RequestError::DerivedKeyAbsent),
            Value::Many(names) if names.contains(&who.name) => Ok(()),
            _ => Err(RequestError::DerivedKeyDiffers),
        },
        CoreKey::UserName => one((who.kind == RequesterKind::User).then_some(who.name)),
        CoreKey::UserId => match who.kind {
            RequesterKind::User | RequesterKind::Role | RequesterKind::Session => Ok(()),
            RequesterKind::Root => one(who.account),
            RequesterKind::Anonymous => one(Some("anonymous")),
            RequesterKind::FederatedUser => match given {
                Value::One(text) if text.split_once(':') == who.account.map(|account| (account, who.name)) => Ok(()),
                _ => Err(RequestError::DerivedKeyDiffers),
            },
            _ => Err(RequestError::DerivedKeyAbsent),
        },
        CoreKey::ResourceAccount => each_resource(request, |resource| one(request.account_of(resource))),
    }
}

/// Whether a text is the ARN of a bare session's role, with some path or none (CTX-3).
fn is_arn_of_role(text: &str, who: &Requester<'_>) -> bool {
    let mut fields = text.splitn(6, ':');
    let head = [fields.next(), fields.next(), fields.next(), fields.next(), fields.next()];
    let role = fields.next().and_then(|rest| rest.strip_prefix("role/")).and_then(|path| path.rsplit('/').next());
    head == [Some("arn"), Some(who.partition), Some("iam"), Some(""), who.account] && role == Some(who.role_name)
}
