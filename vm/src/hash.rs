//! Hashing: look-up keys (with and without letter case), and the checksum of a bundle.
//!
//! None of this is cryptographic. Tables are checked for long probe runs when they are built (matching.md 7, B6), so a
//! policy author who aims at collisions costs the compiler another seed, never the machine time.

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
const FINISHER: u64 = 0xD6E8_FEB8_6659_FD93;
/// Sets bit 5 of every byte: upper-case letters become lower-case ones, and what else meets is told apart by comparing.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// Both halves of a product, so that every bit of the factors reaches every bit of the result.
#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Joins a hash with one more number; the order matters.
#[inline]
pub const fn mix(hash: u64, word: u64) -> u64 {
    fold(hash ^ word.wrapping_mul(FINISHER), MULTIPLIER)
}

#[inline]
fn hash_words(bytes: &[u8], seed: u64, case: u64) -> u64 {
    let mut hash = seed ^ bytes.len() as u64;
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        hash = fold(hash ^ (u64::from_le_bytes(*word) | case), MULTIPLIER);
    }
    if !tail.is_empty() {
        hash = fold(hash ^ (short_word(tail) | case), MULTIPLIER);
    }
    fold(hash ^ FINISHER, FINISHER)
}

/// Up to eight bytes as one number, little endian, zero-filled.
#[inline]
fn short_word(tail: &[u8]) -> u64 {
    if let Some((low, high)) = tail.first_chunk::<4>().zip(tail.last_chunk::<4>()) {
        let shift = (tail.len() - 4) * 8;
        return u64::from(u32::from_le_bytes(*low)) | (u64::from(u32::from_le_bytes(*high)) << shift);
    }
    match *tail {
        [a] => u64::from(a),
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        _ => 0,
    }
}

/// The hash of a text, byte for byte.
#[inline]
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    hash_words(bytes, seed, 0)
}

/// The hash of a text whatever the case of its ASCII letters. Equal texts have equal hashes; unequal ones may meet a
/// little more often than with [`hash`].
#[inline]
pub fn hash_folded(bytes: &[u8], seed: u64) -> u64 {
    hash_words(bytes, seed, FOLD)
}

/// The eight bytes at `at`, if there are eight.
#[inline]
pub fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
}

/// The checksum of a bundle: four lanes over 8-byte words, each step a bijection of its lane, so that a change within
/// one word always changes the result; some 4 GB/s.
pub fn checksum(parts: [&[u8]; 2]) -> u64 {
    let mut lanes = [MULTIPLIER, FINISHER, !MULTIPLIER, !FINISHER];
    let mut length = 0u64;
    for part in parts {
        length = length.wrapping_add(part.len() as u64);
        let (blocks, rest) = part.as_chunks::<32>();
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
                *lane = (lane.rotate_left(29) ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
            }
        }
        for chunk in rest.chunks(8) {
            let word = if chunk.len() == 8 { word_at(chunk, 0).unwrap_or(0) } else { short_word(chunk) };
            lanes[0] = (lanes[0].rotate_left(29) ^ word).wrapping_mul(MULTIPLIER);
        }
    }
    lanes.into_iter().fold(length, |sum, lane| {
        let mixed = (sum.rotate_left(17) ^ lane).wrapping_mul(FINISHER);
        mixed ^ (mixed >> 32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn folded_hash_ignores_letter_case_only() {
        for text in ["s3:GetObject", "a", "aws:ResourceTag/Team", "abcdefgh", "ABCDEFGHI"] {
            assert_eq!(hash_folded(text.as_bytes(), 7), hash_folded(text.to_ascii_uppercase().as_bytes(), 7));
        }
        assert_ne!(hash_folded(b"s3:GetObject", 7), hash_folded(b"s3:GetObjecs", 7));
        assert_ne!(hash(b"a", 1), hash(b"A", 1));
    }

    /// Names that differ in their last bytes only must not meet in the low bits, from which tables are entered.
    #[test]
    fn numbered_names_spread() {
        let mut slots = [0u8; 2048];
        for i in 0..1000 {
            let name = alloc::format!("s3:Operation{i:04}");
            slots[hash_folded(name.as_bytes(), 1) as usize % 2048] += 1;
        }
        assert!(slots.iter().all(|&count| count < 8));
    }

    #[test]
    fn every_flipped_byte_changes_the_checksum() {
        let bytes: Vec<u8> = (0..203u32).map(|i| (i * 37 % 251) as u8).collect();
        let whole = checksum([&bytes, &[]]);
        for at in 0..bytes.len() {
            for flip in [1u8, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert_ne!(checksum([&changed, &[]]), whole, "byte {at}");
            }
        }
    }
}
