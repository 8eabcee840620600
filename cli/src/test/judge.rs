//! One case on both engines.

use std::collections::BTreeSet;
use std::fmt;

use dictum_compiler::Options;
use dictum_corpus::answer::{Answer, CodedError, ErrorKind, Label, output_line};
use dictum_corpus::case::{Case, CaseError};
use dictum_corpus::decide::by_reference;
use dictum_corpus::expect::{Expect, Mismatch};
use dictum_corpus::machine::by_machine;

use crate::guard::guarded;

/// What came of a case.
pub struct Verdict {
    /// The machine's answer; `None` where it broke off.
    pub answer: Option<Answer>,
    /// What was expected, as JSON.
    pub expected: String,
    /// What came out, as JSON.
    pub got: String,
    /// Why the case fails, if it does.
    pub problem: Option<Problem>,
}

/// Why a case fails.
#[derive(Debug)]
pub enum Problem {
    /// The answer is not the expected one.
    Mismatch(Mismatch),
    /// The reference gives another answer than the machine.
    Disagreement(String),
    /// An engine broke off: a mistake of this program.
    Fault(String),
}

impl Problem {
    /// Whether a list of exceptions can excuse it: never what is a mistake whoever is right about the case.
    pub fn may_be_excepted(&self) -> bool {
        matches!(self, Problem::Mismatch(_))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Mismatch(mismatch) => mismatch.fmt(f),
            Problem::Disagreement(reference) => write!(f, "the engines disagree: the reference gives {reference}"),
            Problem::Fault(message) => write!(f, "an engine broke off, which is a mistake of dictum itself: {message}"),
        }
    }
}

/// Runs a case that expects something.
pub fn case(case: &Case) -> Verdict {
    let expected = case.expect.as_ref().map_or(String::new(), Expect::to_string);
    let (answer, labels) = match guarded(|| by_machine(case, &Options::default())) {
        Ok((answer, labels, _)) => (answer, labels),
        Err(message) => {
            return Verdict { answer: None, expected, got: "nothing".into(), problem: Some(Problem::Fault(message)) };
        }
    };
    let got = output_line(&case.id, &answer, &labels);
    let checked = case.expect.as_ref().map_or(Ok(()), |expect| expect.check(&answer, &labels));
    let problem = disagreement(case, &answer, &labels).or(checked.err().map(Problem::Mismatch));
    Verdict { answer: Some(answer), expected, got, problem }
}

/// Whether the reference says otherwise. Of policies that are not valid both say what the compiler finds.
fn disagreement(case: &Case, answer: &Answer, labels: &[Label]) -> Option<Problem> {
    let (reference, reference_labels) = match guarded(|| by_reference(case)) {
        Ok(found) => found,
        Err(message) => return Some(Problem::Fault(message)),
    };
    let agree = match (answer, &reference) {
        (Answer::Decision(decision, by), Answer::Decision(other, other_by)) => {
            let set = |by: &[_]| by.iter().copied().collect::<BTreeSet<_>>();
            decision == other && set(by) == set(other_by) && labels == reference_labels
        }
        (Answer::Error(kind, _), Answer::Error(other, _)) => kind == other,
        _ => false,
    };
    (!agree).then(|| Problem::Disagreement(output_line(&case.id, &reference, &reference_labels)))
}

/// A line that is no case; `None` where nothing is expected of it.
pub fn no_case(error: &CaseError) -> Option<Verdict> {
    let expect = error.expect.as_ref()?;
    let answer =
        Answer::Error(ErrorKind::Request, vec![CodedError { code: "E-CASE".into(), message: error.fault.to_string() }]);
    Some(Verdict {
        expected: expect.to_string(),
        got: error.output_line(),
        problem: expect.check(&answer, &[]).err().map(Problem::Mismatch),
        answer: Some(answer),
    })
}

#[cfg(test)]
mod tests {
    use dictum_corpus::answer::Decision;
    use dictum_corpus::reader::Run;

    use super::*;

    const CASE: &str = r#"{"id":"a","policies":{"identity":[{"name":"p","policy":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}]},"request":{"principal":"arn:aws:iam::123456789012:user/ana","action":"s3:GetObject","resource":"arn:aws:s3:::b"},"expect":{"decision":"allow"}}"#;

    #[test]
    fn a_disagreement_is_a_failure_that_says_so() {
        let case = Run::default().lines(CASE.as_bytes(), None).next().unwrap().unwrap();
        let (answer, labels, _) = by_machine(&case, &Options::default());
        assert!(disagreement(&case, &answer, &labels).is_none());
        let others = [
            Answer::Decision(Decision::Allow, vec![]),
            Answer::Decision(Decision::ImplicitDeny, vec![]),
            Answer::Error(ErrorKind::Request, vec![]),
        ];
        for other in others {
            let problem = disagreement(&case, &other, &labels).expect("the answers differ");
            assert!(problem.to_string().starts_with("the engines disagree: the reference gives {\"id\":\"a\""));
            assert!(!problem.may_be_excepted());
        }
    }
}
