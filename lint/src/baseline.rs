//! A baseline: findings that were there when it was written, so that a run tells only what is new.
//!
//! A finding is known by its file, its id, its statement (policy, and Sid or index) and its message, not by its line, so
//! that a policy may be moved about. Equal ones are counted. One finding a line, in order, so that a change of the file is
//! one that a reviewer can read.

use std::collections::BTreeMap;
use std::fmt::Write;

use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::source::{SourceId, Span};
use serde::{Deserialize, Serialize};

use crate::checks;
use crate::run::Finding;

/// What a finding is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file that the finding stands in.
    pub file: String,
    /// The check.
    pub id: String,
    /// The policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The statement's Sid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Its place from 0, where it has no Sid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// A digest of the message: 64 bits of FNV-1a in hexadecimal.
    pub digest: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    known: Known,
    count: u64,
}

/// Known findings, with how many of each there are, and the line that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Known, Entry>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    count: u64,
    line: Span,
}

impl Baseline {
    /// Reads what [`Baseline::text`] wrote, and is this file.
    ///
    /// # Errors
    /// Every line that is none.
    pub fn parse(source: SourceId, text: &str) -> (Baseline, Vec<Diagnostic>) {
        let (mut baseline, mut faults, mut start) = (Baseline::default(), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            let span = Span { source, start, end: start + line.trim_end().len() as u32 };
            start += line.len() as u32;
            match serde_json::from_str(line) {
                _ if line.trim().is_empty() => {}
                Ok(Line { known, count }) => {
                    let entry = baseline.0.entry(known).or_default();
                    (entry.count, entry.line) = (entry.count + count, span);
                }
                Err(error) => {
                    let message = format!("not a line of a baseline: {error}");
                    faults.push(Diagnostic::new(checks::CONFIG, span, "dictum lint", message));
                }
            }
        }
        (baseline, faults)
    }

    /// One finding a line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (known, entry) in &self.0 {
            let line = Line { known: known.clone(), count: entry.count };
            let line = serde_json::to_string(&line).expect("a struct of texts and numbers is JSON");
            writeln!(text, "{line}").expect("a String takes everything");
        }
        text
    }

    /// Takes in the finding of a file. Errors are never known: they have to be mended.
    pub fn add(&mut self, file: &str, finding: &Finding) {
        if !finding.diagnostic.is_error() {
            self.0.entry(Known::of(file, finding)).or_default().count += 1;
        }
    }

    /// Leaves out the findings of a file that are known, and strikes them off.
    pub fn strike(&mut self, file: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let is_new = |finding: &Finding| match self.0.get_mut(&Known::of(file, finding)) {
            Some(entry) if entry.count > 0 && !finding.diagnostic.is_error() => {
                entry.count -= 1;
                false
            }
            _ => true,
        };
        findings.into_iter().filter(is_new).collect()
    }

    /// What is left of the findings of these files: they are mended, and should go from the baseline.
    pub fn stale(&self, is_seen: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
        let left = self.0.iter().filter(|(known, entry)| entry.count > 0 && is_seen(&known.file));
        let stale = left.map(|(known, entry)| {
            let message = format!("`{}` is mended in `{}`", known.id, known.file);
            let diagnostic = Diagnostic::new(checks::BASELINE, entry.line, "dictum lint", message);
            diagnostic.help("write the baseline anew, so that it does not hide the next one")
        });
        stale.collect()
    }
}

impl Known {
    fn of(file: &str, finding: &Finding) -> Known {
        let statement = finding.statement.as_ref();
        let sid = statement.and_then(|statement| statement.sid.clone());
        Known {
            file: file.to_owned(),
            id: finding.diagnostic.code.name().to_owned(),
            policy: finding.diagnostic.policy.clone(),
            index: statement.filter(|_| sid.is_none()).map(|statement| statement.index),
            sid,
            digest: digest(&finding.diagnostic.message),
        }
    }
}

/// FNV-1a, which is the same on every machine and in every version.
fn digest(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}
