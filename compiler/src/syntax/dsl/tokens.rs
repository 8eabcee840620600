//! The lexer's pieces as the grammar wants them: keywords known, groups told from blocks, strings decoded, comments set
//! aside. What is no token is reported and passed over.

use std::cell::Cell;

use bumpalo::Bump;
use logos::Logos;

use super::Halt;
use super::errors::Errors;
use super::token::{Piece, Token};
use super::tree::Comment;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{BLOCK_DEPTH_MAX, DSL_ERRORS_MAX, TEXT_BYTES_MAX};
use crate::source::Span;

pub(super) type Spanned<'a> = (u32, Token<'a>, u32);

/// The prefixes of typed strings, with the family of operators that each chooses.
pub const STRING_TYPES: [&str; 6] = ["arn", "date", "num", "ip", "bin", "bool"];

/// The grammar's view of a text. Never stops but at the end, and where there are too many errors.
pub(super) struct Tokens<'a, 'e> {
    lexer: logos::Lexer<'a, Piece<'a>>,
    text: &'a str,
    arena: &'a Bump,
    errors: &'e mut Errors,
    comments: &'e mut Vec<Comment<'a>>,
    /// The faults that the parser has found.
    faults: &'e Cell<usize>,
    /// The last token's end and what it was.
    last_end: u32,
    last: Option<Token<'a>>,
    /// Where the open group begins.
    group: Option<u32>,
    /// A token read ahead.
    ahead: Option<Spanned<'a>>,
    /// Blocks around the next token.
    depth: u32,
}

impl<'a> Iterator for Tokens<'a, '_> {
    type Item = Result<Spanned<'a>, Halt>;

    fn next(&mut self) -> Option<Result<Spanned<'a>, Halt>> {
        if self.errors.is_full() || self.faults.get() >= DSL_ERRORS_MAX {
            return Some(Err(Halt));
        }
        let token = match self.ahead.take() {
            Some(token) => token,
            None => self.read()?,
        };
        self.last = Some(token.1);
        self.last_end = token.2;
        self.check_length(&token);
        self.check_depth(&token).then_some(Ok(token)).or(Some(Err(Halt)))
    }
}

fn may_begin(character: u8) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, b'*' | b'_' | b'$')
}

impl<'a, 'e> Tokens<'a, 'e> {
    pub(super) fn new(
        text: &'a str,
        arena: &'a Bump,
        errors: &'e mut Errors,
        comments: &'e mut Vec<Comment<'a>>,
        faults: &'e Cell<usize>,
    ) -> Tokens<'a, 'e> {
        let lexer = Piece::lexer(text);
        Tokens {
            lexer,
            text,
            arena,
            errors,
            comments,
            faults,
            last_end: 0,
            last: None,
            group: None,
            ahead: None,
            depth: 0,
        }
    }

    /// Whether blocks are not nested too deeply to go on: the parser, and whoever walks its tree, need not be ready for more.
    fn check_depth(&mut self, (start, token, end): &Spanned<'a>) -> bool {
        match token {
            Token::LeftBrace => self.depth += 1,
            Token::RightBrace => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth <= BLOCK_DEPTH_MAX {
            return true;
        }
        let span = Span { source: self.errors.source, start: *start, end: *end };
        let message = format!("blocks nested more than {BLOCK_DEPTH_MAX} deep");
        self.errors.list.push(Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message));
        false
    }

    /// LIM-1: no text is longer than JSON may have it.
    fn check_length(&mut self, (start, token, end): &Spanned<'a>) {
        let length = token.text().map_or(0, str::len);
        if length > TEXT_BYTES_MAX {
            let span = Span { source: self.errors.source, start: *start, end: *end };
            let fault = Diagnostic::new(Code::E_LIMIT, span, "LIM-1", format!("a text of {length} bytes"));
            self.errors.list.push(fault.expected(format!("at most {TEXT_BYTES_MAX}")));
        }
    }

