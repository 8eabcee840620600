//! Condition values: each read as its operator's family reads it (semantics.md 7.4 to 7.11).

use dictum_vm::operator::{Family, Operator};
use dictum_vm::value::decimal::Decimal;
use dictum_vm::value::ip::Network;
use dictum_vm::value::number::Number;
use dictum_vm::value::{base64, date};

use super::pattern;
use super::scope::Scope;
use super::variable::{self, Part};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::pattern::PatternKind;
use crate::policy::{ConditionValue, Operand};
use crate::syntax::ast::{Scalar, ScalarKind, Text};

/// One value under an operator; `None` where it is wrong, which is reported.
pub(super) fn value(operator: Operator, scalar: &Scalar<'_>, scope: &mut Scope<'_>) -> Option<ConditionValue> {
    if scalar.kind != ScalarKind::Number {
        return read(operator, &scalar.text, scope);
    }
    // GRM-28: a number is its plain decimal, made of the digits in the source.
    match Number::from_json(scalar.text.text) {
        Ok(number) => read(operator, &Text { text: number.as_str(), ..scalar.text }, scope),
        Err(_) => {
            let message = format!("the number `{}` is too long", shown(scalar.text.text));
            let diagnostic = Diagnostic::new(Code::E_VALUE, scalar.text.span, "GRM-28", message);
            scope.report(diagnostic.expected("at most 64 digits without an exponent"));
            None
        }
    }
}

fn read(operator: Operator, text: &Text<'_>, scope: &mut Scope<'_>) -> Option<ConditionValue> {
    if operator.has_patterns() && !scope.pattern_fits(text) {
        return None;
    }
    let operand = match operator.takes_variables() {
        true => Operand::Pattern(with_variables(operator, text, scope)?),
        false => without_variables(operator, text, scope)?,
    };
    Some(ConditionValue { text: text.text.to_owned(), operand })
}

/// VAR-5: String, Arn and Bool operators.
fn with_variables(operator: Operator, text: &Text<'_>, scope: &mut Scope<'_>) -> Option<crate::pattern::Pattern> {
    let parts = variable::parts(text, scope)?;
    // OPR-5: a value with `${*}` or its kin is not literal.
    let is_literal = parts.iter().all(|part| matches!(part, Part::Text(_)));
    let kind = match operator.family() {
        Family::StringLike => PatternKind::Like,
        Family::Arn => PatternKind::Arn,
        _ => PatternKind::Plain,
    };
    if kind == PatternKind::Arn && is_literal && text.text != "*" && pattern::count_colons(text.text) < 5 {
        scope.report(unreadable(operator, text, scope));
        return None;
    }
    let is_bool = |text: &str| ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text));
    if operator == Operator::Bool && is_literal && !is_bool(text.text) {
        let message = format!("`{}` counts as false", shown(text.text));
        scope.lint(Code::L_BOOL, text.span, "CND-46", message, "write `true` or `false`");
    }
    Some(pattern::condition(text.text, &parts, kind))
}

/// VAR-6: the other operators, whose values are read here and now.
fn without_variables(operator: Operator, text: &Text<'_>, scope: &mut Scope<'_>) -> Option<Operand> {
    if scope.has_variables
        && let Some(at) = text.text.find("${")
    {
        let message = match scope.is_dictum() {
            true => format!("{} takes no variables", name_of(operator.family())),
            false => format!("`{}` takes no variables", operator.name()),
        };
        scope.report(Diagnostic::new(Code::E_VARIABLE, text.part(at, at + 2), "VAR-6", message));
        return None;
    }
    let operand = match operator.family() {
        Family::Numeric => Decimal::parse(text.text).map(|_| Operand::Number),
        Family::Date => date::parse(text.text).map(Operand::Date),
        Family::IpAddress => Network::parse(text.text).map(Operand::Network),
        Family::Null if text.text.eq_ignore_ascii_case("true") => Some(Operand::Null(true)),
        Family::Null if text.text.eq_ignore_ascii_case("false") => Some(Operand::Null(false)),
        Family::Null => None,
        // BinaryEquals: the base64 text is kept, for equal bytes have equal texts (CND-49).
        _ => base64::is_valid(text.text)
            .then(|| Operand::Pattern(pattern::condition(text.text, &literal(text.text), PatternKind::Plain))),
    };
    if operand.is_none() {
        scope.report(unreadable(operator, text, scope));
    }
    operand
}

