//! Roles for identity providers: which of their users may assume them.

use dictum_compiler::source::PolicyType;
use dictum_compiler::syntax::ast::Text;

use super::trust;
use super::trust_policy::principals;
use crate::check::Found;
use crate::glob::Glob;
use crate::subject::{Clause, PrincipalText, Statement};

checks! {
    "L-OIDC-AUDIENCE" Security Security "Access Analyzer" "An OIDC provider trusted for every audience."
    why: "A token is made for one application, its audience. Without a condition on `:aud` a token that was made for another application opens the role too.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"idp.example.com:sub": "ana"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"idp.example.com:sub": "ana", "idp.example.com:aud": "app"}}}"#),
    Statement(audience);

    "L-OIDC-SUBJECT" Security Security "Access Analyzer" "A provider of many tenants trusted for all of them."
    why: "GitHub, GitLab, Terraform Cloud and their like sign tokens for everybody who has an account there. Without a condition on `:sub` any of them can assume the role.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/app:ref:refs/heads/main"}}}"#),
    Statement(subject);

    "L-GITHUB-OPEN" Security Security "Access Analyzer" "A subject that any GitHub repository can have."
    why: "The pattern leaves the owner of the repository open, so that anybody's workflow can assume the role. Write `repo:OWNER/NAME:…`.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:ref:refs/heads/*"}}}"#),
    Statement(github_open);

    "L-GITHUB-OWNER" Warning Security "Access Analyzer" "A subject that any repository of an owner can have."
    why: "Whoever may create a repository for the owner, or write to the least guarded one, can assume the role. Name the repository.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:environment:live"}}}"#),
    Statement(github_owner);

    "L-GITHUB-BRANCH" Warning Security "Access Analyzer" "A subject that any branch of a repository can have."
    why: "A workflow on any branch, tag or pull request can assume the role, reviewed or not. Name the branch, `ref:refs/heads/main`, or better an environment with rules of protection.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/app:environment:live"}}}"#),
    Statement(github_branch);

    "L-GITHUB-PULL" Warning Security "ecosystem" "A subject of pull requests."
    why: "A workflow of a pull request runs what its author wrote, before anybody has reviewed it. Give such workflows a role of their own that may little.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/app:pull_request"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/app:environment:review"}}}"#),
    Statement(github_pull);

    "L-SAML-AUDIENCE" Warning Security "Access Analyzer" "A SAML provider trusted for every audience."
    why: "An assertion is made for one recipient. Without a condition on `SAML:aud` one that was made for another service opens the role too.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}, "Action": "sts:AssumeRoleWithSAML"}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}, "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}"#),
    Statement(saml);

    "L-COGNITO-UNAUTHENTICATED" Warning Security "ecosystem" "A Cognito role for guests too."
    why: "An identity pool gives its guests identities as well. A condition on `cognito-identity.amazonaws.com:amr` says whether the role is for those who have signed in.",
    bad: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}}"#),
    good: trust(r#"{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}, "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}}"#),
    Statement(cognito);
}

const GITHUB: &str = "token.actions.githubusercontent.com";
const COGNITO: &str = "cognito-identity.amazonaws.com";
/// Providers that sign for whoever has an account there.
const OF_MANY: [&str; 10] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "api.bitbucket.org",
    "oidc.vercel.com",
    "api.pulumi.com",
    "accounts.google.com",
    "oidc.codefresh.io",
];

/// The OIDC providers of an Allow in a trust policy, each with its issuer.
fn providers<'s>(statement: &'s Statement<'_>) -> Vec<(PrincipalText<'s>, &'s str)> {
    if statement.policy_type != PolicyType::Trust || !statement.is_allow() {
        return Vec::new();
    }
    let issuer = |entry: PrincipalText<'s>| {
        let text = entry.text.text;
        let issuer = text.split_once(":oidc-provider/").map_or(text, |(_, issuer)| issuer);
        let is_oidc = entry.kind == "Federated" && !text.contains(":saml-provider/");
        is_oidc.then_some((entry, issuer))
    };
    principals(statement).into_iter().filter_map(issuer).collect()
}

/// The conditions on a claim of an issuer.
fn claims<'s>(statement: &'s Statement<'s>, issuer: &str, claim: &str) -> Vec<&'s Clause<'s>> {
    let key = format!("{issuer}:{claim}");
    statement.clauses.iter().filter(|clause| clause.is_key(&key)).collect()
}

/// Whether one of the claims is asked for.
fn is_asked(statement: &Statement<'_>, issuer: &str, names: &[&str]) -> bool {
    names.iter().any(|name| claims(statement, issuer, name).iter().any(|clause| clause.needs_presence()))
}

fn audience(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, issuer) in providers(statement) {
        // Google puts it under another name, Facebook and Amazon have an application id.
        let names = ["aud", "oaud", "azp", "app_id", "client_id"];
        // The clusters of EKS sign for themselves alone, and are told apart by their subjects.
        let is_cluster = issuer.contains(".eks.") && is_asked(statement, issuer, &["sub"]);
        if !is_asked(statement, issuer, &names) && !is_cluster {
            let message = "a token that was made for another application opens the role";
            found.say(entry.text.span, message, format!("ask for `{issuer}:aud`"));
        }
    }
}

