//! Decoding of strings that have escapes.

use bumpalo::Bump;
use bumpalo::collections::String;

use super::errors::Errors;

/// The text of a string with escapes, which begins at `start` of its file; what is wrong in it is reported, and replaced.
pub(super) fn decode<'a>(raw: &'a str, start: u32, arena: &'a Bump, errors: &mut Errors) -> &'a str {
    let mut text = String::with_capacity_in(raw.len(), arena);
    let mut rest = raw;
    while let Some(at) = rest.find(|c: char| c == '\\' || c < ' ') {
        text.push_str(&rest[..at]);
        let here = start + (raw.len() - rest.len() + at) as u32;
        rest = &rest[at..];
        if !rest.starts_with('\\') {
            let code = rest.as_bytes()[0];
            errors.add(here, here + 1, format!("a control character (U+{code:04X}) in a string"));
            errors.help_last(if code == b'\t' { "write `\\t`" } else { "write it as an escape" });
            rest = &rest[1..];
            continue;
        }
        let (character, length) = match rest.as_bytes().get(1) {
            Some(b'"') => ('"', 2),
            Some(b'\\') => ('\\', 2),
            Some(b'/') => ('/', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{C}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') => unicode(rest, here, errors),
            _ => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                let message = format!("`{}` is no escape of JSON", &rest[..length]);
                errors.add(here, here + length as u32, message).help_last("a backslash is written `\\\\`");
                ('\u{FFFD}', length)
            }
        };
        text.push(character);
        rest = &rest[length..];
    }
    text.push_str(rest);
    text.into_bump_str()
}

/// The character of a `\u` escape, or of two that make a surrogate pair, and the bytes it takes.
fn unicode(rest: &str, here: u32, errors: &mut Errors) -> (char, usize) {
    let Some(first) = hex(rest) else {
        let digits = rest.bytes().skip(2).take(4).take_while(u8::is_ascii_hexdigit).count();
        errors.add(here, here + 2 + digits as u32, "an escape `\\u` without four hexadecimal digits");
        return ('\u{FFFD}', 2 + digits);
    };
    if let Some(character) = char::from_u32(first) {
        return (character, 6);
    }
    let second = rest[6..].starts_with("\\u").then(|| hex(&rest[6..])).flatten();
    match second {
        Some(second @ 0xDC00..=0xDFFF) if first < 0xDC00 => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            (char::from_u32(code).expect("a surrogate pair makes a character"), 12)
        }
        _ => {
            errors.add(here, here + 6, format!("half of a surrogate pair, `{}`", &rest[..6]));
            errors.help_last("characters above U+FFFF are written as two escapes, or as themselves");
            ('\u{FFFD}', 6)
        }
    }
}

/// The four digits behind `\u`.
fn hex(rest: &str) -> Option<u32> {
    let digits = rest.get(2..6).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
