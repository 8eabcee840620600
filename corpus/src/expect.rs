//! The expectation of a case, read strictly, and the check of an answer against it.

use std::fmt;

use dictum_compiler::diagnostic::{Code, Severity};
use serde_json::value::RawValue;

use crate::answer::{Answer, Decision, ErrorKind, Label, Named, SidOrIndex, StatementId, names, unique_sid};
use crate::raw::{self, Shape};

/// Whether this is an error class of semantics.md 2.8.
fn is_class(code: &str) -> bool {
    Code::ALL.iter().any(|class| class.severity() == Severity::Error && class.name() == code)
}

/// What must come out of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A decision; `None` accepts either kind of deny. And exactly these deciding statements, if given.
    Decision(Option<Decision>, Option<Vec<ExpectedStatement>>),
    /// An error of this kind, with this class among all that were found, if given.
    Error(ErrorKind, Option<String>),
}

impl fmt::Display for Expect {
    /// The JSON object of case-format.md.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expect::Decision(decision, by) => {
                write!(f, "{{\"decision\":\"{}\"", decision.map_or("deny", Decision::name))?;
                if let Some(by) = by {
                    let by: Vec<String> = by.iter().map(ExpectedStatement::to_string).collect();
                    write!(f, ",\"by\":[{}]", by.join(","))?;
                }
            }
            Expect::Error(kind, code) => {
                write!(f, "{{\"error\":\"{}\"", kind.name())?;
                if let Some(code) = code {
                    write!(f, ",\"code\":\"{code}\"")?;
                }
            }
        }
        f.write_str("}")
    }
}

/// A deciding statement as an expectation names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedStatement {
    /// The policy's name.
    pub policy: String,
    /// Its Sid, unique in the policy, or its index.
    pub statement: SidOrIndex,
}

impl fmt::Display for ExpectedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Named { policy: self.policy.clone(), layer: None, statement: self.statement.clone() }.fmt(f)
    }
}

/// Why a value is no expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectFault {
    /// The value, or its `by` or an entry of that, has the wrong JSON type.
    Type,
    /// A member is unknown or occurs twice.
    Member,
    /// Neither `decision` nor `error`, or both.
    DecisionOrError,
    /// No decision of that name.
    Decision,
    /// No kind of error of that name.
    Error,
    /// No error class of that name.
    Code,
    /// `by` beside `error`, or `code` beside `decision`.
    Beside,
    /// An entry of `by` lacks a policy, or has not exactly one of `sid` and `statement`.
    Statement,
}

impl fmt::Display for ExpectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExpectFault::Type => "a part of `expect` has the wrong JSON type",
            ExpectFault::Member => "a member in `expect` is unknown or occurs twice",
            ExpectFault::DecisionOrError => "`expect` needs either `decision` or `error`",
            ExpectFault::Decision => {
                "`expect.decision` is none of `allow`, `explicit_deny`, `implicit_deny` and `deny`"
            }
            ExpectFault::Error => "`expect.error` is neither `policy` nor `request`",
            ExpectFault::Code => "`expect.code` is no error class",
            ExpectFault::Beside => "`by` goes with `decision` only, `code` with `error` only",
            ExpectFault::Statement => "an entry of `expect.by` needs `policy`, and either `sid` or `statement`",
        })
    }
}

/// The members of `raw` by the names `N`; each at most once, and no others.
fn fields<'a, const N: usize>(raw: &'a RawValue, known: [&str; N]) -> Result<[Option<&'a RawValue>; N], ExpectFault> {
    let mut out = [None; N];
    for (name, value) in raw::members(raw).map_err(|_| ExpectFault::Type)? {
        let at = known.iter().position(|it| *it == name).ok_or(ExpectFault::Member)?;
        if out[at].replace(value).is_some() {
            return Err(ExpectFault::Member);
        }
    }
    Ok(out)
}

