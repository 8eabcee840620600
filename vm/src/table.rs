//! A determinised pattern list: which of its patterns match a text, in one step a byte (matching.md 7, B2).
//!
//! The writer is the compiler's `automata::encode`, which mirrors this file line for line. All numbers are little-endian:
//!
//! ```text
//! header       u32 x 7   flags (bit 0: fold), classes, states, start, sink_end, accept_end, pool words
//! class map    u8 x 256  the class of each byte
//! rows         u16       a row of `classes` entries for each state, padded to whole words; an entry is the following
//!                        state times `classes`, so that a step needs no multiplication
//! lists        u32       for each state below accept_end the place of its list in the pool
//! pool         u32       lists: a count, then so many pattern ids, ascending
//! ```
//!
//! States are numbered so that one comparison classifies them:
//!
//! ```text
//! 0                        the dead state: nothing can match any more; its list is empty
//! 0 .. sink_end            states that are never left: reading stops at once
//! 0 .. accept_end          states with a list
//! accept_end .. states     states where the text may not end
//! ```
//!
//! Letter case is folded by the class map alone (`A` has the class of `a`), so it costs nothing here.

/// Most states of a table (B2).
pub const STATE_COUNT_MAX: usize = 4_096;
/// Most bytes of a table (B2).
pub const TABLE_BYTES_MAX: usize = 65_536;
/// Words before the class map.
pub const HEADER_WORDS: usize = 7;
/// Bytes of the class map.
pub const CLASS_MAP_BYTES: usize = 256;
/// Flag of a table that takes ASCII capitals for small letters (ACT-5).
pub const FLAG_FOLD: u32 = 1;

/// A table inside the bytes of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    fold: bool,
    class_map: &'a [u8; CLASS_MAP_BYTES],
    class_count: usize,
    state_count: usize,
    start: usize,
    sink_end: usize,
    accept_end: usize,
    rows: &'a [u8],
    /// Between the rows and the lists, at most one entry.
    padding: &'a [u8],
    lists: &'a [u8],
    pool: &'a [u8],
}

