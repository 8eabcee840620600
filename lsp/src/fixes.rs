//! Changes on offer: what mends a diagnostic, and the same policy in the other notation.

use std::collections::HashMap;
use std::ops::Range;

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Diagnostic, near};
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::source::{Document, Notation, Span};
use dictum_compiler::syntax::ast::Policy;
use dictum_compiler::syntax::dsl::tree::{Item, ItemKind};
use dictum_lint::check::{Check, Run};
use dictum_lint::checks;
use lsp_types::{
    CodeAction, CodeActionKind, CreateFile, CreateFileOptions, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, ResourceOp, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::dsl::names::bares;
use crate::page::Page;
use crate::report;
use crate::uri;

/// The kind of the change of notation.
pub const CONVERT: CodeActionKind = CodeActionKind::new("refactor.rewrite.dictum");

/// What mends the diagnostics that touch these bytes.
pub fn quick_fixes(page: &Page, bytes: &Range<usize>) -> Vec<CodeAction> {
    let touches = |span: Span| span.start as usize <= bytes.end && span.end as usize >= bytes.start;
    let own = page.diagnostics.iter().filter(|it| it.span.source == page.file && touches(it.span));
    own.flat_map(|diagnostic| fixes(page, diagnostic)).collect()
}

fn fixes(page: &Page, diagnostic: &Diagnostic) -> Vec<CodeAction> {
    let mut fixes = Vec::new();
    if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.span.source == page.file) {
        let title = title(page, fix.span, &fix.replacement);
        fixes.push((title, report::range(&page.text, fix.span), fix.replacement.clone()));
    } else if let Some(name) = diagnostic.help.as_deref().and_then(meant)
        && let Some((range, part)) = misspelt(page, diagnostic.span, name)
    {
        fixes.push((format!("Change to `{part}`"), page.text.range(range.start, range.end), part.to_owned()));
    }
    let action = |(title, range, new_text): (String, lsp_types::Range, String)| CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![report::one(page, diagnostic)]),
        edit: Some(edit_of(&page.name.uri, vec![TextEdit { range, new_text }])),
        is_preferred: Some(true),
        ..CodeAction::default()
    };
    fixes.into_iter().map(action).chain(accept(page, diagnostic)).collect()
}

/// The comment that accepts a finding of the linter, before the item that it is about. Its reason is still to be written: until
/// then it accepts nothing.
fn accept(page: &Page, diagnostic: &Diagnostic) -> Option<CodeAction> {
    let id = diagnostic.code.name();
    // What is wrong with an acceptance cannot be accepted itself.
    let is_own = |check: &Check| !matches!(check.run, Run::Suppression | Run::Baseline);
    if page.name.notation != Notation::Dictum || diagnostic.is_error() || !checks::of(id).is_some_and(is_own) {
        return None;
    }
    let text = page.text.as_str();
    let arena = Bump::new();
    let start = item_start(page.items(&arena).items, diagnostic.span.start)? as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..start];
    // A comment before an item that shares its line with another would be about both.
    if !indent.trim().is_empty() {
        return None;
    }
    let new_text = format!("{indent}# dictum: allow {id} reason=\"\"\n");
    let edit = TextEdit { range: page.text.range(line, line), new_text };
    Some(CodeAction {
        title: format!("Accept {id} here, with a reason"),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![report::one(page, diagnostic)]),
        edit: Some(edit_of(&page.name.uri, vec![edit])),
        ..CodeAction::default()
    })
}

