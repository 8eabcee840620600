//! A document as an editor has it, with the cursor written as `|`.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::Path;
use std::str::FromStr;

use dictum_catalogue::Catalogue;
use dictum_lint::Options;
use dictum_lsp::page::{Name, Page, Reading};
use dictum_lsp::place::{Encoding, Text};
use lsp_types::{CompletionItem, CompletionTextEdit, HoverContents, Uri};

/// A document, beside other files of its folder.
pub fn page(name: &str, text: &str, files: &[(&str, &str)]) -> Page {
    let uri = Uri::from_str(&format!("file:///policies/{name}")).unwrap();
    let name = Name::new(&uri, "", &["/policies".into()]).unwrap();
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| path == Path::new("/policies").join(name));
        found.map(|(_, text)| text.as_bytes().to_owned())
    };
    let import = |root: &Path, inside: &str| read(&root.join(inside));
    let reading = Reading { read: &read, import: &import, lint: Some(Options::default()) };
    Page::new(name, Text::new(text, Encoding::Utf16), &reading)
}

/// A document without its cursor, and the place of it.
pub fn cursor(name: &str, text: &str, files: &[(&str, &str)]) -> (Page, usize) {
    let offset = text.find('|').expect("a cursor");
    let text = format!("{}{}", &text[..offset], &text[offset + 1..]);
    (page(name, &text, files), offset)
}

/// The hover at the cursor.
pub fn hover(name: &str, text: &str) -> String {
    let (page, offset) = cursor(name, text, &[]);
    hover_at(&page, offset)
}

/// The hover at a byte.
pub fn hover_at(page: &Page, offset: usize) -> String {
    let hover = dictum_lsp::hover::hover(page, offset, Catalogue::builtin());
    match hover.map(|hover| hover.contents) {
        Some(HoverContents::Markup(markup)) => markup.value,
        _ => "nothing".to_owned(),
    }
}

/// The completions at the cursor, as a client that takes snippets gets them.
pub fn completions(name: &str, text: &str) -> Vec<CompletionItem> {
    let (page, offset) = cursor(name, text, &[]);
    let list = dictum_lsp::complete::complete(&page, offset, true, Catalogue::builtin());
    let mut items = list.map(|list| list.items).unwrap_or_default();
    items.sort_by(|one, other| one.sort_text.cmp(&other.sort_text));
    items
}

/// The first completions at the cursor, a line each: the label, and what is put in for what.
pub fn first(name: &str, text: &str, count: usize) -> String {
    let (page, _) = cursor(name, text, &[]);
    let line = |item: &CompletionItem| {
        let Some(CompletionTextEdit::Edit(edit)) = &item.text_edit else { panic!("{item:?}") };
        let old = &page.text.as_str()[page.text.bytes(edit.range)];
        let detail = item.detail.clone().unwrap_or_default();
        format!("{} ({detail}): {old:?} -> {:?}", item.label, edit.new_text)
    };
    completions(name, text).iter().take(count).map(line).collect::<Vec<_>>().join("\n")
}
