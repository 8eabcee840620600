//! Requests: made against a bundle, and valid or never made (semantics.md 9.1).
//!
//! A request borrows everything and allocates nothing. What a caller asks often it can look up once: the `resolve_*`
//! functions give handles, which a request takes in place of strings. A handle of another bundle is refused.

use crate::asked::{ActionTraits, Resource};
use crate::bundle::{Bundle, Section, View, members};
use crate::context::{Context, ContextSource, DerivedKey, KeyHandle, NO_SYMBOL, Value, ValueHandle};
use crate::decision::MatchKind;
use crate::derive::Subject;
use crate::directory::{NONE, Place, Standing};
use crate::error::RequestError;
use crate::hash::hash;
use crate::limits::*;
use crate::lookup::{find_action, find_anchors, find_principal, find_slot, find_symbol, find_wildcard_patterns};
use crate::name::is_action_name;
use crate::principal::{Principal, Requester, RequesterKind, offered_keys};
use crate::scan::colons;
use crate::session::Session;

mod check;

/// Principal keys that a requester can offer, further names of a service aside.
pub(crate) const PRINCIPAL_KEYS_MAX: usize = 8;

/// The ids of the principal keys that the bundle knows of a requester, each with its match kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrincipalKeys {
    keys: [(u32, MatchKind); PRINCIPAL_KEYS_MAX],
    count: u8,
}

impl PrincipalKeys {
    #[inline]
    pub fn as_slice(&self) -> &[(u32, MatchKind)] {
        &self.keys[..usize::from(self.count)]
    }
}

/// A principal, looked up once in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct PrincipalHandle<'a> {
    generation: u64,
    pub(crate) who: Requester<'a>,
    pub(crate) keys: PrincipalKeys,
    pub(crate) standing: Standing,
}

/// An action, looked up once in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct ActionHandle<'a> {
    generation: u64,
    pub(crate) text: &'a str,
    pub(crate) patterns: ActionPatterns,
    pub(crate) traits: ActionTraits,
}

/// The patterns that match an action.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ActionPatterns {
    /// Offset of the list that was made ahead for a name that a policy spells out.
    Listed(u32),
    /// Those found for another name, ascending.
    Found([u32; FOUND_MAX], u8),
    /// More than fit: to be found again for each decision.
    Many,
}

/// Patterns that an action handle keeps of a name that no policy spells out.
const FOUND_MAX: usize = 6;

/// Anchors that a resource handle keeps; a resource with more is looked up anew each time.
pub(crate) const HANDLE_ANCHORS_MAX: usize = 24;

/// A resource, looked up once in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct ResourceHandle<'a> {
    generation: u64,
    pub(crate) resource: Resource<'a>,
    pub(crate) anchors: [u32; HANDLE_ANCHORS_MAX],
    /// `None` where there are more than fit.
    pub(crate) anchor_count: Option<u8>,
}

#[derive(Clone, Copy)]
pub(crate) enum Resources<'a> {
    One(Resource<'a>),
    Many(&'a [&'a str]),
}

/// One question to a bundle, known to be well-formed.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub(crate) generation: u64,
    pub(crate) who: Requester<'a>,
    pub(crate) keys: PrincipalKeys,
    pub(crate) standing: Standing,
    pub(crate) session: Option<&'a Session>,
    pub(crate) action: ActionHandle<'a>,
    pub(crate) resources: Resources<'a>,
    pub(crate) resource_account: Option<&'a str>,
    pub(crate) handle: Option<&'a ResourceHandle<'a>>,
    pub(crate) context: Context<'a>,
}

