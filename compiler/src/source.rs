//! What a diagnostic points at: files, spans and places; and the documents that stand in the files.
//!
//! A document need not be a whole file: a set of policies in one JSON file holds many. Its spans count from the start of
//! the *file*, so every place is one that an editor can go to.

use std::io;
use std::ops::Range;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The type a document is compiled under (TYP-1); one document may be compiled under several (TYP-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PolicyType {
    /// Identity-based policy.
    Identity,
    /// Resource-based policy.
    Resource,
    /// A role's trust policy: a resource policy without Resource, NotResource and NotPrincipal (TYP-2).
    Trust,
    /// Permissions boundary.
    Boundary,
    /// Session policy.
    Session,
    /// Service control policy.
    Scp,
    /// Resource control policy.
    Rcp,
}

impl PolicyType {
    /// Every type.
    pub const ALL: [PolicyType; 7] = [
        PolicyType::Identity,
        PolicyType::Resource,
        PolicyType::Trust,
        PolicyType::Boundary,
        PolicyType::Session,
        PolicyType::Scp,
        PolicyType::Rcp,
    ];

    /// The name, as `type=` and `--type` spell it.
    pub const fn name(self) -> &'static str {
        match self {
            PolicyType::Identity => "identity",
            PolicyType::Resource => "resource",
            PolicyType::Trust => "trust",
            PolicyType::Boundary => "boundary",
            PolicyType::Session => "session",
            PolicyType::Scp => "scp",
            PolicyType::Rcp => "rcp",
        }
    }

    /// The type of a name.
    pub fn from_name(name: &str) -> Option<PolicyType> {
        PolicyType::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// Line and column of a character, both from 1, columns in Unicode scalars; `offset` in bytes from the file's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalars, from 1.
    pub column: u32,
    /// Bytes from the file's start.
    pub offset: u32,
}

/// What the policies of a file are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Notation {
    /// IAM's JSON.
    #[default]
    Json,
    /// The Dictum language (dsl.md).
    Dictum,
}

impl Notation {
    /// By the extension of a file's name: `.dct` is the Dictum language, anything else JSON.
    pub fn of(name: &str) -> Notation {
        if name.ends_with(".dct") { Notation::Dictum } else { Notation::Json }
    }
}

/// A file of [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct SourceId(pub u32);

/// Bytes `start..end` of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Span {
    /// The empty span before the first byte.
    pub const fn start(self) -> Span {
        Span { end: self.start, ..self }
    }
}

/// A file, with an index of its lines that is made when first asked for. So is the text of one that is not read yet: what
/// is known of it from earlier may be all that is ever asked.
#[derive(Clone, Debug, Default)]
pub struct SourceFile {
    /// What messages call it; usually a path.
    pub name: String,
    /// What it is written in; [`SourceFile::new`] tells it by the name.
    pub notation: Notation,
    /// Its path in the source tree, folders parted by `/`: what imports go by. The same as the name, unless a caller knows
    /// better.
    pub path: String,
    /// The bytes as they came; `None` where they were not the promised ones.
    text: OnceLock<Option<Vec<u8>>>,
    promise: Option<Promise>,
    digest: OnceLock<Digest>,
    /// Of few files does anybody want to know.
    index: OnceLock<Box<LineIndex>>,
    asked: OnceLock<()>,
}

/// What a file that is not read yet must turn out to be, and who reads it.
#[derive(Clone, Copy, Debug)]
struct Promise {
    length: u32,
    digest: Digest,
    load: fn(&str) -> io::Result<Vec<u8>>,
}

/// Where lines begin, and how many characters stand before each block of bytes; the latter only where the file is not
/// ASCII throughout. So a place costs one binary search and a count within one block, even in a file of one line.
#[derive(Clone, Debug)]
struct LineIndex {
    line_starts: Vec<u32>,
    /// Characters before byte `BLOCK * i`; empty for ASCII.
    characters: Vec<u32>,
}

const BLOCK: usize = 256;

/// Bytes that begin a character; of broken UTF-8 as much as anyone can say.
fn count_characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
}

impl LineIndex {
    fn new(text: &[u8]) -> LineIndex {
        let ends = text.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect();
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for block in text.chunks(BLOCK) {
                characters.push(count);
                count += count_characters(block);
            }
            characters.push(count);
        }
        LineIndex { line_starts, characters }
    }

    fn characters_before(&self, text: &[u8], offset: usize) -> u32 {
        match self.characters.get(offset / BLOCK) {
            None => offset as u32,
            Some(before) => before + count_characters(&text[offset / BLOCK * BLOCK..offset]),
        }
    }
}

