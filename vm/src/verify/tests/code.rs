//! Blocks and records.

use alloc::vec;
use alloc::vec::Vec;

use super::draft::strings::*;
use super::draft::{Draft, LIST_BOTH, LIST_LAST, block, instruction, program, record, test};
use super::refused;
use crate::bundle::Section::{self, *};
use crate::glob::{NO_SLOT, Piece};
use crate::op::Opcode;
use crate::operator::Operator;

/// The error of a bundle whose only block is this one.
fn block_error(words: &[u32]) -> Option<(Section, &'static str)> {
    Draft::of(&[words.to_vec()], &[instruction(Opcode::Conditions, 0, &[0])]).error()
}

fn test_error(opcode: Opcode, operator: Operator, operands: &[u32]) -> Option<(Section, &'static str)> {
    block_error(&block(&[test(opcode, operator, operands)]))
}

fn number() -> Vec<u32> {
    test(Opcode::Number, Operator::NumericEquals, &[NUMBER])
}

#[test]
fn blocks_and_tests_tile_their_section() {
    let with = |at: usize, word: u32| {
        let mut words = block(&[number()]);
        words[at] = word;
        words
    };
    let good = block(&[number()]);
    for (words, problem) in [
        (with(0, 0x101), "no block, or one that ends outside the section"),
        (with(1, 1), "no block, or one that ends outside the section"),
        (with(1, 99), "no block, or one that ends outside the section"),
        (with(0, Opcode::Block as u32 | 2 << 8), "another number of tests"),
        (with(3, 3), "a test ends outside its block"),
        (with(3, 99), "a test ends outside its block"),
        (with(2, Opcode::Number as u32 | 1 << 8), "a test ends outside its block"),
        (with(5, 2), "no such context key"),
        (with(2, 0), "an unknown test or operator"),
        (with(4, 27), "an unknown test or operator"),
        (with(4, 0x600), "an unknown test or operator"),
        ([good.as_slice(), &[0]].concat(), "no block, or one that ends outside the section"),
    ] {
        assert_eq!(block_error(&words), Some((Blocks, problem)), "{words:x?}");
    }
    assert_eq!(block_error(&good), None);
}

/// Every test against every operator: only those of its family are good.
#[test]
fn tests_are_of_their_operators_family() {
    use crate::operator::Family as F;
    let good: [(Opcode, &[F]); 9] = [
        (Opcode::Text, &[F::String, F::Binary, F::StringLike, F::Arn]),
        (Opcode::TextIgnoreCase, &[F::StringIgnoreCase]),
        (Opcode::Like, &[F::StringLike]),
        (Opcode::Arn, &[F::Arn]),
        (Opcode::Number, &[F::Numeric]),
        (Opcode::Date, &[F::Date]),
        (Opcode::Bool, &[F::Bool]),
        (Opcode::Address, &[F::IpAddress]),
        (Opcode::Null, &[F::Null]),
    ];
    for &opcode in Opcode::ALL {
        for &operator in Operator::ALL {
            let fits = good.iter().any(|(other, families)| *other == opcode && families.contains(&operator.family()));
            let wrong = Some((Blocks, "a test of another family than its operator's"));
            let operands: &[u32] = if matches!(opcode, Opcode::Number | Opcode::Date) { &[] } else { &[0] };
            assert_eq!(
                test_error(opcode, operator, operands),
                if fits { None } else { wrong },
                "{opcode:?} {operator:?}"
            );
        }
    }
}

