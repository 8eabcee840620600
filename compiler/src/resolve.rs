//! AST to resolved policy: every name known, every value typed, every default spelled out.
//!
//! Nothing is guessed and nothing is skipped: what is not understood is reported, and resolving goes on behind it, so that
//! one run reports every error of a document. Lints are found on the way, where what they are about is at hand.
//!
//! A part that failed is left out of the policy under construction. That is safe because the policy is then thrown away:
//! INVARIANT: no policy leaves [`resolve_document`] beside an error.

mod words;
mod scope;
mod variable;
mod pattern;
mod action;
mod resource;
mod principal;
pub(crate) mod operator;
mod value;
mod lint;
mod condition;
mod statement;

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::Policy;
use crate::read::Reader;
use crate::source::{Document, PolicyType, SourceId, Sources, Span};
use crate::syntax::ast::{self, Element};

use scope::Scope;

/// Resolves one document under its type. The policy is `None` where there is any error; warnings come in either case. The
/// diagnostics are in the order of the document.
///
/// O(bytes of the document). The tree lives in an arena that ends here. Of several documents of one `.dct` file use one
/// [`Reader`] and [`resolve_tree`], or each of them parses the file anew.
pub fn resolve_document(sources: &Sources, document: &Document) -> (Option<Policy>, Vec<Diagnostic>) {
    let arena = Bump::new();
    let (tree, diagnostics) = Reader::new(sources, &arena).read(document, &arena);
    resolve_tree(tree.as_ref(), diagnostics, sources, document)
}

/// What is wrong with a library: with the file, and with what its lets and conds would bring into a statement.
pub fn resolve_library(reader: &mut Reader<'_>, sources: &Sources, source: SourceId) -> Vec<Diagnostic> {
    let arena = Bump::new();
    let (statements, mut diagnostics) = reader.files().library(source, &arena);
    diagnostics.extend(of_definitions(statements, sources, source));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.source != source, diagnostic.span.start));
    diagnostics.dedup();
    diagnostics
}

/// What is wrong with lets and conds wherever they are used.
fn of_definitions(statements: &[ast::Statement<'_>], sources: &Sources, source: SourceId) -> Vec<Diagnostic> {
    let span = Span { source, start: 0, end: 0 };
    let version = Some(Element { name: span, value: Some(ast::Text { span, text: ast::VERSION }) });
    let (order, unused) = (ast::ElementName::POLICY, &[][..]);
    let statements = Some(Element { name: span, value: Some(statements) });
    let tree = ast::Policy { span, version, id: None, statements, is_array: true, order, unused };
    let mut scope = Scope::new(sources.file(source), PolicyType::Resource);
    statement::policy(&tree, "", &mut scope);
    // Whether it allows or denies, and how often it is used, is not known yet.
    scope.diagnostics.retain(Diagnostic::is_error);
    scope.diagnostics
}

/// Leaves out of what is said of a text of the Dictum language whatever lies where its syntax is at fault: it only follows
/// from that. O(n log n).
fn without_echoes(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_root = |found: &&Diagnostic| found.code == Code::E_SYNTAX;
    let mut roots: Vec<Span> = diagnostics.iter().filter(is_root).map(|found| found.span).collect();
    roots.sort_by_key(|span| (span.source, span.start));
    // Each with the furthest end so far, so that one look-up tells whether any reaches into a place.
    for at in 1..roots.len() {
        if roots[at - 1].source == roots[at].source {
            roots[at].end = roots[at].end.max(roots[at - 1].end);
        }
    }
    diagnostics.retain(|found| {
        let end = found.span.end.max(found.span.start + 1);
        let before = roots.partition_point(|root| (root.source, root.start) < (found.span.source, end));
        let last = before.checked_sub(1).map(|at| roots[at]);
        let is_inside = last.is_some_and(|root| root.source == found.span.source && root.end > found.span.start);
        found.code == Code::E_SYNTAX || !is_inside
    });
    diagnostics
}

/// Resolves the tree of a document, of whose reading these diagnostics came; else as [`resolve_document`].
pub fn resolve_tree(
    tree: Option<&ast::Policy<'_>>,
    diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    document: &Document,
) -> (Option<Policy>, Vec<Diagnostic>) {
    let mut scope = Scope::new(sources.file(document.source), document.policy_type);
    scope.diagnostics = diagnostics;
    let policy = tree.map(|tree| {
        lint::characters(sources.text(document), document.range.start, document.source, &mut scope);
        statement::policy(tree, &document.name, &mut scope)
    });

    let mut diagnostics = scope.diagnostics;
    if let Some(tree) = tree.filter(|tree| !tree.unused.is_empty()) {
        diagnostics.extend(of_definitions(tree.unused, sources, document.source));
    }
    // What is wrong with a cond is found at each of its uses.
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.source != document.source, diagnostic.span.start));
    diagnostics.dedup();
    let mut diagnostics = without_echoes(diagnostics);
    for diagnostic in &mut diagnostics {
        // Of a file's several policies an error beside their blocks is none's.
        let (start, range) = (diagnostic.span.start, &document.range);
        let is_inside = diagnostic.span.source != document.source || (range.start <= start && start <= range.end);
        if is_inside || !diagnostic.is_error() {
            diagnostic.policy = Some(document.name.clone());
        }
    }
    let good = diagnostics.iter().all(|diagnostic| !diagnostic.is_error());
    if !good {
        // A name that nothing uses may be the one that a use has misspelled, and a list be empty of what was left out.
        diagnostics.retain(|diagnostic| ![Code::L_UNUSED, Code::L_EMPTY].contains(&diagnostic.code));
    }
    (policy.filter(|_| good), diagnostics)
}
