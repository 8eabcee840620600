//! Blocks and records: known instructions that tile their sections, with operands that exist.

use alloc::vec::Vec;

use super::{Checked, Counts, ascending, ask};
use crate::bundle::{BundleError, Section};
use crate::glob;
use crate::op::{BLOCK_HEAD, Opcode, RECORD_HEAD, TEST_HEAD, TestFlags, split_head};
use crate::operator::Family;
use crate::value::decimal::Decimal;
use crate::words::Words;

/// Walks the section of blocks from its first word to its last.
pub(super) fn blocks(counts: &mut Counts<'_>) -> Checked {
    let section = Section::Blocks;
    let words = counts.view.words(section);
    let mut at = 0;
    while at < words.len() {
        let (opcode, tests) = split_head(words.at(at));
        let end = at + words.at(at + 1) as usize;
        let good = opcode == Opcode::Block as u32 && end >= at + BLOCK_HEAD && end <= words.len();
        ask(good, section, at, "no block, or one that ends outside the section")?;
        let (mut inside, mut found) = (at + BLOCK_HEAD, 0);
        while inside < end {
            inside = test(counts, words, inside, end)?;
            found += 1;
        }
        ask(found == tests, section, at, "another number of tests")?;
        counts.blocks.mark(at);
        at = end;
    }
    Ok(())
}

/// One test; gives its end.
fn test(counts: &mut Counts<'_>, words: Words<'_>, at: usize, end: usize) -> Result<usize, BundleError> {
    let section = Section::Blocks;
    let (number, count) = split_head(words.at(at));
    let stop = at + words.at(at + 1) as usize;
    ask(stop >= at + TEST_HEAD && stop <= end && count == 0, section, at, "a test ends outside its block")?;
    let flags = TestFlags(words.at(at + 2));
    ask(words.at(at + 3) < counts.slots, section, at + 3, "no such context key")?;
    let operands = words.slice(at + TEST_HEAD..stop);
    let (Some(opcode), Some(test)) = (Opcode::from_number(number), flags.test()) else {
        return ask(false, section, at, "an unknown test or operator").map(|()| stop);
    };
    let family = test.operator.family();
    let fits = match opcode {
        Opcode::Text => matches!(family, Family::String | Family::Binary | Family::StringLike | Family::Arn),
        Opcode::TextIgnoreCase => family == Family::StringIgnoreCase,
        Opcode::Like => family == Family::StringLike,
        Opcode::Arn => family == Family::Arn,
        Opcode::Number => family == Family::Numeric,
        Opcode::Date => family == Family::Date,
        Opcode::Bool => family == Family::Bool,
        Opcode::Address => family == Family::IpAddress,
        Opcode::Null => family == Family::Null,
        _ => false,
    };
    ask(fits, section, at, "a test of another family than its operator's")?;
    operand(counts, opcode, operands, at)?;
    Ok(stop)
}

fn operand(counts: &mut Counts<'_>, opcode: Opcode, words: Words<'_>, at: usize) -> Checked {
    let section = Section::Blocks;
    let first = words.at(0) as usize;
    let fits = |holds, problem| ask(holds, section, at, problem);
    match opcode {
        Opcode::Text | Opcode::TextIgnoreCase => {
            fits(first < words.len(), "more strings than there are operands")?;
            let ids = words.slice(1..1 + first);
            ascending(ids, section, at)?;
            for id in ids.iter() {
                counts.string(id, section, at)?;
                let is_found = opcode != Opcode::Text || counts.symbols.has(id);
                fits(is_found, "a string that no value can be found to be")?;
            }
            programs(counts, words, 1 + first, section, at).map(|_| ())
        }
        Opcode::Like => {
            counts.table(words.at(0), section, at)?;
            programs(counts, words, 1, section, at).map(|_| ())
        }
        Opcode::Arn => {
            fits(!words.is_empty() && first == 0, "an operand that must be 0")?;
            programs(counts, words, 1, section, at).map(|_| ())
        }
        Opcode::Bool => {
            fits(!words.is_empty() && first <= 3, "an unknown truth value")?;
            programs(counts, words, 1, section, at).map(|_| ())
        }
        Opcode::Number => words.iter().try_for_each(|id| {
            counts.string(id, section, at)?;
            // Each string once: reading a long one for each test is not O(bytes).
            let is_number = counts.numbers.has(id) || Decimal::parse(counts.strings.text(id)).is_some();
            counts.numbers.mark(id as usize);
            fits(is_number, "a string that is no number")
        }),
        Opcode::Date => {
            fits(words.len().is_multiple_of(3), "a date is cut off")?;
            (0..words.len() / 3).try_for_each(|i| counts.string(words.at(i * 3 + 2), section, at))
        }
        Opcode::Address => addresses(words, at),
        Opcode::Null => fits(words.len() == 1 && first <= 3, "an unknown presence"),
        _ => Ok(()),
    }
}

