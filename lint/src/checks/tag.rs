//! Conditions on tags, in front of services that know none.

use dictum_catalogue::Service;

use super::identity;
use crate::check::Found;
use crate::subject::{Clause, Statement};

checks! {
    "L-TAG-ALLOW" Suggestion Correctness "Access Analyzer: Allow with unsupported tag condition key for service" "An Allow by a tag, for a service that sends no such tags."
    why: "Requests of the service come without the key, so the condition is false and the Allow grants nothing there.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["sqs:SendMessage", "execute-api:Invoke"], "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["sqs:SendMessage", "sns:Publish"], "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}"#),
    Statement(tag_allow);

    "L-TAG-DENY" Security Security "Access Analyzer: Deny with unsupported tag condition key for service" "A Deny by a tag, for a service that sends no such tags."
    why: "Requests of the service come without the key, so the condition is false and the Deny keeps nothing out there.",
    bad: identity(r#"{"Effect": "Deny", "Action": ["sqs:*", "execute-api:*"], "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/stage": "live"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": ["sqs:*", "sns:*"], "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/stage": "live"}}}"#),
    Statement(tag_deny);

    "L-TAG-ALLOW-NOTACTION" Suggestion Correctness "Access Analyzer: Allow NotAction with unsupported tag condition key for service" "An Allow by a tag with NotAction, which takes in services that send no such tags."
    why: "For those the condition is false, so the Allow grants less than it reads. Name the actions that are meant.",
    bad: identity(r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}"#),
    Statement(tag_allow_not_action);

    "L-TAG-DENY-NOTACTION" Security Security "Access Analyzer: Deny NotAction with unsupported tag condition key for service" "A Deny by a tag with NotAction, which takes in services that send no such tags."
    why: "For those the condition is false, so the Deny keeps nothing out. Name the actions that are meant.",
    bad: identity(r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/stage": "live"}}}"#),
    good: identity(r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/stage": "test"}}}"#),
    Statement(tag_deny_not_action);

    "L-TAG-ACTION" Suggestion Correctness "Access Analyzer: Unsupported action for condition key" "A condition on a tag that is false of every request for one of the actions."
    why: "The service knows tags, but this action sends none: `aws:RequestTag` comes only with actions that set tags, `aws:ResourceTag` only with those about tagged resources.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["ec2:RunInstances", "ec2:DescribeInstances"], "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["ec2:RunInstances", "ec2:CreateVolume"], "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}}"#),
    Statement(tag_action);
}

/// The clauses on tags of requests and resources that are false where the key is absent.
fn on_tags<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = &'s Clause<'a>> + use<'s, 'a> {
    let is_tag = |clause: &&Clause<'_>| {
        clause.is_key("aws:TagKeys")
            || ["aws:RequestTag/", "aws:ResourceTag/"].iter().any(|it| clause.key_starts_with(it))
    };
    statement.clauses.iter().filter(is_tag).filter(|clause| clause.needs_presence())
}

/// The services of the entries that never send this key.
fn without<'a>(statement: &Statement<'a>, key: &str) -> Vec<Service<'a>> {
    let services = statement.known.services().into_iter();
    services.filter(|service| service.key(key).is_none()).collect()
}

fn about_services(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.known.is_negated {
        return;
    }
    for clause in on_tags(statement) {
        for service in without(statement, clause.key.text) {
            let message = format!("`{}` sends no `{}`", service.prefix(), clause.key.text);
            let entry = statement.known.actions.iter().find(|entry| entry.service == Some(service));
            let diagnostic = found.at(clause.key.span, message).help("the condition is false of its requests");
            found.push(match entry {
                Some(entry) => diagnostic.related(entry.text.span, "the service is named here"),
                None => diagnostic,
            });
        }
    }
}

fn tag_allow(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.is_allow() {
        about_services(statement, found);
    }
}

fn tag_deny(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !statement.is_allow() {
        about_services(statement, found);
    }
}

fn about_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !statement.known.is_negated {
        return;
    }
    for clause in on_tags(statement) {
        let is_left = |service: &Service<'_>| {
            let is_whole =
                |entry: &crate::known::ActionEntry<'_>| entry.is_whole_service() && entry.service == Some(*service);
            !statement.known.actions.iter().any(is_whole)
        };
        let left = statement.catalogue.services().filter(is_left);
        let count = left.filter(|service| service.key(clause.key.text).is_none()).count();
        if count > 0 {
            let message = format!("{count} of the services meant send no `{}`", clause.key.text);
            found.say(clause.key.span, message, "the condition is false of their requests");
        }
    }
}

fn tag_allow_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.is_allow() {
        about_not_action(statement, found);
    }
}

fn tag_deny_not_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !statement.is_allow() {
        about_not_action(statement, found);
    }
}

fn tag_action(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.known.is_negated {
        return;
    }
    for clause in on_tags(statement) {
        let literal = statement.known.actions.iter().filter(|entry| !entry.is_open());
        let literal = literal.filter(|entry| entry.service.is_some_and(|it| it.key(clause.key.text).is_some()));
        for entry in literal.filter(|entry| entry.actions.iter().all(|action| !action.has_key(clause.key.text))) {
            if let Some(action) = entry.actions.first() {
                let message = format!("`{action}` comes without `{}`", clause.key.text);
                found.say(entry.text.span, message, "the condition is false of it");
            }
        }
    }
}