impl<'a> Table<'a> {
    /// The table that these bytes hold, all of them, after full verification; `None` where anything is amiss.
    ///
    /// Time linear in the bytes and the lists that states refer to. No allocation.
    pub fn parse(words: &'a [u8]) -> Option<Table<'a>> {
        let table = Table::view(words)?;
        let size = 4 * HEADER_WORDS
            + CLASS_MAP_BYTES
            + table.rows.len()
            + table.padding.len()
            + table.lists.len()
            + table.pool.len();
        let good = size == words.len()
            && size <= TABLE_BYTES_MAX
            && words.first().is_some_and(|&flags| u32::from(flags) <= FLAG_FOLD)
            && words.get(1..4)? == [0; 3]
            && table.header_is_good()
            && table.classes_are_good()
            && table.rows_are_good()
            && table.padding.iter().all(|&byte| byte == 0)
            && table.lists_are_good();
        good.then_some(table)
    }

    /// The table that bytes begin with, where their sizes fit. For bytes that [`Table::parse`] has accepted before; any
    /// others give a table with arbitrary answers, but never a panic nor an endless loop. O(1).
    pub fn view(words: &'a [u8]) -> Option<Table<'a>> {
        let (header, rest) = words.split_at_checked(4 * HEADER_WORDS)?;
        let field = |index| read_word(header, index);
        let (class_count, state_count) = (field(1)?, field(2)?);
        let (class_map, rest) = rest.split_first_chunk()?;
        let entry_count = class_count.checked_mul(state_count)?;
        let (rows, rest) = rest.split_at_checked(entry_count.checked_mul(2)?)?;
        let (padding, rest) = rest.split_at_checked(entry_count % 2 * 2)?;
        let (lists, rest) = rest.split_at_checked(field(5)?.checked_mul(4)?)?;
        let (pool, _) = rest.split_at_checked(field(6)?.checked_mul(4)?)?;
        Some(Table {
            fold: header.first()? & FLAG_FOLD as u8 != 0,
            class_map,
            class_count,
            state_count,
            start: field(3)?.checked_mul(class_count)?,
            sink_end: field(4)?.checked_mul(class_count)?,
            accept_end: field(5)?.checked_mul(class_count)?,
            rows,
            padding,
            lists,
            pool,
        })
    }

    /// The ids of the patterns that match the whole text, ascending. At most one look-up a byte of the text; stops where
    /// nothing can change any more.
    pub fn matches(&self, text: &[u8]) -> impl Iterator<Item = u32> + use<'a> {
        let ids = self.list_at(self.run(text)).unwrap_or_default();
        ids.chunks_exact(4).map(|id| id.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte)))
    }

    /// Whether any pattern matches the whole text. As [`Table::matches`], without looking at the list.
    pub fn matches_any(&self, text: &[u8]) -> bool {
        let end = self.run(text);
        end != 0 && end < self.accept_end
    }

    /// Whether ASCII capitals are taken for small letters.
    pub fn folds(&self) -> bool {
        self.fold
    }

    /// Number of states, the dead one included.
    pub fn state_count(&self) -> usize {
        self.state_count
    }

    /// Number of byte classes.
    pub fn class_count(&self) -> usize {
        self.class_count
    }

    /// The state behind the text, times `class_count`; 0, the dead state, where the bytes are garbage.
    fn run(&self, text: &[u8]) -> usize {
        let mut state = self.start;
        for &byte in text {
            if state < self.sink_end {
                break;
            }
            let class = self.class_map.get(usize::from(byte)).copied().unwrap_or(0);
            match read_entry(self.rows, state.wrapping_add(usize::from(class))) {
                Some(next) => state = next,
                None => return 0,
            }
        }
        state
    }

    /// The bytes of the ids of a state, which is given times `class_count`.
    fn list_at(&self, state: usize) -> Option<&'a [u8]> {
        if state >= self.accept_end {
            return None;
        }
        let place = read_word(self.lists, state.checked_div(self.class_count)?)?;
        let count = read_word(self.pool, place)?;
        let first = place.checked_add(1)?.checked_mul(4)?;
        self.pool.get(first..first.checked_add(count.checked_mul(4)?)?)
    }

    fn header_is_good(&self) -> bool {
        (1..=256).contains(&self.class_count)
            && (1..=STATE_COUNT_MAX).contains(&self.state_count)
            && self.start < self.rows.len() / 2
            && (1..=self.accept_end).contains(&self.sink_end)
            && self.accept_end <= self.rows.len() / 2
    }

    fn classes_are_good(&self) -> bool {
        let class = |byte: u8| self.class_map.get(usize::from(byte));
        self.class_map.iter().all(|&class| usize::from(class) < self.class_count)
            && (!self.fold || (b'A'..=b'Z').all(|byte| class(byte) == class(byte.to_ascii_lowercase())))
    }

    /// Every entry is the start of a row, and a sink's own where the row is a sink's.
    fn rows_are_good(&self) -> bool {
        (0..self.rows.len() / 2).all(|index| {
            let row = index - index % self.class_count;
            read_entry(self.rows, index).is_some_and(|next| {
                next % self.class_count == 0 && next < self.rows.len() / 2 && (row >= self.sink_end || next == row)
            })
        })
    }

    /// The dead state's list is empty, all others are not, are in bounds and strictly ascend.
    fn lists_are_good(&self) -> bool {
        (0..self.lists.len() / 4).all(|state| {
            self.list_at(state * self.class_count).is_some_and(|ids| {
                let id = |index| read_word(ids, index);
                let count = ids.len() / 4;
                (count == 0) == (state == 0) && (1..count).all(|index| id(index - 1) < id(index))
            })
        })
    }
}

/// The word at an index into bytes.
fn read_word(bytes: &[u8], index: usize) -> Option<usize> {
    let word = bytes.get(index.checked_mul(4)?..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*word)).ok()
}

/// The row entry at an index into rows.
fn read_entry(rows: &[u8], index: usize) -> Option<usize> {
    let entry = rows.get(index.checked_mul(2)?..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*entry)))
}

/// The table that a section holds at an offset: its length in bytes, then its words.
pub fn stored(section: &[u8], offset: usize) -> Option<Table<'_>> {
    stored_bytes(section, offset).and_then(Table::view)
}

