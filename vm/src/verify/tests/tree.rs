//! Nodes and children.

use alloc::vec::Vec;

use super::draft::{Draft, SEED};
use super::refused;
use crate::bundle::Section::{self, *};
use crate::bundle::write;
use crate::tree::{Dimension, IS_RECORD, SKIP_ACTION, node_head};

/// Words of the draft's root, and so the offset of its other node.
const ROOT_WORDS: usize = 5;

#[test]
fn nodes() {
    let outside = "a node ends outside the section";
    let wrong_side = "an allow among the denies, or a deny among the allows";
    assert_eq!(Draft::new().get(Nodes).len(), 2 * ROOT_WORDS);
    refused(&[
        (|draft| draft.set(Nodes, &[]), Nodes, "there is no root"),
        (|draft| draft.edit(Nodes, |words| words[0] += 0x100), Nodes, "there is no root"),
        (|draft| draft.put(Nodes, 1, 99), Nodes, outside),
        (|draft| draft.put(Nodes, ROOT_WORDS + 2, u32::MAX), Nodes, outside),
        (|draft| draft.put(Nodes, ROOT_WORDS + 3, u32::MAX), Nodes, outside),
        (|draft| draft.put(Nodes, ROOT_WORDS, node_head(0, 0, 16)), Nodes, outside),
        (|draft| draft.put(Nodes, ROOT_WORDS, node_head(0, 0, 5)), Nodes, "a node is too deep"),
        (|draft| draft.put(Nodes, 4, 2), Nodes, "no such context key"),
        (two_slots, Nodes, "ids that do not ascend"),
        (|draft| draft.put(Nodes, ROOT_WORDS + 4, 1), Nodes, "no record begins there"),
        (|draft| draft.put(Nodes, ROOT_WORDS + 4, u32::MAX), Nodes, "no record begins there"),
        (|draft| draft.put(Nodes, ROOT_WORDS + 4, 0), Nodes, wrong_side),
        (|draft| draft.edit(Nodes, |words| words.swap(ROOT_WORDS + 2, ROOT_WORDS + 3)), Nodes, wrong_side),
    ]);
}

fn two_slots(draft: &mut Draft) {
    draft.edit(Nodes, |words| {
        words[1] = 2;
        words.insert(5, 0);
    });
}

fn entries(draft: &Draft) -> Vec<[u32; 4]> {
    let words = draft.get(Children);
    words.as_chunks::<4>().0.iter().copied().filter(|entry| entry[3] != 0).collect()
}

/// Writes the entries anew, each where its key leads.
fn with_entries(edit: impl FnOnce(&mut Vec<[u32; 4]>)) -> Draft {
    let mut draft = Draft::new();
    let mut all = entries(&draft);
    all.sort_unstable();
    edit(&mut all);
    draft.set(Children, &write::children(&all, SEED, 0).unwrap());
    draft
}

const ACTION: usize = 0;
const RESOURCE: usize = 1;

