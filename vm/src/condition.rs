//! Condition blocks: fetch, test, go on (semantics.md 7).
//!
//! A block holds when each of its tests does (CND-1). A test looks at presence first, then at shape, then at values
//! (CND-14).

use core::ops::ControlFlow;

use alloc::string::String;

use crate::bind::Frame;
use crate::context::Value;
use crate::glob::{Piece, Program, Programs};
use crate::op::{BLOCK_HEAD, Opcode, TEST_HEAD, TestFlags, split_head};
use crate::operator::Comparison;
use crate::table;
use crate::value::decimal::Decimal;
use crate::value::ip::Address;
use crate::value::{case, date};
use crate::words::Words;

/// One test of a block.
#[derive(Clone, Copy)]
pub(crate) struct Test<'x> {
    pub opcode: Opcode,
    pub flags: TestFlags,
    pub slot: u32,
    /// What follows the head.
    pub operands: Words<'x>,
}

/// The tests of the block at an offset, each with its own offset.
pub(crate) fn tests(blocks: Words<'_>, block: usize) -> impl Iterator<Item = (usize, Test<'_>)> {
    let end = block + blocks.at(block + 1) as usize;
    let mut at = block + BLOCK_HEAD;
    core::iter::from_fn(move || {
        let opcode = Opcode::from_number(split_head(blocks.at(at)).0).filter(|_| at < end)?;
        let words = blocks.at(at + 1) as usize;
        let start = at;
        at += words.max(1);
        let flags = TestFlags(blocks.at(start + 2));
        let operands = blocks.slice(start + TEST_HEAD..start + words);
        Some((start, Test { opcode, flags, slot: blocks.at(start + 3), operands }))
    })
}

/// Runs a block. Breaks with the offset of the first test that fails.
#[inline]
pub(crate) fn run(frame: &mut Frame<'_>, block: usize, buffer: &mut String) -> ControlFlow<usize> {
    let blocks = frame.sections.blocks;
    for (at, test) in tests(blocks, block) {
        if !test.holds(frame, buffer) {
            return ControlFlow::Break(at);
        }
    }
    ControlFlow::Continue(())
}

impl<'x> Test<'x> {
    fn holds(&self, frame: &mut Frame<'x>, buffer: &mut String) -> bool {
        let value = frame.value(self.slot);
        if self.opcode == Opcode::Null {
            return self.operands.at(0) & if value.is_none() { 1 } else { 2 } != 0;
        }
        match value {
            None => self.flags.holds_of_absent(),
            Some(Value::One(text)) => self.holds_of(frame, Some(self.slot), text, buffer),
            // CND-13: without a set qualifier a multivalued key fails, whatever it holds.
            Some(Value::Many(texts)) if self.flags.for_all() => {
                texts.iter().all(|text| self.holds_of(frame, None, text, buffer))
            }
            Some(Value::Many(texts)) => {
                self.flags.for_any() && texts.iter().any(|text| self.holds_of(frame, None, text, buffer))
            }
        }
    }

    /// Whether one request value satisfies the operator: matches some policy value, or none if negated (CND-24).
    /// `slot` is given where it is the slot's single value, whose symbol is remembered.
    fn holds_of(&self, frame: &mut Frame<'x>, slot: Option<u32>, text: &'x str, buffer: &mut String) -> bool {
        let matched = match self.opcode {
            Opcode::Text => self.text(frame, slot, text),
            Opcode::TextIgnoreCase => self.text_ignore_case(frame, text, buffer),
            Opcode::Like => self.like(frame, text),
            Opcode::Number => self.number(frame, text),
            Opcode::Date => self.date(text),
            Opcode::Bool => self.boolean(frame, text, buffer),
            // CND-54, CND-62: what is no address or ARN fails, negated or not.
            Opcode::Address => match Address::parse(text) {
                Some(address) => self.address(address),
                None => return false,
            },
            Opcode::Arn if is_arn(text) => self.any_program(frame, 1, text),
            _ => return false,
        };
        matched != self.flags.is_negated()
    }

