//! lint: exit codes, configuration, baseline, fixes.

mod common;

use common::Folder;

/// Three findings: L-ID of the policy, L-EMPTY and L-SID-EFFECT of the statement.
const POLICY: &str = r#"{"Version": "2012-10-17", "Id": "x", "Statement": {"Sid": "AllowRead", "Effect": "Deny", "Action": [], "Resource": "*"}}"#;
const CLEAN: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}}"#;

fn codes(out: &str) -> Vec<String> {
    let parse = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect(line) };
    out.lines().map(|line| parse(line)["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_status_follows_the_gravest_finding() {
    let folder = Folder::new();
    folder.write("a.json", POLICY).write("b.json", CLEAN).write("c.json", "{\"Statement\": 1}");
    for (args, code) in [
        (vec!["lint", "a.json"], 1),
        (vec!["lint", "a.json", "--fail-on", "security"], 0),
        (vec!["lint", "b.json"], 0),
        (vec!["lint", "b.json", "c.json", "--fail-on", "error"], 2),
        (vec!["lint", "d.json"], 2),
        (vec!["lint"], 3),
        (vec!["lint", "a.json", "--today", "tomorrow"], 3),
    ] {
        assert_eq!(folder.run(&args).code, code, "{args:?}");
    }
    let ran = folder.run(&["lint", ".", "--format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    let codes = codes(&ran.out);
    assert!(["L-ID", "L-EMPTY", "E-TYPE"].iter().all(|code| codes.iter().any(|it| it == code)), "{codes:?}");
}

#[test]
fn the_nearest_configuration_applies() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("roles/deep")).unwrap();
    folder.write("roles/deep/a.json", POLICY);
    let empty = "id = \"L-EMPTY\"\nreason = \"for a test\"\n";
    folder.write("dictum-lint.toml", format!("[[allow]]\nfile = \"roles/*\"\nsid = \"AllowRead\"\n{empty}"));
    let run = |args: &[&str]| folder.run(&[&["lint", "roles", "--format", "json"], args].concat());
    let sorted = |out: &str| {
        let mut codes = codes(out);
        codes.sort();
        codes
    };
    assert_eq!((sorted(&run(&[]).out), run(&[]).code), (vec!["L-ID".to_owned(), "L-SID-EFFECT".to_owned()], 1));

    folder.write("roles/dictum-lint.toml", "fail-on = \"error\"\n[levels]\nL-ID = \"off\"\n");
    assert_eq!((sorted(&run(&[]).out), run(&[]).code), (vec!["L-EMPTY".to_owned(), "L-SID-EFFECT".to_owned()], 0));
    let named = run(&["--config", "dictum-lint.toml", "--fail-on", "suggestion"]);
    assert_eq!((sorted(&named.out), named.code), (vec!["L-ID".to_owned(), "L-SID-EFFECT".to_owned()], 1));

    folder.write("roles/dictum-lint.toml", format!("[[allow]]\nfile = \"deep/a.json\"\nsid = \"Write\"\n{empty}"));
    let unused = run(&[]);
    assert_eq!(codes(&unused.out).last().map(String::as_str), Some("L-ALLOW-UNUSED"));
    assert!(
        unused.out.contains("\"file\":\"roles/dictum-lint.toml\",\"start\":{\"line\":4,\"column\":6,"),
        "{}",
        unused.out
    );
    folder.write("roles/dictum-lint.toml", "[levels]\nL-ID = \"of\"\n");
    assert_eq!(run(&[]).code, 2);
}

#[test]
fn a_baseline_leaves_what_is_new() {
    let folder = Folder::new();
    folder.write("a.json", POLICY);
    let ran = folder.run(&["lint", "a.json", "--write-baseline", "known.jsonl"]);
    assert_eq!((ran.code, ran.out.lines().last()), (0, Some("known.jsonl: 3 known findings")), "{}", ran.err);
    assert_eq!(folder.run(&["lint", "a.json", "--baseline", "known.jsonl", "--fail-on", "suggestion"]).code, 0);

    folder.write("a.json", CLEAN);
    let ran = folder.run(&["lint", "a.json", "--baseline", "known.jsonl"]);
    assert_eq!(ran.err.matches("suggestion[L-BASELINE]").count(), 3, "{}", ran.err);
    folder.write("known.jsonl", "{\"file\": 1}\n");
    let ran = folder.run(&["lint", "a.json", "--baseline", "known.jsonl"]);
    assert!(ran.code == 2 && ran.err.contains("known.jsonl:1:1"), "{}", ran.err);
}

#[test]
fn the_checks_are_listed() {
    let folder = Folder::new();
    let ran = folder.run(&["lint", "--list"]);
    assert!(ran.code == 0 && ran.out.lines().any(|line| line.starts_with("L-EMPTY ")), "{}", ran.out);
    assert_eq!(folder.run(&["lint", "--list", "--format", "json"]).out.lines().count(), ran.out.lines().count());
}

#[test]
fn fixes_are_carried_out_until_none_is_left() {
    let folder = Folder::new();
    let condition = r#""Condition": {"IpAddress": {"aws:sourceip": ["52.94.76.9/24", "52.94.76.9/24"]}}"#;
    let text =
        format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", {condition}}}}}"#);
    folder.write("a.json", &text).write("b.dct", "allow s3:GetObject on * if aws:securetransport == true\n");
    let ran = folder.run(&["lint", ".", "--fix", "--fail-on", "suggestion", "--config", "off.toml"]);
    assert_eq!(ran.code, 2, "a configuration that is not there: {}", ran.err);
    folder.write("off.toml", "[groups]\nrisk = false\n");
    let ran = folder.run(&["lint", ".", "--fix", "--fail-on", "suggestion", "--config", "off.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let fixed = String::from_utf8(folder.read("a.json")).unwrap();
    let expected = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["52.94.76.0/24"]}}}}"#;
    assert_eq!(fixed, expected);
    let language = String::from_utf8(folder.read("b.dct")).unwrap();
    assert_eq!(language, "allow s3:GetObject on * if aws:SecureTransport == true\n");
    assert_eq!(folder.names(), ["a.json", "b.dct", "off.toml"]);
}

