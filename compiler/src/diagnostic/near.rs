//! The name that was probably meant.

use smallvec::{SmallVec, smallvec};

/// The candidate nearest to a word by edit distance without regard to letter case, where one is near enough: a third of
/// the word's letters may differ. Of equally near ones the first.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > 100 {
        return None;
    }
    let word_characters = folded(word);
    let limit = (word_characters.len() / 3).max(1);
    // PERF: texts whose lengths differ by more than the limit are not near; a document may hold 100,000 wrong names.
    let similar =
        candidates.into_iter().filter(|candidate| candidate.len().abs_diff(word.len()) <= limit + EXTRA_BYTES);
    let near = similar.filter_map(|candidate| Some((distance(&word_characters, candidate, limit)?, candidate)));
    near.min_by_key(|&(distance, _)| distance).map(|(_, name)| name)
}

/// Bytes by which texts of equal length in characters may differ: of other than ASCII letters a few.
const EXTRA_BYTES: usize = 2;

/// Insertions, deletions, replacements and swaps of neighbours that make one text of the other, letter case being free;
/// `None` where they are more than the limit.
fn distance(one: &[char], other: &str, limit: usize) -> Option<usize> {
    let other: Characters = folded(other);
    let width = other.len() + 1;
    let mut before_last: SmallVec<[usize; 64]> = smallvec![0; width];
    let mut last: SmallVec<[usize; 64]> = (0..width).collect();
    let mut row = before_last.clone();
    for i in 0..one.len() {
        row[0] = i + 1;
        for j in 0..other.len() {
            let replaced = last[j] + usize::from(one[i] != other[j]);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                best = best.min(before_last[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        // No later row is below the least of this one and the swap that spans it.
        if row.iter().chain(&last).all(|&distance| distance > limit) {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[other.len()]).filter(|&distance| distance <= limit)
}

type Characters = SmallVec<[char; 64]>;

fn folded(text: &str) -> Characters {
    text.chars().map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["Statement", "Version", "Id"];
        for (word, name) in [
            ("statement", Some("Statement")),
            ("Statements", Some("Statement")),
            ("Vresion", Some("Version")),
            ("ID", Some("Id")),
            ("Comment", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), name, "{word}");
        }
    }
}
