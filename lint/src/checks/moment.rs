//! Multi-factor authentication, dates that are past, and encrypted transport: conditions that are often got wrong.

use dictum_compiler::policy::Operand;
use dictum_vm::operator::{Comparison, Family, Operator};

use super::{identity, resource};
use crate::check::Found;
use crate::subject::{Clause, Statement};

checks! {
    "L-MFA-ABSENT" Security Security "CTX-20" "A Deny without MFA that misses long-term keys."
    why: "`aws:MultiFactorAuthPresent` is absent, not false, where a request is signed with long-term keys, so `Bool` of `false` does not hold of them. `BoolIfExists` does.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    Statement(mfa_absent);

    "L-MFA-EXCUSED" Security Security "CTX-20" "An Allow with MFA that lets long-term keys through."
    why: "`aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge` are absent where a request is signed with long-term keys, and `IfExists` holds where a key is absent. Leave the suffix out.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    Statement(mfa_excused);

    "L-MFA-PRESENT" Security Security "parliament" "An Allow that asks only whether the MFA key is there."
    why: "The key is there, with the value `false`, for every session without MFA. Ask for `Bool` of `true`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    Statement(mfa_present);

    "L-MFA-FALSE" Security Security "parliament" "An Allow for those without MFA."
    why: "It holds of sessions without MFA and of no others. A Deny was probably meant, or `true`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    Statement(mfa_false);

    "L-DATE-PAST" Warning Correctness "CTX-6" "A condition on a time that is over."
    why: "The date is past, so the condition never holds again and the statement never applies. Take it out, or set a new date.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2021-01-01"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2100-01-01"}}}"#),
    Statement(date_past);

    "L-DATE-BEGUN" Suggestion Correctness "CTX-6" "A condition on a time that has begun."
    why: "The date is past, so the condition holds from now on and says nothing. Leave it out.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2021-01-01"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2100-01-01"}}}"#),
    Statement(date_begun);

    "L-TLS-REVERSED" Security Security "CND-45" "A Deny of encrypted, or an Allow of plain transport."
    why: "`aws:SecureTransport` is true where the call came over TLS. It is the plain calls that want denying.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(tls_reversed);
}

const MFA: &str = "aws:MultiFactorAuthPresent";

/// Whether it is a `Bool` clause with just this value.
fn is_bool(clause: &Clause<'_>, value: &str) -> bool {
    let is_value = clause.texts().all(|text| text.text.eq_ignore_ascii_case(value)) && !clause.values.is_empty();
    clause.test.operator == Operator::Bool && is_value
}

fn mfa_absent(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_meant = |clause: &&Clause<'_>| is_bool(clause, "false") && !clause.test.if_exists;
    for clause in statement.on_key(MFA).filter(|_| !statement.is_allow()).filter(is_meant) {
        let message = "requests with long-term keys are not denied";
        let finding = found.at(clause.key.span, message).help("write `BoolIfExists`, for the key is absent there");
        found.push(finding);
    }
}

fn mfa_excused(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = [MFA, "aws:MultiFactorAuthAge"];
    let is_mfa = |clause: &&Clause<'_>| keys.iter().any(|key| clause.is_key(key));
    let excused = statement.clauses.iter().filter(is_mfa).filter(|clause| clause.test.if_exists);
    // Another condition that needs the key closes the hole.
    let is_closed = statement.on_key(MFA).any(|clause| is_bool(clause, "true") && clause.needs_presence());
    for clause in excused.filter(|_| statement.is_allow() && !is_closed) {
        let message = "requests with long-term keys are allowed without MFA";
        found.say(clause.key.span, message, "leave `IfExists` out");
    }
}

fn mfa_present(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_asked = statement.on_key(MFA).any(|clause| clause.test.operator != Operator::Null);
    let has_age = statement.on_key("aws:MultiFactorAuthAge").any(Clause::needs_presence);
    let is_null = |clause: &&Clause<'_>| clause.test.operator == Operator::Null && clause.needs_presence();
    let is_meant = statement.is_allow() && !is_asked && !has_age;
    for clause in statement.on_key(MFA).filter(is_null).filter(|_| is_meant) {
        let message = "the key is there without MFA too, and `false`";
        found.say(clause.key.span, message, "ask for `Bool` of `true`");
    }
}

fn mfa_false(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.on_key(MFA).filter(|clause| statement.is_allow() && is_bool(clause, "false")) {
        found.say(clause.key.span, "it is allowed only without MFA", "a Deny was probably meant, or `true`");
    }
}

/// The clauses that compare the time of the request, and whether they hold before their date (`true`) or after it.
fn on_time<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = (&'s Clause<'s>, bool)> {
    let keys = ["aws:CurrentTime", "aws:EpochTime"];
    let is_time = move |clause: &&Clause<'_>| keys.iter().any(|key| clause.is_key(key));
    let dated = statement.clauses.iter().filter(is_time).filter(|clause| clause.test.operator.family() == Family::Date);
    dated.filter_map(|clause| match clause.test.operator.comparison() {
        Comparison::Less | Comparison::LessOrEqual => Some((clause, true)),
        Comparison::Greater | Comparison::GreaterOrEqual => Some((clause, false)),
        Comparison::Equal => None,
    })
}

/// The clauses all of whose dates are past.
fn past<'s>(statement: &'s Statement<'s>, now: Option<i64>, before: bool) -> impl Iterator<Item = &'s Clause<'s>> {
    let is_past = move |clause: &Clause<'_>| {
        let dates = clause.resolved.values.iter().map(|value| match value.operand {
            Operand::Date(date) => date,
            _ => i64::MAX,
        });
        let bound = if before { dates.max() } else { dates.min() };
        bound.zip(now).is_some_and(|(date, now)| date < now)
    };
    let asked = on_time(statement).filter(move |(_, is_before)| *is_before == before);
    asked.map(|(clause, _)| clause).filter(move |clause| is_past(clause))
}

fn date_past(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in past(statement, found.now, true) {
        found.say(
            clause.span,
            "this time is over",
            "the statement never applies again; take it out, or set a new date",
        );
    }
}

fn date_begun(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in past(statement, found.now, false) {
        found.say(clause.span, "this time has begun", "the condition holds from now on; leave it out");
    }
}

fn tls_reversed(statement: &Statement<'_>, found: &mut Found<'_>) {
    let value = if statement.is_allow() { "false" } else { "true" };
    for clause in statement.on_key("aws:SecureTransport").filter(|clause| is_bool(clause, value)) {
        let message = if statement.is_allow() { "only plain calls are allowed" } else { "encrypted calls are denied" };
        let other = if statement.is_allow() { "true" } else { "false" };
        found.say(clause.span, message, format!("`{other}` was probably meant"));
    }
}
