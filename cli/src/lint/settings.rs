//! Which configuration a file is under.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dictum_compiler::diagnostic::Severity;
use dictum_compiler::source::Sources;
use dictum_lint::config::FILE_NAME;
use dictum_lint::{Config, Options};

use crate::exit::{Failure, Fault};
use crate::input;
use crate::report::Reporter;

/// The configurations of a run.
pub struct Settings {
    /// What holds whatever the configuration says.
    pub base: Options,
    /// The one that was named.
    named: Option<PathBuf>,
    /// By folder: the path of the nearest one, if there is one.
    nearest: BTreeMap<PathBuf, Option<PathBuf>>,
    /// Those that were read.
    read: BTreeMap<PathBuf, Config>,
    sources: Sources,
}

impl Settings {
    /// The named configuration, or for each file its own.
    pub fn new(named: Option<PathBuf>, base: Options) -> Settings {
        Settings { base, named, nearest: BTreeMap::new(), read: BTreeMap::new(), sources: Sources::new() }
    }

    /// The configuration that a file is under, and what the file is called there.
    pub fn of(&mut self, file: &Path, reporter: &mut Reporter) -> Result<Option<(&mut Config, String)>, Failure> {
        let path = match &self.named {
            Some(named) => Some(named.clone()),
            None => self.nearest(folder(file)),
        };
        let Some(path) = path else { return Ok(None) };
        if !self.read.contains_key(&path) {
            let config = self.read(&path, reporter)?;
            self.read.insert(path.clone(), config);
        }
        let name = relative(file, &folder(&path));
        Ok(self.read.get_mut(&path).map(|config| (config, name)))
    }

    fn nearest(&mut self, folder: PathBuf) -> Option<PathBuf> {
        let look = || folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
        self.nearest.entry(folder.clone()).or_insert_with(look).clone()
    }

    fn read(&mut self, path: &Path, reporter: &mut Reporter) -> Result<Config, Failure> {
        let text = std::fs::read(path).map_err(|error| Fault::io(path, &error))?;
        let text = String::from_utf8(text).map_err(|_| Fault::new("L-CONFIG", path, "not UTF-8"))?;
        let name = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
        let source = self.sources.add_file(name.display().to_string(), text.clone());
        let (config, faults) = Config::parse(source, &text);
        reporter.diagnostics(&faults, &self.sources)?;
        Ok(config)
    }

    /// The least grave level that any of them fails on.
    pub fn fail_on(&self) -> Option<Severity> {
        self.read.values().filter_map(|config| config.fail_on).min()
    }

    /// Tells which suppressions suppressed nothing.
    pub fn end(&self, reporter: &mut Reporter) -> Result<(), Failure> {
        for config in self.read.values() {
            reporter.diagnostics(&config.unused(), &self.sources)?;
        }
        Ok(())
    }
}

/// The folder of a file, as an absolute path where that can be found out.
pub fn folder(file: &Path) -> PathBuf {
    let folder = match file.parent() {
        _ if input::is_standard_input(file) => Path::new("."),
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// A file's name as seen from a folder, with `/` between the parts; as it was named where it is not below.
pub fn relative(file: &Path, from: &Path) -> String {
    let whole = file.file_name().map(|name| folder(file).join(name));
    let below = whole.as_deref().and_then(|whole| whole.strip_prefix(from).ok());
    below.unwrap_or(file).display().to_string().replace('\\', "/")
}
