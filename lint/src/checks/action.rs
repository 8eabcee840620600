//! Names of services and actions.

use dictum_catalogue::{Action, Service};
use dictum_compiler::diagnostic::near::nearest;

use super::identity;
use crate::check::Found;
use crate::edit;
use crate::known::ActionEntry;
use crate::subject::Statement;

checks! {
    "L-SERVICE-UNKNOWN" Warning Correctness "ACT-7; Access Analyzer: Invalid service in action" "An action of a service that is not in the catalogue."
    why: "No request is for a service that does not exist, so the entry does nothing. It is mistyped, retired, or newer than the catalogue.",
    bad: identity(r#"{"Effect": "Allow", "Action": "dynamo:GetItem", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}"#),
    Statement(service_unknown);

    "L-ACTION-UNKNOWN" Warning Correctness "ACT-7; Access Analyzer: Invalid action" "An action that its service does not have."
    why: "No request asks for it, so the entry does nothing: what was meant stays denied, or, in a Deny, allowed. It is mistyped, retired, or newer than the catalogue.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::b/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    Statement(action_unknown);

    "L-ACTION-IS-API" Warning Correctness "ACT-7" "The name of an API operation that is authorized under another action."
    why: "A few operations are not called like the action that allows them: `ListObjects` is `s3:ListBucket`. The name of the operation matches no request.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListObjectsV2", "Resource": "arn:aws:s3:::b"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}"#),
    Statement(action_is_api);

    "L-ACTION-NOWHERE" Warning Correctness "ACT-3, ACT-7; Access Analyzer: Invalid action" "A pattern that matches no action of its service."
    why: "The part around the wildcard is mistyped or retired, so the entry does nothing today.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:Recieve*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:Receive*", "Resource": "*"}"#),
    Statement(action_nowhere);

    "L-ACTION-RETIRED" Warning Correctness "ecosystem: deprecated action" "An action that AWS has replaced by others."
    why: "The old name no longer decides about anything; the actions that took its place have to be named.",
    bad: identity(r#"{"Effect": "Allow", "Action": "aws-portal:ViewBilling", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "billing:GetBillingData", "Resource": "*"}"#),
    Statement(action_retired);

    "L-ACTION-ONE-LEFT" Suggestion Pedantic "ACT-3" "A wildcard that takes in one action only."
    why: "It says no more than the action itself today, and takes in whatever the service adds under a like name. Write the action.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMess*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(action_one_left);

    "L-ACTION-CASE" Suggestion Pedantic "ACT-5" "An action in other letter case than the service's."
    why: "Case makes no difference to a decision, but searches and reviews find one spelling only.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:sendMessage", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(action_case);

    "L-SERVICE-CASE" Suggestion Style "ACT-5" "The service of an action in other letter case than the service's."
    why: "Case makes no difference to a decision, but every list and search has services in lower case.",
    bad: identity(r#"{"Effect": "Allow", "Action": "SQS:SendMessage", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(service_case);

    "L-EVERY-ACTION-SPELLED" Suggestion Style "ACT-1" "`*:*` for every action."
    why: "It is `*`, which is shorter and what everybody searches for.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#),
    Statement(every_action_spelled);

    "L-WILDCARD-RUN" Suggestion Style "GLB-2" "Several `*` in a row in an action."
    why: "One `*` matches any run of characters already.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:Get**", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:Get*", "Resource": "*"}"#),
    Statement(wildcard_run);
}

/// Operations whose action is called otherwise.
const OPERATIONS: &[(&str, &str)] = &[
    ("apigateway:CreateRestApi", "apigateway:POST"),
    ("apigateway:GetRestApi", "apigateway:GET"),
    ("apigateway:GetRestApis", "apigateway:GET"),
    ("dynamodb:ExecuteStatement", "dynamodb:PartiQLSelect"),
    ("dynamodb:TransactGetItems", "dynamodb:GetItem"),
    ("dynamodb:TransactWriteItems", "dynamodb:PutItem"),
    ("lambda:Invoke", "lambda:InvokeFunction"),
    ("s3:CompleteMultipartUpload", "s3:PutObject"),
    ("s3:CopyObject", "s3:PutObject"),
    ("s3:CreateMultipartUpload", "s3:PutObject"),
    ("s3:DeleteBucketCors", "s3:PutBucketCORS"),
    ("s3:DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    ("s3:DeleteBucketReplication", "s3:PutReplicationConfiguration"),
    ("s3:DeleteBucketTagging", "s3:PutBucketTagging"),
    ("s3:DeleteObjects", "s3:DeleteObject"),
    ("s3:DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    ("s3:GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"),
    ("s3:GetBucketLifecycle", "s3:GetLifecycleConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:GetBucketMetricsConfiguration", "s3:GetMetricsConfiguration"),
    ("s3:GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
    ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
    ("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:HeadObject", "s3:GetObject"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("s3:ListMultipartUploads", "s3:ListBucketMultipartUploads"),
    ("s3:ListObjects", "s3:ListBucket"),
    ("s3:ListObjectsV2", "s3:ListBucket"),
    ("s3:ListObjectVersions", "s3:ListBucketVersions"),
    ("s3:ListParts", "s3:ListMultipartUploadParts"),
    ("s3:PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"),
    ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3:PutBucketNotificationConfiguration", "s3:PutBucketNotification"),
    ("s3:PutBucketReplication", "s3:PutReplicationConfiguration"),
    ("s3:PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:SelectObjectContent", "s3:GetObject"),
    ("s3:UploadPart", "s3:PutObject"),
    ("s3:UploadPartCopy", "s3:PutObject"),
    ("sns:PublishBatch", "sns:Publish"),
    ("sqs:ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
    ("sqs:DeleteMessageBatch", "sqs:DeleteMessage"),
    ("sqs:SendMessageBatch", "sqs:SendMessage"),
];

/// Actions that were replaced, with those that took their place. AWS Billing User Guide, "Migrating access control".
const RETIRED: &[(&str, &str)] = &[
    ("aws-portal:ModifyAccount", "those of `account` and `billing`"),
    ("aws-portal:ModifyBilling", "those of `billing`, `payments`, `invoicing` and `tax`"),
    ("aws-portal:ModifyPaymentMethods", "those of `payments`"),
    ("aws-portal:ViewAccount", "those of `account`"),
    ("aws-portal:ViewBilling", "those of `billing`, `ce`, `payments` and `invoicing`"),
    ("aws-portal:ViewPaymentMethods", "those of `payments`"),
    ("aws-portal:ViewUsage", "those of `ce` and `cur`"),
    ("purchase-orders:ModifyPurchaseOrders", "`purchase-orders:UpdatePurchaseOrder` and its like"),
    (
        "purchase-orders:ViewPurchaseOrders",
        "`purchase-orders:GetPurchaseOrder` and `purchase-orders:ListPurchaseOrders`",
    ),
];

/// What a table has under an action, in any case.
fn in_table(table: &[(&'static str, &'static str)], action: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(action)).map(|(_, other)| *other)
}

/// Entries of a service that the catalogue has.
fn of_services<'s, 'a>(
    statement: &'s Statement<'a>,
) -> impl Iterator<Item = (&'s ActionEntry<'a>, Service<'a>)> + use<'s, 'a> {
    statement.known.actions.iter().filter_map(|entry| Some((entry, entry.service?)))
}

fn service_unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    let unknown = statement.known.actions.iter().filter(|entry| !entry.is_everything() && entry.service.is_none());
    for entry in unknown {
        let name = entry.prefix.to_ascii_lowercase();
        let prefixes = statement.catalogue.services().map(|service| service.prefix());
        let near = nearest(&name, prefixes).map(|near| format!("did you mean `{near}`?"));
        let named = statement.catalogue.services().find(|service| service.name().eq_ignore_ascii_case(&name));
        let near = near.or(named.map(|service| format!("its actions begin with `{}:`", service.prefix())));
        let span = entry.text.part(0, entry.prefix.len());
        let message = format!("no service is called `{}`", entry.prefix);
        found.say(span, message, near.unwrap_or_else(|| "no request is for it".to_owned()));
    }
}

fn action_unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, service) in of_services(statement) {
        let is_unknown = entry.actions.is_empty() && !entry.is_open();
        if !is_unknown || in_table(OPERATIONS, entry.text.text).is_some() {
            continue;
        }
        let near = nearest(entry.name, service.actions().map(|action| action.name()));
        // A name that one other service has is probably meant there; many have `ListObjects`.
        let others: Vec<Action<'_>> = statement.catalogue.services().filter_map(|it| it.action(entry.name)).collect();
        let help = match (near, others.as_slice()) {
            (_, [other]) => format!("did you mean `{other}`?"),
            (Some(near), _) => format!("did you mean `{}:{near}`?", service.prefix()),
            (None, _) => "no request asks for it".to_owned(),
        };
        let message = format!("`{}` has no action `{}`", service.prefix(), entry.name);
        found.say(entry.text.part(entry.prefix.len() + 1, entry.text.text.len()), message, help);
    }
}

fn action_is_api(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, _) in of_services(statement).filter(|(entry, _)| entry.actions.is_empty()) {
        if let Some(action) = in_table(OPERATIONS, entry.text.text) {
            let message = format!("`{}` is an operation, and no action", entry.text.text);
            found.say(entry.text.span, message, format!("it is authorized as `{action}`"));
        }
    }
}

fn action_nowhere(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, service) in of_services(statement).filter(|(entry, _)| entry.actions.is_empty() && entry.is_open()) {
        let literal = entry.name.trim_end_matches('*');
        let starts = service.actions().filter_map(|action| action.name().get(..literal.len()));
        let help = match nearest(literal, starts).filter(|_| !literal.contains(['*', '?'])) {
            Some(near) => format!("did you mean `{}:{near}*`?", service.prefix()),
            None => "no request asks for it".to_owned(),
        };
        let message = format!("`{}` matches no action", entry.text.text);
        found.say(entry.text.span, message, help);
    }
}

