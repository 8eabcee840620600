//! Every decision case, of this repository and of the conformance folder beside it, on the compiler and the machine.

use std::path::{Path, PathBuf};

use dictum_compiler::Options;
use dictum_corpus::machine::by_machine;
use dictum_corpus::reader::{Input, Run};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, found);
        } else if [".jsonl", ".jsonl.gz"].iter().any(|end| name.ends_with(end)) && !name.contains("requests") {
            found.push(path);
        }
    }
    found.sort();
}

fn run(folder: &str, faults_are_cases: bool) {
    let mut paths = Vec::new();
    files(Path::new(folder), &mut paths);
    if paths.is_empty() {
        println!("skipped: no cases at {folder}");
        return;
    }
    let (mut passed, mut failures) = (0, Vec::new());
    let mut run = Run::default();
    for path in &paths {
        if path.ends_with("case-faults.jsonl") && faults_are_cases {
            continue;
        }
        let Input::Cases(cases) = run.open(path).unwrap() else { continue };
        for case in cases {
            let case = case.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let Some(expect) = &case.expect else { continue };
            let (answer, labels, _) = by_machine(&case, &Options::default());
            match expect.check(&answer, &labels) {
                Ok(()) => passed += 1,
                Err(mismatch) => failures.push(format!("{}: {mismatch}: {answer:?}", case.id)),
            }
        }
    }
    println!("{passed} cases pass");
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn cases_of_the_corpus() {
    run(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"), true);
    run(concat!(env!("CARGO_MANIFEST_DIR"), "/policies"), true);
}

#[test]
fn conformance_cases() {
    run(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance"), false);
}
