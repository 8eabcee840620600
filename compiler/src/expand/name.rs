//! Names: what lets, conds and imports define, and what a use of one stands for.

use std::collections::{HashMap, HashSet};

use bumpalo::Bump;

use super::Files;
use super::literal::LiteralFamily;
use super::meaning::{Definition, DefinitionKind, Meaning, Position, State, is_name};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{FAULTS_MAX, NAME_DEPTH_MAX, NAMED_ENTRIES_MAX, NAMES_MAX};
use crate::source::{SourceId, Span};
use crate::syntax::ast::{self, Text};
use crate::syntax::dsl::Token;
use crate::syntax::dsl::tree::{
    Clause, ClauseKind, Entries, Entry, File, Item, ItemKind, LetValue, PrincipalTerm, Selection, Statement,
};

/// The lets and conds among items.
pub(super) fn definitions<'s>(items: &[Item<'s>], faults: &mut Vec<Diagnostic>) -> HashMap<&'s str, Definition<'s>> {
    let mut taken: HashMap<&str, Span> = HashMap::new();
    let mut definitions = HashMap::new();
    for item in items {
        let (name, kind) = match item.kind {
            ItemKind::Use(import) => (import.name, None),
            ItemKind::Let(item) => (item.name, Some(DefinitionKind::Let(item.value))),
            ItemKind::Cond(item) => (item.name, Some(DefinitionKind::Cond(item.clauses))),
            _ => continue,
        };
        if faults.len() >= FAULTS_MAX {
            break; // nothing of the file is used
        }
        let is_literal = LiteralFamily::of_bare(name.text).is_some();
        if !is_name(name.text) || name.text.contains('.') || is_literal {
            let message = format!("`{}` cannot be a name", shown(name.text));
            let fault = Diagnostic::new(Code::E_NAME, name.span, super::RULE, message);
            let fault = if is_literal { fault.help("as a value it is a literal") } else { fault };
            faults.push(fault.expected("letters, digits, `_` and `-`, a letter first, and no colon"));
        }
        if let Some(first) = taken.get(name.text) {
            let message = format!("the name `{}` is taken", shown(name.text));
            let fault = Diagnostic::new(Code::E_NAME, name.span, super::RULE, message);
            faults.push(fault.related(*first, "it is defined here"));
            continue;
        }
        if taken.len() == NAMES_MAX {
            let message = format!("more than {NAMES_MAX} names in one file");
            faults.push(Diagnostic::new(Code::E_LIMIT, name.span, "LIM-1", message));
            break;
        }
        taken.insert(name.text, name.span);
        if let Some(kind) = kind {
            definitions.insert(name.text, Definition { name, kind, state: State::Untouched });
        }
    }
    definitions
}

/// The words that stand where a name is defined, whether the definition can be read or not. Of an import that has no name,
/// the one that its file's name would give.
pub(super) fn attempted<'s>(tokens: &[(Span, Token<'s>)]) -> HashSet<&'s str> {
    let mut found = HashSet::new();
    for (at, (_, token)) in tokens.iter().enumerate() {
        let next = |step: usize| tokens.get(at + step).map(|(_, token)| *token);
        match (token, next(1), next(2)) {
            (Token::Let | Token::Cond, Some(Token::Bare(name)), _) => _ = found.insert(name.trim_end_matches(':')),
            (Token::Use, Some(Token::String(_)), Some(Token::As)) => {
                found.extend(next(3).and_then(|token| if let Token::Bare(name) = token { Some(name) } else { None }));
            }
            (Token::Use, Some(Token::String(path)), _) => {
                let file = path.rsplit('/').next().unwrap_or(path);
                found.insert(file.strip_suffix(".dct").unwrap_or(file));
            }
            _ => {}
        }
    }
    found
}

/// The names of lets and conds among items.
pub(super) fn defined<'s>(items: &[Item<'s>]) -> impl Iterator<Item = &'s str> {
    items.iter().filter_map(|item| match item.kind {
        ItemKind::Let(item) => Some(item.name.text),
        ItemKind::Cond(item) => Some(item.name.text),
        _ => None,
    })
}

