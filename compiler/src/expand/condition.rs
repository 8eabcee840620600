//! Conjunctions: each clause to the operator and key of JSON, and all of them gathered by operator.

use std::collections::HashMap;

use bumpalo::Bump;
use dictum_vm::operator::{Operator, Quantifier, Test};

use super::Files;
use super::literal::{LiteralFamily, is_json_number, ordered_prefix};
use super::meaning::{Compared, Form, Literal, Meaning, Position, is_name};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::{SourceId, Span};
use crate::syntax::ast::{KeyBlock, OperatorBlock, Scalar, ScalarKind, Text};
use crate::syntax::dsl::tree::{Clause, ClauseKind, Comparison, ComparisonKind, Entries, KeyTest};

/// Conditions with more clauses find a repeated key through a map.
const FEW: usize = 16;

impl<'s> Files<'s> {
    /// The clauses of a conjunction, conds replaced. What is wrong is reported and left out.
    pub(super) fn compared<'a>(
        &mut self,
        source: SourceId,
        clauses: &[Clause<'s>],
        depth: usize,
        arena: &'a Bump,
    ) -> Vec<Compared<'a>>
    where
        's: 'a,
    {
        let mut found = Vec::with_capacity(clauses.len());
        for clause in clauses {
            match &clause.kind {
                ClauseKind::Empty => {}
                ClauseKind::EmptyOperator(operator) => found.push(Compared { operator: *operator, key: None }),
                ClauseKind::Test(test) => found.extend(self.key_test(source, test, depth, arena)),
                ClauseKind::Name(name) if !is_name(name.text) => {
                    let message = format!("the key `{}` without a comparison", shown(name.text));
                    self.error(Code::E_SYNTAX, name.span, message).expected =
                        Some("a comparison such as `== true`, `in […]`, `like` or `exists`".to_owned());
                }
                ClauseKind::Name(name) => match self.meaning(source, name, Position::Condition, depth) {
                    Meaning::Clauses(more) => found.extend(more),
                    Meaning::Broken => {}
                    _ => self.wrong_kind(name, "a `let`", Position::Condition),
                },
            }
        }
        found
    }