    /// The next piece with its place, comments set aside and unknown characters reported.
    fn piece(&mut self) -> Option<(u32, Piece<'a>, u32)> {
        loop {
            let piece = self.lexer.next()?;
            let range = self.lexer.span();
            let (start, end) = (range.start as u32, range.end as u32);
            match piece {
                Ok(Piece::Comment(text)) => self.comment(start, text),
                Ok(piece) => return Some((start, piece, end)),
                Err(()) => {
                    if let Some(piece) = self.unknown(start) {
                        return Some(piece);
                    }
                }
            }
            if self.errors.is_full() {
                return None;
            }
        }
    }

    fn comment(&mut self, start: u32, text: &'a str) {
        self.check_returns(text, start);
        let text = text.trim_end();
        let at = start as usize;
        let before = self.text.as_bytes()[..at].last();
        if before.is_some_and(|byte| !byte.is_ascii_whitespace()) {
            self.errors
                .add(start, start + 1, "`#` directly behind a token")
                .help("quote the text, or put a blank before the comment");
        }
        let span = Span { source: self.errors.source, start, end: start + text.len() as u32 };
        self.comments.push(Comment { span, text });
    }

    /// A carriage return that ends no line, though some show a new one behind it: what stands there is hidden from either
    /// the reader or the compiler. `start` is the place of the text's first character.
    fn check_returns(&mut self, text: &str, start: u32) {
        // At the end of the line it belongs to the line feed.
        let text = text.strip_suffix('\r').unwrap_or(text);
        if let Some(at) = text.find('\r') {
            let at = start + at as u32;
            let help = "end the line with a line feed; in a string write `\\r`";
            self.errors.add(at, at + 1, "a carriage return without a line feed").help(help);
        }
    }

    /// Reports a run of characters that begin no token, and passes over it; what was meant as a string is one.
    fn unknown(&mut self, start: u32) -> Option<(u32, Piece<'a>, u32)> {
        let at = start as usize;
        let rest = &self.text[at..];
        if rest.starts_with("${") {
            let end = variable_end(rest);
            let message = format!("the variable `{}` cannot be written bare", shown(&rest[..end]));
            let behind = &rest[end..];
            let is_bare = |c: char| c.is_ascii_alphanumeric() || "*_?:/.+@-$".contains(c);
            let length = end + behind.find(|c| !is_bare(c)).unwrap_or(behind.len());
            self.lexer.bump(length.saturating_sub(self.lexer.slice().len()));
            let help =
                "quote the whole text: a variable with a default, a blank or without its `}` stands in quotes only";
            self.errors.add(start, start + end as u32, message).help(help);
            return None;
        }
        if let Some((text, length)) = oddly_quoted(rest) {
            self.lexer.bump(length.saturating_sub(self.lexer.slice().len()));
            let end = start + length as u32;
            let message = if rest.starts_with('\'') { "a string in single quotes" } else { "a string in curly quotes" };
            self.errors.add(start, end, message).help(format!("write `\"{}\"`", shown(text)));
            return Some((start, Piece::String(text), end));
        }
        let is_known =
            |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "*_?:/.+@-#\"{}[](),=<>".contains(c);
        let end = rest.char_indices().skip(1).find(|&(_, c)| is_known(c)).map_or(rest.len(), |(end, _)| end);
        self.lexer.bump(end.saturating_sub(self.lexer.slice().len()));
        let run = &rest[..end];
        let help = match run {
            "&&" | "&" => "conditions are joined by `and`",
            "||" | "|" => "conditions only conjoin, as in IAM; for an alternative write a list, or a second statement",
            "'" => "strings stand in double quotes",
            ";" => "statements need no sign at their end",
            "~" => "write `~=`, or `like` with `*` and `?`; there are no regular expressions",
            "!" => "write `!=`, `not in` or `not like`; a `cond` cannot be negated",
            _ => "quote the text",
        };
        let is_turned = run == "~" && self.last == Some(Token::Assign) && self.last_end == start;
        let (first, run) = if is_turned { (start - 1, "=~") } else { (start, run) };
        self.errors.add(first, start + end as u32, format!("unexpected `{}`", shown(run))).help(help);
        None
    }

