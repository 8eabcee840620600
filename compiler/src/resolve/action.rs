//! Action and NotAction entries (semantics.md 4).

use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::policy::ActionPattern;
use crate::syntax::ast::Text;

const EXPECTED: &str = "`*` or `service:name`";

/// One entry; `None` where it is wrong, which is reported.
pub(super) fn entry(entry: &Text<'_>, scope: &mut Scope<'_>) -> Option<ActionPattern> {
    let text = entry.text;
    if !scope.pattern_fits(entry) {
        return None;
    }
    if text == "*" || text == "*:*" {
        return Some(ActionPattern { text: text.to_owned(), folded: "*".to_owned() });
    }
    if let Some(fault) = fault(entry) {
        scope.report(fault);
        return None;
    }
    lint(entry, scope);
    Some(ActionPattern { text: text.to_owned(), folded: folded(text) })
}

/// GRM-26, ACT-2, ACT-3, ACT-4.
fn fault(entry: &Text<'_>) -> Option<Diagnostic> {
    let text = entry.text;
    let whole =
        |rule, message: String| Some(Diagnostic::new(Code::E_ACTION, entry.span, rule, message).expected(EXPECTED));
    if text.is_empty() {
        return whole("GRM-26", "an empty action".to_owned());
    }
    if let Some(at) = text.find("${") {
        let span = entry.part(at, at + 2);
        let message = "an action takes no variables";
        let help = "list the actions, and ask for the variable's key in a condition";
        return Some(Diagnostic::new(Code::E_ACTION, span, "ACT-4", message).help(help));
    }
    if text.starts_with("arn:") {
        let fault = whole("ACT-3", format!("the ARN `{}` among actions", shown(text)));
        return fault.map(|fault| fault.help("an ARN is a resource"));
    }
    let Some((service, name)) = text.split_once(':') else {
        let fault = whole("ACT-3", format!("the action `{}` has no colon", shown(text)));
        return fault.map(|fault| match text.split_once(['.', '/']) {
            Some((service, name)) if !service.is_empty() && !name.is_empty() => {
                fault.did_you_mean(Some(&format!("{service}:{name}")))
            }
            _ => fault,
        });
    };
    let is_service = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if let Some((at, character)) = service.char_indices().find(|&(_, c)| !is_service(c)) {
        let span = entry.part(at, at + character.len_utf8());
        let (message, help) = match character {
            '*' | '?' => ("a wildcard in the service of an action", "list the services, or use `*` for every action"),
            _ => ("the service of an action has other characters than letters, digits and hyphens", ""),
        };
        let diagnostic = Diagnostic::new(Code::E_ACTION, span, "ACT-2", message).expected(EXPECTED);
        return Some(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }
    if service.is_empty() {
        return whole("ACT-2", format!("the action `{}` has no service", shown(text)));
    }
    if name.is_empty() {
        return whole("ACT-3", format!("the action `{}` has no name", shown(text)));
    }
    let second = service.len() + 1 + name.find(':')?;
    let message = "a second colon in an action";
    Some(Diagnostic::new(Code::E_ACTION, entry.part(second, second + 1), "ACT-3", message).expected(EXPECTED))
}

/// ACT-4: what no action's name has matches literally, and so nothing.
fn lint(entry: &Text<'_>, scope: &mut Scope<'_>) {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '*' | '?');
    if let Some((at, character)) = entry.text.char_indices().find(|&(_, c)| !is_usual(c)) {
        let span = entry.part(at, at + character.len_utf8());
        let message = format!("an unusual character in the action `{}`", shown(entry.text));
        let help = match character {
            '{' | '}' if scope.is_dictum() => "it matches itself only; a brace group is written without quotes",
            _ => "it matches itself only",
        };
        scope.lint(Code::L_ACTION, span, "ACT-4", message, help);
    }
}

/// Lower-cased (ACT-5), and each group of wildcards as its `?` and then one `*`.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut run = false;
    for character in text.chars() {
        match character {
            '*' => run = true,
            '?' => folded.push('?'),
            _ => {
                if std::mem::take(&mut run) {
                    folded.push('*');
                }
                folded.push(character.to_ascii_lowercase());
            }
        }
    }
    if run {
        folded.push('*');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_lower_case_and_normal_form() {
        for (text, expected) in [
            ("SNS:Publish", "sns:publish"),
            ("s3:**Get*?*x", "s3:*get?*x"),
            ("s3:?*", "s3:?*"),
            ("s3:\u{212A}", "s3:\u{212A}"),
        ] {
            assert_eq!(folded(text), expected);
        }
    }
}
