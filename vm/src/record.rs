//! One record against one request: whether its statement applies, and with what kind (semantics.md 9.8, `applies`).

use alloc::string::String;
use core::ops::ControlFlow;

use crate::bind::Frame;
use crate::chain::Chain;
use crate::condition;
use crate::decision::MatchKind;
use crate::glob::{Program, Programs};
use crate::op::{Opcode, RECORD_HEAD, split_head};
use crate::principal::RequesterKind;
use crate::words::Words;

/// What a request offers to every record.
pub(crate) struct Offer<'m> {
    pub chain: Chain<'m>,
    /// The principal keys of the requester that the bundle knows.
    pub principals: &'m [(u32, MatchKind)],
    pub has_boundary: bool,
}

/// The element of a statement that does not fit the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    Never,
    Principal,
    Action,
    Resource,
    /// A condition: the offset of its test in Blocks.
    Condition(usize),
}

/// A record, cut out of its section.
#[derive(Clone, Copy)]
pub(crate) struct Record<'x> {
    words: Words<'x>,
}

/// One instruction of a record.
pub(crate) struct Instruction<'x> {
    pub opcode: Opcode,
    pub operands: Words<'x>,
}

impl<'x> Instruction<'x> {
    /// The ids of an instruction that has them inline or in a shared list.
    pub fn ids(&self, lists: Words<'x>) -> Words<'x> {
        match self.opcode {
            Opcode::ActionIn | Opcode::ActionOut | Opcode::PrincipalIn | Opcode::PrincipalOut => self.operands,
            _ => {
                let list = self.operands.at(0) as usize;
                lists.slice(list + 1..list + 1 + lists.at(list) as usize)
            }
        }
    }
}

impl<'x> Record<'x> {
    #[inline]
    pub fn at(records: Words<'x>, offset: usize) -> Self {
        Record { words: records.slice(offset..offset + records.at(offset + 1) as usize) }
    }

    #[inline]
    pub fn is_deny(self) -> bool {
        split_head(self.words.at(0)).1 == 1
    }

    #[inline]
    pub fn gate(self) -> u32 {
        self.words.at(2)
    }

    #[inline]
    pub fn statement(self) -> u32 {
        self.words.at(3)
    }

    pub fn instructions(self) -> impl Iterator<Item = Instruction<'x>> {
        let mut at = RECORD_HEAD;
        core::iter::from_fn(move || {
            let opcode = Opcode::from_number(split_head(self.words.at(at)).0)?;
            let words = (self.words.at(at + 1) as usize).max(2);
            let operands = self.words.slice(at + 2..at + words);
            at += words;
            Some(Instruction { opcode, operands })
        })
    }

    /// Runs the tests of the record; those of the action are left out where the path to the record implies them.
    #[inline]
    pub fn evaluate(
        self,
        frame: &mut Frame<'x>,
        offer: &Offer<'_>,
        skip_action: bool,
        buffer: &mut String,
    ) -> Result<MatchKind, Miss> {
        let lists = frame.sections.lists;
        let mut kind = MatchKind::Direct;
        for instruction in self.instructions() {
            match instruction.opcode {
                Opcode::ActionIn | Opcode::ActionInList => {
                    if !skip_action && !offer.chain.meets(instruction.ids(lists)) {
                        return Err(Miss::Action);
                    }
                }
                Opcode::ActionOut | Opcode::ActionOutList => {
                    if offer.chain.meets(instruction.ids(lists)) {
                        return Err(Miss::Action);
                    }
                }
                Opcode::PrincipalIn | Opcode::PrincipalInList => {
                    kind = strongest(instruction.ids(lists), offer.principals);
                    if kind == MatchKind::None {
                        return Err(Miss::Principal);
                    }
                }
                Opcode::PrincipalOut | Opcode::PrincipalOutList => {
                    if !self.not_principal(instruction.ids(lists), frame, offer) {
                        return Err(Miss::Principal);
                    }
                }
                Opcode::ResourceIn => {
                    let text = frame.resource.text;
                    let programs = Programs::new(instruction.operands, 0, frame.sections.strings);
                    if !any_matches(programs, text, frame) {
                        return Err(Miss::Resource);
                    }
                }
                Opcode::ResourceOut => {
                    let text = frame.resource.text;
                    let mut programs = Programs::new(instruction.operands, 0, frame.sections.strings);
                    // RES-12: an unresolved entry excludes nothing from a deny, and ends an allow.
                    let is_open = !self.is_deny() && !programs.all(|program| program.resolves(frame));
                    if is_open || any_matches(programs_again(&instruction, frame), text, frame) {
                        return Err(Miss::Resource);
                    }
                }
                Opcode::Conditions => {
                    let block = instruction.operands.at(0) as usize;
                    if let ControlFlow::Break(test) = condition::run(frame, block, buffer) {
                        return Err(Miss::Condition(test));
                    }
                }
                _ => return Err(Miss::Never),
            }
        }
        Ok(kind)
    }

    /// PRN-30 to PRN-33. With an allow, the list is not empty (GRM-25: such a record is `never`).
    fn not_principal(self, ids: Words<'_>, frame: &Frame<'_>, offer: &Offer<'_>) -> bool {
        let kind = strongest(ids, offer.principals);
        if !self.is_deny() {
            return kind == MatchKind::None;
        }
        let is_role = frame.request.who.kind == RequesterKind::Role;
        let is_exempt = kind == MatchKind::Direct || (is_role && kind == MatchKind::Role);
        offer.has_boundary || !is_exempt
    }
}

fn programs_again<'x>(instruction: &Instruction<'x>, frame: &Frame<'x>) -> Programs<'x> {
    Programs::new(instruction.operands, 0, frame.sections.strings)
}

/// RES-3, RES-10: the requested resource `*` is matched by the entry `*` alone.
fn any_matches<'x>(mut programs: Programs<'x>, text: &'x str, frame: &mut Frame<'x>) -> bool {
    if text == "*" {
        return programs.any(Program::is_any);
    }
    programs.any(|program| program.matches(text.as_bytes(), frame))
}

/// The strongest kind with which one of the ascending ids names the requester.
#[inline]
fn strongest(ids: Words<'_>, offered: &[(u32, MatchKind)]) -> MatchKind {
    let mut best = MatchKind::None;
    for &(id, kind) in offered {
        if kind > best && ids.contains_sorted(id) {
            best = kind;
        }
    }
    best
}
