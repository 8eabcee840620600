//! What much harm can be done with: the themes of cloudsplaining and parliament's community checks.
//!
//! Only what is granted without a condition on every resource counts, and `*` has findings of its own.

use dictum_catalogue::Access;
use dictum_compiler::source::PolicyType;

use super::identity;
use crate::check::Found;
use crate::known::ActionEntry;
use crate::subject::{Statement, Subject};

checks! {
    "L-RISK-SERVICE" Suggestion Risk "cloudsplaining: service wildcard" "An Allow of everything that a service can do, on everything it has."
    why: "It takes in to delete, to share and to change who may what, and whatever the service learns tomorrow. Name the actions that are needed.",
    bad: identity(r#"{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "*"}"#),
    Statement(service);

    "L-RISK-ESCALATION" Warning Risk "parliament: PRIVILEGE_ESCALATION; cloudsplaining: privilege escalation" "An Allow of an action with which one gives oneself any permission."
    why: "Whoever may attach policies, write them, or make credentials for others is as good as an administrator. Limit it to some resources, or by `iam:PermissionsBoundary`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "arn:aws:iam::123456789012:user/apps/*"}"#),
    Statement(escalation);

    "L-RISK-ESCALATION-PAIR" Warning Risk "parliament: PRIVILEGE_ESCALATION; cloudsplaining: privilege escalation" "Actions that together let one act with any role."
    why: "Handing a role to something that runs one's code is to act with that role. Limit `iam:PassRole` to the roles that are meant, or by `iam:PassedToService`.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"}"#),
    good: identity(r#"[{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/worker"}, {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"}]"#),
    Policy(escalation_pair);

    "L-RISK-PERMISSIONS" Suggestion Risk "parliament: PERMISSIONS_MANAGEMENT_ACTIONS; cloudsplaining: resource exposure" "An Allow of an action that changes who may what, on everything."
    why: "With it resources can be opened to other accounts, or to everyone. Limit it to some resources.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::acme-public"}"#),
    Statement(permissions);

    "L-RISK-CREDENTIALS" Suggestion Risk "parliament: CREDENTIALS_EXPOSURE; cloudsplaining: credentials exposure" "An Allow of an action whose answer is a credential, on everything."
    why: "Passwords, keys and tokens leave AWS with the answer, and whoever has them can act as somebody else. Limit it to some resources.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::*:user/${aws:username}"}"#),
    Statement(credentials);

    "L-RISK-DATA" Suggestion Risk "parliament: SENSITIVE_ACCESS; cloudsplaining: data exfiltration" "An Allow to read what is usually secret, on everything."
    why: "Every object, secret, parameter or snapshot of the account can be read and carried out. Limit it to some resources.",
    bad: identity(r#"{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:app/*"}"#),
    Statement(data);

    "L-RISK-INFRASTRUCTURE" Suggestion Pedantic "cloudsplaining: infrastructure modification" "An Allow of an action that changes or deletes, on everything, although it could be limited."
    why: "Every resource of the type can be changed. The action can be granted on single resources; name them.",
    bad: identity(r#"{"Effect": "Allow", "Action": "rds:DeleteDBInstance", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "rds:DeleteDBInstance", "Resource": "arn:aws:rds:*:*:db:test-*"}"#),
    Statement(infrastructure);

    "L-RISK-TRACES" Warning Risk "MITRE ATT&CK: Impair defenses" "An Allow to switch off what records and watches."
    why: "Whoever wants to do harm unseen first stops the trail. Few need this; take it out, or ask for MFA.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["cloudtrail:StopLogging", "cloudtrail:GetTrail"], "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["cloudtrail:LookupEvents", "cloudtrail:GetTrail"], "Resource": "*"}"#),
    Statement(traces);

    "L-RISK-SHARE" Suggestion Risk "cloudsplaining: resource exposure" "An Allow to give copies and images to other accounts, on everything."
    why: "A snapshot or image that is shared with another account is out of one's hands. Limit it to some resources.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:ModifySnapshotAttribute", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:ModifySnapshotAttribute", "Resource": "arn:aws:ec2:*::snapshot/*", "Condition": {"StringEquals": {"ec2:ResourceTag/share": "yes"}}}"#),
    Statement(share);

    "L-RISK-ASSUME-ANY" Warning Risk "IAM User Guide: Switching roles" "An Allow to assume every role."
    why: "Every role whose trust policy names the account can be taken on, in other accounts too. Name the roles.",
    bad: identity(r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::123456789012:role/deploy"}"#),
    Statement(assume_any);

    "L-RISK-ORGANIZATION" Warning Risk "AWS Organizations User Guide: Leave an organization" "An Allow to take the account out of its organization, or to change its guardrails."
    why: "Outside the organization no service control policy holds. Few need this; take it out.",
    bad: identity(r#"{"Effect": "Allow", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "organizations:DescribeOrganization", "Resource": "*"}"#),
    Statement(organization);
}

/// What to do about most of them.
const LIMIT: &str = "limit it to some resources";

/// Actions that by themselves give any permission. Rhino Security Labs, "AWS IAM privilege escalation methods".
const ESCALATION: &[&str] = &[
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
];

/// What, besides `iam:PassRole`, has one's code run with a role. Rhino Security Labs, likewise.
const RUNNERS: &[&[&str]] = &[
    &["ec2:RunInstances"],
    &["lambda:CreateFunction", "lambda:InvokeFunction"],
    &["lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["glue:CreateDevEndpoint"],
    &["glue:CreateJob", "glue:StartJobRun"],
    &["cloudformation:CreateStack"],
    &["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    &["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    &["codebuild:CreateProject", "codebuild:StartBuild"],
    &["ecs:RegisterTaskDefinition", "ecs:RunTask"],
];

/// Actions whose answer is a credential. cloudsplaining, "Credentials exposure".
const CREDENTIALS: &[&str] = &[
    "chime:CreateApiKey",
    "codepipeline:PollForJobs",
    "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "cognito-identity:GetCredentialsForIdentity",
    "connect:GetFederationToken",
    "gamelift:RequestUploadCredentials",
    "iam:CreateAccessKey",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "lightsail:GetInstanceAccessDetails",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "rds-db:connect",
    "redshift:GetClusterCredentials",
    "sso:GetRoleCredentials",
    "sts:GetFederationToken",
];

/// Actions that read what is usually secret. cloudsplaining, "Data exfiltration".
const DATA: &[&str] = &[
    "athena:GetQueryResults",
    "dynamodb:ExportTableToPointInTime",
    "ec2:GetPasswordData",
    "kms:Decrypt",
    "rds:DownloadCompleteDBLogFile",
    "s3:GetObject",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

/// Actions that stop what records and watches.
const TRACES: &[&str] = &[
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "cloudtrail:PutEventSelectors",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:UpdateDetector",
    "macie2:DisableMacie",
    "securityhub:DisableSecurityHub",
    "access-analyzer:DeleteAnalyzer",
];

/// Actions that give copies to others.
const SHARE: &[&str] = &[
    "ec2:ModifyImageAttribute",
    "ec2:ModifySnapshotAttribute",
    "ec2:ModifyFpgaImageAttribute",
    "rds:ModifyDBSnapshotAttribute",
    "rds:ModifyDBClusterSnapshotAttribute",
    "redshift:AuthorizeSnapshotAccess",
    "ssm:ModifyDocumentPermission",
    "ram:CreateResourceShare",
    "ram:AssociateResourceShare",
];

/// Actions that weaken the hold of the organization.
const ORGANIZATION: &[&str] = &[
    "organizations:LeaveOrganization",
    "organizations:DeleteOrganization",
    "organizations:DetachPolicy",
    "organizations:DisablePolicyType",
    "organizations:UpdatePolicy",
    "organizations:DeletePolicy",
    "organizations:RemoveAccountFromOrganization",
];

/// Whether it grants without a condition, and not everything.
fn is_bare_grant(statement: &Statement<'_>) -> bool {
    let is_grant = matches!(statement.policy_type, PolicyType::Identity | PolicyType::Session);
    let known = &statement.known;
    is_grant && statement.is_allow() && statement.clauses.is_empty() && !known.is_negated && !known.is_every_action()
}

/// Whether it grants so on every resource.
fn is_wide_grant(statement: &Statement<'_>) -> bool {
    let is_star = statement.known.is_every_resource && statement.resources().is_some_and(|it| !it.negated);
    is_bare_grant(statement) && is_star
}

fn takes(entry: &ActionEntry<'_>, action: &str) -> bool {
    let (prefix, name) = action.split_once(':').unwrap_or(("", action));
    entry.prefix.eq_ignore_ascii_case(prefix) && dictum_catalogue::matches(entry.name, name)
}

/// Reports the entries that take in an action of a table. A whole service has a finding of its own.
fn about_table(statement: &Statement<'_>, table: &[&str], message: &str, help: &str, found: &mut Found<'_>) {
    for entry in statement.known.actions.iter().filter(|entry| !entry.is_whole_service()) {
        let Some(action) = table.iter().find(|action| takes(entry, action)) else { continue };
        let is_limitable = statement.catalogue.action(action).is_none_or(|action| action.grants().len() > 0);
        let help = if help == LIMIT && !is_limitable { "few need it; ask for a condition at least" } else { help };
        found.say(entry.text.span, format!("`{action}` {message}"), help);
    }
}

fn service(statement: &Statement<'_>, found: &mut Found<'_>) {
    let whole = statement.known.actions.iter().filter(|entry| is_wide_grant(statement) && entry.is_whole_service());
    for (entry, service) in whole.filter_map(|entry| Some((entry, entry.service?))) {
        let count = |access| service.actions().filter(|action| action.access() == access).count();
        let (writes, grants) = (count(Access::Write), count(Access::PermissionsManagement));
        let message = format!("`{}` is {} actions on every resource", entry.text.text, service.actions().len());
        found.say(entry.text.span, message, format!("{writes} of them change things, {grants} change who may what"));
    }
}

fn escalation(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_wide_grant(statement) {
        about_table(statement, ESCALATION, "is as good as every permission", LIMIT, found);
    }
}

fn escalation_pair(subject: &Subject<'_>, found: &mut Found<'_>) {
    let wide: Vec<&Statement<'_>> = subject.statements.iter().filter(|statement| is_bare_grant(statement)).collect();
    let entry = |action: &str, is_wide: bool| {
        let statements = wide.iter().filter(|statement| !is_wide || is_wide_grant(statement));
        statements.flat_map(|statement| &statement.known.actions).find(|entry| takes(entry, action))
    };
    let Some(pass) = entry("iam:PassRole", true) else { return };
    let together = |runner: &&&[&str]| runner.iter().all(|action| entry(action, false).is_some());
    if let Some(runner) = RUNNERS.iter().find(together) {
        let names = runner.iter().map(|action| format!("`{action}`")).collect::<Vec<_>>().join(" and ");
        let mut diagnostic = found.at(pass.text.span, format!("`iam:PassRole` with {names} is to act with any role"));
        for entry in runner.iter().filter_map(|action| entry(action, false)) {
            diagnostic = diagnostic.related(entry.text.span, "it runs one's code with the role");
        }
        found.push(diagnostic.help("limit `iam:PassRole` to the roles that are meant"));
    }
}

fn permissions(statement: &Statement<'_>, found: &mut Found<'_>) {
    let literal = statement.known.actions.iter().filter(|entry| is_wide_grant(statement) && !entry.is_open());
    for action in literal.flat_map(|entry| entry.actions.first().map(|action| (entry, action))) {
        let is_concerned = action.1.access() == Access::PermissionsManagement && action.1.grants().len() > 0;
        // The strongest ones have a finding of their own.
        if is_concerned && !ESCALATION.contains(&action.1.to_string().as_str()) {
            let message = format!("`{}` changes who may what, on every resource", action.1);
            found.say(action.0.text.span, message, LIMIT);
        }
    }
}

fn credentials(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_wide_grant(statement) {
        about_table(statement, CREDENTIALS, "answers with a credential", LIMIT, found);
    }
}

fn data(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_wide_grant(statement) {
        about_table(statement, DATA, "reads what is usually secret", LIMIT, found);
    }
}

fn infrastructure(statement: &Statement<'_>, found: &mut Found<'_>) {
    let literal = statement.known.actions.iter().filter(|entry| is_wide_grant(statement) && !entry.is_open());
    for (entry, action) in literal.flat_map(|entry| entry.actions.first().map(|action| (entry, action))) {
        let is_limitable = action.grants().any(|grant| grant.is_required());
        if action.access() == Access::Write && is_limitable {
            let message = format!("`{action}` changes every resource of its type");
            found.say(entry.text.span, message, LIMIT);
        }
    }
}

fn traces(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_bare_grant(statement) {
        about_table(statement, TRACES, "switches off what watches", "few need it; ask for MFA at least", found);
    }
}

fn share(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_wide_grant(statement) {
        about_table(statement, SHARE, "gives copies to other accounts", LIMIT, found);
    }
}

fn assume_any(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_wide_grant(statement) {
        about_table(statement, &["sts:AssumeRole"], "takes on every role that lets one", "name the roles", found);
    }
}

fn organization(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_bare_grant(statement) {
        about_table(statement, ORGANIZATION, "loosens the hold of the organization", "few need it", found);
    }
}
