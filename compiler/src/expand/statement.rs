//! A statement of the language to the tree that JSON has.

use std::collections::HashMap;

use bumpalo::Bump;

use super::Files;
use super::meaning::Position;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::{SourceId, Span};
use crate::syntax::ast::{self, Element, ElementName, List, Metadata, Text};
use crate::syntax::dsl::tree::{ClauseKind, Entry, Item, Selection, Statement};

/// The metadata that says how JSON orders the members, for exact conversions.
pub const ORDER_METADATA: &str = "json";

impl<'s> Files<'s> {
    pub(super) fn statement<'a>(
        &mut self,
        source: SourceId,
        item: &Item<'s>,
        statement: &Statement<'s>,
        arena: &'a Bump,
    ) -> ast::Statement<'a>
    where
        's: 'a,
    {
        let mut order = ElementName::STATEMENT;
        let mut metadata: Vec<Metadata<'a>> = Vec::new();
        let mut first_order: Option<Span> = None;
        for note in statement.metadata {
            if note.name.text != ORDER_METADATA {
                metadata.push(*note);
            } else if let Some(first) = first_order {
                let message = format!("a second `@{ORDER_METADATA}(…)`");
                let fault = Diagnostic::new(Code::E_DUPKEY, note.name.span, super::RULE, message);
                self.report(fault.related(first, "the first is here"));
            } else {
                first_order = Some(note.name.span);
                order = self.order(note.values.iter().copied(), ElementName::STATEMENT, arena);
            }
        }
        let mut tree = ast::Statement {
            span: item.span,
            sid: self.sid(statement),
            effect: Some(Element { name: statement.effect.span, value: Some(effect(&statement.effect)) }),
            order,
            doc: item.doc,
            metadata: arena.alloc_slice_copy(&metadata),
            ..ast::Statement::default()
        };
        let value = self.selection(source, &statement.actions, Position::Action, arena);
        match statement.actions.except {
            None => tree.action = Some(Element { name: statement.effect.span, value }),
            Some((_, except)) => tree.not_action = Some(Element { name: except, value }),
        }
        if let Some((from, principals)) = &statement.principals {
            let value = self.principals(source, principals, arena);
            match principals.except {
                None => tree.principal = Some(Element { name: *from, value }),
                Some((_, except)) => tree.not_principal = Some(Element { name: except, value }),
            }
        }
        if let Some((on, resources)) = &statement.resources {
            let value = self.selection(source, resources, Position::Resource, arena);
            match resources.except {
                None => tree.resource = Some(Element { name: *on, value }),
                Some((_, except)) => tree.not_resource = Some(Element { name: except, value }),
            }
        }
        if let Some((name, clauses)) = &statement.condition {
            let is_empty = |kind: &ClauseKind<'_>| matches!(kind, ClauseKind::Empty);
            if clauses.len() > 1
                && let Some(odd) = clauses.iter().find(|clause| is_empty(&clause.kind))
            {
                self.error(Code::E_SYNTAX, odd.span, "`{}` beside other conditions").help =
                    Some("remove it".to_owned());
            }
            let compared = self.compared(source, clauses, 0, arena);
            let blocks = self.gather(&compared, arena);
            tree.condition = Some(Element { name: *name, value: Some(blocks) });
        }
        tree
    }

    /// The list of a position; `None` where an error of it is told already, so that it is not also called empty.
    fn selection<'a>(
        &mut self,
        source: SourceId,
        selection: &Selection<'s>,
        position: Position,
        arena: &'a Bump,
    ) -> Option<List<'a>>
    where
        's: 'a,
    {
        let count = self.diagnostics.len();
        if let Some((all, _)) = &selection.except {
            let (text, is_plain) = match all {
                Entry::Bare(bare) => (Text { span: bare.span, ..bare.head }, bare.groups.is_empty()),
                Entry::Quoted(text) => (*text, true),
                Entry::Typed(_, text) | Entry::Json(text) => (*text, false),
            };
            if text.text != "*" || !is_plain {
                self.not_all(&text);
            }
        }
        let list = self.list(source, &selection.entries, position, arena);
        Some(list).filter(|_| self.diagnostics.len() == count)
    }

    fn sid(&mut self, statement: &Statement<'s>) -> Option<Element<Text<'s>>> {
        if let [first, second, ..] = statement.sids {
            let message = format!("a second Sid, `{}`", shown(second.text));
            let fault =
                Diagnostic::new(Code::E_SID, second.span, "SID-1", message).related(first.span, "the first is here");
            self.report(fault.help("metadata has parentheses, as in `@owner(\"team\")`"));
        }
        let sid = statement.sids.first()?;
        Some(Element { name: Span { end: sid.span.start + 1, ..sid.span }, value: Some(*sid) })
    }

    /// An order of members, of which those that are not named come behind.
    pub(super) fn order<'a>(
        &mut self,
        names: impl Iterator<Item = Text<'s>>,
        known: &[ElementName],
        arena: &'a Bump,
    ) -> &'a [ElementName] {
        let mut order = Vec::new();
        let mut first: HashMap<&str, Span> = HashMap::new();
        for name in names {
            match known.iter().find(|known| known.name() == name.text) {
                Some(_) if first.contains_key(name.text) => {
                    let message = format!("`{}` stands twice in the order", name.text);
                    let fault = Diagnostic::new(Code::E_DUPKEY, name.span, super::RULE, message);
                    self.report(fault.related(first[name.text], "first here"));
                }
                Some(known) => {
                    first.insert(name.text, name.span);
                    order.push(*known);
                }
                None => {
                    let near = nearest(name.text, known.iter().map(|known| known.name()));
                    let fault =
                        self.error(Code::E_ELEMENT, name.span, format!("unknown element `{}`", shown(name.text)));
                    fault.help = near.map(|near| format!("did you mean `{near}`?"));
                }
            }
        }
        order.extend(known.iter().filter(|name| !order.contains(name)).copied().collect::<Vec<_>>());
        arena.alloc_slice_copy(&order)
    }
}

fn effect<'a>(word: &Text<'a>) -> Text<'a> {
    Text { text: if word.text == "allow" { "Allow" } else { "Deny" }, ..*word }
}