impl<'s> Files<'s> {
    /// Works every name of a file out, so that what is wrong with one is told whether it is used or not.
    pub(super) fn check_names(&mut self, source: SourceId) {
        let before = std::mem::take(&mut self.diagnostics);
        let mut names: Vec<Text<'s>> = self.scopes[&source].definitions.values().map(|it| it.name).collect();
        names.sort_by_key(|name| name.span.start);
        for name in names {
            self.own(source, name.text, 0);
        }
        let found = self.found();
        self.diagnostics = before;
        let scope = self.scopes.get_mut(&source).expect("the file is open");
        scope.has_errors |= found.iter().any(Diagnostic::is_error);
        scope.untold.extend(found);
        let unused = unused(&scope.tree);
        scope.untold.extend(unused);
    }

    /// What those lets and conds stand for that nothing uses, as statements for checking, once for each file: what is wrong
    /// with the others is told where they are used.
    pub(super) fn unused<'a>(&mut self, source: SourceId, arena: &'a Bump) -> &'a [ast::Statement<'a>]
    where
        's: 'a,
    {
        let scope = self.open(source);
        if std::mem::replace(&mut scope.are_unused_told, true) {
            return &[];
        }
        let used = used(scope.tree.items);
        self.defined(source, |name| !used.contains(name), arena)
    }

    /// What a name stands for where it is used; `None` where it is unknown, which is reported.
    pub(super) fn meaning(
        &mut self,
        source: SourceId,
        name: &Text<'s>,
        position: Position,
        depth: usize,
    ) -> Meaning<'s> {
        let meaning = match name.text.split_once('.') {
            None => self.own(source, name.text, depth),
            Some((import, inner)) => match self.scopes[&source].imports.get(import) {
                Some(None) => Some(Meaning::Broken),
                Some(Some(file)) => {
                    let file = *file;
                    self.own(file, inner, depth)
                }
                None => None,
            },
        };
        if let Some(meaning) = meaning {
            return self.within_budget(meaning, name.span);
        }
        self.unknown(source, name, position);
        Meaning::Broken
    }

    fn within_budget(&mut self, meaning: Meaning<'s>, span: Span) -> Meaning<'s> {
        let count = match meaning {
            Meaning::Entries(entries) => entries.len(),
            Meaning::Principals(parts) => parts.iter().map(|part| part.texts.len()).sum(),
            Meaning::Clauses(clauses) => clauses.len(),
            Meaning::Broken => 0,
        };
        if count <= self.entries_left {
            self.entries_left -= count;
            return meaning;
        }
        // Told each time: none of the policies that lack something may be taken for good.
        let message = format!("names stand for more than {NAMED_ENTRIES_MAX} entries in all");
        self.report(Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message));
        Meaning::Broken
    }

    fn unknown(&mut self, source: SourceId, name: &Text<'s>, position: Position) {
        if !self.may_tell() {
            return self.report(Diagnostic::new(Code::E_NAME, name.span, super::RULE, "unknown name"));
        }
        let scope = &self.scopes[&source];
        let first = name.text.split('.').next().unwrap_or_default();
        let is_known = scope.definitions.contains_key(first) || scope.imports.contains_key(first);
        if !is_known && scope.attempted.contains(first) {
            return;
        }
        if scope.imports.contains_key(name.text) {
            let fault = self.error(Code::E_NAME, name.span, format!("`{}` is an import", shown(name.text)));
            fault.expected = Some(position.expected().to_owned());
            fault.help = Some(format!("what it defines goes by `{}.NAME`", shown(name.text)));
            return;
        }
        let near = self.near(source, name.text, position);
        let scope = &self.scopes[&source];
        let import = name.text.split_once('.').map(|(import, _)| import);
        let is_unknown_import = import.is_some_and(|import| !scope.imports.contains_key(import));
        let message = match import.filter(|import| !scope.imports.contains_key(import)) {
            Some(import) => format!("unknown name `{}`: there is no import `{import}`", shown(name.text)),
            None => format!("unknown name `{}`", shown(name.text)),
        };
        let fault = self.error(Code::E_NAME, name.span, message);
        fault.expected = Some(position.expected().to_owned());
        fault.help = match near {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => match import {
                Some(_) if position == Position::Action && is_unknown_import => {
                    Some(format!("if it is an action, write `{}`", shown(&name.text.replacen('.', ":", 1))))
                }
                Some(import) => {
                    Some(format!("import it: `use \"{import}.dct\" as {import}`")).filter(|_| is_unknown_import)
                }
                None => position.advice(name.text),
            },
        };
    }

    /// The name nearest to a word, among those of a file that may stand in its place.
    fn near(&mut self, source: SourceId, word: &str, position: Position) -> Option<String> {
        self.searches_left = self.searches_left.checked_sub(1)?;
        let scope = &self.scopes[&source];
        let wants_cond = position == Position::Condition;
        let own = scope.definitions.values().filter(|it| position == Position::Let || it.is_cond() == wants_cond);
        let mut known: Vec<String> = own.map(|it| it.name.text.to_owned()).collect();
        for (import, file) in &scope.imports {
            let Some(inner) = file.and_then(|file| self.scopes.get(&file)) else { continue };
            known.extend(inner.definitions.values().map(|it| format!("{import}.{}", it.name.text)));
        }
        known.sort();
        nearest(word, known.iter().map(String::as_str)).map(str::to_owned)
    }

    /// What a name of a file stands for; `None` where the file has no such name.
    fn own(&mut self, source: SourceId, name: &str, depth: usize) -> Option<Meaning<'s>> {
        let definition = self.scopes.get_mut(&source)?.definitions.get_mut(name)?;
        let (kind, text) = (definition.kind, definition.name);
        match definition.state {
            State::Done(meaning) => return Some(meaning),
            State::Open => {
                let circle = self.defining.iter().skip_while(|name| **name != text.text).chain([&text.text]);
                let circle: Vec<String> = circle.map(|name| format!("`{}`", shown(name))).collect();
                let way = circle.join(" → ");
                let fault = self.error(Code::E_NAME, text.span, format!("`{}` is defined by itself", shown(text.text)));
                fault.help = Some(format!("names go in a circle: {way}")).filter(|_| circle.len() > 2);
                return Some(Meaning::Broken);
            }
            State::Untouched if depth >= NAME_DEPTH_MAX => {
                let message = format!("names defined by one another more than {NAME_DEPTH_MAX} deep");
                let fault = Diagnostic::new(Code::E_LIMIT, text.span, "LIM-1", message);
                self.report(fault);
                return Some(Meaning::Broken);
            }
            State::Untouched => definition.state = State::Open,
        }
        self.defining.push(text.text);
        let count = self.diagnostics.len();
        let meaning = match kind {
            DefinitionKind::Let(LetValue::Entries(entries)) => self.let_entries(source, &entries, depth + 1),
            DefinitionKind::Let(LetValue::Principals(terms)) => {
                let parts = self.principal_parts(source, terms, depth + 1, self.arena);
                Meaning::Principals(self.arena.alloc_slice_copy(&parts))
            }
            DefinitionKind::Cond(clauses) => {
                let compared = self.compared(source, clauses, depth + 1, self.arena);
                Meaning::Clauses(self.arena.alloc_slice_copy(&compared))
            }
        };
        self.defining.pop();
        let is_good = self.diagnostics[count..].iter().all(|found| !found.is_error());
        let meaning = if is_good { meaning } else { Meaning::Broken };
        let definition = self.scopes.get_mut(&source)?.definitions.get_mut(name)?;
        definition.state = State::Done(meaning);
        Some(meaning)
    }

    /// A let of entries, or of names only, which may be of principals.
    fn let_entries(&mut self, source: SourceId, entries: &Entries<'s>, depth: usize) -> Meaning<'s> {
        let mut principals = Vec::new();
        let mut literals = Vec::new();
        for entry in entries.list {
            let name = match entry {
                Entry::Bare(bare) if bare.groups.is_empty() && is_name(bare.head.text) => Some(bare.head),
                _ => None,
            };
            match name.filter(|name| LiteralFamily::of_bare(name.text).is_none()) {
                None => self.literal(source, entry, self.arena, &mut literals),
                Some(name) => match self.meaning(source, &name, Position::Let, depth) {
                    Meaning::Entries(more) => literals.extend(more),
                    Meaning::Principals(parts) => principals.extend(parts),
                    Meaning::Clauses(_) => self.wrong_kind(&name, "a `cond`", Position::Let),
                    Meaning::Broken => {}
                },
            }
        }
        if !principals.is_empty() && !literals.is_empty() {
            self.error(Code::E_NAME, entries.span, "a `let` of principals and of other things");
        }
        match principals.is_empty() {
            true => Meaning::Entries(self.arena.alloc_slice_copy(&literals)),
            false => Meaning::Principals(self.arena.alloc_slice_copy(&principals)),
        }
    }

    /// A name that stands for something else than its place takes.
    pub(super) fn wrong_kind(&mut self, name: &Text<'_>, kind: &str, position: Position) {
        let fault = self.error(Code::E_NAME, name.span, format!("`{}` is {kind}", shown(name.text)));
        fault.expected = Some(position.expected().to_owned());
    }
}

