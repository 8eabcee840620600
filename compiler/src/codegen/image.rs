//! Linked objects -> bundle: everything that is looked up as a hash table, then the sections.

use dictum_vm::anchor;
use dictum_vm::bundle::write::{Parts, anchor_filter, anchor_index, children, index};
use dictum_vm::bundle::{Meta, Section};
use dictum_vm::context::DerivedKey;
use dictum_vm::hash::{hash, hash_folded, mix};
use dictum_vm::principal::{PrincipalKey, key_hash};
use dictum_vm::tree::Dimension;

use super::actions::ActionTables;
use super::link::Linker;
use super::{Report, directory};
use crate::cache::Cache;
use crate::ir::directory::Directory;

/// Seeds to try before tables get more room (matching.md 7, B6).
const SEEDS: u64 = 8;
/// Doublings of a table's room, at most.
const ROOM_MAX: u32 = 4;

/// What makes a bundle of session policies an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Generation of the bundle that it is for.
    pub base: u64,
    /// ARN of each managed policy, and its root in that bundle.
    pub managed: Vec<(String, u32)>,
}

/// All that a bundle will hold.
#[derive(Debug)]
pub struct Image {
    /// Bits of [`dictum_vm::bundle::members`].
    pub members: u32,
    /// Principals, accounts and resources (semantics.md 11); without them all policies are in force together.
    pub directory: Option<Directory>,
    /// For which bundle these session policies are.
    pub overlay: Option<Overlay>,
    /// The linked units.
    pub linker: Linker,
}

impl Image {
    /// What has been linked, and nothing else.
    pub fn of(linker: Linker) -> Image {
        Image { members: 0, directory: None, overlay: None, linker }
    }

    /// The bundle, `None` if it is too large for 32-bit offsets. The cache makes no difference but in time.
    ///
    /// The hash seed is a counter mixed with what the bundle says, and goes on to the next one where some table would have
    /// too long a run of probes.
    pub fn write(mut self, cache: &mut dyn Cache) -> Option<(Vec<u8>, Report)> {
        if self.linker.units.is_empty() {
            let nothing = super::compile(&mut crate::ir::Program::default());
            self.linker.unit(nothing.view(), Vec::new());
        }
        let linker = &mut self.linker;
        let actions = ActionTables::new(linker, cache);
        let principals: Vec<(PrincipalKey, u32)> = {
            let keys = linker.principals.items().to_vec();
            keys.iter().map(|(key, text)| (*key, linker.strings.text(text))).collect()
        };
        let rows = self.directory.as_ref().map(|directory| directory::Rows::of(directory, linker));
        let overlay = self.overlay.as_ref().map(|overlay| -> Vec<(u32, u32)> {
            overlay.managed.iter().map(|(arn, root)| (linker.strings.text(arn), *root)).collect()
        });
        let unit_lists: Vec<u32> = match self.directory {
            Some(_) => linker.units.iter().map(|(_, policies)| linker.lists.offset(policies)).collect(),
            None => Vec::new(),
        };
        linker.symbols.sort_unstable();
        linker.symbols.dedup();
        if !linker.fits() {
            return None;
        }
        let texts = self.linker.strings.items();
        let content = texts.iter().fold(0, |sum, text| mix(sum, hash(text.as_bytes(), 0)));
        let hashed = Hashed { image: &self, actions: &actions, principals: &principals, rows, overlay, unit_lists };
        let seeds = (0..=ROOM_MAX).flat_map(|room| (0..SEEDS).map(move |counter| (counter, room)));
        let parts = seeds.map(|(counter, room)| (mix(content, counter + 1), room));
        let (parts, seed) = { parts }.find_map(|(seed, room)| Some((hashed.parts(seed, room)?, seed)))?;
        let bytes = parts.finish(hashed.meta(seed))?;
        let report = self.report(bytes.len());
        Some((bytes, report))
    }

    fn report(&self, bytes: usize) -> Report {
        let linker = &self.linker;
        Report {
            policies: linker.policies.len(),
            statements: linker.statements.len(),
            never: linker.never,
            nodes: linker.node_count,
            residual: linker.residual,
            records_max: linker.records_max as usize,
            blocks: linker.block_count,
            automata: (linker.tables.made, linker.tables.given_up),
            bytes,
        }
    }
}

/// What is ready to be written with some seed.
struct Hashed<'i> {
    image: &'i Image,
    actions: &'i ActionTables,
    principals: &'i [(PrincipalKey, u32)],
    rows: Option<directory::Rows<'i>>,
    overlay: Option<Vec<(u32, u32)>>,
    unit_lists: Vec<u32>,
}

