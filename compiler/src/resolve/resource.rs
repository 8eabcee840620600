//! Resource and NotResource entries (semantics.md 5).

use super::pattern;
use super::scope::Scope;
use super::variable::{self, Part};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::pattern::{Pattern, PatternKind, Piece};
use crate::source::PolicyType;
use crate::syntax::ast::Text;

/// The fields that an identity policy may leave out, each with its colon (RES-8).
const PADDING: &str = ":*:*:*:*:*";

/// One entry; `None` where it is wrong, which is reported.
pub(super) fn entry(entry: &Text<'_>, scope: &mut Scope<'_>) -> Option<Pattern> {
    let text = entry.text;
    if !scope.pattern_fits(entry) {
        return None;
    }
    if text == "*" {
        let (text, kind, pieces) = (text.to_owned(), PatternKind::Resource, vec![Piece::Run]);
        return Some(Pattern { text, kind, pieces });
    }
    if !text.starts_with("arn:") {
        scope.report(not_an_arn(entry));
        return None;
    }
    let mut parts = variable::parts(entry, scope)?;
    let colons: usize =
        parts.iter().map(|part| if let Part::Text(text) = part { pattern::count_colons(text) } else { 0 }).sum();
    if colons < 5 {
        match scope.policy_type {
            PolicyType::Identity | PolicyType::Boundary => parts.push(Part::Text(&PADDING[..2 * (5 - colons)])),
            PolicyType::Resource | PolicyType::Trust => {}
            PolicyType::Scp if text.ends_with('*') => {}
            _ => {
                let message = format!("`{}` has {} of the six fields of an ARN", shown(text), colons + 1);
                let diagnostic = Diagnostic::new(Code::E_RESOURCE, entry.span, "RES-8", message);
                scope.report(diagnostic.expected("`arn:partition:service:region:account:resource`"));
                return None;
            }
        }
    }
    lint_variables(entry, &parts, scope);
    lint_wildcards(entry, scope);
    Some(pattern::resource(text, &parts))
}

/// RES-2, GRM-26.
fn not_an_arn(entry: &Text<'_>) -> Diagnostic {
    let (rule, message) = match entry.text {
        "" => ("GRM-26", "an empty resource".to_owned()),
        text => ("RES-2", format!("the resource `{}` is no ARN", shown(text))),
    };
    let diagnostic =
        Diagnostic::new(Code::E_RESOURCE, entry.span, rule, message).expected("`*`, or an ARN from `arn:` on");
    match entry.text {
        text if text.starts_with("${") => diagnostic.help("a variable cannot stand for a whole ARN"),
        text if text.starts_with(['*', '?']) => diagnostic.help("the first field of an ARN has no wildcard"),
        text if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:")) => {
            diagnostic.help("`arn:` is written in lower case")
        }
        text if is_action(text) => diagnostic.help("it looks like an action"),
        text if is_bucket(text) => diagnostic.help(format!("if it is of S3, write `arn:aws:s3:::{}`", shown(text))),
        _ => diagnostic,
    }
}

fn is_action(text: &str) -> bool {
    let is_word = |text: &str, more: &[char]| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    text.split_once(':').is_some_and(|(service, name)| is_word(service, &['-']) && is_word(name, &['*', '?']))
}

/// Whether a text may be a bucket's name, with or without a key behind it.
fn is_bucket(text: &str) -> bool {
    let bucket = text.split('/').next().unwrap_or_default();
    let is_usual = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.' | b'*');
    bucket.len() >= 3 && bucket.bytes().all(is_usual) && bucket.bytes().any(|c| c.is_ascii_lowercase())
}

/// VAR-5.
fn lint_variables(entry: &Text<'_>, parts: &[Part<'_>], scope: &mut Scope<'_>) {
    let mut colons = 0;
    for part in parts {
        match *part {
            Part::Text(text) => colons += pattern::count_colons(text),
            Part::Variable { range: (start, end), .. } if colons < 5 => {
                let message = "a variable before the fifth colon of a resource";
                let help = "the documentation allows variables in the last field only";
                scope.lint(Code::L_EARLY_VARIABLE, entry.part(start, end), "VAR-5", message, help);
            }
            Part::Variable { .. } | Part::Character(_) => {}
        }
    }
}

