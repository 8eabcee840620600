//! Services as principals.

use dictum_compiler::diagnostic::near::nearest;

use super::resource;
use crate::check::Found;
use crate::place;
use crate::subject::{PrincipalText, Statement};

checks! {
    "L-SERVICE-PRINCIPAL-CASE" Warning Correctness "PRN-20" "A service principal in capital letters."
    why: "Names of principals compare with regard to case, so this one is nobody.",
    bad: resource(r#"{"Effect": "Deny", "Principal": {"Service": "SNS.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(case);

    "L-SERVICE-PRINCIPAL-UNKNOWN" Warning Correctness "PRN-16" "A service principal that is nearly the name of a known one."
    why: "Names compare exactly, so a letter more or less makes it nobody.",
    bad: resource(r#"{"Effect": "Deny", "Principal": {"Service": "ecs-task.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(unknown);

    "L-SERVICE-PRINCIPAL-REGION" Warning Correctness "PRN-16" "A service principal in a region that does not exist."
    why: "A few services call themselves with their region, as `logs.eu-west-1.amazonaws.com`. In a region that does not exist there is none.",
    bad: resource(r#"{"Effect": "Deny", "Principal": {"Service": "logs.eu-wset-1.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}"#),
    Statement(region);

    "L-SERVICE-PRINCIPAL-KEY" Warning Correctness "Access Analyzer: Unsupported condition key for service principal" "A condition on the caller's account or organization, for a service."
    why: "A service belongs to no account, so its requests lack the key, and the Allow reaches no service. `aws:SourceAccount` and `aws:SourceOrgID` say on whose behalf it calls.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceOrgID": "o-abcde12345"}}}"#),
    Statement(key);

    "L-SERVICE-PRINCIPAL-NAME" Warning Correctness "IAM User Guide: aws:PrincipalServiceName" "A condition on the name of the calling service that is none of the principals."
    why: "Principal and condition must both hold, and they name different services, so the statement never applies.",
    bad: resource(r#"{"Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}}"#),
    Statement(name);
}

/// What service principals end in, by partition.
const SUFFIXES: [&str; 6] =
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".amazon.com", ".aws.internal", ".aws.dev"];

/// Service principals that are not called like the actions of their service. IAM User Guide, "AWS services that work
/// with IAM", and the guides of the services.
const OTHERS: &[&str] = &[
    "ssm-incidents",
    "ops.apigateway",
    "batch",
    "billingconsole",
    "bms",
    "channels.lex",
    "cks.kms",
    "cloudformation",
    "cloudwatch-crossaccount",
    "codeguru-reviewer",
    "codestar-notifications",
    "config",
    "config-conforms",
    "config-multiaccountsetup",
    "connect",
    "continuousexport.discovery",
    "controltower",
    "cur",
    "costalerts",
    "delivery.logs",
    "dynamodb.application-autoscaling",
    "ec2.application-autoscaling",
    "ecs.application-autoscaling",
    "ecs-tasks",
    "edgelambda",
    "eks-connector",
    "eks-fargate",
    "eks-fargate-pods",
    "eks-nodegroup",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "elasticmapreduce",
    "email.cognito-idp",
    "export.rds",
    "firehose",
    "globalaccelerator",
    "grafana",
    "guardduty",
    "im.amplify",
    "imagebuilder",
    "inspector2",
    "ip-ranges",
    "jellyfish",
    "lambda",
    "lex",
    "lexv2",
    "license-manager",
    "logger.cloudfront",
    "macie",
    "maintenance.elasticbeanstalk",
    "malware-protection.guardduty",
    "malware-protection-plan.guardduty",
    "managed-blockchain",
    "managedupdates.elasticbeanstalk",
    "mediaconvert",
    "member.org.stacksets.cloudformation",
    "migrationhub",
    "monitoring",
    "monitoring.rds",
    "opsworks",
    "opsworks-cm",
    "organizations",
    "osis-pipelines",
    "pipes",
    "pods.eks",
    "ram",
    "rds",
    "rds.application-autoscaling",
    "redshift",
    "replication.dynamodb",
    "replicator.lambda",
    "resources.cloudformation",
    "ops.emr-serverless",
    "emr-containers",
    "s3",
    "sagemaker",
    "scheduler",
    "scheduler.redshift",
    "secretsmanager",
    "serverlessrepo",
    "servicecatalog",
    "ses",
    "shield",
    "sms",
    "snow-device-management",
    "sns",
    "spot",
    "spotfleet",
    "sqs",
    "ssm",
    "ssm-contacts",
    "stacksets.cloudformation",
    "states",
    "storagegateway",
    "sts",
    "support",
    "tagpolicies.tag",
    "textract",
    "transcribe",
    "transitgateway",
    "translate",
    "trustedadvisor",
    "tts",
    "vmie",
    "vpc-flow-logs",
    "waf-regional",
    "wafv2",
    "workdocs",
    "worklink",
    "workmail",
    "workspaces",
    "xray",
    "autoscaling",
    "access-analyzer",
    "cloudtrail",
    "ec2",
    "events",
    "cloudfront",
    "apigateway",
    "elasticloadbalancing",
    "logdelivery.elasticloadbalancing",
    "kafka",
    "kafkaconnect",
    "codebuild",
    "codepipeline",
    "codedeploy",
    "appsync",
    "iot",
    "glue",
    "dms",
    "dax",
    "es",
    "opensearchservice",
    "kinesisanalytics",
    "kms",
    "route53",
    "mq",
    "backup",
    "bedrock",
    "budgets",
    "acm",
    "acm-pca",
    "aps",
    "sso",
    "signin",
    "securityhub",
    "build.apprunner",
    "tasks.apprunner",
    "transfer",
    "rolesanywhere",
    "reporting.trustedadvisor",
    "qbusiness",
    "braket",
    "redshift-serverless",
    "elasticache",
    "datapipeline",
    "lakeformation",
    "mgn",
    "drs",
    "credentials.iot",
    "greengrass",
    "health",
    "application-autoscaling",
    "storage-lens.s3",
    "s3-object-lambda",
    "batchoperations.s3",
    "access-grants.s3",
    "directoryservice",
    "ds",
];

