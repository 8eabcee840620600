//! Whether a key is there: `Null`, `IfExists`, and what a condition says of a request that lacks the key.

use dictum_compiler::policy::Operand;
use dictum_vm::operator::{Operator, Quantifier};

use super::{identity, resource};
use crate::check::Found;
use crate::subject::{Clause, Statement};

checks! {
    "L-NULL-BOTH" Warning Correctness "CND-65" "`Null` with both `true` and `false`."
    why: "The values are alternatives: the key is absent, or it is there. That always holds, so the condition says nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": ["true", "false"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "false"}}}"#),
    Statement(null_both);

    "L-NULL-CONFLICT" Warning Correctness "CND-65" "A key that must be absent and must have a value."
    why: "`Null` of `true` wants the key absent, the other condition is false where it is. Together they never hold, so the statement never applies.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}, "StringEquals": {"aws:RequestTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}, "StringEquals": {"aws:RequestTag/stage": "live"}}}"#),
    Statement(null_conflict);

    "L-NULL-NEEDLESS" Suggestion Style "CND-6" "`Null` of `false` beside a condition that needs the key anyway."
    why: "The other condition is false where the key is absent, so nothing is added. It may go.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "false"}, "StringEquals": {"aws:RequestTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "false"}, "StringNotEquals": {"aws:RequestTag/team": "blue"}}}"#),
    Statement(null_needless);

    "L-EXISTS-NEEDLESS" Suggestion Style "CND-7" "`IfExists` on a key that must be there."
    why: "`Null` of `false` on the same key wants it present, so `IfExists` has nothing to excuse. One of the two was not meant.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"ec2:InstanceType": "false"}, "StringEqualsIfExists": {"ec2:InstanceType": "t3.small"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEqualsIfExists": {"ec2:InstanceType": "t3.small"}}}"#),
    Statement(exists_needless);

    "L-EXISTS-NEGATED" Suggestion Style "CND-6" "`IfExists` on a negated operator."
    why: "A negated operator without set qualifier holds where the key is absent, so the suffix changes nothing. It may go.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(exists_negated);

    "L-ALLOW-NEGATED" Warning Security "CND-6" "An Allow whose only conditions hold where their keys are absent."
    why: "A negated operator holds of a request that lacks the key. Where no other condition asks for anything, the Allow is given to requests that say nothing at all. Add a `Null` of `false` on the key.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"s3:x-amz-acl": "public-read"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"s3:x-amz-acl": "public-read"}, "Null": {"s3:x-amz-acl": "false"}}}"#),
    Statement(allow_negated);

    "L-DENY-ALL-VALUES" Warning Security "CND-20" "A Deny with `ForAllValues`."
    why: "It denies only where every value of the key fits, and one value more escapes it; and it denies where the key is absent. `ForAnyValue` denies as soon as one value fits.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringNotEquals": {"aws:TagKeys": ["environment"]}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["environment"]}}}"#),
    Statement(deny_all_values);

    "L-ANY-NEGATED" Warning Security "CND-24" "An Allow with `ForAnyValue` and a negated operator."
    why: "One value that is not listed suffices, whatever the others are: a request that carries a listed value beside another one is allowed. `ForAllValues` with the same operator, and a `Null` of `false`, keeps the listed ones out.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["owner"]}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringNotEquals": {"aws:TagKeys": ["owner"]}, "Null": {"aws:TagKeys": "false"}}}"#),
    Statement(any_negated);
}

/// What a `Null` clause wants: whether it accepts that the key is absent, and that it is there.
fn wants(clause: &Clause<'_>) -> Option<(bool, bool)> {
    let accepts = |wanted| {
        let is_wanted = |operand: &Operand| matches!(operand, Operand::Null(absent) if *absent == wanted);
        clause.resolved.values.iter().any(|value| is_wanted(&value.operand))
    };
    (clause.test.operator == Operator::Null).then(|| (accepts(true), accepts(false)))
}

