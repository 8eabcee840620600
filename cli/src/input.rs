//! What a command reads: files, standard input as `-`, policies and bundles.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bumpalo::Bump;
use clap::ValueEnum;
use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::expand::policies_of;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, Notation, PolicyType, SourceId, Sources};
use dictum_compiler::testing;
use dictum_corpus::set::{self, Kind, SetFault};
use dictum_corpus::tree::SourceTree;
use dictum_vm::Bundle;

use crate::exit::{Failure, Fault};

/// Most bytes of one file: places in it are 32-bit numbers.
pub const FILE_BYTES_MAX: u64 = u32::MAX as u64;

/// A type of policy, as `--type` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TypeName {
    Identity,
    Resource,
    Trust,
    Boundary,
    Session,
    Scp,
    Rcp,
}

impl From<TypeName> for PolicyType {
    fn from(name: TypeName) -> PolicyType {
        match name {
            TypeName::Identity => PolicyType::Identity,
            TypeName::Resource => PolicyType::Resource,
            TypeName::Trust => PolicyType::Trust,
            TypeName::Boundary => PolicyType::Boundary,
            TypeName::Session => PolicyType::Session,
            TypeName::Scp => PolicyType::Scp,
            TypeName::Rcp => PolicyType::Rcp,
        }
    }
}

/// What a text is written in, as `--from` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NotationName {
    /// The Dictum language
    Dct,
    /// JSON
    Json,
}

impl From<NotationName> for Notation {
    fn from(name: NotationName) -> Notation {
        match name {
            NotationName::Dct => Notation::Dictum,
            NotationName::Json => Notation::Json,
        }
    }
}

/// The notation of a text that has no name to go by: what begins with a brace or a bracket is JSON.
pub fn looks_like(text: &[u8]) -> Notation {
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => Notation::Json,
        _ => Notation::Dictum,
    }
}

/// Whether this names standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Opens a file, or standard input for `-`.
pub fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if is_standard_input(path) {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| Fault::io(path, &error))?;
    match file.metadata() {
        Ok(there) if there.is_dir() => Err(Fault::new("E-FILE", path, "is a directory").into()),
        _ => Ok(Box::new(file)),
    }
}

/// The bytes of a file, or of standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| Fault::io(path, &error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Fault::new("E-FILE", path, "the file has more than 4 GiB").into());
    }
    match bytes.trim_ascii().is_empty() {
        true => Err(Fault::new("E-FILE", path, "the file is empty").into()),
        false => Ok(bytes),
    }
}

/// Reads and verifies a bundle.
pub fn bundle(path: &Path) -> Result<Bundle<Vec<u8>>, Failure> {
    let bytes = read(path)?;
    let is_json = matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['));
    let is_dictum = Notation::of(&path.to_string_lossy()) == Notation::Dictum;
    Bundle::from_bytes(bytes).map_err(|error| {
        let advice = match (is_json, is_dictum) {
            (_, true) => "; `dictum compile` makes a bundle of it",
            (true, _) => "; it looks like JSON: `dictum compile` makes a bundle of it",
            _ => "",
        };
        Fault::new(error.code(), path, format!("{error}{advice}")).into()
    })
}

/// The policies of a file: a set, or documents.
pub struct Policies {
    /// As the compiler takes them.
    pub sources: Sources,
    /// What the file holds.
    pub shape: Shape,
}

/// What a file of policies holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One document, of this type.
    Document(PolicyType),
    /// A set of policies in JSON.
    Set,
    /// Several policies in the Dictum language.
    Policies,
    /// Lets and conds only, in the Dictum language.
    Library,
}

