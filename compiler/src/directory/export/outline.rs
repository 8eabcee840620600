//! The brackets and strings of a text that may be JSON, without reading the rest: enough to tell what kind of file it is
//! and whether its end is there.

use std::ops::Range;

/// A bracket or a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::directory) enum Mark {
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    /// What stands between the quotes.
    Text(Range<usize>),
    /// A member's name, likewise: a string before a colon.
    Name(Range<usize>),
    /// A string that never ends.
    Unclosed,
}

/// The marks of a text in order. O(bytes) over all.
pub(in crate::directory) fn outline(text: &[u8]) -> impl Iterator<Item = Mark> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().position(|byte| matches!(byte, b'{' | b'}' | b'[' | b']' | b'"'))?;
        let byte = text[at];
        at += 1;
        Some(match byte {
            b'{' | b'[' => Mark::Open,
            b'}' | b']' => Mark::Close,
            _ => {
                let start = at;
                loop {
                    at += match text[at..].iter().position(|byte| matches!(byte, b'"' | b'\\')) {
                        None => {
                            at = text.len();
                            return Some(Mark::Unclosed);
                        }
                        Some(length) => length,
                    };
                    if text[at] == b'"' {
                        break;
                    }
                    at = (at + 2).min(text.len());
                }
                at += 1;
                let is_name = text[at..].trim_ascii_start().starts_with(b":");
                if is_name { Mark::Name(start..at - 1) } else { Mark::Text(start..at - 1) }
            }
        })
    })
}

/// Whether a text that is no JSON lacks its end: nothing is there, or a bracket or string is open.
pub(super) fn is_cut_off(text: &[u8]) -> bool {
    let (mut depth, mut is_empty) = (0_usize, true);
    for mark in outline(text) {
        is_empty = false;
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth = depth.saturating_sub(1),
            Mark::Unclosed => return true,
            Mark::Text(_) | Mark::Name(_) => {}
        }
    }
    depth > 0 || is_empty && text.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_any_text() {
        let marks: Vec<Mark> = outline(br#"{"a" : ["x\"]", 1]} "\"#).collect();
        let expected =
            [Mark::Open, Mark::Name(2..3), Mark::Open, Mark::Text(9..13), Mark::Close, Mark::Close, Mark::Unclosed];
        assert_eq!(marks, expected);
        assert!(is_cut_off(br#"{"a": "\"#) && is_cut_off(b"[{}") && is_cut_off(b" \n"));
        assert!(!is_cut_off(b"{}}") && !is_cut_off(b"nonsense"));
    }
}
