//! What is known of the client and of its documents.

use std::collections::BTreeMap;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bumpalo::Bump;
use dictum_catalogue::Catalogue;
use dictum_compiler::source::Notation;
use dictum_lint::config::FILE_NAME;
use lsp_server::{Notification, Request, RequestId};
use lsp_types::notification::{self as note, Notification as _};
use lsp_types::request::{self as ask, Request as _};
use lsp_types::*;

use super::client::{Client, Settings};
use super::workspace;
use crate::page::{Name, Page, Reading};
use crate::place::Text;
use crate::uri;

/// What the server has from outside.
#[derive(Clone)]
pub struct Setup {
    /// Reads files, of which open documents may import some.
    pub disk: fn(&Path) -> io::Result<Vec<u8>>,
    /// What there is to know of services; without it the shipped catalogue.
    pub catalogue: Option<Arc<Catalogue>>,
}

/// A catalogue, wherever it lives.
#[derive(Clone)]
pub enum Known {
    /// The one that is shipped.
    Shipped(&'static Catalogue),
    /// One that was given.
    Given(Arc<Catalogue>),
}

impl Deref for Known {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        match self {
            Known::Shipped(catalogue) => catalogue,
            Known::Given(catalogue) => catalogue,
        }
    }
}

/// How far the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Before,
    Open,
    Over,
}

/// A document that the client has open.
pub struct Open {
    pub name: Name,
    pub text: Text,
    pub version: i32,
    /// Made when first asked for; thrown away with every change.
    pub page: Option<Page>,
    /// Whether the client has not seen its diagnostics yet.
    pub is_stale: bool,
}

pub struct Server {
    setup: Setup,
    pub stage: Stage,
    pub client: Client,
    pub open: BTreeMap<Uri, Open>,
    /// Documents whose last diagnostics are still shown.
    pub closed: Vec<Uri>,
}

impl Server {
    pub fn new(setup: Setup) -> Server {
        Server { setup, stage: Stage::Before, client: Client::default(), open: BTreeMap::new(), closed: Vec::new() }
    }

    /// The request to be told of changed files, where the client is ready for it.
    pub fn registration(&self, notification: &Notification) -> Option<Request> {
        if notification.method != note::Initialized::METHOD || !self.client.watches_files {
            return None;
        }
        let watch = |pattern: &str| FileSystemWatcher {
            glob_pattern: GlobPattern::String(format!("**/{pattern}")),
            kind: None,
        };
        let watchers = ["*.dct", FILE_NAME].map(watch).to_vec();
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        let method = note::DidChangeWatchedFiles::METHOD.to_owned();
        let registration =
            Registration { id: "files".to_owned(), method, register_options: serde_json::to_value(options).ok() };
        let params = RegistrationParams { registrations: vec![registration] };
        Some(Request::new(RequestId::from("files".to_owned()), ask::RegisterCapability::METHOD.to_owned(), params))
    }

    /// Takes note of something; what cannot be read is passed over, since nobody waits for an answer.
    pub fn take(&mut self, notification: &Notification) {
        fn read<N: note::Notification>(notification: &Notification) -> Option<N::Params> {
            serde_json::from_value(notification.params.clone()).ok()
        }
        if self.stage != Stage::Open {
            return;
        }
        match notification.method.as_str() {
            note::DidOpenTextDocument::METHOD => {
                _ = read::<note::DidOpenTextDocument>(notification).map(|params| self.did_open(params));
            }
            note::DidChangeTextDocument::METHOD => {
                _ = read::<note::DidChangeTextDocument>(notification).map(|params| self.did_change(&params));
            }
            note::DidCloseTextDocument::METHOD => {
                _ = read::<note::DidCloseTextDocument>(notification).map(|params| self.did_close(&params));
            }
            note::DidChangeConfiguration::METHOD => {
                if let Some(params) = read::<note::DidChangeConfiguration>(notification) {
                    self.client.settings = Settings::of(&params.settings);
                    self.all_changed();
                }
            }
            note::DidChangeWatchedFiles::METHOD => self.all_changed(),
            _ => {}
        }
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(name) = Name::new(&document.uri, &document.language_id, &self.client.folders) else { return };
        let text = Text::new(document.text, self.client.encoding);
        let open = Open { name, text, version: document.version, page: None, is_stale: true };
        self.open.insert(document.uri.clone(), open);
        self.changed(&document.uri);
    }

    fn did_change(&mut self, params: &DidChangeTextDocumentParams) {
        let uri = &params.text_document.uri;
        let Some(open) = self.open.get_mut(uri) else { return };
        let mut text = None;
        for change in &params.content_changes {
            text = Some(text.as_ref().unwrap_or(&open.text).changed(change.range, &change.text));
        }
        open.text = text.unwrap_or_else(|| open.text.clone());
        open.version = params.text_document.version;
        self.changed(uri);
    }