/// Reads a file of policies. With a type it is one document of that type, whatever it looks like; `empty` is what an
/// object without members is taken for. Imports are looked for in the tree, or where there is none in the file's folder.
pub fn policies(
    path: &Path,
    policy_type: Option<TypeName>,
    empty: Kind,
    tree: Option<&SourceTree>,
) -> Result<Policies, Failure> {
    let text = read(path)?;
    let name = if is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() };
    if text.starts_with(&dictum_vm::bundle::MAGIC) {
        return Err(Fault::new("E-FILE", path, "is a bundle and no text; `dictum list` prints it").into());
    }
    let policy_type = policy_type.map(PolicyType::from);
    let is_language = match is_standard_input(path) {
        true => looks_like(&text) == Notation::Dictum,
        false => Notation::of(&name) == Notation::Dictum,
    };
    if is_language {
        return Ok(language(path, &name, text, policy_type, tree));
    }
    let kind = match set::kind(&text) {
        Kind::Empty => empty,
        kind => kind,
    };
    match kind {
        Kind::Set if policy_type.is_none() => set_of(path, &name, text),
        // Held to no document's size: it may have been meant as a set.
        Kind::Broken if policy_type.is_none() => {
            let mut sources = Sources::new();
            let file = sources.add_file(name, text);
            Err(Failure::diagnosed(set::faults(&sources, file), sources))
        }
        _ => {
            let stem = path.file_stem().filter(|_| !is_standard_input(path));
            let policy = stem.map_or_else(|| "policy".into(), |stem| stem.to_string_lossy());
            let sources = set::document(&name, &policy, text, policy_type);
            let policy_type = sources.documents().next().map_or(PolicyType::Identity, |document| document.policy_type);
            Ok(Policies { sources, shape: Shape::Document(policy_type) })
        }
    }
}

/// A file of the Dictum language with what it imports.
fn language(
    path: &Path,
    name: &str,
    text: Vec<u8>,
    policy_type: Option<PolicyType>,
    tree: Option<&SourceTree>,
) -> Policies {
    let sources = match is_standard_input(path) {
        true => from_standard_input(name, text, policy_type),
        false => {
            let own = SourceTree::new(path.parent().unwrap_or(Path::new("")));
            set::language(name, path, text, policy_type, tree.unwrap_or(&own))
        }
    };
    let mut documents = sources.documents();
    let shape = match (documents.next(), documents.next()) {
        (None, _) => Shape::Library,
        (Some(document), None) => Shape::Document(document.policy_type),
        _ => Shape::Policies,
    };
    drop(documents);
    Policies { sources, shape }
}

/// What standard input holds of the Dictum language: it stands in no folder, but is taken to be in the one that the command
/// runs in.
fn from_standard_input(name: &str, text: Vec<u8>, policy_type: Option<PolicyType>) -> Sources {
    let mut sources = Sources::new();
    let source = sources.add_file(name, text);
    sources.files[source.0 as usize].notation = Notation::Dictum;
    SourceTree::new(Path::new("")).complete(&mut sources);
    for document in policies_of(&sources, source, "policy", policy_type) {
        sources.add_document(document);
    }
    sources
}

/// What is wrong with the tests of the first of these sources, where that is a file of the Dictum language that can be read
/// and holds these policies.
pub fn errors_of_tests(sources: &Sources, own: &[Document]) -> Vec<Diagnostic> {
    let is_language = sources.files.first().is_some_and(|file| file.notation == Notation::Dictum);
    let arena = Bump::new();
    let mut reader = Reader::new(sources, &arena);
    if !is_language || reader.files().has_errors(SourceId(0)) {
        return Vec::new();
    }
    let found = testing::check(SourceId(0), own, sources, &mut reader).1;
    found.into_iter().filter(Diagnostic::is_error).collect()
}

fn set_of(path: &Path, name: &str, text: Vec<u8>) -> Result<Policies, Failure> {
    let folder = match path.parent() {
        _ if is_standard_input(path) => None,
        Some(folder) if folder.as_os_str().is_empty() => Some(Path::new(".")),
        folder => folder,
    };
    match set::set(name, text, folder) {
        Ok(sources) => Ok(Policies { sources, shape: Shape::Set }),
        Err(SetFault::Shape(fault)) => Err(Fault::new("E-CASE", Path::new(name), fault).into()),
        Err(SetFault::Json(errors, sources)) => Err(Failure::diagnosed(errors, *sources)),
    }
}
