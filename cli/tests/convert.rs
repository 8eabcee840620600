//! convert.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Folder, policy};

const READ: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Action": [
        "s3:Get*",
        "s3:List*"
      ],
      "Effect": "Allow",
      "Resource": [
        "*"
      ]
    }
  ]
}
"#;
const READ_DCT: &str = "allow s3:{Get*, List*} on *\n";

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

#[test]
fn one_file_goes_to_standard_output_both_ways() {
    let folder = Folder::new();
    folder.write("read.json", READ).write("read.dct", READ_DCT);
    let ran = folder.run(&["convert", "read.json"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, READ_DCT, ""));
    let back = folder.run(&["convert", "read.dct"]).out;
    assert_eq!(back.lines().nth(2), Some("  \"Statement\": {"));
    assert!(back.contains("\"Resource\": \"*\"") && back.ends_with("}\n"), "{back}");
    let exact = folder.run(&["convert", "read.json", "--exact"]).out;
    assert!(exact.starts_with("@json(\"Action\", \"Effect\", \"Resource\")\nallow"), "{exact}");
    let ran = folder.pipe(&["convert", "-", "--from", "dct", "--exact"], exact.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (0, READ));
    assert_eq!(folder.names(), ["read.dct", "read.json"]);
}

#[test]
fn standard_input_goes_by_how_it_begins() {
    let folder = Folder::new();
    let ran = folder.pipe(&["convert", "-"], READ.as_bytes());
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, READ_DCT, ""));
    let ran = folder.pipe(&["convert", "-"], READ_DCT.as_bytes());
    assert!(ran.code == 0 && ran.out.contains("\"s3:List*\""), "{}{}", ran.out, ran.err);
    let ran = folder.pipe(&["convert", "-", "--from", "json", "-o", "x.dct"], READ.as_bytes());
    assert_eq!((ran.code, folder.read("x.dct").as_slice()), (0, READ_DCT.as_bytes()), "{}", ran.err);
}

