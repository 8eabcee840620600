//! A document to its tree, whatever it is written in.

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::expand::{Files, blocks};
use crate::limits::{DOCUMENT_BYTES_MAX, NESTING_MAX};
use crate::source::{Document, Notation, Sources, Span};
use crate::syntax::ast::Policy;
use crate::syntax::dsl::tree::{Item, ItemKind};
use crate::syntax::{document as json_document, json};

/// Reads the documents of some sources. A file of the Dictum language is parsed once, however many documents it holds.
pub struct Reader<'s> {
    sources: &'s Sources,
    files: Files<'s>,
}

impl<'s> Reader<'s> {
    /// A reader of these sources; what documents of the Dictum language share goes into the arena.
    pub fn new(sources: &'s Sources, arena: &'s Bump) -> Reader<'s> {
        Reader { sources, files: Files::new(sources, arena) }
    }

    /// The files of the Dictum language.
    pub fn files(&mut self) -> &mut Files<'s> {
        &mut self.files
    }

    /// The tree of a document, as far as it can be read, and what is wrong with its form; of a file of the Dictum language
    /// also what is wrong with the file as a whole, once. A tree that comes beside an error lacks something and must not be
    /// compiled.
    ///
    /// O(bytes of the document).
    pub fn read<'a>(&mut self, document: &Document, arena: &'a Bump) -> (Option<Policy<'a>>, Vec<Diagnostic>)
    where
        's: 'a,
    {
        match self.sources.file(document.source).notation {
            Notation::Json => self.read_json(document, arena),
            Notation::Dictum => self.read_dictum(document, arena),
        }
    }

    fn read_dictum<'a>(&mut self, document: &Document, arena: &'a Bump) -> (Option<Policy<'a>>, Vec<Diagnostic>)
    where
        's: 'a,
    {
        let source = document.source;
        let tree = self.files.tree(source);
        let at = tree.items.partition_point(|item| item.span.start < document.range.start);
        let block = match tree.items.get(at) {
            Some(Item { span, kind: ItemKind::Policy(block), .. })
                if (span.start, span.end) == (document.range.start, document.range.end) =>
            {
                Some(*block)
            }
            _ => None,
        };
        let block = block.or_else(|| {
            let mut all = blocks(tree.items).map(|(_, block)| block);
            all.next().filter(|_| all.next().is_none())
        });
        let mut faults = Vec::new();
        if block.is_none() && blocks(tree.items).next().is_some() {
            let span = Span { source, start: 0, end: 0 };
            let fault = Diagnostic::new(Code::E_NAME, span, "GRM-7", "the file holds several policies");
            faults.push(fault.help("name one of them, as in `FILE.dct#NAME`"));
        } else if block.is_none() && !tree.items.iter().any(|item| matches!(item.kind, ItemKind::Statement(_))) {
            let span = Span { source, start: 0, end: 0 };
            let fault = Diagnostic::new(Code::E_MISSING, span, "GRM-7", "the file holds no policy");
            faults.push(fault.help("a policy without statements is `policy NAME { }`"));
        }
        let (policy, mut found) = self.files.policy(source, block.as_ref(), arena);
        found.extend(faults.into_iter().filter(|_| !self.files.has_errors(source)));
        let is_good = !self.files.has_errors(source);
        (Some(policy).filter(|_| is_good), found)
    }

    fn read_json<'a>(&mut self, document: &Document, arena: &'a Bump) -> (Option<Policy<'a>>, Vec<Diagnostic>)
    where
        's: 'a,
    {
        let text = self.sources.text(document);
        let (source, start) = (document.source, document.range.start);
        if text.len() > DOCUMENT_BYTES_MAX {
            let span = Span { source, start, end: start + 1 };
            let message = format!("a document of {} bytes", text.len());
            let diagnostic = Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message);
            return (None, vec![diagnostic.expected(format!("at most {DOCUMENT_BYTES_MAX}"))]);
        }
        let mut diagnostics = Vec::new();
        let tree = match json::parse(text, start, source, arena, NESTING_MAX) {
            Ok(value) => json_document::read(&value, arena, &mut diagnostics),
            Err(errors) => return (None, errors),
        };
        (tree, diagnostics)
    }
}
