//! `dictum check`: what is wrong with policies, and what may be.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dictum_compiler::diagnostic::Diagnostics;
use dictum_compiler::{Sources, resolve_document, size_lints};
use dictum_corpus::set::Kind;
use serde::Serialize;

use crate::exit::{Exit, Failure, counted, say};
use crate::input::{self, Policies, TypeName, type_name};
use crate::output::Out;

const HELP: &str = "\
A file is a document or a set of policies (see `dictum compile --help`). Without --type a document is `resource` if it has
principals, `trust` if moreover all its actions are those of assuming a role, else `identity`.

Diagnostics go to standard error as text, with the source line; with `--format json` to standard output instead, an object
a line: severity, code, rule, policy, file, line, column, end_line, end_column, offset, end_offset (bytes), message,
expected, help. Standard output has a line for each file that could be read; in JSON format only the diagnostics.

Exit codes: 0 no errors; 1 no errors, but warnings, and --deny-warnings; 2 a file that cannot be read, or policies with
errors: no policy is in force in part.

Examples:
  dictum check policy.json set.json
  dictum check --type scp --sizes --deny-warnings region-lock.json
  dictum check --format json *.json";

/// Check policies: errors and warnings with their places
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Check {
    /// Documents or sets of policies in JSON; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The files are documents of this type, whatever they look like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// Warn also of documents that are larger than the service lets one attach
    #[arg(long)]
    sizes: bool,
    /// Warnings are findings: the exit code is 1
    #[arg(long)]
    deny_warnings: bool,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A diagnostic as a line of JSON.
#[derive(Serialize)]
struct Line<'d> {
    severity: &'d str,
    code: &'d str,
    rule: &'d str,
    policy: Option<&'d str>,
    file: &'d str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    offset: u32,
    end_offset: u32,
    message: &'d str,
    expected: Option<&'d str>,
    help: Option<&'d str>,
}

pub fn run(command: &Check, out: &Out) -> Result<Exit, Failure> {
    let mut exit = Exit::Well;
    for path in &command.paths {
        let found = match input::policies(path, command.policy_type, Kind::Document) {
            Ok(policies) => check(path, &policies, command, out)?,
            Err(Failure::Closed) => return Err(Failure::Closed),
            Err(Failure::Diagnosed(found)) if command.format == Format::Json => {
                json(&found.0, &found.1, out)?;
                Exit::BadInput
            }
            Err(failure) => failure.end(),
        };
        exit = exit.max(found);
    }
    Ok(exit)
}

fn check(path: &Path, policies: &Policies, command: &Check, out: &Out) -> Result<Exit, Failure> {
    let sources = &policies.sources;
    let mut found = Vec::new();
    let mut statements = 0;
    for document in sources.documents() {
        let (policy, diagnostics) = resolve_document(sources, document);
        statements += policy.map_or(0, |policy| policy.statements.len() as u64);
        found.extend(diagnostics);
        if command.sizes {
            found.extend(size_lints(sources, document));
        }
    }
    let found = Diagnostics(found);
    let errors = found.0.iter().filter(|diagnostic| diagnostic.is_error()).count() as u64;
    let warnings = found.0.len() as u64 - errors;
    match command.format {
        Format::Text if !found.0.is_empty() => say(&found.render(sources).trim_end()),
        Format::Text => {}
        Format::Json => json(&found, sources, out)?,
    }
    if command.format == Format::Text {
        let what = match policies.policy_type {
            Some(policy_type) => format!("{} policy", type_name(policy_type)),
            None => format!("set of {}", counted(sources.documents().count() as u64, "policy", "policies")),
        };
        let what =
            if errors > 0 { what } else { format!("{what}, {}", counted(statements, "statement", "statements")) };
        let (errors, warnings) = (counted(errors, "error", "errors"), counted(warnings, "warning", "warnings"));
        out.line(&format!("{}: {what}: {errors}, {warnings}", path.display()))?;
    }
    Ok(match () {
        () if errors > 0 => Exit::BadInput,
        () if warnings > 0 && command.deny_warnings => Exit::Denied,
        () => Exit::Well,
    })
}

fn json(found: &Diagnostics, sources: &Sources, out: &Out) -> Result<(), Failure> {
    for diagnostic in &found.0 {
        let report = diagnostic.report(sources);
        let line = Line {
            severity: report.severity,
            code: report.code,
            rule: report.rule,
            policy: report.policy,
            file: report.file,
            line: report.line,
            column: report.column,
            end_line: report.end_line,
            end_column: report.end_column,
            offset: report.offset,
            end_offset: report.end_offset,
            message: report.message,
            expected: report.expected,
            help: report.help,
        };
        out.line(&crate::output::json(&line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use dictum_compiler::Options;

    use super::*;

    /// The pipeline and this command resolve documents the same way.
    #[test]
    fn check_finds_what_compile_finds() {
        let sources = dictum_corpus::set::document("f", "p", b"{\"Statement\": [{\"Effect\": 1}]}".to_vec(), None);
        let errors = dictum_compiler::compile(&sources, &Options::default()).unwrap_err();
        let document = sources.documents().next().unwrap();
        assert_eq!(resolve_document(&sources, document).1, errors.0);
    }
}