/// The words of the table at an offset of a section.
pub(crate) fn stored_bytes(section: &[u8], offset: usize) -> Option<&[u8]> {
    let rest = section.get(offset..)?;
    let (length, words) = rest.split_first_chunk::<4>()?;
    words.get(..u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    const ROWS: usize = 4 * HEADER_WORDS + CLASS_MAP_BYTES;

    /// `a*` is pattern 7, `ab` pattern 9, in either case. Classes: 0 anything else, 1 `a`, 2 `b`.
    /// States: 0 dead, 1 behind `ax` or `abx` (a sink), 2 behind `a`, 3 behind `ab`, 4 start.
    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [FLAG_FOLD, 3, 5, 4, 2, 4, 6] {
            bytes.extend(u32::to_le_bytes(word));
        }
        let mut class_map = [0; CLASS_MAP_BYTES];
        for (byte, class) in [(b'a', 1), (b'A', 1), (b'b', 2), (b'B', 2)] {
            class_map[usize::from(byte)] = class;
        }
        bytes.extend(class_map);
        for next in [[0, 0, 0], [1, 1, 1], [1, 1, 3], [1, 1, 1], [0, 2, 0]].concat() {
            bytes.extend(u16::to_le_bytes(next * 3));
        }
        bytes.extend([0, 0]);
        for word in [0, 1, 1, 3, /* pool */ 0, 1, 7, 2, 7, 9] {
            bytes.extend(u32::to_le_bytes(word));
        }
        bytes
    }

    #[test]
    fn a_sample() {
        let bytes = sample();
        let table = Table::parse(&bytes).unwrap();
        assert!(table.folds());
        assert_eq!((table.state_count(), table.class_count()), (5, 3));
        for (text, expected) in [
            ("", vec![]),
            ("a", vec![7]),
            ("A", vec![7]),
            ("ab", vec![7, 9]),
            ("aB", vec![7, 9]),
            ("abb", vec![7]),
            ("aé", vec![7]),
            ("b", vec![]),
            ("bab", vec![]),
        ] {
            assert_eq!(table.matches(text.as_bytes()).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(table.matches_any(text.as_bytes()), !expected.is_empty(), "{text}");
        }
    }

    /// Each check of `parse` alone.
    #[test]
    fn each_corruption_is_refused() {
        let patched = |place: usize, with: &[u8]| {
            let mut bytes = sample();
            bytes[place..place + with.len()].copy_from_slice(with);
            bytes
        };
        let lists = ROWS + 32;
        let pool = lists + 16;
        for (what, bytes) in [
            ("unknown flag", patched(0, &[3])),
            ("unknown flag in a higher byte", patched(2, &[1])),
            ("no classes", patched(4, &[0])),
            ("fewer classes than the rows have", patched(4, &[2])),
            ("more classes than the rows have", patched(4, &[4])),
            ("no states", patched(8, &[0])),
            ("more states than rows", patched(8, &[6])),
            ("start out of bounds", patched(12, &[5])),
            ("the dead state is no sink", patched(16, &[0])),
            ("a sink that is left", patched(16, &[3])),
            ("sinks behind the accepting states", patched(20, &[1])),
            ("accepting states out of bounds", patched(20, &[6])),
            ("pool too long", patched(24, &[7])),
            ("pool too short", patched(24, &[5])),
            ("sizes that overflow", patched(4, &[0xff; 8])),
            ("class out of bounds", patched(28, &[3])),
            ("letters apart though folded", patched(28 + usize::from(b'C'), &[1])),
            ("entry inside a row", patched(ROWS + 24, &[7])),
            ("entry behind the rows", patched(ROWS + 24, &[15])),
            ("dead state is left", patched(ROWS, &[3])),
            ("padding", patched(lists - 2, &[1])),
            ("the dead state accepts", patched(lists, &[1])),
            ("an accepting state without patterns", patched(lists + 4, &[0])),
            ("list out of bounds", patched(lists + 4, &[6])),
            ("list runs out of the pool", patched(lists + 4, &[5])),
            ("ids descend", patched(pool + 16, &[9])),
            ("ids twice", patched(pool + 20, &[7])),
            ("a byte short", sample()[..sample().len() - 1].to_vec()),
            ("bytes behind", [sample(), vec![0; 4]].concat()),
            ("nothing", vec![]),
        ] {
            assert!(Table::parse(&bytes).is_none(), "{what}");
        }
    }

    /// Pseudo-random bytes and every one-byte change of a good table: no panic, and every read ends.
    #[test]
    fn garbage_never_panics() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as u8
        };
        let read = |bytes: &[u8]| {
            for table in [Table::view(bytes), Table::parse(bytes)].into_iter().flatten() {
                for text in ["", "a", "ab", "xyz", "Aé?"] {
                    assert!(table.matches(text.as_bytes()).count() <= bytes.len());
                    table.matches_any(text.as_bytes());
                }
            }
        };
        let good = sample();
        for place in 0..good.len() {
            for with in [0, 1, 2, 3, 5, 0x7f, 0x80, 0xff, random()] {
                let mut bytes = good.clone();
                bytes[place] = with;
                read(&bytes);
            }
            read(&good[..place]);
        }
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..1 + random() % 8 {
                let place = (usize::from(random()) << 8 | usize::from(random())) % bytes.len();
                bytes[place] = random();
            }
            read(&bytes);
            let mut bytes: Vec<u8> = (0..400).map(|_| random()).collect();
            for field in 0..HEADER_WORDS {
                bytes[4 * field] %= 8;
                bytes[4 * field + 1..4 * field + 4].fill(0);
            }
            read(&bytes);
        }
    }
}
