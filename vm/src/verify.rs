//! What must hold before one instruction may run: one small function a question.
//!
//! After [`verify`] every offset hits the start of what it refers to, every id is below its count, every table ends each
//! probe, and nothing leads back: a node lies behind its one parent and no deeper than four. So a decision takes bounded
//! steps whatever the bytes. What cannot be seen from the bytes is a statement that the index misses; the checksum tells
//! a damaged bundle, and an unsigned one is trusted as its writer is.

use alloc::vec;
use alloc::vec::Vec;

use crate::bundle::gates_by_number::FIRST_LEVEL_GATE;
use crate::bundle::notes::{METADATA_HEAD, NOTED_WORDS, NOTES_HEAD};
use crate::bundle::read::{self, POLICY_WORDS, STATEMENT_WORDS};
use crate::bundle::{Bundle, BundleError, Section, View, members};
use crate::context::DerivedKey;
use crate::hash::{hash, hash_folded};
use crate::name::is_action_name;
use crate::principal::{PrincipalKey, key_hash};
use crate::words::{PROBES_MAX, Strings, Words};

mod code;
mod directory;
mod tree;

impl<B: AsRef<[u8]>> Bundle<B> {
    /// Reads and verifies a bundle: the only step that can fail. After it, deciding can neither fail nor panic nor run
    /// unbounded, whatever the bytes. O(bytes); allocates nothing that lasts.
    ///
    /// # Errors
    /// The first rule of the format that the bytes break.
    pub fn from_bytes(bytes: B) -> Result<Bundle<B>, BundleError> {
        let layout = read::layout(bytes.as_ref())?;
        verify(View { bytes: bytes.as_ref(), layout: &layout })?;
        Ok(Bundle::verified(bytes, layout))
    }
}

/// Most levels of one kind of guardrail: an organization has seven.
pub const LEVELS_MAX: u32 = 65_536;

pub(super) type Checked = Result<(), BundleError>;

/// The starts of the variable-sized parts of a section, one bit a word.
pub(super) struct Starts(Vec<u64>);

impl Starts {
    fn new(words: usize) -> Self {
        Starts(vec![0; words.div_ceil(64)])
    }

