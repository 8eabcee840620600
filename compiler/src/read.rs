//! A document to its tree, whatever it is written in.

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{DOCUMENT_BYTES_MAX, NESTING_MAX};
use crate::source::{Document, Sources, Span};
use crate::syntax::ast::Policy;
use crate::syntax::{document as json_document, json};

/// Reads the documents of some sources.
pub struct Reader<'s> {
    sources: &'s Sources,
}

impl<'s> Reader<'s> {
    /// A reader of these sources.
    pub fn new(sources: &'s Sources) -> Reader<'s> {
        Reader { sources }
    }

    /// The tree of a document, as far as it can be read, and what is wrong with its form. A tree that comes beside an error
    /// lacks something and must not be compiled.
    ///
    /// O(bytes of the document).
    pub fn read<'a>(&mut self, document: &Document, arena: &'a Bump) -> (Option<Policy<'a>>, Vec<Diagnostic>)
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
