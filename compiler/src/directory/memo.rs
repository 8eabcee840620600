//! What is kept of the entities of all sources together, for as long as nothing that they were read from changes.
//!
//! They are read from the names of all files and from what some of them say. Which ones is seen from what was asked for: a
//! policy of its own file may say something else, and nothing is read again but that policy.

use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::cache::{Cache, fingerprint};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::source::{Notation, SourceFile, SourceId, Sources, Span};
use crate::warning::Warning;

/// Entities, and what they were read from.
#[derive(Serialize, Deserialize)]
struct Kept<L> {
    /// Whether each file's text was asked for.
    asked: Vec<bool>,
    /// The digest of the names of all files, and of those texts.
    made_of: [u8; 32],
    /// Files that were added on the way: name and text.
    added: Vec<(String, Vec<u8>)>,
    warnings: Vec<Warning>,
    layout: L,
}

/// Where the entities of some sources are kept.
pub(crate) struct Memo {
    key: Digest,
    files: usize,
}

impl Memo {
    /// Of these sources, before anything is read of them.
    pub(crate) fn of(sources: &Sources, collections: &[SourceId], cache: &dyn Cache) -> Memo {
        let mut key = Digester::new();
        if cache.keeps() {
            key.bytes(b"entities").digest(fingerprint());
            // Files that are added are called after those that they come from.
            sources.files.first().iter().for_each(|file| _ = key.bytes(file.name.as_bytes()));
            collections.iter().for_each(|id| _ = key.number(u64::from(id.0)));
        }
        Memo { key: key.finish(), files: sources.files.len() }
    }

    /// The entities and what was said of them, if they are those of these sources, to which then the files are added that
    /// reading them had added.
    pub(crate) fn find(&self, sources: &mut Sources, cache: &dyn Cache) -> Option<(Layout, Vec<Diagnostic>)> {
        let kept: Kept<Layout> = postcard::from_bytes(cache.get(&self.key)?).ok()?;
        if kept.asked.len() != self.files || made_of(sources, &kept.asked).0 != kept.made_of {
            return None;
        }
        let files = (self.files + kept.added.len()) as u32;
        let span = |(source, start, end)| (source < files).then_some(Span { source: SourceId(source), start, end });
        let warnings = kept.warnings.into_iter().map(|it| it.placed(span)).collect::<Option<_>>()?;
        for (name, text) in kept.added {
            let mut file = SourceFile::new(name, text);
            file.notation = Notation::Json;
            sources.files.push(file);
        }
        Some((kept.layout, warnings))
    }

    /// Keeps what these sources gave.
    pub(crate) fn keep(&self, sources: &Sources, layout: &Layout, found: &[Diagnostic], cache: &mut dyn Cache) {
        if !cache.keeps() {
            return;
        }
        let (files, added) = sources.files.split_at(self.files);
        let asked: Vec<bool> = files.iter().map(SourceFile::was_asked).collect();
        let place = |span: Span| Some((span.source.0, span.start, span.end));
        let Some(warnings) = found.iter().map(|it| Warning::of(it, place)).collect::<Option<_>>() else { return };
        let kept = Kept {
            made_of: made_of(sources, &asked).0,
            asked,
            added: added.iter().map(|file| (file.name.clone(), file.text().to_owned())).collect(),
            warnings,
            layout,
        };
        if let Ok(bytes) = postcard::to_allocvec(&kept) {
            cache.put(self.key, bytes);
        }
    }
}

/// The digest of the paths of files, and of the texts of those that were asked for.
fn made_of(sources: &Sources, asked: &[bool]) -> Digest {
    let mut bytes = Vec::new();
    for (file, &asked) in sources.files.iter().zip(asked) {
        bytes.extend((file.path.len() as u64).to_le_bytes());
        bytes.extend(file.path.as_bytes());
        bytes.push(u8::from(asked));
        if asked {
            bytes.extend(file.digest().0);
        }
    }
    Digest::of(&bytes)
}