/// Reads an expectation.
///
/// # Errors
/// Anything that case-format.md does not provide for: a typo must not weaken a test.
pub fn parse(value: &RawValue) -> Result<Expect, ExpectFault> {
    let [decision, by, error, code] = fields(value, ["decision", "by", "error", "code"])?;
    let text = |raw| raw::text(raw).ok_or(ExpectFault::Type);
    match (decision, error) {
        (Some(decision), None) => {
            if code.is_some() {
                return Err(ExpectFault::Beside);
            }
            let decision = match text(decision)?.as_str() {
                "deny" => None,
                name => Some(Decision::from_name(name).ok_or(ExpectFault::Decision)?),
            };
            Ok(Expect::Decision(decision, by.map(parse_by).transpose()?))
        }
        (None, Some(error)) => {
            if by.is_some() {
                return Err(ExpectFault::Beside);
            }
            let kind = match text(error)?.as_str() {
                "policy" => ErrorKind::Policy,
                "request" => ErrorKind::Request,
                _ => return Err(ExpectFault::Error),
            };
            let code = code.map(text).transpose()?;
            if code.as_deref().is_some_and(|code| !is_class(code)) {
                return Err(ExpectFault::Code);
            }
            Ok(Expect::Error(kind, code))
        }
        _ => Err(ExpectFault::DecisionOrError),
    }
}

fn parse_by(value: &RawValue) -> Result<Vec<ExpectedStatement>, ExpectFault> {
    let parse_one = |entry| {
        let [policy, sid, statement] = fields(entry, ["policy", "sid", "statement"])?;
        let statement = match (sid, statement) {
            (Some(sid), None) => SidOrIndex::Sid(raw::text(sid).ok_or(ExpectFault::Type)?),
            (None, Some(index)) => match raw::shape(index) {
                Shape::Number(digits) => SidOrIndex::Index(digits.parse().map_err(|_| ExpectFault::Type)?),
                _ => return Err(ExpectFault::Type),
            },
            _ => return Err(ExpectFault::Statement),
        };
        let policy = raw::text(policy.ok_or(ExpectFault::Statement)?).ok_or(ExpectFault::Type)?;
        Ok(ExpectedStatement { policy, statement })
    };
    raw::elements(value).map_err(|_| ExpectFault::Type)?.into_iter().map(parse_one).collect()
}

/// Where an answer is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Another decision, an error in place of a decision, another kind of error, or the reverse.
    Outcome,
    /// The right decision, by these statements.
    By(Vec<Named>),
    /// The right kind of error, but these classes.
    Codes(Vec<String>),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Outcome => f.write_str("another outcome"),
            Mismatch::By(by) => {
                write!(f, "decided by [{}]", by.iter().map(Named::to_string).collect::<Vec<_>>().join(","))
            }
            Mismatch::Codes(codes) => write!(f, "only errors of class {}", codes.join(", ")),
        }
    }
}

impl Expect {
    /// Compares an answer with the expectation. `labels` are those of the case's policies.
    ///
    /// # Errors
    /// The first difference.
    pub fn check(&self, answer: &Answer, labels: &[Label]) -> Result<(), Mismatch> {
        match (self, answer) {
            (Expect::Decision(expected, by), Answer::Decision(decision, statements)) => {
                let right = expected.map_or(*decision != Decision::Allow, |expected| expected == *decision);
                if !right {
                    return Err(Mismatch::Outcome);
                }
                match by {
                    Some(by) if !same_set(by, statements, labels) => Err(Mismatch::By(names(labels, statements))),
                    _ => Ok(()),
                }
            }
            (Expect::Error(expected, code), Answer::Error(kind, errors)) if expected == kind => match code {
                Some(code) if errors.iter().all(|error| error.code != *code) => {
                    Err(Mismatch::Codes(errors.iter().map(|error| error.code.clone()).collect()))
                }
                _ => Ok(()),
            },
            _ => Err(Mismatch::Outcome),
        }
    }
}

