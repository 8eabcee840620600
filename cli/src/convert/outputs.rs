//! Where texts go, and their writing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::document::{Converted, Text};
use super::inputs::Input;
use super::{Target, ending};
use crate::exit::{Failure, Fault, counted, say};
use crate::output::{Out, write_whole};
use crate::report::Reporter;

/// A text with its place.
pub struct Placed {
    /// `None` for standard output.
    to: Option<PathBuf>,
    /// The file that it was made of.
    from: PathBuf,
    text: String,
}

/// Finds the place of what was made of a file. What has none is reported.
pub fn place(
    input: &Input,
    converted: Converted,
    target: &Target,
    reporter: &mut Reporter,
) -> Result<Vec<Placed>, Failure> {
    let Converted { texts, notation } = converted;
    let from = &input.path;
    if let (Target::Standard | Target::File(_), true) = (target, texts.len() > 1) {
        let names: Vec<String> = texts.iter().map(|text| format!("`{}`", text.name)).collect();
        let message =
            format!("holds {} policies, {}: give a folder for them, `-o DIR/`", texts.len(), names.join(", "));
        reporter.fault(&Fault::new("E-FILE", from, message))?;
        return Ok(Vec::new());
    }
    let is_one = texts.len() == 1;
    let mut placed = Vec::new();
    for Text { name, text } in texts {
        let to = match target {
            Target::Standard => None,
            Target::File(path) => Some(path.clone()),
            Target::Folder(folder) if is_one => Some(with_ending(folder.join(&input.relative), ending(notation))),
            Target::Folder(_) if !is_file_name(&name) => {
                let message = format!("the policy name `{name}` cannot be the name of a file");
                reporter.fault(&Fault::new("E-FILE", from, message))?;
                continue;
            }
            Target::Folder(folder) => {
                let beside = folder.join(&input.relative);
                Some(with_ending(beside.with_file_name(&name), ending(notation)))
            }
        };
        placed.push(Placed { to, from: from.clone(), text });
    }
    Ok(placed)
}

fn with_ending(path: PathBuf, ending: &str) -> PathBuf {
    let mut name = path.into_os_string();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether a policy's name stays in its folder, on every system.
fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
}

/// Writes texts to their places, and gives the number of files. Where two meet none is written, and none over an input.
pub fn write(inputs: &[Input], texts: Vec<Placed>, reporter: &mut Reporter, out: &Out) -> Result<u64, Failure> {
    let read: HashSet<PathBuf> = inputs.iter().filter_map(|input| input.path.canonicalize().ok()).collect();
    let mut first: HashMap<PathBuf, (usize, PathBuf)> = HashMap::new();
    for text in &texts {
        if let Some(to) = &text.to {
            first.entry(plain(to)).or_insert_with(|| (0, text.from.clone())).0 += 1;
        }
    }
    let mut count = 0;
    for Placed { to, from, text } in texts {
        let Some(to) = to else {
            out.print(&text)?;
            continue;
        };
        let result = match first.get(&plain(&to)) {
            Some((2.., other)) => {
                let others =
                    if *other == from { String::new() } else { format!(", and so would `{}`", other.display()) };
                Err(Fault::new("E-FILE", &from, format!("would be written to `{}`{others}", to.display())).into())
            }
            _ if to.canonicalize().is_ok_and(|real| read.contains(&real)) => {
                Err(Fault::new("E-FILE", &to, "would be replaced, and is one of the files to convert").into())
            }
            _ => write_file(&to, &text),
        };
        match result {
            Ok(()) => count += 1,
            Err(failure) => _ = reporter.failure(failure)?,
        }
    }
    Ok(count)
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Fault::io(folder, &error))?;
    }
    write_whole(path, text.as_bytes())
}

/// A path by which equal places are equal, as far as names tell.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}

/// Says how many files were written.
pub fn summary(folder: &Path, count: u64) {
    say(&format_args!("{}: {} written", folder.display(), counted(count, "file", "files")));
}
