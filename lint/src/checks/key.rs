//! Condition keys: their names, and values that such a key never has.

use dictum_vm::operator::{Operator, Test};

use super::{identity, resource};
use crate::check::Found;
use crate::edit;
use crate::subject::{Clause, Statement};

checks! {
    "L-KEY-CASE" Suggestion Style "CND-4" "A global key in other letter case than the documentation's."
    why: "Keys compare without regard to case, so nothing changes. One spelling is easier to search for.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:securetransport": "true"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#),
    Statement(case);

    "L-OPERATOR-CASE" Suggestion Style "OPR-2" "An operator in other letter case than the documentation's."
    why: "Operators are accepted in any case, so nothing changes. One spelling is easier to search for.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"stringequals": {"aws:PrincipalTag/team": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}"#),
    Statement(operator_case);

    "L-KEY-CLIENT" Security Security "CTX-7" "An Allow that rests on what the client says of itself."
    why: "`aws:UserAgent` and `aws:referer` are headers that any client sets as it likes. They keep nobody out.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"aws:Referer": "https://www.example.com/*"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"#),
    Statement(client);

    "L-TAG-KEY" Warning Correctness "Access Analyzer" "A tag condition without the name of a tag."
    why: "`aws:ResourceTag`, `aws:RequestTag` and `aws:PrincipalTag` are keys only with `/` and the name of a tag behind them. Without it no request carries the key.",
    bad: identity(r#"{"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag": "blue"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}"#),
    Statement(tag);

    "L-VPC-ID" Warning Correctness "Access Analyzer" "A VPC that is none."
    why: "`aws:SourceVpc` holds an id that begins with `vpc-`. Nothing else ever matches it.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "main-vpc"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}}"#),
    Statement(vpc);

    "L-VPC-ENDPOINT-ID" Warning Correctness "Access Analyzer" "A VPC endpoint that is none."
    why: "`aws:SourceVpce` holds an id that begins with `vpce-`. Nothing else ever matches it; the id of the VPC belongs under `aws:SourceVpc`.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpc-0a1b2c3d"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}}"#),
    Statement(vpc_endpoint);

    "L-ACCOUNT-ID" Warning Correctness "PRN-15" "An account that is none."
    why: "An account id has twelve digits. One that lost a leading zero, or has hyphens, matches nobody.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "1111-2222-3333"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "111122223333"}}}"#),
    Statement(account);

    "L-ORGANIZATION-ID" Warning Correctness "CTX-4" "An organization that is none."
    why: "The id of an organization is `o-` and ten to thirty-two small letters and digits. Nothing else ever matches such a key.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "acme"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}}"#),
    Statement(organization);

    "L-ORGANIZATION-PATH" Warning Correctness "CTX-4" "A path in an organization that is none."
    why: "A path is the organization, the root and the units, each with a slash behind it: `o-…/r-…/ou-…/`. One without the last slash, or a wildcard, matches nothing.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcde12345/r-ab12/ou-ab12-11111111"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcde12345/r-ab12/ou-ab12-11111111/*"}}}"#),
    Statement(path);

    "L-PRINCIPAL-TYPE" Warning Correctness "CTX-2" "A type of principal that there is not."
    why: "`aws:PrincipalType` is one of `Account`, `User`, `AssumedRole`, `FederatedUser` and `Anonymous`, in this letter case. Nothing else ever matches it.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalType": "Role"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}}"#),
    Statement(principal_type);

    "L-SERVICE-VALUE" Warning Correctness "PRN-16" "A service that is not written as a principal."
    why: "Keys such as `aws:CalledVia` and `iam:PassedToService` hold the principal of a service, `lambda.amazonaws.com`. A bare prefix matches nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app", "Condition": {"StringEquals": {"iam:PassedToService": "lambda"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app", "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}"#),
    Statement(service);

    "L-SESSION-ARN" Warning Correctness "CND-64" "The ARN of a session for `aws:PrincipalArn`."
    why: "For a role session `aws:PrincipalArn` is the ARN of the role. The ARN of the session never matches; `aws:userid` can tell sessions apart.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::111122223333:assumed-role/ops/*"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ops"}}}"#),
    Statement(session);

    "L-ROOT-ARN" Suggestion Correctness "CND-64" "The root of an account for `aws:PrincipalArn`."
    why: "As a principal the root ARN means the account, as a value of `aws:PrincipalArn` only its root user. For the account there is `aws:PrincipalAccount`.",
    bad: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:root"}}}"#),
    good: resource(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}"#),
    Statement(root);
}

fn case(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in &statement.clauses {
        let Some(key) = statement.catalogue.key(clause.key.text).filter(|key| key.global().is_some()) else { continue };
        let name = key.canonical(clause.key.text);
        // The documentation itself has two spellings of some.
        let is_known = ["aws:PrincipalARN", "aws:Referer", "aws:SourceARN"].contains(&clause.key.text);
        if name != clause.key.text && !is_known {
            let finding = found.at(clause.key.span, format!("`{}` is spelled `{name}`", clause.key.text));
            let finding = finding.help("letter case makes no difference, but to whoever searches");
            found.push(edit::replaced(finding, statement, clause.key, &name));
        }
    }
}

fn operator_case(statement: &Statement<'_>, found: &mut Found<'_>) {
    let mut last = None;
    for clause in &statement.clauses {
        let (operator, name) = (clause.block.operator, clause.test.to_string());
        // In the Dictum language the operator is chosen by the words, and stands there only behind `is`.
        if operator.text != name && statement.has(operator) && last != Some(operator.span) {
            last = Some(operator.span);
            let finding = found.at(operator.span, format!("`{}` is spelled `{name}`", operator.text));
            let finding = finding.help("letter case makes no difference, but to whoever searches");
            found.push(edit::replaced(finding, statement, operator, &name));
        }
    }
}

fn client(statement: &Statement<'_>, found: &mut Found<'_>) {
    const CLIENT: [&str; 2] = ["aws:UserAgent", "aws:referer"];
    let is_client = |clause: &Clause<'_>| CLIENT.iter().any(|key| clause.is_key(key));
    let rests_on_it = statement.is_allow() && statement.clauses.iter().all(is_client);
    for clause in statement.clauses.iter().filter(|_| rests_on_it) {
        let message = format!("any client can send the right `{}`", clause.key.text);
        found.say(clause.key.span, message, "add a condition on who calls, or from where");
    }
}

fn tag(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in &statement.clauses {
        let text = clause.key.text.strip_suffix('/').unwrap_or(clause.key.text);
        let Some(stem) = text.split_once(':').map(|(_, name)| name) else { continue };
        let is_tag = ["ResourceTag", "RequestTag", "PrincipalTag"].iter().any(|name| name.eq_ignore_ascii_case(stem));
        if is_tag {
            let message = format!("`{}` lacks the name of a tag", clause.key.text);
            found.say(clause.key.span, message, format!("write `{text}/TAG`"));
        }
    }
}

/// Says of each value under a key that it is none, unless a rule takes it for one. Variables and patterns that may become
/// one are left alone.
fn values(
    statement: &Statement<'_>,
    keys: &[&str],
    is_good: impl Fn(&str) -> bool,
    expected: &str,
    found: &mut Found<'_>,
) {
    let is_meant =
        |clause: &&Clause<'_>| keys.iter().any(|key| clause.is_key(key)) && clause.test.operator != Operator::Null;
    for clause in statement.clauses.iter().filter(is_meant) {
        for text in clause.texts() {
            let is_open = text.text.contains("${") || text.text.contains(['*', '?']);
            if !is_open && !is_good(text.text) {
                let message = format!("`{}` is never `{}`", clause.key.text, text.text.escape_debug());
                found.push(found.at(text.span, message).expected(expected));
            }
        }
    }
}

fn is_hex_behind(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn vpc(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = ["aws:SourceVpc", "aws:Ec2InstanceSourceVpc"];
    values(statement, &keys, |text| is_hex_behind(text, "vpc-"), "`vpc-` and letters and digits", found);
}

fn vpc_endpoint(statement: &Statement<'_>, found: &mut Found<'_>) {
    values(
        statement,
        &["aws:SourceVpce"],
        |text| is_hex_behind(text, "vpce-"),
        "`vpce-` and letters and digits",
        found,
    );
}

fn account(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys =
        ["aws:PrincipalAccount", "aws:ResourceAccount", "aws:SourceAccount", "aws:VpceAccount", "kms:CallerAccount"];
    let is_account = |text: &str| {
        (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())) || text == "anonymous" || text == "aws"
    };
    values(statement, &keys, is_account, "twelve digits", found);
}

/// `o-` and 10 to 32 small letters and digits.
fn is_organization(text: &str) -> bool {
    let id = text.strip_prefix("o-").unwrap_or_default();
    (10..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn organization(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = ["aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:SourceOrgID", "aws:VpceOrgID"];
    values(statement, &keys, is_organization, "`o-` and ten or more letters and digits", found);
}

fn path(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths", "aws:SourceOrgPaths", "aws:VpceOrgPaths"];
    let is_path = |text: &str| text.starts_with("o-") && text.ends_with('/');
    values(statement, &keys, is_path, "a path that ends in `/`, or a pattern", found);
}

fn principal_type(statement: &Statement<'_>, found: &mut Found<'_>) {
    const TYPES: [&str; 5] = ["Account", "User", "AssumedRole", "FederatedUser", "Anonymous"];
    let expected = "`Account`, `User`, `AssumedRole`, `FederatedUser` or `Anonymous`";
    values(statement, &["aws:PrincipalType"], |text| TYPES.contains(&text), expected, found);
}

fn service(statement: &Statement<'_>, found: &mut Found<'_>) {
    let keys = [
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "iam:AWSServiceName",
        "iam:PassedToService",
        "kms:ViaService",
    ];
    let is_service =
        |text: &str| text.contains(".amazonaws.com") || text.contains(".amazonaws.") || text.contains(".aws");
    values(statement, &keys, is_service, "a name such as `lambda.amazonaws.com`", found);
}

fn on_principal_arn<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = &'s Clause<'s>> {
    statement.on_key("aws:PrincipalArn").filter(|clause| !matches!(clause.test, Test { operator: Operator::Null, .. }))
}

fn session(statement: &Statement<'_>, found: &mut Found<'_>) {
    for text in on_principal_arn(statement).flat_map(Clause::texts) {
        if text.text.contains(":assumed-role/") {
            let message = "for a session this key is the ARN of its role";
            found.say(text.span, message, "write `arn:aws:iam::ACCOUNT:role/NAME`");
        }
    }
}

fn root(statement: &Statement<'_>, found: &mut Found<'_>) {
    for text in on_principal_arn(statement).flat_map(Clause::texts) {
        let account = text.text.strip_suffix(":root").and_then(|rest| rest.rsplit(':').next());
        // With a wildcard for the account the root users of all are meant, and said so.
        if account.is_some_and(|account| !account.contains(['*', '?'])) {
            let message = "this is the root user alone, not its account";
            found.say(text.span, message, "for the account write a condition on `aws:PrincipalAccount`");
        }
    }
}