#[test]
fn a_comment_accepts_a_finding() {
    let folder = Folder::new();
    folder.write("a.dct", "# dictum: allow L-ADMIN reason=\"break glass\"\n@BreakGlass allow * on *\n");
    assert_eq!(folder.run(&["lint", "a.dct"]).code, 0);
    folder.write("a.dct", "@BreakGlass allow * on *   # dictum: allow L-ADMIN\n");
    let ran = folder.run(&["lint", "a.dct"]);
    assert!(ran.code == 2 && ran.err.contains("L-ALLOW-REASON") && ran.err.contains("L-ADMIN"), "{}", ran.err);
}

#[test]
fn an_old_catalogue_is_told_of_once() {
    let folder = Folder::new();
    folder.write("a.json", CLEAN).write("b.json", CLEAN);
    let told =
        |args: &[&str]| folder.run(&[&["lint", "a.json", "b.json"], args].concat()).out.matches("days old").count();
    assert_eq!(told(&["--today", "2027-06-01"]), 0);
    assert_eq!(told(&["--today", "2030-01-01"]), 1);
    assert_eq!(told(&["--today", "2030-01-01", "--format", "json"]), 0);
}

/// What a set of files is told: code, file and line of each finding.
fn places(out: &str) -> Vec<String> {
    let parse = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect(line) };
    let place = |it: serde_json::Value| {
        format!("{} {}:{}", it["code"].as_str().unwrap(), it["file"].as_str().unwrap(), it["start"]["line"])
    };
    out.lines().map(parse).map(place).collect()
}

#[test]
fn a_baseline_takes_the_place_of_nothing_else() {
    let folder = Folder::new();
    folder.write("a.json", POLICY).write("notes.txt", "not a baseline\n").write("b.json", CLEAN);
    for target in ["a.json", "./a.json", "notes.txt", "b.json"] {
        let before = folder.read(target);
        let ran = folder.run(&["lint", "a.json", "--write-baseline", target]);
        assert_eq!((ran.code, folder.read(target)), (2, before), "{target}: {}", ran.err);
    }
    folder.write("known.jsonl", "");
    assert_eq!(folder.run(&["lint", "a.json", "--write-baseline", "known.jsonl"]).code, 0, "an empty one is one");
    assert_eq!(folder.run(&["lint", "a.json", "--write-baseline", "known.jsonl"]).code, 0, "its own");
}

