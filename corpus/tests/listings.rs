//! Every intermediate value prints, and every listing is a test: the IR as lowered, after the passes, and the bundle.

use dictum_compiler::source::{PolicyType, Sources};
use dictum_compiler::{Options, codegen, ir, pipeline};
use dictum_vm::{Bundle, listing};

/// Policies that use each instruction and each family of operators once.
const IDENTITY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "s3:ListBucket", "kms:Decrypt", "s3:Head?bject"],
   "Resource": ["arn:aws:s3:::home-${aws:username}/*", "arn:aws:s3:*:1111*:plain", "arn:aws:s3"],
   "Condition": {
     "StringLike": {"s3:prefix": ["home/*", "share"], "aws:UserAgent": "exact"},
     "StringEqualsIgnoreCase": {"aws:RequestTag/Team": ["Blue", "${aws:PrincipalTag/team, 'RED'}"]},
     "NumericLessThan": {"s3:max-keys": [10, "2.50"]},
     "DateGreaterThan": {"aws:CurrentTime": "2026-01-01"},
     "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]},
     "Bool": {"aws:SecureTransport": true},
     "BinaryEquals": {"x:blob": "QmluYXJ5"},
     "ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t-?"},
     "ForAnyValue:StringEquals": {"aws:TagKeys": ["cost", "team"]},
     "Null": {"aws:TokenIssueTime": "false", "aws:MultiFactorAuthAge": [true, false]}}},
  {"Sid": "Nothing", "Effect": "Allow", "NotAction": [], "Resource": "*"},
  {"Sid": "Guard", "Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:iam::*:user/${aws:username}"}
]}"#;
const RESOURCE: &str = r#"{"Statement": [
  {"Effect": "Allow", "Principal": {"AWS": ["111111111111", "arn:aws:iam::111111111111:role/team/ops"], "Service": "sns.amazonaws.com"},
   "Action": "s3:GetObject"},
  {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:user/ana"}, "Action": "*", "Resource": "*"}
]}"#;

fn sources() -> Sources {
    let mut sources = Sources::new();
    for (policy_type, name, text) in
        [(PolicyType::Identity, "Identity", IDENTITY), (PolicyType::Resource, "Bucket", RESOURCE)]
    {
        let file = sources.add_file(format!("{name}.json"), text);
        sources.add(policy_type, name, file, sources.whole(file));
    }
    sources
}

#[test]
fn ir_and_bundle() {
    let sources = sources();
    let (program, _) = pipeline::lower(&sources).unwrap_or_else(|errors| panic!("{}", errors.render(&sources)));
    insta::assert_snapshot!("ir_lowered", ir::print(&program));
    let mut program = pipeline::optimize(program, &Options::default());
    insta::assert_snapshot!("ir_optimized", ir::print(&program));
    let (bytes, _) = codegen::generate(&mut program).unwrap();
    insta::assert_snapshot!("bundle", listing::listing(&Bundle::from_bytes(bytes).unwrap()));
}

/// The same sources give the same bytes.
#[test]
fn compiling_is_deterministic() {
    let compiled = || dictum_compiler::compile(&sources(), &Options::default()).unwrap().bundle;
    assert_eq!(compiled(), compiled());
}
