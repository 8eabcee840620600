//! Changes of a policy's text that a fix may offer.

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

/// A text as a JSON string or as the Dictum language writes it bare, put in the place of another one.
pub fn replacement(text: &Text<'_>, by: &str) -> (Span, String) {
    let length = (text.span.end - text.span.start) as usize;
    let quote = if length == text.text.len() { "" } else { "\"" };
    (text.span, format!("{quote}{by}{quote}"))
}
