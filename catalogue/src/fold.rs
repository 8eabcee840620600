//! Comparing names as IAM does: without regard to the case of ASCII letters, and of nothing else (ACT-5).

use std::cmp::Ordering;

/// The order of two names in which case makes no difference.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    one.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// The text behind a prefix in any case.
pub(crate) fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The text before a suffix in any case.
pub(crate) fn strip_suffix<'t>(text: &'t str, suffix: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(suffix.len())?;
    let end = text.get(at..)?;
    end.eq_ignore_ascii_case(suffix).then(|| &text[..at])
}

/// Whether a name matches a pattern of `*` and `?`, whatever the case of either (ACT-3, ACT-5).
///
/// O(bytes of both) in practice, their product at worst; no allocation.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    // Where to go on when the run of the last `*` has to be one longer.
    let mut retry = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c.eq_ignore_ascii_case(&name[n]) => (p, n) = (p + 1, n + 1),
            _ => match retry {
                Some((after, start)) => {
                    retry = Some((after, start + 1));
                    (p, n) = (after, start + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names_in_any_case() {
        for (pattern, name, expected) in [
            ("Get*", "getObject", true),
            ("get?bject", "GetObject", true),
            ("*", "", true),
            ("**", "x", true),
            ("?", "", false),
            ("*Object*", "GetObjectTagging", true),
            ("*Object", "GetObjectTagging", false),
            ("*a*b*c", "xaybzbc", true),
            ("Get", "GetObject", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn case_does_not_order() {
        assert_eq!(compare("GetObject", "getobject"), Ordering::Equal);
        assert_eq!(compare("Get", "getobject"), Ordering::Less);
        assert_eq!(compare("b", "A"), Ordering::Greater);
        assert_eq!(strip_prefix("AWS:ResourceTag/x", "aws:resourcetag/"), Some("x"));
        assert_eq!(strip_prefix("é", "e"), None);
        assert_eq!(strip_suffix("x.Type", ".type"), Some("x"));
        assert_eq!(strip_suffix("é", "x"), None);
    }
}
