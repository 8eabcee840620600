//! Objects: what is made of one unit of policies, in numbers of its own.
//!
//! The code is that of a bundle, but every string, key, action, principal, anchor, block, list and table in it is numbered
//! within the object, a record's gate is open, and where a bundle refers to a record an object has the number of the
//! statement. So an object depends on nothing but its policies, can be kept, and is linked into any bundle.
//!
//! ```text
//! words of each part, then the parts:
//! Summary     statements filed at the root, lists for which a table was given up
//! StringEnds  where each string ends in the bytes; StringBytes
//! Keys        name, lower-case name; Actions likewise; Principals: form, text
//! Statements  policy, index in it, string id of the Sid + 1 or 0, line, column
//! Notes       statement, lines of the comment, names, the lines' ids, for each name its id, values, the values' ids
//! Lists, Blocks, Records, Nodes   as the sections of a bundle
//! Children    node, dimension and slot, key, child
//! Anchors     kind, string id of the bytes
//! Tables      bytes, each table behind its length
//! ```

use dictum_vm::words::Words;

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Part {
    Summary,
    StringEnds,
    StringBytes,
    Keys,
    Actions,
    Principals,
    Statements,
    Notes,
    Lists,
    Blocks,
    Records,
    Nodes,
    Children,
    Anchors,
    Tables,
}

const PARTS: usize = Part::Tables as usize + 1;

/// Words of a row of [`Part::Statements`].
pub const STATEMENT_WORDS: usize = 5;

/// An object in the making.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    parts: [Vec<u8>; PARTS],
}

impl Parts {
    /// Sets a part.
    pub fn set(&mut self, part: Part, words: &[u32]) {
        let mut bytes = vec![0; 4 * words.len()];
        for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *to = word.to_le_bytes();
        }
        self.parts[part as usize] = bytes;
    }

    /// Sets a part of bytes, filled up with zeros to a word.
    pub fn set_bytes(&mut self, part: Part, mut bytes: Vec<u8>) {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        self.parts[part as usize] = bytes;
    }

    /// The object.
    pub fn finish(self) -> Object {
        let mut bytes = Vec::with_capacity(4 * PARTS + self.parts.iter().map(Vec::len).sum::<usize>());
        for part in &self.parts {
            bytes.extend((part.len() as u32 / 4).to_le_bytes());
        }
        self.parts.iter().for_each(|part| bytes.extend_from_slice(part));
        Object { bytes }
    }
}

/// What is made of one unit of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// As the head of this file has them.
    pub bytes: Vec<u8>,
}

impl Object {
    /// Its parts.
    pub fn view(&self) -> View<'_> {
        View::of(&self.bytes).expect("the bytes are those of an object")
    }
}

/// The parts of an object.
#[derive(Clone, Copy, Debug)]
pub struct View<'o> {
    parts: [Words<'o>; PARTS],
    strings: &'o [u8],
}

impl<'o> View<'o> {
    /// The parts of an object's bytes; `None` where they are not all there.
    pub fn of(bytes: &'o [u8]) -> Option<View<'o>> {
        let words = Words::new(bytes);
        let mut at = PARTS;
        let mut ranges = [(0, 0); PARTS];
        for (part, range) in ranges.iter_mut().enumerate() {
            *range = (at, at + words.at(part) as usize);
            at = range.1;
        }
        if bytes.len() != 4 * at {
            return None;
        }
        let parts = ranges.map(|(start, end)| words.slice(start..end));
        let (start, end) = ranges[Part::StringBytes as usize];
        Some(View { parts, strings: &bytes[4 * start..4 * end] })
    }

    /// The words of a part.
    pub fn words(&self, part: Part) -> Words<'o> {
        self.parts[part as usize]
    }

    /// The bytes of a string.
    pub fn bytes(&self, id: u32) -> &'o [u8] {
        let ends = self.words(Part::StringEnds);
        let start = (id as usize).checked_sub(1).map_or(0, |before| ends.at(before));
        self.strings.get(start as usize..ends.at(id as usize) as usize).unwrap_or(&[])
    }

    /// A string that is a text.
    pub fn text(&self, id: u32) -> &'o str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }
}

/// The bytes of a table, which stand behind their length.
pub fn table_at(words: Words<'_>, offset: u32) -> &[u8] {
    let at = offset as usize / 4;
    words.bytes_at(at + 1, words.at(at) as usize)
}
