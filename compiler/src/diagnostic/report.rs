//! A diagnostic as plain fields, for other programs: every span as file and places.

use super::{Diagnostic, Severity};
use crate::source::{Place, Sources, Span};

/// A diagnostic as plain fields. Lines and columns count from 1 in Unicode scalars, offsets are bytes from 0; `end` is
/// behind the last character.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub struct Report<'d> {
    pub code: &'static str,
    pub severity: Severity,
    pub message: &'d str,
    pub file: &'d str,
    pub start: Place,
    pub end: Place,
    pub expected: Option<&'d str>,
    pub help: Option<&'d str>,
    pub related: Vec<RelatedReport<'d>>,
    pub rule: &'static str,
    pub policy: Option<&'d str>,
    pub fix: Option<FixReport<'d>>,
}

/// Another place that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub struct RelatedReport<'d> {
    pub file: &'d str,
    pub start: Place,
    pub end: Place,
    pub message: &'d str,
}

/// A change that mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub struct FixReport<'d> {
    pub file: &'d str,
    pub start: Place,
    pub end: Place,
    pub replacement: &'d str,
}

impl Diagnostic {
    /// As plain fields.
    pub fn report<'d>(&'d self, sources: &'d Sources) -> Report<'d> {
        let (file, start, end) = located(self.span, sources);
        let related = self.related.iter().map(|related| {
            let (file, start, end) = located(related.span, sources);
            RelatedReport { file, start, end, message: &related.message }
        });
        let fix = self.fix.as_ref().map(|fix| {
            let (file, start, end) = located(fix.span, sources);
            FixReport { file, start, end, replacement: &fix.replacement }
        });
        Report {
            code: self.code.name(),
            severity: self.severity,
            message: &self.message,
            file,
            start,
            end,
            expected: self.expected.as_deref(),
            help: self.help.as_deref(),
            related: related.collect(),
            rule: self.rule,
            policy: self.policy.as_deref(),
            fix,
        }
    }
}

/// The name of a span's file, and the places of its ends.
fn located(span: Span, sources: &Sources) -> (&str, Place, Place) {
    let file = sources.file(span.source);
    (&file.name, file.place(span.start), file.place(span.end))
}