/// The entries of Principal that are services, in short: without suffix and region, in small letters.
fn services<'a>(statement: &Statement<'a>) -> Vec<PrincipalText<'a>> {
    let all = statement.principals().map(|(_, all)| all).unwrap_or_default();
    all.into_iter().filter(|entry| entry.kind == "Service").collect()
}

/// What stands before the suffix.
fn stem(text: &str) -> Option<&str> {
    SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix)).filter(|stem| !stem.is_empty())
}

fn case(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in services(statement) {
        let lower = entry.text.text.to_ascii_lowercase();
        if lower != entry.text.text && stem(&lower).is_some() {
            let message = format!("`{}` is `{lower}`", entry.text.text);
            // No fix: nobody was let in by this name, and the service would be.
            found.say(entry.text.span, message, "in principals letter case counts");
        }
    }
}

/// The name without its region, wherever that stands.
fn without_region(stem: &str) -> String {
    stem.split('.').filter(|part| !place::regions().any(|region| region == *part)).collect::<Vec<_>>().join(".")
}

fn unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in services(statement) {
        let lower = entry.text.text.to_ascii_lowercase();
        let Some(name) = stem(&lower).map(without_region) else { continue };
        let is_known = OTHERS.contains(&name.as_str()) || statement.catalogue.service(&name).is_some();
        // A short name is near to many others.
        if is_known || name.len() < 5 || name.contains('.') {
            continue;
        }
        let near = nearest(&name, OTHERS.iter().copied());
        if let Some(near) = near.filter(|near| near.len().abs_diff(name.len()) <= 1) {
            let message = format!("no service calls itself `{}`", entry.text.text);
            let suffix = &lower[name.len().min(lower.len())..];
            found.push(found.at(entry.text.span, message).did_you_mean(Some(&format!("{near}{suffix}"))));
        }
    }
}

fn region(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in services(statement) {
        let Some((_, place)) = stem(entry.text.text).and_then(|stem| stem.rsplit_once('.')) else { continue };
        let looks_like_one = place.split('-').count() >= 3 && place.ends_with(|c: char| c.is_ascii_digit());
        if looks_like_one && !place::is_region(place) {
            let message = format!("no region is called `{place}`");
            found.push(found.at(entry.text.span, message).did_you_mean(nearest(place, place::regions())));
        }
    }
}

/// Keys that only requests of principals with an account have.
const OF_ACCOUNTS: [&str; 4] =
    ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalOrgMasterAccount", "aws:username"];

fn key(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = statement.principals().map(|(_, all)| all).unwrap_or_default();
    let are_services = !all.is_empty() && all.iter().all(|entry| entry.kind == "Service");
    if !statement.is_allow() || !are_services {
        return;
    }
    for clause in statement.clauses.iter().filter(|clause| clause.needs_presence()) {
        if OF_ACCOUNTS.iter().any(|key| clause.is_key(key)) {
            let message = format!("a service's requests have no `{}`", clause.key.text);
            found.say(
                clause.key.span,
                message,
                "`aws:SourceAccount` and `aws:SourceOrgID` say on whose behalf it calls",
            );
        }
    }
}

fn name(statement: &Statement<'_>, found: &mut Found<'_>) {
    let services = services(statement);
    let names = |value: &str| services.iter().any(|entry| dictum_catalogue::matches(value, entry.text.text));
    for clause in statement.on_key("aws:PrincipalServiceName").filter(|clause| clause.needs_presence()) {
        let is_negated = clause.test.operator.is_negated();
        let is_all = statement.principals().is_some_and(|(negated, all)| !negated && all.len() == services.len());
        if is_all && !is_negated && !clause.values.iter().any(|value| names(value.text.text)) {
            found.say(clause.span, "it names none of the principals", "the statement never applies");
        }
    }
}
