//! The conversation: requests in the order they came, diagnostics whenever nothing else is to be done.
//!
//! Every request is answered. One that this program fails at is answered with an error, and the conversation goes on.

mod channel;
mod guard;
mod client;
mod workspace;
mod state;
mod requests;

use std::io::{self, BufRead, Write};

use lsp_server::{ErrorCode, Message, Notification};
use lsp_types::notification::{self as note, Notification as _};
use lsp_types::{LogMessageParams, MessageType, PublishDiagnosticsParams, Uri};

use crate::report;
use channel::{Channel, Event};
use guard::guarded;
pub use state::Setup;
use state::{Server, Stage};

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As the protocol has it: `shutdown`, then `exit`.
    Orderly,
    /// With `exit` alone, or because the input ended.
    Abrupt,
    /// Because of a frame that cannot be read.
    Broken(String),
}

/// Talks with a client until it ends the conversation.
///
/// # Errors
/// Where the output fails.
pub fn serve(input: impl BufRead + Send + 'static, output: impl Write, setup: Setup) -> io::Result<Ended> {
    let mut channel = Channel::new(input, output)?;
    let mut server = Server::new(setup);
    loop {
        let event = channel.next(|channel| publish(&mut server, channel))?;
        match event {
            Event::Closed(None) => return Ok(Ended::Abrupt),
            Event::Closed(Some(fault)) => return Ok(Ended::Broken(fault)),
            Event::Malformed(fault) => channel.send(log(MessageType::WARNING, fault))?,
            Event::Message(Message::Response(_)) => {}
            Event::Message(Message::Request(request)) => {
                let is_cancelled = channel.is_cancelled(&request.id);
                let response = if is_cancelled { channel::cancellation(request.id) } else { server.answer(request) };
                if let Err(error) = &response.response_result
                    && error.code == ErrorCode::InternalError as i32
                {
                    channel.send(log(MessageType::ERROR, error.message.clone()))?;
                }
                channel.send(response)?;
            }
            Event::Message(Message::Notification(notification)) => {
                if notification.method == note::Exit::METHOD {
                    return Ok(if server.stage == Stage::Over { Ended::Orderly } else { Ended::Abrupt });
                }
                if let Some(request) = server.registration(&notification) {
                    channel.send(request)?;
                }
                if let Err(fault) = guarded(|| server.take(&notification)) {
                    channel.send(log(MessageType::ERROR, fault))?;
                }
            }
        }
    }
}

fn log(typ: MessageType, message: String) -> Notification {
    Notification::new(note::LogMessage::METHOD.to_owned(), LogMessageParams { typ, message })
}

/// Sends the diagnostics that the client has not seen yet.
fn publish<W: Write>(server: &mut Server, channel: &mut Channel<W>) -> io::Result<()> {
    for uri in std::mem::take(&mut server.closed) {
        channel.send(published(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None }))?;
    }
    let stale: Vec<Uri> = server.open.values().filter(|open| open.is_stale).map(|open| open.name.uri.clone()).collect();
    for uri in stale {
        let found = guarded(|| server.page(&uri).map(report::diagnostics).unwrap_or_default());
        let Some(open) = server.open.get_mut(&uri) else { continue };
        open.is_stale = false;
        let version = Some(open.version);
        match found {
            Ok(diagnostics) => {
                channel.send(published(PublishDiagnosticsParams { uri, diagnostics, version }))?;
            }
            Err(fault) => channel.send(log(MessageType::ERROR, fault))?,
        }
    }
    Ok(())
}

fn published(params: PublishDiagnosticsParams) -> Notification {
    Notification::new(note::PublishDiagnostics::METHOD.to_owned(), params)
}
