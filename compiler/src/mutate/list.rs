//! Changes of the elements that list what a statement is about.

use bumpalo::Bump;

use super::without;
use crate::source::Span;
use crate::syntax::ast::{Element, List, Principals, Statement, Text};

/// An element with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub(super) enum ElementKind {
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
}

/// What becomes of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListChange {
    /// The entry at this position goes: of principals, that of the member at the first position.
    Drop(usize, usize),
    /// The element becomes `*`; a negated one becomes the positive one.
    Star,
}

type Found = (ElementKind, Span, String, ListChange);

/// The changes of a statement's lists, in the order of its elements.
pub(super) fn changes(statement: &Statement<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    principals(ElementKind::Principal, statement.principal, &mut found);
    principals(ElementKind::NotPrincipal, statement.not_principal, &mut found);
    let lists = [
        (ElementKind::Action, statement.action, "action"),
        (ElementKind::NotAction, statement.not_action, "excepted action"),
        (ElementKind::Resource, statement.resource, "resource"),
        (ElementKind::NotResource, statement.not_resource, "excepted resource"),
    ];
    for (kind, element, noun) in lists {
        let Some(list) = element.and_then(|element| element.value) else { continue };
        let is_negated = matches!(kind, ElementKind::NotAction | ElementKind::NotResource);
        let texts = list.entries.iter().map(|text| (text.span, text.text)).enumerate();
        let entries: Vec<_> = texts.map(|(at, (span, text))| (0, at, span, text)).collect();
        entries_of(kind, noun, is_negated, list.span, &entries, &mut found);
    }
    found
}

fn principals(kind: ElementKind, element: Option<Element<Principals<'_>>>, found: &mut Vec<Found>) {
    let Some(Principals::Map { span, members }) = element.and_then(|element| element.value) else { return };
    let mut entries = Vec::new();
    for (member, (_, list)) in members.iter().enumerate() {
        let list = list.map_or(&[][..], |list| list.entries);
        entries.extend(list.iter().enumerate().map(|(at, text)| (member, at, text.span, text.text)));
    }
    let is_negated = kind == ElementKind::NotPrincipal;
    let noun = if is_negated { "excepted principal" } else { "principal" };
    // Everybody but nobody is no policy that anybody writes.
    if !(is_negated && entries.len() == 1) {
        entries_of(kind, noun, is_negated, span, &entries, found);
    }
}

fn entries_of(
    kind: ElementKind,
    noun: &str,
    is_negated: bool,
    span: Span,
    entries: &[(usize, usize, Span, &str)],
    found: &mut Vec<Found>,
) {
    if entries.len() > 1 {
        for &(member, at, span, text) in entries {
            found.push((kind, span, format!("{noun} `{text}` dropped"), ListChange::Drop(member, at)));
        }
    }
    match entries {
        [] | [(.., "*")] => {}
        [(_, _, span, text)] if is_negated => {
            found.push((kind, *span, format!("{noun} `{text}` dropped"), ListChange::Star));
        }
        _ if is_negated => {}
        [(_, _, span, text)] => found.push((kind, *span, format!("{noun} `{text}` made `*`"), ListChange::Star)),
        _ => found.push((kind, span, format!("{noun}s made `*`"), ListChange::Star)),
    }
}

/// The statement with a list changed.
pub(super) fn apply<'a>(
    statement: &Statement<'a>,
    kind: ElementKind,
    change: ListChange,
    arena: &'a Bump,
) -> Statement<'a> {
    let mut changed = *statement;
    let list = |element: Option<Element<List<'a>>>| {
        element.and_then(|it| it.value.map(|list| changed_list(it, list, change, arena)))
    };
    let principals = |element: Option<Element<Principals<'a>>>| {
        element.and_then(|it| it.value.map(|value| changed_principals(it, value, change, arena)))
    };
    match (kind, change) {
        (ElementKind::Principal, _) => changed.principal = principals(statement.principal),
        (ElementKind::NotPrincipal, _) => changed.not_principal = principals(statement.not_principal),
        (ElementKind::Action, _) => changed.action = list(statement.action),
        (ElementKind::Resource, _) => changed.resource = list(statement.resource),
        (ElementKind::NotAction, ListChange::Star) => {
            (changed.action, changed.not_action) = (list(statement.not_action), None);
        }
        (ElementKind::NotResource, ListChange::Star) => {
            (changed.resource, changed.not_resource) = (list(statement.not_resource), None);
        }
        (ElementKind::NotAction, _) => changed.not_action = list(statement.not_action),
        (ElementKind::NotResource, _) => changed.not_resource = list(statement.not_resource),
    }
    changed
}

fn changed_list<'a>(
    element: Element<List<'a>>,
    list: List<'a>,
    change: ListChange,
    arena: &'a Bump,
) -> Element<List<'a>> {
    let entries: &'a [Text<'a>] = match change {
        ListChange::Drop(_, at) => without(list.entries, at, arena),
        ListChange::Star => arena.alloc_slice_copy(&[Text { span: list.span, text: "*" }]),
    };
    Element { value: Some(List { entries, ..list }), ..element }
}

fn changed_principals<'a>(
    element: Element<Principals<'a>>,
    value: Principals<'a>,
    change: ListChange,
    arena: &'a Bump,
) -> Element<Principals<'a>> {
    let value = match (value, change) {
        (Principals::Map { span, .. }, ListChange::Star) => Principals::Text(Text { span, text: "*" }),
        (Principals::Map { span, members }, ListChange::Drop(member, at)) => {
            let changed = members.iter().enumerate().filter_map(|(index, &(name, list))| match list {
                Some(list) if index == member && list.entries.len() == 1 => None,
                Some(list) if index == member => {
                    Some((name, Some(List { entries: without(list.entries, at, arena), ..list })))
                }
                list => Some((name, list)),
            });
            let changed: Vec<_> = changed.collect();
            Principals::Map { span, members: arena.alloc_slice_copy(&changed) }
        }
        (text, _) => text,
    };
    Element { value: Some(value), ..element }
}
