//! What is remembered of the files of a folder: what the system said of each, and the digest of its text.
//!
//! ```text
//! hash of the rest | path: bytes shared with the path before, bytes of its own, these | size, dates, inode, device | digest | …
//! ```
//!
//! Paths ascend in the order in which a folder is walked, so an old table is read beside the walk and never searched.

use std::cmp::Ordering;
use std::fs::Metadata;

use dictum_compiler::digest::Digest;
use dictum_vm::hash::hash;

/// Bytes of the hash at the head of a table.
const HEAD: usize = 8;
/// Of an entry, without its path.
const FIXED: usize = 4 + 8 + 8 + 8 + 8 + 32;

/// How long ago a file must have been changed for its dates to tell of a later change, in nanoseconds. Systems date changes by
/// clocks that tick, some once in two seconds; what changes twice within a tick has the same date twice.
const SETTLED: i64 = 2_000_000_000;

/// What the system says of a file that has not been opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// In bytes.
    pub size: u64,
    /// When its text was changed, in nanoseconds since 1970; `None` where that is no number of 64 bits.
    pub modified: Option<i64>,
    /// When anything of it was changed; no program can choose this one.
    pub changed: Option<i64>,
    /// The number of the file, which one that is put in its place does not share.
    pub inode: u64,
    /// The file system.
    pub device: u64,
}

