//! Grants that reach further than they look.

use dictum_compiler::source::PolicyType;

use super::{identity, session};
use crate::check::Found;
use crate::subject::{Statement, Subject};

checks! {
    "L-ADMIN" Security Risk "ecosystem" "An Allow of everything on everything."
    why: "Whoever has this policy can do whatever the account can, give it to others, and cover the traces. Name the actions that are needed.",
    bad: identity(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(admin);

    "L-ADMIN-CONDITION" Warning Risk "ecosystem" "An Allow of everything on everything, under a condition."
    why: "All that stands between whoever has this policy and the whole account is the condition. Name the actions that are needed.",
    bad: identity(r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#),
    Statement(admin_condition);

    "L-EVERY-ACTION" Warning Risk "ecosystem" "An Allow of every action on some resources."
    why: "`*` takes in to read, to change, to delete and to give away, in every service that has such a resource. Name the actions that are needed.",
    bad: identity(r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(every_action);

    "L-ALLOW-NOT-ACTION" Warning Risk "ACT-6" "An Allow with NotAction."
    why: "It allows every action but those that are listed, those of services that there will be tomorrow included. List what is needed; to take something away, deny it.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}"#),
    Statement(not_action);

    "L-ALLOW-NOT-RESOURCE" Warning Risk "RES-11" "An Allow with NotResource."
    why: "It allows the actions on every resource but those that are listed, in whatever account and of whatever type. List what is needed; to take something away, deny it.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::public/*"}"#),
    Statement(not_resource);

    "L-NOT-TWICE" Warning Risk "RES-11" "NotAction and NotResource in one Allow."
    why: "It allows nearly everything on nearly everything: what is listed in one of the two is allowed as far as the other reaches.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::public/*"}"#),
    Statement(not_twice);

    "L-DENY-NOT-ACTION" Suggestion Correctness "ACT-6" "A Deny with NotAction and nothing else that limits it."
    why: "It denies every action but those listed, to whoever has the policy and under all circumstances. Usually a condition, such as on MFA or the region, is meant beside it.",
    bad: identity(r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    Statement(deny_not_action);

    "L-DENY-ALL" Warning Correctness "INV-2" "A Deny of everything on everything, under no condition."
    why: "No Allow has any effect beside it, in this policy or another one. Whoever gets it is locked out; taking the policy away is the only remedy.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}}"#),
    Statement(deny_all);

    "L-SESSION-OPEN" Suggestion Correctness "EVL-15" "A session policy that limits nothing."
    why: "A session has what both its role and its session policy allow. One that allows everything takes nothing away, and could be left out.",
    bad: session(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
    good: session(r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}"#),
    Policy(session_open);
}

/// Whether what the policy allows is given, and does not only bound what others give.
fn is_grant(statement: &Statement<'_>) -> bool {
    let is_limit =
        matches!(statement.policy_type, PolicyType::Boundary | PolicyType::Session | PolicyType::Scp | PolicyType::Rcp);
    statement.is_allow() && !is_limit
}

/// Whether it grants everything on everything; resource policies are about one resource.
fn is_admin(statement: &Statement<'_>) -> bool {
    let is_identity = statement.policy_type == PolicyType::Identity;
    is_grant(statement) && is_identity && statement.is_every_action() && statement.is_every_resource()
}

fn admin(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_admin(statement) && statement.clauses.is_empty() {
        found.say(statement.anchor(), "everything is allowed on everything", "name the actions that are needed");
    }
}

fn admin_condition(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_admin(statement) && !statement.clauses.is_empty() {
        let message = "everything is allowed on everything, under this condition";
        found.say(statement.anchor(), message, "name the actions that are needed");
    }
}

fn every_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_some = is_grant(statement) && statement.is_every_action() && !is_admin(statement);
    // A trust policy is about assuming the role only, and has a check of its own.
    if is_some && statement.policy_type != PolicyType::Trust {
        let text = statement
            .actions()
            .and_then(|actions| actions.list.entries.iter().find(|it| matches!(it.text, "*" | "*:*")));
        let span = text.map_or(statement.anchor(), |text| text.span);
        found.say(span, "every action is allowed on these resources", "name the actions that are needed");
    }
}

fn not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(actions) = statement.actions().filter(|actions| actions.negated && is_grant(statement)) else { return };
    if statement.resolved.resources.as_ref().is_none_or(|all| !all.negated) {
        let message = "every action but these is allowed, future ones included";
        found.say(actions.name, message, "list what is needed, or deny what is not");
    }
}

fn not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(resources) = statement.resources().filter(|it| it.negated && is_grant(statement)) else { return };
    if !statement.resolved.actions.negated {
        let message = "the actions are allowed on every resource but these";
        found.say(resources.name, message, "list what is needed, or deny what is not");
    }
}

fn not_twice(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some(resources) = statement.resources().filter(|it| it.negated && is_grant(statement)) else { return };
    if statement.resolved.actions.negated {
        let message = "nearly everything is allowed on nearly everything";
        found.say(resources.name, message, "list actions and resources that are needed");
    }
}

fn deny_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_identity = statement.policy_type == PolicyType::Identity;
    let Some(actions) = statement.actions().filter(|actions| actions.negated && !statement.is_allow()) else { return };
    if is_identity && statement.clauses.is_empty() && statement.is_every_resource() && !actions.list.entries.is_empty()
    {
        let message = "everything but these actions is denied, whatever else allows it";
        found.say(actions.name, message, "a condition is usually meant beside it");
    }
}

fn deny_all(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_everyones = statement.policy_type != PolicyType::Scp;
    let has_principals = statement.resolved.principals.is_none() || statement.is_everyone();
    if !statement.is_allow() && statement.is_unlimited() && is_everyones && has_principals {
        found.say(statement.anchor(), "everything is denied", "no Allow has any effect beside it");
    }
}

fn session_open(subject: &Subject<'_>, found: &mut Found<'_>) {
    let is_session = subject.policy_type() == PolicyType::Session;
    if let Some(statement) = subject.limitless().filter(|_| is_session) {
        found.say(statement.anchor(), "the session policy limits nothing", "leave it out, or allow less");
    }
}