/// Where the innermost item that holds a byte begins.
fn item_start(items: &[Item<'_>], offset: u32) -> Option<u32> {
    let item = items.iter().find(|item| (item.span.start..=item.span.end).contains(&offset))?;
    match &item.kind {
        ItemKind::Policy(block) => item_start(block.items, offset).or(Some(item.span.start)),
        _ => Some(item.span.start),
    }
}

fn title(page: &Page, span: Span, replacement: &str) -> String {
    let old = page.text.as_str().get(span.start as usize..span.end as usize).unwrap_or_default();
    let short = |text: &str| match text.split_whitespace().collect::<Vec<_>>().join(" ") {
        text if text.chars().count() > 40 => format!("{}…", text.chars().take(40).collect::<String>()),
        text => text,
    };
    match (old.is_empty(), replacement.is_empty()) {
        (_, true) => format!("Remove `{}`", short(old)),
        (true, _) => format!("Insert `{}`", short(replacement)),
        _ => format!("Replace `{}` by `{}`", short(old), short(replacement)),
    }
}

/// The name in ``did you mean `X`?``.
fn meant(help: &str) -> Option<&str> {
    let (_, rest) = help.split_once("did you mean `")?;
    rest.split_once("`?").map(|(name, _)| name)
}

/// What of the text a suggested name takes the place of, and how much of the name that is: of a member of a brace group,
/// which has its beginning and end outside, the part between. `None` where the name does not fit the group.
fn misspelt<'n>(page: &Page, span: Span, name: &'n str) -> Option<(Range<usize>, &'n str)> {
    let arena = Bump::new();
    let whole = page.items(&arena).items;
    let grouped = bares(whole).into_iter().find(|it| !it.groups.is_empty() && holds_all(it.span, span));
    match grouped.map(|bare| (bare.head.text, bare.groups)) {
        None => Some((misspelt_alone(page.text.as_str(), span, name), name)),
        Some((head, [group])) => {
            group.members.iter().find(|member| member.span == span)?;
            let begins = name.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head));
            let part = name.get(head.len()..).filter(|_| begins)?.strip_suffix(group.tail.text)?;
            Some((span.start as usize..span.end as usize, part)).filter(|_| !part.is_empty())
        }
        Some(_) => None,
    }
}

