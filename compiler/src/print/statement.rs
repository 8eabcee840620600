//! A statement as the parts of its line.

use super::layout::{Part, Statement, Word, joined, kept, with_commas};
use super::spelling::{self, string};
use super::{Printer, group};
use crate::syntax::ast::{self, Element, ElementName, List, Metadata, PRINCIPAL_KINDS, Principals};

impl Printer {
    /// The parts of a statement; `None` where something is missing or cannot be written.
    pub(super) fn statement(&self, it: &ast::Statement<'_>) -> Option<Statement> {
        let mut lines: Vec<String> = it.doc.iter().map(|line| doc_line(line.text)).collect();
        lines.extend(it.metadata.iter().map(metadata));
        lines.extend(self.member_order(it));
        let mut parts = vec![self.head(it)?];
        if let Some(principals) = one_of(it.principal, it.not_principal)? {
            parts.push(self.principals(principals)?);
        }
        if let Some((list, is_negated)) = one_of(it.resource, it.not_resource)? {
            parts.push(self.resources(if is_negated { "on * except" } else { "on" }, &list));
        }
        let clauses = match it.condition {
            None => Vec::new(),
            Some(condition) => joined(self.clauses(condition.value?)?),
        };
        Some(Statement { lines, parts, clauses })
    }

    /// `@Sid allow ACTIONS`.
    fn head(&self, it: &ast::Statement<'_>) -> Option<Part> {
        let sid = match it.sid {
            None => String::new(),
            Some(sid) => match sid.value?.text {
                "" if !self.is_exact() => String::new(),
                sid => format!("@{} ", spelling::sid(sid)),
            },
        };
        let effect = match it.effect?.value?.text {
            "Allow" => "allow",
            "Deny" => "deny",
            _ => return None,
        };
        let (actions, is_negated) = one_of(it.action, it.not_action)??;
        let texts: Vec<&str> = actions.entries.iter().map(|entry| entry.text).collect();
        let words = group::actions(&texts, spelling::action).words;
        let lead = format!("{sid}{effect}{}", if is_negated { " * except" } else { "" });
        Some(self.listed(lead, words, &actions))
    }

    fn resources(&self, lead: &str, list: &List<'_>) -> Part {
        let texts: Vec<&str> = list.entries.iter().map(|entry| entry.text).collect();
        let words = group::arns(&texts, spelling::is_bare_arn, spelling::resource).words;
        self.listed(lead.to_owned(), words, list)
    }

    /// A lead and the words of a list, which have their commas. It has brackets where it is empty, or an array of one whose shape is kept.
    fn listed(&self, lead: String, mut words: Vec<Word>, list: &List<'_>) -> Part {
        match words.as_mut_slice() {
            [] => words.push(Word::from("[]".to_owned())),
            [word] if self.is_exact() && list.is_array => word.text = format!("[{}]", word.text),
            _ => {}
        }
        Part { lead: Word::from(lead), words, opens: false }
    }

    fn principals(&self, (principals, is_negated): (Principals<'_>, bool)) -> Option<Part> {
        let lead = Word::from(if is_negated { "from * except" } else { "from" }.to_owned());
        let words = match principals {
            Principals::Text(text) if text.text == "*" => vec![Word::from("*".to_owned())],
            Principals::Text(_) | Principals::Map { members: [], .. } => return None,
            Principals::Map { members, .. } => {
                let mut words = Vec::new();
                for (index, (kind, list)) in members.iter().enumerate() {
                    let mut kind = self.principals_of(kind.text, list.as_ref()?)?;
                    if let Some(last) = kind.last_mut().filter(|_| index + 1 < members.len()) {
                        last.text.push(',');
                    }
                    words.append(&mut kind);
                }
                words
            }
        };
        Some(Part { lead, words, opens: false })
    }

    /// `aws(…)` and its kin.
    fn principals_of(&self, kind: &str, list: &List<'_>) -> Option<Vec<Word>> {
        let (name, _) = PRINCIPAL_KINDS.iter().find(|(_, json)| *json == kind)?;
        let entries = list.entries.iter().map(|entry| Word::from(spelling::principal(entry.text))).collect();
        let mut words = with_commas(entries);
        let brackets = if self.is_exact() && list.is_array && words.len() == 1 { ("[", "]") } else { ("", "") };
        match words.as_mut_slice() {
            [] => words.push(Word::from(format!("{name}()"))),
            [first, ..] => first.text.insert_str(0, &format!("{name}({}", brackets.0)),
        }
        if let Some(last) = words.last_mut().filter(|_| !list.entries.is_empty()) {
            last.text.push_str(&format!("{})", brackets.1));
        }
        Some(kept(words))
    }

    /// `@json("Action", "Effect")`, where the exact shape has members in another order than the default one.
    fn member_order(&self, it: &ast::Statement<'_>) -> Option<String> {
        let order = present(it.order, |name| has(it, name));
        let is_default = order == present(ElementName::STATEMENT, |name| has(it, name));
        let names: Vec<String> = order.iter().map(|name| string(name.name())).collect();
        (self.is_exact() && !is_default).then(|| format!("@json({})", names.join(", ")))
    }
}

/// A line of a doc comment.
pub(super) fn doc_line(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { "##".to_owned() } else { format!("## {text}") }
}

fn metadata(it: &Metadata<'_>) -> String {
    let values: Vec<String> = it.values.iter().map(|value| string(value.text)).collect();
    format!("@{}({})", it.name.text, values.join(", "))
}

/// The one of a pair that is there, and whether it is the negated one: `None` where both are, or its value is wrong.
fn one_of<T>(plain: Option<Element<T>>, negated: Option<Element<T>>) -> Option<Option<(T, bool)>> {
    match (plain, negated) {
        (None, None) => Some(None),
        (Some(element), None) => Some(Some((element.value?, false))),
        (None, Some(element)) => Some(Some((element.value?, true))),
        (Some(_), Some(_)) => None,
    }
}

/// The names that are there, in their order.
pub(super) fn present(names: &[ElementName], is_there: impl Fn(ElementName) -> bool) -> Vec<ElementName> {
    names.iter().copied().filter(|name| is_there(*name)).collect()
}

/// Whether a statement has an element.
pub(super) fn has(it: &ast::Statement<'_>, name: ElementName) -> bool {
    match name {
        ElementName::Sid => it.sid.is_some(),
        ElementName::Effect => it.effect.is_some(),
        ElementName::Principal => it.principal.is_some(),
        ElementName::NotPrincipal => it.not_principal.is_some(),
        ElementName::Action => it.action.is_some(),
        ElementName::NotAction => it.not_action.is_some(),
        ElementName::Resource => it.resource.is_some(),
        ElementName::NotResource => it.not_resource.is_some(),
        ElementName::Condition => it.condition.is_some(),
        ElementName::Version | ElementName::Id | ElementName::Statement => false,
    }
}
