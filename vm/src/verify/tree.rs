//! Nodes and children: parents before children, every child where its key leads, nothing deeper than four, and no node
//! with two parents: with as many ways as a request has keys at each of four depths, few nodes would make a walk endless.

use super::{Checked, Counts, Starts, ascending, ask};
use crate::bundle::write::child_hash;
use crate::bundle::{BundleError, Section};
use crate::tree::{DEPTH_MAX, Dimension, IS_RECORD, NODE_HEAD, OFFSET, SKIP_ACTION};
use crate::words::{PROBES_MAX, Words};

/// Gives the nodes at which a walk may begin.
pub(super) fn tree(counts: &Counts<'_>) -> Result<Starts, BundleError> {
    let words = counts.view.words(Section::Nodes);
    let (starts, roots) = nodes(counts, words)?;
    children(counts, words, &starts)?;
    Ok(roots)
}

/// Walks the section of nodes from its first word to its last.
fn nodes(counts: &Counts<'_>, words: Words<'_>) -> Result<(Starts, Starts), BundleError> {
    let section = Section::Nodes;
    let (mut starts, mut roots) = (Starts::new(words.len()), Starts::new(words.len()));
    let (mut at, mut longest) = (0, 0);
    ask(!words.is_empty() && depth(words, 0) == 0, section, 0, "there is no root")?;
    while at < words.len() {
        let size = |field: usize| words.at(at + field) as usize;
        let first = at + NODE_HEAD;
        let records = size(2) + size(3);
        let end = first + size(1) + records;
        ask(end <= words.len() && words.at(at) >> 12 == 0, section, at, "a node ends outside the section")?;
        ask(depth(words, at) <= DEPTH_MAX, section, at, "a node is too deep")?;
        let slots = words.slice(first..first + size(1));
        ascending(slots, section, at)?;
        ask(slots.iter().all(|slot| slot < counts.slots), section, first, "no such context key")?;
        for i in first + size(1)..end {
            let record = words.at(i) & !SKIP_ACTION;
            ask(counts.records.has(record), section, i, "no record begins there")?;
            let is_deny = counts.view.words(Section::Records).at(record as usize) >> 8 == 1;
            let place_of_deny = i < first + size(1) + size(2);
            ask(is_deny == place_of_deny, section, i, "an allow among the denies, or a deny among the allows")?;
        }
        longest = longest.max(records);
        starts.mark(at);
        if depth(words, at) == 0 {
            roots.mark(at);
        }
        at = end;
    }
    let figure = counts.view.layout.meta.records_max as usize;
    ask(longest == figure, Section::Meta, 0, "the longest list is of another length")?;
    Ok((starts, roots))
}

fn depth(words: Words<'_>, node: usize) -> u32 {
    words.at(node) >> 8 & 0xF
}

fn children(counts: &Counts<'_>, nodes: Words<'_>, starts: &Starts) -> Checked {
    let section = Section::Children;
    let words = counts.view.words(section);
    let capacity = words.len() / 4;
    ask(words.len().is_multiple_of(4), section, words.len(), "its last entry is cut off")?;
    ask(capacity == 0 || capacity.is_power_of_two(), section, 0, "its size is not a power of two")?;
    let mut has_parent = Starts::new(nodes.len());
    for entry in 0..capacity {
        let at = entry * 4;
        let [node, dimension, key, child] = [0, 1, 2, 3].map(|field| words.at(at + field));
        if child == 0 {
            continue;
        }
        ask(starts.has(node), section, at, "no node begins there")?;
        key_exists(counts, nodes, [node, dimension, key], at)?;
        let is_record = child & IS_RECORD != 0;
        ask(is_record || child & SKIP_ACTION == 0, section, at + 3, "a node that is marked as a record")?;
        let offset = (child & OFFSET).wrapping_sub(1);
        let leads_on = match is_record {
            true => counts.records.has(offset),
            false => {
                starts.has(offset) && offset > node && depth(nodes, offset as usize) == depth(nodes, node as usize) + 1
            }
        };
        ask(leads_on, section, at + 3, "a child that is not there, or not below its parent")?;
        if !is_record {
            ask(!has_parent.has(offset), section, at + 3, "a node with two parents")?;
            has_parent.mark(offset as usize);
        }
        let below = match is_record {
            true => effects_of_record(counts, offset),
            false => effects_of_node(nodes, offset as usize),
        };
        let asked = nodes.at(node as usize) >> (dimension & 3) & 0x11;
        ask(below & !asked == 0, section, at + 3, "a child with an effect that the node does not ask for")?;
        let start = child_hash(counts.view.layout.seed, node, dimension, key) as usize;
        let probes = (0..PROBES_MAX).map(|i| start.wrapping_add(i) & (capacity - 1));
        let first = probes.into_iter().find(|&place| {
            let same = [0, 1, 2].map(|field| words.at(place * 4 + field)) == [node, dimension, key];
            same || words.at(place * 4 + 3) == 0
        });
        ask(first == Some(entry), section, at, "an entry that its own key does not lead to")?;
    }
    Ok(())
}

/// Effects as a node's head has them for one dimension: 1 for denies, 16 for allows.
fn effects_of_record(counts: &Counts<'_>, record: u32) -> u32 {
    if counts.view.words(Section::Records).at(record as usize) >> 8 == 1 { 0x01 } else { 0x10 }
}

fn effects_of_node(nodes: Words<'_>, node: usize) -> u32 {
    let (head, denies, allows) = (nodes.at(node), nodes.at(node + 2), nodes.at(node + 3));
    u32::from(denies > 0 || head & 0x0F != 0) | u32::from(allows > 0 || head & 0xF0 != 0) << 4
}

/// The key is one that the node asks for.
fn key_exists(counts: &Counts<'_>, nodes: Words<'_>, [node, dimension, key]: [u32; 3], at: usize) -> Checked {
    let section = Section::Children;
    let node = node as usize;
    let slot = dimension >> 2;
    let below = match Dimension::ALL[dimension as usize & 3] {
        Dimension::Action => counts.action_patterns,
        Dimension::Principal => counts.principals,
        Dimension::Condition => counts.strings.count() as u32,
        Dimension::Resource => counts.view.layout.meta.anchors,
    };
    ask(key < below, section, at + 2, "no such key")?;
    let slots = nodes.slice(node + NODE_HEAD..node + NODE_HEAD + nodes.at(node + 1) as usize);
    let slot_is_asked = match dimension & 3 == Dimension::Condition as u32 {
        true => slots.contains_sorted(slot),
        false => slot == 0,
    };
    ask(slot_is_asked, section, at + 1, "a context key that the node does not ask for")?;
    let head = nodes.at(node);
    ask((head | head >> 4) >> (dimension & 3) & 1 == 1, section, at + 1, "a dimension that the node does not ask in")
}
