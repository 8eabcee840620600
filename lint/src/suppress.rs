//! Suppressions in a `.dct` file: a comment that names a check and says why it does not apply.
//!
//! ```text
//! # dictum: allow L-ADMIN reason="break glass, reviewed 2026-03"      the item behind it in its block, or around it
//! allow * on *   # dictum: allow L-ADMIN reason="…"                   the item that begins or ends on this line
//! # dictum: allow-file L-DEPUTY reason="…"                            the whole file
//! ```
//!
//! A suppression without reason suppresses nothing. One of a check that does not exist, or that finds nothing there, is a
//! finding itself. Errors cannot be suppressed.

use bumpalo::Bump;
use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::diagnostic::near::nearest;
use dictum_compiler::source::{Notation, SourceFile, SourceId, Sources, Span};
use dictum_compiler::syntax::dsl;
use dictum_compiler::syntax::dsl::tree::{Item, ItemKind};

use crate::checks;

/// What a comment of this kind begins with, behind the number sign.
const MARK: &str = "dictum:";
const EXPECTED: &str = "`# dictum: allow L-ID reason=\"…\"`";

/// One id of one comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// What it suppresses.
    pub id: String,
    /// Where the id stands.
    pub at: Span,
    /// Where findings are suppressed.
    pub over: Span,
}

impl Suppression {
    pub fn covers(&self, diagnostic: &Diagnostic) -> bool {
        let Span { source, start, .. } = diagnostic.span;
        diagnostic.code.name() == self.id
            && source == self.over.source
            && (self.over.start..self.over.end).contains(&start)
    }
}

/// Whether a finding of this code may be suppressed at all.
pub(crate) fn is_suppressible(id: &str) -> bool {
    checks::of(id).is_some_and(|check| !checks::is_of_suppressions(check))
}

/// Takes out what comments suppress, and adds what is wrong with the comments.
pub(crate) fn apply(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let ids = (0..).map(SourceId).zip(&sources.files);
    for (source, file) in ids.filter(|(_, file)| file.notation == Notation::Dictum) {
        let (suppressions, mut faults) = read(source, file);
        let mut used = vec![false; suppressions.len()];
        diagnostics.retain(|diagnostic| {
            if !is_suppressible(diagnostic.code.name()) {
                return true;
            }
            let by = suppressions.iter().position(|suppression| suppression.covers(diagnostic));
            by.inspect(|&by| used[by] = true).is_none()
        });
        // What a library suppresses is found where it is imported, and not by every importer.
        let has_documents = sources.documents().any(|document| document.source == source);
        used.iter_mut().for_each(|used| *used |= !has_documents);
        let unused = suppressions.iter().zip(used).filter(|(_, used)| !used).map(|(suppression, _)| suppression);
        faults.extend(unused.map(|suppression| unused_fault(suppression.at, &suppression.id)));
        diagnostics.append(&mut faults);
    }
}

/// That a suppression suppresses nothing.
pub(crate) fn unused_fault(at: Span, id: &str) -> Diagnostic {
    Diagnostic::new(checks::UNUSED, at, "dictum lint", format!("there is no `{id}` to suppress")).help("take it out")
}

/// That a suppression has no reason.
pub(crate) fn reason_fault(at: Span) -> Diagnostic {
    let fault = Diagnostic::new(checks::NO_REASON, at, "dictum lint", "a suppression without a reason");
    fault.expected("`reason=\"…\"`").help("it suppresses nothing until it says why")
}

/// That an id names no check that can be suppressed.
pub(crate) fn id_fault(at: Span, id: &str) -> Diagnostic {
    let new = |message: String| Diagnostic::new(checks::UNKNOWN, at, "dictum lint", message);
    if id.starts_with("E-") || checks::of(id).is_some() {
        return new(format!("`{id}` cannot be suppressed")).help("mend what it is about");
    }
    let near = nearest(id, checks::all().map(|check| check.code.name()));
    let fault = new(format!("there is no check `{id}`"));
    if near.is_some() { fault.did_you_mean(near) } else { fault.help("`dictum lint --list` names them all") }
}

