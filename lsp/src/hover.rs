//! What the cursor is on, in words.

use bumpalo::Bump;
use dictum_catalogue::Catalogue;
use dictum_compiler::source::{Notation, Span};
use dictum_compiler::syntax::ast::Statement;
use dictum_compiler::syntax::dsl::tree::{Comparison, KeyTest};
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use crate::dsl::isolate::{source, with_statement};
use crate::dsl::known::{What, known};
use crate::dsl::spot::{self, Spot};
use crate::explain::condition::Clauses;
use crate::explain::{elements, facts, operator, statement::sentence, words::code};
use crate::json::spot::Place;
use crate::page::Page;

/// What there is to say of a place of a document.
pub fn hover(page: &Page, offset: usize, catalogue: &Catalogue) -> Option<Hover> {
    let (text, range) = match page.name.notation {
        Notation::Json if !page.is_policy() => None,
        Notation::Json => json(page, offset, catalogue),
        Notation::Dictum => dictum(page, offset, catalogue),
    }?;
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text });
    Some(Hover { contents, range: Some(page.text.range(range.start, range.end)) })
}

type Said = Option<(String, std::ops::Range<usize>)>;

fn json(page: &Page, offset: usize, catalogue: &Catalogue) -> Said {
    let spot = crate::json::spot::spot(page.text.as_str(), offset)?;
    let has_word = !spot.inner.is_empty();
    let text = match &spot.place {
        Place::Action if has_word => facts::action(&spot.text, catalogue),
        Place::Resource if has_word => facts::resource(&spot.text, catalogue),
        Place::Key { .. } if has_word => facts::key(&spot.text, catalogue),
        Place::Operator if has_word => operator::meaning(operator::read(&spot.text)?),
        Place::PolicyElement | Place::PrincipalKind => element(&spot.text)?,
        Place::Value { operator: name, key } if has_word => {
            let test = operator::read(name).map(operator::meaning).unwrap_or_default();
            format!("A value for {} under {}.\n\n{test}", code(key), code(name))
        }
        Place::StatementElement if has_word => {
            let element = element(&spot.text);
            let sentence = json_sentence(page, offset, catalogue);
            [element, sentence].into_iter().flatten().collect::<Vec<_>>().join("\n\n---\n\n")
        }
        Place::Statement | Place::WholeStatement | Place::StatementElement | Place::Effect => {
            json_sentence(page, offset, catalogue)?
        }
        _ => return None,
    };
    Some((text, spot.inner)).filter(|(text, _)| !text.is_empty())
}

fn element(name: &str) -> Option<String> {
    let element = elements::named(name)?;
    Some(format!("**{}**\n\n{}", code(element.name), element.meaning))
}

fn json_sentence(page: &Page, offset: usize, catalogue: &Catalogue) -> Option<String> {
    let arena = Bump::new();
    let statement = json_statement(page, offset, &arena)?;
    Some(sentence(&statement, catalogue))
}

fn dictum(page: &Page, offset: usize, catalogue: &Catalogue) -> Said {
    let arena = Bump::new();
    let (spot, span) = spot::spot(&page.items(&arena), offset)?;
    let text = match spot {
        Spot::Actions(texts) => match &texts[..] {
            [one] => facts::action(one, catalogue),
            several => facts::actions(several, catalogue),
        },
        Spot::Resources(texts) => facts::resource(texts.first()?, catalogue),
        Spot::Key(key) => facts::key(key, catalogue),
        Spot::Comparison(comparison, test) => compared(page, &comparison, &test)?,
        Spot::Name(name) => named(page, name, catalogue)?,
        Spot::Statement(span) => with_statement(page, source(page, span), |it, _| sentence(it, catalogue))?,
    };
    Some((text, span.start as usize..span.end as usize))
}

/// The operator that a comparison stands for, as the compiler chooses it.
fn compared(page: &Page, comparison: &Comparison<'_>, test: &KeyTest<'_>) -> Option<String> {
    let first = test.quantifier.map_or(test.key.span, |quantifier| quantifier.span);
    let end = test.values.span.end.max(comparison.span.end);
    let clause = source(page, Span { end, ..first });
    let text = format!("allow a:b on * if {clause}");
    let operator = with_statement(page, &text, |statement, _| {
        let blocks = statement.condition?.value?;
        blocks.first().and_then(|block| operator::read(block.operator.text))
    })??;
    Some(format!("{} is an operator of IAM:\n\n{}", code(comparison.kind.words()), operator::meaning(operator)))
}

/// What a name stands for: its definition, and what comes of it.
fn named(page: &Page, name: &str, catalogue: &Catalogue) -> Option<String> {
    let known = known(page).into_iter().find(|known| known.path == name)?;
    let mut told = vec![format!("```dictum\n{}\n```", known.text)];
    if !known.doc.is_empty() {
        told.push(known.doc.clone());
    }
    match known.what {
        What::Let => {
            let entries = with_statement(page, &format!("allow {name} on *"), |statement, _| {
                let list = statement.action?.value?;
                Some(list.entries.iter().map(|entry| entry.text.to_owned()).collect::<Vec<_>>())
            });
            let is_action = |entry: &String| catalogue.actions_matching(entry).next().is_some();
            let entries = entries.flatten().filter(|entries| entries.iter().any(is_action));
            told.extend(entries.map(|entries| facts::actions(&entries, catalogue)));
        }
        What::Cond => {
            let text = format!("allow a:b on * if {name}");
            let clauses = with_statement(page, &text, |statement, _| {
                let clauses = Clauses::of(statement.condition.and_then(|it| it.value).unwrap_or_default());
                clauses.to_string()
            });
            told.extend(clauses.map(|clauses| format!("Holds{clauses}.")));
        }
        What::Sid => {
            let text = source(page, known.item);
            let is_here = known.item.source == page.file;
            told.extend(is_here.then(|| with_statement(page, text, |it, _| sentence(it, catalogue))).flatten());
        }
        What::Policy => {}
    }
    Some(told.join("\n\n"))
}

/// The statement of a JSON document that holds a byte.
pub fn json_statement<'a>(page: &'a Page, offset: usize, arena: &'a Bump) -> Option<Statement<'a>> {
    let policies = page.json_policies(arena);
    let statements = policies.iter().filter_map(|(_, policy)| policy.statements?.value).flatten();
    let holds =
        |statement: &&Statement<'_>| (statement.span.start as usize..=statement.span.end as usize).contains(&offset);
    statements.copied().find(|statement| holds(&statement))
}
