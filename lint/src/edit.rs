//! Changes of a policy's text that a fix may offer.

use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::source::{Notation, Span};
use dictum_compiler::syntax::ast::{List, Text};

/// What to cut for an entry of a list to be gone, with the comma beside it. `None` where the text is not JSON or nothing
/// would be left: an entry of the Dictum language may be part of a brace group.
pub fn without(list: &List<'_>, index: usize, notation: Notation) -> Option<Span> {
    let entry = list.entries.get(index)?.span;
    if notation != Notation::Json || !list.is_array || list.entries.len() < 2 {
        return None;
    }
    match list.entries.get(index + 1) {
        Some(next) => Some(Span { end: next.span.start, ..entry }),
        None => Some(Span { start: list.entries[index - 1].span.end, ..entry }),
    }
}

/// A part of a text, where it stands in the source just as it is read; `None` where escapes or braces lie between.
pub fn part(text: &Text<'_>, start: usize, end: usize) -> Option<Span> {
    let span = text.part(start, end);
    (span != text.span || (start, end) == (0, text.text.len())).then_some(span)
}

/// What to put in the place of a text, quoted as it is; `None` where the source spells it otherwise, with escapes or as
/// part of a brace group.
pub fn replacement(text: &Text<'_>, by: &str) -> Option<(Span, String)> {
    let length = (text.span.end - text.span.start) as usize;
    match length.checked_sub(text.text.len()) {
        Some(0) => Some((text.span, by.to_owned())),
        Some(2) => Some((text.span, format!("\"{by}\""))),
        _ => None,
    }
}

/// The diagnostic with a fix, where there is one.
pub fn fixed(diagnostic: Diagnostic, fix: Option<(Span, impl Into<String>)>) -> Diagnostic {
    match fix {
        Some((span, by)) => diagnostic.fix(span, by),
        None => diagnostic,
    }
}
