//! The directory's rows, and the tables over them.

use dictum_vm::bundle::Section;
use dictum_vm::bundle::write::{Parts, index, roster};
use dictum_vm::directory::entity_hash_of;
use dictum_vm::hash::hash;

use crate::ir::Program;
use crate::ir::directory::{Directory, UnitId};

/// No slot: no policy of the bundle names the key of a tag.
const NO_SLOT: u32 = u32::MAX;

/// `roots` are the offsets in Nodes of the units' trees. `None` if some table cannot be built with this seed and room.
///
/// The texts of entities stand behind all other strings, ARN and unique id of each together.
pub fn write(
    program: &Program,
    directory: &Directory,
    roots: &[u32],
    seed: u64,
    room: u32,
    parts: &mut Parts,
) -> Option<()> {
    let text_hash = |text: &str| hash(text.as_bytes(), seed);
    let root = |unit: UnitId| roots[unit.0 as usize];
    let root_or_none = |unit: Option<UnitId>| unit.map_or(0, |unit| root(unit) + 1);
    let string_or_none = |id: Option<u32>| id.map_or(0, |id| id + 1);

    let (tags, tag_starts) = tags(program, directory);
    let tags_or_none =
        |set: Option<crate::ir::directory::TagSetId>| set.map_or(0, |set| tag_starts[set.0 as usize] + 1);
    parts.words(Section::TagSets, &tags);

    let mut words = Vec::new();
    for account in &directory.accounts {
        words.push(account.number);
        words.extend([account.organization, account.management_account, account.path].map(string_or_none));
        for levels in [account.scps, account.rcps] {
            words.extend([root_or_none(levels.map(|levels| levels.0)), levels.map_or(0, |levels| levels.1)]);
        }
    }
    parts.words(Section::Accounts, &words);
    let numbers = directory.accounts.iter().map(|account| text_hash(program.strings.get(account.number)));
    parts.words(Section::AccountIndex, &index(&numbers.zip(0..).collect::<Vec<_>>(), room)?);

    let (mut words, mut scopes) = (Vec::new(), Vec::new());
    for scope in &directory.scopes {
        scopes.push(words.len() as u32);
        words.extend([u32::from(scope.has_boundary), scope.units.len() as u32]);
        words.extend(scope.units.iter().flat_map(|&(unit, gate)| [root(unit), gate]));
    }
    parts.words(Section::Scopes, &words);

    let mut next = (program.strings.items().len() + program.note_texts.items().len()) as u32;
    let mut words = Vec::with_capacity(directory.entities.len() * 5);
    let mut hashes = Vec::with_capacity(directory.entities.len());
    for entity in &directory.entities {
        let scope = scopes[entity.scope.0 as usize];
        words.extend([next, entity.account, scope, tags_or_none(entity.tags), root_or_none(entity.trust)]);
        next += 2;
        hashes.push(entity_hash_of(&entity.arn, seed).expect("a checked ARN of a user or role"));
    }
    parts.words(Section::Entities, &words);
    parts.words(Section::EntityIndex, &roster(&hashes, room)?);

    let mut words = Vec::with_capacity(directory.resources.len() * 5);
    for resource in &directory.resources {
        let (policies, tags) = (root_or_none(resource.policies), tags_or_none(resource.tags));
        words.extend([resource.arn, resource.account, policies, tags, u32::from(resource.must_allow)]);
    }
    parts.words(Section::Resources, &words);
    let arns = directory.resources.iter().map(|resource| text_hash(program.strings.get(resource.arn)));
    parts.words(Section::ResourceIndex, &roster(&arns.collect::<Vec<_>>(), room)?);

    let managed: Vec<(u32, u32)> = directory.managed.iter().map(|&(arn, unit)| (arn, root(unit))).collect();
    write_managed(program, &managed, seed, room, parts)
}

/// Managed policies by ARN, each with its root.
pub fn write_managed(program: &Program, managed: &[(u32, u32)], seed: u64, room: u32, parts: &mut Parts) -> Option<()> {
    let words: Vec<u32> = managed.iter().flat_map(|&(arn, root)| [arn, root]).collect();
    parts.words(Section::Managed, &words);
    let arns = managed.iter().map(|&(arn, _)| hash(program.strings.get(arn).as_bytes(), seed));
    parts.words(Section::ManagedIndex, &index(&arns.zip(0..).collect::<Vec<_>>(), room)?);
    Some(())
}

/// The words of all sets, and where each begins.
fn tags(program: &Program, directory: &Directory) -> (Vec<u32>, Vec<u32>) {
    let (mut words, mut starts) = (Vec::new(), Vec::new());
    for set in &directory.tag_sets {
        starts.push(words.len() as u32);
        words.push(set.len() as u32);
        for &(key, value) in set {
            let name = program.strings.get(key).to_ascii_lowercase();
            let slot = |prefix: &str| program.keys.find(&format!("{prefix}/{name}")).unwrap_or(NO_SLOT);
            words.extend([slot("aws:principaltag"), slot("aws:resourcetag"), key, value]);
        }
    }
    (words, starts)
}
