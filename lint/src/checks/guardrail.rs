//! Boundaries, and the policies of an organization.

use dictum_compiler::source::PolicyType;
use dictum_vm::operator::Operator;

use super::{boundary, rcp, scp};
use crate::check::Found;
use crate::glob::Glob;
use crate::subject::{Clause, Statement, Subject};

checks! {
    "L-BOUNDARY-OPEN" Warning Correctness "EVL-13" "A boundary that bounds nothing."
    why: "It allows everything and denies nothing, so whoever has it may whatever his policies say. Leave it out, or allow what he may have at most.",
    bad: boundary(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
    good: boundary(r#"[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "organizations:*", "Resource": "*"}]"#),
    Policy(boundary_open);

    "L-BOUNDARY-ESCAPE" Security Security "EVL-13" "A boundary that does not hold whom it bounds."
    why: "It leaves its owner free to take a boundary away. Deny `iam:DeleteUserPermissionsBoundary` and `iam:DeleteRolePermissionsBoundary`, and allow no other `iam:` changes without a condition on `iam:PermissionsBoundary`.",
    bad: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:*"], "Resource": "*"}"#),
    good: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:Get*", "iam:List*"], "Resource": "*"}"#),
    Policy(boundary_escape);

    "L-BOUNDARY-CREATE" Security Security "EVL-13" "A boundary that lets new principals be made without one."
    why: "Who may create a user or role, or give one policies, without a boundary on it, has another principal do what he may not. Ask for `iam:PermissionsBoundary`.",
    bad: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:CreateRole", "iam:PutRolePolicy"], "Resource": "*"}"#),
    good: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:CreateRole", "iam:PutRolePolicy"], "Resource": "*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/cap"}}}"#),
    Statement(boundary_create);

    "L-BOUNDARY-EDIT" Security Security "EVL-13" "A boundary that lets policies be rewritten."
    why: "`iam:CreatePolicyVersion` and `iam:SetDefaultPolicyVersion` on every policy reach the boundary itself. Limit them to a path, or deny them on the boundary's ARN.",
    bad: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:CreatePolicyVersion"], "Resource": "*"}"#),
    good: boundary(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:CreatePolicyVersion"], "Resource": "arn:aws:iam::*:policy/team/*"}"#),
    Policy(boundary_edit);

    "L-BOUNDARY-EMPTY" Warning Correctness "EVL-1" "A boundary without an Allow."
    why: "A boundary is what its owner may have at most. One that only denies allows nothing, so its owner can do nothing. A service control policy works the other way; perhaps it was copied from there.",
    bad: boundary(r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#),
    good: boundary(r#"[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]"#),
    Policy(boundary_empty);

    "L-SCP-LOCKOUT" Security Correctness "EVL-4" "A service control policy that denies everything."
    why: "No principal of the accounts below can do anything, administrators included. For accounts that are to be shut this is meant; suppress it there.",
    bad: scp(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#),
    good: scp(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}"#),
    Statement(scp_lockout);

    "L-SCP-REGION" Warning Correctness "ecosystem" "A region lock that hits global services."
    why: "IAM, Organizations, Route 53, CloudFront, Support and their like are called in one region, `us-east-1` as a rule, wherever one works. A lock that does not except them shuts them off.",
    bad: scp(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}}"#),
    good: scp(r#"{"Effect": "Deny", "NotAction": ["cloudfront:*", "iam:*", "organizations:*", "route53:*", "support:*", "sts:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}}"#),
    Statement(scp_region);

    "L-SCP-LINKED-ROLE" Suggestion Style "EVL-4" "An exception for service-linked roles in a service control policy."
    why: "Service control policies do not apply to service-linked roles at all, so the exception does nothing.",
    bad: scp(r#"{"Effect": "Deny", "Action": "ec2:TerminateInstances", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-service-role/*"}}}"#),
    good: scp(r#"{"Effect": "Deny", "Action": "ec2:TerminateInstances", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}"#),
    Statement(scp_linked);

    "L-SCP-ALLOW-ONLY" Suggestion Correctness "EVL-3" "A service control policy that only allows a part."
    why: "It limits only where the full-access policy is not attached beside it; where it is, the narrower Allow does nothing. A Deny holds in either case.",
    bad: scp(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#),
    good: scp(r#"{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}"#),
    Policy(scp_allow_only);

    "L-RCP-SERVICE" Warning Correctness "CTX-21" "A resource control policy that shuts AWS services out."
    why: "Services that deliver logs or read on an owner's behalf call as themselves, from no organization and no network of yours. `aws:PrincipalIsAWSService` of `false` beside the condition, with `BoolIfExists`, leaves them out.",
    bad: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcde12345"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#),
    Statement(rcp_service);

    "L-RCP-LOCKOUT" Security Correctness "EVL-5" "A resource control policy that denies everyone, under no condition."
    why: "Nobody can do these actions on any resource of the accounts below, their owners included. A condition, such as on the organization, is missing.",
    bad: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}"#),
    good: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(rcp_lockout);
}

fn is_boundary(subject: &Subject<'_>) -> bool {
    subject.policy_type() == PolicyType::Boundary
}

/// The Allow that lets an action through which no Deny of the policy takes away for good.
fn lets_through<'s>(subject: &'s Subject<'s>, action: &str) -> Option<&'s Statement<'s>> {
    let denies = |statement: &Statement<'_>| !statement.is_allow() && statement.reaches(action);
    if subject.statements.iter().any(denies) {
        return None;
    }
    let allows =
        |statement: &&Statement<'_>| statement.is_allow() && statement.clauses.is_empty() && statement.reaches(action);
    subject.statements.iter().find(allows)
}

fn boundary_open(subject: &Subject<'_>, found: &mut Found<'_>) {
    if let Some(statement) = subject.limitless().filter(|_| is_boundary(subject)) {
        found.say(statement.anchor(), "the boundary bounds nothing", "allow what its owner may have at most");
    }
}

fn boundary_escape(subject: &Subject<'_>, found: &mut Found<'_>) {
    let actions = ["iam:deleteuserpermissionsboundary", "iam:deleterolepermissionsboundary"];
    for action in actions.iter().filter(|_| is_boundary(subject)) {
        if let Some(statement) = lets_through(subject, action) {
            let message = "whoever it bounds may take boundaries away";
            found.say(statement.anchor(), message, "deny `iam:Delete*PermissionsBoundary`");
            return;
        }
    }
}

fn boundary_create(statement: &Statement<'_>, found: &mut Found<'_>) {
    const MAKES: [&str; 4] = ["iam:CreateRole", "iam:CreateUser", "iam:AttachRolePolicy", "iam:PutRolePolicy"];
    let is_meant = statement.policy_type == PolicyType::Boundary && statement.is_allow();
    // Where everything is allowed, a Deny has to say it; that is the business of the checks on escapes.
    let is_asked = statement.on_key("iam:PermissionsBoundary").next().is_some();
    let entries =
        statement.actions().filter(|actions| !actions.negated).map_or(&[][..], |actions| actions.list.entries);
    for text in entries.iter().filter(|_| is_meant && !is_asked) {
        if MAKES.iter().any(|action| action.eq_ignore_ascii_case(text.text)) {
            let message = format!("`{}` without a boundary on whom it makes or changes", text.text);
            found.say(text.span, message, "ask for `iam:PermissionsBoundary`");
        }
    }
}

fn boundary_edit(subject: &Subject<'_>, found: &mut Found<'_>) {
    for action in ["iam:createpolicyversion", "iam:setdefaultpolicyversion"].iter().filter(|_| is_boundary(subject)) {
        if let Some(statement) = lets_through(subject, action).filter(|statement| statement.is_every_resource()) {
            let message = "whoever it bounds may rewrite the boundary itself";
            found.say(statement.anchor(), message, "deny changes of the boundary's own ARN");
            return;
        }
    }
}

fn boundary_empty(subject: &Subject<'_>, found: &mut Found<'_>) {
    let has_allow = subject.statements.iter().any(Statement::is_allow);
    if is_boundary(subject) && !has_allow && !subject.statements.is_empty() {
        found.say(
            subject.anchor(),
            "a boundary without an Allow allows nothing",
            "allow what its owner may have at most",
        );
    }
}

fn is_scp_deny(statement: &Statement<'_>) -> bool {
    statement.policy_type == PolicyType::Scp && !statement.is_allow()
}

fn scp_lockout(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_scp_deny(statement) && statement.is_unlimited() {
        found.say(statement.anchor(), "nobody below can do anything", "add the condition that is meant");
    }
}

/// Services that are called in one region wherever one works, with an action of each.
const GLOBAL: [&str; 5] = [
    "iam:getrole",
    "organizations:describeorganization",
    "route53:listhostedzones",
    "cloudfront:listdistributions",
    "support:describecases",
];

fn scp_region(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_lock = |clause: &&Clause<'_>| {
        let excepts_home = clause.texts().any(|text| Glob::free(text.text).covers(&Glob::free("us-east-1")));
        clause.is_key("aws:RequestedRegion") && clause.is_negated() && !excepts_home
    };
    let Some(lock) = statement.clauses.iter().find(is_lock).filter(|_| is_scp_deny(statement)) else { return };
    let hit: Vec<&str> =
        GLOBAL.iter().filter(|action| statement.reaches(action)).filter_map(|it| it.split(':').next()).collect();
    if !hit.is_empty() {
        let message = format!("the lock shuts off the global services `{}`", hit.join("`, `"));
        found.say(lock.key.span, message, "except them by `NotAction`");
    }
}

fn scp_linked(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.on_key("aws:PrincipalArn").filter(|clause| is_scp_deny(statement) && clause.is_negated()) {
        for text in clause.texts().filter(|text| text.text.contains(":role/aws-service-role/")) {
            let message = "service-linked roles are not under service control policies";
            found.say(text.span, message, "leave the exception out");
        }
    }
}

fn scp_allow_only(subject: &Subject<'_>, found: &mut Found<'_>) {
    let is_part = |statement: &Statement<'_>| {
        statement.is_allow() && !(statement.is_every_action() && statement.is_every_resource())
    };
    let all_part = !subject.statements.is_empty() && subject.statements.iter().all(is_part);
    if subject.policy_type() == PolicyType::Scp && all_part {
        let message = "an Allow limits only where full access is not attached beside it";
        found.say(subject.statements[0].anchor(), message, "deny what is not to be done");
    }
}

fn rcp_service(statement: &Statement<'_>, found: &mut Found<'_>) {
    const PERIMETER: [&str; 8] = [
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalAccount",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:VpceAccount",
        "aws:VpceOrgID",
    ];
    const EXCUSES: [&str; 4] =
        ["aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:SourceAccount", "aws:SourceOrgID"];
    let is_deny = statement.policy_type == PolicyType::Rcp && !statement.is_allow();
    let excused = EXCUSES.iter().chain(&["aws:SourceArn"]).any(|key| statement.on_key(key).next().is_some());
    // A positive condition on a key that services lack does not hold of them.
    let needs_presence = statement.clauses.iter().any(|clause| {
        let is_of_principals = clause.key_starts_with("aws:Principal") || clause.key_starts_with("aws:Source");
        clause.needs_presence() && is_of_principals && clause.test.operator != Operator::IpAddress
    });
    let perimeter = |clause: &&Clause<'_>| clause.is_negated() && PERIMETER.iter().any(|key| clause.is_key(key));
    if let Some(clause) = statement.clauses.iter().find(perimeter).filter(|_| is_deny && !excused && !needs_presence) {
        let message = "services of AWS that call as themselves are denied too";
        found.say(clause.key.span, message, "add `BoolIfExists` on `aws:PrincipalIsAWSService` of `false`");
    }
}

fn rcp_lockout(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_deny = statement.policy_type == PolicyType::Rcp && !statement.is_allow() && statement.clauses.is_empty();
    let actions = &statement.resolved.actions;
    let is_whole = actions.negated || actions.patterns.iter().any(|it| it.folded == "*" || it.folded.ends_with(":*"));
    if is_deny && is_whole && statement.is_every_resource() {
        found.say(
            statement.anchor(),
            "nobody can use these resources, their owners included",
            "add the condition that is meant",
        );
    }
}
