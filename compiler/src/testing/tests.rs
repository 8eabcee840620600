use std::fmt::Write;

use bumpalo::Bump;

use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::{SourceId, Sources};
use crate::syntax::dsl;

/// The cases of a text a line each, and behind them what is wrong.
fn listing(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add_file("home.dct", text);
    let arena = Bump::new();
    let (tree, errors) = dsl::parse(text.as_bytes(), source, &arena);
    assert_eq!(errors, []);
    let (blocks, diagnostics) = read(&tree);
    let mut out = String::new();
    for block in &blocks {
        for under in &block.under {
            writeln!(out, "under {:?} {} {:?}", under.member, under.level, under.policy).unwrap();
        }
        for case in &block.cases {
            writeln!(out, "{}\n  {:?}\n  {:?}", case.name, case.request, case.expect).unwrap();
        }
    }
    out + &Diagnostics(diagnostics).render(&sources)
}

#[test]
fn tests_and_tables_become_cases() {
    insta::assert_snapshot!(listing(
        r#"
test "ana reads her home" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-home/ana/x
  with aws:MultiFactorAuthPresent = true, aws:MultiFactorAuthAge = 60, aws:SourceIp = "10.1.2.3", a:b = 1.50, a:c = 007
  expect allow by ReadHome
}
test "who reads whose" under boundary "cap.json", scp[1] common.guard, scp[0] "caps.dct#eu guard"
  for (who, home, want) in [ (ana, ana, allow), ("ana", bob, deny) ] {
  as arn:aws:iam::123456789012:user/${who}
  do s3:GetObject on arn:aws:s3:::acme-home/${home}/{x, y} account 123456789012
  with aws:TagKeys = ["a", ${who}], aws:PrincipalTag/x = ${home}, a:v = "${aws:username}-${*}"
  expect want
}
test "sessions" {
  as session(arn:aws:sts::123456789012:assumed-role/ops/ana, arn:aws:iam::123456789012:role/team/ops)
  do sts:AssumeRole on *
  expect deny by p@X, "p#2", p#1
}
test "outcomes" for (o, who) in [ (deny, ana), (allow, bob) ] {
  as arn:aws:iam::123456789012:user/${who} do s3:Get on * expect ${o}
}
test "federated users" {
  as session(arn:aws:sts::123456789012:federated-user/bob, arn:aws:iam::123456789012:user/ana)
  do s3:Get on arn:aws:s3:::b, "arn:aws:s3:::c d"
  expect implicit_deny
}
test "services" { as service(lambda.amazonaws.com) do s3:Get on * expect explicit_deny }
test "nobody" { as anonymous do s3:Get on * expect error E-ACTION }
test "no request" { as ana do x on y account 1 with z = 1 expect error E-REQUEST }
"#
    ));
}

#[test]
fn mistakes_are_told_at_their_place() {
    insta::assert_snapshot!(listing(
        r#"
test "empty" { }
test "twice" { as anonymous as anonymous do s3:Get on * do s3:Get on * expect allow expect deny }
test "twice" { as anonymous do s3:Get on * with a:b = 1 with a:c = 2 expect alow }
test "words" { as ana do s3 on home account 123 with key = 1 expect allow ReadHome }
test "kinds" { as servise(lambda.amazonaws.com) do s3:Get* on [] expect error }
test "calls" { as session(arn:aws:sts::1:assumed-role/a/b) do * on * expect error E-ACTON }
test "service" { as lambda.amazonaws.com do s3:Get expect implicit_deny by X }
test "aws" { as aws(arn:aws:iam::123456789012:user/ana) do s3:Get on * account 12345678901 expect error E-ACTION by X }
test "keys" { as anonymous do s3:Get on * with a:b = 1, A:B = 2, a:c = {x, y} expect allow E-ACTION }
test "groups" { as arn:aws:iam::1:user/{a, b} do s3:{Get, Put} on * with a:c = x{y, z} expect allow }
test "no table" { as arn:aws:iam::1:user/${who} do s3:Get on * expect want }
test "outcome" for (who, want) in [ (ana, allow) ] { as anonymous do s3:Get on a:${who} expect ${wnat} }
test "words" for (error, who) in [ (deny, ana) ] { as anonymous do s3:Get on * expect error }
test "" under identiti "x.json", boundary[1] "x.json", scp[x] "x.json", scp[2] x, rcp[0] x, rcp[2] x, session "x.txt",
  session "x.json#y", session "x.dct#" { as anonymous do s3:Get on * expect allow }
test "table" for (who, who, a:b, extra, want) in [ (ana, ana, x, y, allow), (ana, bob), (ana, x{a, b}, c, d, allow), (ana, b, c, d, error), (ana, b, c, d, alow) ] {
  as who
  do s3:Get on arn:aws:s3:::b/${hwo}
  expect want
}
"#
        .replace("a:c = {x, y}", "a:c = x{a, b}")
        .as_str()
    ));
}

