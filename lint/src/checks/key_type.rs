//! Whether an operator fits the type of its key, and a set operator its number of values.

use dictum_catalogue::{Key, KeyType};
use dictum_compiler::syntax::ast::Scalar;
use dictum_vm::operator::{Family, Operator, Quantifier};
use dictum_vm::value::ip::Network;

use super::identity;
use crate::check::Found;
use crate::subject::{Clause, Statement};

checks! {
    "L-TYPE-STRING" Warning Correctness "CND-33, CND-42; Access Analyzer: Data type mismatch; parliament: MISMATCHED_TYPE" "A key of text under an operator for numbers, dates or addresses."
    why: "A text that does not read as one makes the condition false, negated or not. Use a String operator.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"NumericEquals": {"s3:prefix": "2026"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringEquals": {"s3:prefix": "2026"}}}"#),
    Statement(text_key);

    "L-TYPE-ARN" Warning Correctness "CND-60; Access Analyzer: Data type mismatch; parliament: MISMATCHED_TYPE" "A key of ARNs under an operator for something else."
    why: "An ARN is no number, date, address or truth value, so the condition is false of every request.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"Bool": {"aws:SourceArn": "true"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}}"#),
    Statement(arn_key);

    "L-TYPE-BOOL" Warning Correctness "CND-45; Access Analyzer: Type mismatch Boolean; parliament: MISMATCHED_TYPE" "A key of `true` or `false` under an operator for something else."
    why: "Its values are no numbers, dates, addresses or ARNs, so the condition is false of every request. Use `Bool`.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"aws:SecureTransport": "0"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(bool_key);

    "L-TYPE-BOOL-AS-TEXT" Suggestion Style "CND-45; Access Analyzer: Type mismatch Boolean; parliament: MISMATCHED_TYPE_BUT_USABLE" "A key of `true` or `false` under a String operator."
    why: "It works as long as the case of the letters is right. `Bool` does not mind the case, and says what is meant.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SecureTransport": "false"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(bool_key_as_text);

    "L-TYPE-NUMBER" Warning Correctness "CND-33; Access Analyzer: Type mismatch number; parliament: MISMATCHED_TYPE" "A key of numbers under an operator for something else."
    why: "Text compares character by character, so `10` is not `10.0`; and nothing but a Numeric operator knows greater and less.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringEquals": {"s3:max-keys": "10"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"NumericLessThanEquals": {"s3:max-keys": "10"}}}"#),
    Statement(number_key);

    "L-TYPE-DATE" Warning Correctness "CND-40; Access Analyzer: Type mismatch date; parliament: MISMATCHED_TYPE" "A key of dates under an operator for something else."
    why: "A date is no number, and one moment can be written in many ways, which text tells apart. Use a Date operator.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"NumericLessThan": {"aws:CurrentTime": "20270101"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}"#),
    Statement(date_key);

    "L-TYPE-ADDRESS" Warning Correctness "CND-50; Access Analyzer: Type mismatch IP range; parliament: MISMATCHED_TYPE" "A key of addresses under an operator for something else."
    why: "Text knows no networks: `10.*` is not `10.0.0.0/8` for long, and one address of IPv6 has many spellings. Use `IpAddress` or `NotIpAddress`.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotLike": {"aws:SourceIp": "192.0.2.*"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}"#),
    Statement(address_key);

    "L-FORALL-SINGLE" Security Security "CND-22; Access Analyzer: ForAllValues with single valued key" "An Allow with `ForAllValues` on a key that has one value."
    why: "With one value the set operator adds nothing but that the condition holds where the key is absent, and then the Allow is given to everyone. Leave the set operator out.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(forall_single);

    "L-FORANY-SINGLE" Suggestion Style "CND-22" "`ForAnyValue` on a key that has one value."
    why: "With one value the set operator adds nothing but that a negated operator is false where the key is absent. Leave it out, or say `Null` of `false`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(forany_single);

    "L-KEY-LIST" Warning Correctness "CND-13; Access Analyzer: Missing qualifier" "A key of a service that has a list of values, without set operator."
    why: "A condition without `ForAllValues` or `ForAnyValue` is false of a list, even of a list of one.",
    bad: identity(r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/t", "Condition": {"StringEquals": {"dynamodb:LeadingKeys": "${aws:userid}"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/t", "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "${aws:userid}"}, "Null": {"dynamodb:LeadingKeys": "false"}}}"#),
    Statement(key_list);

    "L-NULL-ALWAYS" Warning Correctness "CND-65" "`Null` on a key that every request has."
    why: "The key is never absent, so the condition is the same for every request: `false` says nothing, `true` never holds.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"Null": {"aws:SecureTransport": "false"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#),
    Statement(null_always);

    "L-EXISTS-ALWAYS" Suggestion Style "CND-7" "`IfExists` on a key that every request has."
    why: "The key is never absent, so the suffix excuses nothing. It may go.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(exists_always);

    "L-SENSITIVE-WILDCARD" Warning Security "IAM User Guide: global keys for sensitive data" "A wildcard in a value that tells whose network, account or organization it is."
    why: "Accounts, organizations and networks have ids that say nothing by their beginnings, so a pattern of one lets strangers in.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-abc*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(sensitive_wildcard);
}

