//! A statement by itself: whatever else is wrong with a file, a statement that can be read is told of.
//!
//! The names of the file are put before the statement, and both are read as a file of its own in the place of the real one.

use bumpalo::Bump;
use dictum_compiler::expand::policies_of;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{SourceFile, Span};
use dictum_compiler::syntax::ast::Statement;
use dictum_compiler::syntax::dsl::tree::ItemKind;

use crate::page::Page;

/// Gives the tree of a statement in the words of a document, every name replaced, to a function; with the bytes by which
/// the statement is further behind than in `text`. `None` where it cannot be read.
///
/// O(bytes of the document and of what it imports).
pub fn with_statement<T>(page: &Page, text: &str, tell: impl FnOnce(&Statement<'_>, usize) -> T) -> Option<T> {
    let arena = Bump::new();
    let named = |kind: &ItemKind<'_>| matches!(kind, ItemKind::Use(_) | ItemKind::Let(_) | ItemKind::Cond(_));
    let items = page.items(&arena).items;
    let mut alone = String::new();
    for item in items.iter().filter(|item| named(&item.kind)) {
        alone += source(page, item.span);
        alone.push('\n');
    }
    let shift = alone.len();
    alone += text;
    let mut sources = page.sources.clone();
    let old = &mut sources.files[page.file.0 as usize];
    let mut new = SourceFile::new(old.name.clone(), alone);
    (new.path, new.notation) = (std::mem::take(&mut old.path), old.notation);
    *old = new;
    let document = policies_of(&sources, page.file, "it", None).into_iter().next()?;
    let arena = Bump::new();
    let (policy, _) = Reader::new(&sources, &arena).read(&document, &arena);
    let statement = policy?.statements?.value?.first()?;
    Some(tell(statement, shift))
}

/// The text of a span of a document.
pub fn source(page: &Page, span: Span) -> &str {
    page.text.as_str().get(span.start as usize..span.end as usize).unwrap_or_default()
}