/// The suppressions of a file, and what is wrong with its comments.
fn read(source: SourceId, file: &SourceFile) -> (Vec<Suppression>, Vec<Diagnostic>) {
    let (mut suppressions, mut faults) = (Vec::new(), Vec::new());
    let is_any = file.text().windows(MARK.len()).any(|bytes| bytes == MARK.as_bytes());
    if !is_any {
        return (suppressions, faults);
    }
    let arena = Bump::new();
    let (tree, _) = dsl::parse(file.text(), source, &arena);
    for comment in tree.comments {
        let content = comment.text.trim_start_matches('#');
        let start = comment.span.start + (comment.text.len() - content.len()) as u32;
        let Some(order) = content.trim_start().strip_prefix(MARK) else { continue };
        let at = start + (content.len() - order.len()) as u32;
        match parse(order) {
            Err(None) => {
                let fault =
                    Diagnostic::new(checks::SYNTAX, comment.span, "dictum lint", "a comment that is no suppression");
                faults.push(fault.expected(EXPECTED));
            }
            Err(Some(())) => faults.push(reason_fault(comment.span)),
            Ok((is_whole_file, ids)) => {
                let whole = Span { source, start: 0, end: file.text().len() as u32 + 1 };
                let over = if is_whole_file { whole } else { target(file, comment.span, tree.items) };
                for (offset, id) in ids {
                    let start = at + offset as u32;
                    let at = Span { source, start, end: start + id.len() as u32 };
                    match is_suppressible(id) {
                        true => suppressions.push(Suppression { id: id.to_owned(), at, over }),
                        false => faults.push(id_fault(at, id)),
                    }
                }
            }
        }
    }
    (suppressions, faults)
}

/// Whether it is about the whole file, and the ids with their places in the text.
type Order<'t> = (bool, Vec<(usize, &'t str)>);

/// Behind the mark: `allow`, ids with or without commas, and `reason="…"`. `Err(None)` where it has another form,
/// `Err(Some(()))` where only the reason is lacking.
fn parse(text: &str) -> Result<Order<'_>, Option<()>> {
    let (names, reason) = match text.find("reason=") {
        Some(at) => (&text[..at], Some(text[at + "reason=".len()..].trim())),
        None => (text, None),
    };
    let words = names.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    // The words are parts of one text, so their places are differences of addresses.
    let mut words = words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word));
    let is_whole_file = match words.next() {
        Some((_, "allow")) => false,
        Some((_, "allow-file")) => true,
        _ => return Err(None),
    };
    let ids: Vec<(usize, &str)> = words.collect();
    if ids.is_empty() {
        return Err(None);
    }
    let reason = reason.and_then(|reason| reason.strip_prefix('"')?.strip_suffix('"'));
    if reason.is_some_and(|reason| !reason.trim().is_empty()) { Ok((is_whole_file, ids)) } else { Err(Some(())) }
}

/// The items beside a comment: those of the innermost block that it stands in.
fn beside<'i, 'a>(items: &'i [Item<'a>], comment: Span) -> &'i [Item<'a>] {
    let around = items.iter().find(|item| item.span.start < comment.start && comment.end <= item.span.end);
    match around.map(|item| &item.kind) {
        Some(ItemKind::Policy(block)) => beside(block.items, comment),
        _ => items,
    }
}

