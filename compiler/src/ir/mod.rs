//! The intermediate representation: statements whose every name is a number, and the tables of those names.
//!
//! What a policy says twice stands here once: strings, context keys, action patterns, principals. Which policy type a
//! statement came from is a gate's number; apart from that, and from the match kinds of resource policies, all types
//! are alike from here on.

use std::hash::Hash;

use dictum_vm::operator;
use dictum_vm::principal::PrincipalKey;
use dictum_vm::{Effect, Layer};
use smallvec::SmallVec;

use crate::fast_hash::FastMap;
use crate::source::Place;

pub mod directory;
mod lower;
mod print;

pub(crate) use lower::literal;
pub use lower::lower;
pub use print::print;

/// Distinct values in the order in which they were first seen, each with its number.
#[derive(Clone, Debug)]
pub struct Table<T> {
    items: Vec<T>,
    numbers: FastMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: Vec::new(), numbers: FastMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The number of a value, which is taken in if it is new.
    pub fn number(&mut self, item: T) -> u32 {
        let next = self.items.len() as u32;
        let items = &mut self.items;
        *self.numbers.entry(item).or_insert_with_key(|item| {
            items.push(item.clone());
            next
        })
    }

    /// The number of a value that is there.
    pub fn find<Q: Eq + Hash + ?Sized>(&self, item: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
    {
        self.numbers.get(item).copied()
    }

    /// Every value, in the order of the numbers.
    pub fn items(&self) -> &[T] {
        &self.items
    }
}

impl Table<Box<str>> {
    /// The number of a text.
    pub fn text(&mut self, text: &str) -> u32 {
        match self.numbers.get(text) {
            Some(&number) => number,
            None => self.number(text.into()),
        }
    }

    /// The text of a number.
    pub fn get(&self, number: u32) -> &str {
        &self.items[number as usize]
    }
}

/// A short list of ids; most have one to three.
pub type Ids = SmallVec<[u32; 4]>;

/// Policies that are in force together, before they are indexed.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Bits of [`dictum_vm::bundle::members`].
    pub members: u32,
    /// Levels of service control policies.
    pub scp_levels: u32,
    /// Levels of resource control policies.
    pub rcp_levels: u32,
    /// Every text, whatever it is used for.
    pub strings: Table<Box<str>>,
    /// Context keys: lower-case text to slot.
    pub keys: Table<Box<str>>,
    /// String id of each slot's key as first spelled.
    pub key_names: Vec<u32>,
    /// Action patterns, lower-case and in normal form.
    pub actions: Table<Box<str>>,
    /// String id of each action pattern as first spelled.
    pub action_names: Vec<u32>,
    /// Principal keys: form and text.
    pub principals: Table<(PrincipalKey, Box<str>)>,
    /// Policies in the order layer, position.
    pub policies: Vec<PolicyName>,
    /// Statements in the order policy, index.
    pub statements: Vec<Statement>,
    /// Distinct condition blocks: all tests of one must hold.
    pub blocks: Table<Vec<Test>>,
    /// Notes of the statements that have any, in their order.
    pub notes: Vec<Notes>,
    /// The texts of notes, apart from `strings`: what no decision reads neither stands between what it reads nor moves
    /// the hash seed.
    pub note_texts: Table<Box<str>>,
}

/// Doc comment and metadata of a statement; all ids are of [`Program::note_texts`].
#[derive(Clone, Debug)]
pub struct Notes {
    /// Index into [`Program::statements`].
    pub statement: u32,
    /// Lines of the doc comment.
    pub doc: Vec<u32>,
    /// Names with their values.
    pub metadata: Vec<(u32, Vec<u32>)>,
}

/// Name and layer of a policy.
#[derive(Clone, Debug)]
pub struct PolicyName {
    /// String id of its name.
    pub name: u32,
    /// String id of its file's name.
    pub file: u32,
    /// Its layer.
    pub layer: Layer,
}

/// One statement: a conjunction of tests.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Index into [`Program::policies`].
    pub policy: u32,
    /// Index in its policy.
    pub index: u32,
    /// String id of its Sid.
    pub sid: Option<u32>,
    /// Where it begins.
    pub place: Place,
    /// Allow or deny.
    pub effect: Effect,
    /// Known to apply to no request.
    pub never: bool,
    /// Principal or NotPrincipal; `None` is met by everyone.
    pub principals: Option<IdTest>,
    /// Action or NotAction.
    pub actions: IdTest,
    /// Resource or NotResource; `None` is met by every resource.
    pub resources: Option<ResourceTest>,
    /// Index into [`Program::blocks`]; `None` holds always.
    pub block: Option<u32>,
}

/// Membership in a list of ids, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTest {
    /// None of them, in place of one of them.
    pub negated: bool,
    /// Action patterns or principals.
    pub ids: Ids,
}

/// Resource or NotResource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceTest {
    /// None of them, in place of one of them.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<Pattern>,
}

/// A pattern with its keys as slots.
pub type Pattern = Vec<Piece>;

/// A piece of a pattern; as [`dictum_vm::glob::Piece`], owned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names and meanings are those of the machine's pieces")]
pub enum Piece {
    Text(Box<str>),
    One,
    OneNotColon,
    Run,
    RunNotColon,
    ArnOne,
    ArnRun,
    Variable { slot: u32, default: Option<u32>, colon_free: bool },
}

/// One operator and key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// The operator as written.
    pub operator: operator::Test,
    /// Slot of the key.
    pub slot: u32,
    /// The policy values.
    pub operand: Operand,
}

/// The policy values of a test, by how they are compared. Lists are sorted and without repetition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Equal to one of the strings, or to a text with variables.
    Text(Vec<u32>, Vec<Pattern>),
    /// The same after lower-casing; the strings are lower-cased.
    TextIgnoreCase(Vec<u32>, Vec<Pattern>),
    /// Matches a free glob.
    Like(Vec<Pattern>),
    /// Is an ARN and matches component by component.
    Arn(Vec<Pattern>),
    /// String ids of decimals.
    Number(Vec<u32>),
    /// Milliseconds and string ids of dates.
    Date(Vec<(i64, u32)>),
    /// Whether true, and false, is among the values; texts with variables.
    Bool(bool, bool, Vec<Pattern>),
    /// Disjoint networks, ascending: IPv4, IPv6.
    Address(Vec<(u32, u8)>, Vec<(u128, u8)>),
    /// Whether an absent key is good, whether a present one.
    Null(bool, bool),
}
