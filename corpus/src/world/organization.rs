//! Random organizations with requests to them, for two engines to be compared on. One on which they differ prints its files
//! and requests, ready for a folder of the corpus.

use std::fmt;

use dictum_compiler::source::Sources;

use super::caller;
use super::dice::Dice;
use super::tree;
use crate::directory::Organization;

/// A native tree, and what is asked of it.
#[derive(Clone, Debug)]
pub struct OrganizationWorld {
    /// Tells it from other worlds, and says how to make it again.
    pub id: String,
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
    /// The JSON texts of requests.
    pub requests: Vec<String>,
}

impl OrganizationWorld {
    /// The world of a seed, with so many requests.
    pub fn from_seed(seed: u64, requests: usize) -> OrganizationWorld {
        let mut dice = Dice::new(seed);
        let tree = tree::tree(&mut dice);
        let requests = (0..requests).map(|_| caller::request(&mut dice, &tree)).collect();
        OrganizationWorld { id: format!("organization-{seed}"), files: tree.files, requests }
    }

    /// The organization that its files are.
    pub fn organization(&self) -> Organization {
        let mut sources = Sources::new();
        for (path, text) in &self.files {
            sources.add_file(path, text.as_str());
        }
        Organization::of(sources)
    }
}

impl fmt::Display for OrganizationWorld {
    /// Each file behind a line with its path, then a case for each request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, text) in &self.files {
            writeln!(f, "--- {}/{path}\n{}", self.id, text.trim_end())?;
        }
        for (at, request) in self.requests.iter().enumerate() {
            writeln!(f, "--- case\n{{\"id\":\"{0}-{at}\",\"organization\":\"{0}\",\"request\":{request}}}", self.id)?;
        }
        Ok(())
    }
}
