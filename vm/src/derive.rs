//! Context keys that the directory and the session record give (CTX-4, CTX-7, semantics.md 10.2).

use crate::bundle::View;
use crate::context::{DirectoryKey, Value};
use crate::directory::{NONE, Place, Standing};
use crate::principal::RequesterKind;
use crate::scan::last_segment;
use crate::session::Session;

/// Of whom something is said.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'x> {
    pub kind: RequesterKind,
    /// Its ARN, if it has one.
    pub arn: &'x str,
    pub standing: Standing,
    pub session: Option<&'x Session>,
}

/// A value that is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derived<'x> {
    /// A string of the bundle, by id.
    String(u32),
    /// A text of the session record.
    Text(&'x str),
    /// A list of one string of the bundle.
    List(u32),
}

/// Who says what a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated<'x> {
    /// The caller: the bundle knows nothing of it.
    ByCaller,
    /// The bundle, also where it says that there is nothing.
    ByBundle(Option<Derived<'x>>),
}

/// By what a tag is looked for.
#[derive(Clone, Copy)]
pub(crate) enum Tag<'t> {
    /// The slot of the whole key in the bundle, and the tag's own key.
    Slot(u32, &'t str),
    /// The tag's own key.
    Name(&'t str),
}

impl<'t> Tag<'t> {
    fn name(self) -> &'t str {
        match self {
            Tag::Slot(_, name) | Tag::Name(name) => name,
        }
    }

    fn find(self, view: View<'_>, set: Option<u32>, field: usize) -> Option<Derived<'static>> {
        let found = match self {
            Tag::Slot(slot, _) => view.tag_by_slot(set, field, slot),
            Tag::Name(name) => view.tag_by_name(set, name),
        };
        found.map(Derived::String)
    }
}

/// What a directory key has for one resource of a request.
pub(crate) fn directory_value<'x>(
    view: View<'x>,
    subject: Subject<'x>,
    place: Place,
    key: DirectoryKey,
    tag: Tag<'_>,
) -> Stated<'x> {
    let standing = subject.standing;
    let account = |row: u32| (row != NONE).then(|| view.account(row));
    let of_principal = account(standing.account).filter(|_| standing.is_known);
    let of_resource = account(place.account);
    let by_resource = |value: Option<Derived<'x>>| match of_resource {
        None => Stated::ByCaller,
        Some(_) => Stated::ByBundle(value),
    };
    match key {
        DirectoryKey::PrincipalOrgId => {
            Stated::ByBundle(of_principal.and_then(|account| account.organization()).map(Derived::String))
        }
        DirectoryKey::PrincipalOrgMasterAccount => {
            Stated::ByBundle(of_principal.and_then(|account| account.management_account()).map(Derived::String))
        }
        DirectoryKey::PrincipalOrgPaths => {
            Stated::ByBundle(of_principal.and_then(|account| account.path()).map(Derived::List))
        }
        DirectoryKey::ResourceOrgId => {
            by_resource(of_resource.and_then(|account| account.organization()).map(Derived::String))
        }
        DirectoryKey::ResourceOrgPaths => {
            by_resource(of_resource.and_then(|account| account.path()).map(Derived::List))
        }
        DirectoryKey::PrincipalTag => {
            if !standing.is_known {
                return Stated::ByBundle(None);
            }
            let of_session = subject.session.filter(|session| session.has_tags());
            let of_session = of_session.and_then(|session| session.tag(tag.name())).map(Derived::Text);
            // A session that the root user made has no tags but its own (DIR-5).
            let tags = if standing.entity == NONE { None } else { view.entity(standing.entity).tags() };
            Stated::ByBundle(of_session.or_else(|| tag.find(view, tags, 0)))
        }
        DirectoryKey::ResourceTag if place.has_tags => {
            Stated::ByBundle(tag.find(view, view.resource(place.resource).tags(), 1))
        }
        DirectoryKey::ResourceTag => Stated::ByCaller,
    }
}

/// The parts of `aws:userid` of a user, role or session, from the directory: unique id and session name.
pub(crate) fn user_id<'x>(view: View<'x>, subject: Subject<'x>) -> Option<(&'x str, Option<&'x str>)> {
    let standing = subject.standing;
    if standing.entity == NONE {
        return None;
    }
    let unique_id = view.strings().text(view.entity(standing.entity).unique_id());
    let session = match subject.kind {
        RequesterKind::User => None,
        RequesterKind::Session => Some(last_segment(subject.arn)),
        _ => return None, // a role without a session has none
    };
    (!unique_id.is_empty()).then_some((unique_id, session))
}

/// Whether a value is what is derived.
pub(crate) fn is_same(view: View<'_>, derived: Derived<'_>, given: Value<'_>) -> bool {
    let strings = view.strings();
    match (derived, given) {
        (Derived::String(id), Value::One(text)) => strings.get(id) == text.as_bytes(),
        (Derived::Text(wanted), Value::One(text)) => wanted == text,
        (Derived::List(id), Value::Many([text])) => strings.get(id) == text.as_bytes(),
        _ => false,
    }
}
