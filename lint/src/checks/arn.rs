//! The fields of ARNs: partition, service, region, account, resource.

use dictum_catalogue::{ResourceType, meets};
use dictum_compiler::diagnostic::near::nearest;

use super::identity;
use crate::arn::{Arn, is_open};
use crate::check::Found;
use crate::place;
use crate::subject::Statement;

checks! {
    "L-ARN-PARTITION" Warning Correctness "RES-13; Access Analyzer: Invalid partition" "A partition that does not exist."
    why: "The partition is an ordinary field, so the ARN is that of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:asw:sqs:eu-west-1:123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:orders"}"#),
    Statement(arn_partition);

    "L-ARN-SERVICE" Warning Correctness "RES-1; Access Analyzer: Invalid service" "An ARN of a service that is not in the catalogue."
    why: "No resource has such an ARN. The service is mistyped, or is called otherwise in ARNs than in actions.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqss:eu-west-1:123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:orders"}"#),
    Statement(arn_service);

    "L-ARN-SERVICE-CASE" Warning Correctness "RES-4; Access Analyzer: Invalid ARN service case" "The service of an ARN in capital letters."
    why: "ARNs compare with regard to case, unlike actions, so it is the ARN of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:SQS:eu-west-1:123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:orders"}"#),
    Statement(arn_service_case);

    "L-ARN-REGION" Warning Correctness "RES-1; Access Analyzer: Invalid ARN Region" "A region that does not exist."
    why: "No resource is there, so the ARN is that of none.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-wset-1:123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-*:123456789012:orders"}"#),
    Statement(arn_region);

    "L-ARN-REGION-ELSEWHERE" Warning Correctness "RES-13" "A region that belongs to another partition."
    why: "A region is part of one partition, so the ARN is that of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:cn-north-1:123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws-cn:sqs:cn-north-1:123456789012:orders"}"#),
    Statement(arn_region_elsewhere);

    "L-ARN-ACCOUNT" Warning Correctness "RES-1; Access Analyzer: Invalid ARN account" "An account that is not twelve digits."
    why: "The account of an ARN is empty, twelve digits, or `aws` for what AWS itself owns. It is mistyped, or a placeholder is left.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:12345678901:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:orders"}"#),
    Statement(arn_account);

    "L-ARN-SHORT" Warning Correctness "RES-8; Access Analyzer: Missing ARN field" "An ARN with fewer than six fields."
    why: "In an identity policy every field that is missing counts as `*`; in other policies the entry matches little or nothing. Write the fields.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:*:*"}"#),
    Statement(arn_short);

    "L-ARN-REGION-GIVEN" Warning Correctness "RES-1; Access Analyzer: ARN Region not allowed" "A region in the ARN of something that has none."
    why: "The ARNs of this type leave the region empty, so one with a region is that of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam:eu-west-1:123456789012:role/ops"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:role/ops"}"#),
    Statement(arn_region_given);

    "L-ARN-REGION-MISSING" Warning Correctness "RES-1; Access Analyzer: Missing ARN Region" "No region in the ARN of something that has one."
    why: "An empty field matches an empty field only, so the ARN is that of no resource. Write the region, or `*`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs::123456789012:orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:123456789012:orders"}"#),
    Statement(arn_region_missing);

    "L-ARN-ACCOUNT-GIVEN" Warning Correctness "RES-1; Access Analyzer: ARN account not allowed" "An account in the ARN of something that has none."
    why: "The ARNs of this type leave the account empty, so one with an account is that of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3::123456789012:acme"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme"}"#),
    Statement(arn_account_given);

    "L-ARN-ACCOUNT-MISSING" Warning Correctness "RES-1; Access Analyzer: Missing ARN field" "No account in the ARN of something that has one."
    why: "An empty field matches an empty field only, so the ARN is that of no resource. Write the account, or `*`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1::orders"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:*:orders"}"#),
    Statement(arn_account_missing);

    "L-ARN-RESOURCE" Warning Correctness "RES-1; Access Analyzer: Invalid ARN resource" "A resource that is of no type of its service."
    why: "The part behind the fifth colon fits no format of the service's ARNs, so it is the ARN of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:roles/ops"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:role/ops"}"#),
    Statement(arn_resource);

    "L-ARN-RESOURCE-CASE" Warning Correctness "RES-4" "A resource type in other letter case than in the service's ARNs."
    why: "ARNs compare with regard to case, unlike actions, so it is the ARN of no resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:Role/ops"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:role/ops"}"#),
    Statement(arn_resource_case);

    "L-BUCKET-NAME" Suggestion Correctness "S3 User Guide: Bucket naming rules" "A name that no new bucket may have."
    why: "A bucket's name has three to 63 small letters, digits, dots and hyphens, with a letter or digit at both ends. Unless the bucket is very old the ARN is that of none.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::Acme_Home"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-home"}"#),
    Statement(bucket_name);

    "L-RESOURCE-WIDE" Suggestion Risk "parliament: RESOURCE_EFFECTIVELY_STAR" "An Allow on an ARN of wildcards that is as good as `*`."
    why: "All resources of the service, in every account and region, fit it. It looks narrower than it is.",
    bad: identity(r#"{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:*:*:*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:*:*:table/orders"}"#),
    Statement(resource_wide);
}

