//! Files of the Dictum language to plain statements: lets, conds, imports and brace groups are replaced by what they stand
//! for, bare literals choose their operators, and what comes out is the tree that JSON documents are read into.
//!
//! ```text
//! tree::File -> Scope (names, imports) -> entries, clauses -> ast::Policy
//! ```
//!
//! A name is worked out once and shared by its uses. Everything that multiplies is bounded: names of a file, the depth of
//! their definitions, the expansions of groups, the entries that names bring in.

mod import;
mod group;
mod literal;
mod meaning;
mod entry;
mod condition;
mod principal;
mod statement;
mod policy;
mod name;

use std::collections::{BTreeSet, HashMap, HashSet};

use bumpalo::Bump;
use dictum_vm::operator::Test;

use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{FAULTS_MAX, GROUP_BYTES_MAX, GROUP_EXPANSIONS_MAX, NAME_SEARCHES_MAX, NAMED_ENTRIES_MAX};
use crate::source::{SourceId, Sources, Span};
use crate::syntax::ast;
use crate::syntax::dsl;
use crate::syntax::dsl::tree::{File, Item, ItemKind, PolicyBlock};

pub use crate::syntax::ast::PRINCIPAL_KINDS;
pub use import::{Import, imports, tree_path};
pub use literal::LiteralFamily;
pub(crate) use literal::is_json_number;
use meaning::Definition;
pub use policy::policies_of;
pub use statement::ORDER_METADATA;

/// The rule that gives the language its meaning: it has none of its own, and denotes JSON.
pub(crate) const RULE: &str = "GRM-7";

/// A file, with its names.
pub(crate) struct Scope<'s> {
    pub(crate) tree: File<'s>,
    definitions: HashMap<&'s str, Definition<'s>>,
    /// The files that imports lead to; `None` where one could not be followed.
    imports: HashMap<&'s str, Option<SourceId>>,
    /// Whether this file or one that it imports has an error of its own: nothing in it compiles.
    has_errors: bool,
    /// What is wrong with the file, until it has been told.
    untold: Vec<Diagnostic>,
    /// Whether the errors of the file and of all that it imports have been told.
    are_errors_told: bool,
    /// Whether what nothing uses has been handed out for checking.
    are_unused_told: bool,
    /// The names that parts of it would have defined, had they been readable.
    attempted: HashSet<&'s str>,
    expansions_left: usize,
    group_bytes_left: usize,
}

/// The files of the Dictum language among some sources, each parsed once, when it is first needed.
pub struct Files<'s> {
    sources: &'s Sources,
    arena: &'s Bump,
    scopes: HashMap<SourceId, Scope<'s>>,
    /// Files being opened, from the first one on: an import of one of them goes in a circle.
    opening: Vec<SourceId>,
    /// Names being worked out, from the first one on: a use of one of them goes in a circle.
    defining: Vec<&'s str>,
    by_path: Option<HashMap<&'s str, SourceId>>,
    entries_left: usize,
    /// Unknown names for which a near one is still looked for.
    searches_left: usize,
    /// Uses of names that stand for nothing, for a reason that is told.
    broken: usize,
    operator_names: HashMap<Test, &'s str>,
    /// What was found on the way to the tree that is being made.
    diagnostics: Vec<Diagnostic>,
    /// How many more may be found.
    faults_left: usize,
    /// One too many, which is not told.
    untold: Option<Diagnostic>,
}