#[test]
fn children() {
    let absent = "a child that is not there, or not below its parent";
    let key = |field: usize, word: u32| move |all: &mut Vec<[u32; 4]>| all[ACTION][field] = word;
    let below = |word: u32| move |all: &mut Vec<[u32; 4]>| all[RESOURCE][3] = word;
    let asked = "a dimension that the node does not ask in";
    let slot = "a context key that the node does not ask for";
    for (draft, problem) in [
        (with_entries(key(0, 1)), "no node begins there"),
        (with_entries(key(0, u32::MAX)), "no node begins there"),
        (with_entries(key(2, 2)), "no such key"),
        (with_entries(|all| all[RESOURCE][2] = 1), "no such key"),
        (with_entries(|all| all[ACTION][1..3].copy_from_slice(&[Dimension::Principal as u32, 2])), "no such key"),
        (with_entries(|all| all[ACTION][1..3].copy_from_slice(&[Dimension::Condition as u32, 99])), "no such key"),
        (with_entries(key(1, Dimension::Action as u32 | 1 << 2)), slot),
        (with_entries(key(1, Dimension::Condition as u32 | 1 << 2)), slot),
        (with_entries(key(1, Dimension::Principal as u32)), asked),
        (with_entries(key(0, ROOT_WORDS as u32)), asked),
        (with_entries(below(SKIP_ACTION | (ROOT_WORDS as u32 + 1))), "a node that is marked as a record"),
        (with_entries(key(3, IS_RECORD)), absent),
        (with_entries(key(3, IS_RECORD | 2)), absent),
        (with_entries(below(2)), absent),
        (with_entries(below(1)), absent),
        (with_entries(below(IS_RECORD - 1)), absent),
    ] {
        assert_eq!(draft.error(), Some((Children, problem)));
    }
    let mut draft = Draft::new();
    draft.put(Nodes, ROOT_WORDS, node_head(0, 0, 2));
    assert_eq!(draft.error(), Some((Children, absent)), "two deeper than its parent");
}

/// A node with two parents would let a few nodes keep a walk busy for ever: once for each way down.
#[test]
fn a_node_has_one_parent() {
    let twice = |all: &mut Vec<[u32; 4]>| {
        let mut again = all[RESOURCE];
        again[1] = Dimension::Condition as u32;
        all.push(again);
    };
    let mut draft = with_entries(twice);
    draft.edit(Nodes, |words| words[0] |= Dimension::Condition.bit());
    assert_eq!(draft.error(), Some((Children, "a node with two parents")));
}

/// A deny below a dimension that is asked for allows alone would be passed by once every gate is open.
#[test]
fn every_effect_below_is_asked_for() {
    let effect = Some((Children, "a child with an effect that the node does not ask for"));
    for dimension in [Dimension::Resource, Dimension::Action] {
        let mut draft = Draft::new();
        draft.edit(Nodes, |words| {
            let (deny, allow) = (dimension.bit(), dimension.bit() << 4);
            words[0] ^= deny | allow;
        });
        assert_eq!(draft.error(), effect, "{dimension:?}");
    }
    // The node below asks for denies further down, though it has none itself.
    for (denies, allows) in [(Dimension::Action.bit(), 0), (0, Dimension::Action.bit())] {
        let mut draft = Draft::new();
        draft.edit(Nodes, |words| {
            words.truncate(ROOT_WORDS);
            words.extend([node_head(denies, allows, 1), 0, 0, 0]);
            words[0] = node_head(if allows != 0 { Dimension::Resource.bit() } else { 0 }, 0xF, 0);
            words[0] ^= if allows != 0 { Dimension::Resource.bit() << 4 } else { 0 };
        });
        draft.meta.records_max = 0;
        assert_eq!(draft.error(), effect, "{denies} {allows}");
    }
}

#[test]
fn the_table_of_children() {
    let own = "an entry that its own key does not lead to";
    let check = |problem, words: &[u32]| {
        let mut draft = Draft::new();
        draft.set(Children, words);
        assert_eq!(draft.error(), Some((Section::Children, problem)));
    };
    let good = Draft::new().get(Children);
    check("its last entry is cut off", &[good.as_slice(), &[0]].concat());
    check("its size is not a power of two", &[good.as_slice(), &[0; 4]].concat());
    let all = entries(&Draft::new());
    // Not where its key leads: one place further on, with nothing before it.
    let mut moved = write::children(&all[..1], SEED, 3).unwrap();
    moved.rotate_right(4);
    check(own, &moved);
    // The same key twice: the second is never found.
    let mut twice = all[0];
    twice[3] |= SKIP_ACTION;
    let doubled = write::children(&[all[0], [all[0][0], all[0][1], all[0][2], twice[3]]], SEED, 0).unwrap();
    if all[0][3] & IS_RECORD != 0 {
        check(own, &doubled);
    }
}