impl<'a> Request<'a> {
    /// The resource's account (REQ-4). Without a directory it is unknown only for requesters without one; with one also
    /// for an ARN that names none, of a resource that the bundle does not hold.
    #[inline]
    pub(crate) fn account_of(&self, view: View<'a>, resource: &Resource<'a>, place: Place) -> Option<&'a str> {
        let given = resource.account.or(self.resource_account);
        if !view.has_directory() || resource.partition.is_none() {
            return given.or(self.who.account);
        }
        match place.resource {
            NONE => given,
            row => Some(view.strings().text(view.account(view.resource(row).account()).number())),
        }
    }

    /// Of whom the directory and the session's record say something.
    #[inline]
    pub(crate) fn subject(&self) -> Subject<'a> {
        Subject { kind: self.who.kind, arn: self.who.arn, standing: self.standing, session: self.session }
    }

    /// Calls `each` with every resource and its position, until it returns true. The resources were parsed before.
    #[inline]
    pub(crate) fn each_resource(&self, mut each: impl FnMut(&Resource<'a>, usize) -> bool) {
        match &self.resources {
            Resources::One(resource) => {
                each(resource, 0);
            }
            Resources::Many(texts) => {
                for (i, text) in texts.iter().enumerate() {
                    if Resource::parse(text).is_ok_and(|resource| each(&resource, i)) {
                        return;
                    }
                }
            }
        }
    }

    /// What the directory knows of one of the resources.
    #[inline]
    pub(crate) fn place_of(&self, view: View<'_>, resource: &Resource<'_>) -> Place {
        match view.has_directory() {
            true => view.place(resource, self.resource_account, self.who.account),
            false => Place::NOWHERE,
        }
    }
}

enum PrincipalInput<'a> {
    Text(Principal<'a>),
    Handle(&'a PrincipalHandle<'a>),
}

enum ActionInput<'a> {
    Text(&'a str),
    Handle(&'a ActionHandle<'a>),
}

enum ResourceInput<'a> {
    One(&'a str),
    Many(&'a [&'a str]),
    Handle(&'a ResourceHandle<'a>),
}

/// Collects the parts of a request; nothing is looked at before [`build`](RequestBuilder::build).
pub struct RequestBuilder<'a> {
    view: View<'a>,
    principal: Option<PrincipalInput<'a>>,
    action: Option<ActionInput<'a>>,
    resource: Option<ResourceInput<'a>>,
    resource_account: Option<&'a str>,
    session: Option<&'a Session>,
    context: Context<'a>,
}

impl<'a> RequestBuilder<'a> {
    /// Who asks.
    pub fn principal(mut self, principal: Principal<'a>) -> Self {
        self.principal = Some(PrincipalInput::Text(principal));
        self
    }

    /// Who asks, looked up beforehand.
    pub fn principal_handle(mut self, principal: &'a PrincipalHandle<'a>) -> Self {
        self.principal = Some(PrincipalInput::Handle(principal));
        self
    }

    /// The action, `service:Name`.
    pub fn action(mut self, action: &'a str) -> Self {
        self.action = Some(ActionInput::Text(action));
        self
    }

    /// The action, looked up beforehand.
    pub fn action_handle(mut self, action: &'a ActionHandle<'a>) -> Self {
        self.action = Some(ActionInput::Handle(action));
        self
    }

    /// The resource: an ARN, or `*` for an action without resource types.
    pub fn resource(mut self, resource: &'a str) -> Self {
        self.resource = Some(ResourceInput::One(resource));
        self
    }

