//! Tests whose answer is known: statements that can apply to nothing, elements that everything meets, and
//! globs that are plain equality.

use dictum_vm::Effect;
use dictum_vm::operator::Quantifier;
use dictum_vm::principal::PrincipalKey;

use crate::ir::{IdTest, Operand, Pattern, Piece, Program, ResourceTest, Statement, Table, Test};

/// What is known of an element before there is a request.
enum Known<T> {
    /// No request meets it.
    Never,
    /// Every request meets it.
    Always,
    /// It depends.
    Depends(T),
}

/// Folds every statement and every block.
pub fn fold(program: &mut Program) {
    let any_action = program.actions.items().iter().position(|pattern| &**pattern == "*").map(|id| id as u32);
    let everyone = (PrincipalKey::Everyone, "".into());
    let everyone = program.principals.items().iter().position(|key| *key == everyone).map(|id| id as u32);
    let mut blocks = Table::default();
    let old_blocks = std::mem::take(&mut program.blocks);
    let strings = &mut program.strings;
    let folded: Vec<Known<u32>> = old_blocks
        .items()
        .iter()
        .map(|tests| {
            let mut kept = Vec::with_capacity(tests.len());
            for test in tests {
                match fold_test(test.clone(), strings) {
                    Known::Never => return Known::Never,
                    Known::Always => {}
                    Known::Depends(test) => kept.push(test),
                }
            }
            if kept.is_empty() { Known::Always } else { Known::Depends(blocks.number(kept)) }
        })
        .collect();
    program.blocks = blocks;
    for statement in &mut program.statements {
        fold_statement(statement, any_action, everyone);
        if let Some(block) = statement.block {
            match folded[block as usize] {
                Known::Never => statement.never = true,
                Known::Always => statement.block = None,
                Known::Depends(block) => statement.block = Some(block),
            }
        }
        if statement.never {
            statement.block = None;
        }
    }
}

fn fold_statement(statement: &mut Statement, any_action: Option<u32>, everyone: Option<u32>) {
    let is_deny = statement.effect == Effect::Deny;
    match fold_ids(&statement.actions, any_action) {
        Known::Never => statement.never = true,
        Known::Always => {
            // `*` stays a list of one, under which the statement can be filed; an empty NotAction stays empty.
            statement.actions.ids.retain(|id| Some(*id) == any_action);
        }
        Known::Depends(()) => {}
    }
    if let Some(principals) = &statement.principals {
        match fold_ids(principals, everyone) {
            // PRN-33: a deny with NotPrincipal `*` still applies to a requester with a boundary.
            Known::Never if is_deny && principals.negated => {}
            Known::Never => statement.never = true,
            Known::Always => statement.principals = None,
            Known::Depends(()) => {}
        }
    }
    if let Some(resources) = &statement.resources {
        match fold_resources(resources) {
            Known::Never => statement.never = true,
            Known::Always => statement.resources = None,
            Known::Depends(()) => {}
        }
    }
}

fn fold_ids(test: &IdTest, everything: Option<u32>) -> Known<()> {
    known(test.negated, test.ids.is_empty(), everything.is_some_and(|id| test.ids.contains(&id)))
}

fn fold_resources(test: &ResourceTest) -> Known<()> {
    known(test.negated, test.patterns.is_empty(), test.patterns.iter().any(|pattern| pattern[..] == [Piece::Run]))
}

/// A list of nothing is met by nothing, a list with everything by everything, and negated the other way round. (An
/// Allow with a negated list of nothing never applies, which lowering knows: GRM-25.)
fn known(negated: bool, has_nothing: bool, has_everything: bool) -> Known<()> {
    match (has_nothing, has_everything) {
        (true, _) if negated => Known::Always,
        (_, true) if !negated => Known::Always,
        (true, _) | (_, true) => Known::Never,
        _ => Known::Depends(()),
    }
}

fn fold_test(mut test: Test, strings: &mut Table<Box<str>>) -> Known<Test> {
    let negated = test.operator.operator.is_negated();
    match &test.operand {
        Operand::Null(true, true) => return Known::Always,
        Operand::Null(false, false) => return Known::Never,
        Operand::Like(patterns) if patterns.iter().all(is_plain) => {
            test.operand = equality(patterns, |_| true, strings);
        }
        // CND-62: what is no ARN fails the negated operators too, which equality would not.
        Operand::Arn(patterns) if !negated && patterns.iter().all(|pattern| crate::ir::literal(pattern).is_some()) => {
            test.operand = equality(patterns, is_arn, strings);
        }
        _ => {}
    }
    let holds_of_absent = test.operator.if_exists || test.operator.quantifier == Some(Quantifier::ForAllValues);
    let holds_of_nothing = match &test.operand {
        Operand::Text(ids, rest) | Operand::TextIgnoreCase(ids, rest) => ids.is_empty() && rest.is_empty(),
        Operand::Like(patterns) | Operand::Arn(patterns) => patterns.is_empty(),
        Operand::Number(ids) => ids.is_empty(),
        Operand::Date(dates) => dates.is_empty(),
        Operand::Bool(is_true, is_false, rest) => !is_true && !is_false && rest.is_empty(),
        Operand::Address(old, new) => old.is_empty() && new.is_empty(),
        Operand::Null(..) => false,
    };
    // CND-25: a positive operator without values satisfies nothing.
    if holds_of_nothing && !negated && !holds_of_absent { Known::Never } else { Known::Depends(test) }
}

/// A pattern without wildcards.
fn is_plain(pattern: &Pattern) -> bool {
    pattern.iter().all(|piece| matches!(piece, Piece::Text(_) | Piece::Variable { .. }))
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

/// Patterns without wildcards as equality; literal texts that fail `can_match` are left out.
fn equality(patterns: &[Pattern], can_match: impl Fn(&str) -> bool, strings: &mut Table<Box<str>>) -> Operand {
    let texts = patterns.iter().filter_map(|pattern| crate::ir::literal(pattern)).filter(|text| can_match(text));
    let mut ids: Vec<u32> = texts.map(|text| strings.text(text)).collect();
    ids.sort_unstable();
    let rest = patterns.iter().filter(|pattern| crate::ir::literal(pattern).is_none()).cloned().collect();
    Operand::Text(ids, rest)
}