impl SourceFile {
    /// A file of this name and these bytes.
    ///
    /// # Panics
    /// Where the text is longer than 4 GiB, which offsets cannot reach.
    pub fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> SourceFile {
        let text = text.into();
        assert!(u32::try_from(text.len()).is_ok(), "a source file is at most 4 GiB");
        let text = OnceLock::from(Some(text));
        SourceFile { text, ..SourceFile::of_name(name.into()) }
    }

    /// A file that is read by its name when its text is first asked for. The text must then have this length and digest.
    pub fn unread(
        name: impl Into<String>,
        length: u32,
        digest: Digest,
        load: fn(&str) -> io::Result<Vec<u8>>,
    ) -> SourceFile {
        SourceFile { promise: Some(Promise { length, digest, load }), ..SourceFile::of_name(name.into()) }
    }

    fn of_name(name: String) -> SourceFile {
        SourceFile { notation: Notation::of(&name), path: name.clone(), name, ..SourceFile::default() }
    }

    /// The same file, standing elsewhere in the source tree than its name says.
    pub fn at(mut self, path: &str) -> SourceFile {
        // The path is nearly always the end of the name, whose room it takes.
        self.path.replace_range(.., path);
        self.notation = Notation::of(path);
        self
    }

    /// The bytes. Of a file that is not what was promised, or cannot be read any more, there are none, and it is
    /// [changed](SourceFile::is_changed): whoever made something of it must throw that away.
    pub fn text(&self) -> &[u8] {
        self.asked.get_or_init(|| ());
        self.bytes()
    }

    fn bytes(&self) -> &[u8] {
        let read = || match &self.promise {
            None => Some(Vec::new()),
            Some(promise) => {
                let text = (promise.load)(&self.name).ok()?;
                let is_it = text.len() == promise.length as usize && Digest::of(&text) == promise.digest;
                is_it.then_some(text)
            }
        };
        self.text.get_or_init(read).as_deref().unwrap_or_default()
    }

    /// A part of the bytes; what of the range lies outside is cut off.
    pub fn part(&self, range: Range<u32>) -> &[u8] {
        let text = self.text();
        let end = (range.end as usize).min(text.len());
        &text[(range.start as usize).min(end)..end]
    }

    /// Whether the bytes came with the file, or were asked for since.
    pub fn is_read(&self) -> bool {
        self.promise.is_none() || self.text.get().is_some()
    }

    /// Whether anybody has asked for the bytes: what was made of sources before depends on no others.
    pub fn was_asked(&self) -> bool {
        self.asked.get().is_some()
    }

    /// Whether the file was read and was not what had been promised.
    pub fn is_changed(&self) -> bool {
        self.text.get().is_some_and(Option::is_none)
    }

    /// How many bytes it has, or was said to have, without reading it.
    pub fn length(&self) -> u32 {
        self.promise.map_or_else(|| self.bytes().len() as u32, |promise| promise.length)
    }

    /// The digest of the bytes, or the promised one, without reading it.
    pub fn digest(&self) -> Digest {
        self.promise.map_or_else(|| *self.digest.get_or_init(|| Digest::of(self.bytes())), |promise| promise.digest)
    }

    fn index(&self) -> &LineIndex {
        self.index.get_or_init(|| Box::new(LineIndex::new(self.text())))
    }

    /// The place of a byte; offsets behind the end count as the end. O(log lines).
    pub fn place(&self, offset: u32) -> Place {
        let text = self.text();
        let offset = offset.min(text.len() as u32);
        let index = self.index();
        let line = index.line_starts.partition_point(|&start| start <= offset);
        let line_start = index.line_starts[line - 1];
        let before = index.characters_before(text, offset as usize);
        let before_line = index.characters_before(text, line_start as usize);
        Place { line: line as u32, column: before - before_line + 1, offset }
    }

    /// The bytes `start..end` of a line (from 1), without its line end; of a line that is not there, none at the end.
    pub(crate) fn line_range(&self, line: u32) -> Range<usize> {
        let text = self.text();
        let starts = &self.index().line_starts;
        let Some(&start) = (line as usize).checked_sub(1).and_then(|at| starts.get(at)) else {
            return text.len()..text.len();
        };
        let start = start as usize;
        let end = starts.get(line as usize).map_or(text.len(), |&next| next as usize - 1);
        let end = if end > start && text[end - 1] == b'\r' { end - 1 } else { end };
        start..end
    }
}

