//! JSON to the Dictum language and back: nothing is lost.

use common::{good_documents, with_dictum, with_json};
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::source::PolicyType;
use proptest::prelude::*;

mod common;
mod documents;

/// A JSON document in the Dictum language.
fn language(text: &str, policy_type: Option<PolicyType>, shape: Shape) -> String {
    with_json(text, |tree| print::dsl(tree, "p", policy_type, shape)).unwrap_or_else(|| panic!("no text for {text}"))
}

/// What a document says in JSON.
fn json(text: &str, shape: Shape) -> String {
    with_json(text, |tree| print::json(tree, shape, Spacing::Minified)).expect("it has no errors")
}

/// What a text in the Dictum language says in JSON, and the type that it is taken for.
fn back(text: &str, shape: Shape) -> (String, PolicyType) {
    with_dictum(text, |tree, document| {
        (print::json(tree, shape, Spacing::Minified).expect("it has no errors"), document.policy_type)
    })
}

/// Every good document of the data comes back: in its normal form, or as it was with its members in their order; and its
/// type with it.
#[test]
fn every_document_comes_back() {
    let documents = good_documents();
    for (text, policy_type) in &documents {
        for shape in [Shape::Normal, Shape::Exact] {
            let language = language(text, Some(*policy_type), shape);
            assert_eq!(back(&language, shape), (json(text, shape), *policy_type), "{language}");
        }
    }
    println!("{} documents", documents.len());
}

/// Doc comments and metadata, which JSON has not, are printed where they stood.
#[test]
fn notes_are_printed_back() {
    let text = "## Why.\n##\n## More.\n@owner(\"team \\\"data\\\"\", \"sev2\")\n@reviewed()\n@A allow s3:* on *\n\ndeny [] on *\n";
    assert_eq!(with_dictum(text, |tree, _| print::dsl(tree, "p", None, Shape::Normal)).as_deref(), Some(text));
}

/// A list as long as a document may have, of entries that all look alike, or nearly: grouping them takes time by its length.
#[test]
fn long_lists_come_back_soon() {
    let entry = |i: usize| match i % 3 {
        0 => format!("\"arn:aws:s3:::b/{}{i}\"", "a/".repeat(i % 7)),
        _ => format!("\"arn:aws:iam::1:role/{i}/x/y\""),
    };
    let entries: Vec<String> = (0..60_000).map(entry).collect();
    let statement = format!(r#"{{"Effect":"Deny","Action":"*","Resource":[{}]}}"#, entries.join(","));
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    let start = std::time::Instant::now();
    let language = language(&text, None, Shape::Normal);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    assert!(language.len() < text.len());
    assert_eq!(back(&language, Shape::Normal).0, text);
    println!("{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any document, also one whose texts are no actions, keys or values at all.
    #[test]
    fn any_document_comes_back(text in documents::document()) {
        prop_assert_eq!(&json(&text, Shape::Exact), &text);
        let exact = language(&text, None, Shape::Exact);
        prop_assert_eq!(&back(&exact, Shape::Exact).0, &text, "{}", exact);
        let normal = json(&text, Shape::Normal);
        prop_assert_eq!(&json(&normal, Shape::Normal), &normal);
        let shortest = language(&text, None, Shape::Normal);
        prop_assert_eq!(&back(&shortest, Shape::Normal).0, &normal, "{}", shortest);
        prop_assert_eq!(&language(&normal, None, Shape::Normal), &shortest);
    }
}
