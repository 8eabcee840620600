//! Folders of sources, read whole: for organizations, whose files name one another.

use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use dictum_compiler::cache::{Cache, NoCache};
use dictum_compiler::digest::{Digest, Digester};
use dictum_compiler::source::{SourceFile, Sources};

mod table;

use table::{New, Old, Stat};

/// Folders in one another: a tree of sources has six.
const DEPTH_MAX: usize = 32;
/// The depth at which every folder is walked by itself, with a table of its own: in a tree of sources those of accounts. So
/// a changed file makes one small table another one.
const DEPTH_ALONE: usize = 2;
/// More threads than this only wait for the file system.
const THREADS_MAX: usize = 8;
/// Names this form of table in the keys of a cache; another form has another name.
const TABLE: &[u8] = b"dictum folder table 1";

/// What cannot be read, and why.
type Fault = (PathBuf, io::Error);

/// Every file below a folder, by its path in it, in the order of the paths. Files and folders whose names begin with a dot
/// are left out, as an editor's or git's. A link to a folder is entered like a folder, as deep as folders may lie.
///
/// # Errors
/// The first path that cannot be read, that is no regular file or whose name is no UTF-8, or that lies too deep.
pub fn read(folder: &Path) -> Result<Sources, (PathBuf, io::Error)> {
    read_with(folder, &mut NoCache)
}

/// The same, with what the cache has of an earlier time: a file that the system says is still what it was is not opened, and
/// is [read](SourceFile::unread) when its text is first asked for. What is seen now is put into the cache for the next time.
///
/// Files are told by size, dates, inode and device. One that was changed within the last two seconds, or in the future, is
/// read again the next time: a later change might leave the same dates.
///
/// # Errors
/// As [`read`]; in addition, nothing is put then.
pub fn read_with(folder: &Path, cache: &mut dyn Cache) -> Result<Sources, (PathBuf, io::Error)> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
    let now = now.and_then(|now| i64::try_from(now.as_nanos()).ok());
    read_at(folder, cache, now.unwrap_or_default())
}

/// The same at a time, in nanoseconds since 1970.
fn read_at(folder: &Path, cache: &mut dyn Cache, now: i64) -> Result<Sources, Fault> {
    // A file is read late by its name, which for other paths is not what the system calls it.
    let is_kept = cache.keeps() && folder.to_str().is_some();
    let real = if is_kept { folder.canonicalize().ok() } else { None };
    let key = |inside: &str| real.as_ref().map(|real| key(real, inside));

    let key_of_top = key("");
    let name = folder.join("").to_string_lossy().into_owned();
    let old = key_of_top.as_ref().map(|key| cache.get(key).unwrap_or_default());
    let mut top = Walk::new(String::new(), name, old, now);
    top.alone = Some(Vec::new());
    let top_result = top.below(folder, 0);
    let (mut files, top_table, alone) = (top.files, top.table, top.alone.unwrap_or_default());

    let keys: Vec<Option<Digest>> = alone.iter().map(|part| key(&part.inside)).collect();
    let olds = keys.iter().map(|key| key.as_ref().map(|key| cache.get(key).unwrap_or_default()));
    let parts: Vec<(&Alone, Option<&[u8]>)> = alone.iter().zip(olds).collect();
    let walked = side_by_side(&parts, |&(part, old)| {
        let mut walk = Walk::new(part.inside.clone(), part.name.clone(), old, now);
        walk.below(&part.folder, DEPTH_ALONE).map(|()| (walk.files, walk.table))
    });

    // In the order of the paths: what the walk at the top met lies before and behind what was walked alone.
    let mut sources = Sources::new();
    let of_parts: usize = walked.iter().flatten().map(|(files, _)| files.len()).sum();
    sources.files.reserve_exact(files.len() + of_parts);
    let mut tables = vec![(key_of_top, top_table)];
    let mut rest = files.drain(..);
    let mut taken = 0;
    for ((part, key), walked) in alone.iter().zip(keys).zip(walked) {
        sources.files.extend(rest.by_ref().take(part.at - taken));
        taken = part.at;
        let (files, table) = walked?;
        sources.files.extend(files);
        tables.push((key, table));
    }
    top_result?;
    sources.files.extend(rest);
    for (key, table) in tables {
        let Some((key, table)) = key.zip(table) else { continue };
        let table = table.finish();
        if table.as_deref() != cache.get(&key).filter(|old| !old.is_empty()) {
            cache.put(key, table.unwrap_or_default());
        }
    }
    Ok(sources)
}

/// The key of the table of a folder inside another.
fn key(real: &Path, inside: &str) -> Digest {
    let mut digester = Digester::new();
    digester.bytes(TABLE).bytes(real.as_os_str().as_encoded_bytes()).bytes(inside.as_bytes());
    digester.finish()
}

