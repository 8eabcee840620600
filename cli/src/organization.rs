//! Organizations as commands read them: a folder with a native tree or exports of AWS, or one account's export.

use std::io::{self, IsTerminal, Read};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dictum_compiler::cache::Cache;
use dictum_compiler::source::{SourceFile, SourceId, Sources};
use dictum_compiler::{Options, Progress, Reporter};
use dictum_corpus::folder;
use dictum_corpus::reader::decoded;
use dictum_vm::bundle::MAGIC;

use crate::exit::{Failure, Fault};
use crate::input;

/// The texts of an organization.
pub struct Organization {
    /// All files.
    pub sources: Sources,
    /// Those of them that are collections of the vendor's policies.
    pub collections: Vec<SourceId>,
}

/// Reads an organization from a folder; what the cache says is unchanged, only when it is needed. A bundle that was written
/// into it before, as this output, is none of its files.
pub fn of_folder(
    path: &Path,
    managed: &[PathBuf],
    given: &Path,
    cache: &mut dyn Cache,
) -> Result<Organization, Failure> {
    let mut sources = folder::read_with(path, cache).map_err(|(path, error)| Fault::io(&path, &error))?;
    if let (Ok(folder), Ok(output)) = (path.canonicalize(), given.canonicalize())
        && let Ok(inside) = output.strip_prefix(&folder)
    {
        // Nearly always it is met under its own path; links to it are looked for only where it is not.
        let inside = inside.to_string_lossy().replace(MAIN_SEPARATOR, "/");
        let is_it = |name: &str| Path::new(name).canonicalize().is_ok_and(|path| path == output);
        let at = sources.files.iter().position(|file| file.path == inside);
        if let Some(at) = at.or_else(|| sources.files.iter().position(|file| is_it(&file.name))) {
            if !sources.files[at].text().starts_with(&MAGIC) {
                return Err(overwrites(given));
            }
            sources.files.remove(at);
        }
    }
    if sources.files.iter().all(|file| file.path.ends_with(".md")) {
        let message =
            if sources.files.is_empty() { "the folder is empty" } else { "the folder holds nothing but notes" };
        return Err(Fault::new("E-FILE", path, message).into());
    }
    of_sources(sources, managed)
}

/// Whether a path, which need not be there yet, lies among the sources in a folder: below it, and not out of sight.
pub fn would_hold(folder: &Path, path: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)));
    let real = there.and_then(|(there, real)| Some(real.join(path.strip_prefix(there).ok()?)));
    let is_hidden = |part: std::path::Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    real.is_some_and(|real| real.strip_prefix(folder).is_ok_and(|inside| !inside.components().any(is_hidden)))
}

/// That a file was changed while something was made of what it had been.
pub fn changed(file: &SourceFile) -> Failure {
    Fault::new("E-FILE", Path::new(&file.name), "changed while it was being compiled").into()
}

/// That a bundle would be written over what it is made of.
pub fn overwrites(output: &Path) -> Failure {
    Fault::new("E-FILE", output, "the bundle would overwrite its own source").into()
}

/// Reads an organization that is the export of one account.
pub fn of_export(path: &Path, text: Vec<u8>, managed: &[PathBuf]) -> Result<Organization, Failure> {
    let mut sources = Sources::new();
    let name = if input::is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() };
    sources.add_file_at(name, "export.json", text);
    of_sources(sources, managed)
}

/// `managed` are collections of the vendor's policies, gzipped or not.
fn of_sources(mut sources: Sources, managed: &[PathBuf]) -> Result<Organization, Failure> {
    let mut collections: Vec<SourceId> = Vec::new();
    for path in managed {
        let fail = |error| Failure::from(Fault::io(path, &error));
        let mut text = Vec::new();
        let mut reader = decoded(input::open(path)?).map_err(fail)?.take(input::FILE_BYTES_MAX + 1);
        reader.read_to_end(&mut text).map_err(fail)?;
        if text.len() as u64 > input::FILE_BYTES_MAX {
            return Err(Fault::new("E-FILE", path, "the file has more than 4 GiB").into());
        }
        collections.push(sources.add_file_at(path.display().to_string(), "", text));
    }
    Ok(Organization { sources, collections })
}

/// Options that tell on a terminal how far a compilation has come, once it has taken a second.
pub fn options() -> Options {
    let is_watched = io::stderr().is_terminal();
    START.get_or_init(Instant::now);
    Options { progress: Reporter(is_watched.then_some(show as fn(Progress))), ..Options::default() }
}

/// Takes what was told of progress away.
pub fn end_progress() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        eprint!("\r\x1b[2K");
    }
}

static START: OnceLock<Instant> = OnceLock::new();
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

fn show(progress: Progress) {
    let Progress { stage, done, total } = progress;
    if START.get().is_some_and(|start| start.elapsed() >= Duration::from_secs(1)) {
        IS_SHOWN.store(true, Ordering::Relaxed);
        eprint!("\r\x1b[2K{stage}: {} %", 100 * done / total.max(1));
    }
}
