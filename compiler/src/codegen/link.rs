//! Objects -> the sections of one bundle: what objects number for themselves gets the bundle's numbers, and what several
//! say stands once.

use dictum_vm::bundle::gate_of;
use dictum_vm::op::{BLOCK_HEAD, Opcode, RECORD_HEAD, TEST_HEAD, split_head};
use dictum_vm::principal::PrincipalKey;
use dictum_vm::tree::{Dimension, IS_RECORD, NODE_HEAD, OFFSET, SKIP_ACTION};
use dictum_vm::words::Words;
use dictum_vm::{Layer, glob};

use super::lists::Lists;
use super::object::{Part, STATEMENT_WORDS, View, table_at};
use super::tables::Tables;
use crate::fast_hash::FastMap;
use crate::ir::{Notes, Table};

/// A policy of the bundle.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// String id of its name.
    pub name: u32,
    /// String id of its file's name.
    pub file: u32,
    /// Its gate.
    pub gate: u32,
    /// Line and column from which the places of its statements count.
    base: (u32, u32),
    /// Its first statement, once a unit with it is linked.
    first: Option<u32>,
}

/// A bundle in the making. Everything is in the order in which units come.
#[derive(Debug, Default)]
pub struct Linker {
    /// Levels of service control policies.
    pub scp_levels: u32,
    /// Levels of resource control policies.
    pub rcp_levels: u32,
    /// Every text, whatever it is used for.
    pub strings: Table<Box<str>>,
    /// Context keys: lower-case text to slot.
    pub keys: Table<Box<str>>,
    /// String id of each slot's key as first spelled.
    pub key_names: Vec<u32>,
    /// Action patterns, lower-case and in normal form.
    pub actions: Table<Box<str>>,
    /// String id of each action pattern as first spelled.
    pub action_names: Vec<u32>,
    /// Principal keys: form and text.
    pub principals: Table<(PrincipalKey, Box<str>)>,
    /// Anchors.
    pub anchors: Table<(u32, Box<[u8]>)>,
    /// Policies.
    pub policies: Vec<PolicyRow>,
    /// Rows of the section of statements.
    pub statements: Vec<[u32; 6]>,
    /// Notes of the statements that have any, in their order.
    pub notes: Vec<Notes>,
    /// The texts of notes, apart from `strings`: what no decision reads stands behind what it reads.
    pub note_texts: Table<Box<str>>,
    /// The section of lists.
    pub lists: Lists,
    /// The section of blocks.
    pub blocks: Vec<u32>,
    /// Number of distinct blocks.
    pub block_count: usize,
    /// The section of records.
    pub records: Vec<u32>,
    /// The section of nodes.
    pub nodes: Vec<u32>,
    /// Entries of the table of children, anchors by their number here.
    pub children: Vec<[u32; 4]>,
    /// Root of each unit, and the policies in it.
    pub units: Vec<(u32, Vec<u32>)>,
    /// The automata of condition blocks.
    pub tables: Tables,
    /// Nodes.
    pub node_count: usize,
    /// Most statements at one node.
    pub records_max: u32,
    /// Statements at roots.
    pub residual: usize,
    /// Statements that can apply to no request.
    pub never: usize,
    /// Strings that a value is compared with by number, some of them several times.
    pub symbols: Vec<u32>,
    block_offsets: FastMap<Box<[u32]>, u32>,
    /// Of tables for which there was no room, `None`.
    table_offsets: FastMap<Box<[u8]>, Option<u32>>,
    /// Bytes of the strings of all objects.
    string_bytes: usize,
    /// Gates that some Allow can open.
    opened: FastMap<u32, ()>,
}

/// What the numbers of one object are in the bundle; strings, lists and blocks only as far as they have been asked for.
struct Numbers<'o> {
    object: View<'o>,
    strings: Vec<Option<u32>>,
    keys: Vec<u32>,
    actions: Vec<u32>,
    principals: Vec<u32>,
    anchors: Vec<u32>,
    statements: Vec<u32>,
    blocks: FastMap<u32, u32>,
}

impl Linker {
    /// Nothing yet, of a bundle with at most so many levels of guardrails.
    pub fn new(scp_levels: u32, rcp_levels: u32) -> Linker {
        Linker { scp_levels, rcp_levels, ..Linker::default() }
    }

    /// Takes a policy in and gives its number. Places in its objects count from this line and column of the file.
    pub fn policy(&mut self, name: &str, file: &str, layer: Layer, base: (u32, u32)) -> u32 {
        let (name, file) = (self.strings.text(name), self.strings.text(file));
        self.policies.push(PolicyRow { name, file, gate: gate_of(layer, self.scp_levels), base, first: None });
        self.policies.len() as u32 - 1
    }

