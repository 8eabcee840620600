//! `dictum-lint.toml`: which checks are on, how grave their findings are, and which findings are known and accepted.
//!
//! ```toml
//! fail-on = "security"
//!
//! [groups]
//! style = false
//! pedantic = true
//!
//! [levels]
//! L-ADMIN = "error"
//! L-ID = "off"
//!
//! [[allow]]
//! file = "roles/break-glass.json"     # relative to this file, `*` and `?` are wildcards
//! sid = "Everything"                  # or `index = 0`; without either the whole file
//! id = "L-ADMIN"
//! reason = "break glass, see runbook 7"
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use dictum_compiler::diagnostic::near::nearest;
use dictum_compiler::diagnostic::{Diagnostic, Severity};
use dictum_compiler::source::{SourceId, Span};
use serde::Deserialize;
use toml::Spanned;

use crate::check::Group;
use crate::checks;
use crate::glob::Glob;
use crate::run::{Finding, Options};
use crate::suppress::{id_fault, is_suppressible, reason_fault, unused_fault};

/// The name that is looked for beside the policies and above.
pub const FILE_NAME: &str = "dictum-lint.toml";

/// A configuration that was read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// From which level on findings fail a run.
    pub fail_on: Option<Severity>,
    groups: BTreeMap<Group, bool>,
    levels: BTreeMap<String, Option<Severity>>,
    allows: Vec<Allow>,
}

/// An `[[allow]]`.
#[derive(Clone, Debug)]
struct Allow {
    file: Glob,
    policy: Option<String>,
    sid: Option<String>,
    index: Option<usize>,
    id: String,
    /// Where the id stands.
    at: Span,
    /// Whether a file that it names was looked at.
    is_concerned: bool,
    /// Whether it suppressed anything.
    is_used: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "fail-on")]
    fail_on: Option<Spanned<String>>,
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, bool>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    allow: Vec<Spanned<RawAllow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllow {
    file: String,
    policy: Option<String>,
    sid: Option<String>,
    index: Option<usize>,
    id: Spanned<String>,
    reason: Option<String>,
}

impl Config {
    /// Reads the text of a configuration, which is this file. What is wrong comes beside what could be read.
    pub fn parse(source: SourceId, text: &str) -> (Config, Vec<Diagnostic>) {
        let mut reader = Reader { source, config: Config::default(), faults: Vec::new() };
        match toml::from_str::<Raw>(text) {
            Ok(raw) => reader.raw(raw),
            Err(error) => {
                let range = error.span().unwrap_or(0..0);
                let message = error.message().trim().replace('\n', "; ");
                reader.faults.push(reader.fault(range, format!("not a configuration: {message}")));
            }
        }
        (reader.config, reader.faults)
    }

    /// These options, with the groups and levels that it asks for.
    pub fn options(&self, base: &Options) -> Options {
        Options { groups: self.groups.clone(), levels: self.levels.clone(), ..base.clone() }
    }

    /// Leaves out the findings of a file, named relative to the configuration's folder, that are accepted.
    pub fn apply(&mut self, file: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let name = Glob::free(&normal(file));
        let mut concerned: Vec<&mut Allow> = self.allows.iter_mut().filter(|allow| allow.file.covers(&name)).collect();
        concerned.iter_mut().for_each(|allow| allow.is_concerned = true);
        let is_left = |finding: &Finding| {
            let by = concerned.iter_mut().find(|allow| allow.covers(finding));
            by.map(|allow| allow.is_used = true).is_none()
        };
        findings.into_iter().filter(is_left).collect()
    }

    /// The entries that suppressed nothing of the files that they name, once all files are through.
    pub fn unused(&self) -> Vec<Diagnostic> {
        let unused = self.allows.iter().filter(|allow| allow.is_concerned && !allow.is_used);
        unused.map(|allow| unused_fault(allow.at, &allow.id)).collect()
    }
}

