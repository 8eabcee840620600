//! JSON: a member or entry a line, two blanks a level, as most tools write it, and as a printed policy is.
//!
//! Empty arrays and objects have no lines. Strings and numbers stay as they are written, with their escapes and digits;
//! members keep their order, and those that occur twice stay twice.

use bumpalo::Bump;

use crate::diagnostic::Diagnostic;
use crate::limits::FORMAT_NESTING_MAX;
use crate::source::SourceId;
use crate::syntax::json;

/// The canonical form of one JSON value. O(bytes), and no recursion.
pub(super) fn format(text: &[u8], source: SourceId, arena: &Bump) -> Result<String, Vec<Diagnostic>> {
    json::parse(text, 0, source, arena, FORMAT_NESTING_MAX)?;
    let text = std::str::from_utf8(text).unwrap_or_default();
    let pieces = pieces(text);
    let mut out = String::with_capacity(text.len());
    let mut depth = 0;
    let mut rest = pieces.as_slice();
    while let [piece, behind @ ..] = rest {
        rest = behind;
        out.push_str(piece);
        match (*piece, behind) {
            ("{" | "[", [close @ ("}" | "]"), after @ ..]) => {
                out.push_str(close);
                rest = after;
            }
            ("{" | "[", _) => {
                depth += 1;
                line(depth, &mut out);
            }
            (",", _) => line(depth, &mut out),
            (":", _) => out.push(' '),
            _ => {}
        }
        if let ["}" | "]", ..] = rest {
            depth -= 1;
            line(depth, &mut out);
        }
    }
    out.push('\n');
    Ok(out)
}

fn line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The signs, strings and other scalars of a text that is JSON.
fn pieces(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(&bytes[at..]),
            _ => bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
                .count()
                .max(1),
        };
        pieces.push(&text[start..at]);
    }
    pieces
}

/// The bytes of the string that a text begins with, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}
