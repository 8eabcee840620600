//! What a command reads: files, standard input as `-`, policies and bundles.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::ValueEnum;
use dictum_compiler::source::{PolicyType, Sources};
use dictum_corpus::set::{self, Kind, SetFault};
use dictum_vm::Bundle;

use crate::exit::{Failure, Fault};

/// Most bytes of one file: places in it are 32-bit numbers.
const FILE_BYTES_MAX: u64 = u32::MAX as u64;

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

/// The name of a policy type, as `--type` spells it.
pub fn type_name(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::Identity => "identity",
        PolicyType::Resource => "resource",
        PolicyType::Trust => "trust",
        PolicyType::Boundary => "boundary",
        PolicyType::Session => "session",
        PolicyType::Scp => "scp",
        PolicyType::Rcp => "rcp",
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
    match bytes.len() as u64 {
        0 => Err(Fault::new("E-FILE", path, "the file is empty").into()),
        1..=FILE_BYTES_MAX => Ok(bytes),
        _ => Err(Fault::new("E-FILE", path, "the file has more than 4 GiB").into()),
    }
}

/// Reads and verifies a bundle.
pub fn bundle(path: &Path) -> Result<Bundle<Vec<u8>>, Failure> {
    let bytes = read(path)?;
    let is_text = matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['));
    Bundle::from_bytes(bytes).map_err(|error| {
        let advice = if is_text { "; it looks like JSON: `dictum compile` makes a bundle of it" } else { "" };
        Fault::new("E-BUNDLE", path, format!("{error}{advice}")).into()
    })
}

/// The policies of a file: a set, or one document.
pub struct Policies {
    /// As the compiler takes them.
    pub sources: Sources,
    /// The type of the one document; `None` for a set.
    pub policy_type: Option<PolicyType>,
}

/// Reads a file of policies. With a type it is one document of that type, whatever it looks like; `empty` is what an
/// object without members is taken for.
pub fn policies(path: &Path, policy_type: Option<TypeName>, empty: Kind) -> Result<Policies, Failure> {
    let text = read(path)?;
    let name = if is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() };
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
            let sources = set::document(&name, &policy, text, policy_type.map(PolicyType::from));
            let policy_type = sources.documents().next().map(|document| document.policy_type);
            Ok(Policies { sources, policy_type })
        }
    }
}

fn set_of(path: &Path, name: &str, text: Vec<u8>) -> Result<Policies, Failure> {
    let folder = match path.parent() {
        _ if is_standard_input(path) => None,
        Some(folder) if folder.as_os_str().is_empty() => Some(Path::new(".")),
        folder => folder,
    };
    match set::set(name, text, folder) {
        Ok(sources) => Ok(Policies { sources, policy_type: None }),
        Err(SetFault::Shape(fault)) => Err(Fault::new("E-CASE", Path::new(name), fault).into()),
        Err(SetFault::Json(errors, sources)) => Err(Failure::diagnosed(errors, *sources)),
    }
}
