//! Cheap tests first: the sooner a block fails, the less it costs, and order changes no conjunction.

use crate::ir::{Operand, Program, Table, Test};

/// Sorts the tests of each block by what they cost, ties by their order in the policy.
pub fn order(program: &mut Program) {
    let mut blocks = Table::default();
    let numbers: Vec<u32> = program
        .blocks
        .items()
        .iter()
        .map(|tests| {
            let mut tests = tests.clone();
            tests.sort_by_key(cost);
            blocks.number(tests)
        })
        .collect();
    program.blocks = blocks;
    for statement in &mut program.statements {
        statement.block = statement.block.map(|block| numbers[block as usize]);
    }
}

/// Rough nanoseconds of one test against one value.
fn cost(test: &Test) -> usize {
    match &test.operand {
        Operand::Null(..) => 1,
        Operand::Bool(_, _, rest) => 2 + 20 * rest.len(),
        Operand::Text(ids, rest) => 4 + ids.len().min(8) + 20 * rest.len(),
        Operand::Number(ids) => 8 + 8 * ids.len(),
        Operand::Date(dates) => 20 + dates.len(),
        Operand::Address(old, new) => 15 + (old.len() + new.len()).min(8),
        Operand::TextIgnoreCase(ids, rest) => 30 * (ids.len() + 2 * rest.len()),
        Operand::Like(patterns) => 10 * patterns.len(),
        Operand::Arn(patterns) => 20 + 20 * patterns.len(),
    }
}