/// The item that a comment is about: none where it is the last thing of a block.
fn target(file: &SourceFile, comment: Span, items: &[Item<'_>]) -> Span {
    let items = beside(items, comment);
    let line_start =
        file.text()[..comment.start as usize].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let stands_alone = file.text()[line_start..comment.start as usize].iter().all(u8::is_ascii_whitespace);
    let around = || items.iter().find(|item| item.span.start < comment.start && comment.end < item.span.end);
    let before = || {
        let ends_here = |span: Span| span.start < comment.start && span.end > line_start as u32;
        items.iter().rfind(|item| !stands_alone && ends_here(item.span))
    };
    let behind = || items.iter().find(|item| item.span.start >= comment.end);
    around().or_else(before).or_else(behind).map_or(comment, |item| item.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(text: &str) -> Vec<String> {
        let file = SourceFile::new("a.dct", text);
        let (suppressions, faults) = read(SourceId(0), &file);
        let shown = |span: Span| {
            String::from_utf8_lossy(&file.text()[span.start as usize..(span.end as usize).min(file.text().len())])
                .into_owned()
        };
        let shown_one = |it: &Suppression| format!("{} over {}", shown(it.at), shown(it.over));
        let faults = faults.iter().map(|fault| format!("{} at {}", fault.code.name(), shown(fault.span)));
        suppressions.iter().map(shown_one).chain(faults).collect()
    }

    #[test]
    fn a_comment_is_about_the_item_beside_it() {
        let allow = "# dictum: allow L-ID reason=\"x\"";
        for (text, expected) in [
            (format!("{allow}\n@A allow * on *\n@B allow s3:* on *\n"), "@A allow * on *"),
            (format!("@A allow * on *\n{allow}\n@B allow s3:*\n on *\n"), "@B allow s3:*\n on *"),
            (format!("@A allow * on * {allow}\n@B allow s3:* on *\n"), "@A allow * on *"),
            (format!("@A allow *\n  on * {allow}\n@B allow s3:* on *\n"), "@A allow *\n  on *"),
            (format!("policy P {{ {allow}\n@B allow s3:* on * }}\n"), "@B allow s3:* on *"),
        ] {
            assert_eq!(over(&text)[0], format!("L-ID over {expected}"), "{text}");
        }
        for text in [
            format!("policy P {{\n@A allow * on *\n{allow}\n}}\npolicy Q {{ @B allow s3:* on * }}\n"),
            format!("policy P {{\n{allow}\n}}\n@B allow s3:* on *\n"),
        ] {
            assert_eq!(over(&text)[0], format!("L-ID over {allow}"), "nothing of another block\n{text}");
        }
        let block = format!("policy P {{\n@A allow * on *\n}} {allow}\npolicy Q {{ @B allow s3:* on * }}\n");
        assert_eq!(over(&block)[0], "L-ID over policy P {\n@A allow * on *\n}", "{block}");
        let inside = format!("@A allow * on *\n@B allow s3:*\n{allow}\n on *\n");
        assert!(over(&inside)[0].starts_with("L-ID over @B"), "{inside}");
    }

    #[test]
    fn what_is_wrong_with_a_comment_is_told() {
        for (comment, expected) in [
            ("# dictum: allow L-ID, L-EMPTY reason=\"x\"", vec!["L-ID over allow * on *", "L-EMPTY over allow * on *"]),
            ("# dictum: allow L-ID", vec!["L-ALLOW-REASON at # dictum: allow L-ID"]),
            ("# dictum: allow L-ID reason=\" \"", vec!["L-ALLOW-REASON at # dictum: allow L-ID reason=\" \""]),
            ("# dictum: alow L-ID reason=\"x\"", vec!["L-ALLOW-SYNTAX at # dictum: alow L-ID reason=\"x\""]),
            ("# dictum: allow reason=\"x\"", vec!["L-ALLOW-SYNTAX at # dictum: allow reason=\"x\""]),
            ("# dictum: allow L-IDD reason=\"x\"", vec!["L-ALLOW-UNKNOWN at L-IDD"]),
            ("# dictum: allow E-JSON reason=\"x\"", vec!["L-ALLOW-UNKNOWN at E-JSON"]),
            ("# about dictum: a language", vec![]),
        ] {
            assert_eq!(over(&format!("{comment}\nallow * on *\n")), expected, "{comment}");
        }
    }
}
