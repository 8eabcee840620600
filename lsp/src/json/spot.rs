//! What a cursor is on in a JSON policy.

use std::ops::Range;

use super::tree::{Cursor, Role};

/// What may stand at a place of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub enum Place {
    /// The name of an element of a policy.
    PolicyElement,
    Version,
    /// The name of an element of a statement.
    StatementElement,
    /// A statement as a whole: the value of `Statement`, or an element of it.
    WholeStatement,
    /// Something in a statement that has no value to tell of.
    Statement,
    Effect,
    Action,
    Resource,
    /// `AWS`, `Service` and so on.
    PrincipalKind,
    Principal {
        kind: String,
    },
    Operator,
    Key {
        operator: String,
    },
    Value {
        operator: String,
        key: String,
    },
}

/// A place with the word that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// What may stand there.
    pub place: Place,
    /// What stands there; empty where nothing does.
    pub text: String,
    /// Where that is, quotes left out; an empty range at the cursor where nothing is.
    pub inner: Range<usize>,
    /// Whether it begins with a quote.
    pub is_quoted: bool,
    /// Whether it has both quotes.
    pub is_closed: bool,
    /// Whether a colon follows it, as behind the name of a member that has a value.
    pub has_colon: bool,
}

/// What is at a byte of a text that holds policies; `None` where nothing of a policy is.
pub fn spot(text: &str, offset: usize) -> Option<Spot> {
    let cursor = Cursor::at(text, offset);
    let place = place(&cursor)?;
    let token = cursor.token;
    let inner = token.map_or(offset..offset, |token| token.inner());
    let end = token.map_or(offset, |token| token.end);
    let has_quotes = |token: super::token::Token| matches!(token.shape, super::token::Shape::Text { .. });
    let is_closed = token.is_some_and(|token| token.shape == super::token::Shape::Text { closed: true });
    Some(Spot {
        place,
        text: token.map_or(String::new(), |token| token.text(text).into_owned()),
        inner,
        is_quoted: token.is_some_and(has_quotes),
        is_closed,
        has_colon: text[end..].trim_start().starts_with(':'),
    })
}

fn place(cursor: &Cursor) -> Option<Place> {
    let names = cursor.names();
    let Some(at) = names.iter().rposition(|name| *name == "Statement") else {
        let is_policy = names.is_empty() || names.last() == Some(&"policy");
        return match (cursor.role, names.last()) {
            (Role::Name, _) if is_policy => Some(Place::PolicyElement),
            (Role::Value, Some(&"Version")) => Some(Place::Version),
            _ => None,
        };
    };
    let place = match (cursor.role, &names[at + 1..]) {
        (Role::Name, []) => Place::StatementElement,
        (Role::Value, []) => Place::WholeStatement,
        (Role::Value, ["Effect"]) => Place::Effect,
        (Role::Value, ["Action" | "NotAction"]) => Place::Action,
        (Role::Value, ["Resource" | "NotResource"]) => Place::Resource,
        (Role::Name, ["Principal" | "NotPrincipal"]) => Place::PrincipalKind,
        (Role::Value, ["Principal" | "NotPrincipal"]) => Place::Principal { kind: String::new() },
        (Role::Value, ["Principal" | "NotPrincipal", kind]) => Place::Principal { kind: (*kind).to_owned() },
        (Role::Name, ["Condition"]) => Place::Operator,
        (Role::Name, ["Condition", operator]) => Place::Key { operator: (*operator).to_owned() },
        (Role::Value, ["Condition", operator, key]) => {
            Place::Value { operator: (*operator).to_owned(), key: (*key).to_owned() }
        }
        _ => Place::Statement,
    };
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_a_policy() {
        let key = |operator: &str| Place::Key { operator: operator.to_owned() };
        for (text, expected) in [
            (r#"{"V|"#, Place::PolicyElement),
            (r#"{"Version": "|"#, Place::Version),
            (r#"{"Statement": [{|"#, Place::StatementElement),
            (r#"{"Statement": {"Effect": "Allow", "A|": 1}}"#, Place::StatementElement),
            (r#"{"Statement": [{"NotAction": ["s3:*", "|"]}]}"#, Place::Action),
            (r#"{"Statement": [{"Principal": {"|"#, Place::PrincipalKind),
            (r#"{"Statement": [{"Principal": {"AWS": ["|"#, Place::Principal { kind: "AWS".to_owned() }),
            (r#"{"Statement": [{"Condition": {"|"#, Place::Operator),
            (r#"{"Statement": [{"Condition": {"Bool": {"aws:|": "true"}}}]}"#, key("Bool")),
            (r#"{"identity": [{"policy": {"|"#, Place::PolicyElement),
            (r#"{"Statement": [{"Sid": "x|"}]}"#, Place::Statement),
        ] {
            let offset = text.find('|').unwrap();
            let text = text.replace('|', "");
            assert_eq!(spot(&text, offset).map(|spot| spot.place), Some(expected), "{text}");
        }
        assert_eq!(spot(r#"{"scripts": {"#, 13), None);
    }

    #[test]
    fn the_word_is_what_the_quotes_hold() {
        let text = r#"{"Version": "20"}"#;
        let spot = spot(text, 15).unwrap();
        assert_eq!((spot.text.as_str(), spot.inner.clone()), ("20", 13..15));
        assert!(spot.is_quoted && spot.is_closed && !spot.has_colon);
    }
}
