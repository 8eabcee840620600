//! The files that are converted.

use std::path::{Path, PathBuf};

use dictum_compiler::source::Notation;

use super::ending;
use crate::exit::{Failure, Fault};
use crate::input;
use crate::report::Reporter;
use crate::walk::{self, Seen};

/// A file to convert.
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// Where what is made of it goes below a folder, the ending aside.
    pub relative: PathBuf,
    /// The folder in which its imports are looked for.
    pub tree: PathBuf,
    /// Whether it was named itself, and not found below a folder.
    pub is_named: bool,
}

/// What the name of a file says it is written in.
pub fn notation(path: &Path) -> Option<Notation> {
    let name = path.file_name()?.to_string_lossy();
    [Notation::Json, Notation::Dictum].into_iter().find(|notation| name.ends_with(ending(*notation)))
}

/// The files that some paths lead to, each once, in order. What cannot be read is reported.
pub fn find(paths: &[PathBuf], from: Option<Notation>, reporter: &mut Reporter) -> Result<Vec<Input>, Failure> {
    let ends: Vec<&str> = match from {
        Some(notation) => vec![ending(notation)],
        None => vec![ending(Notation::Json), ending(Notation::Dictum)],
    };
    let mut seen = Seen::new(None);
    let mut inputs = Vec::new();
    for path in paths {
        if input::is_standard_input(path) {
            let (relative, tree) = (PathBuf::from("policy"), PathBuf::new());
            inputs.push(Input { path: path.clone(), relative, tree, is_named: true });
            continue;
        }
        let is_folder = path.is_dir();
        match walk::files(path, &ends, &mut seen) {
            Ok(files) if files.is_empty() && !std::mem::take(&mut seen.had_repeats) => {
                let wanted = ends.iter().map(|end| format!("`{end}`")).collect::<Vec<_>>().join(" or ");
                reporter.fault(&Fault::new("E-FILE", path, format!("no {wanted} file is in it")))?;
            }
            Ok(files) => inputs.extend(files.into_iter().map(|file| {
                let tree = if is_folder { path } else { file.parent().unwrap_or(Path::new("")) }.to_owned();
                let relative = without_ending(file.strip_prefix(&tree).unwrap_or(&file));
                Input { relative, tree, is_named: !is_folder, path: file }
            })),
            Err((file, error)) => reporter.fault(&Fault::io(&file, &error))?,
        }
    }
    Ok(inputs)
}

fn without_ending(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = [Notation::Json, Notation::Dictum].iter().find_map(|notation| name.strip_suffix(ending(*notation)));
    path.with_file_name(stem.filter(|stem| !stem.is_empty()).unwrap_or(&name))
}
