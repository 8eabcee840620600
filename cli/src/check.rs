//! `dictum check`: what is wrong with policies, and what may be.

use std::path::{Path, PathBuf};

use bumpalo::Bump;
use clap::Args;
use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, Notation, SourceId, Sources};
use dictum_compiler::{resolve_library, resolve_tree, size_lints, testing};
use dictum_corpus::set::Kind;
use dictum_corpus::tree::SourceTree;

use crate::exit::{Exit, Failure, Fault, counted};
use crate::input::{self, Policies, Shape, TypeName};
use crate::output::Out;
use crate::report::{self, FailOn, Format, Reporter, Tally, Told};
use crate::walk::{self, Seen};

const HELP: &str = "\
A file is a document or a set of policies (see `dictum compile --help`); of a folder every file below it is checked whose
name ends in `.json` or `.dct`. Without --type a document is `resource` if it has principals, `trust` if moreover all its
actions are those of assuming a role, else `identity`.

In the format `human` standard output has a line for each file that could be read. What is wrong with a file that others
import is told once.

Exit codes: 2 any error: a file that cannot be read, or policies that are none, of which no part is in force; else 1
findings at or above --fail-on; else 0.

Examples:
  dictum check policy.json set.json
  dictum check policies --fail-on security
  dictum check --type scp --sizes region-lock.json
  dictum check --format sarif policies > dictum.sarif";

/// Ends of names that are checked below a folder; a file that is named itself may be called anything.
const ENDS: [&str; 2] = [".json", ".dct"];

/// Check policies: errors and warnings with their places
#[derive(Args)]
#[command(after_help = format!("{}\n\n{HELP}", report::HELP))]
pub struct Check {
    /// Documents or sets of policies, or folders of them; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The files are documents of this type, whatever they look like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// Warn also of documents that are larger than the service lets one attach
    #[arg(long)]
    sizes: bool,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: FailOn,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

pub fn run(command: &Check, out: &Out) -> Result<Exit, Failure> {
    report::with(command.format, out, |reporter| {
        let (mut seen, mut told) = (Seen::new(None), Told::default());
        for path in &command.paths {
            let tree = path.is_dir().then(|| SourceTree::new(path));
            for file in files(path, &mut seen, reporter)? {
                match input::policies(&file, command.policy_type, Kind::Document, tree.as_ref()) {
                    Ok(policies) => check(&file, &policies, command, &mut told, reporter, out)?,
                    Err(failure) => _ = reporter.failure(failure)?,
                }
            }
        }
        Ok(reporter.tally().exit(command.fail_on))
    })
}

/// The files that a path leads to, without those that an earlier one led to.
pub fn files(path: &Path, seen: &mut Seen, reporter: &mut Reporter) -> Result<Vec<PathBuf>, Failure> {
    if input::is_standard_input(path) {
        return Ok(vec![path.to_owned()]);
    }
    match walk::files(path, &ENDS, seen) {
        Ok(files) if files.is_empty() && !std::mem::take(&mut seen.had_repeats) => {
            reporter.fault(&Fault::new("E-FILE", path, "no `.json` or `.dct` file is in it"))?;
            Ok(files)
        }
        Ok(files) => Ok(files),
        Err((file, error)) => {
            reporter.fault(&Fault::io(&file, &error))?;
            Ok(Vec::new())
        }
    }
}

fn check(
    path: &Path,
    policies: &Policies,
    command: &Check,
    told: &mut Told,
    reporter: &mut Reporter,
    out: &Out,
) -> Result<(), Failure> {
    let sources = &policies.sources;
    let mut found = Vec::new();
    let mut statements = 0;
    let shared = Bump::new();
    let mut reader = Reader::new(sources, &shared);
    if policies.shape == Shape::Library {
        found.extend(library(sources));
    }
    for document in sources.documents() {
        let arena = Bump::new();
        let (tree, diagnostics) = reader.read(document, &arena);
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, sources, document);
        statements += policy.map_or(0, |policy| policy.statements.len() as u64);
        found.extend(diagnostics);
        if command.sizes {
            found.extend(size_lints(sources, document));
        }
    }
    found.extend(in_tests(sources, &mut reader));
    let new: Vec<Diagnostic> = found.iter().filter(|diagnostic| told.is_new(diagnostic, sources)).cloned().collect();
    reporter.diagnostics(&new, sources)?;
    if !reporter.is_human() {
        return Ok(());
    }
    let count = counted(sources.documents().count() as u64, "policy", "policies");
    let what = match policies.shape {
        Shape::Document(policy_type) => format!("{} policy", policy_type.name()),
        Shape::Set => format!("set of {count}"),
        Shape::Policies => count,
        Shape::Library => "library".to_owned(),
    };
    let has_errors = found.iter().any(|diagnostic| diagnostic.is_error());
    let what = if has_errors { what } else { format!("{what}, {}", counted(statements, "statement", "statements")) };
    // What was told of an import already is wrong with this file too.
    out.line(&format!("{}: {what}: {}", path.display(), Tally::of(&found)))
}

/// What is wrong with the tests of the first of these sources.
fn in_tests(sources: &Sources, reader: &mut Reader<'_>) -> Vec<Diagnostic> {
    let is_language = sources.files.first().is_some_and(|file| file.notation == Notation::Dictum);
    if !is_language || reader.files().has_errors(SourceId(0)) {
        return Vec::new();
    }
    let own: Vec<Document> = sources.documents().cloned().collect();
    testing::check(SourceId(0), &own, sources, reader).1
}

/// What is wrong with a library, the first of these sources.
pub fn library(sources: &Sources) -> Vec<Diagnostic> {
    let arena = Bump::new();
    resolve_library(&mut Reader::new(sources, &arena), sources, SourceId(0))
}

#[cfg(test)]
mod tests {
    use dictum_compiler::{Options, resolve_document};

    /// The pipeline and this command resolve documents the same way.
    #[test]
    fn check_finds_what_compile_finds() {
        let sources = dictum_corpus::set::document("f", "p", b"{\"Statement\": [{\"Effect\": 1}]}".to_vec(), None);
        let errors = dictum_compiler::compile(&sources, &Options::default()).unwrap_err();
        let document = sources.documents().next().unwrap();
        assert_eq!(resolve_document(&sources, document).1, errors.0);
    }
}