    /// A comment as other languages write it: reported and passed over. Whether it is one.
    fn foreign_comment(&mut self, start: u32, text: &str) -> bool {
        let at = start as usize;
        let rest = &self.text[at..];
        // PERF: looked for at a comment only, for a line may be as long as a file, and all of it bare texts.
        let line = || rest.find('\n').unwrap_or(rest.len());
        let length = match text {
            text if text.starts_with("/*") => rest[2..].find("*/").map_or_else(line, |end| end + 4),
            text if text.starts_with("//") || text == "--" => line(),
            _ => return false,
        };
        self.lexer.bump(length.saturating_sub(text.len()));
        self.errors.add(start, start + 2, format!("a comment behind `{}`", &text[..2])).help("comments begin with `#`");
        true
    }

    fn read(&mut self) -> Option<Spanned<'a>> {
        let Some((start, piece, end)) = self.piece() else {
            let open = self.group.take()?;
            self.unclosed(open);
            return Some((self.last_end, Token::GroupClose, self.last_end));
        };
        if self.group.is_some() {
            return Some(self.in_group(start, piece, end));
        }
        let token = match piece {
            Piece::Bare(text) => return self.bare(start, text, end),
            Piece::Numbered(text) => Token::Numbered(text),
            Piece::String(_) | Piece::Unclosed(_) => Token::String(self.string(start, piece, end)),
            Piece::LeftBrace if self.touches(start) => {
                self.group = Some(start);
                Token::GroupOpen
            }
            piece => plain(piece),
        };
        Some((start, token, end))
    }

    /// Whether a brace here continues a bare text.
    fn touches(&self, start: u32) -> bool {
        let is_text = matches!(self.last, Some(Token::Bare(_) | Token::Tail(_) | Token::GroupClose));
        is_text && self.last_end == start
    }

    fn bare(&mut self, start: u32, text: &'a str, end: u32) -> Option<Spanned<'a>> {
        let touches = self.last_end == start;
        if touches && self.last == Some(Token::GroupClose) {
            return Some((start, Token::Tail(text), end));
        }
        if text == "?" {
            if touches && matches!(self.last, Some(Token::String(_))) {
                return Some((start, Token::Question, end));
            }
            let help = "the `?` touches the key, as in `aws:MultiFactorAuthPresent?`";
            self.errors.add(start, end, "a `?` apart from its key").help(help);
            return self.read();
        }
        if self.foreign_comment(start, text) {
            return self.read();
        }
        let next = self.lexer.remainder().as_bytes().first();
        if let Some(name) = text.strip_prefix('@') {
            if !name.is_empty() {
                return Some((start, Token::At(name), end));
            }
            if next == Some(&b'"') {
                let (string_start, piece, string_end) = self.piece()?;
                let text = self.string(string_start, piece, string_end);
                return Some((start, Token::At(text), string_end));
            }
        }
        if next == Some(&b'"') && STRING_TYPES.contains(&text) {
            let (string_start, piece, string_end) = self.piece()?;
            let string = self.string(string_start, piece, string_end);
            return Some((start, Token::Typed(text, string), string_end));
        }
        if let Some(keyword) = Token::keyword(text) {
            return Some((start, keyword, end));
        }
        if text == "json" && next == Some(&b'(') {
            return Some((start, Token::Json, end));
        }
        let first = text.as_bytes()[0];
        let is_number = matches!(first, b'-') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        // Behind a brace that is no group's the brace is what is wrong, and told by the grammar.
        let is_tail = touches && self.last == Some(Token::RightBrace);
        if !may_begin(first) && !is_number && !is_tail {
            let message = format!("bare text cannot begin with `{}`", char::from(first));
            let help = match first {
                b':' if text.parse::<std::net::Ipv6Addr>().is_ok() => format!("write `ip\"{text}\"`"),
                b'+' if text[1..].parse::<f64>().is_ok() => format!("write `num\"{text}\"`"),
                b':' if text == ":" && next == Some(&b'=') => "write `=`".to_owned(),
                b'@' => "put the Sid directly behind the `@`".to_owned(),
                _ => "quote the text".to_owned(),
            };
            self.errors.add(start, end, message).help(help);
        } else if next == Some(&b'"') {
            let message = format!("`{}` directly before a string", shown(text));
            let near = nearest(text, STRING_TYPES);
            let help = match near {
                Some(near) => format!("did you mean `{near}\"…\"`?"),
                None => "a blank or a comma is missing between the two".to_owned(),
            };
            let types = STRING_TYPES.map(|name| format!("`{name}\"…\"`")).join(", ");
            self.errors.add(start, end, message).expected(format!("one of {types}")).help(help);
            let (string_start, piece, string_end) = self.piece()?;
            let string = self.string(string_start, piece, string_end);
            return Some((start, near.map_or(Token::String(string), |near| Token::Typed(near, string)), string_end));
        }
        Some((start, Token::Bare(text), end))
    }

    /// A token of an open group. A keyword that is no member for want of a comma shows that the group was not closed.
    fn in_group(&mut self, start: u32, piece: Piece<'a>, end: u32) -> Spanned<'a> {
        let open = self.group.unwrap_or(start);
        let token = match piece {
            Piece::Bare(text) => {
                let is_member = matches!(self.last, Some(Token::GroupOpen | Token::Comma));
                let item = Token::keyword(text).or(text.starts_with('@').then_some(Token::At(&text[1..])));
                match item {
                    Some(item) if !is_member => {
                        self.unclosed(open);
                        self.group = None;
                        self.ahead = Some((start, item, end));
                        return (self.last_end, Token::GroupClose, self.last_end);
                    }
                    _ => Token::Member(text),
                }
            }
            Piece::RightBrace => {
                self.group = None;
                Token::GroupClose
            }
            Piece::LeftBrace => {
                self.errors.add(start, end, "a brace group in a brace group").help("write two entries");
                self.nested(open);
                self.group = None;
                return (self.last_end, Token::GroupClose, self.last_end);
            }
            Piece::Numbered(text) => Token::Numbered(text),
            Piece::String(_) | Piece::Unclosed(_) => {
                self.errors.add(start, end, "a string in a brace group").help("groups hold bare text only");
                Token::Member(self.string(start, piece, end))
            }
            piece => {
                if matches!(piece, Piece::RightBracket | Piece::RightParenthesis | Piece::Equal | Piece::Assign) {
                    self.unclosed(open);
                    self.group = None;
                    self.ahead = Some((start, plain(piece), end));
                    return (self.last_end, Token::GroupClose, self.last_end);
                }
                plain(piece)
            }
        };
        (start, token, end)
    }

    fn unclosed(&mut self, open: u32) {
        let help = "write `}` behind the last member";
        self.errors.add(open, open + 1, "a brace group without its `}`").help(help);
    }

    /// Passes over what a nested group holds, and the rest of the group around it.
    fn nested(&mut self, open: u32) {
        let mut depth = 2;
        while depth > 0 {
            match self.piece() {
                Some((_, Piece::LeftBrace, _)) => depth += 1,
                Some((_, Piece::RightBrace, end)) => {
                    depth -= 1;
                    self.last_end = end;
                }
                Some((start, Piece::Bare(text), end)) if Token::keyword(text).is_some_and(|it| it.begins_item()) => {
                    self.unclosed(open);
                    self.ahead = Token::keyword(text).map(|token| (start, token, end));
                    return;
                }
                Some(_) => {}
                None => return,
            }
        }
    }

    /// The text of a string.
    fn string(&mut self, start: u32, piece: Piece<'a>, end: u32) -> &'a str {
        let raw = match piece {
            Piece::String(raw) => raw,
            Piece::Unclosed(raw) => {
                self.errors
                    .add(start, end, "a string without its closing quote")
                    .help("a string ends in the line that it begins in");
                raw
            }
            _ => return "",
        };
        let raw_start = end - u32::from(matches!(piece, Piece::String(_))) - raw.len() as u32;
        match piece {
            Piece::String(_) if raw.ends_with('\r') => {
                self.errors
                    .add(raw_start + raw.len() as u32 - 1, end, "a carriage return without a line feed")
                    .help("in a string write `\\r`");
            }
            _ => self.check_returns(raw, raw_start),
        }
        if raw.contains('\\') { decode(raw, raw_start, self.arena, self.errors) } else { raw }
    }
}

/// Where a variable ends that cannot be written bare: behind its brace, or at the next blank.
fn variable_end(text: &str) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    let close = text[..line].find('}').map(|at| at + 1);
    close.or_else(|| text.find(char::is_whitespace)).unwrap_or(text.len())
}

/// The text between quotes that are none of the language, and how long it is with them; it ends in its line.
fn oddly_quoted(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let closes: &[char] = match open {
        '\'' => &['\''],
        '‘' | '’' => &['‘', '’', '\''],
        '“' | '”' | '„' => &['“', '”', '"'],
        _ => return None,
    };
    let inner = &text[open.len_utf8()..];
    let end = inner.find(|c| c == '\n' || closes.contains(&c))?;
    let close = inner[end..].chars().next().filter(|c| *c != '\n')?;
    Some((&inner[..end], open.len_utf8() + end + close.len_utf8()))
}

fn plain<'a>(piece: Piece<'a>) -> Token<'a> {
    match piece {
        Piece::LeftBrace => Token::LeftBrace,
        Piece::RightBrace => Token::RightBrace,
        Piece::LeftBracket => Token::LeftBracket,
        Piece::RightBracket => Token::RightBracket,
        Piece::LeftParenthesis => Token::LeftParenthesis,
        Piece::RightParenthesis => Token::RightParenthesis,
        Piece::Comma => Token::Comma,
        Piece::Assign => Token::Assign,
        Piece::Equal => Token::Equal,
        Piece::NotEqual => Token::NotEqual,
        Piece::EqualIgnoreCase => Token::EqualIgnoreCase,
        Piece::NotEqualIgnoreCase => Token::NotEqualIgnoreCase,
        Piece::Less => Token::Less,
        Piece::LessEqual => Token::LessEqual,
        Piece::Greater => Token::Greater,
        Piece::GreaterEqual => Token::GreaterEqual,
        Piece::Bare(text) | Piece::Numbered(text) | Piece::Comment(text) => Token::Bare(text),
        Piece::String(text) | Piece::Unclosed(text) => Token::String(text),
        Piece::Quote => Token::String(""),
    }
}

