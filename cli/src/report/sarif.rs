//! Findings as one document of SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format").

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use dictum_compiler::diagnostic::Severity;
use dictum_compiler::source::Place;
use serde_json::{Map, Value, json};

use super::{At, Finding};
use crate::codes;

/// What has been found.
#[derive(Default)]
pub struct Log {
    /// Descriptors of the codes that occur, in the order of their first occurrence.
    rules: Vec<Value>,
    index_of: HashMap<String, usize>,
    results: Vec<Value>,
}

impl Log {
    /// Takes a finding in.
    pub fn add(&mut self, finding: &Finding<'_>) {
        let rule = match self.index_of.get(finding.code) {
            Some(&rule) => rule,
            None => {
                self.rules.push(descriptor(finding));
                self.index_of.insert(finding.code.to_owned(), self.rules.len() - 1);
                self.rules.len() - 1
            }
        };
        self.results.push(result(finding, rule));
    }

    /// The document, on one line, without line end.
    pub fn document(self) -> String {
        let driver = json!({
            "name": "dictum",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": self.rules,
        });
        let run = json!({
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": self.results,
        });
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [run],
        })
        .to_string()
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Security | Severity::Warning => "warning",
        Severity::Suggestion => "note",
    }
}

fn descriptor(finding: &Finding<'_>) -> Value {
    let page = codes::find(finding.code).map_or(Cow::Borrowed(finding.meaning), |entry| entry.page());
    json!({
        "id": finding.code,
        "shortDescription": { "text": finding.meaning },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(finding.usual_severity) },
    })
}

fn result(finding: &Finding<'_>, rule: usize) -> Value {
    let mut text = finding.message.to_owned();
    if let Some(expected) = finding.expected {
        text += &format!("; expected {expected}");
    }
    if let Some(help) = finding.help {
        text += &format!("; {help}");
    }
    let mut result = Map::new();
    result.insert("ruleId".into(), json!(finding.code));
    result.insert("ruleIndex".into(), json!(rule));
    result.insert("level".into(), json!(level(finding.severity)));
    result.insert("message".into(), json!({ "text": text }));
    result.insert("locations".into(), json!([location(finding.file, finding.at)]));
    if !finding.related.is_empty() {
        let related = finding.related.iter().map(|related| {
            let mut at = location(related.file, At::Span(related.start, related.end));
            at["message"] = json!({ "text": related.message });
            at
        });
        result.insert("relatedLocations".into(), related.collect());
    }
    if let Some(fix) = &finding.fix {
        let replacement = json!({
            "deletedRegion": region(fix.start, fix.end),
            "insertedContent": { "text": fix.replacement },
        });
        let change = json!({ "artifactLocation": { "uri": uri(fix.file) }, "replacements": [replacement] });
        result.insert("fixes".into(), json!([{ "artifactChanges": [change] }]));
    }
    let mut properties = Map::new();
    properties.insert("severity".into(), json!(finding.severity.name()));
    properties.extend(finding.rule.map(|rule| ("rule".into(), json!(rule))));
    properties.extend(finding.policy.map(|policy| ("policy".into(), json!(policy))));
    result.insert("properties".into(), Value::Object(properties));
    Value::Object(result)
}

fn location(file: &str, at: At) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
    match at {
        At::File => {}
        At::Line(line) => physical["region"] = json!({ "startLine": line }),
        At::Span(start, end) => physical["region"] = region(start, end),
    }
    json!({ "physicalLocation": physical })
}

fn region(start: Place, end: Place) -> Value {
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// A path as a URI reference (RFC 3986); a colon is encoded too, since a first part with one would read as a scheme.
fn uri(file: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = if std::path::MAIN_SEPARATOR == '\\' { file.replace('\\', "/") } else { file.to_owned() };
    let mut uri = if Path::new(file).is_absolute() { "file://".to_owned() } else { String::new() };
    if !uri.is_empty() && !path.starts_with('/') {
        uri.push('/');
    }
    for &byte in path.as_bytes() {
        match byte {
            byte if is_plain(byte) => uri.push(char::from(byte)),
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
