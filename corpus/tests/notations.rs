//! The two notations decide alike, in both engines: random worlds, whose policies are turned into the Dictum language and
//! back into JSON.

mod common;

use bumpalo::Bump;
use common::Both;
use dictum_compiler::expand::policies_of;
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::read::Reader;
use dictum_compiler::source::Sources;
use dictum_compiler::{Options, compile};
use dictum_corpus::case::Policies;
use dictum_corpus::decide::{policy_set, sources, sources_of};
use dictum_corpus::reference;
use dictum_corpus::request;
use dictum_corpus::world::World;
use dictum_vm::Bundle;

const WORLDS: u64 = 6_000;

/// Every document of some sources as another text.
fn printed(
    sources: &Sources,
    print: impl Fn(&dictum_compiler::syntax::ast::Policy<'_>) -> Option<String>,
) -> Vec<String> {
    let arena = Bump::new();
    let mut reader = Reader::new(sources, &arena);
    let documents = sources.documents().map(|document| {
        let (tree, diagnostics) = reader.read(document, &arena);
        tree.and_then(|tree| print(&tree)).unwrap_or_else(|| panic!("{}: {diagnostics:?}", document.name))
    });
    documents.collect()
}

/// The same policies in the Dictum language, as the compiler takes them.
fn in_dictum(policies: &Policies, texts: &[String]) -> Sources {
    let mut texts = texts.iter();
    let sources = sources_of(policies, |sources, entry| {
        let file = sources.add_file(format!("{}.dct", entry.name), texts.next().expect("a text for each").as_str());
        (file, sources.whole(file))
    });
    let mut found = sources
        .documents()
        .map(|document| policies_of(&sources, document.source, &document.name, Some(document.policy_type)));
    assert!(found.all(|documents| documents.len() == 1));
    drop(found);
    sources
}

#[test]
fn both_notations_decide_alike_in_both_engines() {
    let (mut allowed, mut denied) = (0, 0);
    for seed in 0..WORLDS {
        let case = World::from_seed(seed).case();
        let Ok(request) = request::parse(&case.request) else { continue };
        let shape = if seed % 2 == 0 { Shape::Normal } else { Shape::Exact };
        let texts = printed(&sources(&case.policies), |tree| print::dsl(tree, "p", None, shape));
        let language = in_dictum(&case.policies, &texts);
        let compiled = compile(&language, &Options::default());
        let compiled = compiled.unwrap_or_else(|errors| panic!("seed {seed}\n{}", errors.render(&language)));
        let bundle = Bundle::from_bytes(compiled.bundle).expect("the compiler's bundle loads");

        let documents = printed(&language, |tree| print::json(tree, shape, Spacing::Minified));
        let mut again = case.policies.clone();
        for (entry, document) in again.entries.iter_mut().zip(documents) {
            entry.document = document.into_bytes();
        }
        let arena = Bump::new();
        let expected = reference::decide(&policy_set(&case.policies, &arena), &request);
        let set = policy_set(&again, &arena);
        let found = reference::decide(&set, &request);
        let plain = |outcome: &Result<reference::Outcome, _>| {
            outcome.as_ref().ok().map(|outcome| (outcome.decision, outcome.by.clone()))
        };
        assert_eq!(plain(&found), plain(&expected), "seed {seed}\n{}", texts.join("\n"));
        match Both::new(&set, &bundle).against(&expected, &request) {
            Some(dictum_corpus::answer::Decision::Allow) => allowed += 1,
            _ => denied += 1,
        }
    }
    assert!(allowed > WORLDS / 5 && denied > WORLDS / 5, "{allowed} allowed, {denied} denied");
}
