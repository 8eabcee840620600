//! The policies of a file: its blocks, or the file itself.

use std::collections::HashMap;

use bumpalo::Bump;

use super::literal::LiteralFamily;
use super::meaning::is_name;
use super::{Files, blocks};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::guess::guess_tree;
use crate::source::{Document, PolicyType, SourceId, Sources, Span};
use crate::syntax::ast::{self, Element, ElementName, List, Principals, Statement, Text, VERSION};
use crate::syntax::dsl::tree::{self, Attribute, Entry, Item, ItemKind, Let, LetValue, PolicyBlock};

const ATTRIBUTES: [&str; 5] = ["version", "id", "type", "shape", "order"];

/// The policies of a file of the Dictum language, as [`Files::policies`] gives them.
pub fn policies_of(sources: &Sources, source: SourceId, name: &str, policy_type: Option<PolicyType>) -> Vec<Document> {
    let arena = Bump::new();
    Files::new(sources, &arena).policies(source, name, policy_type)
}

/// What is wrong with how the items of a file stand beside each other; of a file that could not be read throughout, only
/// what cannot be a consequence of that.
pub(super) fn layout_faults(items: &[Item<'_>], type_line: Option<&Text<'_>>, is_faulty: bool) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    if let Some(name) = type_line.filter(|name| PolicyType::from_name(name.text).is_none()) {
        faults.push(unknown_type(name));
    }
    let mut names: HashMap<&str, Span> = HashMap::new();
    for (_, block) in blocks(items) {
        if let Some(first) = names.get(block.name.text) {
            let message = format!("the policy name `{}` is taken", shown(block.name.text));
            let fault = Diagnostic::new(Code::E_NAME, block.name.span, super::RULE, message);
            faults.push(fault.related(*first, "it is taken here"));
        }
        if block.name.text.is_empty() {
            let fault = Diagnostic::new(Code::E_NAME, block.name.span, super::RULE, "a policy without a name");
            faults.push(fault.expected("a name, by which tests and messages call it"));
        }
        names.entry(block.name.text).or_insert(block.name.span);
        faults.extend(block.items.iter().filter_map(misplaced));
    }
    let Some((_, block)) = blocks(items).next() else { return faults };
    for item in items.iter().filter(|_| !is_faulty) {
        let ItemKind::Statement(statement) = item.kind else { continue };
        let span = statement.effect.span;
        let fault = Diagnostic::new(Code::E_SYNTAX, span, super::RULE, "a statement beside `policy` blocks");
        faults.push(fault.related(block.name.span, "a block is here").help("put it into a block"));
    }
    faults
}

/// An item that a block cannot hold.
fn misplaced(item: &Item<'_>) -> Option<Diagnostic> {
    let word = match item.kind {
        ItemKind::Statement(_) => return None,
        ItemKind::Let(_) => "let",
        ItemKind::Cond(_) => "cond",
        ItemKind::Use(_) => "use",
        ItemKind::Test(_) => "test",
        ItemKind::Policy(_) => "policy",
    };
    let span = Span { end: item.span.start + word.len() as u32, ..item.span };
    let message = format!("a `{word}` in a `policy` block");
    let fault = Diagnostic::new(Code::E_SYNTAX, span, super::RULE, message);
    Some(fault.help("a block holds statements only; whatever else stands beside it"))
}

fn unknown_type(name: &Text<'_>) -> Diagnostic {
    let message = format!("unknown policy type `{}`", shown(name.text));
    let names = PolicyType::ALL.map(PolicyType::name);
    Diagnostic::new(Code::E_POLICYTYPE, name.span, super::RULE, message)
        .expected(format!("one of `{}`", names.join("`, `")))
        .did_you_mean(nearest(name.text, names))
}

