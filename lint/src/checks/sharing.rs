//! Resource policies: whom a resource is shared with.

use dictum_compiler::policy::PrincipalEntry;
use dictum_compiler::source::{PolicyType, Span};
use dictum_vm::operator::Family;

use super::resource;
use super::trust_policy::{WHO, principals, says_who};
use crate::check::Found;
use crate::subject::{Clause, Statement, Subject};

checks! {
    "L-PUBLIC" Security Security "PRN-10" "A resource that is open to everyone."
    why: "`*` is everybody, anonymous callers included, and no condition keeps anybody out. Name the principals, or add a condition on who calls or from where.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(public);

    "L-PUBLIC-CONDITION" Security Security "PRN-10" "A resource that is open to everyone, under a condition that keeps nobody out."
    why: "The condition says nothing of who calls or from where: it is on the request, the transport or a header, all of which the caller chooses. Add one on the principal, the organization or the network.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}}"#),
    Statement(public_condition);

    "L-PUBLIC-NEGATED" Security Security "CND-6" "A resource that is open to all but some, by a negated condition."
    why: "A negated condition on who calls holds for everybody who is not listed, anonymous callers included. Use it in a Deny, or say who may.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}"#),
    Statement(public_negated);

    "L-SHARED-CONTROL" Security Security "parliament" "Others may rewrite the policy of the resource."
    why: "Who may change this very policy, or the ACL or the owner of the resource, can give himself and others everything else. Only the owner's account should.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetBucketPolicy", "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(control);

    "L-SHARED-ALL" Warning Risk "ecosystem" "Every action of a resource given to another account."
    why: "`s3:*` and its like take in to delete, to give away and to rewrite the policy. Give the other account the actions that it needs.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1:111122223333:jobs"}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:jobs"}"#),
    Statement(all);

    "L-SHARED-ACCOUNT" Suggestion Security "EVL-20" "A resource that is shared with another account."
    why: "Whoever administers that account decides who in it may use the resource. Where it is one role that needs it, name the role, or add a condition on `aws:PrincipalArn`.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:jobs"}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/sender"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:jobs"}"#),
    Statement(account);

    "L-KEY-LOCKOUT" Warning Correctness "EVL-40" "A key policy that nobody can change."
    why: "A key has no other way in than its policy. Where no statement lets the account manage the key, nobody can mend the policy or delete the key; only AWS can help.",
    bad: resource(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}"#),
    good: resource(r#"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}, {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}]"#),
    Policy(lockout);

    "L-DENY-OWNER" Warning Correctness "INV-2" "A Deny that locks the owner out of the resource."
    why: "It denies everyone every action under no condition: nobody but the root user can use the resource or mend the policy.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#),
    Statement(deny_owner);
}

fn is_shared(statement: &Statement<'_>) -> bool {
    statement.policy_type == PolicyType::Resource && statement.is_allow()
}

fn star(statement: &Statement<'_>) -> Span {
    let star = principals(statement).into_iter().find(|entry| entry.text.text == "*");
    star.map_or(statement.anchor(), |star| star.text.span)
}

fn public(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_shared(statement) && statement.is_everyone() && statement.clauses.is_empty() {
        let help = "name the principals, or add a condition on who calls";
        found.say(star(statement), "everybody may, anonymous callers included", help);
    }
}

/// Whether a condition limits who calls in a way of its service's, such as the endpoint of a function or the owner of a topic.
fn limits_otherwise(clause: &Clause<'_>) -> bool {
    const LIMITS: [&str; 12] = [
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:AccessPointNetworkOrigin",
        "kms:ViaService",
        "kms:GrantIsForAWSResource",
        "sns:Endpoint",
        "lambda:FunctionUrlAuthType",
        "lambda:InvokedViaFunctionUrl",
        "elasticfilesystem:AccessedViaMountTarget",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "execute-api:viaVpc",
    ];
    LIMITS.iter().any(|key| clause.is_key(key)) || clause.key.text.to_ascii_lowercase().contains("oidc")
}

fn is_who(clause: &Clause<'_>) -> bool {
    let is_address = clause.test.operator.family() == Family::IpAddress;
    is_address || clause.key_starts_with("aws:PrincipalTag/") || WHO.iter().any(|key| clause.is_key(key))
}

fn public_condition(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_open = !says_who(statement) && !statement.clauses.iter().any(|it| limits_otherwise(it) || is_who(it));
    if is_shared(statement) && statement.is_everyone() && !statement.clauses.is_empty() && is_open {
        let help = "add a condition on the principal, the organization or the network";
        found.say(star(statement), "everybody may who meets the condition, and anybody can", help);
    }
}

fn public_negated(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_closed = says_who(statement) || statement.clauses.iter().any(limits_otherwise);
    let Some(clause) = statement.clauses.iter().find(|clause| is_who(clause)).filter(|_| !is_closed) else { return };
    if is_shared(statement) && statement.is_everyone() {
        let message = format!("everybody may but those that `{}` excludes", clause.test);
        found.say(clause.key.span, message, "say who may, and deny the rest");
    }
}

/// Actions that change who may do what with a resource, in lower case.
const CONTROL: [&str; 22] = [
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
    "s3:putbucketacl",
    "s3:putobjectacl",
    "s3:bypassgovernanceretention",
    "s3:putaccesspointpolicy",
    "sqs:addpermission",
    "sqs:setqueueattributes",
    "sns:addpermission",
    "sns:settopicattributes",
    "lambda:addpermission",
    "lambda:addlayerversionpermission",
    "ecr:setrepositorypolicy",
    "secretsmanager:putresourcepolicy",
    "glacier:setvaultaccesspolicy",
    "elasticfilesystem:putfilesystempolicy",
    "kms:putkeypolicy",
    "kms:creategrant",
    "backup:putbackupvaultaccesspolicy",
    "dynamodb:putresourcepolicy",
    "kinesis:putresourcepolicy",
    "events:putpermission",
];

