//! `dictum lint`: what means what it says, and may not be what was meant.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use dictum_catalogue::Catalogue;
use dictum_compiler::diagnostic::{Diagnostic, Severity};
use dictum_compiler::source::{SourceId, Sources};
use dictum_corpus::set::Kind;
use dictum_corpus::tree::SourceTree;
use dictum_lint::baseline::Baseline;
use dictum_lint::checks;
use dictum_lint::{Finding, Options, lint};
use dictum_vm::value::date;

use crate::check;
use crate::exit::{Exit, Failure, Fault, counted};
use crate::input::{self, TypeName};
use crate::output::{self, Out};
use crate::report::{self, FailOn, Format, Reporter, Tally, Told};
use crate::walk::Seen;

mod settings;
mod fix;

use settings::Settings;

const HELP: &str = "\
Files and folders are read as by `dictum check`, whose errors and warnings are part of the report. What is looked for:
`dictum lint --list`, docs/lints.md, and `dictum explain-code L-ID`.

Settings come from --config, else from the nearest `dictum-lint.toml` beside a file or above it: groups and checks that
are on or off, levels, fail-on, and accepted findings, each with its reason:
  [[allow]]
  file = \"roles/break-glass.json\"
  sid = \"Everything\"
  id = \"L-ADMIN\"
  reason = \"break glass, see runbook 7\"
In a `.dct` file a comment before a statement or behind it does the same, `allow-file` for the whole file:
  # dictum: allow L-ADMIN reason=\"break glass, see runbook 7\"

A finding is accepted, and known to a baseline, under the file that it stands in: that of an import under the import, where
it is told once for all who import it.

A baseline is a list of findings that are known; only new ones are told, and which of the known ones are mended. It is
written if there is no error, and never in place of a file that is none. --fix changes the files that are named, and those
in folders that are named; not what they import from elsewhere.

Exit codes: 2 any error; else 1 findings at or above --fail-on; else 0.

Examples:
  dictum lint policies --fail-on security
  dictum lint policies --write-baseline lint-baseline.jsonl
  dictum lint policies --baseline lint-baseline.jsonl --format github
  dictum lint policies --fix";

/// Look for what may not have been meant: risks, mistakes, dead and doubled statements
#[derive(Args)]
#[command(after_help = format!("{}\n\n{HELP}", report::HELP))]
pub struct Lint {
    /// Documents or sets of policies, or folders of them; `-` is standard input
    #[arg(value_name = "PATH", required_unless_present = "list")]
    paths: Vec<PathBuf>,
    /// The files are documents of this type, whatever they look like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// From which severity on findings make the exit code 1; else as configured, else `warning`
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// The configuration, instead of the nearest `dictum-lint.toml`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What there is to know of services, instead of the catalogue that is shipped
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Leave out the findings that this baseline knows
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings as a baseline instead of telling them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Carry out the fixes that change no meaning, and tell what is left
    #[arg(long)]
    fix: bool,
    /// The day that dates in conditions are compared with; else today
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    /// List the checks
    #[arg(long, conflicts_with_all = ["fix", "baseline", "write_baseline"])]
    list: bool,
}

pub fn run(command: &Lint, out: &Out) -> Result<Exit, Failure> {
    if command.list {
        return list(command.format, out);
    }
    report::with(command.format, out, |reporter| {
        let mut run = Run {
            command,
            settings: Settings::new(command.config.clone(), options(command)?),
            baseline: Baseline::default(),
            baseline_sources: Sources::new(),
            named: HashSet::new(),
            seen: BTreeSet::new(),
            told: Told::default(),
        };
        run.read_baseline(reporter)?;
        let (mut seen, mut files) = (Seen::new(None), Vec::new());
        for path in &command.paths {
            let tree = path.is_dir().then(|| Rc::new(SourceTree::new(path)));
            let found = check::files(path, &mut seen, reporter)?;
            files.extend(found.into_iter().map(|file| (file, tree.clone())));
        }
        run.named = files.iter().filter_map(|(file, _)| file.canonicalize().ok()).collect();
        run.may_write_baseline()?;
        for (file, tree) in &files {
            run.file(file, tree.as_deref(), reporter, out)?;
        }
        run.end(reporter, out)?;
        let fail_on = command.fail_on.or(run.settings.fail_on().map(FailOn::from)).unwrap_or(FailOn::Warning);
        Ok(reporter.tally().exit(fail_on))
    })
}

/// One run of the command.
struct Run<'c> {
    command: &'c Lint,
    settings: Settings,
    /// What is known; or, with --write-baseline, what was found.
    baseline: Baseline,
    baseline_sources: Sources,
    /// The files of the command line and those in its folders, links and dots resolved.
    named: HashSet<PathBuf>,
    /// The files that were looked at, as the baseline names them.
    seen: BTreeSet<String>,
    told: Told,
}

