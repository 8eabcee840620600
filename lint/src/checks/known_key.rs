//! Names of condition keys, and whether the actions at hand have them.

use dictum_catalogue::{Action, Key};
use dictum_compiler::diagnostic::near::nearest;

use super::identity;
use crate::check::Found;
use crate::edit;
use crate::subject::{Clause, Statement};

checks! {
    "L-KEY-GLOBAL-UNKNOWN" Warning Correctness "CND-4; Access Analyzer: Invalid global condition key" "A global condition key that does not exist."
    why: "No request has it, so the condition sees an absent key: it is false, or, negated or with `IfExists`, true of every request.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgId1": "o-abcde12345"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(global_unknown);

    "L-KEY-SERVICE-UNKNOWN" Warning Correctness "CND-4; Access Analyzer: Invalid service condition key" "A condition key that its service does not have."
    why: "No request has it, so the condition sees an absent key: it is false, or, negated or with `IfExists`, true of every request.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefixes": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(service_unknown);

    "L-KEY-PREFIX-UNKNOWN" Warning Correctness "CND-4; Access Analyzer: Invalid condition key format" "A condition key of a service that is not in the catalogue."
    why: "Its part before the colon is no service and no identity provider, so no request has the key.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s4:prefix": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(prefix_unknown);

    "L-KEY-SERVICE-CASE" Suggestion Pedantic "CND-4" "A condition key of a service in other letter case than the service's."
    why: "Case makes no difference to a decision, but searches and reviews find one spelling only.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:Prefix": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(key_case);

    "L-KEY-DEPRECATED" Warning Correctness "Access Analyzer: Deprecated global condition key" "A global condition key that another one has replaced."
    why: "Only old integrations still send it. Most requests lack it.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceOwner": "123456789012"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}"#),
    Statement(key_deprecated);

    "L-KEY-IDLE" Warning Correctness "CND-6; Access Analyzer: Unsupported action for condition key; parliament: UNKNOWN_CONDITION_FOR_ACTION" "A condition key that none of the actions has."
    why: "The service does not send it with any of these requests, so the condition sees an absent key: it is false, or, negated or with `IfExists`, true of every request.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(key_idle);

    "L-KEY-IDLE-IN-PART" Suggestion Correctness "CND-6; Access Analyzer: Missing action for condition key" "A condition key that some of the actions lack."
    why: "The condition is false of requests for those, so the Allow does not reach them. Give them a statement of their own, or `IfExists`.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketTagging"], "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:ListBucketVersions"], "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    Statement(key_idle_in_part);

    "L-KEY-NOT-SET" Warning Correctness "CTX; Access Analyzer: Unsupported global condition key" "A global condition key that the services at hand do not send."
    why: "Only a few services send it. For the others the condition sees an absent key.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:VpceAccount": "123456789012"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringNotEquals": {"aws:VpceAccount": "123456789012"}}}"#),
    Statement(key_not_set);

    "L-KEY-EXCEPTED" Warning Correctness "CTX" "A global condition key that is not sent with this action."
    why: "A few actions are about a resource of another account, and come without the keys of the resource's account and organization: a negated condition holds of all of them.",
    bad: identity(r#"{"Effect": "Deny", "Action": "ec2:AcceptVpcPeeringConnection", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "o-abcde12345"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "o-abcde12345"}}}"#),
    Statement(key_excepted);

    "L-PAIRED-KEY" Warning Security "Access Analyzer: Missing paired condition keys" "A key that says little without another one."
    why: "Private addresses exist in every network, so an address says something only together with the network that it is of.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}}"#),
    Statement(paired_key);
}

