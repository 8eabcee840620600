//! From a name to its definition and its uses.

use bumpalo::Bump;
use dictum_compiler::expand::tree_path;
use dictum_compiler::source::Span;
use dictum_compiler::syntax::ast::Text;
use dictum_compiler::syntax::dsl::KEYWORDS;
use dictum_compiler::syntax::dsl::tree::{File, ItemKind};
use lsp_types::{Location, Position, Range, TextEdit, Uri};

use crate::dsl::known::imported;
use crate::dsl::names::{Kind, Occurrence, is_name, occurrences};
use crate::dsl::spot::holds;
use crate::page::Page;
use crate::report;
use crate::uri;

/// Where the name at a byte is defined; of a path the file that it leads to.
pub fn definition(page: &Page, offset: usize) -> Option<Location> {
    let arena = Bump::new();
    let file = page.items(&arena);
    if let Some(path) = paths(&file).find(|path| holds(path.span, offset)) {
        return file_at(page, path.text);
    }
    let found = occurrence(&file, offset)?;
    let source = match found.import {
        None => page.file,
        Some(import) => imported(page, import)?,
    };
    let text = std::str::from_utf8(page.sources.file(source).text()).ok()?;
    let (tree, _) = dictum_compiler::syntax::dsl::parse(text.as_bytes(), source, &arena);
    let all = occurrences(tree.items);
    let fits = |it: &&Occurrence<'_>| it.is_definition && it.kind == found.kind && it.name == found.name;
    match all.iter().find(fits) {
        Some(defined) => report::location(page, defined.span),
        // A file without blocks is a policy of the file's name.
        None if found.kind == Kind::Policy => report::location(page, Span { source, start: 0, end: 0 }),
        None => None,
    }
}

/// Every use of the name at a byte in these documents; its definition too, if wanted.
pub fn references(page: &Page, offset: usize, all: &[&Page], with_definition: bool) -> Vec<Location> {
    let arena = Bump::new();
    let Some(wanted) = occurrence(&page.items(&arena), offset).and_then(|it| Target::of(page, &it)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for other in all {
        let arena = Bump::new();
        let names = occurrences(other.items(&arena).items);
        let same = names.iter().filter(|it| with_definition || !it.is_definition);
        let same = same.filter(|it| Target::of(other, it).as_ref() == Some(&wanted));
        found.extend(same.filter_map(|it| report::location(other, it.span)));
    }
    found
}

/// The name at a byte and where it stands, if it can be changed.
pub fn renamable(page: &Page, offset: usize) -> Option<(String, Range)> {
    let arena = Bump::new();
    let found = occurrence(&page.items(&arena), offset)?;
    let is_plain = found.span.end - found.span.start == found.name.len() as u32;
    is_plain.then(|| (found.name.to_owned(), report::range(&page.text, found.span)))
}

/// The changes that give the name at a byte another one, in all of these documents, among which must be every one that may
/// use it.
///
/// # Errors
/// Why there are none, as a message.
pub fn rename(page: &Page, offset: usize, name: &str, all: &[&Page]) -> Result<Vec<(Uri, TextEdit)>, String> {
    let arena = Bump::new();
    let found = occurrence(&page.items(&arena), offset).filter(|_| renamable(page, offset).is_some());
    let Some(found) = found else { return Err("there is no name that could be changed".to_owned()) };
    if found.name == name {
        return Ok(Vec::new());
    }
    let target = Target::of(page, &found).ok_or("the import of the name leads nowhere")?;
    if !is_name(name) || name.contains('.') || KEYWORDS.contains(&name) {
        return Err(format!("`{name}` is no name; expected letters, digits, `_` and `-`, and no word of the language"));
    }
    let home = all.iter().find(|other| target.is_of(other)).ok_or("the file of the name is not at hand")?;
    let arena = Bump::new();
    // Whatever stands there by this name, defined or not yet, would be taken for the renamed one.
    let is_same = |it: &Occurrence<'_>| it.import.is_none() && it.kind == found.kind && it.name == name;
    if occurrences(home.items(&arena).items).iter().any(is_same) {
        return Err(format!("`{name}` is taken in `{}`", home.name.path));
    }
    let places = references(page, offset, all, true);
    Ok(places.into_iter().map(|it| (it.uri, TextEdit { range: it.range, new_text: name.to_owned() })).collect())
}

/// One way of writing a URI: clients encode more characters than need be.
fn plain(uri: &Uri) -> Uri {
    uri::path(uri).and_then(|path| uri::of_path(&path)).unwrap_or_else(|| uri.clone())
}

/// What an occurrence is one of, whichever document it stands in.
#[derive(PartialEq)]
struct Target {
    uri: Uri,
    kind: Kind,
    name: String,
}

impl Target {
    fn of(page: &Page, found: &Occurrence<'_>) -> Option<Target> {
        let uri = match found.import {
            None => page.name.uri.clone(),
            Some(import) => page.uri(imported(page, import)?)?,
        };
        Some(Target { uri: plain(&uri), kind: found.kind, name: found.name.to_owned() })
    }

    /// Whether it is defined in this document.
    fn is_of(&self, page: &Page) -> bool {
        self.uri == plain(&page.name.uri)
    }
}

/// The innermost occurrence of a name that holds a byte.
fn occurrence<'a>(file: &File<'a>, offset: usize) -> Option<Occurrence<'a>> {
    let all = occurrences(file.items).into_iter().filter(|it| holds(it.span, offset));
    all.min_by_key(|it| it.span.end - it.span.start)
}

/// The paths that imports and tests name.
fn paths<'i, 'a>(file: &'i File<'a>) -> impl Iterator<Item = Text<'a>> + 'i {
    file.items.iter().flat_map(|item| match &item.kind {
        ItemKind::Use(import) => vec![import.path],
        ItemKind::Test(test) => test.under.iter().filter(|under| under.is_path).map(|under| under.policy).collect(),
        _ => Vec::new(),
    })
}

fn file_at(page: &Page, path: &str) -> Option<Location> {
    let own = &page.sources.file(page.file).path;
    let inside = tree_path(own, path.split('#').next().unwrap_or_default()).ok()?;
    let uri = uri::of_path(&page.name.root.as_ref()?.join(inside))?;
    let start = Position::default();
    Some(Location { uri, range: Range { start, end: start } })
}
