//! Statements -> records, condition blocks -> blocks.

use dictum_vm::bundle::gate_of;
use dictum_vm::op::{Opcode, TestFlags, head};
use dictum_vm::{Effect, StatementId};

use super::lists::Lists;
use super::program::write_program;
use super::tables::Tables;
use crate::automata::Budget;
use crate::fast_hash::FastMap;
use crate::ir::{IdTest, Operand, Pattern, Program, Statement, Test};

/// Most ids that stand in the record itself.
const INLINE_MAX: usize = 3;
/// Fewest patterns with an inner star for which one table pays (matching.md 7).
const TABLE_FROM: usize = 8;

/// Writes records and blocks.
pub struct Emitter<'p> {
    program: &'p Program,
    lists: &'p mut Lists,
    budget: &'p mut Budget,
    /// The section of records.
    pub records: Vec<u32>,
    /// The section of blocks.
    pub blocks: Vec<u32>,
    /// The section of automata.
    pub tables: Tables,
    block_offsets: FastMap<u32, u32>,
}

impl<'p> Emitter<'p> {
    /// An emitter that adds its automata to those of the actions.
    pub fn new(program: &'p Program, lists: &'p mut Lists, budget: &'p mut Budget, tables: Tables) -> Self {
        let (records, blocks, block_offsets) = (Vec::new(), Vec::new(), FastMap::default());
        Emitter { program, lists, budget, records, blocks, tables, block_offsets }
    }

    /// Emits every statement in an order; gives the offset of each by its number.
    pub fn records(&mut self, order: &[StatementId]) -> Vec<u32> {
        let mut offsets = vec![0; order.len()];
        for id in order {
            offsets[id.0 as usize] = self.records.len() as u32;
            self.record(*id);
        }
        offsets
    }

    fn record(&mut self, id: StatementId) {
        let statement = &self.program.statements[id.0 as usize];
        let layer = self.program.policies[statement.policy as usize].layer;
        let start = self.records.len();
        let is_deny = u32::from(statement.effect == Effect::Deny);
        self.records.extend([head(Opcode::Record, is_deny), 0, gate_of(layer, self.program.scp_levels), id.0]);
        if statement.never {
            self.records.extend([head(Opcode::Never, 0), 2]);
        } else {
            self.tests(statement);
        }
        self.records[start + 1] = (self.records.len() - start) as u32;
    }

    fn tests(&mut self, statement: &Statement) {
        use Opcode::*;
        self.ids(&statement.actions, [ActionIn, ActionInList, ActionOut, ActionOutList]);
        if let Some(principals) = &statement.principals {
            self.ids(principals, [PrincipalIn, PrincipalInList, PrincipalOut, PrincipalOutList]);
        }
        if let Some(resources) = &statement.resources {
            let opcode = if resources.negated { ResourceOut } else { ResourceIn };
            let start = self.records.len();
            self.records.extend([head(opcode, resources.patterns.len() as u32), 0]);
            for pattern in &resources.patterns {
                write_program(pattern, &mut self.records);
            }
            self.records[start + 1] = (self.records.len() - start) as u32;
        }
        if let Some(block) = statement.block {
            let offset = self.block(block);
            self.records.extend([head(Conditions, 0), 3, offset]);
        }
    }

    /// `opcodes`: in, in a list, out, out of a list. An empty negated list is met by everything: no instruction.
    fn ids(&mut self, test: &IdTest, opcodes: [Opcode; 4]) {
        if test.negated && test.ids.is_empty() {
            return;
        }
        let [inline, list] = if test.negated { [opcodes[2], opcodes[3]] } else { [opcodes[0], opcodes[1]] };
        let count = test.ids.len() as u32;
        if test.ids.len() <= INLINE_MAX {
            self.records.extend([head(inline, count), 2 + count]);
            self.records.extend(&test.ids);
        } else {
            self.records.extend([head(list, count), 3, self.lists.offset(&test.ids)]);
        }
    }

    fn block(&mut self, block: u32) -> u32 {
        if let Some(&offset) = self.block_offsets.get(&block) {
            return offset;
        }
        let start = self.blocks.len();
        let tests = &self.program.blocks.items()[block as usize];
        self.blocks.extend([head(Opcode::Block, tests.len() as u32), 0]);
        for test in tests {
            self.test(test);
        }
        self.blocks[start + 1] = (self.blocks.len() - start) as u32;
        self.block_offsets.insert(block, start as u32);
        start as u32
    }

    fn test(&mut self, test: &Test) {
        let start = self.blocks.len();
        let flags = TestFlags::new(test.operator).0;
        self.blocks.extend([0, 0, flags, test.slot]);
        let opcode = self.operands(&test.operand);
        self.blocks[start] = head(opcode, 0);
        self.blocks[start + 1] = (self.blocks.len() - start) as u32;
    }

    fn operands(&mut self, operand: &Operand) -> Opcode {
        let mut with_programs = |opcode, first: &[u32], patterns: &[Pattern]| {
            self.blocks.extend(first);
            patterns.iter().for_each(|pattern| write_program(pattern, &mut self.blocks));
            opcode
        };
        match operand {
            Operand::Text(ids, rest) => with_programs(Opcode::Text, &counted(ids), rest),
            Operand::TextIgnoreCase(ids, rest) => with_programs(Opcode::TextIgnoreCase, &counted(ids), rest),
            Operand::Like(patterns) => {
                let table = self.tables.like(patterns, TABLE_FROM, self.budget);
                self.blocks.push(table.map_or(0, |offset| offset + 1));
                patterns.iter().for_each(|pattern| write_program(pattern, &mut self.blocks));
                Opcode::Like
            }
            Operand::Arn(patterns) => with_programs(Opcode::Arn, &[0], patterns),
            Operand::Bool(is_true, is_false, rest) => {
                with_programs(Opcode::Bool, &[u32::from(*is_true) | u32::from(*is_false) << 1], rest)
            }
            Operand::Number(ids) => with_programs(Opcode::Number, ids, &[]),
            Operand::Date(dates) => {
                let words = |&(instant, text): &(i64, u32)| [instant as u32, (instant >> 32) as u32, text];
                self.blocks.extend(dates.iter().flat_map(words));
                Opcode::Date
            }
            Operand::Address(old, new) => {
                self.blocks.push(old.len() as u32);
                self.blocks.extend(old.iter().flat_map(|&(address, length)| [address, u32::from(length)]));
                self.blocks.extend(new.iter().flat_map(|&(address, length)| {
                    [96, 64, 32, 0].map(|shift| (address >> shift) as u32).into_iter().chain([u32::from(length)])
                }));
                Opcode::Address
            }
            Operand::Null(absent, present) => {
                self.blocks.push(u32::from(*absent) | u32::from(*present) << 1);
                Opcode::Null
            }
        }
    }
}

fn counted(ids: &[u32]) -> Vec<u32> {
    std::iter::once(ids.len() as u32).chain(ids.iter().copied()).collect()
}
