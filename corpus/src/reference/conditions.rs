//! When a Condition holds (7.1 to 7.3, 7.11).

use dictum_compiler::syntax::json::{Kind, Member, Value};

use super::context::{Context, Found};
use super::operators::{Operator, Quantifier, is_true, operator};
use super::shape::{elements, members, scalar_text};
use super::variables::{parts, substitute};

/// CND-1: every operator block holds, and in it every key.
pub(super) fn holds(condition: &Value<'_>, version_2012: bool, context: &Context) -> bool {
    members(condition).iter().all(|block| {
        let operator = operator(block.name);
        let holds = |key: &Member<'_>| key_holds(&operator, key.name, &texts(&key.value), version_2012, context);
        members(&block.value).iter().all(holds)
    })
}

/// Whether each operator and key of a Condition holds, in document order.
pub(super) fn each(condition: &Value<'_>, version_2012: bool, context: &Context) -> Vec<bool> {
    let blocks = members(condition).iter();
    blocks
        .flat_map(|block| {
            let operator = operator(block.name);
            let holds = |key: &Member<'_>| key_holds(&operator, key.name, &texts(&key.value), version_2012, context);
            members(&block.value).iter().map(holds).collect::<Vec<_>>()
        })
        .collect()
}

/// GRM-24, GRM-28: one value, or several.
fn texts(value: &Value<'_>) -> Vec<String> {
    match value.kind {
        Kind::Array(_) => elements(value).iter().map(scalar_text).collect(),
        _ => vec![scalar_text(value)],
    }
}

/// CND-14: presence, then shape, then values.
fn key_holds(operator: &Operator, key: &str, policy: &[String], version_2012: bool, context: &Context) -> bool {
    let found = context.find(key);
    if operator.is_null() {
        let absent = found == Found::Absent;
        return policy.iter().any(|wanted| is_true(wanted) == absent); // CND-65
    }
    let value_holds = |request: &str| value_holds(operator, request, policy, version_2012, context);
    match (found, operator.quantifier) {
        (Found::Absent, _) if operator.if_exists => true,      // CND-7, CND-23
        (Found::Absent, Quantifier::None) => operator.negated, // CND-6
        (Found::Absent, Quantifier::ForAllValues) => true,     // CND-20
        (Found::Absent, Quantifier::ForAnyValue) => false,     // CND-21
        (Found::Many(_), Quantifier::None) => false,           // CND-13
        (Found::One(request), _) => value_holds(request),      // CND-22
        (Found::Many(requests), Quantifier::ForAllValues) => requests.iter().all(|request| value_holds(request)),
        (Found::Many(requests), Quantifier::ForAnyValue) => requests.iter().any(|request| value_holds(request)),
    }
}

/// CND-1, CND-2, CND-24, CND-25: one request value against all policy values.
fn value_holds(operator: &Operator, request: &str, policy: &[String], version_2012: bool, context: &Context) -> bool {
    if !operator.takes(request) {
        return false;
    }
    let any = policy.iter().any(|text| {
        let parts = parts(text, version_2012 && operator.takes_variables());
        substitute(&parts, context).is_some_and(|chars| operator.compare(request, &chars)) // VAR-12
    });
    any != operator.negated
}
