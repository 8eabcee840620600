//! Looking into the JSON of a valid policy.

use dictum_compiler::syntax::json::{Kind, Member, Value};

use super::values::plain_decimal;

/// The members of an object.
pub(super) fn members<'a>(value: &Value<'a>) -> &'a [Member<'a>] {
    match value.kind {
        Kind::Object(members) => members,
        _ => unreachable!("a valid policy has an object here"),
    }
}

/// The value of a member.
pub(super) fn member<'a>(value: &Value<'a>, name: &str) -> Option<&'a Value<'a>> {
    members(value).iter().find(|member| member.name == name).map(|member| &member.value)
}

/// The elements of an array.
pub(super) fn elements<'a>(value: &Value<'a>) -> &'a [Value<'a>] {
    match value.kind {
        Kind::Array(elements) => elements,
        _ => unreachable!("a valid policy has an array here"),
    }
}

/// The text of a string.
pub(super) fn text<'a>(value: &Value<'a>) -> &'a str {
    match value.kind {
        Kind::String(text) => text,
        _ => unreachable!("a valid policy has a string here"),
    }
}

/// GRM-24: a string, or an array of strings.
pub(super) fn texts<'a>(value: &Value<'a>) -> Vec<&'a str> {
    match value.kind {
        Kind::Array(elements) => elements.iter().map(text).collect(),
        _ => vec![text(value)],
    }
}

/// GRM-27, GRM-28: a condition value as text.
pub(super) fn scalar_text(value: &Value<'_>) -> String {
    match value.kind {
        Kind::Bool(value) => value.to_string(),
        Kind::Number(source) => plain_decimal(source).expect("a valid policy has numbers of at most 64 digits"),
        _ => text(value).to_owned(),
    }
}

/// GRM-11, VAR-1: whether variables exist in this document.
pub(super) fn is_version_2012(document: &Value<'_>) -> bool {
    member(document, "Version").is_some_and(|version| text(version) == "2012-10-17")
}

/// GRM-13: the statements of a document.
pub(super) fn statements<'a>(document: &Value<'a>) -> Vec<&'a Value<'a>> {
    let value = member(document, "Statement").expect("a valid policy has statements");
    match value.kind {
        Kind::Array(elements) => elements.iter().collect(),
        _ => vec![value],
    }
}
