//! For those who want every policy alike. Off unless asked for.

use dictum_compiler::source::{Notation, Span};
use dictum_compiler::syntax::ast::{ElementName, List, ScalarKind};

use super::identity;
use crate::check::Found;
use crate::subject::{Statement, Subject};

checks! {
    "L-SID-MISSING" Suggestion Pedantic "SID-3" "A statement without Sid."
    why: "Explanations and reports can name it by its number only, which changes when a statement is put before it.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(sid_missing);

    "L-LIST-OF-ONE" Suggestion Pedantic "GRM-24" "A list of one."
    why: "A text alone says the same, and what is left has fewer brackets to balance.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(list_of_one);

    "L-ELEMENT-ORDER" Suggestion Pedantic "GRM-5" "Elements of a statement in an unusual order."
    why: "Sid, Effect, Principal, Action, Resource, Condition is the order of the documentation, and of nearly all policies. Readers look for the effect first.",
    bad: identity(r#"{"Effect": "Allow", "Resource": "arn:aws:s3:::b/*", "Action": "s3:GetObject"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(element_order);

    "L-VALUE-JSON" Suggestion Pedantic "GRM-28" "A condition value that is not a text."
    why: "The service takes `true` and `10` for the texts `\"true\"` and `\"10\"`. Some tools that compare policies do not.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": true}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#),
    Statement(value_json);

    "L-ACTIONS-UNSORTED" Suggestion Pedantic "GRM-24" "A long list of actions in no order."
    why: "In a sorted list a reader finds an action, and sees that it is not there; two changes collide less often.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObject", "s3:GetBucketLocation"], "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"], "Resource": "*"}"#),
    Statement(unsorted);

    "L-MANY-STATEMENTS" Suggestion Pedantic "SIZ-2" "A policy of more than twenty statements."
    why: "Nobody reviews it as a whole. Several policies, each for one purpose, can be named, attached and tested by themselves.",
    bad: identity("allow s3:GetObject on arn:aws:s3:::b/1\nallow s3:GetObject on arn:aws:s3:::b/2\nallow s3:GetObject on arn:aws:s3:::b/3\nallow s3:GetObject on arn:aws:s3:::b/4\nallow s3:GetObject on arn:aws:s3:::b/5\nallow s3:GetObject on arn:aws:s3:::b/6\nallow s3:GetObject on arn:aws:s3:::b/7\nallow s3:GetObject on arn:aws:s3:::b/8\nallow s3:GetObject on arn:aws:s3:::b/9\nallow s3:GetObject on arn:aws:s3:::b/10\nallow s3:GetObject on arn:aws:s3:::b/11\nallow s3:GetObject on arn:aws:s3:::b/12\nallow s3:GetObject on arn:aws:s3:::b/13\nallow s3:GetObject on arn:aws:s3:::b/14\nallow s3:GetObject on arn:aws:s3:::b/15\nallow s3:GetObject on arn:aws:s3:::b/16\nallow s3:GetObject on arn:aws:s3:::b/17\nallow s3:GetObject on arn:aws:s3:::b/18\nallow s3:GetObject on arn:aws:s3:::b/19\nallow s3:GetObject on arn:aws:s3:::b/20\nallow s3:GetObject on arn:aws:s3:::b/21\n"),
    good: identity("allow s3:GetObject on arn:aws:s3:::b/*\n"),
    Policy(many);
}

fn sid_missing(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.resolved.sid.is_none() {
        let message = format!("{} has no Sid", statement.name());
        found.say(statement.anchor(), message, "name it by its purpose");
    }
}

fn list_of_one(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_json = statement.file.notation == Notation::Json;
    let mut say = |list: Span, entry: Span| {
        let finding = found.at(list, "a list of one").help("write the one entry alone");
        let bytes = statement.file.text().get(entry.start as usize..entry.end as usize).unwrap_or_default();
        let text = std::str::from_utf8(bytes).ok().filter(|_| is_json);
        let fixed = match text {
            Some(text) => finding.fix(list, text),
            None => finding,
        };
        found.push(fixed);
    };
    let lists = [statement.actions(), statement.resources()];
    for List { span, is_array, entries } in lists.into_iter().flatten().map(|entries| entries.list) {
        if let ([entry], true) = (entries, is_array) {
            say(span, entry.span);
        }
    }
    for clause in statement.clauses.iter().filter(|clause| clause.is_array) {
        if let [value] = clause.values {
            say(clause.span, value.text.span);
        }
    }
}

fn element_order(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.file.notation != Notation::Json {
        return;
    }
    let place = |name: &ElementName| ElementName::STATEMENT.iter().position(|other| other == name);
    if let Some(pair) = statement.tree.order.windows(2).find(|pair| place(&pair[0]) > place(&pair[1])) {
        let message = format!("`{}` stands before `{}`", pair[0].name(), pair[1].name());
        found.say(
            statement.anchor(),
            message,
            "the usual order is Sid, Effect, Principal, Action, Resource, Condition",
        );
    }
}

fn value_json(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in &statement.clauses {
        for value in clause.values.iter().filter(|value| value.kind != ScalarKind::String) {
            let text = value.text;
            let finding = found.at(text.span, format!("`{}` is no text", text.text)).help("put it in quotes");
            // A number may be spelled in a way that its text would not be read.
            let is_safe =
                value.kind == ScalarKind::Bool && statement.file.notation == Notation::Json && statement.has(text);
            found.push(if is_safe { finding.fix(text.span, format!("\"{}\"", text.text)) } else { finding });
        }
    }
}

/// Longest list that nobody need sort.
const UNSORTED_MAX: usize = 4;

fn unsorted(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(actions) = statement.actions().filter(|actions| actions.list.entries.len() > UNSORTED_MAX) else { return };
    let names: Vec<String> = actions.list.entries.iter().map(|text| text.text.to_ascii_lowercase()).collect();
    if !names.is_sorted() {
        found.say(actions.name, "the actions are in no order", "sort them");
    }
}

/// Most statements that a reader keeps in mind.
const STATEMENTS_MAX: usize = 20;

fn many(subject: &Subject<'_>, found: &mut Found<'_>) {
    let count = subject.statements.len();
    if count > STATEMENTS_MAX {
        found.say(
            subject.anchor(),
            format!("a policy of {count} statements"),
            "make several of it, each for one purpose",
        );
    }
}
