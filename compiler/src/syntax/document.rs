//! A JSON value to the tree of a policy: names, types, repeated members and lengths; nothing of what they mean.
//!
//! Every fault is reported and what is good is kept, so that resolve can report the rest.

use bumpalo::Bump;
use bumpalo::collections::Vec as ArenaVec;

use super::ast::{
    Element, ElementName, KeyBlock, List, OperatorBlock, Policy, Principals, Scalar, ScalarKind, Statement, Text,
};
use super::json::{Kind, Member, Value};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};

mod members;

const POLICY_MEMBERS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_MEMBERS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// Reads a document's tree; `None` where it is no object (GRM-1). Diagnostics come in no particular order.
pub fn read<'a>(value: &Value<'a>, arena: &'a Bump, diagnostics: &mut Vec<Diagnostic>) -> Option<Policy<'a>> {
    let mut reader = Reader { arena, diagnostics };
    members::check_tree(value, reader.diagnostics);
    let Kind::Object(members) = value.kind else {
        let message = format!("the document is {}", value.kind.name());
        reader.diagnostics.push(Diagnostic::new(Code::E_JSON, value.span, "GRM-1", message).expected("an object"));
        return None;
    };
    Some(reader.policy(value, members))
}

struct Reader<'a, 'r> {
    arena: &'a Bump,
    diagnostics: &'r mut Vec<Diagnostic>,
}

/// Sets an element; of a repeated one, which is reported elsewhere, the first counts.
fn set<T>(element: &mut Option<Element<T>>, member: &Member<'_>, value: Option<T>) {
    element.get_or_insert(Element { name: member.name_span, value });
}

fn text<'a>(member: &Member<'a>) -> Text<'a> {
    Text { span: member.name_span, text: member.name }
}

