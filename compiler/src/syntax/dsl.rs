//! The Dictum language as text: a file to its tree.
//!
//! ```text
//! bytes -> str -> Piece -> Tokens (keywords, groups, strings; comments set aside) -> dsl.lalrpop -> File
//! ```
//!
//! One pass, no recursion. A file with faults still gives a tree of what was understood, for an editor to work with; a
//! compiler must not use it.

use std::cell::Cell;

use bumpalo::Bump;
use lalrpop_util::{ErrorRecovery, lalrpop_mod};

use crate::diagnostic::{Code, Diagnostic};
use crate::limits::DSL_FILE_BYTES_MAX;
use crate::source::{SourceId, Span};
use crate::syntax::ast::{Metadata, Text};

mod token;
pub mod tree;
mod fault;
mod advice;
mod wording;
mod errors;
mod tokens;

use errors::Errors;
pub use token::{KEYWORDS, Token};
pub use tokens::STRING_TYPES;
use tokens::Tokens;
use tree::*;

#[cfg(test)]
mod tests;

lalrpop_mod!(
    #[allow(clippy::all, missing_docs, unused, reason = "made by LALRPOP")]
    grammar,
    "/syntax/dsl.rs"
);

/// The token stream ends early; why is already among the errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt;

/// Reads a file of the Dictum language. Spans count from the start of the text.
///
/// O(bytes). The tree lacks what a fault made unreadable; with any error among the diagnostics it must not be compiled.
pub fn parse<'a>(text: &'a [u8], source: SourceId, arena: &'a Bump) -> (File<'a>, Vec<Diagnostic>) {
    let mut errors = Errors::new(source);
    let Some(text) = readable(text, &mut errors) else { return (File::default(), errors.list) };
    let mut comments = Vec::new();
    let faults = &*arena.alloc(Cell::new(0));
    let mut builder = Builder::new(arena, source, faults);
    let mut outcomes = Outcomes::default();
    let stream = Tokens::new(text, arena, &mut errors, &mut comments, faults);
    let stream =
        stream.map(|token| token.map(|(start, token, end)| (start, outcomes.told(start, token, end, text), end)));
    let parsed = grammar::FileParser::new().parse(&mut builder, stream);
    let recoveries = std::mem::take(&mut builder.recoveries);
    let (policy_type, last) = match parsed {
        Ok(line) => (line, None),
        Err(fault) => (None, Some(fault)),
    };
    for &(start, end) in &builder.unquoted {
        let name = &text[start as usize..end as usize];
        errors.add(start, end, "the name of a test without quotes").help(format!("write `\"{name}\"`"));
    }
    if last.is_some() || !recoveries.is_empty() {
        let (all, _) = tokens(text, source, arena);
        let named = fault::keywords_as_names(&all);
        for fault in recoveries.into_iter().chain(last) {
            errors.add_parse_error(fault, text, &all, &named);
        }
        // INVARIANT: a text with a fault has an error, whatever was taken for the echo of another.
        if errors.list.is_empty() {
            errors.add(0, 0, "the text cannot be read");
        }
    }
    let comments = builder.slice(&comments);
    let items = builder.close(0);
    // What stands behind a token on its line is about that, and what stands before `type` about the file.
    let is_own_line = |comment: &&Comment<'_>| {
        let before = text[..comment.span.start as usize].rsplit('\n').next();
        comment.is_doc() && before.is_some_and(|before| before.trim_ascii().is_empty())
    };
    let docs: Vec<Comment<'a>> = comments.iter().filter(is_own_line).copied().collect();
    let start = policy_type.map_or(0, |line| line.span.end);
    let items = attach_docs(items, &docs, start, arena);
    errors.list.sort_by_key(|error| error.span.start);
    let faulty = arena.alloc_slice_fill_iter(errors.list.iter().map(|fault| fault.span));
    (File { policy_type, items, comments, faulty }, errors.list)
}

/// Which of some tokens are the outcomes of tests.
#[derive(Default)]
struct Outcomes {
    /// Whether the head of a test is open, or its block.
    in_head: bool,
    in_block: bool,
    last_end: u32,
    is_behind_expect: bool,
}

