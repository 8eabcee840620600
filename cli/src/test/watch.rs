//! Runs again whenever a file changes, until standard input ends.
//!
//! The files are asked for their times a few times a second, which needs no service of the system, works on every file
//! system, and costs nothing that matters for the size of a tree of policies.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(200);
/// How long nothing may have changed before the tests run: editors write a file in several steps.
const SETTLED: Duration = Duration::from_millis(100);
/// Files that are looked at; a larger tree is watched in part.
const FILES_MAX: usize = 100_000;

/// Ends of names of what a test may read.
const ENDS: [&str; 4] = [".dct", ".json", ".jsonl", ".gz"];

type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Watches what a run has read.
pub struct Watch {
    has_ended: Arc<AtomicBool>,
    stamps: Stamps,
}

impl Watch {
    /// Begins to wait for the end of standard input.
    pub fn new() -> Watch {
        let has_ended = Arc::new(AtomicBool::new(false));
        let flag = has_ended.clone();
        thread::spawn(move || {
            let mut buffer = [0; 256];
            while io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
            flag.store(true, Ordering::Relaxed);
        });
        Watch { has_ended, stamps: Stamps::new() }
    }

    /// Takes down how the files stand before a run: those below these paths.
    pub fn look(&mut self, paths: &[PathBuf]) {
        self.stamps = stamps(paths);
    }

    /// Waits for a change since then; `None` once standard input has ended. The first changed path is given.
    pub fn wait(&mut self, paths: &[PathBuf]) -> Option<PathBuf> {
        loop {
            if self.has_ended.load(Ordering::Relaxed) {
                return None;
            }
            let now = stamps(paths);
            if let Some(path) = changed(&self.stamps, &now) {
                self.settle(paths, now);
                return Some(path);
            }
            thread::sleep(INTERVAL);
        }
    }

    fn settle(&self, paths: &[PathBuf], mut last: Stamps) {
        loop {
            thread::sleep(SETTLED);
            let now = stamps(paths);
            if now == last {
                return;
            }
            last = now;
        }
    }
}

fn changed(before: &Stamps, now: &Stamps) -> Option<PathBuf> {
    let is_other = |path: &&PathBuf| before.get(*path) != now.get(*path);
    now.keys().find(is_other).or_else(|| before.keys().find(is_other)).cloned()
}

fn stamps(paths: &[PathBuf]) -> Stamps {
    let mut found = Stamps::new();
    for path in paths {
        add(path, 0, &mut found);
    }
    found
}

/// Links are not followed below a path, so that no circle is entered.
fn add(path: &Path, depth: u32, found: &mut Stamps) {
    let there = if depth == 0 { fs::metadata(path) } else { fs::symlink_metadata(path) };
    let Ok(there) = there else { return };
    if found.len() >= FILES_MAX {
        return;
    }
    if !there.is_dir() {
        let name = path.to_string_lossy();
        if depth == 0 || ENDS.iter().any(|end| name.ends_with(end)) {
            found.insert(path.to_owned(), (there.modified().ok(), there.len()));
        }
        return;
    }
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if !is_hidden(&path) {
            add(&path, depth + 1, found);
        }
    }
}
