//! Bundle -> text: every statement with its instructions, and what is filed where.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use crate::bind::Sections;
use crate::bundle::{Bundle, Section};
use crate::condition::{Test, tests};
use crate::decision::StatementId;
use crate::op::Opcode;
use crate::record::{Instruction, Record};
use crate::text;
use crate::tree::{Dimension, IS_RECORD, NODE_HEAD, OFFSET, SKIP_ACTION};

/// Values of one instruction that a listing shows before it counts the rest.
const SHOWN_MAX: usize = 12;

/// The disassembly of a bundle: its statements in order, then the nodes of its tree. Stable for the same bytes.
pub fn listing<B: AsRef<[u8]>>(bundle: &Bundle<B>) -> String {
    let sections = Sections::of(bundle);
    let mut out = String::new();
    for (id, info) in bundle.statements() {
        let name = match info.sid {
            Some(sid) => alloc::format!("sid {sid:?}"),
            None => alloc::format!("statement {}", info.index),
        };
        let (layer, policy) = (info.layer, info.policy);
        let _ = writeln!(
            out,
            "statement {}  {}  {layer} {policy:?} {name}  {}:{}",
            id.0,
            info.effect.name(),
            info.file,
            info.line
        );
        for line in bundle.notes(id).lines() {
            let _ = writeln!(out, "  {line}");
        }
        record(&sections, id, &mut out);
    }
    nodes(&sections, &mut out);
    out
}

/// What of a bundle's statements went which way through the index, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexShape {
    /// Nodes of the tree.
    pub nodes: usize,
    /// Records kept at the root: looked at for every request.
    pub residual: usize,
    /// Children by dimension: action, principal, condition, resource.
    pub children: [usize; 4],
    /// Most records at one node.
    pub records_max: usize,
}

/// The numbers of a bundle's index.
pub fn index_shape<B: AsRef<[u8]>>(bundle: &Bundle<B>) -> IndexShape {
    let sections = Sections::of(bundle);
    let mut shape = IndexShape { records_max: bundle.meta().records_max as usize, ..IndexShape::default() };
    for (i, node) in node_offsets(&sections).enumerate() {
        shape.nodes += 1;
        if i == 0 {
            shape.residual = (sections.nodes.at(node + 2) + sections.nodes.at(node + 3)) as usize;
        }
    }
    for (_, dimension, _, _) in children(&sections) {
        shape.children[(dimension & 3) as usize] += 1;
    }
    shape
}

fn record(sections: &Sections<'_>, id: StatementId, out: &mut String) {
    let Some(offset) = sections.view.record_of(id) else { return };
    for instruction in Record::at(sections.records, offset as usize).instructions() {
        let Instruction { opcode, .. } = instruction;
        let values = match opcode {
            Opcode::ActionIn | Opcode::ActionInList | Opcode::ActionOut | Opcode::ActionOutList => {
                text::actions(sections, instruction.ids(sections.lists))
            }
            Opcode::PrincipalIn | Opcode::PrincipalInList | Opcode::PrincipalOut | Opcode::PrincipalOutList => {
                text::principals(sections, instruction.ids(sections.lists))
            }
            Opcode::ResourceIn | Opcode::ResourceOut => text::programs(sections, instruction.operands, 0),
            Opcode::Conditions => {
                let block = instruction.operands.at(0);
                let _ = writeln!(out, "  {:<18} block {block}", opcode.mnemonic());
                tests(sections.blocks, block as usize).for_each(|(_, test)| condition(sections, &test, out));
                continue;
            }
            _ => Vec::new(),
        };
        let _ = writeln!(out, "  {:<18} {}", opcode.mnemonic(), shown(&values));
    }
}

fn condition(sections: &Sections<'_>, test: &Test<'_>, out: &mut String) {
    let operator = test.flags.test().map_or_else(String::new, |operator| operator.to_string());
    let key = text::key(sections, test.slot);
    let values = shown(&text::operands(sections, test));
    let table = match (test.opcode, test.operands.at(0)) {
        (Opcode::Like, table) if table > 0 => alloc::format!("  table {}", table - 1),
        _ => String::new(),
    };
    let _ = writeln!(out, "    {:<16} {operator} {key} {values}{table}", test.opcode.mnemonic());
}

fn shown(values: &[String]) -> String {
    let mut out = String::from("[");
    for (i, value) in values.iter().take(SHOWN_MAX).enumerate() {
        let _ = write!(out, "{}{value:?}", if i > 0 { ", " } else { "" });
    }
    if values.len() > SHOWN_MAX {
        let _ = write!(out, ", and {} more", values.len() - SHOWN_MAX);
    }
    out.push(']');
    out
}

/// Offsets of all nodes, in order.
fn node_offsets<'b>(sections: &Sections<'b>) -> impl Iterator<Item = usize> + use<'b> {
    let nodes = sections.nodes;
    let mut at = 0;
    core::iter::from_fn(move || {
        let node = at;
        at += NODE_HEAD + nodes.at(node + 1) as usize + nodes.at(node + 2) as usize + nodes.at(node + 3) as usize;
        (node < nodes.len()).then_some(node)
    })
}

/// Every entry of the table of children.
fn children<'b>(sections: &Sections<'b>) -> impl Iterator<Item = (u32, u32, u32, u32)> + use<'b> {
    let words = sections.children;
    (0..words.len() / 4)
        .map(move |i| (words.at(i * 4), words.at(i * 4 + 1), words.at(i * 4 + 2), words.at(i * 4 + 3)))
        .filter(|entry| entry.3 != 0)
}

fn nodes(sections: &Sections<'_>, out: &mut String) {
    let mut below: Vec<_> = children(sections).collect();
    below.sort_unstable();
    let statement = |offset: u32| {
        let record = Record::at(sections.records, offset as usize);
        alloc::format!("statement {}", record.statement())
    };
    let mark = |reference: u32| if reference & SKIP_ACTION != 0 { " (action known)" } else { "" };
    for node in node_offsets(sections) {
        let _ = writeln!(out, "node {node}");
        let slots = sections.nodes.at(node + 1) as usize;
        let count = (sections.nodes.at(node + 2) + sections.nodes.at(node + 3)) as usize;
        for i in 0..count {
            let reference = sections.nodes.at(node + NODE_HEAD + slots + i);
            let _ = writeln!(out, "  {}{}", statement(reference & !SKIP_ACTION), mark(reference));
        }
        let first = below.partition_point(|entry| entry.0 < node as u32);
        for &(_, dimension, key, child) in below[first..].iter().take_while(|entry| entry.0 == node as u32) {
            let key = key_text(sections, dimension, key);
            let target = match child & IS_RECORD {
                0 => alloc::format!("node {}", child - 1),
                _ => alloc::format!("{}{}", statement((child & OFFSET) - 1), mark(child)),
            };
            let _ = writeln!(out, "  {key} -> {target}");
        }
    }
}

fn key_text(sections: &Sections<'_>, dimension: u32, key: u32) -> String {
    let name = Dimension::ALL[(dimension & 3) as usize].name();
    match dimension & 3 {
        0 => {
            let pattern = sections.view.words(Section::ActionPatterns).at(key as usize);
            alloc::format!("{name} {:?}", sections.strings.text(pattern))
        }
        1 => {
            let text = sections.view.words(Section::Principals).at(key as usize * 2 + 1);
            alloc::format!("{name} {:?}", sections.strings.text(text))
        }
        2 => alloc::format!("{name} {} = {:?}", text::key(sections, dimension >> 2), sections.strings.text(key)),
        _ => alloc::format!("{name} anchor {key}"),
    }
}