impl Outcomes {
    /// A token as the grammar takes it: in the block of a test `allow` and `deny` are outcomes, at which no statement is
    /// picked up, unless they begin a line, as they do where the block is not closed.
    fn told<'a>(&mut self, start: u32, token: Token<'a>, end: u32, text: &'a str) -> Token<'a> {
        let is_own_line = text[self.last_end as usize..start as usize].contains('\n') && !self.is_behind_expect;
        (self.last_end, self.is_behind_expect) = (end, token == Token::Expect);
        match token {
            Token::Test => (self.in_head, self.in_block) = (true, false),
            Token::LeftBrace => self.in_block = std::mem::take(&mut self.in_head),
            Token::RightBrace => self.in_block = false,
            Token::Allow | Token::Deny if self.in_block && !is_own_line => {
                return Token::Bare(&text[start as usize..end as usize]);
            }
            token if token.begins_item() && !matches!(token, Token::At(_)) => {
                (self.in_head, self.in_block) = (false, false);
            }
            _ => {}
        }
        token
    }
}

/// The tokens of a text with their places, and its comments; for a formatter. What is no token is passed over.
pub fn tokens<'a>(text: &'a str, source: SourceId, arena: &'a Bump) -> (Vec<(Span, Token<'a>)>, Vec<Comment<'a>>) {
    let mut errors = Errors::new(source);
    let mut comments = Vec::new();
    let faults = Cell::new(0);
    let tokens = Tokens::new(text, arena, &mut errors, &mut comments, &faults).map_while(Result::ok);
    let tokens = tokens.map(|(start, token, end)| (Span { source, start, end }, token)).collect();
    (tokens, comments)
}

/// The text, if it is UTF-8 and not too long.
fn readable<'a>(text: &'a [u8], errors: &mut Errors) -> Option<&'a str> {
    if text.len() > DSL_FILE_BYTES_MAX {
        let span = Span { source: errors.source, start: 0, end: 1 };
        let message = format!("a file of {} bytes", text.len());
        let diagnostic = Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message);
        errors.list.push(diagnostic.expected(format!("at most {DSL_FILE_BYTES_MAX}")));
        return None;
    }
    if text.starts_with(b"\xEF\xBB\xBF") {
        errors.add(0, 3, "a byte-order mark stands before the file").help("save it without one");
        return None;
    }
    match std::str::from_utf8(text) {
        Ok(text) if text.trim_start().starts_with(['{', '[']) => {
            let start = (text.len() - text.trim_start().len()) as u32;
            errors
                .add(start, start + 1, "this looks like JSON and not like the Dictum language")
                .help("give the file a name that ends in `.json`, or make it a `.dct` file with `dictum convert`");
            None
        }
        Ok(text) => Some(text),
        Err(fault) => {
            let start = fault.valid_up_to() as u32;
            let length = fault.error_len().unwrap_or(1) as u32;
            errors.add(start, start + length, "not UTF-8").help("save it as UTF-8");
            None
        }
    }
}

/// Gives each item the doc comment before it: the `##` lines between it and what stands before.
fn attach_docs<'a>(items: &'a [Item<'a>], docs: &[Comment<'a>], start: u32, arena: &'a Bump) -> &'a [Item<'a>] {
    let mut last_end = start;
    let documented = items.iter().map(|item| {
        let first = docs.partition_point(|comment| comment.span.start < last_end);
        let end = docs.partition_point(|comment| comment.span.start < item.span.start);
        let lines = docs[first..end].iter().map(|line| Text { span: line.span, text: line.content() });
        let lines: Vec<Text<'a>> = lines.collect();
        let kind = match item.kind {
            ItemKind::Policy(block) => {
                let items = attach_docs(block.items, docs, block.body.start, arena);
                ItemKind::Policy(PolicyBlock { items, ..block })
            }
            kind => kind,
        };
        last_end = item.span.end;
        Item { doc: arena.alloc_slice_copy(&lines), kind, ..*item }
    });
    let documented: Vec<_> = documented.collect();
    arena.alloc_slice_copy(&documented)
}

type Recovery<'a> = lalrpop_util::ParseError<u32, Token<'a>, Halt>;

/// Where the parser puts what it has read.
pub(crate) struct Builder<'a> {
    arena: &'a Bump,
    source: SourceId,
    /// Items of the file and of open blocks.
    pub(crate) items: Vec<Item<'a>>,
    recoveries: Vec<Recovery<'a>>,
    /// How many there are, for the tokens to end where there are too many.
    faults: &'a Cell<usize>,
    /// Names of tests that should stand in quotes.
    unquoted: Vec<(u32, u32)>,
}

