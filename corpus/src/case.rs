//! One decision case, read strictly (case-format.md, ERR-1).
//!
//! Only the outer shape is read: a policy stays text, with its place, for the compiler's JSON front end; the request
//! stays text for [`request`](crate::request). So a repeated or unknown member inside either is found by its own reader,
//! under its own class, and everything found here is E-CASE.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bumpalo::Bump;
use dictum_compiler::expand::policies_of;
use dictum_compiler::print;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, Sources};
use serde_json::value::RawValue;

use crate::answer::{Layer, Member};
use crate::directory::{MARKER, Organization};
use crate::expect::{self, Expect, ExpectFault};
use crate::raw::{self, Shape};
use crate::tree::SourceTree;

/// Bytes read of a policy file: one more than any engine takes (LIM-1), so that the excess is seen and refused there.
const FILE_BYTES_MAX: u64 = (4 << 20) + 1;

/// A decision case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// The line of its file on which it begins, from 1.
    pub line: u64,
    /// The policies in force; none where there is an organization.
    pub policies: Policies,
    /// The organization whose policies are in force, for a case in bundle mode (CTX-1).
    pub organization: Option<Arc<Organization>>,
    /// The request's JSON text.
    pub request: String,
    /// Where the request begins: bytes from the start of the line (`.jsonl`) or file (`.json`).
    pub request_offset: usize,
    /// What must come out.
    pub expect: Option<Expect>,
}

/// The policies of a case.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Every policy, in the order of the members; within a member in document order.
    pub entries: Vec<Entry>,
    /// For each member of [`Member::ALL`]: `None` where it is missing, else its number of levels (1 without levels).
    pub levels: [Option<u32>; 6],
}

impl Policies {
    /// The number of levels of a member, 1 for a member without levels, `None` where it is missing.
    pub fn levels(&self, member: Member) -> Option<u32> {
        self.levels[member as usize]
    }
}

/// One policy of a case.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What an explanation calls it; never empty.
    pub name: String,
    /// The member and level it stands in.
    pub layer: Layer,
    /// The bytes of the document.
    pub document: Vec<u8>,
    /// Where they come from.
    pub origin: Origin,
}

/// Where the bytes of a document come from, and so what a place in them means.
#[derive(Clone, Debug)]
pub enum Origin {
    /// They stand in the case, from this byte of the line (`.jsonl`) or file (`.json`) on.
    Case {
        /// Bytes from the start of the line or file.
        offset: usize,
    },
    /// Decoded from a JSON string of the case.
    Text,
    /// Decoded from base64.
    Base64,
    /// A file of its own.
    File(PathBuf),
    /// A policy of a file in the Dictum language.
    Language(Box<Language>),
}

/// A policy in the Dictum language. The bytes of its entry are the JSON that it denotes; of one that is not valid nothing.
#[derive(Clone, Debug)]
pub struct Language {
    /// The file, and behind it what it imports.
    pub sources: Sources,
    /// The policy in the file; the member it stands in decides its type.
    pub document: Document,
}

/// A line that is no case: E-CASE.
#[derive(Debug)]
pub struct CaseError {
    /// The id, where the line has one.
    pub id: Option<String>,
    /// The line of the file, from 1.
    pub line: u64,
    /// Why.
    pub fault: CaseFault,
    /// What must come out, where that much can be read: a test of what is refused.
    pub expect: Option<Expect>,
}

