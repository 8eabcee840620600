//! test: the corpus, failures, exceptions, what is skipped.

mod common;

use common::{Folder, case, corpus, policy, untimed};

const ALLOW: &str = r#"{"decision":"allow"}"#;
const DENY: &str = r#"{"decision":"implicit_deny"}"#;

fn last(out: &str) -> &str {
    out.lines().last().unwrap_or_default()
}

#[test]
fn the_corpus_passes() {
    let ran = Folder::new().run(&["test", &corpus("")]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(
        ran.out.contains("skipped: 74 policies, 2 sets of policies, 26 cases without an expectation"),
        "{}",
        ran.out
    );
    assert!(last(&ran.out).ends_with(" passed, 0 failed"), "{}", ran.out);
}

#[test]
fn a_failing_case_is_explained() {
    let folder = Folder::new();
    let lines = [
        case("good", &policy("Allow", "s3:*", ""), ALLOW),
        case("bad", &policy("Allow", "s3:Put*", ""), ALLOW),
        case("by", &policy("Allow", "s3:*", ""), r#"{"decision":"allow","by":[]}"#),
        case("kind", r#"{"Statement":1}"#, r#"{"error":"request"}"#),
    ];
    folder.write("cases.jsonl", lines.join("\n"));
    let ran = folder.run(&["test", "."]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(untimed(&ran.out));
    let ran = folder.run(&["test", ".", "--explain", "--only", "cases.jsonl:2"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!("a_failing_case_is_explained_in_full", untimed(&ran.out));
}

#[test]
fn known_differences_are_listed_and_kept_true() {
    let folder = Folder::new();
    let bad = case("bad", &policy("Allow", "s3:Put*", ""), ALLOW);
    let good = case("good", &policy("Allow", "s3:*", ""), ALLOW);
    folder.write("cases.jsonl", [bad, good].join("\n"));
    let entry = |id: &str, got: &str| format!(r#"{{"id":"{id}","rule":"ACT-3","got":"{got}","note":"why"}}"#);
    let run = |list: &[String]| {
        folder.write("exceptions.jsonl", list.join("\n"));
        folder.run(&["test", "--except", "exceptions.jsonl", "."])
    };
    let ran = run(&[entry("bad", "implicit_deny")]);
    let told =
        "./cases.jsonl                    ✓ 1   1 as listed   (time)\n1 case differs as listed\n1 passed, 0 failed\n";
    assert_eq!((ran.code, untimed(&ran.out).as_str()), (0, told), "{}", ran.err);
    let ran = run(&[entry("bad", "explicit_deny")]);
    assert_eq!((ran.code, last(&ran.out)), (1, "1 passed, 1 failed"));
    let ran = run(&[entry("bad", "implicit_deny"), entry("good", "explicit_deny")]);
    assert_eq!((ran.code, last(&ran.out)), (1, "0 passed, 1 failed"));
    assert!(ran.out.contains("it passes, though it is listed as differing by ACT-3"), "{}", ran.out);
    let ran = run(&[entry("bad", "implicit_deny"), entry("nobody", "allow")]);
    assert_eq!((ran.code, last(&ran.out)), (2, "1 passed, 0 failed"));
    assert_eq!(ran.err, "error[E-CASE]: no case of this run has the id `nobody`\n --> exceptions.jsonl:2\n");
    for list in [
        vec![entry("bad", "perhaps")],
        vec!["{\"id\":\"bad\"}".into()],
        vec![entry("bad", "allow"), entry("bad", "allow")],
    ] {
        let ran = run(&list);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{list:?}");
        assert!(ran.err.contains("exceptions.jsonl:"), "{}", ran.err);
    }
    // Without being asked for, a list of exceptions is skipped and counted.
    folder.write("exceptions.jsonl", entry("bad", "implicit_deny"));
    let ran = folder.run(&["test", "."]);
    assert!(ran.out.contains("skipped: 1 entry of a list of exceptions\n1 passed, 1 failed\n"), "{}", ran.out);
}

#[test]
fn a_path_without_a_case_is_bad_input() {
    let folder = Folder::new();
    folder.write("good.jsonl", case("good", &policy("Allow", "s3:*", ""), ALLOW));
    folder.write("policy.json", policy("Allow", "*", "")).write("empty.jsonl", "\n");
    folder
        .write("unasked.jsonl", case("other", &policy("Allow", "*", ""), ALLOW).replace(r#","expect""#, r#","note""#));
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for path in ["policy.json", "empty.jsonl", "unasked.jsonl", "folder", "missing"] {
        let ran = folder.run(&["test", path, "good.jsonl"]);
        assert_eq!((ran.code, last(&ran.out)), (2, "1 passed, 0 failed"), "{path}: {}", ran.err);
        assert!(ran.err.contains(&format!(" --> {path}\n")), "{path}: {}", ran.err);
    }
    let ran = folder.run(&["test", "good.jsonl", "./good.jsonl"]);
    let told = "good.jsonl                       ✓ 1   (time)\n1 passed, 0 failed\n";
    assert_eq!((ran.code, untimed(&ran.out).as_str()), (0, told), "the same file twice is read once");
}

#[test]
fn lines_that_are_no_case_pass_only_where_that_is_expected() {
    let folder = Folder::new();
    let refused = |id: &str, expect: &str| format!(r#"{{"id":"{id}","request":{{}},"more":1,"expect":{expect}}}"#);
    let lines = [
        refused("a", r#"{"error":"request","code":"E-CASE"}"#),
        refused("b", r#"{"decision":"deny"}"#),
        refused("c", r#"{"error":"request","code":"E-CASE"},"expect":{"error":"request","code":"E-CASE"}"#),
        "[".into(),
        case("d", &policy("Allow", "s3:Put*", ""), DENY),
        case("d", &policy("Allow", "s3:Put*", ""), DENY),
    ];
    folder.write("cases.jsonl", lines.join("\n"));
    let ran = folder.run(&["test", "cases.jsonl"]);
    assert_eq!((ran.code, last(&ran.out)), (2, "2 passed, 4 failed"), "{}", ran.err);
    for line in [2, 3, 4, 6] {
        assert!(ran.err.contains(&format!(" --> cases.jsonl:{line}\n")), "{}", ran.err);
    }
}

#[test]
fn the_conformance_cases_pass() {
    let folder = format!("{}/../../shared/conformance", env!("CARGO_MANIFEST_DIR"));
    if !std::path::Path::new(&folder).is_dir() {
        println!("skipped: no conformance cases at {folder}");
        return;
    }
    let list = corpus("exceptions.jsonl");
    let mut args = vec!["test", folder.as_str()];
    if std::path::Path::new(&list).is_file() {
        args.extend(["--except", list.as_str()]);
    }
    let ran = Folder::new().run(&args);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
}