/// One policy document: a part of a file, the name that explanations use, and the type it is compiled under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The policy's name.
    pub name: String,
    /// The type it is validated under; `Trust` documents stand among the resource policies.
    pub policy_type: PolicyType,
    /// The file it stands in.
    pub source: SourceId,
    /// Where in the file, in bytes.
    pub range: Range<u32>,
}

/// All that one compilation reads. A member that is absent does not apply; one that is present but empty allows nothing
/// (EVL-1).
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Every file, by its [`SourceId`].
    pub files: Vec<SourceFile>,
    /// Paths of other files in the source tree, for suggestions only.
    pub others: Vec<String>,
    /// Identity policies.
    pub identity: Option<Vec<Document>>,
    /// Resource policies, trust policies included.
    pub resource: Option<Vec<Document>>,
    /// The permissions boundary.
    pub boundary: Option<Vec<Document>>,
    /// Session policies.
    pub session: Option<Vec<Document>>,
    /// Service control policies, a list for each level from the root.
    pub scp: Option<Vec<Vec<Document>>>,
    /// Resource control policies, likewise.
    pub rcp: Option<Vec<Vec<Document>>>,
}

impl Sources {
    /// No file and no member.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// The file of an id.
    pub fn file(&self, id: SourceId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Takes a file in.
    pub fn add_file(&mut self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> SourceId {
        self.files.push(SourceFile::new(name, text));
        SourceId(self.files.len() as u32 - 1)
    }

    /// Takes a file in that stands elsewhere in the source tree than its name says.
    pub fn add_file_at(&mut self, name: impl Into<String>, path: &str, text: impl Into<Vec<u8>>) -> SourceId {
        self.files.push(SourceFile::new(name, text).at(path));
        SourceId(self.files.len() as u32 - 1)
    }

    /// The first file that was read late and was no longer what it had been. What was made of these sources is then made of
    /// two states of them, and worth nothing.
    pub fn changed(&self) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.is_changed())
    }

    /// The whole of a file, as a range for [`Sources::add`].
    pub fn whole(&self, source: SourceId) -> Range<u32> {
        0..self.file(source).length()
    }

    /// Adds a document to its member; of an scp or rcp to the last level, which is made where there is none.
    pub fn add(&mut self, policy_type: PolicyType, name: impl Into<String>, source: SourceId, range: Range<u32>) {
        self.add_document(Document { name: name.into(), policy_type, source, range });
    }

    /// The same of a document that is made already.
    pub fn add_document(&mut self, document: Document) {
        match self.levels_mut(document.policy_type) {
            Ok(documents) => documents.get_or_insert_default().push(document),
            Err(levels) => {
                let levels = levels.get_or_insert_default();
                if levels.is_empty() {
                    levels.push(Vec::new());
                }
                levels.last_mut().expect("a level was just made").push(document);
            }
        }
    }

    /// Makes a member present, empty until something is added.
    pub fn add_member(&mut self, policy_type: PolicyType) {
        match self.levels_mut(policy_type) {
            Ok(documents) => _ = documents.get_or_insert_default(),
            Err(levels) => _ = levels.get_or_insert_default(),
        }
    }

    /// Begins the next level of `Scp` or `Rcp`; for the types without levels the same as [`Sources::add_member`].
    pub fn add_level(&mut self, policy_type: PolicyType) {
        match self.levels_mut(policy_type) {
            Ok(documents) => _ = documents.get_or_insert_default(),
            Err(levels) => levels.get_or_insert_default().push(Vec::new()),
        }
    }

