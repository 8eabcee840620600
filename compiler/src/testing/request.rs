//! What a test asks: the lines `as`, `do` and `with`.
//!
//! What no request may have is told here, at its place, unless the test expects an error: then it is the test.

use super::case::{TestPrincipal, TestScalar, TestValue};
use super::row::{Filled, Reading, one_of};
use crate::diagnostic::near::nearest;
use crate::diagnostic::shown;
use crate::source::Span;
use crate::syntax::dsl::tree::{Entries, Entry, Pair, Requester};

/// The calls that `as` takes, with the number of their arguments.
const CALLS: [(&str, usize); 4] = [("session", 2), ("service", 1), ("federated", 1), ("canonical", 1)];

/// Who asks.
pub(super) fn principal<'a>(
    requester: &Requester<'a>,
    span: Span,
    checks: bool,
    reading: &mut Reading<'a>,
) -> Option<TestPrincipal> {
    match requester {
        Requester::Word(entry) => {
            let Filled { span, scalar } = reading.text(entry, "principal")?;
            let is_word = matches!(entry, Entry::Bare(_));
            match scalar.text.as_str() {
                "anonymous" if is_word => return Some(TestPrincipal::Anonymous),
                text if checks && !text.starts_with("arn:") => {
                    unknown_principal(text, span, reading);
                    return None;
                }
                _ => {}
            }
            Some(TestPrincipal::Arn(scalar.text))
        }
        Requester::Call { kind, entries } => {
            let names = CALLS.map(|(name, _)| name);
            let Some((_, count)) = CALLS.iter().find(|(name, _)| *name == kind.text) else {
                let error = reading.error(kind.span, format!("nobody asks as `{}(…)`", shown(kind.text)));
                error.expected = Some(format!("{} with `(…)`, an ARN, or `anonymous`", one_of(&names)));
                error.help = match kind.text {
                    "aws" => Some("write the ARN itself, without `aws(…)`".to_owned()),
                    text => nearest(text, names).map(|near| format!("did you mean `{near}`?")),
                };
                return None;
            };
            let texts: Vec<Filled> = entries.list.iter().flat_map(|entry| reading.texts(entry)).collect();
            if texts.len() != *count {
                let plural = if texts.len() == 1 { "" } else { "s" };
                let error = reading.error(span, format!("`{}` of {} text{plural}", kind.text, texts.len()));
                let form = if *count == 2 { "two: `session(SESSION_ARN, ROLE_ARN)`" } else { "one" };
                error.expected = Some(form.to_owned());
                return None;
            }
            let mut texts = texts.into_iter().map(|filled| filled.scalar.text);
            let first = texts.next()?;
            Some(match (kind.text, texts.next()) {
                ("session", Some(user)) if user.contains(":user/") => {
                    TestPrincipal::FederatedUser { session: first, user }
                }
                ("session", Some(role)) => TestPrincipal::Session { session: first, role },
                ("service", _) => TestPrincipal::Service(first),
                ("federated", _) => TestPrincipal::Federated(first),
                _ => TestPrincipal::CanonicalUser(first),
            })
        }
    }
}

fn unknown_principal(text: &str, span: Span, reading: &mut Reading<'_>) {
    let error = reading.error(span, format!("nobody asks as `{}`", shown(text)));
    error.expected =
        Some("an ARN, `session(ARN, ROLE)`, `service(x)`, `federated(x)`, `canonical(x)` or `anonymous`".to_owned());
    let is_service = text.ends_with(".amazonaws.com");
    error.help = match nearest(text, ["anonymous"]) {
        _ if is_service => Some(format!("write `service({text})`")),
        near => near.map(|near| format!("did you mean `{near}`?")),
    };
}