/// A string's text: `\"`, `\\`, `\n`, `\r`, `\t` and `\u{…}` replaced. `start` is the place of its first character.
fn decode<'a>(raw: &str, start: u32, arena: &'a Bump, errors: &mut Errors) -> &'a str {
    let mut text = bumpalo::collections::String::with_capacity_in(raw.len(), arena);
    let mut rest = raw;
    while let Some(at) = rest.find('\\').filter(|_| !errors.is_full()) {
        text.push_str(&rest[..at]);
        let place = start + (raw.len() - rest.len() + at) as u32;
        let escape = &rest[at + 1..];
        let (character, length) = match escape.as_bytes().first() {
            Some(b'"') => (Some('"'), 1),
            Some(b'\\') => (Some('\\'), 1),
            Some(b'n') => (Some('\n'), 1),
            Some(b'r') => (Some('\r'), 1),
            Some(b't') => (Some('\t'), 1),
            Some(b'u') => unicode(escape),
            _ => (None, escape.chars().next().map_or(0, char::len_utf8)),
        };
        match character {
            Some(character) => text.push(character),
            None => {
                let end = place + 1 + length as u32;
                let message = format!("unknown escape `\\{}`", shown(&escape[..length]));
                let expected = r#"`\"`, `\\`, `\n`, `\r`, `\t` or `\u{…}`"#;
                errors.add(place, end, message).expected(expected).help("write a backslash itself as `\\\\`");
            }
        }
        rest = &escape[length..];
    }
    text.push_str(rest);
    text.into_bump_str()
}

/// Bytes that `u{…}` is looked for in.
const UNICODE_BYTES_MAX: usize = 12;

/// The character of `u{…}`, and the bytes it takes.
fn unicode(escape: &str) -> (Option<char>, usize) {
    // No further than digits can reach: what follows may be long.
    let close = escape.bytes().take(UNICODE_BYTES_MAX).position(|byte| byte == b'}');
    let Some(digits) = close.and_then(|close| escape[..close].strip_prefix("u{")) else { return (None, 1) };
    let is_number = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let character = u32::from_str_radix(digits, 16).ok().filter(|_| is_number).and_then(char::from_u32);
    match character {
        Some(character) => (Some(character), digits.len() + 3),
        None if digits.len() <= 8 && digits.is_ascii() => (None, digits.len() + 3),
        None => (None, 1),
    }
}