impl Run<'_> {
    fn read_baseline(&mut self, reporter: &mut Reporter) -> Result<(), Failure> {
        let Some(path) = &self.command.baseline else { return Ok(()) };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) => return Err(Fault::io(path, &error).into()),
        };
        let source = self.baseline_sources.add_file(path.display().to_string(), text.clone());
        let (baseline, faults) = Baseline::parse(source, &String::from_utf8_lossy(&text));
        self.baseline = baseline;
        reporter.diagnostics(&faults, &self.baseline_sources)
    }

    /// Refuses to write the baseline in place of a policy, or of anything else that is none.
    fn may_write_baseline(&self) -> Result<(), Failure> {
        let Some(path) = &self.command.write_baseline else { return Ok(()) };
        let Ok(there) = path.canonicalize() else { return Ok(()) };
        if self.named.contains(&there) {
            return Err(Fault::new("E-FILE", path, "is among the files that are linted, and no baseline").into());
        }
        let text = std::fs::read(path).map_err(|error| Fault::io(path, &error))?;
        let text = String::from_utf8(text).ok();
        if text.is_none_or(|text| !Baseline::parse(SourceId(0), &text).1.is_empty()) {
            return Err(Fault::new("E-FILE", path, "is there already, and is no baseline").into());
        }
        Ok(())
    }

    fn is_named(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.named.contains(&path))
    }

    fn file(
        &mut self,
        path: &Path,
        tree: Option<&SourceTree>,
        reporter: &mut Reporter,
        out: &Out,
    ) -> Result<(), Failure> {
        let mut fixed = 0;
        loop {
            let policies = match input::policies(path, self.command.policy_type, Kind::Document, tree) {
                Ok(policies) => policies,
                Err(failure) => return reporter.failure(failure).map(|_| ()),
            };
            let findings = self.findings(path, &policies.sources, reporter)?;
            // Fixes that overlap wait for the next round; each round must leave fewer to do.
            if self.command.fix && !input::is_standard_input(path) && fixed < fix::ROUNDS_MAX {
                let count = fix::apply(&findings, &policies.sources, |file| self.is_named(file))?;
                fixed = if count > 0 { fixed + 1 } else { fix::ROUNDS_MAX };
                if count > 0 {
                    continue;
                }
            }
            return self.tell(path, findings, &policies.sources, reporter, out);
        }
    }

    /// What there is to say of a file, the findings left out that are accepted where they stand.
    fn findings(&mut self, path: &Path, sources: &Sources, reporter: &mut Reporter) -> Result<Vec<Finding>, Failure> {
        let base = self.settings.base.clone();
        let options = self.settings.of(path, reporter)?.map_or(base.clone(), |(config, _)| config.options(&base));
        let mut left = Vec::new();
        for (file, findings) in by_file(path, sources, lint(sources, &options)) {
            left.extend(match self.settings.of(&file, reporter)? {
                Some((config, name)) => config.apply(&name, findings),
                None => findings,
            });
        }
        Ok(left)
    }

    fn tell(
        &mut self,
        path: &Path,
        findings: Vec<Finding>,
        sources: &Sources,
        reporter: &mut Reporter,
        out: &Out,
    ) -> Result<(), Failure> {
        let is_readable = !findings.iter().any(|finding| finding.diagnostic.code.name().starts_with("E-"));
        let is_new = |finding: &Finding| self.told.is_new(&finding.diagnostic, sources);
        let (mut findings, repeated): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_new);
        if let Some(home) = self.command.baseline.as_deref().or(self.command.write_baseline.as_deref()) {
            let home = settings::folder(home);
            self.see(path, sources, &home, is_readable);
            let mut left = Vec::new();
            for (file, findings) in by_file(path, sources, findings) {
                left.extend(self.compare(&settings::relative(&file, &home), findings));
            }
            findings = left;
        }
        let found: Vec<Diagnostic> = findings.into_iter().map(|finding| finding.diagnostic).collect();
        reporter.diagnostics(&found, sources)?;
        if reporter.is_human() {
            // An error of an import was told already, and is one of this file too.
            let repeated = repeated.into_iter().map(|it| it.diagnostic).filter(Diagnostic::is_error);
            let all: Vec<Diagnostic> = found.into_iter().chain(repeated).collect();
            out.line(&format!("{}: {}", path.display(), Tally::of(&all)))?;
        }
        Ok(())
    }

    /// Takes note of the files whose findings are all there: this one, and of what it imports what was named.
    fn see(&mut self, path: &Path, sources: &Sources, home: &Path, is_readable: bool) {
        // A file without policies is looked at where it is imported.
        let is_imported = sources.documents().next().is_none();
        if is_readable && !is_imported {
            let imports = sources.files.iter().map(|file| Path::new(&file.name)).filter(|file| self.is_named(file));
            let seen = std::iter::once(path).chain(imports).map(|file| settings::relative(file, home));
            self.seen.extend(seen.collect::<Vec<_>>());
        }
    }

    /// The findings of a file that the baseline does not know; or, where it is written, the errors.
    fn compare(&mut self, name: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        if self.command.write_baseline.is_none() {
            return self.baseline.strike(name, findings);
        }
        findings.iter().for_each(|finding| self.baseline.add(name, finding));
        findings.retain(|finding| finding.diagnostic.is_error());
        findings
    }

    /// What can be said only once all files are through.
    fn end(&mut self, reporter: &mut Reporter, out: &Out) -> Result<(), Failure> {
        self.settings.end(reporter)?;
        if let Some(age) = age(&self.settings.base).filter(|_| reporter.is_human()) {
            out.line(&age)?;
        }
        if let Some(path) = &self.command.write_baseline {
            // What has an error was not looked at, and what was known of it would be lost.
            if reporter.tally().count(Severity::Error) > 0 {
                return reporter.fault(&Fault::new("E-FILE", path, "not written: first mend the errors"));
            }
            let text = self.baseline.text();
            match path.exists() {
                true => output::replace(path, text.as_bytes())?,
                false => output::write_whole(path, text.as_bytes())?,
            }
            let count = text.lines().count() as u64;
            if reporter.is_human() {
                out.line(&format!("{}: {}", path.display(), counted(count, "known finding", "known findings")))?;
            }
            return Ok(());
        }
        let stale = self.baseline.stale(|file| self.seen.contains(file));
        reporter.diagnostics(&stale, &self.baseline_sources)
    }
}