/// The clauses on keys that the catalogue has, `Null` aside.
fn typed<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = (&'s Clause<'a>, Key<'a>)> + use<'s, 'a> {
    let clauses = statement.clauses.iter().filter(|clause| clause.test.operator != Operator::Null);
    clauses.filter_map(|clause| Some((clause, statement.catalogue.key(clause.key.text)?)))
}

fn is_text(family: Family) -> bool {
    matches!(family, Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Binary)
}

/// Reports clauses on keys of a type whose operator is of none of these families.
fn about_type(statement: &Statement<'_>, key_type: KeyType, fits: impl Fn(Family) -> bool, found: &mut Found<'_>) {
    for (clause, key) in typed(statement).filter(|(_, key)| key.key_type() == key_type) {
        let family = clause.test.operator.family();
        let is_second_type = key.global().and_then(|global| global.also_type()) == Some(KeyType::Numeric);
        if fits(family) || is_second_type && family == Family::Numeric {
            continue;
        }
        // An address under a String operator is one whatever its key: `L-IP-STRING`.
        let is_network = |value: &Scalar<'_>| Network::parse(value.text.text).is_some();
        if key_type == KeyType::IpAddress && is_text(family) && clause.values.iter().any(is_network) {
            continue;
        }
        let message = format!("`{}` on `{}`, which has {}", clause.test, clause.key.text, values_of(key_type));
        found.say(clause.block.operator.span, message, format!("use {}", operators_of(key_type)));
    }
}

fn values_of(key_type: KeyType) -> &'static str {
    match key_type {
        KeyType::String => "texts",
        KeyType::Arn => "ARNs",
        KeyType::Bool => "`true` or `false`",
        KeyType::Numeric => "numbers",
        KeyType::Date => "dates",
        KeyType::IpAddress => "addresses",
    }
}

fn operators_of(key_type: KeyType) -> &'static str {
    match key_type {
        KeyType::String => "`StringEquals`, `StringLike` or their negations",
        KeyType::Arn => "`ArnLike` or `ArnNotLike`",
        KeyType::Bool => "`Bool`",
        KeyType::Numeric => "an operator that begins with `Numeric`",
        KeyType::Date => "an operator that begins with `Date`",
        KeyType::IpAddress => "`IpAddress` or `NotIpAddress`",
    }
}

fn text_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    // ARNs and truth values are texts too, and compare well where the key has such.
    let fits = |family: Family| !matches!(family, Family::Numeric | Family::Date | Family::IpAddress);
    about_type(statement, KeyType::String, fits, found);
}

