//! Real policies: those of the vendor resolve, and of those found in the field exactly the ones that are known to be wrong
//! are refused, for the reason that is known.

use std::collections::BTreeMap;

use dictum_compiler::diagnostic::{Diagnostic, Diagnostics};
use dictum_compiler::resolve_document;
use dictum_compiler::source::{PolicyType, Sources};
use serde::Deserialize;
use serde_json::value::RawValue;

use common::data;

mod common;

/// The diagnostics of a document, and whether it resolved.
fn resolve(text: &str, policy_type: PolicyType) -> (bool, Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add_file("policy.json", text);
    sources.add(policy_type, "policy", file, sources.whole(file));
    let document = sources.documents().next().expect("one was added").clone();
    let (policy, diagnostics) = resolve_document(&sources, &document);
    (policy.is_some(), sources, diagnostics)
}

fn policy_type(kind: &str) -> PolicyType {
    match kind {
        "identity" => PolicyType::Identity,
        "resource" => PolicyType::Resource,
        "trust" => PolicyType::Trust,
        "boundary" => PolicyType::Boundary,
        "session" => PolicyType::Session,
        "scp" => PolicyType::Scp,
        "rcp" => PolicyType::Rcp,
        _ => panic!("unknown kind {kind}"),
    }
}

#[derive(Deserialize)]
struct Managed<'a> {
    name: String,
    #[serde(borrow)]
    document: &'a RawValue,
}

#[test]
fn every_managed_policy_resolves() {
    let Some(text) = data("managed-policies.jsonl.gz") else { return };
    let mut count = 0;
    for line in text.lines() {
        let managed: Managed = serde_json::from_str(line).unwrap();
        let (good, sources, diagnostics) = resolve(managed.document.get(), PolicyType::Identity);
        assert!(good, "{}\n{}", managed.name, Diagnostics(diagnostics).render(&sources));
        count += 1;
    }
    println!("{count} policies");
}

#[derive(Deserialize)]
struct Wild<'a> {
    id: String,
    kind: String,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
    raw: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    id: String,
    kind: String,
    code: String,
}

#[test]
fn of_the_wild_policies_the_known_ones_are_refused() {
    let (Some(policies), Some(refusals)) = (data("wild-policies.jsonl.gz"), data("wild-refusals.jsonl")) else {
        return;
    };
    let refusals = refusals.lines().map(|line| serde_json::from_str::<Refusal>(line).unwrap());
    let refusals: BTreeMap<String, Refusal> = refusals.map(|refusal| (refusal.id.clone(), refusal)).collect();

    let mut wrong = Vec::new();
    for line in policies.lines() {
        let wild: Wild = serde_json::from_str(line).unwrap();
        let text = wild.raw.as_deref().or(wild.document.map(RawValue::get)).expect("a text or a document");
        let refusal = refusals.get(&wild.id);
        let kind = refusal.map_or(&wild.kind, |refusal| &refusal.kind);
        let (good, sources, diagnostics) = resolve(text, policy_type(kind));
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.name()).collect();
        let as_known = match refusal {
            None => good,
            Some(refusal) => !good && codes.contains(&refusal.code.as_str()),
        };
        if !as_known {
            let known = refusal.map_or("good", |refusal| &refusal.code);
            wrong.push(format!(
                "{} as {kind}, known as {known}:\n{}",
                wild.id,
                Diagnostics(diagnostics).render(&sources)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
