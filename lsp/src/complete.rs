//! What may be put in at the cursor.

pub mod item;
pub mod names;
mod json;
mod dictum;

use dictum_catalogue::Catalogue;
use dictum_compiler::source::Notation;
use lsp_types::{CompletionItem, CompletionItemKind, CompletionList, Documentation, MarkupContent, MarkupKind};

use crate::explain::facts;
use crate::page::Page;
use item::{Item, Slot};

/// Characters behind which a client asks for completions by itself.
pub const TRIGGERS: [&str; 9] = ["\"", ":", "{", ",", "@", ".", "$", " ", "["];

/// The completions at a byte of a document.
pub fn complete(page: &Page, offset: usize, takes_snippets: bool, catalogue: &Catalogue) -> Option<CompletionList> {
    let (items, slot) = variables(page, offset, takes_snippets, catalogue).or_else(|| match page.name.notation {
        Notation::Json => json::complete(page, offset, takes_snippets, catalogue),
        Notation::Dictum => dictum::complete(page, offset, takes_snippets, catalogue),
    })?;
    let items = items.into_iter().map(|item| slot.fill(item)).collect();
    Some(CompletionList { is_incomplete: false, items })
}

/// Policy variables, where the cursor is in one: behind `${` and before its `}`.
fn variables(page: &Page, offset: usize, takes_snippets: bool, catalogue: &Catalogue) -> Option<(Vec<Item>, Slot)> {
    let text = page.text.as_str();
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let start = line + text[line..offset].rfind("${")?;
    let is_open = !text[start..offset].contains(['}', '"', '\'', ',']);
    if !is_open || !page.is_policy() {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || ":/_-.".contains(c);
    let end = offset + text[offset..].find(|c| !is_part(c)).unwrap_or(text.len() - offset);
    let end = if text[end..].starts_with('}') { end + 1 } else { offset };
    let range = page.text.range(start, end);
    let slot = Slot { range, is_json: false, is_quoted: false, goes_on: false, takes_snippets };
    Some((names::variables(catalogue), slot))
}

/// A completion with its explanation, which would make a list of hundreds too long.
pub fn resolve(item: CompletionItem, catalogue: &Catalogue) -> CompletionItem {
    let value = match item.kind {
        Some(CompletionItemKind::FUNCTION | CompletionItemKind::CONSTANT) if item.label.contains(':') => {
            facts::action(&item.label, catalogue)
        }
        Some(CompletionItemKind::FIELD) => facts::key(&item.label, catalogue),
        _ => return item,
    };
    let documentation = Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value });
    CompletionItem { documentation: Some(documentation), ..item }
}
