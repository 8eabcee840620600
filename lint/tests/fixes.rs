//! A fix changes no meaning and leaves a valid document: where it might do otherwise there is none.

use dictum_compiler::expand::policies_of;
use dictum_compiler::source::{Notation, PolicyType, Sources};
use dictum_lint::{Finding, Options, lint};

/// One file, under every check; imports are there too.
fn findings(name: &str, text: &str) -> (Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let file = sources.add_file(name, text);
    sources.add_file("common.dct", "let home = \"arn:aws:s3:::b/${aws:username}/*\"\n");
    let policy_type = if text.contains("rincipal") || text.contains("service(") {
        PolicyType::Resource
    } else {
        PolicyType::Identity
    };
    match sources.file(file).notation {
        Notation::Json => sources.add(policy_type, "policy", file, sources.whole(file)),
        Notation::Dictum => {
            let documents = policies_of(&sources, file, "policy", Some(policy_type));
            documents.into_iter().for_each(|document| sources.add_document(document));
        }
    }
    let found = lint(&sources, &Options::everything());
    let errors: Vec<String> =
        found.iter().filter(|it| it.diagnostic.is_error()).map(|it| it.diagnostic.to_string()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:?}");
    (sources, found)
}

/// The text with the fixes of a check, one after the other; `None` where it has none. The check must fire.
fn fixed(name: &str, text: &str, id: &str) -> Option<String> {
    let (mut text, mut is_fixed) = (text.to_owned(), false);
    for round in 0.. {
        let (_, found) = findings(name, &text);
        let mut own = found.iter().filter(|finding| finding.diagnostic.code.name() == id).peekable();
        assert!(round > 0 || own.peek().is_some(), "{id} does not fire on\n{text}");
        let Some(fix) = own.find_map(|finding| finding.diagnostic.fix.clone()) else { break };
        text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        is_fixed = true;
    }
    is_fixed.then_some(text)
}

/// A statement of a JSON policy, around a condition.
fn with(condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {condition}}}}}"#
    )
}

fn assert_none(name: &str, id: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(fixed(name, text, id), None, "{id}\n{text}");
    }
}

