//! A set of policies in a file of its own: the value of a case's `policies`, or one bare document.
//!
//! Documents that stand in the file itself stay ranges of it, so that every place in a message or an explanation is one
//! that an editor can go to.

use std::path::Path;

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use dictum_compiler::expand::policies_of;
use dictum_compiler::guess_type;
use dictum_compiler::limits::NESTING_MAX;
use dictum_compiler::source::{PolicyType, SourceId, Sources, Span};
use dictum_compiler::syntax::json;
use serde_json::value::RawValue;

use crate::answer::Member;
use crate::case::{CaseFault, Entry, Origin, Policies, parse_policies};
use crate::decide::{place_language, sources_of};
use crate::raw::{self, Shape};
use crate::tree::SourceTree;

/// Nesting of a set around its documents: the set, a member, a level, an entry.
const NESTING_AROUND: u32 = 4;

/// What a file of policies holds, by its outermost members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One document: it has a `Statement`, or nothing that a set has.
    Document,
    /// A set: some member is one of `policies`.
    Set,
    /// An object without members: a set of no policies, or a document that lacks everything.
    Empty,
    /// Not JSON.
    Broken,
}

/// Why a file holds no set of policies.
#[derive(Debug)]
pub enum SetFault {
    /// It is not JSON: the faults, and the sources that their places are in.
    Json(Diagnostics, Box<Sources>),
    /// It is no value of `policies`.
    Shape(CaseFault),
}

fn is_member(name: &str) -> bool {
    Member::ALL.iter().any(|member| member.name() == name)
}

/// Whether an object has members, and all of them are those of `policies`.
pub(crate) fn is_set(raw: &RawValue) -> bool {
    raw::members(raw).is_ok_and(|members| !members.is_empty() && members.iter().all(|(name, _)| is_member(name)))
}

/// What the text of a file of policies holds.
pub fn kind(text: &[u8]) -> Kind {
    let Some(raw) = str::from_utf8(text).ok().and_then(|text| raw::scan(text).ok()) else { return Kind::Broken };
    if raw::shape(raw) != Shape::Object {
        return Kind::Document;
    }
    let Ok(members) = raw::members(raw) else { return Kind::Broken };
    let has = |test: &dyn Fn(&str) -> bool| members.iter().any(|(name, _)| test(name));
    match () {
        () if has(&|name| name == "Statement") => Kind::Document,
        () if members.is_empty() => Kind::Empty,
        () if has(&is_member) => Kind::Set,
        () => Kind::Document,
    }
}

/// Whether a text that nobody has called policies is one that its author would: an object with a `Statement`, or a set. Of
/// a text that is no JSON a `Statement` in quotes tells.
pub fn may_be_policies(text: &[u8]) -> bool {
    let Some(raw) = str::from_utf8(text).ok().and_then(|text| raw::scan(text).ok()) else {
        return text.windows(STATEMENT.len()).any(|window| window == STATEMENT);
    };
    raw::shape(raw) == Shape::Object
        && (is_set(raw) || raw::members(raw).is_ok_and(|members| members.iter().any(|(name, _)| name == "Statement")))
}

const STATEMENT: &[u8] = b"\"Statement\"";

/// The sources of a file that holds one document, under the given type or the one it looks like.
pub fn document(name: &str, policy: &str, text: Vec<u8>, policy_type: Option<PolicyType>) -> Sources {
    let mut sources = Sources::new();
    let policy_type = policy_type.unwrap_or_else(|| guess_type(&text));
    let file = sources.add_file(name, text);
    sources.add(policy_type, policy, file, sources.whole(file));
    sources
}

/// The sources of a file of the Dictum language: it, what it imports from its source tree, and its policies as documents,
/// each in its type or the given one. There are no documents in a library.
pub fn language(name: &str, file: &Path, text: Vec<u8>, policy_type: Option<PolicyType>, tree: &SourceTree) -> Sources {
    let mut sources = Sources::new();
    let source = tree.add(&mut sources, name, file, text);
    let stem = file.file_stem().map_or_else(|| "policy".into(), |stem| stem.to_string_lossy());
    for document in policies_of(&sources, source, &stem, policy_type) {
        sources.add_document(document);
    }
    sources
}

/// The sources of a file that holds a set.
///
/// # Errors
/// What makes it no set. What is wrong with a document of the set is for the compiler to say.
pub fn set(name: &str, text: Vec<u8>, folder: Option<&Path>) -> Result<Sources, SetFault> {
    match str::from_utf8(&text).map_err(|_| None).and_then(|text| parse_policies(text, folder).map_err(Some)) {
        Ok(policies) => Ok(place(&policies, name, text, folder)),
        Err(Some(fault)) if !matches!(fault, CaseFault::NotJson(_)) => Err(SetFault::Shape(fault)),
        Err(_) => {
            let mut sources = Sources::new();
            let file = sources.add_file(name, text);
            Err(SetFault::Json(faults(&sources, file), Box::new(sources)))
        }
    }
}