    /// The programs behind so many words of operands.
    pub fn programs_at(&self, section_strings: crate::words::Strings<'x>, skip: usize) -> Programs<'x> {
        Programs::new(self.operands, skip, section_strings)
    }

    /// CND-30, CND-49.
    fn text(&self, frame: &mut Frame<'x>, slot: Option<u32>, text: &str) -> bool {
        let count = self.operands.at(0) as usize;
        let symbols = self.operands.slice(1..1 + count);
        // PERF: one short comparison is cheaper than the hash that would find the symbol.
        let equals_symbol = match (count, slot) {
            (0, _) => false,
            (1, None) => frame.sections.strings.get(symbols.at(0)) == text.as_bytes(),
            (_, Some(slot)) => symbols.contains_sorted(frame.symbol(slot)),
            (_, None) => symbols.contains_sorted(frame.sections.symbol(text)),
        };
        equals_symbol || self.any_program(frame, 1 + count, text)
    }

    /// CND-31.
    fn text_ignore_case(&self, frame: &mut Frame<'x>, text: &str, buffer: &mut String) -> bool {
        let count = self.operands.at(0) as usize;
        let strings = frame.sections.strings;
        if self.operands.slice(1..1 + count).iter().any(|id| case::eq_lower(text, strings.text(id))) {
            return true;
        }
        self.programs_at(strings, 1 + count)
            .any(|program| fill(program, frame, text.len() * 3, buffer) && case::lower(text).eq(case::lower(buffer)))
    }

    /// CND-32.
    fn like(&self, frame: &mut Frame<'x>, text: &str) -> bool {
        match self.operands.at(0) {
            0 => self.any_program(frame, 1, text),
            table => table::stored(frame.sections.tables, table as usize - 1)
                .is_some_and(|table| table.matches_any(text.as_bytes())),
        }
    }

    fn any_program(&self, frame: &mut Frame<'x>, skip: usize, text: &str) -> bool {
        if skip >= self.operands.len() {
            return false;
        }
        let strings = frame.sections.strings;
        self.programs_at(strings, skip).any(|program| program.matches(text.as_bytes(), frame))
    }

    /// CND-33 to CND-35.
    fn number(&self, frame: &Frame<'x>, text: &str) -> bool {
        let (Some(left), Some(test)) = (Decimal::parse(text), self.flags.test()) else { return false };
        let comparison = test.operator.comparison();
        self.operands.iter().any(|id| {
            Decimal::parse(frame.sections.strings.text(id)).is_some_and(|right| compares(comparison, left.cmp(&right)))
        })
    }

    /// CND-40 to CND-43.
    fn date(&self, text: &str) -> bool {
        let (Some(left), Some(test)) = (date::parse(text), self.flags.test()) else { return false };
        let comparison = test.operator.comparison();
        (0..self.operands.len() / 3).any(|i| {
            let (low, high) = (self.operands.at(i * 3), self.operands.at(i * 3 + 1));
            let right = (u64::from(high) << 32 | u64::from(low)) as i64;
            compares(comparison, left.cmp(&right))
        })
    }

    /// CND-45 to CND-47.
    fn boolean(&self, frame: &mut Frame<'x>, text: &str, buffer: &mut String) -> bool {
        let is_true = text.eq_ignore_ascii_case("true");
        if self.operands.at(0) & if is_true { 1 } else { 2 } != 0 {
            return true;
        }
        let strings = frame.sections.strings;
        self.programs_at(strings, 1).any(|program| {
            let reads_true = fill(program, frame, "true".len(), buffer) && buffer.eq_ignore_ascii_case("true");
            program.resolves(frame) && reads_true == is_true
        })
    }

    /// CND-50 to CND-55. The networks of each family are ascending and disjoint, so only the last one that begins at or
    /// below the address can hold it.
    fn address(&self, address: Address) -> bool {
        let count = self.operands.at(0) as usize;
        match address {
            Address::V4(address) => {
                let at = |i: usize| (self.operands.at(1 + i * 2), self.operands.at(2 + i * 2));
                let below = partition(count, |i| at(i).0 <= address);
                below.checked_sub(1).is_some_and(|i| {
                    let (network, length) = at(i);
                    (address ^ network).checked_shr(32 - length.min(32)).unwrap_or(0) == 0
                })
            }
            Address::V6(address) => {
                let start = 1 + count * 2;
                let word = |i: usize, k: usize| u128::from(self.operands.at(start + i * 5 + k));
                let network = |i: usize| word(i, 0) << 96 | word(i, 1) << 64 | word(i, 2) << 32 | word(i, 3);
                let total = self.operands.len().saturating_sub(start) / 5;
                let below = partition(total, |i| network(i) <= address);
                below.checked_sub(1).is_some_and(|i| {
                    let length = (word(i, 4) as u32).min(128);
                    (address ^ network(i)).checked_shr(128 - length).unwrap_or(0) == 0
                })
            }
        }
    }
}

/// The number of indices from 0 on for which a predicate holds that holds of no index behind one it fails for.
fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn compares(comparison: Comparison, order: core::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// CND-62.
fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.bytes().filter(|&byte| byte == b':').count() >= 5
}

/// Writes the text of a program with its variables' values into a buffer; false if one is unresolved or the text is
/// longer than `most` bytes, which no lower-casing brings down to the length of what it is compared with. A character
/// has at most three bytes below U+10000 and keeps its own above, and lower-casing gives at least one byte for it.
fn fill<'x>(program: Program<'x>, frame: &mut Frame<'x>, most: usize, buffer: &mut String) -> bool {
    buffer.clear();
    for piece in program.pieces() {
        let value = match piece {
            Piece::Text(_) | Piece::Variable { .. } => program.value(piece, frame),
            _ => None,
        };
        let Some(Ok(value)) = value.map(core::str::from_utf8) else { return false };
        if buffer.len() + value.len() > most {
            return false;
        }
        buffer.push_str(value);
    }
    true
}
