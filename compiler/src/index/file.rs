//! The filing rule: each clause of a node goes under the dimension that leaves the shortest list, or stays.

use std::collections::VecDeque;

use dictum_vm::anchor::Kinds;
use dictum_vm::hash::mix;
use dictum_vm::tree::{DEPTH_MAX, Dimension};

use super::{Anchor, Child, Clause, Key, Node, Tree, keys};
use crate::fast_hash::FastMap;
use crate::ir::{Pattern, Program};

/// Fewest clauses that are worth a table look-up; fewer are looked at one by one.
const LEAF_MAX: usize = 4;
/// A clause is filed only where its list is shorter than this part of the node's.
const GAIN: f64 = 0.7;
/// A pattern whose best anchor has a longer list than this may use any four of its bytes.
const GRAMS_FROM: u32 = 64;
/// Price of a key, in records of a list: each is an entry of the table of children.
const KEY_COST: f64 = 0.1;

/// What it costs to ask in a dimension, in records of a list: conditions fetch a value, resources cut up the ARN.
const fn price(dimension: Dimension) -> f64 {
    match dimension {
        Dimension::Action | Dimension::Principal => 0.0,
        Dimension::Condition => 1.0,
        Dimension::Resource => 8.0,
    }
}

/// The seed under which anchors are told apart here. Where a statement is filed does not depend on what else is in a
/// bundle, and with it on the bundle's seed.
const SEED: u64 = 0xD1C7_F11E;

/// Files every statement that can apply. Time O(keys × depth), no recursion.
pub fn file(program: &Program) -> Tree {
    let mut filing = Filing { program, tree: Tree::default(), anchors: FastMap::default(), queue: VecDeque::new() };
    let can_apply = |statement: &u32| !program.statements[*statement as usize].never;
    let clauses = (0..program.statements.len() as u32).filter(can_apply);
    let clauses = clauses.map(|statement| Clause { statement, skip_action: false }).collect();
    filing.tree.nodes.push(Node::default());
    filing.queue.push_back(Open { node: 0, clauses, used: 0 });
    while let Some(open) = filing.queue.pop_front() {
        filing.fill(open);
    }
    filing.tree
}

/// A node that waits to be filled.
struct Open {
    node: u32,
    clauses: Vec<Clause>,
    /// Dimensions on the path, each of which can be used once.
    used: u32,
}

struct Filing<'p> {
    program: &'p Program,
    tree: Tree,
    /// Numbers of the tree's anchors by their hashes.
    anchors: FastMap<u64, u32>,
    queue: VecDeque<Open>,
}

/// Number of clauses of a node under each key, or somewhat more: keys that share a slot share its count. What that can
/// do is file a clause under its second best key; what it saves is a map of tens of millions of keys at the root of a
/// large bundle.
struct Counts {
    slots: Vec<u32>,
}

/// Slots for each clause: about twice the keys that one has. And the most slots.
const SLOTS_PER_CLAUSE: usize = 64;
const SLOTS_MAX: usize = 1 << 26;

impl Counts {
    fn new(clauses: usize) -> Self {
        Counts { slots: vec![0; (clauses * SLOTS_PER_CLAUSE).clamp(1, SLOTS_MAX).next_power_of_two()] }
    }

    fn slot(&self, key: &Key) -> usize {
        let place = u64::from(key.slot) << 2 | key.dimension as u64;
        mix(place, key.value) as usize & (self.slots.len() - 1)
    }

    fn add(&mut self, key: Key) {
        let slot = self.slot(&key);
        self.slots[slot] += 1;
    }

    fn of(&self, key: &Key) -> u32 {
        self.slots[self.slot(key)]
    }
}

/// An anchor of a pattern, and how many clauses have it.
#[derive(Clone, Copy)]
struct Rarest<'p> {
    count: u32,
    kind: u32,
    hash: u64,
    bytes: &'p [u8],
}

impl Rarest<'_> {
    fn is(&self, other: &Rarest<'_>) -> bool {
        (self.hash, self.kind, self.bytes) == (other.hash, other.kind, other.bytes)
    }
}

