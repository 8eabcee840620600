//! Pattern lists -> tables that tell in one pass which patterns match (matching.md 7, B2), where the budget allows it.
//!
//! ```text
//! patterns --positions--> positions --determinize--> subset automaton --minimize--> minimal one --encode--> bytes
//! ```
//!
//! Determinisation can be exponential in the number of `*`: a table is an option, never the only way. The caller falls
//! back to glob programs. The reader of the bytes is [`dictum_vm::table`].

mod positions;
mod determinize;
mod minimize;
mod encode;

use dictum_vm::table::{STATE_COUNT_MAX, TABLE_BYTES_MAX};

pub use encode::renumber;
use positions::Positions;

/// States allowed for each byte of the patterns (B2).
const STATES_PER_PATTERN_BYTE: usize = 8;
/// (state, class) expansions allowed in one compile (B2).
const EXPANSION_COUNT_MAX: u32 = 1 << 20;
/// Longest pattern list, in positions; bounds the work on one state.
const POSITION_COUNT_MAX: usize = 1 << 16;

/// One token of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobToken<'a> {
    /// These bytes, which are whole characters in UTF-8.
    Literal(&'a [u8]),
    /// Exactly one character (GLB-4).
    One,
    /// Any run of characters.
    Run,
}

/// What is left of the work that one compile may spend on determinisation, abandoned tables included (B2).
#[derive(Debug)]
pub struct Budget {
    expansions_left: u32,
}

impl Budget {
    /// The budget of one compile.
    pub fn new() -> Budget {
        Budget { expansions_left: EXPANSION_COUNT_MAX }
    }

    /// The expansions that are left.
    pub fn left(&self) -> u32 {
        self.expansions_left
    }

    /// Takes what something has cost before; false, for good, where there is not so much.
    pub fn take(&mut self, expansions: u32) -> bool {
        self.charge(expansions as usize).is_some()
    }

    /// Takes so many expansions, or `None`, for good, where there are no more.
    fn charge(&mut self, expansions: usize) -> Option<()> {
        let left = u32::try_from(expansions).ok().and_then(|count| self.expansions_left.checked_sub(count));
        self.expansions_left = left.unwrap_or(0);
        left.map(|_| ())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Budget::new()
    }
}

/// A deterministic automaton over byte classes.
struct Automaton {
    class_map: [u8; 256],
    class_count: usize,
    /// `class_count` following states for each state.
    next: Vec<u32>,
    /// For each state the ids of the patterns that match where the text ends there: ascending, each once.
    accepts: Vec<Vec<u32>>,
    start: u32,
}

/// The bytes of a table that tells which patterns match, for [`dictum_vm::table::Table::parse`]; `None` where a budget of
/// B2 is exceeded. With `fold`, ASCII capitals of patterns and texts are taken for small letters (ACT-5).
///
/// A pure function of its arguments. The table does not depend on the order of the patterns. At most the budget's
/// expansions, each over at most 32 positions.
pub fn build(patterns: &[(u32, &[GlobToken<'_>])], fold: bool, budget: &mut Budget) -> Option<Vec<u8>> {
    budget.charge(1)?;
    let positions = Positions::of(patterns, fold, POSITION_COUNT_MAX)?;
    let states_max = STATE_COUNT_MAX.min(STATES_PER_PATTERN_BYTE * positions.pattern_bytes());
    let automaton = determinize::determinize(&positions, states_max, budget)?;
    let bytes = encode::encode(&minimize::minimize(&automaton), fold);
    bytes.filter(|bytes| bytes.len() <= TABLE_BYTES_MAX)
}

#[cfg(test)]
mod tests;
