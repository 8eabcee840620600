//! Documents into the model, each under the type of its place.

use super::fault::Faults;
use crate::directory::model::{Directory, DocumentId};
use crate::source::{Document, PolicyType, SourceId, Sources};

/// What a tree is read into, and with.
pub(super) struct Reading<'s> {
    /// The files.
    pub(super) sources: &'s Sources,
    /// What has been read.
    pub(super) directory: Directory,
    /// What could not be.
    pub(super) faults: Faults,
}

impl<'s> Reading<'s> {
    /// Nothing read so far.
    pub(super) fn new(sources: &'s Sources, faults: Faults) -> Reading<'s> {
        Reading { sources, directory: Directory::default(), faults }
    }

    /// Takes in the one document of a file. What is wrong inside it is told when it is compiled, and so is that a file of the
    /// Dictum language holds none or several.
    pub(super) fn add_document(&mut self, source: SourceId, name: &str, policy_type: PolicyType) -> DocumentId {
        let range = self.sources.whole(source);
        self.directory.add_document(Document { name: name.to_owned(), policy_type, source, range })
    }
}
