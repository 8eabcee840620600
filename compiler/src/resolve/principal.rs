//! Principal and NotPrincipal (semantics.md 6.2).

use super::scope::Scope;
use super::words::Words;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::policy::PrincipalEntry;
use crate::syntax::ast::{List, PRINCIPAL_KINDS, Principals, Text};

const EXPECTED: &str = "`\"*\"` or an object with AWS, Service, Federated or CanonicalUser";

/// The entries, in document order; what is wrong is reported and left out.
pub(super) fn entries(principals: &Principals<'_>, scope: &mut Scope<'_>) -> Vec<PrincipalEntry> {
    let mut entries = Vec::new();
    match principals {
        Principals::Text(text) if text.text == "*" => entries.push(PrincipalEntry::Everyone),
        Principals::Text(text) => scope.report(bare_text(text)),
        // In the language a list of principals is empty only where they are wrong, which is told.
        Principals::Map { members: [], .. } if scope.is_dictum() => {}
        Principals::Map { span, members: [] } => {
            scope.report(
                Diagnostic::new(Code::E_PRINCIPAL, *span, "PRN-2", "an empty object of principals").expected(EXPECTED),
            );
        }
        Principals::Map { members, .. } => {
            for (member, list) in *members {
                if PRINCIPAL_KINDS.iter().any(|(_, name)| *name == member.text) {
                    read_member(member, list.as_ref(), &mut entries, scope);
                } else {
                    scope.report(unknown_member(member));
                }
            }
        }
    }
    entries
}

fn bare_text(text: &Text<'_>) -> Diagnostic {
    let message = format!("the principal `{}` stands outside an object", shown(text.text));
    let diagnostic = Diagnostic::new(Code::E_PRINCIPAL, text.span, "PRN-2", message).expected(EXPECTED);
    let member = match text.text {
        text if text.starts_with("arn:") || is_account(text) => "AWS",
        text if text.ends_with(".amazonaws.com") => "Service",
        _ => return diagnostic,
    };
    diagnostic.help(format!("write `{{\"{member}\": \"{}\"}}`", shown(text.text)))
}

fn unknown_member(member: &Text<'_>) -> Diagnostic {
    let message = format!("unknown kind of principal `{}`", shown(member.text));
    let diagnostic = Diagnostic::new(Code::E_PRINCIPAL, member.span, "PRN-2", message);
    let names = PRINCIPAL_KINDS.map(|(_, name)| name);
    diagnostic.expected(format!("one of {}", names.join(", "))).did_you_mean(nearest(member.text, names))
}

fn read_member(member: &Text<'_>, list: Option<&List<'_>>, entries: &mut Vec<PrincipalEntry>, scope: &mut Scope<'_>) {
    let Some(list) = list else { return };
    if list.entries.is_empty() {
        let message = match scope.is_dictum() {
            true => "an empty list of principals".to_owned(),
            false => format!("an empty list of principals under `{}`", member.text),
        };
        scope.lint(Code::L_EMPTY, list.span, "GRM-25", message, "it names nobody");
    }
    for entry in list.entries {
        match read_entry(member.text, entry, scope.words) {
            Ok(entry) => entries.push(entry),
            Err(fault) => scope.report(*fault),
        }
    }
}

