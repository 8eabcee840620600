//! Parts -> bytes. The mirror of `read`.

use alloc::vec;
use alloc::vec::Vec;

use super::{CHECKSUM, HEAD_BYTES, MAGIC, Meta, SECTION_COUNT, Section, VERSION, checksum_of};
use crate::hash::mix;
use crate::words::{PROBES_MAX, Roster};

/// The sections of a bundle to be, each as bytes.
#[derive(Clone, Debug)]
pub struct Parts {
    sections: [Vec<u8>; SECTION_COUNT],
}

impl Default for Parts {
    fn default() -> Self {
        Parts { sections: [const { Vec::new() }; SECTION_COUNT] }
    }
}

impl Parts {
    /// Sets a section of words.
    pub fn words(&mut self, section: Section, words: &[u32]) {
        let mut bytes = vec![0; words.len() * 4];
        for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *to = word.to_le_bytes();
        }
        self.sections[section as usize] = bytes;
    }

    /// Sets a section of bytes.
    pub fn bytes(&mut self, section: Section, bytes: Vec<u8>) {
        self.sections[section as usize] = bytes;
    }

    /// The bundle; `None` if it would not fit 32-bit offsets (4 GiB).
    pub fn finish(mut self, meta: Meta) -> Option<Vec<u8>> {
        self.words(Section::Meta, &meta.to_words());
        let mut out = Vec::with_capacity(self.sections.iter().map(|section| section.len() + 8).sum::<usize>() + 1_024);
        out.resize((HEAD_BYTES + SECTION_COUNT * 8).next_multiple_of(8), 0);
        for (i, section) in self.sections.iter().enumerate() {
            let start = u32::try_from(out.len()).ok()?;
            out.extend_from_slice(section);
            let end = u32::try_from(out.len()).ok()?;
            out.resize(out.len().next_multiple_of(8), 0);
            let entry = HEAD_BYTES + i * 8;
            out[entry..entry + 4].copy_from_slice(&start.to_le_bytes());
            out[entry + 4..entry + 8].copy_from_slice(&(end - start).to_le_bytes());
        }
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&VERSION.to_le_bytes());
        let length = u32::try_from(out.len()).ok()?;
        out[16..20].copy_from_slice(&length.to_le_bytes());
        out[20..24].copy_from_slice(&(SECTION_COUNT as u32).to_le_bytes());
        let sum = checksum_of(&out);
        out[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
        Some(out)
    }
}

/// Makes the checksum fit bytes that were changed behind its back: for tests of what verification refuses.
#[doc(hidden)]
pub fn reseal(bytes: &mut [u8]) {
    if bytes.len() >= CHECKSUM.end {
        let sum = checksum_of(bytes);
        bytes[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    }
}

/// The words of an [`Index`](crate::words::Index) over (hash, id) pairs; `None` if some run of probes would be longer
/// than [`PROBES_MAX`]: try another seed, or more room. `room` doubles the capacity that many times.
pub fn index(entries: &[(u64, u32)], room: u32) -> Option<Vec<u32>> {
    let entries: Vec<(u64, [u32; 2])> =
        entries.iter().map(|&(hash, id)| (hash, [(hash >> 32) as u32, id + 1])).collect();
    table(&entries, entries.len() * 2, room)
}

/// The words of a [`Roster`](crate::words::Roster) over the hashes of rows in their order; as [`index`].
pub fn roster(hashes: &[u64], room: u32) -> Option<Vec<u32>> {
    // Row + 1 must fit below the capacity, and three quarters are full enough.
    let slots = hashes.len() * 4 / 3 + 1;
    let capacity = slots.next_power_of_two() << room;
    let row = |(hash, row): (&u64, u32)| (*hash, [Roster::entry(capacity, *hash, row)]);
    let entries: Vec<(u64, [u32; 1])> = hashes.iter().zip(0..).map(row).collect();
    table(&entries, slots, room)
}

/// Open addressing with as many slots as the next power of two. An entry that is further from its own slot than the one
/// it meets takes that one's place, so that the longest way stays short in a full table: 32 probes are enough for
/// millions of entries at a load of three quarters. The last word of an entry is never 0.
fn table<const N: usize>(entries: &[(u64, [u32; N])], slots: usize, room: u32) -> Option<Vec<u32>> {
    if entries.is_empty() {
        return Some(Vec::new());
    }
    let mask = (slots.next_power_of_two() << room) - 1;
    // One more than the distance of the entry in each slot from its own; 0 is an empty slot.
    let mut ways = vec![0u8; mask + 1];
    let mut words = vec![0u32; (mask + 1) * N];
    for &(hash, entry) in entries {
        let (mut at, mut way, mut entry) = (hash as usize & mask, 1u8, entry);
        loop {
            if usize::from(way) > PROBES_MAX {
                return None;
            }
            let slot = words.get_mut(at * N..at * N + N)?;
            if ways[at] < way {
                core::mem::swap(&mut ways[at], &mut way);
                entry.swap_with_slice(slot);
                if way == 0 {
                    break;
                }
            }
            at = (at + 1) & mask;
            way += 1;
        }
    }
    Some(words)
}

/// The words of the [`Index`](crate::words::Index) of anchors, numbered in order; as [`index`]. An anchor is told by half
/// of its hash and by where it lies, so no two in one run of probes may be alike there: the first would hide the second,
/// and with it the statements filed under it.
pub fn anchor_index(hashes: &[u64], room: u32) -> Option<Vec<u32>> {
    let entries: Vec<(u64, u32)> = hashes.iter().copied().zip(0..).collect();
    let words = index(&entries, room)?;
    let capacity = words.len() / 2;
    let is_alone = |place: usize| {
        let run = (1..PROBES_MAX.min(capacity)).map(|back| place.wrapping_sub(back) & (capacity - 1));
        let mut run = run.take_while(|other| words[other * 2 + 1] != 0);
        words[place * 2 + 1] == 0 || !run.any(|other| words[other * 2] == words[place * 2])
    };
    (0..capacity).all(is_alone).then_some(words)
}

/// Where the probes for a child begin.
#[inline]
pub(crate) fn child_hash(seed: u64, node: u32, dimension: u32, key: u32) -> u64 {
    mix(mix(seed, u64::from(node) << 32 | u64::from(dimension)), u64::from(key))
}

/// The words of the table of children over (node, dimension and slot, key, child); as [`index`].
pub fn children(entries: &[[u32; 4]], seed: u64, room: u32) -> Option<Vec<u32>> {
    let hash = |entry: &[u32; 4]| child_hash(seed, entry[0], entry[1], entry[2]);
    let entries: Vec<(u64, [u32; 4])> = entries.iter().map(|entry| (hash(entry), *entry)).collect();
    table(&entries, entries.len() * 4 / 3 + 1, room)
}

/// The bits of an anchor filter: sixteen for each anchor, a power of two in all.
pub fn anchor_filter(hashes: &[u64]) -> Vec<u32> {
    if hashes.is_empty() {
        return Vec::new();
    }
    let words = (hashes.len() * 16 / 32).max(1).next_power_of_two();
    let mut bits = vec![0u32; words];
    for &hash in hashes {
        let (word, bit) = crate::anchor::filter_place(hash, words);
        bits[word] |= 1 << bit;
    }
    bits
}
