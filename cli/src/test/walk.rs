//! The files below a path that may hold cases.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Ends of names that are read below a folder; a file that is named itself may be called anything.
const ENDS: [&str; 3] = [".json", ".jsonl", ".jsonl.gz"];

/// What one run has come by: each file is read once, however many paths lead there, and a folder is entered once, so
/// that links cannot lead in a circle.
pub struct Seen {
    paths: HashSet<PathBuf>,
    /// Whether a path led to something that had been seen.
    pub had_repeats: bool,
}

impl Seen {
    /// Nothing but the list of exceptions, which is no file of cases.
    pub fn new(exceptions: Option<&Path>) -> Seen {
        let paths = exceptions.and_then(|path| path.canonicalize().ok()).into_iter().collect();
        Seen { paths, had_repeats: false }
    }

    fn is_new(&mut self, path: &Path) -> io::Result<bool> {
        let is_new = self.paths.insert(path.canonicalize()?);
        self.had_repeats |= !is_new;
        Ok(is_new)
    }
}

/// A file as it is; the files below a folder, sorted.
///
/// # Errors
/// The first path that cannot be read.
pub fn files(path: &Path, seen: &mut Seen) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    let is_folder = fs::metadata(path).map_err(|error| (path.to_owned(), error))?.is_dir();
    match is_folder {
        true => below(path, seen, &mut found)?,
        false if seen.is_new(path).map_err(|error| (path.to_owned(), error))? => found.push(path.to_owned()),
        false => {}
    }
    Ok(found)
}

fn below(folder: &Path, seen: &mut Seen, found: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let fail = |error| (folder.to_owned(), error);
    if !seen.is_new(folder).map_err(fail)? {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(fail)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(fail)?;
    paths.sort();
    for path in paths {
        // A link that leads nowhere matters only where its name says that cases are there.
        let is_cases = ENDS.iter().any(|end| path.to_string_lossy().ends_with(end));
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => below(&path, seen, found)?,
            Ok(_) if !is_cases => {}
            Ok(_) => {
                if seen.is_new(&path).map_err(|error| (path.clone(), error))? {
                    found.push(path);
                }
            }
            Err(_) if !is_cases => {}
            Err(error) => return Err((path, error)),
        }
    }
    Ok(())
}
