//! Patterns as positions of one big non-deterministic automaton, over byte classes.
//!
//! A position stands before an atom, or at the end of its pattern:
//!
//! ```text
//! a?b*c     a   ?   b   *   c   end
//! position  0   1   2   3   4   5       2 stands behind a `?` and swallows the rest of its character
//! ```
//!
//! `?` takes any byte that begins a character; the position behind it swallows continuation bytes. Texts are UTF-8 and
//! literals whole characters, so whatever comes next begins with a character of its own.

use super::GlobToken;

/// What a position waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    /// A byte of this class.
    Byte(u8),
    /// A character, by the byte that begins it.
    One,
    /// Anything, any number of times. What follows is a `Byte` or `End`.
    Run,
    /// Nothing: the pattern with this id has matched.
    End(u32),
}

/// The positions of a pattern list, patterns one behind the other.
pub(super) struct Positions {
    pub(super) class_map: [u8; 256],
    pub(super) class_count: usize,
    /// Which classes are of continuation bytes (10xxxxxx). Meaningful only where some pattern has a `?`.
    pub(super) is_continuation: Vec<bool>,
    pub(super) atoms: Vec<Atom>,
    /// The first position of each pattern.
    pub(super) starts: Vec<u32>,
}

impl Positions {
    /// `None` where there would be more than so many positions.
    pub(super) fn of(patterns: &[(u32, &[GlobToken<'_>])], fold: bool, count_max: usize) -> Option<Positions> {
        let (class_map, class_count) = classes(patterns, fold);
        let mut is_continuation = vec![false; class_count];
        for byte in 0x80..=0xbf {
            is_continuation[usize::from(class_map[byte])] = true;
        }
        let mut positions =
            Positions { class_map, class_count, is_continuation, atoms: Vec::new(), starts: Vec::new() };
        let mut sorted: Vec<_> = patterns.to_vec();
        sorted.sort_by_key(|&(id, _)| id);
        for (id, tokens) in sorted {
            positions.starts.push(u32::try_from(positions.atoms.len()).ok()?);
            positions.add(id, tokens, count_max)?;
        }
        Some(positions)
    }

    /// Bytes of the patterns in normal form, a wildcard counting as one.
    pub(super) fn pattern_bytes(&self) -> usize {
        self.atoms.len() - self.starts.len()
    }

    /// Whether the position swallows the continuation bytes of the character that `?` took.
    pub(super) fn swallows(&self, position: u32) -> bool {
        position > 0 && self.atoms[position as usize - 1] == Atom::One
    }

    /// Appends a pattern in normal form: `**` is `*`, `*?` is `?*`.
    fn add(&mut self, id: u32, tokens: &[GlobToken<'_>], count_max: usize) -> Option<()> {
        let first = self.atoms.len();
        for token in tokens {
            let behind_run = self.atoms.len() > first && self.atoms.last() == Some(&Atom::Run);
            match token {
                GlobToken::Literal(bytes) if self.atoms.len() + bytes.len() > count_max => return None,
                GlobToken::Literal(bytes) => {
                    self.atoms.extend(bytes.iter().map(|&byte| Atom::Byte(self.class_map[usize::from(byte)])));
                }
                GlobToken::One if behind_run => self.atoms.insert(self.atoms.len() - 1, Atom::One),
                GlobToken::One => self.atoms.push(Atom::One),
                GlobToken::Run if behind_run => {}
                GlobToken::Run => self.atoms.push(Atom::Run),
            }
            if self.atoms.len() >= count_max {
                return None;
            }
        }
        self.atoms.push(Atom::End(id));
        Some(())
    }
}

/// The class of each byte, and the number of classes: a class of its own for each literal byte (both cases together
/// where they fold), one for all other bytes; where there is a `?`, one more for the other continuation bytes.
/// Numbered by the first byte of each.
fn classes(patterns: &[(u32, &[GlobToken<'_>])], fold: bool) -> ([u8; 256], usize) {
    let (mut is_literal, mut has_one) = ([false; 256], false);
    for token in patterns.iter().flat_map(|(_, tokens)| tokens.iter()) {
        match token {
            GlobToken::Literal(bytes) => bytes.iter().for_each(|&byte| is_literal[folded(byte, fold)] = true),
            GlobToken::One => has_one = true,
            GlobToken::Run => {}
        }
    }
    let mut class_map = [0; 256];
    let mut kinds = Vec::new();
    for byte in 0..=255 {
        let plain = folded(byte, fold);
        let kind = if is_literal[plain] { Ok(plain) } else { Err(has_one && byte & 0xc0 == 0x80) };
        let class = kinds.iter().position(|&known| known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        });
        class_map[usize::from(byte)] = class as u8; // at most 256 kinds, one for each byte
    }
    (class_map, kinds.len())
}

fn folded(byte: u8, fold: bool) -> usize {
    usize::from(if fold { byte.to_ascii_lowercase() } else { byte })
}
