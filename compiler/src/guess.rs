//! The type of a policy that comes without one.

use bumpalo::Bump;

use crate::limits::NESTING_MAX;
use crate::source::{PolicyType, SourceId};
use crate::syntax::ast::{Policy, Statement, Text};
use crate::syntax::{document, json};

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
/// assuming a role; else an identity policy.
pub fn guess_tree(tree: &Policy<'_>) -> PolicyType {
    let statements = tree.statements.and_then(|element| element.value).unwrap_or_default();
    let has_principals = |it: &Statement<'_>| it.principal.is_some() || it.not_principal.is_some();
    if !statements.iter().any(has_principals) {
        return PolicyType::Identity;
    }
    if statements.iter().all(is_trust) { PolicyType::Trust } else { PolicyType::Resource }
}

fn is_trust(statement: &Statement<'_>) -> bool {
    let actions = statement.action.and_then(|element| element.value).map_or(&[][..], |list| list.entries);
    let is_trust_action = |action: &Text<'_>| TRUST_ACTIONS.iter().any(|name| name.eq_ignore_ascii_case(action.text));
    !actions.is_empty() && actions.iter().all(is_trust_action)
}

/// The same of a JSON document; a malformed one counts as an identity policy.
pub fn guess_type(text: &[u8]) -> PolicyType {
    let arena = Bump::new();
    let Ok(value) = json::parse(text, 0, SourceId(0), &arena, NESTING_MAX) else { return PolicyType::Identity };
    let tree = document::read(&value, &arena, &mut Vec::new());
    tree.map_or(PolicyType::Identity, |tree| guess_tree(&tree))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }
}
