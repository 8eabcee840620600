//! Requests to answers.

use std::collections::HashMap;

use lsp_server::{ErrorCode, Request, RequestId, Response};
use lsp_types::request::{self as ask, Request as _};
use lsp_types::*;

use super::client::Client;
use super::guard::guarded;
use super::state::{Server, Stage};
use crate::complete;
use crate::fixes;
use crate::hover;
use crate::navigate;
use crate::outline;
use crate::page::Page;
use crate::reformat;

/// Why a request has no result.
pub struct Refusal {
    code: ErrorCode,
    message: String,
}

type Answer<T> = Result<T, Refusal>;

impl Server {
    /// The response to a request, whatever it is.
    pub fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        let refuse = |code: ErrorCode, message: &str| Response::new_err(id.clone(), code as i32, message.to_owned());
        match (self.stage, request.method.as_str()) {
            (Stage::Before, ask::Initialize::METHOD) => {}
            (Stage::Before, _) => return refuse(ErrorCode::ServerNotInitialized, "`initialize` comes first"),
            (Stage::Over, _) => return refuse(ErrorCode::InvalidRequest, "the server was shut down"),
            (Stage::Open, ask::Initialize::METHOD) => {
                return refuse(ErrorCode::InvalidRequest, "the server was initialized already");
            }
            (Stage::Open, _) => {}
        }
        guarded(|| self.dispatch(request)).unwrap_or_else(|fault| refuse(ErrorCode::InternalError, &fault))
    }

    fn dispatch(&mut self, request: Request) -> Response {
        match request.method.as_str() {
            ask::Initialize::METHOD => self.run::<ask::Initialize>(request, Server::initialize),
            ask::Shutdown::METHOD => self.run::<ask::Shutdown>(request, Server::shutdown),
            ask::HoverRequest::METHOD => self.run::<ask::HoverRequest>(request, Server::hover),
            ask::Completion::METHOD => self.run::<ask::Completion>(request, Server::completion),
            ask::ResolveCompletionItem::METHOD => self.run::<ask::ResolveCompletionItem>(request, Server::resolve),
            ask::DocumentSymbolRequest::METHOD => self.run::<ask::DocumentSymbolRequest>(request, Server::symbols),
            ask::FoldingRangeRequest::METHOD => self.run::<ask::FoldingRangeRequest>(request, Server::folds),
            ask::CodeActionRequest::METHOD => self.run::<ask::CodeActionRequest>(request, Server::actions),
            ask::Formatting::METHOD => self.run::<ask::Formatting>(request, Server::formatting),
            ask::GotoDefinition::METHOD => self.run::<ask::GotoDefinition>(request, Server::definition),
            ask::References::METHOD => self.run::<ask::References>(request, Server::references),
            ask::PrepareRenameRequest::METHOD => self.run::<ask::PrepareRenameRequest>(request, Server::renamable),
            ask::Rename::METHOD => self.run::<ask::Rename>(request, Server::rename),
            method => {
                let message = format!("no method `{method}`");
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        }
    }

    fn run<R: ask::Request>(
        &mut self,
        request: Request,
        run: impl FnOnce(&mut Server, R::Params) -> Answer<R::Result>,
    ) -> Response {
        let id: RequestId = request.id;
        let answer = match serde_json::from_value::<R::Params>(request.params) {
            Ok(params) => run(self, params),
            Err(fault) => Err(Refusal { code: ErrorCode::InvalidParams, message: fault.to_string() }),
        };
        let answer = answer.and_then(|result| {
            let code = ErrorCode::InternalError;
            serde_json::to_value(result).map_err(|fault| Refusal { code, message: fault.to_string() })
        });
        match answer {
            Ok(result) => Response { id, response_result: Ok(result) },
            Err(refusal) => Response::new_err(id, refusal.code as i32, refusal.message),
        }
    }

    fn initialize(&mut self, params: InitializeParams) -> Answer<InitializeResult> {
        self.client = Client::new(&params);
        self.stage = Stage::Open;
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let server_info = Some(ServerInfo { name: "dictum".to_owned(), version });
        Ok(InitializeResult { capabilities: self.client.offered(), server_info })
    }

    fn shutdown(&mut self, (): ()) -> Answer<()> {
        self.stage = Stage::Over;
        Ok(())
    }

    /// The document and the byte in it that a request is about.
    fn at(&mut self, params: &TextDocumentPositionParams) -> Option<(&Page, usize)> {
        let page = self.page(&params.text_document.uri)?;
        Some((page, page.text.offset(params.position)))
    }

    fn hover(&mut self, params: HoverParams) -> Answer<Option<Hover>> {
        let catalogue = self.catalogue();
        let at = self.at(&params.text_document_position_params);
        Ok(at.and_then(|(page, offset)| hover::hover(page, offset, &catalogue)))
    }

    fn completion(&mut self, params: CompletionParams) -> Answer<Option<CompletionResponse>> {
        let (takes_snippets, catalogue) = (self.client.takes_snippets, self.catalogue());
        let at = self.at(&params.text_document_position);
        let list = at.and_then(|(page, offset)| complete::complete(page, offset, takes_snippets, &catalogue));
        Ok(list.map(CompletionResponse::List))
    }

    fn resolve(&mut self, item: CompletionItem) -> Answer<CompletionItem> {
        Ok(complete::resolve(item, &self.catalogue()))
    }

    fn symbols(&mut self, params: DocumentSymbolParams) -> Answer<Option<DocumentSymbolResponse>> {
        let page = self.page(&params.text_document.uri);
        Ok(page.map(|page| DocumentSymbolResponse::Nested(outline::symbols(page))))
    }

    fn folds(&mut self, params: FoldingRangeParams) -> Answer<Option<Vec<FoldingRange>>> {
        Ok(self.page(&params.text_document.uri).map(outline::folds))
    }

    fn actions(&mut self, params: CodeActionParams) -> Answer<Option<CodeActionResponse>> {
        let wanted = params.context.only;
        let wants = |kind: &CodeActionKind| {
            let covers = |only: &CodeActionKind| {
                let rest = kind.as_str().strip_prefix(only.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || only.as_str().is_empty())
            };
            wanted.as_ref().is_none_or(|kinds| kinds.iter().any(covers))
        };
        let makes_files = self.client.makes_files && self.client.takes_document_changes;
        let uri = &params.text_document.uri;
        let Some(page) = self.page(uri).filter(|page| page.is_policy()) else { return Ok(None) };
        let mut found = Vec::new();
        if wants(&CodeActionKind::QUICKFIX) {
            found.extend(fixes::quick_fixes(page, &page.text.bytes(params.range)));
        }
        if wants(&fixes::CONVERT) {
            let convert = fixes::convert(page, makes_files);
            // A file that is there already is not written over.
            found.extend(convert.filter(|(_, made)| !made.iter().any(|uri| self.is_there(uri))).map(|(it, _)| it));
        }
        Ok(Some(found.into_iter().map(CodeActionOrCommand::CodeAction).collect()))
    }

    fn formatting(&mut self, params: DocumentFormattingParams) -> Answer<Option<Vec<TextEdit>>> {
        Ok(self.page(&params.text_document.uri).and_then(reformat::reformat))
    }

    fn definition(&mut self, params: GotoDefinitionParams) -> Answer<Option<GotoDefinitionResponse>> {
        let at = self.at(&params.text_document_position_params);
        let found = at.and_then(|(page, offset)| navigate::definition(page, offset));
        Ok(found.map(GotoDefinitionResponse::Scalar))
    }

    fn references(&mut self, params: ReferenceParams) -> Answer<Option<Vec<Location>>> {
        let with_definition = params.context.include_declaration;
        let at = params.text_document_position;
        let (page, all) = self.among_all(&at.text_document.uri);
        Ok(page.map(|page| navigate::references(page, page.text.offset(at.position), &all, with_definition)))
    }

    fn renamable(&mut self, params: TextDocumentPositionParams) -> Answer<Option<PrepareRenameResponse>> {
        let found = self.at(&params).and_then(|(page, offset)| navigate::renamable(page, offset));
        let named = |(placeholder, range)| PrepareRenameResponse::RangeWithPlaceholder { range, placeholder };
        Ok(found.map(named))
    }

    fn rename(&mut self, params: RenameParams) -> Answer<Option<WorkspaceEdit>> {
        let at = params.text_document_position;
        let refusal = |message| Refusal { code: ErrorCode::RequestFailed, message };
        self.make_pages();
        let page = self.open.get(&at.text_document.uri).and_then(|open| open.page.as_ref());
        let Some(page) = page else { return Ok(None) };
        let offset = page.text.offset(at.position);
        // A file that nobody has open may use the name too, or define it.
        let closed = match navigate::renamable(page, offset) {
            Some((name, _)) => self.closed_with(&name, &page.name).map_err(refusal)?,
            None => Vec::new(),
        };
        let all: Vec<&Page> = self.open.values().filter_map(|open| open.page.as_ref()).chain(&closed).collect();
        let edits = navigate::rename(page, offset, &params.new_name, &all).map_err(refusal)?;
        #[allow(clippy::mutable_key_type, reason = "the protocol's own type; nobody changes the keys")]
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (uri, edit) in edits {
            changes.entry(uri).or_default().push(edit);
        }
        Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
    }

    /// A document, and all open ones.
    fn among_all(&mut self, uri: &Uri) -> (Option<&Page>, Vec<&Page>) {
        self.make_pages();
        let pages: Vec<&Page> = self.open.values().filter_map(|open| open.page.as_ref()).collect();
        (pages.iter().copied().find(|page| page.name.uri == *uri), pages)
    }

    /// Reads every open document that was changed.
    fn make_pages(&mut self) {
        let uris: Vec<Uri> = self.open.keys().cloned().collect();
        for uri in &uris {
            self.page(uri);
        }
    }
}