/// The faults of a file that is not JSON.
pub fn faults(sources: &Sources, file: SourceId) -> Diagnostics {
    let arena = Bump::new();
    let text = sources.file(file).text();
    let around = if begins_as_set(text) { NESTING_AROUND } else { 0 };
    match json::parse(text, 0, file, &arena, NESTING_MAX + around) {
        Err(errors) => Diagnostics(errors),
        // The two readers of JSON differ: the stricter one is right.
        Ok(_) => Diagnostics(vec![Diagnostic::new(
            Code::E_JSON,
            Span { source: file, start: 0, end: 1 },
            "GRM-1",
            "not JSON",
        )]),
    }
}

/// Whether the first member is one of a set's, as far as a broken text tells.
fn begins_as_set(text: &[u8]) -> bool {
    let skip = |text: &[u8], byte: u8| text.trim_ascii_start().strip_prefix(&[byte]).map(<[u8]>::to_owned);
    let Some(name) = skip(text, b'{').and_then(|rest| skip(&rest, b'"')) else { return false };
    Member::ALL.iter().any(|member| name.starts_with(format!("{}\"", member.name()).as_bytes()))
}

fn place(policies: &Policies, name: &str, text: Vec<u8>, folder: Option<&Path>) -> Sources {
    let mut text = Some(text);
    let mut whole = None;
    sources_of(policies, |sources, entry| match &entry.origin {
        Origin::Case { offset } => {
            let file = *whole.get_or_insert_with(|| sources.add_file(name, text.take().unwrap_or_default()));
            let start = *offset as u32;
            (file, start..start + entry.document.len() as u32)
        }
        Origin::Language(language) => place_language(sources, language),
        origin => {
            let file = sources.add_file_at(file_name(origin, entry, name, folder), "", entry.document.clone());
            (file, sources.whole(file))
        }
    })
}

/// What messages call the document of an entry that does not stand in the set itself: never an absolute path that the
/// author did not write, so that equal sources give equal bundles in any folder.
fn file_name(origin: &Origin, entry: &Entry, set: &str, folder: Option<&Path>) -> String {
    match (origin, folder) {
        (Origin::File(path), Some(folder)) => {
            let inner = folder.canonicalize().ok().and_then(|whole| path.strip_prefix(whole).ok().map(Path::to_owned));
            let inner = inner.as_deref().unwrap_or(path);
            let name = if folder == Path::new(".") { inner.to_owned() } else { folder.join(inner) };
            name.to_string_lossy().into_owned()
        }
        _ => format!("{set}#{}", entry.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_the_start_of_the_file() {
        let text = "{\n \"scp\": [[], [{\"name\": \"Cap\",\n  \"policy\": {\"Statment\": []}}]],\n \"identity\": []}\n";
        let sources = set("set.json", text.into(), None).unwrap();
        assert_eq!(sources.scp.as_ref().map(|levels| levels.iter().map(Vec::len).collect()), Some(vec![0, 1]));
        assert!(sources.identity.is_some() && sources.resource.is_none());
        let errors = dictum_compiler::compile(&sources, &Default::default()).unwrap_err();
        let reports: Vec<_> = errors.0.iter().map(|error| error.report(&sources)).collect();
        assert_eq!((reports[0].file, reports[0].start.line, reports[0].start.column), ("set.json", 3, 13));
    }

    #[test]
    fn kinds() {
        for (text, expected) in [
            ("{}", Kind::Empty),
            (r#"{"identity": [], "boundry": []}"#, Kind::Set),
            (r#"{"Statement": [], "scp": []}"#, Kind::Document),
            (r#"{"Version": "2012-10-17"}"#, Kind::Document),
            ("[]", Kind::Document),
            ("{", Kind::Broken),
            ("", Kind::Broken),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn other_json_is_told_from_policies() {
        for (text, expected) in [
            (r#"{"Version": "1", "Statement": 7}"#, true),
            (r#"{"scp": []}"#, true),
            (r#"{"scp": [], "name": "package"}"#, false),
            ("{}", false),
            ("[]", false),
            (r#"{"Statement": [}"#, true),
            ("{", false),
        ] {
            assert_eq!(may_be_policies(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_set_says_why() {
        let fault = |text: &str| match set("s.json", text.into(), None) {
            Ok(_) => String::new(),
            Err(SetFault::Json(errors, sources)) => errors.0[0].report(&sources).start.column.to_string(),
            Err(SetFault::Shape(fault)) => fault.to_string(),
        };
        assert_eq!(fault(r#"{"identity": [],}"#), "16");
        assert_eq!(fault(r#"{"boundry": []}"#), "unknown member `boundry` in `policies`");
        assert_eq!(fault(&format!("{{\"identity\":{}", "[".repeat(200_000))), "80");
    }
}
