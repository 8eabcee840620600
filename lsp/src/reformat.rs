//! A document in canonical form, as the smallest change that makes it so.

use dictum_compiler::format::{WIDTH, format};
use lsp_types::TextEdit;

use crate::page::Page;

/// The edits that format a document; none where it is in form, `None` where it cannot be read or is no policy.
pub fn reformat(page: &Page) -> Option<Vec<TextEdit>> {
    if !page.is_policy() {
        return None;
    }
    let old = page.text.as_str();
    let new = format(page.name.notation, old.as_bytes(), page.file, WIDTH).ok()?;
    if new == old {
        return Some(Vec::new());
    }
    let (start, old_end, new_end) = difference(old, &new);
    let range = page.text.range(start, old_end);
    Some(vec![TextEdit { range, new_text: new[start..new_end].to_owned() }])
}

/// Where two texts begin to differ, and where each of them ends to. Never between `\r` and `\n`, where no position is.
fn difference(old: &str, new: &str) -> (usize, usize, usize) {
    let is_cut = |text: &str, at: usize| {
        text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n'))
    };
    let same = old.bytes().zip(new.bytes()).take_while(|(one, other)| one == other).count();
    let start = (0..=same).rev().find(|&at| is_cut(old, at) && is_cut(new, at)).unwrap_or(0);
    let tails = old.bytes().rev().zip(new.bytes().rev());
    let most = old.len().min(new.len()) - start;
    let same = tails.take(most).take_while(|(one, other)| one == other).count();
    let is_end = |tail: &usize| is_cut(old, old.len() - tail) && is_cut(new, new.len() - tail);
    let tail = (0..=same).rev().find(is_end).unwrap_or(0);
    (start, old.len() - tail, new.len() - tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_difference_makes_the_new_text(old in "[ab\\r\\né😀è]{0,12}", new in "[ab\\r\\né😀è]{0,12}") {
            let (start, old_end, new_end) = difference(&old, &new);
            prop_assert_eq!(format!("{}{}{}", &old[..start], &new[start..new_end], &old[old_end..]), new);
        }
    }
}
