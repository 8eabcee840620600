//! Where a cache lies if nobody says otherwise, and whether it may be believed there.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

/// The user's own place for what programs keep, if the environment tells one.
pub fn usual() -> Option<PathBuf> {
    let folder = |name: &str, inside: &[&str]| {
        let folder = PathBuf::from(env::var_os(name)?);
        folder.is_absolute().then(|| inside.iter().fold(folder, |folder, name| folder.join(name)))
    };
    if cfg!(windows) {
        return folder("LOCALAPPDATA", &["dictum", "cache"]);
    }
    folder("XDG_CACHE_HOME", &["dictum"]).or_else(|| folder("HOME", &[".cache", "dictum"]))
}

/// Makes a folder and those above it, for nobody but the user.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Whether only the user can write into a folder: whoever else could would decide what is compiled. Where a system tells of no
/// owners, its place for the user's files is believed.
#[cfg(unix)]
pub fn is_own(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(folder)?;
    if metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("others may write there"));
    }
    // What this process makes has this process's owner.
    let probe = folder.join(super::temporary(OsStr::new("owner")));
    let made = super::make_file(&probe)?.metadata();
    let _ = fs::remove_file(&probe);
    match made?.uid() == metadata.uid() {
        true => Ok(()),
        false => Err(io::Error::other("it belongs to somebody else")),
    }
}

/// As above.
#[cfg(not(unix))]
pub fn is_own(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(|_| ())
}