fn null_both(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| wants(clause) == Some((true, true))) {
        found.say(clause.span, "`Null` with both `true` and `false`", "it always holds; write the one that is meant");
    }
}

/// Pairs of a `Null` clause that wants just this, and another clause on its key.
fn beside_null<'s>(
    statement: &'s Statement<'s>,
    wanted: (bool, bool),
) -> impl Iterator<Item = (&'s Clause<'s>, &'s Clause<'s>)> {
    let nulls = statement.clauses.iter().filter(move |clause| wants(clause) == Some(wanted));
    nulls.flat_map(|null| {
        let others = statement.on_key(null.key.text).filter(|other| other.test.operator != Operator::Null);
        others.map(move |other| (null, other))
    })
}

fn null_conflict(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (null, other) in beside_null(statement, (true, false)).filter(|(_, other)| other.needs_presence()) {
        let message = format!("`{}` must be absent, and must have a value", other.key.text);
        let finding = found.at(null.span, message).help("the statement never applies");
        found.push(finding.related(other.key.span, format!("`{}` wants a value", other.test)));
    }
}

fn null_needless(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (null, other) in beside_null(statement, (false, true)).filter(|(_, other)| other.needs_presence()) {
        let message = format!("`Null` adds nothing: `{}` needs the key anyway", other.test);
        let finding = found.at(null.key.span, message).help("leave it out");
        found.push(finding.related(other.key.span, "this is false where the key is absent"));
    }
}

fn exists_needless(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (null, other) in beside_null(statement, (false, true)).filter(|(_, other)| other.test.if_exists) {
        let message = format!("`{}` on a key that must be there", other.test);
        let finding = found.at(other.key.span, message).help("leave `IfExists` out, or the `Null`");
        found.push(finding.related(null.key.span, "this wants the key present"));
    }
}

fn exists_negated(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_idle = |clause: &&Clause<'_>| {
        clause.test.if_exists && clause.test.quantifier.is_none() && clause.test.operator.is_negated()
    };
    for clause in statement.clauses.iter().filter(is_idle) {
        let message = format!("`IfExists` changes nothing on `{}`", clause.test.operator.name());
        found.say(clause.key.span, message, "it holds where the key is absent anyway");
    }
}

fn allow_negated(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_open = statement.is_allow() && !statement.clauses.iter().any(Clause::needs_presence);
    // What nearly every request carries is not absent: the account of the resource, and keys that always are there.
    let is_there = |clause: &Clause<'_>| {
        let global = statement.catalogue.key(clause.key.text).and_then(|key| key.global());
        clause.is_key("aws:ResourceAccount") || global.is_some_and(|global| global.is_always_there())
    };
    let is_negated =
        |clause: &&Clause<'_>| clause.is_negated() && clause.test.quantifier.is_none() && is_open && !is_there(clause);
    if let Some(clause) = statement.clauses.iter().find(is_negated) {
        let message = format!("`{}` allows requests that lack `{}`", clause.test, clause.key.text);
        let help = format!("add a `Null` of `false` on `{}`", clause.key.text);
        found.say(clause.key.span, message, help);
    }
}

fn deny_all_values(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_for_all = |clause: &&Clause<'_>| clause.test.quantifier == Some(Quantifier::ForAllValues);
    for clause in statement.clauses.iter().filter(|_| !statement.is_allow()).filter(is_for_all) {
        let message = format!("one value of `{}` that does not fit escapes this Deny", clause.key.text);
        found.say(clause.key.span, message, "write `ForAnyValue`, which denies as soon as one value fits");
    }
}

fn any_negated(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_meant = |clause: &&Clause<'_>| {
        clause.test.quantifier == Some(Quantifier::ForAnyValue) && clause.test.operator.is_negated()
    };
    for clause in statement.clauses.iter().filter(|_| statement.is_allow()).filter(is_meant) {
        let message = format!("one other value of `{}` suffices, whatever the rest is", clause.key.text);
        found.say(clause.key.span, message, "write `ForAllValues`, and a `Null` of `false`");
    }
}