impl<'s> Files<'s> {
    /// The policies of a file: a document for each block, or one for the whole file, which goes by `name`; none of a library,
    /// which holds lets and conds only. A file that cannot be read counts as one policy, so that compiling it tells why. Types
    /// come from the caller, else from the file, else from what the statements hold (dsl.md).
    pub fn policies(&mut self, source: SourceId, name: &str, policy_type: Option<PolicyType>) -> Vec<Document> {
        let tree = self.tree(source);
        let line = tree.policy_type.and_then(|line| PolicyType::from_name(line.name.text));
        let mut found = Vec::new();
        for (item, block) in blocks(tree.items) {
            let given = block.attributes.iter().find(|attribute| attribute.name.text == "type");
            let given = given.and_then(|attribute| PolicyType::from_name(attribute.value.text));
            let policy_type = policy_type.or(given).or(line).unwrap_or_else(|| self.guess(source, Some(&block)));
            let range = item.span.start..item.span.end;
            found.push(Document { name: block.name.text.to_owned(), policy_type, source, range });
        }
        let has_statements = tree.items.iter().any(|item| matches!(item.kind, ItemKind::Statement(_)));
        let is_library = tree.items.iter().any(|item| !matches!(item.kind, ItemKind::Test(_)));
        if found.is_empty() && (has_statements || (!is_library && self.has_errors(source))) {
            let policy_type = policy_type.or(line).unwrap_or_else(|| self.guess(source, None));
            found.push(Document { name: name.to_owned(), policy_type, source, range: self.sources.whole(source) });
        }
        found
    }

    /// The type of a policy that comes without one.
    fn guess(&mut self, source: SourceId, block: Option<&PolicyBlock<'s>>) -> PolicyType {
        let items = block.map_or(self.tree(source).items, |block| block.items);
        let names_principals =
            |item: &Item<'_>| matches!(item.kind, ItemKind::Statement(it) if it.principals.is_some());
        if !items.iter().any(names_principals) {
            return PolicyType::Identity;
        }
        let scratch = Bump::new();
        let budget = |files: &Files<'_>| files.scopes.get(&source).map(|it| (it.expansions_left, it.group_bytes_left));
        let before = (self.entries_left, budget(self));
        let tree = self.expand(source, block, items, &scratch);
        // What it costs, and what is wrong with it, counts when the policy is read.
        self.diagnostics.clear();
        self.entries_left = before.0;
        if let (Some(scope), Some((expansions, bytes))) = (self.scopes.get_mut(&source), before.1) {
            (scope.expansions_left, scope.group_bytes_left) = (expansions, bytes);
        }
        guess_tree(&tree)
    }

