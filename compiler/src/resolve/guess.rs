//! The type of a document that comes without one.

use bumpalo::Bump;

use crate::limits::NESTING_MAX;
use crate::source::{PolicyType, SourceId};
use crate::syntax::ast::{Policy, Statement};
use crate::syntax::json::{self, Kind, Value};

/// The actions of a role's trust policy (EVL-41).
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// A resource policy where a statement names principals, and a trust policy where moreover all actions are those of
/// assuming a role; else an identity policy, malformed documents included.
pub fn guess_type(text: &[u8]) -> PolicyType {
    let arena = Bump::new();
    let Ok(value) = json::parse(text, 0, SourceId(0), &arena, NESTING_MAX) else { return PolicyType::Identity };
    let Some(statements) = member(&value, "Statement") else { return PolicyType::Identity };
    let statements = list(statements);
    let has_principals = |statement| ["Principal", "NotPrincipal"].iter().any(|name| member(statement, name).is_some());
    if !statements.iter().any(has_principals) {
        return PolicyType::Identity;
    }
    if statements.iter().all(is_trust) { PolicyType::Trust } else { PolicyType::Resource }
}

/// As [`guess_type`], of a document that is a tree already.
pub fn guess_tree(policy: &Policy<'_>) -> PolicyType {
    let statements = policy.statements.and_then(|element| element.value).unwrap_or_default();
    if !statements.iter().any(|statement| statement.principal.is_some() || statement.not_principal.is_some()) {
        return PolicyType::Identity;
    }
    let is_trust = |statement: &Statement<'_>| {
        let actions = statement.action.and_then(|element| element.value);
        let entries = actions.map_or(&[][..], |list| list.entries);
        !entries.is_empty() && entries.iter().all(|action| is_trust_action(action.text))
    };
    if statements.iter().all(is_trust) { PolicyType::Trust } else { PolicyType::Resource }
}

fn is_trust_action(text: &str) -> bool {
    TRUST_ACTIONS.iter().any(|name| name.eq_ignore_ascii_case(text))
}

fn is_trust(statement: &Value<'_>) -> bool {
    let is_trust_action = |action: &Value<'_>| matches!(action.kind, Kind::String(text) if is_trust_action(text));
    let actions = member(statement, "Action").map(list).unwrap_or_default();
    !actions.is_empty() && actions.iter().all(is_trust_action)
}

fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    let Kind::Object(members) = value.kind else { return None };
    members.iter().find(|member| member.name == name).map(|member| &member.value)
}

/// The elements of an array; anything else is a list of itself.
fn list<'v, 'a>(value: &'v Value<'a>) -> &'v [Value<'a>] {
    match value.kind {
        Kind::Array(elements) => elements,
        _ => std::slice::from_ref(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Reader;
    use crate::source::Sources;

    fn guess_of_tree(text: &str) -> PolicyType {
        let mut sources = Sources::new();
        let file = sources.add_file("p.json", text);
        sources.add(PolicyType::Identity, "p", file, sources.whole(file));
        let document = sources.documents().next().unwrap().clone();
        let arena = Bump::new();
        let (tree, _) = Reader::new(&sources).read(&document, &arena);
        tree.map_or(PolicyType::Identity, |tree| guess_tree(&tree))
    }

    #[test]
    fn principals_and_actions_decide() {
        for (text, expected) in [
            (r#"{"Statement":{"Action":"s3:*"}}"#, PolicyType::Identity),
            (r#"{"Statement":[{"Action":"s3:*"},{"Principal":"*","Action":"s3:*"}]}"#, PolicyType::Resource),
            (r#"{"Statement":{"Principal":{},"Action":["STS:AssumeRole","sts:TagSession"]}}"#, PolicyType::Trust),
            (r#"{"Statement":{"Principal":{},"Action":["sts:*"]}}"#, PolicyType::Resource),
            ("{", PolicyType::Identity),
        ] {
            assert_eq!(guess_type(text.as_bytes()), expected, "{text}");
            assert_eq!(guess_of_tree(text), expected, "{text}");
        }
    }
}