fn action_retired(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in &statement.known.actions {
        let others = entry.actions.iter().map(|action| in_table(RETIRED, &action.to_string()));
        let others: Option<Vec<&str>> = others.collect();
        if let Some(first) = others.unwrap_or_default().first() {
            let message = format!("`{}` no longer decides about anything", entry.text.text);
            found.say(entry.text.span, message, format!("its place took {first}"));
        }
    }
}

fn action_one_left(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in statement.known.actions.iter().filter(|entry| entry.is_open()) {
        let [action] = entry.actions.as_slice() else { continue };
        let message = format!("`{}` matches `{action}` only", entry.text.text);
        // No fix: the pattern takes in what the service will add, and what it has and the catalogue lacks.
        found.say(entry.text.span, message, "write the action");
    }
}

fn action_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_other = |entry: &&ActionEntry<'_>, action: &Action<'_>| !entry.is_open() && entry.name != action.name();
    for entry in &statement.known.actions {
        let Some(action) = entry.actions.first().filter(|action| is_other(&entry, action)) else { continue };
        let (start, end) = (entry.prefix.len() + 1, entry.text.text.len());
        let message = format!("`{}` is spelled `{action}`", entry.text.text);
        let diagnostic = found.at(entry.text.part(start, end), message);
        found.push(edit::replaced_part(diagnostic, statement, entry.text, start..end, action.name()));
    }
}

