//! AST to resolved policy: every name known, every value typed, every default spelled out.
//!
//! Nothing is guessed and nothing is skipped: what is not understood is reported, and resolving goes on behind it, so that
//! one run reports every error of a document. Lints are found on the way, where what they are about is at hand.
//!
//! A part that failed is left out of the policy under construction. That is safe because the policy is then thrown away:
//! INVARIANT: no policy leaves [`resolve_document`] beside an error.

mod scope;
mod variable;
mod pattern;
mod action;
mod resource;
mod principal;
mod operator;
mod value;
mod lint;
mod condition;
mod statement;
mod guess;

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{DOCUMENT_BYTES_MAX, NESTING_MAX};
use crate::policy::Policy;
use crate::source::{Document, Sources, Span};
use crate::syntax::{document, json};

pub use guess::guess_type;
pub use lint::size_lints;
use scope::Scope;

/// Resolves one document under its type. The policy is `None` where there is any error; warnings come in either case. The
/// diagnostics are in the order of the document.
///
/// O(bytes of the document). The tree lives in an arena that ends here.
pub fn resolve_document(sources: &Sources, document: &Document) -> (Option<Policy>, Vec<Diagnostic>) {
    let arena = Bump::new();
    let mut scope = Scope::new(sources.file(document.source), document.policy_type);
    let policy = resolve_text(sources, document, &arena, &mut scope);

    let mut diagnostics = scope.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    for diagnostic in &mut diagnostics {
        diagnostic.policy = Some(document.name.clone());
    }
    let good = diagnostics.iter().all(|diagnostic| !diagnostic.is_error());
    (policy.filter(|_| good), diagnostics)
}

fn resolve_text(sources: &Sources, document: &Document, arena: &Bump, scope: &mut Scope<'_>) -> Option<Policy> {
    let text = sources.text(document);
    let source = document.source;
    let start = document.range.start;
    if text.len() > DOCUMENT_BYTES_MAX {
        let span = Span { source, start, end: start + 1 };
        let message = format!("a document of {} bytes", text.len());
        let diagnostic = Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message);
        scope.diagnostics.push(diagnostic.expected(format!("at most {DOCUMENT_BYTES_MAX}")));
        return None;
    }
    let value = match json::parse(text, start, source, arena, NESTING_MAX) {
        Ok(value) => value,
        Err(errors) => {
            scope.diagnostics.extend(errors);
            return None;
        }
    };
    lint::characters(text, start, source, scope);
    let tree = document::read(&value, scope.file, arena, &mut scope.diagnostics)?;
    Some(statement::policy(&tree, &document.name, scope))
}