    fn key_test<'a>(
        &mut self,
        source: SourceId,
        test: &KeyTest<'s>,
        depth: usize,
        arena: &'a Bump,
    ) -> Option<Compared<'a>>
    where
        's: 'a,
    {
        let (count, broken) = (self.diagnostics.len(), self.broken);
        let literals = self.literals(source, &test.values, Position::Value, depth, arena);
        if literals.is_empty() && (self.diagnostics.len() > count || self.broken > broken) {
            return None;
        }
        let comparison = &test.comparison;
        let operator = self.operator_of_test(test, &literals)?;
        let (values, is_array): (Vec<Scalar<'a>>, bool) = match comparison.kind {
            ComparisonKind::Exists | ComparisonKind::Absent => {
                let text = if comparison.kind == ComparisonKind::Exists { "false" } else { "true" };
                let text = Text { span: comparison.span, text };
                (vec![Scalar { text, kind: ScalarKind::String }], false)
            }
            _ => {
                let values = literals.iter().map(|literal| self.scalar(literal)).collect();
                (values, test.values.is_array || literals.len() != 1)
            }
        };
        let span = if test.values.span.end > 0 { test.values.span } else { comparison.span };
        let values = arena.alloc_slice_copy(&values);
        Some(Compared { operator, key: Some(KeyBlock { key: test.key, span, is_array, values }) })
    }

    /// The operator of a comparison, whole; `None` where an error of it is told.
    fn operator_of_test<'a>(&mut self, test: &KeyTest<'s>, literals: &[Literal<'a>]) -> Option<Text<'a>>
    where
        's: 'a,
    {
        let quantifier = test.quantifier.map(|word| match word.text {
            "all" => Quantifier::ForAllValues,
            _ => Quantifier::ForAnyValue,
        });
        let if_exists = test.if_exists.is_some();
        let comparison = &test.comparison;
        let odd = test.quantifier.map(|word| word.span).or(test.if_exists);
        Some(match comparison.kind {
            ComparisonKind::Is(operator) => {
                if let Some(span) = odd {
                    let fault = self.error(
                        Code::E_OPERATOR,
                        span,
                        format!("`{}` beside `is`", test.quantifier.map_or("?", |word| word.text)),
                    );
                    let help =
                        "`is` takes the whole operator as JSON spells it, as in `is ForAnyValue:StringLikeIfExists`";
                    fault.help = Some(help.to_owned());
                    return None;
                }
                let is_literal =
                    |it: &Literal<'a>| it.form != Form::Bare || LiteralFamily::of_bare(it.text.text).is_some();
                if let Some(odd) = literals.iter().find(|literal| !is_literal(literal)) {
                    self.no_literal(&odd.text);
                    return None;
                }
                operator
            }
            ComparisonKind::Exists | ComparisonKind::Absent => {
                if let Some(span) = odd {
                    let odd = test.quantifier.map_or("?", |word| word.text);
                    let word = comparison.kind.words();
                    let fault = self.error(Code::E_OPERATOR, span, format!("`{odd}` beside `{word}`"));
                    fault.rule = "OPR-3";
                    fault.help = Some(format!("remove it: `{word}` asks only whether the key has a value"));
                    return None;
                }
                Text { span: comparison.span, text: Operator::Null.name() }
            }
            kind => {
                let (family, text) = self.family(literals)?;
                let base = self.operator(kind, family, text, comparison)?;
                self.check_count(kind, literals, &test.values, comparison);
                let test = Test { operator: base, quantifier, if_exists };
                Text { span: comparison.span, text: self.operator_name(test) }
            }
        })
    }

    /// A bare text in the place of a value, which is no string for want of quotes.
    fn no_literal(&mut self, value: &Text<'_>) {
        let text = shown(value.text);
        if let Some((what, expected)) = almost(value.text) {
            self.error(Code::E_VALUE, value.span, format!("`{text}` is {what}")).expected = Some(expected.to_owned());
            return;
        }
        let fault = self.error(Code::E_VALUE, value.span, format!("`{text}` is no literal"));
        fault.expected = Some("a string in quotes, an ARN, a number, a date, an address, `true` or `false`".to_owned());
        fault.help = Some(format!("if it is a string, write `\"{text}\"`"));
    }

    /// The one family of all values, and the first of them; a list of nothing is one of strings.
    fn family<'a>(&mut self, literals: &[Literal<'a>]) -> Option<(LiteralFamily, &'a str)> {
        let mut first: Option<(LiteralFamily, Text<'a>)> = None;
        for literal in literals {
            let family = match literal.form {
                Form::Quoted => Some(LiteralFamily::String),
                Form::Typed(family) => Some(family),
                Form::Bare | Form::Json => LiteralFamily::of_bare(literal.text.text),
            };
            let Some(family) = family else {
                self.no_literal(&literal.text);
                return None;
            };
            match first {
                None => first = Some((family, literal.text)),
                Some((wanted, text)) if wanted != family => {
                    let message = format!("{} and {} in one list", wanted.name(), family.name());
                    let fault = Diagnostic::new(Code::E_VALUE, literal.text.span, super::RULE, message);
                    let help = "one operator compares values of one kind; quote both to compare strings";
                    self.report(fault.related(text.span, format!("this is {}", wanted.name())).help(help));
                    return None;
                }
                Some(_) => {}
            }
        }
        Some(first.map_or((LiteralFamily::String, ""), |(family, text)| (family, text.text)))
    }

    /// The operator that a comparison is over a family of values.
    fn operator(
        &mut self,
        kind: ComparisonKind<'_>,
        family: LiteralFamily,
        text: &str,
        comparison: &Comparison<'_>,
    ) -> Option<Operator> {
        if let Some(operator) = operator_of(kind, family) {
            return Some(operator);
        }
        let message = format!("`{}` does not compare {}", kind.words(), family.name());
        let is_order = matches!(
            kind,
            ComparisonKind::Less | ComparisonKind::LessEqual | ComparisonKind::Greater | ComparisonKind::GreaterEqual
        );
        let help = match family {
            LiteralFamily::String if is_order => {
                let prefix = ordered_prefix(text).unwrap_or("num");
                Some(format!("write `{prefix}\"{}\"`", shown(text)))
            }
            LiteralFamily::Bool => {
                let other = if text.eq_ignore_ascii_case("true") { "false" } else { "true" };
                let negated = matches!(kind, ComparisonKind::NotEqual | ComparisonKind::NotIn);
                negated.then(|| format!("write `== {other}`"))
            }
            _ if matches!(kind, ComparisonKind::Like | ComparisonKind::NotLike) => {
                Some(format!("write `\"{}\"` to compare it as a string", shown(text)))
            }
            _ => None,
        };
        let fault = self.error(Code::E_OPERATOR, comparison.span, message);
        fault.expected = Some(format!("one of {}", comparisons_of(family)));
        fault.help = help;
        None
    }

    /// `==` takes one value, `in` a list.
    fn check_count(
        &mut self,
        kind: ComparisonKind<'_>,
        literals: &[Literal<'_>],
        entries: &Entries<'_>,
        comparison: &Comparison<'_>,
    ) {
        let is_list = entries.is_array || literals.len() != 1;
        if self.is_faulty(entries.span) {
            return;
        }
        let (word, fix) = match kind {
            ComparisonKind::Equal if is_list => ("==", "in"),
            ComparisonKind::NotEqual if is_list => ("!=", "not in"),
            ComparisonKind::In | ComparisonKind::NotIn if !entries.is_array => {
                let is_written = matches!(entries.list, [crate::syntax::dsl::tree::Entry::Bare(bare)] if !bare.groups.is_empty() || super::meaning::is_name(bare.head.text));
                if !is_written {
                    let fix = if kind == ComparisonKind::In { "==" } else { "!=" };
                    let fault =
                        self.error(Code::E_OPERATOR, comparison.span, format!("`{}` with one value", kind.words()));
                    fault.expected = Some("a list in brackets, or the name of a `let`".to_owned());
                    fault.help = Some(format!("write `{fix}`, or put the value in brackets"));
                    fault.fix = Some(crate::diagnostic::Fix { span: comparison.span, replacement: fix.to_owned() });
                }
                return;
            }
            ComparisonKind::Less
            | ComparisonKind::LessEqual
            | ComparisonKind::Greater
            | ComparisonKind::GreaterEqual
                if literals.len() > 1 =>
            {
                let fault = self.error(Code::E_OPERATOR, comparison.span, format!("`{}` with a list", kind.words()));
                fault.expected = Some("one value".to_owned());
                fault.help = Some("any one of several would do, so that the widest suffices".to_owned());
                return;
            }
            _ => return,
        };
        let fault = self.error(Code::E_OPERATOR, comparison.span, format!("`{word}` with a list"));
        fault.expected = Some("one value".to_owned());
        fault.fix = Some(crate::diagnostic::Fix { span: comparison.span, replacement: fix.to_owned() });
    }

    /// The name of an operator, made once.
    fn operator_name(&mut self, test: Test) -> &'s str {
        let arena = self.arena;
        self.operator_names.entry(test).or_insert_with(|| arena.alloc_str(&test.to_string()))
    }

    fn scalar<'a>(&mut self, literal: &Literal<'a>) -> Scalar<'a> {
        let text = literal.text;
        let kind = match (literal.form, LiteralFamily::of_bare(text.text)) {
            (Form::Json, Some(LiteralFamily::Bool)) => ScalarKind::Bool,
            (Form::Json, _) => {
                if !is_json_number(text.text) {
                    let fault = self.error(Code::E_VALUE, text.span, format!("`json({})`", shown(text.text)));
                    fault.expected = Some("`json(true)`, `json(false)` or a number of JSON".to_owned());
                }
                ScalarKind::Number
            }
            _ => ScalarKind::String,
        };
        Scalar { text, kind }
    }

    /// All clauses by operator, in the order in which operators and keys first occur.
    pub(super) fn gather<'a>(&mut self, compared: &[Compared<'a>], arena: &'a Bump) -> &'a [OperatorBlock<'a>] {
        let mut blocks: Vec<(Text<'a>, Vec<KeyBlock<'a>>)> = Vec::new();
        let mut places: HashMap<(usize, String), Span> = HashMap::new();
        let mut operators: HashMap<String, usize> = HashMap::new();
        let many = compared.len() > FEW;
        for clause in compared {
            let same = |(operator, _): &(Text<'a>, Vec<KeyBlock<'a>>)| {
                operator.text.eq_ignore_ascii_case(clause.operator.text)
            };
            let at = match many {
                true => *operators.entry(clause.operator.text.to_ascii_lowercase()).or_insert(blocks.len()),
                false => blocks.iter().position(same).unwrap_or(blocks.len()),
            };
            if at == blocks.len() {
                blocks.push((clause.operator, Vec::new()));
            }
            let Some(key) = clause.key else { continue };
            let first = match many {
                true => {
                    let place = (at, key.key.text.to_ascii_lowercase());
                    let first = places.get(&place).copied();
                    places.entry(place).or_insert(key.key.span);
                    first
                }
                false => {
                    let same = |other: &&KeyBlock<'a>| other.key.text.eq_ignore_ascii_case(key.key.text);
                    blocks[at].1.iter().find(same).map(|other| other.key.span)
                }
            };
            match first {
                None => blocks[at].1.push(key),
                Some(first) => {
                    let message =
                        format!("`{}` is compared twice by `{}`", shown(key.key.text), shown(clause.operator.text));
                    let fault = Diagnostic::new(Code::E_DUPKEY, key.key.span, "GRM-3", message);
                    self.report(fault.related(first, "here first").help(once(clause.operator.text)));
                }
            }
        }
        let blocks =
            blocks.into_iter().map(|(operator, keys)| OperatorBlock { operator, keys: arena.alloc_slice_copy(&keys) });
        let blocks: Vec<_> = blocks.collect();
        arena.alloc_slice_copy(&blocks)
    }
}