impl CaseError {
    /// The output line, without line end.
    pub fn output_line(&self) -> String {
        let id = self.id.as_deref().map_or("null".to_owned(), raw::quote);
        let message = raw::quote(&self.fault.to_string());
        format!(
            "{{\"id\":{id},\"line\":{},\"error\":\"request\",\"code\":\"E-CASE\",\"message\":{message}}}",
            self.line
        )
    }
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl std::error::Error for CaseError {}

/// Why a line is no case.
#[derive(Debug)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum CaseFault {
    NotUtf8 { valid_up_to: usize },
    NotJson(serde_json::Error),
    WrongType { what: &'static str, expected: &'static str },
    UnknownMember { of: &'static str, name: String },
    RepeatedMember { of: &'static str, name: String },
    MissingMember { of: &'static str, name: &'static str },
    RepeatedId,
    ExceptionEntry,
    OrganizationBesidePolicies,
    OrganizationWithoutFolder { path: String },
    OrganizationOutside { path: String },
    OrganizationUnmarked { path: String },
    OrganizationUnreadable { path: String, error: std::io::Error },
    NotOneDocument { policy: String },
    Base64 { policy: String },
    FileWithoutFolder { path: String },
    FileKind { path: String },
    FilePolicy { path: String, names: Vec<String> },
    FileOutside { path: String },
    FileUnreadable { path: String, error: std::io::Error },
    Expect(ExpectFault),
}

impl fmt::Display for CaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use CaseFault::*;
        match self {
            NotUtf8 { valid_up_to } => write!(f, "not UTF-8 from byte {valid_up_to} on"),
            NotJson(error) => write!(f, "not JSON: {error}"),
            WrongType { what, expected } => write!(f, "{what} is not {expected}"),
            UnknownMember { of, name } => write!(f, "unknown member `{name}` in {of}"),
            RepeatedMember { of, name } => write!(f, "the member `{name}` occurs twice in {of}"),
            MissingMember { of, name } => write!(f, "{of} lacks the member `{name}`"),
            RepeatedId => f.write_str("another case of this run has the same id"),
            ExceptionEntry => f.write_str("an entry of a list of exceptions, not a case"),
            OrganizationBesidePolicies => {
                f.write_str("`policies` beside `organization`, whose policies are the ones in force")
            }
            OrganizationWithoutFolder { path } => {
                write!(f, "the organization `{path}` cannot be found: this case comes from no folder")
            }
            OrganizationOutside { path } => {
                write!(f, "the organization `{path}` lies neither in the folder of its case nor in one beside it")
            }
            OrganizationUnmarked { path } => write!(f, "the folder `{path}` is no organization: it has no `{MARKER}`"),
            OrganizationUnreadable { path, error } => {
                write!(f, "the organization `{path}` cannot be read: {error}")
            }
            NotOneDocument { policy } => {
                write!(f, "the policy `{policy}` needs exactly one of `policy`, `text`, `base64` and `file`")
            }
            Base64 { policy } => write!(f, "the document of the policy `{policy}` is not padded standard base64"),
            FileWithoutFolder { path } => {
                write!(f, "the file `{path}` cannot be found: this case comes from no folder")
            }
            FileKind { path } => write!(f, "the file `{path}` is neither a `.json` nor a `.dct` file"),
            FilePolicy { path, names } if names.is_empty() => write!(f, "the file `{path}` holds no policy"),
            FilePolicy { path, names } => {
                write!(f, "`{path}` names none of the policies in its file: {}", names.join(", "))
            }
            FileOutside { path } => write!(f, "the file `{path}` leaves the folder of its case"),
            FileUnreadable { path, error } => write!(f, "the file `{path}` cannot be read: {error}"),
            Expect(fault) => fault.fmt(f),
        }
    }
}

/// Reads a case. `whole` is the line or file that offsets count from, `raw` the piece of it that should be a case,
/// `line` where that begins, `folder` where `file` entries are looked for. `known` are the organizations that were read for
/// other cases.
///
/// # Errors
/// The first thing that makes it no case.
pub fn parse(
    whole: &str,
    raw: &RawValue,
    line: u64,
    folder: Option<&Path>,
    known: &mut Organizations,
) -> Result<Case, CaseError> {
    read(whole, raw, line, folder, known).map_err(|fault| CaseError::of(raw, line, fault))
}

/// The organizations that cases have named so far, by their folders without links: each is read and compiled once.
#[derive(Debug, Default)]
pub struct Organizations(HashMap<PathBuf, Arc<Organization>>);

