//! Tokens of a JSON text that is being written: nothing is an error, and a string without an end stops at its line's end.

use std::borrow::Cow;
use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of `{ } [ ] : ,`.
    Mark(u8),
    /// A string; `closed` where its second quote is there.
    Text {
        /// Whether the second quote is there.
        closed: bool,
    },
    /// Anything else up to the next blank, mark or quote.
    Word,
}

/// A token and the bytes it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub shape: Shape,
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

impl Token {
    /// The bytes of what it says, quotes left out.
    pub fn inner(&self) -> Range<usize> {
        match self.shape {
            Shape::Text { closed } => self.start + 1..self.end - usize::from(closed),
            _ => self.start..self.end,
        }
    }

    /// What it says; escapes that are none stay as they are.
    pub fn text<'t>(&self, source: &'t str) -> Cow<'t, str> {
        let inner = &source[self.inner()];
        if !matches!(self.shape, Shape::Text { .. }) || !inner.contains('\\') {
            return Cow::Borrowed(inner);
        }
        serde_json::from_str(&format!("\"{inner}\"")).map_or(Cow::Borrowed(inner), Cow::Owned)
    }

    /// Whether a cursor at this byte is in it or touches it.
    pub fn touches(&self, offset: usize) -> bool {
        (self.start..=self.end).contains(&offset) && !matches!(self.shape, Shape::Mark(_))
    }
}

/// The tokens of a text, in order; blanks and comments are left out. O(bytes).
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        loop {
            let &byte = bytes.get(at)?;
            let rest = &bytes[at..];
            if byte.is_ascii_whitespace() {
                at += 1;
            } else if rest.starts_with(b"//") {
                at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                at += text[at..].find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                let (shape, length) = token(rest);
                at += length;
                return Some(Token { shape, start: at - length, end: at });
            }
        }
    })
}

fn token(rest: &[u8]) -> (Shape, usize) {
    match rest[0] {
        mark @ (b'{' | b'}' | b'[' | b']' | b':' | b',') => (Shape::Mark(mark), 1),
        b'"' => string(rest),
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[]:,\"".contains(byte);
            (Shape::Word, rest.iter().position(ends).unwrap_or(rest.len()).max(1))
        }
    }
}

fn string(rest: &[u8]) -> (Shape, usize) {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'"' => return (Shape::Text { closed: true }, at + 1),
            b'\n' | b'\r' => break,
            b'\\' if !matches!(rest.get(at + 1), None | Some(b'\n' | b'\r')) => at += 2,
            _ => at += 1,
        }
    }
    (Shape::Text { closed: false }, at.min(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn broken_texts_have_tokens_too() {
        let text = "{\"a\": tru // x\n /* y */ \"b\\\"\\u0041\", 'c \"d\n]";
        let shown: Vec<_> = tokens(text).map(|token| token.text(text).into_owned()).collect();
        assert_eq!(shown, ["{", "a", ":", "tru", "b\"A", ",", "'c", "d", "]"]);
        assert_eq!(tokens(text).filter(|token| token.shape == Shape::Text { closed: false }).count(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn tokens_are_apart_and_in_order(text in "[a\"\\\\\\n{}:,/*é ]{0,30}") {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.start >= end && token.end > token.start);
                prop_assert!(token.inner().start <= token.inner().end, "{token:?}");
                token.text(&text);
                end = token.end;
            }
            prop_assert!(end <= text.len());
        }
    }
}
