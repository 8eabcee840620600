//! An open document and all that is known of it: its text, the files it reads, its policies and their diagnostics.

use std::path::{Path, PathBuf};

use bumpalo::Bump;
use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::expand::{Files, imports, policies_of};
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, Notation, PolicyType, SourceId, Sources};
use dictum_compiler::syntax::{ast, document, dsl};
use dictum_compiler::testing;
use dictum_compiler::{guess_type, resolve_document};
use dictum_lint::config::FILE_NAME;
use lsp_types::Uri;

use crate::json::{policies, tree};
use crate::place::Text;
use crate::uri;

/// Files that are read for one another's sake.
const FILES_MAX: usize = 1000;

/// What a document is called, and where its imports are.
#[derive(Clone, Debug)]
pub struct Name {
    /// As the client calls it.
    pub uri: Uri,
    /// What it is written in.
    pub notation: Notation,
    /// The folder that its path, and those of its imports, count from; `None` for a text without a file.
    pub root: Option<PathBuf>,
    /// Its path in that folder.
    pub path: String,
}

impl Name {
    /// The name of a document in the innermost of these folders that holds it, else in the folder it lies in. `None`
    /// where the language is not known to be one of ours.
    pub fn new(uri: &Uri, language: &str, folders: &[PathBuf]) -> Option<Name> {
        let notation = match language {
            "dictum" => Notation::Dictum,
            "json" | "jsonc" => Notation::Json,
            _ if uri.as_str().ends_with(".dct") => Notation::Dictum,
            _ if uri.as_str().ends_with(".json") => Notation::Json,
            _ => return None,
        };
        let Some(path) = uri::path(uri) else {
            let extension = if notation == Notation::Dictum { "dct" } else { "json" };
            return Some(Name { uri: uri.clone(), notation, root: None, path: format!("untitled.{extension}") });
        };
        let folder =
            folders.iter().filter(|folder| path.starts_with(folder)).max_by_key(|folder| folder.as_os_str().len());
        let root = folder.map(PathBuf::as_path).or_else(|| path.parent())?.to_owned();
        let inner = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        Some(Name { uri: uri.clone(), notation, root: Some(root), path: inner })
    }

    /// The name of a policy that the document does not name.
    pub fn stem(&self) -> &str {
        let file = self.path.rsplit('/').next().unwrap_or(&self.path);
        file.rsplit_once('.').map_or(file, |(stem, _)| stem)
    }
}

/// A document as of one version of its text.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is called.
    pub name: Name,
    /// Its text.
    pub text: Text,
    /// The document and the files that it reads.
    pub sources: Sources,
    /// The document among them.
    pub file: SourceId,
    /// Everything that is wrong with it, or may be.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a document is read with.
pub struct Reading<'r> {
    /// Gives the text of a file.
    pub read: &'r dyn Fn(&Path) -> Option<Vec<u8>>,
    /// Gives the text of a file in a folder, whose path must not lead out of it, through a link neither.
    pub import: &'r dyn Fn(&Path, &str) -> Option<Vec<u8>>,
    /// How the linter looks; `None` where it does not.
    pub lint: Option<dictum_lint::Options>,
}

impl Page {
    /// Reads and checks a document. O(bytes of it and of what it imports), and what linting costs.
    pub fn new(name: Name, text: Text, reading: &Reading<'_>) -> Page {
        let mut sources = Sources::new();
        let file = sources.add_file(name.path.clone(), text.as_str());
        sources.files[file.0 as usize].notation = name.notation;
        let mut page = Page { name, text, sources, file, diagnostics: Vec::new() };
        page.read_imports(reading);
        page.find_policies();
        page.check(reading);
        page.check_rest();
        page
    }

    /// Whether it holds any policy, or may hold one soon.
    pub fn is_policy(&self) -> bool {
        self.name.notation == Notation::Dictum || self.sources.documents().next().is_some()
    }

    /// The URI of a file that it reads; `None` for one that has none.
    pub fn uri(&self, file: SourceId) -> Option<Uri> {
        if file == self.file {
            return Some(self.name.uri.clone());
        }
        let root = self.name.root.as_ref()?;
        uri::of_path(&root.join(&self.sources.file(file).name))
    }

    /// Reads what the document imports, and what that imports. What is not there is reported at the import.
    fn read_imports(&mut self, reading: &Reading<'_>) {
        let Some(root) = &self.name.root else { return };
        let mut next = 0;
        while next < self.sources.files.len() && self.sources.files.len() < FILES_MAX {
            let file = &self.sources.files[next];
            next += 1;
            let wanted = if file.notation == Notation::Dictum { imports(file) } else { Vec::new() };
            for import in wanted {
                if self.sources.files.iter().all(|file| file.path != import.path)
                    && let Some(text) = (reading.import)(root, &import.path)
                {
                    self.sources.add_file(import.path, text);
                }
            }
        }
    }

