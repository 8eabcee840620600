//! Program and tree -> object: statements as records, conditions as blocks.

use dictum_vm::StatementId;
use dictum_vm::tree::{IS_RECORD, NODE_HEAD, SKIP_ACTION, node_head};

use super::emit::Emitter;
use super::lists::Lists;
use super::object::{Object, Part, Parts};
use super::tables::Tables;
use crate::automata::Budget;
use crate::index::{Child, Clause, Key, Tree, file};
use crate::ir::{Program, Table};

/// Compiles policies that are in force together, after the passes; their strings gain some. A pure function of the program.
pub fn compile(program: &mut Program) -> Object {
    let tree = file(program);
    let mut lists = Lists::default();
    let mut budget = Budget::default();
    let mut emitter = Emitter::new(program, &mut lists, &mut budget, Tables::unbounded());
    emitter.records(&emission_order(program, &tree));
    let (records, blocks, tables) = (emitter.records, emitter.blocks, emitter.tables);

    let mut parts = Parts::default();
    let root = &tree.nodes[0];
    parts.set(Part::Summary, &[(root.denies.len() + root.allows.len()) as u32, tables.given_up as u32]);
    parts.set(Part::Lists, &lists.words);
    parts.set(Part::Blocks, &blocks);
    parts.set(Part::Records, &records);
    parts.set_bytes(Part::Tables, tables.bytes);

    let mut strings = std::mem::take(&mut program.strings);
    let both = |names: &[u32], folded: &Table<Box<str>>, strings: &mut Table<Box<str>>| -> Vec<u32> {
        names.iter().zip(folded.items()).flat_map(|(&name, folded)| [name, strings.text(folded)]).collect()
    };
    parts.set(Part::Keys, &both(&program.key_names, &program.keys, &mut strings));
    parts.set(Part::Actions, &both(&program.action_names, &program.actions, &mut strings));
    let principals = program.principals.items().iter();
    let principals = principals.flat_map(|(key, text)| [*key as u32, strings.text(text)]);
    parts.set(Part::Principals, &principals.collect::<Vec<_>>());
    let rows = program.statements.iter().flat_map(|statement| {
        let sid = statement.sid.map_or(0, |sid| sid + 1);
        [statement.policy, statement.index, sid, statement.place.line, statement.place.column]
    });
    parts.set(Part::Statements, &rows.collect::<Vec<_>>());
    parts.set(Part::Notes, &notes(program, &mut strings));

    let mut bytes: Vec<u8> = Vec::new();
    let mut ends = Vec::new();
    let mut add = |text: &[u8]| {
        bytes.extend_from_slice(text);
        ends.push(bytes.len() as u32);
    };
    strings.items().iter().for_each(|text| add(text.as_bytes()));
    let first = strings.items().len() as u32;
    tree.anchors.iter().for_each(|anchor| add(&anchor.bytes));
    parts.set(Part::StringEnds, &ends);
    parts.set_bytes(Part::StringBytes, bytes);
    let anchors = (first..).zip(&tree.anchors).flat_map(|(id, anchor)| [anchor.kind, id]);
    parts.set(Part::Anchors, &anchors.collect::<Vec<_>>());

    program.strings = strings;

    let (nodes, starts) = lay_out_nodes(&tree);
    parts.set(Part::Nodes, &nodes);
    parts.set(Part::Children, &children(&tree, &starts));
    parts.finish()
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

fn reference(clause: Clause) -> u32 {
    clause.statement | if clause.skip_action { SKIP_ACTION } else { 0 }
}

/// The words of all nodes, and where each begins.
fn lay_out_nodes(tree: &Tree) -> (Vec<u32>, Vec<u32>) {
    let mut words = Vec::new();
    let mut starts = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        starts.push(words.len() as u32);
        let counts = [node.slots.len(), node.denies.len(), node.allows.len()].map(|count| count as u32);
        words.push(node_head(node.denies_below, node.allows_below, node.depth));
        words.extend(counts);
        words.extend(&node.slots);
        words.extend(node.denies.iter().chain(&node.allows).map(|&clause| reference(clause)));
        debug_assert_eq!(NODE_HEAD, 4);
    }
    (words, starts)
}

fn children(tree: &Tree, starts: &[u32]) -> Vec<u32> {
    let entries = tree.nodes.iter().zip(starts).flat_map(|(node, start)| {
        node.children.iter().flat_map(move |&(Key { dimension, slot, value }, child)| {
            let child = match child {
                Child::Node(number) => starts[number as usize] + 1,
                Child::Record(clause) => (reference(clause) + 1) | IS_RECORD,
            };
            [*start, dimension as u32 | slot << 2, value as u32, child]
        })
    });
    entries.collect()
}

fn notes(program: &Program, strings: &mut Table<Box<str>>) -> Vec<u32> {
    let mut words = Vec::new();
    for notes in &program.notes {
        let mut id = |text: &u32| strings.text(program.note_texts.get(*text));
        words.extend([notes.statement, notes.doc.len() as u32, notes.metadata.len() as u32]);
        words.extend(notes.doc.iter().map(&mut id));
        for (name, values) in &notes.metadata {
            words.extend([id(name), values.len() as u32]);
            words.extend(values.iter().map(&mut id));
        }
    }
    words
}
