//! What holds of every object, array and text of a document, wherever it stands: no member twice (GRM-2), no list and no
//! text beyond its limit (LIM-1).

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{LIST_ENTRIES_MAX, TEXT_BYTES_MAX};
use crate::source::Span;
use crate::syntax::json::{Kind, Member, Value};

/// PERF: below this many members comparing each with each is cheaper than hashing.
const FEW_MEMBERS: usize = 12;

/// Checks a value and all in it. Recursion is as deep as the nesting, which the JSON reader has bounded.
pub(super) fn check_tree(value: &Value<'_>, diagnostics: &mut Vec<Diagnostic>) {
    match value.kind {
        Kind::String(text) => check_text(text, value.span, diagnostics),
        Kind::Array(values) => {
            if values.len() > LIST_ENTRIES_MAX {
                let message = format!("a list of {} entries", values.len());
                let span = Span { end: value.span.start + 1, ..value.span };
                let expected = format!("at most {LIST_ENTRIES_MAX}");
                diagnostics.push(Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message).expected(expected));
            }
            for value in values {
                check_tree(value, diagnostics);
            }
        }
        Kind::Object(members) => {
            each_repeated(
                members,
                |name| name,
                |first, again| {
                    let message = format!("`{}` occurs twice", shown(again.name));
                    diagnostics.push(repeated(first, again, message, "GRM-2"));
                },
            );
            for member in members {
                check_text(member.name, member.name_span, diagnostics);
                check_tree(&member.value, diagnostics);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}

/// GRM-3: no two of these names may differ in letter case only.
pub(super) fn check_letter_case(members: &[Member<'_>], what: &str, diagnostics: &mut Vec<Diagnostic>) {
    each_repeated(
        members,
        |name| name.to_ascii_lowercase(),
        |first, again| {
            if first.name != again.name {
                let (one, other) = (shown(first.name), shown(again.name));
                let message = format!("the {what} `{one}` and `{other}` differ in letter case only");
                diagnostics.push(repeated(first, again, message, "GRM-3"));
            }
        },
    );
}

fn check_text(text: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("a text of {} bytes", text.len());
        let expected = format!("at most {TEXT_BYTES_MAX}");
        diagnostics.push(Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message).expected(expected));
    }
}

fn repeated(first: &Member<'_>, again: &Member<'_>, message: String, rule: &'static str) -> Diagnostic {
    Diagnostic::new(Code::E_DUPKEY, again.name_span, rule, message).related(first.name_span, "it stands here already")
}

/// Calls `found` for each member whose name, under `fold`, an earlier one has, together with the first such.
fn each_repeated<'m, 'a, Key: Eq + std::hash::Hash>(
    members: &'m [Member<'a>],
    fold: impl Fn(&'a str) -> Key,
    mut found: impl FnMut(&'m Member<'a>, &'m Member<'a>),
) {
    if members.len() <= FEW_MEMBERS {
        let alike = |one: &Member<'_>, other: &Member<'_>| one.name.eq_ignore_ascii_case(other.name);
        for (index, again) in members.iter().enumerate().skip(1) {
            // The names themselves are compared first, so that folding them, which may allocate, is rare.
            let first =
                members[..index].iter().find(|first| alike(first, again) && fold(first.name) == fold(again.name));
            if let Some(first) = first {
                found(first, again);
            }
        }
        return;
    }
    let mut seen: HashMap<Key, &Member<'a>> = HashMap::with_capacity(members.len());
    for again in members {
        match seen.entry(fold(again.name)) {
            std::collections::hash_map::Entry::Occupied(first) => found(first.get(), again),
            std::collections::hash_map::Entry::Vacant(place) => _ = place.insert(again),
        }
    }
}