/// The table of the language (dsl.md, "How it covers IAM").
pub(crate) const fn operator_of(kind: ComparisonKind<'_>, family: LiteralFamily) -> Option<Operator> {
    use ComparisonKind as C;
    use LiteralFamily as F;
    Some(match (family, kind) {
        (F::String, C::Equal | C::In) => Operator::StringEquals,
        (F::String, C::NotEqual | C::NotIn) => Operator::StringNotEquals,
        (F::String, C::EqualIgnoreCase) => Operator::StringEqualsIgnoreCase,
        (F::String, C::NotEqualIgnoreCase) => Operator::StringNotEqualsIgnoreCase,
        (F::String, C::Like) => Operator::StringLike,
        (F::String, C::NotLike) => Operator::StringNotLike,
        (F::Arn, C::Equal | C::In) => Operator::ArnEquals,
        (F::Arn, C::NotEqual | C::NotIn) => Operator::ArnNotEquals,
        (F::Arn, C::Like) => Operator::ArnLike,
        (F::Arn, C::NotLike) => Operator::ArnNotLike,
        (F::Numeric, C::Equal | C::In) => Operator::NumericEquals,
        (F::Numeric, C::NotEqual | C::NotIn) => Operator::NumericNotEquals,
        (F::Numeric, C::Less) => Operator::NumericLessThan,
        (F::Numeric, C::LessEqual) => Operator::NumericLessThanEquals,
        (F::Numeric, C::Greater) => Operator::NumericGreaterThan,
        (F::Numeric, C::GreaterEqual) => Operator::NumericGreaterThanEquals,
        (F::Date, C::Equal | C::In) => Operator::DateEquals,
        (F::Date, C::NotEqual | C::NotIn) => Operator::DateNotEquals,
        (F::Date, C::Less) => Operator::DateLessThan,
        (F::Date, C::LessEqual) => Operator::DateLessThanEquals,
        (F::Date, C::Greater) => Operator::DateGreaterThan,
        (F::Date, C::GreaterEqual) => Operator::DateGreaterThanEquals,
        (F::Ip, C::Equal | C::In) => Operator::IpAddress,
        (F::Ip, C::NotEqual | C::NotIn) => Operator::NotIpAddress,
        (F::Bool, C::Equal | C::In) => Operator::Bool,
        (F::Binary, C::Equal | C::In) => Operator::BinaryEquals,
        _ => return None,
    })
}

