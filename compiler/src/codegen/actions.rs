//! Action patterns -> what an action's name is looked up in: for each known name the patterns that match it, for each
//! service with wildcards a way to find them for any other name (matching.md 4.1).

use std::collections::BTreeMap;

use dictum_vm::bundle::Section;
use dictum_vm::bundle::write::{Parts, index};
use dictum_vm::glob::{NoVariables, Program as Glob};
use dictum_vm::hash::hash_folded;
use dictum_vm::name::is_action_name;
use dictum_vm::table::Table as Matcher;
use dictum_vm::words::{Strings, Words};
use serde::{Deserialize, Serialize};

use super::link::Linker;
use super::program::write_program;
use super::tables::tokens;
use crate::automata::{self, Budget, GlobToken};
use crate::cache::{Cache, fingerprint};
use crate::digest::{Digest, Digester};
use crate::ir::{Pattern, Piece, Table};

/// Fewest wildcard patterns of a service for which a table pays.
const SERVICE_TABLE_FROM: usize = 4;

/// What the sections of actions will hold.
pub struct ActionTables {
    /// Id of the pattern `*`.
    pub any_action: Option<u32>,
    /// Most patterns that can match a name that no policy spells out.
    pub chain_max: u32,
    names: Vec<u32>,
    patterns: Vec<u32>,
    services: Vec<u32>,
    fallbacks: Vec<u32>,
}

/// A service: the part behind its colon of each pattern with wildcards, and of each name, with their ids.
#[derive(Default)]
struct Service<'p> {
    patterns: Vec<(u32, &'p str)>,
    names: Vec<(u32, &'p str)>,
}

/// What is made of a service, with patterns numbered within it: it does not depend on others.
#[derive(Serialize, Deserialize)]
struct Made {
    /// What the table has taken of the budget.
    cost: u32,
    table: Option<Vec<u8>>,
    /// For each name the patterns that match it, ascending.
    chains: Vec<Vec<u32>>,
}

impl ActionTables {
    /// The tables of the patterns of all units. Services of which the cache holds what is made of them are not worked out
    /// again.
    pub fn new(linker: &mut Linker, cache: &mut dyn Cache) -> Self {
        let patterns: Vec<Box<str>> = linker.actions.items().to_vec();
        let any_action = patterns.iter().position(|pattern| &**pattern == "*").map(|id| id as u32);
        let services = services(&patterns);
        let mut budget = Budget::default();
        let mut made = ActionTables {
            any_action,
            chain_max: 1 + services.values().map(|service| service.patterns.len() as u32).max().unwrap_or(0),
            names: Vec::new(),
            patterns: linker.action_names.clone(),
            services: Vec::new(),
            fallbacks: Vec::new(),
        };
        let mut chains = vec![None; patterns.len()];
        for (name, service) in &services {
            let Made { table, chains: of_names, .. } = service.made(&mut budget, cache);
            let ids: Vec<u32> = service.patterns.iter().map(|(id, _)| *id).collect();
            for ((id, _), matching) in service.names.iter().zip(of_names) {
                let mut chain: Vec<u32> = matching.into_iter().map(|at| ids[at as usize]).collect();
                chain.extend(std::iter::once(*id).chain(any_action));
                chain.sort_unstable();
                chains[*id as usize] = Some(chain);
            }
            if ids.is_empty() {
                continue;
            }
            let table = table.and_then(|mut table| {
                automata::renumber(&mut table, &ids);
                linker.tables.add(&table)
            });
            let is_tried = ids.len() >= SERVICE_TABLE_FROM;
            linker.tables.given_up += usize::from(is_tried && table.is_none());
            made.fallback(name, service, table, linker);
        }
        for (id, chain) in chains.into_iter().enumerate() {
            if let Some(chain) = chain {
                made.names.extend([made.patterns[id], linker.lists.offset(&chain)]);
            }
        }
        made
    }

    fn fallback(&mut self, name: &str, service: &Service<'_>, table: Option<u32>, linker: &mut Linker) {
        self.services.extend([linker.strings.text(name), self.fallbacks.len() as u32]);
        let start = self.fallbacks.len();
        self.fallbacks.extend([service.patterns.len() as u32, 0, table.map_or(0, |offset| offset + 1)]);
        for &(id, pattern) in &service.patterns {
            self.fallbacks.push(id);
            write_program(&pieces(pattern), &mut self.fallbacks);
        }
        self.fallbacks[start + 1] = (self.fallbacks.len() - start) as u32;
    }

    /// Writes the sections; `None` if some table of names cannot be built with this seed.
    pub fn write(&self, strings: &Table<Box<str>>, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
        // A name is looked up without letter case, so that any spelling of it will do.
        let entries = |rows: &[u32]| -> Vec<(u64, u32)> {
            let texts = rows.iter().step_by(2).map(|&text| strings.get(text).as_bytes());
            texts.map(|text| hash_folded(text, seed)).zip(0..).collect()
        };
        parts.words(Section::Actions, &self.names);
        parts.words(Section::ActionIndex, &index(&entries(&self.names), room)?);
        parts.words(Section::ActionPatterns, &self.patterns);
        parts.words(Section::Services, &self.services);
        parts.words(Section::ServiceIndex, &index(&entries(&self.services), room)?);
        parts.words(Section::Fallbacks, &self.fallbacks);
        Some(())
    }
}

/// Whether a request can ask for the pattern as it stands; one with a blank, say, matches nothing.
fn is_name(pattern: &str) -> bool {
    pattern.split_once(':').is_some_and(|(service, name)| is_action_name(service, name))
}

fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// Patterns and names by service. A pattern is `service:name` but for `*`.
fn services(patterns: &[Box<str>]) -> BTreeMap<&str, Service<'_>> {
    let mut services: BTreeMap<&str, Service<'_>> = BTreeMap::new();
    for (id, pattern) in (0u32..).zip(patterns) {
        let Some((service, name)) = pattern.split_once(':') else { continue };
        if has_wildcard(pattern) {
            services.entry(service).or_default().patterns.push((id, name));
        } else if is_name(pattern) {
            services.entry(service).or_default().names.push((id, name));
        }
    }
    services
}