/// What stands in the account field of ARNs besides accounts.
const OWNERS: [&str; 8] =
    ["aws", "aws-managed", "aws-marketplace", "amazon", "cloudfront", "third-party", "self", "offering"];

/// ARNs with all their fields and a service that is no pattern.
fn arns<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = &'s Arn<'a>> + use<'s, 'a> {
    statement.known.arns.iter().filter(|arn| arn.count() == 6 && !is_open(arn.service()))
}

/// The types of the ARN's service, those of no one service aside.
fn of_service<'a>(statement: &Statement<'a>, arn: &Arn<'a>) -> Vec<ResourceType<'a>> {
    statement.catalogue.resource_types_of(arn.service()).collect()
}

/// The types whose ARNs have such a resource, whatever their region and account.
fn candidates<'a>(statement: &Statement<'a>, arn: &Arn<'a>, any_case: bool) -> Vec<ResourceType<'a>> {
    let pattern = format!("arn:*:{}:*:*:{}", arn.service().to_ascii_lowercase(), arn.resource());
    let fits = |it: &ResourceType<'_>| it.arns().any(|format| meets(&pattern, format, any_case));
    of_service(statement, arn).into_iter().filter(fits).collect()
}

fn field(arn: &str, number: usize) -> &str {
    arn.splitn(6, ':').nth(number).unwrap_or("")
}

fn arn_partition(statement: &Statement<'_>, found: &mut Found<'_>) {
    let partitions = || place::PARTITIONS.iter().map(|(partition, _)| *partition);
    for arn in &statement.known.arns {
        let partition = arn.partition();
        if is_open(partition) || partitions().any(|it| it == partition) {
            continue;
        }
        let message = format!("no partition is called `{partition}`");
        let near = nearest(partition, partitions());
        found.push(found.at(arn.span(1), message).expected("`aws`, `aws-cn` or `aws-us-gov`").did_you_mean(near));
    }
}

fn arn_service(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in statement.known.arns.iter().filter(|arn| arn.count() > 2 && !is_open(arn.service())) {
        let (service, catalogue) = (arn.service(), statement.catalogue);
        if catalogue.service(service).is_some() || !of_service(statement, arn).is_empty() {
            continue;
        }
        let near = nearest(service, catalogue.services().map(|service| service.prefix()));
        let message = match service {
            "" => "an ARN without a service".to_owned(),
            service => format!("no ARN is of a service `{service}`"),
        };
        found.push(found.at(arn.span(2), message).did_you_mean(near));
    }
}

fn arn_service_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in statement.known.arns.iter().filter(|arn| arn.count() > 2 && !is_open(arn.service())) {
        let lower = arn.service().to_ascii_lowercase();
        if lower == arn.service() || statement.catalogue.service(&lower).is_none() {
            continue;
        }
        let message = format!("the service `{}` is `{lower}` in ARNs", arn.service());
        // No fix: what matched nothing would match.
        found.say(arn.span(2), message, "in ARNs letter case counts");
    }
}

fn arn_region(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in statement.known.arns.iter().filter(|arn| arn.count() > 3 && !arn.region().contains("${")) {
        if !arn.region().is_empty() && !place::is_region(arn.region()) {
            let message = format!("no region is called `{}`", arn.region());
            found.push(found.at(arn.span(3), message).did_you_mean(nearest(arn.region(), place::regions())));
        }
    }
}

fn arn_region_elsewhere(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in statement.known.arns.iter().filter(|arn| !is_open(arn.partition())) {
        let Some(partition) = place::partition_of(arn.region()) else { continue };
        if partition != arn.partition() {
            let message = format!("the region `{}` is not of the partition `{}`", arn.region(), arn.partition());
            found.say(arn.span(3), message, format!("it is of `{partition}`"));
        }
    }
}

fn arn_account(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in arns(statement) {
        let account = arn.account();
        let is_shape = account.is_empty() || place::is_account(account) || OWNERS.contains(&account);
        let fits = |it: &ResourceType<'_>| field(it.arn(), 4) == account;
        if is_shape || is_open(account) || candidates(statement, arn, false).iter().any(fits) {
            continue;
        }
        let diagnostic = found.at(arn.span(4), format!("`{account}` is no account"));
        found.push(diagnostic.expected("twelve digits, or `*`"));
    }
}

fn arn_short(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in statement.known.arns.iter().filter(|arn| arn.count() < 6) {
        let message = format!("an ARN with {} of six fields", arn.count());
        let diagnostic = found.at(arn.text.span, message).expected("`arn:partition:service:region:account:resource`");
        let padded = format!("{}{}", arn.text.text, ":*".repeat(6 - arn.count()));
        found.push(diagnostic.help(format!("here it counts as `{padded}`")));
    }
}