    /// Links the object of a unit, which is made of these policies in this order, and gives the unit's number. Statements
    /// of policies that an earlier unit has, too, are shared with it.
    pub fn unit(&mut self, object: View<'_>, policies: Vec<u32>) -> u32 {
        self.string_bytes += 4 * object.words(Part::StringBytes).len();
        self.tables.bound(self.string_bytes);
        let statements = self.statements(object, &policies);
        let mut numbers = Numbers {
            object,
            strings: vec![None; object.words(Part::StringEnds).len()],
            keys: Vec::new(),
            actions: Vec::new(),
            principals: Vec::new(),
            anchors: Vec::new(),
            statements,
            blocks: FastMap::default(),
        };
        self.number(&mut numbers);
        self.rows(&mut numbers, &policies);
        self.add_records(&mut numbers);
        self.add_notes(&mut numbers);
        let root = self.nodes.len() as u32;
        self.add_nodes(&numbers);
        self.add_children(&mut numbers, root);
        self.residual += object.words(Part::Summary).at(0) as usize;
        self.tables.given_up += object.words(Part::Summary).at(1) as usize;
        self.units.push((root, policies));
        self.units.len() as u32 - 1
    }

    /// The number of each statement of an object; new ones get the next numbers.
    fn statements(&mut self, object: View<'_>, policies: &[u32]) -> Vec<u32> {
        let mut next = self.statements.len() as u32;
        let rows = object.words(Part::Statements);
        let row = |at: usize| (rows.at(at * STATEMENT_WORDS), rows.at(at * STATEMENT_WORDS + 1));
        let mut numbers = Vec::with_capacity(rows.len() / STATEMENT_WORDS);
        for at in 0..rows.len() / STATEMENT_WORDS {
            let (policy, index) = row(at);
            let known = &mut self.policies[policies[policy as usize] as usize];
            let number = *known.first.get_or_insert(next - index) + index;
            next = next.max(number + 1);
            numbers.push(number);
        }
        numbers
    }

    fn number(&mut self, numbers: &mut Numbers<'_>) {
        let object = numbers.object;
        let pairs = |part| {
            let words = object.words(part);
            (0..words.len() / 2).map(move |at| (words.at(2 * at), words.at(2 * at + 1)))
        };
        for (name, folded) in pairs(Part::Keys) {
            let slot = self.keys.text(object.text(folded));
            if slot as usize == self.key_names.len() {
                let name = self.string(numbers, name);
                self.key_names.push(name);
            }
            numbers.keys.push(slot);
        }
        for (name, folded) in pairs(Part::Actions) {
            let id = self.actions.text(object.text(folded));
            if id as usize == self.action_names.len() {
                let name = self.string(numbers, name);
                self.action_names.push(name);
            }
            numbers.actions.push(id);
        }
        for (form, text) in pairs(Part::Principals) {
            let key = PrincipalKey::from_number(form).expect("the form of a principal");
            numbers.principals.push(self.principals.number((key, object.text(text).into())));
            self.string(numbers, text);
        }
        for (kind, bytes) in pairs(Part::Anchors) {
            numbers.anchors.push(self.anchors.number((kind, object.bytes(bytes).into())));
        }
    }

    fn string(&mut self, numbers: &mut Numbers<'_>, id: u32) -> u32 {
        let object = numbers.object;
        *numbers.strings[id as usize].get_or_insert_with(|| self.strings.text(object.text(id)))
    }

    /// Rows of the statements that are new. Their records are not there yet.
    fn rows(&mut self, numbers: &mut Numbers<'_>, policies: &[u32]) {
        let rows = numbers.object.words(Part::Statements);
        for at in 0..numbers.statements.len() {
            if numbers.statements[at] as usize != self.statements.len() {
                continue;
            }
            let [policy, index, sid, line, column] = std::array::from_fn(|field| rows.at(at * STATEMENT_WORDS + field));
            let sid = sid.checked_sub(1).map_or(0, |sid| self.string(numbers, sid) + 1);
            let policy = policies[policy as usize];
            let base = self.policies[policy as usize].base;
            let column = if line == 1 { base.1 + column - 1 } else { column };
            self.statements.push([policy, index, sid, base.0 + line - 1, column, NO_RECORD]);
        }
    }

    fn add_records(&mut self, numbers: &mut Numbers<'_>) {
        let words = numbers.object.words(Part::Records);
        let mut at = 0;
        while at < words.len() {
            let end = at + words.at(at + 1) as usize;
            let statement = numbers.statements[words.at(at + 3) as usize];
            let row = &mut self.statements[statement as usize];
            if row[5] == NO_RECORD {
                row[5] = self.records.len() as u32;
                let gate = self.policies[row[0] as usize].gate;
                self.add_record(words.slice(at..end), [gate, statement], numbers);
            }
            at = end;
        }
    }

