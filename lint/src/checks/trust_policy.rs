//! Trust policies: who may assume a role.

use std::collections::{HashMap, HashSet};

use dictum_compiler::policy::PrincipalEntry;
use dictum_compiler::source::PolicyType;
use dictum_compiler::syntax::ast::Text;

use super::trust;
use crate::check::Found;
use crate::subject::{PrincipalText, Statement};

checks! {
    "L-TRUST-EVERYONE" Security Security "PRN-10" "A role that everyone may assume."
    why: "`*` is every principal of every account, so that anybody with an AWS account can become this role. Name the principals, or add a condition on who calls.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(everyone);

    "L-TRUST-ACTION" Warning Correctness "Access Analyzer" "An action that such a principal does not use."
    why: "A provider of SAML identities assumes by `sts:AssumeRoleWithSAML`, one of OIDC by `sts:AssumeRoleWithWebIdentity`, everybody else by `sts:AssumeRole`. With another one the statement never applies.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}, "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}"#),
    Statement(action);

    "L-TRUST-ACTION-OPEN" Warning Security "ecosystem" "A trust policy with a wildcard in its action."
    why: "`sts:*` or `sts:Assume*` opens ways of assuming the role that nobody thought of, and sessions with tags of the caller's choice. Name the one action that is meant.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:*"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:AssumeRole"}"#),
    Statement(action_open);

    "L-EXTERNAL-ID" Suggestion Security "EVL-44" "Several accounts trusted without an external id."
    why: "Where a third party assumes roles of many customers, the external id keeps one of them from naming another one's role. Ask for `sts:ExternalId`, or for the organization if the accounts are your own.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    Statement(external_id);

    "L-TRUST-USER" Suggestion Security "ecosystem" "A role that an IAM user may assume."
    why: "A user has long-term keys, which leak. Let people come through an identity provider and programs through roles.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/deploy"}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/deploy"}, "Action": "sts:AssumeRole"}"#),
    Statement(user);

    "L-ROLES-ANYWHERE" Warning Correctness "Access Analyzer" "A role for Roles Anywhere that cannot be assumed."
    why: "Roles Anywhere tags its sessions and sets their source identity, so the trust policy must allow `sts:TagSession` and `sts:SetSourceIdentity` beside `sts:AssumeRole`.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a"}}}"#),
    Statement(roles_anywhere);

    "L-PRINCIPAL-TWICE" Suggestion Style "PRN-15" "A principal twice in one list."
    why: "The twelve digits of an account and its root ARN are the same principal, so the second entry adds nothing.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    Statement(twice);

    "L-PRINCIPAL-COVERED" Suggestion Style "Access Analyzer" "A role or user of an account that is named too."
    why: "The account is trusted as a whole, so the role or user adds nothing there. Probably only the role was meant, and the account should go.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/ci"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["444455556666", "arn:aws:iam::111122223333:role/ci"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "4711"}}}"#),
    Statement(covered);

    "L-PRINCIPAL-STAR" Suggestion Style "PRN-10" "Principals beside everyone."
    why: "`*` names everyone, so the other entries add nothing and hide how wide the list is.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["*", "arn:aws:iam::111122223333:role/ci"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(star);

    "L-PRINCIPAL-GONE" Warning Correctness "PRN-19" "A principal that was deleted."
    why: "An id such as `AROA…` or `AIDA…` is what a policy shows of a role or user that is no more. A new one of the same name has another id and gets nothing. Take the entry out, or name the new one.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:AssumeRole"}"#),
    Statement(gone);

    "L-SERVICE-PRINCIPAL" Warning Correctness "PRN-16" "The principal of a service that is none."
    why: "A service calls as `NAME.amazonaws.com`. Another text matches no caller, so the service is not allowed, or not denied.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Service": "lambda"}, "Action": "sts:AssumeRole"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}"#),
    Statement(service);

    "L-FEDERATED-PRINCIPAL" Warning Correctness "Access Analyzer" "A federated principal that is no provider."
    why: "A provider is the ARN of a SAML or OIDC provider, or one of four names that AWS knows. Another text matches no caller.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"idp.example.com:aud": "app", "idp.example.com:sub": "ana"}}}"#),
    Statement(federated);

    "L-DENY-NOT-PRINCIPAL" Warning Correctness "PRN-30" "A Deny with NotPrincipal that forgets sessions."
    why: "Listing a role does not exempt its sessions, which are who calls; and nobody who has a boundary is exempt. Deny `*` with a condition on `aws:PrincipalArn` instead.",
    bad: super::resource(r#"{"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:role/ops", "arn:aws:iam::111122223333:root"]}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}"#),
    good: super::resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ops"}}}"#),
    Statement(deny_not_principal);
}

/// Keys that say who calls or from where.
pub(super) const WHO: [&str; 22] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalIsAWSService",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "sts:ExternalId",
];