/// Reads the value of `policies` where it stands alone, as the whole of a text or a part of it. Offsets count from the
/// start of `whole`.
///
/// # Errors
/// The first thing that makes it no such value.
pub fn parse_policies(whole: &str, folder: Option<&Path>) -> Result<Policies, CaseFault> {
    read_policies(whole, raw::scan(whole).map_err(CaseFault::NotJson)?, folder)
}

impl CaseError {
    /// The fault of a line from which nothing can be read.
    pub fn new(line: u64, fault: CaseFault) -> CaseError {
        CaseError { id: None, line, fault, expect: None }
    }

    /// The fault of a line that is JSON: with its id and expectation, if it has them.
    pub(crate) fn of(raw: &RawValue, line: u64, fault: CaseFault) -> CaseError {
        let members = raw::members(raw).unwrap_or_default();
        let last = |wanted: &str| members.iter().rfind(|(name, _)| name == wanted).map(|(_, value)| *value);
        let is_once = members.iter().filter(|(name, _)| name == "expect").count() == 1;
        let expect = last("expect").filter(|_| is_once).and_then(|raw| expect::parse(raw).ok());
        CaseError { id: last("id").and_then(raw::text), line, fault, expect }
    }
}

/// Whether this is an entry of a list of exceptions, which may lie among the cases that it is about.
fn is_exception_entry(raw: &RawValue) -> bool {
    let members = raw::members(raw).unwrap_or_default();
    let has = |wanted: &str| members.iter().any(|(name, _)| name == wanted);
    has("rule") && has("got") && members.iter().all(|(name, _)| ["id", "rule", "got", "note"].contains(&name.as_str()))
}

fn read(
    whole: &str,
    raw: &RawValue,
    line: u64,
    folder: Option<&Path>,
    known: &mut Organizations,
) -> Result<Case, CaseFault> {
    if is_exception_entry(raw) {
        return Err(CaseFault::ExceptionEntry);
    }
    let [id, _note, policies, organization, request, expect] =
        fields(raw, "the case", ["id", "note", "policies", "organization", "request", "expect"])?;
    let id = id.ok_or(CaseFault::MissingMember { of: "the case", name: "id" })?;
    let id = raw::text(id).ok_or(CaseFault::WrongType { what: "`id`", expected: "a text" })?;
    let request = request.ok_or(CaseFault::MissingMember { of: "the case", name: "request" })?;
    if policies.is_some() && organization.is_some() {
        return Err(CaseFault::OrganizationBesidePolicies);
    }
    Ok(Case {
        id,
        line,
        policies: policies.map_or(Ok(Policies::default()), |raw| read_policies(whole, raw, folder))?,
        organization: organization.map(|raw| read_organization(raw, folder, known)).transpose()?,
        request: request.get().to_owned(),
        request_offset: raw::offset(whole, request),
        expect: expect.map(expect::parse).transpose().map_err(CaseFault::Expect)?,
    })
}

/// The members of `raw` by the names `known`; each at most once, and no others.
pub(crate) fn fields<'a, const N: usize>(
    raw: &'a RawValue,
    of: &'static str,
    known: [&str; N],
) -> Result<[Option<&'a RawValue>; N], CaseFault> {
    if raw::shape(raw) != Shape::Object {
        return Err(CaseFault::WrongType { what: of, expected: "an object" });
    }
    let mut out = [None; N];
    for (name, value) in raw::members(raw).map_err(CaseFault::NotJson)? {
        let Some(at) = known.iter().position(|it| *it == name) else {
            return Err(CaseFault::UnknownMember { of, name });
        };
        if out[at].replace(value).is_some() {
            return Err(CaseFault::RepeatedMember { of, name });
        }
    }
    Ok(out)
}

fn list<'a>(raw: &'a RawValue, what: &'static str) -> Result<Vec<&'a RawValue>, CaseFault> {
    if raw::shape(raw) != Shape::Array {
        return Err(CaseFault::WrongType { what, expected: "a list" });
    }
    raw::elements(raw).map_err(CaseFault::NotJson)
}