#[test]
fn a_version_is_raised_only_where_nothing_becomes_a_variable() {
    let old = r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/\u0024{aws:username}/*"}}"#;
    let value = r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "$\u007baws:username}*"}}}}"#;
    assert_none("policy.json", "L-VERSION-OLD", &[old, value]);
    let missing = old.replace(r#""Version": "2008-10-17", "#, "");
    assert_none("policy.json", "L-VERSION-MISSING", &[&missing]);
    let by_let = "let home = \"arn:aws:s3:::b/${aws:username}/*\"\npolicy P version=\"2008-10-17\" { allow s3:GetObject on home }\n";
    let by_import =
        "use \"common.dct\" as common\npolicy P version=\"2008-10-17\" { allow s3:GetObject on common.home }\n";
    assert_none("policy.dct", "L-VERSION-OLD", &[by_let, by_import]);
    let plain = "policy P version=\"2008-10-17\" { allow s3:GetObject on arn:aws:s3:::b/* }\n";
    assert_eq!(fixed("policy.dct", plain, "L-VERSION-OLD"), Some(plain.replace("2008", "2012")));
}

#[test]
fn what_would_grant_more_or_less_is_left_to_the_author() {
    for (id, text) in [
        (
            "L-ARN-SERVICE-CASE",
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:SQS:eu-west-1:123456789012:orders"}}"#,
        ),
        (
            "L-ACTION-ONE-LEFT",
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:SendMess*", "Resource": "*"}}"#,
        ),
        (
            "L-SERVICE-PRINCIPAL-CASE",
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "SNS.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}}"#,
        ),
    ] {
        assert_none("policy.json", id, &[text]);
    }
}

/// An Allow with NotResource does not apply where an entry has a variable without a value (RES-12).
#[test]
fn an_exception_with_a_variable_is_never_covered() {
    let text = |effect: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b/${{aws:username}}"]}}}}"#
        )
    };
    let (_, found) = findings("policy.json", &text("Allow"));
    assert!(found.iter().all(|finding| finding.diagnostic.code.name() != "L-RESOURCE-COVERED"));
    assert!(fixed("policy.json", &text("Deny"), "L-RESOURCE-COVERED").is_some());
}

#[test]
fn what_is_shared_stays_as_it_is() {
    for (id, text) in [
        (
            "L-SERVICE-CASE",
            "let sends = SQS:SendMessage\nallow sends on *\ndeny sends on * if aws:SecureTransport == false\n",
        ),
        ("L-WILDCARD-RUN", "let gets = sqs:Get**\nallow gets on *\n"),
        ("L-EVERY-ACTION-SPELLED", "let everything = *:*\ndeny everything on *\n"),
        ("L-ACTION-CASE", "let sends = sqs:sendMessage\nallow sends on *\n"),
        ("L-KEY-CASE", "cond safe = aws:securetransport == true\nallow sqs:SendMessage on * if safe\n"),
        ("L-IP-HOST-BITS", "let nets = 52.94.76.9/24\nallow sqs:SendMessage on * if aws:SourceIp in nets\n"),
        ("L-ACTION-TWICE", "let sends = sqs:SendMessage, sqs:SendMessage\nallow sends on *\n"),
    ] {
        assert_none("policy.dct", id, &[text]);
    }
}

#[test]
fn no_member_is_written_twice() {
    let like = |rest: &str| with(&format!(r#"{{{rest}"StringLike": {{"s3:prefix": "home/ana"}}}}"#));
    assert_none("policy.json", "L-LIKE-PLAIN", &[&like(r#""StringEquals": {}, "#), &like(r#""stringequals": {}, "#)]);
    assert!(fixed("policy.json", &like(""), "L-LIKE-PLAIN").is_some());
}

/// `${*}` is a wildcard between two braces where there are no variables (VAR-1).
#[test]
fn a_wildcard_in_an_old_policy_is_one() {
    let text = |version: &str| with(r#"{"StringLike": {"s3:prefix": "home/${*}"}}"#).replace("2012-10-17", version);
    let ids = |text: &str| -> Vec<String> {
        findings("policy.json", text).1.iter().map(|it| it.diagnostic.code.name().to_owned()).collect()
    };
    assert!(!ids(&text("2008-10-17")).contains(&"L-LIKE-PLAIN".to_owned()));
    assert!(ids(&text("2012-10-17")).contains(&"L-LIKE-PLAIN".to_owned()));
}

#[test]
fn no_comment_is_cut() {
    let texts = [
        "allow sqs:SendMessage, # for orders\n  sqs:SendMessage on *\n",
        "allow sqs:SendMessage\n  # for orders\n  , sqs:SendMessage on *\n",
    ];
    assert_none("policy.dct", "L-ACTION-TWICE", &texts);
    let values =
        "allow sqs:SendMessage on * if aws:SourceVpc in [\n  \"vpc-1\", # the old one\n  \"vpc-1\", \"vpc-2\"]\n";
    assert_none("policy.dct", "L-VALUE-TWICE", &[values]);
    let plain = "allow sqs:SendMessage,\n  sqs:SendMessage on *\n";
    assert_eq!(fixed("policy.dct", plain, "L-ACTION-TWICE").as_deref(), Some("allow sqs:SendMessage on *\n"));
}

/// A brace group of one member is an error.
#[test]
fn a_group_keeps_its_members() {
    assert_none("policy.dct", "L-ACTION-TWICE", &["allow sqs:{SendMessage, SendMessage} on *\n"]);
}

#[test]
fn a_statement_of_nothing_is_told_once() {
    let (_, found) = findings(
        "policy.json",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": [], "Resource": "*"}}"#,
    );
    let ids: Vec<&str> = found.iter().map(|it| it.diagnostic.code.name()).collect();
    assert!(ids.contains(&"L-EMPTY") && !ids.contains(&"L-ALLOW-NONE"), "{ids:?}");
}
