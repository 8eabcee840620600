//! Anchors: hashes of literal bytes that every text matching a pattern must contain (matching.md 4.2).
//!
//! A text is cut before each `:` and `/` into tokens. A pattern is filed under one anchor of its literal stretches; a
//! resource offers all of its own. INVARIANT: a key is a function of bytes that are literal in the pattern and lie at a
//! known distance from the string's start, its end, or a literal delimiter. Whatever wildcards and variables stand for,
//! a match contains them, under every rule for stars; so an index by anchors misses nothing, and only the glob program
//! knows the rule.

use core::ops::Range;

use crate::hash::{hash, mix, word_at};
use crate::scan::{Marked, equal_bytes};

/// The kinds of anchors, one bit each: a resource computes only those in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(pub u32);

impl Kinds {
    /// The whole string.
    pub const EXACT: u32 = 1;
    /// From the start up to and with a delimiter.
    pub const PREFIX: u32 = 2;
    /// The same and the next eight bytes.
    pub const PREFIX8: u32 = 4;
    /// A token with its left delimiter, ended by another one or the end.
    pub const TOKEN: u32 = 8;
    /// Eight bytes behind a delimiter.
    pub const START8: u32 = 16;
    /// Any four bytes.
    pub const GRAM4: u32 = 32;
    /// Every bit with a meaning.
    pub const ALL: u32 = 63;
}

/// A stretch of a pattern without wildcards and variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// Its bytes.
    pub text: &'a [u8],
    /// Whether it begins the pattern.
    pub is_start: bool,
    /// Whether it ends the pattern.
    pub is_end: bool,
}

/// Calls `each` with the kind, hash and place of every anchor of a stretch that is of one of the kinds: kind and bytes are
/// all that the hash depends on. At most five for each byte.
///
/// A pattern is filed by this function and a resource offers by it, so the two cannot differ: a resource is a stretch
/// that is a whole pattern.
#[inline]
pub fn anchors(stretch: Stretch<'_>, kinds: u32, seed: u64, mut each: impl FnMut(u32, u64, Range<usize>)) {
    let Stretch { text, is_start, is_end } = stretch;
    let mut give = |kind: u32, hash: u64, place: Range<usize>| {
        if kinds & kind != 0 {
            each(kind, hash, place);
        }
    };
    let mut chain = seed;
    let mut start = 0;
    let mut has_left_delimiter = false;
    let mut places = delimiters(text);
    loop {
        let next = places.next();
        let end = next.unwrap_or(text.len());
        let token = hash(&text[start..end], seed);
        if has_left_delimiter && (next.is_some() || is_end) {
            give(Kinds::TOKEN, mix(token, u64::from(Kinds::TOKEN)), start..end);
        }
        chain = mix(chain, token);
        let Some(at) = next else { break };
        let delimiter = u64::from(text[at]) << 8;
        if is_start {
            give(Kinds::PREFIX, mix(chain, delimiter | u64::from(Kinds::PREFIX)), 0..at + 1);
        }
        if kinds & (Kinds::PREFIX8 | Kinds::START8) != 0
            && let Some(word) = word_at(text, at + 1)
        {
            give(Kinds::START8, mix(mix(seed, word), delimiter | u64::from(Kinds::START8)), at..at + 9);
            if is_start {
                give(Kinds::PREFIX8, mix(mix(chain, word), delimiter | u64::from(Kinds::PREFIX8)), 0..at + 9);
            }
        }
        start = at;
        has_left_delimiter = true;
    }
    if is_start && is_end {
        give(Kinds::EXACT, mix(chain, u64::from(Kinds::EXACT)), 0..text.len());
    }
    if kinds & Kinds::GRAM4 != 0 {
        (0..).zip(text.windows(4)).for_each(|(at, gram)| give(Kinds::GRAM4, gram_hash(gram, seed), at..at + 4));
    }
}

/// The hash of an anchor that [`anchors`] gave with this kind and these bytes, under any seed.
pub fn hash_of(kind: u32, bytes: &[u8], seed: u64) -> u64 {
    let is_start = kind & (Kinds::EXACT | Kinds::PREFIX | Kinds::PREFIX8) != 0;
    let is_end = kind & (Kinds::EXACT | Kinds::TOKEN) != 0;
    let mut last = 0;
    // Delimiters inside the bytes have anchors of their own, all before that of the whole; but of those with eight bytes
    // behind a delimiter there is none other.
    anchors(Stretch { text: bytes, is_start, is_end }, kind, seed, |_, hash, _| last = hash);
    last
}

/// Calls `each` with the hash of every anchor of the given kinds that a resource offers.
#[inline]
pub fn offered(text: &[u8], kinds: u32, seed: u64, mut each: impl FnMut(u64)) {
    anchors(Stretch { text, is_start: true, is_end: true }, kinds, seed, |_, hash, _| each(hash));
}

fn gram_hash(gram: &[u8], seed: u64) -> u64 {
    let bytes = gram.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    mix(mix(seed, u64::from(bytes)), u64::from(Kinds::GRAM4))
}

/// Word and bit of a hash in an anchor filter of that many words, a power of two.
#[inline]
pub(crate) fn filter_place(hash: u64, words: usize) -> (usize, u32) {
    ((hash >> 37) as usize & words.wrapping_sub(1), (hash >> 32) as u32 & 31)
}

/// Places of `:` and `/` in a text.
#[inline]
fn delimiters(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    Marked::new(text, |word| equal_bytes(word, b':') | equal_bytes(word, b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn delimiters_are_found_everywhere() {
        let text = b"arn:aws:s3:::bucket/a//b:\xBA\x2F\xAF:tail/";
        let expected: Vec<_> = (0..text.len()).filter(|&i| matches!(text[i], b':' | b'/')).collect();
        assert_eq!(delimiters(text).collect::<Vec<_>>(), expected);
        assert_eq!(delimiters(b"").next(), None);
    }

    /// A resource offers every anchor of every pattern it matches: here, of its own prefixes, suffixes and middles.
    #[test]
    fn what_a_pattern_is_filed_under_is_offered() {
        for text in
            ["arn:aws:s3:::bucket//a/bc", "arn:aws:sqs:us-east-1:111111111111:queue-of-many-words", "a", "::", "/"]
        {
            let mut offer = Vec::new();
            offered(text.as_bytes(), Kinds::ALL, 9, |hash| offer.push(hash));
            for start in 0..=text.len() {
                for end in start..=text.len() {
                    let stretch =
                        Stretch { text: &text.as_bytes()[start..end], is_start: start == 0, is_end: end == text.len() };
                    anchors(stretch, Kinds::ALL, 9, |kind, hash, place| {
                        assert!(offer.contains(&hash), "{text} [{start}..{end}] kind {kind}");
                        assert_eq!(hash_of(kind, &stretch.text[place], 9), hash, "{text} [{start}..{end}] kind {kind}");
                    });
                }
            }
        }
    }
}