impl Service<'_> {
    fn made(&self, budget: &mut Budget, cache: &mut dyn Cache) -> Made {
        if self.patterns.is_empty() {
            return Made { cost: 0, table: None, chains: vec![Vec::new(); self.names.len()] };
        }
        let key = cache.keeps().then(|| self.key());
        let kept = key.and_then(|key| cache.get(&key)).and_then(|bytes| postcard::from_bytes::<Made>(bytes).ok());
        if let Some(mut kept) = kept {
            let fits = budget.take(kept.cost);
            kept.table = kept.table.filter(|_| fits);
            return kept;
        }
        let before = budget.left();
        let made = self.make(budget);
        // What the budget has broken off could be made where more of it is left.
        if let Some(key) = key.filter(|_| budget.left() > 0) {
            let made = Made { cost: before - budget.left(), ..made };
            cache.put(key, postcard::to_allocvec(&made).unwrap_or_default());
            return made;
        }
        made
    }

    fn key(&self) -> Digest {
        let mut key = Digester::new();
        key.bytes(b"service").digest(fingerprint());
        for list in [&self.patterns, &self.names] {
            key.number(list.len() as u64);
            list.iter().for_each(|(_, text)| _ = key.bytes(text.as_bytes()));
        }
        key.finish()
    }

    fn make(&self, budget: &mut Budget) -> Made {
        let patterns: Vec<Pattern> = self.patterns.iter().map(|(_, pattern)| pieces(pattern)).collect();
        let table = match patterns.len() >= SERVICE_TABLE_FROM {
            true => {
                let tokens: Vec<Vec<GlobToken<'_>>> = patterns.iter().filter_map(|it| tokens(it)).collect();
                let tokens: Vec<(u32, &[GlobToken<'_>])> = (0..).zip(tokens.iter().map(Vec::as_slice)).collect();
                automata::build(&tokens, false, budget)
            }
            false => None,
        };
        let mut programs = Vec::new();
        patterns.iter().for_each(|pattern| write_program(pattern, &mut programs));
        let bytes: Vec<u8> = programs.iter().flat_map(|word| word.to_le_bytes()).collect();
        let by_table = table.as_deref().and_then(Matcher::view);
        let chains = self.names.iter().map(|(_, name)| match &by_table {
            Some(table) => table.matches(name.as_bytes()).collect(),
            None => matching(Words::new(&bytes), name),
        });
        let chains = chains.collect();
        Made { cost: 0, table, chains }
    }
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

/// Which of these programs match a name.
fn matching(programs: Words<'_>, name: &str) -> Vec<u32> {
    let (mut found, mut at) = (Vec::new(), 0);
    for number in 0.. {
        if at >= programs.len() {
            break;
        }
        let glob = Glob::at(programs, at, Strings::default());
        if glob.matches(name.as_bytes(), &mut NoVariables) {
            found.push(number);
        }
        at += glob.word_count().max(1);
    }
    found
}