fn arn_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_type(statement, KeyType::Arn, |family| family == Family::Arn || is_text(family), found);
}

fn bool_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_type(statement, KeyType::Bool, |family| family == Family::Bool || is_text(family), found);
}

fn bool_key_as_text(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_type(statement, KeyType::Bool, |family| !is_text(family), found);
}

fn number_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_type(statement, KeyType::Numeric, |family| family == Family::Numeric, found);
}

fn date_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    // A date under a String operator is one whatever its key: `L-DATE-STRING`.
    about_type(statement, KeyType::Date, |family| family == Family::Date || is_text(family), found);
}

fn address_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_type(statement, KeyType::IpAddress, |family| family == Family::IpAddress, found);
}

/// Clauses with a set operator on keys that have one value.
fn single<'s, 'a>(
    statement: &'s Statement<'a>,
    quantifier: Quantifier,
) -> impl Iterator<Item = (&'s Clause<'a>, Key<'a>)> + use<'s, 'a> {
    let is_single = |key: Key<'_>| !key.is_multivalued();
    typed(statement).filter(move |(clause, key)| clause.test.quantifier == Some(quantifier) && is_single(*key))
}

fn forall_single(statement: &Statement<'_>, found: &mut Found<'_>) {
    let needs = |key: &str| statement.on_key(key).any(|clause| clause.needs_presence());
    for (clause, _) in single(statement, Quantifier::ForAllValues).filter(|_| statement.is_allow()) {
        if !needs(clause.key.text) {
            let message = format!("`{}` has one value, or is absent", clause.key.text);
            found.say(clause.block.operator.span, message, "leave `ForAllValues` out");
        }
    }
}

fn forany_single(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, _) in single(statement, Quantifier::ForAnyValue).filter(|(it, _)| !it.test.operator.is_negated()) {
        let message = format!("`{}` has one value", clause.key.text);
        found.say(clause.block.operator.span, message, "leave `ForAnyValue` out");
    }
}

fn key_list(statement: &Statement<'_>, found: &mut Found<'_>) {
    let lists = typed(statement).filter(|(clause, key)| clause.test.quantifier.is_none() && key.is_multivalued());
    // The compiler speaks of those that semantics.md has (10.2).
    let is_others = |key: &Key<'_>| {
        key.global().is_none()
            && !["sts:", "saml:"].iter().any(|it| key.name().starts_with(it))
            && !key.name().ends_with(":amr")
    };
    for (clause, _) in lists.filter(|(_, key)| is_others(key)) {
        let message = format!("`{}` has many values, and `{}` is false of them", clause.key.text, clause.test);
        found.say(clause.key.span, message, format!("write `ForAnyValue:{0}` or `ForAllValues:{0}`", clause.test));
    }
}

fn null_always(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| clause.test.operator == Operator::Null) {
        let global = statement.catalogue.key(clause.key.text).and_then(|key| key.global());
        if global.is_some_and(|global| global.is_always_there()) {
            found.say(clause.key.span, format!("every request has `{}`", clause.key.text), "the condition may go");
        }
    }
}

fn exists_always(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in typed(statement).filter(|(clause, _)| clause.test.if_exists) {
        if key.global().is_some_and(|global| global.is_always_there()) {
            found.say(
                clause.block.operator.span,
                format!("every request has `{}`", clause.key.text),
                "leave `IfExists` out",
            );
        }
    }
}

fn sensitive_wildcard(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in typed(statement).filter(|(clause, _)| clause.test.operator.family() == Family::StringLike) {
        if !key.global().is_some_and(|global| global.is_sensitive()) {
            continue;
        }
        for value in clause.values.iter().filter(|value| value.text.text != "*" && value.text.text.contains(['*', '?']))
        {
            let message = format!("a wildcard in the value of `{}`", clause.key.text);
            found.say(value.text.span, message, "write the whole id");
        }
    }
}
