//! A small bundle made by hand, with something in every section, to be broken in one place.
//!
//! Two statements of one identity policy: an allow filed under the action `s3:get`, with every kind of test in its
//! condition, and a deny that is looked at in a node below the anchor of its resource.

use alloc::vec;
use alloc::vec::Vec;

use crate::anchor::{Kinds, Stretch, anchors};
use crate::bundle::read;
use crate::bundle::write::{Parts, anchor_filter, anchor_index, children, index};
use crate::bundle::{Bundle, BundleError, Meta, Section, View, members};
use crate::context::CoreKey;
use crate::glob::{self, Piece};
use crate::hash::{hash, hash_folded};
use crate::op::{Opcode, TestFlags, head};
use crate::operator::{Operator, Test};
use crate::principal::{PrincipalKey, key_hash};
use crate::tree::{Dimension, IS_RECORD, node_head};

pub const SEED: u64 = 0x5EED;

/// The strings, by number.
pub mod strings {
    pub const EMPTY: u32 = 0;
    pub const POLICY: u32 = 1;
    pub const KEY: u32 = 2;
    pub const USER_NAME: u32 = 3;
    pub const A: u32 = 4;
    pub const B: u32 = 5;
    pub const GET: u32 = 6;
    pub const PUTS: u32 = 7;
    pub const S3: u32 = 8;
    pub const NUMBER: u32 = 9;
    pub const ACCOUNT: u32 = 10;
    pub const ACCENT: u32 = 11;
    pub const COUNT: u32 = 12;
    pub const ALL: [&str; 12] =
        ["", "Policy", "x:t", "aws:username", "a", "b", "s3:get", "s3:p*", "s3", "10.5", "111111111111", "é"];
}
use strings::*;

/// Offsets in Lists: `[0, 1]`, `[]`, `[1]`.
pub const LIST_BOTH: u32 = 0;
pub const LIST_NONE: u32 = 3;
pub const LIST_LAST: u32 = 4;

