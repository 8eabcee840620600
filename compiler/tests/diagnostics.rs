//! How bad documents are reported: each beside its rendered diagnostics. Every class of error and every lint occurs.

use std::collections::BTreeSet;

use dictum_compiler::diagnostic::{Code, Diagnostic, Diagnostics, Severity, page};
use dictum_compiler::source::{Place, PolicyType, Sources, Span};
use dictum_compiler::{resolve_document, size_lints};
use proptest::prelude::*;

/// The only function here that touches the API: a document's diagnostics, rendered.
fn rendered(policy_type: PolicyType, text: &[u8]) -> (BTreeSet<Code>, String) {
    let mut sources = Sources::new();
    let file = sources.add_file("policy.json", text);
    sources.add(policy_type, "Team", file, sources.whole(file));
    let document = sources.documents().next().expect("one was added").clone();
    let (policy, mut diagnostics) = resolve_document(&sources, &document);
    assert_eq!(policy.is_none(), diagnostics.iter().any(|diagnostic| diagnostic.is_error()));
    diagnostics.extend(size_lints(&sources, &document));
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    (codes, Diagnostics(diagnostics).render(&sources))
}

/// A document of one statement, one element a line.
fn statement(elements: &[&str]) -> String {
    let elements: Vec<_> = elements.iter().map(|element| format!("    {element}")).collect();
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{{\n{}\n  }}]\n}}\n", elements.join(",\n"))
}

const ALLOW: &str = r#""Effect": "Allow""#;
const DENY: &str = r#""Effect": "Deny""#;
const ALL: &str = r#""Action": "*""#;
const ANY: &str = r#""Resource": "*""#;

fn with_condition(condition: &str) -> String {
    statement(&[ALLOW, ALL, ANY, &format!("\"Condition\": {condition}")])
}

