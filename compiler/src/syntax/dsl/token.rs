//! The tokens of the Dictum language: first as the lexer cuts them, then as the grammar takes them.

use logos::{Lexer, Logos};

/// A piece of text as the lexer cuts it. Which characters may begin a bare text depends on what stands before it, so that
/// the lexer lets all of them.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
pub(super) enum Piece<'a> {
    /// Letters, digits and the signs of patterns, with whole variables.
    #[regex(r#"([A-Za-z0-9*_?:/.+@-]|\$\{[^\s"',{}]*\})+"#)]
    Bare(&'a str),
    /// `POLICY#2`.
    #[regex(r"[A-Za-z0-9*_?:/.+@-]+#[0-9]+")]
    Numbered(&'a str),
    /// What stands between two quotes, escapes as written.
    String(&'a str),
    /// The same without its closing quote.
    Unclosed(&'a str),
    #[token("\"", string)]
    Quote,
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment(&'a str),
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token("(")]
    LeftParenthesis,
    #[token(")")]
    RightParenthesis,
    #[token(",")]
    Comma,
    #[token("=")]
    Assign,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("~=")]
    EqualIgnoreCase,
    #[token("!~=")]
    NotEqualIgnoreCase,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
}

/// Finds the closing quote; a string ends at the line's end, closed or not.
fn string<'a>(lexer: &mut Lexer<'a, Piece<'a>>) -> Piece<'a> {
    let rest = lexer.remainder();
    let bytes = rest.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                lexer.bump(at + 1);
                return Piece::String(&rest[..at]);
            }
            None | Some(b'\n') => {
                lexer.bump(at);
                return Piece::Unclosed(&rest[..at]);
            }
            Some(b'\\') if bytes.get(at + 1).is_some_and(|&next| next < 0x80 && next != b'\n') => at += 2,
            Some(_) => at += 1,
        }
    }
}

macro_rules! keywords {
    ($($name:ident $text:literal;)*) => {
        /// A token as the grammar takes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are the meaning")]
        pub enum Token<'a> {
            $($name,)*
            /// Bare text, where it begins.
            Bare(&'a str),
            /// A member of a brace group.
            Member(&'a str),
            /// Bare text that touches the brace before it.
            Tail(&'a str),
            /// `POLICY#2`.
            Numbered(&'a str),
            /// A string, decoded.
            String(&'a str),
            /// `arn"…"`: the prefix, and the string, decoded.
            Typed(&'a str, &'a str),
            /// `@Sid`, without the `@`; also of `@"Allow get"`, decoded.
            At(&'a str),
            /// `?` that touches the quote before it.
            Question,
            /// The word `json` before a parenthesis.
            Json,
            GroupOpen,
            GroupClose,
            LeftBrace,
            RightBrace,
            LeftBracket,
            RightBracket,
            LeftParenthesis,
            RightParenthesis,
            Comma,
            Assign,
            Equal,
            NotEqual,
            EqualIgnoreCase,
            NotEqualIgnoreCase,
            Less,
            LessEqual,
            Greater,
            GreaterEqual,
        }

        /// The words of the language: reserved only where a plain identifier could stand.
        pub const KEYWORDS: &[&str] = &[$($text),*];

        impl Token<'_> {
            /// The keyword that a text is.
            pub(super) fn keyword(text: &str) -> Option<Token<'static>> {
                match text {
                    $($text => Some(Token::$name),)*
                    _ => None,
                }
            }

            /// What it reads, of a keyword.
            pub(super) fn word(&self) -> Option<&'static str> {
                match self {
                    $(Token::$name => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

keywords! {
    Allow "allow";
    Deny "deny";
    From "from";
    On "on";
    If "if";
    And "and";
    All "all";
    Any "any";
    Not "not";
    In "in";
    Like "like";
    Is "is";
    Exists "exists";
    Absent "absent";
    Except "except";
    Let "let";
    Cond "cond";
    Use "use";
    As "as";
    Policy "policy";
    Test "test";
    Type "type";
    Under "under";
    For "for";
    Do "do";
    With "with";
    Account "account";
    Expect "expect";
    By "by";
}

impl<'a> Token<'a> {
    /// The text of a token that has one.
    pub(super) fn text(&self) -> Option<&'a str> {
        match *self {
            Token::Bare(text) | Token::Member(text) | Token::Tail(text) | Token::Numbered(text) => Some(text),
            Token::String(text) | Token::Typed(_, text) | Token::At(text) => Some(text),
            _ => None,
        }
    }
}

impl Token<'_> {
    /// Whether an item may begin with it: where an erroneous file is picked up again.
    pub(super) fn begins_item(&self) -> bool {
        matches!(
            self,
            Token::Allow
                | Token::Deny
                | Token::Let
                | Token::Cond
                | Token::Use
                | Token::Policy
                | Token::Test
                | Token::At(_)
        )
    }
}
