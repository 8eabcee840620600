//! Organizations as commands read them: a folder with a native tree, or exports of AWS.

use std::path::Path;

use dictum_compiler::diagnostic::{Diagnostic, Diagnostics};
use dictum_compiler::directory::model::Directory;
use dictum_compiler::directory::native;
use dictum_compiler::source::Sources;
use dictum_corpus::folder;

use crate::exit::{Failure, Fault};

/// Entities and their policies, read but not yet checked.
pub struct Organization {
    /// The texts.
    pub sources: Sources,
    /// The entities.
    pub directory: Directory,
    /// What was remarked on the way; no error is among it.
    pub warnings: Vec<Diagnostic>,
}

/// Reads an organization from a folder.
pub fn read(path: &Path) -> Result<Organization, Failure> {
    let mut sources = folder::read(path).map_err(|(path, error)| Fault::io(&path, &error))?;
    let (directory, found) = native::read(&mut sources, "");
    if found.iter().any(Diagnostic::is_error) {
        return Err(Failure::diagnosed(Diagnostics(found), sources));
    }
    Ok(Organization { sources, directory, warnings: found })
}