impl Hashed<'_> {
    /// `None` if some table cannot be built with this seed and room.
    fn parts(&self, seed: u64, room: u32) -> Option<Parts> {
        let linker = &self.image.linker;
        let mut parts = Parts::default();
        self.write_tree(seed, room, &mut parts)?;
        parts.words(Section::Nodes, &linker.nodes);
        parts.words(Section::Records, &linker.records);
        parts.words(Section::Blocks, &linker.blocks);
        parts.words(Section::Lists, &linker.lists.words);
        parts.bytes(Section::Tables, linker.tables.bytes.clone());
        self.actions.write(&linker.strings, seed, room, &mut parts)?;
        self.write_principals(seed, room, &mut parts)?;
        self.write_keys(seed, room, &mut parts)?;
        let symbols = linker.symbols.iter().map(|&id| (hash(linker.strings.get(id).as_bytes(), seed), id));
        parts.words(Section::SymbolIndex, &index(&symbols.collect::<Vec<_>>(), room)?);
        let policies: Vec<u32> =
            linker.policies.iter().flat_map(|policy| [policy.name, policy.file, policy.gate]).collect();
        parts.words(Section::Policies, &policies);
        parts.words(Section::Statements, linker.statements.as_flattened());
        self.write_notes(&mut parts);
        if let Some(rows) = &self.rows {
            rows.write(linker, seed, room, &mut parts)?;
            let units = linker.units.iter().zip(&self.unit_lists);
            let mut units: Vec<[u32; 2]> = units.map(|((root, _), &list)| [*root, list]).collect();
            units.sort_unstable();
            parts.words(Section::Units, units.as_flattened());
        }
        if let Some(managed) = &self.overlay {
            directory::write_managed(&linker.strings, managed, seed, room, &mut parts)?;
        }
        self.write_strings(&mut parts);
        Some(parts)
    }

    /// Children and the anchors that lead to them. Anchors are numbered by their hashes.
    fn write_tree(&self, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
        let linker = &self.image.linker;
        let anchors = linker.anchors.items().iter();
        let of_anchors: Vec<u64> = anchors.map(|(kind, bytes)| anchor::hash_of(*kind, bytes, seed)).collect();
        let mut hashes = of_anchors.clone();
        hashes.sort_unstable();
        // Two anchors of one hash would lead to one child, and hide the other.
        if hashes.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let mut ids = vec![0; hashes.len()];
        for (id, hash) in ids.iter_mut().zip(&of_anchors) {
            *id = hashes.binary_search(hash).unwrap_or_default() as u32;
        }
        let mut entries = linker.children.clone();
        for entry in entries.iter_mut().filter(|entry| entry[1] == Dimension::Resource as u32) {
            entry[2] = ids[entry[2] as usize];
        }
        parts.words(Section::Children, &children(&entries, seed, room)?);
        parts.words(Section::AnchorIndex, &anchor_index(&hashes, room)?);
        parts.words(Section::AnchorFilter, &anchor_filter(&hashes));
        Some(())
    }

    fn write_principals(&self, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
        let strings = &self.image.linker.strings;
        let hash_of = |&(key, text): &(PrincipalKey, u32)| {
            let fields = match key {
                PrincipalKey::Root => 2,
                PrincipalKey::RoleName => 3,
                _ => 1,
            };
            key_hash(key, &strings.get(text).splitn(fields, ':').collect::<Vec<_>>(), seed)
        };
        let entries: Vec<(u64, u32)> = self.principals.iter().map(hash_of).zip(0..).collect();
        parts.words(Section::PrincipalIndex, &index(&entries, room)?);
        let words: Vec<u32> = self.principals.iter().flat_map(|&(key, text)| [key as u32, text]).collect();
        parts.words(Section::Principals, &words);
        Some(())
    }

    fn write_keys(&self, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
        let linker = &self.image.linker;
        let mut words = Vec::new();
        let mut entries = Vec::new();
        for (slot, &name) in linker.key_names.iter().enumerate() {
            let text = linker.strings.get(name);
            words.extend([name, DerivedKey::number_of(text)]);
            entries.push((hash_folded(text.as_bytes(), seed), slot as u32));
        }
        parts.words(Section::Keys, &words);
        parts.words(Section::KeyIndex, &index(&entries, room)?);
        Some(())
    }

    /// Their texts stand behind all other strings.
    fn write_notes(&self, parts: &mut Parts) {
        let linker = &self.image.linker;
        let first = linker.strings.items().len() as u32;
        let (mut noted, mut words) = (Vec::new(), Vec::new());
        for notes in &linker.notes {
            noted.extend([notes.statement, words.len() as u32]);
            words.extend([notes.doc.len() as u32, notes.metadata.len() as u32]);
            words.extend(notes.doc.iter().map(|line| first + line));
            for (name, values) in &notes.metadata {
                words.extend([first + name, values.len() as u32]);
                words.extend(values.iter().map(|value| first + value));
            }
        }
        parts.words(Section::Noted, &noted);
        parts.words(Section::Notes, &words);
    }

    fn write_strings(&self, parts: &mut Parts) {
        let linker = &self.image.linker;
        let mut bytes = Vec::new();
        let mut offsets = vec![0];
        for text in linker.strings.items().iter().chain(linker.note_texts.items()) {
            bytes.extend_from_slice(text.as_bytes());
            offsets.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
        if let Some(directory) = &self.image.directory {
            let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(directory.texts.joined.as_bytes());
            offsets.extend(directory.texts.ends.iter().map(|end| start.saturating_add(*end)));
        }
        parts.words(Section::StringOffsets, &offsets);
        parts.bytes(Section::StringBytes, bytes);
    }

    fn meta(&self, seed: u64) -> Meta {
        let linker = &self.image.linker;
        let base = self.image.overlay.as_ref().map_or(0, |overlay| overlay.base);
        Meta {
            members: self.image.members,
            scp_levels: linker.scp_levels,
            rcp_levels: linker.rcp_levels,
            open_gates: linker.open_gates(),
            root: 0,
            seed_low: seed as u32,
            seed_high: (seed >> 32) as u32,
            anchor_kinds: linker.anchors.items().iter().fold(0, |kinds, (kind, _)| kinds | kind),
            any_action: self.actions.any_action.map_or(0, |id| id + 1),
            chain_max: self.actions.chain_max,
            principal_forms: self.principals.iter().fold(0, |forms, (key, _)| forms | 1 << *key as u32),
            anchors: linker.anchors.items().len() as u32,
            records_max: linker.records_max,
            directory: u32::from(self.image.directory.is_some()),
            base_low: base as u32,
            base_high: (base >> 32) as u32,
        }
    }
}
