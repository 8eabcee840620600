//! The one door for what is wrong with an input: diagnostics with their sources, and faults of whole files, written in
//! the format that was asked for, counted, and turned into an exit code.
//!
//! `human` goes to standard error, beside whatever a command has to say on standard output; the formats for programs go
//! to standard output and are all that stands there, but for commands whose output is a text that was made: beside it
//! they go to standard error too.

use clap::ValueEnum;
use dictum_compiler::Sources;
use dictum_compiler::diagnostic::{Diagnostic, FixReport, RelatedReport, Report, Severity};
use dictum_compiler::source::Place;

use crate::codes;
use crate::exit::{Exit, Failure, Fault, counted, say};
use crate::output::Out;

mod json;
mod github;
mod sarif;
mod told;

pub use told::Told;

/// What is said of diagnostics in the help of a command that reports them.
pub const HELP: &str = "\
Diagnostics in the format `human` go to standard error, with their source lines. The others go to standard output,
or beside a text that a command writes there also to standard error:
  json    an object a line: code, severity, message, file, start and end (line, column, byte), expected, help, related
          (file, start, end, message), and where there is one rule, policy, fix (file, start, end, replacement); lines and
          columns count from 1 in characters, bytes from 0; start and end are null where a file as a whole is meant
  sarif   one document of SARIF 2.1.0 for the whole run
  github  workflow commands, which become annotations of a pull request
The severities are error, security, warning and suggestion. `dictum explain-code CODE` says more about a code.";

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with source lines
    #[value(alias = "text")]
    Human,
    /// An object a line
    Json,
    /// SARIF 2.1.0, one document
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// From which severity on findings make a command end with status 1. Errors always end it with 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Every finding
    Suggestion,
    /// Warnings and security findings
    Warning,
    /// Security findings
    Security,
    /// No finding, only errors
    Error,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            FailOn::Suggestion => Severity::Suggestion,
            FailOn::Warning => Severity::Warning,
            FailOn::Security => Severity::Security,
            FailOn::Error => Severity::Error,
        }
    }
}

impl From<Severity> for FailOn {
    fn from(severity: Severity) -> FailOn {
        match severity {
            Severity::Suggestion => FailOn::Suggestion,
            Severity::Warning => FailOn::Warning,
            Severity::Security => FailOn::Security,
            Severity::Error => FailOn::Error,
        }
    }
}

/// How many diagnostics there were of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u64; Severity::ALL.len()]);

impl Tally {
    /// Of these diagnostics.
    pub fn of(found: &[Diagnostic]) -> Tally {
        let mut tally = Tally::default();
        found.iter().for_each(|diagnostic| tally.add(diagnostic.severity));
        tally
    }

    /// Counts one more.
    pub fn add(&mut self, severity: Severity) {
        self.0[severity as usize] += 1;
    }

    /// Of one severity.
    pub fn count(self, severity: Severity) -> u64 {
        self.0[severity as usize]
    }

    /// 2 with any error, else 1 with a finding at or above `fail_on`, else 0.
    pub fn exit(self, fail_on: FailOn) -> Exit {
        let reaches = |severity: &Severity| *severity >= fail_on.severity() && self.count(*severity) > 0;
        match () {
            () if self.count(Severity::Error) > 0 => Exit::BadInput,
            () if Severity::ALL.iter().any(reaches) => Exit::Denied,
            () => Exit::Well,
        }
    }
}

/// `1 error, 2 warnings`; security findings and suggestions only where there are any.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = [
            (Severity::Error, "error", "errors"),
            (Severity::Security, "security finding", "security findings"),
            (Severity::Warning, "warning", "warnings"),
            (Severity::Suggestion, "suggestion", "suggestions"),
        ];
        let is_shown = |severity| matches!(severity, Severity::Error | Severity::Warning) || self.count(severity) > 0;
        let named = named.iter().filter(|(severity, ..)| is_shown(*severity));
        let named: Vec<String> = named.map(|&(severity, one, many)| counted(self.count(severity), one, many)).collect();
        f.write_str(&named.join(", "))
    }
}

/// What of a file is meant.
#[derive(Clone, Copy)]
enum At {
    File,
    Line(u64),
    Span(Place, Place),
}

