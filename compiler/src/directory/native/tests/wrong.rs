//! Trees with mistakes: each is told, at its place, with what would be right.

use super::*;

/// What is told of the good tree with these changes, and nothing else. Every tree is read twice, the second time in a
/// folder, so that no place depends on where it lies.
fn told_of(changes: &[(&str, Option<&str>)]) -> String {
    let mut inside = sources("in/", GOOD, changes);
    let (_, inside_faults) = read(&mut inside, "in");
    let mut sources = sources("", GOOD, changes);
    let (_, faults) = read(&mut sources, "");
    let told = told(&sources, &faults);
    assert_eq!(super::told(&inside, &inside_faults).len(), told.len());
    told.join("\n")
}

/// A heading for each case, then what is told of it.
fn told_of_all(cases: &[(&str, &str, Option<&str>)]) -> String {
    let one = |&(name, path, text): &(&str, &str, Option<&str>)| {
        let path = path.replace("@", "accounts/222222222222");
        format!("# {name}\n{}\n", told_of(&[(path.as_str(), text)]))
    };
    cases.iter().map(one).collect()
}

#[test]
fn toml_that_is_none() {
    let deep = format!("{}x = 1", "a.".repeat(100_000));
    let nested = format!("tags = {}", "{ a = ".repeat(100_000));
    insta::assert_snapshot!(told_of_all(&[
        ("absent quote", "@/users/ana.toml", Some("path = \"/eng/\ngroups = [\"g\"]\n")),
        ("duplicate member", "@/users/ana.toml", Some("path = \"/\"\npath = \"/\"\n")),
        ("duplicate table", "org.toml", Some("[units.r-ab]\n[units.r-ab]\n")),
        ("only what is wrong with the syntax is told", "@/users/ana.toml", Some("nope = 1\npath = 7\nid =\n")),
        ("no value", "dictum.toml", Some("version")),
        ("deep key", "@/users/ana.toml", Some(&deep)),
        ("deep tables", "@/users/ana.toml", Some(&nested)),
    ]));
}

#[test]
fn toml_that_is_no_text() {
    let mut sources = sources("", GOOD, &[("dictum.toml", None)]);
    sources.add_file("dictum.toml", b"version = 1\n# \xff\n".to_vec());
    let (_, faults) = read(&mut sources, "");
    assert_eq!(told(&sources, &faults), ["dictum.toml:2:3-4 error[D-TOML]: not UTF-8"]);
}

#[test]
fn tops() {
    insta::assert_snapshot!(told_of_all(&[
        ("no mark", "dictum.toml", None),
        ("no version", "dictum.toml", Some("")),
        ("another version", "dictum.toml", Some("version = 2")),
        ("version of another type", "dictum.toml", Some("version = \"1\"")),
        ("another member", "dictum.toml", Some("version = 1\nversoin = 1")),
        ("guardrails without an organization", "org.toml", None),
        ("nothing in it", "org.toml", Some("")),
        (
            "wrong values",
            "org.toml",
            Some(
                "id = \"a1\"\nmanagement-account = 111111111111\npolicy-types = [\"scps\", \"scp\", \"scp\", 1]\nx = 1"
            ),
        ),
        (
            "wrong nodes",
            "org.toml",
            Some(
                "id = \"o-a\"\nmanagement-account = \"111111111111\"\npolicy-types = \"scp\"\n[units]\nou-x = 1\n\
                 [units.ou-ab]\n[units.r-ab]\nparent = \"ou-ab\"\n[units.x]\nparent = \"y\"\nname = \"\"\nrcp = [\"\"]",
            ),
        ),
        (
            "attached without being enabled",
            "org.toml",
            Some(
                "id = \"o-a\"\nmanagement-account = \"111111111111\"\npolicy-types = [\"rcp\"]\n\
                 [units.r-ab]\nscp = [\"Cap\"]\nrcp = [\"RCPFullAWSAccess\"]\n",
            ),
        ),
        ("the vendor's guardrail", "scp/FullAWSAccess.json", Some(ALLOW)),
        ("long name", &format!("scp/{}.json", "x".repeat(129)), Some(ALLOW)),
        ("vendor's policy with a blank", "managed/a b/View.json", Some(ALLOW)),
        ("vendor's policy with a star", "managed/View*.json", Some(ALLOW)),
    ]));
}

