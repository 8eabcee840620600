//! What a cache keeps of a document: the policy, what was said of it, and what it was made of.
//!
//! A document may stand anywhere in a file, and in another place at the next compilation: places count from its start.

use serde::{Deserialize, Serialize};

use crate::cache::{Cache, fingerprint};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::policy::Policy;
use crate::source::{Document, Notation, SourceId, Sources, Span};
use crate::warning::{Place, Warning};

/// What resolving a good document gave, all but the policy, which may follow it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    /// Other files that it was made of, by path: imports of the Dictum language.
    imports: Vec<(String, [u8; 32])>,
    facts: Facts,
    warnings: Vec<Warning>,
}

/// What is asked of every policy, so that those which no unit needs again need not be read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// It names resources by less than a whole ARN (RES-8).
    pub(crate) is_short: bool,
    /// Some statement has a principal, or NotPrincipal, that lists anybody.
    pub(crate) names_someone: bool,
    /// It has entries that stand for whoever has an id now (PRN-18, PRN-19).
    pub(crate) has_ids: bool,
    /// Its characters without white space, and with it (SIZ-2).
    pub(crate) sizes: [u32; 2],
}

/// A document that was found.
pub(crate) struct Found {
    pub(crate) facts: Facts,
    /// With their places as they are now.
    pub(crate) warnings: Vec<Diagnostic>,
    /// The digest of all that it was made of.
    pub(crate) says: Digest,
}

/// Under what the result of a document is kept: its text, type and name, and for a text with imports where it stands, for
/// they go by that.
pub(crate) fn key(sources: &Sources, document: &Document, text: Digest) -> Digest {
    let file = sources.file(document.source);
    let mut digester = Digester::new();
    digester.bytes(b"document").digest(fingerprint()).digest(text);
    digester.bytes(document.name.as_bytes()).number(document.policy_type as u64);
    if file.notation == Notation::Dictum {
        digester.bytes(file.path.as_bytes());
    }
    digester.finish()
}

/// What is kept under a key, if all that it was made of is as it was. `find` gives a file of the Dictum language by its path.
pub(crate) fn find(
    cache: &dyn Cache,
    key: &Digest,
    sources: &Sources,
    document: &Document,
    mut find: impl FnMut(&str) -> Option<SourceId>,
) -> Option<Found> {
    let (head, _) = postcard::take_from_bytes::<Head>(cache.get(key)?).ok()?;
    let mut imports = Vec::with_capacity(head.imports.len());
    for (path, digest) in &head.imports {
        let source = find(path)?;
        imports.push(Some(source).filter(|&source| sources.file(source).digest().0 == *digest)?);
    }
    let (source, start) = (document.source, document.range.start);
    let span = |(file, first, end): Place| match file.checked_sub(1) {
        None => Some(Span { source, start: start + first, end: start + end }),
        Some(at) => Some(Span { source: *imports.get(at as usize)?, start: first, end }),
    };
    let says = says(key, &head.imports);
    let warnings = head.warnings.into_iter().map(|it| it.placed(span)).collect::<Option<_>>()?;
    Some(Found { facts: head.facts, warnings, says })
}

/// The policy that is kept under a key, if one is. Places in it count from the document's start.
pub(crate) fn policy(cache: &dyn Cache, key: &Digest) -> Option<Policy> {
    let (_, rest) = postcard::take_from_bytes::<Head>(cache.get(key)?).ok()?;
    postcard::from_bytes(rest).ok()
}

fn says(key: &Digest, imports: &[(String, [u8; 32])]) -> Digest {
    let mut says = Digester::new();
    says.digest(*key);
    imports.iter().for_each(|(path, digest)| _ = says.bytes(path.as_bytes()).digest(Digest(*digest)));
    says.finish()
}

/// Keeps what a document without errors gave, and gives the digest of all that it was made of. The policy itself is left out
/// where it is wanted no more once its unit is compiled.
pub(crate) fn keep(
    cache: &mut dyn Cache,
    key: Digest,
    sources: &Sources,
    document: &Document,
    imports: &[SourceId],
    (policy, facts, warnings): (Option<&Policy>, Facts, &[Diagnostic]),
) -> Digest {
    let of_imports: Vec<(String, [u8; 32])> =
        imports.iter().map(|&id| (sources.file(id).path.clone(), sources.file(id).digest().0)).collect();
    let says = says(&key, &of_imports);
    if !cache.keeps() {
        return says;
    }
    let start = document.range.start;
    let place = |span: Span| {
        if span.source == document.source {
            return Some((0, span.start.checked_sub(start)?, span.end.checked_sub(start)?));
        }
        let at = imports.iter().position(|it| *it == span.source)?;
        Some((at as u32 + 1, span.start, span.end))
    };
    // A place in none of the files could not be found again: then nothing is kept, and the document is read each time.
    let warnings = warnings.iter().map(|it| Warning::of(it, place)).collect::<Option<Vec<_>>>();
    let kept = warnings.and_then(|warnings| {
        let head = postcard::to_allocvec(&Head { imports: of_imports, facts, warnings }).ok()?;
        match policy {
            Some(policy) => postcard::to_extend(policy, head).ok(),
            None => Some(head),
        }
    });
    if let Some(bytes) = kept {
        cache.put(key, bytes);
    }
    says
}
