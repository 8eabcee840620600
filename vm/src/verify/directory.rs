//! The directory: rows that name what exists, found by their own names, and roots that are roots.

use super::{Checked, Counts, Starts, ask};
use crate::bundle::read::POLICY_WORDS;
use crate::bundle::{BundleError, Section};
use crate::context::DirectoryKey;
use crate::directory::{
    ACCOUNT_WORDS, ENTITY_WORDS, MANAGED_WORDS, NONE, RESOURCE_WORDS, SCOPE_HEAD, TAG_WORDS, UNIT_WORDS, entity_hash_of,
};
use crate::hash::hash;
use crate::limits::PRINCIPAL_BYTES_MAX;
use crate::words::{Roster, Words};

const SECTIONS: [Section; 9] = [
    Section::Accounts,
    Section::AccountIndex,
    Section::Scopes,
    Section::Entities,
    Section::EntityIndex,
    Section::TagSets,
    Section::Resources,
    Section::ResourceIndex,
    Section::Units,
];

/// `roots` are the nodes at which a walk may begin.
pub(super) fn directory(counts: &Counts<'_>, roots: &Starts) -> Checked {
    let meta = &counts.view.layout.meta;
    let fits = |holds, problem| ask(holds, Section::Meta, 0, problem);
    let is_overlay = meta.base_low != 0 || meta.base_high != 0;
    match meta.directory {
        0 => {
            let stray = SECTIONS.iter().find(|&&section| !counts.view.section(section).is_empty());
            if let Some(&section) = stray {
                return ask(false, section, 0, "a directory in a bundle that has none");
            }
        }
        1 => fits(meta.members == 0 && !is_overlay, "a directory beside the members of a set of policies")?,
        _ => return fits(false, "neither with nor without a directory"),
    }
    let checks = Checks { counts, roots };
    let accounts = checks.accounts()?;
    let scopes = checks.scopes()?;
    let tags = checks.tags()?;
    checks.entities(accounts, &scopes, &tags)?;
    checks.resources(accounts, &tags)?;
    checks.managed(is_overlay)?;
    checks.units()
}

struct Checks<'c, 'b> {
    counts: &'c Counts<'b>,
    roots: &'c Starts,
}