impl<'a> Reader<'a, '_> {
    fn policy(&mut self, value: &Value<'a>, members: &'a [Member<'a>]) -> Policy<'a> {
        let order = self.order(members, ElementName::POLICY);
        let mut policy =
            Policy { span: value.span, version: None, id: None, statements: None, is_array: true, order, unused: &[] };
        for member in members {
            match member.name {
                // GRM-11: a Version of any other type is as wrong as one of another date.
                "Version" => set(&mut policy.version, member, self.string(member, Code::E_VERSION, "GRM-11")),
                "Id" => set(&mut policy.id, member, self.string(member, Code::E_TYPE, "GRM-12")),
                "Statement" => {
                    policy.is_array = !matches!(member.value.kind, Kind::Object(_));
                    set(&mut policy.statements, member, self.statements(&member.value));
                }
                _ => self.unknown(member, "policy", &POLICY_MEMBERS),
            }
        }
        policy
    }

    /// GRM-13: an object is an array of one.
    fn statements(&mut self, value: &Value<'a>) -> Option<&'a [Statement<'a>]> {
        let elements = match &value.kind {
            Kind::Object(_) => std::slice::from_ref(value),
            Kind::Array(elements) => elements,
            kind => {
                let message = format!("`Statement` is {}", kind.name());
                self.report(Code::E_TYPE, value, "GRM-13", message, "an object or an array of objects");
                return None;
            }
        };
        let mut statements = ArenaVec::with_capacity_in(elements.len(), self.arena);
        for element in elements {
            match element.kind {
                Kind::Object(members) => statements.push(self.statement(element, members)),
                kind => {
                    let message = format!("a statement is {}", kind.name());
                    self.report(Code::E_TYPE, element, "GRM-13", message, "an object");
                }
            }
        }
        Some(statements.into_bump_slice())
    }

    fn statement(&mut self, value: &Value<'a>, members: &'a [Member<'a>]) -> Statement<'a> {
        let order = self.order(members, ElementName::STATEMENT);
        let mut statement = Statement { span: value.span, order, ..Statement::default() };
        let it = &mut statement;
        for member in members {
            match member.name {
                "Sid" => set(&mut it.sid, member, self.string(member, Code::E_TYPE, "SID-1")),
                "Effect" => set(&mut it.effect, member, self.string(member, Code::E_EFFECT, "GRM-21")),
                "Principal" => set(&mut it.principal, member, self.principals(member)),
                "NotPrincipal" => set(&mut it.not_principal, member, self.principals(member)),
                "Action" => set(&mut it.action, member, self.list(member)),
                "NotAction" => set(&mut it.not_action, member, self.list(member)),
                "Resource" => set(&mut it.resource, member, self.list(member)),
                "NotResource" => set(&mut it.not_resource, member, self.list(member)),
                "Condition" => set(&mut it.condition, member, self.condition(member)),
                _ => self.unknown(member, "statement", &STATEMENT_MEMBERS),
            }
        }
        statement
    }

    /// The names of members, as far as they are among these.
    fn order(&self, members: &[Member<'a>], names: &[ElementName]) -> &'a [ElementName] {
        let mut order = ArenaVec::with_capacity_in(members.len().min(names.len()), self.arena);
        for member in members {
            let name = names.iter().copied().find(|name| name.name() == member.name);
            order.extend(name.filter(|name| !order.contains(name)));
        }
        order.into_bump_slice()
    }

    /// GRM-4.
    fn unknown(&mut self, member: &Member<'a>, place: &str, names: &[&'static str]) {
        let message = format!("unknown element `{}` in a {place}", shown(member.name));
        let diagnostic = Diagnostic::new(Code::E_ELEMENT, member.name_span, "GRM-4", message);
        let near = nearest(member.name, names.iter().copied());
        self.diagnostics.push(diagnostic.expected(format!("one of {}", names.join(", "))).did_you_mean(near));
    }

    fn string(&mut self, member: &Member<'a>, code: Code, rule: &'static str) -> Option<Text<'a>> {
        if let Kind::String(text) = member.value.kind {
            return Some(Text { span: member.value.span, text });
        }
        let message = format!("`{}` is {}", member.name, member.value.kind.name());
        let expected = match code {
            Code::E_VERSION => "`2012-10-17` or `2008-10-17`",
            Code::E_EFFECT => "`Allow` or `Deny`",
            _ => "a string",
        };
        self.report(code, &member.value, rule, message, expected);
        None
    }

    /// GRM-24: one string means a list of one.
    fn list(&mut self, member: &Member<'a>) -> Option<List<'a>> {
        let value = &member.value;
        let values = match &value.kind {
            Kind::String(text) => {
                let entries = self.arena.alloc_slice_copy(&[Text { span: value.span, text }]);
                return Some(List { span: value.span, is_array: false, entries });
            }
            Kind::Array(values) => *values,
            kind => {
                let message = format!("`{}` is {}", shown(member.name), kind.name());
                self.report(Code::E_TYPE, value, "GRM-24", message, "a string or an array of strings");
                return None;
            }
        };
        let mut entries = ArenaVec::with_capacity_in(values.len(), self.arena);
        for entry in values {
            match entry.kind {
                Kind::String(text) => entries.push(Text { span: entry.span, text }),
                kind => {
                    let message = format!("an entry of `{}` is {}", shown(member.name), kind.name());
                    self.report(Code::E_TYPE, entry, "GRM-24", message, "a string");
                }
            }
        }
        Some(List { span: value.span, is_array: true, entries: entries.into_bump_slice() })
    }

    /// PRN-2; that a map has only known members is for resolve to say.
    fn principals(&mut self, member: &Member<'a>) -> Option<Principals<'a>> {
        let span = member.value.span;
        match member.value.kind {
            Kind::String(text) => Some(Principals::Text(Text { span, text })),
            Kind::Object(members) => {
                let kinds = members.iter().map(|kind| (text(kind), self.list(kind)));
                let kinds: Vec<_> = kinds.collect();
                Some(Principals::Map { span, members: self.arena.alloc_slice_copy(&kinds) })
            }
            kind => {
                let message = format!("`{}` is {}", member.name, kind.name());
                self.report(Code::E_PRINCIPAL, &member.value, "PRN-2", message, "`\"*\"` or an object");
                None
            }
        }
    }

    /// GRM-27, GRM-3.
    fn condition(&mut self, member: &Member<'a>) -> Option<&'a [OperatorBlock<'a>]> {
        let operators = self.object(&member.value, "Condition")?;
        members::check_letter_case(operators, "operators", self.diagnostics);
        let mut blocks = ArenaVec::with_capacity_in(operators.len(), self.arena);
        for operator in operators {
            // Of a key that stands where an operator should, its value is not what is wrong.
            let is_key = operator.name.contains(':') && !operator.name.starts_with("For");
            let is_object = matches!(operator.value.kind, Kind::Object(_));
            let keys = match is_key && !is_object {
                true => &[],
                false => self.object(&operator.value, operator.name).unwrap_or_default(),
            };
            members::check_letter_case(keys, "keys", self.diagnostics);
            let mut key_blocks = ArenaVec::with_capacity_in(keys.len(), self.arena);
            for key in keys {
                let values = self.scalars(key);
                let is_array = matches!(key.value.kind, Kind::Array(_));
                key_blocks.push(KeyBlock { key: text(key), span: key.value.span, is_array, values });
            }
            blocks.push(OperatorBlock { operator: text(operator), keys: key_blocks.into_bump_slice() });
        }
        Some(blocks.into_bump_slice())
    }

    fn object(&mut self, value: &Value<'a>, name: &str) -> Option<&'a [Member<'a>]> {
        if let Kind::Object(members) = value.kind {
            return Some(members);
        }
        let message = format!("`{}` is {}", shown(name), value.kind.name());
        self.report(Code::E_TYPE, value, "GRM-27", message, "an object");
        None
    }

    fn scalars(&mut self, member: &Member<'a>) -> &'a [Scalar<'a>] {
        let values = match &member.value.kind {
            Kind::Array(values) => *values,
            _ => std::slice::from_ref(&member.value),
        };
        let mut scalars = ArenaVec::with_capacity_in(values.len(), self.arena);
        for value in values {
            let (text, kind) = match value.kind {
                Kind::String(text) => (text, ScalarKind::String),
                Kind::Number(digits) => (digits, ScalarKind::Number),
                Kind::Bool(true) => ("true", ScalarKind::Bool),
                Kind::Bool(false) => ("false", ScalarKind::Bool),
                kind => {
                    let message = format!("a value of `{}` is {}", shown(member.name), kind.name());
                    self.report(Code::E_TYPE, value, "GRM-27", message, "a string, a number or a boolean");
                    continue;
                }
            };
            scalars.push(Scalar { text: Text { span: value.span, text }, kind });
        }
        scalars.into_bump_slice()
    }

    fn report(&mut self, code: Code, value: &Value<'a>, rule: &'static str, message: String, expected: &str) {
        self.diagnostics.push(Diagnostic::new(code, value.span, rule, message).expected(expected));
    }
}
