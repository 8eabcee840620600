//! Requests without policies, a line each, for a bundle that holds the policies: a bare `request` object, or
//! `{"id", "request"}`. A `note` and an `expect` beside them are not read. Ids need not be unique.

use std::io::BufRead;

use serde_json::value::RawValue;

use crate::case::{CaseError, CaseFault, fields};
use crate::raw::{self, Shape};
use crate::reader::{ReadError, next_line};

/// A request that waits for its policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id; where it has none, the number of its line.
    pub id: String,
    /// The line of the file, from 1.
    pub line: u64,
    /// The request's JSON text.
    pub request: String,
}

/// Reads the questions of a file, line by line. After [`ReadError::Io`] and [`ReadError::Empty`] nothing follows.
pub struct Questions<R> {
    reader: R,
    line: u64,
    any: bool,
    over: bool,
}

/// Reads questions line by line.
pub fn lines<R: BufRead>(reader: R) -> Questions<R> {
    Questions { reader, line: 0, any: false, over: false }
}

/// Reads a text that is one question.
///
/// # Errors
/// What makes it none; what is wrong with the request itself comes out when that is read.
pub fn one(text: &[u8]) -> Result<Question, CaseError> {
    read(text, 1)
}

fn read(bytes: &[u8], line: u64) -> Result<Question, CaseError> {
    let text = str::from_utf8(bytes)
        .map_err(|error| CaseError::new(line, CaseFault::NotUtf8 { valid_up_to: error.valid_up_to() }))?;
    let raw = raw::scan(text).map_err(|error| CaseError::new(line, CaseFault::NotJson(error)))?;
    let question = |raw| question(raw, line);
    question(raw).map_err(|fault| CaseError::of(raw, line, fault))
}

fn question(raw: &RawValue, line: u64) -> Result<Question, CaseFault> {
    const OF: &str = "the line";
    if raw::shape(raw) != Shape::Object {
        return Err(CaseFault::WrongType { what: OF, expected: "an object" });
    }
    let names = raw::members(raw).map_err(CaseFault::NotJson)?;
    if !names.iter().any(|(name, _)| ["id", "request", "policies"].contains(&name.as_str())) {
        return Ok(Question { id: line.to_string(), line, request: raw.get().to_owned() });
    }
    let [id, request, ..] = fields(raw, OF, ["id", "request", "note", "expect"])?;
    let request = request.ok_or(CaseFault::MissingMember { of: OF, name: "request" })?;
    let id = match id {
        Some(id) => raw::text(id).ok_or(CaseFault::WrongType { what: "`id`", expected: "a text" })?,
        None => line.to_string(),
    };
    Ok(Question { id, line, request: request.get().to_owned() })
}

impl<R: BufRead> Iterator for Questions<R> {
    type Item = Result<Question, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let mut bytes = Vec::new();
        let found = next_line(&mut self.reader, &mut self.line, &mut bytes);
        self.over = !matches!(found, Ok(Some(())));
        let first = !std::mem::replace(&mut self.any, true);
        match found {
            Ok(Some(())) => Some(read(&bytes, self.line).map_err(ReadError::Case)),
            Ok(None) => first.then_some(Err(ReadError::Empty)),
            Err(error) => Some(Err(ReadError::Io(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<String> {
        let show = |item: Result<Question, ReadError>| match item {
            Ok(question) => format!("{} {}", question.id, question.request),
            Err(error) => error.to_string(),
        };
        lines(text.as_bytes()).map(show).collect()
    }

    #[test]
    fn bare_or_with_an_id() {
        let text = "\n{\"action\":1}\n{\"id\":\"a\",\"request\":[],\"expect\":7}\n{\"request\":{}}\n[]\n{\"id\":\"b\"}\n{\"policies\":{},\"request\":{}}\n{";
        assert_eq!(
            read_all(text),
            [
                "2 {\"action\":1}",
                "a []",
                "4 {}",
                "line 5: the line is not an object",
                "line 6: the line lacks the member `request`",
                "line 7: unknown member `policies` in the line",
                "line 8: not JSON: EOF while parsing an object at line 1 column 1",
            ]
        );
        assert_eq!(read_all(" \n"), ["no case at all"]);
    }
}