/// Every expected statement decided, and every statement that decided was expected.
fn same_set(expected: &[ExpectedStatement], statements: &[StatementId], labels: &[Label]) -> bool {
    let is = |expected: &ExpectedStatement, id: &StatementId| {
        let label = &labels[id.policy as usize];
        expected.policy == label.name
            && match &expected.statement {
                SidOrIndex::Index(index) => *index == id.statement,
                SidOrIndex::Sid(sid) => unique_sid(label, id.statement) == Some(sid),
            }
    };
    expected.iter().all(|expected| statements.iter().any(|id| is(expected, id)))
        && statements.iter().all(|id| expected.iter().any(|expected| is(expected, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{CodedError, Layer, Member};

    fn read(text: &str) -> Result<Expect, ExpectFault> {
        parse(raw::scan(text).unwrap())
    }

    #[test]
    fn a_typo_is_a_fault() {
        for (text, fault) in [
            (r#"{}"#, ExpectFault::DecisionOrError),
            (r#"{"decision":"allow","error":"policy"}"#, ExpectFault::DecisionOrError),
            (r#"{"decision":"Allow"}"#, ExpectFault::Decision),
            (r#"{"error":"case"}"#, ExpectFault::Error),
            (r#"{"error":"policy","code":"E-DUPKEYS"}"#, ExpectFault::Code),
            (r#"{"error":"policy","by":[]}"#, ExpectFault::Beside),
            (r#"{"decision":"allow","code":"E-SID"}"#, ExpectFault::Beside),
            (r#"{"decision":"allow","decision":"allow"}"#, ExpectFault::Member),
            (r#"{"decision":"allow","by":[{"policy":"p"}]}"#, ExpectFault::Statement),
            (r#"{"decision":"allow","by":[{"policy":"p","statement":-1}]}"#, ExpectFault::Type),
            (r#"[]"#, ExpectFault::Type),
        ] {
            assert_eq!(read(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn by_is_a_set_named_by_sid_or_index() {
        let sids = vec![Some("S".to_owned()), Some("T".to_owned()), Some("T".to_owned())];
        let labels = [Label { name: "p".into(), layer: Layer { member: Member::Resource, level: 0 }, sids }];
        let of = |statements: &[u32]| {
            let ids = statements.iter().map(|&statement| StatementId { policy: 0, statement }).collect();
            Answer::Decision(Decision::Allow, ids)
        };
        let check = |by: &str, answer| {
            read(&format!(r#"{{"decision":"allow","by":{by}}}"#)).unwrap().check(&answer, &labels).is_ok()
        };
        assert!(check(r#"[{"policy":"p","statement":1},{"policy":"p","sid":"S"}]"#, of(&[0, 1, 0])));
        assert!(check(r#"[{"policy":"p","statement":0}]"#, of(&[0])));
        assert!(!check(r#"[{"policy":"p","statement":0}]"#, of(&[0, 1])));
        assert!(!check(r#"[{"policy":"p","sid":"T"}]"#, of(&[1])), "a Sid that is not unique names nothing");
        assert!(!check("[]", of(&[0])));
    }

    #[test]
    fn deny_accepts_either_kind_and_a_code_may_be_any_of_those_found() {
        let deny = read(r#"{"decision":"deny"}"#).unwrap();
        assert!(deny.check(&Answer::Decision(Decision::ImplicitDeny, vec![]), &[]).is_ok());
        assert!(deny.check(&Answer::Decision(Decision::Allow, vec![]), &[]).is_err());
        let errors = ["E-SID", "E-TYPE"].map(|code| CodedError { code: code.into(), message: String::new() });
        let answer = Answer::Error(ErrorKind::Policy, errors.to_vec());
        assert!(deny.check(&answer, &[]).is_err(), "an error never counts as a denial");
        assert!(read(r#"{"error":"policy","code":"E-TYPE"}"#).unwrap().check(&answer, &[]).is_ok());
        assert!(read(r#"{"error":"policy","code":"E-JSON"}"#).unwrap().check(&answer, &[]).is_err());
        assert!(read(r#"{"error":"request"}"#).unwrap().check(&answer, &[]).is_err());
    }
}