#[test]
fn files_without_a_place() {
    insta::assert_snapshot!(told_of_all(&[
        ("top", "orgs.toml", Some("")),
        ("top folder", "acounts/222222222222/account.toml", Some("")),
        ("folder as file", "scp", Some("")),
        ("guardrail of another kind", "scp/Cap.txt", Some("")),
        ("guardrail in a folder", "rcp/a/Cap.json", Some(ALLOW)),
        ("library", "lib/a/x.json", Some("")),
        ("vendor's policy", "managed/a/View.JSON", Some("")),
        ("passed over", "managed/a/.json", Some("")),
        ("passed over", "../x", Some("")),
        ("passed over", ".github/workflows/check.yml", Some("")),
        ("passed over", "lib/NOTES.md", Some("")),
        ("account's file", "@/acount.toml", Some("")),
        ("account's folder", "@/user/ana.toml", Some("")),
        ("beside accounts", "accounts/README.txt", Some("")),
        ("folder of users", "@/users/eng/ana.toml", Some("")),
        ("another kind of file", "@/roles/ops.yaml", Some("")),
        ("resource's folder", "@/resources/a/Queue.json", Some("")),
        ("no name", "accounts//account.toml", Some("")),
    ]));
    let files: Vec<String> = (0..1_000).map(|i| format!("terraform/{i}.tf")).collect();
    let many: Vec<_> = files.iter().map(|path| (path.as_str(), Some(""))).collect();
    assert_eq!(told_of(&many).lines().count(), 1, "a folder is told once");
    // A name of many dots is cut at none of them beyond the longest that there can be.
    let dots = format!("accounts/222222222222/users/a{}.json", ".".repeat(100_000));
    assert!(told_of(&[(&dots, Some(ALLOW))]).contains("belongs to no user"));
    // Only so many wrong names are compared with all others.
    let names: Vec<String> = (0..1_000).map(|i| format!("accounts/222222222222/users/anna.{i}.json")).collect();
    let many: Vec<_> = names.iter().map(|path| (path.as_str(), Some(ALLOW))).collect();
    assert_eq!(told_of(&many).matches("did you mean").count(), crate::limits::NAME_SEARCHES_MAX);
}

#[test]
fn documents() {
    insta::assert_snapshot!(told_of_all(&[
        ("two files", "@/policies/Read.dct", Some("allow sqs:* on *")),
        ("two files of a guardrail", "scp/Cap.json", Some(ALLOW)),
        ("left to compiling", "@/policies/Read2.dct", Some("use \"none.dct\" as n\nallow sqs on")),
        ("left to compiling", "@/policies/Read2.json", Some("{")),
        ("of no user", "@/users/anna.Inline.json", Some(ALLOW)),
        ("of nobody near", "@/groups/support.y.json", Some(ALLOW)),
        ("no name of a policy", "@/users/ana.json", Some(ALLOW)),
        ("wrong name of a policy", "@/users/ana.a b.json", Some(ALLOW)),
        ("no trust policy", "@/roles/ops.trust.json", None),
        ("trust of a user", "@/users/ana.trust.json", Some(TRUST)),
        ("of no resource", "@/resources/Queues.json", Some(TRUST)),
        ("wrong name", "@/policies/a b.json", Some(ALLOW)),
    ]));
}

/// What is told when the good tree with these changes is compiled: the errors, or else the warnings.
fn told_of_compiling(changes: &[(&str, Option<&str>)]) -> String {
    let mut sources = sources("", GOOD, changes);
    let found = match crate::compile_organization(&mut sources, &[], &mut crate::NoCache, &crate::Options::default()) {
        Ok(compiled) => compiled.warnings.0,
        Err(found) => found.0.into_iter().filter(Diagnostic::is_error).collect(),
    };
    told(&sources, &found).join("\n")
}

/// What is in a file of the Dictum language is seen when it is compiled.
#[test]
fn files_of_other_than_one_policy() {
    let path = "accounts/222222222222/policies/Read2.dct";
    for text in ["let a = sqs:*", ""] {
        let expected = "1:1-1 error[D-MISSING]: the file holds no policy; expected one policy; files that are only imported \
                        have their place in `lib/`";
        assert_eq!(told_of_compiling(&[(path, Some(text))]), format!("{path}:{expected}"));
    }
    let two = "policy A { allow sqs:* on * }\npolicy B { deny sqs:* on * }";
    let expected = "2:1-29 error[D-TWICE]: the file holds several policies; expected one policy";
    assert_eq!(told_of_compiling(&[(path, Some(two))]), format!("{path}:{expected}"));
}

