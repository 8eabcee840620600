//! explain: the picture, its JSON and the schema of that.

mod common;

use common::{Folder, connect, corpus};
use serde_json::Value;

const MIA: &str = "arn:aws:iam::123456789012:user/supervisors/mia";
const LEE: &str = "arn:aws:connect:eu-central-1:123456789012:instance/i-care/agent/a-lee";
const REGION: &str = "aws:RequestedRegion=eu-central-1";

#[test]
fn an_allow() {
    let ran = connect().run(&[
        "explain",
        "set.dctb",
        "--as",
        MIA,
        "--do",
        "connect:DescribeUser",
        "--on",
        LEE,
        "--with",
        REGION,
    ]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_explicit_deny() {
    let ran = connect().run(&["explain", "set.dctb", "--as", MIA, "--do", "connect:UpdateUserHierarchy", "--on", LEE]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_implicit_deny_of_two_resources() {
    let args = [
        "explain",
        "set.dctb",
        "--as",
        MIA,
        "--do",
        "connect:UpdateUserHierarchy",
        "--on",
        LEE,
        "--on",
        "arn:aws:s3:::b",
    ];
    let with = ["--with", REGION, "--with", "aws:MultiFactorAuthPresent=true", "--with", "connect:x=[a,b]"];
    let ran = connect().run(&[&args[..], &with].concat());
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn a_resource_policy_names_the_requester() {
    let folder = Folder::new();
    let set = std::fs::read(corpus("policies/connect/trust-set.json")).unwrap();
    folder.write("set.json", set);
    assert_eq!(folder.run(&["compile", "set.json", "-o", "b.dctb"]).code, 0);
    let request = r#"{"request":{"principal":"arn:aws:iam::123456789012:user/admins/dan","action":"sts:AssumeRole","resource":"arn:aws:iam::123456789012:role/contact-centre-admin","context":{"aws:MultiFactorAuthPresent":true,"aws:MultiFactorAuthAge":600,"aws:SourceIp":"192.0.2.44"}}}"#;
    let ran = folder.pipe(&["explain", "b.dctb", "--request", "-"], request.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn a_case_is_explained_by_its_id() {
    let folder = Folder::new();
    let path = corpus("policies/connect/cases.jsonl");
    let cases = std::fs::read_to_string(&path).unwrap();
    let first: Value = serde_json::from_str(cases.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    let ran = folder.run(&["explain", "--cases", &path, "--id", id, "--format", "json"]);
    let explained: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(explained["decision"], first["expect"]["decision"]);
    assert_eq!(ran.code == 0, explained["decision"] == "allow");
    let other = folder.run(&["explain", "--cases", &path, "--id", id, "--as", MIA, "--do", "a:B", "--on", "*"]);
    assert_eq!(other.code, 1, "another request, the same policies: {}", other.err);
    let ran = folder.run(&["explain", "--cases", &path, "--id", "nobody"]);
    assert_eq!((ran.code, ran.err), (2, format!("error[E-CASE]: no case has the id `nobody`\n --> {path}\n")));
}

/// The schema's keywords as far as ours uses them.
fn check(schema: &Value, root: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}"));
        return check(target, root, value, at);
    }
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "properties" => {}
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "null" => value.is_null(),
                    other => panic!("type {other}"),
                };
                assert!(
                    rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is)),
                    "{at}: {value} is no {rule}"
                );
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{at} lacks {name}");
                }
            }
            "additionalProperties" => {
                assert_eq!(rule, false);
                for (name, inner) in value.as_object().unwrap() {
                    let known = schema["properties"].get(name).unwrap_or_else(|| panic!("{at}: unknown member {name}"));
                    check(known, root, inner, &format!("{at}.{name}"));
                }
            }
            "items" => {
                for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, root, inner, &format!("{at}[{i}]"));
                }
            }
            "enum" => assert!(rule.as_array().unwrap().contains(value), "{at}: {value}"),
            "minimum" => assert!(value.as_i64() >= rule.as_i64(), "{at}: {value}"),
            "oneOf" => {
                let has = |option: &&Value| value.get(option["required"][0].as_str().unwrap()).is_some();
                assert_eq!(rule.as_array().unwrap().iter().filter(has).count(), 1, "{at}: {value}");
            }
            "pattern" => {
                let text = value.as_str().unwrap();
                let level =
                    text.strip_prefix("scp[").or(text.strip_prefix("rcp[")).and_then(|rest| rest.strip_suffix(']'));
                let is_level = level.is_some_and(|level| level.parse::<u32>().is_ok());
                assert!(is_level || ["identity", "resource", "boundary", "session"].contains(&text), "{at}: {text}");
            }
            other => panic!("the schema uses {other}, which this test does not know"),
        }
    }
}

