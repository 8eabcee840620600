//! Values of keys whose values have a known shape.

use dictum_compiler::diagnostic::near::nearest;
use dictum_compiler::syntax::ast::Text;
use dictum_vm::operator::Family;

use super::identity;
use crate::arn::is_open;
use crate::check::Found;
use crate::place;
use crate::subject::Statement;

checks! {
    "L-VALUE-REGION" Warning Correctness "Access Analyzer: Invalid Region" "A value that is no region."
    why: "Nothing is asked of a region that does not exist, so the value equals none; in a region lock it opens or closes nothing.",
    bad: identity(r#"{"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-centrall-1"]}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}"#),
    Statement(region);

    "L-VALUE-VIA-SERVICE" Warning Correctness "KMS Developer Guide: kms:ViaService" "A value of `kms:ViaService` without a region."
    why: "The value is a service in a region, as `s3.eu-west-1.amazonaws.com`. A principal such as `s3.amazonaws.com` equals none.",
    bad: identity(r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"#),
    Statement(via_service);

    "L-VALUE-ARN" Warning Correctness "CND-60" "A value of a key of ARNs that is no ARN."
    why: "The key has whole ARNs, so the value equals none.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": "role/ops"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/ops"}}}"#),
    Statement(arn);

    "L-VALUE-CHOICE" Warning Correctness "Access Analyzer: Invalid condition data type" "A value that is none of those that the key may have."
    why: "The key has one of a few values, and this is another one.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES-256"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}}"#),
    Statement(choice);

    "L-VALUE-CREATE-ACTION" Warning Correctness "EC2 User Guide: tagging on creation" "A value of `ec2:CreateAction` that is no action of EC2."
    why: "The key has the name of the action that makes the resource, without its service, as `RunInstances`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": {"StringEquals": {"ec2:CreateAction": "ec2:RunInstances"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}}"#),
    Statement(create_action);
}

/// Keys with few values. IAM User Guide; S3 User Guide, "Canned ACL", "Condition keys"; KMS and EC2 likewise.
const CHOICES: &[(&str, &[&str])] = &[
    (
        "s3:x-amz-acl",
        &[
            "private",
            "public-read",
            "public-read-write",
            "aws-exec-read",
            "authenticated-read",
            "bucket-owner-read",
            "bucket-owner-full-control",
            "log-delivery-write",
        ],
    ),
    ("s3:x-amz-server-side-encryption", &["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx"]),
    ("s3:authType", &["REST-HEADER", "REST-QUERY-STRING", "POST"]),
    ("s3:signatureversion", &["AWS", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"]),
    ("s3:x-amz-metadata-directive", &["COPY", "REPLACE"]),
    ("s3:object-lock-mode", &["GOVERNANCE", "COMPLIANCE"]),
    ("s3:object-lock-legal-hold", &["ON", "OFF"]),
    ("s3:AccessPointNetworkOrigin", &["VPC", "Internet"]),
    ("ec2:Tenancy", &["default", "dedicated", "host"]),
    ("ec2:MetadataHttpTokens", &["required", "optional"]),
    ("kms:KeyOrigin", &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]),
    ("kms:KeyUsage", &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]),
];

/// The closed values of these keys under String operators, and what is expected where one has not the shape.
fn check(
    statement: &Statement<'_>,
    keys: &[&str],
    expected: &str,
    has_shape: impl Fn(&str) -> bool,
    found: &mut Found<'_>,
) {
    for (key, value) in values(statement, keys) {
        if !has_shape(value.text) {
            let diagnostic = found.at(value.span, format!("`{}` is no value of `{key}`", value.text));
            found.push(diagnostic.expected(expected));
        }
    }
}

/// The values of keys that are compared as text, those with wildcards or variables aside.
fn values<'a>(statement: &Statement<'a>, keys: &[&str]) -> Vec<(&'a str, Text<'a>)> {
    let is_text =
        |family: Family| matches!(family, Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Arn);
    let clauses = statement.clauses.iter().filter(|clause| is_text(clause.test.operator.family()));
    let clauses = clauses.filter(|clause| keys.iter().any(|key| clause.is_key(key)));
    let values = clauses.flat_map(|clause| clause.values.iter().map(|value| (clause.key.text, value.text)));
    values.filter(|(_, value)| !is_open(value.text) && !value.text.is_empty()).collect()
}

fn region(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (_, value) in values(statement, &["aws:RequestedRegion", "ec2:Region", "kms:ReplicaRegion"]) {
        if !place::is_region(value.text) && value.text != "aws-global" {
            let message = format!("no region is called `{}`", value.text);
            found.push(found.at(value.span, message).did_you_mean(nearest(value.text, place::regions())));
        }
    }
}

/// The suffixes of service principals, by partition.
const SUFFIXES: [&str; 5] = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".aws.internal", ".amazon.com"];

fn via_service(statement: &Statement<'_>, found: &mut Found<'_>) {
    let has_region = |text: &str| {
        let service = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix));
        service.is_some_and(|service| service.split('.').any(place::is_region))
    };
    check(statement, &["kms:ViaService"], "a service in a region, as `s3.eu-west-1.amazonaws.com`", has_region, found);
}

fn arn(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = ["aws:PrincipalArn", "aws:SourceArn", "iam:PolicyARN", "iam:PermissionsBoundary", "lambda:FunctionArn"];
    check(statement, &keys, "an ARN", |text| text.starts_with("arn:"), found);
}

fn choice(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (key, choices) in CHOICES {
        for (_, value) in values(statement, &[key]) {
            if choices.iter().any(|choice| choice.eq_ignore_ascii_case(value.text)) {
                continue;
            }
            let diagnostic = found.at(value.span, format!("`{}` is no value of `{key}`", value.text));
            let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
            let near = nearest(value.text, choices.iter().copied());
            found.push(diagnostic.expected(format!("one of {all}")).did_you_mean(near));
        }
    }
}

fn create_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(service) = statement.catalogue.service("ec2") else { return };
    for (_, value) in values(statement, &["ec2:CreateAction"]) {
        if service.action(value.text).is_none() {
            let near = nearest(value.text.trim_start_matches("ec2:"), service.actions().map(|it| it.name()));
            let message = format!("`{}` is no action of EC2", value.text);
            found.push(found.at(value.span, message).did_you_mean(near));
        }
    }
}
