//! The instruction set: one table from which the enum, names and documentation are made.
//!
//! An instruction is a run of 32-bit words. Its first word is `opcode:8 | count:24`, its second the number of words it
//! takes, itself included; so every instruction can be stepped over by one that does not know it.
//!
//! ```text
//!      31                      8 7        0
//!     +-------------------------+----------+
//!     |          count          |  opcode  |   what `count` counts is in the table
//!     +-------------------------+----------+
//!     |          number of words           |
//!     +------------------------------------+
//!     |              operands …            |
//! ```
//!
//! A *record* decides one statement: its tests must all hold. A *block* is the condition part of records, shared by
//! all statements whose conditions are equal. There is no jump: a test that fails ends the record.

macro_rules! opcodes {
    ($($(#[doc = $doc:literal])* $number:literal $name:ident $mnemonic:literal;)*) => {
        /// What an instruction does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Opcode { $($(#[doc = $doc])* $name = $number),* }

        impl Opcode {
            /// Every opcode, in the order of their numbers.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$name),*];

            /// The opcode of a number.
            #[inline]
            pub const fn from_number(number: u32) -> Option<Opcode> {
                match number { $($number => Some(Opcode::$name),)* _ => None }
            }

            /// The name in listings.
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Opcode::$name => $mnemonic),* }
            }

            /// Operands and meaning, as in the documentation of the format.
            pub const fn meaning(self) -> &'static str {
                match self { $(Opcode::$name => concat!($($doc, "\n"),*)),* }
            }
        }
    };
}

opcodes! {
    /// A statement. count: 0 allow, 1 deny. Operands: gate, statement, then its tests.
    0x01 Record "record";
    /// The request's action meets one of the action patterns. count: patterns. Operands: ascending pattern ids.
    0x02 ActionIn "action.in";
    /// The same over a shared list. Operand: offset of the list.
    0x03 ActionInList "action.in.list";
    /// The request's action meets none of the patterns (NotAction). Operands: as `action.in`.
    0x04 ActionOut "action.out";
    /// The same over a shared list. Operand: offset of the list.
    0x05 ActionOutList "action.out.list";
    /// The requester is named, with the strongest kind of all entries (PRN-10 to PRN-20). Operands: ascending principal ids.
    0x06 PrincipalIn "principal.in";
    /// The same over a shared list. Operand: offset of the list.
    0x07 PrincipalInList "principal.in.list";
    /// NotPrincipal (PRN-30 to PRN-33). Operands: ascending principal ids.
    0x08 PrincipalOut "principal.out";
    /// The same over a shared list. Operand: offset of the list.
    0x09 PrincipalOutList "principal.out.list";
    /// The resource matches one of the glob programs. count: programs. Operands: the programs.
    0x0A ResourceIn "resource.in";
    /// The resource matches none of the programs (NotResource); with an allow, every variable must resolve (RES-12).
    0x0B ResourceOut "resource.out";
    /// The condition block holds. Operand: offset of the block.
    0x0C Conditions "conditions";
    /// Never: the statement cannot apply to any request (GRM-25). No operands.
    0x0D Never "never";
    /// A condition block. count: tests. Operands: the tests.
    0x10 Block "block";
    // Operands of every test: operator and flags, key slot; then those named here.
    /// The value is one of the symbols, or equals a program. Operands: n, n ascending string ids, programs.
    0x11 Text "text";
    /// The lower-cased value is one of the strings, or equals a lower-cased program. Operands: n, n string ids, programs.
    0x12 TextIgnoreCase "text.ignore.case";
    /// The value matches a program. Operands: table offset + 1 or 0 (a table that answers for all), programs.
    0x13 Like "like";
    /// The value is an ARN and matches a program. Operands: 0, programs.
    0x14 Arn "arn";
    /// The value reads as a number that compares with one of the numbers. Operands: string ids of the numbers.
    0x15 Number "number";
    /// The value reads as a date that compares with one of the dates. Operands: low, high, string id, for each date.
    0x16 Date "date";
    /// The value reads as a truth value. Operands: 1 for true + 2 for false, programs.
    0x17 Bool "bool";
    /// The value reads as an address in one of the networks. Operands: n, then n × (address, length) of IPv4, then
    /// (four words of the address from the high one on, length) of IPv6; each ascending and disjoint.
    0x18 Address "address";
    /// The key is absent or present. Operand: 1 for absent is good + 2 for present is good.
    0x19 Null "null";
}