/// Name, type, document.
fn bad_documents() -> Vec<(&'static str, PolicyType, String)> {
    use PolicyType::{Identity, Rcp, Resource, Scp, Session, Trust};
    let long = "a".repeat(9_000);
    let minified = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b","Condition":{{"StringLikes":{{"x:k":"a"}}}}}}]}}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},"#.repeat(9)
    );
    vec![
        ("syntax", Identity, "{\n  // the team's\n  \"Version\": '2012-10-17',\n  \"Statement\": [],\n}\n".into()),
        ("missing comma", Identity, "{\"Version\": \"2012-10-17\"\n \"Statement\": []}".into()),
        ("no object", Identity, "[]".into()),
        ("nothing in it", Identity, "{}".into()),
        ("repeated members", Identity, statement(&[ALLOW, DENY, ALL, ANY])),
        ("element names", Identity, "{\"version\": \"2012-10-17\", \"Statements\": [], \"Comment\": 1}".into()),
        ("versions", Identity, "{\"Version\": \"2012-10-07\", \"Statement\": []}".into()),
        ("version of an rcp", Rcp, "{\"Statement\": []}".into()),
        ("types", Identity, statement(&["\"Sid\": 1", "\"Effect\": true", "\"Action\": {}", "\"Resource\": [\"*\", null]"])),
        ("exclusive", Identity, statement(&[ALLOW, ALL, "\"NotAction\": \"iam:*\"", ANY])),
        ("effect and sid", Identity, statement(&["\"Sid\": \"read queues\"", "\"Effect\": \"allow\"", ALL, ANY])),
        ("principal in an identity policy", Identity, statement(&[ALLOW, ALL, ANY, "\"Principal\": \"*\""])),
        ("an rcp", Rcp, statement(&[ALLOW, "\"Principal\": {\"AWS\": \"111111111111\"}", "\"NotAction\": \"s3:*\"", ANY])),
        ("a trust policy", Trust, statement(&[DENY, "\"NotPrincipal\": \"*\"", ALL, ANY])),
        (
            "actions",
            Identity,
            statement(&[ALLOW, "\"Action\": [\"s*:Get*\", \"s3\", \"s3:a:b\", \"s3:${x}\", \"\", \"s 3:*\"]", ANY]),
        ),
        ("resources", Session, statement(&[ALLOW, ALL, "\"Resource\": [\"bucket\", \"${aws:a}\", \"arn:aws:s3\", \"ARN:aws\"]"])),
        (
            "principals",
            Resource,
            statement(&[
                ALLOW,
                ALL,
                "\"Principal\": {\"aws\": \"*\", \"AWS\": [\"arn:aws:iam::111111111111:group/g\", \"arn:aws:iam::111111111111:user/*\", \"1234\"], \"Service\": \"*\"}",
            ]),
        ),
        ("bare principal", Resource, statement(&[ALLOW, ALL, "\"Principal\": \"arn:aws:iam::111111111111:root\""])),
        ("operators", Identity, with_condition("{\n      \"ForAnyValues:StringEqualIfExists\": {\"x:j\": \"a\"},\n      \"StringEqual\": {\"x:k\": \"a\"},\n      \"ForAnyValues:StringLike\": {\"x:k\": \"a\"},\n      \"NullIfExists\": {\"x:k\": \"true\"}\n    }")),
        ("condition keys", Identity, with_condition("{\"StringEquals\": {\"username\": \"a\", \"aws:*\": \"b\", \"aws:User\": \"c\", \"AWS:user\": \"d\"}}")),
        (
            "values",
            Identity,
            with_condition("{\n      \"NumericLessThan\": {\"x:k\": [\"ten\", 1e99]},\n      \"DateEquals\": {\"x:k\": \"2024-13-01\"},\n      \"IpAddress\": {\"x:k\": [\"10.0.0.0/33\", \"2001:db8::1/32\"]},\n      \"ArnLike\": {\"x:k\": \"arn:aws:sns:*:t\"},\n      \"BinaryEquals\": {\"x:k\": \"?\"},\n      \"Null\": {\"x:k\": \"yes\"}\n    }"),
        ),
        (
            "variables",
            Identity,
            with_condition("{\"StringLike\": {\"x:k\": [\"${aws:username\", \"${}\", \"${a b}\", \"${a:*}\", \"${a:b, c}\", \"a\\u0020${a:b, 'c\"]}, \"NumericEquals\": {\"x:k\": \"${x:n}\"}}"),
        ),
        ("limits", Identity, statement(&[ALLOW, &format!("\"Action\": \"s3:{long}\""), ANY])),
        ("nesting", Identity, "[".repeat(200_000)),
        ("a minified line", Identity, minified),
        ("wide characters and tabs", Identity, "{\"Statement\":\t{\"Sid\": \"読む\",\t\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}".into()),
        ("lints of an identity policy", Identity, "{\"Id\": \"i\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": [], \"NotResource\": []}, {\"Effect\": \"Allow\", \"Action\": \"s3:Get_\", \"Resource\": \"arn:*:s*:::${aws:username}\"}]}".into()),
        (
            "lints of conditions",
            Identity,
            with_condition("{\n      \"ForAllValues:StringEquals\": {\"aws:TagKeys\": \"a\", \"x:k\": []},\n      \"Null\": {\"AWS:TagKeys\": \"false\"},\n      \"StringLike\": {\"aws:calledvia\": \"a\"},\n      \"Bool\": {\"x:b\": [\"yes\", \"true\"]}\n    }"),
        ),
        ("lints of variables", Identity, statement(&[ALLOW, ALL, "\"Resource\": \"arn:aws:sqs:*:${x:account}:q${team}\""])),
        ("lints of a resource policy", Resource, "{\"Statement\": [{\"Sid\": \"a b\", \"Effect\": \"Allow\", \"NotPrincipal\": {\"AWS\": []}, \"Action\": \"*\"}, {\"Sid\": \"a b\", \"Effect\": \"Allow\", \"Principal\": {\"Service\": \"s3.amazonaws.com\"}, \"Action\": \"*\"}]}".into()),
        ("lints of an scp", Scp, format!("{{\"Statement\": []{}}}", " ".repeat(5_200))),
    ]
}

#[test]
fn bad_documents_are_reported() {
    let mut seen = BTreeSet::new();
    let mut out = String::new();
    for (name, policy_type, text) in bad_documents() {
        let (codes, rendered) = rendered(policy_type, text.as_bytes());
        assert!(!codes.is_empty(), "{name}");
        seen.extend(codes);
        out += &format!("==== {name}\n{rendered}\n");
    }
    insta::assert_snapshot!(out);

    // Of entities `cli/tests/organizations.rs` has what is bad.
    let of_entities =
        |code: &Code| code.name().starts_with("D-") || page::entity_lints().any(|(lint, _)| lint == *code);
    let unseen: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code) && !of_entities(code)).collect();
    assert_eq!(
        unseen,
        [
            &Code::E_REQUEST,
            &Code::E_CASE,
            &Code::E_SYNTAX,
            &Code::E_NAME,
            &Code::E_IMPORT,
            &Code::E_TEST,
            &Code::L_UNUSED
        ]
    );
}

