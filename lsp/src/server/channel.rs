//! Messages in and out. A payload that is no message is told of and passed over; only a broken frame ends the
//! conversation, since nobody can tell where the next one begins.

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use lsp_server::{ErrorCode, Message, Notification, RequestId, Response};
use lsp_types::notification::{Cancel, Notification as _};
use lsp_types::{CancelParams, NumberOrString};

/// What comes from the client.
#[derive(Debug)]
pub enum Event {
    /// A message.
    Message(Message),
    /// A payload that is no message, and why.
    Malformed(String),
    /// The end of input, with the fault that made it, where it was none of the client's doing.
    Closed(Option<String>),
}

/// The two directions, with what was received and not yet answered.
pub struct Channel<W> {
    receiver: Receiver<Event>,
    waiting: VecDeque<Event>,
    output: W,
}

impl<W: Write> Channel<W> {
    /// Reads from a thread of its own, which ends with the input or with the message `exit`.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(input: impl BufRead + Send + 'static, output: W) -> io::Result<Channel<W>> {
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new().name("messages".to_owned()).spawn(move || {
            let mut input = input;
            loop {
                let event = read(&mut input);
                let is_last = match &event {
                    Event::Closed(_) => true,
                    Event::Message(Message::Notification(notification)) => notification.method == "exit",
                    _ => false,
                };
                if sender.send(event).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Channel { receiver, waiting: VecDeque::new(), output })
    }

    /// The next event. Where none has come yet, `idle` is run before waiting for it.
    ///
    /// # Errors
    /// What `idle` gives.
    pub fn next(&mut self, idle: impl FnOnce(&mut Channel<W>) -> io::Result<()>) -> io::Result<Event> {
        self.drain();
        if self.waiting.is_empty() {
            idle(self)?;
            self.drain();
        }
        Ok(match self.waiting.pop_front() {
            Some(event) => event,
            None => self.receiver.recv().unwrap_or(Event::Closed(None)),
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Where the client is gone.
    pub fn send(&mut self, message: impl Into<Message>) -> io::Result<()> {
        message.into().write(&mut self.output)
    }

    /// Whether the client does not want the answer to a request any more: it said so behind it.
    pub fn is_cancelled(&mut self, id: &RequestId) -> bool {
        self.drain();
        self.waiting.iter().any(|event| match event {
            Event::Message(Message::Notification(notification)) => cancelled(notification).as_ref() == Some(id),
            _ => false,
        })
    }

    fn drain(&mut self) {
        loop {
            match self.receiver.try_recv() {
                Ok(event) => self.waiting.push_back(event),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }
}

/// The answer to a request that was cancelled before its turn.
pub fn cancellation(id: RequestId) -> Response {
    Response::new_err(id, ErrorCode::RequestCanceled as i32, "cancelled by the client".to_owned())
}

fn cancelled(notification: &Notification) -> Option<RequestId> {
    if notification.method != Cancel::METHOD {
        return None;
    }
    let params: CancelParams = serde_json::from_value(notification.params.clone()).ok()?;
    Some(match params.id {
        NumberOrString::Number(number) => RequestId::from(number),
        NumberOrString::String(text) => RequestId::from(text),
    })
}

fn read(input: &mut impl BufRead) -> Event {
    match Message::read(input) {
        Ok(Some(message)) => Event::Message(message),
        Ok(None) => Event::Closed(None),
        // The frame was whole, so that the next one can be read.
        Err(fault) if fault.to_string().starts_with("malformed LSP payload") => {
            Event::Malformed("a message that is none of JSON-RPC".to_owned())
        }
        Err(fault) => Event::Closed(Some(fault.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(payloads: &[&str]) -> Vec<u8> {
        payloads.iter().flat_map(|text| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()).collect()
    }

    fn channel(input: Vec<u8>) -> Channel<Vec<u8>> {
        Channel::new(io::Cursor::new(input), Vec::new()).unwrap()
    }

    #[test]
    fn a_malformed_payload_is_passed_over() {
        let mut channel = channel(frames(&["{\"x\":1}", "{", r#"{"jsonrpc":"2.0","id":1,"method":"m"}"#]));
        let mut next = || channel.next(|_| Ok(())).unwrap();
        assert!(matches!(next(), Event::Malformed(_)));
        assert!(matches!(next(), Event::Malformed(_)));
        assert!(matches!(next(), Event::Message(Message::Request(request)) if request.method == "m"));
        assert!(matches!(next(), Event::Closed(None)));
    }

    #[test]
    fn a_broken_frame_ends_it() {
        let mut channel = channel(b"Content-Length: many\r\n\r\n{}".to_vec());
        assert!(matches!(channel.next(|_| Ok(())).unwrap(), Event::Closed(Some(_))));
    }

    #[test]
    fn a_request_is_cancelled_by_what_comes_behind_it() {
        let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
        let mut channel = channel(frames(&[
            r#"{"jsonrpc":"2.0","id":1,"method":"m"}"#,
            cancel,
            r#"{"jsonrpc":"2.0","method":"exit"}"#,
        ]));
        assert!(matches!(channel.next(|_| Ok(())).unwrap(), Event::Message(Message::Request(_))));
        while channel.waiting.len() < 2 {
            channel.drain();
        }
        assert!(channel.is_cancelled(&RequestId::from(1)));
        assert!(!channel.is_cancelled(&RequestId::from(2)));
    }
}
