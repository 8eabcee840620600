//! `dictum test`: every test below the paths, on both engines, against what it expects.

use std::path::PathBuf;

use clap::Args;

use crate::exit::{Exit, Failure, Fault};
use crate::input::TypeName;
use crate::output::{Out, write_whole};

mod except;
mod world;
mod judge;
mod only;
mod show;
mod junit;
mod coverage;
mod mutate;
mod watch;
mod blocks;
mod run;

const HELP: &str = "\
Runs every test of the files given, and of the files below the folders given: the `test` blocks of `.dct` files, each row of
a table being a test, and the cases of `.json`, `.jsonl` and `.jsonl.gz` files. Each runs on both engines: compiled, on the
machine; and on the plain reference evaluator, once the compiler has found its policies valid. A test fails where the answer is not the expected one, or where the engines disagree; it is
shown with what was expected, what came out, by which statements, and what did not fit in those that came near; --explain
adds the whole explanation. A line that is no case passes if its `expect` says so. Each file with a test has a line of its
own: ✓ passed, ✗ failed.

In force for a `test` block are the policies of its file, each in its type: that of --type, else of the file, else the one it
looks like. A member that `under` names has the policies named there in place of the file's. What a file imports or names is
looked for below the folder given, or in the file's own folder. A `.dct` file with any error is bad input, and not run.

Skipped and counted: `.dct` files without a test, `.json` files that are a policy (they have a `Statement`) or a set of policies (all members are those
of `policies`), cases without an `expect`, and entries of lists of exceptions. A path at which nothing is expected, an empty
file, and a line that is neither of these are bad input; the rest is run all the same.

--except FILE lists cases that are known to differ, a line each: {\"id\": ID, \"rule\": TEXT, \"got\": ANSWER}, where `got` is
`allow`, `explicit_deny`, `implicit_deny`, `policy`, `request` or the class of an error (`E-…`); a `note` is not read. Such
a case counts neither as passed nor as failed while it gives that answer. It fails when it passes after all, or differs in
another way; an id that no case of the run has is bad input.

--coverage tells which statements made no decision (an Allow of a boundary, session, scp or rcp that a decision needed
counts), and which conditions never held or never failed in a statement that otherwise fitted the request. The percentage
is of statements and of both sides of every condition. --mutate changes one thing of a policy at a time (a statement or
condition dropped, an effect or operator turned round, an entry dropped, an element made `*`, and so on) and lists the
changes that no test notices; equal policies count as one, wherever they are in force.

--watch runs again whenever a file below the paths changes, until standard input ends.

The last line of standard output is `N passed, N failed`.

Exit codes: 0 every test passed; 1 some failed, or the coverage is below --min-coverage; 2 bad input.

Examples:
  dictum test corpus
  dictum test cases/*.jsonl --except exceptions.jsonl
  dictum test policies --coverage --min-coverage 90 --junit results.xml
  dictum test policies --mutate
  dictum test policies --only home.dct:61 --explain";

/// Run tests on both engines; measure what of the policies they see
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Test {
    /// Files of tests, or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The policies of `.dct` files are of this type, whatever they look like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// Run these tests only: those with TEXT in their name, or the one at FILE:LINE; may be repeated
    #[arg(long, value_name = "TEXT|FILE:LINE")]
    only: Vec<String>,
    /// Cases that are known to differ
    #[arg(long, value_name = "FILE")]
    except: Option<PathBuf>,
    /// Add the whole explanation to each failing test
    #[arg(long)]
    explain: bool,
    /// Tell which statements and conditions no test has seen
    #[arg(long)]
    coverage: bool,
    /// The least coverage in percent; below it the exit code is 1
    #[arg(long, value_name = "N", value_parser = percent)]
    min_coverage: Option<f64>,
    /// Write the coverage of every statement and condition as JSON
    #[arg(long, value_name = "FILE")]
    coverage_out: Option<PathBuf>,
    /// Change one thing of the policies at a time, and list the changes that no test notices
    #[arg(long)]
    mutate: bool,
    /// Try at most so many changes, evenly chosen
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "mutate")]
    mutate_max: usize,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run again whenever a file changes, until standard input ends
    #[arg(long)]
    watch: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("not between 0 and 100".to_owned()) }
}

impl Test {
    fn measures(&self) -> bool {
        self.coverage || self.min_coverage.is_some() || self.coverage_out.is_some()
    }
}

pub fn run(command: &Test, out: &Out) -> Result<Exit, Failure> {
    if !command.watch {
        return once(command, out).map(|(exit, _)| exit);
    }
    let mut watch = watch::Watch::new();
    let mut paths = command.paths.clone();
    paths.extend(command.except.clone());
    loop {
        watch.look(&paths);
        let exit = match once(command, out) {
            Ok((exit, read)) => {
                // What was read for the first time is looked at from now on.
                if read.iter().any(|path| !paths.contains(path)) {
                    paths.extend(read);
                    paths.sort();
                    paths.dedup();
                    watch.look(&paths);
                }
                exit
            }
            Err(failure @ (Failure::Closed | Failure::Usage(_))) => return Err(failure),
            Err(failure) => failure.end(),
        };
        out.flush()?;
        match watch.wait(&paths) {
            None => return Ok(exit),
            Some(path) => out.separate(&format!("{} has changed", path.display()))?,
        }
    }
}

/// One run, and the files that it read beside those below the paths.
fn once(command: &Test, out: &Out) -> Result<(Exit, Vec<PathBuf>), Failure> {
    let mut runner = run::Runner::new(command, out)?;
    for path in &command.paths {
        runner.path(path)?;
    }
    runner.end_of_paths();
    let mut is_low = false;
    if let Some(coverage) = &runner.coverage {
        out.print(&coverage.text())?;
        if let Some(path) = &command.coverage_out {
            write_whole(path, coverage.json().as_bytes())?;
        }
        if let Some(least) = command.min_coverage.filter(|least| !coverage.sums().reaches(*least)) {
            out.line(&format!("the coverage is below {least} %"))?;
            is_low = true;
        }
    }
    if let Some(groups) = &runner.kept {
        out.print(&mutate::run(groups, command.mutate_max).text())?;
    }
    if let (Some(path), Some(suites)) = (&command.junit, &runner.suites) {
        write_whole(path, junit::document(suites).as_bytes())?;
    }
    let read = std::mem::take(&mut runner.read);
    let exit = runner.finish()?;
    Ok((if is_low { exit.max(Exit::Denied) } else { exit }, read))
}

/// A choice of tests that chooses none.
fn nothing_chosen() -> Fault {
    Fault::new("E-CASE", std::path::Path::new(""), "no test is chosen by --only")
}
