//! Organizations from their sources to an answer: what is refused, and where; what is compiled, decided, explained and shown.

mod common;
#[path = "organizations/sources.rs"]
mod sources;

use std::io::Write;

use common::Folder;
use serde_json::json;
use sources::*;

#[test]
fn entities_that_do_not_fit_together_are_refused() {
    let linked = "/aws-service-role/connect.amazonaws.com/";
    let told = refused(&[
        ("a dangling attachment", tree(&[("@/groups/support.toml", "policies = [\"Raed\"]\n")])),
        ("a group that is not there", tree(&[("@/users/bob.toml", "groups = [\"suport\"]\n")])),
        (
            "two managed policies of one name",
            tree(&[("@/policies/a/Look.json", ALLOW), ("@/policies/b/look.json", ALLOW)]),
        ),
        ("a unique id twice", tree(&[("@/users/bob.toml", "path = \"/b/\"\nid = \"AIDACKCEVSQ6C2EXAMPLE\"\n")])),
        ("a boundary of a group", tree(&[("@/groups/support.toml", "boundary = \"Edge\"\n")])),
        ("two boundaries", tree(&[("@/roles/desk.toml", "boundary = [\"Edge\", \"Read\"]\n")])),
        (
            "a boundary of a service-linked role",
            tree(&[("@/roles/desk.toml", &format!("path = \"{linked}\"\nboundary = \"Edge\"\n"))]),
        ),
        ("a group in a group", tree(&[("@/groups/support.toml", "groups = [\"staff\"]\n")])),
        (
            "a trust policy with a resource",
            tree(&[("@/roles/desk.trust.json", &TRUST.replace("\"Action\"", "\"Resource\": \"*\", \"Action\""))]),
        ),
        (
            "a policy with a principal as identity policy",
            tree(&[("@/users/ana.Own.json", &ALLOW.replace("\"Action\"", "\"Principal\": \"*\", \"Action\""))]),
        ),
        (
            "a cycle of units",
            tree(&[("org.toml", &TREE[1].1.replace("parent = \"r-ab12\"", "parent = \"ou-ab12-11111111\""))]),
        ),
        ("a second root", tree(&[("org.toml", &format!("{}\n[units.r-cd34]\n", TREE[1].1))])),
        (
            "a vendor's policy without document",
            tree(&[("@/groups/support.toml", "policies = [\"arn:aws:iam::aws:policy/job-function/Billing\"]\n")]),
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn what_a_tree_has_no_place_for_is_refused() {
    let of = |path| (path, tree(&[(path, if path.ends_with(".toml") { "nope = 1\n" } else { ALLOW })]));
    let told = refused(&[
        of("@/Read.json"),
        of("scp/eu/Cap.json"),
        of("@/users/bob.Inline.json"),
        of("@/resources/Other.json"),
        ("dictum.toml", tree(&[("dictum.toml", "version = 1\nnope = 1\n")])),
        ("org.toml", tree(&[("org.toml", &format!("nope = 1\n{}", TREE[1].1))])),
        ("a unit", tree(&[("org.toml", &format!("{}nope = 1\n", TREE[1].1))])),
        of("accounts/333333333333/account.toml"),
        of("@/users/bob.toml"),
        of("@/groups/staff.toml"),
        ("a role", tree(&[("@/roles/desk.toml", "nope = 1\n")])),
        of("@/providers.toml"),
        (
            "a resource",
            tree(&[(
                "@/resources.toml",
                "[\"arn:aws:sqs:eu-west-1:222222222222:calls\"]\npolicy = \"Calls\"\nnope = 1\n",
            )]),
        ),
        ("no table", tree(&[("@/users/bob.toml", "path = \"/b/\n")])),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn exports_that_are_not_whole_or_do_not_fit_are_refused() {
    let cut = Folder::new();
    let whole = pretty(&export());
    cut.write("export.json", &whole[..whole.len() / 2]);
    let wrong = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Alow\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}\n}";
    let boundary =
        json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::222222222222:policy/Read"});
    let told = refused(&[
        ("cut off in the middle", cut),
        ("a page of several", changed(|it| it["IsTruncated"] = json!(true))),
        ("two boundaries", changed(|it| it["UserDetailList"][0]["PermissionsBoundary"] = json!([boundary, boundary]))),
        ("a boundary of a group", changed(|it| it["GroupDetailList"][0]["PermissionsBoundary"] = boundary.clone())),
        ("a group in a group", changed(|it| it["GroupDetailList"][0]["GroupList"] = json!(["support"]))),
        (
            "a boundary of a service-linked role",
            changed(|it| {
                let role = &mut it["RoleDetailList"][0];
                role["Path"] = json!("/aws-service-role/x.amazonaws.com/");
                role["Arn"] = json!("arn:aws:iam::222222222222:role/aws-service-role/x.amazonaws.com/desk");
                role["PermissionsBoundary"] = boundary.clone();
            }),
        ),
        (
            "two roles of one name",
            changed(|it| {
                let mut other = it["RoleDetailList"][0].clone();
                other["RoleName"] = json!("Desk");
                other["Path"] = json!("/");
                other["Arn"] = json!("arn:aws:iam::222222222222:role/Desk");
                it["RoleDetailList"].as_array_mut().unwrap().push(other);
            }),
        ),
        (
            "a dangling attachment",
            changed(|it| it["Policies"].as_array_mut().unwrap().retain(|it| it["PolicyName"] != "Read")),
        ),
        ("a vendor's policy without document", changed(|it| it["Policies"].as_array_mut().unwrap().truncate(1))),
        (
            "an error in a document",
            changed(|it| {
                it["RoleDetailList"][0]["RolePolicyList"][0]["PolicyDocument"] = serde_json::from_str(wrong).unwrap()
            }),
        ),
        (
            "an error in an encoded document",
            changed(|it| it["RoleDetailList"][0]["RolePolicyList"][0]["PolicyDocument"] = json!(encoded(wrong))),
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn folders_that_are_nothing_are_refused() {
    let empty = Folder::new();
    std::fs::create_dir(empty.path().join("org")).unwrap();
    let hidden = folder(&[(".git/HEAD", "x")]);
    let told = refused(&[
        ("empty", empty),
        ("nothing but hidden files", hidden),
        ("neither a tree nor exports", folder(&[("policy.json", ALLOW), ("set.json", "{\"identity\": []}")])),
        ("nothing but notes", folder(&[("README.md", "# Notes\n")])),
        ("nothing of an organization", folder(&[("resources.json", "{}")])),
    ]);
    insta::assert_snapshot!(told);
}

const VENDOR: &str = r#"{"name": "Billing", "arn": "arn:aws:iam::aws:policy/job-function/Billing", "version": "v1", "document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}}}"#;

#[test]
fn a_collection_gives_what_is_attached() {
    let folder = tree(&[("@/groups/support.toml", "policies = [\"arn:aws:iam::aws:policy/job-function/Billing\"]\n")]);
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(VENDOR.as_bytes()).unwrap();
    folder.write("vendor.jsonl", VENDOR).write("vendor.jsonl.gz", zipped.finish().unwrap());
    folder.write("broken.jsonl", "{\"name\": \"Billing\"}\n{");
    let with = |file: &str, out: &str| folder.run(&["compile", "org", "-o", out, "--managed-policies", file]);
    for (file, out) in [("vendor.jsonl", "plain.dctb"), ("vendor.jsonl.gz", "zipped.dctb")] {
        let ran = with(file, out);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let shown = |bundle: &str| folder.run(&["show", bundle, "arn:aws:iam::222222222222:user/ana"]).out;
    assert!(shown("plain.dctb").contains("identity   Billing  vendor.jsonl\n"), "{}", shown("plain.dctb"));
    assert_eq!(shown("plain.dctb").replace("vendor.jsonl", "vendor.jsonl.gz"), shown("zipped.dctb"));

    let ran = with("broken.jsonl", "org.dctb");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err);
    let ran = with("none.jsonl", "org.dctb");
    assert_eq!((ran.code, ran.err.contains("error[E-FILE]")), (2, true), "{}", ran.err);
}

#[test]
fn the_tree_of_the_page_is_shown() {
    let folder = example();
    let mut out = String::new();
    for name in [
        "arn:aws:iam::222222222222:user/eng/ana",
        "arn:aws:iam::222222222222:role/calls/agent-desktop",
        "arn:aws:sts::222222222222:assumed-role/agent-desktop/s1",
        "arn:aws:iam::222222222222:root",
        "arn:aws:sqs:eu-west-1:222222222222:calls",
        "arn:aws:connect:eu-west-1:222222222222:instance/i-1",
        "222222222222",
        "111111111111",
    ] {
        let ran = folder.run(&["show", "org.dctb", name]);
        out += &format!("$ dictum show org.dctb {name}\n{}{}\n", ran.out, ran.err);
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_is_shown_as_json_is_the_same() {
    let folder = example();
    let mut out = String::new();
    for name in ["arn:aws:iam::222222222222:user/eng/ana", "arn:aws:sqs:eu-west-1:222222222222:calls", "222222222222"] {
        let ran = folder.run(&["show", "org.dctb", name, "--format", "json"]);
        assert_eq!((ran.code, ran.err.as_str(), ran.out.lines().count()), (0, "", 1), "{name}");
        out += &pretty(&serde_json::from_str(&ran.out).unwrap());
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_is_not_there_is_not_shown() {
    let folder = example();
    folder.write("set.json", format!("{{\"identity\": [{{\"name\": \"Own\", \"policy\": {ALLOW}}}]}}"));
    assert_eq!(folder.run(&["compile", "set.json", "-o", "set.dctb"]).code, 0);
    let mut out = String::new();
    for (bundle, name) in [
        ("set.dctb", "arn:aws:iam::222222222222:user/eng/ana"),
        ("org.dctb", "arn:aws:iam::222222222222:user/ana"),
        ("org.dctb", "arn:aws:sqs:eu-west-1:222222222222:none"),
        ("org.dctb", "333333333333"),
        ("org.dctb", "ana"),
        ("org.dctb", "arn:aws"),
        ("org/org.toml", "222222222222"),
    ] {
        let ran = folder.run(&["show", bundle, name]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{bundle} {name}");
        out += &ran.err;
    }
    insta::assert_snapshot!(out);
}

#[test]
fn requests_are_decided_by_what_the_bundle_holds() {
    let folder = example();
    let ana = || json!("arn:aws:iam::222222222222:user/eng/ana");
    let desk = || {
        json!({"session": "arn:aws:sts::222222222222:assumed-role/agent-desktop/ana",
        "role": "arn:aws:iam::222222222222:role/calls/agent-desktop"})
    };
    let federation = "connect:GetFederationToken";
    let instance = "arn:aws:connect:eu-west-1:222222222222:instance/i-1";
    let narrow = json!({"policies": [{"name": "Narrow", "policy": {"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "connect:List*", "Resource": "*"}}}]});
    let cond = json!({"policies": [{"name": "Blue", "policy": {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "connect:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}}}], "tags": {"team": "blue"}});
    let lines = [
        line("own-queue", ana(), "sqs:ReceiveMessage", QUEUE, None),
        line("of-the-group", ana(), "connect:ListUsers", instance, None),
        line("beyond-the-boundary", ana(), "s3:GetObject", "arn:aws:s3:::b/k", None),
        line("nobody", json!("arn:aws:iam::222222222222:user/bob"), "sqs:ReceiveMessage", QUEUE, None),
        line("session", desk(), federation, instance, None),
        line("narrowed", desk(), federation, instance, Some(narrow)),
        line("tagged", desk(), federation, instance, Some(cond)),
        line(
            "managed",
            desk(),
            federation,
            instance,
            Some(json!({"managed": ["arn:aws:iam::222222222222:policy/Edge"], "mfa": {"present": true, "age": 60}})),
        ),
        line(
            "unknown-managed",
            desk(),
            federation,
            instance,
            Some(json!({"managed": ["arn:aws:iam::222222222222:policy/X"]})),
        ),
        line(
            "bad-policy",
            desk(),
            federation,
            instance,
            Some(json!({"policies": [{"name": "x", "policy": {"Statement": 1}}]})),
        ),
        line("unknown-member", desk(), federation, instance, Some(json!({"tag": {}}))),
        line("of-a-user", ana(), "connect:ListUsers", instance, Some(json!({"tags": {"team": "red"}}))),
    ];
    folder.write("requests.jsonl", lines.concat());
    let ran = folder.run(&["decide", "org.dctb", "--requests", "requests.jsonl"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(format!("{}{}", ran.out, ran.err));
}

/// The layers are drawn as they stand: the root's guardrails first, the resource's policies last.
#[test]
fn a_decision_is_drawn_from_the_root_to_the_resource() {
    let folder = example();
    let ask = |action: &str, on: &str, region: &str| {
        let region = format!("aws:RequestedRegion={region}");
        let principal = "arn:aws:iam::222222222222:user/eng/ana";
        folder.run(&["explain", "org.dctb", "--as", principal, "--do", action, "--on", on, "--with", &region])
    };
    let calls = "arn:aws:sqs:eu-west-1:222222222222:calls";
    let allowed = ask("sqs:ReceiveMessage", calls, "eu-west-1");
    assert_eq!((allowed.code, allowed.err.as_str()), (0, ""), "{}", allowed.out);
    let abroad = ask("sqs:ReceiveMessage", calls, "us-east-1");
    assert_eq!((abroad.code, abroad.err.as_str()), (1, ""), "{}", abroad.out);
    let beyond = ask("s3:GetObject", "arn:aws:s3:::b/k", "eu-west-1");
    assert_eq!((beyond.code, beyond.err.as_str()), (1, ""), "{}", beyond.out);
    insta::assert_snapshot!([allowed.out, abroad.out, beyond.out].join("\n====\n"));
}

/// The JSON of a request may hold a session as well.
#[test]
fn a_session_is_explained() {
    let folder = example();
    let session = json!({"policies": [{"name": "Narrow", "policy": {"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "connect:List*", "Resource": "*"}}}]});
    let request = json!({"principal": {"session": "arn:aws:sts::222222222222:assumed-role/agent-desktop/ana",
        "role": "arn:aws:iam::222222222222:role/calls/agent-desktop"}, "action": "connect:GetFederationToken",
        "resource": "arn:aws:connect:eu-west-1:222222222222:instance/i-1",
        "context": {"aws:RequestedRegion": "eu-west-1"}, "session": session});
    folder.write("request.json", request.to_string());
    let ran = folder.run(&["explain", "org.dctb", "--request", "request.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_accounts_export_is_compiled_as_it_is() {
    let folder = changed(|it| {
        let role = &mut it["RoleDetailList"][0];
        role["AssumeRolePolicyDocument"] = json!(encoded(TRUST));
    });
    let ran = compiled(&folder, "export.json");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let mut out = String::new();
    for name in ["arn:aws:iam::222222222222:user/ana", "arn:aws:iam::222222222222:role/calls/desk", "222222222222"] {
        out += &folder.run(&["show", "org.dctb", name]).out;
    }
    insta::assert_snapshot!(out);
    // Only the default version counts.
    let ask = |action: &str| {
        let principal = "arn:aws:iam::222222222222:user/ana";
        folder.run(&["decide", "org.dctb", "--as", principal, "--do", action, "--on", QUEUE]).code
    };
    assert_eq!((ask("sqs:ReceiveMessage"), ask("sqs:DeleteQueue")), (0, 1));
}

#[test]
fn a_folder_of_exports_is_compiled_as_it_is() {
    let folder = written(&exports());
    let ran = compiled(&folder, "org");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let mut out = String::new();
    for name in ["arn:aws:iam::222222222222:user/ana", QUEUE, "111111111111"] {
        out += &folder.run(&["show", "org.dctb", name]).out;
    }
    insta::assert_snapshot!(out);
}

#[test]
fn answers_that_are_not_whole_are_refused() {
    let without = |path: &str| {
        let mut files = exports();
        files.retain(|(other, _)| *other != path);
        written(&files)
    };
    let with = |path: &'static str, text: &str| {
        let mut files = exports();
        files.retain(|(other, _)| *other != path);
        files.push((path, text.to_owned()));
        written(&files)
    };
    let told = refused(&[
        ("no children of a unit", without("organization/children/ou-1.json")),
        ("no targets of a guardrail", without("organization/targets/p-1.json")),
        (
            "a page of several",
            with("organization/children/ou-1.json", "{\n  \"Children\": [],\n  \"NextToken\": \"x\"\n}\n"),
        ),
        ("cut off", with("organization/roots.json", "{\n  \"Roots\": [\n")),
        (
            "an error in a guardrail",
            with(
                "organization/policies/p-1.json",
                "{\"Policy\": {\"PolicySummary\": {\"Id\": \"p-1\", \"Name\": \"NoIam\", \"Type\": \"SERVICE_CONTROL_POLICY\"},\n\
                 \"Content\": \"{\\\"Version\\\": \\\"2012-10-17\\\",\\n \\\"Statement\\\": {\\\"Effect\\\": \\\"Deny\\\"}}\"}}",
            ),
        ),
    ]);
    insta::assert_snapshot!(told);
}

/// A native tree may hold exports.
#[test]
fn a_tree_may_hold_exports() {
    let mut files: Vec<(String, String)> =
        exports().into_iter().map(|(path, text)| (format!("exports/{path}"), text)).collect();
    files.push(("dictum.toml".to_owned(), "version = 1\n".to_owned()));
    let folder = Folder::new();
    for (path, text) in &files {
        folder.write(&format!("org/{path}"), text);
    }
    let ran = compiled(&folder, "org");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let folder = tree(&[]);
    folder.write("export.json", pretty(&export())).write("vendor.jsonl", VENDOR).write("policy.json", ALLOW);
    folder.write("set.json", format!("{{\"identity\": [{{\"name\": \"Own\", \"policy\": {ALLOW}}}]}}"));
    folder.write("own.dct", "allow sqs:* on *\n");
    let mut out = String::new();
    for args in [
        "compile org --type identity -o org.dctb",
        "compile export.json --type identity -o org.dctb",
        "compile set.json --managed-policies vendor.jsonl -o org.dctb",
        "compile policy.json --managed-policies vendor.jsonl -o org.dctb",
        "compile own.dct --managed-policies vendor.jsonl -o org.dctb",
        "compile org --managed-policies org -o org.dctb",
        "compile nowhere -o org.dctb",
        "compile export.json -o export.json",
        "compile org -o org/dictum.toml",
        "compile org --managed-policies vendor.jsonl -o vendor.jsonl",
        "compile org -o org",
    ] {
        let ran = ask(&folder, args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {ran:?}");
        out += &format!("$ dictum {args}\n{}\n", ran.err);
    }
    assert!(!folder.path().join("org.dctb").exists());
    assert_eq!(folder.read("export.json"), pretty(&export()).into_bytes());
    assert_eq!(folder.read("org/dictum.toml"), b"version = 1\n");
    assert_eq!(folder.read("vendor.jsonl"), VENDOR.as_bytes());
    insta::assert_snapshot!(out);
}

/// Whoever works in the folder of a tree may write the bundle there, again and again.
#[test]
fn a_bundle_in_its_tree_is_none_of_its_files() {
    let folder = tree(&[]);
    let mut bundles = Vec::new();
    for line in ["compile org -o org/org.dctb", "compile org -o org/org.dctb"] {
        let ran = ask(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        bundles.push(folder.read("org/org.dctb"));
    }
    assert!(bundles[0] == bundles[1]);
    let ran = ask(&folder, "compile org -o other.dctb");
    assert_eq!(
        (ran.code, ran.err.contains("error[D-MEMBER]: the tree has no file `org.dctb`")),
        (2, true),
        "{}",
        ran.err
    );
}
