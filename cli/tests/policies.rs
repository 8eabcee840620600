//! compile, check, list, inspect.

mod common;

use common::{Folder, connect, policy};

#[test]
fn compile_writes_the_same_bytes_for_the_same_input() {
    let folder = connect();
    let ran = folder.run(&["compile", "set.json", "--output", "again.dctb"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("L-FORALLVALUES") && ran.err.contains("set.json:102:17"), "{}", ran.err);
    assert!(ran.err.contains("8 policies, 17 statements (0 can never apply), 0 errors, 1 warning\n"), "{}", ran.err);
    assert_eq!(folder.read("set.dctb"), folder.read("again.dctb"));
    assert_eq!(folder.names(), ["again.dctb", "cases.jsonl", "requests.jsonl", "set.dctb", "set.json"]);
}

#[test]
fn warnings_can_be_findings() {
    let folder = connect();
    let ran = folder.run(&["compile", "set.json", "-o", "no.dctb", "--fail-on", "warning"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.ends_with("0 errors, 1 warning: no.dctb is not written, by --fail-on\n"), "{}", ran.err);
    assert!(!folder.path().join("no.dctb").exists());
    assert_eq!(folder.run(&["check", "set.json"]).code, 1);
    assert_eq!(folder.run(&["check", "set.json", "--fail-on", "security"]).code, 0);
    assert_eq!(folder.run(&["check", "set.json", "--fail-on", "none"]).code, 3);
}

#[test]
fn a_bare_document_is_compiled_under_its_type() {
    let folder = Folder::new();
    folder.write("read.json", policy("Allow", "s3:*", ""));
    folder.write("bucket.json", policy("Allow", "s3:*", r#","Principal":"*""#));
    for (file, extra, layer) in [
        ("read.json", [].as_slice(), "identity"),
        ("read.json", &["--type", "boundary"], "boundary"),
        ("read.json", &["--type", "scp"], "scp[0]"),
        ("bucket.json", &[], "resource"),
    ] {
        let ran = folder.run(&[&["compile", file, "-o", "out.dctb"], extra].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        let listed = folder.run(&["list", "out.dctb"]).out;
        let stem = file.trim_end_matches(".json");
        let expected = format!("statement 0  allow  {layer} \"{stem}\" statement 0  {file}:1\n");
        assert!(listed.starts_with(&expected), "{listed}");
    }
    let ran = folder.pipe(&["compile", "-", "-o", "out.dctb"], policy("Deny", "s3:*", "").as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.run(&["list", "out.dctb"]).out.contains("deny  identity \"policy\" statement 0  <stdin>:1"));
}

#[test]
fn errors_name_the_place_in_the_set() {
    let folder = Folder::new();
    folder.write("own.json", "{\n  \"Statement\": 7\n}\n");
    folder.write(
        "set.json",
        "{\"scp\": [[], [\n  {\"name\": \"Cap\", \"policy\": {\"Statement\": [], \"Sid\": 1}}\n]],\n \"session\": [{\"name\": \"In\", \"file\": \"own.json\"}]}",
    );
    for command in [&["check", "set.json"][..], &["compile", "set.json", "-o", "out.dctb"]] {
        let ran = folder.run(command);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("--> set.json:2:47\n"), "{}", ran.err);
        assert!(ran.err.contains("own.json:2:16\n") && !ran.err.contains("/"), "{}", ran.err);
    }
    assert_eq!(folder.names(), ["own.json", "set.json"]);
}

#[test]
fn check_guesses_the_type_and_counts() {
    let folder = Folder::new();
    folder.write("id.json", policy("Allow", "s3:*", ""));
    folder.write("bucket.json", policy("Allow", "s3:*", r#","Principal":"*""#));
    folder.write(
        "trust.json",
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}"#,
    );
    let ran = folder.run(&["check", "id.json", "bucket.json", "trust.json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "id.json: identity policy, 1 statement: 0 errors, 0 warnings\n\
         bucket.json: resource policy, 1 statement: 0 errors, 0 warnings\n\
         trust.json: trust policy, 1 statement: 0 errors, 0 warnings\n"
    );
    let ran = folder.run(&["check", "--type", "rcp", "bucket.json", "missing.json", "id.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("E-POLICYTYPE") && ran.err.contains("E-MISSING") && ran.err.contains("--> missing.json"));
    assert!(ran.err.contains(" | ") && ran.err.contains("^^^"), "{}", ran.err);
}

#[test]
fn nothing_in_it_is_no_document_and_an_empty_set() {
    let folder = Folder::new();
    folder.write("none.json", "{}");
    let ran = folder.run(&["check", "none.json"]);
    assert_eq!((ran.code, ran.err.contains("E-MISSING")), (2, true), "{}", ran.err);
    let ran = folder.run(&["compile", "none.json", "-o", "none.dctb"]);
    assert_eq!((ran.code, ran.err.contains("0 policies")), (0, true), "{}", ran.err);
    let ran = folder.run(&["decide", "none.dctb", "--as", "anonymous", "--do", "s3:X", "--on", "*"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
}

#[test]
fn check_speaks_json() {
    let folder = Folder::new();
    folder.write("bad.json", "{\n \"Statement\": {\"Effect\": \"allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}");
    folder.write("broken.json", "{\"Statement\": [}");
    let ran = folder.run(&["check", "--format", "json", "bad.json", "broken.json", "missing.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    let lines: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["code"], "E-EFFECT");
    assert_eq!(lines[0]["start"], serde_json::json!({"line": 2, "column": 26, "byte": 27}));
    assert_eq!((&lines[0]["severity"], &lines[0]["policy"]), (&"error".into(), &"bad".into()));
    assert_eq!((&lines[1]["code"], &lines[1]["file"]), (&"E-JSON".into(), &"broken.json".into()));
    assert_eq!((&lines[2]["code"], &lines[2]["start"]), (&"E-FILE".into(), &serde_json::Value::Null));
}

#[test]
fn every_format_says_the_same() {
    let folder = Folder::new();
    let twice =
        "{\n \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3\", \"Resource\": \"*\",\n \"Effect\": \"Deny\"}}";
    folder.write("bad.json", twice).write("good.json", policy("Allow", "s3:*", ""));
    let ran = folder.run(&["check", "--format", "github", "bad.json", "good.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    let lines: Vec<&str> = ran.out.lines().collect();
    let place = "file=bad.json,line=3,col=2,endLine=3,endColumn=10,title=E-DUPKEY";
    assert_eq!(lines.len(), 2, "{}", ran.out);
    assert!(lines[1].starts_with(&format!("::error {place}::`Effect` occurs twice%0A")), "{}", ran.out);

    let ran = folder.run(&["check", "--format", "sarif", "bad.json", "good.json", "missing.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    let log: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let codes: Vec<_> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(codes, ["E-ACTION", "E-DUPKEY", "E-FILE"]);
    let two = folder.run(&["check", "--format", "sarif", "bad.json", "bad.json", "./bad.json"]).out;
    let log: serde_json::Value = serde_json::from_str(&two).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 2, "a file is checked once");
    let ran = folder.run(&["check", "--format", "sarif", "good.json"]);
    let log: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &log["runs"][0]["results"]), (0, &serde_json::json!([])));

    let human = folder.run(&["check", "bad.json"]);
    assert!(human.err.contains("-------- it stands here already\n"), "{}", human.err);
    assert_eq!(human.err, folder.run(&["check", "--format", "text", "bad.json"]).err);
    let compiled = folder.run(&["compile", "--format", "json", "bad.json", "-o", "bad.dctb"]);
    assert_eq!(compiled.out, folder.run(&["check", "--format", "json", "bad.json"]).out);
}

#[test]
fn check_walks_folders() {
    let folder = Folder::new();
    for name in ["in", "in/deeper", "empty"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    folder.write("in/a.json", policy("Allow", "s3:*", "")).write("in/deeper/b.json", policy("Deny", "s3:*", ""));
    folder.write("in/notes.txt", "7");
    let ran = folder.run(&["check", "in", "in/a.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let names: Vec<_> = ran.out.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["in/a.json", "in/deeper/b.json"]);
    let ran = folder.run(&["check", "empty", "in/notes.txt", "-"]);
    assert_eq!((ran.code, ran.err.matches("error[").count()), (2, 3), "{}", ran.err);
    assert!(ran.err.contains("no `.json` or `.dct` file is in it\n --> empty\n"), "{}", ran.err);
}

#[test]
fn inspect_counts_what_is_there() {
    let folder = connect();
    let ran = folder.run(&["inspect", "set.dctb", "--format", "json"]);
    assert_eq!(ran.code, 0);
    let shape: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(shape["bytes"], folder.read("set.dctb").len());
    assert_eq!((&shape["policies"], &shape["statements"]), (&8.into(), &17.into()));
    let counts =
        |what: &str| shape["layers"].as_array().unwrap().iter().map(|layer| layer[what].as_u64().unwrap()).sum::<u64>();
    assert_eq!((counts("policies"), counts("allows") + counts("denies")), (8, 17));
    let sections: u64 =
        shape["sections"].as_array().unwrap().iter().map(|section| section["bytes"].as_u64().unwrap()).sum();
    assert!(sections < shape["bytes"].as_u64().unwrap());
    let text = folder.run(&["inspect", "set.dctb"]).out;
    assert!(text.contains("scp[1]             2         1         1\n"), "{text}");
}

#[test]
fn nothing_but_a_plain_file_is_replaced() {
    let folder = connect();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for out in ["folder", "missing/out.dctb", "set.json", "..", ""] {
        let ran = folder.run(&["compile", "set.json", "-o", out]);
        assert!([2, 3].contains(&ran.code), "{out}: {ran:?}");
    }
    folder.write("old.dctb", "old").write("bad.json", "{\"identity\": 7}");
    assert_eq!(folder.run(&["compile", "bad.json", "-o", "old.dctb"]).code, 2);
    assert_eq!(folder.read("old.dctb"), b"old");
    assert_eq!(folder.run(&["compile", "set.json", "-o", "old.dctb"]).code, 0);
    assert_eq!(folder.read("old.dctb"), folder.read("set.dctb"));
    let names = ["bad.json", "cases.jsonl", "folder", "old.dctb", "requests.jsonl", "set.dctb", "set.json"];
    assert_eq!(folder.names(), names);
    #[cfg(unix)]
    assert_eq!(folder.run(&["compile", "set.json", "-o", "/dev/null"]).code, 2);
}
