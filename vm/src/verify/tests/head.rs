//! The header, the section table, and the counts of Meta.

use super::draft::{Draft, verify_bytes};
use super::refused;
use crate::bundle::write::reseal;
use crate::bundle::{BundleError, Meta, Section, VERSION};
use crate::tree::NODE_HEAD;
use crate::verify::LEVELS_MAX;

/// The error of the good bundle with a word of the file changed, the checksum mended.
fn with_word(at: usize, word: u32) -> Result<(), BundleError> {
    let mut bytes = Draft::new().finish();
    bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    reseal(&mut bytes);
    verify_bytes(&bytes)
}

/// Where the section table says offset and length of a section.
fn entry(section: Section) -> usize {
    24 + section as usize * 8
}

#[test]
fn the_header() {
    let good = Draft::new().finish();
    let length = good.len() as u64;
    assert_eq!(with_word(0, 0), Err(BundleError::NotABundle));
    assert_eq!(verify_bytes(b""), Err(BundleError::NotABundle));
    assert_eq!(verify_bytes(b"DCTB\x01\0"), Err(BundleError::Length { expected: 24, found: 6 }));
    assert_eq!(verify_bytes(&good[..12]), Err(BundleError::Length { expected: 24, found: 12 }));
    assert_eq!(with_word(4, VERSION + 1), Err(BundleError::Version { found: VERSION + 1 }));
    assert_eq!(
        with_word(16, 8),
        Err(BundleError::Length { expected: 24 + 8 * Section::ALL.len() as u64, found: length })
    );
    let mut short = good[..100].to_vec();
    short[16..20].copy_from_slice(&100u32.to_le_bytes());
    assert!(matches!(verify_bytes(&short), Err(BundleError::Length { found: 100, .. })));
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(verify_bytes(&changed), Err(BundleError::Checksum));
    let problem = "another number of sections";
    assert_eq!(with_word(20, 1), Err(BundleError::Section { section: Section::Meta, at: 0, problem }));
}

#[test]
fn the_section_table() {
    let good = Draft::new().finish();
    let start = |section| u32::from_le_bytes(good[entry(section)..][..4].try_into().unwrap());
    let problem = "it lies outside the file, over another one, or unaligned";
    for (section, at, word) in [
        (Section::Statements, entry(Section::Statements), good.len() as u32 + 8),
        (Section::Statements, entry(Section::Statements) + 4, u32::MAX),
        (Section::Statements, entry(Section::Statements) + 4, good.len() as u32),
        (Section::Records, entry(Section::Records), start(Section::Nodes)),
        (Section::Records, entry(Section::Records), start(Section::Records) + 4),
        (Section::Meta, entry(Section::Meta), 0),
    ] {
        assert_eq!(with_word(at, word), Err(BundleError::Section { section, at: 0, problem }));
    }
    let problem = "another number of words";
    let words = with_word(entry(Section::Meta) + 4, Meta::WORDS as u32 * 4 - 4);
    assert_eq!(words, Err(BundleError::Section { section: Section::Meta, at: 0, problem }));
    // The counts fill their section to the byte, so that one more lies over the next.
    let problem = "it lies outside the file, over another one, or unaligned";
    let words = with_word(entry(Section::Meta) + 4, Meta::WORDS as u32 * 4 + 1);
    assert_eq!(words, Err(BundleError::Section { section: Section::StringOffsets, at: 0, problem }));
}

#[test]
fn sections_of_words_are_made_of_words() {
    let of_words = Section::ALL.iter().filter(|&&section| !matches!(section, Section::Meta | Section::StringBytes));
    for &section in of_words {
        let mut draft = Draft::new();
        draft.bytes(section).push(0);
        assert_eq!(draft.error(), Some((section, "it is not made of whole words")));
    }
}

#[test]
fn rows_are_whole() {
    use Section::*;
    for section in [Keys, Principals, Statements, Actions, Services, Policies] {
        let mut draft = Draft::new();
        draft.edit(section, |words| words.push(0));
        assert_eq!(draft.error(), Some((section, "its last entry is cut off")));
    }
}

#[test]
fn counts_and_flags() {
    use Section::Meta;
    refused(&[
        (|draft| draft.meta.members = 64, Meta, "an unknown member"),
        (|draft| draft.meta.scp_levels = LEVELS_MAX + 1, Meta, "too many levels"),
        (|draft| draft.meta.rcp_levels = u32::MAX, Meta, "too many levels"),
        (|draft| draft.meta.anchor_kinds = 64, Meta, "an unknown kind of anchor"),
        (|draft| draft.meta.root = NODE_HEAD as u32 + 1, Meta, "the root is not the first node"),
        (|draft| draft.meta.any_action = 3, Meta, "no such action pattern"),
        (|draft| draft.meta.chain_max = 4, Meta, "too many patterns for one action"),
        (|draft| draft.meta.open_gates = 2, Meta, "the number of gates that can open is another one"),
        (|draft| draft.meta.open_gates = 0, Meta, "the number of gates that can open is another one"),
        (|draft| draft.meta.records_max = 0, Meta, "the longest list is of another length"),
        (|draft| draft.meta.records_max = 2, Meta, "the longest list is of another length"),
    ]);
}