/// PRN-3, PRN-4, PRN-5, GRM-26.
fn read_entry(member: &str, entry: &Text<'_>, words: &Words) -> Result<PrincipalEntry, Box<Diagnostic>> {
    let text = entry.text;
    let fault = |span, rule, message: String| Diagnostic::new(Code::E_PRINCIPAL, span, rule, message);
    if text.is_empty() {
        return Err(fault(entry.span, "GRM-26", "an empty principal".to_owned()).into());
    }
    if member == "AWS" && text == "*" {
        return Ok(PrincipalEntry::Everyone);
    }
    if let Some(at) = text.find("${") {
        return Err(fault(entry.part(at, at + 2), "PRN-5", "a principal takes no variables".to_owned())
            .help("name the principal, or compare `aws:PrincipalArn` in a condition")
            .into());
    }
    if let Some(at) = text.find(['*', '?']) {
        let diagnostic = fault(entry.part(at, at + 1), "PRN-4", "a wildcard in a principal".to_owned());
        let help = match member {
            "AWS" => words.many_principals,
            _ => "list every name",
        };
        return Err(diagnostic.help(help).into());
    }
    match member {
        "Service" => Ok(PrincipalEntry::Service(text.to_owned())),
        "Federated" => Ok(PrincipalEntry::Federated(text.to_owned())),
        "CanonicalUser" => Ok(PrincipalEntry::CanonicalUser(text.to_owned())),
        _ => aws(text).ok_or_else(|| not_a_principal(entry, words).into()),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// PRN-3, without the lone `*`.
fn aws(text: &str) -> Option<PrincipalEntry> {
    if is_account(text) {
        return Some(PrincipalEntry::Account(text.to_owned()));
    }
    let is_id = |tail: &str| tail.len() >= 12 && tail.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA")).is_some_and(is_id) {
        return Some(PrincipalEntry::UniqueId(text.to_owned()));
    }
    if text.strip_prefix("arn:aws:iam::cloudfront:user/").is_some_and(|name| !name.is_empty()) {
        return Some(PrincipalEntry::Arn(text.to_owned()));
    }
    let mut fields = text.strip_prefix("arn:")?.splitn(5, ':');
    let (partition, service, region, account, resource) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_partition = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if partition.is_empty() || !partition.bytes().all(is_partition) || !region.is_empty() || !is_account(account) {
        return None;
    }
    if service == "iam" && resource == "root" {
        let (partition, account) = (partition.to_owned(), account.to_owned());
        return Some(PrincipalEntry::Root { partition, account });
    }
    let (kind, name) = resource.split_once('/')?;
    let arn = text.to_owned();
    match (service, kind) {
        ("iam", "user") if !name.is_empty() && !name.ends_with('/') => Some(PrincipalEntry::Arn(arn)),
        ("iam", "role") if !name.is_empty() && !name.ends_with('/') => Some(PrincipalEntry::Role { arn }),
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            let good = !role.is_empty() && !session.is_empty() && !session.contains('/');
            good.then_some(PrincipalEntry::Arn(arn))
        }
        ("sts", "federated-user") if !name.is_empty() && !name.contains('/') => Some(PrincipalEntry::Arn(arn)),
        _ => None,
    }
}

fn not_a_principal(entry: &Text<'_>, words: &Words) -> Diagnostic {
    let text = entry.text;
    let message = format!("`{}` is no principal", shown(text));
    let diagnostic = Diagnostic::new(Code::E_PRINCIPAL, entry.span, "PRN-3", message)
        .expected("`*`, a 12-digit account, a unique id, or the ARN of an account's root, user, role or session");
    let help = match text {
        text if text.contains(":group/") => "a group cannot be a principal; name its users",
        text if text.contains(":instance-profile/") => "an instance profile cannot be a principal; name its role",
        text if text.ends_with(".amazonaws.com") => words.service,
        text if text.contains(":saml-provider/") || text.contains(":oidc-provider/") => words.federated,
        text if text.len() != 12 && text.bytes().all(|byte| byte.is_ascii_digit()) => "an account id has 12 digits",
        _ => return diagnostic,
    };
    diagnostic.help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Notation, Span};

    /// PRN-3, PRN-4, PRN-5: the kinds of entries, and what is none.
    #[test]
    fn entries_are_told_apart() {
        let read =
            |member, text| match read_entry(member, &Text { span: Span::default(), text }, Words::of(Notation::Json)) {
                Ok(entry) => format!("{entry:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
                Err(fault) => fault.rule.to_owned(),
            };
        for (text, expected) in [
            ("*", "Everyone"),
            ("111111111111", "Account"),
            ("11111111111", "PRN-3"),
            ("arn:aws-cn:iam::111111111111:root", "Root"),
            ("arn:aws:iam::111111111111:user/eng/ana", "Arn"),
            ("arn:aws:iam::111111111111:user/", "PRN-3"),
            ("arn:aws:iam::111111111111:user/ana/", "PRN-3"),
            ("arn:aws:iam::111111111111:role/ops", "Role"),
            ("arn:aws:iam:us-east-1:111111111111:role/ops", "PRN-3"),
            ("arn:aws:iam::aws:role/ops", "PRN-3"),
            ("arn:AWS:iam::111111111111:root", "PRN-3"),
            ("arn:aws:sts::111111111111:assumed-role/ops/s", "Arn"),
            ("arn:aws:sts::111111111111:assumed-role/ops", "PRN-3"),
            ("arn:aws:sts::111111111111:assumed-role/ops/s/t", "PRN-3"),
            ("arn:aws:sts::111111111111:federated-user/bob", "Arn"),
            ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", "Arn"),
            ("AIDA0123456789AB", "UniqueId"),
            ("AROA0123456789A", "PRN-3"),
            ("arn:aws:iam::111111111111:group/g", "PRN-3"),
            ("arn:aws:iam::*:root", "PRN-4"),
            ("${aws:PrincipalArn}", "PRN-5"),
            ("", "GRM-26"),
        ] {
            assert_eq!(read("AWS", text), expected, "{text}");
        }
        assert_eq!(read("Service", "s3.amazonaws.com"), "Service");
        assert_eq!(read("Federated", "accounts.google.com"), "Federated");
        assert_eq!(read("CanonicalUser", "*"), "PRN-4");
    }
}
