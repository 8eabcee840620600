//! Imports: relative paths inside the source tree, without circles. Whether a file exists outside the tree is never asked.

use std::collections::HashMap;

use bumpalo::Bump;

use super::Files;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{FAULTS_MAX, IMPORT_DEPTH_MAX};
use crate::source::{Notation, SourceFile, SourceId, Span};
use crate::syntax::ast::Text;
use crate::syntax::dsl::tree::{Item, ItemKind};
use crate::syntax::dsl::{self, Token};

/// A file that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Where it is named.
    pub span: Span,
    /// Its path in the source tree.
    pub path: String,
}

/// The files that a file of the Dictum language imports, or whose policies its tests name; those that no path inside the
/// tree leads to are left out, for reading the file reports them. So a caller knows what else to put into its sources.
/// Looks at the tokens only.
pub fn imports(file: &SourceFile) -> Vec<Import> {
    let Ok(text) = std::str::from_utf8(file.text()) else { return Vec::new() };
    let arena = Bump::new();
    let (tokens, _) = dsl::tokens(text, SourceId(0), &arena);
    let mut found = Vec::new();
    // Behind `use`, and from `under` to the end of a test's head, every string is a path.
    let mut may_come = false;
    for (span, token) in tokens {
        match token {
            Token::Use | Token::Under => may_come = true,
            Token::String(path) if may_come => {
                let path = path.split('#').next().unwrap_or_default();
                found.extend(tree_path(&file.path, path).map(|path| Import { span, path }));
            }
            Token::As | Token::LeftBrace => may_come = false,
            _ => {}
        }
    }
    found
}

const OUTSIDE: &str = "leaves the source tree";

/// The path in the source tree that a relative path leads to from a file.
///
/// # Errors
/// Why it leads nowhere, as a clause of a message.
pub fn tree_path(from: &str, relative: &str) -> Result<String, &'static str> {
    if relative.is_empty() {
        return Err("is empty");
    }
    if relative.contains('\\') {
        return Err("has a backslash; folders are parted by `/`");
    }
    if relative.starts_with('/') || relative.contains(':') {
        return Err("is not relative");
    }
    let (root, from) = match from.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", from),
    };
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop().ok_or(OUTSIDE)?,
            part => parts.push(part),
        }
    }
    Ok(format!("{root}{}", parts.join("/")))
}

/// The path to a file of the tree from the folder of another.
fn relative_path(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let mut to: Vec<&str> = to.split('/').collect();
    let common = from.iter().zip(&to[..to.len() - 1]).take_while(|(one, other)| one == other).count();
    to.splice(..common, std::iter::repeat_n("..", from.len() - common));
    to.join("/")
}

impl<'s> Files<'s> {
    /// The files that the imports of a file lead to, each opened.
    pub(super) fn follow(
        &mut self,
        source: SourceId,
        items: &[Item<'s>],
        faults: &mut Vec<Diagnostic>,
    ) -> HashMap<&'s str, Option<SourceId>> {
        let mut imports = HashMap::new();
        for item in items {
            let ItemKind::Use(import) = item.kind else { continue };
            if faults.len() >= FAULTS_MAX {
                break; // nothing of the file is used
            }
            let found = match self.find(source, &import.path) {
                Ok(found) => Some(found),
                Err(fault) => {
                    faults.push(*fault);
                    None
                }
            };
            imports.insert(import.name.text, found);
        }
        imports
    }

    fn find(&mut self, source: SourceId, path: &Text<'s>) -> Result<SourceId, Box<Diagnostic>> {
        let fault = |message: String| Diagnostic::new(Code::E_IMPORT, path.span, super::RULE, message);
        let shown = shown(path.text);
        let inside = tree_path(&self.sources.file(source).path, path.text);
        let inside = inside.map_err(|why| {
            let fault = fault(format!("the path `{shown}` {why}"));
            match why {
                OUTSIDE => {
                    fault.help("the tree is the folder that the command was given, or else the one the file is in")
                }
                _ => fault.expected("a path from this file, such as `../common.dct`"),
            }
        })?;
        let Some(found) = self.source_at(&inside) else {
            let opening: Vec<&str> = self.opening.iter().map(|id| self.sources.file(*id).path.as_str()).collect();
            let files = self.sources.files.iter().map(|file| &file.path).chain(&self.sources.others);
            let files = files.map(String::as_str).filter(|file| file.ends_with(".dct") && !opening.contains(file));
            // PERF: many such imports in a tree of many files would else go through all of them each.
            let files = files.take(if self.searches_left > 0 { usize::MAX } else { 0 });
            let near = nearest(&inside, files).map(|near| relative_path(&self.sources.file(source).path, near));
            self.searches_left = self.searches_left.saturating_sub(1);
            return Err(fault(format!("there is no file `{shown}`")).did_you_mean(near.as_deref()).into());
        };
        if self.sources.file(found).notation != Notation::Dictum {
            let fault = fault(format!("`{shown}` is no file of the Dictum language"));
            return Err(fault.expected("the path of a `.dct` file").into());
        }
        if self.opening.contains(&found) {
            let names = self.opening.iter().skip_while(|id| **id != found).chain([&found]);
            let circle: Vec<_> = names.map(|id| format!("`{}`", self.sources.file(*id).name)).collect();
            return Err(fault(format!("imports go in a circle: {}", circle.join(" → "))).into());
        }
        if self.opening.len() >= IMPORT_DEPTH_MAX {
            return Err(fault(format!("imports more than {IMPORT_DEPTH_MAX} files deep")).into());
        }
        self.open(found);
        Ok(found)
    }

    /// The file at a path of the source tree.
    pub fn source_at(&mut self, path: &str) -> Option<SourceId> {
        let sources = self.sources;
        let by_path = self.by_path.get_or_insert_with(|| {
            let mut by_path = HashMap::new();
            for (file, id) in sources.files.iter().zip(0..) {
                by_path.entry(file.path.as_str()).or_insert(SourceId(id)); // of two files at one path the first
            }
            by_path
        });
        by_path.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_tree() {
        for (from, relative, expected) in [
            ("a/b.dct", "c.dct", Ok("a/c.dct")),
            ("a/b.dct", "../c.dct", Ok("c.dct")),
            ("a/b.dct", "./d/./c.dct", Ok("a/d/c.dct")),
            ("a/b.dct", "../../c.dct", Err("leaves the source tree")),
            ("b.dct", "../b.dct", Err("leaves the source tree")),
            ("b.dct", "/etc/c.dct", Err("is not relative")),
            ("b.dct", "C:/c.dct", Err("is not relative")),
            ("b.dct", "x\\c.dct", Err("has a backslash; folders are parted by `/`")),
            ("b.dct", "", Err("is empty")),
            ("/t/b.dct", "c.dct", Ok("/t/c.dct")),
        ] {
            assert_eq!(tree_path(from, relative), expected.map(str::to_owned), "{from} {relative}");
        }
    }

    #[test]
    fn paths_are_told_from_the_file_that_names_them() {
        for (from, to, expected) in [
            ("b.dct", "c.dct", "c.dct"),
            ("s/b.dct", "sub/c.dct", "../sub/c.dct"),
            ("s/t/b.dct", "s/c.dct", "../c.dct"),
            ("s/b.dct", "s/t/c.dct", "t/c.dct"),
            ("/s/b.dct", "/s/c.dct", "c.dct"),
        ] {
            assert_eq!(relative_path(from, to), expected);
            assert_eq!(tree_path(from, expected).as_deref(), Ok(to));
        }
    }
}
