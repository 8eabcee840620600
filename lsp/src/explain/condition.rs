//! A condition in words. A statement applies *when* every positive clause holds, *unless* a negated one names what is the
//! case: `not A and not B` is told as `unless A or B`.

use std::fmt;

use dictum_compiler::syntax::ast::{KeyBlock, OperatorBlock};
use dictum_vm::operator::{Comparison, Family, Operator, Quantifier, Test};

use super::operator;
use super::words::{code, list};

/// Values shown of a list.
const VALUES_SHOWN: usize = 4;

/// The clauses of a condition, those that must hold and those that must not.
#[derive(Debug, Default)]
pub struct Clauses {
    /// Joined by `and` behind `when`.
    pub when: Vec<String>,
    /// Joined by `or` behind `unless`.
    pub unless: Vec<String>,
}

impl Clauses {
    /// The clauses of a statement's condition. What cannot be made out is told as it is written.
    pub fn of(blocks: &[OperatorBlock<'_>]) -> Clauses {
        let mut clauses = Clauses::default();
        for block in blocks {
            for key in block.keys {
                match operator::read(block.operator.text) {
                    Some(test) => clauses.add(test, key),
                    None => clauses.when.push(format!("{} {}", code(block.operator.text), code(key.key.text))),
                }
            }
        }
        clauses
    }

    fn add(&mut self, test: Test, key: &KeyBlock<'_>) {
        let name = code(key.key.text);
        let values: Vec<&str> = key.values.iter().map(|value| value.text.text).collect();
        if test.operator == Operator::Null {
            let is_absent = values.iter().any(|value| value.eq_ignore_ascii_case("true"));
            self.when.push(format!("{name} is {}", if is_absent { "absent" } else { "present" }));
            return;
        }
        let relation = relation(test.operator, &values);
        match (test.quantifier, test.operator.is_negated()) {
            (None, true) => self.unless.push(format!("{name} {relation}")),
            (None, false) => {
                let absent = if test.if_exists { " or is absent" } else { "" };
                self.when.push(format!("{name} {relation}{absent}"));
            }
            (Some(quantifier), negated) => {
                let subject = match (quantifier, negated) {
                    (Quantifier::ForAllValues, false) => "every value",
                    (Quantifier::ForAllValues, true) => "no value",
                    (Quantifier::ForAnyValue, _) => "some value",
                };
                let holds_absent = quantifier == Quantifier::ForAllValues || test.if_exists;
                let absent = if holds_absent { ", if there is any," } else { "" };
                let relation = match (quantifier, negated) {
                    (Quantifier::ForAnyValue, true) => denied(&relation),
                    _ => relation,
                };
                self.when.push(format!("{subject} of {name}{absent} {relation}"));
            }
        }
    }
}

impl fmt::Display for Clauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.when.is_empty() {
            write!(f, ", when {}", self.when.join(", and "))?;
        }
        if !self.unless.is_empty() {
            write!(f, ", unless {}", self.unless.join(", or "))?;
        }
        Ok(())
    }
}

/// What the key's value must be, whether or not that is then negated.
fn relation(operator: Operator, values: &[&str]) -> String {
    let value = |value: &&str| if value.is_empty() { "the empty text".to_owned() } else { code(value) };
    let shown: Vec<String> = values.iter().map(value).collect();
    let shown = list(&shown, "or", VALUES_SHOWN);
    match (operator.family(), operator.comparison()) {
        (Family::Date, Comparison::Less | Comparison::LessOrEqual) => format!("is before {shown}"),
        (Family::Date, Comparison::Greater | Comparison::GreaterOrEqual) => format!("is after {shown}"),
        (_, Comparison::Less) => format!("is less than {shown}"),
        (_, Comparison::LessOrEqual) => format!("is at most {shown}"),
        (_, Comparison::Greater) => format!("is more than {shown}"),
        (_, Comparison::GreaterOrEqual) => format!("is at least {shown}"),
        (Family::IpAddress, Comparison::Equal) => format!("is in {shown}"),
        (Family::StringLike | Family::Arn, Comparison::Equal) if values.iter().any(|it| it.contains(['*', '?'])) => {
            format!("matches {shown}")
        }
        (_, Comparison::Equal) => format!("is {shown}"),
    }
}

/// The relation's contrary.
fn denied(relation: &str) -> String {
    match relation.strip_prefix("matches ") {
        Some(rest) => format!("does not match {rest}"),
        None => relation.replacen("is ", "is not ", 1),
    }
}
