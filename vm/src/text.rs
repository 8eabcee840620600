//! What a bundle's operands say, in the words of a policy: for listings and explanations.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use crate::bind::Sections;
use crate::bundle::Section;
use crate::condition::Test;
use crate::glob::{NO_SLOT, Piece, Program, Programs};
use crate::op::Opcode;
use crate::principal::PrincipalKey;
use crate::value::ip::Network;
use crate::words::Words;

/// A pattern as a policy would write it.
pub(crate) fn program(sections: &Sections<'_>, program: Program<'_>) -> String {
    let mut text = String::new();
    for piece in program.pieces() {
        match piece {
            Piece::Text(bytes) => {
                for c in core::str::from_utf8(bytes).unwrap_or("").chars() {
                    match c {
                        '*' | '?' => write!(text, "${{{c}}}").unwrap_or(()),
                        _ => text.push(c),
                    }
                }
            }
            Piece::One | Piece::OneNotColon | Piece::ArnOne => text.push('?'),
            Piece::Run | Piece::RunNotColon | Piece::ArnRun => text.push('*'),
            Piece::Variable { slot, default, .. } => {
                let key = if slot == NO_SLOT { "(absent)" } else { key(sections, slot) };
                match default {
                    Some(id) => write!(text, "${{{key}, '{}'}}", sections.strings.text(id)).unwrap_or(()),
                    None => write!(text, "${{{key}}}").unwrap_or(()),
                }
            }
        }
    }
    text
}

/// A context key as the policies spell it.
pub(crate) fn key<'b>(sections: &Sections<'b>, slot: u32) -> &'b str {
    sections.strings.text(sections.keys.at(slot as usize * 2))
}

/// Action patterns as the policies first spell them.
pub(crate) fn actions(sections: &Sections<'_>, ids: Words<'_>) -> Vec<String> {
    let patterns = sections.view.words(Section::ActionPatterns);
    ids.iter().map(|id| sections.strings.text(patterns.at(id as usize)).to_string()).collect()
}

/// Principal entries. A role stands once, though it has two keys.
pub(crate) fn principals(sections: &Sections<'_>, ids: Words<'_>) -> Vec<String> {
    let principals = sections.view.words(Section::Principals);
    ids.iter()
        .filter_map(|id| {
            let at = id as usize * 2;
            let text = sections.strings.text(principals.at(at + 1));
            Some(match PrincipalKey::from_number(principals.at(at))? {
                PrincipalKey::Everyone => "*".to_string(),
                PrincipalKey::Root => {
                    let (partition, account) = text.split_once(':').unwrap_or(("", text));
                    format!("arn:{partition}:iam::{account}:root")
                }
                PrincipalKey::RoleName => return None,
                _ => text.to_string(),
            })
        })
        .collect()
}

/// Patterns of an instruction.
pub(crate) fn programs(sections: &Sections<'_>, words: Words<'_>, skip: usize) -> Vec<String> {
    Programs::new(words, skip, sections.strings).map(|item| program(sections, item)).collect()
}

/// The policy values of a test.
pub(crate) fn operands(sections: &Sections<'_>, test: &Test<'_>) -> Vec<String> {
    let words = test.operands;
    let strings = sections.strings;
    let text = |id: u32| strings.text(id).to_string();
    match test.opcode {
        Opcode::Text | Opcode::TextIgnoreCase => {
            let count = words.at(0) as usize;
            let mut values: Vec<String> = words.slice(1..1 + count).iter().map(text).collect();
            values.extend(programs(sections, words, 1 + count));
            values
        }
        Opcode::Like | Opcode::Arn => programs(sections, words, 1),
        Opcode::Number => words.iter().map(text).collect(),
        Opcode::Date => (0..words.len() / 3).map(|i| text(words.at(i * 3 + 2))).collect(),
        Opcode::Bool | Opcode::Null => {
            let bits = words.at(0);
            let mut values: Vec<String> = Vec::new();
            values.extend((bits & 1 != 0).then(|| "true".to_string()));
            values.extend((bits & 2 != 0).then(|| "false".to_string()));
            if test.opcode == Opcode::Bool {
                values.extend(programs(sections, words, 1));
            }
            values
        }
        Opcode::Address => networks(words).map(|network| network.to_string()).collect(),
        _ => Vec::new(),
    }
}

fn networks(words: Words<'_>) -> impl Iterator<Item = Network> + '_ {
    let count = words.at(0) as usize;
    let old = (0..count).map(move |i| Network::V4(words.at(1 + i * 2), words.at(2 + i * 2) as u8));
    let start = 1 + count * 2;
    let new = (0..words.len().saturating_sub(start) / 5).map(move |i| {
        let word = |k: usize| u128::from(words.at(start + i * 5 + k));
        Network::V6(word(0) << 96 | word(1) << 64 | word(2) << 32 | word(3), word(4) as u8)
    });
    old.chain(new)
}
