//! One decision on both engines.

use std::collections::BTreeSet;
use std::fmt;

use dictum_corpus::answer::{Answer, CodedError, ErrorKind, Label, output_line, plain_names};
use dictum_corpus::case::CaseError;
use dictum_corpus::decide;
use dictum_corpus::directory::Organization;
use dictum_corpus::expect::Mismatch;
use dictum_corpus::machine;
use dictum_corpus::reference::PolicySet;
use dictum_vm::Explanation;

use super::world::{Trial, World};
use crate::guard::guarded;

/// What came of a trial.
pub struct Verdict {
    /// The machine's answer; `None` where it broke off.
    pub answer: Option<Answer>,
    /// Why, if it is a decision.
    pub explanation: Option<Explanation>,
    /// Why it fails, if it does.
    pub problem: Option<Problem>,
}

/// Why a trial fails.
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

/// Runs a trial. `set` are the policies of the world, where they are valid.
pub fn trial(world: &World, set: Option<&PolicySet<'_>>, trial: &Trial) -> Verdict {
    if let Some(organization) = &world.organization {
        return in_organization(organization, trial);
    }
    let (answer, explanation) = match guarded(|| by_machine(world, trial)) {
        Ok(answer) => answer,
        Err(message) => return broken(message),
    };
    let labels = labels(world);
    let problem = match set.map(|set| guarded(|| (decide::answer(set, &trial.request), set.labels()))) {
        // Of policies that are not valid the reference says what the compiler finds.
        None => None,
        Some(Ok((reference, names))) => disagreement(&trial.name, (&answer, labels), (&reference, &names)),
        Some(Err(message)) => Some(Problem::Fault(message)),
    };
    let problem = problem.or_else(|| trial.expect.check(&answer, labels).err().map(Problem::Mismatch));
    Verdict { answer: Some(answer), explanation, problem }
}

/// Runs a trial in bundle mode.
fn in_organization(organization: &Organization, trial: &Trial) -> Verdict {
    let by_machine = guarded(|| machine::in_organization(organization, &trial.request));
    let (answer, labels, explanation) = match by_machine {
        Ok(answer) => answer,
        Err(message) => return broken(message),
    };
    let problem = match guarded(|| decide::in_organization(organization, &trial.request)) {
        Ok((reference, names)) => {
            let agree = match (&answer, &reference) {
                (Answer::Decision(decision, by), Answer::Decision(other, other_by)) => {
                    decision == other && plain_names(&labels, by) == plain_names(&names, other_by)
                }
                (Answer::Error(kind, _), Answer::Error(other, _)) => kind == other,
                _ => false,
            };
            (!agree).then(|| Problem::Disagreement(output_line(&trial.name, &reference, &names)))
        }
        Err(message) => Some(Problem::Fault(message)),
    };
    let problem = problem.or_else(|| trial.expect.check(&answer, &labels).err().map(Problem::Mismatch));
    Verdict { answer: Some(answer), explanation, problem }
}

/// The verdict where a mistake of ours broke it off.
pub fn broken(message: String) -> Verdict {
    Verdict { answer: None, explanation: None, problem: Some(Problem::Fault(message)) }
}

/// The names of the statements of a world.
pub fn labels(world: &World) -> &[Label] {
    world.compiled.as_ref().map_or(&[], |compiled| &compiled.labels)
}

fn by_machine(world: &World, trial: &Trial) -> (Answer, Option<Explanation>) {
    match &world.compiled {
        Ok(compiled) => machine::answer(&compiled.bundle, &trial.request),
        Err(errors) => (Answer::Error(ErrorKind::Policy, errors.clone()), None),
    }
}

/// Whether the reference says otherwise.
fn disagreement(name: &str, machine: (&Answer, &[Label]), reference: (&Answer, &[Label])) -> Option<Problem> {
    let agree = match (machine.0, reference.0) {
        (Answer::Decision(decision, by), Answer::Decision(other, other_by)) => {
            let set = |by: &[_]| by.iter().copied().collect::<BTreeSet<_>>();
            decision == other && set(by) == set(other_by) && machine.1 == reference.1
        }
        (Answer::Error(kind, _), Answer::Error(other, _)) => kind == other,
        _ => false,
    };
    (!agree).then(|| Problem::Disagreement(output_line(name, reference.0, reference.1)))
}

/// A line that is no case; `None` where nothing is expected of it.
pub fn no_case(error: &CaseError) -> Option<Verdict> {
    let expect = error.expect.as_ref()?;
    let answer =
        Answer::Error(ErrorKind::Request, vec![CodedError { code: "E-CASE".into(), message: error.fault.to_string() }]);
    let problem = expect.check(&answer, &[]).err().map(Problem::Mismatch);
    Some(Verdict { problem, answer: Some(answer), explanation: None })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use bumpalo::Bump;
    use dictum_corpus::answer::Decision;
    use dictum_corpus::reader::Run;

    use super::*;
    use crate::test::world::Group;

    const CASE: &str = r#"{"id":"a","policies":{"identity":[{"name":"p","policy":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}]},"request":{"principal":"arn:aws:iam::123456789012:user/ana","action":"s3:GetObject","resource":"arn:aws:s3:::b"},"expect":{"decision":"allow"}}"#;

    #[test]
    fn a_disagreement_is_a_failure_that_says_so() {
        let mut case = Run::default().lines(CASE.as_bytes(), None).next().unwrap().unwrap();
        let expect = case.expect.take().unwrap();
        let group = Group::of_case(PathBuf::new(), case, expect);
        let arena = Bump::new();
        let set = group.world.reference(&arena);
        let verdict = trial(&group.world, set.as_ref(), &group.trials[0]);
        assert!(verdict.problem.is_none(), "{:?}", verdict.problem);
        let (answer, labels) = (verdict.answer.unwrap(), labels(&group.world));
        let others = [
            Answer::Decision(Decision::Allow, vec![]),
            Answer::Decision(Decision::ImplicitDeny, vec![]),
            Answer::Error(ErrorKind::Request, vec![]),
        ];
        for other in others {
            let problem = disagreement("a", (&other, labels), (&answer, labels)).expect("the answers differ");
            assert!(problem.to_string().starts_with("the engines disagree: the reference gives {\"id\":\"a\""));
            assert!(!problem.may_be_excepted());
        }
    }
}
