//! What a caller may keep from one compilation for the next: values by the digest of all that they were made of.
//!
//! The compiler asks and puts; where the values lie, and for how long, is the caller's. A cache may forget whatever it likes.
//! It must not make anything up: what it gives under a key is taken for what was once put under it.

use std::collections::HashMap;

use crate::digest::Digest;

/// Values of earlier compilations.
pub trait Cache {
    /// The value that was put under a key, if it is still there.
    fn get(&self, key: &Digest) -> Option<&[u8]>;

    /// Keeps a value. What is under the key already was made of the same things and may be replaced.
    fn put(&mut self, key: Digest, value: Vec<u8>);

    /// Whether anything is kept at all; if not, keys and values need not be made.
    fn keeps(&self) -> bool {
        true
    }
}

/// Finds nothing and keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get(&self, _: &Digest) -> Option<&[u8]> {
        None
    }

    fn put(&mut self, _: Digest, _: Vec<u8>) {}

    fn keeps(&self) -> bool {
        false
    }
}

/// Keeps everything in memory, for as long as it lives itself.
#[derive(Clone, Debug, Default)]
pub struct MemoryCache(HashMap<Digest, Vec<u8>>);

impl Cache for MemoryCache {
    fn get(&self, key: &Digest) -> Option<&[u8]> {
        self.0.get(key).map(Vec::as_slice)
    }

    fn put(&mut self, key: Digest, value: Vec<u8>) {
        self.0.insert(key, value);
    }
}

/// The digest of this build: of the sources of the compiler and the machine, of what they depend on and what they are built
/// for. It goes into the key of whatever their code makes, so that no build is given a value that another would not make.
pub fn fingerprint() -> Digest {
    let digits = env!("DICTUM_FINGERPRINT").as_bytes();
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or_default() as u8;
    Digest(std::array::from_fn(|at| match digits.get(2 * at..2 * at + 2) {
        Some(&[high, low]) => value(high) << 4 | value(low),
        _ => 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_a_digest() {
        assert_eq!(fingerprint().to_string(), env!("DICTUM_FINGERPRINT"));
    }

    #[test]
    fn no_cache_keeps_nothing() {
        let mut cache = NoCache;
        cache.put(fingerprint(), vec![1]);
        assert!(cache.get(&fingerprint()).is_none() && !cache.keeps());
    }
}