    fn did_close(&mut self, params: &DidCloseTextDocumentParams) {
        let uri = &params.text_document.uri;
        if self.open.remove(uri).is_some() {
            self.closed.push(uri.clone());
            self.changed(uri);
        }
    }

    /// A document was changed, and with it maybe those that import it.
    fn changed(&mut self, uri: &Uri) {
        for open in self.open.values_mut() {
            if open.name.uri == *uri || open.name.notation == Notation::Dictum {
                open.page = None;
                open.is_stale = true;
            }
        }
    }

    fn all_changed(&mut self) {
        for open in self.open.values_mut() {
            open.page = None;
            open.is_stale = true;
        }
    }

    /// A document as it is now; `None` for one that is not open, or that nobody wants looked at.
    pub fn page(&mut self, uri: &Uri) -> Option<&Page> {
        let open = self.open.get(uri)?;
        if open.name.notation == Notation::Json && !self.client.settings.json {
            return None;
        }
        if open.page.is_none() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
            let now = now.and_then(|now| i64::try_from(now.as_millis()).ok());
            let catalogue = self.setup.catalogue.clone();
            let options = dictum_lint::Options { now, catalogue, ..dictum_lint::Options::default() };
            let lint = Some(options).filter(|_| self.client.settings.lint);
            let page = self.read_page(open.name.clone(), open.text.clone(), lint);
            self.open.get_mut(uri)?.page = Some(page);
        }
        self.open.get(uri)?.page.as_ref()
    }

    fn read_page(&self, name: Name, text: Text, lint: Option<dictum_lint::Options>) -> Page {
        let import = |root: &Path, inside: &str| self.import(root, inside);
        Page::new(name, text, &Reading { read: &|path| self.read(path), import: &import, lint })
    }

    /// The files beside a document that are not open and in which a name stands: those of the workspace, or where the
    /// document is in none, those of its folder.
    ///
    /// # Errors
    /// The first that cannot be read whole, as a message: nobody knows what uses it has.
    pub fn closed_with(&self, name: &str, document: &Name) -> Result<Vec<Page>, String> {
        let Some(path) = uri::path(&document.uri) else { return Ok(Vec::new()) };
        let folders: Vec<&Path> =
            self.client.folders.iter().map(PathBuf::as_path).filter(|folder| path.starts_with(folder)).collect();
        let mut paths = Vec::new();
        for folder in &folders {
            paths.extend(workspace::files(folder, true)?);
        }
        if folders.is_empty() {
            paths.extend(workspace::files(path.parent().unwrap_or(&path), false)?);
        }
        paths.sort();
        paths.dedup();
        let mut pages = Vec::new();
        for path in paths {
            let Some(uri) = uri::of_path(&path).filter(|uri| !self.open.contains_key(uri)) else { continue };
            pages.extend(self.closed(name, &path, &uri)?);
        }
        Ok(pages)
    }

    fn closed(&self, name: &str, path: &Path, uri: &Uri) -> Result<Option<Page>, String> {
        let shown = path.display();
        let text = (self.setup.disk)(path).map_err(|fault| format!("`{shown}` cannot be read: {fault}"))?;
        if !text.windows(name.len().max(1)).any(|bytes| bytes == name.as_bytes()) {
            return Ok(None);
        }
        let text = String::from_utf8(text).map_err(|_| format!("`{shown}` cannot be read: it is not UTF-8"))?;
        let Some(name) = Name::new(uri, "dictum", &self.client.folders) else { return Ok(None) };
        let page = self.read_page(name, Text::new(text, self.client.encoding), None);
        let is_faulty = !page.items(&Bump::new()).faulty.is_empty();
        if is_faulty { Err(format!("`{shown}` cannot be read: its syntax is at fault")) } else { Ok(Some(page)) }
    }

    /// What there is to know of services.
    pub fn catalogue(&self) -> Known {
        match &self.setup.catalogue {
            Some(catalogue) => Known::Given(Arc::clone(catalogue)),
            None => Known::Shipped(Catalogue::builtin()),
        }
    }

    /// The text of a file: as an open document has it, else as the disk has it.
    pub fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let open = uri::of_path(path).and_then(|uri| self.open.get(&uri));
        match open {
            Some(open) => Some(open.text.as_str().as_bytes().to_owned()),
            None => (self.setup.disk)(path).ok(),
        }
    }

    /// The text of a file in a folder. Links that lead out of it are not followed.
    fn import(&self, root: &Path, inside: &str) -> Option<Vec<u8>> {
        let path = root.join(inside);
        let is_open = uri::of_path(&path).is_some_and(|uri| self.open.contains_key(&uri));
        let is_inside = || Some(path.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
        if is_open || is_inside()? { self.read(&path) } else { None }
    }

    /// Whether a document of this name exists already, open or on the disk.
    pub fn is_there(&self, uri: &Uri) -> bool {
        self.open.contains_key(uri) || uri::path(uri).is_some_and(|path| (self.setup.disk)(&path).is_ok())
    }
}
