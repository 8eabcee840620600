//! What is accepted and what is refused, by rule: rows of type, statement or document, and the errors it gets.

use dictum_compiler::resolve_document;
use dictum_compiler::source::PolicyType::{self, Boundary, Identity, Rcp, Resource, Scp, Session, Trust};
use dictum_compiler::source::Sources;

/// The only function here that touches the API: the classes of a document's errors, joined by blanks.
fn errors(policy_type: PolicyType, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add_file("policy.json", text);
    sources.add(policy_type, "policy", file, sources.whole(file));
    let document = sources.documents().next().expect("one was added").clone();
    let (policy, diagnostics) = resolve_document(&sources, &document);
    let errors: Vec<_> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    assert_eq!(policy.is_some(), errors.is_empty());
    errors.iter().map(|error| error.code.name()).collect::<Vec<_>>().join(" ")
}

/// A row's document: as it is where it has a Statement, else the one statement of a document.
fn document(row: &str) -> String {
    match row.contains("\"Statement\"") || !row.starts_with('{') {
        true => row.to_owned(),
        false => format!("{{\"Version\":\"2012-10-17\",\"Statement\":{row}}}"),
    }
}

fn check(rows: &[(PolicyType, &str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(policy_type, row, expected)| (policy_type, row, expected, errors(*policy_type, &document(row))))
        .filter(|(_, _, expected, got)| **expected != got.as_str())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// GRM-1 to GRM-6, GRM-10 to GRM-13.
#[test]
fn documents() {
    check(&[
        (Identity, r#"{"Statement":[]}"#, ""),
        (Identity, r#"{"Version":"2012-10-17","Statement":[],"statement":[]}"#, "E-ELEMENT"),
        (Identity, r#"[{"Statement":[]}]"#, "E-JSON"),
        (Identity, r#"{"Version":"2008-10-17","Id":"x","Statement":[]}"#, ""),
        (Identity, r#"{"Version":20121017,"Id":1,"Statement":"x"}"#, "E-VERSION E-TYPE E-TYPE"),
        (Identity, r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[[]]}"#, "E-DUPKEY E-TYPE"),
        (Identity, r#"{"Statement":[],"x":{"a":1,"\u0061":2}}"#, "E-ELEMENT E-DUPKEY"),
        (Identity, r#"{"Statement":"\ud800"}"#, "E-JSON"),
        (Rcp, r#"{"Version":"2008-10-17","Statement":[]}"#, "E-VERSION"),
        (Scp, r#"{"Version":"2008-10-17","Statement":[]}"#, ""),
    ]);
}

/// GRM-20 to GRM-26, SID-1, SID-2.
#[test]
fn statements() {
    check(&[
        (Identity, r#"{"Effect":"Allow","Action":[],"NotResource":[]}"#, ""),
        (Identity, r#"{"Effect":"Allow","Action":"","Resource":[""]}"#, "E-ACTION E-RESOURCE"),
        (Identity, r#"{}"#, "E-MISSING E-MISSING E-MISSING"),
        (
            Identity,
            r#"{"Effect":"Deny","Action":"*","NotAction":"*","Resource":"*","NotResource":"*"}"#,
            "E-EXCLUSIVE E-EXCLUSIVE",
        ),
        (Identity, r#"{"Sid":"","Effect":"ALLOW","Action":"*","Resource":"*"}"#, "E-EFFECT"),
        (
            Identity,
            r#"{"Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            "",
        ),
        (
            Identity,
            r#"{"Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            "E-SID",
        ),
        (
            Resource,
            r#"{"Statement":[{"Sid":"a b","Effect":"Deny","Action":"*","Principal":"*"},{"Sid":"a b","Effect":"Deny","Action":"*","Principal":"*"}]}"#,
            "",
        ),
        (Scp, r#"{"Sid":"a b","Effect":"Deny","Action":"*","Resource":"*"}"#, "E-SID"),
    ]);
}

/// TYP-1 to TYP-4.
#[test]
fn policy_types() {
    let full = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
    check(&[
        (Identity, full, "E-POLICYTYPE"),
        (Boundary, full, "E-POLICYTYPE"),
        (Session, full, "E-POLICYTYPE"),
        (Scp, full, "E-POLICYTYPE"),
        (Resource, full, ""),
        (Trust, full, "E-POLICYTYPE"),
        (Rcp, full, ""),
        (Resource, r#"{"Effect":"Allow","Principal":"*","Action":"*"}"#, ""),
        (Trust, r#"{"Effect":"Allow","Principal":"*","Action":"*"}"#, ""),
        (Trust, r#"{"Effect":"Deny","NotPrincipal":"*","Action":"*","NotResource":"*"}"#, "E-POLICYTYPE E-POLICYTYPE"),
        (Resource, r#"{"Effect":"Allow","Action":"*"}"#, "E-MISSING"),
        (Rcp, r#"{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["*"],"Resource":["*"]}"#, ""),
        (Rcp, r#"{"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"],"Condition":{}}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Allow","Principal":"*","Action":"*:*","Resource":"*"}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Allow","Principal":"*","Action":["*","*"],"Resource":"*"}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","*:*"],"Resource":"*"}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Deny","Principal":{"AWS":[]},"Action":"s3:*","Resource":"*"}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Deny","NotPrincipal":"*","Action":"s3:*","Resource":"*"}"#, "E-POLICYTYPE"),
        (Rcp, r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:*"}"#, "E-MISSING E-POLICYTYPE"),
        (Scp, r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"*","Condition":{"Null":{"x:k":true}}}"#, ""),
    ]);
}

/// OPR-1 to OPR-4, GRM-3, GRM-27, GRM-28; the rows are Condition elements.
#[test]
fn conditions() {
    let rows = [
        (r#"{}"#, ""),
        (r#"{"StringEquals":{}}"#, ""),
        (r#"{"stringequalsifexists":{"x:k":[]}}"#, ""),
        (r#"{"ForAllValues:StringLikeIfExists":{"x:k":["a",1,true]}}"#, ""),
        (r#"{"FORANYVALUE:ArnEquals":{"x:k":"*"}}"#, ""),
        (r#"{"ForAllValue:StringLike":{"x:k":"a"}}"#, "E-OPERATOR"),
        (r#"{"ForAllValues:ForAnyValue:StringLike":{"x:k":"a"}}"#, "E-OPERATOR"),
        (r#"{"StringLikeIfExistsIfExists":{"x:k":"a"}}"#, "E-OPERATOR"),
        (r#"{"ForAnyValue:Null":{"x:k":"true"}}"#, "E-OPERATOR"),
        (r#"{"IfExists":{"":1}}"#, "E-OPERATOR E-CONDKEY"),
        (r#"{"StringEquals":{"x:k":"a","X:K":"b"}}"#, "E-DUPKEY"),
        (r#"{"StringEquals":{"x:k":"a"},"StringLike":{"X:K":"b"}}"#, ""),
        (r#"{"StringEquals":{},"STRINGEQUALS":{}}"#, "E-DUPKEY"),
        (r#"{"StringEquals":{"aws:ResourceTag/a b:c":"a","oidc.example.com/id/A1:sub":"b"}}"#, ""),
        (r#"{"StringEquals":{"x:":"a",":k":"a","x:${k}":"a","x:k?":"a"}}"#, "E-CONDKEY E-CONDKEY E-CONDKEY E-CONDKEY"),
        (r#"{"StringEquals":{"x:k":null,"x:l":[["a"]],"x:m":{}}}"#, "E-TYPE E-TYPE E-TYPE"),
        (r#"{"StringEquals":[]}"#, "E-TYPE"),
        (r#"[]"#, "E-TYPE"),
        (r#"{"NumericEquals":{"x:k":[1e63,-0.0,12345678901234567890]}}"#, ""),
        (r#"{"StringEquals":{"x:k":1e64}}"#, "E-VALUE"),
    ];
    for (condition, expected) in rows {
        let statement =
            format!("{{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{condition}}}");
        assert_eq!(errors(Identity, &document(&statement)), expected, "{condition}");
    }
}

/// LIM-1: the last that passes and the first that does not.
#[test]
fn limits() {
    let with_action = |action: String| format!(r#"{{"Effect":"Deny","Action":{action},"Resource":"*"}}"#);
    let with_value = |operator: &str, value: String| {
        format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"{operator}":{{"x:k":"{value}"}}}}}}"#)
    };
    let list = |count: usize| format!("[{}]", vec!["\"*\""; count].join(","));
    let nested = |depth: usize| format!("{{\"Statement\":[],\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    for (good, bad) in [
        (with_action(format!("\"s3:{}\"", "a".repeat(2045))), with_action(format!("\"s3:{}\"", "a".repeat(2046)))),
        (with_action(format!("\"s3:{}\"", "*".repeat(1024))), with_action(format!("\"s3:{}\"", "*".repeat(1025)))),
        (with_action(list(65_536)), with_action(list(65_537))),
        (with_value("StringLike", "é".repeat(1024)), with_value("StringLike", "é".repeat(1025))),
        (
            with_value("ArnLike", format!("arn:::::{}", "*".repeat(1024))),
            with_value("ArnLike", format!("arn:::::{}", "*".repeat(1025))),
        ),
        (with_value("StringEquals", "a".repeat(8192)), with_value("StringEquals", "a".repeat(8193))),
    ] {
        assert_eq!(errors(Identity, &document(&good)), "");
        assert_eq!(errors(Identity, &document(&bad)), "E-LIMIT");
    }
    assert_eq!(errors(Identity, &nested(63)), "E-ELEMENT");
    assert_eq!(errors(Identity, &nested(64)), "E-LIMIT");
    let padded = |bytes: usize| format!("{{\"Statement\":[]}}{}", " ".repeat(bytes - 16));
    assert_eq!(errors(Identity, &padded(4 << 20)), "");
    assert_eq!(errors(Identity, &padded((4 << 20) + 1)), "E-LIMIT");
}
