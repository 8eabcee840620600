//! The invariants of the semantics as properties of random worlds: what may be turned, split or added without harm.

use dictum_compiler::Options;
use dictum_corpus::answer::{Answer, Decision, Member};
use dictum_corpus::machine::by_machine;
use dictum_corpus::world::{World, WorldPolicy};
use serde_json::{Value, json};

const WORLDS: u64 = 3_000;

/// The decision, `None` where the request is refused.
fn decide(world: &World) -> Option<Decision> {
    match by_machine(&world.case(), &Options::default()).0 {
        Answer::Decision(decision, _) => Some(decision),
        Answer::Error(kind, errors) => {
            assert_eq!(kind, dictum_corpus::answer::ErrorKind::Request, "{errors:?}\n{world}");
            None
        }
    }
}

fn document(policy: &WorldPolicy) -> Value {
    serde_json::from_str(&policy.document).unwrap()
}

/// The statements of a document, as a list.
fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    }
}

/// The world with every document changed, and the same world with every document only read and written again, so that
/// both have lost the same digits of long numbers and the same order of members.
fn changed(seed: u64, change: impl Fn(&WorldPolicy, Value) -> Vec<Value>) -> (World, World) {
    let mut plain = World::from_seed(seed);
    for policy in &mut plain.policies {
        policy.document = document(policy).to_string();
    }
    let mut world = plain.clone();
    world.policies = Vec::new();
    for policy in &plain.policies {
        for (i, document) in change(policy, document(policy)).into_iter().enumerate() {
            let name = if i == 0 { policy.name.clone() } else { format!("{}-{i}", policy.name) };
            world.policies.push(WorldPolicy { name, layer: policy.layer, document: document.to_string() });
        }
    }
    (plain, world)
}

fn check(
    change: impl Fn(&WorldPolicy, Value) -> Vec<Value>,
    holds: impl Fn(Option<Decision>, Option<Decision>) -> bool,
) {
    let mut seen = 0;
    for seed in 0..WORLDS {
        let (plain, changed) = changed(seed, &change);
        let (before, after) = (decide(&plain), decide(&changed));
        assert!(holds(before, after), "seed {seed}: {before:?} became {after:?}\n{plain}\n{changed}");
        seen += u32::from(before == Some(Decision::Allow));
    }
    assert!(seen > 500, "only {seen} worlds allow anything");
}

/// Every list of a document turned round: statements, actions, resources, principals, values.
fn turned(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().rev().map(turned).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, turned(value))).collect(),
        value => value,
    }
}

/// INV-3.
#[test]
fn order_decides_nothing() {
    check(|_, document| vec![turned(document)], |before, after| before == after);
    for seed in 0..WORLDS {
        let (plain, mut changed) = changed(seed, |_, document| vec![document]);
        changed.policies.reverse();
        changed.policies.sort_by_key(|policy| policy.layer);
        assert_eq!(decide(&plain), decide(&changed), "seed {seed}\n{plain}");
    }
}

/// INV-7.
#[test]
fn a_policy_may_be_split() {
    let split = |_: &WorldPolicy, document: Value| {
        let with = |statement: Value| {
            let mut part = document.clone();
            part["Statement"] = json!([statement]);
            part
        };
        match statements(&document) {
            statements if statements.is_empty() => vec![document],
            statements => statements.into_iter().map(with).collect(),
        }
    };
    check(split, |before, after| before == after);
}

/// A document with each of its statements once more, under the other effect or under the same.
fn doubled(mut document: Value, effect: &str) -> Value {
    let mut all = statements(&document);
    let mut more = all.clone();
    for statement in &mut more {
        statement["Effect"] = effect.into();
        statement.as_object_mut().unwrap().remove("Sid");
    }
    all.append(&mut more);
    document["Statement"] = all.into();
    document
}

/// INV-4. What an rcp may deny or allow is bounded by its type, so it is left alone.
#[test]
fn a_deny_never_opens_and_an_allow_never_shuts() {
    let with = |effect: &'static str| {
        move |policy: &WorldPolicy, document: Value| match policy.layer.member {
            Member::Rcp => vec![document],
            _ => vec![doubled(document, effect)],
        }
    };
    check(with("Deny"), |before, after| after != Some(Decision::Allow) || before == after);
    check(with("Allow"), |before, after| before != Some(Decision::Allow) || before == after);
}
