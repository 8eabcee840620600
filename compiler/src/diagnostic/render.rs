//! A diagnostic as text, with its source line; and as plain fields, for other programs.

use std::fmt::Write;

use super::Diagnostic;
use crate::source::Sources;

/// Display columns of source shown for a line that is too long, as a minified document's is.
const WINDOW_COLUMNS: usize = 100;
/// Of these, columns shown before the span, and more where little follows it.
const LEAD_COLUMNS: usize = 40;

/// A diagnostic as plain fields, for a machine to read. Lines and columns count from 1, offsets are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub struct Report<'d> {
    pub severity: &'static str,
    pub code: &'static str,
    pub rule: &'static str,
    pub policy: Option<&'d str>,
    pub file: &'d str,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub offset: u32,
    pub end_offset: u32,
    pub message: &'d str,
    pub expected: Option<&'d str>,
    pub help: Option<&'d str>,
}

impl Diagnostic {
    /// As plain fields.
    pub fn report<'d>(&'d self, sources: &'d Sources) -> Report<'d> {
        let file = sources.file(self.span.source);
        let (start, end) = (file.place(self.span.start), file.place(self.span.end));
        Report {
            severity: self.severity.name(),
            code: self.code.name(),
            rule: self.rule,
            policy: self.policy.as_deref(),
            file: &file.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            offset: start.offset,
            end_offset: end.offset,
            message: &self.message,
            expected: self.expected.as_deref(),
            help: self.help.as_deref(),
        }
    }

    /// As text for people: message, place, the source line with the span underlined, and advice. Ends with a line end.
    pub fn render(&self, sources: &Sources) -> String {
        let file = sources.file(self.span.source);
        let place = file.place(self.span.start);
        let number = place.line.to_string();
        let blank = " ".repeat(number.len());

        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| {
            let at = out.len();
            writeln!(out, "{text}").expect("a String takes everything");
            let trimmed = out[at..].trim_end().len();
            out.truncate(at + trimmed);
            out.push('\n');
        };
        line(format_args!("{}[{}]: {}", self.severity.name(), self.code.name(), self.message));
        line(format_args!("{blank}--> {}:{}:{}", file.name, place.line, place.column));
        let (source, carets) = excerpt(&file.text, file.line_range(place.line), self.span.start, self.span.end);
        let expected = self.expected.as_ref().map_or(String::new(), |expected| format!(" expected {expected}"));
        line(format_args!("{blank} |"));
        line(format_args!("{number} | {source}"));
        line(format_args!("{blank} | {carets}{expected}"));
        if let Some(help) = &self.help {
            line(format_args!("{blank} = help: {help}"));
        }
        match &self.policy {
            Some(policy) => line(format_args!("{blank} = in policy `{policy}`, by {}", self.rule)),
            None => line(format_args!("{blank} = by {}", self.rule)),
        }
        out
    }
}

/// The line as shown, and the carets under it.
fn excerpt(text: &[u8], line: std::ops::Range<usize>, start: u32, end: u32) -> (String, String) {
    let start = (start as usize).clamp(line.start, line.end);
    let end = (end as usize).clamp(start, line.end);
    let columns = |bytes: &[u8]| shown(bytes).1;

    // The lead: all of it, or its last columns where the line is too long.
    let whole = line.end - line.start <= 4 * WINDOW_COLUMNS && columns(&text[line.clone()]) <= WINDOW_COLUMNS;
    let lead = LEAD_COLUMNS.max(WINDOW_COLUMNS.saturating_sub(line.end - start));
    let lead_start = if whole { line.start } else { start.saturating_sub(lead).max(line.start) };
    let lead_start = character_start(text, lead_start, start);
    let (lead, lead_columns) = shown(&text[lead_start..start]);
    let cut_before = lead_start > line.start;

    let room = WINDOW_COLUMNS.saturating_sub(lead_columns).max(1);
    let tail_end = if whole { line.end } else { character_start(text, (start + room).min(line.end), line.end) };
    let (shown_span, span_columns) = shown(&text[start..end.min(tail_end)]);
    let (rest, _) = shown(&text[end.min(tail_end)..tail_end]);
    let cut_after = tail_end < line.end;

    let dots = |cut: bool| if cut { "…" } else { "" };
    let source = format!("{}{lead}{shown_span}{rest}{}", dots(cut_before), dots(cut_after));
    let indent = " ".repeat(lead_columns + usize::from(cut_before));
    (source, format!("{indent}{}", "^".repeat(span_columns.max(1))))
}

/// The next byte at or behind `at` that begins a character.
fn character_start(text: &[u8], at: usize, end: usize) -> usize {
    (at..end).find(|&at| text[at] & 0xC0 != 0x80).unwrap_or(end)
}

/// Bytes as they can be shown on one line, and the display columns they take: a tab becomes a blank, another control
/// character and broken UTF-8 a replacement mark.
fn shown(bytes: &[u8]) -> (String, usize) {
    let mut columns = 0;
    let clean = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    let text: String =
        String::from_utf8_lossy(bytes).chars().map(clean).inspect(|&c| columns += columns_of(c)).collect();
    (text, columns)
}

/// Display columns of a character, by the coarse ranges of East Asian width and of combining marks.
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36F | 0x200B..=0x200F | 0xFE00..=0xFE0F | 0xFEFF => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F => 2,
        0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1F64F | 0x1F900..=0x1F9FF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}
