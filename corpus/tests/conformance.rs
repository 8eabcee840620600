//! The reference evaluator, behind the compiler's checks, against the conformance cases, where that folder lies beside the repository.

use std::path::{Path, PathBuf};

use dictum_corpus::decide::by_reference;
use dictum_corpus::reader::{Input, Run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance");

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_cases = |path: &PathBuf| [".jsonl", ".jsonl.gz"].iter().any(|end| path.to_string_lossy().ends_with(end));
    let mut files: Vec<PathBuf> = entries.filter(is_cases).collect();
    files.sort();
    files
}

#[test]
fn the_reference_agrees_with_every_case() {
    let folder = Path::new(FOLDER);
    let files = [files(folder), files(&folder.join("generated"))].concat();
    if files.is_empty() {
        println!("skipped: no conformance cases at {FOLDER}");
        return;
    }
    let (mut agreed, mut failures) = (0, Vec::new());
    let mut run = Run::default();
    for file in &files {
        let Input::Cases(cases) = run.open(file).unwrap() else { panic!("{} is a policy", file.display()) };
        for case in cases {
            let case = case.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let expect = case.expect.as_ref().expect("every conformance case expects something");
            let (answer, labels) = by_reference(&case);
            match expect.check(&answer, &labels) {
                Ok(()) => agreed += 1,
                Err(mismatch) => failures.push(format!("{}: {mismatch}: {answer:?}", case.id)),
            }
        }
    }
    println!("{agreed} cases agree");
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}
