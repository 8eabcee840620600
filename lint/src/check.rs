//! What a check is, and how it says what it found.

use dictum_compiler::diagnostic::{Code, Diagnostic};
use dictum_compiler::expand::policies_of;
use dictum_compiler::source::{Notation, PolicyType, Sources, Span};

use crate::subject::{Statement, Subject};

/// What a check is about; a group can be switched off as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// What is written has no effect, or another one than it looks.
    Correctness,
    /// It lets in more than most who write it think.
    Security,
    /// It grants what much harm can be done with.
    Risk,
    /// The same can be said in less or clearer words.
    Style,
    /// Likewise, for those who want every policy alike; off unless asked for.
    Pedantic,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 5] = [Group::Correctness, Group::Security, Group::Risk, Group::Style, Group::Pedantic];

    /// As a configuration spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Correctness => "correctness",
            Group::Security => "security",
            Group::Risk => "risk",
            Group::Style => "style",
            Group::Pedantic => "pedantic",
        }
    }
}

/// One check: a row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its id, its level and its title.
    pub code: Code,
    /// What it is about.
    pub group: Group,
    /// The rule of semantics.md behind it, or who else checks for it.
    pub rule: &'static str,
    /// Why it matters and what to do, in whole sentences.
    pub why: &'static str,
    /// A policy that it fires on.
    pub bad: Example,
    /// Its like, on which it is silent.
    pub good: Example,
    /// How it is found.
    pub run: Run,
}

/// A policy in JSON, or in the Dictum language. A text that is a statement or a list of statements stands in a policy of
/// version 2012-10-17.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its type; `None` where it is a configuration or a baseline, which is no policy.
    pub policy_type: Option<PolicyType>,
    /// The text.
    pub text: &'static str,
}

/// How a check is carried out.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// By the compiler, when it resolves the policy.
    Compiler,
    /// When suppressions and the configuration are read.
    Suppression,
    /// When what a baseline knows is compared with what was found.
    Baseline,
    /// Statement by statement.
    Statement(fn(&Statement<'_>, &mut Found<'_>)),
    /// Policy by policy.
    Policy(fn(&Subject<'_>, &mut Found<'_>)),
    /// Over all policies at once.
    All(fn(&[Subject<'_>], &mut Found<'_>)),
}

impl Example {
    /// Its text as the whole of a file.
    pub fn document(&self) -> String {
        let is_statement =
            self.text.starts_with('[') || self.text.starts_with(r#"{"Sid""#) || self.text.starts_with(r#"{"Effect""#);
        match is_statement && self.policy_type.is_some() {
            true => format!(r#"{{"Version": "2012-10-17", "Statement": {}}}"#, self.text),
            false => self.text.to_owned(),
        }
    }

    /// The example in a file of its own, its policies all of its type; `None` where it is no policy.
    pub fn sources(&self) -> Option<Sources> {
        self.changed(self.document())
    }

    /// The same, with this text in place of the example's.
    pub fn changed(&self, text: String) -> Option<Sources> {
        let policy_type = self.policy_type?;
        let mut sources = Sources::new();
        let file = sources.add_file(format!("policy.{}", self.extension()), text);
        match sources.file(file).notation {
            Notation::Json => sources.add(policy_type, "policy", file, sources.whole(file)),
            Notation::Dictum => {
                let documents = policies_of(&sources, file, "policy", Some(policy_type));
                documents.into_iter().for_each(|document| sources.add_document(document));
            }
        }
        Some(sources)
    }

    /// The extension of a file with this text.
    pub fn extension(&self) -> &'static str {
        match self.policy_type {
            None if self.text.starts_with('{') => "json",
            None => "toml",
            Some(_) if self.document().starts_with('{') => "json",
            Some(_) => "dct",
        }
    }
}

/// What a check may ask besides the policy, and where it says what it found.
pub struct Found<'r> {
    /// Milliseconds since 1970, where the caller says what time it is.
    pub now: Option<i64>,
    /// Which check it is.
    pub check: &'r Check,
    /// The name of the policy at hand; a check over all policies sets it.
    pub(crate) policy: Option<String>,
    pub(crate) out: &'r mut Vec<Diagnostic>,
}

impl Found<'_> {
    /// A finding of this check at a place, to be completed and [pushed](Found::push).
    pub fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let policy = self.policy.clone();
        Diagnostic { policy, ..Diagnostic::new(self.check.code, span, self.check.rule, message) }
    }

    /// Takes a finding in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// A finding with advice, which is all that most need.
    pub fn say(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(self.at(span, message).help(help));
    }
}