/// RES-7. The resource type is what stands before the first `/` or `:` of the last field, but in services without types.
fn lint_wildcards(entry: &Text<'_>, scope: &mut Scope<'_>) {
    let mut start = 0;
    let mut fields = [(0, ""); 6];
    for (index, field) in entry.text.splitn(6, ':').enumerate() {
        fields[index] = (start, field);
        start += field.len() + 1;
    }
    let (at, last) = fields[5];
    let resource_type = match (fields[2].1, last.split_once(['/', ':'])) {
        ("s3", _) | (_, None) => "",
        (_, Some((resource_type, _))) => resource_type,
    };
    for (what, (at, field)) in
        [("partition", fields[1]), ("service", fields[2]), ("resource type", (at, resource_type))]
    {
        if field.contains(['*', '?']) && !field.contains("${") {
            let message = format!("a wildcard in the {what} of a resource");
            let span = entry.part(at, at + field.len());
            scope.lint(Code::L_WILDCARD, span, "RES-7", message, "it may reach more than is meant; write it out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::pattern::listing;
    use crate::source::{SourceFile, Span};

    fn listed(policy_type: PolicyType, has_variables: bool, text: &str) -> String {
        let file = SourceFile::default();
        let mut scope = Scope::new(&file, policy_type);
        scope.has_variables = has_variables;
        match entry(&Text { span: Span::default(), text }, &mut scope) {
            Some(pattern) => {
                assert_eq!(pattern.text, text);
                listing(&pattern.pieces)
            }
            None => scope.diagnostics[0].code.name().to_owned(),
        }
    }

    /// RES-5, RES-6, RES-8, VAR-1, VAR-4, VAR-5: `<*>` is any run, `<*!>` one without colons, `<1>` and `<1!>` likewise one
    /// character, `<key|default|!>` a variable that may not bring a colon.
    #[test]
    fn stars_are_classed_as_written() {
        use PolicyType::{Boundary, Identity, Resource, Scp, Session};
        for (policy_type, text, expected) in [
            (Identity, "*", "<*>"),
            (Identity, "arn:aws:s3:::b*", "arn:aws:s3:::b<*>"),
            (Identity, "arn:aws:sns:us-*-?:*:a*?b**", "arn:aws:sns:us-<*!>-<1!>:<*>:a<1><*>b<*>"),
            (Identity, "arn:aws:sns:*?*:1:t", "arn:aws:sns:<1!><*>:1:t"),
            (Identity, "arn:aws:sns:a?*?b:1:t", "arn:aws:sns:a<1!><1!><*!>b:1:t"),
            (Identity, "arn:aws:s3", "arn:aws:s3:<*>:<*>:<*>"),
            (Boundary, "arn:aws:s3*", "arn:aws:s3<*>:<*>:<*>:<*>"),
            (Identity, "arn:", "arn::<*>:<*>:<*>:<*>"),
            (Session, "arn:aws:s3", "E-RESOURCE"),
            (Scp, "arn:aws:s3", "E-RESOURCE"),
            (Scp, "arn:aws:s3*", "arn:aws:s3<*>"),
            (Scp, "arn:aws:s3:*x*", "arn:aws:s3:<*!>x<*>"),
            (Resource, "arn:aws:s3:a*b", "arn:aws:s3:a<*!>b"),
            // A variable behind a star makes it not the last of its field, even with an empty default.
            (Identity, "arn:aws:sns:*${a:b, ''}:1:t", "arn:aws:sns:<*!><a:b||!>:1:t"),
            (Identity, "arn:aws:sns:${a:b}*:1:${c:d, 'e:f'}*", "arn:aws:sns:<a:b!><*>:1:<c:d|e:f><*>"),
            (Identity, "arn:aws:sns:*${*}:1:t", "arn:aws:sns:<*!>*:1:t"),
            (Identity, "arn:aws:sns:${a:b:c:d}", "arn:aws:sns:<a:b:c:d!>:<*>:<*>"),
            (Identity, "arn:aws:s3:::a${*}${?}${$}*", "arn:aws:s3:::a*?$<*>"),
            (Identity, "arn:aws:s3:::$a$", "arn:aws:s3:::$a$"),
            (Identity, "arn:aws:s3:::${", "E-VARIABLE"),
            (Identity, "arn*:aws:s3:::b", "E-RESOURCE"),
        ] {
            assert_eq!(listed(policy_type, true, text), expected, "{text}");
        }
        assert_eq!(listed(Identity, false, "arn:aws:s3:::${*}"), "arn:aws:s3:::${<*>}");
        assert_eq!(listed(Identity, false, "arn:aws:${a:b:c*}"), "arn:aws:${a:b:c<*!>}:<*>");
    }
}
