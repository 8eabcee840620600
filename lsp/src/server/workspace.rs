//! The files of the workspace, as the disk has them.

use std::fs;
use std::path::{Path, PathBuf};

/// Most entries of folders that are looked at for one answer.
const ENTRIES_MAX: usize = 200_000;

/// Every `.dct` file in a folder, and in the folders below it if `is_deep`, in order. Links to folders are not followed, and
/// what git keeps for itself is passed over.
///
/// # Errors
/// The folder that cannot be read, or that there is too much, as a message.
pub fn files(folder: &Path, is_deep: bool) -> Result<Vec<PathBuf>, String> {
    let (mut found, mut folders, mut left) = (Vec::new(), vec![folder.to_owned()], ENTRIES_MAX);
    while let Some(folder) = folders.pop() {
        let fail = |fault: std::io::Error| format!("`{}` cannot be read: {fault}", folder.display());
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            left = left.checked_sub(1).ok_or_else(|| format!("the workspace has more than {ENTRIES_MAX} files"))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(fail)?);
            if kind.is_dir() {
                folders.extend((is_deep && entry.file_name() != ".git").then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "dct") && !path.is_dir() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
