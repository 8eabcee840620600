//! The command line: one command, one file; what they share is declared above them.
#![forbid(unsafe_code)]

mod codes;
mod exit;
mod guard;
mod output;
mod report;
mod walk;
mod input;
mod cache;
mod organization;
mod ask;
mod picture;

mod check;
mod compile;
mod lint;
mod explain_code;
mod list;
mod inspect;
mod show;
mod decide;
mod explain;
mod test;
mod convert;
mod fmt;
mod lsp;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::{Exit, Failure, Fault};
use output::Out;

const HELP: &str = "\
Exit codes:
  0  allow, or all well
  1  deny (a single request of `decide` with --as, or of `explain`), a failing test, findings
  2  bad input: a file, policy, bundle, request or case that is none; a batch in which some line was one
  3  usage: a command line that is none
  4  internal fault: a mistake of this program

Results go to standard output, errors to standard error, each with its class, its file and its place in it;
`dictum explain-code CLASS` says more about a class.

From policies to a decision and its reasons:
  dictum check policy.json
  dictum compile set.json -o set.dctb
  dictum decide set.dctb --requests requests.jsonl
  dictum explain set.dctb --as arn:aws:iam::123456789012:user/ana --do connect:ListUsers --on '*'";

/// Compile, check, list, decide, explain, test and convert IAM policies
#[derive(Parser)]
#[command(name = "dictum", version, after_help = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compile(compile::Compile),
    Check(check::Check),
    Lint(lint::Lint),
    ExplainCode(explain_code::ExplainCode),
    List(list::List),
    Inspect(inspect::Inspect),
    Show(show::Show),
    Decide(decide::Decide),
    Explain(explain::Explain),
    Test(test::Test),
    Convert(convert::Convert),
    Fmt(fmt::Fmt),
    Lsp(lsp::Lsp),
}

fn run(out: &Out) -> Result<Exit, Failure> {
    let exit = match Cli::try_parse().map_err(Failure::Usage)?.command {
        Command::Compile(command) => compile::run(&command, out),
        Command::Check(command) => check::run(&command, out),
        Command::Lint(command) => lint::run(&command, out),
        Command::ExplainCode(command) => explain_code::run(&command, out),
        Command::List(command) => list::run(&command, out),
        Command::Show(command) => show::run(&command, out),
        Command::Inspect(command) => inspect::run(&command, out),
        Command::Decide(command) => decide::run(&command, out),
        Command::Explain(command) => explain::run(&command, out),
        Command::Test(command) => test::run(&command, out),
        Command::Convert(command) => convert::run(&command, out),
        Command::Fmt(command) => fmt::run(&command, out),
        Command::Lsp(command) => lsp::run(&command),
    }?;
    out.flush()?;
    Ok(exit)
}

fn main() -> ExitCode {
    guard::install();
    let out = Out::new();
    let exit = guard::guarded(|| run(&out).unwrap_or_else(Failure::end)).unwrap_or_else(|message| {
        let message = format!("{message}; this is a mistake of dictum itself");
        exit::say(&Fault::new("E-INTERNAL", Path::new(""), message));
        Exit::Internal
    });
    exit.into()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        super::Cli::command().debug_assert();
    }
}