impl Stat {
    /// What these metadata say.
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Stat {
        use std::os::unix::fs::MetadataExt;
        let date = |seconds: i64, rest: i64| seconds.checked_mul(1_000_000_000)?.checked_add(rest);
        Stat {
            size: metadata.len(),
            modified: date(metadata.mtime(), metadata.mtime_nsec()),
            changed: date(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// What these metadata say, where that is less.
    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Stat {
        let since = metadata.modified().ok().and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = since.and_then(|since| i64::try_from(since.as_nanos()).ok());
        Stat { size: metadata.len(), modified, changed: modified, inode: 0, device: 0 }
    }

    /// Whether a change after `now` would be seen. It is not of a file that was changed just now, or is said to have been
    /// changed in the future.
    fn is_settled(&self, now: i64) -> bool {
        let is_old = |date: Option<i64>| date.is_some_and(|date| date < now.saturating_sub(SETTLED));
        is_old(self.modified) && is_old(self.changed)
    }
}

/// The table of an earlier walk, read from its begin to its end.
pub struct Old<'a> {
    rest: &'a [u8],
    path: Vec<u8>,
    stat: Stat,
    digest: Digest,
    /// Whether an entry is there: the last one that was read.
    is_some: bool,
}

impl<'a> Old<'a> {
    /// Begins to read a table; one that is broken, or none, has no entries.
    pub fn new(table: &'a [u8]) -> Old<'a> {
        let whole = table.split_first_chunk::<HEAD>().filter(|(head, rest)| **head == hash(rest, 0).to_le_bytes());
        let stat = Stat { size: 0, modified: None, changed: None, inode: 0, device: 0 };
        let rest = whole.map_or(&[][..], |(_, rest)| rest);
        let mut old = Old { rest, path: Vec::new(), stat, digest: Digest([0; 32]), is_some: false };
        old.is_some = old.advance().is_some();
        old
    }

    /// The digest of the text of the file with this path, if it is still what it was. Paths must be asked for in the order
    /// of the walk.
    pub fn find(&mut self, path: &str, stat: &Stat) -> Option<Digest> {
        while self.is_some {
            match order(&self.path, path.as_bytes()) {
                Ordering::Less => self.is_some = self.advance().is_some(),
                Ordering::Equal => return (self.stat == *stat).then_some(self.digest),
                Ordering::Greater => return None,
            }
        }
        None
    }

    fn advance(&mut self) -> Option<()> {
        let shared = u16::from_le_bytes(self.take()?);
        let own = u16::from_le_bytes(self.take()?);
        let (path, rest) = self.rest.split_at_checked(usize::from(own))?;
        if usize::from(shared) > self.path.len() {
            return None;
        }
        self.path.truncate(usize::from(shared));
        self.path.extend_from_slice(path);
        self.rest = rest;
        self.stat = Stat {
            size: u64::from(u32::from_le_bytes(self.take()?)),
            modified: Some(i64::from_le_bytes(self.take()?)),
            changed: Some(i64::from_le_bytes(self.take()?)),
            inode: u64::from_le_bytes(self.take()?),
            device: u64::from_le_bytes(self.take()?),
        };
        self.digest = Digest(self.take()?);
        Some(())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }
}

/// The order of a walk: paths as lists of names.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    // No name has a zero in it.
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    a.iter().map(key).cmp(b.iter().map(key))
}

/// A table that is being made.
pub struct New {
    bytes: Vec<u8>,
    path: Vec<u8>,
    now: i64,
}

impl New {
    /// A table without entries, begun at this time and about as long as another.
    pub fn begun(now: i64, length: usize) -> New {
        let mut bytes = Vec::with_capacity(length + length / 16 + 256);
        bytes.extend_from_slice(&[0; HEAD]);
        New { bytes, path: Vec::new(), now }
    }

    /// Remembers a file, unless a later change of it might not be seen. Paths come in the order of the walk.
    pub fn add(&mut self, path: &str, stat: &Stat, digest: Digest) {
        let path = path.as_bytes();
        let (Some(modified), Some(changed), Ok(size)) = (stat.modified, stat.changed, u32::try_from(stat.size)) else {
            return;
        };
        let shared = self.path.iter().zip(path).take_while(|(a, b)| a == b).count();
        let own = path.len() - shared;
        let (Ok(shared), Ok(own)) = (u16::try_from(shared), u16::try_from(own)) else { return };
        if !stat.is_settled(self.now) {
            return;
        }
        let own_path = &path[usize::from(shared)..];
        self.bytes.reserve(4 + own_path.len() + FIXED);
        self.bytes.extend_from_slice(&shared.to_le_bytes());
        self.bytes.extend_from_slice(&own.to_le_bytes());
        self.bytes.extend_from_slice(own_path);
        self.bytes.extend_from_slice(&size.to_le_bytes());
        for number in [modified as u64, changed as u64, stat.inode, stat.device] {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.bytes.extend_from_slice(&digest.0);
        self.path.truncate(usize::from(shared));
        self.path.extend_from_slice(own_path);
    }

    /// The table; `None` where nothing is in it.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        let (head, rest) = self.bytes.split_first_chunk_mut::<HEAD>()?;
        *head = hash(rest, 0).to_le_bytes();
        (!rest.is_empty()).then_some(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000_000_000_000;
    const PATHS: [&str; 6] = ["a", "a/b", "a/b/c", "a.b", "accounts/1/è.toml", "accounts/1/é.toml"];

    fn stat(size: u64) -> Stat {
        Stat { size, modified: Some(NOW / 2), changed: Some(NOW - SETTLED - 1), inode: size + 7, device: 3 }
    }

    fn table() -> Vec<u8> {
        let mut new = New::begun(NOW, 0);
        for (path, size) in PATHS.into_iter().zip(0..) {
            new.add(path, &stat(size), Digest::of(path.as_bytes()));
        }
        new.finish().unwrap()
    }

    /// How many of the files a table knows; what it knows must be true if it may not lie.
    fn known(table: &[u8], may_lie: bool) -> usize {
        let mut old = Old::new(table);
        let found = PATHS.into_iter().zip(0..).filter_map(|(path, size)| Some((path, old.find(path, &stat(size))?)));
        found.inspect(|(path, digest)| assert!(may_lie || *digest == Digest::of(path.as_bytes()))).count()
    }

    fn resealed(mut table: Vec<u8>) -> Vec<u8> {
        let sum = hash(&table[HEAD..], 0).to_le_bytes();
        table[..HEAD].copy_from_slice(&sum);
        table
    }

    #[test]
    fn what_is_remembered_is_found() {
        assert_eq!(known(&table(), false), PATHS.len());
        let table = table();
        let mut old = Old::new(&table);
        assert_eq!(old.find("A", &stat(0)), None);
        assert_eq!(old.find("a/b", &stat(1)), Some(Digest::of(b"a/b")));
        assert_eq!(old.find("a/bb", &stat(1)), None);
        assert_eq!(old.find("a.b", &stat(3)), Some(Digest::of(b"a.b")));
        assert_eq!(old.find("z", &stat(0)), None);
        assert!(New::begun(NOW, 9).finish().is_none());
        assert_eq!(known(&[], false), 0);
    }

    #[test]
    fn any_difference_is_a_change() {
        let table = table();
        let same = stat(0);
        let others = [
            Stat { size: 1, ..same },
            Stat { modified: Some(NOW / 2 + 1), ..same },
            Stat { changed: Some(NOW / 2), ..same },
            Stat { inode: 8, ..same },
            Stat { device: 4, ..same },
            Stat { modified: None, ..same },
        ];
        assert!(Old::new(&table).find("a", &same).is_some());
        assert!(others.iter().all(|other| Old::new(&table).find("a", other).is_none()));
    }

    #[test]
    fn what_may_change_unseen_is_not_remembered() {
        let at = |modified, changed| Stat { modified, changed, ..stat(0) };
        let remembered = |stat: Stat| {
            let mut new = New::begun(NOW, 0);
            new.add("a", &stat, Digest::of(b""));
            new.finish().is_some()
        };
        let long_ago = Some(NOW - SETTLED - 1);
        assert!(remembered(at(long_ago, long_ago)) && remembered(at(Some(i64::MIN), Some(0))));
        for recent in [Some(NOW - SETTLED), Some(NOW), Some(NOW + 1), Some(i64::MAX), None] {
            assert!(!remembered(at(recent, long_ago)), "{recent:?}");
            assert!(!remembered(at(long_ago, recent)), "{recent:?}");
        }
        assert!(!remembered(Stat { size: 1 << 32, ..stat(0) }));
    }

    #[test]
    fn the_order_is_that_of_a_walk() {
        assert!(PATHS[..5].is_sorted_by(|a, b| order(a.as_bytes(), b.as_bytes()).is_lt()));
        assert_eq!(order(b"a-b", b"a/b"), Ordering::Greater);
        assert_eq!(order(b"a", b"a/b"), Ordering::Less);
    }

    #[test]
    fn broken_tables_are_none() {
        let good = table();
        for length in 0..good.len() {
            assert_eq!(known(&good[..length], false), 0, "{length} bytes");
            if length >= HEAD {
                assert!(known(&resealed(good[..length].to_vec()), false) < PATHS.len());
            }
        }
        for at in 0..good.len() {
            for flip in [1, 0x80, 0xFF] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                assert_eq!(known(&bad, false), 0, "byte {at}");
                known(&resealed(bad), true);
            }
        }
    }
}
