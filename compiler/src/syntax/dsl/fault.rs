//! A fault of the grammar: a token that cannot stand where it stands, and what is around it.

use super::token::Token;
use crate::diagnostic::shown;
use crate::source::Span;

/// A token that cannot stand where it stands, or the end of the file.
pub(super) struct Fault<'t, 'a> {
    pub(super) start: u32,
    pub(super) end: u32,
    /// `None` at the end of the file.
    pub(super) token: Option<Token<'a>>,
    /// The tokens before it.
    pub(super) before: &'t [(Span, Token<'a>)],
    /// The names that the grammar has for the tokens that could stand there.
    pub(super) expected: &'t [&'t str],
}

impl<'a> Fault<'_, 'a> {
    /// Whether the grammar could go on with a token of this name.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.expected.contains(&name)
    }

    pub(super) fn last(&self) -> Option<Token<'a>> {
        self.before.last().map(|(_, token)| *token)
    }

    /// Whether the fault is but the consequence of another one further up: of a header that could not be read, whose block
    /// was taken for statements, or of a name that is a word of the language.
    pub(super) fn is_echo(&self, named: &[&'static str]) -> bool {
        let is_effect = matches!(self.last(), Some(Token::Allow | Token::Deny));
        let second_last = self.before.len().checked_sub(2).map(|at| self.before[at].1);
        match self.token {
            _ if is_effect && self.takes("typed") && matches!(second_last, Some(Token::Expect)) => true,
            Some(Token::RightParenthesis) if is_effect => true,
            Some(Token::RightBrace) if self.takes("let") => self.opening('{').is_some(),
            Some(token) if token.word().is_some() && !self.is_definition() => {
                token.word().is_some_and(|word| named.contains(&word))
            }
            _ => false,
        }
    }

    /// Whether a name is being defined here.
    pub(super) fn is_definition(&self) -> bool {
        matches!(self.last(), Some(Token::Let | Token::Cond | Token::As)) && self.takes("bare") && !self.takes("typed")
    }

    /// The bracket that should have been closed before this token.
    pub(super) fn unclosed(&self) -> Option<(Span, char)> {
        let ends_list = match self.token {
            None => true,
            Some(token) => {
                token.begins_item()
                    || matches!(token, Token::On | Token::From | Token::If | Token::And | Token::RightBrace)
            }
        };
        let is_inside = !self.takes("let") || self.token.is_none();
        ['[', '(', '{']
            .into_iter()
            .find(|&sign| ends_list && is_inside && self.takes(&closing(sign).to_string()))
            .and_then(|sign| Some((self.opening(sign)?, sign)))
    }

    /// The innermost open bracket, if it is of this kind.
    fn opening(&self, sign: char) -> Option<Span> {
        let mut depth = 0;
        for (span, token) in self.before.iter().rev().take(SCAN_MAX) {
            match token {
                Token::RightBrace | Token::RightBracket | Token::RightParenthesis | Token::GroupClose => depth += 1,
                Token::LeftBrace | Token::LeftBracket | Token::LeftParenthesis | Token::GroupOpen if depth > 0 => {
                    depth -= 1;
                }
                Token::LeftBrace if sign == '{' => return Some(*span),
                Token::LeftBracket if sign == '[' => return Some(*span),
                Token::LeftParenthesis if sign == '(' => return Some(*span),
                Token::LeftBrace | Token::LeftBracket | Token::LeftParenthesis | Token::GroupOpen => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether a clause is in this statement already.
    pub(super) fn stands_already(&self, clause: Token<'_>) -> bool {
        let tokens = self.before.iter().rev().map(|(_, token)| token);
        tokens.take_while(|token| !matches!(token, Token::Allow | Token::Deny)).any(|token| *token == clause)
    }
}

/// Tokens among which an open bracket is looked for, so that many faults of a long file stay cheap.
const SCAN_MAX: usize = 100_000;

/// The keywords that stand where a `let` or `cond` has its name.
pub(super) fn keywords_as_names(tokens: &[(Span, Token<'_>)]) -> Vec<&'static str> {
    let pairs = tokens.windows(2).filter(|pair| matches!(pair[0].1, Token::Let | Token::Cond));
    let mut named: Vec<&str> = pairs.filter_map(|pair| pair[1].1.word()).collect();
    named.sort_unstable();
    named.dedup();
    named
}

pub(super) fn closing(sign: char) -> char {
    match sign {
        '[' => ']',
        '(' => ')',
        _ => '}',
    }
}

pub(super) fn describe(token: &Token<'_>) -> String {
    if let Some(word) = token.word() {
        return format!("`{word}`");
    }
    let sign = match token {
        Token::Bare(text) | Token::Member(text) | Token::Tail(text) | Token::Numbered(text) => {
            return format!("`{}`", shown(text));
        }
        Token::At(text) => return format!("`@{}`", shown(text)),
        Token::String(text) => return format!("`\"{}\"`", shown(text)),
        Token::Typed(prefix, text) => return format!("`{prefix}\"{}\"`", shown(text)),
        Token::Question => "?",
        Token::Json => "json",
        Token::GroupOpen | Token::LeftBrace => "{",
        Token::GroupClose | Token::RightBrace => "}",
        Token::LeftBracket => "[",
        Token::RightBracket => "]",
        Token::LeftParenthesis => "(",
        Token::RightParenthesis => ")",
        Token::Comma => ",",
        Token::Assign => "=",
        Token::Equal => "==",
        Token::NotEqual => "!=",
        Token::EqualIgnoreCase => "~=",
        Token::NotEqualIgnoreCase => "!~=",
        Token::Less => "<",
        Token::LessEqual => "<=",
        Token::Greater => ">",
        Token::GreaterEqual => ">=",
        _ => "",
    };
    format!("`{sign}`")
}
