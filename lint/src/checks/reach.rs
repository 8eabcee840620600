//! Whether the actions and the resources of a statement have anything to do with each other.

use dictum_catalogue::Action;

use super::identity;
use crate::arn::Arn;
use crate::check::Found;
use crate::known::ActionEntry;
use crate::subject::Statement;

checks! {
    "L-NEVER-APPLIES" Warning Correctness "ACT-6, RES-11" "A statement whose actions and resources have nothing in common."
    why: "None of its actions can be about any of its resources, so it applies to no request. An Allow of this kind grants nothing, a Deny keeps nothing out.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:s3:::acme/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:orders"}"#),
    Statement(never_applies);

    "L-ACTION-IDLE" Warning Correctness "RES-11; parliament: RESOURCE_MISMATCH" "An action that is about none of the resources listed."
    why: "Requests for it name a resource of another type, so the statement does not apply to them: `s3:ListBucket` is about buckets, not about the objects in them.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::acme/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::acme/*", "arn:aws:s3:::acme"]}"#),
    Statement(action_idle);

    "L-ACTION-NEEDS-STAR" Warning Correctness "RES-10; Access Analyzer: Unsupported resource ARN in policy" "An action without resource type, and no `*` among the resources."
    why: "Requests for it have the resource `*`, which no ARN matches, however many wildcards it has. Put it into a statement on `*`.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:StartInstances"], "Resource": "arn:aws:ec2:*:*:instance/*"}"#),
    good: identity(r#"[{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}, {"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:*:*:instance/*"}]"#),
    Statement(action_needs_star);

    "L-RESOURCE-IDLE" Warning Correctness "RES-11; parliament: RESOURCE_MISMATCH" "A resource that none of the actions is about."
    why: "No action of the statement can be about it, so it adds nothing. An action is missing, or the resource belongs to another statement.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::acme/*", "arn:aws:sqs:*:*:orders"]}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": ["arn:aws:s3:::acme/*", "arn:aws:sqs:*:*:orders"]}"#),
    Statement(resource_idle);

    "L-RESOURCE-STAR" Suggestion Pedantic "parliament: RESOURCE_STAR" "An Allow on `*` of an action that can be granted on single resources."
    why: "Every resource of the type, in every account that lets the caller in, is meant. Name those that are needed.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:orders"}"#),
    Statement(resource_star);
}

/// Operations that are evaluated on an ARN although the catalogue has no resource type for them (RES-10).
const ON_ARN: [&str; 2] = ["s3:ListAllMyBuckets", "s3:GetAccountPublicAccessBlock"];

/// Whether it can be told what the statement is about: known actions, ARNs with all their fields, none negated.
fn is_clear(statement: &Statement<'_>) -> bool {
    let known = &statement.known;
    let is_positive = statement.resources().is_some_and(|resources| !resources.negated);
    is_positive
        && !known.is_negated
        && !known.is_every_resource
        && known.actions.iter().any(|entry| !entry.actions.is_empty())
        && known.arns.iter().all(|arn| arn.count() == 6)
}

/// Whether nothing is unknown besides: an unknown action might be about any resource.
fn is_whole(statement: &Statement<'_>) -> bool {
    is_clear(statement) && statement.known.is_complete()
}

/// Which actions a statement applies to, given its resources.
struct Reach<'s, 'a> {
    statement: &'s Statement<'a>,
    types_met: Vec<bool>,
}

impl<'s, 'a> Reach<'s, 'a> {
    fn new(statement: &'s Statement<'a>) -> Reach<'s, 'a> {
        Reach { statement, types_met: statement.known.types_met() }
    }

    /// Whether a request for the action may be about one of the resources. On everything of a service most of its actions
    /// are meant, whether they have a resource type or not.
    fn meets(&self, action: Action<'_>) -> bool {
        let is_whole = |arn: &Arn<'_>| arn.service() == action.prefix() && arn.resource() == "*";
        action.grants().any(|grant| self.types_met[grant.resource_type().position()])
            || action.grants().len() == 0 && self.statement.known.arns.iter().any(is_whole)
            || ON_ARN.contains(&action.to_string().as_str())
    }

    /// Whether any of its actions is about any of its resources.
    fn applies(&self) -> bool {
        self.statement.known.actions.iter().flat_map(|entry| &entry.actions).any(|&action| self.meets(action))
    }
}

fn never_applies(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !is_whole(statement) || Reach::new(statement).applies() {
        return;
    }
    let first = statement.known.actions.iter().find_map(|entry| Some((entry, entry.actions.first()?)));
    let help = first.map(|(entry, action)| match action.grants().next() {
        Some(grant) => format!("`{}` is about `{}`", entry.text.text, grant.resource_type().arn()),
        None => format!("`{}` can be granted on `*` only", entry.text.text),
    });
    found.say(statement.anchor(), format!("{} applies to no request", statement.name()), help.unwrap_or_default());
}

/// Entries none of whose actions is about a resource of the statement, where others are.
fn idle<'s, 'a>(statement: &'s Statement<'a>) -> Vec<&'s ActionEntry<'a>> {
    if !is_clear(statement) {
        return Vec::new();
    }
    let reach = Reach::new(statement);
    let is_idle = |entry: &&ActionEntry<'a>| {
        !entry.actions.is_empty() && !entry.actions.iter().any(|&action| reach.meets(action))
    };
    let idle: Vec<&ActionEntry<'a>> = statement.known.actions.iter().filter(is_idle).collect();
    if idle.is_empty() || !reach.applies() { Vec::new() } else { idle }
}

fn action_idle(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in idle(statement) {
        if let Some(grant) = entry.actions.iter().flat_map(|action| action.grants()).next() {
            let message = format!("`{}` is about none of the resources", entry.text.text);
            found.push(found.at(entry.text.span, message).expected(format!("`{}`", grant.resource_type().arn())));
        }
    }
}

fn action_needs_star(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in idle(statement) {
        if entry.actions.iter().all(|action| action.grants().len() == 0) {
            let message = format!("`{}` cannot be granted on an ARN", entry.text.text);
            found.push(found.at(entry.text.span, message).expected("a statement on `*`"));
        }
    }
}

fn resource_idle(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !is_whole(statement) || !Reach::new(statement).applies() {
        return;
    }
    let actions = statement.known.named();
    let mut types: Vec<_> = actions.iter().flat_map(|it| it.grants()).map(|grant| grant.resource_type()).collect();
    types.sort_unstable_by_key(|it| it.position());
    types.dedup();
    let is_on_arn = actions.iter().any(|action| ON_ARN.contains(&action.to_string().as_str()));
    let is_whole = |arn: &Arn<'_>| arn.resource() == "*" && actions.iter().any(|it| it.prefix() == arn.service());
    let is_used = |arn: &Arn<'_>| types.iter().any(|it| it.meets(arn.text.text)) || is_on_arn || is_whole(arn);
    for arn in statement.known.arns.iter().filter(|arn| !is_used(arn)) {
        found.say(arn.text.span, format!("no action is about `{}`", arn.text.text), "it adds nothing here");
    }
}

fn resource_star(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_star = statement.known.is_every_resource && statement.resources().is_some_and(|it| !it.negated);
    if !statement.is_allow() || !is_star || statement.known.is_negated {
        return;
    }
    for entry in &statement.known.actions {
        let first = entry.actions.first().filter(|_| !entry.is_open());
        if let Some(grant) = first.and_then(|action| action.grants().find(|grant| grant.is_required())) {
            let message = format!("`{}` on every resource", entry.text.text);
            found.push(found.at(entry.text.span, message).expected(format!("`{}`", grant.resource_type().arn())));
        }
    }
}
