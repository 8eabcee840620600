//! The faults of a JSON text, and what they are called.

use lalrpop_util::ParseError;

use super::Halt;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::json_token::Token;

/// The faults found so far.
pub(super) struct Errors {
    pub(super) source: SourceId,
    pub(super) list: Vec<Diagnostic>,
    /// Whether a token was left out, so that a fault of the grammar behind it is only its echo.
    pub(super) dropped: bool,
}

impl Errors {
    pub(super) fn new(source: SourceId) -> Errors {
        Errors { source, list: Vec::new(), dropped: false }
    }

    pub(super) fn add(&mut self, start: u32, end: u32, message: impl Into<String>) -> &mut Errors {
        let span = Span { source: self.source, start, end };
        self.list.push(Diagnostic::new(Code::E_JSON, span, "GRM-1", message));
        self
    }

    pub(super) fn help_last(&mut self, help: &str) {
        if let Some(last) = self.list.last_mut() {
            last.help = Some(help.to_owned());
        }
    }

    pub(super) fn add_parse_error(&mut self, fault: ParseError<u32, Token<'_>, Halt>, text: &str, base: u32) {
        let end = base + text.trim_end().len() as u32;
        match fault {
            ParseError::User { error: Halt } => {}
            _ if self.dropped => {}
            // LALRPOP's automaton expects nothing behind a document, and says so in this way.
            ParseError::UnrecognizedToken { token: (start, _, token_end), expected } if expected.is_empty() => {
                self.add(start, token_end, "something stands behind the document");
                self.help_last("a document is one JSON value");
            }
            ParseError::UnrecognizedToken { token: (start, token, token_end), expected } => {
                self.add(start, token_end, format!("unexpected {}", describe(&token)));
                self.expect_last(&expected);
                if expected.iter().any(|name| name == "\",\"") && starts_value(&token) {
                    self.help_last("a comma is missing before it");
                }
            }
            ParseError::UnrecognizedEof { expected, .. } => {
                let empty = text.trim_ascii().is_empty();
                let last = text.trim_end().chars().next_back().map_or(0, |last| last.len_utf8() as u32);
                self.add(end - last, end, if empty { "the document is empty" } else { "the document ends too early" });
                self.expect_last(&expected);
            }
            ParseError::ExtraToken { token: (location, ..) } | ParseError::InvalidToken { location } => {
                _ = self.add(location, location, "not a token of JSON")
            }
        }
    }

    /// LALRPOP names tokens as the grammar does, `"{"` or `"string"` with the quotes.
    fn expect_last(&mut self, expected: &[String]) {
        let bare: Vec<&str> = expected.iter().map(|name| name.trim_matches('"')).collect();
        let mut names: Vec<String> = Vec::new();
        if bare.contains(&"null") {
            names.push("a value".to_owned());
        } else if bare.contains(&"string") {
            names.push("a member name in double quotes".to_owned());
        }
        let signs = bare.iter().filter(|name| name.len() == 1 && !matches!(**name, "{" | "["));
        names.extend(signs.map(|sign| format!("`{sign}`")));
        if let Some(last) = self.list.last_mut().filter(|_| !names.is_empty()) {
            last.expected = Some(names.join(" or "));
        }
    }
}

fn starts_value(token: &Token<'_>) -> bool {
    !matches!(token, Token::RightBrace | Token::RightBracket | Token::Colon | Token::Comma)
}

fn describe(token: &Token<'_>) -> &'static str {
    match token {
        Token::LeftBrace => "`{`",
        Token::RightBrace => "`}`",
        Token::LeftBracket => "`[`",
        Token::RightBracket => "`]`",
        Token::Colon => "`:`",
        Token::Comma => "`,`",
        Token::Null => "`null`",
        Token::True => "`true`",
        Token::False => "`false`",
        Token::Number(_) => "number",
        _ => "string",
    }
}
