//! What stands beside a statement for its readers: the lines of its doc comment, and its metadata. No decision looks at it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Bundle, Section, View};
use crate::decision::StatementId;
use crate::words::{Strings, Words};

/// Words of an entry of the section Noted: statement, offset in Notes.
pub(crate) const NOTED_WORDS: usize = 2;
/// Words of an entry of the section Notes before its ids: lines, metadata.
pub(crate) const NOTES_HEAD: usize = 2;
/// Words of one of the metadata before its values: name, number of values.
pub(crate) const METADATA_HEAD: usize = 2;

/// The doc comment and the metadata of a statement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notes<'b> {
    /// From the entry's first word on; more may follow.
    words: Words<'b>,
    strings: Strings<'b>,
}

impl<'b> Notes<'b> {
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.words.is_empty()
    }

    /// The lines of the doc comment, without the marks before them.
    pub fn doc(self) -> impl Iterator<Item = &'b str> {
        (0..self.words.at(0) as usize).map(move |line| self.strings.text(self.words.at(NOTES_HEAD + line)))
    }

    /// The metadata in order, each by name with its values.
    pub fn metadata(self) -> impl Iterator<Item = (&'b str, impl Iterator<Item = &'b str>)> {
        let mut at = NOTES_HEAD + self.words.at(0) as usize;
        (0..self.words.at(1)).map(move |_| {
            let (name, count) = (self.words.at(at), self.words.at(at + 1) as usize);
            let first = at + METADATA_HEAD;
            at = first + count;
            let values = (first..first + count).map(move |value| self.strings.text(self.words.at(value)));
            (self.strings.text(name), values)
        })
    }

    /// As lines of text, the way the Dictum language has them. What cannot be shown on a line is replaced.
    pub fn lines(self) -> Vec<String> {
        let shown = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
        let doc = self.doc().map(|line| format!("## {}", line.chars().map(shown).collect::<String>()));
        let metadata = self.metadata().map(|(name, values)| {
            let values: Vec<String> = values.map(|value| format!("{value:?}")).collect();
            format!("@{name}({})", values.join(", "))
        });
        doc.chain(metadata).collect()
    }
}

impl<'b> View<'b> {
    /// O(log statements with notes).
    pub fn notes(self, id: StatementId) -> Notes<'b> {
        let noted = self.words(Section::Noted);
        let (mut first, mut end) = (0, noted.len() / NOTED_WORDS);
        while first < end {
            let middle = first + (end - first) / 2;
            match noted.at(middle * NOTED_WORDS).cmp(&id.0) {
                core::cmp::Ordering::Less => first = middle + 1,
                core::cmp::Ordering::Greater => end = middle,
                core::cmp::Ordering::Equal => {
                    let words = self.words(Section::Notes);
                    let start = noted.at(middle * NOTED_WORDS + 1) as usize;
                    return Notes { words: words.slice(start..words.len()), strings: self.strings() };
                }
            }
        }
        Notes::default()
    }
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// The doc comment and the metadata of a statement, for explanations.
    pub fn notes(&self, id: StatementId) -> Notes<'_> {
        self.view().notes(id)
    }
}
