//! The worlds and the trace of the shared data folder, and every managed policy, on the compiler and the machine.

use std::path::Path;

use dictum_compiler::{Options, compile};
use dictum_corpus::answer::Decision;
use dictum_corpus::data::{self, World};
use dictum_corpus::machine::Borrowed;
use dictum_vm::{Bundle, Machine};

/// Asks every request of a world of the bundle of its own set. O(sets * requests).
fn decides_as_expected(read: impl FnOnce(&Path) -> std::io::Result<World>, requests: usize) {
    let Some(folder) = data::folder() else {
        println!("skipped: no data folder (set {})", data::FOLDER_VARIABLE);
        return;
    };
    let world = read(&folder).unwrap();
    assert_eq!(world.asked.len(), requests);
    let mut failures = Vec::new();
    for (number, set) in world.sets.iter().enumerate() {
        let sources = world.sources(set);
        let compiled =
            compile(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{}", errors.render(&sources)));
        let bundle = Bundle::from_bytes(compiled.bundle).unwrap();
        let mut machine = Machine::new(&bundle);
        for asked in world.asked.iter().filter(|asked| asked.set == number) {
            let borrowed = Borrowed::new(&asked.request);
            let context = borrowed.context();
            let request =
                borrowed.build(&bundle, &context, None).unwrap_or_else(|error| panic!("{error}: {:?}", asked.request));
            let decision = Decision::from(machine.decide(&request));
            if decision != asked.expected {
                failures.push(format!("{decision:?}, not {:?}: {:?}", asked.expected, asked.request));
            }
        }
    }
    println!("{}: {} requests of {} sets of policies", world.name, world.asked.len(), world.sets.len());
    failures.truncate(20);
    assert!(failures.is_empty(), "some differ:\n{}", failures.join("\n"));
}

#[test]
fn w1_decides_as_expected() {
    decides_as_expected(|folder| World::read(folder, "W1"), 10_000);
}

#[test]
fn w2_decides_as_expected() {
    decides_as_expected(|folder| World::read(folder, "W2"), 10_000);
}

#[test]
fn w3_decides_as_expected() {
    decides_as_expected(|folder| World::read(folder, "W3"), 10_000);
}

#[test]
fn w4_decides_as_expected() {
    decides_as_expected(|folder| World::read(folder, "W4"), 10_000);
}

#[test]
fn w6_decides_as_expected() {
    decides_as_expected(|folder| World::read(folder, "W6"), 10_000);
}

#[test]
fn the_managed_trace_decides_as_expected() {
    decides_as_expected(World::read_managed_trace, 50_000);
}

#[test]
fn every_managed_policy_compiles_alone_and_all_together() {
    let Some(folder) = data::folder() else {
        println!("skipped: no data folder (set {})", data::FOLDER_VARIABLE);
        return;
    };
    let policies = data::managed_policies(&folder).unwrap();
    assert_eq!(policies.len(), 1_643);
    for policy in policies.chunks(1).chain([policies.as_slice()]) {
        let sources = data::identity_policies(policy);
        let compiled =
            compile(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{}", errors.render(&sources)));
        assert_eq!(compiled.report.policies, policy.len());
        let bundle = Bundle::from_bytes(compiled.bundle).unwrap();
        assert_eq!(bundle.policies().count(), policy.len());
    }
}
