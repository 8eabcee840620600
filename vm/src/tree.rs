//! The walk of the discrimination tree: which records can apply to a request (matching.md 4.4, 5).
//!
//! Each record is filed once, under the dimension that tells most about it; a node keeps those that no dimension tells
//! apart. The walk goes down every key that the request offers in a dimension, denies always, allows as long as some
//! gate is shut: that is what makes deny-overrides exact.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bind::{Frame, Sections};
use crate::bundle::View;
use crate::bundle::write::child_hash;
use crate::context::{NO_SYMBOL, Value};
use crate::decision::MatchKind;
use crate::directory::{Unit, gate};
use crate::lookup::find_anchors;
use crate::record::{Miss, Offer, Record};
use crate::words::PROBES_MAX;

/// By what a node tells its records apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Dimension {
    /// An action pattern of the statement.
    Action = 0,
    /// A principal key of the statement.
    Principal = 1,
    /// A key and value of which the statement's condition demands equality.
    Condition = 2,
    /// An anchor of a resource pattern.
    Resource = 3,
}

impl Dimension {
    /// Every dimension, in the order in which the walk asks them: what is cheap first.
    pub const ALL: [Dimension; 4] =
        [Dimension::Action, Dimension::Principal, Dimension::Condition, Dimension::Resource];

    /// The name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Dimension::Action => "action",
            Dimension::Principal => "principal",
            Dimension::Condition => "condition",
            Dimension::Resource => "resource",
        }
    }

    /// Its bit in a node's masks.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Deepest node of a tree; each dimension once on a path.
pub const DEPTH_MAX: u32 = 4;

/// Words of a node before its slots: masks and depth, slots, denies, allows.
pub const NODE_HEAD: usize = 4;

/// First word of a node: dimensions with denies, dimensions with allows, depth.
#[inline]
pub const fn node_head(denies: u32, allows: u32, depth: u32) -> u32 {
    denies | allows << 4 | depth << 8
}

/// A reference to a record from a node: its offset, and whether the path implies its action.
pub const SKIP_ACTION: u32 = 1 << 31;
/// A child that is one record and no node; its offset plus one, [`SKIP_ACTION`] besides.
pub const IS_RECORD: u32 = 1 << 30;
/// The offset of a child, plus one.
pub const OFFSET: u32 = IS_RECORD - 1;

/// What the walk tells of the records it reaches.
pub(crate) trait Recorder {
    /// Whether a record behind a gate is in force, and its effect can still change anything.
    fn wants(&self, record: Record<'_>, gate: u32) -> bool;
    /// The statements that follow are those of a unit behind a gate: see `directory::gate`.
    fn enter(&mut self, unit_gate: u32);
    /// Whether any allow of the unit can still change anything.
    fn wants_allows(&self) -> bool;
    /// A statement applies. Breaks off the walk if true.
    fn applies(&mut self, record: Record<'_>, gate: u32, kind: MatchKind) -> bool;
    /// A statement that was considered does not apply.
    fn fails(&mut self, record: Record<'_>, gate: u32, miss: Miss, frame: &mut Frame<'_>);
}

/// Anchors of one resource, found when a node first asks for them.
pub(crate) struct Anchors<'m> {
    pub ids: &'m mut Vec<u32>,
    pub is_found: bool,
}

/// One walk over the tree.
pub(crate) struct Walk<'m, 'x, R> {
    pub frame: &'m mut Frame<'x>,
    pub offer: Offer<'m>,
    pub anchors: Anchors<'m>,
    pub buffer: &'m mut String,
    pub recorder: &'m mut R,
    /// The gate of the unit that is walked: see `directory::gate`.
    pub gate: u32,
}

impl<R: Recorder> Walk<'_, '_, R> {
    /// Walks one unit from its root. True if the recorder broke it off.
    pub fn run(&mut self, unit: Unit) -> bool {
        self.gate = unit.gate;
        self.recorder.enter(unit.gate);
        !self.frame.sections.nodes.is_empty() && self.node(unit.root, 0)
    }

    /// Whether a record applies is asked here alone.
    #[inline]
    pub fn record(&mut self, reference: u32) -> bool {
        let record = Record::at(self.frame.sections.records, (reference & !SKIP_ACTION) as usize);
        let gate = if self.gate >= gate::LEVELS { record.gate() } else { self.gate };
        if !self.recorder.wants(record, gate) {
            return false;
        }
        match record.evaluate(self.frame, &self.offer, reference & SKIP_ACTION != 0, self.buffer) {
            Ok(kind) => self.recorder.applies(record, gate, kind),
            Err(miss) => {
                self.recorder.fails(record, gate, miss, self.frame);
                false
            }
        }
    }

