//! Bundle mode: the machine agrees with the plain evaluator on random organizations (DIR-1 to DIR-9, DIR-12 to DIR-14, CTX-1
//! to CTX-5, CTX-7, CTX-8). A world on which they differ prints itself: files for a folder, and cases.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use bumpalo::Bump;
use dictum_compiler::Diagnostics;
use dictum_corpus::answer::{Answer, Decision, ErrorKind, Label, plain_names};
use dictum_corpus::decide::{answer_in, by_reference, coded};
use dictum_corpus::machine::answer_with_labels;
use dictum_corpus::reader::{Input, Run};
use dictum_corpus::reference::Organization;
use dictum_corpus::world::OrganizationWorld;
use dictum_vm::{Bundle, Principal, Session, SessionFacts};

/// Random organizations of one run, and requests to each.
const WORLDS: u64 = 600;
const REQUESTS: usize = 40;
/// Where the seeds of a run begin; another one asks other worlds.
const SEED: &str = "DICTUM_SEED";

/// How many answers there were of each kind.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    allow: u64,
    explicit_deny: u64,
    implicit_deny: u64,
    request_error: u64,
    policy_error: u64,
}

/// The deciding statements by policy and Sid or index.
fn by(labels: &[Label], answer: &Answer) -> BTreeSet<String> {
    match answer {
        Answer::Decision(_, by) => plain_names(labels, by),
        Answer::Error(..) => BTreeSet::new(),
    }
}

/// Both answers to every request of a world.
fn compare(world: &OrganizationWorld) -> Result<Tally, String> {
    let organization = world.organization();
    let told = |found: &Diagnostics| format!("the world does not compile: {:?}\n{world}", coded(found));
    let bundle = organization.bundle().map_err(told)?;
    let arena = Bump::new();
    let reference = Organization::new(organization.directory(), organization.texts(), &arena);
    let mut tally = Tally::default();
    for request in &world.requests {
        let (expected, labels) = answer_in(&reference, request);
        let (answer, machine_labels, _) = answer_with_labels(bundle, request);
        let is_alike = match (&expected, &answer) {
            (Answer::Decision(decision, _), Answer::Decision(other, _)) => {
                decision == other && by(&labels, &expected) == by(&machine_labels, &answer)
            }
            (Answer::Error(kind, _), Answer::Error(other, _)) => kind == other,
            _ => false,
        };
        if !is_alike {
            let world = OrganizationWorld { requests: vec![request.clone()], ..world.clone() };
            let (of_reference, of_machine) = (by(&labels, &expected), by(&machine_labels, &answer));
            return Err(format!(
                "the reference says {expected:?} {of_reference:?}\nthe machine says {answer:?} {of_machine:?}\n{world}"
            ));
        }
        match expected {
            Answer::Decision(Decision::Allow, _) => tally.allow += 1,
            Answer::Decision(Decision::ExplicitDeny, _) => tally.explicit_deny += 1,
            Answer::Decision(Decision::ImplicitDeny, _) => tally.implicit_deny += 1,
            Answer::Error(ErrorKind::Request, _) => tally.request_error += 1,
            Answer::Error(ErrorKind::Policy, _) => tally.policy_error += 1,
        }
    }
    Ok(tally)
}

#[test]
fn the_machine_agrees_with_the_reference() {
    let start: u64 = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let seeds = Mutex::new(start..start + WORLDS);
    let results = std::thread::scope(|scope| {
        let work = || {
            let (mut tally, mut failures) = (Vec::new(), Vec::new());
            while failures.len() < 2 {
                let Some(seed) = seeds.lock().unwrap().next() else { break };
                match compare(&OrganizationWorld::from_seed(seed, REQUESTS)) {
                    Ok(counted) => tally.push(counted),
                    Err(failure) => failures.push(failure),
                }
            }
            (tally, failures)
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let failures: Vec<&String> = results.iter().flat_map(|(_, failures)| failures).collect();
    assert!(failures.is_empty(), "{}", failures.iter().take(2).map(|it| it.as_str()).collect::<Vec<_>>().join("\n"));
    let sum = |of: fn(&Tally) -> u64| results.iter().flat_map(|(tallies, _)| tallies).map(of).sum::<u64>();
    let allow = sum(|it| it.allow);
    let (explicit, implicit) = (sum(|it| it.explicit_deny), sum(|it| it.implicit_deny));
    let (request, policy) = (sum(|it| it.request_error), sum(|it| it.policy_error));
    let all = allow + explicit + implicit + request + policy;
    println!(
        "{all} requests from seed {start} agree: {allow} allow, {explicit} explicit and {implicit} implicit deny,"
    );
    println!("{request} request errors, {policy} errors of session policies");
    assert!(all >= 20_000 && allow * 100 / all >= 12 && explicit * 100 / all >= 5, "the worlds are not mixed");
    assert!((5..=25).contains(&(request * 100 / all)) && policy > 0, "the worlds are not mixed");
}

/// What the cases of the corpus expect, the plain evaluator says too.
#[test]
fn the_reference_agrees_with_every_case() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/organizations.jsonl");
    let mut run = Run::default();
    let Input::Cases(cases) = run.open(Path::new(cases)).unwrap() else { panic!("cases") };
    let mut failures = Vec::new();
    for case in cases.map(Result::unwrap) {
        let (answer, labels) = by_reference(&case);
        if let Err(mismatch) = case.expect.as_ref().unwrap().check(&answer, &labels) {
            failures.push(format!("{}: {mismatch}: {answer:?}", case.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// DIR-1: a session, as everything else that a decision rests on, is of one snapshot.
#[test]
fn a_session_of_another_snapshot_is_refused() {
    let bundle = |seed| OrganizationWorld::from_seed(seed, 0).organization();
    let (one, other) = (bundle(1), bundle(2));
    let (one, other) = (one.bundle().unwrap(), other.bundle().unwrap());
    let session = Session::of_facts(one, SessionFacts::default()).unwrap();
    let build = |bundle: &'_ Bundle<Vec<u8>>| {
        let request = bundle.request().principal(Principal::Arn("arn:aws:sts::111111111111:assumed-role/ops/s1"));
        request.action("sqs:ListQueues").resource("*").session(&session).build().is_ok()
    };
    assert!(build(one) && !build(other));
}