#[test]
fn an_error_loses_nothing_of_a_baseline() {
    let folder = Folder::new();
    folder.write("a.json", POLICY).write("b.json", POLICY);
    let write = ["lint", "a.json", "b.json", "--write-baseline", "known.jsonl"];
    assert_eq!(folder.run(&write).code, 0);
    let known = folder.read("known.jsonl");
    folder.write("b.json", "{\"Statement\": [");
    let ran = folder.run(&write);
    assert!(ran.code == 2 && ran.err.contains("not written"), "{}", ran.err);
    assert_eq!(folder.read("known.jsonl"), known);
    let ran = folder.run(&["lint", "a.json", "b.json", "--baseline", "known.jsonl"]);
    assert!(!ran.err.contains("L-BASELINE"), "nothing of it is mended: {}", ran.err);
    std::fs::remove_file(folder.path().join("b.json")).unwrap();
    assert_eq!((folder.run(&write).code, folder.read("known.jsonl")), (2, known));
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let folder = Folder::new();
    folder.write("real.dct", "allow sqs:SendMessage on * if aws:securetransport == true\n");
    std::os::unix::fs::symlink("real.dct", folder.path().join("link.dct")).unwrap();
    folder.run(&["lint", "link.dct", "--fix"]);
    assert!(std::fs::symlink_metadata(folder.path().join("link.dct")).unwrap().is_symlink());
    assert_eq!(folder.read("real.dct"), b"allow sqs:SendMessage on * if aws:SecureTransport == true\n");
}

#[test]
fn only_named_files_are_fixed() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("g")).unwrap();
    let library = "cond safe = aws:securetransport == true\nlet sends = SQS:SendMessage\n";
    folder.write("g/common.dct", library);
    folder.write("g/main.dct", "use \"common.dct\" as common\nallow common.sends on * if common.safe\n");
    folder.run(&["lint", "g/main.dct", "--fix"]);
    assert_eq!(folder.read("g/common.dct"), library.as_bytes());
    // A set may name its policies by their files.
    let own = POLICY.replace("\"Action\": []", "\"Action\": \"SQS:SendMessage\"");
    folder.write("own.json", &own);
    folder.write("set.json", r#"{"identity": [{"name": "Own", "file": "own.json"}]}"#);
    folder.run(&["lint", "set.json", "--fix"]);
    assert_eq!(folder.read("own.json"), own.as_bytes());
    folder.run(&["lint", "own.json", "--fix"]);
    assert_ne!(folder.read("own.json"), own.as_bytes());
}

#[test]
fn what_is_shared_is_told_once_where_it_stands() {
    let folder = Folder::new();
    folder.write("common.dct", "let orders = arn:aws:sqs:eu-wset-1:123456789012:orders\n");
    for name in ["a.dct", "b.dct"] {
        folder.write(name, "use \"common.dct\" as common\nallow sqs:SendMessage on common.orders\n");
    }
    let ran = folder.run(&["lint", ".", "--format", "json"]);
    let told: Vec<String> = places(&ran.out).into_iter().filter(|it| it.starts_with("L-ARN-REGION ")).collect();
    assert_eq!(told, ["L-ARN-REGION common.dct:1"]);

    // Written by way of one importer, known by way of another.
    assert_eq!(folder.run(&["lint", "a.dct", "--write-baseline", "known.jsonl"]).code, 0);
    assert!(
        String::from_utf8(folder.read("known.jsonl")).unwrap().contains(r#""file":"common.dct","id":"L-ARN-REGION""#)
    );
    let ran = folder.run(&["lint", "b.dct", "--baseline", "known.jsonl", "--format", "json"]);
    assert_eq!(ran.out, "");

    let allow = |file: &str| format!("[[allow]]\nfile = \"{file}\"\nid = \"L-ARN-REGION\"\nreason = \"for a test\"\n");
    folder.write("dictum-lint.toml", allow("common.dct"));
    assert_eq!(folder.run(&["lint", ".", "--format", "json"]).out, "");
    folder.write("dictum-lint.toml", allow("a.dct"));
    let told = places(&folder.run(&["lint", ".", "--format", "json"]).out);
    assert_eq!(told, ["L-ARN-REGION common.dct:1", "L-ALLOW-UNUSED dictum-lint.toml:3"]);
}

#[test]
fn an_error_of_a_library_is_told_once() {
    let folder = Folder::new();
    folder.write("b.dct", "let orders = none\n");
    for name in ["a.dct", "c.dct"] {
        folder.write(name, "use \"b.dct\" as b\nallow sqs:SendMessage on b.orders\n");
    }
    for command in ["check", "lint"] {
        let ran = folder.run(&[command, "./a.dct", "c.dct", "b.dct", "--format", "json"]);
        let of_library: Vec<String> = places(&ran.out).into_iter().filter(|it| it.contains("b.dct:")).collect();
        assert_eq!((ran.code, of_library.len()), (2, 1), "{command}: {of_library:?}");
        let ran = folder.run(&[command, "./a.dct", "c.dct"]);
        assert!(ran.out.contains("c.dct: ") && !ran.out.contains("0 errors"), "{command}: {}", ran.out);
    }
}
