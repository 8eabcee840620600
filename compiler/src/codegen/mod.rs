//! IR and tree -> bundle: statements as records, conditions as blocks, everything looked up as hash tables.

use dictum_vm::bundle::write::{Parts, anchor_filter, anchor_index, children, index};
use dictum_vm::bundle::{Meta, Section, gate_of};
use dictum_vm::context::DerivedKey;
use dictum_vm::hash::{hash, hash_folded, mix};
use dictum_vm::principal::{PrincipalKey, key_hash};
use dictum_vm::tree::{IS_RECORD, NODE_HEAD, OFFSET, SKIP_ACTION, node_head};
use dictum_vm::{Effect, StatementId};

use crate::automata::Budget;
use crate::index::{Child, Clause, Tree, file};
use crate::ir::Program;

mod directory;
mod lists;
mod program;
mod actions;
mod emit;

use actions::ActionTables;
use emit::Emitter;
use lists::Lists;

/// Seeds to try before tables get more room (matching.md 7, B6).
const SEEDS: u64 = 8;
/// Doublings of a table's room, at most.
const ROOM_MAX: u32 = 4;

/// What a bundle came to be, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Policies.
    pub policies: usize,
    /// Statements.
    pub statements: usize,
    /// Statements that can apply to no request.
    pub never: usize,
    /// Nodes of the tree.
    pub nodes: usize,
    /// Statements that are looked at for every request to which their unit applies.
    pub residual: usize,
    /// Most statements at one node.
    pub records_max: usize,
    /// Distinct condition blocks.
    pub blocks: usize,
    /// Wildcard automata that fit their budget, and lists for which one was tried and given up.
    pub automata: (usize, usize),
    /// Bytes of the bundle.
    pub bytes: usize,
}

/// The bundle of a program, `None` if it is too large for 32-bit offsets.
///
/// The same program gives the same bytes: the hash seed is a counter mixed with what the program says, and goes on to
/// the next one where some table would have too long a run of probes.
pub fn generate(program: &mut Program) -> Option<(Vec<u8>, Report)> {
    let content = program.strings.items().iter().fold(0, |sum, text| mix(sum, hash(text.as_bytes(), 0)));
    for room in 0..=ROOM_MAX {
        for counter in 0..SEEDS {
            if let Some(done) = with_seed(program, mix(content, counter + 1), room) {
                return done;
            }
        }
    }
    None
}

/// `None` if some table cannot be built with this seed; `Some(None)` if the bundle is too large.
fn with_seed(program: &mut Program, seed: u64, room: u32) -> Option<Option<(Vec<u8>, Report)>> {
    let tree = file(program, seed);
    let mut lists = Lists::default();
    let mut budget = Budget::default();
    let actions = ActionTables::new(program, seed, room, &mut lists, &mut budget)?;
    let principal_texts: Vec<(PrincipalKey, u32)> = {
        let keys = program.principals.items().to_vec();
        keys.iter().map(|(key, text)| (*key, program.strings.text(text))).collect()
    };
    let unit_lists: Vec<u32> =
        program.directory.iter().flat_map(|it| &it.units).map(|policies| lists.offset(policies)).collect();
    let mut emitter = Emitter::new(program, &mut lists, &mut budget, actions.tables.clone());
    let order = emission_order(program, &tree);
    let offsets = emitter.records(&order);
    let (records, blocks, tables) = (emitter.records, emitter.blocks, emitter.tables);
    if records.len() >= OFFSET as usize || lists.words.len() >= OFFSET as usize {
        return Some(None);
    }
    let anchors = Anchors::of(&tree);
    let (nodes, node_offsets) = lay_out_nodes(&tree, &offsets);
    if nodes.len() >= OFFSET as usize {
        return Some(None);
    }
    let entries = child_entries(&tree, &node_offsets, &offsets, &anchors);

    let mut parts = Parts::default();
    parts.words(Section::Children, &children(&entries, seed, room)?);
    parts.words(Section::Nodes, &nodes);
    parts.words(Section::Records, &records);
    parts.words(Section::Blocks, &blocks);
    parts.words(Section::Lists, &lists.words);
    parts.bytes(Section::Tables, tables.bytes);
    actions.write(&mut parts);
    write_anchors(&anchors, room, &mut parts)?;
    write_principals(program, &principal_texts, seed, room, &mut parts)?;
    write_keys(program, seed, room, &mut parts)?;
    write_symbols(program, seed, room, &mut parts)?;
    write_names(program, &offsets, &mut parts);
    write_notes(program, &mut parts);
    if let Some(directory) = &program.directory {
        let roots: Vec<u32> = tree.roots.iter().map(|&root| node_offsets[root as usize]).collect();
        directory::write(program, directory, &roots, seed, room, &mut parts)?;
        let mut units: Vec<[u32; 2]> = roots.into_iter().zip(unit_lists).map(|(root, list)| [root, list]).collect();
        units.sort_unstable();
        parts.words(Section::Units, units.as_flattened());
    }
    if let Some(overlay) = &program.overlay {
        directory::write_managed(program, &overlay.managed, seed, room, &mut parts)?;
    }
    write_strings(program, &mut parts)?;
    let base = program.overlay.as_ref().map_or(0, |overlay| overlay.base);

    let records_max = tree.nodes.iter().map(|node| node.denies.len() + node.allows.len()).max().unwrap_or(0);
    let meta = Meta {
        members: program.members,
        scp_levels: program.scp_levels,
        rcp_levels: program.rcp_levels,
        open_gates: open_gates(program),
        root: 0,
        seed_low: seed as u32,
        seed_high: (seed >> 32) as u32,
        anchor_kinds: tree.anchor_kinds,
        any_action: actions.any_action.map_or(0, |id| id + 1),
        chain_max: actions.chain_max,
        principal_forms: principal_texts.iter().fold(0, |forms, (key, _)| forms | 1 << *key as u32),
        anchors: anchors.hashes.len() as u32,
        records_max: records_max as u32,
        directory: u32::from(program.directory.is_some()),
        base_low: base as u32,
        base_high: (base >> 32) as u32,
    };
    let roots = tree.roots.iter().map(|&root| &tree.nodes[root as usize]);
    let report = Report {
        policies: program.policies.len(),
        statements: program.statements.len(),
        never: program.statements.iter().filter(|statement| statement.never).count(),
        nodes: tree.nodes.len(),
        residual: roots.map(|root| root.denies.len() + root.allows.len()).sum(),
        records_max,
        blocks: program.blocks.items().len(),
        automata: (tables.made, tables.given_up),
        bytes: 0,
    };
    Some(parts.finish(meta).map(|bytes| {
        let report = Report { bytes: bytes.len(), ..report };
        (bytes, report)
    }))
}

