//! What cannot be had for less: reading the request's strings once. Everything else is a multiple of this.

use dictum_vm::hash::hash;
use dictum_vm::{Principal, Value};

use crate::prepare::Texts;

/// Which strings are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// Principal, action, resource: the unit of all figures.
    Question,
    /// And the context's values.
    Values,
    /// And its keys.
    Keys,
}

impl Floor {
    /// Smallest first.
    pub const ALL: [Floor; 3] = [Floor::Question, Floor::Values, Floor::Keys];

    /// For a table.
    pub fn name(self) -> &'static str {
        match self {
            Floor::Question => "principal, action, resource",
            Floor::Values => "and context values",
            Floor::Keys => "and context keys",
        }
    }
}

/// The strings of each request that a floor hashes.
pub fn strings<'i>(texts: &[Texts<'i>], floor: Floor) -> Vec<Vec<&'i str>> {
    texts.iter().map(|texts| strings_of(texts, floor)).collect()
}

fn strings_of<'i>(texts: &Texts<'i>, floor: Floor) -> Vec<&'i str> {
    let (Principal::Arn(principal) | Principal::RoleSession { session: principal, .. }) = texts.principal else {
        panic!("no world asks for {:?}", texts.principal);
    };
    let mut strings = vec![principal, texts.action, texts.resource];
    for &(key, value) in &texts.context {
        if floor == Floor::Keys {
            strings.push(key);
        }
        if let (Floor::Values | Floor::Keys, Value::One(value)) = (floor, value) {
            strings.push(value);
        }
    }
    strings
}

/// Bytes of a request on average.
pub fn mean_bytes(strings: &[Vec<&str>]) -> usize {
    strings.iter().flatten().map(|text| text.len()).sum::<usize>() / strings.len().max(1)
}

/// Hashes each string of a request once.
#[inline]
pub fn hash_all(strings: &[&str]) -> u64 {
    strings.iter().fold(0, |sum, text| sum ^ hash(text.as_bytes(), 1))
}
