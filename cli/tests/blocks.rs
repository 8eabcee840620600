//! test: the test blocks and tables of `.dct` files.

mod common;

use common::{Folder, corpus, policy, untimed};

const HOME: &str = r#"use "common.dct" as common

## Everyone may read their own home.
@ReadHome allow s3:{Get*, List*} on arn:aws:s3:::acme-home/${aws:username}/*
  if aws:MultiFactorAuthPresent == true and aws:SourceIp in common.offices

@Team allow s3:GetObject on arn:aws:s3:::acme-team/* if aws:PrincipalTag/team like "blue*"

@NoDelete deny s3:Delete* on *

test "ana reads her home" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-home/ana/x
  with aws:MultiFactorAuthPresent = true, aws:SourceIp = "10.1.2.3"
  expect allow by ReadHome
}

test "who reads whose" under boundary "cap.json", scp[0] common.guard
  for (who, home, want) in [
    (ana, ana, allow),
    (ana, bob, implicit_deny),
  ] {
  as arn:aws:iam::123456789012:user/${who}
  do s3:GetObject on arn:aws:s3:::acme-home/${home}/x
  with aws:MultiFactorAuthPresent = true, aws:SourceIp = "10.1.2.3"
  expect want
}

test "nothing is deleted" {
  as arn:aws:iam::123456789012:user/ana
  do s3:DeleteObject on arn:aws:s3:::acme-home/ana/x
  expect explicit_deny by home@NoDelete
}

test "not even a policy" under identity "broken.json" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect error E-EFFECT
}

test "not even a request" {
  as ana
  do s3:GetObject on *
  expect error E-REQUEST
}
"#;

const COMMON: &str = r#"let offices = 10.0.0.0/8, 2001:db8::/32

policy guard type=scp { @All allow * on * }
policy shut { @None deny * on * }
"#;

fn folder(home: &str) -> Folder {
    let folder = Folder::new();
    folder.write("home.dct", home).write("common.dct", COMMON);
    folder.write("cap.json", policy("Allow", "s3:*", "")).write("broken.json", policy("Permit", "s3:*", ""));
    folder
}

#[test]
fn tests_pass_on_both_engines() {
    let folder = folder(HOME);
    let ran = folder.run(&["test", "home.dct"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let told = "home.dct                         ✓ 6   (5 tests, 1 table among them)   (time)\n6 passed, 0 failed\n";
    assert_eq!(untimed(&ran.out), told);
    let ran = folder.run(&["test", "."]);
    let told = "skipped: 2 policies, 1 `.dct` file without a test\n6 passed, 0 failed\n";
    assert!(ran.code == 0 && ran.out.ends_with(told), "{}{}", ran.out, ran.err);
    let ran = folder.run(&["check", "home.dct"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

/// Each of these fails, and says what did not fit.
const FAILING: &str = r#"
test "the condition" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-home/ana/x
  with aws:SourceIp = "10.1.2.3"
  expect allow
}
test "the address" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-home/ana/x
  with aws:MultiFactorAuthPresent = true, aws:SourceIp = "192.0.2.1"
  expect allow by ReadHome
}
test "the resource" for (who, bucket) in [ (ana, acme-home/bob), (bob, acme-home/bob) ] {
  as arn:aws:iam::123456789012:user/${who}
  do s3:ListBucket on arn:aws:s3:::${bucket}/x
  with aws:MultiFactorAuthPresent = true, aws:SourceIp = "10.1.2.3"
  expect allow
}
test "the action" {
  as arn:aws:iam::123456789012:user/ana
  do s3:PutObject on arn:aws:s3:::acme-home/ana/x
  expect explicit_deny
}
test "too much" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-team/x
  with aws:PrincipalTag/team = "blue-ops"
  expect deny
}
test "another statement" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-team/x
  with aws:PrincipalTag/team = "blue-ops"
  expect allow by ReadHome
}
test "a layer" under boundary "cap.json", scp[0] common.guard, scp[1] common.shut {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-team/x
  with aws:PrincipalTag/team = "blue-ops"
  expect allow
}
test "no policy" under identity "broken.json" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect allow
}
test "no request" {
  as arn:aws:iam::123456789012:nobody/ana
  do s3:GetObject on *
  expect deny
}
"#;

#[test]
fn a_failing_test_shows_both_sides() {
    let policies = &HOME[..HOME.find("test \"").unwrap()];
    let folder = folder(&format!("{policies}{FAILING}"));
    let ran = folder.run(&["test", "home.dct"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(untimed(&ran.out));
}

#[test]
fn a_file_with_an_error_is_not_run() {
    let mistakes = r#"
test "unknown names" under identity hoem, scp[0] common.gard, boundary "cap.jsn", session "../home.dct" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect allow
}
test "several policies" under identity "common.dct", session "common.dct#shutt", boundary common.dct {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect allow
}
test "unknown statements" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect alow by RaedHome
}
test "unknown statements too" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on *
  expect allow by RaedHome, home#7
}
"#;
    let folder = folder(&format!("{HOME}{mistakes}"));
    let ran = folder.run(&["test", "home.dct"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "0 passed, 0 failed\n"));
    insta::assert_snapshot!(ran.err);
    // The same is told by `check`.
    let checked = folder.run(&["check", "home.dct"]);
    assert_eq!((checked.code, checked.err.as_str()), (2, ran.err.as_str()));
    // An error in a policy, or in what it imports, keeps the tests from running too.
    for (name, text) in
        [("home.dct", HOME.replace("s3:Delete*", "s3")), ("common.dct", COMMON.replace("allow *", "alow *"))]
    {
        let folder = self::folder(HOME);
        folder.write(name, text);
        let ran = folder.run(&["test", "home.dct"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, "0 passed, 0 failed\n"), "{name}");
        assert!(ran.err.contains(&format!(" --> {name}:")), "{}", ran.err);
    }
}

#[test]
fn rows_are_chosen_by_their_line() {
    let folder = folder(HOME);
    let line = |text: &str| HOME.lines().position(|line| line.contains(text)).unwrap() + 1;
    for (only, count) in [
        (format!("home.dct:{}", line("(ana, bob, implicit_deny)")), 1),
        (format!("home.dct:{}", line("acme-home/${home}/x")), 2),
        (format!("home.dct:{}", line("expect error E-EFFECT")), 1),
        ("who reads".to_owned(), 2),
        ("[2]".to_owned(), 1),
    ] {
        let ran = folder.run(&["test", "home.dct", "--only", &only]);
        assert!(ran.code == 0 && ran.out.ends_with(&format!("{count} passed, 0 failed\n")), "{only}: {}", ran.out);
    }
}

#[test]
fn policies_are_in_force_in_their_type() {
    let test = r#"
allow s3:Get* on *
test "it allows" { as arn:aws:iam::123456789012:user/ana do s3:GetObject on * expect allow }
"#;
    let folder = Folder::new();
    folder.write("plain.dct", test).write("typed.dct", format!("type boundary\n{test}"));
    assert_eq!(folder.run(&["test", "plain.dct"]).code, 0);
    for args in [&["test", "typed.dct"][..], &["test", "plain.dct", "--type", "boundary"]] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 1, "{args:?}");
        assert!(ran.out.contains("implicit_deny   no Allow applies in identity"), "{}", ran.out);
    }
    assert_eq!(folder.run(&["test", "typed.dct", "--type", "identity"]).code, 0);
}

#[test]
fn coverage_and_mutants_have_their_places() {
    let folder = folder(HOME);
    let ran = folder.run(&["test", ".", "--coverage", "--mutate", "--junit", "results.xml"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(untimed(&ran.out));
    let results = String::from_utf8(folder.read("results.xml")).unwrap();
    let row = HOME.lines().position(|line| line.contains("(ana, bob, implicit_deny)")).unwrap() + 1;
    let case = format!(
        "name=\"who reads whose [2] (ana, bob, implicit_deny)\" classname=\"./home.dct\" file=\"./home.dct\" line=\"{row}\""
    );
    assert!(results.contains(&case), "{results}");
}

/// A test that names statements by their numbers notices no more than one that names them by their Sids.
#[test]
fn a_dropped_statement_renumbers_no_other() {
    let policy = "@First allow sqs:Send* on *\n@Second allow s3:Get* on arn:aws:s3:::b/*\n";
    let outcome = |by: &str| {
        let asks = "as arn:aws:iam::123456789012:user/ana do s3:GetObject on arn:aws:s3:::b/k";
        let text = format!("{policy}test \"t\" {{ {asks} expect allow by {by} }}");
        let folder = Folder::new();
        folder.write("p.dct", text);
        let ran = folder.run(&["test", "p.dct", "--mutate"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
        let told = ran.out.find("mutants").map(|at| ran.out[at..].to_owned());
        told.expect("mutants are told")
    };
    let told = outcome("p#1");
    assert!(told.contains("p@First: statement dropped"), "{told}");
    assert_eq!(told, outcome("Second"));
}

/// A file with any error compiles to nothing, its tests included.
#[test]
fn a_file_with_a_faulty_test_becomes_nothing() {
    let folder = folder(&HOME.replace("expect allow by ReadHome", "expect allow by RaedHome"));
    for args in [&["compile", "home.dct", "-o", "home.dctb"][..], &["convert", "home.dct", "-o", "home.json"]] {
        let ran = folder.run(args);
        assert!(ran.code == 2 && ran.err.contains("did you mean `ReadHome`?"), "{args:?}: {}", ran.err);
    }
    assert_eq!(folder.names(), ["broken.json", "cap.json", "common.dct", "home.dct"]);
}

/// The language needs no name to be known by, and nothing is no file of it.
#[test]
fn standard_input_and_blank_files() {
    let folder = Folder::new();
    let text = "use \"common.dct\" as common\nallow common.reads on *\n";
    folder.write("common.dct", "let reads = s3:Get*, s3:List*\n").write("blank.dct", " \n\n").write("zero.dct", "");
    let ran = folder.pipe(&["compile", "-", "-o", "p.dctb"], text.as_bytes());
    assert!(ran.code == 0 && ran.err.contains("1 policy, 1 statement"), "{}", ran.err);
    let ran = folder.pipe(&["compile", "-", "-o", "p.dctb"], b"allow s3 on *");
    assert!(ran.code == 2 && ran.err.contains(" --> <stdin>:1:7"), "{}", ran.err);
    for (args, message) in [(&["test", "-"][..], "give files"), (&["fmt", "-"], "`dictum fmt --stdin`")] {
        let ran = folder.pipe(args, text.as_bytes());
        assert!(ran.code == 2 && ran.err.contains(message), "{args:?}: {}", ran.err);
    }
    for file in ["blank.dct", "zero.dct"] {
        for args in [&["compile", file, "-o", "p.dctb"][..], &["convert", file], &["test", file]] {
            let ran = folder.run(args);
            assert!(ran.code == 2 && ran.err.contains("error[E-FILE]: the file is empty"), "{args:?}: {}", ran.err);
        }
    }
}

/// What multiplies is refused, and quickly.
#[test]
fn hostile_tests_end_soon() {
    let many = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<String>();
    let asks = "as anonymous do s3:GetObject on * expect allow";
    let levels = many(20_000, &|level| format!("{}scp[{level}] levels", if level > 0 { ", " } else { "" }));
    let policies = many(1_000, &|at| format!("policy p{at} {{ allow s3:Get* on * }}\n"));
    let tests = many(1_000, &|at| format!("test \"t{at}\" under boundary p{at} {{ {asks} }}\n"));
    for (text, code) in [
        (format!("allow s3:Get* on *\ntest \"t\" under {levels} {{ {asks} }}"), "E-LIMIT"),
        (format!("{policies}{tests}"), "E-LIMIT"),
        (format!("allow s3:Get* on *\n{}", "test \"t\" {\n".repeat(50_000)), "E-SYNTAX"),
    ] {
        let folder = Folder::new();
        folder.write("levels.dct", text);
        let started = std::time::Instant::now();
        let ran = folder.run(&["test", "levels.dct"]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
        assert!(started.elapsed().as_secs() < 60, "{code} took {:?}", started.elapsed());
    }
}

#[test]
fn the_contact_centre_has_tests_of_its_own() {
    let folder = Folder::new();
    let ran =
        folder.run(&["fmt", "--check", &corpus("policies/connect/centre.dct"), &corpus("policies/connect/trust.dct")]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    for (file, least) in [("centre.dct", "90"), ("trust.dct", "100")] {
        let ran = Folder::new().run(&["test", &corpus(&format!("policies/connect/{file}")), "--min-coverage", least]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    }
}