/// Keys, and those of which one has to stand beside. IAM User Guide, "AWS global condition context keys".
const PAIRS: &[(&str, &[&str])] = &[
    ("aws:VpcSourceIp", &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"]),
    ("aws:Ec2InstanceSourcePrivateIPv4", &["aws:Ec2InstanceSourceVpc"]),
];

/// Keys of AWS IoT's own policies, which the catalogue lacks. AWS IoT Core Developer Guide, "Policy variables".
const BESIDE: [&str; 4] = ["iot:ConnectAttributes", "iot:Connection.", "iot:Certificate.", "iot:LastWillTopic"];

/// The clauses on keys of services, with what stands before the colon. Keys of identity providers are called by a host,
/// and anyone may run one.
fn of_services<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = (&'s Clause<'a>, &'a str)> + use<'s, 'a> {
    let prefix = |clause: &Clause<'a>| clause.key.text.split_once(':').map(|(prefix, _)| prefix);
    let clauses = statement.clauses.iter().filter_map(move |clause| Some((clause, prefix(clause)?)));
    clauses.filter(|(_, prefix)| !prefix.contains('.') && !prefix.eq_ignore_ascii_case("aws"))
}

/// The clauses on keys that the catalogue has.
fn known<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = (&'s Clause<'a>, Key<'a>)> + use<'s, 'a> {
    statement.clauses.iter().filter_map(|clause| Some((clause, statement.catalogue.key(clause.key.text)?)))
}

/// The name of a key as far as its variable part.
fn stem(key: Key<'_>) -> &str {
    key.name().split("${").next().unwrap_or("")
}

/// A key of tags in which the name of the tag is missing, with what it should begin with.
fn without_tag<'a>(statement: &Statement<'a>, name: &str) -> Option<&'a str> {
    let name = name.trim_end_matches('/');
    let templates = statement.catalogue.keys().filter(|key| key.is_template());
    templates.map(stem).find(|stem| stem.strip_suffix('/').is_some_and(|stem| stem.eq_ignore_ascii_case(name)))
}

fn global_unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| clause.key_starts_with("aws:")) {
        let name = clause.key.text;
        if statement.catalogue.key(name).is_some() || without_tag(statement, name).is_some() {
            continue;
        }
        let names = statement.catalogue.global_keys().map(stem);
        // Before a tag's name the rest may be mistyped.
        let head = name.find('/').map_or(name, |at| &name[..=at]);
        let tag = &name[head.len()..];
        let near =
            nearest(head, names).map(|near| if near.ends_with('/') { format!("{near}{tag}") } else { near.to_owned() });
        let message = format!("no global key is called `{name}`");
        found.push(found.at(clause.key.span, message).did_you_mean(near.as_deref()));
    }
}

fn service_unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, prefix) in of_services(statement) {
        let name = clause.key.text;
        let Some(service) = statement.catalogue.service(prefix) else { continue };
        if BESIDE.iter().any(|known| clause.key_starts_with(known)) {
            continue;
        }
        if statement.catalogue.key(name).is_some() || without_tag(statement, name).is_some() {
            continue;
        }
        let near = nearest(name, service.keys().map(stem));
        found.push(found.at(clause.key.span, format!("`{}` has no key `{name}`", service.prefix())).did_you_mean(near));
    }
}

fn prefix_unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    let catalogue = statement.catalogue;
    for (clause, prefix) in of_services(statement) {
        let name = clause.key.text;
        if catalogue.service(prefix).is_some() || catalogue.key(name).is_some() || prefix.contains('/') {
            continue;
        }
        let is_same = |key: &Key<'_>| key.name().split(':').next().is_some_and(|it| it.eq_ignore_ascii_case(prefix));
        let message = match catalogue.keys().any(|key| is_same(&key)) {
            true => format!("no key is called `{name}`"),
            false => format!("no key begins with `{prefix}:`"),
        };
        let near = nearest(name, catalogue.keys().map(stem));
        found.push(found.at(clause.key.span, message).did_you_mean(near));
    }
}

fn key_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in known(statement).filter(|(_, key)| key.global().is_none()) {
        let canonical = key.canonical(clause.key.text);
        if canonical != clause.key.text {
            let message = format!("`{}` is spelled `{canonical}`", clause.key.text);
            found.push(edit::replaced(found.at(clause.key.span, message), statement, clause.key, &canonical));
        }
    }
}

fn key_deprecated(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in known(statement) {
        if let Some(global) = key.global().filter(|global| global.is_deprecated()) {
            let diagnostic = found.at(clause.key.span, format!("`{key}` is out of use"));
            found.push(diagnostic.help(global.when().split("; ").last().unwrap_or("use another").to_owned()));
        }
    }
}