impl<'p> Filing<'p> {
    fn fill(&mut self, open: Open) {
        let depth = self.tree.nodes[open.node as usize].depth;
        let mut node = Node { depth, ..Node::default() };
        let mut groups: FastMap<Key, Vec<Clause>> = FastMap::default();
        if open.clauses.len() <= LEAF_MAX || depth >= DEPTH_MAX {
            self.keep(&mut node, open.clauses);
        } else {
            let counts = self.count(&open);
            let mut kept = Vec::new();
            let mut room = 16 * open.clauses.len() + 4_096;
            for &clause in &open.clauses {
                match self.choose(clause, &open, &counts).filter(|found| found.len() <= room) {
                    Some(found) => {
                        room -= found.len();
                        let skip_action = clause.skip_action || found[0].dimension == Dimension::Action;
                        for key in found {
                            groups.entry(key).or_default().push(Clause { skip_action, ..clause });
                        }
                    }
                    None => kept.push(clause),
                }
            }
            self.keep(&mut node, kept);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable_by_key(|group| group.0);
        for (key, clauses) in groups {
            self.hang(&mut node, open.used, key, clauses);
        }
        self.tree.nodes[open.node as usize] = node;
    }

    /// Hangs the clauses of a key below a node.
    fn hang(&mut self, node: &mut Node, used: u32, key: Key, clauses: Vec<Clause>) {
        let is_deny = |clause: &Clause| keys::is_deny(&self.program.statements[clause.statement as usize]);
        let bit = key.dimension.bit();
        node.denies_below |= if clauses.iter().any(is_deny) { bit } else { 0 };
        node.allows_below |= if clauses.iter().all(is_deny) { 0 } else { bit };
        if key.dimension == Dimension::Condition && node.slots.last() != Some(&key.slot) {
            node.slots.push(key.slot);
        }
        if let [clause] = clauses[..] {
            node.children.push((key, Child::Record(clause)));
            return;
        }
        let child = self.tree.nodes.len() as u32;
        self.tree.nodes.push(Node { depth: node.depth + 1, ..Node::default() });
        node.children.push((key, Child::Node(child)));
        self.queue.push_back(Open { node: child, clauses, used: used | bit });
    }

    fn keep(&self, node: &mut Node, mut clauses: Vec<Clause>) {
        let statement = |clause: &Clause| &self.program.statements[clause.statement as usize];
        clauses.sort_by_key(|clause| (keys::rank(statement(clause)), clause.statement));
        let (denies, allows) = clauses.into_iter().partition(|clause| keys::is_deny(statement(clause)));
        (node.denies, node.allows) = (denies, allows);
    }

    /// Counts the clauses under each key they could be filed under; an anchor only once a clause.
    fn count(&self, open: &Open) -> Counts {
        let mut counts = Counts::new(open.clauses.len());
        let mut anchors = Vec::new();
        for clause in &open.clauses {
            self.plain_keys(*clause, open.used, |key| counts.add(key));
            for pattern in self.patterns(*clause, open.used) {
                keys::anchors(pattern, SEED, false, |_, hash, _| anchors.push(hash));
            }
            count_anchors(&mut anchors, &mut counts);
        }
        // Second round: any four bytes of the patterns that no other anchor tells apart.
        for clause in &open.clauses {
            for pattern in self.patterns(*clause, open.used) {
                if self.rarest(pattern, &counts, false).is_some_and(|it| it.count > GRAMS_FROM) {
                    keys::anchors(pattern, SEED, true, |kind, hash, _| {
                        anchors.extend((kind == Kinds::GRAM4).then_some(hash));
                    });
                }
            }
            count_anchors(&mut anchors, &mut counts);
        }
        counts
    }

    fn patterns(&self, clause: Clause, used: u32) -> &'p [Pattern] {
        let statement = &self.program.statements[clause.statement as usize];
        if used & Dimension::Resource.bit() != 0 { &[] } else { keys::resources(statement).unwrap_or(&[]) }
    }

    /// Calls `each` with every key of a clause but its anchors.
    fn plain_keys(&self, clause: Clause, used: u32, mut each: impl FnMut(Key)) {
        let statement = &self.program.statements[clause.statement as usize];
        let free = |dimension: Dimension| used & dimension.bit() == 0;
        let mut list = |dimension, slot, ids: Option<&[u32]>| {
            for &id in ids.unwrap_or(&[]) {
                each(Key { dimension, slot, value: u64::from(id) });
            }
        };
        if free(Dimension::Action) {
            list(Dimension::Action, 0, keys::actions(statement));
        }
        if free(Dimension::Principal) {
            list(Dimension::Principal, 0, keys::principals(statement));
        }
        if free(Dimension::Condition)
            && let Some((slot, ids)) = keys::condition(self.program, statement)
        {
            list(Dimension::Condition, slot, Some(ids));
        }
    }

