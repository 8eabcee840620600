//! A source tree in a folder: files of the Dictum language with what they import.
//!
//! The compiler sees sources as a map from path to text; this fills the map. Nothing outside the folder is ever opened,
//! whether a path or a link leads there.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dictum_compiler::expand::imports;
use dictum_compiler::limits::DSL_FILE_BYTES_MAX;
use dictum_compiler::source::{Notation, SourceId, Sources};

/// Files that are read for one another's sake.
const FILES_MAX: usize = 10_000;
/// Files of a whole tree.
const TREE_FILES_MAX: usize = 1_000_000;
/// Names of other files that a wrong path is compared with.
const OTHERS_MAX: usize = 1_000;

/// A folder with sources in it.
#[derive(Clone, Debug)]
pub struct SourceTree {
    /// As messages write it.
    folder: PathBuf,
    /// Without links; `None` where there is no such folder.
    real: Option<PathBuf>,
}

impl SourceTree {
    /// The tree in a folder.
    pub fn new(folder: &Path) -> SourceTree {
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
        let real = folder.canonicalize().ok();
        SourceTree { folder, real }
    }

    /// The path in the tree of a file below its folder, parts joined by `/`; `None` of a file elsewhere.
    pub fn path_of(&self, file: &Path) -> Option<String> {
        let inside = match file.strip_prefix(&self.folder) {
            Ok(inside) => inside.to_owned(),
            Err(_) if self.folder == Path::new(".") && file.is_relative() => file.to_owned(),
            Err(_) => {
                let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let parent = parent.canonicalize().ok()?;
                parent.join(file.file_name()?).strip_prefix(self.real.as_ref()?).ok()?.to_owned()
            }
        };
        let parts = inside.components().filter_map(|part| match part {
            std::path::Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        });
        Some(parts.collect::<Vec<_>>().join("/"))
    }

    /// Takes a file in, under the name that messages call it by, and all that it imports. What it imports but cannot be
    /// read is left out, for the compiler reports it at the import.
    pub fn add(&self, sources: &mut Sources, name: &str, file: &Path, text: Vec<u8>) -> SourceId {
        let path = self.path_of(file).unwrap_or_else(|| name.to_owned());
        let id = sources.add_file_at(name, &path, text);
        self.complete(sources);
        id
    }

    /// Takes in what the files of the Dictum language among the sources import, and what that imports.
    pub fn complete(&self, sources: &mut Sources) {
        let mut next = 0;
        while next < sources.files.len() && sources.files.len() < FILES_MAX {
            let file = &sources.files[next];
            next += 1;
            let wanted = if file.notation == Notation::Dictum { imports(file) } else { Vec::new() };
            for import in wanted {
                if sources.files.iter().any(|file| file.path == import.path) {
                    continue;
                }
                let Some(text) = self.read(&import.path) else {
                    if sources.others.len() < OTHERS_MAX {
                        sources.others.extend(self.beside(&import.path));
                    }
                    continue;
                };
                let name = match self.folder == Path::new(".") {
                    true => import.path.clone(),
                    false => self.folder.join(&import.path).to_string_lossy().into_owned(),
                };
                sources.add_file_at(name, &import.path, text);
            }
        }
    }

    /// Takes every file of the tree in, in the order of their paths, those whose names begin with a dot aside. Of links only
    /// those to files of the tree are followed.
    ///
    /// # Errors
    /// A folder or file cannot be read, or there are too many.
    pub fn add_all(&self, sources: &mut Sources) -> io::Result<()> {
        let mut folders = vec![String::new()];
        let mut paths = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.folder.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().into_string().map_err(|_| io::Error::other("a name that is not UTF-8"))?;
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                match entry.file_type()? {
                    _ if name.starts_with('.') => {}
                    kind if kind.is_dir() => folders.push(path),
                    _ => paths.push(path),
                }
            }
            if folders.len() + paths.len() > TREE_FILES_MAX {
                return Err(io::Error::other(format!("more than {TREE_FILES_MAX} files")));
            }
        }
        paths.sort();
        for path in paths {
            let text = self.read(&path).ok_or_else(|| io::Error::other(format!("`{path}` cannot be read")))?;
            sources.add_file_at(self.folder.join(&path).to_string_lossy(), &path, text);
        }
        Ok(())
    }

    /// The files of the language in the folder of a path that leads to none.
    fn beside(&self, path: &str) -> Vec<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let real = self.real.as_ref().and_then(|real| Some((real, real.join(folder).canonicalize().ok()?)));
        let Some(entries) = real.filter(|(real, it)| it.starts_with(real)).and_then(|(_, it)| fs::read_dir(it).ok())
        else {
            return Vec::new();
        };
        let names = entries.take(OTHERS_MAX).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| Notation::of(name) == Notation::Dictum).collect();
        names.sort();
        names.into_iter().map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect()
    }

    /// The bytes of a file of the tree, if it is a regular one; at most one more than the compiler takes, which then says so.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        let real = self.real.as_ref()?;
        let file = real.join(path).canonicalize().ok()?;
        if !file.starts_with(real) || !fs::metadata(&file).ok()?.is_file() {
            return None;
        }
        let mut text = Vec::new();
        fs::File::open(file).ok()?.take(DSL_FILE_BYTES_MAX as u64 + 1).read_to_end(&mut text).ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_but_not_beyond_the_folder() {
        let outer = std::env::temp_dir().join(format!("dictum-tree-{}", std::process::id()));
        let folder = outer.join("tree");
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(outer.join("secret.dct"), "let x = s3:Get*").unwrap();
        fs::write(folder.join("a.dct"), "use \"sub/b.dct\" as b\nuse \"../secret.dct\" as c\nuse \"link.dct\" as d")
            .unwrap();
        fs::write(folder.join("sub/b.dct"), "use \"../c.dct\" as c\nuse \"none.dct\" as n").unwrap();
        fs::write(folder.join("c.dct"), "let y = s3:*").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.join("secret.dct"), folder.join("link.dct")).unwrap();
        let tree = SourceTree::new(&folder);
        let mut sources = Sources::new();
        let text = fs::read(folder.join("a.dct")).unwrap();
        tree.add(&mut sources, "a.dct", &folder.join("a.dct"), text);
        let paths: Vec<_> = sources.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a.dct", "sub/b.dct", "c.dct"]);
        fs::remove_dir_all(outer).unwrap();
    }
}