/// Whether a condition that needs its key says who calls, or from which address.
pub(super) fn says_who(statement: &Statement<'_>) -> bool {
    statement.clauses.iter().filter(|clause| clause.needs_presence()).any(|clause| {
        let is_tag = clause.key_starts_with("aws:PrincipalTag/");
        let is_provider = clause.key.text.to_ascii_lowercase().ends_with(":sub") || clause.key_starts_with("saml:");
        let is_address = clause.is_key("aws:SourceIp") || clause.is_key("aws:VpcSourceIp");
        is_tag || is_provider || is_address || WHO.iter().any(|key| clause.is_key(key))
    })
}

fn is_trust(statement: &Statement<'_>) -> bool {
    statement.policy_type == PolicyType::Trust
}

/// The entries of a Principal; none of NotPrincipal.
pub(super) fn principals<'s>(statement: &'s Statement<'_>) -> Vec<PrincipalText<'s>> {
    match statement.principals() {
        Some((false, entries)) => entries,
        _ => Vec::new(),
    }
}

fn everyone(statement: &Statement<'_>, found: &mut Found<'_>) {
    if is_trust(statement) && statement.is_allow() && statement.is_everyone() && !says_who(statement) {
        let star = principals(statement).into_iter().find(|entry| entry.text.text == "*");
        let span = star.map_or(statement.anchor(), |star| star.text.span);
        found.say(
            span,
            "everybody with an AWS account may assume the role",
            "name who may, or add a condition on who calls",
        );
    }
}

/// The entries of Action.
fn actions<'s>(statement: &'s Statement<'_>) -> impl Iterator<Item = Text<'s>> {
    let actions = statement.actions().filter(|actions| !actions.negated);
    actions.map_or(&[][..], |actions| actions.list.entries).iter().copied()
}

/// By which action a principal assumes a role.
fn way(principal: &PrincipalText<'_>) -> &'static str {
    match principal.kind {
        "Federated" if principal.text.text.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
        "Federated" => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    }
}

fn action(statement: &Statement<'_>, found: &mut Found<'_>) {
    if !is_trust(statement) || !statement.is_allow() {
        return;
    }
    let principals = principals(statement);
    let used: HashSet<&str> = principals.iter().map(|it| if it.kind == "*" { "*" } else { way(it) }).collect();
    const WAYS: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];
    for text in actions(statement) {
        let is_way = WAYS.iter().any(|way| way.eq_ignore_ascii_case(text.text));
        let is_used = used.iter().any(|way| *way == "*" || way.eq_ignore_ascii_case(text.text));
        let Some(first) = principals.first().filter(|_| is_way && !is_used) else { continue };
        let message = format!("no principal of the statement uses `{}`", text.text);
        let finding = found.at(text.span, message).help(format!("write `{}`", way(first)));
        found.push(finding.related(first.text.span, format!("this assumes by `{}`", way(first))));
    }
}

fn action_open(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_open = |text: &Text<'_>| text.text.contains('*');
    // A policy that is nothing but a trust policy is guessed by its plain actions, so this one was named a trust policy.
    for text in actions(statement).filter(|_| is_trust(statement) && statement.is_allow()).filter(is_open) {
        found.say(
            text.span,
            format!("`{}` opens every way to assume the role", text.text),
            "name the one that is meant",
        );
    }
}

/// The account of an entry that is an account as a whole.
fn account(entry: &PrincipalEntry) -> Option<&str> {
    match entry {
        PrincipalEntry::Account(account) | PrincipalEntry::Root { account, .. } => Some(account),
        _ => None,
    }
}

/// The resolved entries of a Principal.
fn entries<'s>(statement: &'s Statement<'_>) -> &'s [PrincipalEntry] {
    statement.resolved.principals.as_ref().filter(|all| !all.negated).map_or(&[], |all| &all.entries)
}

