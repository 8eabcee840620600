//! test: what it measures of the policies, how it chooses, what it writes, and watching.

mod common;

use std::io::{BufRead, BufReader};

use common::{Folder, case, corpus, policy, untimed};

const ALLOW: &str = r#"{"decision":"allow"}"#;
const DENY: &str = r#"{"decision":"implicit_deny"}"#;
const MFA: &str =
    r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringLike":{"aws:PrincipalTag/team":"blue*"}}"#;

/// Cases over one policy with two conditions: the first never fails, the second never holds.
fn folder() -> Folder {
    let folder = Folder::new();
    let own = policy("Allow", "s3:Get*", MFA);
    let with = |id: &str, context: &str, expect: &str| {
        case(id, &own, expect).replace(r#""resource":"#, &format!(r#""context":{{{context}}},"resource":"#))
    };
    let lines = [
        with("no team", r#""aws:MultiFactorAuthPresent":true"#, DENY),
        with("red", r#""aws:MultiFactorAuthPresent":true,"aws:PrincipalTag/team":"red""#, DENY),
    ];
    folder.write("cases.jsonl", lines.join("\n"));
    folder
}

#[test]
fn coverage_tells_what_no_test_has_seen() {
    let folder = folder();
    let ran = folder.run(&["test", ".", "--coverage", "--coverage-out", "coverage.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(untimed(&ran.out));
    insta::assert_snapshot!("coverage_as_json", String::from_utf8(folder.read("coverage.json")).unwrap());
    // Two of the five: one side of each condition, and no decision.
    for (least, code) in [("40", 0), ("40.1", 1), ("100", 1)] {
        let ran = folder.run(&["test", "cases.jsonl", "--min-coverage", least]);
        assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{least}: {}", ran.out);
        assert!(ran.out.ends_with("2 passed, 0 failed\n"), "{}", ran.out);
    }
    for least in ["-1", "101", "x", "NaN"] {
        assert_eq!(folder.run(&["test", ".", "--min-coverage", least]).code, 3, "{least}");
    }
}

#[test]
fn mutants_that_no_test_notices_are_listed() {
    let folder = folder();
    let ran = folder.run(&["test", ".", "--mutate"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(untimed(&ran.out));
    // With the cases that see the rest of the policy nothing survives but what widens it.
    let own = policy("Allow", "s3:Get*", MFA);
    let team = r#""aws:MultiFactorAuthPresent":true,"aws:PrincipalTag/team":"blue-ops""#;
    let with = |id: &str, context: &str, action: &str, expect: &str| {
        let case = case(id, &own, expect).replace(r#""resource":"#, &format!(r#""context":{{{context}}},"resource":"#));
        case.replace("s3:GetObject", action)
    };
    let lines = [
        String::from_utf8(folder.read("cases.jsonl")).unwrap(),
        with("blue", team, "s3:GetObject", ALLOW),
        with("put", team, "s3:PutObject", DENY),
        with("no mfa", r#""aws:PrincipalTag/team":"blue-ops""#, "s3:GetObject", DENY),
    ];
    folder.write("cases.jsonl", lines.join("\n"));
    let ran = folder.run(&["test", ".", "--mutate"]);
    assert!(ran.out.contains("mutants   7 killed, 0 not\n"), "{}", ran.out);
    let ran = folder.run(&["test", ".", "--mutate", "--mutate-max", "3"]);
    assert!(ran.out.contains("mutants   3 killed, 0 not; 3 of 7 tried (--mutate-max)\n"), "{}", ran.out);
    // A test that fails as it is kills nothing.
    folder.write("cases.jsonl", case("wrong", &own, ALLOW));
    let ran = folder.run(&["test", ".", "--mutate"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("mutants   0 killed, 0 not\n"), "{}", ran.out);
}

#[test]
fn a_mutant_may_be_no_policy() {
    let folder = Folder::new();
    let own =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    let guard = case("guard", own, r#"{"decision":"explicit_deny"}"#).replace("\"identity\":[", "\"rcp\":[[");
    folder.write("cases.jsonl", guard.replace("}]},\"request\"", "}]]},\"request\""));
    let ran = folder.run(&["test", ".", "--mutate"]);
    // An rcp takes neither an Allow nor a Deny of `*`.
    assert!(ran.out.contains("mutants   1 killed, 0 not; 2 are no policies\n"), "{}{}", ran.out, ran.err);
}

#[test]
fn tests_are_chosen_by_name_and_place() {
    let folder = folder();
    for (only, out) in [("red", 1), ("cases.jsonl:1", 1), ("./cases.jsonl:2", 1), ("e", 2)] {
        let ran = folder.run(&["test", ".", "--only", only]);
        let sum = format!("{out} passed, 0 failed\n");
        assert!(ran.code == 0 && ran.out.ends_with(&sum), "{only}: {}{}", ran.out, ran.err);
    }
    let ran = folder.run(&["test", ".", "--only", "nobody"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error[E-CASE]: no test is chosen by --only\n"), "{}", ran.out);
}

/// What a reader of XML sees of a document: the tags in order, each closed; an error where it is none.
fn tags(document: &str) -> Result<Vec<String>, String> {
    let mut rest = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no declaration")?;
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        if text.contains('>') || text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(format!("not a text: {text:?}"));
        }
        let end = rest[at..].find('>').ok_or("a tag without its end")? + at;
        let tag = &rest[at + 1..end];
        let name = tag.trim_matches('/').split(' ').next().unwrap_or_default().to_owned();
        if tag.matches('"').count() % 2 != 0 || tag.chars().any(char::is_control) {
            return Err(format!("not a tag: {tag:?}"));
        }
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() != Some(name.clone()) => return Err(format!("</{name}> closes nothing")),
            (true, _) => {}
            (false, closed) => {
                seen.push(name.clone());
                if !closed {
                    open.push(name);
                }
            }
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() { Ok(seen) } else { Err(format!("open: {open:?}")) }
}

#[test]
fn results_are_written_as_junit() {
    let folder = folder();
    let bad = case("<bad> & \\u0001", &policy("Allow", "s3:Put*", ""), ALLOW);
    folder.write("more.jsonl", [bad, "[".to_owned()].join("\n"));
    let ran = folder.run(&["test", ".", "--junit", "results.xml"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    let document = String::from_utf8(folder.read("results.xml")).unwrap();
    let seen =
        ["testsuites", "testsuite", "testcase", "testcase", "testsuite", "testcase", "failure", "testcase", "error"];
    assert_eq!(tags(&document).unwrap(), seen, "{document}");
    assert!(document.contains("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"0\""), "{document}");
    assert!(document.contains("name=\"&lt;bad&gt; &amp; \\u{1}\""), "{document}");
    assert_eq!(folder.names(), ["cases.jsonl", "more.jsonl", "results.xml"], "no temporary file is left");
}

/// The next line of sums.
fn sum(lines: &mut impl Iterator<Item = String>) -> Option<String> {
    lines.find(|line| line.ends_with(" failed"))
}

#[test]
fn watching_runs_again_until_the_input_ends() {
    let folder = folder();
    let mut child = folder.spawn(&["test", ".", "--watch"]);
    let stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(sum(&mut lines).as_deref(), Some("2 passed, 0 failed"));
    folder.write("cases.jsonl", case("one", &policy("Allow", "s3:Put*", ""), ALLOW));
    assert_eq!(sum(&mut lines).as_deref(), Some("0 passed, 1 failed"));
    drop(stdin);
    assert_eq!(lines.next(), None);
    assert_eq!(child.wait().unwrap().code(), Some(1), "the status is that of the last run");
}

#[test]
fn the_contact_centre_is_well_covered() {
    let ran = Folder::new().run(&["test", &corpus("policies/connect"), "--min-coverage", "85"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}