/// The first word of an instruction.
#[inline]
pub const fn head(opcode: Opcode, count: u32) -> u32 {
    opcode as u32 | count << 8
}

/// Opcode number and count of an instruction's first word.
#[inline]
pub const fn split_head(word: u32) -> (u32, u32) {
    (word & 0xFF, word >> 8)
}

/// Words of a record before its tests: head, words, gate, statement.
pub const RECORD_HEAD: usize = 4;
/// Words of a block before its tests: head, words.
pub const BLOCK_HEAD: usize = 2;
/// Words of a test before its own operands: head, words, operator and flags, key slot.
pub const TEST_HEAD: usize = 4;

/// The third word of a test: `operator:8 | flags:24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestFlags(pub u32);

impl TestFlags {
    const IF_EXISTS: u32 = 1 << 8;
    const FOR_ALL: u32 = 1 << 9;
    const FOR_ANY: u32 = 1 << 10;
    const NEGATED: u32 = 1 << 11;
    /// Every bit that has a meaning.
    pub const KNOWN: u32 = 0xFFF;

    /// The flags of an operator as a policy writes it.
    pub fn new(test: crate::operator::Test) -> Self {
        use crate::operator::Quantifier::{ForAllValues, ForAnyValue};
        let mut bits = test.operator as u32;
        bits |= if test.if_exists { Self::IF_EXISTS } else { 0 };
        bits |= if test.quantifier == Some(ForAllValues) { Self::FOR_ALL } else { 0 };
        bits |= if test.quantifier == Some(ForAnyValue) { Self::FOR_ANY } else { 0 };
        bits |= if test.operator.is_negated() { Self::NEGATED } else { 0 };
        TestFlags(bits)
    }

    /// The operator as the policy wrote it, if the bits are those of one.
    pub fn test(self) -> Option<crate::operator::Test> {
        use crate::operator::{Operator, Quantifier, Test};
        let quantifier = match (self.for_all(), self.for_any()) {
            (true, false) => Some(Quantifier::ForAllValues),
            (false, true) => Some(Quantifier::ForAnyValue),
            (false, false) => None,
            (true, true) => return None,
        };
        let operator = Operator::from_number(self.0 as u8)?;
        let test = Test { operator, quantifier, if_exists: self.if_exists() };
        (TestFlags::new(test) == self).then_some(test)
    }

    /// `IfExists`.
    #[inline]
    pub const fn if_exists(self) -> bool {
        self.0 & Self::IF_EXISTS != 0
    }

    /// `ForAllValues`.
    #[inline]
    pub const fn for_all(self) -> bool {
        self.0 & Self::FOR_ALL != 0
    }

    /// `ForAnyValue`.
    #[inline]
    pub const fn for_any(self) -> bool {
        self.0 & Self::FOR_ANY != 0
    }

    /// The operator holds when no policy value matches (CND-2).
    #[inline]
    pub const fn is_negated(self) -> bool {
        self.0 & Self::NEGATED != 0
    }

    /// Whether the test holds of a request without the key (CND-6, CND-7, CND-20, CND-21, CND-23).
    #[inline]
    pub const fn holds_of_absent(self) -> bool {
        self.if_exists() || self.for_all() || (self.is_negated() && !self.for_any())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{Operator, Quantifier, Test};

    #[test]
    fn opcodes_and_their_numbers_agree() {
        for &opcode in Opcode::ALL {
            assert_eq!(Opcode::from_number(opcode as u32), Some(opcode));
            assert_eq!(split_head(head(opcode, 77)), (opcode as u32, 77));
        }
        assert_eq!(Opcode::from_number(0), None);
    }

    #[test]
    fn flags_give_the_test_back() {
        for &operator in Operator::ALL {
            for quantifier in [None, Some(Quantifier::ForAllValues), Some(Quantifier::ForAnyValue)] {
                for if_exists in [false, true] {
                    let test = Test { operator, quantifier, if_exists };
                    assert_eq!(TestFlags::new(test).test(), Some(test));
                }
            }
        }
        assert_eq!(TestFlags(0x600).test(), None);
        assert_eq!(TestFlags(27).test(), None);
    }
}