/// Statements in the order in which the walk meets them, so that what is looked at together lies together.
fn emission_order(program: &Program, tree: &Tree) -> Vec<StatementId> {
    let mut seen = vec![false; program.statements.len()];
    let mut order = Vec::with_capacity(seen.len());
    let filed = tree.nodes.iter().flat_map(|node| {
        let children = node.children.iter().filter_map(|(_, child)| match child {
            Child::Record(clause) => Some(clause),
            Child::Node(_) => None,
        });
        node.denies.iter().chain(&node.allows).chain(children)
    });
    let filed = filed.map(|clause| clause.statement);
    for statement in filed.chain(0..program.statements.len() as u32) {
        if !std::mem::replace(&mut seen[statement as usize], true) {
            order.push(StatementId(statement));
        }
    }
    order
}

fn reference(clause: Clause, offsets: &[u32]) -> u32 {
    offsets[clause.statement as usize] | if clause.skip_action { SKIP_ACTION } else { 0 }
}

fn lay_out_nodes(tree: &Tree, offsets: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut words = Vec::new();
    let mut starts = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        starts.push(words.len() as u32);
        let counts = [node.slots.len(), node.denies.len(), node.allows.len()].map(|count| count as u32);
        words.push(node_head(node.denies_below, node.allows_below, node.depth));
        words.extend(counts);
        words.extend(&node.slots);
        words.extend(node.denies.iter().chain(&node.allows).map(|&clause| reference(clause, offsets)));
        debug_assert_eq!(NODE_HEAD, 4);
    }
    (words, starts)
}

fn child_entries(tree: &Tree, nodes: &[u32], offsets: &[u32], anchors: &Anchors) -> Vec<[u32; 4]> {
    let mut entries = Vec::new();
    for (node, start) in tree.nodes.iter().zip(nodes) {
        for (key, child) in &node.children {
            let value = anchors.id(key).unwrap_or(key.value as u32);
            let child = match *child {
                Child::Node(number) => nodes[number as usize] + 1,
                Child::Record(clause) => {
                    let skip = if clause.skip_action { SKIP_ACTION } else { 0 };
                    (offsets[clause.statement as usize] + 1) | IS_RECORD | skip
                }
            };
            entries.push([*start, key.dimension as u32 | key.slot << 2, value, child]);
        }
    }
    entries
}

/// The anchors in use, by number.
struct Anchors {
    hashes: Vec<u64>,
}

impl Anchors {
    fn of(tree: &Tree) -> Self {
        let is_anchor = |key: &&crate::index::Key| key.dimension == dictum_vm::tree::Dimension::Resource;
        let keys = tree.nodes.iter().flat_map(|node| node.children.iter().map(|(key, _)| key));
        let mut hashes: Vec<u64> = keys.filter(is_anchor).map(|key| key.value).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Anchors { hashes }
    }

    fn id(&self, key: &crate::index::Key) -> Option<u32> {
        match key.dimension {
            dictum_vm::tree::Dimension::Resource => self.hashes.binary_search(&key.value).ok().map(|id| id as u32),
            _ => None,
        }
    }
}

