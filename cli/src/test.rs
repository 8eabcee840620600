//! `dictum test`: every case below the paths, on both engines, against what it expects.

use std::path::{Path, PathBuf};

use clap::Args;
use dictum_corpus::case::{Case, CaseError, CaseFault};
use dictum_corpus::reader::{Input, ReadError, Run};

use crate::exit::{Exit, Failure, Fault, counted, say};
use crate::explain;
use crate::guard::guarded;
use crate::output::Out;
use crate::walk;

mod except;
mod judge;

use except::Exceptions;
use judge::Verdict;

const HELP: &str = "\
Runs every case of the files given, and of the files below the folders given whose names end in `.json`, `.jsonl` or
`.jsonl.gz`. Each runs on both engines: compiled, on the machine; and on the plain reference evaluator, once the compiler
has found its policies valid. A case fails where the answer is not the expected one, or where the engines disagree; it is
shown with what was expected, what came out, and an explanation. A line that is no case passes if its `expect` says so.

Skipped and counted: `.json` files that are a policy (they have a `Statement`) or a set of policies (all members are those
of `policies`), cases without an `expect`, and entries of lists of exceptions. A path at which no case expects anything, an
empty file, and a line that is neither of these are bad input; the rest is run all the same.

--except FILE lists cases that are known to differ, a line each: {\"id\": ID, \"rule\": TEXT, \"got\": ANSWER}, where `got` is
`allow`, `explicit_deny`, `implicit_deny`, `policy`, `request` or the class of an error (`E-…`); a `note` is not read. Such
a case counts neither as passed nor as failed while it gives that answer. It fails when it passes after all, or differs in
another way; an id that no case of the run has is bad input.

The last line of standard output is `N passed, N failed`.

Exit codes: 0 every case passed; 1 some failed; 2 bad input.

Examples:
  dictum test corpus
  dictum test cases/*.jsonl --except exceptions.jsonl";

/// Ends of names that are read below a folder; a file that is named itself may be called anything.
const ENDS: [&str; 3] = [".json", ".jsonl", ".jsonl.gz"];

/// Run decision cases on both engines
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Test {
    /// Files of cases, or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Cases that are known to differ
    #[arg(long, value_name = "FILE")]
    except: Option<PathBuf>,
}

/// What has been counted.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    excepted: u64,
    policies: u64,
    sets: u64,
    without_expectation: u64,
    exception_entries: u64,
    is_bad: bool,
}

impl Tally {
    fn tested(&self) -> u64 {
        self.passed + self.failed + self.excepted
    }

    fn bad(&mut self, fault: &Fault) {
        self.is_bad = true;
        say(fault);
    }
}

pub fn run(command: &Test, out: &Out) -> Result<Exit, Failure> {
    let mut runner = Runner {
        tally: Tally::default(),
        exceptions: command.except.as_deref().map(except::read).transpose()?.unwrap_or_default(),
        out,
    };
    let mut run = Run::default();
    let mut seen = walk::Seen::new(command.except.as_deref());
    for path in &command.paths {
        let before = runner.tally.tested();
        let was_bad = std::mem::take(&mut runner.tally.is_bad);
        match walk::files(path, &ENDS, &mut seen) {
            Ok(files) => {
                for file in &files {
                    runner.file(file, &mut run)?;
                }
                // What other paths led to before was counted there.
                let was_seen = std::mem::take(&mut seen.had_repeats);
                if runner.tally.tested() == before && !runner.tally.is_bad && !was_seen {
                    runner.tally.bad(&Fault::new("E-CASE", path, "no case with an expectation"));
                }
            }
            Err((file, error)) => runner.tally.bad(&Fault::io(&file, &error)),
        }
        runner.tally.is_bad |= was_bad;
    }
    runner.finish(command)
}

struct Runner<'o> {
    tally: Tally,
    exceptions: Exceptions,
    out: &'o Out,
}

impl Runner<'_> {
    fn file(&mut self, file: &Path, run: &mut Run) -> Result<(), Failure> {
        let cases = match run.open(file) {
            Ok(Input::Cases(cases)) => cases,
            Ok(Input::Policy(_)) => {
                self.tally.policies += 1;
                return Ok(());
            }
            Ok(Input::Set(_)) => {
                self.tally.sets += 1;
                return Ok(());
            }
            Err(error) => {
                self.tally.bad(&Fault::io(file, &error));
                return Ok(());
            }
        };
        for item in cases {
            match item {
                Ok(case) if case.expect.is_none() => self.tally.without_expectation += 1,
                Ok(case) => {
                    let verdict = judge::case(&case);
                    self.count(file, &case.id, case.line, verdict, Some(&case))?;
                }
                Err(ReadError::Case(error)) => self.no_case(file, error)?,
                Err(ReadError::Io(error)) => self.tally.bad(&Fault::io(file, &error)),
                Err(ReadError::Empty) => self.tally.bad(&Fault::new("E-CASE", file, ReadError::Empty)),
            }
        }
        Ok(())
    }

    /// A line that is no case: a test of what is refused, an entry of a list of exceptions, or bad input.
    fn no_case(&mut self, file: &Path, error: CaseError) -> Result<(), Failure> {
        if matches!(error.fault, CaseFault::ExceptionEntry) {
            self.tally.exception_entries += 1;
            return Ok(());
        }
        match (judge::no_case(&error), &error.id) {
            (Some(verdict @ Verdict { problem: None, .. }), Some(id)) => {
                self.count(file, id, error.line, verdict, None)
            }
            _ => {
                self.tally.failed += 1;
                let name = error.id.as_ref().map_or(String::new(), |id| format!("{id}: "));
                self.tally.bad(&Fault::new("E-CASE", file, format!("{name}{}", error.fault)).at(error.line));
                Ok(())
            }
        }
    }

    /// Counts a verdict, and shows it where it is a failure.
    fn count(
        &mut self,
        file: &Path,
        id: &str,
        line: u64,
        verdict: Verdict,
        case: Option<&Case>,
    ) -> Result<(), Failure> {
        let problem = match (self.exceptions.meet(id), &verdict.problem) {
            (None, None) => None,
            (None, Some(problem)) => Some(problem.to_string()),
            (Some(entry), None) => Some(format!("it passes, though it is listed as differing by {}", entry.rule)),
            (Some(entry), Some(problem)) if problem.may_be_excepted() && entry.got.is(verdict.answer.as_ref()) => {
                self.tally.excepted += 1;
                return Ok(());
            }
            (Some(entry), Some(problem)) => Some(format!("{problem}; the exception listed is another: {}", entry.got)),
        };
        let Some(problem) = problem else {
            self.tally.passed += 1;
            return Ok(());
        };
        self.tally.failed += 1;
        self.out.line(&format!("FAILED {id}  {}:{line}", file.display()))?;
        self.out.line(&format!("  problem   {problem}"))?;
        self.out.line(&format!("  expected  {}", verdict.expected))?;
        self.out.line(&format!("  got       {}", verdict.got))?;
        let explanation = case.and_then(|case| guarded(|| explain::of_case(case)).ok().flatten());
        for line in explanation.iter().flat_map(|text| text.lines()) {
            self.out.line(format!("    {line}").trim_end())?;
        }
        self.out.line("")
    }

    fn finish(mut self, command: &Test) -> Result<Exit, Failure> {
        if let Some(file) = &command.except {
            let unknown: Vec<_> = self.exceptions.unmet().map(|(id, line)| (id.to_owned(), line)).collect();
            for (id, line) in unknown {
                self.tally.bad(&Fault::new("E-CASE", file, format!("no case of this run has the id `{id}`")).at(line));
            }
        }
        let tally = &self.tally;
        let skipped = [
            (tally.policies, "policy", "policies"),
            (tally.sets, "set of policies", "sets of policies"),
            (tally.without_expectation, "case without an expectation", "cases without an expectation"),
            (tally.exception_entries, "entry of a list of exceptions", "entries of lists of exceptions"),
        ];
        let skipped = skipped.into_iter().filter(|(count, ..)| *count > 0);
        let skipped: Vec<String> = skipped.map(|(count, one, many)| counted(count, one, many)).collect();
        if !skipped.is_empty() {
            self.out.line(&format!("skipped: {}", skipped.join(", ")))?;
        }
        if tally.excepted > 0 {
            self.out.line(&format!("{} as listed", counted(tally.excepted, "case differs", "cases differ")))?;
        }
        self.out.line(&format!("{} passed, {} failed", tally.passed, tally.failed))?;
        Ok(match tally {
            Tally { is_bad: true, .. } => Exit::BadInput,
            Tally { failed: 0, .. } => Exit::Well,
            _ => Exit::Denied,
        })
    }
}
