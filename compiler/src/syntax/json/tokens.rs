//! The lexer's tokens as the parser wants them.

use bumpalo::Bump;
use logos::Logos;

use super::Halt;
use super::errors::Errors;
use super::text::decode;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::SYNTAX_ERRORS_MAX;
use crate::source::{SourceId, Span};
use crate::syntax::json_token::Token;

pub(super) type Spanned<'a> = (u32, Token<'a>, u32);

/// The parser's view of the lexer: strings decoded, faults reported and passed over, brackets counted.
pub(super) struct Tokens<'a, 'e> {
    lexer: logos::Lexer<'a, Token<'a>>,
    base: u32,
    arena: &'a Bump,
    errors: &'e mut Errors,
    depth: u32,
    max_depth: u32,
    /// A token read ahead, behind a comma.
    ahead: Option<Spanned<'a>>,
}

impl<'a> Iterator for Tokens<'a, '_> {
    type Item = Result<Spanned<'a>, Halt>;

    fn next(&mut self) -> Option<Result<Spanned<'a>, Halt>> {
        let token = match self.ahead.take() {
            Some(token) => token,
            None => self.clean()?,
        };
        if self.errors.list.len() >= SYNTAX_ERRORS_MAX {
            return Some(Err(Halt));
        }
        match token.1 {
            Token::LeftBrace | Token::LeftBracket => {
                self.depth += 1;
                if self.depth > self.max_depth {
                    self.errors.list.push(too_deep(self.errors.source, token.0, self.max_depth));
                    return Some(Err(Halt));
                }
            }
            Token::RightBrace | Token::RightBracket => self.depth = self.depth.saturating_sub(1),
            Token::Comma => {
                self.ahead = self.clean();
                if let Some(closing @ (_, Token::RightBrace | Token::RightBracket, _)) = self.ahead {
                    self.errors.add(token.0, token.2, "a comma before the closing bracket").help_last("remove it");
                    self.depth = self.depth.saturating_sub(1);
                    self.ahead = None;
                    return Some(Ok(closing));
                }
            }
            _ => {}
        }
        Some(Ok(token))
    }
}

fn too_deep(source: SourceId, at: u32, max_depth: u32) -> Diagnostic {
    let span = Span { source, start: at, end: at + 1 };
    let message = format!("nested more than {max_depth} levels deep");
    Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message)
}

impl<'a, 'e> Tokens<'a, 'e> {
    pub(super) fn new(text: &'a str, base: u32, arena: &'a Bump, max_depth: u32, errors: &'e mut Errors) -> Self {
        Tokens { lexer: Token::lexer(text), base, arena, errors, depth: 0, max_depth, ahead: None }
    }

    /// The next token that JSON has; what it has not is reported, and replaced or left out.
    fn clean(&mut self) -> Option<Spanned<'a>> {
        while self.errors.list.len() < SYNTAX_ERRORS_MAX {
            let token = self.lexer.next()?;
            let range = self.lexer.span();
            let (start, end) = (self.base + range.start as u32, self.base + range.end as u32);
            let token = match token {
                Ok(Token::Escaped(raw)) => Token::String(decode(raw, start + 1, self.arena, self.errors)),
                Ok(Token::Unclosed(raw)) => {
                    self.errors.add(start, end, "a string without closing quote");
                    self.errors.dropped = true;
                    Token::String(raw)
                }
                Ok(Token::Comment) => {
                    self.errors.add(start, end, "JSON has no comments").help_last("remove it");
                    continue;
                }
                Ok(Token::SingleQuoted(raw)) => {
                    self.errors.add(start, end, "a string in single quotes").help_last("use double quotes");
                    Token::String(raw)
                }
                Ok(Token::Word(word)) => {
                    self.word(start, end, word);
                    Token::String(word)
                }
                Ok(token) => token,
                Err(()) => {
                    let shown = self.lexer.slice().escape_debug();
                    self.errors.add(start, end, format!("unexpected character `{shown}`"));
                    self.errors.dropped = true;
                    continue;
                }
            };
            return Some((start, token, end));
        }
        self.errors.dropped = true;
        None
    }

    fn word(&mut self, start: u32, end: u32, word: &str) {
        let like_number = word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        let message = format!("`{word}` is no {} of JSON", if like_number { "number" } else { "value" });
        let help = match word.to_ascii_lowercase().as_str() {
            "true" => "write `true`",
            "false" => "write `false`",
            "null" | "none" | "nil" | "undefined" => "write `null`",
            _ if like_number => "a number has no leading zero or plus, and digits on both sides of its point",
            _ => "texts stand in double quotes",
        };
        self.errors.add(start, end, message).help_last(help);
    }
}
