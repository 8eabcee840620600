//! Documents into the model, each under the type of its place.

use std::ops::Range;

use bumpalo::Bump;

use super::fault::{Faults, RULE, at_start};
use crate::diagnostic::{Code, Diagnostic};
use crate::directory::model::{Directory, DocumentId};
use crate::expand::Files;
use crate::source::{Document, Notation, PolicyType, SourceId, Sources, Span};

/// What a tree is read into, and with.
pub(super) struct Reading<'s> {
    /// The files.
    pub(super) sources: &'s Sources,
    /// What has been read.
    pub(super) directory: Directory,
    /// What could not be.
    pub(super) faults: Faults,
    /// Files of the Dictum language, libraries among them, each parsed once.
    files: Files<'s>,
}

impl<'s> Reading<'s> {
    /// Nothing read so far.
    pub(super) fn new(sources: &'s Sources, arena: &'s Bump, faults: Faults) -> Reading<'s> {
        Reading { sources, directory: Directory::default(), faults, files: Files::new(sources, arena) }
    }

    /// Takes in the one document of a file. What is wrong inside a document is told when it is compiled; here only that a
    /// file of the Dictum language holds none or several.
    pub(super) fn add_document(&mut self, source: SourceId, name: &str, policy_type: PolicyType) -> Option<DocumentId> {
        let range = match self.sources.file(source).notation {
            Notation::Json => self.sources.whole(source),
            Notation::Dictum => self.policy_in(source, name, policy_type)?,
        };
        let document = Document { name: name.to_owned(), policy_type, source, range };
        Some(self.directory.add_document(document))
    }

    fn policy_in(&mut self, source: SourceId, name: &str, policy_type: PolicyType) -> Option<Range<u32>> {
        let mut policies = self.files.policies(source, name, Some(policy_type)).into_iter();
        let Some(policy) = policies.next() else {
            // What was meant to be a policy may be what could not be read; compiling it tells.
            if self.files.has_errors(source) {
                return Some(self.sources.whole(source));
            }
            let fault = Diagnostic::new(Code::D_MISSING, at_start(source), RULE, "the file holds no policy");
            let fault = fault.expected("one policy");
            self.faults.push(fault.help("files that are only imported have their place in `lib/`"));
            return None;
        };
        let place = |policy: &Document| Span { source, start: policy.range.start, end: policy.range.end };
        if let Some(second) = policies.next() {
            let fault = Diagnostic::new(Code::D_TWICE, place(&second), RULE, "the file holds several policies");
            self.faults.push(fault.expected("one policy").related(place(&policy), "the first one is here"));
        }
        Some(policy.range)
    }
}
