//! Files that are none: each gets one diagnosis on standard error and status 2, from every command that reads it.

mod common;

use common::{Folder, connect};

/// Every command that reads a file, `F` standing for it.
const COMMANDS: [&[&str]; 8] = [
    &["check", "F"],
    &["compile", "F", "-o", "out.dctb"],
    &["list", "F"],
    &["inspect", "F"],
    &["decide", "--cases", "F"],
    &["decide", "F", "--requests", "-"],
    &["explain", "F", "--as", "anonymous", "--do", "a:B", "--on", "*"],
    &["test", "F"],
];

fn run(folder: &Folder, command: &[&str], file: &str) -> common::Ran {
    let args: Vec<&str> = command.iter().map(|arg| if *arg == "F" { file } else { arg }).collect();
    folder.run(&args)
}

#[test]
fn bad_files_are_diagnosed_once() {
    let folder = connect();
    let deep = "[".repeat(200_000);
    let closed = format!("{{\"Statement\":{deep}{}}}", "]".repeat(200_000));
    folder.write("empty", "").write("empty.json", "");
    folder.write("latin.json", b"{\"Statement\": [\xe4]}");
    folder.write("deep.json", &deep).write("deep.jsonl", &deep).write("closed.jsonl", &closed);
    folder.write("cut.json", &folder.read("set.json")[..300]);
    folder.write("cut.dctb", &folder.read("set.dctb")[..300]);
    std::fs::create_dir(folder.path().join("folder.json")).unwrap();
    for file in [
        "missing",
        "empty",
        "empty.json",
        "latin.json",
        "deep.json",
        "deep.jsonl",
        "closed.jsonl",
        "cut.json",
        "cut.dctb",
        "folder.json",
    ] {
        for command in COMMANDS {
            let ran = run(&folder, command, file);
            assert_eq!(ran.code, 2, "{command:?} {file}: {ran:?}");
            assert_eq!(ran.err.matches("error[").count(), 1, "{command:?} {file}: {}", ran.err);
            let is_class = ["error[E-", "error[B-"].iter().any(|start| ran.err.starts_with(start));
            assert!(is_class, "{command:?} {file}: {}", ran.err);
            assert!(ran.err.contains(&format!("--> {file}")), "{command:?} {file}: {}", ran.err);
            assert!(ran.err.len() < 2_000 && !ran.err.contains("panicked"), "{command:?} {file}: {}", ran.err);
            assert!(!folder.path().join("out.dctb").exists());
        }
    }
    assert!(folder.names().iter().all(|name| !name.starts_with('.')), "{:?}", folder.names());
}

#[test]
fn any_changed_byte_is_seen() {
    let folder = connect();
    let good = folder.read("set.dctb");
    for at in (0..good.len()).step_by(97).chain(0..24) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        folder.write("bad.dctb", &bad);
        let ran = folder.run(&["decide", "bad.dctb", "--requests", "requests.jsonl"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "byte {at}");
        assert!(ran.err.starts_with("error[B-"), "byte {at}: {}", ran.err);
    }
    for end in [0, 3, 4, 8, 16, 23, 24, good.len() - 1] {
        folder.write("bad.dctb", &good[..end]);
        assert_eq!(folder.run(&["list", "bad.dctb"]).code, 2, "{end} bytes");
    }
}

#[test]
fn another_version_is_refused_by_name() {
    let folder = connect();
    let mut other = folder.read("set.dctb");
    other[4] = 77;
    folder.write("other.dctb", &other);
    let ran = folder.run(&["inspect", "other.dctb"]);
    assert_eq!(
        (ran.code, ran.err.contains("error[B-VERSION]: a bundle of format version 77")),
        (2, true),
        "{}",
        ran.err
    );
}

#[test]
fn a_set_that_is_none_says_why() {
    let folder = Folder::new();
    for (text, message) in [
        (r#"{"identity": [], "boundry": []}"#, "unknown member `boundry` in `policies`"),
        (r#"{"identity": [], "identity": []}"#, "the member `identity` occurs twice in `policies`"),
        (r#"{"scp": [{"name": "a", "policy": {}}]}"#, "is not a list"),
        (r#"{"identity": [{"name": "a"}]}"#, "needs exactly one of `policy`, `text`, `base64` and `file`"),
        (r#"{"identity": [{"name": "a", "file": "../x.json"}]}"#, "`../x.json`"),
    ] {
        folder.write("set.json", text);
        let ran = folder.run(&["compile", "set.json", "-o", "out.dctb"]);
        assert_eq!((ran.code, ran.err.matches("error[E-CASE]").count()), (2, 1), "{text}: {}", ran.err);
        assert!(ran.err.contains(message) && ran.err.contains(" --> set.json"), "{text}: {}", ran.err);
    }
    assert_eq!(folder.names(), ["set.json"]);
}
