//! Policy variables (section 8). Policies are valid here, so every `${` that is a variable is a whole one.

use super::context::{Context, Found};
use super::patterns::{Char, literal_text, policy_text};

/// One part of a text that may hold variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Policy text.
    Text(String),
    /// `${*}`, `${?}`, `${$}` (VAR-4).
    Escape(char),
    /// `${key}` or `${key, 'default'}` (VAR-2).
    Variable { key: String, default: Option<String> },
}

/// Splits a text into its parts; in an old policy it is one part whatever it holds (VAR-1).
pub(super) fn parts(text: &str, version_2012: bool) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${").filter(|_| version_2012) {
        if start > 0 {
            out.push(Part::Text(rest[..start].to_owned()));
        }
        let (part, behind) = variable(&rest[start + 2..]);
        out.push(part);
        rest = behind;
    }
    if !rest.is_empty() {
        out.push(Part::Text(rest.to_owned()));
    }
    out
}

/// The variable that begins behind `${`, and what follows its `}` (VAR-2).
fn variable(inner: &str) -> (Part, &str) {
    let end = inner.find([',', '}']).expect("a valid policy closes its variables");
    let (key, rest) = inner.split_at(end);
    if let Some(rest) = rest.strip_prefix('}') {
        let part = match key {
            "*" => Part::Escape('*'),
            "?" => Part::Escape('?'),
            "$" => Part::Escape('$'),
            key => Part::Variable { key: key.to_owned(), default: None },
        };
        return (part, rest);
    }
    let quoted = rest[1..].trim_start_matches([' ', '\t', '\r', '\n']);
    let (default, rest) = quoted[1..].split_once('\'').expect("a valid policy closes its quotes");
    (Part::Variable { key: key.to_owned(), default: Some(default.to_owned()) }, &rest[1..])
}

/// What a variable stands for in this request; `None` where it is unresolved.
fn value(key: &str, default: Option<&str>, context: &Context) -> Option<String> {
    // VAR-3: a key without a colon counts as absent.
    let found = if key.contains(':') { context.find(key) } else { Found::Absent };
    match found {
        Found::Many(_) => None,                                        // VAR-10
        Found::One(text) if !text.is_empty() => Some(text.to_owned()), // VAR-7
        Found::One(_) | Found::Absent => default.map(str::to_owned),   // VAR-9
    }
}

/// The characters of a text for this request, or `None` where a variable in it is unresolved (VAR-11, VAR-12).
pub(super) fn substitute(parts: &[Part], context: &Context) -> Option<Vec<Char>> {
    let mut chars = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => chars.extend(policy_text(text)),
            Part::Escape(c) => chars.push(Char::Literal(*c)),
            Part::Variable { key, default } => {
                let text = value(key, default.as_deref(), context)?;
                if text.is_empty() {
                    chars.push(Char::Nothing);
                }
                chars.extend(literal_text(&text)); // VAR-8
            }
        }
    }
    Some(chars)
}

/// As [`substitute`], for a resource entry: before the fifth colon a value or default with a `:` is unresolved (VAR-5).
pub(super) fn substitute_resource(parts: &[Part], context: &Context) -> Option<Vec<Char>> {
    let mut colons = 0;
    for part in parts {
        match part {
            Part::Text(text) => colons += text.matches(':').count(),
            Part::Escape(_) => {}
            Part::Variable { key, default } => {
                if colons < 5 && value(key, default.as_deref(), context)?.contains(':') {
                    return None;
                }
            }
        }
    }
    substitute(parts, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_text() {
        let variable = |key: &str, default: Option<&str>| Part::Variable {
            key: key.to_owned(),
            default: default.map(str::to_owned),
        };
        assert_eq!(
            parts("a${x:k}$b${*}${x:d, \n'}, {'}${x:e,''}", true),
            [
                Part::Text("a".into()),
                variable("x:k", None),
                Part::Text("$b".into()),
                Part::Escape('*'),
                variable("x:d", Some("}, {")),
                variable("x:e", Some("")),
            ]
        );
        assert_eq!(parts("${x:k}", false), [Part::Text("${x:k}".into())]);
    }
}
