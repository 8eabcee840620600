//! What must hold of a request's resources and context: REQ-2, REQ-4, CND-5, CTX-3, LIM-2.

use super::{PrincipalHandle, Request, Resources, lower_hash, principal_handle};
use crate::asked::Resource;
use crate::bundle::{Section, View};
use crate::context::{Context, CoreKey, DerivedKey, DirectoryKey, SessionKey, Value};
use crate::derive::{self, Stated, Tag};
use crate::directory::{NONE, Place, Standing};
use crate::error::RequestError;
use crate::limits::*;
use crate::principal::{Principal, Requester, RequesterKind, is_account};
use crate::scan::is_same_key;
use crate::session::Session;

/// The principal with what its session's record adds to it (DIR-4, DIR-5, DIR-14).
pub(super) fn with_session<'a>(
    view: View<'a>,
    principal: PrincipalHandle<'a>,
    session: &'a Session,
) -> Result<PrincipalHandle<'a>, RequestError> {
    if !view.has_directory() {
        return Err(RequestError::SessionWithoutDirectory);
    }
    if session.generation != view.layout.generation {
        return Err(RequestError::StaleHandle);
    }
    let kind = principal.who.kind;
    let is_of_role = matches!(kind, RequesterKind::Role | RequesterKind::Session);
    let is_federated = kind == RequesterKind::FederatedUser;
    if (session.has_policies() || session.has_tags()) && !is_of_role && !is_federated {
        return Err(RequestError::SessionOfOther);
    }
    let Some(issuer) = session.issuer() else { return Ok(principal) };
    if !is_federated {
        return Err(RequestError::SessionOfOther);
    }
    let issuer = Requester::parse(Principal::Arn(issuer))?;
    let who = principal.who;
    let is_other = who.creator.is_some_and(|creator| creator != issuer.arn);
    if is_other || (issuer.partition, issuer.account) != (who.partition, who.account) {
        return Err(RequestError::SessionIssuer);
    }
    if issuer.kind == RequesterKind::User {
        return Ok(principal_handle(view, Requester { creator: Some(issuer.arn), ..who }));
    }
    let account = principal.standing.account;
    Ok(PrincipalHandle { standing: Standing { entity: NONE, account, is_known: account != NONE }, ..principal })
}

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

pub(super) fn check_context(view: View<'_>, request: &Request<'_>) -> Result<(), RequestError> {
    match request.context {
        Context::Pairs(pairs) => check_pairs(view, request, pairs),
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
                if let Some(derived) = key.derived {
                    let name = match key.slot {
                        u32::MAX => None,
                        slot => Some(view.strings().text(view.words(Section::Keys).at(slot as usize * 2))),
                    };
                    check_derived(view, request, derived, name.ok_or(key.hash), value.value)?;
                }
            }
            Ok(())
        }
        // Tags are asked for when a policy does: a source cannot say which it has.
        Context::Source(source) => CoreKey::ALL.iter().try_for_each(|&core| match source.get(core.name()) {
            Some(value) => check_value(value).and_then(|()| check_core(view, request, core, value)),
            None => Ok(()),
        }),
    }
}

