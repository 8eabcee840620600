//! A baseline: findings that were there when it was written, so that a run tells only what is new.
//!
//! A finding is known by its file, its id, its statement (policy, and Sid or index) and its message, not by its line, so
//! that a policy may be moved about. Equal ones are counted. One finding a line, in order, so that a change of the file is
//! one that a reviewer can read.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::run::Finding;

/// What a finding is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file, as it was named.
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

/// Known findings, with how many of each there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Known, u64>);

impl Baseline {
    /// Reads what [`Baseline::text`] wrote.
    ///
    /// # Errors
    /// The first line (from 1) that is none, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Baseline, (u64, String)> {
        let mut baseline = Baseline::default();
        for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            let Line { known, count } = serde_json::from_str(line).map_err(|error| (number, error.to_string()))?;
            *baseline.0.entry(known).or_default() += count;
        }
        Ok(baseline)
    }

    /// One finding a line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (known, &count) in &self.0 {
            let line = Line { known: known.clone(), count };
            let line = serde_json::to_string(&line).expect("a struct of texts and numbers is JSON");
            writeln!(text, "{line}").expect("a String takes everything");
        }
        text
    }

    /// Takes in the finding of a file. Errors are never known: they have to be mended.
    pub fn add(&mut self, file: &str, finding: &Finding) {
        if !finding.diagnostic.code.name().starts_with("E-") {
            *self.0.entry(Known::of(file, finding)).or_default() += 1;
        }
    }

    /// Leaves out the findings of a file that are known, and strikes them off.
    pub fn strike(&mut self, file: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let is_new = |finding: &Finding| match self.0.get_mut(&Known::of(file, finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        findings.into_iter().filter(is_new).collect()
    }

    /// What is left of the findings of these files: they are mended, and should be struck off the baseline.
    pub fn stale<'b>(&'b self, is_seen: impl Fn(&str) -> bool + 'b) -> impl Iterator<Item = (&'b Known, u64)> {
        self.0
            .iter()
            .filter(move |(known, count)| **count > 0 && is_seen(&known.file))
            .map(|(known, count)| (known, *count))
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