    fn add_record(&mut self, words: Words<'_>, [gate, statement]: [u32; 2], numbers: &mut Numbers<'_>) {
        // In its place, and out of the linker's hands while its operands are looked up.
        let mut records = std::mem::take(&mut self.records);
        let start = records.len();
        records.extend(words.iter());
        let record = &mut records[start..];
        (record[2], record[3]) = (gate, statement);
        let mut at = RECORD_HEAD;
        let mut never = false;
        while at < record.len() {
            let end = at + record[at + 1] as usize;
            let opcode = Opcode::from_number(split_head(record[at]).0).expect("an instruction that was written");
            let operands = &mut record[at + 2..end];
            match opcode {
                Opcode::ActionIn | Opcode::ActionOut => renumber(operands, &numbers.actions),
                Opcode::PrincipalIn | Opcode::PrincipalOut => renumber(operands, &numbers.principals),
                Opcode::ActionInList | Opcode::ActionOutList => {
                    operands[0] = self.list(operands[0], &numbers.actions, numbers.object);
                }
                Opcode::PrincipalInList | Opcode::PrincipalOutList => {
                    operands[0] = self.list(operands[0], &numbers.principals, numbers.object);
                }
                Opcode::ResourceIn | Opcode::ResourceOut => self.programs(operands, numbers),
                Opcode::Conditions => operands[0] = self.block(operands[0], numbers),
                Opcode::Never => never = true,
                // No instructions of records. Each is named, so that a new opcode is not passed over here.
                Opcode::Record | Opcode::Block | Opcode::Text | Opcode::TextIgnoreCase | Opcode::Like | Opcode::Arn => {
                }
                Opcode::Number | Opcode::Date | Opcode::Bool | Opcode::Address | Opcode::Null => {}
            }
            at = end;
        }
        if never {
            self.never += 1;
        } else if split_head(record[0]).1 == 0 {
            self.opened.insert(gate, ());
        }
        self.records = records;
    }

    fn list(&mut self, offset: u32, ids: &[u32], object: View<'_>) -> u32 {
        let words = object.words(Part::Lists);
        let (start, len) = (offset as usize + 1, words.at(offset as usize) as usize);
        let mut list: Vec<u32> = words.slice(start..start + len).iter().collect();
        renumber(&mut list, ids);
        self.lists.offset(&list)
    }

    fn programs(&mut self, words: &mut [u32], numbers: &mut Numbers<'_>) {
        let mut at = 0;
        while at < words.len() {
            let Numbers { object, strings, keys, .. } = numbers;
            let string = |id: u32| *strings[id as usize].get_or_insert_with(|| self.strings.text(object.text(id)));
            at += glob::renumber(&mut words[at..], |slot| keys[slot as usize], string).max(1);
        }
    }

    /// The offset of a block, by that in the object.
    fn block(&mut self, offset: u32, numbers: &mut Numbers<'_>) -> u32 {
        if let Some(&known) = numbers.blocks.get(&offset) {
            return known;
        }
        let words = numbers.object.words(Part::Blocks);
        let (start, len) = (offset as usize, words.at(offset as usize + 1) as usize);
        let mut block: Vec<u32> = words.slice(start..start + len).iter().collect();
        let mut at = BLOCK_HEAD;
        while at < block.len() {
            let end = at + block[at + 1] as usize;
            block[at + 3] = numbers.keys[block[at + 3] as usize];
            let opcode = Opcode::from_number(split_head(block[at]).0).expect("a test that was written");
            self.operands(opcode, &mut block[at + TEST_HEAD..end], numbers);
            at = end;
        }
        let place = match self.block_offsets.get(block.as_slice()) {
            Some(&known) => known,
            None => {
                let place = self.blocks.len() as u32;
                self.blocks.extend(&block);
                self.block_offsets.insert(block.into(), place);
                self.block_count += 1;
                place
            }
        };
        numbers.blocks.insert(offset, place);
        place
    }

    fn operands(&mut self, opcode: Opcode, words: &mut [u32], numbers: &mut Numbers<'_>) {
        match opcode {
            Opcode::Text | Opcode::TextIgnoreCase => {
                let count = words[0] as usize;
                let (ids, programs) = words[1..].split_at_mut(count);
                for id in ids.iter_mut() {
                    *id = self.string(numbers, *id);
                }
                ids.sort_unstable();
                if opcode == Opcode::Text {
                    self.symbols.extend(&*ids);
                }
                self.programs(programs, numbers);
            }
            Opcode::Like => {
                let table = words[0].checked_sub(1).and_then(|offset| self.table(numbers.object, offset));
                words[0] = table.map_or(0, |offset| offset + 1);
                self.programs(&mut words[1..], numbers);
            }
            Opcode::Arn | Opcode::Bool => self.programs(&mut words[1..], numbers),
            Opcode::Number => words.iter_mut().for_each(|id| *id = self.string(numbers, *id)),
            Opcode::Date => {
                words.iter_mut().skip(2).step_by(3).for_each(|id| *id = self.string(numbers, *id));
            }
            // Numbers that mean the same everywhere.
            Opcode::Address | Opcode::Null => {}
            // No tests. Each is named, so that a new opcode is not passed over here.
            Opcode::Record | Opcode::Block | Opcode::Conditions | Opcode::Never => {}
            Opcode::ActionIn | Opcode::ActionInList | Opcode::ActionOut | Opcode::ActionOutList => {}
            Opcode::PrincipalIn | Opcode::PrincipalInList | Opcode::PrincipalOut | Opcode::PrincipalOutList => {}
            Opcode::ResourceIn | Opcode::ResourceOut => {}
        }
    }

