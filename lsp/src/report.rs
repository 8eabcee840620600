//! Diagnostics as an editor shows them.

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Diagnostic, Severity};
use dictum_compiler::expand::Files;
use dictum_compiler::source::Span;
use dictum_compiler::syntax::dsl::tree::ItemKind;
use lsp_types::{DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, NumberOrString, Range};
use serde::Serialize;

use crate::page::Page;
use crate::place::Text;

/// What stands in the field `data`: enough to mend it without asking again.
#[derive(Serialize)]
struct Data<'d> {
    rule: &'d str,
    expected: Option<&'d str>,
    help: Option<&'d str>,
    fix: Option<Edit<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edit<'d> {
    range: Range,
    new_text: &'d str,
}

/// Classes that say that something could go, by the ends of their names.
const UNNECESSARY: [&str; 8] =
    ["-COVERED", "-IDLE", "-NEEDLESS", "-NEVER-APPLIES", "-REDUNDANT", "-SHADOWED", "-TWICE", "-UNUSED"];
/// Classes that say that something is out of date.
const DEPRECATED: [&str; 3] = ["-DEPRECATED", "-RETIRED", "-OLD"];

/// The diagnostics of a page.
pub fn diagnostics(page: &Page) -> Vec<lsp_types::Diagnostic> {
    let (own, foreign): (Vec<_>, Vec<_>) = page.diagnostics.iter().partition(|it| it.span.source == page.file);
    let own = own.into_iter().map(|diagnostic| one(page, diagnostic));
    own.chain(foreign.into_iter().filter(|it| it.is_error()).filter_map(|it| imported(page, it))).collect()
}

/// An error of an imported file, told where the import stands: with it, nothing compiles.
fn imported(page: &Page, diagnostic: &Diagnostic) -> Option<lsp_types::Diagnostic> {
    let arena = Bump::new();
    let mut files = Files::new(&page.sources, &arena);
    let items = files.tree(page.file).items;
    let imports = items.iter().filter_map(|item| match item.kind {
        ItemKind::Use(import) => Some(import),
        _ => None,
    });
    let imports: Vec<_> = imports.collect();
    let leads_there = |name: &str| files.imported(page.file, name) == Some(diagnostic.span.source);
    let names: Vec<bool> = imports.iter().map(|import| import.name.text).map(leads_there).collect();
    // Of a file that an import imports in turn nobody knows by which way it came.
    let at = names.iter().position(|leads| *leads).unwrap_or(0);
    let span = imports.get(at)?.path.span;
    let name = &page.sources.file(diagnostic.span.source).name;
    let message = format!("`{name}` has an error: {}", diagnostic.message);
    let told = Diagnostic { span, message, fix: None, ..diagnostic.clone() };
    Some(one(page, &told.related(diagnostic.span, "the error is here")))
}

/// A diagnostic of a page.
pub fn one(page: &Page, diagnostic: &Diagnostic) -> lsp_types::Diagnostic {
    let related = diagnostic.related.iter().filter_map(|related| {
        let location = location(page, related.span)?;
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    });
    let related: Vec<_> = related.collect();
    let own = diagnostic.fix.as_ref().filter(|fix| fix.span.source == page.file);
    let fix = own.map(|fix| Edit { range: range(&page.text, fix.span), new_text: &fix.replacement });
    let (expected, help) = (diagnostic.expected.as_deref(), diagnostic.help.as_deref());
    let data = serde_json::to_value(Data { rule: diagnostic.rule, expected, help, fix }).ok();
    let name = diagnostic.code.name();
    let ends = |ends: &[&str]| diagnostic.severity != Severity::Error && ends.iter().any(|end| name.ends_with(end));
    let tags = [(ends(&UNNECESSARY), DiagnosticTag::UNNECESSARY), (ends(&DEPRECATED), DiagnosticTag::DEPRECATED)];
    let tags: Vec<_> = tags.into_iter().filter(|(is, _)| *is).map(|(_, tag)| tag).collect();
    lsp_types::Diagnostic {
        range: visible(&page.text, diagnostic.span),
        severity: Some(severity(diagnostic.severity)),
        code: Some(NumberOrString::String(name.to_owned())),
        source: Some("dictum".to_owned()),
        message: message(diagnostic),
        related_information: Some(related).filter(|related| !related.is_empty()),
        tags: Some(tags).filter(|tags| !tags.is_empty()),
        code_description: None,
        data,
    }
}

/// What is wrong, what was expected and what to do, a line each.
fn message(diagnostic: &Diagnostic) -> String {
    let mut message = diagnostic.message.clone();
    if let Some(expected) = &diagnostic.expected {
        message += &format!("\nexpected {expected}");
    }
    if let Some(help) = &diagnostic.help {
        message += &format!("\nhelp: {help}");
    }
    message
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Security | Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Suggestion => DiagnosticSeverity::HINT,
    }
}

/// The range of a span of a text.
pub fn range(text: &Text, span: Span) -> Range {
    text.range(span.start as usize, span.end as usize)
}

/// The place of a span, in whatever file of the page it is.
pub fn location(page: &Page, span: Span) -> Option<Location> {
    let uri = page.uri(span.source)?;
    if span.source == page.file {
        return Some(Location { uri, range: range(&page.text, span) });
    }
    let text = String::from_utf8_lossy(page.sources.file(span.source).text());
    Some(Location { uri, range: range(&page.text.like(text), span) })
}

/// The range of a span, at least one character wide, so that there is something to underline.
fn visible(text: &Text, span: Span) -> Range {
    let (start, end) = (span.start as usize, span.end as usize);
    if end > start {
        return text.range(start, end);
    }
    let next = text.as_str().get(start..).and_then(|rest| rest.chars().next());
    match next {
        Some(next) if next != '\n' && next != '\r' => text.range(start, start + next.len_utf8()),
        _ => text.range(start.saturating_sub(1), start),
    }
}
