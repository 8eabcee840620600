//! What compilations of organizations keep for the next one: nobody can tell by the bundle, and nothing fails by it.

mod common;
#[path = "organizations/sources.rs"]
#[allow(dead_code, reason = "each test file uses some of it")]
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Folder, Ran};
use dictum_compiler::Digest;
use dictum_vm::hash::{hash, mix};
use sources::*;

/// A tree whose files were not written just now, so that they are remembered.
fn settled() -> Folder {
    let folder = tree(&[]);
    std::thread::sleep(Duration::from_millis(2_200));
    folder
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn compile(folder: &Folder, more: &[&str]) -> Ran {
    folder.run(&[&["compile", "org", "-o", "org.dctb"], more].concat())
}

/// The bundle of a compilation that has nothing to say of its cache.
fn bundle(folder: &Folder, more: &[&str]) -> Vec<u8> {
    let ran = compile(folder, more);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.err.contains("note: the cache"), "{}", ran.err);
    folder.read("org.dctb")
}

#[test]
fn nobody_can_tell_by_the_bundle() {
    let folder = settled();
    let first = bundle(&folder, &[]);
    let packs = files(&folder.cache());
    assert!(!packs.is_empty());
    assert_eq!(bundle(&folder, &[]), first);
    assert_eq!(files(&folder.cache()), packs, "nothing is new");
    assert_eq!(bundle(&folder, &["--no-cache"]), first);

    let again = compile(&folder, &[]).err;
    assert!(again.contains(", 0 parsed; ") && again.contains(", 0 compiled\n"), "{again}");

    folder.write("org/scp/Cap.dct", "deny sqs:* on *\n");
    let changed = compile(&folder, &[]).err;
    assert!(changed.contains(", 1 parsed; "), "{changed}");
    let second = folder.read("org.dctb");
    assert_ne!(second, first);
    assert_eq!(bundle(&folder, &["--no-cache"]), second);
    // Written into the folder itself, the bundle is none of its files.
    for _ in 0..2 {
        let ran = folder.run(&["compile", "org", "-o", "org/out.dctb"]);
        assert_eq!((ran.code, folder.read("org/out.dctb") == second), (0, true), "{}", ran.err);
    }
}

#[test]
fn it_lies_where_it_is_said_to() {
    let folder = settled();
    bundle(&folder, &["--no-cache"]);
    assert!(!folder.cache().exists());
    bundle(&folder, &["--cache", "kept/here"]);
    assert!(!folder.cache().exists());
    assert!(!files(&folder.path().join("kept/here")).is_empty());
    assert_eq!(compile(&folder, &["--cache", "kept", "--no-cache"]).code, 3);
    // Among the sources it would be taken for one; out of sight it may lie there.
    let ran = compile(&folder, &["--cache", "org/kept"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the folder would be read as sources"), "{}", ran.err);
    bundle(&folder, &["--cache", "org/.kept"]);
    // Documents are not cached.
    let folder = common::connect();
    assert!(!folder.cache().exists());
}

#[test]
fn a_folder_that_cannot_be_used_is_no_failure() {
    let folder = settled();
    folder.write("file", "");
    let ran = compile(&folder, &["--cache", "file"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("note: the cache is not written: "), "{}", ran.err);
    assert!(folder.path().join("org.dctb").exists());
}

#[cfg(unix)]
#[test]
fn where_others_may_write_nothing_is_believed_unasked() {
    use std::os::unix::fs::PermissionsExt;
    let folder = settled();
    let place = folder.cache().join("dictum");
    fs::create_dir_all(&place).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).unwrap();
    let ran = compile(&folder, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("note: the cache is not used: ") && ran.err.contains("others may write there"));
    assert!(files(&place).is_empty());
}

#[test]
fn damage_is_not_noticed() {
    let folder = settled();
    let first = bundle(&folder, &[]);
    for path in files(&folder.cache()) {
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    }
    assert_eq!(bundle(&folder, &[]), first);
    assert_eq!(bundle(&folder, &[]), first);
}

/// A pack in which the tables have another digest of a text, under checksums that fit.
fn forged(mut pack: Vec<u8>, digest: Digest) -> Vec<u8> {
    let word = |at: usize| u32::from_le_bytes(pack[at..at + 4].try_into().unwrap()) as usize;
    let count = word(12);
    let lengths: Vec<usize> = (0..count).map(|i| word(16 + i * 36 + 32)).collect();
    let mut at = 16 + count * 36;
    for length in lengths {
        let value = &mut pack[at..at + length];
        let found = value.windows(32).position(|bytes| bytes == digest.0);
        if let Some(found) = found.filter(|_| value[..8] == hash(&value[8..], 0).to_le_bytes()) {
            value[found] ^= 1;
            let sum = hash(&value[8..], 0).to_le_bytes();
            value[..8].copy_from_slice(&sum);
        }
        at += length;
    }
    let body = pack.len() - 8;
    let sum = pack[..body].chunks(1 << 20).fold(0, |sum, block| mix(sum, hash(block, 0)));
    pack[body..].copy_from_slice(&sum.to_le_bytes());
    pack
}

/// It is as if the file had been changed between the walk and the time when its text was needed.
#[test]
fn a_file_that_changes_meanwhile_ends_the_command() {
    let folder = settled();
    bundle(&folder, &[]);
    fs::remove_file(folder.path().join("org.dctb")).unwrap();
    for path in files(&folder.cache()) {
        let pack = fs::read(&path).unwrap();
        fs::write(&path, forged(pack, Digest::of(b"deny iam:* on *\n"))).unwrap();
    }
    let ran = compile(&folder, &[]);
    let told = "error[E-FILE]: changed while it was being compiled\n --> org/scp/Cap.dct";
    assert_eq!((ran.code, ran.err.trim_end()), (2, told));
    assert!(!folder.path().join("org.dctb").exists());
    bundle(&folder, &[]);
}