    /// What the lets and conds of a library stand for, as statements for checking; and what is wrong with the file.
    pub(crate) fn library<'a>(&mut self, source: SourceId, arena: &'a Bump) -> (&'a [Statement<'a>], Vec<Diagnostic>)
    where
        's: 'a,
    {
        let mut found = self.faults(source);
        let statements = self.defined(source, |_| true, arena);
        found.append(&mut self.found());
        (statements, found)
    }

    /// What some lets and conds of a file stand for, each as a statement.
    pub(super) fn defined<'a>(
        &mut self,
        source: SourceId,
        is_wanted: impl Fn(&str) -> bool,
        arena: &'a Bump,
    ) -> &'a [Statement<'a>]
    where
        's: 'a,
    {
        let mut statements = Vec::new();
        for item in self.tree(source).items {
            let (name, clauses, terms) = match item.kind {
                ItemKind::Cond(cond) => (cond.name, cond.clauses, &[][..]),
                ItemKind::Let(Let { name, value: LetValue::Principals(terms) }) => (name, &[][..], terms),
                ItemKind::Let(item) => (item.name, &[][..], &[][..]),
                _ => continue,
            };
            if !is_wanted(name.text) {
                continue;
            }
            let name = Span { end: name.span.start, ..name.span };
            let (actions, resources) = self.named_patterns(source, item, arena);
            let list = |entries| Some(Element { name, value: Some(List { span: item.span, is_array: true, entries }) });
            let compared = self.compared(source, clauses, 0, arena);
            let principals = match terms {
                [] => Some(Principals::Text(Text { span: name, text: "*" })),
                terms => self.principals(source, &tree::Principals { except: None, terms }, arena),
            };
            statements.push(Statement {
                span: item.span,
                effect: Some(Element { name, value: Some(Text { span: name, text: "Deny" }) }),
                principal: Some(Element { name, value: principals }),
                action: list(actions),
                resource: list(resources),
                condition: Some(Element { name, value: Some(self.gather(&compared, arena)) }),
                ..Statement::default()
            });
        }
        arena.alloc_slice_copy(&statements)
    }

    /// Those entries of a let that can only be actions, and those that can only be resources.
    fn named_patterns<'a>(
        &mut self,
        source: SourceId,
        item: &Item<'s>,
        arena: &'a Bump,
    ) -> (&'a [Text<'a>], &'a [Text<'a>])
    where
        's: 'a,
    {
        let ItemKind::Let(Let { value: LetValue::Entries(entries), .. }) = item.kind else { return (&[], &[]) };
        let mut literals = Vec::new();
        for entry in entries.list {
            if matches!(entry, Entry::Bare(bare) if !is_name(bare.head.text) || !bare.groups.is_empty()) {
                self.literal(source, entry, arena, &mut literals);
            }
        }
        let of = |wanted: Option<LiteralFamily>| {
            let texts = literals.iter().map(|literal| literal.text);
            let texts: Vec<_> =
                texts.filter(|text| text.text != "*" && LiteralFamily::of_bare(text.text) == wanted).collect();
            &*arena.alloc_slice_copy(&texts)
        };
        (of(None), of(Some(LiteralFamily::Arn)))
    }

    /// The tree of a block, or of the whole file.
    pub(super) fn expand<'a>(
        &mut self,
        source: SourceId,
        block: Option<&PolicyBlock<'s>>,
        items: &[Item<'s>],
        arena: &'a Bump,
    ) -> ast::Policy<'a>
    where
        's: 'a,
    {
        let mut statements = Vec::new();
        for item in items {
            if let ItemKind::Statement(statement) = item.kind {
                statements.push(self.statement(source, item, statement, arena));
            }
        }
        let span = match block {
            Some(block) => block.body,
            None => {
                let first = statements.first().map_or(Span { source, ..Span::default() }, |it: &Statement<'_>| it.span);
                Span { end: statements.last().map_or(first.end, |it: &Statement<'_>| it.span.end), ..first }
            }
        };
        let start = Span { end: span.start, ..span };
        self.check_entries(statements.len(), start);
        let version = Some(Element { name: start, value: Some(Text { span: start, text: VERSION }) });
        let statements = arena.alloc_slice_copy(&statements);
        let statements = Some(Element { name: start, value: Some(&*statements) });
        let order = ElementName::POLICY;
        let mut policy = ast::Policy { span, version, id: None, statements, is_array: true, order, unused: &[] };
        if let Some(block) = block {
            self.attributes(block, &mut policy, arena);
        }
        policy
    }

    fn attributes<'a>(&mut self, block: &PolicyBlock<'s>, policy: &mut ast::Policy<'a>, arena: &'a Bump)
    where
        's: 'a,
    {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for attribute in block.attributes {
            let Attribute { name, value, is_quoted } = *attribute;
            if let Some(first) = seen.get(name.text) {
                let message = format!("`{}` is given twice", shown(name.text));
                let fault = Diagnostic::new(Code::E_DUPKEY, name.span, super::RULE, message);
                self.report(fault.related(*first, "here first"));
                continue;
            }
            seen.insert(name.text, name.span);
            let element = Some(Element { name: name.span, value: Some(value) });
            match name.text {
                "version" if !is_quoted && value.text == "none" => policy.version = None,
                "version" => policy.version = element,
                "id" => policy.id = element,
                "type" if PolicyType::from_name(value.text).is_some() => {}
                "type" => self.report(unknown_type(&value)),
                "shape" if value.text == "object" => {
                    policy.is_array = false;
                    let count = policy.statements.and_then(|it| it.value).map_or(0, <[_]>::len);
                    if count != 1 {
                        let fault = self.error(
                            Code::E_SYNTAX,
                            value.span,
                            format!("`shape=\"object\"` with {count} statements"),
                        );
                        fault.expected = Some("one statement".to_owned());
                    }
                }
                "shape" => {
                    self.error(Code::E_SYNTAX, value.span, format!("unknown shape `{}`", shown(value.text))).expected =
                        Some("`object`".to_owned());
                }
                "order" => {
                    let mut at = 0;
                    let names = value.text.split(',').map(|part| {
                        let start = at + (part.len() - part.trim_start().len());
                        at += part.len() + 1;
                        let name = part.trim();
                        Text { span: value.part(start, start + name.len()), text: name }
                    });
                    policy.order = self.order(names, ElementName::POLICY, arena);
                }
                unknown => {
                    let near = nearest(unknown, ATTRIBUTES);
                    let fault =
                        self.error(Code::E_SYNTAX, name.span, format!("unknown attribute `{}`", shown(unknown)));
                    fault.expected = Some(format!("one of `{}`", ATTRIBUTES.join("`, `")));
                    fault.help = near.map(|near| format!("did you mean `{near}`?"));
                }
            }
        }
    }
}
