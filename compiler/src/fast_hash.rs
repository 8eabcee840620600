//! The hasher of the compiler's own tables: the machine's hash, some five times as fast as the standard one on short
//! texts and numbers. What a policy author could make collide costs compile time in one table, bounded by LIM-1.

use std::hash::{BuildHasherDefault, Hasher};

/// A map by [`FastHasher`].
pub type FastMap<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// Joins what it is given by [`dictum_vm::hash::mix`].
#[derive(Clone, Copy, Debug, Default)]
pub struct FastHasher(u64);

impl Hasher for FastHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = dictum_vm::hash::hash(bytes, self.0);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = dictum_vm::hash::mix(self.0 ^ 1, number);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}
