//! Texts that may hold variables, taken apart (VAR-1 to VAR-4).
//!
//! ```text
//! home/${aws:username}/${*}   ->   Text "home/", Variable aws:username, Text "/", Character *
//! ```

use smallvec::{SmallVec, smallvec};

use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::syntax::ast::Text;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// Policy text, in which wildcards count where they count. Never empty.
    Text(&'t str),
    /// What `${*}`, `${?}` or `${$}` denotes (VAR-4).
    Character(&'t str),
    Variable {
        key: &'t str,
        default: Option<&'t str>,
        /// Bytes of the text, from `$` to behind `}`.
        range: (usize, usize),
    },
}

pub(super) type Parts<'t> = SmallVec<[Part<'t>; 4]>;

/// The parts of a text; `None` where a variable is malformed, which is reported. In a Version without variables all of it
/// is text, with a lint where it looks as if it should not be (VAR-1).
pub(super) fn parts<'t>(text: &Text<'t>, scope: &mut Scope<'_>) -> Option<Parts<'t>> {
    let whole = text.text;
    let Some(first) = whole.find("${") else {
        return Some(if whole.is_empty() { Parts::new() } else { smallvec![Part::Text(whole)] });
    };
    if !scope.has_variables {
        let (message, help) = (scope.words.old_variable, scope.words.variables_need);
        scope.lint(Code::L_OLD_VARIABLE, text.part(first, first + 2), "VAR-1", message, help);
        return Some(smallvec![Part::Text(whole)]);
    }
    let mut parts = Parts::new();
    let mut at = 0;
    while let Some(found) = whole[at..].find("${") {
        let start = at + found;
        if start > at {
            parts.push(Part::Text(&whole[at..start]));
        }
        match variable(whole, start) {
            Ok((part, end)) => {
                lint_key(part, text, scope);
                parts.push(part);
                at = end;
            }
            Err(fault) => {
                scope.report(fault.diagnostic(text));
                return None;
            }
        }
    }
    if at < whole.len() {
        parts.push(Part::Text(&whole[at..]));
    }
    Some(parts)
}

/// VAR-3: a key without colon is no key of any request.
fn lint_key(part: Part<'_>, text: &Text<'_>, scope: &mut Scope<'_>) {
    if let Part::Variable { key, range: (start, end), .. } = part
        && !key.contains(':')
    {
        let message = format!("the variable `{}` has no colon and so never a value", shown(key));
        let help = format!("a context key is written `prefix:name`, as in `aws:{}`", shown(key));
        scope.lint(Code::L_VARIABLE_KEY, text.part(start, end), "VAR-3", message, &help);
    }
}

/// What is wrong with a variable, and where in the text.
struct Fault {
    start: usize,
    end: usize,
    message: &'static str,
    help: Option<&'static str>,
}

impl Fault {
    fn diagnostic(self, text: &Text<'_>) -> Diagnostic {
        let span = text.part(self.start, self.end);
        let diagnostic = Diagnostic::new(Code::E_VARIABLE, span, "VAR-3", self.message);
        let diagnostic = diagnostic.expected("`${key}` or `${key, 'default'}`");
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The `${…}` at `start`, and where it ends (VAR-2).
fn variable(text: &str, start: usize) -> Result<(Part<'_>, usize), Fault> {
    let fault = |end: usize, message, help| Err(Fault { start, end, message, help });
    let key_start = start + 2;
    let Some(length) = text[key_start..].find([',', '}']) else {
        return fault(text.len(), "`${` without `}`", Some("a literal dollar sign is written `${$}`"));
    };
    let key_end = key_start + length;
    let key = &text[key_start..key_end];
    let closes = text[key_end..].starts_with('}');
    if key.is_empty() {
        return fault(key_end + 1, "a variable without a key", None);
    }
    if closes && matches!(key, "*" | "?" | "$") {
        return Ok((Part::Character(key), key_end + 1));
    }
    if key.contains(BLANKS) {
        return fault(key_end, "a blank in the key of a variable", None);
    }
    if key.contains(['*', '?']) {
        return fault(
            key_end,
            "a wildcard in the key of a variable",
            Some("a literal wildcard is written `${*}` or `${?}`"),
        );
    }
    if key.contains("${") {
        return fault(key_end, "a variable in the key of a variable", None);
    }
    if closes {
        return Ok((Part::Variable { key, default: None, range: (start, key_end + 1) }, key_end + 1));
    }
    let behind_comma = &text[key_end + 1..];
    let quoted = behind_comma.trim_start_matches(BLANKS);
    let Some(default) = quoted.strip_prefix('\'') else {
        return fault(key_end + 1, "a default without single quotes", None);
    };
    let default_start = text.len() - default.len();
    let Some(length) = default.find('\'') else {
        return fault(text.len(), "a default without closing quote", None);
    };
    let end = default_start + length + 2;
    if !text[end - 1..].starts_with('}') {
        return fault(end - 1, "no `}` behind the default", None);
    }
    Ok((Part::Variable { key, default: Some(&default[..length]), range: (start, end) }, end))
}
