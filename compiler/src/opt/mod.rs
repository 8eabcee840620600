//! IR -> IR: passes that leave every decision as it was. Each is small and alone; the tests of equivalence run the
//! corpus after each of them.

use crate::ir::Program;

mod fold;
mod order;
mod share;

/// A pass: its name and what it does.
pub type Pass = (&'static str, fn(&mut Program));

/// The passes in order. Folding first, for it shortens what the others look at; sharing last, for the others make
/// equal what was not.
pub const PASSES: &[Pass] = &[("fold", fold::fold), ("order", order::order), ("share", share::share)];

/// Runs passes one after the other.
pub fn run(program: &mut Program, passes: &[Pass]) {
    for (_, pass) in passes {
        pass(program);
    }
}
