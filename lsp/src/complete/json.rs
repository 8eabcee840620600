//! Completions in a JSON policy.

use bumpalo::Bump;
use dictum_catalogue::Catalogue;
use dictum_compiler::syntax::ast::Statement;
use lsp_types::CompletionItemKind;

use super::item::{Item, Slot};
use super::names;
use crate::explain::{elements, operator};
use crate::hover::json_statement;
use crate::json::spot::{Place, Spot, spot};
use crate::page::Page;

/// What may stand at the cursor, and where it is put in.
pub fn complete(page: &Page, offset: usize, takes_snippets: bool, catalogue: &Catalogue) -> Option<(Vec<Item>, Slot)> {
    let text = page.text.as_str();
    if ["", "{}"].contains(&text.trim()) {
        let range = page.text.whole();
        let slot = Slot { range, is_json: false, is_quoted: false, goes_on: false, takes_snippets };
        return Some((vec![template()], slot));
    }
    if !page.is_policy() {
        return None;
    }
    let spot = spot(text, offset)?;
    let arena = Bump::new();
    let statement = json_statement(page, offset, &arena);
    let items = items(&spot, statement.as_ref(), catalogue);
    let is_name = matches!(
        spot.place,
        Place::PolicyElement | Place::StatementElement | Place::PrincipalKind | Place::Operator | Place::Key { .. }
    );
    let start = spot.inner.start - usize::from(spot.is_quoted);
    // Of a string without end only what stands before the cursor belongs to it for sure.
    let end = if spot.is_closed { spot.inner.end + 1 } else { offset.max(start) };
    let range = page.text.range(start, end);
    let goes_on = is_name && !spot.has_colon;
    let is_json = spot.place != Place::WholeStatement;
    Some((items, Slot { range, is_json, is_quoted: spot.is_quoted, goes_on, takes_snippets }))
}

fn items(spot: &Spot, statement: Option<&Statement<'_>>, catalogue: &Catalogue) -> Vec<Item> {
    let actions = actions_at_hand(statement);
    match &spot.place {
        Place::PolicyElement => members(elements::POLICY, &[]),
        Place::StatementElement => {
            let order = statement.map_or(&[][..], |statement| statement.order);
            let there: Vec<&str> =
                order.iter().map(|element| element.name()).filter(|name| *name != spot.text).collect();
            members(elements::STATEMENT, &there)
        }
        Place::PrincipalKind => members(elements::PRINCIPALS, &[]),
        Place::Version => ["2012-10-17", "2008-10-17"].map(|text| value(text, "")).to_vec(),
        Place::Effect => ["Allow", "Deny"].map(|text| value(text, "")).to_vec(),
        Place::Action => names::actions(&spot.text, catalogue),
        Place::Resource => {
            let mut items = names::resources(&actions, catalogue);
            items.extend(names::variables(catalogue));
            items
        }
        Place::Operator => names::operators(),
        Place::Key { operator: name } => {
            let family = operator::read(name).map(|test| test.operator.family());
            let then = ": \"$2\"".to_owned();
            names::keys(&actions, family, catalogue)
                .into_iter()
                .map(|item| Item { then: then.clone(), ..item })
                .collect()
        }
        Place::Value { operator: name, key } => {
            names::values(key, operator::read(name).map(|test| test.operator.family()), catalogue)
        }
        Place::Principal { kind } if ["", "AWS"].contains(&kind.as_str()) => {
            let account = "arn:aws:iam::${1:123456789012}:${2:root}";
            vec![value("*", "anyone"), Item::snippet("arn:aws:iam::ACCOUNT:root", account, "an account, user or role")]
        }
        Place::WholeStatement => vec![whole_statement()],
        Place::Principal { .. } | Place::Statement => Vec::new(),
    }
}

/// The entries of the statement's Action; of a NotAction none, since the rest of the world is at hand.
fn actions_at_hand<'a>(statement: Option<&Statement<'a>>) -> Vec<&'a str> {
    let list = statement.and_then(|statement| statement.action?.value);
    list.map(|list| list.entries.iter().map(|entry| entry.text).collect()).unwrap_or_default()
}

fn value(text: &str, detail: &str) -> Item {
    Item::plain(CompletionItemKind::VALUE, text, detail).rank(1)
}

fn members(elements: &[elements::Element], there: &[&str]) -> Vec<Item> {
    let missing = elements.iter().filter(|element| !there.contains(&element.name));
    let member = |element: &elements::Element| {
        let item = Item::plain(CompletionItemKind::PROPERTY, element.name, "").meaning(element.meaning);
        Item { then: format!(": {}", element.value), ..item.rank(1) }
    };
    missing.map(member).collect()
}

/// A statement to begin with.
fn whole_statement() -> Item {
    let text = "{\n\t\"Effect\": \"${1|Allow,Deny|}\",\n\t\"Action\": \"$2\",\n\t\"Resource\": \"${3:*}\"\n}";
    Item::snippet("statement", text, "a statement to fill in")
}

/// A policy to begin with.
fn template() -> Item {
    let statement = elements::POLICY.iter().find(|element| element.name == "Statement").map_or("[]", |it| it.value);
    let statement = statement.replace('\n', "\n\t");
    let text = format!("{{\n\t\"Version\": \"2012-10-17\",\n\t\"Statement\": {statement}\n}}\n");
    Item::snippet("IAM policy", text, "a policy of one statement")
}