/// L-UNUSED of the names of a file that has policies; a library's are for others.
fn unused(tree: &File<'_>) -> Vec<Diagnostic> {
    let has_policies = tree.items.iter().any(|item| matches!(item.kind, ItemKind::Statement(_) | ItemKind::Policy(_)));
    if !has_policies {
        return Vec::new();
    }
    let used = used(tree.items);
    let mut found = Vec::new();
    for item in tree.items {
        let (what, name) = match item.kind {
            ItemKind::Use(import) => ("import", import.name),
            ItemKind::Let(item) => ("`let`", item.name),
            ItemKind::Cond(item) => ("`cond`", item.name),
            _ => continue,
        };
        if !used.contains(name.text) {
            let message = format!("the {what} `{}` is not used", shown(name.text));
            found.push(Diagnostic::new(Code::L_UNUSED, name.span, super::RULE, message).help("remove it"));
        }
    }
    found
}

/// Every word of items that may be the use of a name.
fn used<'s>(items: &[Item<'s>]) -> HashSet<&'s str> {
    let mut used = HashSet::new();
    uses(items, &mut used);
    used
}

/// Every word of items that may be a name, of an import its first part.
fn uses<'s>(items: &[Item<'s>], used: &mut HashSet<&'s str>) {
    fn add<'s>(text: &'s str, used: &mut HashSet<&'s str>) {
        used.insert(text.split('.').next().unwrap_or(text));
        used.insert(text);
    }
    fn entries<'s>(list: &Entries<'s>, used: &mut HashSet<&'s str>) {
        for entry in list.list {
            if let Entry::Bare(bare) = entry {
                add(bare.head.text, used);
            }
        }
    }
    fn terms<'s>(list: &[PrincipalTerm<'s>], used: &mut HashSet<&'s str>) {
        for term in list {
            if let PrincipalTerm::Word(word) = term {
                add(word.text, used);
            }
        }
    }
    fn clauses<'s>(list: &[Clause<'s>], used: &mut HashSet<&'s str>) {
        for clause in list {
            match clause.kind {
                ClauseKind::Name(name) => add(name.text, used),
                ClauseKind::Test(test) => entries(&test.values, used),
                _ => {}
            }
        }
    }
    fn statement<'s>(item: &Statement<'s>, used: &mut HashSet<&'s str>) {
        let selections: [Option<&Selection<'s>>; 2] = [Some(&item.actions), item.resources.as_ref().map(|it| &it.1)];
        selections.into_iter().flatten().for_each(|selection| entries(&selection.entries, used));
        item.principals.iter().for_each(|(_, principals)| terms(principals.terms, used));
        item.condition.iter().for_each(|(_, list)| clauses(list, used));
    }
    for item in items {
        match item.kind {
            ItemKind::Statement(it) => statement(it, used),
            ItemKind::Policy(block) => uses(block.items, used),
            ItemKind::Let(item) => match item.value {
                LetValue::Entries(list) => entries(&list, used),
                LetValue::Principals(list) => terms(list, used),
            },
            ItemKind::Cond(item) => clauses(item.clauses, used),
            ItemKind::Test(test) => test.under.iter().filter(|it| !it.is_path).for_each(|it| add(it.policy.text, used)),
            ItemKind::Use(_) => {}
        }
    }
}
