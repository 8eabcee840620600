//! Conditions of one key that cannot hold together.
//!
//! Only conditions that are false where the key is absent are compared, so what is said of them holds of every request;
//! and only those without set qualifier, for a list may hold one value for each.

use dictum_compiler::policy::Operand;
use dictum_vm::operator::{Comparison, Family, Operator};
use dictum_vm::value::decimal::Decimal;
use dictum_vm::value::ip::Network;

use super::identity;
use super::network::is_inside;
use crate::check::Found;
use crate::glob::Glob;
use crate::subject::{Clause, Statement};

checks! {
    "L-NEVER-TEXT" Warning Correctness "CND-1" "Two lists of texts for one key that have none in common."
    why: "All conditions must hold together, and one value cannot be in both lists. The statement never applies. Values that are alternatives stand in one list.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "StringLike": {"aws:RequestedRegion": "us-*"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringLike": {"aws:RequestedRegion": ["eu-west-1", "us-*"]}}}"#),
    Statement(texts);

    "L-NEVER-EXCLUDED" Warning Correctness "CND-2" "A list of texts that another condition excludes altogether."
    why: "Each of the values that are asked for is one of those that are excluded, so the statement never applies.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "StringNotLike": {"aws:RequestedRegion": "eu-*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}, "StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#),
    Statement(excluded);

    "L-NEVER-NETWORK" Warning Correctness "CND-55" "Networks that are asked for and excluded."
    why: "Every network that is asked for lies inside one that is excluded, so the statement never applies.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}, "NotIpAddress": {"aws:SourceIp": "52.94.0.0/16"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.0.0/16"}, "NotIpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(networks);

    "L-NEVER-NUMBER" Warning Correctness "CND-34" "Numeric bounds that leave nothing between them."
    why: "No number is beyond both bounds, so the statement never applies. Perhaps the bounds are the wrong way round.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"NumericLessThan": {"s3:max-keys": "10"}, "NumericGreaterThan": {"s3:max-keys": "100"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"NumericLessThan": {"s3:max-keys": "100"}, "NumericGreaterThan": {"s3:max-keys": "10"}}}"#),
    Statement(numbers);

    "L-NEVER-DATE" Warning Correctness "CND-42" "Dates that leave nothing between them."
    why: "No instant is after the one and before the other, so the statement never applies. Perhaps the dates are the wrong way round.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2030-06-01"}, "DateLessThan": {"aws:CurrentTime": "2030-01-01"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2025-01-01"}, "DateLessThan": {"aws:CurrentTime": "2030-06-01"}}}"#),
    Statement(dates);
}

/// Pairs of clauses on one key, the first of this kind and the second of that, both false of an absent key or negated.
fn pairs<'s>(
    statement: &'s Statement<'s>,
    first: impl Fn(&Clause<'_>) -> bool + 's,
    second: impl Fn(&Clause<'_>) -> bool + Copy + 's,
) -> impl Iterator<Item = (&'s Clause<'s>, &'s Clause<'s>)> {
    let is_strict = |clause: &&Clause<'_>| clause.test.quantifier.is_none() && !clause.values.is_empty();
    let firsts = statement.clauses.iter().filter(is_strict).filter(move |clause| first(clause));
    firsts.flat_map(move |one| {
        let others = statement.on_key(one.key.text).filter(is_strict).filter(move |clause| second(clause));
        others.filter(|other| other.key.span != one.key.span).map(move |other| (one, other))
    })
}

/// Whether it compares texts as they are, or by patterns, and wants one of its values.
fn wants_text(clause: &Clause<'_>) -> bool {
    let family = clause.test.operator.family();
    matches!(family, Family::String | Family::StringLike) && !clause.is_negated() && clause.needs_presence()
}

/// The values as patterns; `None` where one of them cannot be told, such as one with a variable.
fn globs(clause: &Clause<'_>) -> Option<Vec<Glob>> {
    let glob = |operand: &Operand| match operand {
        Operand::Pattern(pattern) => Glob::of(pattern).filter(|glob| !glob.has_variables()),
        _ => None,
    };
    clause.resolved.values.iter().map(|value| glob(&value.operand)).collect()
}

/// Most comparisons of values for one pair of conditions.
const COMPARED_MAX: usize = 10_000;

fn texts(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (one, other) in pairs(statement, wants_text, wants_text).filter(|(one, other)| one.key.span < other.key.span) {
        let (Some(ours), Some(theirs)) = (globs(one), globs(other)) else { continue };
        if ours.len() * theirs.len() > COMPARED_MAX {
            continue;
        }
        if !ours.iter().any(|ours| theirs.iter().any(|theirs| ours.meets(theirs))) {
            never(other, one, "no value meets both conditions", found);
        }
    }
}

fn excluded(statement: &Statement<'_>, found: &mut Found<'_>) {
    let excludes = |clause: &Clause<'_>| {
        let family = clause.test.operator.family();
        matches!(family, Family::String | Family::StringLike) && clause.is_negated()
    };
    for (one, other) in pairs(statement, wants_text, excludes) {
        let (Some(ours), Some(theirs)) = (globs(one), globs(other)) else { continue };
        if ours.len() * theirs.len() > COMPARED_MAX {
            continue;
        }
        if ours.iter().all(|ours| theirs.iter().any(|theirs| theirs.covers(ours))) {
            never(one, other, "every value that is asked for is excluded", found);
        }
    }
}