fn service_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    let mut told: Vec<&str> = Vec::new();
    for (entry, service) in of_services(statement).filter(|(entry, service)| entry.prefix != service.prefix()) {
        let (whole, prefix) = (0..entry.text.text.len(), 0..entry.prefix.len());
        // In a brace group the service stands once, before all of them.
        let is_apart = entry.text.part(prefix.start, prefix.end) != entry.text.part(whole.start, whole.end);
        if !is_apart && told.contains(&entry.prefix) {
            continue;
        }
        told.push(entry.prefix);
        let message = format!("the service `{}` is spelled `{}`", entry.prefix, service.prefix());
        let diagnostic = found.at(entry.text.part(0, entry.prefix.len()), message);
        found.push(edit::replaced_part(diagnostic, statement, entry.text, prefix, service.prefix()));
    }
}

fn every_action_spelled(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in statement.known.actions.iter().filter(|entry| entry.is_everything() && entry.text.text != "*") {
        let diagnostic = found.at(entry.text.span, format!("`{}` is `*`", entry.text.text));
        found.push(edit::replaced(diagnostic, statement, entry.text, "*"));
    }
}

fn wildcard_run(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in statement.known.actions.iter().filter(|entry| entry.name.contains("**")) {
        let mut short = entry.text.text.to_owned();
        while short.contains("**") {
            short = short.replace("**", "*");
        }
        let diagnostic = found.at(entry.text.span, format!("`{}` is `{short}`", entry.text.text));
        found.push(edit::replaced(diagnostic, statement, entry.text, &short));
    }
}