fn holds_all(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// What the span holds between its quotes, or the word or the whole string around it where the name is closer to that.
fn misspelt_alone(text: &str, span: Span, name: &str) -> Range<usize> {
    let whole = span.start as usize..(span.end as usize).min(text.len());
    let written = text.get(whole.clone()).unwrap_or_default();
    let own = match written.len() >= 2 && written.starts_with('"') && written.ends_with('"') {
        true => whole.start + 1..whole.end - 1,
        false => whole,
    };
    let around = |ends: &dyn Fn(char) -> bool| {
        let start = text[..own.start].char_indices().rfind(|&(_, c)| ends(c)).map_or(0, |(at, c)| at + c.len_utf8());
        start..text[own.end..].find(ends).map_or(text.len(), |at| own.end + at)
    };
    let word = around(&|c| c.is_whitespace() || "\"(){}[],".contains(c));
    let string = around(&|c| c == '"' || c == '\n');
    let nearer = near::nearest(name, [&own, &word, &string].map(|range| &text[range.clone()]));
    [word, string].into_iter().find(|range| nearer == Some(&text[range.clone()])).unwrap_or(own)
}

/// An edit of one document.
pub fn edit_of(uri: &Uri, edits: Vec<TextEdit>) -> WorkspaceEdit {
    #[allow(clippy::mutable_key_type, reason = "the protocol's own type; nobody changes the keys")]
    let changes = HashMap::from([(uri.clone(), edits)]);
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

/// The texts of a document in the other notation, with the names of their files, extensions left out: of a set of
/// policies one text with blocks, of a file with blocks a text for each. `None` where it has an error, or no policy.
pub fn converted(page: &Page) -> Option<Vec<(String, String)>> {
    if page.diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let arena = Bump::new();
    let policies = page.policies(&arena).filter(|policies| !policies.is_empty())?;
    let stem = || page.name.stem().to_owned();
    let json = |policy| Some(print::json(policy, Shape::Normal, Spacing::Pretty)? + "\n");
    let block = |(document, policy): &(&Document, Policy<'_>)| {
        print::dsl_in_block(policy, &document.name, Some(document.policy_type), Shape::Normal)
    };
    match (page.name.notation, &policies[..]) {
        (Notation::Json, [(document, policy)]) => {
            Some(vec![(stem(), print::dsl(policy, &document.name, None, Shape::Normal)?)])
        }
        (Notation::Json, several) => {
            let blocks: Option<Vec<String>> = several.iter().map(block).collect();
            Some(vec![(stem(), blocks?.join("\n"))])
        }
        (Notation::Dictum, [(_, policy)]) => Some(vec![(stem(), json(policy)?)]),
        (Notation::Dictum, several) => {
            several.iter().map(|(document, policy)| Some((document.name.clone(), json(policy)?))).collect()
        }
    }
}

/// The change of notation: new files beside the document where the client can make them, whose names come along, since none
/// of them may be there yet; of a text without a file, the text itself.
pub fn convert(page: &Page, makes_files: bool) -> Option<(CodeAction, Vec<Uri>)> {
    let (extension, language) = match page.name.notation {
        Notation::Json => ("dct", "the Dictum language"),
        Notation::Dictum => ("json", "JSON"),
    };
    let texts = converted(page)?;
    let action = |title, edit| CodeAction { title, kind: Some(CONVERT), edit: Some(edit), ..CodeAction::default() };
    if uri::path(&page.name.uri).is_none() {
        let [(_, new_text)] = <[_; 1]>::try_from(texts).ok()?;
        let edit = edit_of(&page.name.uri, vec![TextEdit { range: page.text.whole(), new_text }]);
        return Some((action(format!("Convert to {language}"), edit), Vec::new()));
    }
    if !makes_files {
        return None;
    }
    let names: Vec<String> = texts.iter().map(|(name, _)| format!("{name}.{extension}")).collect();
    let uris: Option<Vec<Uri>> = names.iter().map(|name| uri::sibling(&page.name.uri, name)).collect();
    let uris = uris?;
    let operations = uris.iter().cloned().zip(texts).flat_map(|(uri, (_, text))| create(uri, text)).collect();
    let edit =
        WorkspaceEdit { document_changes: Some(DocumentChanges::Operations(operations)), ..WorkspaceEdit::default() };
    let title = match &names[..] {
        [name] => format!("Convert to {language} as {name}"),
        names => format!("Convert to {language} as {} files", names.len()),
    };
    Some((action(title, edit), uris))
}

/// A new file with this text.
fn create(uri: Uri, text: String) -> [DocumentChangeOperation; 2] {
    let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
    let file = CreateFile { uri: uri.clone(), options: Some(options), annotation_id: None };
    let start = Position::default();
    let range = lsp_types::Range { start, end: start };
    let edit = TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version: None },
        edits: vec![OneOf::Left(TextEdit { range, new_text: text })],
    };
    [DocumentChangeOperation::Op(ResourceOp::Create(file)), DocumentChangeOperation::Edit(edit)]
}

#[cfg(test)]
mod tests {
    use dictum_compiler::source::SourceId;

    use super::*;

    #[test]
    fn a_suggestion_takes_the_place_of_what_it_is_near_to() {
        for (text, part, name, replaced) in [
            (r#"{"Effect": "Alow"}"#, r#""Alow""#, "Allow", "Alow"),
            (
                r#"{"ForAllValue:StringEquals": 1}"#,
                "ForAllValue",
                "ForAllValues:StringEquals",
                "ForAllValue:StringEquals",
            ),
            ("alow s3:* on *", "alow", "allow", "alow"),
            ("allow s3:GetObjects on *", "GetObjects", "s3:GetObject", "s3:GetObjects"),
            ("allow x on arn:aws:sqs:eu-wset-1:1:a", "eu-wset-1", "eu-west-1", "eu-wset-1"),
        ] {
            let start = text.find(part).unwrap();
            let span = Span { source: SourceId(0), start: start as u32, end: (start + part.len()) as u32 };
            assert_eq!(&text[misspelt_alone(text, span, name)], replaced, "{text}");
        }
        assert_eq!(meant("did you mean `x`?"), Some("x"));
        assert_eq!(meant("see `x`"), None);
    }
}