/// Does a thing for each part, on several threads, and gives back what came of them in their order.
fn side_by_side<T: Sync, R: Send>(parts: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(parts.len()));
    let work = || {
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(part) = parts.get(at)
        {
            let result = run(part);
            done.lock().unwrap_or_else(|it| it.into_inner()).push((at, result));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(parts.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no more threads, fewer do it all.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(|it| it.into_inner());
    done.sort_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A folder that is walked by itself.
struct Alone {
    folder: PathBuf,
    inside: String,
    name: String,
    /// How many files the walk had met before it.
    at: usize,
}

/// One walk through folders and what came of it.
struct Walk<'a> {
    /// The folder where the walk is, in the tree and as messages name it; both end with what parts names, unless they are
    /// empty.
    inside: String,
    name: String,
    old: Old<'a>,
    /// What is to be remembered, if anything is.
    table: Option<New>,
    files: Vec<SourceFile>,
    /// Where folders are to be walked alone, those that were met.
    alone: Option<Vec<Alone>>,
}

/// What an entry of a folder is.
enum What {
    Folder,
    File(Stat),
    Neither,
    Unknown(io::Error),
}

impl<'a> Walk<'a> {
    /// A walk with the table of an earlier one, which is empty where there was none; `None` where nothing is remembered.
    fn new(inside: String, name: String, old: Option<&'a [u8]>, now: i64) -> Walk<'a> {
        let table = old.map(|old| New::begun(now, old.len()));
        Walk { inside, name, old: Old::new(old.unwrap_or_default()), table, files: Vec::new(), alone: None }
    }

    fn below(&mut self, folder: &Path, depth: usize) -> Result<(), Fault> {
        let fail = |error| (folder.to_owned(), error);
        if depth > DEPTH_MAX {
            return Err(fail(io::Error::other(format!("folders in one another, more than {DEPTH_MAX}"))));
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with('.')) {
                continue;
            }
            // Asked now, while the folder is open: that takes one look-up of one name.
            entries.push((name, what(&entry)));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let (inside, name) = (self.inside.len(), self.name.len());
        for (own, what) in entries {
            let Some(own) = own.to_str() else {
                return Err((folder.join(own), io::Error::other("the name is not UTF-8")));
            };
            self.inside.push_str(own);
            self.name.push_str(own);
            match what {
                What::Folder => self.folder(&folder.join(own), depth + 1)?,
                What::File(stat) => self.file(|| folder.join(own), &stat)?,
                What::Neither => return Err((folder.join(own), io::Error::other("neither a file nor a folder"))),
                What::Unknown(error) => return Err((folder.join(own), error)),
            }
            self.inside.truncate(inside);
            self.name.truncate(name);
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), Fault> {
        self.inside.push('/');
        self.name.push(MAIN_SEPARATOR);
        match &mut self.alone {
            Some(alone) if depth == DEPTH_ALONE => {
                let (inside, name) = (self.inside.clone(), self.name.clone());
                alone.push(Alone { folder: folder.to_owned(), inside, name, at: self.files.len() });
                Ok(())
            }
            _ => self.below(folder, depth),
        }
    }

    /// Takes the file in at which the walk is.
    fn file(&mut self, path: impl Fn() -> PathBuf, stat: &Stat) -> Result<(), Fault> {
        let Some(table) = &mut self.table else {
            let text = text(&path(), stat.size).map_err(|error| (path(), error))?;
            self.files.push(SourceFile::new(&*self.name, text).at(&self.inside));
            return Ok(());
        };
        let file = match (self.old.find(&self.inside, stat), u32::try_from(stat.size)) {
            (Some(digest), Ok(length)) => SourceFile::unread(&*self.name, length, digest, |name| fs::read(name)),
            _ => SourceFile::new(&*self.name, text(&path(), stat.size).map_err(|error| (path(), error))?),
        };
        table.add(&self.inside, stat, file.digest());
        self.files.push(file.at(&self.inside));
        Ok(())
    }
}

/// Links are followed.
fn what(entry: &DirEntry) -> What {
    let kind = match entry.file_type() {
        Ok(kind) if kind.is_dir() => return What::Folder,
        Ok(kind) => kind,
        Err(error) => return What::Unknown(error),
    };
    let metadata = match kind.is_file() {
        true => match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return What::Unknown(error),
        },
        false => match fs::metadata(entry.path()) {
            Ok(metadata) => metadata,
            Err(_) => return What::Neither,
        },
    };
    match metadata.is_dir() {
        true => What::Folder,
        false if metadata.is_file() => What::File(Stat::of(&metadata)),
        false => What::Neither,
    }
}

/// The text of a file that was this long a moment ago.
fn text(path: &Path, size: u64) -> io::Result<Vec<u8>> {
    let too_long = || io::Error::other("the file has more than 4 GiB");
    let length = u32::try_from(size).map_err(|_| too_long())?;
    // Room behind the end, so that the read that finds the end needs no more of it.
    let mut text = Vec::new();
    text.try_reserve_exact((length as usize).saturating_add(64))?;
    File::open(path)?.take(u64::from(u32::MAX) + 1).read_to_end(&mut text)?;
    if u32::try_from(text.len()).is_err() {
        return Err(too_long());
    }
    text.shrink_to_fit();
    Ok(text)
}

#[cfg(test)]
mod tests;
