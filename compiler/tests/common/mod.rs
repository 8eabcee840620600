//! The data beside the repository, and documents as trees.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::Read;
use std::path::Path;

use bumpalo::Bump;
use dictum_compiler::expand::policies_of;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, PolicyType, Sources};
use dictum_compiler::syntax::ast::Policy;
use dictum_compiler::{Diagnostics, resolve_document};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of a data file; `None`, with a word about it, where there is none.
pub fn data(name: &str) -> Option<String> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: no {}", path.display());
        return None;
    };
    let mut text = String::new();
    if name.ends_with(".gz") {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("the file is whole");
    } else {
        text = String::from_utf8(bytes).expect("the file is text");
    }
    Some(text)
}

/// A line of a file of policies.
#[derive(Deserialize)]
pub struct Line<'a> {
    /// Its type, where it is said.
    pub kind: Option<String>,
    /// The document, where it is JSON.
    #[serde(borrow)]
    pub document: Option<&'a RawValue>,
    /// Its text, where it is none.
    pub raw: Option<String>,
}

/// The documents of the data that resolve under their type, with it.
pub fn good_documents() -> Vec<(String, PolicyType)> {
    let [Some(managed), Some(wild)] = ["managed-policies.jsonl.gz", "wild-policies.jsonl.gz"].map(data) else {
        return Vec::new();
    };
    let read = |line| {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        let text = line.raw.or(line.document.map(|document| document.get().to_owned())).expect("a text or a document");
        (text, line.kind.as_deref().and_then(PolicyType::from_name).unwrap_or(PolicyType::Identity))
    };
    let lines = managed.lines().chain(wild.lines());
    lines.map(read).filter(|(text, policy_type)| is_good(text, *policy_type)).collect()
}

/// Reads a JSON document and hands on its tree.
pub fn with_json<T>(text: &str, then: impl FnOnce(&Policy<'_>) -> T) -> T {
    let mut sources = Sources::new();
    let source = sources.add_file("p.json", text);
    let range = sources.whole(source);
    with_tree(&sources, &Document { name: "p".to_owned(), policy_type: PolicyType::Identity, source, range }, then)
}

/// Reads the one policy of a text in the Dictum language, and hands on its tree and what the text says it is.
pub fn with_dictum<T>(text: &str, then: impl FnOnce(&Policy<'_>, &Document) -> T) -> T {
    let mut sources = Sources::new();
    let source = sources.add_file("p.dct", text);
    let documents = policies_of(&sources, source, "p", None);
    let [document] = documents.as_slice() else { panic!("{} policies in\n{text}", documents.len()) };
    with_tree(&sources, document, |tree| then(tree, document))
}

fn with_tree<T>(sources: &Sources, document: &Document, then: impl FnOnce(&Policy<'_>) -> T) -> T {
    let arena = Bump::new();
    let (tree, diagnostics) = Reader::new(sources, &arena).read(document, &arena);
    let text = || String::from_utf8_lossy(sources.text(document)).into_owned();
    let is_bad = diagnostics.iter().any(|diagnostic| diagnostic.is_error());
    let shown = if is_bad { Diagnostics(diagnostics).render(sources) } else { String::new() };
    let tree = tree.filter(|_| !is_bad || sources.file(document.source).name.ends_with(".json"));
    then(&tree.unwrap_or_else(|| panic!("{}\n{shown}", text())))
}

/// Whether a document resolves under its type.
fn is_good(text: &str, policy_type: PolicyType) -> bool {
    let mut sources = Sources::new();
    let source = sources.add_file("p.json", text);
    let range = sources.whole(source);
    resolve_document(&sources, &Document { name: "p".to_owned(), policy_type, source, range }).0.is_some()
}
