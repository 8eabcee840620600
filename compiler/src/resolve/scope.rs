//! What every part of a document needs to know of the whole, and where its diagnostics go.

use super::words::Words;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{FAULTS_MAX, LINTS_MAX, PATTERN_BYTES_MAX, PATTERN_STARS_MAX, TEXT_BYTES_MAX};
use crate::source::{Notation, Place, PolicyType, SourceFile, Span};
use crate::syntax::ast::Text;

pub(super) struct Scope<'s> {
    pub(super) file: &'s SourceFile,
    pub(super) policy_type: PolicyType,
    /// Whether the Version is one that has variables (VAR-1).
    pub(super) has_variables: bool,
    /// What the author calls the parts of a policy.
    pub(super) words: &'static Words,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Errors and lints that may still be told.
    errors_left: usize,
    lints_left: usize,
}

impl<'s> Scope<'s> {
    pub(super) fn new(file: &'s SourceFile, policy_type: PolicyType) -> Scope<'s> {
        let words = Words::of(file.notation);
        let (errors_left, lints_left) = (FAULTS_MAX, LINTS_MAX);
        let diagnostics = Vec::new();
        Scope { file, policy_type, has_variables: false, words, diagnostics, errors_left, lints_left }
    }

    /// The place of a span, or where it lies in another file, as that of an imported `cond` does, of the statement's.
    pub(super) fn place(&self, span: Span, statement: Span) -> Place {
        self.file.place(if span.source == statement.source { span.start } else { statement.start })
    }

    /// Whether the policy is written in the Dictum language.
    pub(super) fn is_dictum(&self) -> bool {
        self.file.notation == Notation::Dictum
    }

    /// Whether the policy is attached to a resource, so that its statements name principals.
    pub(super) fn is_resource_side(&self) -> bool {
        matches!(self.policy_type, PolicyType::Resource | PolicyType::Trust)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        let left = if diagnostic.is_error() { &mut self.errors_left } else { &mut self.lints_left };
        if *left > 0 {
            *left -= 1;
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn lint(&mut self, code: Code, span: Span, rule: &'static str, message: impl Into<String>, help: &str) {
        self.report(Diagnostic::new(code, span, rule, message).help(help));
    }

    /// LIM-1: whether a pattern keeps within its limits; every `*` counts.
    pub(super) fn pattern_fits(&mut self, text: &Text<'_>) -> bool {
        let bytes = text.text.as_bytes();
        if bytes.len() <= PATTERN_STARS_MAX {
            return true;
        }
        if bytes.len() > TEXT_BYTES_MAX {
            return false; // reported already, as it is of any text
        }
        let stars = bytes.iter().filter(|&&byte| byte == b'*').count();
        let fault = if bytes.len() > PATTERN_BYTES_MAX {
            (format!("a pattern of {} bytes", bytes.len()), PATTERN_BYTES_MAX)
        } else if stars > PATTERN_STARS_MAX {
            (format!("a pattern with {stars} `*`"), PATTERN_STARS_MAX)
        } else {
            return true;
        };
        let (message, limit) = fault;
        self.report(Diagnostic::new(Code::E_LIMIT, text.span, "LIM-1", message).expected(format!("at most {limit}")));
        false
    }
}