/// Findings by the file that they stand in; the file itself is there in any case, as it was named.
fn by_file(path: &Path, sources: &Sources, findings: Vec<Finding>) -> Vec<(PathBuf, Vec<Finding>)> {
    let mut files = BTreeMap::from([(SourceId(0), Vec::new())]);
    for finding in findings {
        files.entry(finding.diagnostic.span.source).or_insert_with(Vec::new).push(finding);
    }
    let name = |source: SourceId| match source {
        SourceId(0) => path.to_owned(),
        source => PathBuf::from(&sources.file(source).name),
    };
    files.into_iter().map(|(source, findings)| (name(source), findings)).collect()
}

/// What holds for every file.
fn options(command: &Lint) -> Result<Options, Failure> {
    let read = |path: &PathBuf| {
        let catalogue = Catalogue::from_bytes(&input::read(path)?);
        catalogue.map(Arc::new).map_err(|error| Failure::from(Fault::new("E-FILE", path, error)))
    };
    let catalogue = command.catalogue.as_ref().map(read).transpose()?;
    Ok(Options { now: now(command)?, catalogue, ..Options::default() })
}

/// Days after which it is said how old the catalogue is: services have learnt new actions since.
const CATALOGUE_DAYS_MAX: i64 = 365;

/// What to say of a catalogue that is old.
fn age(options: &Options) -> Option<String> {
    let catalogue = options.catalogue.as_deref().unwrap_or_else(|| Catalogue::builtin());
    let day = catalogue.date();
    let days = (options.now? - date::parse(day)?) / (24 * 60 * 60 * 1_000);
    let text = || format!("the service catalogue is of {day}, {days} days old; `--catalogue` takes a newer one");
    (days > CATALOGUE_DAYS_MAX).then(text)
}

/// The time that dates are compared with, in milliseconds since 1970.
fn now(command: &Lint) -> Result<Option<i64>, Failure> {
    let Some(day) = &command.today else {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        return Ok(since.and_then(|since| i64::try_from(since.as_millis()).ok()));
    };
    match date::parse(day) {
        Some(now) => Ok(Some(now)),
        None => {
            let message = format!("--today: `{day}` is no date, such as `2026-01-31`\n");
            Err(Failure::Usage(clap::Error::raw(clap::error::ErrorKind::ValueValidation, message)))
        }
    }
}

fn list(format: Format, out: &Out) -> Result<Exit, Failure> {
    for check in checks::all() {
        let (id, level, group) = (check.code.name(), check.code.severity().name(), check.group.name());
        let about = check.code.meaning();
        match format {
            Format::Json => {
                let line = serde_json::json!({"id": id, "level": level, "group": group, "about": about});
                out.line(&line.to_string())?;
            }
            _ => out.line(&format!("{id:<24} {level:<10} {group:<11} {about}"))?,
        }
    }
    Ok(Exit::Well)
}