/// A diagnostic, or the fault of a file, as every format for programs writes it.
struct Finding<'d> {
    code: &'d str,
    severity: Severity,
    /// How grave the code is, where nothing makes it otherwise.
    usual_severity: Severity,
    /// What the code is about.
    meaning: &'static str,
    message: &'d str,
    file: &'d str,
    at: At,
    expected: Option<&'d str>,
    help: Option<&'d str>,
    related: Vec<RelatedReport<'d>>,
    rule: Option<&'static str>,
    policy: Option<&'d str>,
    fix: Option<FixReport<'d>>,
}

impl<'d> Finding<'d> {
    fn of_diagnostic(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Finding<'d> {
        let Report { code, severity, message, file, start, end, expected, help, related, rule, policy, fix } =
            diagnostic.report(sources);
        let (usual_severity, meaning) = (diagnostic.code.severity(), diagnostic.code.meaning());
        let (at, rule) = (At::Span(start, end), Some(rule));
        Finding {
            code,
            severity,
            usual_severity,
            meaning,
            message,
            file,
            at,
            expected,
            help,
            related,
            rule,
            policy,
            fix,
        }
    }

    fn of_fault(fault: &'d Fault) -> Finding<'d> {
        Finding {
            code: fault.code(),
            severity: Severity::Error,
            usual_severity: Severity::Error,
            meaning: codes::find(fault.code()).map_or("", |entry| entry.meaning),
            message: fault.message(),
            file: fault.file(),
            at: fault.line().map_or(At::File, At::Line),
            expected: None,
            help: None,
            related: Vec::new(),
            rule: None,
            policy: None,
            fix: None,
        }
    }
}

/// Where the formats for programs go.
enum Sink {
    Output(Out),
    Error,
}

impl Sink {
    fn line(&self, text: &str) -> Result<(), Failure> {
        match self {
            Sink::Output(out) => out.line(text)?,
            Sink::Error => say(&text),
        }
        Ok(())
    }
}

/// Writes diagnostics in one format and counts them.
pub struct Reporter {
    format: Format,
    sink: Sink,
    tally: Tally,
    sarif: sarif::Log,
}

/// Runs a command that reports diagnostics. Whatever it ends with is reported too, and the document is closed.
///
/// # Errors
/// Only what cannot be reported: a command line that is none, a closed standard output.
pub fn with(
    format: Format,
    out: &Out,
    run: impl FnOnce(&mut Reporter) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    reported(format, Sink::Output(out.clone()), run)
}

/// The same for a command whose standard output is the text that it makes.
///
/// # Errors
/// As [`with`].
pub fn beside_text(format: Format, run: impl FnOnce(&mut Reporter) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    reported(format, Sink::Error, run)
}

fn reported(
    format: Format,
    sink: Sink,
    run: impl FnOnce(&mut Reporter) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let mut reporter = Reporter { format, sink, tally: Tally::default(), sarif: sarif::Log::default() };
    let exit = match run(&mut reporter) {
        Ok(exit) => exit,
        Err(failure) => reporter.failure(failure)?,
    };
    if format == Format::Sarif {
        reporter.sink.line(&reporter.sarif.document())?;
    }
    Ok(exit)
}

impl Reporter {
    /// What results are written beside: whether standard output is for people.
    pub fn is_human(&self) -> bool {
        self.format == Format::Human
    }

    /// Everything reported so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Reports diagnostics, in their order.
    pub fn diagnostics(&mut self, found: &[Diagnostic], sources: &Sources) -> Result<(), Failure> {
        for diagnostic in found {
            if self.is_human() {
                self.human(diagnostic.severity, diagnostic.render(sources).trim_end());
            } else {
                self.finding(&Finding::of_diagnostic(diagnostic, sources))?;
            }
        }
        Ok(())
    }

    /// Reports the fault of a file.
    pub fn fault(&mut self, fault: &Fault) -> Result<(), Failure> {
        if self.is_human() {
            self.human(Severity::Error, &fault.to_string());
            return Ok(());
        }
        self.finding(&Finding::of_fault(fault))
    }

    /// Reports why a part of a command ended before its end, so that the next part can begin.
    ///
    /// # Errors
    /// The failure itself where it is none of the input.
    pub fn failure(&mut self, failure: Failure) -> Result<Exit, Failure> {
        match failure {
            Failure::Input(fault) => self.fault(&fault)?,
            Failure::Diagnosed(found) => self.diagnostics(&found.0.0, &found.1)?,
            Failure::Usage(_) | Failure::Closed => return Err(failure),
        }
        Ok(Exit::BadInput)
    }

