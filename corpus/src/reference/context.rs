//! The context of one resource: the given keys and the derived ones (CTX-5), as conditions and variables look at it.

use crate::request::ContextValue;

/// Keys, lower-cased in ASCII (CND-4), and their values.
#[derive(Clone, Debug)]
pub(super) struct Context(pub(super) Vec<(String, ContextValue)>);

/// What a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// No value.
    Absent,
    /// One value, be it empty.
    One(&'a str),
    /// A list with something in it.
    Many(&'a [String]),
}

impl Context {
    /// Looks a key up (CND-4); a list of nothing, or of nothing but empty texts, counts as absent (CND-12).
    pub(super) fn find(&self, key: &str) -> Found<'_> {
        let key = key.to_ascii_lowercase();
        match self.0.iter().find(|(it, _)| *it == key) {
            None => Found::Absent,
            Some((_, ContextValue::One(text))) => Found::One(text),
            Some((_, ContextValue::Many(texts))) if texts.iter().all(String::is_empty) => Found::Absent,
            Some((_, ContextValue::Many(texts))) => Found::Many(texts),
        }
    }
}
