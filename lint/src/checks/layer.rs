//! Actions in policies of a type that has no say about them.

use dictum_compiler::source::PolicyType;

use super::{rcp, trust};
use crate::check::Found;
use crate::subject::Statement;

checks! {
    "L-RCP-UNSUPPORTED" Warning Correctness "RCP; Access Analyzer: Unsupported action in policy" "A resource control policy about a service to which none apply."
    why: "Resource control policies hold for some services only. For the others this statement keeps nothing out.",
    bad: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    good: rcp(r#"{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(rcp_unsupported);

    "L-TRUST-KEY" Warning Correctness "Access Analyzer: Irrelevant condition key in policy" "A key of another service in a trust policy."
    why: "A trust policy is asked when a role is assumed, and such a request comes with the keys of STS, of the identity provider and of IAM only. The condition sees an absent key.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"s3:prefix": "home"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    Statement(trust_key);
}

fn rcp_unsupported(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.policy_type != PolicyType::Rcp || statement.known.is_negated {
        return;
    }
    for entry in &statement.known.actions {
        if let Some(service) = entry.service.filter(|service| !service.takes_rcps()) {
            let message = format!("no resource control policy applies to `{}`", service.prefix());
            found.say(entry.text.span, message, "the statement keeps nothing out here");
        }
    }
}

fn trust_key(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.policy_type != PolicyType::Trust {
        return;
    }
    for clause in &statement.clauses {
        let prefix = clause.key.text.split(':').next().unwrap_or("").to_ascii_lowercase();
        let is_expected = ["aws", "sts", "saml", "iam"].contains(&prefix.as_str()) || prefix.contains('.');
        let key = statement.catalogue.key(clause.key.text).filter(|key| key.global().is_none());
        if key.is_some() && !is_expected {
            let message = format!("`{}` is no key of requests to assume a role", clause.key.text);
            found.say(clause.key.span, message, "the condition sees an absent key");
        }
    }
}
