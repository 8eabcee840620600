//! Values of conditions: of another kind than their operator compares, doubled, or without effect.

use std::collections::HashMap;

use dictum_compiler::pattern::{Pattern, Piece};
use dictum_compiler::policy::Operand;
use dictum_compiler::syntax::ast::Text;
use dictum_vm::operator::{Comparison, Family, Operator};
use dictum_vm::value::decimal::Decimal;
use dictum_vm::value::ip::Network;

use super::{identity, resource};
use crate::check::Found;
use crate::edit;
use crate::glob::Glob;
use crate::subject::{Clause, Statement};

checks! {
    "L-STRING-WILDCARD" Warning Correctness "CND-30" "A wildcard under an operator that has none."
    why: "`StringEquals` compares `*` and `?` as they are. To match a pattern take `StringLike`; to compare these characters on purpose write `${*}` and `${?}`, or suppress this.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"s3:prefix": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(wildcard);

    "L-ARN-STRING" Suggestion Correctness "CND-60" "An ARN under a String operator."
    why: "A String pattern reads an ARN as one text, so that its `*` runs across the fields. `ArnLike` compares field by field, and is false of what is no ARN.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:events"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:events"}}}"#),
    Statement(arn_string);

    "L-IP-STRING" Warning Correctness "CND-55" "An address or a network under a String operator."
    why: "A String operator compares the text: a network never matches, and an address that is spelled another way does not either. `IpAddress` compares addresses.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(ip_string);

    "L-DATE-STRING" Warning Correctness "CND-44" "A date under a String operator."
    why: "A String operator compares the text, so that it fits one instant in one spelling only. The Date operators compare instants, and can ask for earlier or later ones.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}"#),
    Statement(date_string);

    "L-BLANK" Warning Correctness "CND-30" "A blank at the beginning or end of a value."
    why: "Nothing is trimmed: a value with a blank around it matches only what has this blank too, which is nearly never.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"s3:x-amz-acl": "public-read "}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"s3:x-amz-acl": "public-read"}}}"#),
    Statement(blank);

    "L-VALUE-TWICE" Suggestion Style "CND-1" "A value twice in one list."
    why: "Values are alternatives, so the second one adds nothing. Perhaps another value was meant.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-1"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}}}"#),
    Statement(twice);

    "L-VALUE-COVERED" Suggestion Style "CND-32" "A value that another pattern of the list covers."
    why: "Whatever it matches, the other one matches too, so it adds nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": ["home/*", "home/ana/*"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": ["home/*", "pub/ana/*"]}}}"#),
    Statement(covered);

    "L-NUMBER-REDUNDANT" Suggestion Style "Access Analyzer" "Several bounds where one decides."
    why: "The bounds are alternatives: less than 10 or less than 20 is less than 20. The others add nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"NumericLessThan": {"s3:max-keys": ["10", "20"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"NumericLessThan": {"s3:max-keys": "20"}}}"#),
    Statement(number_redundant);

    "L-DATE-REDUNDANT" Suggestion Style "CND-1" "Several dates where one decides."
    why: "The dates are alternatives: before March or before May is before May. The others add nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateLessThan": {"aws:CurrentTime": ["2030-03-01", "2030-05-01"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-05-01"}}}"#),
    Statement(date_redundant);

    "L-LIKE-PLAIN" Suggestion Style "CND-32" "A Like operator without a wildcard."
    why: "Where no value has a wildcard, `StringEquals` says the same and says that one text is meant.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/ana"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"s3:prefix": "home/ana"}}}"#),
    Statement(like_plain);

    "L-ARN-EQUALS" Suggestion Style "CND-60" "`ArnEquals` with a wildcard."
    why: "`ArnEquals` and `ArnLike` are the same operator under two names. The second one tells the reader that a pattern follows.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:111122223333:events"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:events"}}}"#),
    Statement(arn_equals);

    "L-NULL-LIKE" Suggestion Style "CND-32" "A negated Like of everything."
    why: "No present value is unlike `*`, so the condition holds only where the key is absent. `Null` of `true` says so.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotLike": {"aws:RequestTag/team": "*"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}}}"#),
    Statement(null_like);

    "L-LIKE-ANY" Suggestion Security "parliament" "A condition that any value meets."
    why: "`*` matches every value, so the condition asks only whether the key is there. Where this is meant, `Null` of `false` says so.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"aws:PrincipalTag/team": "*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"aws:PrincipalTag/team": "blue-*"}}}"#),
    Statement(like_any);
}

fn has_wildcard(text: &str) -> bool {
    // What stands in `${…}` is a variable, or a wildcard that is meant as it is.
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].contains(['*', '?']) {
            return true;
        }
        rest = rest[at..].split_once('}').map_or("", |(_, behind)| behind);
    }
    rest.contains(['*', '?'])
}

/// Whether it is a pattern with a wildcard. What that is depends on the version of the policy (VAR-1, VAR-4).
fn is_open(operand: &Operand) -> bool {
    let is_wild = |piece: &Piece| !matches!(piece, Piece::Text(_) | Piece::Variable { .. });
    matches!(operand, Operand::Pattern(pattern) if pattern.pieces.iter().any(is_wild))
}

fn is_string(clause: &Clause<'_>) -> bool {
    matches!(clause.test.operator.family(), Family::String | Family::StringIgnoreCase | Family::StringLike)
}

fn wildcard(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_plain =
        |clause: &&Clause<'_>| matches!(clause.test.operator.family(), Family::String | Family::StringIgnoreCase);
    for clause in statement.clauses.iter().filter(is_plain) {
        for text in clause.texts().filter(|text| has_wildcard(text.text)) {
            let message = format!("`{}` compares a wildcard as a character", clause.test.operator.name());
            let like = if clause.is_negated() { "StringNotLike" } else { "StringLike" };
            found.say(text.span, message, format!("write `{like}`, or `${{*}}` for the character"));
        }
    }
}

fn arn_string(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_arn = |text: &Text<'_>| text.text.starts_with("arn:") && text.text.matches(':').count() >= 5;
    for clause in statement.clauses.iter().filter(|clause| is_string(clause) && is_arn_key(clause.key.text)) {
        if let Some(text) = clause.texts().find(is_arn) {
            let arn = if clause.is_negated() { "ArnNotLike" } else { "ArnLike" };
            let message = format!("an ARN under `{}`", clause.test.operator.name());
            found.say(text.span, message, format!("`{arn}` compares field by field"));
        }
    }
}

/// Whether a key holds ARNs by its name; of others a text that looks like one may be a text.
fn is_arn_key(key: &str) -> bool {
    key.len() >= 3 && key.get(key.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("arn"))
}

/// An address of four numbers or with colons, or either with a length. A number alone is none.
fn is_network(text: &str) -> bool {
    text.contains(['.', ':']) && Network::parse(text).is_some()
}

fn ip_string(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| is_string(clause)) {
        for text in clause.texts().filter(|text| is_network(text.text)) {
            let ip = if clause.is_negated() { "NotIpAddress" } else { "IpAddress" };
            let message = format!("`{}` compares an address as a text", clause.test.operator.name());
            found.say(text.span, message, format!("write `{ip}`"));
        }
    }
}

fn date_string(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_date = |text: &str| {
        let bytes = text.as_bytes();
        bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && dictum_vm::value::date::parse(text).is_some()
    };
    // A tag may well hold a date as a text.
    for clause in statement.clauses.iter().filter(|clause| is_string(clause) && !clause.key.text.contains('/')) {
        for text in clause.texts().filter(|text| is_date(text.text)) {
            let message = format!("`{}` compares a date as a text", clause.test.operator.name());
            found.say(text.span, message, "write a Date operator, such as `DateLessThan`");
        }
    }
}

fn blank(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_blank = |text: &Text<'_>| text.text.trim() != text.text && !text.text.trim().is_empty();
    for text in statement.clauses.iter().flat_map(Clause::texts).filter(is_blank) {
        let message = format!("`{}` has a blank at its edge", text.text.escape_debug());
        found.say(text.span, message, "it matches only what has this blank too");
    }
}

fn twice(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in &statement.clauses {
        let mut seen: HashMap<&str, Text<'_>> = HashMap::new();
        for text in clause.texts() {
            if let Some(first) = seen.get(text.text) {
                let message = format!("`{}` is in the list already", text.text);
                let finding = found.at(text.span, message).help("leave it out");
                let finding = finding.related(first.span, "first here");
                found.push(edit::removed(finding, statement, clause.texts(), text));
            } else {
                seen.insert(text.text, text);
            }
        }
    }
}

/// Longest list whose values are compared with each other.
const COMPARED_MAX: usize = 64;

fn covered(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_like = |clause: &&Clause<'_>| clause.test.operator.has_patterns() && clause.values.len() <= COMPARED_MAX;
    for clause in statement.clauses.iter().filter(is_like) {
        let globs: Vec<Option<Glob>> = clause.resolved.values.iter().map(|value| glob(&value.operand)).collect();
        for (index, text) in clause.texts().enumerate() {
            let covers = |other: usize| {
                let (Some(own), Some(glob)) = (&globs[index], &globs[other]) else { return false };
                // Of two that match the same the first stays; doubled ones have a check of their own.
                let is_same = clause.values[other].text.text == text.text;
                other != index && !is_same && glob.covers(own) && (other < index || !own.covers(glob))
            };
            let Some(by) = (0..globs.len()).find(|&other| covers(other)) else { continue };
            let by = clause.values[by].text;
            let message = format!("`{}` is covered by `{}`", text.text, by.text);
            let finding = found.at(text.span, message).help("leave it out").related(by.span, "this matches all of it");
            found.push(edit::removed(finding, statement, clause.texts(), text));
        }
    }
}

fn glob(operand: &Operand) -> Option<Glob> {
    match operand {
        Operand::Pattern(pattern) => Glob::of(pattern),
        _ => None,
    }
}

/// Whether of several bounds the greatest decides, or the least; `None` where each counts.
fn greatest_decides(clause: &Clause<'_>) -> Option<bool> {
    match clause.test.operator.comparison() {
        Comparison::Less | Comparison::LessOrEqual => Some(true),
        Comparison::Greater | Comparison::GreaterOrEqual => Some(false),
        Comparison::Equal => None,
    }
}

fn redundant<K: Ord>(
    family: Family,
    statement: &Statement<'_>,
    found: &mut Found<'_>,
    read: impl Fn(usize, &Clause<'_>) -> Option<K>,
) {
    for clause in statement.clauses.iter().filter(|clause| clause.test.operator.family() == family) {
        let Some(greatest) = greatest_decides(clause).filter(|_| clause.values.len() > 1) else { continue };
        let bounds = (0..clause.values.len()).filter_map(|index| Some((read(index, clause)?, index)));
        let bound = if greatest { bounds.max() } else { bounds.min() };
        let Some((_, index)) = bound else { continue };
        let bound = clause.values[index].text;
        let finding = found.at(clause.span, format!("of these bounds only `{}` decides", bound.text));
        found.push(finding.help("leave the others out").related(bound.span, "the others are met wherever this is not"));
    }
}

fn number_redundant(statement: &Statement<'_>, found: &mut Found<'_>) {
    let read = |index: usize, clause: &Clause<'_>| {
        let text = clause.resolved.values.get(index).map(|value| value.text.clone())?;
        Decimal::parse(&text).is_some().then_some(Number(text))
    };
    redundant(Family::Numeric, statement, found, read);
}

/// The text of a number, ordered by what it denotes.
#[derive(PartialEq, Eq)]
struct Number(String);

impl Ord for Number {
    fn cmp(&self, other: &Number) -> std::cmp::Ordering {
        Decimal::parse(&self.0).cmp(&Decimal::parse(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn date_redundant(statement: &Statement<'_>, found: &mut Found<'_>) {
    let read = |index: usize, clause: &Clause<'_>| match clause.resolved.values.get(index)?.operand {
        Operand::Date(instant) => Some(instant),
        _ => None,
    };
    redundant(Family::Date, statement, found, read);
}

fn like_plain(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_plain = |clause: &&Clause<'_>| {
        let is_like = clause.test.operator.family() == Family::StringLike;
        is_like && !clause.values.is_empty() && !clause.resolved.values.iter().any(|value| is_open(&value.operand))
    };
    for clause in statement.clauses.iter().filter(is_plain) {
        let operator = if clause.is_negated() { Operator::StringNotEquals } else { Operator::StringEquals };
        let equal = dictum_vm::operator::Test { operator, ..clause.test };
        let message = format!("no value under `{}` has a wildcard", clause.test);
        let finding = found.at(clause.key.span, message).help(format!("write `{equal}`"));
        // Where another key stands under the operator, or the other operator is there already, be it without keys, more has
        // to be moved.
        let blocks = statement.tree.condition.and_then(|given| given.value).unwrap_or_default();
        let equal = equal.to_string();
        let is_alone = clause.block.keys.len() == 1
            && !blocks.iter().any(|block| block.operator.text.eq_ignore_ascii_case(&equal));
        let operator = clause.block.operator;
        found.push(if is_alone { edit::replaced(finding, statement, operator, &equal) } else { finding });
    }
}

fn arn_equals(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_equals = |clause: &&Clause<'_>| {
        matches!(clause.test.operator, Operator::ArnEquals | Operator::ArnNotEquals)
            && clause.resolved.values.iter().any(|value| is_open(&value.operand))
    };
    for clause in statement.clauses.iter().filter(is_equals) {
        let like = if clause.is_negated() { "ArnNotLike" } else { "ArnLike" };
        let message = format!("`{}` with a wildcard", clause.test.operator.name());
        found.say(clause.key.span, message, format!("`{like}` is the same, and says so"));
    }
}

/// Whether a pattern matches every value that its operator can be given.
fn is_anything(pattern: &Pattern) -> bool {
    Glob::of(pattern).is_some_and(|glob| {
        let any_arn =
            |text: &str| text.starts_with("arn:") && text[4..].bytes().all(|byte| matches!(byte, b'*' | b':'));
        glob.is_everything() || any_arn(&pattern.text)
    })
}

/// The first value that matches everything.
fn anything<'s>(clause: &'s Clause<'_>) -> Option<Text<'s>> {
    if !clause.test.operator.has_patterns() {
        return None;
    }
    let is_any = |operand: &Operand| matches!(operand, Operand::Pattern(pattern) if is_anything(pattern));
    let at = clause.resolved.values.iter().position(|value| is_any(&value.operand))?;
    clause.values.get(at).map(|value| value.text)
}

fn null_like(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| clause.is_negated() && clause.test.quantifier.is_none()) {
        if let Some(text) = anything(clause) {
            let message = format!("every value is like `{}`", text.text);
            found.say(text.span, message, "it holds only where the key is absent; `Null` of `true` says so");
        }
    }
}

fn like_any(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| !clause.is_negated()) {
        if let Some(text) = anything(clause) {
            let message = format!("every value of `{}` is like `{}`", clause.key.text, text.text);
            let help = match clause.test.if_exists {
                true => "it always holds; leave it out",
                false => "it asks only whether the key is there; `Null` of `false` says so",
            };
            found.say(text.span, message, help);
        }
    }
}