impl<'a> Builder<'a> {
    fn new(arena: &'a Bump, source: SourceId, faults: &'a Cell<usize>) -> Builder<'a> {
        Builder { arena, source, items: Vec::new(), recoveries: Vec::new(), faults, unquoted: Vec::new() }
    }

    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
    }

    pub(crate) fn text(&self, start: u32, end: u32, text: &'a str) -> Text<'a> {
        Text { span: self.span(start, end), text }
    }

    pub(crate) fn slice<T: Copy>(&self, list: &[T]) -> &'a [T] {
        self.arena.alloc_slice_copy(list)
    }

    pub(crate) fn item(&mut self, start: u32, end: u32, kind: ItemKind<'a>) {
        self.items.push(Item { span: self.span(start, end), doc: &[], kind });
    }

    pub(crate) fn statement(&mut self, start: u32, end: u32, statement: Statement<'a>) {
        let statement = self.arena.alloc(statement);
        self.item(start, end, ItemKind::Statement(statement));
    }

    /// The items of a block that has ended.
    pub(crate) fn close(&mut self, start: usize) -> &'a [Item<'a>] {
        let items = self.arena.alloc_slice_copy(&self.items[start..]);
        self.items.truncate(start);
        items
    }

    pub(crate) fn unquoted(&mut self, name: Text<'a>) -> Text<'a> {
        self.unquoted.push((name.span.start, name.span.end));
        name
    }

    pub(crate) fn recovered(&mut self, recovery: ErrorRecovery<u32, Token<'a>, Halt>) {
        self.recoveries.push(recovery.error);
        self.faults.set(self.recoveries.len());
    }

    pub(crate) fn entries(&self, start: u32, end: u32, is_array: bool, list: &[Entry<'a>]) -> Entries<'a> {
        Entries { span: self.span(start, end), is_array, list: self.slice(list) }
    }

    pub(crate) fn typed(&self, start: u32, end: u32, (prefix, text): (&'a str, &'a str)) -> Entry<'a> {
        let prefix_end = start + prefix.len() as u32;
        Entry::Typed(self.text(start, prefix_end, prefix), self.text(start, end, text))
    }

    pub(crate) fn clause(&self, start: u32, end: u32, kind: ClauseKind<'a>) -> Clause<'a> {
        Clause { span: self.span(start, end), kind }
    }

    pub(crate) fn comparison(
        &self,
        start: u32,
        end: u32,
        kind: ComparisonKind<'a>,
        values: Entries<'a>,
    ) -> (Comparison<'a>, Entries<'a>) {
        (Comparison { span: self.span(start, end), kind }, values)
    }

    /// A bare key, whose question mark is part of the word that the lexer cut.
    pub(crate) fn key(&self, key: Text<'a>) -> (Text<'a>, Option<Span>) {
        match key.text.strip_suffix('?') {
            None => (key, None),
            Some(text) => {
                let end = key.span.end;
                (self.text(key.span.start, end - 1, text), Some(self.span(end - 1, end)))
            }
        }
    }

    /// Sids and metadata apart.
    pub(crate) fn heads(&self, heads: &[(Metadata<'a>, bool)]) -> (&'a [Metadata<'a>], &'a [Text<'a>]) {
        let with = |is_metadata: bool| heads.iter().filter(move |head| head.1 == is_metadata).map(|head| head.0);
        let metadata: Vec<_> = with(true).collect();
        let sids: Vec<_> = with(false).map(|head| head.name).collect();
        (self.slice(&metadata), self.slice(&sids))
    }

    /// A list with a call in it is one of principals.
    pub(crate) fn let_value(&self, terms: &[Result<Entry<'a>, PrincipalTerm<'a>>]) -> LetValue<'a> {
        let entries: Result<Vec<Entry<'a>>, ()> = terms.iter().map(|term| term.map_err(|_| ())).collect();
        match entries {
            Ok(list) => {
                let span = list.first().map_or(Span::default(), Entry::span);
                let end = list.last().map_or(span.end, |entry| entry.span().end);
                LetValue::Entries(self.entries(span.start, end, false, &list))
            }
            Err(()) => {
                let terms: Vec<_> = terms
                    .iter()
                    .map(|term| match term {
                        Ok(Entry::Bare(bare)) if bare.groups.is_empty() => PrincipalTerm::Word(bare.head),
                        Ok(entry) => PrincipalTerm::Entry(*entry),
                        Err(call) => *call,
                    })
                    .collect();
                LetValue::Principals(self.slice(&terms))
            }
        }
    }
}
