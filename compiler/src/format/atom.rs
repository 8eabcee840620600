//! The tokens of a file as they were written, each with its comma and the comments around it.

use bumpalo::Bump;

use crate::source::{SourceId, Span};
use crate::syntax::dsl::tree::Comment;
use crate::syntax::dsl::{self, Token};

/// A token, and what goes where it goes.
#[derive(Debug)]
pub(super) struct Atom<'a> {
    pub token: Token<'a>,
    pub span: Span,
    /// As written.
    pub text: &'a str,
    /// Whether a comma follows that is no more than a habit before a closing bracket.
    pub comma: bool,
    /// Comments on lines of their own before it.
    pub before: Vec<Note<'a>>,
    /// The comment behind it in its line.
    pub after: Option<&'a str>,
    /// Whether a blank line stands directly before it.
    pub is_apart: bool,
}

/// A comment on a line of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note<'a> {
    pub text: &'a str,
    /// Whether a blank line stands directly before it.
    pub is_apart: bool,
}

/// The atoms of a file, and the comments behind the last one.
pub(super) struct Atoms<'a> {
    pub list: Vec<Atom<'a>>,
    pub end: Vec<Note<'a>>,
}

/// Takes a text without faults apart. O(bytes).
pub(super) fn atoms<'a>(text: &'a str, source: SourceId, arena: &'a Bump) -> Atoms<'a> {
    let (tokens, comments) = dsl::tokens(text, source, arena);
    let mut reader = Reader { text, list: Vec::with_capacity(tokens.len()), waiting: Vec::new(), last_end: 0 };
    let mut comments = comments.into_iter().peekable();
    for (span, token) in tokens {
        while let Some(comment) = comments.next_if(|comment| comment.span.start < span.start) {
            reader.comment(&comment);
        }
        reader.token(span, token);
    }
    comments.for_each(|comment| reader.comment(&comment));
    Atoms { list: reader.list, end: reader.waiting }
}

struct Reader<'a> {
    text: &'a str,
    list: Vec<Atom<'a>>,
    /// Comments that go before the next token.
    waiting: Vec<Note<'a>>,
    last_end: u32,
}

impl<'a> Reader<'a> {
    /// Lines that have ended since the last token or comment.
    fn lines_before(&self, start: u32) -> usize {
        let between = &self.text.as_bytes()[self.last_end as usize..start as usize];
        between.iter().filter(|&&byte| byte == b'\n').take(2).count()
    }

    fn comment(&mut self, comment: &Comment<'a>) {
        let lines = self.lines_before(comment.span.start);
        self.last_end = comment.span.end;
        if let Some(last) = self.list.last_mut().filter(|_| lines == 0 && self.waiting.is_empty())
            && last.after.is_none()
        {
            last.after = Some(comment.text);
            return;
        }
        self.waiting.push(Note { text: comment.text, is_apart: lines > 1 });
    }

    fn token(&mut self, span: Span, token: Token<'a>) {
        let is_apart = self.lines_before(span.start) > 1;
        self.last_end = span.end;
        match self.list.last_mut() {
            // Comments between a token and its comma move behind the comma.
            Some(last) if token == Token::Comma => {
                last.comma = true;
                return;
            }
            Some(last) if token == Token::RightBracket => last.comma = false,
            _ => {}
        }
        let before = std::mem::take(&mut self.waiting);
        let text = &self.text[span.start as usize..span.end as usize];
        self.list.push(Atom { token, span, text, comma: false, before, after: None, is_apart });
    }
}
