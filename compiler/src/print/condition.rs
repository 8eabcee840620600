//! A Condition as clauses: operators chosen by the literal, and `is` for what has no such form.

use dictum_vm::operator::{Comparison, Family, Operator, Quantifier, Test};
use dictum_vm::value::date;
use dictum_vm::value::decimal::Decimal;
use dictum_vm::value::ip::Network;
use dictum_vm::value::number::Number;

use super::Printer;
use super::group;
use super::layout::{Part, Word, with_commas};
use super::spelling::{self, string, typed};
use crate::resolve::operator;
use crate::syntax::ast::{KeyBlock, OperatorBlock, Scalar, ScalarKind, Text};

impl Printer {
    /// The clauses of a Condition, in order. `None` where an operator's name cannot be written.
    pub(super) fn clauses(&self, blocks: &[OperatorBlock<'_>]) -> Option<Vec<Part>> {
        if blocks.is_empty() && self.is_exact() {
            return Some(vec![Part::of("{}")]);
        }
        let mut clauses = Vec::new();
        for block in blocks {
            if block.keys.is_empty() && self.is_exact() {
                clauses.push(Part::of(format!("{} {{}}", operator_name(block.operator.text)?)));
            }
            let test = operator::test(&block.operator).ok();
            for key in block.keys {
                let form = test.and_then(|test| self.by_literal(test, &block.operator, key));
                clauses.push(match form {
                    Some(clause) => clause,
                    None => self.by_name(test, block.operator.text, key)?,
                });
            }
        }
        Some(clauses)
    }

    /// Whether the values of a key are written as a list.
    fn is_list(&self, key: &KeyBlock<'_>) -> bool {
        if self.is_exact() { key.is_array } else { key.values.len() != 1 }
    }

    /// `KEY is OPERATOR VALUES`.
    fn by_name(&self, test: Option<Test>, name: &str, key: &KeyBlock<'_>) -> Option<Part> {
        let name = match test {
            Some(test) if !self.is_exact() => test.to_string(),
            _ => operator_name(name)?.to_owned(),
        };
        let value = |scalar: &Scalar<'_>| match scalar.kind {
            ScalarKind::String => string(scalar.text.text),
            _ if self.is_exact() => format!("json({})", scalar.text.text),
            _ => string(&plain_text(scalar)),
        };
        let values = key.values.iter().map(value).map(Word::from).collect();
        Some(clause(format!("{} is {name}", spelling::key(key.key.text)), with_commas(values), self.is_list(key)))
    }

    /// The clause in which the literal tells the operator's family; `None` where there is none.
    fn by_literal(&self, test: Test, name: &Text<'_>, key: &KeyBlock<'_>) -> Option<Part> {
        let is_odd = test.to_string() != name.text || key.values.iter().any(|it| it.kind != ScalarKind::String);
        if is_odd && self.is_exact() {
            return None;
        }
        let is_list = self.is_list(key);
        let subject = subject(test, key.key.text);
        if test.operator == Operator::Null {
            return null(&subject, key.values, is_list);
        }
        if key.values.is_empty() {
            let is_plain = test.operator == Operator::StringEquals;
            return is_plain.then(|| clause(format!("{subject} in"), Vec::new(), true));
        }
        let lead = format!("{subject} {}", symbol(test.operator, is_list)?);
        let texts: Vec<String> = key.values.iter().map(plain_text).collect();
        let family = test.operator.family();
        if family == Family::Arn {
            return Some(self.arn_clause(lead, test.operator, &texts, is_list));
        }
        let values = texts.iter().map(|text| literal(family, text).map(Word::from)).collect::<Option<Vec<_>>>()?;
        Some(clause(lead, with_commas(values), is_list))
    }

    /// Of Arn literals some may stand in brace groups; one that is all of a list needs no brackets behind `like`.
    fn arn_clause(&self, lead: String, operator: Operator, texts: &[String], is_list: bool) -> Part {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let spell = |text: &str| match spelling::is_bare_arn(text) {
            true => text.to_owned(),
            false => typed("arn", text),
        };
        let group::Grouped { words, is_one } = group::arns(&texts, spelling::is_bare_arn, spell);
        if is_one && matches!(operator, Operator::ArnLike | Operator::ArnNotLike) {
            return Part { lead: Word::from(lead), words, opens: false };
        }
        clause(lead, words, is_list)
    }
}