    /// A pattern's rarest anchor; of equally rare ones that with the most literal bytes.
    fn rarest(&self, pattern: &'p Pattern, counts: &Counts, with_grams: bool) -> Option<Rarest<'p>> {
        let mut best: Option<(u32, usize, u64, u32)> = None;
        let mut best_bytes: &[u8] = &[];
        keys::anchors(pattern, SEED, with_grams, |kind, hash, bytes| {
            let count = counts.of(&anchor_key(hash));
            if count == 0 {
                return; // a gram that was not counted for this pattern
            }
            let found = (count, usize::MAX - bytes.len(), hash, kind);
            if best.is_none_or(|best| found < best) {
                (best, best_bytes) = (Some(found), bytes);
            }
        });
        best.map(|(count, _, hash, kind)| Rarest { count, kind, hash, bytes: best_bytes })
    }

    /// The keys under which a clause is filed: those of its cheapest dimension, if that gains enough.
    fn choose(&mut self, clause: Clause, open: &Open, counts: &Counts) -> Option<Vec<Key>> {
        let mut found: [Vec<Key>; 4] = Default::default();
        self.plain_keys(clause, open.used, |key| found[key.dimension as usize].push(key));
        let mut longest = found.each_ref().map(|list| list.iter().map(|key| counts.of(key)).max());
        let mut anchors: Vec<Rarest<'p>> = Vec::new();
        for pattern in self.patterns(clause, open.used) {
            let with_grams = self.rarest(pattern, counts, false).is_some_and(|it| it.count > GRAMS_FROM);
            let Some(found) = self.rarest(pattern, counts, with_grams) else {
                longest[Dimension::Resource as usize] = None;
                break;
            };
            let so_far = longest[Dimension::Resource as usize].unwrap_or(0);
            longest[Dimension::Resource as usize] = Some(so_far.max(found.count));
            if !anchors.iter().any(|it| it.is(&found)) {
                anchors.push(found);
            }
        }
        found[Dimension::Resource as usize] = anchors.iter().map(|it| anchor_key(it.hash)).collect();
        let cost = |dimension: Dimension| {
            let longest = longest[dimension as usize]?;
            let keys = found[dimension as usize].len();
            Some((f64::from(longest) + KEY_COST * keys as f64 + price(dimension), dimension))
        };
        let costs = Dimension::ALL.into_iter().filter_map(cost);
        let (cost, dimension) = costs.min_by(|a, b| a.0.total_cmp(&b.0))?;
        if cost >= GAIN * open.clauses.len() as f64 {
            return None;
        }
        if dimension == Dimension::Resource {
            return anchors.iter().map(|anchor| self.anchor(anchor)).collect();
        }
        Some(std::mem::take(&mut found[dimension as usize]))
    }

    /// The key of an anchor, by its number; `None` where another anchor has the same hash: under that one the clause would
    /// be hidden.
    fn anchor(&mut self, anchor: &Rarest<'_>) -> Option<Key> {
        let anchors = &mut self.tree.anchors;
        let number = *self.anchors.entry(anchor.hash).or_insert_with(|| {
            anchors.push(Anchor { kind: anchor.kind, bytes: anchor.bytes.into() });
            anchors.len() as u32 - 1
        });
        let known = &anchors[number as usize];
        ((known.kind, &*known.bytes) == (anchor.kind, anchor.bytes)).then_some(anchor_key(u64::from(number)))
    }
}

fn anchor_key(value: u64) -> Key {
    Key { dimension: Dimension::Resource, slot: 0, value }
}

/// Counts one clause's anchors, each once, and empties the list.
fn count_anchors(anchors: &mut Vec<u64>, counts: &mut Counts) {
    anchors.sort_unstable();
    anchors.dedup();
    for hash in anchors.drain(..) {
        counts.add(anchor_key(hash));
    }
}