    fn mark(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn has(&self, at: u32) -> bool {
        self.0.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

/// What the later questions need from the earlier ones.
pub(super) struct Counts<'b> {
    view: View<'b>,
    strings: Strings<'b>,
    slots: u32,
    action_patterns: u32,
    principals: u32,
    gates: u32,
    statements: u32,
    /// Strings that a value can be found to be, and strings known to be numbers.
    symbols: Starts,
    numbers: Starts,
    lists: Starts,
    tables: Starts,
    blocks: Starts,
    records: Starts,
}

pub(super) fn ask(holds: bool, section: Section, at: usize, problem: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(BundleError::Section { section, at, problem }) }
}

/// Every question in order; the first that is answered with no is the error. O(bytes).
fn verify(view: View<'_>) -> Checked {
    let strings = strings(view)?;
    meta(view)?;
    let sections_of_words = Section::ALL.iter().filter(|&&section| section != Section::StringBytes);
    for &section in sections_of_words {
        ask(view.section(section).len().is_multiple_of(4), section, 0, "it is not made of whole words")?;
    }
    let rows = |section, width: usize| {
        let words = view.words(section).len();
        ask(words.is_multiple_of(width), section, words, "its last entry is cut off").map(|()| (words / width) as u32)
    };
    let meta = &view.layout.meta;
    let mut counts = Counts {
        view,
        strings,
        slots: rows(Section::Keys, 2)?,
        action_patterns: view.words(Section::ActionPatterns).len() as u32,
        principals: rows(Section::Principals, 2)?,
        gates: FIRST_LEVEL_GATE + meta.scp_levels + meta.rcp_levels,
        statements: rows(Section::Statements, STATEMENT_WORDS)?,
        symbols: Starts::new(0),
        numbers: Starts::new(strings.count()),
        lists: Starts::new(view.words(Section::Lists).len()),
        tables: Starts::new(view.words(Section::Tables).len()),
        blocks: Starts::new(view.words(Section::Blocks).len()),
        records: Starts::new(view.words(Section::Records).len()),
    };
    counts.keys()?;
    counts.lists()?;
    counts.tables()?;
    counts.actions(rows(Section::Actions, 2)?)?;
    counts.services(rows(Section::Services, 2)?)?;
    counts.principals()?;
    counts.anchors()?;
    code::blocks(&mut counts)?;
    let open_gates = code::records(&mut counts)?;
    ask(open_gates == meta.open_gates, Section::Meta, 0, "the number of gates that can open is another one")?;
    counts.names(rows(Section::Policies, POLICY_WORDS)?)?;
    counts.notes(rows(Section::Noted, NOTED_WORDS)?)?;
    let roots = tree::tree(&counts)?;
    directory::directory(&counts, &roots)
}

fn meta(view: View<'_>) -> Checked {
    let meta = &view.layout.meta;
    let fits = |holds, problem| ask(holds, Section::Meta, 0, problem);
    fits(meta.members & !members::ALL == 0, "an unknown member")?;
    fits(meta.scp_levels <= LEVELS_MAX && meta.rcp_levels <= LEVELS_MAX, "too many levels")?;
    fits(meta.anchor_kinds & !crate::anchor::Kinds::ALL == 0, "an unknown kind of anchor")?;
    fits(meta.root == 0, "the root is not the first node")
}

fn strings(view: View<'_>) -> Result<Strings<'_>, BundleError> {
    let strings = view.strings();
    let offsets = strings.offsets;
    let section = Section::StringOffsets;
    ask(!offsets.is_empty() && offsets.at(0) == 0, section, 0, "the first string does not begin at 0")?;
    let end = offsets.at(offsets.len() - 1) as usize;
    ask(end == strings.bytes.len(), section, offsets.len() - 1, "the last string does not end with the bytes")?;
    let text = core::str::from_utf8(strings.bytes).map_err(|error| BundleError::Section {
        section: Section::StringBytes,
        at: error.valid_up_to() / 4,
        problem: "not UTF-8",
    })?;
    let mut before = 0;
    for (i, offset) in offsets.iter().enumerate() {
        let good = offset >= before && text.is_char_boundary(offset as usize);
        ask(good, section, i, "a string ends before it begins, or inside a character")?;
        before = offset;
    }
    Ok(strings)
}

impl<'b> Counts<'b> {
    fn string(&self, id: u32, section: Section, at: usize) -> Checked {
        ask((id as usize) < self.strings.count(), section, at, "no such string")
    }

    /// A table of names: every entry is found by its own name, no two have equal names, and unless only some are to be
    /// looked up, every name is in it. Gives the ids that are.
    fn index(
        &self,
        section: Section,
        count: u32,
        hash_of: impl Fn(u32) -> u64,
        are_equal: impl Fn(u32, u32) -> bool,
    ) -> Result<Starts, BundleError> {
        let index = self.view.index(section);
        let words = index.0;
        let capacity = index.capacity();
        ask(capacity == 0 || capacity.is_power_of_two(), section, 0, "its size is not a power of two")?;
        ask(words.len().is_multiple_of(2), section, words.len(), "its last entry is cut off")?;
        let (mut entries, mut seen) = (0, Starts::new(count as usize));
        for entry in 0..capacity {
            let Some(id) = words.at(entry * 2 + 1).checked_sub(1) else { continue };
            entries += 1;
            let is_new = id < count && !seen.has(id);
            let is_found = is_new && index.find(hash_of(id), |found| are_equal(found, id)) == Some(id);
            ask(is_found, section, entry * 2, "an entry that its own name does not lead to, or twice")?;
            seen.mark(id as usize);
        }
        if section != Section::SymbolIndex {
            ask(entries == count, section, 0, "it holds another number of names")?;
        }
        Ok(seen)
    }

    /// The index over the names in the first words of rows of two, whatever their letter case.
    fn folded_index(&self, index: Section, rows: Section, count: u32) -> Checked {
        let words = self.view.words(rows);
        let name = |row: u32| self.strings.get(words.at(row as usize * 2));
        let hash_of = |row| hash_folded(name(row), self.view.layout.seed);
        self.index(index, count, hash_of, |a, b| name(a).eq_ignore_ascii_case(name(b))).map(|_| ())
    }

    fn keys(&mut self) -> Checked {
        let words = self.view.words(Section::Keys);
        for slot in 0..self.slots as usize {
            self.string(words.at(slot * 2), Section::Keys, slot * 2)?;
        }
        // Before the names are read, for it finds repetitions: reading one long name for each slot is not O(bytes).
        self.folded_index(Section::KeyIndex, Section::Keys, self.slots)?;
        for slot in 0..self.slots as usize {
            let (name, core) = (words.at(slot * 2), words.at(slot * 2 + 1));
            let derived = DerivedKey::number_of(self.strings.text(name));
            ask(core == derived, Section::Keys, slot * 2 + 1, "the key is marked as another derived key")?;
        }
        let (strings, seed) = (self.strings, self.view.layout.seed);
        let hash_of = |id| hash(strings.get(id), seed);
        let are_equal = |a, b| strings.get(a) == strings.get(b);
        self.symbols = self.index(Section::SymbolIndex, strings.count() as u32, hash_of, are_equal)?;
        Ok(())
    }

    fn lists(&mut self) -> Checked {
        let words = self.view.words(Section::Lists);
        let mut at = 0;
        while at < words.len() {
            let end = at + 1 + words.at(at) as usize;
            ask(end <= words.len(), Section::Lists, at, "a list ends outside the section")?;
            ascending(words.slice(at + 1..end), Section::Lists, at)?;
            self.lists.mark(at);
            at = end;
        }
        Ok(())
    }

    /// The ids of a marked list are below a count.
    fn list(&self, offset: u32, count: u32, section: Section, at: usize) -> Checked {
        ask(self.lists.has(offset), section, at, "no list begins there")?;
        let words = self.view.words(Section::Lists);
        let end = offset as usize + words.at(offset as usize) as usize;
        let last_is_below = words.at(offset as usize) == 0 || words.at(end) < count;
        ask(last_is_below, section, at, "a list of other ids")
    }

    fn tables(&mut self) -> Checked {
        let bytes = self.view.section(Section::Tables);
        let mut at = 0;
        while at < bytes.len() {
            let stored = crate::table::stored_bytes(bytes, at);
            let table = stored.and_then(crate::table::Table::parse);
            ask(table.is_some(), Section::Tables, at / 4, "a broken table")?;
            self.tables.mark(at / 4);
            at = (at + 4 + stored.map_or(0, <[u8]>::len)).next_multiple_of(4);
        }
        Ok(())
    }

    /// An offset of a table, plus one; 0 is none.
    fn table(&self, offset: u32, section: Section, at: usize) -> Checked {
        let good = match offset.checked_sub(1) {
            None => true,
            Some(offset) => offset % 4 == 0 && self.tables.has(offset / 4),
        };
        ask(good, section, at, "no table begins there")
    }

    fn actions(&self, names: u32) -> Checked {
        let patterns = self.view.words(Section::ActionPatterns);
        for (at, id) in patterns.iter().enumerate() {
            self.string(id, Section::ActionPatterns, at)?;
        }
        let meta = &self.view.layout.meta;
        ask(meta.any_action <= self.action_patterns, Section::Meta, 0, "no such action pattern")?;
        ask(meta.chain_max <= self.action_patterns + 1, Section::Meta, 0, "too many patterns for one action")?;
        let words = self.view.words(Section::Actions);
        for name in 0..names as usize {
            self.string(words.at(name * 2), Section::Actions, name * 2)?;
            self.list(words.at(name * 2 + 1), self.action_patterns, Section::Actions, name * 2 + 1)?;
        }
        self.folded_index(Section::ActionIndex, Section::Actions, names)?;
        for name in 0..names as usize {
            let text = self.strings.text(words.at(name * 2));
            let good = text.split_once(':').is_some_and(|(service, name)| is_action_name(service, name));
            ask(good, Section::Actions, name * 2, "a name that no request can ask for")?;
        }
        Ok(())
    }

    fn services(&self, services: u32) -> Checked {
        let words = self.view.words(Section::Services);
        let fallbacks = self.view.words(Section::Fallbacks);
        let mut expected = 0;
        for service in 0..services as usize {
            self.string(words.at(service * 2), Section::Services, service * 2)?;
            let offset = words.at(service * 2 + 1) as usize;
            ask(offset == expected, Section::Services, service * 2 + 1, "its entry is not behind the one before")?;
            expected = self.fallback(fallbacks, offset)?;
        }
        ask(expected == fallbacks.len(), Section::Fallbacks, expected, "an entry of no service")?;
        self.folded_index(Section::ServiceIndex, Section::Services, services)
    }

    /// A service's entry; gives its end.
    fn fallback(&self, words: Words<'_>, start: usize) -> Result<usize, BundleError> {
        let section = Section::Fallbacks;
        let end = start + words.at(start + 1) as usize;
        let first = start + crate::lookup::FALLBACK_HEAD;
        ask(first <= end && end <= words.len(), section, start, "an entry ends outside the section")?;
        self.table(words.at(start + 2), section, start + 2)?;
        let (mut at, mut patterns, mut before) = (first, 0, None);
        while at < end {
            let id = words.at(at);
            ask(id < self.action_patterns, section, at, "no such action pattern")?;
            ask(before < Some(id), section, at, "ids that do not ascend")?;
            before = Some(id);
            let program = crate::glob::verify(words.slice(at + 1..end), 0, Strings::default());
            let Some(program) = program else { return ask(false, section, at + 1, "a broken pattern").map(|()| end) };
            at += 1 + program;
            patterns += 1;
        }
        let fits = patterns == words.at(start) && patterns < self.view.layout.meta.chain_max;
        ask(fits, section, start, "another number of patterns")?;
        Ok(end)
    }

    fn principals(&self) -> Checked {
        let words = self.view.words(Section::Principals);
        let section = Section::Principals;
        let forms = self.view.layout.meta.principal_forms;
        for id in 0..self.principals as usize {
            let form = words.at(id * 2);
            let known = PrincipalKey::from_number(form).is_some();
            ask(known && forms >> form & 1 == 1, section, id * 2, "an unknown form of principal")?;
            self.string(words.at(id * 2 + 1), section, id * 2 + 1)?;
        }
        let hash_of = |id: u32| {
            let text = self.strings.text(words.at(id as usize * 2 + 1));
            let key = PrincipalKey::from_number(words.at(id as usize * 2)).unwrap_or(PrincipalKey::Everyone);
            let fields = match key {
                PrincipalKey::Root => 2,
                PrincipalKey::RoleName => 3,
                _ => 1,
            };
            let mut parts = [""; 3];
            for (part, field) in parts.iter_mut().zip(text.splitn(fields, ':')) {
                *part = field;
            }
            key_hash(key, &parts, self.view.layout.seed)
        };
        let entry = |id: u32| (words.at(id as usize * 2), self.strings.get(words.at(id as usize * 2 + 1)));
        self.index(Section::PrincipalIndex, self.principals, hash_of, |a, b| entry(a) == entry(b)).map(|_| ())
    }

    fn anchors(&self) -> Checked {
        let (index, filter) = (self.view.index(Section::AnchorIndex), self.view.words(Section::AnchorFilter));
        let capacity = index.capacity();
        let section = Section::AnchorIndex;
        ask(capacity == 0 || capacity.is_power_of_two(), section, 0, "its size is not a power of two")?;
        let count = self.view.layout.meta.anchors;
        ask(count == 0 || filter.len().is_power_of_two(), Section::AnchorFilter, 0, "its size is not a power of two")?;
        ask(count as usize <= capacity, section, 0, "it is too small")?;
        let mut seen = Starts::new(count as usize);
        let mut entries = 0;
        for entry in 0..capacity {
            let Some(id) = index.0.at(entry * 2 + 1).checked_sub(1) else { continue };
            ask(id < count && !seen.has(id), section, entry * 2, "an anchor that is not there, or twice")?;
            seen.mark(id as usize);
            entries += 1;
            let alike = |place: &usize| index.0.at(place * 2) == index.0.at(entry * 2);
            let run = (1..PROBES_MAX.min(capacity)).map(|back| entry.wrapping_sub(back) & (capacity - 1));
            let mut run = run.take_while(|place| index.0.at(place * 2 + 1) != 0);
            ask(!run.any(|place| alike(&place)), section, entry * 2, "two anchors that look-up cannot tell apart")?;
            let (word, bit) = crate::anchor::filter_place(u64::from(index.0.at(entry * 2)) << 32, filter.len());
            ask(filter.at(word) >> bit & 1 == 1, Section::AnchorFilter, word, "an anchor's bit is not set")?;
        }
        ask(entries == count, section, 0, "it holds another number of anchors")
    }

    fn names(&self, policies: u32) -> Checked {
        let words = self.view.words(Section::Policies);
        let section = Section::Policies;
        for policy in 0..policies as usize {
            let at = policy * POLICY_WORDS;
            self.string(words.at(at), section, at)?;
            self.string(words.at(at + 1), section, at + 1)?;
            ask(words.at(at + 2) < self.gates, section, at + 2, "no such layer")?;
        }
        let words = self.view.words(Section::Statements);
        let section = Section::Statements;
        let records = self.view.words(Section::Records);
        for statement in 0..self.statements as usize {
            let at = statement * STATEMENT_WORDS;
            ask(words.at(at) < policies, section, at, "no such policy")?;
            ask(words.at(at + 2) as usize <= self.strings.count(), section, at + 2, "no such string")?;
            let record = words.at(at + 5);
            let is_its = self.records.has(record) && records.at(record as usize + 3) as usize == statement;
            ask(is_its, section, at + 5, "the record is of another statement")?;
            let layer = self.view.words(Section::Policies).at(words.at(at) as usize * POLICY_WORDS + 2);
            ask(records.at(record as usize + 2) == layer, section, at, "the record's gate is not its policy's layer")?;
        }
        Ok(())
    }
}

impl Counts<'_> {
    /// The entries tile their section in the order of their statements.
    fn notes(&self, noted: u32) -> Checked {
        let (words, notes) = (self.view.words(Section::Noted), self.view.words(Section::Notes));
        let (mut before, mut expected) = (None, 0);
        for at in (0..noted as usize).map(|entry| entry * NOTED_WORDS) {
            let statement = words.at(at);
            ask(before < Some(statement), Section::Noted, at, "ids that do not ascend")?;
            ask(statement < self.statements, Section::Noted, at, "no such statement")?;
            before = Some(statement);
            let good = words.at(at + 1) as usize == expected;
            ask(good, Section::Noted, at + 1, "its entry is not behind the one before")?;
            expected = self.notes_of_one(notes, expected)?;
        }
        ask(expected == notes.len(), Section::Notes, expected, "an entry of no statement")
    }

    /// One entry; gives its end. Counts are bounded by the section before anything is done with them.
    fn notes_of_one(&self, words: Words<'_>, start: usize) -> Result<usize, BundleError> {
        let section = Section::Notes;
        let within = |end: usize| ask(end <= words.len(), section, start, "an entry ends outside the section");
        within(start + NOTES_HEAD)?;
        let (lines, metadata) = (words.at(start) as usize, words.at(start + 1));
        ask(lines > 0 || metadata > 0, section, start, "an entry of nothing")?;
        let mut at = start + NOTES_HEAD;
        within(at + lines)?;
        for line in at..at + lines {
            self.string(words.at(line), section, line)?;
        }
        at += lines;
        for _ in 0..metadata {
            within(at + METADATA_HEAD)?;
            let end = at + METADATA_HEAD + words.at(at + 1) as usize;
            within(end)?;
            self.string(words.at(at), section, at)?;
            for value in at + METADATA_HEAD..end {
                self.string(words.at(value), section, value)?;
            }
            at = end;
        }
        Ok(at)
    }
}

pub(super) fn ascending(words: Words<'_>, section: Section, at: usize) -> Checked {
    let mut before = None;
    for word in words.iter() {
        ask(before < Some(word), section, at, "ids that do not ascend")?;
        before = Some(word);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
