//! Shared lists of ascending ids: equal ones stand once.

use crate::fast_hash::FastMap;

/// The section of lists, in the making.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Length, then ids, one list behind the other.
    pub words: Vec<u32>,
    offsets: FastMap<Box<[u32]>, u32>,
}

impl Lists {
    /// The offset of a list of ascending ids.
    pub fn offset(&mut self, ids: &[u32]) -> u32 {
        if let Some(&offset) = self.offsets.get(ids) {
            return offset;
        }
        let offset = self.words.len() as u32;
        self.words.push(ids.len() as u32);
        self.words.extend(ids);
        self.offsets.insert(ids.into(), offset);
        offset
    }
}
