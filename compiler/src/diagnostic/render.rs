//! A diagnostic as text for people: with its source lines.

use std::fmt::Write;

use super::{Diagnostic, Fix, Related, shown};
use crate::source::{Sources, Span};

/// Display columns of source shown for a line that is too long, as a minified document's is.
const WINDOW_COLUMNS: usize = 100;
/// Of these, columns shown before the span, and more where little follows it.
const LEAD_COLUMNS: usize = 40;
/// Related places that are shown before the rest is counted.
const RELATED_MAX: usize = 8;

impl Diagnostic {
    /// As text for people: message, place, the source line with the span underlined, the other places with theirs, and
    /// advice. Ends with a line end.
    pub fn render(&self, sources: &Sources) -> String {
        let file = sources.file(self.span.source);
        let place = file.place(self.span.start);
        let line_of = |span: Span| sources.file(span.source).place(span.start).line;
        // A place on the line that is drawn already needs no second drawing of it.
        let is_here =
            |related: &&Related| related.span.source == self.span.source && line_of(related.span) == place.line;
        let (here, elsewhere): (Vec<_>, Vec<_>) = self.related.iter().take(RELATED_MAX).partition(is_here);
        let lines = elsewhere.iter().map(|related| line_of(related.span)).chain([place.line]);
        let width = lines.max().unwrap_or_default().to_string().len();
        let mut out = Lines { text: String::new(), blank: " ".repeat(width) };

        out.line(format_args!("{}[{}]: {}", self.severity.name(), self.code.name(), self.message));
        let expected = self.expected.as_ref().map(|expected| format!("expected {expected}"));
        out.drawing("-->", self.span, '^', expected.as_deref().unwrap_or_default(), sources);
        for related in elsewhere {
            out.bar();
            out.drawing(":::", related.span, '-', &related.message, sources);
        }
        for related in here {
            out.note("note", format_args!("{}, at {}", related.message, at(related.span, sources)));
        }
        if let Some(more) = self.related.len().checked_sub(RELATED_MAX).filter(|&more| more > 0) {
            out.note("note", format_args!("and {more} more places"));
        }
        if let Some(help) = &self.help {
            out.note("help", format_args!("{help}"));
        }
        if let Some(fix) = &self.fix {
            out.note("fix", format_args!("{}", change(fix, self.span, sources)));
        }
        let blank = out.blank.clone();
        match &self.policy {
            Some(policy) => out.line(format_args!("{blank} = in policy `{policy}`, by {}", self.rule)),
            None => out.line(format_args!("{blank} = by {}", self.rule)),
        }
        out.text
    }
}

/// The lines of one diagnostic.
struct Lines {
    text: String,
    /// As wide as the widest line number.
    blank: String,
}

impl Lines {
    /// A line, without blanks at its end.
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let at = self.text.len();
        writeln!(self.text, "{text}").expect("a String takes everything");
        let trimmed = self.text[at..].trim_end().len();
        self.text.truncate(at + trimmed);
        self.text.push('\n');
    }

    fn bar(&mut self) {
        self.text += &self.blank;
        self.text += " |\n";
    }

    fn note(&mut self, kind: &str, text: std::fmt::Arguments<'_>) {
        let blank = self.blank.clone();
        self.line(format_args!("{blank} = {kind}: {text}"));
    }

    /// The place of a span, its source line, the span underlined, and what is said of it.
    fn drawing(&mut self, arrow: &str, span: Span, mark: char, message: &str, sources: &Sources) {
        let file = sources.file(span.source);
        let place = file.place(span.start);
        let blank = self.blank.clone();
        self.line(format_args!("{blank}{arrow} {}", at(span, sources)));
        self.bar();
        let (source, marks) = excerpt(file.text(), file.line_range(place.line), span.start, span.end, mark);
        self.line(format_args!("{:>1$} | {source}", place.line, blank.len()));
        self.line(format_args!("{blank} | {marks} {message}"));
    }
}

/// Where a span begins: `FILE:LINE:COLUMN`.
fn at(span: Span, sources: &Sources) -> String {
    let file = sources.file(span.source);
    let place = file.place(span.start);
    format!("{}:{}:{}", file.name, place.line, place.column)
}

/// What a fix does, in words; beside the span of its diagnostic it needs no place.
fn change(fix: &Fix, span: Span, sources: &Sources) -> String {
    let old = String::from_utf8_lossy(sources.file(fix.span.source).part(fix.span.start..fix.span.end));
    let is_inside = fix.span.source == span.source && fix.span.start >= span.start && fix.span.end <= span.end;
    let place = if is_inside { String::new() } else { format!(" at {}", at(fix.span, sources)) };
    match (old.is_empty(), fix.replacement.as_str()) {
        (false, "") => format!("remove `{}`{place}", shown(&old)),
        (false, new) => format!("replace `{}` with `{}`{place}", shown(&old), shown(new)),
        (true, new) if !is_inside => format!("insert `{}`{place}", shown(new)),
        (true, new) if fix.span.start == span.start => format!("insert `{}` before it", shown(new)),
        (true, new) if fix.span.start == span.end => format!("insert `{}` behind it", shown(new)),
        (true, new) => format!("insert `{}` at {}", shown(new), at(fix.span, sources)),
    }
}

/// The line as shown, and the marks under it.
fn excerpt(text: &[u8], line: std::ops::Range<usize>, start: u32, end: u32, mark: char) -> (String, String) {
    let start = (start as usize).clamp(line.start, line.end);
    let end = (end as usize).clamp(start, line.end);
    let columns = |bytes: &[u8]| clean(bytes).1;

    // The lead: all of it, or its last columns where the line is too long.
    let whole = line.end - line.start <= 4 * WINDOW_COLUMNS && columns(&text[line.clone()]) <= WINDOW_COLUMNS;
    let lead = LEAD_COLUMNS.max(WINDOW_COLUMNS.saturating_sub(line.end - start));
    let lead_start = if whole { line.start } else { start.saturating_sub(lead).max(line.start) };
    let lead_start = character_start(text, lead_start, start);
    let (lead, lead_columns) = clean(&text[lead_start..start]);
    let cut_before = lead_start > line.start;

    let room = WINDOW_COLUMNS.saturating_sub(lead_columns).max(1);
    let tail_end = if whole { line.end } else { character_start(text, (start + room).min(line.end), line.end) };
    let (shown_span, span_columns) = clean(&text[start..end.min(tail_end)]);
    let (rest, _) = clean(&text[end.min(tail_end)..tail_end]);
    let cut_after = tail_end < line.end;

    let dots = |cut: bool| if cut { "…" } else { "" };
    let source = format!("{}{lead}{shown_span}{rest}{}", dots(cut_before), dots(cut_after));
    let indent = " ".repeat(lead_columns + usize::from(cut_before));
    (source, format!("{indent}{}", mark.to_string().repeat(span_columns.max(1))))
}

/// The next byte at or behind `at` that begins a character.
fn character_start(text: &[u8], at: usize, end: usize) -> usize {
    (at..end).find(|&at| text[at] & 0xC0 != 0x80).unwrap_or(end)
}

/// Bytes as they can be shown on one line, and the display columns they take: a tab becomes a blank, another control
/// character and broken UTF-8 a replacement mark.
fn clean(bytes: &[u8]) -> (String, usize) {
    let mut columns = 0;
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    let text: String =
        String::from_utf8_lossy(bytes).chars().map(shown).inspect(|&c| columns += columns_of(c)).collect();
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
