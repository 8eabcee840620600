//! The tokens of JSON, and of what people write in its stead: comments, bare words, single quotes.
//!
//! A string token holds what stands between the quotes. Whether it has an escape is seen while looking for its end, so
//! that the common string is borrowed and never looked at again.

use logos::{Lexer, Logos};

/// A token. The last group is no JSON; it exists so that the message can say what it is.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
pub enum Token<'a> {
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(":")]
    Colon,
    #[token(",")]
    Comma,
    #[token("null", priority = 20)]
    Null,
    #[token("true", priority = 20)]
    True,
    #[token("false", priority = 20)]
    False,
    /// The digits as written.
    #[regex(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", priority = 20)]
    Number(&'a str),
    /// A string; from the lexer one without escapes, so that its text is what stands in the source.
    String(&'a str),
    /// Begins one of the strings, and is replaced by it.
    #[token("\"", string)]
    Quote,
    /// A string with escapes or control characters, as it stands in the source.
    Escaped(&'a str),
    /// A string without its closing quote.
    Unclosed(&'a str),
    /// `// …`, `# …` or `/* … */`.
    #[regex(r"(//|#)[^\n]*", allow_greedy = true)]
    #[token("/*", block_comment)]
    Comment,
    /// `'…'`.
    #[regex(r"'[^'\n]*'")]
    SingleQuoted(&'a str),
    /// Anything made of letters, digits and the signs of numbers.
    #[regex(r"[A-Za-z0-9_$+.-]+", priority = 10)]
    Word(&'a str),
}

/// Finds the closing quote. A line end cannot stand in a string, so a string without a closing quote ends there.
fn string<'a>(lexer: &mut Lexer<'a, Token<'a>>) -> Token<'a> {
    let rest = lexer.remainder();
    let bytes = rest.as_bytes();
    let (mut at, mut plain) = (0, true);
    loop {
        match bytes.get(at) {
            Some(b'"') => break,
            None | Some(b'\n') => {
                lexer.bump(at);
                return Token::Unclosed(&rest[..at]);
            }
            Some(b'\\') if bytes.get(at + 1).is_some_and(|&escaped| escaped < 0x80 && escaped != b'\n') => {
                plain = false;
                at += 2;
            }
            Some(b'\\' | ..0x20) => {
                plain = false;
                at += 1;
            }
            Some(_) => at += 1,
        }
    }
    lexer.bump(at + 1);
    if plain { Token::String(&rest[..at]) } else { Token::Escaped(&rest[..at]) }
}

fn block_comment<'a>(lexer: &mut Lexer<'a, Token<'a>>) {
    let rest = lexer.remainder();
    lexer.bump(rest.find("*/").map_or(rest.len(), |at| at + 2));
}
