//! Hovers and completions in JSON policies.

mod common;

use common::{completions, first, hover, page};

/// A statement with these members beside its effect.
fn statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {members}}}]}}"#)
}

#[test]
fn statements_are_told_in_a_sentence() {
    let texts = [
        r#""Si|d": "Read", "Action": ["connect:DescribeUser", "connect:UpdateUser*"], "Resource": "arn:aws:connect:us-east-1:123456789012:instance/*/agent/*", "Condition": {"StringEquals": {"aws:ResourceTag/Department": "Test"}}"#,
        r#""Sid": "|x", "NotAction": ["iam:*", "sts:GetSessionToken"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
        r#""Sid": "|x", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}, "ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/Admin*"}}"#,
        r#""Sid": "|x", "Principal": {"AWS": "arn:aws:iam::111122223333:root", "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "U-1"}}"#,
        r#""Sid": "|x", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:123456789012:instance/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}, "Null": {"aws:TagKeys": "false"}, "ForAnyValue:StringNotLike": {"aws:CalledVia": "c*"}}"#,
        r#""Sid": "|x", "Action": ["s3:GetObject", "kms:Decrypt", "nonsense:Do"], "Resource": ["arn:aws:s3:::acme/a", "arn:aws:kms:eu-west-1:123456789012:key/*"]"#,
        r#""Sid": "|x", "Action": "s3:Get"#,
        r#""Sid": "|x", "NotAction": ["cloudfront:*", "iam:*", "route53:*", "support:*"], "Resource": "arn:aws:s3:::acme", "Condition": {"StringLike": {"s3:prefix": ["", "home/*"]}}"#,
    ];
    let told: Vec<_> = texts.iter().map(|text| hover("policy.json", &statement(text))).collect();
    insta::assert_snapshot!(told.join("\n\n==========\n\n"));
}

#[test]
fn what_the_cursor_is_on_is_explained() {
    let texts = [
        r#""Action": "connect:|DescribeUser""#,
        r#""Action": "connect:DescribeUse|r*""#,
        r#""Action": "s3:Nothing|""#,
        r#""Action": "s3:ListBucket", "Resource": "arn:aws:s3:::|acme""#,
        r#""Condition": {"ForAllValues:StringEquals|IfExists": {}}"#,
        r#""Condition": {"StringEquals": {"aws:Source|Vpce": "x"}}"#,
        r#""Condition": {"StringEquals": {"aws:RequestTag/te|am": "x"}}"#,
        r#""Condition": {"StringEquals": {"s3:pre|fix": "x"}}"#,
        r#""Condition": {"StringEquals": {"s3:prefix": "x|"}}"#,
        r#""Condition": {"StringEqual": {"s3:pre|fix": "x"}}"#,
        r#""NotRes|ource": "*""#,
    ];
    let told: Vec<_> = texts.iter().map(|text| hover("policy.json", &statement(text))).collect();
    insta::assert_snapshot!(told.join("\n\n==========\n\n"));
}

#[test]
fn completions_fit_their_place() {
    let places = [
        ("an empty document", "|".to_owned(), 1),
        ("a policy", r#"{"Version": "2012-10-17", "St|"}"#.to_owned(), 3),
        ("a version", r#"{"Version": "|", "Statement": []}"#.to_owned(), 2),
        ("a whole statement", r#"{"Version": "2012-10-17", "Statement": [|]}"#.to_owned(), 1),
        ("a statement", statement("|"), 9),
        ("an effect", r#"{"Statement": {"Effect": |}}"#.to_owned(), 2),
        ("a service", statement(r#""Action": "|""#), 2),
        ("an action", statement(r#""Action": ["s3:*", "connect:Des|"]"#), 2),
        ("an open string", statement(r#""Action": "kms:|"#), 2),
        ("a resource", statement(r#""Action": "s3:GetObject", "Resource": "|""#), 3),
        ("an operator", statement(r#""Condition": {"|"}"#), 2),
        ("a key", statement(r#""Action": "s3:ListBucket", "Condition": {"StringLike": {"|"}}"#), 4),
        (
            "a key with a value",
            statement(r#""Action": "s3:ListBucket", "Condition": {"StringLike": {"s3:|": "x"}}"#),
            1,
        ),
        ("a value", statement(r#""Condition": {"Bool": {"aws:SecureTransport": "|"}}"#), 3),
        ("a variable", statement(r#""Resource": "arn:aws:s3:::home/${aw|"#), 1),
        ("a principal", statement(r#""Principal": {|}"#), 4),
    ];
    let shown: Vec<_> =
        places.iter().map(|(what, text, count)| format!("{what}:\n{}", first("policy.json", text, *count))).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn keys_follow_the_actions_of_the_statement_wherever_they_stand() {
    let text = statement(r#""Condition": {"StringLike": {"|": "x"}}, "Action": "s3:ListBucket""#);
    assert!(completions("policy.json", &text).iter().any(|item| item.label == "s3:prefix"));
}

#[test]
fn other_json_is_left_alone() {
    for text in [r#"{"name": "x", "s|": 1}"#, r#"{"Statement": "of |account"}"#, "[1, |2]"] {
        assert_eq!(hover("package.json", text), "nothing");
        assert_eq!(completions("package.json", text), []);
    }
    assert_eq!(page("package.json", r#"{"name": }"#, &[]).diagnostics, []);
}