/// Whether an entry is of another account than the resource, where both say so; or everyone.
fn is_other(entry: &PrincipalEntry, owners: &[&str]) -> bool {
    let account = match entry {
        PrincipalEntry::Everyone => return true,
        PrincipalEntry::Account(account) | PrincipalEntry::Root { account, .. } => account.as_str(),
        PrincipalEntry::Role { arn } | PrincipalEntry::Arn(arn) => arn.split(':').nth(4).unwrap_or_default(),
        _ => return false,
    };
    !account.is_empty() && !owners.is_empty() && !owners.contains(&account)
}

/// The accounts in the ARNs of the statement's resources.
fn owners<'s>(statement: &'s Statement<'_>) -> Vec<&'s str> {
    let entries = statement.resources().map_or(&[][..], |resources| resources.list.entries);
    let accounts = entries.iter().filter_map(|text| text.text.split(':').nth(4));
    accounts.filter(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).collect()
}

fn resolved<'s>(statement: &'s Statement<'_>) -> &'s [PrincipalEntry] {
    statement.resolved.principals.as_ref().filter(|all| !all.negated).map_or(&[], |all| &all.entries)
}

fn control(statement: &Statement<'_>, found: &mut Found<'_>) {
    let owners = owners(statement);
    let others = resolved(statement).iter().any(|entry| is_other(entry, &owners));
    // Everything at once, and everybody, have checks of their own; the former is usual for endpoints.
    let is_said = statement.is_every_action() || (statement.is_everyone() && statement.clauses.is_empty());
    let is_own = statement.on_key("aws:PrincipalAccount").chain(statement.on_key("kms:CallerAccount"));
    let is_own = is_own.chain(statement.on_key("kms:GrantIsForAWSResource")).any(Clause::needs_presence);
    if !is_shared(statement) || !others || is_said || is_own {
        return;
    }
    let Some(action) = CONTROL.iter().find(|action| statement.reaches(action)) else { return };
    let message = format!("others may `{action}`, and so give themselves the rest");
    found.say(statement.anchor(), message, "leave it to the account that owns the resource");
}

fn all(statement: &Statement<'_>, found: &mut Found<'_>) {
    let owners = owners(statement);
    let other = resolved(statement).iter().any(|entry| *entry != PrincipalEntry::Everyone && is_other(entry, &owners));
    if !is_shared(statement) || !other || statement.resolved.actions.negated {
        return;
    }
    let entries = statement.actions().map_or(&[][..], |actions| actions.list.entries);
    for text in entries.iter().filter(|text| text.text.ends_with(":*")) {
        let message = format!("another account may `{}`", text.text);
        found.say(text.span, message, "give it the actions that it needs");
    }
}

fn account(statement: &Statement<'_>, found: &mut Found<'_>) {
    let owners = owners(statement);
    let texts = principals(statement);
    if !is_shared(statement) || says_who(statement) || texts.len() != resolved(statement).len() {
        return;
    }
    for (entry, text) in resolved(statement).iter().zip(&texts) {
        let is_account = matches!(entry, PrincipalEntry::Account(_) | PrincipalEntry::Root { .. });
        if is_account && is_other(entry, &owners) {
            let message = "the other account decides who in it may";
            found.say(text.text.span, message, "name the role that needs it, or add a condition on `aws:PrincipalArn`");
        }
    }
}

fn lockout(subject: &Subject<'_>, found: &mut Found<'_>) {
    let is_kms = |statement: &Statement<'_>| {
        let actions = &statement.resolved.actions;
        !actions.negated && actions.patterns.iter().all(|pattern| pattern.folded.starts_with("kms:"))
    };
    // The policy of a key: everything in it is about keys, and on this key.
    let is_key = subject.policy_type() == PolicyType::Resource
        && !subject.statements.is_empty()
        && subject.statements.iter().all(|statement| is_kms(statement) && statement.is_every_resource());
    let may_mend = |statement: &Statement<'_>| statement.is_allow() && statement.reaches("kms:putkeypolicy");
    if is_key && !subject.statements.iter().any(may_mend) {
        let message = "nobody may change the policy of this key";
        found.say(subject.anchor(), message, "let the account `kms:*`, or an administrator `kms:PutKeyPolicy`");
    }
}

fn deny_owner(statement: &Statement<'_>, found: &mut Found<'_>) {
    let actions = statement.resolved.actions.patterns.iter();
    let is_whole = !statement.resolved.actions.negated
        && actions.map(|pattern| pattern.folded.as_str()).any(|action| action == "*" || action.ends_with(":*"));
    let is_resource = statement.policy_type == PolicyType::Resource;
    let is_all = !statement.is_allow() && statement.is_everyone() && statement.clauses.is_empty();
    let is_negated = statement.resolved.resources.as_ref().is_some_and(|all| all.negated);
    // With `*` on `*` another check says it.
    if is_resource
        && is_all
        && is_whole
        && !is_negated
        && !(statement.is_every_action() && statement.is_every_resource())
    {
        found.say(statement.anchor(), "everyone is denied, the owner included", "add the condition that is meant");
    }
}
