//! What a test asks: the lines `as`, `do` and `with`.
//!
//! What no request may have is told here, at its place, unless the test expects an error: then it is the test.

use super::case::{TestPrincipal, TestValue};
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
            let Filled { span, scalar, .. } = reading.text(entry, "principal")?;
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
            let texts = plain(entries, "principal", reading)?;
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
    let Filled { span, scalar, .. } = reading.text(entry, "action")?;
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
    let texts = plain(entries, "resource", reading)?;
    if checks && texts.is_empty() && entries.list.is_empty() {
        reading.error(entries.span, "no resource").expected = Some("an ARN, or `*`".to_owned());
        return None;
    }
    let mut is_good = true;
    for Filled { span, scalar, .. } in texts.iter().filter(|_| checks) {
        if scalar.text != "*" && !scalar.text.starts_with("arn:") {
            let error = reading.error(*span, format!("`{}` is no resource", shown(&scalar.text)));
            error.expected = Some("an ARN, or `*`".to_owned());
            is_good = false;
        }
    }
    is_good.then(|| texts.into_iter().map(|filled| filled.scalar.text).collect())
}

/// The texts of a list without values; `None` where one of them is a value, which is told.
fn plain<'a>(entries: &Entries<'a>, what: &str, reading: &mut Reading<'a>) -> Option<Vec<Filled>> {
    let texts: Vec<Option<Vec<Filled>>> = entries.list.iter().map(|entry| reading.plain(entry, what)).collect();
    texts.into_iter().collect::<Option<Vec<_>>>().map(|texts| texts.into_iter().flatten().collect())
}

/// The resource account.
pub(super) fn account<'a>(entry: &Entry<'a>, checks: bool, reading: &mut Reading<'a>) -> Option<String> {
    let Filled { span, scalar, .. } = reading.text(entry, "account")?;
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
    let mut scalars = Vec::with_capacity(values.list.len());
    for entry in values.list {
        let texts = reading.texts(entry);
        if !values.is_array && texts.len() > 1 {
            let error = reading.error(entry.span(), "several values outside of brackets");
            error.help = Some("put the list into `[…]`".to_owned());
            return None;
        }
        texts.iter().filter(|filled| filled.is_word).for_each(|word| no_literal(entry, word, reading));
        scalars.extend(texts.into_iter().map(|filled| filled.scalar));
    }
    match values.is_array {
        true => Some(TestValue::Many(scalars)),
        false => scalars.pop().map(TestValue::One),
    }
}

/// A bare word in the place of a value: the name of a `let`, or a string for want of quotes.
fn no_literal(entry: &Entry<'_>, word: &Filled, reading: &mut Reading<'_>) {
    let text = match entry {
        Entry::Bare(bare) if bare.groups.is_empty() => shown(bare.head.text),
        _ => shown(&word.scalar.text),
    };
    let error = reading.error(word.span, format!("`{text}` is no literal"));
    error.expected = Some("a string in quotes, an ARN, a number, a date, an address, `true` or `false`".to_owned());
    error.help = Some(match text.to_ascii_lowercase().as_str() {
        literal @ ("true" | "false") => format!("write `{literal}`"),
        "null" | "none" => "a key that is absent is left out".to_owned(),
        _ => format!("if it is a string, write `\"{text}\"`; names of `let`s mean nothing in a test"),
    });
}
