//! A finding as a line of JSON.

use dictum_compiler::diagnostic::{FixReport, RelatedReport};
use serde::Serialize;

use super::{At, Finding};
use crate::output;

#[derive(Serialize)]
struct Line<'d> {
    code: &'d str,
    severity: &'d str,
    message: &'d str,
    file: &'d str,
    start: Option<Place>,
    end: Option<Place>,
    expected: Option<&'d str>,
    help: Option<&'d str>,
    related: Vec<Related<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'d>>,
}

#[derive(Serialize)]
struct Place {
    line: u64,
    column: u32,
    /// Not known of a line alone.
    byte: Option<u32>,
}

#[derive(Serialize)]
struct Related<'d> {
    file: &'d str,
    start: Place,
    end: Place,
    message: &'d str,
}

#[derive(Serialize)]
struct Fix<'d> {
    file: &'d str,
    start: Place,
    end: Place,
    replacement: &'d str,
}

fn place(place: dictum_compiler::source::Place) -> Place {
    Place { line: place.line.into(), column: place.column, byte: Some(place.offset) }
}

fn related<'d>(it: &RelatedReport<'d>) -> Related<'d> {
    Related { file: it.file, start: place(it.start), end: place(it.end), message: it.message }
}

fn fix<'d>(it: &FixReport<'d>) -> Fix<'d> {
    Fix { file: it.file, start: place(it.start), end: place(it.end), replacement: it.replacement }
}

/// The object, without line end.
pub fn line(finding: &Finding<'_>) -> String {
    let (start, end) = match finding.at {
        At::File => (None, None),
        At::Line(line) => (Some(Place { line, column: 1, byte: None }), None),
        At::Span(start, end) => (Some(place(start)), Some(place(end))),
    };
    output::json(&Line {
        code: finding.code,
        severity: finding.severity.name(),
        message: finding.message,
        file: finding.file,
        start,
        end,
        expected: finding.expected,
        help: finding.help,
        related: finding.related.iter().map(related).collect(),
        rule: finding.rule,
        policy: finding.policy,
        fix: finding.fix.as_ref().map(fix),
    })
}
