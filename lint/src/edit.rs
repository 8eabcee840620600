//! Changes of a policy's text that a fix may offer.
//!
//! A fix is carried out without anybody looking, so it is offered only where the text stands in the statement just as it
//! reads: what is escaped, made of a brace group, or shared with other statements through a `let` or an import stays as it
//! is. INVARIANT: none of them cuts anything but entries, blanks and commas, so that no comment is lost.

use std::ops::Range;

use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::source::Span;
use dictum_compiler::syntax::ast::Text;

use crate::subject::Statement;

/// A finding whose fix is another text in place of this one.
pub fn replaced(finding: Diagnostic, statement: &Statement<'_>, text: Text<'_>, by: &str) -> Diagnostic {
    replaced_part(finding, statement, text, 0..text.text.len(), by)
}

/// A finding whose fix is another text in place of some bytes of this one.
pub fn replaced_part(
    finding: Diagnostic,
    statement: &Statement<'_>,
    text: Text<'_>,
    bytes: Range<usize>,
    by: &str,
) -> Diagnostic {
    let is_plain = by.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    match is_plain && statement.has(text) {
        true => finding.fix(text.part(bytes.start, bytes.end), by),
        false => finding,
    }
}

/// Longest list whose entries have fixes.
const FIXED_MAX: usize = 256;

/// A finding whose fix is to leave an entry out of its list, which keeps another one.
pub fn removed<'t>(
    finding: Diagnostic,
    statement: &Statement<'_>,
    entries: impl IntoIterator<Item = Text<'t>>,
    entry: Text<'_>,
) -> Diagnostic {
    // PERF: whoever has doubled ten thousand values has no use for ten thousand fixes.
    let entries: Vec<Text<'_>> = entries.into_iter().take(FIXED_MAX + 1).collect();
    if entries.len() > FIXED_MAX {
        return finding;
    }
    let Some(at) = entries.iter().position(|other| other.span == entry.span) else { return finding };
    // The comma in between goes with it.
    let (gap, neighbour) = match (at.checked_sub(1).map(|at| entries[at]), entries.get(at + 1)) {
        (Some(before), _) => (before.span.end..entry.span.start, before),
        (None, Some(&behind)) => (entry.span.end..behind.span.start, behind),
        (None, None) => return finding,
    };
    let (start, end) = (gap.start.min(entry.span.start), gap.end.max(entry.span.end));
    let is_at_hand = statement.has(entry) && statement.has(neighbour) && is_comma(statement, gap);
    if is_at_hand { finding.fix(Span { start, end, ..entry.span }, "") } else { finding }
}

/// Whether nothing stands there but one comma and blanks.
fn is_comma(statement: &Statement<'_>, bytes: Range<u32>) -> bool {
    let between = statement.file.text().get(bytes.start as usize..bytes.end as usize).unwrap_or_default();
    between.trim_ascii() == b","
}