/// A relative path with `/` and without `./`.
fn normal(file: &str) -> String {
    let file = file.replace('\\', "/");
    file.strip_prefix("./").unwrap_or(&file).to_owned()
}

impl Allow {
    fn covers(&self, finding: &Finding) -> bool {
        let id = finding.diagnostic.code.name();
        let statement = finding.statement.as_ref();
        let fits =
            |wanted: &Option<String>, got: Option<&str>| wanted.as_deref().is_none_or(|wanted| got == Some(wanted));
        id == self.id
            && is_suppressible(id)
            && fits(&self.policy, finding.diagnostic.policy.as_deref())
            && fits(&self.sid, statement.and_then(|statement| statement.sid.as_deref()))
            && self.index.is_none_or(|index| statement.is_some_and(|statement| statement.index == index))
    }
}

struct Reader {
    source: SourceId,
    config: Config,
    faults: Vec<Diagnostic>,
}

impl Reader {
    fn span(&self, range: Range<usize>) -> Span {
        Span { source: self.source, start: range.start as u32, end: range.end as u32 }
    }

    fn fault(&self, range: Range<usize>, message: String) -> Diagnostic {
        Diagnostic::new(checks::CONFIG, self.span(range), "dictum lint", message)
    }

    fn raw(&mut self, raw: Raw) {
        if let Some(level) = &raw.fail_on {
            self.config.fail_on = self.level(level).flatten();
        }
        for (name, is_on) in &raw.groups {
            match Group::ALL.iter().find(|group| group.name() == name.as_ref()) {
                Some(group) => _ = self.config.groups.insert(*group, *is_on),
                None => {
                    let near = nearest(name.as_ref(), Group::ALL.iter().map(|group| group.name()));
                    let fault = self.fault(name.span(), format!("there is no group `{}`", name.as_ref()));
                    let names: Vec<&str> = Group::ALL.iter().map(|group| group.name()).collect();
                    self.faults.push(fault.expected(names.join(", ")).did_you_mean(near));
                }
            }
        }
        for (id, level) in &raw.levels {
            if !is_suppressible(id.as_ref()) {
                let fault = id_fault(self.span(id.span()), id.as_ref());
                self.faults.push(fault);
            }
            if let Some(level) = self.level(level) {
                self.config.levels.insert(id.as_ref().clone(), level);
            }
        }
        for allow in raw.allow {
            self.allow(allow);
        }
    }

    /// `None` where it is none, which is reported.
    fn level(&mut self, name: &Spanned<String>) -> Option<Option<Severity>> {
        if name.as_ref() == "off" {
            return Some(None);
        }
        let found = Severity::ALL.into_iter().find(|severity| severity.name() == name.as_ref());
        if found.is_none() {
            let fault = self.fault(name.span(), format!("there is no level `{}`", name.as_ref()));
            self.faults.push(fault.expected("`off`, `suggestion`, `warning`, `security` or `error`"));
        }
        found.map(Some)
    }

    fn allow(&mut self, spanned: Spanned<RawAllow>) {
        let range = spanned.span();
        let raw = spanned.into_inner();
        let at = self.span(raw.id.span());
        let id = raw.id.into_inner();
        if !is_suppressible(&id) {
            self.faults.push(id_fault(at, &id));
        } else if raw.reason.is_none_or(|reason| reason.trim().is_empty()) {
            self.faults.push(reason_fault(self.span(range)).expected("`reason = \"…\"`"));
        } else if raw.sid.is_some() && raw.index.is_some() {
            let fault = self.fault(range, "a suppression with both `sid` and `index`".to_owned());
            self.faults.push(fault.help("name the statement one way"));
        } else {
            let (file, is_concerned, is_used) = (Glob::free(&normal(&raw.file)), false, false);
            let (policy, sid, index) = (raw.policy, raw.sid, raw.index);
            self.config.allows.push(Allow { file, policy, sid, index, id, at, is_concerned, is_used });
        }
    }
}