/// `all aws:TagKeys?`.
fn subject(test: Test, key: &str) -> String {
    let quantifier = match test.quantifier {
        None => "",
        Some(Quantifier::ForAllValues) => "all ",
        Some(Quantifier::ForAnyValue) => "any ",
    };
    format!("{quantifier}{}{}", spelling::key(key), if test.if_exists { "?" } else { "" })
}

/// An operator's name as JSON spells it; `None` where it is no word.
fn operator_name(name: &str) -> Option<&str> {
    let is_word = |part: &str| part.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    (is_word(name) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':')).then_some(name)
}

/// The text that a value means (GRM-28).
fn plain_text(scalar: &Scalar<'_>) -> String {
    let text = scalar.text.text;
    match (scalar.kind, Number::from_json(text)) {
        (ScalarKind::Number, Ok(number)) => number.as_str().to_owned(),
        _ => text.to_owned(),
    }
}

/// `exists` and `absent`.
fn null(subject: &str, values: &[Scalar<'_>], is_list: bool) -> Option<Part> {
    let [value] = values else { return None };
    let word = match value.text.text {
        "false" => "exists",
        "true" => "absent",
        _ => return None,
    };
    (!is_list).then(|| Part::of(format!("{subject} {word}")))
}

/// How an operator is written before one value, or before a list.
fn symbol(operator: Operator, is_list: bool) -> Option<&'static str> {
    let is_like =
        matches!(operator, Operator::ArnLike | Operator::ArnNotLike) || operator.family() == Family::StringLike;
    let is_negated = operator.is_negated();
    match operator.comparison() {
        Comparison::Equal => Some(match (operator.family(), is_negated) {
            (Family::StringIgnoreCase, false) => "~=",
            (Family::StringIgnoreCase, true) => "!~=",
            (_, false) if is_like => "like",
            (_, true) if is_like => "not like",
            (_, false) if is_list => "in",
            (_, true) if is_list => "not in",
            (_, false) => "==",
            (_, true) => "!=",
        }),
        _ if is_list => None,
        Comparison::Less => Some("<"),
        Comparison::LessOrEqual => Some("<="),
        Comparison::Greater => Some(">"),
        Comparison::GreaterOrEqual => Some(">="),
    }
}

/// A lead and its values, which have their commas.
fn clause(lead: String, mut words: Vec<Word>, is_list: bool) -> Part {
    if !is_list {
        let texts: Vec<String> = std::iter::once(lead).chain(words.into_iter().map(|word| word.text)).collect();
        return Part::of(texts.join(" "));
    }
    match words.last_mut() {
        None => Part::of(format!("{lead} []")),
        Some(last) => {
            last.text.push(']');
            Part { lead: Word::from(format!("{lead} [")), words, opens: true }
        }
    }
}

/// A value as the literal whose form says the family: bare where reading it back gives that family and the same text, else
/// a typed string; `None` where the family cannot read it.
fn literal(family: Family, text: &str) -> Option<String> {
    let is_bare = spelling::is_bare(text);
    Some(match family {
        Family::String | Family::StringIgnoreCase | Family::StringLike => string(text),
        Family::Numeric if is_plain_number(text) => text.to_owned(),
        Family::Numeric => typed("num", Decimal::parse(text).map(|_| text)?),
        Family::Date if is_plain_date(text) && date::parse(text).is_some() => text.to_owned(),
        Family::Date => typed("date", date::parse(text).map(|_| text)?),
        Family::IpAddress => match Network::parse(text) {
            Some(_) if is_bare && text.as_bytes()[0].is_ascii_digit() => text.to_owned(),
            Some(_) => typed("ip", text),
            None => return None,
        },
        Family::Bool if matches!(text, "true" | "false") => text.to_owned(),
        Family::Bool => typed("bool", text),
        Family::Binary => typed("bin", text),
        Family::Arn | Family::Null => return None,
    })
}

/// `10`, `-5`, `0.5`.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `2026-01-01` or `2026-01-01T00:00:00Z`.
fn is_plain_date(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:ddZ";
    let is_like = |(&byte, &form): (&u8, &u8)| if form == b'd' { byte.is_ascii_digit() } else { byte == form };
    matches!(text.len(), 10 | 20) && text.bytes().collect::<Vec<_>>().iter().zip(FORM).all(is_like)
}