#[test]
fn operands() {
    use Operator::*;
    let (v4, v6) = ([10 << 24, 8], [0x2001_0DB8, 0, 0, 0, 32]);
    let host_bits = "networks that do not ascend, or have host bits";
    for (opcode, operator, operands, problem) in [
        (Opcode::Text, StringEquals, vec![], "more strings than there are operands"),
        (Opcode::Text, StringEquals, vec![2, A], "more strings than there are operands"),
        (Opcode::Text, StringEquals, vec![u32::MAX, A], "more strings than there are operands"),
        (Opcode::Text, StringEquals, vec![2, B, A], "ids that do not ascend"),
        (Opcode::Text, StringEquals, vec![1, COUNT], "no such string"),
        (Opcode::Text, StringEquals, vec![1, NUMBER], "a string that no value can be found to be"),
        (Opcode::Text, StringEquals, vec![0, 0], "a broken pattern"),
        (Opcode::TextIgnoreCase, StringEqualsIgnoreCase, vec![2, A, A], "ids that do not ascend"),
        (Opcode::TextIgnoreCase, StringEqualsIgnoreCase, vec![1, COUNT], "no such string"),
        (Opcode::TextIgnoreCase, StringEqualsIgnoreCase, vec![0, 7], "a broken pattern"),
        (Opcode::Like, StringLike, vec![2], "no table begins there"),
        (Opcode::Like, StringLike, vec![u32::MAX], "no table begins there"),
        (Opcode::Like, StringLike, vec![0, 0x300], "a broken pattern"),
        (Opcode::Arn, ArnLike, vec![], "an operand that must be 0"),
        (Opcode::Arn, ArnLike, vec![1], "an operand that must be 0"),
        (Opcode::Arn, ArnLike, vec![0, 0x100], "a broken pattern"),
        (Opcode::Bool, Bool, vec![], "an unknown truth value"),
        (Opcode::Bool, Bool, vec![4], "an unknown truth value"),
        (Opcode::Bool, Bool, vec![0, 0x200], "a broken pattern"),
        (Opcode::Number, NumericEquals, vec![COUNT], "no such string"),
        (Opcode::Number, NumericEquals, vec![NUMBER, A], "a string that is no number"),
        (Opcode::Date, DateEquals, vec![0, 0], "a date is cut off"),
        (Opcode::Date, DateEquals, vec![0, 0, COUNT], "no such string"),
        (Opcode::Null, Null, vec![], "an unknown presence"),
        (Opcode::Null, Null, vec![4], "an unknown presence"),
        (Opcode::Null, Null, vec![1, 0], "an unknown presence"),
        (Opcode::Address, IpAddress, vec![], "a network is cut off"),
        (Opcode::Address, IpAddress, [&[2], &v4[..]].concat(), "a network is cut off"),
        (Opcode::Address, IpAddress, [&[u32::MAX], &v4[..]].concat(), "a network is cut off"),
        (Opcode::Address, IpAddress, [&[0], &v6[1..]].concat(), "a network is cut off"),
        (Opcode::Address, IpAddress, vec![1, 10 << 24, 33], "a network is longer than its family's addresses"),
        (Opcode::Address, IpAddress, vec![0, 0, 0, 0, 0, 129], "a network is longer than its family's addresses"),
        (Opcode::Address, IpAddress, vec![1, 10 << 24 | 1, 8], host_bits),
        (Opcode::Address, IpAddress, vec![1, 1, 0], host_bits),
        (Opcode::Address, IpAddress, vec![0, 0, 0, 0, 1, 127], host_bits),
        (Opcode::Address, IpAddress, [&[2], &v4[..], &v4].concat(), host_bits),
        (Opcode::Address, IpAddress, [&[0], &v6[..], &v6].concat(), host_bits),
        (Opcode::Address, IpAddress, vec![2, 11 << 24, 8, 10 << 24, 8], host_bits),
        (Opcode::Address, IpAddress, vec![2, u32::MAX, 32, u32::MAX, 32], host_bits),
        (
            Opcode::Address,
            IpAddress,
            [vec![0], [[u32::MAX; 4].as_slice(), &[128]].concat().repeat(2)].concat(),
            host_bits,
        ),
    ] {
        assert_eq!(test_error(opcode, operator, &operands), Some((Blocks, problem)), "{opcode:?} {operands:x?}");
    }
    // The ends of both families, next to each other.
    let ends =
        [vec![3, 0, 1, 0x8000_0000, 1].as_slice(), &[0, 0, 0, 0, 1, u32::MAX, u32::MAX, u32::MAX, u32::MAX, 128]]
            .concat();
    let ends = [&[2], &ends[1..]].concat();
    assert_eq!(test_error(Opcode::Address, IpAddress, &ends), None);
}

/// A pattern must say of itself what its pieces are.
#[test]
fn patterns() {
    let good =
        program(&[Piece::Text(b"ab"), Piece::Run, Piece::Variable { slot: 1, default: Some(A), colon_free: true }]);
    let error = |words: &[u32]| test_error(Opcode::Like, Operator::StringLike, &[&[0], words].concat());
    assert_eq!(error(&good), None);
    for (at, word) in [
        (0, good[0] ^ 1),      // another form
        (0, good[0] ^ 1 << 4), // no variables
        (0, good[0] ^ 1 << 5), // an Arn pattern
        (0, good[0] | 1 << 7), // an unknown flag
        (0, good[0] + 0x100),  // longer than the rest
        (0, good[0] - 0x100),  // cut off
        (1, 3),                // more literal bytes
        (2, 0),                // empty text
        (2, 3 << 4),           // text up to the zeros
        (2, 5 << 4),           // text over the next piece
        (2, 0xFFFF_FFF0),      // text without end
        (3, 0xFF),             // no UTF-8
        (4, 3 | 1 << 4),       // an operand where there is none
        (4, 8),                // an unknown piece
        (5, 7 | 1 << 5),       // an unknown bit of a variable
        (6, 2),                // no such slot
        (7, COUNT + 1),        // no such default
    ] {
        let mut words = good.clone();
        words[at] = word;
        assert_eq!(error(&words), Some((Blocks, "a broken pattern")), "{at}: {word:x}");
    }
    let absent = program(&[Piece::Variable { slot: NO_SLOT, default: None, colon_free: false }]);
    assert_eq!(error(&absent), None);
}

