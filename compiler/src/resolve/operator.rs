//! Names of condition operators: quantifier, base and suffix (OPR-1 to OPR-3).

use dictum_vm::operator::{Operator, Quantifier, Test};

use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::syntax::ast::Text;

const SUFFIX: &str = "IfExists";

/// The operator of a name, in any letter case.
///
/// # Errors
/// E-OPERATOR, with the name that was probably meant.
pub(crate) fn test(name: &Text<'_>) -> Result<Test, Box<Diagnostic>> {
    let (quantifier, rest) = match name.text.split_once(':') {
        None => (None, name.text),
        Some((first, rest)) => {
            let all = [Quantifier::ForAllValues, Quantifier::ForAnyValue];
            let found = all.into_iter().find(|quantifier| quantifier.name().eq_ignore_ascii_case(first));
            (Some(found.ok_or_else(|| unknown_quantifier(name, first, rest))?), rest)
        }
    };
    let (base, suffix) = split_suffix(rest);
    let if_exists = !suffix.is_empty();
    let operator = Operator::from_name(base).ok_or_else(|| unknown_base(name, base, quantifier, if_exists))?;
    if operator == Operator::Null && (quantifier.is_some() || if_exists) {
        let message = format!("`{}` adds to `Null`", shown(name.text));
        let help = "`Null` takes neither a set qualifier nor `IfExists`";
        return Err(Diagnostic::new(Code::E_OPERATOR, name.span, "OPR-3", message).help(help).into());
    }
    Ok(Test { operator, quantifier, if_exists })
}

fn unknown_quantifier(name: &Text<'_>, first: &str, rest: &str) -> Box<Diagnostic> {
    let near = nearest(first, ["ForAllValues", "ForAnyValue"]).map(|near| format!("{near}:{}", nearest_base(rest)));
    if near.is_none() && !first.starts_with("For") {
        let message = format!("unknown condition operator `{}`", shown(name.text));
        let help = format!(
            "a condition key stands under its operator: `{{\"StringEquals\": {{\"{}\": …}}}}`",
            shown(name.text)
        );
        return Diagnostic::new(Code::E_OPERATOR, name.span, "OPR-1", message).help(help).into();
    }
    let message = format!("unknown set qualifier `{}`", shown(first));
    Diagnostic::new(Code::E_OPERATOR, name.part(0, first.len()), "OPR-3", message)
        .expected("`ForAllValues` or `ForAnyValue`")
        .did_you_mean(near.as_deref())
        .into()
}

/// A base with its suffix, as it was probably meant.
fn nearest_base(text: &str) -> String {
    let (base, suffix) = split_suffix(text);
    match nearest(base, Operator::ALL.iter().map(|operator| operator.name())) {
        Some(near) => format!("{near}{suffix}"),
        None => text.to_owned(),
    }
}

/// A base, and its suffix or nothing.
fn split_suffix(text: &str) -> (&str, &str) {
    let at = text.len().saturating_sub(SUFFIX.len());
    match text.get(at..) {
        Some(end) if end.eq_ignore_ascii_case(SUFFIX) => text.split_at(at),
        _ => (text, ""),
    }
}

fn unknown_base(name: &Text<'_>, base: &str, quantifier: Option<Quantifier>, if_exists: bool) -> Box<Diagnostic> {
    let message = format!("unknown condition operator `{}`", shown(name.text));
    // A name that is near without its qualifier may have lost the colon behind it.
    let near = nearest(base, Operator::ALL.iter().map(|operator| operator.name()));
    let near = near.and_then(Operator::from_name).map(|operator| Test { operator, quantifier, if_exists }.to_string());
    let diagnostic = Diagnostic::new(Code::E_OPERATOR, name.span, "OPR-1", message);
    match near {
        Some(near) => diagnostic.did_you_mean(Some(&near)).into(),
        None => diagnostic.expected("an operator of IAM, such as `StringEquals` or `NumericLessThanEquals`").into(),
    }
}