/// DIR-11: what is larger than the service takes, by itself or with what else is its owner's (SIZ-2).
#[test]
fn more_than_the_service_takes() {
    let of_size = |sid: usize, spaces: usize| {
        format!(
            r#"{{"Statement": {{"Sid": "{}", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}}}{}"#,
            "x".repeat(sid),
            " ".repeat(spaces)
        )
    };
    let rest = of_size(0, 0).replace(' ', "").len();
    let told = |path: &str, text: &str| {
        let told = told_of_compiling(&[(&path.replace('@', "accounts/222222222222"), Some(text))]);
        let sizes = told.lines().filter(|line| line.contains("[L-SIZE]"));
        sizes.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told("@/policies/Read.json", &of_size(6_144 - rest, 9_000)), "");
    insta::assert_snapshot!(told("@/policies/Read.json", &of_size(6_145 - rest, 0)), @"accounts/222222222222/policies/Read.json:1:1-2 warning[L-SIZE]: a managed policy of 6145 characters; expected at most 6144");
    // The vendor's are as large as they are.
    assert_eq!(told("managed/job-function/View.json", &of_size(7_000, 0)), "");
    insta::assert_snapshot!(told("@/users/ana.Other.json", &of_size(2_048 - rest, 0)), @"accounts/222222222222/users/ana.Other.json:1:1-2 warning[L-SIZE]: an inline policy of a user that brings its owner's to 2138 characters; expected at most 2048");
    insta::assert_snapshot!(told("scp/Cap.dct", &format!("deny {} on *\n", "s3:GetObject, ".repeat(500) + "s3:*")), @"scp/Cap.dct:1:1-2 warning[L-SIZE]: a service control policy of 7587 characters; expected at most 5120");
    insta::assert_snapshot!(told("@/resources/Queue.json", &TRUST.replace("}}", &format!("}}}}{}", " ".repeat(21_000)))), @"accounts/222222222222/resources/Queue.json:1:1-2 warning[L-SIZE]: the policy of an S3 bucket of 21080 characters; expected at most 20480");
    // Together, or too many.
    let sizes = |files: &[(String, String)]| {
        let changes: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
        told_of_compiling(&changes).lines().filter(|line| line.contains("[L-SIZE]")).collect::<Vec<_>>().join("\n")
    };
    let folder = "accounts/222222222222";
    let inline = ["More", "Else"].map(|name| (format!("{folder}/roles/a.b.{name}.json"), of_size(5_200, 0)));
    insta::assert_snapshot!(sizes(&inline), @"accounts/222222222222/roles/a.b.More.json:1:1-2 warning[L-SIZE]: an inline policy of a role that brings its owner's to 10546 characters; expected at most 10240");
    let list = |letter: char, count| (0..count).map(|at| format!("\"{letter}{at}\"")).collect::<Vec<_>>().join(", ");
    let mut files: Vec<_> = (0..11).map(|at| (format!("{folder}/policies/P{at}.json"), ALLOW.to_owned())).collect();
    files.push((format!("{folder}/groups/g.toml"), format!("policies = [{}]\n", list('P', 11))));
    insta::assert_snapshot!(sizes(&files), @"accounts/222222222222/groups/g.toml:1:73-78 warning[L-SIZE]: 11 managed policies are attached; expected at most 10");
    let mut files: Vec<_> = (0..6).map(|at| (format!("scp/S{at}.json"), ALLOW.to_owned())).collect();
    files.push((format!("{folder}/account.toml"), format!("unit = \"ou-ab-1\"\nscp = [{}]\n", list('S', 6))));
    insta::assert_snapshot!(sizes(&files), @"accounts/222222222222/account.toml:2:38-42 warning[L-SIZE]: 6 service control policies are attached; expected at most 5");
}

#[test]
fn accounts() {
    insta::assert_snapshot!(told_of_all(&[
        ("no table", "@/account.toml", None),
        ("no number", "accounts/calls/account.toml", Some("")),
        (
            "wrong values",
            "@/account.toml",
            Some(
                "name = 7\nunit = \"root\"\npartition = \"AWS\"\ncanonical-user = \"\"\nscp = \"Cap\"\nrcp = [1.5, true]\n\
                 scps = []\n[instance-profiles]\n\"a b\" = \"ops\"\nweb = 1979-05-27\ntwo = [\"ops\", \"ops\", \"a b\"]",
            ),
        ),
        ("attached without being enabled", "@/account.toml", Some("rcp = [\"Cap\", \"X\"]")),
        ("profiles of another type", "@/account.toml", Some("instance-profiles = [\"web\"]")),
        (
            "providers",
            "@/providers.toml",
            Some("saml = [\"a b\", \"x\", \"x\"]\noidc = [\"https://x.org\"]\nopenid = 1")
        ),
    ]));
}

