//! The faults of a text of the Dictum language, and what they are called.

use lalrpop_util::ParseError;

use super::Halt;
use super::fault::Fault;
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::DSL_ERRORS_MAX;
use crate::source::{SourceId, Span};

/// The faults found so far.
pub(super) struct Errors {
    pub(super) source: SourceId,
    pub(super) list: Vec<Diagnostic>,
}

/// The fault that was added last, for what else there is to say of it.
pub(super) struct Last<'e>(&'e mut Diagnostic);

impl Last<'_> {
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }
}

impl Errors {
    pub(super) fn new(source: SourceId) -> Errors {
        Errors { source, list: Vec::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= DSL_ERRORS_MAX
    }

    pub(super) fn add(&mut self, start: u32, end: u32, message: impl Into<String>) -> Last<'_> {
        let span = Span { source: self.source, start, end };
        let at = self.list.len();
        self.list.push(Diagnostic::new(Code::E_SYNTAX, span, "GRM-7", message));
        Last(&mut self.list[at])
    }

    /// A fault of the grammar, unless the lexer has named a cause of it just before. `tokens` are all of the text, `named`
    /// the keywords that stand in it as names.
    pub(super) fn add_parse_error(
        &mut self,
        fault: ParseError<u32, Token<'_>, Halt>,
        text: &str,
        tokens: &[(Span, Token<'_>)],
        named: &[&'static str],
    ) {
        let (start, token, end, expected) = match fault {
            ParseError::User { error: Halt } => return,
            ParseError::UnrecognizedToken { token: (start, token, end), expected } => {
                (start, Some(token), end, expected)
            }
            ParseError::UnrecognizedEof { location, expected } => (location, None, location, expected),
            ParseError::ExtraToken { token: (start, token, end) } => (start, Some(token), end, Vec::new()),
            ParseError::InvalidToken { location } => (location, None, location, Vec::new()),
        };
        let before = &tokens[..tokens.partition_point(|(span, _)| span.end <= start)];
        let expected: Vec<&str> = expected.iter().map(|name| name.trim_matches('"')).collect();
        let fault = Fault { start, end, token, before, expected: &expected };
        if self.is_echo(start, end, text) || (!self.list.is_empty() && fault.is_echo(named)) {
            return;
        }
        let told = fault.told();
        let mut last = self.add(told.start, told.end, told.message);
        if !told.expected.is_empty() {
            last = last.expected(told.expected);
        }
        if let Some(help) = told.help {
            last.help(help);
        }
    }

    /// Whether a fault lies in, or right behind, the line part of another.
    fn is_echo(&self, start: u32, end: u32, text: &str) -> bool {
        self.list.iter().any(|other| {
            let overlaps = other.span.start <= end && start <= other.span.end;
            let between = text.get(other.span.end as usize..start as usize);
            overlaps || between.is_some_and(|between| between.len() < 200 && between.trim_ascii().is_empty())
        })
    }
}
