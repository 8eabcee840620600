//! `dictum compile`: policies in, a bundle out.

use std::path::PathBuf;

use clap::Args;
use dictum_compiler::{Options, compile};
use dictum_corpus::set::Kind;

use crate::exit::{Exit, Failure, Fault, counted, say};
use crate::input::{self, TypeName};
use crate::output::write_whole;

const HELP: &str = "\
SET.json is what a case has as `policies`: an object of `identity`, `resource`, `boundary`, `session` (lists of policies)
and `scp`, `rcp` (lists of levels, each a list of policies); a policy is `{\"name\": …, \"policy\": {…}}`. A file with a
`Statement` is one document, named after its file, of the type it looks like (see `dictum check --help`) or of --type.

The bundle is written whole or not at all. Equal input under equal names gives equal bytes. Errors and warnings go to
standard error, and a line about the bundle.

Exit codes: 0 written; 1 there are warnings and --deny-warnings, nothing written; 2 bad input or output, nothing written.

Examples:
  dictum compile set.json -o set.dctb
  dictum compile --type boundary cap.json -o cap.dctb --deny-warnings";

/// Compile policies into a bundle
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Compile {
    /// A set of policies or one document in JSON; `-` is standard input
    #[arg(value_name = "SET.json")]
    set: PathBuf,
    /// The bundle to write
    #[arg(short, long, value_name = "OUT.dctb")]
    output: PathBuf,
    /// The file is one document of this type, whatever it looks like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// Warnings are findings: nothing is written, and the exit code is 1
    #[arg(long)]
    deny_warnings: bool,
}

pub fn run(command: &Compile) -> Result<Exit, Failure> {
    let policies = input::policies(&command.set, command.policy_type, Kind::Set)?;
    if let (Ok(from), Ok(to)) = (command.set.canonicalize(), command.output.canonicalize())
        && from == to
    {
        return Err(Fault::new("E-FILE", &command.output, "the bundle would overwrite its own source").into());
    }
    let sources = policies.sources;
    let compiled = match compile(&sources, &Options::default()) {
        Ok(compiled) => compiled,
        Err(errors) => return Err(Failure::diagnosed(errors, sources)),
    };
    let warnings = counted(compiled.warnings.0.len() as u64, "warning", "warnings");
    if !compiled.warnings.0.is_empty() {
        say(&compiled.warnings.render(&sources).trim_end());
    }
    if command.deny_warnings && !compiled.warnings.0.is_empty() {
        say(&format_args!("{warnings}, and --deny-warnings: {} is not written", command.output.display()));
        return Ok(Exit::Denied);
    }
    write_whole(&command.output, &compiled.bundle)?;
    let report = compiled.report;
    say(&format_args!(
        "{}: {} bytes, {}, {} ({} can never apply), {warnings}",
        command.output.display(),
        report.bytes,
        counted(report.policies as u64, "policy", "policies"),
        counted(report.statements as u64, "statement", "statements"),
        report.never,
    ));
    Ok(Exit::Well)
}
