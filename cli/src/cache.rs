//! What compilations of organizations keep on the disk for the next one.
//!
//! ```text
//! place / tree / packs        a tree: the digest of the path of what is compiled
//! ```
//!
//! Packs are never changed, and removed only by those who have read them and written what was worth keeping anew. So several
//! commands may read and write at once, and at worst make something twice. Nothing here can make a command fail.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use dictum_compiler::Digest;
use dictum_compiler::cache::Cache;
use dictum_compiler::digest::Digester;

mod pack;
mod place;

use pack::{Pack, Unread};

/// More packs of one tree than these are made one.
const PACKS_MAX: usize = 8;
/// How names of packs end; they begin with the time of writing.
const PACK: &str = ".pack";
/// How names of files end that are being written.
const PARTIAL: &str = ".partial";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What was not used for so long is not used any more.
const TREE_AGE_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The values of one tree, as they lay on the disk, and those that have come since.
pub struct DiskCache {
    place: PathBuf,
    tree: PathBuf,
    /// From the oldest to the newest.
    packs: Vec<(PathBuf, Pack)>,
    broken: Vec<PathBuf>,
    found: HashMap<Digest, Found, ByDigest>,
    put: Vec<(Digest, Vec<u8>)>,
    place_of_put: HashMap<Digest, usize, ByDigest>,
}

/// A value on the disk.
struct Found {
    pack: usize,
    range: Range<usize>,
    /// Whether this run has asked for it or made it again.
    is_used: AtomicBool,
}

/// Digests are hashes already.
type ByDigest = BuildHasherDefault<DigestHasher>;

#[derive(Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length of a digest is that of any other.
    fn write_usize(&mut self, _: usize) {}
}

impl Cache for DiskCache {
    fn get(&self, key: &Digest) -> Option<&[u8]> {
        if let Some(&at) = self.place_of_put.get(key) {
            return self.put.get(at).map(|(_, value)| value.as_slice());
        }
        let found = self.found.get(key)?;
        found.is_used.store(true, Ordering::Relaxed);
        Some(self.value(found))
    }

    fn put(&mut self, key: Digest, value: Vec<u8>) {
        if let Some(&at) = self.place_of_put.get(&key) {
            self.put[at].1 = value;
            return;
        }
        match self.found.get(&key) {
            Some(found) if self.value(found) == value => found.is_used.store(true, Ordering::Relaxed),
            _ => {
                self.place_of_put.insert(key, self.put.len());
                self.put.push((key, value));
            }
        }
    }
}

impl DiskCache {
    /// Reads what is kept of a file or folder: in the folder that is given, else in the user's own place. `None` where there is
    /// no such place, or the file or folder is not there.
    ///
    /// # Errors
    /// Where the user's own place cannot be made, or others may write there.
    pub fn open(given: Option<&Path>, of: &Path) -> io::Result<Option<DiskCache>> {
        let place = match given {
            Some(given) => given.to_owned(),
            None => match place::usual() {
                Some(usual) => own(&usual)?,
                None => return Ok(None),
            },
        };
        Ok(of.canonicalize().ok().map(|real| DiskCache::read(place, &real)))
    }

    fn read(place: PathBuf, real: &Path) -> DiskCache {
        let name = Digester::new().bytes(real.as_os_str().as_encoded_bytes()).finish();
        let tree = place.join(name.to_string());
        let (mut packs, mut broken) = (Vec::new(), Vec::new());
        for path in files(&tree, PACK) {
            match Pack::read(&path) {
                Ok(pack) => packs.push((path, pack)),
                Err(Unread::Broken) => broken.push(path),
                Err(Unread::Absent) => {}
            }
        }
        let mut found = HashMap::default();
        for (at, (_, pack)) in packs.iter().enumerate() {
            let entries = pack.entries();
            found.reserve(entries.size_hint().1.unwrap_or_default());
            found.extend(entries.map(|(key, range)| (key, Found { pack: at, range, is_used: AtomicBool::new(false) })));
        }
        DiskCache { place, tree, packs, broken, found, put: Vec::new(), place_of_put: HashMap::default() }
    }

    fn value(&self, found: &Found) -> &[u8] {
        self.packs[found.pack].1.value(found.range.clone())
    }

