//! The filing rule: each clause of a node goes under the dimension that leaves the shortest list, or stays.

use std::collections::VecDeque;

use dictum_vm::anchor::Kinds;
use dictum_vm::hash::mix;
use dictum_vm::tree::{DEPTH_MAX, Dimension};

use super::{Child, Clause, Key, Node, Tree, keys};
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

/// Files every statement that can apply, unit by unit. Time O(keys × depth), no recursion.
pub fn file(program: &Program, seed: u64) -> Tree {
    let mut filing = Filing { program, seed, tree: Tree::default(), queue: VecDeque::new() };
    for unit in program.units() {
        let can_apply = |statement: &u32| !program.statements[*statement as usize].never;
        let clauses = unit.into_iter().filter(can_apply);
        let clauses = clauses.map(|statement| Clause { statement, skip_action: false }).collect();
        let root = filing.tree.nodes.len() as u32;
        filing.tree.roots.push(root);
        filing.tree.nodes.push(Node::default());
        filing.queue.push_back(Open { node: root, clauses, used: 0 });
        while let Some(open) = filing.queue.pop_front() {
            filing.fill(open);
        }
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
    seed: u64,
    tree: Tree,
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

impl Filing<'_> {
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
                keys::anchors(pattern, self.seed, false, |_, hash, _| anchors.push(hash));
            }
            count_anchors(&mut anchors, &mut counts);
        }
        // Second round: any four bytes of the patterns that no other anchor tells apart.
        for clause in &open.clauses {
            for pattern in self.patterns(*clause, open.used) {
                if self.rarest(pattern, &counts, false).is_some_and(|(count, _, _)| count > GRAMS_FROM) {
                    keys::anchors(pattern, self.seed, true, |kind, hash, _| {
                        anchors.extend((kind == Kinds::GRAM4).then_some(hash));
                    });
                }
            }
            count_anchors(&mut anchors, &mut counts);
        }
        counts
    }

    fn patterns(&self, clause: Clause, used: u32) -> &[Pattern] {
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

    /// Count, kind and hash of a pattern's rarest anchor; of equally rare ones that with the most literal bytes.
    fn rarest(&self, pattern: &Pattern, counts: &Counts, with_grams: bool) -> Option<(u32, u32, u64)> {
        let mut best: Option<(u32, usize, u64, u32)> = None;
        keys::anchors(pattern, self.seed, with_grams, |kind, hash, bytes| {
            let count = counts.of(&anchor_key(hash));
            if count == 0 {
                return; // a gram that was not counted for this pattern
            }
            let found = (count, usize::MAX - bytes, hash, kind);
            if best.is_none_or(|best| found < best) {
                best = Some(found);
            }
        });
        best.map(|(count, _, hash, kind)| (count, kind, hash))
    }

    /// The keys under which a clause is filed: those of its cheapest dimension, if that gains enough.
    fn choose(&mut self, clause: Clause, open: &Open, counts: &Counts) -> Option<Vec<Key>> {
        let mut found: [Vec<Key>; 4] = Default::default();
        self.plain_keys(clause, open.used, |key| found[key.dimension as usize].push(key));
        let mut longest = found.each_ref().map(|list| list.iter().map(|key| counts.of(key)).max());
        let mut kinds = 0;
        let patterns = self.patterns(clause, open.used);
        for pattern in patterns {
            let with_grams = self.rarest(pattern, counts, false).is_some_and(|(count, ..)| count > GRAMS_FROM);
            let Some((count, kind, hash)) = self.rarest(pattern, counts, with_grams) else {
                longest[Dimension::Resource as usize] = None;
                break;
            };
            let so_far = longest[Dimension::Resource as usize].unwrap_or(0);
            longest[Dimension::Resource as usize] = Some(so_far.max(count));
            kinds |= kind;
            if !found[Dimension::Resource as usize].contains(&anchor_key(hash)) {
                found[Dimension::Resource as usize].push(anchor_key(hash));
            }
        }
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
            self.tree.anchor_kinds |= kinds;
        }
        Some(std::mem::take(&mut found[dimension as usize]))
    }
}

fn anchor_key(hash: u64) -> Key {
    Key { dimension: Dimension::Resource, slot: 0, value: hash }
}

/// Counts one clause's anchors, each once, and empties the list.
fn count_anchors(anchors: &mut Vec<u64>, counts: &mut Counts) {
    anchors.sort_unstable();
    anchors.dedup();
    for hash in anchors.drain(..) {
        counts.add(anchor_key(hash));
    }
}