/// The action.
pub(super) fn action<'a>(entry: &Entry<'a>, checks: bool, reading: &mut Reading<'a>) -> Option<String> {
    let Filled { span, scalar } = reading.text(entry, "action")?;
    let text = scalar.text;
    if checks && (!text.contains(':') || text.contains(['*', '?'])) {
        let what = if text.contains(':') || text == "*" { "a pattern" } else { "no action" };
        let error = reading.error(span, format!("`{}` is {what}", shown(&text)));
        error.expected = Some("one action, such as `s3:GetObject`".to_owned());
        return None;
    }
    Some(text)
}

/// The resources.
pub(super) fn resources<'a>(
    resources: Option<&Entries<'a>>,
    span: Span,
    checks: bool,
    reading: &mut Reading<'a>,
) -> Option<Vec<String>> {
    let Some(entries) = resources else {
        let error = reading.error(span, "`do` without `on`");
        error.expected = Some("`on` and the ARNs of the resources, or `on *`".to_owned());
        return None;
    };
    let texts: Vec<Filled> = entries.list.iter().flat_map(|entry| reading.texts(entry)).collect();
    if checks && texts.is_empty() && entries.list.is_empty() {
        reading.error(entries.span, "no resource").expected = Some("an ARN, or `*`".to_owned());
        return None;
    }
    let mut is_good = true;
    for Filled { span, scalar } in texts.iter().filter(|_| checks) {
        if scalar.text != "*" && !scalar.text.starts_with("arn:") {
            let error = reading.error(*span, format!("`{}` is no resource", shown(&scalar.text)));
            error.expected = Some("an ARN, or `*`".to_owned());
            is_good = false;
        }
    }
    is_good.then(|| texts.into_iter().map(|filled| filled.scalar.text).collect())
}

/// The resource account.
pub(super) fn account<'a>(entry: &Entry<'a>, checks: bool, reading: &mut Reading<'a>) -> Option<String> {
    let Filled { span, scalar } = reading.text(entry, "account")?;
    let text = scalar.text;
    let is_good = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if checks && !is_good {
        let error = reading.error(span, format!("`{}` is no account", shown(&text)));
        error.expected = Some("12 digits".to_owned());
        error.help = (text.len() < 12 && text.parse::<u64>().is_ok())
            .then(|| format!("with its leading zeros it is `{text:0>12}`"));
        return None;
    }
    Some(text)
}

/// The context.
pub(super) fn context<'a>(pairs: &[Pair<'a>], checks: bool, reading: &mut Reading<'a>) -> Vec<(String, TestValue)> {
    let mut context: Vec<(String, TestValue)> = Vec::with_capacity(pairs.len());
    let mut spans = std::collections::HashMap::with_capacity(pairs.len());
    for pair in pairs {
        let key = reading.fill(pair.key);
        if checks && !key.contains(':') {
            let error = reading.error(pair.key.span, format!("`{}` is no context key", shown(&key)));
            error.expected = Some("a key with its prefix, such as `aws:SourceIp`".to_owned());
        }
        if let Some(first) = spans.insert(key.to_ascii_lowercase(), pair.key.span) {
            let message = format!("the context key `{}` is given twice", shown(&key));
            let error = reading.error(pair.key.span, message);
            error.related.push(crate::diagnostic::Related { span: first, message: "first here".to_owned() });
            error.help = Some("several values of one key stand in brackets: `[\"a\", \"b\"]`".to_owned());
            continue;
        }
        if let Some(value) = value(&pair.values, reading) {
            context.push((key, value));
        }
    }
    context
}

fn value<'a>(values: &Entries<'a>, reading: &mut Reading<'a>) -> Option<TestValue> {
    if !values.is_array
        && let [entry] = values.list
    {
        let mut texts = reading.texts(entry);
        if texts.len() > 1 {
            let error = reading.error(entry.span(), "several values outside of brackets");
            error.help = Some("put the list into `[…]`".to_owned());
            return None;
        }
        return texts.pop().map(|filled| TestValue::One(filled.scalar));
    }
    let scalars: Vec<TestScalar> =
        values.list.iter().flat_map(|entry| reading.texts(entry)).map(|filled| filled.scalar).collect();
    Some(TestValue::Many(scalars))
}
