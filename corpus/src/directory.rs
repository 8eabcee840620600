//! Organizations that cases are decided in: a native tree (docs/organization.md), read once and compiled once.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use bumpalo::Bump;
use dictum_compiler::directory::model::Directory;
use dictum_compiler::directory::native;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Notation, Sources};
use dictum_compiler::{Diagnostics, Options, compile_directory, print};
use dictum_vm::Bundle;

use crate::tree::SourceTree;

/// The file that makes a folder a native tree.
pub const MARKER: &str = "dictum.toml";

/// Entities and their policies, as read.
pub struct Organization {
    sources: Sources,
    directory: Directory,
    /// What is wrong with the tree itself.
    faults: Diagnostics,
    compiled: OnceLock<Result<Bundle<Vec<u8>>, Diagnostics>>,
    texts: OnceLock<Vec<Vec<u8>>>,
}

impl fmt::Debug for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Organization").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Organization {
    /// Reads the tree in a folder. What is wrong with what its files say comes out when it is compiled.
    ///
    /// # Errors
    /// The folder, or a file in it, cannot be read.
    pub fn read(folder: &Path) -> io::Result<Organization> {
        let mut sources = Sources::new();
        SourceTree::new(folder).add_all(&mut sources)?;
        Ok(Organization::of(sources))
    }

    /// The organization that files are, by their paths in the tree.
    pub fn of(mut sources: Sources) -> Organization {
        let (directory, faults) = native::read(&mut sources, "");
        let faults = Diagnostics(faults);
        Organization { sources, directory, faults, compiled: OnceLock::new(), texts: OnceLock::new() }
    }

    /// The entities as their files have them: the vendor's full-access guardrails are added only for the compiler.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The bundle, compiled when first asked for.
    ///
    /// # Errors
    /// What is wrong with the tree, its entities or policies, and the warnings.
    ///
    /// # Panics
    /// Where the compiler's bundle does not load: a fault of ours.
    pub fn bundle(&self) -> Result<&Bundle<Vec<u8>>, &Diagnostics> {
        self.compiled.get_or_init(|| self.compile().map_err(|told| told.0)).as_ref()
    }

    /// The same, compiled anew.
    ///
    /// # Errors
    /// As [`bundle`](Organization::bundle), with the sources that places are in.
    ///
    /// # Panics
    /// As [`bundle`](Organization::bundle).
    pub fn compile(&self) -> Result<Bundle<Vec<u8>>, Box<(Diagnostics, Sources)>> {
        let (mut sources, mut directory) = (self.sources.clone(), self.directory.clone());
        if self.faults.0.iter().any(|fault| fault.is_error()) {
            return Err(Box::new((self.faults.clone(), sources)));
        }
        match compile_directory(&mut sources, &mut directory, &Options::default()) {
            Ok(compiled) => Ok(Bundle::from_bytes(compiled.bundle)
                .unwrap_or_else(|error| panic!("the compiler's bundle does not load: {error}"))),
            Err(found) => Err(Box::new((found, sources))),
        }
    }

    /// The JSON of each document, in their order.
    ///
    /// # Panics
    /// Where a document in the Dictum language is not valid: ask [`bundle`](Organization::bundle) first.
    pub fn texts(&self) -> &[Vec<u8>] {
        self.texts.get_or_init(|| {
            let shared = Bump::new();
            let mut reader = Reader::new(&self.sources, &shared);
            let text = |document: &dictum_compiler::source::Document| {
                if self.sources.file(document.source).notation == Notation::Json {
                    return self.sources.text(document).to_vec();
                }
                let arena = Bump::new();
                let (tree, _) = reader.read(document, &arena);
                let json = tree.and_then(|tree| print::json(&tree, print::Shape::Exact, print::Spacing::Minified));
                json.expect("a valid policy has a JSON form").into_bytes()
            };
            self.directory.documents.iter().map(text).collect()
        })
    }
}
