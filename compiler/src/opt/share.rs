//! What is equal becomes one: the earlier passes can leave two blocks that say the same, and blocks that nothing uses.

use crate::ir::{Program, Table};

/// Renumbers the blocks in the order of their first use.
pub fn share(program: &mut Program) {
    let old = std::mem::take(&mut program.blocks);
    let mut blocks = Table::default();
    let mut numbers: Vec<Option<u32>> = vec![None; old.items().len()];
    for statement in &mut program.statements {
        statement.block = statement.block.map(|block| {
            *numbers[block as usize].get_or_insert_with(|| blocks.number(old.items()[block as usize].clone()))
        });
    }
    program.blocks = blocks;
}
