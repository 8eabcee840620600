//! Read-only views of a bundle's sections: 32-bit little-endian words, strings, and hash tables over them.
//!
//! Every read is checked and gives zero (or nothing) out of bounds: after verification none is, and a broken promise
//! costs a wrong number, never a panic.

use core::ops::Range;

/// A section of 32-bit little-endian words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'b>(&'b [[u8; 4]]);

impl<'b> Words<'b> {
    /// No words.
    pub(crate) const EMPTY: Words<'static> = Words(&[]);

    /// A view of bytes; a rest of less than four bytes is left out.
    pub fn new(bytes: &'b [u8]) -> Self {
        Words(bytes.as_chunks::<4>().0)
    }

    /// Number of words.
    #[inline]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is no word.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The word at an index, zero if there is none.
    #[inline]
    pub fn at(self, index: usize) -> u32 {
        match self.0.get(index) {
            Some(word) => u32::from_le_bytes(*word),
            None => 0,
        }
    }

    /// The words of a range, empty if it is out of bounds.
    #[inline]
    pub fn slice(self, range: Range<usize>) -> Words<'b> {
        Words(self.0.get(range).unwrap_or(&[]))
    }

    /// The bytes of the first `len` bytes from a word on.
    #[inline]
    pub fn bytes_at(self, index: usize, len: usize) -> &'b [u8] {
        self.0.get(index..).and_then(|words| words.as_flattened().get(..len)).unwrap_or(&[])
    }

    /// All words in order.
    pub fn iter(self) -> impl Iterator<Item = u32> + 'b {
        self.0.iter().map(|word| u32::from_le_bytes(*word))
    }

    /// Whether ascending words hold a number: a scan of up to eight, else binary search.
    #[inline]
    pub fn contains_sorted(self, wanted: u32) -> bool {
        if self.0.len() <= 8 {
            return self.0.iter().any(|word| u32::from_le_bytes(*word) == wanted);
        }
        self.0.binary_search_by_key(&wanted, |word| u32::from_le_bytes(*word)).is_ok()
    }
}

/// The string table: `offsets[i]..offsets[i + 1]` are the bytes of string `i`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strings<'b> {
    /// Ascending byte offsets, one more than there are strings.
    pub offsets: Words<'b>,
    /// The bytes of all strings, UTF-8 each.
    pub bytes: &'b [u8],
}

impl<'b> Strings<'b> {
    /// Number of strings.
    pub fn count(self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The bytes of a string, empty if there is none.
    #[inline]
    pub fn get(self, id: u32) -> &'b [u8] {
        let id = id as usize;
        let range = self.offsets.at(id) as usize..self.offsets.at(id + 1) as usize;
        self.bytes.get(range).unwrap_or(&[])
    }

    /// The text of a string. Costs a UTF-8 check: for explanations and listings, not for matching.
    pub fn text(self, id: u32) -> &'b str {
        core::str::from_utf8(self.get(id)).unwrap_or("")
    }
}

/// Longest run of probes in a table (matching.md 7, B6).
pub const PROBES_MAX: usize = 32;

/// A hash table from 64-bit hashes to ids: open addressing, a power of two of two-word entries (upper half of the hash;
/// id + 1, zero if empty).
#[derive(Clone, Copy, Debug, Default)]
pub struct Index<'b>(pub Words<'b>);

impl Index<'_> {
    /// Number of entries, full or empty.
    pub fn capacity(self) -> usize {
        self.0.len() / 2
    }

    /// The id whose hash is `hash` and which `is_equal` confirms. At most [`PROBES_MAX`] entries are looked at.
    #[inline]
    pub fn find(self, hash: u64, mut is_equal: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.capacity().checked_sub(1)?;
        let mut at = hash as usize & mask;
        for _ in 0..PROBES_MAX {
            let id = self.0.at(at * 2 + 1).checked_sub(1)?;
            if self.0.at(at * 2) == (hash >> 32) as u32 && is_equal(id) {
                return Some(id);
            }
            at = (at + 1) & mask;
        }
        None
    }
}

/// A hash table of one word an entry, for rows that confirm a look-up themselves: row + 1 in as many low bits as the
/// capacity, a power of two, has; bits of the hash above them, which spare most looks at other rows; 0 if empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roster<'b>(pub Words<'b>);

impl Roster<'_> {
    /// Number of entries, full or empty.
    pub fn capacity(self) -> usize {
        self.0.len()
    }

    /// The word of a row in a table of so many entries.
    #[inline]
    pub fn entry(capacity: usize, hash: u64, row: u32) -> u32 {
        (hash >> 32) as u32 & !(capacity as u32 - 1) | (row + 1)
    }

    /// The row whose hash is `hash` and which `is_equal` confirms. At most [`PROBES_MAX`] entries are looked at.
    #[inline]
    pub fn find(self, hash: u64, mut is_equal: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.capacity().checked_sub(1)?;
        let mut at = hash as usize & mask;
        for _ in 0..PROBES_MAX {
            let entry = self.0.at(at);
            let row = (entry & mask as u32).checked_sub(1)?;
            if entry == Roster::entry(mask + 1, hash, row) && is_equal(row) {
                return Some(row);
            }
            at = (at + 1) & mask;
        }
        None
    }
}