    fn human(&mut self, severity: Severity, text: &str) {
        if self.tally != Tally::default() {
            say(&"");
        }
        self.tally.add(severity);
        say(&text);
    }

    fn finding(&mut self, finding: &Finding<'_>) -> Result<(), Failure> {
        self.tally.add(finding.severity);
        match self.format {
            Format::Json => self.sink.line(&json::line(finding)),
            Format::Github => self.sink.line(&github::command(finding)),
            Format::Sarif | Format::Human => {
                self.sarif.add(finding);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dictum_compiler::diagnostic::Code;
    use dictum_compiler::source::Span;

    use super::*;

    /// One error with all there is, a suggestion, and a file that is not there.
    fn findings(show: impl Fn(&Finding<'_>) -> String) -> String {
        let mut sources = Sources::new();
        let file = sources.add_file("a b/pölicy.dct", "allow s3:*\n  ön x\n");
        let span = |start, end| Span { source: file, start, end };
        let code = |name| Code::ALL.iter().copied().find(|code| code.name() == name).unwrap();
        let error = Diagnostic::new(code("E-SYNTAX"), span(13, 16), "GRM-7", "`ön` is,\nno: 100 % word")
            .expected("`on`")
            .did_you_mean(Some("on"))
            .related(span(0, 5), "the statement: begins here")
            .fix(span(13, 16), "on");
        let mut lint = Diagnostic::new(code("L-EMPTY"), span(0, 0), "GRM-25", "an empty list");
        (lint.severity, lint.policy) = (Severity::Suggestion, Some("Team".into()));
        let gone = Fault::new("E-FILE", std::path::Path::new("gone.json"), "is not there");
        let line = Fault::new("E-CASE", std::path::Path::new("cases.jsonl"), "not JSON").at(7);
        let found = [
            Finding::of_diagnostic(&error, &sources),
            Finding::of_diagnostic(&lint, &sources),
            Finding::of_fault(&gone),
            Finding::of_fault(&line),
        ];
        found.iter().map(|finding| show(finding) + "\n").collect()
    }

    #[test]
    fn as_json() {
        insta::assert_snapshot!(findings(json::line));
    }

    #[test]
    fn as_workflow_commands() {
        insta::assert_snapshot!(findings(github::command));
    }

    #[test]
    fn as_sarif() {
        let log = std::cell::RefCell::new(sarif::Log::default());
        findings(|finding| {
            log.borrow_mut().add(finding);
            String::new()
        });
        let mut document: serde_json::Value = serde_json::from_str(&log.into_inner().document()).unwrap();
        // The pages have tests of their own.
        for rule in document["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
            let page = rule["help"].take();
            assert_eq!(page["text"], page["markdown"]);
            let heading = page["text"].as_str().and_then(|page| page.lines().next());
            assert_eq!(heading.unwrap().strip_prefix("# "), rule["id"].as_str());
        }
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn the_status_follows_the_gravest() {
        let exits = |severities: &[Severity]| {
            let mut tally = Tally::default();
            severities.iter().for_each(|&severity| tally.add(severity));
            FailOn::value_variants().iter().map(|&fail_on| tally.exit(fail_on) as u8).collect::<Vec<_>>()
        };
        use Severity::{Error, Security, Suggestion, Warning};
        assert_eq!(exits(&[]), [0, 0, 0, 0]);
        assert_eq!(exits(&[Suggestion]), [1, 0, 0, 0]);
        assert_eq!(exits(&[Suggestion, Warning]), [1, 1, 0, 0]);
        assert_eq!(exits(&[Security]), [1, 1, 1, 0]);
        assert_eq!(exits(&[Suggestion, Error]), [2, 2, 2, 2]);
    }

    #[test]
    fn a_tally_in_words() {
        let mut tally = Tally::default();
        assert_eq!(tally.to_string(), "0 errors, 0 warnings");
        [Severity::Error, Severity::Security, Severity::Suggestion].iter().for_each(|&severity| tally.add(severity));
        assert_eq!(tally.to_string(), "1 error, 1 security finding, 0 warnings, 1 suggestion");
    }
}
