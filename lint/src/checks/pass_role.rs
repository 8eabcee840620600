//! Handing roles to services, and making roles that are linked to services: what is granted more widely than it seems.

use super::identity;
use crate::check::Found;
use crate::known::ActionEntry;
use crate::subject::Statement;
use dictum_compiler::source::PolicyType;

checks! {
    "L-PASS-ROLE-STAR" Security Security "Access Analyzer: Pass role with star in resource" "`iam:PassRole` on every role."
    why: "Who may hand any role to a service can act with the permissions of the strongest one. Name the roles, or the service in `iam:PassedToService`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/worker"}"#),
    Statement(pass_star);

    "L-PASS-ROLE-WIDE" Security Security "Access Analyzer: Pass role with star in action and resource" "A wildcard that takes in `iam:PassRole`, on every role."
    why: "Who may hand any role to a service can act with the permissions of the strongest one, and the wildcard hides that it is granted. `*` alone has a finding of its own.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:*Role", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["iam:GetRole", "iam:PassRole"], "Resource": "arn:aws:iam::123456789012:role/worker"}"#),
    Statement(pass_wide);

    "L-PASS-ROLE-NOTACTION" Security Security "Access Analyzer: Pass role with star in resource and NotAction" "NotAction that leaves `iam:PassRole` in, on every role."
    why: "Everything that is not listed is granted, handing any role to a service included. List `iam:*` or `iam:PassRole` too.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}"#),
    Statement(pass_not_action);

    "L-PASS-ROLE-NOTRESOURCE" Security Security "Access Analyzer: Pass role with NotResource" "`iam:PassRole` on every role but a few."
    why: "NotResource grants every role that is not listed, those of tomorrow too. Name the roles that may be handed on.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/worker"}"#),
    Statement(pass_not_resource);

    "L-PASS-ROLE-WIDE-NOTRESOURCE" Security Security "Access Analyzer: Pass role with star in action and NotResource" "A wildcard that takes in `iam:PassRole`, on every role but a few."
    why: "NotResource grants every role that is not listed, and the wildcard hides that handing them on is granted.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:Pass*", "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:Pass*", "Resource": "arn:aws:iam::123456789012:role/worker"}"#),
    Statement(pass_wide_not_resource);

    "L-PASS-ROLE-NOTACTION-NOTRESOURCE" Security Security "Access Analyzer: Pass role with NotAction and NotResource" "NotAction that leaves `iam:PassRole` in, on every role but a few."
    why: "Both elements grant what they do not list: nearly every action on nearly every resource, handing on roles included.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    good: identity(r#"{"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    Statement(pass_not_action_not_resource);

    "L-PASS-ROLE-ANY-SERVICE" Suggestion Security "IAM User Guide: Pass a role to a service" "`iam:PassRole` on a pattern of roles to whatever service."
    why: "A role that matches the pattern may be handed to any service that trusts it. `iam:PassedToService` says to which.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/app-*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/app-*", "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}"#),
    Statement(pass_any_service);

    "L-SLR-STAR" Warning Security "Access Analyzer: Create SLR with star in resource" "`iam:CreateServiceLinkedRole` for every service."
    why: "A role that is linked to a service has the permissions that the service asks for. Name the service in `iam:AWSServiceName`, or the role.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*", "Condition": {"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}}"#),
    Statement(slr_star);

    "L-SLR-WIDE" Warning Security "Access Analyzer: Create SLR with star in action and resource" "A wildcard that takes in `iam:CreateServiceLinkedRole`, for every service."
    why: "A role that is linked to a service has the permissions that the service asks for, and the wildcard hides that making one is granted. `*` alone has a finding of its own.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:Create*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}"#),
    Statement(slr_wide);

    "L-SLR-NOTACTION" Warning Security "Access Analyzer: Create SLR with star in resource and NotAction" "NotAction that leaves `iam:CreateServiceLinkedRole` in, for every service."
    why: "Everything that is not listed is granted, making roles that are linked to services included.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}"#),
    Statement(slr_not_action);

    "L-SLR-NOTRESOURCE" Warning Security "Access Analyzer: Create SLR with NotResource" "`iam:CreateServiceLinkedRole` for every service but a few."
    why: "NotResource grants every role that is not listed, those of services to come too.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "NotResource": "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/*"}"#),
    Statement(slr_not_resource);

    "L-SLR-WIDE-NOTRESOURCE" Warning Security "Access Analyzer: Create SLR with star in action and NotResource" "A wildcard that takes in `iam:CreateServiceLinkedRole`, for every service but a few."
    why: "NotResource grants every role that is not listed, and the wildcard hides that making one is granted.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:Create*", "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:CreateUser", "NotResource": "arn:aws:iam::123456789012:user/admin"}"#),
    Statement(slr_wide_not_resource);

    "L-SLR-NOTACTION-NOTRESOURCE" Warning Security "Access Analyzer: Create SLR with NotAction and NotResource" "NotAction that leaves `iam:CreateServiceLinkedRole` in, for every service but a few."
    why: "Both elements grant what they do not list: nearly every action on nearly every resource, making linked roles included.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    good: identity(r#"{"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "NotResource": "arn:aws:iam::123456789012:role/admin"}"#),
    Statement(slr_not_action_not_resource);
}

/// An action of IAM that is to be granted narrowly, with the keys that narrow it.
struct Narrow {
    name: &'static str,
    keys: &'static [&'static str],
    /// A resource on which it is as good as unbounded.
    every: &'static str,
}

const PASS: Narrow =
    Narrow { name: "PassRole", keys: &["iam:PassedToService", "iam:AssociatedResourceArn"], every: "role/" };
const SLR: Narrow =
    Narrow { name: "CreateServiceLinkedRole", keys: &["iam:AWSServiceName"], every: "role/aws-service-role/" };

/// How a statement comes to grant an action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Plainly,
    ByWildcard,
    ByNotAction,
}

/// Whether it grants an action without one of the conditions that narrow it, and how; `*` aside.
fn grants(statement: &Statement<'_>, action: &Narrow) -> Option<Named> {
    let is_grant = matches!(statement.policy_type, PolicyType::Identity | PolicyType::Session | PolicyType::Resource);
    let is_narrow = action.keys.iter().any(|key| statement.on_key(key).next().is_some());
    let known = &statement.known;
    if !statement.is_allow() || !is_grant || is_narrow || !known.takes("iam", action.name) || known.is_every_action() {
        return None;
    }
    let by_name = |entry: &ActionEntry<'_>| entry.name.eq_ignore_ascii_case(action.name);
    Some(match known.is_negated {
        true => Named::ByNotAction,
        false if known.actions.iter().any(by_name) => Named::Plainly,
        false => Named::ByWildcard,
    })
}

/// Whether its Resource takes in every role.
fn is_every_role(statement: &Statement<'_>, action: &Narrow) -> bool {
    let resources = statement.resources();
    let is_stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    let is_every = |resource: &str| is_stars(resource) || resource.strip_prefix(action.every).is_some_and(is_stars);
    let is_negated = resources.is_some_and(|resources| resources.negated);
    !is_negated
        && (statement.known.is_every_resource || statement.known.arns.iter().any(|arn| is_every(arn.resource())))
}

fn report(statement: &Statement<'_>, action: &Narrow, named: Named, is_not_resource: bool, found: &mut Found<'_>) {
    let has_not_resource = statement.resources().is_some_and(|resources| resources.negated);
    let is_wide = if is_not_resource { has_not_resource } else { is_every_role(statement, action) };
    if grants(statement, action) != Some(named) || !is_wide {
        return;
    }
    let takes = |entry: &&ActionEntry<'_>| dictum_catalogue::matches(entry.name, action.name);
    let entry = statement.known.actions.iter().filter(|entry| entry.prefix.eq_ignore_ascii_case("iam")).find(takes);
    let span = match (named, entry) {
        (Named::Plainly | Named::ByWildcard, Some(entry)) => entry.text.span,
        _ => statement.actions().map_or_else(|| statement.anchor(), |actions| actions.name),
    };
    let which = if is_not_resource { "all resources but those of `NotResource`" } else { "every role" };
    let message = format!("`iam:{}` is granted on {which}", action.name);
    found.say(span, message, format!("name the roles, or add a condition on `{}`", action.keys[0]));
}

fn pass_star(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::Plainly, false, found);
}

fn pass_wide(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::ByWildcard, false, found);
}

fn pass_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::ByNotAction, false, found);
}

fn pass_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::Plainly, true, found);
}

fn pass_wide_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::ByWildcard, true, found);
}

fn pass_not_action_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &PASS, Named::ByNotAction, true, found);
}

fn pass_any_service(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_concerned = matches!(grants(statement, &PASS), Some(Named::Plainly)) && !is_every_role(statement, &PASS);
    let is_negated = statement.resources().is_some_and(|resources| resources.negated);
    for arn in statement.known.arns.iter().filter(|arn| is_concerned && !is_negated && arn.resource().contains('*')) {
        let message = "roles of a pattern may be handed to any service";
        found.say(arn.text.span, message, "add a condition on `iam:PassedToService`");
    }
}

fn slr_star(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::Plainly, false, found);
}

fn slr_wide(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::ByWildcard, false, found);
}

fn slr_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::ByNotAction, false, found);
}

fn slr_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::Plainly, true, found);
}

fn slr_wide_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::ByWildcard, true, found);
}

fn slr_not_action_not_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    report(statement, &SLR, Named::ByNotAction, true, found);
}
