//! Action patterns -> what an action's name is looked up in: for each known name the patterns that match it, for each
//! service with wildcards a way to find them for any other name (matching.md 4.1).

use std::collections::BTreeMap;

use dictum_vm::bundle::Section;
use dictum_vm::bundle::write::{Parts, index};
use dictum_vm::glob::{NoVariables, Program as Glob};
use dictum_vm::hash::hash_folded;
use dictum_vm::name::is_action_name;
use dictum_vm::words::{Strings, Words};

use super::lists::Lists;
use super::program::write_program;
use crate::automata::{self, Budget, GlobToken};
use crate::ir::{Pattern, Piece, Program};

/// Fewest wildcard patterns of a service for which a table pays.
const SERVICE_TABLE_FROM: usize = 4;
/// Bytes that tables may always take, and beyond that one byte for so many bytes of the bundle's strings.
const TABLES_FREE: usize = 64 << 10;
const TABLES_PART: usize = 20;

/// The section of automata, in the making: each table behind its length in bytes.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The section.
    pub bytes: Vec<u8>,
    /// Tables made.
    pub made: usize,
    /// Lists for which one was tried and given up.
    pub given_up: usize,
    bytes_max: usize,
}

impl Tables {
    fn build(&mut self, patterns: &[(u32, &[GlobToken<'_>])], budget: &mut Budget) -> Option<u32> {
        match automata::build(patterns, false, budget).filter(|table| self.bytes.len() + table.len() <= self.bytes_max)
        {
            Some(table) => {
                let offset = self.bytes.len() as u32;
                self.bytes.extend((table.len() as u32).to_le_bytes());
                self.bytes.extend(table);
                self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
                self.made += 1;
                Some(offset)
            }
            None => {
                self.given_up += 1;
                None
            }
        }
    }

    /// A table over free globs, where there are at least `from` of them with a star before the end.
    pub fn like(&mut self, patterns: &[Pattern], from: usize, budget: &mut Budget) -> Option<u32> {
        let has_inner_star =
            |pattern: &&Pattern| pattern.split_last().is_some_and(|(_, rest)| rest.contains(&Piece::Run));
        if patterns.iter().filter(has_inner_star).count() < from {
            return None;
        }
        let tokens: Vec<Vec<GlobToken<'_>>> = patterns.iter().map(|pattern| tokens(pattern)).collect::<Option<_>>()?;
        let patterns: Vec<(u32, &[GlobToken<'_>])> = (0..).zip(tokens.iter().map(Vec::as_slice)).collect();
        self.build(&patterns, budget)
    }
}

/// A free glob as tokens; `None` if a variable is in it.
fn tokens(pattern: &[Piece]) -> Option<Vec<GlobToken<'_>>> {
    pattern
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(GlobToken::Literal(text.as_bytes())),
            Piece::One => Some(GlobToken::One),
            Piece::Run => Some(GlobToken::Run),
            _ => None,
        })
        .collect()
}

/// What the sections of actions will hold.
pub struct ActionTables {
    /// Id of the pattern `*`.
    pub any_action: Option<u32>,
    /// Most patterns that can match a name that no policy spells out.
    pub chain_max: u32,
    /// The automata so far.
    pub tables: Tables,
    names: Vec<u32>,
    name_index: Vec<u32>,
    patterns: Vec<u32>,
    services: Vec<u32>,
    service_index: Vec<u32>,
    fallbacks: Vec<u32>,
}

/// The wildcard patterns of one service, over the name alone.
struct Service {
    patterns: Vec<(u32, Pattern)>,
    table: Option<u32>,
    /// The programs, one behind the other, each behind its pattern's id.
    words: Vec<u32>,
}

impl ActionTables {
    /// `None` if some table of names cannot be built with this seed.
    pub fn new(program: &mut Program, seed: u64, room: u32, lists: &mut Lists, budget: &mut Budget) -> Option<Self> {
        let patterns: Vec<Box<str>> = program.actions.items().to_vec();
        let any_action = patterns.iter().position(|pattern| &**pattern == "*").map(|id| id as u32);
        let string_bytes: usize = program.strings.items().iter().map(|text| text.len()).sum();
        let bytes_max = TABLES_FREE + string_bytes / TABLES_PART;
        let mut tables = Tables { bytes_max, ..Tables::default() };
        let services = services(&patterns, &mut tables, budget);
        let mut made = ActionTables {
            any_action,
            chain_max: 1 + services.values().map(|service| service.patterns.len() as u32).max().unwrap_or(0),
            tables,
            names: Vec::new(),
            name_index: Vec::new(),
            patterns: program.action_names.clone(),
            services: Vec::new(),
            service_index: Vec::new(),
            fallbacks: Vec::new(),
        };
        let mut entries = Vec::new();
        for (id, pattern) in patterns.iter().enumerate().filter(|(_, pattern)| is_name(pattern)) {
            let chain = chain(id as u32, pattern, any_action, &services, &made.tables);
            entries.push((hash_folded(pattern.as_bytes(), seed), entries.len() as u32));
            made.names.extend([made.patterns[id], lists.offset(&chain)]);
        }
        made.name_index = index(&entries, room)?;
        entries.clear();
        for (name, service) in &services {
            entries.push((hash_folded(name.as_bytes(), seed), entries.len() as u32));
            made.services.extend([program.strings.text(name), made.fallbacks.len() as u32]);
            let words = 3 + service.words.len() as u32;
            made.fallbacks.extend([service.patterns.len() as u32, words, service.table.map_or(0, |offset| offset + 1)]);
            made.fallbacks.extend(&service.words);
        }
        made.service_index = index(&entries, room)?;
        Some(made)
    }

    /// Writes the sections.
    pub fn write(&self, parts: &mut Parts) {
        parts.words(Section::Actions, &self.names);
        parts.words(Section::ActionIndex, &self.name_index);
        parts.words(Section::ActionPatterns, &self.patterns);
        parts.words(Section::Services, &self.services);
        parts.words(Section::ServiceIndex, &self.service_index);
        parts.words(Section::Fallbacks, &self.fallbacks);
    }
}

/// Whether a request can ask for the pattern as it stands; one with a blank, say, matches nothing.
fn is_name(pattern: &str) -> bool {
    pattern.split_once(':').is_some_and(|(service, name)| is_action_name(service, name))
}

fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// The wildcard patterns by service. A pattern is `service:name` but for `*`.
fn services(patterns: &[Box<str>], tables: &mut Tables, budget: &mut Budget) -> BTreeMap<String, Service> {
    let mut services = BTreeMap::new();
    for (id, pattern) in (0u32..).zip(patterns) {
        if let Some((service, name)) = pattern.split_once(':').filter(|_| has_wildcard(pattern)) {
            let entry = services.entry(service.to_string());
            let new = || Service { patterns: Vec::new(), table: None, words: Vec::new() };
            entry.or_insert_with(new).patterns.push((id, pieces(name)));
        }
    }
    for service in services.values_mut() {
        for (id, pattern) in &service.patterns {
            service.words.push(*id);
            write_program(pattern, &mut service.words);
        }
        if service.patterns.len() >= SERVICE_TABLE_FROM {
            let tokens: Vec<(u32, Vec<GlobToken<'_>>)> =
                service.patterns.iter().filter_map(|(id, pattern)| Some((*id, tokens(pattern)?))).collect();
            let tokens: Vec<(u32, &[GlobToken<'_>])> = tokens.iter().map(|(id, list)| (*id, list.as_slice())).collect();
            service.table = tables.build(&tokens, budget);
        }
    }
    services
}

/// A glob in normal form as pieces.
fn pieces(name: &str) -> Pattern {
    let mut pieces = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(['*', '?']).unwrap_or(rest.len());
        if text > 0 {
            pieces.push(Piece::Text(rest[..text].into()));
            rest = &rest[text..];
        } else {
            pieces.push(if rest.starts_with('*') { Piece::Run } else { Piece::One });
            rest = &rest[1..];
        }
    }
    pieces
}

/// The patterns that match a name which is one itself, ascending.
fn chain(
    id: u32,
    name: &str,
    any_action: Option<u32>,
    services: &BTreeMap<String, Service>,
    tables: &Tables,
) -> Vec<u32> {
    let mut chain: Vec<u32> = std::iter::once(id).chain(any_action).collect();
    if let Some((service, name)) = name.split_once(':')
        && let Some(service) = services.get(service)
    {
        match service.table.and_then(|offset| dictum_vm::table::stored(&tables.bytes, offset as usize)) {
            Some(table) => chain.extend(table.matches(name.as_bytes())),
            None => {
                let bytes: Vec<u8> = service.words.iter().flat_map(|word| word.to_le_bytes()).collect();
                let words = Words::new(&bytes);
                let mut at = 0;
                while at < words.len() {
                    let glob = Glob::at(words, at + 1, Strings::default());
                    if glob.matches(name.as_bytes(), &mut NoVariables) {
                        chain.push(words.at(at));
                    }
                    at += 1 + glob.word_count().max(1);
                }
            }
        }
    }
    chain.sort_unstable();
    chain
}