#[test]
fn records_tile_their_section() {
    refused(&[
        (|draft| draft.put(Records, 0, 0x201), Records, "no record, or one that ends outside the section"),
        (|draft| draft.put(Records, 0, 2), Records, "no record, or one that ends outside the section"),
        (|draft| draft.put(Records, 1, 3), Records, "no record, or one that ends outside the section"),
        (|draft| draft.put(Records, 1, 999), Records, "no record, or one that ends outside the section"),
        (
            |draft| draft.edit(Records, |words| words.push(1)),
            Records,
            "no record, or one that ends outside the section",
        ),
        (|draft| draft.put(Records, 2, 4), Records, "no such gate"),
        (|draft| draft.put(Records, 3, 2), Records, "no such statement"),
    ]);
}

#[test]
fn instructions() {
    use Opcode::*;
    let any = program(&[Piece::Run]);
    let both = [0, 1];
    let cut = |words: &[u32], at: usize, word: u32| {
        let mut words = words.to_vec();
        words[at] = word;
        words
    };
    let mut rows = vec![
        (cut(&instruction(Never, 0, &[]), 1, 1), "an instruction ends outside its record"),
        (cut(&instruction(Never, 0, &[]), 1, 3), "an instruction ends outside its record"),
        (cut(&instruction(Never, 0, &[]), 0, 0xFF), "an unknown instruction"),
        (instruction(Never, 0, &[0]), "another number of operands"),
        (instruction(ResourceIn, 2, &any), "another number of patterns"),
        (instruction(ResourceOut, 0, &any), "another number of patterns"),
        (instruction(ResourceIn, 1, &[0x100]), "a broken pattern"),
        (instruction(Conditions, 0, &[1]), "no block begins there"),
        (instruction(Conditions, 0, &[u32::MAX]), "no block begins there"),
        (instruction(Conditions, 0, &[]), "no block begins there"),
        (instruction(Conditions, 0, &[0, 0]), "no block begins there"),
    ];
    for opcode in [ActionIn, ActionOut, PrincipalIn, PrincipalOut] {
        rows.push((instruction(opcode, 2, &[1, 0]), "ids that do not ascend"));
        rows.push((instruction(opcode, 1, &[2]), "ids that are not there"));
        rows.push((instruction(opcode, 1, &both), "ids that are not there"));
    }
    for opcode in [ActionInList, ActionOutList, PrincipalInList, PrincipalOutList] {
        rows.push((instruction(opcode, 0, &[]), "another number of operands"));
        rows.push((instruction(opcode, 0, &[LIST_BOTH, LIST_LAST]), "another number of operands"));
        rows.push((instruction(opcode, 0, &[1]), "no list begins there"));
        rows.push((instruction(opcode, 0, &[u32::MAX]), "no list begins there"));
    }
    for opcode in [Record, Block, Text, TextIgnoreCase, Like, Arn, Number, Date, Bool, Address, Null] {
        rows.push((instruction(opcode, 0, &[]), "an instruction of another place"));
    }
    for (words, problem) in rows {
        let error = Draft::of(&[block(&[number()])], std::slice::from_ref(&words)).error();
        assert_eq!(error, Some((Records, problem)), "{words:x?}");
    }
}

/// Lists are shared, so what a list holds is asked where it is used.
#[test]
fn lists_are_of_the_ids_they_are_used_for() {
    let mut draft = Draft::new();
    draft.edit(Lists, |words| words.extend([1, 2]));
    assert_eq!(draft.error(), None, "a list that nobody uses");
    let used = instruction(Opcode::PrincipalInList, 0, &[6]);
    let mut draft = Draft::of(&[block(&[number()])], &[used]);
    draft.edit(Lists, |words| words.extend([1, 2]));
    assert_eq!(draft.error(), Some((Records, "a list of other ids")));
}

/// Statements that can apply to no request open no gate.
#[test]
fn gates_that_can_open() {
    let mut draft = Draft::of(&[block(&[number()])], &[instruction(Opcode::Never, 0, &[])]);
    assert_eq!(draft.error(), Some((Meta, "the number of gates that can open is another one")));
    draft.meta.open_gates = 0;
    assert_eq!(draft.error(), None);
    assert_eq!(record(true, 0, &[]), [0x101, 4, 0, 0]);
}
