//! Strings, everything that is looked up by name, lists, tables, and the cold sections.

use alloc::vec::Vec;

use super::draft::strings::*;
use super::draft::{Draft, SEED, program};
use super::refused;
use crate::bundle::Section::{self, *};
use crate::bundle::write::anchor_index;
use crate::glob::Piece;
use crate::hash::hash;

#[test]
fn strings() {
    refused(&[
        (|draft| draft.set(StringOffsets, &[]), StringOffsets, "the first string does not begin at 0"),
        (|draft| draft.put(StringOffsets, 0, 1), StringOffsets, "the first string does not begin at 0"),
        (|draft| draft.bytes(StringBytes).push(b'x'), StringOffsets, "the last string does not end with the bytes"),
        (|draft| draft.bytes(StringBytes)[0] = 0xFF, StringBytes, "not UTF-8"),
        (
            |draft| draft.put(StringOffsets, 3, 0),
            StringOffsets,
            "a string ends before it begins, or inside a character",
        ),
        (
            |draft| draft.edit(StringOffsets, |words| words[ACCENT as usize] += 1),
            StringOffsets,
            "a string ends before it begins, or inside a character",
        ),
    ]);
}

#[test]
fn strings_exist() {
    refused(&[
        (|draft| draft.put(Keys, 0, COUNT), Keys, "no such string"),
        (|draft| draft.put(ActionPatterns, 1, COUNT), ActionPatterns, "no such string"),
        (|draft| draft.put(Actions, 0, COUNT), Actions, "no such string"),
        (|draft| draft.put(Services, 0, COUNT), Services, "no such string"),
        (|draft| draft.put(Principals, 1, COUNT), Principals, "no such string"),
        (|draft| draft.put(Policies, 0, COUNT), Policies, "no such string"),
        (|draft| draft.put(Policies, 1, COUNT), Policies, "no such string"),
        (|draft| draft.put(Statements, 2, COUNT + 1), Statements, "no such string"),
        (|draft| draft.put(Notes, 2, COUNT), Notes, "no such string"),
        (|draft| draft.put(Notes, 3, COUNT), Notes, "no such string"),
        (|draft| draft.put(Notes, 6, COUNT), Notes, "no such string"),
    ]);
}

/// The tables of names, each with each fault.
#[test]
fn tables_of_names() {
    let own = "an entry that its own name does not lead to, or twice";
    for section in [KeyIndex, SymbolIndex, ActionIndex, ServiceIndex, PrincipalIndex] {
        let good = Draft::new().get(section);
        let full: Vec<usize> = (0..good.len() / 2).filter(|at| good[at * 2 + 1] != 0).collect();
        let check = |problem, words: &[u32]| {
            let mut draft = Draft::new();
            draft.set(section, words);
            assert_eq!(draft.error(), Some((section, problem)), "{words:?}");
        };
        check("its size is not a power of two", &[good.as_slice(), &[0, 0]].concat());
        check("its last entry is cut off", &[good.as_slice(), &[0]].concat());
        let edited = |edit: &dyn Fn(&mut Vec<u32>)| {
            let mut words = good.clone();
            edit(&mut words);
            words
        };
        check(own, &edited(&|words| words[full[0] * 2] ^= 1));
        check(own, &edited(&|words| words[full[0] * 2 + 1] = COUNT + 1));
        check(own, &edited(&|words| words.rotate_right(2)));
        if section != SymbolIndex {
            check("it holds another number of names", &edited(&|words| words[full[0] * 2 + 1] = 0));
        }
    }
}

/// A name that stands twice, and so keeps another one out, is refused though the number of entries fits.
#[test]
fn no_name_twice() {
    let own = "an entry that its own name does not lead to, or twice";
    let hashes = [A, B].map(|id| hash(ALL[id as usize].as_bytes(), SEED));
    for ids in [[A, A], [B, B]] {
        let mut draft = Draft::new();
        let entries: Vec<(u64, u32)> = ids.iter().map(|&id| (hashes[(id - A) as usize], id)).collect();
        draft.set(SymbolIndex, &crate::bundle::write::index(&entries, 0).unwrap());
        assert_eq!(draft.error(), Some((SymbolIndex, own)));
    }
    // Two slots with one key: look-up would never find the second.
    let mut draft = Draft::new();
    draft.put(Keys, 2, KEY);
    draft.put(Keys, 3, 255);
    let key = crate::hash::hash_folded(ALL[KEY as usize].as_bytes(), SEED);
    draft.set(KeyIndex, &crate::bundle::write::index(&[(key, 0), (key, 1)], 0).unwrap());
    assert_eq!(draft.error(), Some((KeyIndex, own)));
}

