//! Where findings of the catalogue's checks point, in both notations: at the word that is wrong, as it stands in the file.

use dictum_compiler::diagnostic::Diagnostics;
use dictum_compiler::source::{PolicyType, Sources};
use dictum_lint::{Options, lint};

const DICTUM: &str = r#"let keys = arn:aws:sqs:eu-wset-1:123456789012:{orders, bills}

@Queues allow SQS:{SendMesage, Receive*, Recieve*} on keys
  if aws:SourceIp? like "10.*" and aws:PrincipalOrgId1 == "o-abcde12345"

@Objects allow s3:GetObject, s3:ListObjects on arn:aws:s3::123456789012:acme/*, "arn:aws:S3:::acme/*"
@Roles allow iam:PassRole on *
"#;

const JSON: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["SQS:SendMesage", "sqs:Receive*", "sqs:ReceiveMessage", "s\u0071s:Recieve*"],
      "Resource": "arn:aws:sqs:eu-wset-1:123456789012:orders",
      "Condition": {"StringLike": {"aws:SourceIp": "10.*"}}
    }
  ]
}"#;

fn report(name: &str, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add_file(name, text);
    sources.add(PolicyType::Identity, "Places", file, sources.whole(file));
    let findings = lint(&sources, &Options::default());
    let ours = |it: &dictum_compiler::diagnostic::Diagnostic| !["L-SID-MISSING"].contains(&it.code.name());
    Diagnostics(findings.into_iter().map(|finding| finding.diagnostic).filter(ours).collect()).render(&sources)
}

#[test]
fn in_the_dictum_language() {
    insta::assert_snapshot!(report("queues.dct", DICTUM));
}

#[test]
fn in_json() {
    insta::assert_snapshot!(report("queues.json", JSON));
}