    /// Several resources: the request is allowed if it is for each of them (EVL-50).
    pub fn resources(mut self, resources: &'a [&'a str]) -> Self {
        self.resource = Some(ResourceInput::Many(resources));
        self
    }

    /// The resource, looked up beforehand.
    pub fn resource_handle(mut self, resource: &'a ResourceHandle<'a>) -> Self {
        self.resource = Some(ResourceInput::Handle(resource));
        self
    }

    /// The 12-digit owner of the resource, for ARNs that do not name one (REQ-4).
    pub fn resource_account(mut self, account: &'a str) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// The session of the principal, for a bundle with a directory (DIR-14).
    pub fn session(mut self, session: &'a Session) -> Self {
        self.session = Some(session);
        self
    }

    /// The context as keys and values.
    pub fn context(mut self, pairs: &'a [(&'a str, Value<'a>)]) -> Self {
        self.context = Context::Pairs(pairs);
        self
    }

    /// The context as keys and values that were looked up beforehand.
    pub fn context_handles(mut self, pairs: &'a [(KeyHandle, ValueHandle<'a>)]) -> Self {
        self.context = Context::Handles(pairs);
        self
    }

    /// A context that is asked only for the keys that matter.
    pub fn context_source(mut self, source: &'a dyn ContextSource) -> Self {
        self.context = Context::Source(source);
        self
    }

    /// Checks the request and looks up its action and principal. O(bytes of the request), no allocation.
    ///
    /// # Errors
    /// The first rule that the request breaks.
    pub fn build(self) -> Result<Request<'a>, RequestError> {
        let generation = self.view.layout.generation;
        let current = |stamp: u64| if stamp == generation { Ok(()) } else { Err(RequestError::StaleHandle) };
        let principal = match self.principal.ok_or(RequestError::MissingPrincipal)? {
            PrincipalInput::Text(principal) => principal_handle(self.view, Requester::parse(principal)?),
            PrincipalInput::Handle(handle) => {
                current(handle.generation)?;
                *handle
            }
        };
        let PrincipalHandle { who, keys, standing, .. } = match self.session {
            None => principal,
            Some(session) => check::with_session(self.view, principal, session)?,
        };
        let action = match self.action.ok_or(RequestError::MissingAction)? {
            ActionInput::Text(text) => action_handle(self.view, text)?,
            ActionInput::Handle(handle) => {
                current(handle.generation)?;
                *handle
            }
        };
        let (resources, handle) = match self.resource.ok_or(RequestError::MissingResource)? {
            ResourceInput::One(text) => (Resources::One(Resource::parse(text)?), None),
            ResourceInput::Many(&[]) => return Err(RequestError::MissingResource),
            ResourceInput::Many(&[text]) => (Resources::One(Resource::parse(text)?), None),
            ResourceInput::Many(texts) => (Resources::Many(texts), None),
            ResourceInput::Handle(handle) => {
                current(handle.generation)?;
                (Resources::One(handle.resource), Some(handle))
            }
        };
        let RequestBuilder { view, session, resource_account, context, .. } = self;
        let request =
            Request { generation, who, keys, standing, session, action, resources, resource_account, handle, context };
        check_members(&who, view.layout.meta.members)?;
        check::check_resources(&request)?;
        check::check_context(view, &request)?;
        Ok(request)
    }
}

/// REQ-5.
fn check_members(who: &Requester<'_>, present: u32) -> Result<(), RequestError> {
    let limits = members::IDENTITY | members::BOUNDARY | members::SESSION;
    if who.account.is_none() && present & (limits | members::SCP) != 0 {
        return Err(RequestError::PoliciesWithoutAccount);
    }
    if who.kind == RequesterKind::Root && present & limits != 0 {
        return Err(RequestError::PoliciesOfRoot);
    }
    Ok(())
}

pub(crate) fn principal_handle<'a>(view: View<'a>, mut who: Requester<'a>) -> PrincipalHandle<'a> {
    let standing = if view.has_directory() { view.stand(&mut who) } else { Standing::NOBODY };
    PrincipalHandle { generation: view.layout.generation, who, keys: principal_keys(view, &who), standing }
}

fn principal_keys(view: View<'_>, who: &Requester<'_>) -> PrincipalKeys {
    let mut found = PrincipalKeys { keys: [(0, MatchKind::None); PRINCIPAL_KEYS_MAX], count: 0 };
    if view.index(Section::PrincipalIndex).capacity() == 0 {
        return found;
    }
    let forms = view.layout.meta.principal_forms;
    offered_keys(who, |key, parts, kind| {
        if forms >> key as u32 & 1 == 1
            && let Some(id) = find_principal(view, key, parts)
            && let Some(slot) = found.keys.get_mut(usize::from(found.count))
        {
            *slot = (id, kind);
            found.count += 1;
        }
    });
    found
}

/// REQ-1, LIM-2.
pub(crate) fn action_handle<'a>(view: View<'_>, text: &'a str) -> Result<ActionHandle<'a>, RequestError> {
    if text.len() > ACTION_BYTES_MAX {
        return Err(RequestError::ActionTooLong);
    }
    let known = find_action(view, text);
    // A known name is well-formed: the compiler keeps no other, and no request could ask for it.
    let colon = colons(text.as_bytes()).next().ok_or(RequestError::Action)?;
    let (service, name) = (&text[..colon], &text[colon + 1..]);
    let patterns = match known {
        Some(list) => ActionPatterns::Listed(list),
        None if is_action_name(service, name) => find_patterns(view, text),
        None => return Err(RequestError::Action),
    };
    Ok(ActionHandle { generation: view.layout.generation, text, patterns, traits: ActionTraits::of(service, name) })
}

