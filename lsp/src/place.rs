//! Texts as an editor sees them: lines that end with `\n`, `\r\n` or `\r`, and columns in the units that were agreed on.
//!
//! A position that is outside of the text is taken for the nearest one inside, as the protocol wants it.

use lsp_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Code units of UTF-16, which every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// Bytes where the client offers them, else UTF-16.
    pub fn agreed(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let offers_bytes = offered.is_some_and(|kinds| kinds.contains(&PositionEncodingKind::UTF8));
        if offers_bytes { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    /// As the protocol names it.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }
}

/// A text with the starts of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    text: String,
    line_starts: Vec<usize>,
    encoding: Encoding,
    /// Units before each block of bytes, so that a position costs no walk through a line; empty where a unit is a byte.
    units: Vec<usize>,
}

/// Bytes of a block.
const BLOCK: usize = 256;

impl Text {
    /// A text whose columns count as given.
    pub fn new(text: impl Into<String>, encoding: Encoding) -> Text {
        let text = text.into();
        let line_starts = line_starts(&text);
        let is_counted = encoding == Encoding::Utf16 && !text.is_ascii();
        let units = if is_counted { block_units(text.as_bytes()) } else { Vec::new() };
        Text { text, line_starts, encoding, units }
    }

    /// Another text whose columns count alike.
    pub fn like(&self, text: impl Into<String>) -> Text {
        Text::new(text, self.encoding)
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The position of a byte; one inside of a character is that of the character.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_starts.partition_point(|&start| start <= offset) - 1;
        let character = self.units_before(offset) - self.units_before(self.line_starts[line]);
        Position { line: line as u32, character: character as u32 }
    }

    /// The byte at a position; behind the end of a line counts as its end, behind the last line as the end of the text.
    pub fn offset(&self, position: Position) -> usize {
        let Some(&start) = self.line_starts.get(position.line as usize) else { return self.text.len() };
        let line = &self.text[start..self.line_end(position.line as usize)];
        let wanted = position.character as usize;
        let mut units = 0;
        for (at, c) in line.char_indices() {
            units += match self.encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
            };
            if units > wanted {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The range of bytes `start..end`.
    pub fn range(&self, start: usize, end: usize) -> Range {
        Range { start: self.position(start), end: self.position(end.max(start)) }
    }

    /// The range of all.
    pub fn whole(&self) -> Range {
        self.range(0, self.text.len())
    }

    /// The bytes of a range, in order whatever the range says.
    pub fn bytes(&self, range: Range) -> std::ops::Range<usize> {
        let (one, other) = (self.offset(range.start), self.offset(range.end));
        one.min(other)..one.max(other)
    }

    /// The text with a change made: of a range, or of all where there is none.
    pub fn changed(&self, range: Option<Range>, by: &str) -> Text {
        let Some(range) = range else { return Text::new(by, self.encoding) };
        let mut text = self.text.clone();
        text.replace_range(self.bytes(range), by);
        Text::new(text, self.encoding)
    }

    /// The number of the line that holds a byte, from 0.
    pub fn line(&self, offset: usize) -> u32 {
        self.position(offset).line
    }

    fn units_before(&self, offset: usize) -> usize {
        match self.units.get(offset / BLOCK) {
            None => offset,
            Some(before) => before + count_units(&self.text.as_bytes()[offset / BLOCK * BLOCK..offset]),
        }
    }

    /// Where a line ends, its line end left out.
    fn line_end(&self, line: usize) -> usize {
        let Some(&next) = self.line_starts.get(line + 1) else { return self.text.len() };
        let with_end = &self.text[self.line_starts[line]..next];
        self.line_starts[line] + with_end.trim_end_matches(['\r', '\n']).len()
    }

    /// The start of the character that holds a byte, or the end.
    fn floor(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }
}

/// Units of UTF-16 of the characters that begin here: one, or two of those that take four bytes of UTF-8.
fn count_units(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum()
}

/// Units before each block, and before the end.
fn block_units(text: &[u8]) -> Vec<usize> {
    let mut count = 0;
    let mut before = Vec::with_capacity(text.len() / BLOCK + 2);
    for block in text.chunks(BLOCK) {
        before.push(count);
        count += count_units(block);
    }
    before.push(count);
    before
}

fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|&(at, &byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let words = "a\r\né😀x\rb\n";
        let wide = Text::new(words, Encoding::Utf16);
        let bytes = Text::new(words, Encoding::Utf8);
        // é is 2 bytes and 1 unit, 😀 4 bytes and 2 units.
        for (offset, utf16, utf8) in [
            (0, at(0, 0), at(0, 0)),
            (3, at(1, 0), at(1, 0)),
            (5, at(1, 1), at(1, 2)),
            (9, at(1, 3), at(1, 6)),
            (10, at(1, 4), at(1, 7)),
            (11, at(2, 0), at(2, 0)),
            (13, at(3, 0), at(3, 0)),
        ] {
            assert_eq!((wide.position(offset), bytes.position(offset)), (utf16, utf8), "{offset}");
            assert_eq!((wide.offset(utf16), bytes.offset(utf8)), (offset, offset));
        }
        assert_eq!(wide.position(4), at(1, 0), "the middle of a character");
    }

    #[test]
    fn positions_outside_are_the_nearest_inside() {
        let text = Text::new("ab\r\ncd", Encoding::Utf16);
        assert_eq!(text.offset(at(0, 9)), 2);
        assert_eq!(text.offset(at(1, 9)), 6);
        assert_eq!(text.offset(at(7, 0)), 6);
        assert_eq!(text.position(99), at(1, 2));
        assert_eq!(Text::new("😀", Encoding::Utf16).offset(at(0, 1)), 0, "half a character");
    }

    #[test]
    fn changes_are_made_where_the_client_says() {
        let text = Text::new("one\ntwo\n", Encoding::Utf16);
        let range = Range { start: at(0, 1), end: at(1, 1) };
        assert_eq!(text.changed(Some(range), "é").as_str(), "oéwo\n");
        let backwards = Range { start: at(1, 1), end: at(0, 1) };
        assert_eq!(text.changed(Some(backwards), "").as_str(), "owo\n");
        assert_eq!(text.changed(None, "x").as_str(), "x");
    }

    #[test]
    fn long_lines_are_counted_by_blocks() {
        let words = "aé😀".repeat(300);
        let text = Text::new(words.as_str(), Encoding::Utf16);
        let mut units = 0;
        for (offset, c) in words.char_indices() {
            assert_eq!(text.position(offset), at(0, units));
            units += c.len_utf16() as u32;
        }
        assert_eq!(text.position(words.len()), at(0, units));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_boundary_comes_back(text in "[a\\r\\né😀]{0,20}", utf8 in any::<bool>()) {
            let text = Text::new(text, if utf8 { Encoding::Utf8 } else { Encoding::Utf16 });
            for (offset, _) in text.as_str().char_indices() {
                let there = text.offset(text.position(offset));
                // Between `\r` and `\n` there is no position.
                let is_split = text.as_str()[..offset].ends_with('\r') && text.as_str()[offset..].starts_with('\n');
                prop_assert!(there == offset || is_split && there == offset - 1);
            }
        }

        #[test]
        fn no_position_is_too_odd(text in ".{0,9}", line in any::<u32>(), character in any::<u32>()) {
            let text = Text::new(text, Encoding::Utf16);
            let offset = text.offset(at(line, character));
            prop_assert!(text.as_str().is_char_boundary(offset));
        }
    }
}