    fn node(&mut self, node: u32, depth: u32) -> bool {
        let nodes = self.frame.sections.nodes;
        let at = node as usize;
        let (head, slots, denies, allows) = (nodes.at(at), nodes.at(at + 1), nodes.at(at + 2), nodes.at(at + 3));
        let first_slot = at + NODE_HEAD;
        let first_deny = first_slot + slots as usize;
        let first_allow = first_deny + denies as usize;
        for i in first_deny..first_allow {
            if self.record(nodes.at(i)) {
                return true;
            }
        }
        for i in first_allow..first_allow + allows as usize {
            if !self.recorder.wants_allows() {
                break;
            }
            if self.record(nodes.at(i)) {
                return true;
            }
        }
        if head & 0xFF == 0 || depth >= DEPTH_MAX {
            return false;
        }
        // PERF: written out, for a loop would cost more than most of its turns.
        self.is_asked(head, Dimension::Action) && self.actions(node, depth)
            || self.is_asked(head, Dimension::Principal) && self.principals(node, depth)
            || self.is_asked(head, Dimension::Condition)
                && (first_slot..first_deny).any(|i| self.values(node, depth, nodes.at(i)))
            || self.is_asked(head, Dimension::Resource) && self.anchors(node, depth)
    }

    /// Whether a dimension of a node leads to anything that can still change the decision.
    #[inline]
    fn is_asked(&self, head: u32, dimension: Dimension) -> bool {
        let mask = if self.recorder.wants_allows() { head | head >> 4 } else { head };
        mask & dimension.bit() != 0
    }

    fn actions(&mut self, node: u32, depth: u32) -> bool {
        let chain = self.offer.chain;
        (0..chain.len()).any(|i| self.child(node, depth, Dimension::Action as u32, chain.at(i)))
    }

    fn principals(&mut self, node: u32, depth: u32) -> bool {
        let principals = self.offer.principals;
        principals.iter().any(|&(id, _)| self.child(node, depth, Dimension::Principal as u32, id))
    }

    fn anchors(&mut self, node: u32, depth: u32) -> bool {
        if !self.anchors.is_found {
            self.anchors.is_found = true;
            collect_anchors(self.frame.sections.view, self.frame.resource.text, self.anchors.ids);
        }
        (0..self.anchors.ids.len()).any(|i| {
            let id = self.anchors.ids.get(i).copied().unwrap_or(u32::MAX);
            self.child(node, depth, Dimension::Resource as u32, id)
        })
    }

    fn values(&mut self, node: u32, depth: u32, slot: u32) -> bool {
        let dimension = Dimension::Condition as u32 | slot << 2;
        match self.frame.value(slot) {
            None => false,
            Some(Value::One(_)) => {
                let symbol = self.frame.symbol(slot);
                symbol != NO_SYMBOL && self.child(node, depth, dimension, symbol)
            }
            // A value that stands twice leads to the same child; each is gone down once, or a request could multiply
            // the walk by its own repetitions.
            Some(Value::Many(texts)) => texts.iter().enumerate().any(|(i, text)| {
                let symbol = self.frame.sections.symbol(text);
                let child = match symbol {
                    NO_SYMBOL => 0,
                    _ => find_child(self.frame.sections, node, dimension, symbol),
                };
                child != 0 && !texts[..i].contains(text) && self.enter(child, depth)
            }),
        }
    }

    #[inline]
    fn child(&mut self, node: u32, depth: u32, dimension: u32, key: u32) -> bool {
        self.enter(find_child(self.frame.sections, node, dimension, key), depth)
    }

    #[inline]
    fn enter(&mut self, child: u32, depth: u32) -> bool {
        match child {
            0 => false,
            _ if child & IS_RECORD != 0 => self.record(child & SKIP_ACTION | ((child & OFFSET) - 1)),
            _ => self.node(child - 1, depth + 1),
        }
    }
}

/// The child of a node under a key, 0 if there is none. At most [`PROBES_MAX`] entries are looked at.
#[inline]
fn find_child(sections: &Sections<'_>, node: u32, dimension: u32, key: u32) -> u32 {
    let children = sections.children;
    let Some(mask) = (children.len() / 4).checked_sub(1) else { return 0 };
    let mut at = child_hash(sections.seed, node, dimension, key) as usize & mask;
    for _ in 0..PROBES_MAX {
        let entry = children.slice(at * 4..at * 4 + 4);
        let child = entry.at(3);
        if child == 0 || (entry.at(0) == node && entry.at(2) == key && entry.at(1) == dimension) {
            return child;
        }
        at = (at + 1) & mask;
    }
    0
}

/// Room that anchors need beyond the distinct ones of a bundle, so that repetitions are weeded out in passes.
pub(crate) const ANCHOR_SLACK: usize = 64;

/// Fills `ids` with the distinct anchors that a resource offers. INVARIANT: there is room for all anchors of the
/// bundle, or for as many as a resource can offer, and [`ANCHOR_SLACK`] more; so nothing is left out and nothing grows.
fn collect_anchors(view: View<'_>, text: &str, ids: &mut Vec<u32>) {
    ids.clear();
    find_anchors(view, text, |id| {
        if ids.len() < ANCHOR_SLACK && ids.contains(&id) {
            return;
        }
        if ids.len() == ids.capacity() {
            ids.sort_unstable();
            ids.dedup();
        }
        if ids.len() < ids.capacity() {
            ids.push(id);
        }
    });
    if ids.len() > ANCHOR_SLACK {
        ids.sort_unstable();
        ids.dedup();
    }
}
