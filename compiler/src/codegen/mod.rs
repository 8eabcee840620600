//! IR -> bundle, as compilers do it: each unit of policies that are in force together becomes an object, and objects are
//! linked into one bundle.
//!
//! ```text
//! Program (a unit) --index--> tree --unit, emit--> object --link--> sections --image--> bundle
//! ```

use crate::cache::NoCache;
use crate::ir::Program;

mod lists;
mod program;
mod tables;
mod object;
mod emit;
mod unit;
mod link;
mod actions;
mod directory;
mod image;

pub use image::{Image, Overlay};
pub use link::Linker;
pub use object::{Object, View};
pub use unit::compile;

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

/// The bundle of a program whose policies are all in force together, `None` if it is too large for 32-bit offsets.
///
/// The same program gives the same bytes.
pub fn generate(program: &mut Program) -> Option<(Vec<u8>, Report)> {
    let members = program.members;
    link_one(program, |linker| Image { members, ..Image::of(linker) })
}

/// The same with what else the bundle holds.
pub(crate) fn link_one(program: &mut Program, image: impl FnOnce(Linker) -> Image) -> Option<(Vec<u8>, Report)> {
    let mut linker = Linker::new(program.scp_levels, program.rcp_levels);
    let text = |id| program.strings.get(id);
    let policies = program.policies.iter();
    let policies =
        policies.map(|policy| linker.policy(text(policy.name), text(policy.file), policy.layer, (1, 1))).collect();
    let object = compile(program);
    linker.unit(object.view(), policies);
    image(linker).write(&mut NoCache)
}
