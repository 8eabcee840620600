//! A policy as a whole: version, size, Sids, elements without content.

use std::collections::HashMap;

use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::size::usual_size;
use dictum_compiler::source::{Notation, PolicyType, Span};

use super::{identity, scp};
use crate::check::Found;
use crate::subject::{Clause, Statement, Subject};

checks! {
    "L-VERSION-MISSING" Warning Correctness "GRM-11" "A policy without Version."
    why: "Without it the policy is of 2008: `${aws:username}` is no variable there. Every new policy should say `2012-10-17`.",
    bad: identity(r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#),
    good: identity(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#),
    Policy(version_missing);

    "L-VERSION-OLD" Warning Correctness "parliament" "A policy of version 2008-10-17."
    why: "It has no variables, and newer features are documented for `2012-10-17` only. Nothing else changes.",
    bad: identity(r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#),
    good: identity(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#),
    Policy(version_old);

    "L-STATEMENT-NONE" Warning Correctness "GRM-13" "A policy without statements."
    why: "It says nothing, and the service refuses it. A template probably had nothing to fill in.",
    bad: identity(r#"{"Version": "2012-10-17", "Statement": []}"#),
    good: identity(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}"#),
    Policy(no_statement);

    "L-SIZE-NEAR" Suggestion Correctness "SIZ-2" "A policy that fills nine tenths of what the service takes."
    why: "The next statement may not fit. Wildcards, lists and a second policy are ways out while there is time.",
    bad: identity(include_str!("../../examples/filled.json")),
    good: identity(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}"#),
    Policy(size_near);

    "L-SID-EMPTY" Suggestion Style "SID-1" "An empty Sid."
    why: "It counts as none. Give the statement a name, or leave the element out.",
    bad: identity(r#"{"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(sid_empty);

    "L-SID-EFFECT" Warning Correctness "ecosystem" "A Sid that says the opposite of the effect."
    why: "A statement that is called `Deny…` and allows, or the other way round, is misread in every review. One of the two is wrong.",
    bad: identity(r#"{"Sid": "DenyDelete", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Sid": "DenyDelete", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(sid_effect);

    "L-SID-GENERATED" Suggestion Style "ecosystem" "A Sid that an editor made."
    why: "`VisualEditor0` and `Stmt1546300800000` tell a reader nothing. Explanations and reports name statements by their Sids; say what the statement is for.",
    bad: identity(r#"{"Sid": "VisualEditor0", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Sid": "ReadReports", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(sid_generated);

    "L-SID-CASE" Suggestion Style "SID-2" "Sids that differ in letter case only."
    why: "They are different to the service and the same to most readers.",
    bad: identity(r#"[{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Sid": "READ", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}]"#),
    good: identity(r#"[{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}]"#),
    Policy(sid_case);

    "L-CONDITION-EMPTY" Suggestion Style "GRM-27" "An empty Condition."
    why: "It always holds. A condition that was to come is missing, or a template had nothing to fill in.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(condition_empty);

    "L-OPERATOR-EMPTY" Suggestion Style "GRM-27" "An operator without keys."
    why: "It always holds. A condition that was to come is missing, or a template had nothing to fill in.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}"#),
    Statement(operator_empty);

    "L-ALLOW-NONE" Suggestion Correctness "ACT-6, RES-11" "A statement that applies to nothing."
    why: "`NotAction` or `NotResource` of `*` excepts everything, so nothing is left that the statement could apply to. It may go, or `Action` or `Resource` was meant. An empty list has a finding of its own, L-EMPTY.",
    bad: scp(r#"{"Effect": "Deny", "NotAction": "*", "Resource": "*"}"#),
    good: scp(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#),
    Statement(nothing);
}

/// Whether the version may be raised without a change of meaning: nothing in the policy would become a variable, wherever
/// it is written and however it is spelled there.
fn may_be_raised(subject: &Subject<'_>) -> bool {
    let has_variable = |statement: &Statement<'_>| {
        let resources = statement.resources().map_or(&[][..], |resources| resources.list.entries).iter().copied();
        resources.chain(statement.clauses.iter().flat_map(Clause::texts)).any(|text| text.text.contains("${"))
    };
    !subject.statements.iter().any(has_variable)
}

fn version_missing(subject: &Subject<'_>, found: &mut Found<'_>) {
    // An scp without it has a finding of the compiler.
    if subject.tree.version.is_some() || subject.policy_type() == PolicyType::Scp {
        return;
    }
    let finding = found.at(subject.anchor(), "a policy without Version has no variables");
    let finding = finding.help("write `\"Version\": \"2012-10-17\"`");
    let is_json = subject.file.notation == Notation::Json;
    let start = subject.tree.span.start;
    let opens = subject.file.text().get(start as usize) == Some(&b'{');
    let inside = Span { start: start + 1, end: start + 1, ..subject.tree.span };
    let is_fixed = is_json && opens && may_be_raised(subject) && subject.tree.statements.is_some();
    found.push(if is_fixed { finding.fix(inside, "\"Version\": \"2012-10-17\", ") } else { finding });
}

fn version_old(subject: &Subject<'_>, found: &mut Found<'_>) {
    let Some(version) = subject.tree.version.and_then(|given| given.value) else { return };
    // An scp of it has a finding of the compiler.
    if version.text != "2008-10-17" || subject.policy_type() == PolicyType::Scp {
        return;
    }
    let finding = found.at(version.span, "version `2008-10-17` has no variables").help("write `2012-10-17`");
    let inside = version.part(0, version.text.len());
    let is_plain = subject.file.text().get(inside.start as usize..inside.end as usize) == Some(version.text.as_bytes());
    found.push(if is_plain && may_be_raised(subject) { finding.fix(inside, "2012-10-17") } else { finding });
}

fn no_statement(subject: &Subject<'_>, found: &mut Found<'_>) {
    if subject.statements.is_empty() {
        let name = subject.tree.statements.map_or(subject.anchor(), |given| given.name);
        found.say(name, "a policy without statements", "the service refuses it");
    }
}

fn size_near(subject: &Subject<'_>, found: &mut Found<'_>) {
    let Some((usual, size)) = usual_size(subject.sources, subject.document, Some(subject.tree)) else { return };
    let limit = usual.characters_max;
    if size * 10 > limit * 9 && size <= limit {
        let message = format!("a policy of {size} characters, of {limit} at most");
        found.say(subject.anchor(), message, "wildcards, lists or a second policy make room");
    }
}

fn sid_empty(statement: &Statement<'_>, found: &mut Found<'_>) {
    let sid = statement.tree.sid.and_then(|given| given.value).filter(|sid| sid.text.is_empty());
    if let Some(sid) = sid {
        found.say(sid.span, "an empty Sid counts as none", "give it a name, or leave it out");
    }
}

fn sid(statement: &Statement<'_>, found: &Found<'_>, message: impl Fn(&str) -> Option<String>) -> Option<Diagnostic> {
    let sid = statement.tree.sid.and_then(|given| given.value)?;
    Some(found.at(sid.span, message(sid.text)?))
}

fn sid_effect(statement: &Statement<'_>, found: &mut Found<'_>) {
    let (own, other) = if statement.is_allow() { ("an `Allow`", "Deny") } else { ("a `Deny`", "Allow") };
    let lower = other.to_ascii_lowercase();
    let begins = |name: &str| {
        let is_word = |rest: &str| rest.chars().next().is_none_or(|next| !next.is_ascii_lowercase());
        [other, lower.as_str()].iter().any(|word| name.strip_prefix(*word).is_some_and(is_word))
    };
    let message = |name: &str| begins(name).then(|| format!("`{name}` is {own}"));
    if let Some(finding) = sid(statement, found, message) {
        found.push(finding.help("rename it, or mend the effect"));
    }
}

fn sid_generated(statement: &Statement<'_>, found: &mut Found<'_>) {
    const MADE: [&str; 6] = ["VisualEditor", "Stmt", "Statement", "Sid", "Sidebar", "statement"];
    let is_made = |name: &str| {
        MADE.iter()
            .any(|stem| name.strip_prefix(stem).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())))
    };
    let message = |name: &str| is_made(name).then(|| format!("`{name}` does not say what the statement is for"));
    if let Some(finding) = sid(statement, found, message) {
        found.push(finding.help("name it by its purpose"));
    }
}

fn sid_case(subject: &Subject<'_>, found: &mut Found<'_>) {
    let mut seen: HashMap<String, (&str, Span)> = HashMap::new();
    for statement in &subject.statements {
        let Some(sid) = statement.tree.sid.and_then(|given| given.value).filter(|sid| !sid.text.is_empty()) else {
            continue;
        };
        let (first, span) = *seen.entry(sid.text.to_lowercase()).or_insert((sid.text, sid.span));
        if first != sid.text {
            let finding = found.at(sid.span, format!("`{}` and `{first}` differ in letter case only", sid.text));
            found.push(finding.help("rename one of them").related(span, "the other one"));
        }
    }
}

fn condition_empty(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(given) = statement.tree.condition else { return };
    if given.value.is_some_and(<[_]>::is_empty) {
        found.say(given.name, "an empty Condition always holds", "leave it out, or put the condition in");
    }
}

fn operator_empty(statement: &Statement<'_>, found: &mut Found<'_>) {
    let blocks = statement.tree.condition.and_then(|given| given.value).unwrap_or_default();
    for block in blocks.iter().filter(|block| block.keys.is_empty()) {
        let message = format!("`{}` without keys always holds", block.operator.text);
        found.say(block.operator.span, message, "leave it out, or put the condition in");
    }
}

fn nothing(statement: &Statement<'_>, found: &mut Found<'_>) {
    let lists = [statement.actions(), statement.resources()];
    for entries in lists.into_iter().flatten().filter(|entries| entries.negated) {
        if let Some(all) = entries.list.entries.iter().find(|entry| matches!(entry.text, "*" | "*:*")) {
            let message = format!("{} applies to nothing: everything is excepted", statement.name());
            found.say(all.span, message, "leave it out, or name what is meant");
        }
    }
}
