//! Statement -> the keys that it has in each dimension. A key is good if every request to which the statement applies
//! offers it: a false key would hide the statement.

use dictum_vm::Effect;
use dictum_vm::anchor::{self, Kinds, Stretch};
use dictum_vm::operator::Quantifier;

use crate::ir::{Operand, Pattern, Piece, Program, Statement, Test};

/// Most keys of one statement in one dimension (matching.md 7, B3).
pub const KEYS_MAX: usize = 1_024;

/// Action patterns, unless it says NotAction.
pub fn actions(statement: &Statement) -> Option<&[u32]> {
    let ids = &statement.actions.ids;
    (!statement.actions.negated && ids.len() <= KEYS_MAX).then_some(ids)
}

/// Principal keys, unless everyone matches or it says NotPrincipal.
pub fn principals(statement: &Statement) -> Option<&[u32]> {
    let principals = statement.principals.as_ref()?;
    (!principals.negated && principals.ids.len() <= KEYS_MAX).then_some(&principals.ids)
}

/// Slot and string ids of the equality test with the fewest values.
///
/// Only tests that fail of an absent key, and that some listed value must equal: everything negated, with IfExists or
/// ForAllValues can hold without one, and a value with a variable is not known here.
pub fn condition<'p>(program: &'p Program, statement: &Statement) -> Option<(u32, &'p [u32])> {
    let tests = &program.blocks.items()[statement.block? as usize];
    let keys = |test: &'p Test| match &test.operand {
        Operand::Text(ids, rest) if rest.is_empty() && !ids.is_empty() && ids.len() <= KEYS_MAX => {
            let operator = test.operator;
            let is_sure = !operator.operator.is_negated()
                && !operator.if_exists
                && operator.quantifier != Some(Quantifier::ForAllValues);
            is_sure.then_some((test.slot, ids.as_slice()))
        }
        _ => None,
    };
    tests.iter().filter_map(keys).min_by_key(|(_, ids)| ids.len())
}

/// Patterns of the resource, unless it says NotResource or nothing.
pub fn resources(statement: &Statement) -> Option<&[Pattern]> {
    let resources = statement.resources.as_ref()?;
    (!resources.negated && resources.patterns.len() <= KEYS_MAX).then_some(&resources.patterns)
}

/// Calls `each` with kind, hash and bytes of every anchor of a pattern.
pub fn anchors<'p>(pattern: &'p Pattern, seed: u64, with_grams: bool, mut each: impl FnMut(u32, u64, &'p [u8])) {
    let kinds = if with_grams { Kinds::ALL } else { Kinds::ALL & !Kinds::GRAM4 };
    for (i, piece) in pattern.iter().enumerate() {
        if let Piece::Text(text) = piece {
            let stretch = Stretch { text: text.as_bytes(), is_start: i == 0, is_end: i + 1 == pattern.len() };
            anchor::anchors(stretch, kinds, seed, |kind, hash, place| each(kind, hash, &stretch.text[place]));
        }
    }
}

/// Order of the records of a node: denies and allows apart, and of each what is cheap and sure before what is not.
pub fn rank(statement: &Statement) -> (bool, bool, bool) {
    (statement.block.is_some(), statement.resources.is_some(), statement.principals.is_some())
}

/// Whether it is a deny.
pub fn is_deny(statement: &Statement) -> bool {
    statement.effect == Effect::Deny
}

#[cfg(test)]
mod tests;