#[test]
fn keys_lists_and_tables() {
    refused(&[
        (|draft| draft.put(Keys, 1, 0), Keys, "the key is marked as another derived key"),
        (|draft| draft.put(Keys, 3, 255), Keys, "the key is marked as another derived key"),
        (|draft| draft.edit(Lists, |words| words.push(1)), Lists, "a list ends outside the section"),
        (|draft| draft.put(Lists, 1, 1), Lists, "ids that do not ascend"),
        (|draft| draft.edit(Lists, |words| words[1..3].reverse()), Lists, "ids that do not ascend"),
        (|draft| draft.bytes(Tables)[4] = 2, Tables, "a broken table"),
        (|draft| draft.bytes(Tables)[0] = 0, Tables, "a broken table"),
        (|draft| draft.bytes(Tables).extend([1, 0, 0, 0]), Tables, "a broken table"),
    ]);
}

#[test]
fn actions_and_services() {
    refused(&[
        (|draft| draft.put(Actions, 1, 1), Actions, "no list begins there"),
        (|draft| draft.put(Actions, 1, u32::MAX), Actions, "no list begins there"),
        (|draft| draft.put(Lists, 2, 2), Actions, "a list of other ids"),
        (|draft| name_the_action(draft, PUTS), Actions, "a name that no request can ask for"),
        (|draft| draft.put(Services, 1, 1), Services, "its entry is not behind the one before"),
        (|draft| draft.edit(Fallbacks, |words| words.push(0)), Fallbacks, "an entry of no service"),
        (|draft| draft.put(Fallbacks, 1, 2), Fallbacks, "an entry ends outside the section"),
        (|draft| draft.put(Fallbacks, 1, 99), Fallbacks, "an entry ends outside the section"),
        (|draft| draft.put(Fallbacks, 2, 2), Fallbacks, "no table begins there"),
        (|draft| draft.put(Fallbacks, 2, 5), Fallbacks, "no table begins there"),
        (|draft| draft.put(Fallbacks, 3, 2), Fallbacks, "no such action pattern"),
        (|draft| draft.put(Fallbacks, 4, 0), Fallbacks, "a broken pattern"),
        (|draft| draft.put(Fallbacks, 0, 2), Fallbacks, "another number of patterns"),
        (|draft| draft.meta.chain_max = 1, Fallbacks, "another number of patterns"),
        (|draft| two_fallbacks(draft, [1, 1]), Fallbacks, "ids that do not ascend"),
        (|draft| two_fallbacks(draft, [1, 0]), Fallbacks, "ids that do not ascend"),
    ]);
    let mut draft = Draft::new();
    two_fallbacks(&mut draft, [0, 1]);
    assert_eq!(draft.error(), None);
}

fn name_the_action(draft: &mut Draft, id: u32) {
    let hash = crate::hash::hash_folded(ALL[id as usize].as_bytes(), SEED);
    draft.put(Actions, 0, id);
    draft.set(ActionIndex, &crate::bundle::write::index(&[(hash, 0)], 0).unwrap());
}

fn two_fallbacks(draft: &mut Draft, ids: [u32; 2]) {
    let pattern = program(&[Piece::Text(b"p"), Piece::Run]);
    let entries = ids.map(|id| [&[id], pattern.as_slice()].concat()).concat();
    draft.set(Fallbacks, &[&[2, 3 + entries.len() as u32, 0], entries.as_slice()].concat());
    draft.meta.chain_max = 3;
}

