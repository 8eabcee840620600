//! What the compiler itself remarks while it resolves a policy.

use dictum_compiler::diagnostic::Code;

use super::{identity, resource, scp, session};
use crate::check::{Check, Group, Run};

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::L_UNUSED,
        group: Group::Style,
        rule: "dsl.md",
        why: "A name that nothing uses is a leftover, or a condition that a statement was to have and has not.",
        bad: identity("cond mfa = aws:MultiFactorAuthPresent == true\n@Read allow s3:GetObject on arn:aws:s3:::b/*\n"),
        good: identity(
            "cond mfa = aws:MultiFactorAuthPresent == true\n@Read allow s3:GetObject on arn:aws:s3:::b/* if mfa\n",
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_ID,
        group: Group::Style,
        rule: "GRM-12",
        why: "The service ignores the Id of a policy that is attached to a principal. Leave it out, or use the name of the policy.",
        bad: identity(
            r#"{"Version": "2012-10-17", "Id": "Readers", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#,
        ),
        good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_EMPTY,
        group: Group::Correctness,
        rule: "GRM-25",
        why: "An empty list matches nothing, and negated everything. It is usually what a template left behind when there was nothing to fill in.",
        bad: identity(r#"{"Effect": "Allow", "Action": [], "Resource": "arn:aws:s3:::b/*"}"#),
        good: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}"#),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_VERSION,
        group: Group::Correctness,
        rule: "TYP-1",
        why: "Organizations documents service control policies for this version only, and the older one has no variables.",
        bad: scp(
            r#"{"Version": "2008-10-17", "Statement": {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}}"#,
        ),
        good: scp(
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_SID,
        group: Group::Correctness,
        rule: "SID-2",
        why: "Several services refuse a resource policy in which two statements have one Sid, and no report can tell them apart.",
        bad: resource(
            r#"[{"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/x"}, {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/y"}]"#,
        ),
        good: resource(
            r#"[{"Sid": "ReadX", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/x"}, {"Sid": "ReadY", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/y"}]"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_CHARACTER,
        group: Group::Correctness,
        rule: "SIZ-3",
        why: "The service stores characters up to U+00FF only. Quotation marks and dashes that a word processor put in are the usual case.",
        bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/a–z/*"}"#),
        good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/a-z/*"}"#),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_SIZE,
        group: Group::Correctness,
        rule: "SIZ-2",
        why: "The service refuses to attach it. Blanks count in service control, resource control and resource policies only; wildcards and lists make a policy shorter.",
        bad: session(include_str!("../../examples/large.json")),
        good: session(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_ACTION,
        group: Group::Correctness,
        rule: "ACT-4",
        why: "No action has such a character in its name, so the entry matches nothing: a Deny does not deny.",
        bad: identity(r#"{"Effect": "Deny", "Action": "s3:Delete Object", "Resource": "arn:aws:s3:::b/*"}"#),
        good: identity(r#"{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/*"}"#),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_WILDCARD,
        group: Group::Correctness,
        rule: "RES-7",
        why: "A wildcard that is the last character of its field runs on past the colon, so that it may reach resources of other services and other types.",
        bad: identity(
            r#"{"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:eu-central-1:111122223333:*/i-1"}"#,
        ),
        good: identity(
            r#"{"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:eu-central-1:111122223333:instance/i-1"}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_NOTPRINCIPAL,
        group: Group::Security,
        rule: "PRN-32",
        why: "It allows everybody else, whoever that is, anonymous callers included. Name those who are meant, or use `*` with a condition on `aws:PrincipalArn`.",
        bad: resource(
            r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/mallory"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
        good: resource(
            r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ana"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_MULTIVALUED,
        group: Group::Correctness,
        rule: "CND-13",
        why: "An operator without set qualifier is false of a key that has a list of values, even of a list of one. `ForAnyValue:` asks whether one of them fits, `ForAllValues:` whether all do.",
        bad: identity(
            r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"aws:TagKeys": "cost-center"}}}"#,
        ),
        good: identity(
            r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "cost-center"}}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_FORALLVALUES,
        group: Group::Security,
        rule: "CND-26",
        why: "All of no values are in any list: the condition holds where the request does not carry the key at all. A `Null` of `false` on the same key closes the hole.",
        bad: identity(
            r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:111122223333:instance/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["environment"]}}}"#,
        ),
        good: identity(
            r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:111122223333:instance/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["environment"]}, "Null": {"aws:TagKeys": "false"}}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_BOOL,
        group: Group::Correctness,
        rule: "CND-46",
        why: "Every text but `true` counts as false under `Bool`, `yes` and `1` too.",
        bad: identity(
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "no"}}}"#,
        ),
        good: identity(
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_BOOL_LIST,
        group: Group::Correctness,
        rule: "CND-46",
        why: "Values are alternatives, so `true` and `false` together ask only whether the key is there. Access Analyzer refuses it.",
        bad: identity(
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}}"#,
        ),
        good: identity(
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_OLD_VARIABLE,
        group: Group::Correctness,
        rule: "VAR-1",
        why: "Version 2008-10-17, and a policy without version, have no variables: `${aws:username}` is taken as these very characters.",
        bad: identity(
            r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}}"#,
        ),
        good: identity(
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_VARIABLE_KEY,
        group: Group::Correctness,
        rule: "VAR-3",
        why: "Every condition key has a prefix and a colon. A variable without them has no value, and what it stands in matches nothing.",
        bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${username}/*"}"#),
        good: identity(
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_EARLY_VARIABLE,
        group: Group::Correctness,
        rule: "VAR-5",
        why: "The documentation allows variables in the last field of an ARN only. Before the fifth colon a value with a colon matches nothing.",
        bad: identity(
            r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:${aws:PrincipalAccount}:jobs"}"#,
        ),
        good: identity(
            r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:111122223333:jobs-${aws:username}"}"#,
        ),
        run: Run::Compiler,
    },
    Check {
        code: Code::L_DEPUTY,
        group: Group::Security,
        rule: "CTX-22",
        why: "A service calls on behalf of whoever set it up, in any account. A condition on `aws:SourceArn`, `aws:SourceAccount` or their organization says for whom it may.",
        bad: resource(
            r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-central-1:111122223333:jobs"}"#,
        ),
        good: resource(
            r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-central-1:111122223333:jobs", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-central-1:111122223333:events"}}}"#,
        ),
        run: Run::Compiler,
    },
];