fn write_anchors(anchors: &Anchors, room: u32, parts: &mut Parts) -> Option<()> {
    parts.words(Section::AnchorIndex, &anchor_index(&anchors.hashes, room)?);
    parts.words(Section::AnchorFilter, &anchor_filter(&anchors.hashes));
    Some(())
}

fn write_principals(
    program: &Program,
    texts: &[(PrincipalKey, u32)],
    seed: u64,
    room: u32,
    parts: &mut Parts,
) -> Option<()> {
    let hash_of = |&(key, text): &(PrincipalKey, u32)| {
        let text = program.strings.get(text);
        let fields = match key {
            PrincipalKey::Root => 2,
            PrincipalKey::RoleName => 3,
            _ => 1,
        };
        key_hash(key, &text.splitn(fields, ':').collect::<Vec<_>>(), seed)
    };
    let entries: Vec<(u64, u32)> = texts.iter().map(hash_of).zip(0..).collect();
    parts.words(Section::PrincipalIndex, &index(&entries, room)?);
    let words: Vec<u32> = texts.iter().flat_map(|&(key, text)| [key as u32, text]).collect();
    parts.words(Section::Principals, &words);
    Some(())
}

fn write_keys(program: &Program, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
    let mut words = Vec::new();
    let mut entries = Vec::new();
    for (slot, &name) in program.key_names.iter().enumerate() {
        let text = program.strings.get(name);
        words.extend([name, DerivedKey::number_of(text)]);
        entries.push((hash_folded(text.as_bytes(), seed), slot as u32));
    }
    parts.words(Section::Keys, &words);
    parts.words(Section::KeyIndex, &index(&entries, room)?);
    Some(())
}

/// Only texts that a value is compared with by number are looked up.
fn write_symbols(program: &Program, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
    let tests = program.blocks.items().iter().flatten();
    let mut ids: Vec<u32> = tests
        .flat_map(|test| match &test.operand {
            crate::ir::Operand::Text(ids, _) => ids.as_slice(),
            _ => &[],
        })
        .copied()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let entries: Vec<(u64, u32)> =
        ids.into_iter().map(|id| (hash(program.strings.get(id).as_bytes(), seed), id)).collect();
    parts.words(Section::SymbolIndex, &index(&entries, room)?);
    Some(())
}

fn write_names(program: &Program, offsets: &[u32], parts: &mut Parts) {
    let gate = |layer| gate_of(layer, program.scp_levels);
    let policies: Vec<u32> =
        program.policies.iter().flat_map(|policy| [policy.name, policy.file, gate(policy.layer)]).collect();
    parts.words(Section::Policies, &policies);
    let statements: Vec<u32> = program
        .statements
        .iter()
        .zip(offsets)
        .flat_map(|(statement, &offset)| {
            let sid = statement.sid.map_or(0, |sid| sid + 1);
            [statement.policy, statement.index, sid, statement.place.line, statement.place.column, offset]
        })
        .collect();
    parts.words(Section::Statements, &statements);
}

/// Their texts stand behind all other strings.
fn write_notes(program: &Program, parts: &mut Parts) {
    let first = program.strings.items().len() as u32;
    let (mut noted, mut words) = (Vec::new(), Vec::new());
    for notes in &program.notes {
        noted.extend([notes.statement, words.len() as u32]);
        words.extend([notes.doc.len() as u32, notes.metadata.len() as u32]);
        words.extend(notes.doc.iter().map(|line| first + line));
        for (name, values) in &notes.metadata {
            words.extend([first + name, values.len() as u32]);
            words.extend(values.iter().map(|value| first + value));
        }
    }
    parts.words(Section::Noted, &noted);
    parts.words(Section::Notes, &words);
}

fn write_strings(program: &Program, parts: &mut Parts) -> Option<()> {
    let mut bytes = Vec::new();
    let mut offsets = vec![0];
    let entities = program.directory.iter().flat_map(|directory| &directory.entities);
    let entities = entities.flat_map(|entity| [&entity.arn, &entity.unique_id]);
    for text in program.strings.items().iter().chain(program.note_texts.items()).chain(entities) {
        bytes.extend_from_slice(text.as_bytes());
        offsets.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    }
    parts.words(Section::StringOffsets, &offsets);
    parts.bytes(Section::StringBytes, bytes);
    Some(())
}

/// Number of gates that some Allow can open.
fn open_gates(program: &Program) -> u32 {
    let allows = program.statements.iter().filter(|statement| !statement.never && statement.effect == Effect::Allow);
    let mut gates: Vec<u32> = allows
        .map(|statement| gate_of(program.policies[statement.policy as usize].layer, program.scp_levels))
        .collect();
    gates.sort_unstable();
    gates.dedup();
    gates.len() as u32
}