/// A text without variables, as parts.
fn literal(text: &str) -> variable::Parts<'_> {
    Some(text).filter(|text| !text.is_empty()).map(Part::Text).into_iter().collect()
}

/// What an author of the language calls the values of a family that are read when a policy is.
fn name_of(family: Family) -> &'static str {
    match family {
        Family::Numeric => "a number",
        Family::Date => "a date",
        Family::IpAddress => "an address or a network",
        Family::Arn => "an ARN",
        Family::Null => "a boolean",
        _ => "binary",
    }
}

/// OPR-5.
fn unreadable(operator: Operator, text: &Text<'_>, scope: &Scope<'_>) -> Diagnostic {
    let message = match scope.is_dictum() {
        true => format!("`{}` is not {}", shown(text.text), name_of(operator.family())),
        false => format!("`{}` is no value for `{}`", shown(text.text), operator.name()),
    };
    let expected = match operator.family() {
        Family::Numeric => "a decimal number such as `10` or `-0.5`",
        Family::Date => "a date such as `2024-07-01` or `2024-07-01T12:00:00Z`, or epoch seconds",
        Family::IpAddress => "an address or a network such as `203.0.113.0/24` or `2001:db8::/32`",
        Family::Arn => "`*` or an ARN of six fields",
        Family::Null => "`true` or `false`",
        _ => "padded base64",
    };
    let diagnostic = Diagnostic::new(Code::E_VALUE, text.span, "OPR-5", message).expected(expected);
    if operator.family() == Family::IpAddress
        && let Some((address, _)) = text.text.split_once('/')
        && address.contains(':')
        && Network::parse(address).is_some()
    {
        return diagnostic.help("the bits of an IPv6 network behind its length must be zero");
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::pattern::listing;
    use crate::source::{SourceFile, Span};

    fn listed(operator: Operator, has_variables: bool, text: &str) -> String {
        let file = SourceFile::default();
        let mut scope = Scope::new(&file, crate::source::PolicyType::Identity);
        scope.has_variables = has_variables;
        match read(operator, &Text { span: Span::default(), text }, &mut scope).map(|value| value.operand) {
            Some(Operand::Pattern(pattern)) => listing(&pattern.pieces),
            Some(operand) => format!("{operand:?}"),
            None => scope.diagnostics[0].code.name().to_owned(),
        }
    }

    /// OPR-5, VAR-1, VAR-4 to VAR-6, CND-60 to CND-63.
    #[test]
    fn values_are_read_by_their_family() {
        use Operator::*;
        for (operator, text, expected) in [
            (StringEquals, "a*?", "a*?"),
            (StringEquals, "", ""),
            (StringEquals, "a${x:k, ''}*", "a<x:k|>*"),
            (StringLike, "*?a**", "<1><*>a<*>"),
            (StringLike, "${*}*${x:k}", "*<*><x:k>"),
            (Bool, "yes", "yes"),
            (ArnLike, "*", "<*>"),
            (ArnLike, "**", "E-VALUE"),
            (ArnEquals, "arn:aws:sns:*:?:t-?*:*", "arn:aws:sns:<*!>:<1!>:t-<1><*>:<*>"),
            (ArnEquals, "arn:aws:sns:${*}*:1:t", "arn:aws:sns:*<*!>:1:t"),
            (ArnLike, "arn:*:${x:k, 'a:b'}?*", "arn:<*a>:<x:k|a:b><1a><*a>"),
            (ArnLike, "arn:aws:sns:*:t", "E-VALUE"),
            (ArnLike, "${*}", "*"),
            (NumericEquals, "1.50", "Number"),
            (NumericEquals, "${x:k}", "E-VARIABLE"),
            (DateEquals, "1970-01-01T00:00:01Z", "Date(1000)"),
            (IpAddress, "10.1.2.3/8", "Network(V4(167772160, 8))"),
            (BinaryEquals, "QmluYXJ5", "QmluYXJ5"),
            (BinaryEquals, "", ""),
            (BinaryEquals, "QmluYXJ", "E-VALUE"),
            (Null, "TRUE", "Null(true)"),
            (Null, "1", "E-VALUE"),
        ] {
            assert_eq!(listed(operator, true, text), expected, "{operator:?} {text}");
        }
        assert_eq!(listed(StringLike, false, "${x:*}"), "${x:<*>}");
        assert_eq!(listed(ArnLike, false, "${a:b:c:d:e:f}*"), "${a:b:c:d:e:f}<*>");
        assert_eq!(listed(NumericEquals, false, "${x:k}"), "E-VALUE");
    }
}
