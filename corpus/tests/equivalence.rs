//! Two engines, and each pass by itself: the machine agrees with the plain evaluator on every small world and on random
//! ones. A world on which they differ prints itself as a case, ready for a file of the corpus.

use bumpalo::Bump;
use dictum_compiler::opt::PASSES;
use dictum_compiler::{Options, Reporter};
use dictum_corpus::answer::{Answer, ErrorKind};
use dictum_corpus::decide::{by_reference, policy_set};
use dictum_corpus::machine::by_machine;
use dictum_corpus::world::{World, small_worlds};
use dictum_corpus::{reference, request};

/// Random worlds of one run.
const RANDOM_WORLDS: u64 = 100_000;
/// Where the seeds of a run begin; another one asks other worlds.
const SEED: &str = "DICTUM_SEED";

/// Both answers, alike but for the words of an error; and, where a decision came out, what stands around it (EVL-52).
fn compare(world: &World, options: &Options) -> Result<(), String> {
    let case = world.case();
    let (expected, labels) = by_reference(&case);
    let (answer, _, explanation) = by_machine(&case, options);
    let alike = match (&expected, &answer) {
        (Answer::Decision(decision, by), Answer::Decision(other, other_by)) => {
            let mut by = by.clone();
            by.sort_unstable();
            by.dedup();
            decision == other && by == *other_by
        }
        (Answer::Error(kind, errors), Answer::Error(other, others)) => {
            kind == other
                && (*kind == ErrorKind::Request
                    || errors.first().map(|it| &it.code) == others.first().map(|it| &it.code))
        }
        _ => false,
    };
    if !alike {
        return Err(format!("the machine says {answer:?} of the world\n{world}"));
    }
    let Some(explanation) = explanation else { return Ok(()) };
    let arena = Bump::new();
    let set = policy_set(&case.policies, &arena);
    let outcome = request::parse(&case.request)
        .and_then(|request| reference::decide(&set, &request))
        .ok()
        .ok_or_else(|| format!("the reference fails on its own world\n{world}"))?;
    let blocking: Vec<String> = explanation.blocking.iter().map(ToString::to_string).collect();
    let expected: Vec<String> = outcome.blocking.iter().map(ToString::to_string).collect();
    if blocking != expected || explanation.supporting.len() != outcome.supporting.len() {
        return Err(format!("blocking {blocking:?}, expected {expected:?}; {} labels\n{world}", labels.len()));
    }
    Ok(())
}

/// Runs `check` over the numbers on all cores; the first failures are printed.
fn run(worlds: impl Iterator<Item = World> + Send, options: &Options) -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let shared = std::sync::Mutex::new(worlds);
    let results: Vec<(u64, Vec<String>)> = std::thread::scope(|scope| {
        let work = || {
            let (mut count, mut failures) = (0, Vec::new());
            loop {
                let batch: Vec<World> = shared.lock().unwrap().by_ref().take(256).collect();
                if batch.is_empty() || failures.len() >= 3 {
                    return (count, failures);
                }
                count += batch.len() as u64;
                failures.extend(batch.iter().filter_map(|world| compare(world, options).err()));
            }
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let failures: Vec<&String> = results.iter().flat_map(|(_, failures)| failures).collect();
    assert!(failures.is_empty(), "{}", failures.iter().take(3).map(|it| it.as_str()).collect::<Vec<_>>().join("\n"));
    results.iter().map(|(count, _)| count).sum()
}

#[test]
fn every_small_world() {
    let count = run(small_worlds(), &Options::default());
    println!("{count} small worlds agree");
    assert_eq!(count, 299_754);
}

#[test]
fn random_worlds() {
    let start: u64 = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let count = run((start..start + RANDOM_WORLDS).map(World::from_seed), &Options::default());
    println!("{count} random worlds from seed {start} agree");
}

/// Every pass is equal in meaning: with it left out, and with nothing but it, the decisions are the same.
#[test]
fn passes_change_no_decision() {
    static NONE: Options = Options { passes: &[], progress: Reporter(None) };
    run((0..10_000).map(World::from_seed), &NONE);
    for i in 0..PASSES.len() {
        run((0..5_000).map(World::from_seed), &Options { passes: &PASSES[i..=i], ..Options::default() });
    }
}