impl<'b> Checks<'_, 'b> {
    fn rows(&self, section: Section, width: usize) -> Result<(Words<'b>, u32), BundleError> {
        let words = self.counts.view.words(section);
        ask(words.len().is_multiple_of(width), section, words.len(), "its last entry is cut off")?;
        Ok((words, (words.len() / width) as u32))
    }

    fn string(&self, id: u32, section: Section, at: usize) -> Checked {
        self.counts.string(id, section, at)
    }

    /// A string id plus one, or 0.
    fn string_or_none(&self, id: u32, section: Section, at: usize) -> Checked {
        id.checked_sub(1).map_or(Ok(()), |id| self.string(id, section, at))
    }

    fn root(&self, root: u32, section: Section, at: usize) -> Checked {
        ask(self.roots.has(root), section, at, "no tree begins there")
    }

    fn root_or_none(&self, root: u32, section: Section, at: usize) -> Checked {
        root.checked_sub(1).map_or(Ok(()), |root| self.root(root, section, at))
    }

    fn tags_or_none(&self, offset: u32, tags: &Starts, section: Section, at: usize) -> Checked {
        let is_there = offset.checked_sub(1).is_none_or(|offset| tags.has(offset));
        ask(is_there, section, at, "no tags begin there")
    }

    fn accounts(&self) -> Result<u32, BundleError> {
        let section = Section::Accounts;
        let (words, count) = self.rows(section, ACCOUNT_WORDS)?;
        let meta = &self.counts.view.layout.meta;
        for at in (0..count as usize).map(|row| row * ACCOUNT_WORDS) {
            self.string(words.at(at), section, at)?;
            (1..4).try_for_each(|field| self.string_or_none(words.at(at + field), section, at + field))?;
            for (field, most) in [(4, meta.scp_levels), (6, meta.rcp_levels)] {
                self.root_or_none(words.at(at + field), section, at + field)?;
                ask(words.at(at + field + 1) <= most, section, at + field + 1, "too many levels")?;
            }
        }
        let (strings, seed) = (self.counts.strings, self.counts.view.layout.seed);
        let name = |row: u32| strings.get(words.at(row as usize * ACCOUNT_WORDS));
        self.counts.index(Section::AccountIndex, count, |row| hash(name(row), seed), |a, b| name(a) == name(b))?;
        Ok(count)
    }

    /// They tile their section.
    fn scopes(&self) -> Result<Starts, BundleError> {
        let section = Section::Scopes;
        let words = self.counts.view.words(section);
        let mut starts = Starts::new(words.len());
        let mut at = 0;
        while at < words.len() {
            let (has_boundary, units) = (words.at(at), words.at(at + 1) as usize);
            let end = at + SCOPE_HEAD + 2 * units;
            ask(has_boundary <= 1 && end <= words.len(), section, at, "an entry ends outside the section")?;
            for unit in (at + SCOPE_HEAD..end).step_by(2) {
                self.root(words.at(unit), section, unit)?;
                let gate = words.at(unit + 1);
                let is_known = gate == 0 || (gate == 2 && has_boundary == 1);
                ask(is_known, section, unit + 1, "a gate that no policy of a principal stands behind")?;
            }
            starts.mark(at);
            at = end;
        }
        Ok(starts)
    }

    /// They tile their section; a slot is one of the tag's own key.
    fn tags(&self) -> Result<Starts, BundleError> {
        let section = Section::TagSets;
        let words = self.counts.view.words(section);
        let keys = self.counts.view.words(Section::Keys);
        let strings = self.counts.strings;
        let mut starts = Starts::new(words.len());
        let mut at = 0;
        while at < words.len() {
            let end = at + 1 + TAG_WORDS * words.at(at) as usize;
            ask(end <= words.len(), section, at, "an entry ends outside the section")?;
            for tag in (at + 1..end).step_by(TAG_WORDS) {
                self.string(words.at(tag + 2), section, tag + 2)?;
                self.string(words.at(tag + 3), section, tag + 3)?;
                let key = strings.text(words.at(tag + 2));
                for (field, prefix) in [(0, DirectoryKey::PrincipalTag), (1, DirectoryKey::ResourceTag)] {
                    let slot = words.at(tag + field);
                    let its = || prefix.tag_of(strings.text(keys.at(slot as usize * 2)));
                    let is_its = slot == NONE
                        || (slot < self.counts.slots && its().is_some_and(|its| its.eq_ignore_ascii_case(key)));
                    ask(is_its, section, tag + field, "the slot of another key")?;
                }
            }
            starts.mark(at);
            at = end;
        }
        Ok(starts)
    }

    fn entities(&self, accounts: u32, scopes: &Starts, tags: &Starts) -> Checked {
        let section = Section::Entities;
        let (words, count) = self.rows(section, ENTITY_WORDS)?;
        let (strings, seed) = (self.counts.strings, self.counts.view.layout.seed);
        for at in (0..count as usize).map(|row| row * ENTITY_WORDS) {
            self.string(words.at(at), section, at)?;
            self.string(words.at(at).saturating_add(1), section, at)?;
            let unique_id = strings.get(words.at(at) + 1);
            ask(unique_id.len() <= PRINCIPAL_BYTES_MAX, section, at, "too long a unique id")?;
            ask(words.at(at + 1) < accounts, section, at + 1, "no such account")?;
            ask(scopes.has(words.at(at + 2)), section, at + 2, "no scope begins there")?;
            self.tags_or_none(words.at(at + 3), tags, section, at + 3)?;
            self.root_or_none(words.at(at + 4), section, at + 4)?;
        }
        let name = |row: u32| strings.get(words.at(row as usize * ENTITY_WORDS));
        let hash_of = |row| core::str::from_utf8(name(row)).ok().and_then(|arn| entity_hash_of(arn, seed));
        self.roster(Section::EntityIndex, count, hash_of, |a, b| name(a) == name(b))
    }

    fn resources(&self, accounts: u32, tags: &Starts) -> Checked {
        let section = Section::Resources;
        let (words, count) = self.rows(section, RESOURCE_WORDS)?;
        for at in (0..count as usize).map(|row| row * RESOURCE_WORDS) {
            self.string(words.at(at), section, at)?;
            ask(words.at(at + 1) < accounts, section, at + 1, "no such account")?;
            self.root_or_none(words.at(at + 2), section, at + 2)?;
            self.tags_or_none(words.at(at + 3), tags, section, at + 3)?;
            ask(words.at(at + 4) <= 1, section, at + 4, "neither marked nor not")?;
        }
        let (strings, seed) = (self.counts.strings, self.counts.view.layout.seed);
        let name = |row: u32| strings.get(words.at(row as usize * RESOURCE_WORDS));
        self.roster(Section::ResourceIndex, count, |row| Some(hash(name(row), seed)), |a, b| name(a) == name(b))
    }

    fn managed(&self, is_overlay: bool) -> Checked {
        let section = Section::Managed;
        let (words, count) = self.rows(section, MANAGED_WORDS)?;
        for at in (0..count as usize).map(|row| row * MANAGED_WORDS) {
            self.string(words.at(at), section, at)?;
            if !is_overlay {
                self.root(words.at(at + 1), section, at + 1)?;
            }
        }
        let (strings, seed) = (self.counts.strings, self.counts.view.layout.seed);
        let name = |row: u32| strings.get(words.at(row as usize * MANAGED_WORDS));
        self.counts.index(Section::ManagedIndex, count, |row| hash(name(row), seed), |a, b| name(a) == name(b))?;
        Ok(())
    }

    fn units(&self) -> Checked {
        let section = Section::Units;
        let (words, count) = self.rows(section, UNIT_WORDS)?;
        let policies = (self.counts.view.words(Section::Policies).len() / POLICY_WORDS) as u32;
        let mut before = None;
        for at in (0..count as usize).map(|row| row * UNIT_WORDS) {
            self.root(words.at(at), section, at)?;
            ask(before < Some(words.at(at)), section, at, "roots that do not ascend")?;
            before = Some(words.at(at));
            self.counts.list(words.at(at + 1), policies, section, at + 1)?;
        }
        Ok(())
    }

    /// As `Counts::index`, of a table of one word an entry.
    fn roster(
        &self,
        section: Section,
        count: u32,
        hash_of: impl Fn(u32) -> Option<u64>,
        are_equal: impl Fn(u32, u32) -> bool,
    ) -> Checked {
        let roster = Roster(self.counts.view.words(section));
        let capacity = roster.capacity();
        ask(capacity == 0 || capacity.is_power_of_two(), section, 0, "its size is not a power of two")?;
        let entries = roster.0.iter().filter(|&entry| entry != 0).count();
        ask(entries == count as usize, section, 0, "it holds another number of names")?;
        for row in 0..count {
            let found = hash_of(row).and_then(|hash| roster.find(hash, |found| are_equal(found, row)));
            ask(found == Some(row), section, 0, "a row that its own name does not lead to")?;
        }
        Ok(())
    }
}