    /// Every document: identity, resource, boundary, session, scp and rcp level by level.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        let plain = [&self.identity, &self.resource, &self.boundary, &self.session].into_iter().flatten().flatten();
        plain.chain([&self.scp, &self.rcp].into_iter().flatten().flatten().flatten())
    }

    /// The text of a document; what of its range lies outside the file is cut off.
    pub fn text(&self, document: &Document) -> &[u8] {
        self.file(document.source).part(document.range.clone())
    }

    /// The member of a type, or for guardrails its levels.
    #[allow(clippy::type_complexity, reason = "spelled once, used thrice, all here")]
    fn levels_mut(
        &mut self,
        policy_type: PolicyType,
    ) -> Result<&mut Option<Vec<Document>>, &mut Option<Vec<Vec<Document>>>> {
        match policy_type {
            PolicyType::Identity => Ok(&mut self.identity),
            PolicyType::Resource | PolicyType::Trust => Ok(&mut self.resource),
            PolicyType::Boundary => Ok(&mut self.boundary),
            PolicyType::Session => Ok(&mut self.session),
            PolicyType::Scp => Err(&mut self.scp),
            PolicyType::Rcp => Err(&mut self.rcp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("f", "ab\r\né😀x\n");
        let place = |offset| {
            let place = file.place(offset);
            (place.line, place.column)
        };
        assert_eq!([place(0), place(2), place(4), place(6), place(10)], [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)]);
        assert_eq!(place(99), (3, 1));
        assert_eq!(&file.text()[file.line_range(1)], b"ab");
        assert_eq!([file.line_range(3), file.line_range(4), file.line_range(0)], [12..12, 12..12, 12..12]);
    }

    #[test]
    fn places_agree_with_counting_in_long_lines() {
        let text = "aé😀".repeat(500);
        let file = SourceFile::new("f", text.clone());
        for (column, (offset, _)) in text.char_indices().enumerate() {
            assert_eq!(file.place(offset as u32).column as usize, column + 1);
        }
    }

    #[test]
    fn absent_and_empty_are_told_apart() {
        let mut sources = Sources::new();
        assert!(sources.scp.is_none());
        sources.add_level(PolicyType::Scp);
        sources.add_level(PolicyType::Scp);
        let file = sources.add_file("f", "{}");
        sources.add(PolicyType::Scp, "p", file, sources.whole(file));
        sources.add(PolicyType::Trust, "t", file, 1..9);
        assert_eq!(sources.scp.as_ref().map(|levels| levels.iter().map(Vec::len).collect()), Some(vec![0, 1]));
        assert_eq!(sources.documents().map(|document| document.name.as_str()).collect::<Vec<_>>(), ["t", "p"]);
        assert_eq!(sources.text(&sources.resource.as_ref().unwrap()[0]), b"}");
    }

    const PROMISED: &str = "{\n  \"a\": 1\n}\n";

    /// A file that was `PROMISED`, and is what its name says.
    fn late(name: &str) -> SourceFile {
        let load = |name: &str| match name.strip_prefix("now ") {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(io::Error::other("it is gone")),
        };
        SourceFile::unread(name, PROMISED.len() as u32, Digest::of(PROMISED.as_bytes()), load)
    }

    #[test]
    fn a_file_is_read_when_its_text_is_asked_for() {
        let file = late(&format!("now {PROMISED}"));
        assert_eq!((file.length(), file.digest()), (PROMISED.len() as u32, Digest::of(PROMISED.as_bytes())));
        assert!(!file.is_read() && !file.is_changed());
        assert_eq!(file.place(4), Place { line: 2, column: 3, offset: 4 });
        assert!(file.is_read() && !file.is_changed());
        assert_eq!(file.text(), PROMISED.as_bytes());

        let given = SourceFile::new("f", PROMISED);
        assert!(given.is_read() && !given.is_changed());
        assert_eq!((given.length(), given.digest()), (file.length(), file.digest()));
        assert!(SourceFile::default().is_read() && SourceFile::default().text().is_empty());
    }

    #[test]
    fn a_file_that_has_changed_is_empty_and_said_to_be() {
        let other = format!("now {}", PROMISED.replace('1', "2"));
        for name in ["gone", "now ", "now {", other.as_str()] {
            let mut sources = Sources::new();
            sources.add_file("before", "[]");
            let digest = Digest::of(PROMISED.as_bytes());
            let load = late(name).promise.unwrap().load;
            sources.files.push(SourceFile::unread(name, PROMISED.len() as u32, digest, load).at("in/it.dct"));
            let id = SourceId(1);
            assert_eq!(sources.file(id).notation, Notation::Dictum);
            sources.add(PolicyType::Identity, "p", id, sources.whole(id));
            assert!(sources.changed().is_none());
            assert_eq!(sources.text(&sources.identity.as_ref().unwrap()[0]), b"");
            let file = sources.changed().unwrap();
            assert_eq!((file.path.as_str(), file.name.as_str()), ("in/it.dct", name));
            assert_eq!(file.place(5), Place { line: 1, column: 1, offset: 0 });
            assert_eq!([file.line_range(1), file.line_range(2)], [0..0, 0..0]);
            assert!(file.is_read() && file.text().is_empty());
            assert_eq!((file.length(), file.digest()), (PROMISED.len() as u32, digest));
        }
    }
}
