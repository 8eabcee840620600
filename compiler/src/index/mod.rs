//! Statements -> discrimination tree: by which of its keys each statement is found (matching.md 4.4).

mod keys;
mod file;

pub use file::file;

use dictum_vm::tree::Dimension;

/// A statement at some place of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clause {
    /// Its number in the program.
    pub statement: u32,
    /// The path to here implies its action.
    pub skip_action: bool,
}

/// By what a child is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The dimension.
    pub dimension: Dimension,
    /// Slot of the context key, for conditions.
    pub slot: u32,
    /// Action pattern, principal key, string id, or index into [`Tree::anchors`].
    pub value: u64,
}

/// What lies under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    /// Index of a node, greater than its parent's.
    Node(u32),
    /// One statement.
    Record(Clause),
}

/// A node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Number of keys on the path from the root.
    pub depth: u32,
    /// Dimensions that lead to denies, and to allows: bits of [`Dimension`].
    pub denies_below: u32,
    /// See `denies_below`.
    pub allows_below: u32,
    /// Context keys of the condition dimension, ascending.
    pub slots: Vec<u32>,
    /// Denies that are looked at whenever the node is reached.
    pub denies: Vec<Clause>,
    /// Allows that are looked at whenever the node is reached, the cheapest first.
    pub allows: Vec<Clause>,
    /// Children, ascending by key.
    pub children: Vec<(Key, Child)>,
}

/// Bytes that every resource with a match of a pattern has ([`dictum_vm::anchor`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// A bit of [`dictum_vm::anchor::Kinds`].
    pub kind: u32,
    /// What the kind's hash depends on.
    pub bytes: Box<[u8]>,
}

/// The tree of a unit: policies that are always in force together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The nodes, the root first and parents before children.
    pub nodes: Vec<Node>,
    /// The anchors that statements are filed under, each once.
    pub anchors: Vec<Anchor>,
}
