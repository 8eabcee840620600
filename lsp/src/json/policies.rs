//! Which policies a JSON text holds. An editor opens every kind of JSON with the same server, so that a text counts only
//! where it evidently is a policy or a set of policies.

use dictum_compiler::source::PolicyType;
use dictum_compiler::syntax::json::{Kind, Value};

use super::tree::{member, members};

/// The members of a set of policies, with the type of their documents; resource policies are told from trust policies by
/// their content.
const SET_MEMBERS: [(&str, PolicyType); 6] = [
    ("identity", PolicyType::Identity),
    ("resource", PolicyType::Resource),
    ("boundary", PolicyType::Boundary),
    ("session", PolicyType::Session),
    ("scp", PolicyType::Scp),
    ("rcp", PolicyType::Rcp),
];

/// The versions of IAM's policy language, which no other JSON has as its `Version`.
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

/// A policy document of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// Its name, where the text gives it one.
    pub name: Option<String>,
    /// Its type, where the text says so.
    pub policy_type: Option<PolicyType>,
    /// The document.
    pub value: Value<'a>,
}

/// The policies of the tree of a text; none where it is some other JSON.
pub fn policies<'a>(root: &Value<'a>) -> Vec<Found<'a>> {
    if is_policy(root) {
        return vec![Found { name: None, policy_type: None, value: *root }];
    }
    let parts = members(root);
    let type_of = |name: &str| SET_MEMBERS.iter().find(|(member, _)| *member == name).map(|&(_, it)| it);
    if parts.is_empty() || parts.iter().any(|part| type_of(part.name).is_none()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for part in parts {
        if let Some(policy_type) = type_of(part.name) {
            entries(&part.value, policy_type, &mut found);
        }
    }
    found
}

/// Whether an object is meant for a policy document: by its statements, or by its version.
fn is_policy(value: &Value<'_>) -> bool {
    let version = member(value, "Version").map(|version| version.kind);
    if matches!(version, Some(Kind::String(version)) if VERSIONS.contains(&version)) {
        return true;
    }
    match member(value, "Statement").map(|statements| statements.kind) {
        Some(Kind::Array(elements)) => elements.iter().all(|element| matches!(element.kind, Kind::Object(_))),
        Some(Kind::Object(_) | Kind::Null) => true,
        _ => false,
    }
}

/// Entries `{"name": …, "policy": {…}}`, in lists or, for guardrails, in lists of lists.
fn entries<'a>(value: &Value<'a>, policy_type: PolicyType, found: &mut Vec<Found<'a>>) {
    match value.kind {
        Kind::Array(elements) => elements.iter().for_each(|element| entries(element, policy_type, found)),
        Kind::Object(_) => {
            let Some(policy) = member(value, "policy").filter(|policy| is_policy(policy)) else { return };
            let name = match member(value, "name").map(|name| name.kind) {
                Some(Kind::String(name)) => Some(name.to_owned()),
                _ => None,
            };
            let policy_type = Some(policy_type).filter(|&it| it != PolicyType::Resource);
            found.push(Found { name, policy_type, value: *policy });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use dictum_compiler::source::SourceId;

    use super::*;
    use crate::json::tree;

    fn found<'a>(text: &'a str, arena: &'a Bump) -> Vec<Found<'a>> {
        tree::parse(text, SourceId(0), arena).map(|root| policies(&root)).unwrap_or_default()
    }

    #[test]
    fn other_json_stays_alone() {
        for text in [
            r#"{"name": "x", "version": "1.0.0", "scripts": {"test": "y"}}"#,
            r#"{"Statement": "of account"}"#,
            r#"{"Statement": ["a"], "Version": "3"}"#,
            r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#,
            r#"{"identity": "x", "other": 1}"#,
            "[]",
            "{}",
            "",
            "7",
        ] {
            assert_eq!(found(text, &Bump::new()), [], "{text}");
        }
    }

    #[test]
    fn policies_are_seen_while_they_are_written() {
        for text in [
            r#"{"Statement": []}"#,
            r#"{"Statement": "#,
            r#"{"Version": "2012-10-17""#,
            r#"{"Version": "2012-10-17", "Statment": []}"#,
            r#"{"Statement": [{"Effect": "Al"#,
        ] {
            assert_eq!(found(text, &Bump::new()).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_set_holds_several() {
        let text =
            r#"{"identity": [{"name": "A", "policy": {"Statement": []}}], "scp": [[{"policy": {"Statement": {}}}]]}"#;
        let arena = Bump::new();
        let found = found(text, &arena);
        assert_eq!(found[0].name.as_deref(), Some("A"));
        assert_eq!(found[0].policy_type, Some(PolicyType::Identity));
        assert_eq!(found[1].policy_type, Some(PolicyType::Scp));
        let span = found[0].value.span;
        assert_eq!(&text[span.start as usize..span.end as usize], r#"{"Statement": []}"#);
    }
}