/// What nothing types is never taken for a string: a name, a word of another language, a text for want of quotes.
#[test]
fn values_are_literals_or_in_quotes() {
    insta::assert_snapshot!(listing(
        r#"
let regions = "eu-central-1"
test "words" {
  as anonymous do s3:Get on *
  with a:a = regions, a:b = null, a:c = yes, a:d = ["x", True], a:e = x{y, z}, a:f = blue
  expect allow
}
test "literals" {
  as anonymous do s3:Get on *
  with a:a = arn:aws:s3:::b, a:b = 10.0.0.0/8, a:c = 2026-01-01, a:d = 1e3, a:e = [true, -5, 007, 2001:db8::1], a:f = [1{0, 1}]
  expect allow
}
test "cells" for (word, yes, age, home) in [ (ana, true, 60, json(ten)), ("a b", maybe, 1e3, json(5)) ] {
  as anonymous do s3:Get on *
  with a:a = ${word}, a:b = json(${yes}), a:c = json(${age}), a:d = json(null), a:e = x-${word}, a:f = ${home}
  expect allow
}
test "typed" {
  as json(true) do arn"s3:Get" on arn"arn:aws:s3:::b" account json(123456789012)
  with a:a = ip"10.0.0.1", a:b = bool"true"
  expect allow
}
test "typed in a call" { as service(bin"x") do s3:Get on [*, json(1)] expect allow }
"#
    ));
}

#[test]
fn the_texts_of_all_rows_are_bounded() {
    let rows = "(x),".repeat(10_000);
    let long = "y".repeat(1 << 20);
    let text = format!(
        "test \"t\" for (a) in [{rows}] {{ as anonymous do s3:Get on arn:aws:s3:::${{a}} with a:b = \"{long}\" expect allow }}"
    );
    let arena = Bump::new();
    let (tree, _) = dsl::parse(text.as_bytes(), crate::source::SourceId(0), &arena);
    let (blocks, diagnostics) = read(&tree);
    assert_eq!(diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::E_LIMIT]);
    assert!(blocks[0].cases.len() < 100);
}

#[test]
fn names_of_statements() {
    let sids = |list: &[&str]| -> Vec<Option<String>> {
        list.iter().map(|sid| (!sid.is_empty()).then(|| (*sid).to_owned())).collect()
    };
    let (home, cap) = (sids(&["ReadHome", "", "Guard"]), sids(&["Guard", "Allow get", "Twice", "Twice"]));
    let (twin, other) = (sids(&["Same", "Own"]), sids(&["Same"]));
    let policies = [
        NamedPolicy { name: "home", place: (SourceId(0), 0), sids: &home },
        NamedPolicy { name: "cap", place: (SourceId(1), 0), sids: &cap },
        NamedPolicy { name: "home", place: (SourceId(0), 0), sids: &home },
        NamedPolicy { name: "twin", place: (SourceId(2), 0), sids: &twin },
        NamedPolicy { name: "twin", place: (SourceId(3), 0), sids: &other },
    ];
    let named = NamedStatements::new(policies.to_vec());
    let mut out = String::new();
    for text in [
        "ReadHome",
        "home#1",
        "home@Guard",
        "cap@Allow get",
        "Allow get",
        "Guard",
        "Twice",
        "cap@Twice",
        "cap#4",
        "cap#x",
        "ReadHom",
        "cap@Gard",
        "hom#1",
        "nothing-like-it",
        "cap#2",
        "Same",
        "twin@Same",
        "twin#0",
        "twin#7",
        "Own",
    ] {
        let name = StatementName { span: Span::default(), text: text.to_owned() };
        let found = named.find(&name, &mut 1).map_err(|error| error.to_string());
        writeln!(out, "{text}: {found:?}").unwrap();
    }
    insta::assert_snapshot!(out);
}