    /// Writes what has come, if anything has. Where that would be one pack too many, or most of what there is was not asked
    /// for, all that is worth keeping is written anew and the rest forgotten. `is_whole`: whether this run has asked for all
    /// that there is to ask for; if not, everything is worth keeping.
    ///
    /// # Errors
    /// Where it cannot be written. What was there before is then still there.
    pub fn save(self, is_whole: bool) -> io::Result<()> {
        self.broken.iter().for_each(|path| _ = fs::remove_file(path));
        if self.put.is_empty() {
            self.mark_as_used();
            return Ok(());
        }
        let is_live = |key: &Digest, found: &Found| {
            (!is_whole || found.is_used.load(Ordering::Relaxed)) && !self.place_of_put.contains_key(key)
        };
        let put: usize = self.put.iter().map(|(_, value)| pack::size(value.len())).sum();
        let live = self.found.iter().filter(|(key, found)| is_live(key, found));
        let live: usize = live.map(|(_, found)| pack::size(found.range.len())).sum();
        let there: usize = self.packs.iter().map(|(_, pack)| pack.size()).sum();
        let dead = there.saturating_sub(live);
        let is_anew = self.packs.len() >= PACKS_MAX || dead > (there + put) / 2;

        let mut entries: Vec<(Digest, &[u8])> = Vec::new();
        if is_anew {
            let mut kept: Vec<_> = self.found.iter().filter(|(key, found)| is_live(key, found)).collect();
            kept.sort_by_key(|(_, found)| (found.pack, found.range.start));
            entries.extend(kept.into_iter().map(|(key, found)| (*key, self.value(found))));
        }
        entries.extend(self.put.iter().map(|(key, value)| (*key, value.as_slice())));

        place::make(&self.tree)?;
        let now = SystemTime::now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let name = format!("{since:020}-{}{PACK}", unique());
        let partial = self.tree.join(temporary(OsStr::new(&name)));
        let written = make_file(&partial)
            .and_then(|mut file| pack::write(&mut file, &entries))
            .and_then(|()| fs::rename(&partial, self.tree.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&partial);
            return written;
        }
        if is_anew {
            self.packs.iter().for_each(|(path, _)| _ = fs::remove_file(path));
        }
        sweep(&self.tree, now);
        self.forget_old_trees(now);
        Ok(())
    }

    /// Removes what was read: something in it was not true.
    pub fn discard(self) {
        self.broken.iter().for_each(|path| _ = fs::remove_file(path));
        self.packs.iter().for_each(|(path, _)| _ = fs::remove_file(path));
    }

    /// Dates the newest pack anew, once a day, so that a tree that never changes is not taken for one that nobody compiles.
    fn mark_as_used(&self) {
        if let Some((path, _)) = self.packs.last()
            && age(path, SystemTime::now()).is_some_and(|age| age > DAY)
        {
            let _ = OpenOptions::new().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
        }
    }

    /// Removes trees that have not been compiled for long. Whatever else lies in the place stays.
    fn forget_old_trees(&self, now: SystemTime) {
        for entry in fs::read_dir(&self.place).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_tree = name.len() == 64 && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit);
            if !is_tree || path == self.tree || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let packs = files(&path, PACK);
            let is_old = |path: &PathBuf| age(path, now).is_some_and(|age| age > TREE_AGE_MAX);
            // The folder too: somebody may just have made it.
            if is_old(&path) && packs.iter().all(is_old) {
                packs.iter().for_each(|pack| _ = fs::remove_file(pack));
                sweep(&path, now);
                // Only if nothing else is there.
                let _ = fs::remove_dir(&path);
            }
        }
    }
}

/// The user's own place, made and looked at.
fn own(place: &Path) -> io::Result<PathBuf> {
    let fail = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", place.display()));
    place::make(place).and_then(|()| place::is_own(place)).map_err(fail)?;
    Ok(place.to_owned())
}

/// Removes what others began to write long ago and never finished.
fn sweep(tree: &Path, now: SystemTime) {
    let old = |path: &PathBuf| age(path, now).is_some_and(|age| age > DAY);
    files(tree, PARTIAL).iter().filter(|path| old(path)).for_each(|path| _ = fs::remove_file(path));
}

/// The files of a folder whose names end so, by name; none where it cannot be read.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

/// How long ago a file was written.
fn age(path: &Path, now: SystemTime) -> Option<Duration> {
    now.duration_since(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// What no other writer has in a name.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The name of a file while it is being written.
fn temporary(name: &OsStr) -> OsString {
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!("-{}{PARTIAL}", unique()));
    temporary
}

/// A new file that nobody but the user may read.
fn make_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests;
