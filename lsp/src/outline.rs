//! What is in a document: symbols, and what can be folded.

use bumpalo::Bump;
use dictum_compiler::source::{Notation, Span};
use dictum_compiler::syntax::ast::{self, Element, List, Text as Word};
use dictum_compiler::syntax::dsl::tree::{Entries, Item, ItemKind, PrincipalTerm, Principals, Statement};
use lsp_types::{DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind};

use crate::page::Page;
use crate::report::range;

/// The policies, statements, names and tests of a document, in order.
pub fn symbols(page: &Page) -> Vec<DocumentSymbol> {
    let arena = Bump::new();
    match page.name.notation {
        Notation::Dictum => {
            let items = page.items(&arena).items;
            items.iter().enumerate().map(|(index, item)| item_symbol(page, item, index)).collect()
        }
        Notation::Json => {
            let policies = page.json_policies(&arena);
            let is_set = policies.len() > 1 || policies.iter().any(|(name, _)| name.is_some());
            let policies = policies.iter().map(|(name, policy)| {
                let name = name.clone().unwrap_or_else(|| page.name.stem().to_owned());
                let statements = value(policy.statements).unwrap_or_default();
                let statements: Vec<_> =
                    statements.iter().enumerate().map(|(at, it)| json_statement(page, it, at)).collect();
                (name, policy.span, statements)
            });
            if is_set {
                let policy = |(name, span, statements): (String, Span, _)| DocumentSymbol {
                    children: Some(statements),
                    ..symbol(page, name, None, SymbolKind::NAMESPACE, span, span.start())
                };
                return policies.map(policy).collect();
            }
            policies.flat_map(|(_, _, statements)| statements).collect()
        }
    }
}

#[allow(deprecated, reason = "the old field has to be filled in")]
fn symbol(page: &Page, name: String, detail: Option<String>, kind: SymbolKind, all: Span, own: Span) -> DocumentSymbol {
    let (range, selection_range) = (range(&page.text, all), range(&page.text, own));
    DocumentSymbol { name, detail, kind, tags: None, deprecated: None, range, selection_range, children: None }
}

/// What a statement without Sid goes by.
fn number(index: usize) -> String {
    format!("#{index}")
}

fn value<T>(element: Option<Element<T>>) -> Option<T> {
    element.and_then(|element| element.value)
}