fn networks(statement: &Statement<'_>, found: &mut Found<'_>) {
    let wants = |clause: &Clause<'_>| clause.test.operator == Operator::IpAddress && !clause.test.if_exists;
    let excludes = |clause: &Clause<'_>| clause.test.operator == Operator::NotIpAddress;
    let all =
        |clause: &Clause<'_>| super::network::networks(clause).map(|(_, network)| network).collect::<Vec<Network>>();
    for (one, other) in pairs(statement, wants, excludes) {
        let (ours, theirs) = (all(one), all(other));
        if ours.len() * theirs.len() > COMPARED_MAX {
            continue;
        }
        if ours.iter().all(|&ours| theirs.iter().any(|&theirs| is_inside(ours, theirs))) {
            never(one, other, "every network that is asked for is excluded", found);
        }
    }
}

/// Whether it is an upper bound (`true`) or a lower one, of this family.
fn is_bound(clause: &Clause<'_>, family: Family, upper: bool) -> bool {
    let is_it = match clause.test.operator.comparison() {
        Comparison::Less | Comparison::LessOrEqual => upper,
        Comparison::Greater | Comparison::GreaterOrEqual => !upper,
        Comparison::Equal => false,
    };
    is_it && clause.test.operator.family() == family && clause.needs_presence()
}

/// Whether a bound leaves out the very value.
fn is_open(clause: &Clause<'_>) -> bool {
    matches!(clause.test.operator.comparison(), Comparison::Less | Comparison::Greater)
}

fn numbers(statement: &Statement<'_>, found: &mut Found<'_>) {
    let upper = |clause: &Clause<'_>| is_bound(clause, Family::Numeric, true);
    let lower = |clause: &Clause<'_>| is_bound(clause, Family::Numeric, false);
    for (below, above) in pairs(statement, upper, lower) {
        let all = |clause: &Clause<'_>| -> Option<Vec<String>> {
            let texts: Vec<String> = clause.resolved.values.iter().map(|value| value.text.clone()).collect();
            texts.iter().all(|text| Decimal::parse(text).is_some()).then_some(texts)
        };
        let (Some(belows), Some(aboves)) = (all(below), all(above)) else { continue };
        let most = belows.iter().filter_map(|text| Decimal::parse(text)).max();
        let least = aboves.iter().filter_map(|text| Decimal::parse(text)).min();
        if most < least || (most == least && (is_open(below) || is_open(above))) {
            never(below, above, "no number is within both bounds", found);
        }
    }
}

fn dates(statement: &Statement<'_>, found: &mut Found<'_>) {
    let upper = |clause: &Clause<'_>| is_bound(clause, Family::Date, true);
    let lower = |clause: &Clause<'_>| is_bound(clause, Family::Date, false);
    let instant = |operand: &Operand| if let Operand::Date(instant) = operand { Some(*instant) } else { None };
    for (below, above) in pairs(statement, upper, lower) {
        let all = |clause: &Clause<'_>| -> Option<Vec<i64>> {
            clause.resolved.values.iter().map(|value| instant(&value.operand)).collect()
        };
        let (Some(belows), Some(aboves)) = (all(below), all(above)) else { continue };
        let (most, least) = (belows.iter().max(), aboves.iter().min());
        if most < least || (most == least && (is_open(below) || is_open(above))) {
            never(below, above, "no instant is within both bounds", found);
        }
    }
}

fn never(clause: &Clause<'_>, other: &Clause<'_>, message: &str, found: &mut Found<'_>) {
    let finding = found.at(clause.key.span, message).help("the statement never applies");
    found.push(finding.related(other.key.span, format!("`{}` does not go with it", other.test)));
}
