//! The directory's rows, and the tables over them.

use dictum_vm::bundle::Section;
use dictum_vm::bundle::write::{Parts, index, roster};
use dictum_vm::directory::entity_hash_of;
use dictum_vm::hash::hash;

use super::link::Linker;
use crate::ir::Table;
use crate::ir::directory::{Directory, TagSetId, UnitId};

/// No slot: no policy of the bundle names the key of a tag.
const NO_SLOT: u32 = u32::MAX;

/// A directory whose strings have the bundle's numbers.
pub struct Rows<'d> {
    directory: &'d Directory,
    strings: Vec<u32>,
}

impl<'d> Rows<'d> {
    /// Takes the directory's strings into the bundle.
    pub fn of(directory: &'d Directory, linker: &mut Linker) -> Rows<'d> {
        let strings = directory.strings.iter().map(|text| linker.strings.text(text)).collect();
        Rows { directory, strings }
    }

    fn string(&self, id: u32) -> u32 {
        self.strings[id as usize]
    }

    /// `None` if some table cannot be built with this seed and room.
    ///
    /// The texts of entities stand behind all other strings, ARN and unique id of each together.
    pub fn write(&self, linker: &Linker, seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
        let directory = self.directory;
        let text_hash = |id: u32| hash(directory.strings[id as usize].as_bytes(), seed);
        let root = |unit: UnitId| linker.units[unit.0 as usize].0;
        let root_or_none = |unit: Option<UnitId>| unit.map_or(0, |unit| root(unit) + 1);
        let string_or_none = |id: Option<u32>| id.map_or(0, |id| self.string(id) + 1);

        let (tags, tag_starts) = self.tags(linker);
        let tags_or_none = |set: Option<TagSetId>| set.map_or(0, |set| tag_starts[set.0 as usize] + 1);
        parts.words(Section::TagSets, &tags);

        let mut words = Vec::new();
        for account in &directory.accounts {
            words.push(self.string(account.number));
            words.extend([account.organization, account.management_account, account.path].map(string_or_none));
            for levels in [account.scps, account.rcps] {
                words.extend([root_or_none(levels.map(|levels| levels.0)), levels.map_or(0, |levels| levels.1)]);
            }
        }
        parts.words(Section::Accounts, &words);
        let numbers = directory.accounts.iter().map(|account| text_hash(account.number));
        parts.words(Section::AccountIndex, &index(&numbers.zip(0..).collect::<Vec<_>>(), room)?);

        let (mut words, mut scopes) = (Vec::new(), Vec::new());
        for scope in &directory.scopes {
            scopes.push(words.len() as u32);
            words.extend([u32::from(scope.has_boundary), scope.units.len() as u32]);
            words.extend(scope.units.iter().flat_map(|&(unit, gate)| [root(unit), gate]));
        }
        parts.words(Section::Scopes, &words);

        let mut next = (linker.strings.items().len() + linker.note_texts.items().len()) as u32;
        let mut words = Vec::with_capacity(directory.entities.len() * 5);
        let mut hashes = Vec::with_capacity(directory.entities.len());
        for (at, entity) in directory.entities.iter().enumerate() {
            let scope = scopes[entity.scope.0 as usize];
            words.extend([next, entity.account, scope, tags_or_none(entity.tags), root_or_none(entity.trust)]);
            next += 2;
            hashes.push(entity_hash_of(directory.texts.get(2 * at), seed).expect("a checked ARN of a user or role"));
        }
        parts.words(Section::Entities, &words);
        parts.words(Section::EntityIndex, &roster(&hashes, room)?);

        let mut words = Vec::with_capacity(directory.resources.len() * 5);
        for resource in &directory.resources {
            let (policies, tags) = (root_or_none(resource.policies), tags_or_none(resource.tags));
            let arn = self.string(resource.arn);
            words.extend([arn, resource.account, policies, tags, u32::from(resource.must_allow)]);
        }
        parts.words(Section::Resources, &words);
        let arns = directory.resources.iter().map(|resource| text_hash(resource.arn));
        parts.words(Section::ResourceIndex, &roster(&arns.collect::<Vec<_>>(), room)?);

        let managed = directory.managed.iter().map(|&(arn, unit)| (self.string(arn), root(unit)));
        write_managed(&linker.strings, &managed.collect::<Vec<_>>(), seed, room, parts)
    }

    /// The words of all sets, and where each begins.
    fn tags(&self, linker: &Linker) -> (Vec<u32>, Vec<u32>) {
        let (mut words, mut starts) = (Vec::new(), Vec::new());
        for set in &self.directory.tag_sets {
            starts.push(words.len() as u32);
            words.push(set.len() as u32);
            for &(key, value) in set {
                let name = self.directory.strings[key as usize].to_ascii_lowercase();
                let slot = |prefix: &str| linker.keys.find(format!("{prefix}/{name}").as_str()).unwrap_or(NO_SLOT);
                let [key, value] = [key, value].map(|id| self.string(id));
                words.extend([slot("aws:principaltag"), slot("aws:resourcetag"), key, value]);
            }
        }
        (words, starts)
    }
}

/// Managed policies by ARN, each with its root.
pub fn write_managed(
    strings: &Table<Box<str>>,
    managed: &[(u32, u32)],
    seed: u64,
    room: u32,
    parts: &mut Parts,
) -> Option<()> {
    let words: Vec<u32> = managed.iter().flat_map(|&(arn, root)| [arn, root]).collect();
    parts.words(Section::Managed, &words);
    let arns = managed.iter().map(|&(arn, _)| hash(strings.get(arn).as_bytes(), seed));
    parts.words(Section::ManagedIndex, &index(&arns.zip(0..).collect::<Vec<_>>(), room)?);
    Some(())
}
