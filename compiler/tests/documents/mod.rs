//! Random policy documents as minified JSON: every element, operator and shape, and texts that are hard to write.
//!
//! They hold to the grammar of a document and are else as wrong as may be.

use std::collections::HashSet;

use dictum_vm::operator::Operator;
use proptest::prelude::*;
use proptest::sample::select;

/// A JSON string of a text.
fn string(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// Texts that mean something in the Dictum language, or nearly.
const ODD: &[&str] = &[
    "",
    "*",
    "**",
    "allow",
    "json(true)",
    "@Sid",
    "#x",
    "a #b",
    "//",
    "/*",
    "s3:",
    ":x",
    "s3:Get*",
    "s3:Get?",
    "S3:get",
    "s3:Get{A, B}",
    "iam:*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:",
    "arn",
    "arn:aws:iam::1:role/a",
    "arn:aws:iam::1:role/b",
    "arn:aws:iam::1:role/a/x",
    "arn:aws:iam::1:role/b/x",
    "arn:a b",
    "${aws:username}",
    "${aws:username, 'all'}",
    "${",
    "${}",
    "${*}",
    "$",
    "a}",
    "{a}",
    "true",
    "false",
    "True",
    "10",
    "-5",
    "+5",
    "0.5",
    ".5",
    "5.",
    "1e3",
    "2024",
    "1700000000",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "2026-13-01",
    "2026-01-01T00:00:00+01:00",
    "10.0.0.0/8",
    "10.0.0.1",
    "10.0.0.0/33",
    "2001:db8::/32",
    "::1",
    "fe80::/10",
    "abcd::",
    "QmluYXJ5",
    "mfa",
    "common.reads",
    "aws:SourceIp",
    "aws:SourceIp?",
    "aws:ResourceTag/a b",
    "a:b",
    "\"",
    "\\",
    "a\nb",
    "\r\t\u{1}",
    "é",
    "😀",
    "\u{202e}x",
    "111122223333",
    "s3.amazonaws.com",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(ODD).prop_map(str::to_owned),
        2 => "[a-c]{1,3}:[A-D][a-z*?]{0,3}",
        2 => "arn:aws:(s3|iam)::(1|2)?:[ab]/[a-c]{1,2}(/[xy])?",
        1 => "[a-z\"\\\\#{}$*?:/ ,()@=<>!~.+-]{0,8}",
        1 => ".{0,6}",
    ]
}

/// A list, or its one entry.
fn list(entry: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (prop::collection::vec(entry, 0..5), any::<bool>()).prop_map(|(entries, is_array)| match entries.as_slice() {
        [entry] if !is_array => entry.clone(),
        entries => format!("[{}]", entries.join(",")),
    })
}

fn texts() -> impl Strategy<Value = String> {
    list(text().prop_map(|text| string(&text)))
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => text().prop_map(|text| string(&text)),
        1 => select(&["true", "false"][..]).prop_map(str::to_owned),
        1 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9])?",
    ]
}

/// Members whose names differ in more than letter case.
fn object(members: Vec<(String, String)>) -> String {
    let mut seen = HashSet::new();
    let members = members.into_iter().filter(|(name, _)| seen.insert(name.to_lowercase()));
    let members: Vec<String> = members.map(|(name, value)| format!("{}:{value}", string(&name))).collect();
    format!("{{{}}}", members.join(","))
}

fn operator() -> impl Strategy<Value = String> {
    let quantifier = select(&["", "", "ForAllValues:", "ForAnyValue:", "forallvalues:"][..]);
    let suffix = select(&["", "", "", "IfExists", "IFEXISTS"][..]);
    let case = select(&[0, 0, 0, 0, 1, 2][..]);
    (quantifier, select(Operator::ALL), suffix, case).prop_map(|(quantifier, operator, suffix, case)| {
        let base = match case {
            0 => operator.name().to_owned(),
            1 => operator.name().to_lowercase(),
            _ => operator.name().to_uppercase(),
        };
        format!("{quantifier}{base}{suffix}")
    })
}

fn condition() -> impl Strategy<Value = String> {
    let key = prop_oneof![4 => "[a-c]:[a-d]", 1 => text()];
    let keys = prop::collection::vec((key, list(value())), 0..4).prop_map(object);
    prop::collection::vec((operator(), keys), 0..5).prop_map(object)
}

fn principals() -> impl Strategy<Value = String> {
    let kinds = ["AWS", "Service", "Federated", "CanonicalUser"].map(str::to_owned);
    let kinds = prop::sample::subsequence(kinds.to_vec(), 1..=4).prop_shuffle();
    let map = (kinds, prop::collection::vec(texts(), 4))
        .prop_map(|(kinds, lists)| object(kinds.into_iter().zip(lists).collect()));
    prop_oneof![1 => Just("\"*\"".to_owned()), 3 => map]
}

/// One of a pair of elements, its negated twin, or neither.
fn one_of(
    names: [&'static str; 2],
    value: impl Strategy<Value = String>,
    may_lack: bool,
) -> impl Strategy<Value = Option<(String, String)>> {
    let name = select(if may_lack { vec![Some(names[0]), Some(names[1]), None] } else { names.map(Some).to_vec() });
    (name, value).prop_map(|(name, value)| name.map(|name| (name.to_owned(), value)))
}

fn perhaps(
    name: &'static str,
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = Option<(String, String)>> {
    prop::option::of(value).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
}

fn statement() -> impl Strategy<Value = String> {
    let effect = select(&["Allow", "Deny"][..]).prop_map(|effect| Some(("Effect".to_owned(), string(effect))));
    let members = (
        perhaps("Sid", text().prop_map(|text| string(&text))),
        effect,
        one_of(["Principal", "NotPrincipal"], principals(), true),
        one_of(["Action", "NotAction"], texts(), false),
        one_of(["Resource", "NotResource"], texts(), true),
        perhaps("Condition", condition()),
    );
    let members =
        members.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].into_iter().flatten().collect::<Vec<_>>()).boxed();
    prop_oneof![members.clone(), members.prop_shuffle()].prop_map(object)
}

/// A document.
pub fn document() -> impl Strategy<Value = String> {
    let version = prop_oneof![3 => Just("2012-10-17".to_owned()), 1 => Just("2008-10-17".to_owned()), 1 => text()];
    let members = (
        perhaps("Version", version.prop_map(|text| string(&text))),
        prop::option::weighted(0.2, text()).prop_map(|id| id.map(|id| ("Id".to_owned(), string(&id)))),
        list(statement()).prop_map(|statements| Some(("Statement".to_owned(), statements))),
    );
    let members = members.prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect::<Vec<_>>()).boxed();
    prop_oneof![members.clone(), members.prop_shuffle()].prop_map(object)
}
