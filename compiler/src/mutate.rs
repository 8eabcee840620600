//! A policy with one thing changed: what a good test of it should notice.
//!
//! A mutation is found in a tree, whatever that was read from, and makes another tree of it. Whether that one is a policy
//! still is for resolving to say: a mutant may break a rule of its type.

mod clause;
mod list;

use bumpalo::Bump;

use crate::source::Span;
use crate::syntax::ast::{Policy, Statement, Text};
use clause::ClauseChange;
use list::{ElementKind, ListChange};

/// One change of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// Which statement.
    pub statement: usize,
    /// What of the source is changed.
    pub span: Span,
    /// What is changed, in words: ``action `s3:Get*` dropped``.
    pub what: String,
    change: Change,
}

/// The kinds of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    DropStatement,
    FlipEffect,
    List(ElementKind, ListChange),
    Clause { block: usize, key: usize, change: ClauseChange },
}

/// Every mutation of a policy, in document order. O(entries).
///
/// Of each statement: it is dropped; its effect flips; an entry of Action, Resource, Principal or their negations is
/// dropped, where others stay or none is a wildcard; one of the positive elements becomes `*`; a condition is dropped,
/// negated, loses its `IfExists`, or has its set qualifier replaced by the other.
pub fn mutations(policy: &Policy<'_>) -> Vec<Mutation> {
    let mut found = Vec::new();
    let statements = policy.statements.and_then(|element| element.value).unwrap_or_default();
    for (index, statement) in statements.iter().enumerate() {
        let mut add = |span: Span, what: String, change: Change| {
            found.push(Mutation { statement: index, span, what, change });
        };
        add(statement.span, "statement dropped".to_owned(), Change::DropStatement);
        if let Some(effect) = statement.effect.and_then(|element| element.value) {
            let (from, to) = if effect.text == "Deny" { ("deny", "allow") } else { ("allow", "deny") };
            add(effect.span, format!("`{from}` made `{to}`"), Change::FlipEffect);
        }
        for (kind, span, what, change) in list::changes(statement) {
            add(span, what, Change::List(kind, change));
        }
        for (block, key, span, what, change) in clause::changes(statement) {
            add(span, what, Change::Clause { block, key, change });
        }
    }
    found
}

impl Mutation {
    /// The statement that the policy lacks with this change, so that those behind it have other numbers.
    pub fn dropped(&self) -> Option<usize> {
        Some(self.statement).filter(|_| self.change == Change::DropStatement)
    }

    /// The policy with this change, which must be one of its own [`mutations`]; of another policy, the policy itself.
    pub fn apply<'a>(&self, policy: &Policy<'a>, arena: &'a Bump) -> Policy<'a> {
        let Some(mut element) = policy.statements else { return *policy };
        let statements = element.value.unwrap_or_default();
        let changed = statements.iter().enumerate().filter_map(|(index, statement)| match &self.change {
            _ if index != self.statement => Some(*statement),
            Change::DropStatement => None,
            Change::FlipEffect => Some(flipped(statement)),
            Change::List(kind, change) => Some(list::apply(statement, *kind, *change, arena)),
            Change::Clause { block, key, change } => Some(clause::apply(statement, *block, *key, change, arena)),
        });
        let changed: Vec<Statement<'a>> = changed.collect();
        element.value = Some(arena.alloc_slice_copy(&changed));
        Policy { statements: Some(element), is_array: policy.is_array || changed.is_empty(), ..*policy }
    }
}

fn flipped<'a>(statement: &Statement<'a>) -> Statement<'a> {
    let mut effect = statement.effect;
    if let Some(Text { text, .. }) = effect.as_mut().and_then(|element| element.value.as_mut()) {
        *text = if *text == "Deny" { "Allow" } else { "Deny" };
    }
    Statement { effect, ..*statement }
}

/// A list without one of its entries.
fn without<'a, T: Copy>(list: &[T], at: usize, arena: &'a Bump) -> &'a [T] {
    let kept: Vec<T> = list.iter().enumerate().filter(|&(index, _)| index != at).map(|(_, entry)| *entry).collect();
    arena.alloc_slice_copy(&kept)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::print::{Shape, Spacing, json};
    use crate::read::Reader;
    use crate::source::{PolicyType, Sources};

    const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "A", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"], "Service": "x.amazonaws.com"},
      "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::b/*",
      "Condition": {
        "StringEquals": {"aws:a": "x", "aws:b": ["y", "z"]},
        "ForAnyValue:StringNotLikeIfExists": {"aws:TagKeys": "t*"},
        "Bool": {"aws:c": "true"},
        "Null": {"aws:d": "false"},
        "DateLessThan": {"aws:e": "2026-01-01"},
        "BinaryEquals": {"aws:f": "QQ=="}
      }
    },
    {"Effect": "Deny", "Principal": "*", "NotAction": "iam:*", "NotResource": ["arn:aws:s3:::c", "arn:aws:s3:::d"]}
  ]
}"#;

    /// Every mutation with the place it is about, and what of the policy then is another.
    #[test]
    fn every_mutation_changes_one_thing() {
        let mut sources = Sources::new();
        let file = sources.add_file("p.json", POLICY);
        sources.add(PolicyType::Resource, "p", file, sources.whole(file));
        let arena = Bump::new();
        let document = sources.documents().next().unwrap();
        let (tree, found) = Reader::new(&sources, &arena).read(document, &arena);
        assert_eq!(found, []);
        let tree = tree.unwrap();
        let text = |tree: &Policy<'_>| json(tree, Shape::Normal, Spacing::Pretty).unwrap();
        let before = text(&tree);
        let mut out = String::new();
        for mutation in mutations(&tree) {
            let after = text(&mutation.apply(&tree, &arena));
            assert_ne!(before, after, "{mutation:?}");
            let place = sources.file(file).place(mutation.span.start);
            writeln!(out, "{}:{} {}", place.line, place.column, mutation.what).unwrap();
            // A statement dropped or moved is too long to show.
            let lines = |one: &str, other: &str, sign: char| {
                let gone = one
                    .lines()
                    .filter(|line| !other.lines().any(|it| it.trim_end_matches(',') == line.trim_end_matches(',')));
                gone.map(|line| format!("    {sign} {}\n", line.trim())).collect::<String>()
            };
            if mutation.change != Change::DropStatement {
                out += &lines(&before, &after, '-');
                out += &lines(&after, &before, '+');
            }
        }
        insta::assert_snapshot!(out);
    }
}