pub fn program(pieces: &[Piece<'_>]) -> Vec<u32> {
    let mut words = Vec::new();
    glob::write(pieces, &mut words);
    words
}

/// An instruction; tests and records have the same two first words.
pub fn instruction(opcode: Opcode, count: u32, operands: &[u32]) -> Vec<u32> {
    let mut words = vec![head(opcode, count), operands.len() as u32 + 2];
    words.extend(operands);
    words
}

/// A test of the key `x:t`.
pub fn test(opcode: Opcode, operator: Operator, operands: &[u32]) -> Vec<u32> {
    let flags = TestFlags::new(Test { operator, quantifier: None, if_exists: false });
    instruction(opcode, 0, &[&[flags.0, 0], operands].concat())
}

/// A block of tests.
pub fn block(tests: &[Vec<u32>]) -> Vec<u32> {
    instruction(Opcode::Block, tests.len() as u32, &tests.concat())
}

/// A record of a statement behind the gate `identity`.
pub fn record(is_deny: bool, statement: u32, instructions: &[Vec<u32>]) -> Vec<u32> {
    instruction(Opcode::Record, u32::from(is_deny), &[&[0, statement], instructions.concat().as_slice()].concat())
}

/// Every test, with every part that it can have.
fn every_test() -> Vec<Vec<u32>> {
    use Opcode::*;
    let variable = program(&[Piece::Variable { slot: 1, default: Some(A), colon_free: false }]);
    let star = program(&[Piece::Run, Piece::Text(b"x"), Piece::Run]);
    let with = |first: &[u32], program: &[u32]| [first, program].concat();
    let addresses = [1, 0x0A00_0000, 8, 0x2001_0DB8, 0, 0, 0, 32];
    vec![
        test(Text, Operator::StringEquals, &with(&[2, A, B], &variable)),
        test(TextIgnoreCase, Operator::StringEqualsIgnoreCase, &with(&[1, A], &variable)),
        test(Like, Operator::StringLike, &with(&[1], &star)),
        test(Arn, Operator::ArnLike, &with(&[0], &program(&[Piece::Text(b"arn:"), Piece::ArnRun]))),
        test(Number, Operator::NumericEquals, &[NUMBER]),
        test(Date, Operator::DateEquals, &[1, 0, A]),
        test(Bool, Operator::Bool, &with(&[1], &variable)),
        test(Address, Operator::IpAddress, &addresses),
        test(Null, Operator::Null, &[1]),
    ]
}

/// A table of nothing but the dead state.
fn dead_table() -> Vec<u8> {
    let mut table = Vec::new();
    [0u32, 1, 1, 0, 1, 1, 1].iter().for_each(|word| table.extend(word.to_le_bytes()));
    table.extend([0; 256]);
    table.extend([0; 4 + 4 + 4]); // one row with its padding, the place of its list, the list
    [&(table.len() as u32).to_le_bytes(), table.as_slice()].concat()
}

/// The sections of a bundle to be.
#[derive(Clone)]
pub struct Draft {
    pub meta: Meta,
    sections: Vec<Vec<u8>>,
}

impl Draft {
    pub fn new() -> Draft {
        Draft::of(
            &[block(&every_test())],
            &[
                instruction(Opcode::ActionIn, 1, &[0]),
                instruction(Opcode::PrincipalInList, 1, &[LIST_BOTH]),
                instruction(Opcode::Conditions, 0, &[0]),
            ],
        )
    }

    /// With other blocks, and other tests of the allow.
    pub fn of(blocks: &[Vec<u32>], allow: &[Vec<u32>]) -> Draft {
        let mut draft = Draft { meta: Meta::default(), sections: vec![Vec::new(); Section::ALL.len()] };
        draft.names();
        draft.set(Section::Blocks, &blocks.concat());
        let allow = record(false, 0, allow);
        let resource = program(&[Piece::Text(b"arn:aws:x:::b/"), Piece::Run]);
        let deny = record(
            true,
            1,
            &[
                instruction(Opcode::ActionOutList, 0, &[LIST_NONE]),
                instruction(Opcode::PrincipalOut, 1, &[1]),
                instruction(Opcode::ResourceIn, 1, &resource),
            ],
        );
        let deny_at = allow.len() as u32;
        draft.set(Section::Records, &[allow, deny].concat());
        draft.set(Section::Policies, &[POLICY, POLICY, 0]);
        draft.set(Section::Statements, &[0, 0, 0, 1, 1, 0, 0, 1, A + 1, 2, 1, deny_at]);
        // The allow has a line and one of the metadata with two values, the deny one without values.
        draft.set(Section::Noted, &[0, 0, 1, 7]);
        draft.set(Section::Notes, &[1, 1, A, B, 2, A, ACCENT, 0, 1, B, 0]);
        // The root asks for the action of the allow, and for anchors that lead to denies; its slot is there to be asked.
        let root =
            [node_head(Dimension::Resource.bit(), Dimension::Action.bit() | Dimension::Condition.bit(), 0), 1, 0, 0, 0];
        let below = [node_head(0, 0, 1), 0, 1, 0, deny_at];
        draft.set(Section::Nodes, &[root, below].concat());
        let entries = [
            [0, Dimension::Action as u32, 0, 1 | IS_RECORD],
            [0, Dimension::Resource as u32, 0, root.len() as u32 + 1],
        ];
        draft.set(Section::Children, &children(&entries, SEED, 0).unwrap());
        draft.meta = Meta {
            members: members::IDENTITY,
            open_gates: 1,
            seed_low: SEED as u32,
            seed_high: (SEED >> 32) as u32,
            anchor_kinds: Kinds::ALL,
            chain_max: 2,
            principal_forms: 1 << PrincipalKey::Everyone as u32 | 1 << PrincipalKey::Account as u32,
            anchors: 1,
            records_max: 1,
            ..Meta::default()
        };
        draft
    }

    /// Everything that is looked up by name.
    fn names(&mut self) {
        let text = |id: u32| ALL[id as usize].as_bytes();
        let folded = |ids: &[u32]| -> Vec<u32> {
            let entries: Vec<(u64, u32)> = ids.iter().map(|&id| hash_folded(text(id), SEED)).zip(0..).collect();
            index(&entries, 0).unwrap()
        };
        let mut offsets = vec![0];
        offsets.extend(ALL.iter().scan(0, |end, text| {
            *end += text.len() as u32;
            Some(*end)
        }));
        self.set(Section::StringOffsets, &offsets);
        self.sections[Section::StringBytes as usize] = ALL.concat().into_bytes();
        let symbols: Vec<(u64, u32)> = [A, B].iter().map(|&id| (hash(text(id), SEED), id)).collect();
        self.set(Section::SymbolIndex, &index(&symbols, 0).unwrap());
        self.set(Section::Keys, &[KEY, 255, USER_NAME, CoreKey::UserName as u32]);
        self.set(Section::KeyIndex, &folded(&[KEY, USER_NAME]));
        self.set(Section::Lists, &[2, 0, 1, 0, 1, 1]);
        self.set(Section::ActionPatterns, &[GET, PUTS]);
        self.set(Section::Actions, &[GET, LIST_BOTH]);
        self.set(Section::ActionIndex, &folded(&[GET]));
        self.set(Section::Services, &[S3, 0]);
        self.set(Section::ServiceIndex, &folded(&[S3]));
        let puts = program(&[Piece::Text(b"p"), Piece::Run]);
        self.set(Section::Fallbacks, &[&[1, 4 + puts.len() as u32, 1, 1], puts.as_slice()].concat());
        self.sections[Section::Tables as usize] = dead_table();
        let (everyone, account) = (PrincipalKey::Everyone, PrincipalKey::Account);
        self.set(Section::Principals, &[everyone as u32, EMPTY, account as u32, ACCOUNT]);
        let hashes = [(key_hash(everyone, &[""], SEED), 0), (key_hash(account, &[ALL[ACCOUNT as usize]], SEED), 1)];
        self.set(Section::PrincipalIndex, &index(&hashes, 0).unwrap());
        let mut anchor = 0;
        let stretch = Stretch { text: b"arn:aws:x:::b/", is_start: true, is_end: false };
        anchors(stretch, Kinds::ALL & !Kinds::GRAM4, SEED, |_, hash, _| anchor = hash);
        self.set(Section::AnchorIndex, &anchor_index(&[anchor], 0).unwrap());
        self.set(Section::AnchorFilter, &anchor_filter(&[anchor]));
    }

    pub fn get(&self, section: Section) -> Vec<u32> {
        crate::words::Words::new(&self.sections[section as usize]).iter().collect()
    }

    pub fn bytes(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.sections[section as usize]
    }

    pub fn set(&mut self, section: Section, words: &[u32]) {
        self.sections[section as usize] = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    }

    /// Changes the words of a section.
    pub fn edit(&mut self, section: Section, edit: impl FnOnce(&mut Vec<u32>)) {
        let mut words = self.get(section);
        edit(&mut words);
        self.set(section, &words);
    }

    pub fn put(&mut self, section: Section, at: usize, word: u32) {
        self.edit(section, |words| words[at] = word);
    }

    pub fn finish(&self) -> Vec<u8> {
        let mut parts = Parts::default();
        for &section in Section::ALL {
            parts.bytes(section, self.sections[section as usize].clone());
        }
        parts.finish(self.meta).unwrap()
    }

    /// Section and problem of the error.
    pub fn error(&self) -> Option<(Section, &'static str)> {
        match Bundle::from_bytes(self.finish()).err()? {
            BundleError::Section { section, problem, .. } => Some((section, problem)),
            other => panic!("{other}"),
        }
    }
}

/// Verifies bytes as they are, for what the writer would not write.
pub fn verify_bytes(bytes: &[u8]) -> Result<(), BundleError> {
    let layout = read::layout(bytes)?;
    crate::verify::verify(View { bytes, layout: &layout })
}
