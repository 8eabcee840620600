//! Policies of random organizations: statements that ask for what a directory derives.

use super::dice::Dice;
use super::json::{Json, object, text, texts};

/// Where a document stands, and so what its statements may hold (TYP-1, TYP-2, TYP-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Resource,
    Trust,
    Scp,
    Rcp,
}

/// Conditions that some principals and resources of an organization fulfil, each as written.
const CONDITIONS: [&str; 30] = [
    r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalTag/Team":"red"}}"#,
    r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
    r#"{"StringEqualsIfExists":{"aws:ResourceTag/Team":"blue"}}"#,
    r#"{"Null":{"aws:ResourceTag/cost":"true"}}"#,
    r#"{"Null":{"aws:PrincipalTag/team":"false"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1"}}"#,
    r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1"}}"#,
    r#"{"StringEquals":{"aws:PrincipalOrgMasterAccount":"111111111111"}}"#,
    r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1/r-ab/ou-ab-1/*"}}"#,
    r#"{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":["o-a1/r-ab/ou-ab-1/*"]}}"#,
    r#"{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#,
    r#"{"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":["o-a1/r-ab/","o-a1/r-ab/ou-ab-1/"]}}"#,
    r#"{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}"#,
    r#"{"StringNotEquals":{"aws:ResourceAccount":["111111111111"]}}"#,
    r#"{"StringLike":{"aws:userid":"AROA*:s1"}}"#,
    r#"{"StringEquals":{"aws:userid":["AIDA1111111111110ANA","111111111111"]}}"#,
    r#"{"Null":{"aws:userid":"true"}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]}}"#,
    r#"{"StringEquals":{"aws:username":"ana"}}"#,
    r#"{"StringEquals":{"aws:PrincipalType":["User","AssumedRole"]}}"#,
    r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
    r#"{"StringEquals":{"aws:SourceIdentity":"ana"}}"#,
    r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#,
    r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}}"#,
    r#"{"DateGreaterThan":{"aws:TokenIssueTime":"2024-01-01T00:00:00Z"}}"#,
    r#"{"StringEquals":{"aws:FederatedProvider":"accounts.google.com"}}"#,
    r#"{"StringEquals":{"s3:ExistingObjectTag/team":"blue"}}"#,
    r#"{"StringEquals":{"x:k":["v","${aws:PrincipalTag/team,'none'}"]}}"#,
];

const ACTIONS: [&str; 11] = [
    "s3:*",
    "s3:GetObject",
    "sqs:*",
    "sqs:SendMessage",
    "kms:*",
    "kms:Decrypt",
    "sts:*",
    "sts:AssumeRole",
    "iam:*",
    "connect:*",
    "s3:ListAllMyBuckets",
];

/// Whole documents in the Dictum language.
const LANGUAGE: [&str; 4] = [
    "allow sqs:*, s3:* on *\n",
    "@In allow s3:* on arn:aws:s3:::b1/${aws:username}/*\n@No deny kms:* on * if aws:PrincipalTag/team == \"red\"\n",
    "deny sqs:SendMessage on * if aws:ResourceOrgID != \"o-a1\"\n",
    "allow * on *\n",
];

/// A document as a file, with its ending. `principals` are entries for resource policies, by members of `Principal`;
/// `resources` what statements may be about.
pub(super) fn document(
    dice: &mut Dice,
    kind: Kind,
    principals: &[(&'static str, String)],
    resources: &[String],
) -> (&'static str, String) {
    if kind == Kind::Identity && dice.chance(8) {
        return ("dct", dice.pick(&LANGUAGE).to_owned());
    }
    let count = dice.weighted(&[(5, 1), (4, 2), (1, 3)]);
    let statements = (0..count).map(|at| statement(dice, kind, at, principals, resources)).collect();
    ("json", object([("Version", text("2012-10-17")), ("Statement", Json::List(statements))]).to_string())
}

fn statement(
    dice: &mut Dice,
    kind: Kind,
    at: usize,
    principals: &[(&'static str, String)],
    resources: &[String],
) -> Json {
    let is_deny = kind == Kind::Rcp || dice.chance(if kind == Kind::Scp { 60 } else { 15 });
    let mut members = Vec::new();
    if dice.chance(50) {
        members.push(("Sid", text(format!("S{at}"))));
    }
    members.push(("Effect", text(if is_deny { "Deny" } else { "Allow" })));
    match kind {
        Kind::Resource | Kind::Trust => members.push(principal(dice, kind, is_deny, principals)),
        Kind::Rcp => members.push(("Principal", text("*"))),
        Kind::Identity | Kind::Scp => {}
    }
    let many = dice.pick(&ACTIONS);
    let actions = match kind {
        Kind::Trust => texts(["sts:AssumeRole", "sts:TagSession"]),
        _ if !is_deny && kind != Kind::Rcp && dice.chance(70) => text("*"),
        _ => texts([many, dice.pick(&ACTIONS)]),
    };
    members.push(("Action", actions));
    if kind != Kind::Trust {
        let resource = match dice.below(10) {
            0..7 => "*".to_owned(),
            7 => "arn:aws:s3:::*/${aws:username}".to_owned(),
            8 => "arn:aws:*:*:${aws:PrincipalAccount}:*".to_owned(),
            _ => dice.pick(resources),
        };
        members.push(("Resource", text(resource)));
    }
    // A Deny without a condition leaves little to decide.
    if dice.chance(if is_deny { 90 } else { 28 }) {
        members.push(("Condition", Json::Written(dice.pick(&CONDITIONS).to_owned())));
    }
    object(members)
}

fn principal(
    dice: &mut Dice,
    kind: Kind,
    is_deny: bool,
    principals: &[(&'static str, String)],
) -> (&'static str, Json) {
    let is_negated = kind == Kind::Resource && is_deny && dice.chance(30);
    let name = if is_negated { "NotPrincipal" } else { "Principal" };
    if !is_negated && dice.chance(15) {
        return (name, text("*"));
    }
    let mut map: Vec<(&'static str, Vec<String>)> = Vec::new();
    for _ in 0..dice.weighted(&[(3, 1), (4, 2), (2, 3)]) {
        let (member, entry) = dice.pick(principals);
        match map.iter_mut().find(|(it, _)| *it == member) {
            Some((_, entries)) => entries.push(entry),
            None => map.push((member, vec![entry])),
        }
    }
    (name, object(map.into_iter().map(|(member, entries)| (member, texts(entries)))))
}
