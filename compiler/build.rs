//! Makes the parsers of `src/syntax/*.lalrpop`, and the fingerprint of this build for `src/cache.rs`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the code lies that makes results, from this folder. All but the first two are elsewhere where the crate is built on
/// its own; then they count by their versions in its manifest.
const CODE: [&str; 4] = ["src", "Cargo.toml", "../vm/src", "../Cargo.lock"];
/// What else makes a build another one.
const VARIABLES: [&str; 2] = ["CARGO_PKG_VERSION", "TARGET"];

fn main() {
    lalrpop::process_src().expect("the grammars are valid");
    println!("cargo:rustc-env=DICTUM_FINGERPRINT={}", fingerprint().expect("the sources are readable"));
}

/// The digest of all names and texts, each with its length. The build runs again when one of them changes: the grammars are
/// among them, so this says for both halves what Cargo would else have to guess.
fn fingerprint() -> io::Result<blake3::Hash> {
    let mut files = Vec::new();
    for path in CODE.map(Path::new).into_iter().filter(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", path.display());
        below(path, &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| _ = hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    for path in files {
        add(path.to_string_lossy().replace('\\', "/").as_bytes());
        add(&fs::read(&path)?);
    }
    for name in VARIABLES {
        add(env::var(name).unwrap_or_default().as_bytes());
    }
    Ok(hasher.finalize())
}

/// Every file below a path, those of editors aside, whose names begin with a dot.
fn below(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            below(&entry.path(), files)?;
        }
    }
    Ok(())
}