    fn table(&mut self, object: View<'_>, offset: u32) -> Option<u32> {
        let bytes = table_at(object.words(Part::Tables), offset);
        match self.table_offsets.get(bytes) {
            Some(&known) => known,
            None => {
                let place = self.tables.add(bytes);
                self.tables.given_up += usize::from(place.is_none());
                self.table_offsets.insert(bytes.into(), place);
                place
            }
        }
    }

    fn add_notes(&mut self, numbers: &mut Numbers<'_>) {
        let (object, words) = (numbers.object, numbers.object.words(Part::Notes));
        let mut words = words.iter();
        while let Some(statement) = words.next() {
            let mut next = || words.next().unwrap_or_default();
            let (lines, names) = (next(), next());
            let texts = &mut self.note_texts;
            let mut id = |text| texts.text(object.text(text));
            let doc = (0..lines).map(|_| id(next())).collect();
            let mut metadata = Vec::new();
            for _ in 0..names {
                let (name, values) = (id(next()), next());
                metadata.push((name, (0..values).map(|_| id(next())).collect()));
            }
            let statement = numbers.statements[statement as usize];
            if self.notes.last().is_none_or(|last| last.statement < statement) {
                self.notes.push(Notes { statement, doc, metadata });
            }
        }
    }

    fn offset(&self, reference: u32, numbers: &Numbers<'_>) -> u32 {
        let statement = numbers.statements[(reference & !SKIP_ACTION) as usize];
        self.statements[statement as usize][5] | reference & SKIP_ACTION
    }

    fn add_nodes(&mut self, numbers: &Numbers<'_>) {
        let words = numbers.object.words(Part::Nodes);
        let mut at = 0;
        while at < words.len() {
            let slots = at + NODE_HEAD..at + NODE_HEAD + words.at(at + 1) as usize;
            let records = words.at(at + 2) + words.at(at + 3);
            let end = slots.end + records as usize;
            self.nodes.extend(words.slice(at..slots.start).iter());
            let mut asked: Vec<u32> =
                words.slice(slots.clone()).iter().map(|slot| numbers.keys[slot as usize]).collect();
            asked.sort_unstable();
            self.nodes.append(&mut asked);
            for reference in words.slice(slots.end..end).iter() {
                let offset = self.offset(reference, numbers);
                self.nodes.push(offset);
            }
            self.records_max = self.records_max.max(records);
            self.node_count += 1;
            at = end;
        }
    }

    fn add_children(&mut self, numbers: &mut Numbers<'_>, root: u32) {
        let words = numbers.object.words(Part::Children);
        for entry in 0..words.len() / 4 {
            let [node, dimension, key, child] = std::array::from_fn(|field| words.at(4 * entry + field));
            let slot = dimension >> 2;
            let (slot, key) = match Dimension::ALL[dimension as usize & 3] {
                Dimension::Action => (0, numbers.actions[key as usize]),
                Dimension::Principal => (0, numbers.principals[key as usize]),
                Dimension::Condition => (numbers.keys[slot as usize], self.string(numbers, key)),
                Dimension::Resource => (0, numbers.anchors[key as usize]),
            };
            let child = match child & IS_RECORD {
                0 => root + child,
                _ => (self.offset((child & !IS_RECORD) - 1, numbers) + 1) | IS_RECORD,
            };
            self.children.push([root + node, dimension & 3 | slot << 2, key, child]);
        }
    }

    /// Whether offsets fit the format.
    pub fn fits(&self) -> bool {
        [self.records.len(), self.nodes.len(), self.lists.words.len()].iter().all(|&len| len < OFFSET as usize)
    }

    /// Number of gates that some Allow can open.
    pub fn open_gates(&self) -> u32 {
        self.opened.len() as u32
    }
}

/// A statement whose record is not there yet.
const NO_RECORD: u32 = u32::MAX;

/// Gives ascending ids their numbers in the bundle, ascending again.
fn renumber(ids: &mut [u32], numbers: &[u32]) {
    ids.iter_mut().for_each(|id| *id = numbers[*id as usize]);
    ids.sort_unstable();
}
