//! The worlds themselves: as many and as mixed as they are meant to be, and printed so that they come back.

use dictum_corpus::answer::{Answer, Decision, ErrorKind};
use dictum_corpus::decide::by_reference;
use dictum_corpus::reader::Run;
use dictum_corpus::world::{World, small_worlds};

#[test]
fn random_worlds_are_mixed() {
    const WORLDS: u64 = 4_000;
    let (mut allow, mut explicit, mut implicit, mut error) = (0, 0, 0, 0);
    for seed in 0..WORLDS {
        match by_reference(&World::from_seed(seed).case()).0 {
            Answer::Decision(Decision::Allow, _) => allow += 1,
            Answer::Decision(Decision::ExplicitDeny, _) => explicit += 1,
            Answer::Decision(Decision::ImplicitDeny, _) => implicit += 1,
            Answer::Error(ErrorKind::Request, _) => error += 1,
            Answer::Error(ErrorKind::Policy, errors) => panic!("seed {seed}: {errors:?}"),
        }
    }
    let percent = |count: u64| count * 100 / WORLDS;
    println!("{allow} allow, {explicit} explicit deny, {implicit} implicit deny, {error} request error");
    assert!((25..=42).contains(&percent(allow)), "{allow} allow");
    assert!((10..=25).contains(&percent(explicit)), "{explicit} explicit deny");
    assert!((3..=10).contains(&percent(error)), "{error} request errors");
}

#[test]
fn a_printed_world_is_a_case_that_holds() {
    let lines: Vec<String> = (0..500).map(|seed| World::from_seed(seed).to_string()).collect();
    let mut run = Run::default();
    for case in run.lines(lines.join("\n").as_bytes(), None) {
        let case = case.unwrap();
        let (answer, labels) = by_reference(&case);
        assert_eq!(case.expect.as_ref().unwrap().check(&answer, &labels), Ok(()), "{}", case.id);
    }
    assert_eq!(World::from_seed(7).to_string(), World::from_seed(7).to_string());
}

#[test]
fn random_worlds_speak_the_whole_language() {
    let all: String = (0..8_000).map(|seed| World::from_seed(seed).to_string()).collect();
    let lower = all.to_ascii_lowercase();
    for operator in dictum_vm::operator::Operator::ALL {
        let name = operator.name().to_ascii_lowercase();
        let mut spellings = vec![format!("\"{name}\":")];
        if name != "null" {
            for quantifier in ["", "forallvalues:", "foranyvalue:"] {
                spellings.extend([format!("\"{quantifier}{name}\":"), format!("\"{quantifier}{name}ifexists\":")]);
            }
        }
        for spelling in spellings {
            assert!(lower.contains(&spelling), "{spelling} in no world");
        }
    }
    for word in ["NotAction", "NotResource", "NotPrincipal", "2008-10-17", "${*}", "Federated", "CanonicalUser", "[]"] {
        assert!(all.contains(word), "{word} in no world");
    }
}

#[test]
fn small_worlds_are_all_there() {
    assert_eq!(small_worlds().count(), 299_754);
    let mut allow = 0;
    for world in small_worlds().step_by(101) {
        match by_reference(&world.case()).0 {
            Answer::Decision(decision, _) => allow += u32::from(decision == Decision::Allow),
            Answer::Error(_, errors) => panic!("{world}: {errors:?}"),
        }
    }
    assert!(allow > 100);
}
