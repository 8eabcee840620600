//! A policy as JSON.

use dictum_vm::value::number::Number;

use super::Shape;
use super::policy::has as policy_has;
use super::statement::{has as statement_has, present};
use crate::resolve::operator;
use crate::syntax::ast::{
    Element, ElementName, KeyBlock, List, OperatorBlock, Policy, Principals, Scalar, ScalarKind, Statement, Text,
};

/// How much white space there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Two blanks a level, a member or entry a line.
    Pretty,
    /// None.
    Minified,
}

/// A policy as JSON text, without a line end behind it; `None` where the tree has an error. O(bytes).
pub fn json(policy: &Policy<'_>, shape: Shape, spacing: Spacing) -> Option<String> {
    let mut writer = Writer { out: String::new(), depth: 0, is_first: true, is_exact: shape == Shape::Exact, spacing };
    writer.policy(policy)?;
    Some(writer.out)
}

struct Writer {
    out: String,
    depth: usize,
    /// Whether nothing stands yet in the array or object that is being written.
    is_first: bool,
    is_exact: bool,
    spacing: Spacing,
}

impl Writer {
    fn policy(&mut self, policy: &Policy<'_>) -> Option<()> {
        let names = self.names(policy.order, ElementName::POLICY, |name| policy_has(policy, name));
        self.object(|it| {
            names.into_iter().try_for_each(|name| {
                it.name(name.name());
                match name {
                    ElementName::Version => it.text(policy.version),
                    ElementName::Id => it.text(policy.id),
                    _ => {
                        let statements = policy.statements?.value?;
                        let is_array = if it.is_exact { policy.is_array } else { statements.len() != 1 };
                        it.list(statements, is_array, Writer::statement)
                    }
                }
            })
        })
    }

    fn statement(&mut self, statement: &Statement<'_>) -> Option<()> {
        let is_there = |name| {
            let is_void = match name {
                ElementName::Sid => statement.sid.is_some_and(|sid| sid.value.is_some_and(|sid| sid.text.is_empty())),
                ElementName::Condition => statement
                    .condition
                    .is_some_and(|it| it.value.is_some_and(|blocks| blocks.iter().all(|block| block.keys.is_empty()))),
                _ => false,
            };
            statement_has(statement, name) && (self.is_exact || !is_void)
        };
        let names = self.names(statement.order, ElementName::STATEMENT, is_there);
        self.object(|it| {
            names.into_iter().try_for_each(|name| {
                it.name(name.name());
                match name {
                    ElementName::Sid => it.text(statement.sid),
                    ElementName::Effect => it.text(statement.effect),
                    ElementName::Principal => it.principals(statement.principal?.value?),
                    ElementName::NotPrincipal => it.principals(statement.not_principal?.value?),
                    ElementName::Action => it.texts(&statement.action?.value?),
                    ElementName::NotAction => it.texts(&statement.not_action?.value?),
                    ElementName::Resource => it.texts(&statement.resource?.value?),
                    ElementName::NotResource => it.texts(&statement.not_resource?.value?),
                    _ => it.condition(statement.condition?.value?),
                }
            })
        })
    }

    /// The members that are there: those whose order is known in that order, then the others.
    fn names(
        &self,
        order: &[ElementName],
        default: &[ElementName],
        is_there: impl Fn(ElementName) -> bool,
    ) -> Vec<ElementName> {
        let mut names = if self.is_exact { present(order, &is_there) } else { Vec::new() };
        let others = present(default, |name| is_there(name) && !names.contains(&name));
        names.extend(others);
        names
    }

    fn principals(&mut self, principals: Principals<'_>) -> Option<()> {
        match principals {
            Principals::Text(text) => self.string(text.text),
            Principals::Map { members, .. } => self.object(|it| {
                members.iter().try_for_each(|(kind, list)| {
                    it.name(kind.text);
                    it.texts(list.as_ref()?)
                })
            }),
        }
    }

    fn condition(&mut self, blocks: &[OperatorBlock<'_>]) -> Option<()> {
        self.object(|it| {
            for block in blocks.iter().filter(|block| it.is_exact || !block.keys.is_empty()).collect::<Vec<_>>() {
                match operator::test(&block.operator) {
                    Ok(test) if !it.is_exact => it.name(&test.to_string()),
                    _ => it.name(block.operator.text),
                }
                it.object(|it| block.keys.iter().try_for_each(|key| it.key(key)))?;
            }
            Some(())
        })
    }

    fn key(&mut self, key: &KeyBlock<'_>) -> Option<()> {
        self.name(key.key.text);
        let is_array = if self.is_exact { key.is_array } else { key.values.len() != 1 };
        self.list(key.values, is_array, Writer::scalar)
    }

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Option<()> {
        let text = scalar.text.text;
        match scalar.kind {
            ScalarKind::Number if !self.is_exact => match Number::from_json(text) {
                Ok(number) => self.string(number.as_str()),
                Err(_) => self.string(text),
            },
            ScalarKind::Number | ScalarKind::Bool if self.is_exact => {
                self.out.push_str(text);
                Some(())
            }
            _ => self.string(text),
        }
    }

    fn texts(&mut self, list: &List<'_>) -> Option<()> {
        let is_array = if self.is_exact { list.is_array } else { list.entries.len() != 1 };
        self.list(list.entries, is_array, |it, text| it.string(text.text))
    }

    fn text(&mut self, element: Option<Element<Text<'_>>>) -> Option<()> {
        self.string(element?.value?.text)
    }

    /// An array, or the one entry itself.
    fn list<T>(&mut self, entries: &[T], is_array: bool, each: impl Fn(&mut Writer, &T) -> Option<()>) -> Option<()> {
        match (entries, is_array) {
            ([entry], false) => each(self, entry),
            _ => self.bracketed('[', ']', |it| {
                entries.iter().try_for_each(|entry| {
                    it.next();
                    each(it, entry)
                })
            }),
        }
    }

    fn object(&mut self, members: impl FnOnce(&mut Writer) -> Option<()>) -> Option<()> {
        self.bracketed('{', '}', members)
    }

    fn bracketed(&mut self, open: char, close: char, inside: impl FnOnce(&mut Writer) -> Option<()>) -> Option<()> {
        self.out.push(open);
        self.depth += 1;
        self.is_first = true;
        inside(self)?;
        self.depth -= 1;
        if !self.is_first {
            self.line();
        }
        self.is_first = false;
        self.out.push(close);
        Some(())
    }

    /// Begins the next member or entry.
    fn next(&mut self) {
        if !self.is_first {
            self.out.push(',');
        }
        self.line();
        self.is_first = false;
    }

    fn name(&mut self, name: &str) {
        self.next();
        self.quoted(name);
        self.out.push_str(if self.spacing == Spacing::Pretty { ": " } else { ":" });
    }

    fn line(&mut self) {
        if self.spacing == Spacing::Pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }

    fn string(&mut self, text: &str) -> Option<()> {
        self.quoted(text);
        Some(())
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\0'..'\u{20}' => self.out.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => self.out.push(character),
            }
        }
        self.out.push('"');
    }
}
