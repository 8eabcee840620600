//! Bytes -> layout, and the cold sections -> names. The mirror of `write`.

use super::checksum_of;
use super::gates_by_number::layer_of;
use super::{Bundle, BundleError, CHECKSUM, HEAD_BYTES, Layout, MAGIC, Meta, SECTION_COUNT, Section, VERSION, View};
use crate::decision::{Effect, Layer, StatementId};
use crate::op::{Opcode, split_head};
use crate::words::Words;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Header and section table: everything that must hold before a section can be looked at.
pub(crate) fn layout(bytes: &[u8]) -> Result<Layout, BundleError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(BundleError::NotABundle);
    }
    let length = |expected: u64| BundleError::Length { expected, found: bytes.len() as u64 };
    let version = word(bytes, 4).ok_or(length(HEAD_BYTES as u64))?;
    if version != VERSION {
        return Err(BundleError::Version { found: version });
    }
    let expected = word(bytes, 16).ok_or(length(HEAD_BYTES as u64))?;
    let table_end = HEAD_BYTES + SECTION_COUNT * 8;
    if expected as usize != bytes.len() || bytes.len() < table_end {
        return Err(length(u64::from(expected).max(table_end as u64)));
    }
    let sum = bytes.get(CHECKSUM).and_then(<[u8]>::first_chunk).map_or(0, |sum| u64::from_le_bytes(*sum));
    if checksum_of(bytes) != sum {
        return Err(BundleError::Checksum);
    }
    let broken = |section, problem| BundleError::Section { section, at: 0, problem };
    if word(bytes, 20) != Some(SECTION_COUNT as u32) {
        return Err(broken(Section::Meta, "another number of sections"));
    }
    let mut ranges = [(0, 0); SECTION_COUNT];
    let mut end = table_end as u32;
    for (i, range) in ranges.iter_mut().enumerate() {
        let section = Section::ALL[i];
        let entry = HEAD_BYTES + i * 8;
        let (start, size) = (word(bytes, entry).unwrap_or(0), word(bytes, entry + 4).unwrap_or(0));
        let stop = start.checked_add(size).filter(|&stop| stop <= expected);
        let Some(stop) = stop.filter(|_| start >= end && start % 8 == 0) else {
            return Err(broken(section, "it lies outside the file, over another one, or unaligned"));
        };
        *range = (start, stop);
        end = stop;
    }
    let (start, stop) = ranges[Section::Meta as usize];
    let meta = Meta::from_words(Words::new(&bytes[start as usize..stop as usize]))
        .ok_or(broken(Section::Meta, "another number of words"))?;
    let seed = u64::from(meta.seed_high) << 32 | u64::from(meta.seed_low);
    Ok(Layout { ranges, meta, generation: sum, seed })
}

/// Words of an entry of the section Statements.
pub(crate) const STATEMENT_WORDS: usize = 6;
/// Words of an entry of the section Policies.
pub(crate) const POLICY_WORDS: usize = 3;

/// Name and place of a statement, for explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementInfo<'b> {
    /// Name of its policy.
    pub policy: &'b str,
    /// Number of its policy in the bundle, in the order layer, position.
    pub policy_number: u32,
    /// Index in its policy, from 0.
    pub index: u32,
    /// Its Sid, if it has one.
    pub sid: Option<&'b str>,
    /// The policy's layer.
    pub layer: Layer,
    /// Allow or deny.
    pub effect: Effect,
    /// The file its policy was read from.
    pub file: &'b str,
    /// Line of its first character, from 1.
    pub line: u32,
    /// Column of its first character in Unicode scalars, from 1.
    pub column: u32,
}

/// Name, file and layer of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyInfo<'b> {
    /// Its name.
    pub name: &'b str,
    /// The file it was read from.
    pub file: &'b str,
    /// Its layer; of a managed policy identity, whatever it is used as besides.
    pub layer: Layer,
}

impl<'b> View<'b> {
    pub fn policy(self, number: u32) -> Option<PolicyInfo<'b>> {
        let policies = self.words(Section::Policies);
        let at = number as usize * POLICY_WORDS;
        (at < policies.len()).then(|| PolicyInfo {
            name: self.strings().text(policies.at(at)),
            file: self.strings().text(policies.at(at + 1)),
            layer: layer_of(policies.at(at + 2), &self.layout.meta),
        })
    }

    pub fn statement_count(self) -> u32 {
        (self.words(Section::Statements).len() / STATEMENT_WORDS) as u32
    }

    /// Offset of a statement's record.
    pub fn record_of(self, id: StatementId) -> Option<u32> {
        let entry = id.0 as usize * STATEMENT_WORDS;
        (id.0 < self.statement_count()).then(|| self.words(Section::Statements).at(entry + 5))
    }

    pub fn statement(self, id: StatementId) -> Option<StatementInfo<'b>> {
        if id.0 >= self.statement_count() {
            return None;
        }
        let strings = self.strings();
        let entry = id.0 as usize * STATEMENT_WORDS;
        let statements = self.words(Section::Statements);
        let policy_number = statements.at(entry);
        let policy = policy_number as usize * POLICY_WORDS;
        let policies = self.words(Section::Policies);
        let record = statements.at(entry + 5) as usize;
        let is_deny = split_head(self.words(Section::Records).at(record)) == (Opcode::Record as u32, 1);
        Some(StatementInfo {
            policy: strings.text(policies.at(policy)),
            policy_number,
            index: statements.at(entry + 1),
            sid: statements.at(entry + 2).checked_sub(1).map(|sid| strings.text(sid)),
            layer: layer_of(policies.at(policy + 2), &self.layout.meta),
            effect: if is_deny { Effect::Deny } else { Effect::Allow },
            file: strings.text(policies.at(policy + 1)),
            line: statements.at(entry + 3),
            column: statements.at(entry + 4),
        })
    }
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// Number of statements, those that can never apply included.
    pub fn statement_count(&self) -> u32 {
        self.view().statement_count()
    }

    /// Name and place of a statement; `None` if the bundle has no such number.
    pub fn statement(&self, id: StatementId) -> Option<StatementInfo<'_>> {
        self.view().statement(id)
    }

    /// Every statement, in the order layer, policy, index.
    pub fn statements(&self) -> impl Iterator<Item = (StatementId, StatementInfo<'_>)> + '_ {
        (0..self.statement_count()).map(StatementId).filter_map(|id| Some((id, self.statement(id)?)))
    }

    /// A policy by its number.
    pub fn policy(&self, number: u32) -> Option<PolicyInfo<'_>> {
        self.view().policy(number)
    }

    /// Names of the policies with their layers, in the order layer, position; those without statements included.
    pub fn policies(&self) -> impl Iterator<Item = (&str, Layer)> + '_ {
        let view = self.view();
        let policies = view.words(Section::Policies);
        (0..policies.len() / POLICY_WORDS).map(move |i| {
            let at = i * POLICY_WORDS;
            (view.strings().text(policies.at(at)), layer_of(policies.at(at + 2), &view.layout.meta))
        })
    }
}
