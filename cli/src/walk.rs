//! The files below a path that may hold what a command reads.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What one run has come by: each file is read once, however many paths lead there, and a folder is entered once, so
/// that links cannot lead in a circle.
pub struct Seen {
    paths: HashSet<PathBuf>,
    /// Whether a path led to something that had been seen.
    pub had_repeats: bool,
}

impl Seen {
    /// Nothing but a file that has another role, if there is one.
    pub fn new(other: Option<&Path>) -> Seen {
        let paths = other.and_then(|path| path.canonicalize().ok()).into_iter().collect();
        Seen { paths, had_repeats: false }
    }

    fn is_new(&mut self, path: &Path) -> io::Result<bool> {
        let is_new = self.paths.insert(path.canonicalize()?);
        self.had_repeats |= !is_new;
        Ok(is_new)
    }
}

/// A file as it is, whatever it is called; the files below a folder whose names end in one of `ends`, sorted.
///
/// # Errors
/// The first path that cannot be read.
pub fn files(path: &Path, ends: &[&str], seen: &mut Seen) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    let is_folder = fs::metadata(path).map_err(|error| (path.to_owned(), error))?.is_dir();
    match is_folder {
        true => below(path, ends, seen, &mut found)?,
        false if seen.is_new(path).map_err(|error| (path.to_owned(), error))? => found.push(path.to_owned()),
        false => {}
    }
    Ok(found)
}

fn below(folder: &Path, ends: &[&str], seen: &mut Seen, found: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let fail = |error| (folder.to_owned(), error);
    if !seen.is_new(folder).map_err(fail)? {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(fail)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(fail)?;
    paths.sort();
    for path in paths {
        // A link that leads nowhere matters only where its name says that it is one of them.
        let is_wanted = ends.iter().any(|end| path.to_string_lossy().ends_with(end));
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => below(&path, ends, seen, found)?,
            Ok(_) if !is_wanted => {}
            Ok(_) => {
                if seen.is_new(&path).map_err(|error| (path.clone(), error))? {
                    found.push(path);
                }
            }
            Err(_) if !is_wanted => {}
            Err(error) => return Err((path, error)),
        }
    }
    Ok(())
}