#[test]
fn json_fits_its_schema() {
    let schema = format!("{}/../docs/explain.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let folder = connect();
    let mut seen = std::collections::BTreeSet::new();
    let files = [
        "must-allow",
        "conditions-structure",
        "not-principal",
        "several-resources",
        "guardrails",
        "same-account",
        "globs",
    ];
    for file in files {
        let path = corpus(&format!("cases/{file}.jsonl"));
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().take(12) {
            let case: Value = serde_json::from_str(line).unwrap();
            let ran =
                folder.run(&["explain", "--cases", &path, "--id", case["id"].as_str().unwrap(), "--format", "json"]);
            if case["expect"].get("error").is_some() {
                assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", case["id"]);
                continue;
            }
            let explained: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}: {ran:?}", case["id"]));
            check(&schema, &schema, &explained, "$");
            for statement in explained["statements"].as_array().unwrap() {
                assert_eq!(statement["applies"] == true, statement.get("failed").is_none());
                seen.extend(statement["failed"]["element"].as_str().map(str::to_owned));
                seen.extend(statement["kind"].as_str().map(str::to_owned));
            }
        }
    }
    for what in ["principal", "action", "resource", "condition", "account", "role", "direct"] {
        assert!(seen.contains(what), "no case shows {what}: {seen:?}");
    }
}

/// From a file of the Dictum language to text, JSON and listing.
#[test]
fn doc_comments_and_metadata_are_repeated() {
    let folder = Folder::new();
    let text = "## Everyone may read\n## their own home.\n@owner(\"team-data\", \"sev2\")\n@ReadHome allow s3:Get*\n  on \
                arn:aws:s3:::home/${aws:username}/*\n\n@open() allow s3:ListBucket on *\n";
    folder.write("team.dct", text);
    assert_eq!(folder.run(&["compile", "team.dct", "-o", "team.dctb"]).code, 0);
    let ask = ["explain", "team.dctb", "--as", "arn:aws:iam::123456789012:user/ana", "--do", "s3:GetObject", "--on"];
    let ran = folder.run(&[&ask[..], &["arn:aws:s3:::home/ana/x"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out);
    let ran = folder.run(&[&ask[..], &["arn:aws:s3:::home/bob/x", "--format", "json"]].concat());
    let explained: Value = serde_json::from_str(&ran.out).unwrap();
    let schema = format!("{}/../docs/explain.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    check(&schema, &schema, &explained, "$");
    let statements = &explained["statements"];
    assert_eq!(statements[0]["doc"], serde_json::json!(["Everyone may read", "their own home."]));
    let owner = serde_json::json!([{"name": "owner", "values": ["team-data", "sev2"]}]);
    assert_eq!(statements[0]["metadata"], owner);
    assert_eq!(statements[1].get("doc"), None);
    assert_eq!(statements[1]["metadata"], serde_json::json!([{"name": "open", "values": []}]));
    let listed = folder.run(&["list", "team.dctb"]).out;
    assert!(listed.contains("\n  ## their own home.\n  @owner(\"team-data\", \"sev2\")\n"), "{listed}");
}

#[test]
fn large_bundles_list_what_the_index_put_forward() {
    let folder = Folder::new();
    let statement = |i: usize| format!(r#"{{"Effect":"Allow","Action":"s3:Get{i}","Resource":"arn:aws:s3:::b{i}/*"}}"#);
    let statements: Vec<String> = (0..1_500).map(statement).collect();
    folder.write("big.json", format!(r#"{{"Statement":[{}]}}"#, statements.join(",")));
    assert_eq!(folder.run(&["compile", "big.json", "-o", "big.dctb"]).code, 0);
    let ask = ["explain", "big.dctb", "--as", MIA, "--do", "s3:Get7", "--on", "arn:aws:s3:::b7/k"];
    let ran = folder.run(&ask);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\n1499 more statements were ruled out by the index (--all shows them)\n"), "{}", ran.out);
    let all = folder.run(&[&ask[..], &["--all", "--format", "json"]].concat()).out;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!((all["statements"].as_array().unwrap().len(), &all["ruled_out"]), (1_500, &0.into()));
}
