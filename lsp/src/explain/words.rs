//! Lists, counts and quotations, as Markdown.

/// A text as code; ticks in it do not end it.
pub fn code(text: &str) -> String {
    let shown = text.replace(['\n', '\r'], " ");
    match shown.contains('`') {
        false => format!("`{shown}`"),
        true => format!("`` {shown} ``"),
    }
}

/// `a`, `a or b`, `a, b or c`; of more than `most` the first few and how many there are.
pub fn list(parts: &[String], conjunction: &str, most: usize) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if parts.len() <= most => format!("{} {conjunction} {last}", first.join(", ")),
        _ => {
            let shown = most.saturating_sub(1).max(1);
            format!("{} {conjunction} {} others", parts[..shown].join(", "), parts.len() - shown)
        }
    }
}

/// A count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_write_them() {
        let parts = |count: u8| (0..count).map(|at| char::from(b'a' + at).to_string()).collect::<Vec<_>>();
        assert_eq!(list(&parts(0), "or", 3), "nothing");
        assert_eq!(list(&parts(1), "or", 3), "a");
        assert_eq!(list(&parts(2), "or", 3), "a or b");
        assert_eq!(list(&parts(3), "and", 3), "a, b and c");
        assert_eq!(list(&parts(9), "or", 3), "a, b or 7 others");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}
