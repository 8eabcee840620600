//! The names that a document may use: its own and those of its imports.

use bumpalo::Bump;
use dictum_compiler::expand::Files;
use dictum_compiler::source::{SourceId, Span};
use dictum_compiler::syntax::dsl::tree::{File, Item, ItemKind};

use crate::page::Page;

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A list.
    Let,
    /// A conjunction.
    Cond,
    /// A policy.
    Policy,
    /// A statement.
    Sid,
}

/// A name with what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// As it is used here: `common.reads`.
    pub path: String,
    /// What it is of.
    pub what: What,
    /// Where it is defined.
    pub span: Span,
    /// The item that defines it.
    pub item: Span,
    /// The item, in one line.
    pub text: String,
    /// Its doc comment.
    pub doc: String,
}

impl Known {
    /// Whether it names a list.
    pub fn is_let(&self) -> bool {
        self.what == What::Let
    }

    /// Whether it names a conjunction.
    pub fn is_cond(&self) -> bool {
        self.what == What::Cond
    }

    /// Whether it names a policy.
    pub fn is_policy(&self) -> bool {
        self.what == What::Policy
    }

    /// Whether it names a statement.
    pub fn is_sid(&self) -> bool {
        self.what == What::Sid
    }
}

/// The names of a document and of its imports, in the order of their definitions.
pub fn known(page: &Page) -> Vec<Known> {
    let arena = Bump::new();
    let mut files = Files::new(&page.sources, &arena);
    let own = files.tree(page.file);
    let mut found = Vec::new();
    of_file(page, page.file, "", &own, &mut found);
    for item in own.items {
        let ItemKind::Use(import) = item.kind else { continue };
        if let Some(source) = files.imported(page.file, import.name.text) {
            let tree = files.tree(source);
            of_file(page, source, &format!("{}.", import.name.text), &tree, &mut found);
        }
    }
    found
}

/// The file that an import of a document leads to.
pub fn imported(page: &Page, name: &str) -> Option<SourceId> {
    let arena = Bump::new();
    Files::new(&page.sources, &arena).imported(page.file, name)
}

fn of_file(page: &Page, source: SourceId, prefix: &str, file: &File<'_>, found: &mut Vec<Known>) {
    let text = page.sources.file(source).text();
    let mut add = |name: &str, what: What, span: Span, item: &Item<'_>| {
        let words = String::from_utf8_lossy(&text[item.span.start as usize..item.span.end as usize]);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let doc = item.doc.iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
        found.push(Known { path: format!("{prefix}{name}"), what, span, item: item.span, text: words, doc });
    };
    for item in file.items {
        match &item.kind {
            ItemKind::Let(it) => add(it.name.text, What::Let, it.name.span, item),
            ItemKind::Cond(it) => add(it.name.text, What::Cond, it.name.span, item),
            ItemKind::Policy(block) => {
                add(block.name.text, What::Policy, block.name.span, item);
                for inner in block.items {
                    if let ItemKind::Statement(statement) = &inner.kind {
                        statement.sids.iter().for_each(|sid| add(sid.text, What::Sid, sid.span, inner));
                    }
                }
            }
            ItemKind::Statement(statement) => {
                statement.sids.iter().for_each(|sid| add(sid.text, What::Sid, sid.span, item));
            }
            ItemKind::Use(_) | ItemKind::Test(_) => {}
        }
    }
}