    fn find_policies(&mut self) {
        if self.name.notation == Notation::Dictum {
            for document in policies_of(&self.sources, self.file, self.name.stem(), None) {
                self.sources.add(document.policy_type, document.name, document.source, document.range);
            }
        } else {
            let arena = Bump::new();
            let root = tree::parse(self.text.as_str(), self.file, &arena);
            for found in root.map(|root| policies::policies(&root)).unwrap_or_default() {
                let span = found.value.span;
                let text = &self.text.as_str()[span.start as usize..span.end as usize];
                let policy_type: PolicyType = found.policy_type.unwrap_or_else(|| guess_type(text.as_bytes()));
                let is_whole = found.name.is_none() && found.policy_type.is_none();
                let range = if is_whole { self.sources.whole(self.file) } else { span.start..span.end };
                let name = found.name.unwrap_or_else(|| self.name.stem().to_owned());
                self.sources.add(policy_type, name, self.file, range);
            }
        }
    }

    /// The policies of a JSON document, as far as they are written.
    pub fn json_policies<'a>(&'a self, arena: &'a Bump) -> Vec<(Option<String>, ast::Policy<'a>)> {
        let root = tree::parse(self.text.as_str(), self.file, arena);
        let found = root.map(|root| policies::policies(&root)).unwrap_or_default();
        let read = |found: policies::Found<'a>| {
            // What is wrong with it was said already.
            let policy = document::read(&found.value, arena, &mut Vec::new())?;
            Some((found.name, policy))
        };
        found.into_iter().filter_map(read).collect()
    }

    /// The policies of the document in order, each with its tree; `None` where one of them has an error.
    pub fn policies<'a>(&'a self, arena: &'a Bump) -> Option<Vec<(&'a Document, ast::Policy<'a>)>> {
        let mut reader = Reader::new(&self.sources, arena);
        let mut documents: Vec<&Document> = self.sources.documents().filter(|it| it.source == self.file).collect();
        documents.sort_by_key(|document| document.range.start);
        documents.into_iter().map(|document| Some((document, reader.read(document, arena).0?))).collect()
    }

    /// The items of a `.dct` document, as far as they are written.
    pub fn items<'a>(&'a self, arena: &'a Bump) -> dsl::tree::File<'a> {
        match self.name.notation {
            Notation::Dictum => dsl::parse(self.text.as_str().as_bytes(), self.file, arena).0,
            Notation::Json => dsl::tree::File::default(),
        }
    }

    fn check(&mut self, reading: &Reading<'_>) {
        let Some(options) = &reading.lint else {
            let documents: Vec<Document> = self.sources.documents().cloned().collect();
            for document in &documents {
                self.diagnostics.extend(resolve_document(&self.sources, document).1);
            }
            return;
        };
        let findings = match self.config(reading) {
            None => dictum_lint::lint(&self.sources, options),
            Some((mut config, name)) => config.apply(&name, dictum_lint::lint(&self.sources, &config.options(options))),
        };
        self.diagnostics.extend(findings.into_iter().map(|finding| finding.diagnostic));
    }

    /// What is wrong with a `.dct` file beside its policies: with a library, and with tests.
    fn check_rest(&mut self) {
        if self.name.notation != Notation::Dictum {
            return;
        }
        let arena = Bump::new();
        let mut files = Files::new(&self.sources, &arena);
        let mut found = files.faults(self.file);
        found.extend(testing::read(&files.tree(self.file)).1);
        // The first policy of the file tells of the file too.
        let same = |one: &Diagnostic, other: &Diagnostic| {
            (one.code, one.span, &one.message) == (other.code, other.span, &other.message)
        };
        found.retain(|fault| !self.diagnostics.iter().any(|told| same(told, fault)));
        self.diagnostics.extend(found);
    }

    /// The nearest configuration of the linter, and what the document is called in its folder.
    fn config(&self, reading: &Reading<'_>) -> Option<(dictum_lint::Config, String)> {
        let path = uri::path(&self.name.uri)?;
        let folders = path.ancestors().skip(1);
        let mut found = folders.filter_map(|folder| Some((folder, (reading.read)(&folder.join(FILE_NAME))?)));
        let (folder, text) = found.next()?;
        let (config, _) = dictum_lint::Config::parse(self.file, &String::from_utf8_lossy(&text));
        Some((config, path.strip_prefix(folder).unwrap_or(&path).display().to_string().replace('\\', "/")))
    }
}