fn check_pairs(view: View<'_>, request: &Request<'_>, pairs: &[(&str, Value<'_>)]) -> Result<(), RequestError> {
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
            check_core(view, request, core, value)?;
        } else if view.has_directory()
            && let Some(derived) = DerivedKey::from_name(key)
        {
            check_derived(view, request, derived, Ok(key), value)?;
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

/// CTX-3, CTX-4, CTX-7: what is derived may be repeated, with the same value. A key that no policy names comes from a
/// handle as its hash.
fn check_derived(
    view: View<'_>,
    request: &Request<'_>,
    derived: DerivedKey,
    name: Result<&str, Option<u64>>,
    given: Value<'_>,
) -> Result<(), RequestError> {
    match derived {
        DerivedKey::Core(core) => check_core(view, request, core, given),
        _ if !view.has_directory() => Ok(()),
        DerivedKey::Directory(key) => check_directory(view, request, key, name, given),
        DerivedKey::Session(key) => check_fact(request, key, given),
    }
}

fn check_directory(
    view: View<'_>,
    request: &Request<'_>,
    key: DirectoryKey,
    name: Result<&str, Option<u64>>,
    given: Value<'_>,
) -> Result<(), RequestError> {
    let agrees = |place: Place| {
        let tag = match name {
            Ok(name) => Tag::Name(key.tag_of(name).unwrap_or("")),
            Err(hash) => Tag::Name(tag_of_hash(view, request, place, key, hash)),
        };
        match derive::directory_value(view, request.subject(), place, key, tag) {
            Stated::ByCaller => Ok(()),
            Stated::ByBundle(None) => Err(RequestError::DerivedKeyAbsent),
            Stated::ByBundle(Some(derived)) if derive::is_same(view, derived, given) => Ok(()),
            Stated::ByBundle(Some(_)) => Err(RequestError::DerivedKeyDiffers),
        }
    };
    match key {
        DirectoryKey::ResourceOrgId | DirectoryKey::ResourceOrgPaths | DirectoryKey::ResourceTag => {
            each_resource(request, |resource| agrees(request.place_of(view, resource)))
        }
        _ => agrees(Place::NOWHERE),
    }
}

/// The tag's own key that a hash is of, if principal or resource has a tag of it.
fn tag_of_hash<'x>(
    view: View<'x>,
    request: &Request<'x>,
    place: Place,
    key: DirectoryKey,
    hash: Option<u64>,
) -> &'x str {
    let is_it = |tag: &&str| {
        let mut whole = [0; CONTEXT_KEY_BYTES_MAX];
        let prefix = key.name();
        let Some(parts) = whole.get_mut(..prefix.len() + tag.len()) else { return false };
        parts[..prefix.len()].copy_from_slice(prefix.as_bytes());
        parts[prefix.len()..].copy_from_slice(tag.as_bytes());
        core::str::from_utf8(parts).is_ok_and(|text| lower_hash(text, view.layout.seed) == hash)
    };
    let set = match (key, request.standing.entity) {
        (DirectoryKey::PrincipalTag, NONE) => None,
        (DirectoryKey::PrincipalTag, entity) => view.entity(entity).tags(),
        _ if place.has_tags => view.resource(place.resource).tags(),
        _ => None,
    };
    let of_session = request.session.into_iter().flat_map(|session| session.tag_keys());
    let of_session = of_session.filter(|_| key == DirectoryKey::PrincipalTag);
    view.tag_keys(set).chain(of_session).find(is_it).unwrap_or("")
}

fn check_fact(request: &Request<'_>, key: SessionKey, given: Value<'_>) -> Result<(), RequestError> {
    match request.session.and_then(|session| session.fact(key)) {
        Some(fact) if fact != given => Err(RequestError::SessionKeyDiffers),
        _ => Ok(()),
    }
}

/// CTX-3: a derived key may only repeat what the request gives it, with the exceptions named there.
fn check_core(view: View<'_>, request: &Request<'_>, core: CoreKey, given: Value<'_>) -> Result<(), RequestError> {
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
            RequesterKind::User | RequesterKind::Role | RequesterKind::Session if !view.has_directory() => Ok(()),
            RequesterKind::User | RequesterKind::Role | RequesterKind::Session => check_user_id(view, request, given),
            RequesterKind::Root => one(who.account),
            RequesterKind::Anonymous => one(Some("anonymous")),
            RequesterKind::FederatedUser => match given {
                Value::One(text) if text.split_once(':') == who.account.map(|account| (account, who.name)) => Ok(()),
                _ => Err(RequestError::DerivedKeyDiffers),
            },
            _ => Err(RequestError::DerivedKeyAbsent),
        },
        CoreKey::ResourceAccount => each_resource(request, |resource| {
            let place = request.place_of(view, resource);
            one(request.account_of(view, resource, place))
        }),
    }
}

fn check_user_id(view: View<'_>, request: &Request<'_>, given: Value<'_>) -> Result<(), RequestError> {
    let (unique_id, session) = derive::user_id(view, request.subject()).ok_or(RequestError::DerivedKeyAbsent)?;
    let is_it = |text: &str| match session {
        None => text == unique_id,
        Some(name) => text.split_once(':') == Some((unique_id, name)),
    };
    match given {
        Value::One(text) if is_it(text) => Ok(()),
        _ => Err(RequestError::DerivedKeyDiffers),
    }
}

/// Whether a text is the ARN of a bare session's role, with some path or none (CTX-3).
fn is_arn_of_role(text: &str, who: &Requester<'_>) -> bool {
    let mut fields = text.splitn(6, ':');
    let head = [fields.next(), fields.next(), fields.next(), fields.next(), fields.next()];
    let role = fields.next().and_then(|rest| rest.strip_prefix("role/")).and_then(|path| path.rsplit('/').next());
    head == [Some("arn"), Some(who.partition), Some("iam"), Some(""), who.account] && role == Some(who.role_name)
}