/// Networks whose host bits are clear, ascending and disjoint, of one family after the other.
fn addresses(words: Words<'_>, at: usize) -> Checked {
    let count = words.at(0) as usize;
    let start = 1 + count * 2;
    let whole = words.len() >= start && (words.len() - start).is_multiple_of(5);
    ask(whole, Section::Blocks, at, "a network is cut off")?;
    let old = (0..count).map(|i| (u128::from(words.at(1 + i * 2)), words.at(2 + i * 2), 32u32));
    let new = (0..(words.len() - start) / 5).map(|i| {
        let word = |k: usize| u128::from(words.at(start + i * 5 + k));
        (word(0) << 96 | word(1) << 64 | word(2) << 32 | word(3), words.at(start + i * 5 + 4), 128u32)
    });
    // Bits of the family, and the first address that no network holds yet; none behind the last address of all.
    let mut free = (32, Some(0u128));
    for (address, length, bits) in old.chain(new) {
        ask(length <= bits, Section::Blocks, at, "a network is longer than its family's addresses")?;
        if bits != free.0 {
            free = (bits, Some(0));
        }
        let host = if length == 0 { u128::MAX >> (128 - bits) } else { (1u128 << (bits - length)) - 1 };
        let good = address & host == 0 && free.1.is_some_and(|free| address >= free);
        ask(good, Section::Blocks, at, "networks that do not ascend, or have host bits")?;
        free.1 = (address | host).checked_add(1);
    }
    Ok(())
}

/// Programs that fill the rest of an instruction; gives their number.
fn programs(
    counts: &Counts<'_>,
    words: Words<'_>,
    from: usize,
    section: Section,
    at: usize,
) -> Result<u32, BundleError> {
    let (mut inside, mut found) = (from, 0);
    while inside < words.len() {
        match glob::verify(words.slice(inside..words.len()), counts.slots, counts.strings) {
            Some(len) => inside += len,
            None => ask(false, section, at, "a broken pattern")?,
        }
        found += 1;
    }
    Ok(found)
}

/// Walks the section of records from its first word to its last; gives the number of gates that an allow can open.
pub(super) fn records(counts: &mut Counts<'_>) -> Result<u32, BundleError> {
    let section = Section::Records;
    let words = counts.view.words(section);
    let mut opened: Vec<u32> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (opcode, is_deny) = split_head(words.at(at));
        let end = at + words.at(at + 1) as usize;
        let good = opcode == Opcode::Record as u32 && is_deny <= 1 && end >= at + RECORD_HEAD && end <= words.len();
        ask(good, section, at, "no record, or one that ends outside the section")?;
        ask(words.at(at + 2) < counts.gates, section, at + 2, "no such gate")?;
        ask(words.at(at + 3) < counts.statements, section, at + 3, "no such statement")?;
        let (mut inside, mut never) = (at + RECORD_HEAD, false);
        while inside < end {
            never |= split_head(words.at(inside)).0 == Opcode::Never as u32;
            inside = instruction(counts, words, inside, end)?;
        }
        if is_deny == 0 && !never {
            opened.push(words.at(at + 2));
        }
        counts.records.mark(at);
        at = end;
    }
    opened.sort_unstable();
    opened.dedup();
    Ok(opened.len() as u32)
}

/// One instruction of a record; gives its end.
fn instruction(counts: &Counts<'_>, words: Words<'_>, at: usize, end: usize) -> Result<usize, BundleError> {
    use Opcode::*;
    let section = Section::Records;
    let (number, count) = split_head(words.at(at));
    let stop = at + words.at(at + 1) as usize;
    ask(stop >= at + 2 && stop <= end, section, at, "an instruction ends outside its record")?;
    let operands = words.slice(at + 2..stop);
    let Some(opcode) = Opcode::from_number(number) else {
        return ask(false, section, at, "an unknown instruction").map(|()| stop);
    };
    let ids_below = match opcode {
        ActionIn | ActionOut | ActionInList | ActionOutList => counts.action_patterns,
        _ => counts.principals,
    };
    match opcode {
        ActionIn | ActionOut | PrincipalIn | PrincipalOut => {
            ascending(operands, section, at)?;
            let good = operands.len() == count as usize && operands.iter().all(|id| id < ids_below);
            ask(good, section, at, "ids that are not there")?;
        }
        ActionInList | ActionOutList | PrincipalInList | PrincipalOutList => {
            ask(operands.len() == 1, section, at, "another number of operands")?;
            counts.list(operands.at(0), ids_below, section, at)?;
        }
        ResourceIn | ResourceOut => {
            let found = programs(counts, operands, 0, section, at)?;
            ask(found == count, section, at, "another number of patterns")?;
        }
        Conditions => {
            let good = operands.len() == 1 && counts.blocks.has(operands.at(0));
            ask(good, section, at, "no block begins there")?;
        }
        Never => ask(operands.is_empty(), section, at, "another number of operands")?,
        _ => ask(false, section, at, "an instruction of another place")?,
    }
    Ok(stop)
}
