//! What the client said of itself, and what it is told in return.

use std::path::PathBuf;

use lsp_types::*;
use serde::Deserialize;

use crate::complete::TRIGGERS;
use crate::place::Encoding;
use crate::uri;

/// What the client can do and where it works.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// What columns count.
    pub encoding: Encoding,
    /// The folders of its workspace.
    pub folders: Vec<PathBuf>,
    /// Completions may hold places to fill in.
    pub takes_snippets: bool,
    /// An edit may make a file.
    pub makes_files: bool,
    /// An edit may be bound to a version of a document.
    pub takes_document_changes: bool,
    /// The server may ask to be told of changed files.
    pub watches_files: bool,
    /// What the author chose.
    pub settings: Settings,
}

/// What an author can choose: `initializationOptions`, or `dictum` of the configuration.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    /// Whether JSON documents are looked at; `.dct` files always are.
    pub json: bool,
    /// Whether the linter runs beside the compiler.
    pub lint: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { json: true, lint: true }
    }
}

impl Settings {
    /// Of a configuration, or of its member `dictum`; what cannot be read leaves the defaults.
    pub fn of(value: &serde_json::Value) -> Settings {
        let own = value.get("dictum").unwrap_or(value);
        serde_json::from_value(own.clone()).unwrap_or_default()
    }
}

impl Client {
    /// By what it says when it begins.
    pub fn new(params: &InitializeParams) -> Client {
        let capabilities = &params.capabilities;
        let kinds = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let workspace = capabilities.workspace.as_ref();
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edits.and_then(|edits| edits.resource_operations.as_deref()).unwrap_or_default();
        let completion = capabilities.text_document.as_ref().and_then(|document| document.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files);
        Client {
            encoding: Encoding::agreed(kinds),
            folders: folders(params),
            takes_snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            makes_files: operations.contains(&ResourceOperationKind::Create),
            takes_document_changes: edits.and_then(|edits| edits.document_changes).unwrap_or(false),
            watches_files: watched.and_then(|watched| watched.dynamic_registration).unwrap_or(false),
            settings: params.initialization_options.as_ref().map(Settings::of).unwrap_or_default(),
        }
    }
}

impl Client {
    /// What the server can do for it.
    pub fn offered(&self) -> ServerCapabilities {
        let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR_REWRITE];
        let actions = CodeActionOptions { code_action_kinds: Some(kinds), ..CodeActionOptions::default() };
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(TRIGGERS.map(str::to_owned).to_vec()),
                resolve_provider: Some(true),
                ..CompletionOptions::default()
            }),
            document_symbol_provider: Some(OneOf::Left(true)),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            document_formatting_provider: Some(OneOf::Left(true)),
            definition_provider: Some(OneOf::Left(true)),
            references_provider: Some(OneOf::Left(true)),
            rename_provider: Some(OneOf::Right(RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            })),
            code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
            ..ServerCapabilities::default()
        }
    }
}

#[allow(deprecated, reason = "older clients name one folder only")]
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let folders: Vec<_> = named.filter_map(uri::path).collect();
    if !folders.is_empty() {
        return folders;
    }
    params.root_uri.iter().filter_map(uri::path).collect()
}