fn comparisons_of(family: LiteralFamily) -> &'static str {
    match family {
        LiteralFamily::String => "`==`, `!=`, `in`, `not in`, `~=`, `!~=`, `like`, `not like`",
        LiteralFamily::Arn => "`==`, `!=`, `in`, `not in`, `like`, `not like`",
        LiteralFamily::Numeric | LiteralFamily::Date => "`==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`",
        LiteralFamily::Ip => "`==`, `!=`, `in`, `not in`",
        LiteralFamily::Bool | LiteralFamily::Binary => "`==`, `in`",
    }
}

/// What to write in place of two comparisons of a key by one operator.
fn once(operator: &str) -> String {
    let base = operator.rsplit(':').next().unwrap_or(operator);
    let base =
        base.get(..base.len().saturating_sub("IfExists".len())).filter(|_| base.ends_with("IfExists")).unwrap_or(base);
    let list = match Operator::from_name(base).filter(|operator| operator.is_negated()) {
        Some(Operator::StringNotLike | Operator::ArnNotLike) => {
            "`not like […]`: it holds where the value is like none of them"
        }
        Some(Operator::StringNotEqualsIgnoreCase) => "`!~= […]`: it holds where the value is none of them",
        Some(_) => "`not in […]`: it holds where the value is none of them",
        None => {
            let help = "where either value will do write a list, where both must hold write one pattern";
            return format!("a statement compares a key once by one operator of IAM: {help}");
        }
    };
    format!("a statement compares a key once by one operator of IAM: write {list}")
}

/// A text that is almost a date or an address: what it is not, and what would be right.
fn almost(text: &str) -> Option<(&'static str, &'static str)> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.splitn(3, '-');
    let (year, month) = (parts.next()?, parts.next());
    if year.len() == 4 && is_digits(year) && month.is_some_and(is_digits) {
        return Some(("no date that exists", "a date such as `2026-01-31` or `2026-01-31T12:00:00Z`"));
    }
    let fields = text.split('/').next()?.split('.');
    if fields.clone().count() == 4 && fields.clone().all(|field| is_digits(field) || field == "*") {
        return Some(("no address", "an address or a network such as `203.0.113.7` or `203.0.113.0/24`"));
    }
    None
}
