//! Folders of sources, read whole: for organizations, whose files name one another.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use dictum_compiler::source::Sources;

/// Folders in one another: a tree of sources has six.
const DEPTH_MAX: usize = 32;

/// Every file below a folder, by its path in it, in the order of the paths. Files and folders whose names begin with a dot
/// are left out, as an editor's or git's. A link to a folder is entered like a folder, as deep as folders may lie.
///
/// # Errors
/// The first path that cannot be read, that is no regular file or whose name is no UTF-8, or that lies too deep.
pub fn read(folder: &Path) -> Result<Sources, (PathBuf, io::Error)> {
    let mut sources = Sources::new();
    below(folder, "", 0, &mut sources)?;
    Ok(sources)
}

fn below(folder: &Path, inside: &str, depth: usize, sources: &mut Sources) -> Result<(), (PathBuf, io::Error)> {
    let fail = |error| (folder.to_owned(), error);
    if depth > DEPTH_MAX {
        return Err(fail(io::Error::other(format!("folders in one another, more than {DEPTH_MAX}"))));
    }
    let entries = fs::read_dir(folder).map_err(fail)?;
    let mut entries: Vec<DirEntry> = entries.collect::<io::Result<_>>().map_err(fail)?;
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else { return Err((path, io::Error::other("the name is not UTF-8"))) };
        if name.starts_with('.') {
            continue;
        }
        let inside = if inside.is_empty() { name.to_owned() } else { format!("{inside}/{name}") };
        let kind = entry.file_type().map_err(|error| (path.clone(), error))?;
        let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
        if is_folder {
            below(&path, &inside, depth + 1, sources)?;
            continue;
        }
        if !kind.is_file() && !path.is_file() {
            return Err((path, io::Error::other("neither a file nor a folder")));
        }
        let text = fs::read(&path).map_err(|error| (path.clone(), error))?;
        if u32::try_from(text.len()).is_err() {
            return Err((path, io::Error::other("the file has more than 4 GiB")));
        }
        sources.add_file_at(path.to_string_lossy(), &inside, text);
    }
    Ok(())
}