fn find_patterns(view: View<'_>, action: &str) -> ActionPatterns {
    let (mut ids, mut count) = ([0; FOUND_MAX], 0);
    find_wildcard_patterns(view, action, &mut |id| {
        if let Some(slot) = ids.get_mut(count) {
            *slot = id;
        }
        count += 1;
    });
    if count > FOUND_MAX {
        return ActionPatterns::Many;
    }
    ids[..count].sort_unstable();
    ActionPatterns::Found(ids, count as u8)
}

/// The hash of a context key whatever its letter case, and of no other key: unlike [`hash_folded`](crate::hash::hash_folded), it
/// tells `@` from a backquote. `None` beyond LIM-2.
pub(crate) fn lower_hash(key: &str, seed: u64) -> Option<u64> {
    let mut lower = [0; CONTEXT_KEY_BYTES_MAX];
    let lower = lower.get_mut(..key.len())?;
    lower.copy_from_slice(key.as_bytes());
    lower.make_ascii_lowercase();
    Some(hash(lower, seed))
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// Begins a request.
    pub fn request(&self) -> RequestBuilder<'_> {
        RequestBuilder {
            view: self.view(),
            principal: None,
            action: None,
            resource: None,
            resource_account: None,
            session: None,
            context: Context::Pairs(&[]),
        }
    }

    /// Looks up a principal that will ask often.
    ///
    /// # Errors
    /// Where it has none of the forms of PRN-1.
    pub fn resolve_principal<'a>(&'a self, principal: Principal<'a>) -> Result<PrincipalHandle<'a>, RequestError> {
        Ok(principal_handle(self.view(), Requester::parse(principal)?))
    }

    /// Looks up an action that will be asked often.
    ///
    /// # Errors
    /// Where it is no action's name (REQ-1, LIM-2).
    pub fn resolve_action<'a>(&self, action: &'a str) -> Result<ActionHandle<'a>, RequestError> {
        action_handle(self.view(), action)
    }

    /// Looks up a resource that will be asked often.
    ///
    /// # Errors
    /// Where it is neither `*` nor an ARN (REQ-2, LIM-2).
    pub fn resolve_resource<'a>(&self, resource: &'a str) -> Result<ResourceHandle<'a>, RequestError> {
        let resource = Resource::parse(resource)?;
        let (mut anchors, mut count) = ([0; HANDLE_ANCHORS_MAX], Some(0u8));
        find_anchors(self.view(), resource.text, |id| {
            let used = usize::from(count.unwrap_or(0));
            if anchors[..used].contains(&id) {
                return;
            }
            match anchors.get_mut(used) {
                Some(slot) if count.is_some() => {
                    *slot = id;
                    count = Some(used as u8 + 1);
                }
                _ => count = None,
            }
        });
        Ok(ResourceHandle { generation: self.generation(), resource, anchors, anchor_count: count })
    }

    /// Looks up a context key.
    pub fn resolve_key(&self, key: &str) -> KeyHandle {
        KeyHandle {
            generation: self.generation(),
            hash: lower_hash(key, self.layout_seed()),
            slot: find_slot(self.view(), key).unwrap_or(u32::MAX),
            derived: DerivedKey::from_name(key),
        }
    }

    /// Looks up a context value.
    pub fn resolve_value<'a>(&self, value: Value<'a>) -> ValueHandle<'a> {
        let symbol = match value {
            Value::One(text) => find_symbol(self.view(), text),
            Value::Many(_) => NO_SYMBOL,
        };
        ValueHandle { generation: self.generation(), value, symbol }
    }

    fn layout_seed(&self) -> u64 {
        self.view().layout.seed
    }

    /// The context keys that some policy of the bundle names, in the order of their first use. A request needs no other.
    pub fn keys(&self) -> impl Iterator<Item = &str> + '_ {
        let view = self.view();
        let keys = view.words(Section::Keys);
        (0..keys.len() / 2).map(move |slot| view.strings().text(keys.at(slot * 2)))
    }
}

/// Whether a value is beyond LIM-2.
pub(crate) fn is_over_limit(value: Value<'_>) -> bool {
    check::check_value(value).is_err()
}
