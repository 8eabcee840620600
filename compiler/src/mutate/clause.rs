//! Changes of the conditions of a statement, each of them one operator and one key.

use bumpalo::Bump;
use dictum_vm::operator::{Family, Operator, Quantifier, Test};

use super::without;
use crate::resolve::operator;
use crate::source::Span;
use crate::syntax::ast::{KeyBlock, OperatorBlock, Scalar, ScalarKind, Statement, Text};

/// What becomes of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClauseChange {
    /// It goes.
    Drop,
    /// It stands under another operator.
    Operator(String),
    /// `true` and `false` change places.
    Values,
}

type Found = (usize, usize, Span, String, ClauseChange);

/// The operator that holds of a value where this one does not; Bool and Null have their opposite in their values.
const fn twin(operator: Operator) -> Option<Operator> {
    use Operator::*;
    Some(match operator {
        StringEquals => StringNotEquals,
        StringNotEquals => StringEquals,
        StringEqualsIgnoreCase => StringNotEqualsIgnoreCase,
        StringNotEqualsIgnoreCase => StringEqualsIgnoreCase,
        StringLike => StringNotLike,
        StringNotLike => StringLike,
        NumericEquals => NumericNotEquals,
        NumericNotEquals => NumericEquals,
        NumericLessThan => NumericGreaterThanEquals,
        NumericLessThanEquals => NumericGreaterThan,
        NumericGreaterThan => NumericLessThanEquals,
        NumericGreaterThanEquals => NumericLessThan,
        DateEquals => DateNotEquals,
        DateNotEquals => DateEquals,
        DateLessThan => DateGreaterThanEquals,
        DateLessThanEquals => DateGreaterThan,
        DateGreaterThan => DateLessThanEquals,
        DateGreaterThanEquals => DateLessThan,
        IpAddress => NotIpAddress,
        NotIpAddress => IpAddress,
        ArnEquals => ArnNotEquals,
        ArnNotEquals => ArnEquals,
        ArnLike => ArnNotLike,
        ArnNotLike => ArnLike,
        Bool | BinaryEquals | Null => return None,
    })
}

/// The changes of a statement's conditions, in order.
pub(super) fn changes(statement: &Statement<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let blocks = statement.condition.and_then(|element| element.value).unwrap_or_default();
    for (block, operators) in blocks.iter().enumerate() {
        let test = operator::test(&operators.operator).ok();
        for (key, keys) in operators.keys.iter().enumerate() {
            let name = keys.key.text;
            let mut add = |what: String, change| found.push((block, key, keys.key.span, what, change));
            add(format!("condition `{} {name}` dropped", operators.operator.text), ClauseChange::Drop);
            let Some(test) = test else { continue };
            if let Some(twin) = twin(test.operator) {
                let other = Test { operator: twin, ..test };
                add(format!("`{test} {name}` made `{other}`"), ClauseChange::Operator(other.to_string()));
            } else if matches!(test.operator.family(), Family::Bool | Family::Null) {
                add(format!("`{test} {name}`: `true` and `false` exchanged"), ClauseChange::Values);
            }
            if test.if_exists {
                let other = Test { if_exists: false, ..test };
                add(format!("`{test} {name}` made `{other}`"), ClauseChange::Operator(other.to_string()));
            }
            if let Some(quantifier) = test.quantifier {
                let quantifier = match quantifier {
                    Quantifier::ForAllValues => Quantifier::ForAnyValue,
                    Quantifier::ForAnyValue => Quantifier::ForAllValues,
                };
                let other = Test { quantifier: Some(quantifier), ..test };
                add(format!("`{test} {name}` made `{other}`"), ClauseChange::Operator(other.to_string()));
            }
        }
    }
    found
}

/// The statement with a condition changed.
pub(super) fn apply<'a>(
    statement: &Statement<'a>,
    block: usize,
    key: usize,
    change: &ClauseChange,
    arena: &'a Bump,
) -> Statement<'a> {
    let mut changed = *statement;
    let Some(element) = changed.condition.as_mut() else { return changed };
    let blocks = element.value.unwrap_or_default();
    let mut made: Vec<OperatorBlock<'a>> = Vec::with_capacity(blocks.len() + 1);
    for (index, operators) in blocks.iter().enumerate() {
        if index != block {
            made.push(*operators);
            continue;
        }
        let others = OperatorBlock { keys: without(operators.keys, key, arena), ..*operators };
        let one = operators.keys[key];
        let keys: &[KeyBlock<'a>] = arena.alloc_slice_copy(&[match change {
            ClauseChange::Values => KeyBlock { values: exchanged(one.values, arena), ..one },
            _ => one,
        }]);
        match change {
            ClauseChange::Drop if others.keys.is_empty() => {}
            ClauseChange::Drop => made.push(others),
            ClauseChange::Values => {
                let mut all = operators.keys.to_vec();
                all[key] = keys[0];
                made.push(OperatorBlock { keys: arena.alloc_slice_copy(&all), ..*operators });
            }
            ClauseChange::Operator(name) => {
                if !others.keys.is_empty() {
                    made.push(others);
                }
                let operator = Text { text: arena.alloc_str(name), ..operators.operator };
                made.push(OperatorBlock { operator, keys });
            }
        }
    }
    if made.is_empty() {
        changed.condition = None;
    } else {
        element.value = Some(arena.alloc_slice_copy(&made));
    }
    changed
}

fn exchanged<'a>(values: &[Scalar<'a>], arena: &'a Bump) -> &'a [Scalar<'a>] {
    let other = |value: &Scalar<'a>| {
        let text = if value.text.text.eq_ignore_ascii_case("true") { "false" } else { "true" };
        Scalar { text: Text { text, ..value.text }, kind: ScalarKind::String }
    };
    let exchanged: Vec<Scalar<'a>> = values.iter().map(other).collect();
    arena.alloc_slice_copy(&exchanged)
}