/// Whether requests for an action may have a key of a service. Keys of the session that are set when a role is assumed
/// are in requests of any kind, and are global.
fn has(action: Action<'_>, key: Key<'_>, name: &str) -> bool {
    key.global().is_some() || action.has_key(name)
}

/// Clauses on keys of services with the known actions of a statement, where all of these are known.
fn with_actions<'s, 'a>(statement: &'s Statement<'a>) -> Vec<(&'s Clause<'a>, Key<'a>, Vec<Action<'a>>)> {
    if !statement.known.is_complete() || statement.clauses.is_empty() {
        return Vec::new();
    }
    let actions = statement.known.named();
    let is_of_service = |clause: &Clause<'_>| of_services(statement).any(|(other, _)| other.key == clause.key);
    let clauses = known(statement).filter(|(clause, key)| key.global().is_none() && is_of_service(clause));
    clauses.map(|(clause, key)| (clause, key, actions.clone())).collect()
}

fn key_idle(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key, actions) in with_actions(statement) {
        let name = clause.key.text;
        if actions.iter().any(|&action| has(action, key, name)) {
            continue;
        }
        let prefix = name.split(':').next().unwrap_or("");
        let all = statement.catalogue.service(prefix).into_iter().flat_map(|service| service.actions());
        let others: Vec<String> = all.filter(|it| it.has_key(name)).take(3).map(|it| format!("`{it}`")).collect();
        let diagnostic = found.at(clause.key.span, format!("none of the actions has the key `{name}`"));
        found.push(match others.is_empty() {
            true => diagnostic,
            false => diagnostic.help(format!("it comes with {}", others.join(", "))),
        });
    }
}

fn key_idle_in_part(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key, actions) in with_actions(statement) {
        let name = clause.key.text;
        if !statement.is_allow() || !clause.needs_presence() || !actions.iter().any(|&it| has(it, key, name)) {
            continue;
        }
        let literal = statement.known.actions.iter().filter(|entry| !entry.is_open());
        let lacking = literal.flat_map(|entry| &entry.actions).filter(|action| !has(**action, key, name));
        let names: Vec<String> = lacking.map(|action| format!("`{action}`")).collect();
        if let [first, ..] = names.as_slice() {
            let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
            let message = format!("{first}{more} come without the key `{name}`");
            found.say(clause.key.span, message, "the condition is false of them");
        }
    }
}

fn key_not_set(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in known(statement) {
        let Some(global) = key.global().filter(|global| global.services().next().is_some()) else { continue };
        let services = statement.known.services();
        let sets = |prefix: &str| global.services().any(|it| it.eq_ignore_ascii_case(prefix));
        let is_known = !statement.known.is_negated && statement.known.actions.iter().all(|it| it.service.is_some());
        if is_known && !services.is_empty() && !services.iter().any(|service| sets(service.prefix())) {
            let message = format!("`{}` does not send the key `{key}`", services[0].prefix());
            found.say(clause.key.span, message, "the condition sees an absent key");
        }
    }
}

fn key_excepted(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (clause, key) in known(statement) {
        let Some(global) = key.global().filter(|global| global.except_actions().next().is_some()) else { continue };
        let literal = statement.known.actions.iter().filter(|entry| !entry.is_open() && !statement.known.is_negated);
        for action in literal.flat_map(|entry| &entry.actions) {
            if !global.applies_to(action.prefix(), action.name()) {
                let message = format!("`{action}` comes without the key `{key}`");
                found.say(clause.key.span, message, "the condition sees an absent key");
            }
        }
    }
}

fn paired_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (name, others) in PAIRS {
        let is_paired = others.iter().any(|other| statement.on_key(other).next().is_some());
        for clause in statement.on_key(name).filter(|_| statement.is_allow() && !is_paired) {
            let expected = others.iter().map(|other| format!("`{other}`")).collect::<Vec<_>>().join(" or ");
            let message = format!("`{name}` without the network that the address is of");
            found.push(found.at(clause.key.span, message).expected(format!("a condition on {expected}")));
        }
    }
}