#[test]
fn entities() {
    insta::assert_snapshot!(told_of_all(&[
        ("user's name", "@/users/a b.toml", Some("")),
        ("role's name", &format!("@/roles/{}.toml", "x".repeat(65)), Some("")),
        (
            "user",
            "@/users/ana.toml",
            Some(
                "path = \"eng\"\nid = \"AIDA1\"\ngroups = [\"g\", \"a b\", \"g\"]\npolicies = [\"arn:x\", \"a/b\"]\n\
                 boundary = [\"Read\"]\npolicy = 1\n[tags]\nn = 1\n\"\" = \"x\"\n",
            ),
        ),
        ("tags of another type", "@/roles/ops.toml", Some("tags = [\"a\"]")),
        ("groups of a role", "@/roles/ops.toml", Some("groups = [\"g\"]")),
        ("tags of a group", "@/groups/g.toml", Some("[tags]\na = \"b\"")),
        ("almost a member", "@/groups/g.toml", Some("polices = []\nboundry = \"x\"")),
    ]));
    // DIR-10 is told elsewhere, of what is read here.
    let change = ("accounts/222222222222/groups/g.toml", Some("groups = [\"h\"]\nboundary = \"Read\""));
    let (directory, faults) = read(&mut sources("", GOOD, &[change]), "");
    let group = &directory.groups[0];
    assert_eq!((texts(&group.groups), texts(&group.boundaries), faults.len()), (vec!["h"], vec!["Read"], 0));
}

#[test]
fn resources() {
    insta::assert_snapshot!(told_of_all(&[
        (
            "arns",
            "@/resources.toml",
            Some(
                "[queue]\npolicy = \"Queue\"\n[\"arn:aws:sqs:::\"]\n[\"arn:aws:sqs:::a b\"]\n[\"arn:aws:sqs::1:q\"]\n\
                 [\"arn:aws-cn:s3:::b\"]\n[\"arn:aws-cn:sqs::222222222222:b\"]\n[\"arn:aws:kms::aws:key/1\"]\n",
            ),
        ),
        (
            "members",
            "@/resources.toml",
            Some(
                "\"arn:aws:s3:::a\" = 1\n[\"arn:aws:s3:::b\"]\npolicy = 1\nmust-allow = \"yes\"\ntags = 1\nmustallow = 1\n\
                 [\"arn:aws:s3:::c\"]\npolicy = [\"Queue\", \"Queu\", \"\", \"nothing\"]",
            ),
        ),
        ("unquoted", "@/resources.toml", Some("[arn:aws:s3:::b]\npolicy = \"Queue\"")),
        ("no table", "@/resources.toml", None),
    ]));
}

/// A policy that cannot be read stays in, so that compiling it tells why, even where its file looks like a library.
#[test]
fn unreadable_documents_are_left_to_compiling() {
    let text = "use \"../../../lib/common.dct\" as c\nallow c.reads on\n";
    let mut sources =
        sources("", GOOD, &[("accounts/222222222222/policies/Read.json", Some("{")), ("scp/Cap.dct", Some(text))]);
    let (directory, faults) = read(&mut sources, "");
    assert_eq!((faults.len(), directory.documents.len()), (0, 10));
    let arena = Bump::new();
    let mut reader = crate::read::Reader::new(&sources, &arena);
    let broken = directory.documents.iter().filter(|document| !reader.read(document, &arena).1.is_empty());
    assert_eq!(broken.map(|document| document.name.as_str()).collect::<Vec<_>>(), ["Cap", "Read"]);
}

/// Every error of every file comes in one pass, in the order of the sources.
#[test]
fn all_errors_come_at_once() {
    let told = told_of(&[
        ("dictum.toml", Some("version = 3")),
        ("org.toml", Some("id = 1")),
        ("accounts/222222222222/users/ana.toml", Some("x = 1\npath = \"x\"")),
        ("accounts/222222222222/roles/ops.trust.json", None),
        ("stray.txt", Some("")),
    ]);
    let places: Vec<_> = told.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "accounts/222222222222/roles/ops.toml:1:1-1 error[D-MISSING]:",
            "dictum.toml:1:11-12 error[D-VALUE]:",
            "org.toml:1:1-1 error[D-MISSING]:",
            "org.toml:1:1-1 error[D-MISSING]:",
            "org.toml:1:6-7 error[D-VALUE]:",
            "accounts/222222222222/users/ana.toml:1:1-2 error[D-MEMBER]:",
            "accounts/222222222222/users/ana.toml:2:8-11 error[D-VALUE]:",
            "stray.txt:1:1-1 error[D-MEMBER]:",
        ]
    );
}

/// A tree of no file has a place for its error all the same.
#[test]
fn nothing_is_no_tree() {
    for (root, expected) in [("", "dictum.toml"), ("a/b/", "a/b/dictum.toml")] {
        let mut sources = Sources::new();
        let (_, faults) = read(&mut sources, root);
        let told = told(&sources, &faults);
        let [only] = &told[..] else { panic!("{told:?}") };
        assert!(only.starts_with(&format!("{expected}:1:1-1 error[D-MISSING]: there is no `dictum.toml`")), "{only}");
        assert!(faults[0].render(&sources).contains(expected));
    }
}
