//! JSON one level at a time: the outer shape of cases and requests, over serde_json's raw values.
//!
//! Nothing here recurses, so nesting costs no stack: whoever wants to look into a value asks for its members or elements.
//! Members keep their order and their repetitions. What a policy says is not read here (semantics.md GRM-1, GRM-2).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The JSON type of a raw value, with its content where that is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape<'a> {
    Null,
    Bool(bool),
    /// The number as written.
    Number(&'a str),
    String,
    Array,
    Object,
}

/// Reads one JSON value from a text that holds nothing else.
///
/// # Errors
/// The text is no JSON value.
pub(crate) fn scan(text: &str) -> serde_json::Result<&RawValue> {
    serde_json::from_str(text)
}

/// The JSON type of a value.
pub(crate) fn shape(raw: &RawValue) -> Shape<'_> {
    match raw.get().as_bytes().first() {
        Some(b'{') => Shape::Object,
        Some(b'[') => Shape::Array,
        Some(b'"') => Shape::String,
        Some(b't') => Shape::Bool(true),
        Some(b'f') => Shape::Bool(false),
        Some(b'n') => Shape::Null,
        _ => Shape::Number(raw.get()),
    }
}

/// The members of an object in document order, repeated ones included.
///
/// # Errors
/// The value is no object, or a name holds a lone surrogate.
pub(crate) fn members(raw: &RawValue) -> serde_json::Result<Vec<(String, &RawValue)>> {
    serde_json::from_str::<Members<'_>>(raw.get()).map(|members| members.0)
}

/// The elements of an array.
///
/// # Errors
/// The value is no array.
pub(crate) fn elements(raw: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str::<Elements<'_>>(raw.get()).map(|elements| elements.0)
}

/// The text of a string; `None` for another type and for a lone surrogate.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The bytes of a string, a lone surrogate as the three bytes that its code would have in UTF-8; `None` for another type.
pub(crate) fn bytes(raw: &RawValue) -> Option<Vec<u8>> {
    // Only strings: serde_json would take an array of numbers as well.
    (shape(raw) == Shape::String).then(|| serde_json::from_str::<Bytes>(raw.get()).ok()).flatten().map(|bytes| bytes.0)
}

/// Where `part` begins in `whole`, in bytes. `part` must be a piece of `whole`.
pub(crate) fn offset(whole: &str, part: &RawValue) -> usize {
    let offset = part.get().as_ptr() as usize - whole.as_ptr() as usize;
    debug_assert_eq!(&whole[offset..offset + part.get().len()], part.get());
    offset
}

/// A text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Members<'a>(Vec<(String, &'a RawValue)>);
struct Elements<'a>(Vec<&'a RawValue>);
struct Bytes(Vec<u8>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        from.deserialize_map(Read).map(Members)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vec<&'de RawValue>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(elements)
            }
        }
        from.deserialize_seq(Read).map(Elements)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.as_bytes().to_vec())
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_bytes(Read).map(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_at_a_time() {
        let whole = r#" {"a": [1, {"b": null}], "a": "\ud800x", "c": 1e3} "#;
        let members = members(scan(whole).unwrap()).unwrap();
        assert_eq!(members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "a", "c"]);
        assert_eq!(offset(whole, members[0].1), 7);
        assert_eq!(elements(members[0].1).unwrap()[1].get(), r#"{"b": null}"#);
        assert_eq!(text(members[1].1), None);
        assert_eq!(bytes(members[1].1).unwrap(), b"\xed\xa0\x80x");
        assert_eq!(shape(members[2].1), Shape::Number("1e3"));
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = format!("{{\"note\": {}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(members(scan(&deep).unwrap()).unwrap().len(), 1);
    }
}