/// Reports a field that every type the ARN may be of leaves empty, or that none does.
fn about_field(statement: &Statement<'_>, number: usize, is_given: bool, found: &mut Found<'_>) {
    let name = if number == 3 { "region" } else { "account" };
    for arn in arns(statement) {
        let given = arn.field(number);
        let concerned = if is_given { !given.is_empty() && given != "*" } else { given.is_empty() };
        if !concerned {
            continue;
        }
        // The documents and parameters that AWS provides have no account.
        let is_provided = !is_given && number == 4 && arn.service() == "ssm";
        let types = candidates(statement, arn, false);
        let Some(first) = types.first().filter(|_| !is_provided) else { continue };
        if !types.iter().flat_map(|it| it.arns()).all(|format| field(format, number).is_empty() == is_given) {
            continue;
        }
        let what = match (is_given, number) {
            (true, _) => "has no",
            (false, 3) => "has a",
            (false, _) => "has an",
        };
        let message = format!("the ARN of `{}` {what} {name}", first.name());
        let span = if is_given { arn.span(number) } else { arn.text.span };
        found.push(found.at(span, message).expected(format!("`{}`", first.arn())));
    }
}

fn arn_region_given(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_field(statement, 3, true, found);
}

fn arn_region_missing(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_field(statement, 3, false, found);
}

fn arn_account_given(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_field(statement, 4, true, found);
}

fn arn_account_missing(statement: &Statement<'_>, found: &mut Found<'_>) {
    about_field(statement, 4, false, found);
}

/// The literal text before the first part that authors fill in.
fn head(resource: &str) -> &str {
    let end = [resource.find("${"), resource.find(['*', '/', ':'])].into_iter().flatten().min();
    &resource[..end.unwrap_or(resource.len())]
}

fn arn_resource(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in arns(statement) {
        let types = of_service(statement, arn);
        // What AWS owns, and what some service keeps under the name of another, is in no list.
        let is_owned = OWNERS.contains(&arn.account()) || has_guests(statement, arn.service());
        if types.is_empty() || is_owned || !candidates(statement, arn, true).is_empty() {
            continue;
        }
        let message = format!("`{}` is of no type of `{}`", arn.resource(), arn.service());
        let formats = types.iter().map(|it| field(it.arn(), 5));
        let heads = formats.clone().map(head).filter(|head| !head.is_empty());
        let diagnostic = found.at(arn.span(5), message);
        found.push(match nearest(head(arn.resource()), heads.clone()) {
            Some(near) => match formats.clone().find(|format| head(format) == near) {
                Some(format) if near == head(arn.resource()) => diagnostic.expected(format!("`{format}`")),
                _ => diagnostic.did_you_mean(Some(near)),
            },
            None => {
                let mut heads: Vec<&str> = heads.collect();
                heads.sort_unstable();
                heads.dedup();
                heads.truncate(6);
                match heads.is_empty() {
                    true => diagnostic,
                    false => diagnostic.help(format!("its resources begin with {}", quoted(&heads))),
                }
            }
        });
    }
}

/// Whether a type that a service lists has ARNs of other services.
fn has_guests(statement: &Statement<'_>, service: &str) -> bool {
    let mut types = statement.catalogue.service(service).into_iter().flat_map(|service| service.resource_types());
    types.any(|it| field(it.arn(), 2).contains("${"))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn arn_resource_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in arns(statement) {
        let types = candidates(statement, arn, true);
        if let Some(first) = types.first().filter(|_| candidates(statement, arn, false).is_empty()) {
            let message = format!("`{}` is spelled otherwise in ARNs", arn.resource());
            found.push(found.at(arn.span(5), message).expected(format!("`{}`", field(first.arn(), 5))));
        }
    }
}

fn bucket_name(statement: &Statement<'_>, found: &mut Found<'_>) {
    for arn in arns(statement).filter(|arn| arn.service() == "s3" && arn.region().is_empty()) {
        let name = arn.resource().split('/').next().unwrap_or("");
        let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = name.bytes().next().is_some_and(is_good) && name.bytes().last().is_some_and(is_good);
        let middle = name.bytes().all(|byte| is_good(byte) || byte == b'.' || byte == b'-');
        let is_open_or_good = is_open(name) || ends && middle && (3..=63).contains(&name.len());
        if !is_open_or_good {
            let message = format!("no new bucket may be called `{name}`");
            found.say(arn.span(5), message, "three to 63 small letters, digits, dots and hyphens");
        }
    }
}

fn resource_wide(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_concerned = statement.is_allow() && statement.resources().is_some_and(|resources| !resources.negated);
    for arn in statement.known.arns.iter().filter(|arn| is_concerned && arn.count() == 6) {
        let is_all = |text: &str| text.is_empty() || text.bytes().all(|byte| byte == b'*');
        if is_all(arn.region()) && is_all(arn.account()) && !arn.resource().is_empty() && is_all(arn.resource()) {
            let message = format!("`{}` is as good as `*`", arn.text.text);
            found.say(arn.text.span, message, "name an account, a region or a resource");
        }
    }
}
