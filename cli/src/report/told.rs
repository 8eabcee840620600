//! What one run has told already.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::source::Sources;

/// The findings of a run, by their places: what is wrong with a file that others import is told once, whoever comes by it
/// and however its path is spelled there.
#[derive(Default)]
pub struct Told {
    findings: HashSet<(PathBuf, u32, u32, &'static str, String)>,
    /// The files by their names, links and dots resolved.
    paths: HashMap<String, PathBuf>,
}

impl Told {
    /// Whether nothing has been told of it yet; from now on it has.
    pub fn is_new(&mut self, diagnostic: &Diagnostic, sources: &Sources) -> bool {
        let (span, name) = (diagnostic.span, &sources.file(diagnostic.span.source).name);
        let path = match self.paths.get(name) {
            Some(path) => path.clone(),
            None => {
                let path = Path::new(name).canonicalize().unwrap_or_else(|_| name.into());
                self.paths.insert(name.clone(), path.clone());
                path
            }
        };
        let code = diagnostic.code.name();
        self.findings.insert((path, span.start, span.end, code, diagnostic.message.clone()))
    }
}