fn read_policies(whole: &str, raw: &RawValue, folder: Option<&Path>) -> Result<Policies, CaseFault> {
    let values = fields(raw, "`policies`", Member::ALL.map(Member::name))?;
    let mut policies = Policies::default();
    for (member, value) in Member::ALL.into_iter().zip(values) {
        let Some(value) = value else { continue };
        let levels = if member.has_levels() { list(value, "`scp` or `rcp`")? } else { vec![value] };
        policies.levels[member as usize] = u32::try_from(levels.len()).ok();
        for (level, value) in (0..).zip(levels) {
            for entry in list(value, "a member or level of `policies`")? {
                policies.entries.push(read_entry(whole, entry, Layer { member, level }, folder)?);
            }
        }
    }
    Ok(policies)
}

fn read_entry(whole: &str, raw: &RawValue, layer: Layer, folder: Option<&Path>) -> Result<Entry, CaseFault> {
    let [name, policy, text, base64, file] =
        fields(raw, "an entry of `policies`", ["name", "policy", "text", "base64", "file"])?;
    let name = name.ok_or(CaseFault::MissingMember { of: "an entry of `policies`", name: "name" })?;
    let name = raw::text(name)
        .filter(|name| !name.is_empty())
        .ok_or(CaseFault::WrongType { what: "the name of a policy", expected: "a non-empty text" })?;
    let (document, origin) = match (policy, text, base64, file) {
        (Some(raw), None, None, None) => {
            (raw.get().as_bytes().to_vec(), Origin::Case { offset: raw::offset(whole, raw) })
        }
        (None, Some(raw), None, None) => {
            // A lone surrogate is the document's fault (GRM-1): its bytes are no UTF-8, and the front end says so.
            let bytes = raw::bytes(raw).ok_or(CaseFault::WrongType { what: "`text`", expected: "a string" })?;
            (bytes, Origin::Text)
        }
        (None, None, Some(raw), None) => {
            let text = raw::text(raw).ok_or(CaseFault::WrongType { what: "`base64`", expected: "a text" })?;
            let bytes = decode_base64(&text).ok_or_else(|| CaseFault::Base64 { policy: name.clone() })?;
            (bytes, Origin::Base64)
        }
        (None, None, None, Some(raw)) => {
            let path = raw::text(raw).ok_or(CaseFault::WrongType { what: "`file`", expected: "a text" })?;
            read_file(path, folder)?
        }
        _ => return Err(CaseFault::NotOneDocument { policy: name }),
    };
    Ok(Entry { name, layer, document, origin })
}

/// The organization in a folder, which lies in that of the case or in one beside it, whatever links and `..` are on the way.
fn read_organization(
    raw: &RawValue,
    folder: Option<&Path>,
    known: &mut Organizations,
) -> Result<Arc<Organization>, CaseFault> {
    let path = raw::text(raw).ok_or(CaseFault::WrongType { what: "`organization`", expected: "a text" })?;
    let Some(folder) = folder else { return Err(CaseFault::OrganizationWithoutFolder { path }) };
    let resolved = folder.canonicalize().and_then(|folder| Ok((folder.join(&path).canonicalize()?, folder)));
    let (whole, home) = match resolved {
        Ok(resolved) => resolved,
        Err(error) => return Err(CaseFault::OrganizationUnreadable { path, error }),
    };
    if !whole.starts_with(home.parent().unwrap_or(&home)) {
        return Err(CaseFault::OrganizationOutside { path });
    }
    if let Some(organization) = known.0.get(&whole) {
        return Ok(Arc::clone(organization));
    }
    if whole.is_dir() && !whole.join(MARKER).is_file() {
        return Err(CaseFault::OrganizationUnmarked { path });
    }
    match Organization::read(&folder.join(&path)) {
        Ok(organization) => Ok(Arc::clone(known.0.entry(whole).or_insert(Arc::new(organization)))),
        Err(error) => Err(CaseFault::OrganizationUnreadable { path, error }),
    }
}

