//! decide: cases, requests, a single request.

mod common;

use std::io::{BufRead, BufReader, Write};

use common::{Folder, case, connect, corpus, policy, request};

const ANA: &str = "arn:aws:iam::123456789012:user/ana";
const QUEUE: &str = "arn:aws:connect:eu-central-1:123456789012:instance/i-care/agent/a-lee";

#[test]
fn a_batch_of_cases_keeps_its_order_and_goes_on_behind_bad_lines() {
    let allow = policy("Allow", "s3:*", "");
    let good = case("good", &allow, r#"{"decision":"deny"}"#);
    let policy_error = case("bad-policy", r#"{"Statement":1}"#, r#"{"decision":"allow"}"#);
    let request_error = case("bad-request", &allow, r#"{"decision":"allow"}"#).replace("s3:GetObject", "s3");
    let lines = [good.as_str(), "", "[", &policy_error, &request_error, &good, "{\"id\":\"x\"}"].join("\n");
    let folder = Folder::new();
    let ran = folder.pipe(&["decide", "--cases", "-"], lines.as_bytes());
    assert_eq!(ran.code, 2);
    let out: Vec<&str> = ran.out.lines().collect();
    assert_eq!(out[0], r#"{"id":"good","decision":"allow","by":[{"policy":"Own","statement":0}]}"#);
    assert!(out[1].starts_with(r#"{"id":null,"line":3,"error":"request","code":"E-CASE","message":"#), "{}", out[1]);
    assert!(out[2].starts_with(r#"{"id":"bad-policy","error":"policy","code":"E-TYPE","message":"#), "{}", out[2]);
    assert!(out[3].starts_with(r#"{"id":"bad-request","error":"request","code":"E-REQUEST","message":"#), "{}", out[3]);
    assert!(out[4].starts_with(r#"{"id":"good","line":6,"error":"request","code":"E-CASE","message":"#), "{}", out[4]);
    assert!(out[5].starts_with(r#"{"id":"x","line":7,"#), "{}", out[5]);
    assert_eq!(out.len(), 6);
    assert!(ran.err.starts_with("error[E-CASE]: 5 of 6 lines are errors; the first: not JSON"), "{}", ran.err);
    assert!(ran.err.ends_with(" --> -:3\n"), "{}", ran.err);
}

#[test]
fn files_may_be_gzipped_or_whole() {
    let cases = ["a", "b"].map(|id| case(id, &policy("Deny", "*", ""), r#"{"decision":"deny"}"#));
    let folder = Folder::new();
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(cases.join("\n").as_bytes()).unwrap();
    let zipped = zipped.finish().unwrap();
    folder.write("cases.jsonl", cases.join("\n")).write("zipped", &zipped);
    folder.write("array.json", format!("[{}]", cases.join(",\n")));
    let plain = folder.run(&["decide", "--cases", "cases.jsonl"]);
    assert_eq!((plain.code, plain.err.as_str(), plain.out.lines().count()), (0, "", 2));
    assert_eq!(folder.run(&["decide", "--cases", "zipped"]).out, plain.out);
    assert_eq!(folder.run(&["decide", "--cases", "array.json"]).out, plain.out);
    assert_eq!(folder.pipe(&["decide", "--cases", "-"], &zipped).out, plain.out);

    let cut = folder.pipe(&["decide", "--cases", "-"], &zipped[..zipped.len() - 9]);
    assert_eq!(cut.code, 2);
    assert!(cut.err.starts_with("error[E-FILE]: "), "{}", cut.err);
}

#[test]
fn each_answer_comes_before_the_next_question() {
    let folder = connect();
    let mut child = folder.spawn(&["decide", "set.dctb", "--requests", "-"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for number in 1..=3 {
        writeln!(stdin, "{}", request("s3:GetObject")).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("{{\"id\":\"{number}\",\"decision\":\"explicit_deny\"")), "{line}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn requests_for_a_bundle_decide_as_their_cases() {
    let folder = connect();
    let ran = folder.run(&["decide", "set.dctb", "--requests", "requests.jsonl"]);
    assert_eq!((ran.code, ran.err.as_str(), ran.out.lines().count()), (0, "", 14));
    assert!(ran.out.contains(
        r#"{"id":"delete-instance","decision":"explicit_deny","by":[{"policy":"ProtectInstance","sid":"AdminsOnly"}]}"#
    ));
    let lines = format!(
        "{}\n{{\"id\":\"b\",\"request\":{},\"expect\":7,\"note\":1}}\n{{\"id\":\"c\",\"request\":{{}}}}\n{{\"policies\":{{}},\"request\":{{}}}}\n7\n",
        request("s3:X"),
        request("s3:X")
    );
    let ran = folder.pipe(&["decide", "set.dctb", "--requests", "-"], lines.as_bytes());
    let starts = [
        "{\"id\":\"1\",\"decision\"",
        "{\"id\":\"b\",\"decision\"",
        "{\"id\":\"c\",\"error\":\"request\",\"code\":\"E-REQUEST\"",
        "{\"id\":null,\"line\":4,",
        "{\"id\":null,\"line\":5,",
    ];
    assert_eq!(ran.code, 2);
    for (line, start) in ran.out.lines().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert_eq!(ran.out.lines().count(), 5);
}

#[test]
fn a_single_request_ends_with_its_decision() {
    let folder = connect();
    let base = ["decide", "set.dctb", "--as", "arn:aws:iam::123456789012:user/supervisors/mia"];
    let on = ["--on", QUEUE, "--with", "aws:RequestedRegion=eu-central-1", "--now"];
    let ask = |args: &[&str]| folder.run(&[&base[..], args, &on].concat());
    let ran = ask(&["--do", "connect:DescribeUser"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "{\"id\":\"1\",\"decision\":\"allow\",\"by\":[{\"policy\":\"AgentSupervisor\",\"sid\":\"ReadTheCentre\"}]}\n"
    );
    assert_eq!(ask(&["--do", "connect:DeleteUser"]).code, 1);
    assert_eq!(ask(&["--do", "connect:DescribeUser", "--on", "arn:aws:s3:::b"]).code, 1, "one of two is denied");
    for bad in [
        &["--do", "connect"][..],
        &["--do", "connect:X", "--with", "aws:CurrentTime=x"],
        &["--do", "connect:X", "--with", "a:b=1", "--with", "A:B=2"],
        &["--do", "connect:X", "--with", "a:b=[[]]"],
        &["--do", "connect:X", "--resource-account", "1"],
    ] {
        let ran = ask(bad);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{bad:?}");
        assert!(ran.err.starts_with("error[E-REQUEST]: "), "{}", ran.err);
    }
    let ran = folder.run(&["decide", "set.dctb", "--as", "service:x", "--do", "a:B", "--on", "*"]);
    assert_eq!((ran.code, ran.err.contains("REQ-5")), (2, true), "{}", ran.err);
}

#[test]
fn usage_is_checked_before_anything_is_read() {
    let folder = Folder::new();
    for args in [
        &[][..],
        &["frobnicate"],
        &["decide"],
        &["decide", "b.dctb"],
        &["decide", "--cases", "x", "--requests", "y"],
        &["decide", "b.dctb", "--cases", "x"],
        &["decide", "--requests", "x"],
        &["decide", "b.dctb", "--as", ANA],
        &["decide", "b.dctb", "--as", ANA, "--do", "a:B", "--on", "*", "--with", "no-value"],
        &["decide", "b.dctb", "--requests", "x", "--now"],
        &["explain", "b.dctb"],
        &["explain", "--cases", "x"],
        &["explain", "b.dctb", "--cases", "x", "--id", "i"],
        &["explain", "b.dctb", "--request", "x", "--as", ANA, "--do", "a:B", "--on", "*"],
        &["compile", "set.json"],
        &["check"],
        &["check", "--type", "vpc", "x"],
        &["test"],
    ] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{args:?}: {}", ran.err);
        assert!(!ran.err.is_empty());
    }
    for args in [&["--help"][..], &["--version"], &["help"], &["decide", "--help"], &["test", "-h"]] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    }
    let help = folder.run(&["--help"]).out;
    for code in 0..=4 {
        assert!(help.contains(&format!("\n  {code}  ")), "{help}");
    }
    for command in ["compile", "check", "list", "inspect", "decide", "explain", "test"] {
        let help = folder.run(&[command, "--help"]).out;
        assert!(
            help.contains("Exit codes:") && help.contains("Example") && help.contains(&format!("\n  dictum {command}")),
            "{help}"
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = connect();
    let mut child = folder.spawn(&["decide", "--cases", &corpus("cases/globs.jsonl")]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}
