//! The run over all files: what is counted, told and kept.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bumpalo::Bump;
use dictum_compiler::diagnostic::Diagnostics;
use dictum_compiler::source::{Notation, PolicyType};
use dictum_corpus::case::{CaseError, CaseFault};
use dictum_corpus::reader::{Input, ReadError, Run};
use dictum_corpus::set;
use dictum_corpus::tree::SourceTree;

use super::coverage::Coverage;
use super::except::{self, Exceptions};
use super::judge::{self, Verdict};
use super::junit::{self, Suite};
use super::only::Only;
use super::show::{self, Detail};
use super::world::{Group, Trial, World};
use super::{Test, blocks, nothing_chosen};
use crate::exit::{Exit, Failure, Fault, counted, say};
use crate::guard::guarded;
use crate::input;
use crate::output::Out;
use crate::walk;

/// Ends of names that are read below a folder.
const ENDS: [&str; 4] = [".dct", ".json", ".jsonl", ".jsonl.gz"];

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
    without_test: u64,
    not_chosen: u64,
    is_bad: bool,
}

impl Tally {
    fn tested(&self) -> u64 {
        self.passed + self.failed + self.excepted + self.not_chosen
    }
}

/// What is known of the file that is being run.
struct FileRun {
    name: String,
    started: Instant,
    passed: u64,
    failed: u64,
    excepted: u64,
    /// Test blocks, tables counting as one, and how many of them are tables.
    blocks: (u64, u64),
    /// What is told below its line, by the lines of the tests.
    texts: Vec<(u64, String)>,
    cases: Vec<junit::Case>,
}

impl FileRun {
    fn new(file: &Path) -> FileRun {
        let (name, started) = (file.display().to_string(), Instant::now());
        let (texts, cases) = (Vec::new(), Vec::new());
        FileRun { name, started, passed: 0, failed: 0, excepted: 0, blocks: (0, 0), texts, cases }
    }
}

/// A run.
pub struct Runner<'c> {
    command: &'c Test,
    out: &'c Out,
    tally: Tally,
    exceptions: Exceptions,
    only: Only,
    run: Run,
    seen: walk::Seen,
    /// What of the policies was seen, if that is asked for.
    pub coverage: Option<Coverage>,
    /// All groups with a test that passed, if policies are to be changed.
    pub kept: Option<Vec<Group>>,
    /// The results by file, if they are to be written.
    pub suites: Option<Vec<Suite>>,
    /// Files that were read beside those below the paths.
    pub read: Vec<PathBuf>,
}

