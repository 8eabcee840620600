//! Cases that are known to differ, and how.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use dictum_corpus::answer::{Answer, Decision, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::exit::{Failure, Fault};
use crate::input;

/// The entries of a list, by id.
#[derive(Default)]
pub struct Exceptions(HashMap<String, Entry>);

/// One entry.
pub struct Entry {
    /// The rule that decides against the case.
    pub rule: String,
    /// What comes out instead.
    pub got: Got,
    line: u64,
    met: bool,
}

/// An answer in one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Decision(Decision),
    Error(ErrorKind),
    /// An error of this class among those found.
    Code(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    id: String,
    rule: String,
    got: String,
    #[serde(borrow, default, rename = "note")]
    _note: Option<&'l RawValue>,
}

/// Reads a list of exceptions.
pub fn read(path: &Path) -> Result<Exceptions, Failure> {
    let bytes = input::read(path)?;
    let fault = |line: u64, message: String| Fault::new("E-CASE", path, message).at(line);
    let mut entries = HashMap::new();
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let Line { id, rule, got, .. } =
            serde_json::from_slice(bytes).map_err(|error| fault(line, format!("not an exception: {error}")))?;
        if rule.is_empty() {
            return Err(fault(line, "an exception names the rule that decides against the case".into()).into());
        }
        let got = Got::of(&got).ok_or_else(|| fault(line, format!("`{got}` is no answer of a case")))?;
        if entries.insert(id.clone(), Entry { rule, got, line, met: false }).is_some() {
            return Err(fault(line, format!("`{id}` is listed twice")).into());
        }
    }
    Ok(Exceptions(entries))
}

impl Exceptions {
    /// The entry of a case that is run now.
    pub fn meet(&mut self, id: &str) -> Option<&Entry> {
        let entry = self.0.get_mut(id)?;
        entry.met = true;
        Some(entry)
    }

    /// Ids of entries that no case had, with their lines, in order.
    pub fn unmet(&self) -> impl Iterator<Item = (&str, u64)> {
        let mut unmet: Vec<_> =
            self.0.iter().filter(|(_, entry)| !entry.met).map(|(id, entry)| (id.as_str(), entry.line)).collect();
        unmet.sort_by_key(|(_, line)| *line);
        unmet.into_iter()
    }
}

impl Got {
    fn of(text: &str) -> Option<Got> {
        match text {
            "policy" => Some(Got::Error(ErrorKind::Policy)),
            "request" => Some(Got::Error(ErrorKind::Request)),
            _ if text.starts_with("E-") => Some(Got::Code(text.to_owned())),
            _ => Decision::from_name(text).map(Got::Decision),
        }
    }

    /// Whether an answer is this one.
    pub fn is(&self, answer: Option<&Answer>) -> bool {
        match (self, answer) {
            (Got::Decision(expected), Some(Answer::Decision(decision, _))) => expected == decision,
            (Got::Error(expected), Some(Answer::Error(kind, _))) => expected == kind,
            (Got::Code(expected), Some(Answer::Error(_, errors))) => errors.iter().any(|error| error.code == *expected),
            _ => false,
        }
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Got::Decision(decision) => decision.name(),
            Got::Error(kind) => kind.name(),
            Got::Code(code) => code,
        })
    }
}