fn subject(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, issuer) in providers(statement) {
        let is_of_many = OF_MANY
            .iter()
            .any(|known| issuer == *known || issuer.strip_prefix(*known).is_some_and(|rest| rest.starts_with('/')));
        let names = [
            "sub",
            "repository",
            "repository_owner",
            "job_workflow_ref",
            "environment",
            "email",
            "namespace_id",
            "project_id",
        ];
        if is_of_many && !is_asked(statement, issuer, &names) {
            let message = format!("whoever has an account at `{issuer}` may assume the role");
            found.say(entry.text.span, message, format!("ask for `{issuer}:sub`"));
        }
    }
}

/// How much of a subject of GitHub a pattern leaves open.
#[derive(PartialEq, Eq)]
enum Open {
    Owner,
    Repository,
    Branch,
    Nothing,
}

fn openness(pattern: &str) -> Open {
    let covers = |text: &str| Glob::free(pattern).covers(&Glob::free(text));
    // Names that no repository has stand for any.
    if covers("repo:~o/~r:ref:refs/heads/~b") {
        return Open::Owner;
    }
    let owner = pattern.strip_prefix("repo:").and_then(|rest| rest.split_once('/')).map(|(owner, _)| owner);
    let Some(owner) = owner else { return Open::Nothing };
    if owner.contains('*') {
        return Open::Owner;
    }
    if covers(&format!("repo:{owner}/~r:ref:refs/heads/~b")) {
        return Open::Repository;
    }
    let name = pattern["repo:".len() + owner.len() + 1..].split(':').next().unwrap_or_default();
    if covers(&format!("repo:{owner}/{name}:ref:refs/heads/~b")) && covers(&format!("repo:{owner}/{name}:pull_request"))
    {
        return Open::Branch;
    }
    Open::Nothing
}

/// The values that the subject of GitHub is compared with, wildcards counting only where they are some.
fn github<'s>(statement: &'s Statement<'s>) -> Vec<(Text<'s>, bool)> {
    if providers(statement).is_empty() {
        return Vec::new();
    }
    let clauses = claims(statement, GITHUB, "sub").into_iter().filter(|clause| !clause.is_negated());
    clauses.flat_map(|clause| clause.texts().map(|text| (text, clause.test.operator.has_patterns()))).collect()
}

fn github_is(statement: &Statement<'_>, open: &Open, message: &str, help: &str, found: &mut Found<'_>) {
    for (text, _) in github(statement).into_iter().filter(|(_, is_pattern)| *is_pattern) {
        if openness(text.text) == *open {
            found.say(text.span, format!("`{}` {message}", text.text), help);
        }
    }
}

fn github_open(statement: &Statement<'_>, found: &mut Found<'_>) {
    github_is(
        statement,
        &Open::Owner,
        "is like the subject of anybody's repository",
        "write `repo:OWNER/NAME:…`",
        found,
    );
}

fn github_owner(statement: &Statement<'_>, found: &mut Found<'_>) {
    github_is(
        statement,
        &Open::Repository,
        "is like that of every repository of the owner",
        "name the repository",
        found,
    );
}

fn github_branch(statement: &Statement<'_>, found: &mut Found<'_>) {
    let help = "name the branch, `ref:refs/heads/main`, or an environment";
    github_is(statement, &Open::Branch, "is like that of every branch and pull request", help, found);
}

fn github_pull(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (text, _) in github(statement).into_iter().filter(|(text, _)| text.text.ends_with(":pull_request")) {
        let message = "a pull request runs what its author wrote, before any review";
        found.say(text.span, message, "give it a role of its own that may little");
    }
}

fn saml(statement: &Statement<'_>, found: &mut Found<'_>) {
    if statement.policy_type != PolicyType::Trust || !statement.is_allow() {
        return;
    }
    let is_asked = ["SAML:aud", "SAML:iss", "SAML:doc"].iter().any(|key| statement.on_key(key).next().is_some());
    for entry in principals(statement).iter().filter(|entry| entry.text.text.contains(":saml-provider/") && !is_asked) {
        let message = "an assertion that was made for another service opens the role";
        found.say(entry.text.span, message, "ask for `SAML:aud`");
    }
}

fn cognito(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (entry, issuer) in providers(statement) {
        let has_claim = ["amr", "sub"].iter().any(|name| !claims(statement, COGNITO, name).is_empty());
        if issuer == COGNITO && !has_claim {
            let message = "guests of the identity pool may assume the role too";
            found.say(entry.text.span, message, format!("ask for `{COGNITO}:amr`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_as_open_as_they_are() {
        for (pattern, open) in [
            ("*", Open::Owner),
            ("repo:*", Open::Owner),
            ("repo:*/app:*", Open::Owner),
            ("repo:acme*/app:ref:refs/heads/main", Open::Owner),
            ("repo:acme/*", Open::Repository),
            ("repo:acme/app*", Open::Branch),
            ("repo:acme/app:*", Open::Branch),
            ("repo:acme/app:ref:refs/heads/*", Open::Nothing),
            ("repo:acme/app:ref:refs/heads/main", Open::Nothing),
        ] {
            assert!(openness(pattern) == open, "{pattern}");
        }
    }
}