impl<'c> Runner<'c> {
    /// Nothing has run yet.
    pub fn new(command: &'c Test, out: &'c Out) -> Result<Runner<'c>, Failure> {
        Ok(Runner {
            command,
            out,
            tally: Tally::default(),
            exceptions: command.except.as_deref().map(except::read).transpose()?.unwrap_or_default(),
            only: Only::new(&command.only),
            run: Run::default(),
            seen: walk::Seen::new(command.except.as_deref()),
            coverage: command.measures().then(Coverage::default),
            kept: command.mutate.then(Vec::new),
            suites: command.junit.is_some().then(Vec::new),
            read: Vec::new(),
        })
    }

    fn bad(&mut self, fault: &Fault) {
        self.tally.is_bad = true;
        say(fault);
    }

    /// Runs what is below a path.
    pub fn path(&mut self, path: &Path) -> Result<(), Failure> {
        if input::is_standard_input(path) {
            self.bad(&Fault::new(
                "E-FILE",
                path,
                "tests are not read from standard input: give files, or folders of them",
            ));
            return Ok(());
        }
        let before = self.tally.tested();
        let was_bad = std::mem::take(&mut self.tally.is_bad);
        match walk::files(path, &ENDS, &mut self.seen) {
            Ok(files) => {
                let tree = path.is_dir().then(|| SourceTree::new(path));
                for file in &files {
                    self.file(file, tree.as_ref())?;
                }
                // What other paths led to before was counted there.
                let was_seen = std::mem::take(&mut self.seen.had_repeats);
                if self.tally.tested() == before && !self.tally.is_bad && !was_seen {
                    self.bad(&Fault::new("E-CASE", path, "no test, and no case with an expectation"));
                }
            }
            Err((file, error)) => self.bad(&Fault::io(&file, &error)),
        }
        self.tally.is_bad |= was_bad;
        Ok(())
    }

    fn file(&mut self, file: &Path, tree: Option<&SourceTree>) -> Result<(), Failure> {
        let mut here = FileRun::new(file);
        match Notation::of(&here.name) {
            Notation::Dictum => self.blocks(file, tree, &mut here)?,
            Notation::Json => self.cases(file, &mut here),
        }
        self.end_of_file(here)
    }

    /// The test blocks of a file.
    fn blocks(&mut self, file: &Path, tree: Option<&SourceTree>, here: &mut FileRun) -> Result<(), Failure> {
        let text = match input::read(file) {
            Ok(text) => text,
            Err(Failure::Input(fault)) => {
                self.bad(&fault);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        let own = SourceTree::new(file.parent().unwrap_or(Path::new("")));
        let policy_type = self.command.policy_type.map(PolicyType::from);
        let sources = set::language(&here.name, file, text, policy_type, tree.unwrap_or(&own));
        self.read.extend(sources.files.iter().map(|file| PathBuf::from(&file.name)));
        match guarded(|| blocks::read(file, &sources)) {
            Ok(Ok(found)) => {
                if let Some(coverage) = &mut self.coverage {
                    coverage.know(&found.own);
                }
                here.blocks = (found.tests, found.tables);
                self.tally.without_test += u64::from(found.tests == 0);
                found.groups.into_iter().for_each(|group| self.group(group, here));
            }
            Ok(Err(found)) => {
                self.tally.is_bad = true;
                let outcome =
                    junit::Outcome::Error(format!("{} in the file", counted(found.len() as u64, "error", "errors")));
                self.record("the file", 1, Duration::ZERO, outcome, here);
                say(&Diagnostics(found).render(&sources).trim_end());
            }
            Err(message) => self.broken(&here.name.clone(), 1, message, here),
        }
        Ok(())
    }

    /// The cases of a file.
    fn cases(&mut self, file: &Path, here: &mut FileRun) {
        let mut run = std::mem::take(&mut self.run);
        match run.open(file) {
            Ok(Input::Cases(cases)) => cases.for_each(|item| self.item(file, item, here)),
            Ok(Input::Policy(_)) => self.tally.policies += 1,
            Ok(Input::Set(_)) => self.tally.sets += 1,
            Err(error) => self.bad(&Fault::io(file, &error)),
        }
        self.run = run;
    }

    fn item(&mut self, file: &Path, item: Result<dictum_corpus::case::Case, ReadError>, here: &mut FileRun) {
        match item {
            Ok(mut case) => match case.expect.take() {
                None => self.tally.without_expectation += 1,
                Some(expect) => {
                    let (id, line) = (case.id.clone(), case.line);
                    match guarded(|| Group::of_case(file.to_owned(), case, expect.clone())) {
                        Ok(group) => self.group(group, here),
                        Err(message) => self.broken(&id, line, message, here),
                    }
                }
            },
            Err(ReadError::Case(error)) => self.no_case(file, error, here),
            Err(ReadError::Io(error)) => self.bad(&Fault::io(file, &error)),
            Err(ReadError::Empty) => self.bad(&Fault::new("E-CASE", file, ReadError::Empty)),
        }
    }

    /// Policies that this program could not compile, by a mistake of its own.
    fn broken(&mut self, name: &str, line: u64, message: String, here: &mut FileRun) {
        let problem = judge::broken(message).problem.map_or(String::new(), |problem| problem.to_string());
        self.failed(name, line, Duration::ZERO, &problem, String::new(), here);
    }

    /// Runs what is asked of a world.
    fn group(&mut self, mut group: Group, here: &mut FileRun) {
        let before = group.trials.len();
        group.trials.retain(|trial| self.only.has(&group.file, trial));
        self.tally.not_chosen += (before - group.trials.len()) as u64;
        if let Some(coverage) = &mut self.coverage {
            coverage.know(&group.world);
        }
        let arena = Bump::new();
        let set = group.world.reference(&arena);
        let mut passed = Vec::with_capacity(group.trials.len());
        for trial in &group.trials {
            let started = Instant::now();
            let verdict = judge::trial(&group.world, set.as_ref(), trial);
            if let (Some(coverage), Some(set)) = (&mut self.coverage, &set) {
                coverage.add(&group.world, set, trial, &verdict);
            }
            passed.push(verdict.problem.is_none());
            self.count(&group.world, trial, &verdict, started.elapsed(), here);
        }
        drop(set);
        if let Some(kept) = &mut self.kept {
            let mut passed = passed.into_iter();
            group.trials.retain(|_| passed.next().unwrap_or_default());
            if !group.trials.is_empty() {
                kept.push(group);
            }
        }
    }

    /// A line that is no case: a test of what is refused, an entry of a list of exceptions, or bad input.
    fn no_case(&mut self, file: &Path, error: CaseError, here: &mut FileRun) {
        if matches!(error.fault, CaseFault::ExceptionEntry) {
            self.tally.exception_entries += 1;
            return;
        }
        match (judge::no_case(&error), &error.id) {
            (Some(Verdict { problem: None, .. }), Some(id)) => {
                if let Some(problem) = self.exceptions.meet(id).map(passes_after_all) {
                    self.failed(id, error.line, Duration::ZERO, &problem, String::new(), here);
                } else {
                    self.passed(id, error.line, Duration::ZERO, here);
                }
            }
            _ => {
                self.tally.failed += 1;
                here.failed += 1;
                let name = error.id.as_ref().map_or(String::new(), |id| format!("{id}: "));
                let message = format!("{name}{}", error.fault);
                if self.suites.is_some() {
                    let name = error.id.clone().unwrap_or_else(|| format!("line {}", error.line));
                    let outcome = junit::Outcome::Error(message.clone());
                    here.cases.push(junit::Case { name, line: error.line, time: Duration::ZERO, outcome });
                }
                self.bad(&Fault::new("E-CASE", file, message).at(error.line));
            }
        }
    }

    /// Counts a verdict, and shows it where it is a failure.
    fn count(&mut self, world: &World, trial: &Trial, verdict: &Verdict, time: Duration, here: &mut FileRun) {
        let problem = match (self.exceptions.meet(&trial.name), &verdict.problem) {
            (None, None) => None,
            (None, Some(problem)) => Some(problem.to_string()),
            (Some(entry), None) => Some(passes_after_all(entry)),
            (Some(entry), Some(problem)) if problem.may_be_excepted() && entry.got.is(verdict.answer.as_ref()) => {
                self.tally.excepted += 1;
                here.excepted += 1;
                self.record(&trial.name, trial.line, time, junit::Outcome::Excepted, here);
                return;
            }
            (Some(entry), Some(problem)) => Some(format!("{problem}; the exception listed is another: {}", entry.got)),
        };
        let Some(problem) = problem else {
            self.passed(&trial.name, trial.line, time, here);
            return;
        };
        let detail = if self.command.explain { Detail::Full } else { Detail::Near };
        let text = guarded(|| show::failure(world, trial, verdict, &problem, detail));
        let text = text.unwrap_or_else(|message| format!("      problem   {message}\n"));
        self.failed(&trial.name, trial.line, time, &problem, text, here);
    }

    fn passed(&mut self, name: &str, line: u64, time: Duration, here: &mut FileRun) {
        self.tally.passed += 1;
        here.passed += 1;
        self.record(name, line, time, junit::Outcome::Passed, here);
    }

    fn failed(&mut self, name: &str, line: u64, time: Duration, problem: &str, text: String, here: &mut FileRun) {
        self.tally.failed += 1;
        here.failed += 1;
        let text = if text.is_empty() { format!("      problem   {problem}\n") } else { text };
        here.texts.push((line, format!("  ✗ {name}   {}:{line}\n{text}", here.name)));
        self.record(name, line, time, junit::Outcome::Failed(problem.to_owned(), text), here);
    }

    fn record(&self, name: &str, line: u64, time: Duration, outcome: junit::Outcome, here: &mut FileRun) {
        if self.suites.is_some() {
            here.cases.push(junit::Case { name: name.to_owned(), line, time, outcome });
        }
    }

    /// The line of a file, where it had tests, and what is told of them.
    fn end_of_file(&mut self, mut here: FileRun) -> Result<(), Failure> {
        let time = here.started.elapsed();
        here.cases.sort_by_key(|case| case.line);
        if let Some(suites) = self.suites.as_mut().filter(|_| !here.cases.is_empty()) {
            suites.push(Suite { file: here.name.clone(), time, cases: here.cases });
        }
        if here.passed + here.failed + here.excepted == 0 {
            return Ok(());
        }
        let mut line = format!("{:<32} ✓ {}", here.name, here.passed);
        if here.failed > 0 {
            line += &format!("   ✗ {}", here.failed);
        }
        if here.excepted > 0 {
            line += &format!("   {} as listed", here.excepted);
        }
        if here.blocks.1 > 0 {
            let (tests, tables) = here.blocks;
            let tables = counted(tables, "table", "tables");
            line += &format!("   ({}, {tables} among them)", counted(tests, "test", "tests"));
        }
        self.out.line(&format!("{line}   {:.1} ms", time.as_secs_f64() * 1e3))?;
        // Tests under the same policies run together, and are told in the order of the file.
        here.texts.sort_by_key(|(line, _)| *line);
        here.texts.iter().try_for_each(|(_, text)| self.out.print(text))
    }

    /// What can only be told once all paths have been run.
    pub fn end_of_paths(&mut self) {
        if !self.only.is_all() && self.tally.tested() == self.tally.not_chosen && !self.tally.is_bad {
            self.bad(&nothing_chosen());
        }
        if let Some(file) = &self.command.except
            && self.only.is_all()
        {
            let unknown: Vec<_> = self.exceptions.unmet().map(|(id, line)| (id.to_owned(), line)).collect();
            for (id, line) in unknown {
                self.bad(&Fault::new("E-CASE", file, format!("no case of this run has the id `{id}`")).at(line));
            }
        }
    }

    /// The sums.
    pub fn finish(self) -> Result<Exit, Failure> {
        let tally = &self.tally;
        let skipped = [
            (tally.policies, "policy", "policies"),
            (tally.sets, "set of policies", "sets of policies"),
            (tally.without_expectation, "case without an expectation", "cases without an expectation"),
            (tally.exception_entries, "entry of a list of exceptions", "entries of lists of exceptions"),
            (tally.without_test, "`.dct` file without a test", "`.dct` files without a test"),
            (tally.not_chosen, "test not chosen", "tests not chosen"),
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

fn passes_after_all(entry: &except::Entry) -> String {
    format!("it passes, though it is listed as differing by {}", entry.rule)
}