fn json_statement(page: &Page, statement: &ast::Statement<'_>, index: usize) -> DocumentSymbol {
    let sid = value(statement.sid).filter(|sid| !sid.text.is_empty());
    let actions = |element: Option<Element<List<'_>>>| {
        Some(value(element)?.entries.iter().map(|entry| entry.text).collect::<Vec<_>>().join(", "))
    };
    let effect = value(statement.effect).map_or("", |effect| effect.text);
    let what = actions(statement.action);
    let what = what.or_else(|| actions(statement.not_action).map(|actions| format!("* except {actions}")));
    let detail = format!("{effect} {}", what.unwrap_or_default());
    let name = sid.map_or_else(|| number(index), |sid| sid.text.to_owned());
    let own = sid.map_or(statement.span.start(), |sid| sid.span);
    symbol(page, name, Some(shortened(&detail)), SymbolKind::FUNCTION, statement.span, own)
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn item_symbol(page: &Page, item: &Item<'_>, index: usize) -> DocumentSymbol {
    let source = |span: Span| {
        let words = page.text.as_str().get(span.start as usize..span.end as usize).unwrap_or_default();
        shortened(&words.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let named = |name: &Word<'_>, kind| {
        let behind = Span { start: name.span.end, ..item.span };
        let detail = source(behind).trim_start_matches(['=', ' ']).to_owned();
        symbol(page, name.text.to_owned(), Some(detail), kind, item.span, name.span)
    };
    match &item.kind {
        ItemKind::Use(import) => symbol(
            page,
            import.name.text.to_owned(),
            Some(import.path.text.to_owned()),
            SymbolKind::MODULE,
            item.span,
            import.name.span,
        ),
        ItemKind::Let(it) => named(&it.name, SymbolKind::CONSTANT),
        ItemKind::Cond(it) => named(&it.name, SymbolKind::BOOLEAN),
        ItemKind::Policy(block) => DocumentSymbol {
            detail: None,
            children: Some(block.items.iter().enumerate().map(|(at, item)| item_symbol(page, item, at)).collect()),
            ..named(&block.name, SymbolKind::NAMESPACE)
        },
        ItemKind::Statement(statement) => {
            let sid = statement.sids.first();
            let name = sid.map_or_else(|| number(index), |sid| sid.text.to_owned());
            let own = sid.map_or(statement.effect.span, |sid| sid.span);
            let detail = source(Span { start: statement.effect.span.start, ..item.span });
            symbol(page, name, Some(detail), SymbolKind::FUNCTION, item.span, own)
        }
        ItemKind::Test(test) => DocumentSymbol { detail: None, ..named(&test.name, SymbolKind::EVENT) },
    }
}

/// What takes more than one line: items, blocks and lists; and runs of comments.
pub fn folds(page: &Page) -> Vec<FoldingRange> {
    let arena = Bump::new();
    let mut spans = Vec::new();
    let mut folds = Vec::new();
    match page.name.notation {
        Notation::Dictum => {
            let file = page.items(&arena);
            file.items.iter().for_each(|item| item_spans(item, &mut spans));
            let comments = file.comments.iter().map(|comment| page.text.line(comment.span.start as usize));
            folds.extend(
                runs(comments).into_iter().map(|(start, end)| fold(start, end, Some(FoldingRangeKind::Comment))),
            );
        }
        Notation::Json => {
            for (_, policy) in page.json_policies(&arena) {
                spans.push(policy.span);
                for statement in value(policy.statements).unwrap_or_default() {
                    spans.push(statement.span);
                    let lists = [statement.action, statement.not_action, statement.resource, statement.not_resource];
                    spans.extend(lists.iter().flatten().filter_map(|list| list.value).map(|list| list.span));
                }
            }
        }
    }
    let lines = spans.iter().map(|span| (page.text.line(span.start as usize), page.text.line(span.end as usize)));
    let lines: std::collections::BTreeSet<_> = lines.filter(|(start, end)| end > start).collect();
    folds.extend(lines.into_iter().map(|(start, end)| fold(start, end, None)));
    folds
}

fn fold(start_line: u32, end_line: u32, kind: Option<FoldingRangeKind>) -> FoldingRange {
    FoldingRange { start_line, end_line, kind, ..FoldingRange::default() }
}

/// Runs of lines that follow each other, of two lines at least.
fn runs(lines: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == line => run.1 = line,
            _ => runs.push((line, line)),
        }
    }
    runs.retain(|(start, end)| end > start);
    runs
}

fn item_spans(item: &Item<'_>, spans: &mut Vec<Span>) {
    spans.push(item.span);
    match &item.kind {
        ItemKind::Policy(block) => {
            spans.push(block.body);
            block.items.iter().for_each(|item| item_spans(item, spans));
        }
        ItemKind::Statement(statement) => statement_spans(statement, spans),
        ItemKind::Test(test) => {
            spans.push(test.body);
            spans.extend(test.table.map(|table| table.span));
        }
        _ => {}
    }
}

fn statement_spans(statement: &Statement<'_>, spans: &mut Vec<Span>) {
    let mut list = |entries: &Entries<'_>| {
        if entries.is_array {
            spans.push(entries.span);
        }
    };
    list(&statement.actions.entries);
    statement.resources.iter().for_each(|(_, resources)| list(&resources.entries));
    if let Some((_, Principals { terms, .. })) = &statement.principals {
        for term in *terms {
            if let PrincipalTerm::Call { span, .. } = term {
                spans.push(*span);
            }
        }
    }
}