impl<'s> Files<'s> {
    /// The files of these sources; their trees go into the arena.
    pub fn new(sources: &'s Sources, arena: &'s Bump) -> Files<'s> {
        Files {
            sources,
            arena,
            scopes: HashMap::new(),
            opening: Vec::new(),
            defining: Vec::new(),
            by_path: None,
            entries_left: NAMED_ENTRIES_MAX,
            searches_left: NAME_SEARCHES_MAX,
            broken: 0,
            operator_names: HashMap::new(),
            diagnostics: Vec::new(),
            faults_left: FAULTS_MAX,
            untold: None,
        }
    }

    /// The tree of a file, as far as it could be read.
    pub fn tree(&mut self, source: SourceId) -> File<'s> {
        self.open(source).tree
    }

    /// The file that an import of a file leads to.
    pub fn imported(&mut self, source: SourceId, name: &str) -> Option<SourceId> {
        self.open(source).imports.get(name).copied().flatten()
    }

    /// The files that a file imports, and those that they import, ascending; not itself.
    pub fn closure(&mut self, source: SourceId) -> Vec<SourceId> {
        let mut found = BTreeSet::new();
        let mut next = vec![source];
        while let Some(file) = next.pop() {
            let imports: Vec<SourceId> = self.open(file).imports.values().copied().flatten().collect();
            next.extend(imports.into_iter().filter(|&file| file != source && found.insert(file)));
        }
        found.into_iter().collect()
    }

    /// What is wrong with a file as a whole, its imports included: syntax, names, imports. Told once.
    pub fn faults(&mut self, source: SourceId) -> Vec<Diagnostic> {
        let mut told = std::mem::take(&mut self.open(source).untold);
        let mut next = vec![source];
        while let Some(file) = next.pop() {
            let scope = self.open(file);
            if std::mem::replace(&mut scope.are_errors_told, true) {
                continue; // files may import one another along many ways
            }
            let (errors, others) = std::mem::take(&mut scope.untold).into_iter().partition(Diagnostic::is_error);
            scope.untold = others;
            let mut imports: Vec<SourceId> = scope.imports.values().copied().flatten().collect();
            imports.sort_by(|one, other| other.cmp(one));
            next.append(&mut imports);
            told.extend::<Vec<_>>(errors);
        }
        told
    }

    /// Whether a file, or one that it imports, has an error of its own.
    pub fn has_errors(&mut self, source: SourceId) -> bool {
        self.open(source).has_errors
    }

    fn open(&mut self, source: SourceId) -> &mut Scope<'s> {
        if !self.scopes.contains_key(&source) {
            self.opening.push(source);
            let scope = self.read(source);
            self.opening.pop();
            self.scopes.insert(source, scope);
            self.check_names(source);
        }
        self.scopes.get_mut(&source).expect("it was put there just now")
    }

    fn read(&mut self, source: SourceId) -> Scope<'s> {
        let text = self.sources.file(source).text();
        let (tree, mut untold) = dsl::parse(text, source, self.arena);
        let type_name = tree.policy_type.as_ref().map(|line| &line.name);
        untold.extend(policy::layout_faults(tree.items, type_name, !tree.faulty.is_empty()));
        let mut attempted = match (untold.is_empty(), std::str::from_utf8(text)) {
            (false, Ok(text)) => name::attempted(&dsl::tokens(text, source, self.arena).0),
            _ => HashSet::new(),
        };
        attempted.extend(blocks(tree.items).flat_map(|(_, block)| name::defined(block.items)));
        let definitions = name::definitions(tree.items, &mut untold);
        let imports = self.follow(source, tree.items, &mut untold);
        let brings_errors = |import: &Option<SourceId>| match import {
            None => true,
            Some(id) => self.scopes.get(id).is_some_and(|scope| scope.has_errors),
        };
        let has_errors = untold.iter().any(Diagnostic::is_error) || imports.values().any(brings_errors);
        untold.truncate(FAULTS_MAX);
        Scope {
            tree,
            definitions,
            imports,
            has_errors,
            untold,
            are_errors_told: false,
            are_unused_told: false,
            attempted,
            expansions_left: GROUP_EXPANSIONS_MAX,
            group_bytes_left: GROUP_BYTES_MAX,
        }
    }

    /// Whether the syntax is at fault where a span lies, or right behind it.
    fn is_faulty(&self, span: Span) -> bool {
        let Some(scope) = self.scopes.get(&span.source) else { return false };
        let faulty = scope.tree.faulty;
        if faulty.iter().any(|fault| fault.start < span.end.max(span.start + 1) && span.start < fault.end) {
            return true;
        }
        let next = faulty.get(faulty.partition_point(|fault| fault.start < span.end));
        let text = self.sources.file(span.source).text();
        next.is_some_and(|next| {
            text.get(span.end as usize..next.start as usize).is_some_and(|between| between.trim_ascii().is_empty())
        })
    }

    /// What was found since the file was opened, without what only follows from faults of its syntax.
    fn found(&mut self) -> Vec<Diagnostic> {
        let found = std::mem::take(&mut self.diagnostics);
        found.into_iter().filter(|found| !self.is_faulty(found.span)).collect()
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.takes_fault() {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let diagnostic = Diagnostic::new(code, span, RULE, message);
        if !self.takes_fault() {
            return self.untold.insert(diagnostic);
        }
        self.diagnostics.push(diagnostic);
        self.diagnostics.last_mut().expect("it was pushed just now")
    }

    /// Whether another fault is told. INVARIANT: the first of a policy is, so that none with a fault is taken for good.
    fn takes_fault(&mut self) -> bool {
        let takes = self.may_tell();
        self.faults_left = self.faults_left.saturating_sub(1);
        takes
    }

    fn may_tell(&self) -> bool {
        self.faults_left > 0 || !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The tree of a policy: that of a block, or of a whole file without blocks.
    pub(crate) fn policy<'a>(
        &mut self,
        source: SourceId,
        block: Option<&PolicyBlock<'s>>,
        arena: &'a Bump,
    ) -> (ast::Policy<'a>, Vec<Diagnostic>)
    where
        's: 'a,
    {
        let mut found = self.faults(source);
        let items = block.map_or(self.tree(source).items, |block| block.items);
        let tree = self.expand(source, block, items, arena);
        let tree = ast::Policy { unused: self.unused(source, arena), ..tree };
        found.append(&mut self.found());
        (tree, found)
    }
}

/// The policy blocks among items.
pub(crate) fn blocks<'t, 's>(items: &'t [Item<'s>]) -> impl Iterator<Item = (&'t Item<'s>, PolicyBlock<'s>)> {
    items.iter().filter_map(|item| match item.kind {
        ItemKind::Policy(block) => Some((item, block)),
        _ => None,
    })
}