fn external_id(statement: &Statement<'_>, found: &mut Found<'_>) {
    let mut accounts: Vec<&str> = entries(statement).iter().filter_map(account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let is_meant = is_trust(statement) && statement.is_allow() && accounts.len() > 1 && !says_who(statement);
    if is_meant && statement.reaches("sts:assumerole") {
        let message = format!("{} accounts are trusted as a whole, without an external id", accounts.len());
        found.say(statement.anchor(), message, "ask for `sts:ExternalId`, or for the organization");
    }
}

fn user(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in principals(statement).iter().filter(|_| is_trust(statement) && statement.is_allow()) {
        if entry.text.text.contains(":user/") && !entry.text.text.contains("::cloudfront:") {
            let message = "an IAM user, which has long-term keys, may assume the role";
            found.say(entry.text.span, message, "let people and programs come through roles");
        }
    }
}

fn roles_anywhere(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = principals(statement);
    let Some(service) = all.iter().find(|entry| entry.text.text == "rolesanywhere.amazonaws.com") else { return };
    let is_meant = is_trust(statement) && statement.is_allow() && statement.reaches("sts:assumerole");
    let missing = ["sts:TagSession", "sts:SetSourceIdentity"].into_iter();
    let missing: Vec<&str> = missing.filter(|action| !statement.reaches(&action.to_ascii_lowercase())).collect();
    if is_meant && !missing.is_empty() {
        let message = format!("Roles Anywhere needs `{}` too", missing.join("` and `"));
        found.say(service.text.span, message.replacen("Roles", "roles", 1), "add it to the actions");
    }
}

fn twice(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = principals(statement);
    let resolved = entries(statement);
    if all.len() != resolved.len() {
        return;
    }
    let name = |entry: &PrincipalEntry| match account(entry) {
        Some(account) => account.to_owned(),
        None => format!("{entry:?}"),
    };
    let mut seen: HashMap<String, Text<'_>> = HashMap::new();
    for (entry, text) in resolved.iter().zip(&all) {
        if let Some(first) = seen.get(&name(entry)) {
            let message = format!("`{}` is named already", text.text.text);
            found.push(found.at(text.text.span, message).help("leave it out").related(first.span, "first here"));
        } else {
            seen.insert(name(entry), text.text);
        }
    }
}

fn covered(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = principals(statement);
    let accounts: Vec<&str> = entries(statement).iter().filter_map(account).collect();
    // Elsewhere a role that is named is more than its account: it needs no policy of its own.
    for entry in all.iter().filter(|entry| is_trust(statement) && entry.kind == "AWS") {
        let fields: Vec<&str> = entry.text.text.splitn(6, ':').collect();
        let [.., account, name] = fields[..] else { continue };
        if fields.len() == 6 && name != "root" && accounts.contains(&account) {
            let message = format!("the whole account `{account}` is trusted already");
            found.say(entry.text.span, message, "leave out the account, or this entry");
        }
    }
}

fn star(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = principals(statement);
    let others = all.iter().filter(|entry| entry.text.text != "*").count();
    if let Some(star) = all.iter().find(|entry| entry.text.text == "*").filter(|_| others > 0) {
        found.say(
            star.text.span,
            "everyone is named, so the other principals add nothing",
            "leave out `*`, or all the others",
        );
    }
}

fn gone(statement: &Statement<'_>, found: &mut Found<'_>) {
    let all = statement.principals().map(|(_, all)| all).unwrap_or_default();
    let Some(resolved) = statement.resolved.principals.as_ref().filter(|it| it.entries.len() == all.len()) else {
        return;
    };
    for (entry, text) in resolved.entries.iter().zip(&all) {
        if matches!(entry, PrincipalEntry::UniqueId(_)) {
            let message = format!("`{}` is what is left of a deleted principal", text.text.text);
            found.say(text.text.span, message, "take it out, or name the new one");
        }
    }
}

fn service(statement: &Statement<'_>, found: &mut Found<'_>) {
    const ENDS: [&str; 7] =
        [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws", ".aws.internal", ".amazonaws.eu", ".c2s.ic.gov"];
    let all = statement.principals().map(|(_, all)| all).unwrap_or_default();
    for entry in all.iter().filter(|entry| entry.kind == "Service") {
        if !ENDS.iter().any(|end| entry.text.text.ends_with(end)) {
            let message = format!("no service calls as `{}`", entry.text.text);
            found.push(found.at(entry.text.span, message).expected("a name such as `lambda.amazonaws.com`"));
        }
    }
}

/// Providers that are known without an ARN.
const KNOWN: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

fn federated(statement: &Statement<'_>, found: &mut Found<'_>) {
    for entry in principals(statement).iter().filter(|entry| entry.kind == "Federated") {
        let text = entry.text.text;
        let is_provider = text.contains(":saml-provider/") || text.contains(":oidc-provider/");
        let is_known =
            KNOWN.contains(&text) || text.starts_with("cognito-identity-") || text.starts_with("cognito-identity.");
        if !is_provider && !is_known {
            let finding = found.at(entry.text.span, format!("`{text}` is no provider"));
            found.push(finding.expected("the ARN of a `saml-provider` or `oidc-provider`"));
        }
    }
}

fn deny_not_principal(statement: &Statement<'_>, found: &mut Found<'_>) {
    let Some((true, all)) = statement.principals().filter(|_| !statement.is_allow()) else { return };
    let has = |part: &str| all.iter().any(|entry| entry.text.text.contains(part));
    if let Some(role) = all.iter().find(|entry| entry.text.text.contains(":role/")).filter(|_| !has(":assumed-role/")) {
        let message = "sessions of this role are denied all the same";
        found.say(role.text.span, message, "deny `*` with a condition on `aws:PrincipalArn`");
    }
}