/// Reads a policy file. Links and `..` are resolved before asking whether it lies in the case's folder.
fn read_file(path: String, folder: Option<&Path>) -> Result<(Vec<u8>, Origin), CaseFault> {
    let (file, policy) = match path.rsplit_once('#') {
        Some((file, policy)) if file.ends_with(".dct") => (file, Some(policy)),
        _ => (path.as_str(), None),
    };
    let is_language = file.ends_with(".dct");
    if !is_language && !path.ends_with(".json") {
        return Err(CaseFault::FileKind { path });
    }
    let Some(folder) = folder else { return Err(CaseFault::FileWithoutFolder { path }) };
    let resolved = folder.canonicalize().and_then(|folder| Ok((folder.join(file).canonicalize()?, folder)));
    let (whole, folder) = match resolved {
        Ok(resolved) => resolved,
        Err(error) => return Err(CaseFault::FileUnreadable { path, error }),
    };
    if !whole.starts_with(&folder) {
        return Err(CaseFault::FileOutside { path });
    }
    let read = |file: &Path| {
        // A pipe would wait for a writer for ever.
        if !fs::metadata(file)?.is_file() {
            return Err(std::io::Error::other("no regular file"));
        }
        let mut bytes = Vec::new();
        fs::File::open(file)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read(&whole) {
        Ok(bytes) if is_language => language(file, policy, bytes, &folder).map_err(|names| {
            let path = path.clone();
            CaseFault::FilePolicy { path, names }
        }),
        Ok(bytes) => Ok((bytes, Origin::File(whole))),
        Err(error) => Err(CaseFault::FileUnreadable { path, error }),
    }
}

/// The policy of a name in a file of the Dictum language, or its only one.
///
/// # Errors
/// The names of its policies.
fn language(file: &str, policy: Option<&str>, text: Vec<u8>, folder: &Path) -> Result<(Vec<u8>, Origin), Vec<String>> {
    let mut sources = Sources::new();
    let source = SourceTree::new(folder).add(&mut sources, file, &folder.join(file), text);
    let stem = Path::new(file).file_stem().map_or_else(|| "policy".into(), |stem| stem.to_string_lossy());
    let mut documents = policies_of(&sources, source, &stem, None);
    let names = documents.iter().map(|document| document.name.clone()).collect();
    match policy {
        Some(name) => documents.retain(|document| document.name == name),
        None if documents.len() > 1 => return Err(names),
        None => {}
    }
    let document = documents.pop().ok_or(names)?;
    let (shared, arena) = (Bump::new(), Bump::new());
    let (tree, found) = Reader::new(&sources, &shared).read(&document, &arena);
    let tree = tree.filter(|_| found.iter().all(|diagnostic| !diagnostic.is_error()));
    let json = tree.and_then(|tree| print::json(&tree, print::Shape::Exact, print::Spacing::Minified));
    Ok((json.unwrap_or_default().into_bytes(), Origin::Language(Box::new(Language { sources, document }))))
}

/// Standard base64 (RFC 4648), padded, unused bits zero, nothing else between.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digit =
        |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|d| *d == c);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text);
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for &c in group {
            bits = bits << 6 | u32::try_from(digit(c)?).ok()?;
        }
        bits <<= 6 * (4 - group.len());
        let [_, bytes @ ..] = bits.to_be_bytes();
        let (kept, unused) = bytes.split_at(group.len() - 1);
        if unused.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str) -> Result<Case, CaseError> {
        parse(text, raw::scan(text).unwrap(), 7, None, &mut Organizations::default())
    }

    #[test]
    fn policies_keep_text_place_and_member_order() {
        let text = r#"{"id":"x","policies":{"scp":[[],[{"name":"s","policy": {"a": 1.50} }]],"identity":[{"name":"t","text":"{\ud800"},{"name":"b","base64":"e30="}],"session":[]},"request":[] }"#;
        let case = case(text).unwrap();
        let entries = &case.policies.entries;
        assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["t", "b", "s"]);
        assert_eq!(case.policies.levels, [Some(1), None, None, Some(1), Some(2), None]);
        assert_eq!(entries[0].document, b"{\xed\xa0\x80");
        assert_eq!(entries[1].document, b"{}");
        assert_eq!(entries[2].layer.to_string(), "scp[1]");
        let offset = text.find("{\"a\"").unwrap();
        assert!(matches!(entries[2].origin, Origin::Case { offset: found } if found == offset));
        assert_eq!((case.request.as_str(), case.request_offset), ("[]", text.find("[] }").unwrap()));
    }

    #[test]
    fn what_is_no_case_says_why() {
        for (text, message) in [
            (r#"[]"#, "the case is not an object"),
            (r#"{"id":"x"}"#, "the case lacks the member `request`"),
            (r#"{"request":{}}"#, "the case lacks the member `id`"),
            (r#"{"id":"\udc00","request":{}}"#, "`id` is not a text"),
            (r#"{"id":"x","request":{},"Request":{}}"#, "unknown member `Request` in the case"),
            (r#"{"id":"x","request":{},"request":{}}"#, "the member `request` occurs twice in the case"),
            (
                r#"{"id":"x","request":{},"policies":{},"organization":"o"}"#,
                "`policies` beside `organization`, whose policies are the ones in force",
            ),
            (r#"{"id":"x","request":{},"organization":{}}"#, "`organization` is not a text"),
            (
                r#"{"id":"x","request":{},"organization":"o"}"#,
                "the organization `o` cannot be found: this case comes from no folder",
            ),
            (r#"{"id":"x","request":{},"policies":{"scp":[{}]}}"#, "a member or level of `policies` is not a list"),
            (r#"{"id":"x","request":{},"policies":{"scp":[[{}]]}}"#, "an entry of `policies` lacks the member `name`"),
            (
                r#"{"id":"x","request":{},"policies":{"identity":[{"name":""}]}}"#,
                "the name of a policy is not a non-empty text",
            ),
            (
                r#"{"id":"x","request":{},"policies":{"identity":[{"name":"n","text":"","policy":{}}]}}"#,
                "the policy `n` needs exactly one of `policy`, `text`, `base64` and `file`",
            ),
            (
                r#"{"id":"x","request":{},"policies":{"identity":[{"name":"n","base64":"QQ"}]}}"#,
                "the document of the policy `n` is not padded standard base64",
            ),
            (
                r#"{"id":"x","request":{},"policies":{"identity":[{"name":"n","file":"a.txt#N"}]}}"#,
                "the file `a.txt#N` is neither a `.json` nor a `.dct` file",
            ),
            (
                r#"{"id":"x","request":{},"expect":{"decision":"yes"}}"#,
                "`expect.decision` is none of `allow`, `explicit_deny`, `implicit_deny` and `deny`",
            ),
        ] {
            assert_eq!(case(text).unwrap_err().fault.to_string(), message, "{text}");
        }
        let error = case(r#"{"id":"x","oops":1,"request":{}}"#).unwrap_err();
        assert_eq!(
            error.output_line(),
            r#"{"id":"x","line":7,"error":"request","code":"E-CASE","message":"unknown member `oops` in the case"}"#
        );
    }

    #[test]
    fn base64_is_strict() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("QQ==", Some(b"A")),
            ("QUI=", Some(b"AB")),
            ("QUJD", Some(b"ABC")),
            ("QUJDRA==", Some(b"ABCD")),
        ] {
            assert_eq!(decode_base64(text).as_deref(), bytes, "{text}");
        }
        for text in ["QQ", "QQ=", "Q===", "QR==", "QUJ=", "QQ==QQ==", "Q Q=", "QUJD\n", "====", "=", "é==="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