#[test]
fn a_folder_keeps_its_names() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path().join("in/sub")).unwrap();
    folder.write("in/read.json", READ).write("in/sub/deep.json", READ).write("in/notes.txt", "no policy");
    let two = "policy One { allow s3:Get* on * }\npolicy Two version=none { deny * on * }\n";
    folder.write("in/sub/two.dct", two);
    folder.write("in/common.dct", "let reads = s3:Get*, s3:List*\n");
    folder.write("in/sub/uses.dct", "use \"../common.dct\" as common\nallow common.reads on *\n");
    let ran = folder.run(&["convert", "in", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("in/common.dct: a library"), "{}", ran.err);
    assert!(ran.err.ends_with("out: 5 files written\n"), "{}", ran.err);
    let out = files(&folder.path().join("out"));
    let names: Vec<&str> = out.keys().map(String::as_str).collect();
    assert_eq!(names, ["read.dct", "sub/One.json", "sub/Two.json", "sub/deep.dct", "sub/uses.json"]);
    assert_eq!(out["sub/deep.dct"], READ_DCT);
    assert!(out["sub/uses.json"].contains("\"s3:List*\""), "{}", out["sub/uses.json"]);
    assert!(!out["sub/Two.json"].contains("Version"));
    let ran = folder.run(&["convert", "in", "-o", "only", "--from", "json"]);
    assert_eq!((ran.code, files(&folder.path().join("only")).len()), (0, 2), "{}", ran.err);
    // Beside each other, now that the folder holds both notations.
    let ran = folder.run(&["convert", "out", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(files(&folder.path().join("out")).len(), 10);
}

#[test]
fn what_is_wrong_is_reported_and_not_written() {
    let folder = Folder::new();
    folder
        .write("good.json", READ)
        .write("bad.json", policy("allow", "s3:*", ""))
        .write("broken.dct", "allow s3:Get on\n");
    let ran = folder.run(&["convert", "bad.json", "good.json", "broken.dct", "gone.json", "-o", "out"]);
    assert_eq!(ran.code, 2);
    for expected in ["error[E-EFFECT]", "--> bad.json:1:", "error[E-SYNTAX]", "--> broken.dct:", "gone.json"] {
        assert!(ran.err.contains(expected), "{expected}\n{}", ran.err);
    }
    assert_eq!(files(&folder.path().join("out")), BTreeMap::from([("good.dct".to_owned(), READ_DCT.to_owned())]));
    let ran = folder.run(&["convert", "bad.json", "-o", "good.json"]);
    assert_eq!((ran.code, folder.read("good.json").as_slice()), (2, READ.as_bytes()));
}

#[test]
fn nothing_is_written_over_something_else() {
    let folder = Folder::new();
    for name in ["a", "b"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        folder.write(&format!("{name}/same.json"), READ);
    }
    folder.write("other.json", READ);
    let ran = folder.run(&["convert", "a/same.json", "other.json", "b", "-o", "out"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("would be written to `out/same.dct`, and so would `a/same.json`"), "{}", ran.err);
    assert_eq!(files(&folder.path().join("out")).into_keys().collect::<Vec<_>>(), ["other.dct"]);

    folder.write("two.dct", "policy same { allow s3:Get* on * }\npolicy \"../up\" { deny * on * }\n");
    let ran = folder.run(&["convert", "two.dct", "-o", "out"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the policy name `../up` cannot be the name of a file"), "{}", ran.err);
    assert_eq!(folder.run(&["convert", "two.dct"]).code, 2);
    assert_eq!(folder.run(&["convert", "two.dct", "-o", "two.json"]).code, 2);
    assert!(!folder.names().contains(&"two.json".to_owned()));

    fs::create_dir(folder.path().join("both")).unwrap();
    folder.write("both/x.json", READ).write("both/x.dct", READ_DCT);
    let ran = folder.run(&["convert", "both", "-o", "both"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("would be replaced, and is one of the files to convert"), "{}", ran.err);
    assert_eq!(folder.read("both/x.dct"), READ_DCT.as_bytes());
}

#[test]
fn command_lines_must_make_sense() {
    let folder = Folder::new();
    folder.write("a.json", READ).write("b.json", READ).write("c.dct", READ_DCT).write("lib.dct", "let x = s3:Get*\n");
    for args in [
        &["convert", "a.json", "b.json"][..],
        &["convert", "."],
        &["convert", "a.json", "b.json", "-o", "c.dct"],
        &["convert", "a.json", "-o", "x.dct", "--for-aws", "scp"],
        &["convert", "a.json", "--for-aws", "lambda"],
        &["convert", "a.json", "--type", "scp", "--for-aws", "scp"],
    ] {
        assert_eq!(folder.run(args).code, 3, "{args:?}");
    }
    for args in [&["convert", "c.dct", "-o", "d.dct"][..], &["convert", "lib.dct"], &["convert", "gone.json"]] {
        assert_eq!(folder.run(args).code, 2, "{args:?}");
    }
    folder.write("set.json", format!("{{\"scp\": [[{{\"name\": \"p\", \"policy\": {READ}}}]]}}"));
    let ran = folder.run(&["convert", "set.json"]);
    assert!(ran.code == 2 && ran.err.contains("is a set of policies"), "{}", ran.err);
    assert_eq!(folder.names().len(), 5);
}

#[test]
fn a_type_is_said_where_it_does_not_show() {
    let folder = Folder::new();
    folder.write("guard.json", READ);
    let ran = folder.run(&["convert", "guard.json", "--type", "scp", "-o", "guard.dct"]);
    assert_eq!((ran.code, folder.read("guard.dct").starts_with(b"type scp\n\nallow")), (0, true), "{}", ran.err);
    let ran = folder.run(&["check", "guard.dct"]);
    assert!(ran.out.contains("scp policy"), "{ran:?}");
}

#[test]
fn what_aws_does_not_take_is_refused() {
    let folder = Folder::new();
    let lines = |count: usize| -> String {
        (0..count).map(|i| format!("allow s3:GetObject on arn:aws:s3:::bucket-{i:04}/*\n")).collect()
    };
    // Some 83 characters of JSON a statement, more with white space.
    folder.write("small.dct", "allow s3:GetObject on *\n");
    folder.write("scp.dct", format!("type scp\n{}", lines(55)));
    folder.write("large.dct", lines(90));
    for (file, attachment, code) in [
        ("small.dct", "managed", 0),
        ("large.dct", "managed", 2),
        ("large.dct", "role-inline", 0),
        ("large.dct", "boundary", 2),
        ("small.dct", "trust", 2),
        ("scp.dct", "scp", 0),
        ("large.dct", "scp", 2),
    ] {
        let ran = folder.run(&["convert", file, "--for-aws", attachment]);
        assert_eq!(ran.code, code, "{file} {attachment}\n{}", ran.err);
        assert_eq!(ran.out.is_empty(), code == 2);
    }
    let ran = folder.run(&["convert", "large.dct", "--for-aws", "managed", "-o", "large.json"]);
    assert!(ran.err.contains("error[E-LIMIT]: a managed policy of "), "{}", ran.err);
    assert!(ran.err.contains("at most 6144") && !folder.path().join("large.json").exists(), "{}", ran.err);
    // White space counts in an scp, and is left out where there is too much of it.
    let text = folder.run(&["convert", "scp.dct", "--for-aws", "scp"]).out;
    assert!(text.len() <= 5_120 && text.starts_with("{\"Version\":"), "{text}");
    assert!(folder.run(&["convert", "small.dct", "--for-aws", "scp"]).out.starts_with("{\n"));

    folder.write("nothing.dct", "policy nothing { }\n").write("read.json", READ);
    let ran = folder.run(&["convert", "nothing.dct", "--for-aws", "scp"]);
    assert!(ran.code == 2 && ran.err.contains("error[E-MISSING]"), "{}", ran.err);
    // JSON becomes JSON that fits.
    let ran = folder.run(&["convert", "read.json", "--for-aws", "managed", "-o", "fits.json"]);
    assert_eq!((ran.code, folder.read("fits.json").len() < READ.len()), (0, true), "{}", ran.err);
}

/// Beside the text that is made, standard error has the diagnostics in every format.
#[test]
fn formats_of_diagnostics() {
    let folder = Folder::new();
    folder.write("good.dct", "allow s3:GetObject on *\n").write("bad.dct", "allow s3:GetObject to *\n");
    let ran = folder.run(&["convert", "good.dct", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((ran.code, &log["runs"][0]["results"]), (0, &serde_json::json!([])));
    assert!(ran.out.starts_with("{\n"), "{}", ran.out);
    let ran = folder.run(&["convert", "bad.dct", "--format", "json"]);
    let finding: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((ran.code, ran.out.as_str(), &finding["code"]), (2, "", &"E-SYNTAX".into()));
    let ran = folder.run(&["convert", "bad.dct", "-o", "bad.json", "--format", "github"]);
    assert!(ran.out.starts_with("::error file=bad.dct,line=1,col=20,"), "{ran:?}");
    let ran = folder.pipe(&["fmt", "--stdin", "--format", "json"], b"allow s3:GetObject to *\n");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.matches("E-SYNTAX").count()), (2, "", 1), "{ran:?}");
}
