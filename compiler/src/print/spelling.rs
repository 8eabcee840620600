//! How single texts are spelled: bare where the grammar reads them back as the same text, else quoted (dsl.md, "Words of the
//! language").
//!
//! Bare is what every reader of the grammar agrees on; whatever is unusual is quoted, which is never wrong.

use crate::syntax::dsl::KEYWORDS;

/// Whether a text can be a bare pattern: letters, digits, `*`, `_`, `${…}`, and behind the first also `? : / . + @ -`.
pub fn is_bare(text: &str) -> bool {
    !text.is_empty() && bare_length(text, true) == text.len()
}

/// Whether a text can continue a bare pattern behind a brace group.
pub fn is_bare_rest(text: &str) -> bool {
    bare_length(text, false) == text.len()
}

/// The bytes at the start of a text that can be bare; variables count whole or not at all.
fn bare_length(text: &str, is_start: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'_' => 1,
            b'?' | b':' | b'/' | b'.' | b'+' | b'@' | b'-' if at > 0 || !is_start => 1,
            b'$' => match variable_length(&bytes[at..]) {
                0 => return at,
                length => length,
            },
            _ => return at,
        };
    }
    at
}

/// The bytes of the variable that a text begins with, `${aws:username}`; 0 where it begins with none that can be bare.
pub(super) fn variable_length(bytes: &[u8]) -> usize {
    let Some(name) = bytes.strip_prefix(b"${") else { return 0 };
    let is_name =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'.' | b'_' | b'-' | b'+' | b'@');
    let length = name.iter().take_while(is_name).count();
    if length > 0 && name.get(length) == Some(&b'}') { length + 3 } else { 0 }
}

/// An action: bare with its colon, or `*`.
pub fn action(text: &str) -> String {
    bare_if(text, is_bare_action(text))
}

/// Whether an action can be bare; one without a colon would be the name of a `let`.
pub(super) fn is_bare_action(text: &str) -> bool {
    text == "*" || text.contains(':') && is_bare(text)
}

/// A resource: an ARN or `*`.
pub fn resource(text: &str) -> String {
    bare_if(text, is_bare_resource(text))
}

/// Whether a resource can be bare.
pub(super) fn is_bare_resource(text: &str) -> bool {
    text == "*" || is_bare_arn(text)
}

/// Whether a condition value of an Arn operator can be bare.
pub(super) fn is_bare_arn(text: &str) -> bool {
    text.starts_with("arn:") && is_bare(text)
}

/// An entry of `aws(…)` and its kin, in which everything is literal.
pub fn principal(text: &str) -> String {
    let is_plain = is_bare(text) && !text.contains(['*', '?', '$']) && !KEYWORDS.contains(&text);
    bare_if(text, is_plain || text == "*")
}

/// A condition key. A `?` behind it would mean IfExists.
pub fn key(text: &str) -> String {
    bare_if(text, text.contains(':') && is_bare(text) && !text.contains(['?', '*', '$']))
}

/// What follows `@`.
pub fn sid(text: &str) -> String {
    bare_if(text, !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// The name of a policy.
pub fn policy_name(text: &str) -> String {
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_name = text.bytes().next().is_some_and(is_start) && text.bytes().all(is_rest);
    bare_if(text, is_name && !KEYWORDS.contains(&text))
}

fn bare_if(text: &str, is_bare: bool) -> String {
    if is_bare { text.to_owned() } else { string(text) }
}

/// A text between quotes.
pub fn string(text: &str) -> String {
    typed("", text)
}

/// A typed string, `num"…"`.
pub fn typed(prefix: &str, text: &str) -> String {
    let mut out = String::with_capacity(prefix.len() + text.len() + 2);
    out.push_str(prefix);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unseen(character) => out.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Characters that a reader would not see, or that would show him the others in another order.
fn is_unseen(character: char) -> bool {
    let unseen = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{feff}')
        || unseen.iter().any(|range| range.contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_bare_and_the_rest_is_quoted() {
        for (text, expected) in [
            ("*", true),
            ("arn:aws:s3:::home/${aws:username}/*", true),
            ("${aws:PrincipalTag/team-x}", true),
            ("${aws:PrincipalTag/team, 'all'}", false),
            ("${*}", false),
            ("${}", false),
            ("$a", false),
            ("a$", false),
            ("2001:db8::/32", true),
            ("::1", false),
            ("?a", false),
            ("a?", true),
            ("a b", false),
            ("é", false),
            ("", false),
        ] {
            assert_eq!(is_bare(text), expected, "{text}");
        }
        assert!(is_bare_rest("/x") && is_bare_rest("") && !is_bare_rest("="));
        assert_eq!([action("s3:Get*"), action("reads"), action("**")], ["s3:Get*", "\"reads\"", "\"**\""]);
        assert_eq!([resource("*"), resource("*a"), resource("arn:x")], ["*", "\"*a\"", "arn:x"]);
        assert_eq!([key("aws:a/b"), key("a:b?"), key("mfa")], ["aws:a/b", "\"a:b?\"", "\"mfa\""]);
        assert_eq!([sid("A1"), sid(""), sid("Allow get")], ["A1", "\"\"", "\"Allow get\""]);
        assert_eq!([policy_name("a-b"), policy_name("policy"), policy_name("1")], ["a-b", "\"policy\"", "\"1\""]);
        assert_eq!([principal("a.com"), principal("*"), principal("on")], ["a.com", "*", "\"on\""]);
    }

    #[test]
    fn strings_escape_what_is_not_seen() {
        assert_eq!(string("a\"\\\n\r\t\u{1}\u{202e}é${x:y}#{}"), r##""a\"\\\n\r\t\u{1}\u{202e}é${x:y}#{}""##);
        assert_eq!(typed("num", "+5"), "num\"+5\"");
    }
}