/// GRM-1: what is not even text.
#[test]
fn broken_bytes_are_reported() {
    let (_, rendered) = rendered(PolicyType::Identity, b"{\"Version\": \"2012\xFF\", \"Statement\": []}");
    insta::assert_snapshot!(rendered, @r#"
    error[E-JSON]: not UTF-8
     --> policy.json:1:18
      |
    1 | {"Version": "2012�", "Statement": []}
      |                  ^
      = help: save it as UTF-8
      = in policy `Team`, by GRM-1
    "#);
}

/// A document inside a larger file is reported at the file's places.
#[test]
fn places_are_those_of_the_file() {
    let text = "{\"policies\":\n  [{\"Statement\": 1}]}";
    let mut sources = Sources::new();
    let file = sources.add_file("set.json", text);
    sources.add(PolicyType::Scp, "Embedded", file, 16..32);
    let document = sources.scp.as_ref().expect("it was added")[0][0].clone();
    let (_, diagnostics) = resolve_document(&sources, &document);
    let reports: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.report(&sources)).collect();
    let error = reports.iter().find(|report| report.code == "E-TYPE").expect("a type error");
    assert_eq!(error.start, Place { line: 2, column: 18, offset: 30 });
    assert_eq!(error.end, Place { line: 2, column: 19, offset: 31 });
    assert_eq!((error.policy, error.severity), (Some("Embedded"), Severity::Error));
}

/// A name that nothing uses is told of only where every other name is understood.
#[test]
fn a_misspelled_name_is_not_also_unused() {
    let codes = |text: &str| {
        let mut sources = Sources::new();
        let file = sources.add_file("team.dct", text);
        sources.add(PolicyType::Identity, "team", file, sources.whole(file));
        let document = sources.documents().next().expect("one was added").clone();
        let (_, diagnostics) = resolve_document(&sources, &document);
        diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("let reads = s3:Get*\nallow raeds on *"), [Code::E_NAME]);
    assert_eq!(codes("let reads = s3:Get*\nallow s3:Get* on *"), [Code::L_UNUSED]);
}

/// Places on other lines and in other files are drawn, those on the same line are named; a fix is put in words.
#[test]
fn related_places_and_fixes_are_shown() {
    let mut sources = Sources::new();
    let text = format!("{}one two\nthree\n", "\n".repeat(98));
    let file = sources.add_file("a.dct", text);
    let other = sources.add_file("b.dct", "elsewhere\n");
    let span = |start, end| Span { source: file, start, end };
    let base = Diagnostic::new(Code::E_NAME, span(106, 111), "GRM-7", "`three` is taken").help("name it otherwise");
    let mut many = base.clone().related(span(98, 101), "first").related(span(106, 107), "here");
    many = many.related(Span { source: other, start: 4, end: 9 }, "and there").fix(span(106, 111), "four\nfive");
    let several = (0..10).fold(base.clone(), |diagnostic, i| diagnostic.related(span(106 + i % 5, 111), "again"));
    let fixes = [
        (span(106, 108), ""),
        (span(106, 106), "a"),
        (span(111, 111), "b"),
        (span(108, 108), "c"),
        (span(98, 98), "d"),
        (span(98, 101), "e"),
    ];
    let fixes: Vec<_> = fixes.iter().map(|&(span, text)| base.clone().fix(span, text).render(&sources)).collect();
    let fixes: Vec<_> = fixes.iter().flat_map(|text| text.lines().filter(|line| line.contains("= fix"))).collect();
    insta::assert_snapshot!(format!("{}\n{}\n{}", many.render(&sources), several.render(&sources), fixes.join("\n")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes and the type: a policy or an error, and a report that can be shown.
    #[test]
    fn any_bytes_are_a_policy_or_an_error(
        index in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..3), 0usize..4), 1..4),
    ) {
        let documents = bad_documents();
        let (_, policy_type, text) = index.get(&documents);
        let mut bytes = text.clone().into_bytes();
        for (at, with, cut) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, with);
        }
        rendered(*policy_type, &bytes);
    }
}