#[test]
fn principals_and_anchors() {
    refused(&[
        (|draft| draft.put(Principals, 0, 10), Principals, "an unknown form of principal"),
        (|draft| draft.meta.principal_forms = 1, Principals, "an unknown form of principal"),
        (|draft| draft.edit(AnchorIndex, |words| words.extend([0, 0])), AnchorIndex, "its size is not a power of two"),
        (|draft| draft.edit(AnchorFilter, |words| words.resize(3, 0)), AnchorFilter, "its size is not a power of two"),
        (|draft| draft.set(AnchorFilter, &[]), AnchorFilter, "its size is not a power of two"),
        (|draft| draft.meta.anchors = u32::MAX, AnchorIndex, "it is too small"),
        (|draft| draft.meta.anchors = 2, AnchorIndex, "it holds another number of anchors"),
        (|draft| draft.meta.anchors = 0, AnchorIndex, "an anchor that is not there, or twice"),
        (anchor_twice, AnchorIndex, "an anchor that is not there, or twice"),
        (|draft| draft.set(AnchorFilter, &[0]), AnchorFilter, "an anchor's bit is not set"),
        (two_alike, AnchorIndex, "two anchors that look-up cannot tell apart"),
    ]);
}

fn anchor_twice(draft: &mut Draft) {
    let word = draft.get(AnchorIndex).iter().copied().step_by(2).find(|&word| word != 0).unwrap();
    draft.set(AnchorIndex, &[word, 1, 0, 0, word, 1, 0, 0]);
}

/// Two anchors with the same upper half of the hash, side by side: the first would hide the second, and a deny with it.
fn two_alike(draft: &mut Draft) {
    let word = draft.get(AnchorIndex).iter().copied().step_by(2).find(|&word| word != 0).unwrap();
    draft.set(AnchorIndex, &[word, 1, word, 2, 0, 0, 0, 0]);
    draft.meta.anchors = 2;
}

#[test]
fn the_writer_keeps_anchors_apart() {
    let high = 7 << 32;
    assert!(anchor_index(&[high, 9 << 32 | 1], 0).is_some());
    assert!(anchor_index(&[high, high | 2], 0).is_some(), "an empty entry stands between them");
    assert_eq!(anchor_index(&[high, high | 1], 0), None);
    assert_eq!(anchor_index(&[high, 9 << 32 | 1, high | 2], 0), None);
}

#[test]
fn policies_and_statements() {
    refused(&[
        (|draft| draft.put(Policies, 2, 4), Policies, "no such layer"),
        (|draft| draft.put(Policies, 2, 1), Statements, "the record's gate is not its policy's layer"),
        (|draft| draft.put(Statements, 0, 1), Statements, "no such policy"),
        (|draft| draft.put(Statements, 5, 1), Statements, "the record is of another statement"),
        (|draft| draft.put(Statements, 11, 0), Statements, "the record is of another statement"),
        (|draft| draft.put(Statements, 5, u32::MAX), Statements, "the record is of another statement"),
    ]);
}

#[test]
fn notes() {
    refused(&[
        (|draft| draft.edit(Noted, |words| words.push(0)), Noted, "its last entry is cut off"),
        (|draft| draft.put(Noted, 2, 0), Noted, "ids that do not ascend"),
        (|draft| draft.put(Noted, 2, 2), Noted, "no such statement"),
        (|draft| draft.put(Noted, 1, 7), Noted, "its entry is not behind the one before"),
        (|draft| draft.put(Noted, 3, 0), Noted, "its entry is not behind the one before"),
        (|draft| draft.put(Notes, 8, 0), Notes, "an entry of nothing"),
        (|draft| draft.put(Notes, 0, u32::MAX), Notes, "an entry ends outside the section"),
        (|draft| draft.put(Notes, 8, u32::MAX), Notes, "an entry ends outside the section"),
        (|draft| draft.put(Notes, 10, u32::MAX), Notes, "an entry ends outside the section"),
        (|draft| draft.edit(Notes, |words| words.truncate(8)), Notes, "an entry ends outside the section"),
        (|draft| draft.edit(Notes, |words| words.extend([1, 0, A])), Notes, "an entry of no statement"),
    ]);
}

#[test]
fn notes_are_read_as_they_were_written() {
    let bundle = crate::Bundle::from_bytes(Draft::new().finish()).unwrap();
    let lines: Vec<_> = (0..3).map(|id| bundle.notes(crate::StatementId(id)).lines().join("\n")).collect();
    assert_eq!(lines, ["## a\n@b(\"a\", \"é\")", "@b()", ""]);
    assert!(bundle.notes(crate::StatementId(2)).is_empty());
}

#[test]
fn sections_have_names_and_meanings() {
    for section in Section::ALL {
        assert!(!section.name().is_empty() && section.meaning().ends_with('.'));
    }
}
