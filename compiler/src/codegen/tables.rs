//! Automata beside the programs that they stand in for.

use dictum_vm::tree::OFFSET;

use crate::automata::{self, Budget, GlobToken};
use crate::ir::{Pattern, Piece};

/// Bytes that tables may always take, and beyond that one byte for so many bytes of the bundle's strings.
const TABLES_FREE: usize = 64 << 10;
const TABLES_PART: usize = 20;

/// The section of automata, in the making: each table behind its length in bytes.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The section.
    pub bytes: Vec<u8>,
    /// Tables made.
    pub made: usize,
    /// Lists for which one was tried and given up.
    pub given_up: usize,
    bytes_max: usize,
}

impl Tables {
    /// No table, and room for any.
    pub fn unbounded() -> Tables {
        Tables { bytes_max: OFFSET as usize, ..Tables::default() }
    }

    /// Leaves the room that tables may take beside so many bytes of strings.
    pub fn bound(&mut self, string_bytes: usize) {
        self.bytes_max = TABLES_FREE + string_bytes / TABLES_PART;
    }

    /// Takes a table in, if there is room for it.
    pub fn add(&mut self, table: &[u8]) -> Option<u32> {
        if self.bytes.len() + table.len() > self.bytes_max {
            return None;
        }
        let offset = self.bytes.len() as u32;
        self.bytes.extend((table.len() as u32).to_le_bytes());
        self.bytes.extend(table);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.made += 1;
        Some(offset)
    }

    /// A table over free globs, where there are at least `from` of them with a star before the end.
    pub fn like(&mut self, patterns: &[Pattern], from: usize, budget: &mut Budget) -> Option<u32> {
        let has_inner_star =
            |pattern: &&Pattern| pattern.split_last().is_some_and(|(_, rest)| rest.contains(&Piece::Run));
        if patterns.iter().filter(has_inner_star).count() < from {
            return None;
        }
        let tokens: Vec<Vec<GlobToken<'_>>> = patterns.iter().map(|pattern| tokens(pattern)).collect::<Option<_>>()?;
        let patterns: Vec<(u32, &[GlobToken<'_>])> = (0..).zip(tokens.iter().map(Vec::as_slice)).collect();
        let table = automata::build(&patterns, false, budget).and_then(|table| self.add(&table));
        self.given_up += usize::from(table.is_none());
        table
    }
}

/// A free glob as tokens; `None` if a variable is in it.
pub fn tokens(pattern: &[Piece]) -> Option<Vec<GlobToken<'_>>> {
    pattern
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(GlobToken::Literal(text.as_bytes())),
            Piece::One => Some(GlobToken::One),
            Piece::Run => Some(GlobToken::Run),
            _ => None,
        })
        .collect()
}
