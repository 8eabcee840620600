//! Files of the Dictum language of any length, as an author would write them: the forms of dsl.md in turn, each with names of
//! its own, and a few lets and conds that all of them use.

use std::fmt::Write;

use dictum_compiler::source::{PolicyType, Sources};

const HEAD: &str = r#"## What everybody may read.
let reads = s3:{Get*, List*}, kms:Decrypt
let offices = 10.0.0.0/8, 192.0.2.0/24, 2001:db8::/32
cond mfa = aws:MultiFactorAuthPresent == true and aws:MultiFactorAuthAge < 3600
"#;

/// Twenty lines, in which `%` is a number.
const TURN: &str = r#"
## Team % reads its own files.
@owner("team-%", "sev2")
@Read% allow reads
  on arn:aws:s3:::team-%, arn:aws:s3:::team-%/home/${aws:username}/*
  if mfa and aws:SourceIp in offices

# tag based
@Users% allow connect:{DescribeUser, UpdateUser*, CreateUser, TagResource}
  on arn:aws:connect:us-east-1:123456789012:instance/%/agent/*
  if aws:ResourceTag/Department == "Department %"
    and all aws:TagKeys in ["Department", "CostCenter", "Team-%"]

let roles% = arn:aws:iam::*:role/{Admin-%, Deploy-%}/path
@Region% deny * except cloudfront:*, iam:{CreateVirtualMFADevice, EnableMFADevice, GetUser, ListMFADevices},
    route53:*, support:*, sts:GetSessionToken
  on *
  if aws:RequestedRegion not in ["eu-central-1", "eu-west-1"]
    and aws:PrincipalARN not like roles%
"#;

/// A file of at least so many lines.
pub fn lines(count: usize) -> String {
    let mut text = HEAD.to_owned();
    let each = TURN.lines().count();
    for turn in 0..count.saturating_sub(HEAD.lines().count()).div_ceil(each) {
        let mut parts = TURN.split('%');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            write!(text, "{turn}{part}").expect("a String takes everything");
        }
    }
    text
}

/// The same as the sources of one policy.
pub fn sources(text: &str) -> Sources {
    let mut sources = Sources::new();
    let file = sources.add_file("lines.dct", text);
    let range = sources.whole(file);
    sources.add(PolicyType::Identity, "lines", file, range);
    sources
}
