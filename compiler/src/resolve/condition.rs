//! Condition elements: operators, keys, values (semantics.md 2.6 and 7.1).

use dictum_vm::operator::Test;

use super::lint;
use super::operator;
use super::scope::Scope;
use super::value;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::policy::{Condition, Effect};
use crate::source::Span;
use crate::syntax::ast::{KeyBlock, OperatorBlock, Text};

/// Every operator and key, in document order; what is wrong is reported and left out.
pub(super) fn conditions(
    blocks: &[OperatorBlock<'_>],
    effect: Option<Effect>,
    statement: Span,
    scope: &mut Scope<'_>,
) -> Vec<Condition> {
    let mut conditions = Vec::with_capacity(blocks.iter().map(|block| block.keys.len()).sum());
    let mut spans: Vec<Span> = Vec::new();
    for block in blocks {
        let test = operator::test(&block.operator);
        for key in block.keys {
            if let Some(fault) = key_fault(&key.key) {
                scope.report(fault);
            } else if let Ok(test) = &test {
                conditions.push(condition(*test, key, statement, scope));
                spans.push(key.key.span);
            }
        }
        if let Err(fault) = test {
            scope.report(*fault);
        }
    }
    if effect == Some(Effect::Allow) {
        lint::for_all_values(&conditions, &spans, scope);
    }
    conditions
}

fn condition(test: Test, block: &KeyBlock<'_>, statement: Span, scope: &mut Scope<'_>) -> Condition {
    lint::key_and_values(test, block, scope);
    let values = block.values.iter().filter_map(|scalar| value::value(test.operator, scalar, scope)).collect();
    Condition { test, key: block.key.text.to_owned(), values, place: scope.place(block.key.span, statement) }
}

/// Global keys that are often written without their prefix, for what is said then (semantics.md 10.2).
const GLOBAL_NAMES: [&str; 24] = [
    "CalledVia",
    "CurrentTime",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "PrincipalAccount",
    "PrincipalArn",
    "PrincipalIsAWSService",
    "PrincipalOrgID",
    "PrincipalOrgPaths",
    "PrincipalType",
    "Referer",
    "RequestedRegion",
    "ResourceAccount",
    "ResourceOrgID",
    "SecureTransport",
    "SourceAccount",
    "SourceArn",
    "SourceIp",
    "SourceVpc",
    "SourceVpce",
    "TagKeys",
    "TokenIssueTime",
    "UserAgent",
    "username",
];

/// OPR-4.
fn key_fault(key: &Text<'_>) -> Option<Diagnostic> {
    let text = key.text;
    let fault = |span, message: String| Some(Diagnostic::new(Code::E_CONDKEY, span, "OPR-4", message));
    if let Some(at) = text.find("${") {
        let help = "a key is named, and its values are compared; write the key out";
        return fault(key.part(at, at + 2), "a condition key takes no variables".to_owned()).map(|it| it.help(help));
    }
    if let Some(at) = text.find(['*', '?']) {
        let help = "wildcards stand in values only; write the key out";
        return fault(key.part(at, at + 1), "a wildcard in a condition key".to_owned()).map(|it| it.help(help));
    }
    let is_good = text.split_once(':').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
    if is_good {
        return None;
    }
    let expected = "`prefix:name`, such as `aws:SourceIp`";
    let missing = if text.ends_with(':') { "no name behind its prefix" } else { "no prefix" };
    let near = nearest(text, GLOBAL_NAMES).map(|name| format!("aws:{name}"));
    fault(key.span, format!("the condition key `{}` has {missing}", shown(text)))
        .map(|fault| fault.expected(expected).did_you_mean(near.as_deref()))
}
