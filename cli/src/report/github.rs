//! A finding as a workflow command of GitHub Actions ("Workflow commands for GitHub Actions").

use dictum_compiler::diagnostic::{FixReport, Severity};

use super::{At, Finding};

/// The command, without line end. What is expected, advice, related places, the fix, and policy and rule follow the message
/// on lines of their own.
pub fn command(finding: &Finding<'_>) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Security | Severity::Warning => "warning",
        Severity::Suggestion => "notice",
    };
    let mut properties = Vec::new();
    if !finding.file.is_empty() {
        properties.push(("file", finding.file.to_owned()));
    }
    match finding.at {
        At::File => {}
        At::Line(line) => properties.push(("line", line.to_string())),
        At::Span(start, end) => {
            properties.extend([("line", start.line.to_string()), ("col", start.column.to_string())]);
            properties.extend([("endLine", end.line.to_string()), ("endColumn", end.column.to_string())]);
        }
    }
    properties.push(("title", finding.code.to_owned()));
    let properties: Vec<String> = properties.iter().map(|(name, text)| format!("{name}={}", property(text))).collect();
    let mut message = finding.message.to_owned();
    if let Some(expected) = finding.expected {
        message += &format!("\nexpected {expected}");
    }
    if let Some(help) = finding.help {
        message += &format!("\n{help}");
    }
    for related in &finding.related {
        let (file, place) = (related.file, related.start);
        message += &format!("\n{}, at {file}:{}:{}", related.message, place.line, place.column);
    }
    if let Some(fix) = &finding.fix {
        message += &format!("\n{}", change(fix));
    }
    match (finding.policy, finding.rule) {
        (Some(policy), Some(rule)) => message += &format!("\nin policy {policy}, by {rule}"),
        (Some(policy), None) => message += &format!("\nin policy {policy}"),
        (None, Some(rule)) => message += &format!("\nby {rule}"),
        (None, None) => {}
    }
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// What a fix does.
fn change(fix: &FixReport<'_>) -> String {
    let FixReport { file, start, end, replacement } = fix;
    let (from, to) = (format!("{file}:{}:{}", start.line, start.column), format!("{}:{}", end.line, end.column));
    match (start == end, replacement.is_empty()) {
        (true, _) => format!("fix: insert {replacement} at {from}"),
        (false, true) => format!("fix: remove {from} to {to}"),
        (false, false) => format!("fix: write {replacement} at {from} to {to}"),
    }
}

/// A text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which moreover ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
