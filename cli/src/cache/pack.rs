//! Files of values by key, written once and never changed.
//!
//! ```text
//! magic | version | count of entries | key and length of each | their values | checksum of all that
//! ```
//!
//! Numbers are little endian. The checksum tells of accidents, such as a disk that was full.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::Path;

use dictum_compiler::Digest;
use dictum_vm::hash::{hash, mix};

const MAGIC: [u8; 8] = *b"DCTCACHE";
const VERSION: u32 = 1;
const HEAD: usize = 8 + 4 + 4;
const KEY: usize = 32;
/// A key and a length.
const ENTRY: usize = KEY + 4;
const SUM: usize = 8;
/// What is summed at once: short enough to be still near the processor when it has been read.
const BLOCK: usize = 1 << 20;

/// A pack that has been read.
pub struct Pack {
    bytes: Vec<u8>,
    count: usize,
}

/// Why a pack has not been read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// It cannot be opened: somebody has removed it, or does not let it be read.
    Absent,
    /// It is cut off or damaged, or is of another version.
    Broken,
}

impl Pack {
    /// Reads a pack, all of it, once.
    pub fn read(path: &Path) -> Result<Pack, Unread> {
        let mut file = File::open(path).map_err(|_| Unread::Absent)?;
        let length = file.metadata().map_err(|_| Unread::Absent)?.len();
        let length = usize::try_from(length).map_err(|_| Unread::Broken)?;
        let body = length.checked_sub(SUM).ok_or(Unread::Broken)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length + 1).map_err(|_| Unread::Absent)?;
        let (mut sum, mut done) = (0, 0);
        while done < body {
            let block = BLOCK.min(body - done);
            let read = (&mut file).take(block as u64).read_to_end(&mut bytes).map_err(|_| Unread::Broken)?;
            if read < block {
                return Err(Unread::Broken);
            }
            sum = summed(sum, &bytes[done..]);
            done += block;
        }
        let mut tail = [0; SUM];
        file.read_exact(&mut tail).map_err(|_| Unread::Broken)?;
        let count = if u64::from_le_bytes(tail) == sum { count(&bytes) } else { None };
        count.map(|count| Pack { bytes, count }).ok_or(Unread::Broken)
    }

    /// Keys, and where the values lie.
    pub fn entries(&self) -> impl Iterator<Item = (Digest, Range<usize>)> {
        let mut at = HEAD + self.count * ENTRY;
        entries(&self.bytes, self.count).map(move |(key, length)| {
            at += length;
            (key, at - length..at)
        })
    }

    /// The value that lies there.
    pub fn value(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// What its entries take, each as [`size`] has it.
    pub fn size(&self) -> usize {
        self.bytes.len() - HEAD
    }
}

/// What a value of this length takes in a pack.
pub fn size(length: usize) -> usize {
    ENTRY + length
}

/// How many entries a pack has, if its parts are as long as it is.
fn count(bytes: &[u8]) -> Option<usize> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let word = |at: usize| head.get(at..)?.first_chunk().copied().map(u32::from_le_bytes);
    if !head.starts_with(&MAGIC) || word(8)? != VERSION {
        return None;
    }
    let count = word(12)? as usize;
    let values = rest.len().checked_sub(count.checked_mul(ENTRY)?)?;
    let total: u64 = entries(bytes, count).map(|(_, length)| length as u64).sum();
    (total == values as u64).then_some(count)
}

/// Keys and lengths of the first entries, as many as there are bytes for.
fn entries(bytes: &[u8], count: usize) -> impl Iterator<Item = (Digest, usize)> {
    let table = bytes.get(HEAD..).unwrap_or_default().as_chunks::<ENTRY>().0;
    table.iter().take(count).map(|entry| {
        let (key, length) = entry.split_first_chunk::<KEY>().expect("an entry begins with a key");
        let length = length.try_into().map_or(0, u32::from_le_bytes);
        (Digest(*key), length as usize)
    })
}

fn summed(sum: u64, block: &[u8]) -> u64 {
    mix(sum, hash(block, 0))
}

/// Writes a pack. Values of 4 GiB and more are left out.
pub fn write(file: &mut impl Write, entries: &[(Digest, &[u8])]) -> io::Result<()> {
    let fits = |value: &[u8]| u32::try_from(value.len()).is_ok();
    let entries = || entries.iter().filter(|(_, value)| fits(value));
    let count = u32::try_from(entries().count()).map_err(|_| io::Error::other("too many entries for one pack"))?;
    let mut out = Summing { file, block: Vec::with_capacity(BLOCK), sum: 0 };
    out.put(&MAGIC)?;
    out.put(&VERSION.to_le_bytes())?;
    out.put(&count.to_le_bytes())?;
    for (key, value) in entries() {
        out.put(&key.0)?;
        out.put(&(value.len() as u32).to_le_bytes())?;
    }
    entries().try_for_each(|(_, value)| out.put(value))?;
    let sum = out.end()?;
    file.write_all(&sum.to_le_bytes())
}

/// Hands on block by block what it is given, and sums it.
struct Summing<'a, W> {
    file: &'a mut W,
    block: Vec<u8>,
    sum: u64,
}

impl<W: Write> Summing<'_, W> {
    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (fitting, rest) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(fitting);
            bytes = rest;
            if self.block.len() == BLOCK {
                self.hand_on()?;
            }
        }
        Ok(())
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.sum = summed(self.sum, &self.block);
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    fn end(mut self) -> io::Result<u64> {
        if !self.block.is_empty() {
            self.hand_on()?;
        }
        Ok(self.sum)
    }
}
