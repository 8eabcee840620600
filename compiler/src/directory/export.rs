//! What all readers of exports share: JSON with places, members by their names, and documents however they are encoded.
//!
//! A member that no reader asks for is passed over, since the vendor adds to its answers; one that is asked for is of the
//! right type or a fault, never left out silently.

use std::fmt::Display;
use std::ops::Range;

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{FAULTS_MAX, FORMAT_NESTING_MAX};
use crate::source::{Document, Notation, PolicyType, SourceFile, SourceId, Sources, Span};
use crate::syntax::json::{self, Kind, Member, Value};

use super::model::Named;

mod outline;
mod percent;

pub(super) use outline::{Mark, outline};

/// The rule that says what an export is read for.
pub(super) const RULE: &str = "DIR-2";

/// What reading leaves behind besides entities: faults, and files made of documents that stand encoded in strings.
pub(super) struct Export<'s> {
    pub(super) sources: &'s Sources,
    found: &'s mut Vec<Diagnostic>,
    told: usize,
    decoded: Vec<SourceFile>,
}

/// An object of an export.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    /// From brace to brace.
    pub(super) span: Span,
    /// In order, repeated ones included.
    pub(super) members: &'a [Member<'a>],
}

impl<'s> Export<'s> {
    pub(super) fn new(sources: &'s Sources, found: &'s mut Vec<Diagnostic>) -> Export<'s> {
        Export { sources, found, told: 0, decoded: Vec::new() }
    }

    /// The files made on the way. Documents count on their standing behind those of the sources, in this order.
    pub(super) fn finish(self) -> Vec<SourceFile> {
        self.decoded
    }

    /// Tells a fault, unless there were too many: in an export of another shape every entity has one.
    pub(super) fn tell(&mut self, diagnostic: Diagnostic) {
        self.told += 1;
        if self.told <= FAULTS_MAX {
            self.found.push(diagnostic);
        }
    }

    /// Tells that something is not as exports have it.
    pub(super) fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.tell(Diagnostic::new(Code::D_EXPORT, span, RULE, message));
    }

    fn wrong_type(&mut self, value: &Value<'_>, what: impl Display, expected: &str) {
        let diagnostic =
            Diagnostic::new(Code::D_EXPORT, first(value.span), RULE, format!("{what} is {}", value.kind.name()));
        self.tell(diagnostic.expected(expected));
    }

    /// The one JSON value of a file; D-EXPORT at the end of one that is cut off.
    pub(super) fn parse<'a>(&mut self, file: SourceId, arena: &'a Bump) -> Option<Value<'a>>
    where
        's: 'a,
    {
        self.parse_range(file, self.sources.whole(file), arena)
    }

    /// The same of a part of a file.
    pub(super) fn parse_range<'a>(&mut self, file: SourceId, range: Range<u32>, arena: &'a Bump) -> Option<Value<'a>>
    where
        's: 'a,
    {
        let sources: &'s Sources = self.sources;
        let start = range.start;
        let text = sources.file(file).part(range);
        match json::parse(text, start, file, arena, FORMAT_NESTING_MAX) {
            Ok(value) => Some(value),
            Err(_) if outline::is_cut_off(text) => {
                let end = start + text.trim_ascii_end().len() as u32;
                let span = Span { source: file, start: end.saturating_sub(1).max(start), end };
                let diagnostic = Diagnostic::new(Code::D_EXPORT, span, RULE, "the export is cut off here");
                self.tell(diagnostic.help("export it again; what is missing behind this place is not known"));
                None
            }
            Err(errors) => {
                errors.into_iter().for_each(|error| self.tell(error));
                None
            }
        }
    }

    /// A value as an object.
    pub(super) fn object<'a>(&mut self, value: &Value<'a>, what: impl Display) -> Option<Object<'a>> {
        match value.kind {
            Kind::Object(members) => Some(Object { span: value.span, members }),
            _ => {
                self.wrong_type(value, what, "an object");
                None
            }
        }
    }

    /// A member of an object. One that is null counts as absent: some tools write so what the vendor leaves out.
    pub(super) fn member<'a>(&mut self, object: Object<'a>, name: &str) -> Option<Value<'a>> {
        let mut all = object.members.iter().filter(|member| member.name == name);
        let member = all.next()?;
        if let Some(second) = all.next() {
            let message = format!("`{name}` occurs twice in one object");
            let diagnostic = Diagnostic::new(Code::D_EXPORT, second.name_span, RULE, message);
            self.tell(diagnostic.related(member.name_span, "the first one"));
        }
        Some(member.value).filter(|value| value.kind != Kind::Null)
    }

    /// A member that must be there.
    pub(super) fn required<'a>(&mut self, object: Object<'a>, name: &str) -> Option<Value<'a>> {
        let member = self.member(object, name);
        if member.is_none() {
            self.missing(object, name);
        }
        member
    }

    fn missing(&mut self, object: Object<'_>, name: &str) {
        self.fault(first(object.span), format!("`{name}` is missing in this object"));
    }

    /// A value as a text.
    pub(super) fn string(&mut self, value: &Value<'_>, what: impl Display) -> Option<Named> {
        match value.kind {
            Kind::String(text) => Some(Named { text: text.to_owned(), span: value.span }),
            _ => {
                self.wrong_type(value, what, "a string");
                None
            }
        }
    }

    /// The text of a member.
    pub(super) fn text(&mut self, object: Object<'_>, name: &str) -> Option<Named> {
        let value = self.member(object, name)?;
        self.string(&value, format_args!("`{name}`"))
    }

    /// The text of a member that must be there.
    pub(super) fn required_text(&mut self, object: Object<'_>, name: &str) -> Option<Named> {
        let value = self.required(object, name)?;
        self.string(&value, format_args!("`{name}`"))
    }

    /// Whether a member is true; false where it is absent.
    pub(super) fn is_true(&mut self, object: Object<'_>, name: &str) -> bool {
        match self.member(object, name) {
            None => false,
            Some(Value { kind: Kind::Bool(value), .. }) => value,
            Some(value) => {
                self.wrong_type(&value, format_args!("`{name}`"), "`true` or `false`");
                false
            }
        }
    }

    /// The elements of a member; none where it is absent.
    pub(super) fn list<'a>(&mut self, object: Object<'a>, name: &str) -> &'a [Value<'a>] {
        match self.member(object, name) {
            None => &[],
            Some(Value { kind: Kind::Array(elements), .. }) => elements,
            Some(value) => {
                self.wrong_type(&value, format_args!("`{name}`"), "an array");
                &[]
            }
        }
    }

    /// The elements of a member that are objects, as all must be; none where it is absent.
    pub(super) fn objects<'a>(&mut self, object: Object<'a>, name: &str) -> Vec<Object<'a>> {
        let elements = self.list(object, name);
        elements.iter().filter_map(|element| self.object(element, format_args!("an element of `{name}`"))).collect()
    }

    /// The same of a member that must be there.
    pub(super) fn required_objects<'a>(&mut self, object: Object<'a>, name: &str) -> Vec<Object<'a>> {
        if !object.members.iter().any(|member| member.name == name) {
            self.missing(object, name);
        }
        self.objects(object, name)
    }

    /// The object that a member is; `None` where it is absent.
    pub(super) fn member_object<'a>(&mut self, object: Object<'a>, name: &str) -> Option<Object<'a>> {
        let value = self.member(object, name)?;
        self.object(&value, format_args!("`{name}`"))
    }

    /// The same of a member that must be there.
    pub(super) fn required_object<'a>(&mut self, object: Object<'a>, name: &str) -> Option<Object<'a>> {
        let value = self.required(object, name)?;
        self.object(&value, format_args!("`{name}`"))
    }

    /// Tells of an answer that has further pages.
    pub(super) fn complete(&mut self, object: Object<'_>) {
        let mut marks = object.members.iter().filter(|member| match member.value.kind {
            Kind::Null | Kind::Bool(false) => false,
            _ => matches!(member.name, "IsTruncated" | "Marker" | "NextToken"),
        });
        if let Some(mark) = marks.next() {
            let message = format!("`{}` says that this is not the whole answer", mark.name);
            let diagnostic = Diagnostic::new(Code::D_EXPORT, mark.name_span, RULE, message);
            self.tell(diagnostic.help("let the AWS CLI follow the pages: without `--no-paginate` and `--max-items`"));
        }
    }

    /// The document that a value is: an object stays where it stands; one that is encoded in a string becomes a file of
    /// its own, called by the place of the string and by the policy.
    pub(super) fn document(&mut self, value: &Value<'_>, name: &str, policy_type: PolicyType) -> Option<Document> {
        let Span { source, start, end } = value.span;
        let (source, range) = match value.kind {
            Kind::Object(_) => (source, start..end),
            Kind::String(text) => self.decode(text, value.span, name)?,
            _ => {
                self.wrong_type(value, "a policy document", "an object, or one as a string");
                return None;
            }
        };
        Some(Document { name: name.to_owned(), policy_type, source, range })
    }

    /// A file of the document in a string, and the whole of it.
    pub(super) fn decode(&mut self, text: &str, span: Span, name: &str) -> Option<(SourceId, Range<u32>)> {
        let Some(text) = percent::decode(text) else {
            let message = "a policy document with a `%` that is no percent-encoding";
            self.fault(span, format!("{message}, `{}`", shown(text)));
            return None;
        };
        let export = self.sources.file(span.source);
        let line = export.place(span.start).line;
        let length = text.len() as u32;
        let mut file = SourceFile::new(format!("{}:{line} {name}", export.name), text);
        // A policy may be called `x.dct`.
        file.notation = Notation::Json;
        self.decoded.push(file);
        Some((SourceId((self.sources.files.len() + self.decoded.len() - 1) as u32), 0..length))
    }
}

/// The first character of what a span covers: of an object or array the rest would say nothing more.
pub(super) fn first(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}

/// What was found, a line each with its place, as tests compare it.
#[cfg(test)]
pub(super) fn told(sources: &Sources, found: &[Diagnostic]) -> String {
    let line = |it: &Diagnostic| {
        let file = sources.file(it.span.source);
        let place = file.place(it.span.start);
        format!("{}:{}:{} {it}", file.name, place.line, place.column)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Sources, Vec<SourceFile>, Vec<Document>, String) {
        let mut sources = Sources::new();
        let file = sources.add_file("e.json", text);
        let arena = Bump::new();
        let mut found = Vec::new();
        let mut export = Export::new(&sources, &mut found);
        let mut documents = Vec::new();
        if let Some(object) = export.parse(file, &arena).and_then(|value| export.object(&value, "it")) {
            export.complete(object);
            documents.extend(
                export.list(object, "D").iter().filter_map(|it| export.document(it, "P.dct", PolicyType::Trust)),
            );
            export.text(object, "T");
            export.is_true(object, "B");
            export.objects(object, "O");
            export.member_object(object, "M");
        }
        let decoded = export.finish();
        let told = told(&sources, &found);
        (sources, decoded, documents, told)
    }

    #[test]
    fn documents_are_ranges_or_files() {
        let (sources, decoded, documents, told) =
            read("{\"D\": [{},\n\"%7B%22a%22:1%7d\", \"{\\\"a\\\": \\\"%zz\\\"}\", \"%7\", 1]}");
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(told.starts_with("e.json:2:40 error[D-EXPORT]: a policy document with a `%` that"), "{told}");
        assert!(told.ends_with("a policy document is a number; expected an object, or one as a string"), "{told}");
        assert_eq!((documents[0].source, documents[0].range.clone()), (SourceId(0), 7..9));
        assert_eq!((documents[2].source, documents[2].range.clone()), (SourceId(2), 0..12));
        assert_eq!((sources.files.len(), decoded.len()), (1, 2));
        assert_eq!(decoded[0].text(), br#"{"a":1}"#);
        assert_eq!((decoded[0].name.as_str(), decoded[0].notation), ("e.json:2 P.dct", Notation::Json));
    }

    #[test]
    fn wrong_shapes_have_places() {
        let told = |text| read(text).3;
        insta::assert_snapshot!(told(r#"{"T": 1, "B": "yes", "D": {}, "O": [{}, []], "M": "x", "T": null}"#), @r"
        e.json:1:27 error[D-EXPORT]: `D` is an object; expected an array
        e.json:1:56 error[D-EXPORT]: `T` occurs twice in one object
        e.json:1:7 error[D-EXPORT]: `T` is a number; expected a string
        e.json:1:15 error[D-EXPORT]: `B` is a string; expected `true` or `false`
        e.json:1:41 error[D-EXPORT]: an element of `O` is an array; expected an object
        e.json:1:51 error[D-EXPORT]: `M` is a string; expected an object
        ");
        assert_eq!(told(r#"{"T": null, "IsTruncated": false}"#), "");
        assert!(
            told(r#"{"NextToken": "x"}"#).contains("1:2 error[D-EXPORT]: `NextToken` says that this is not the whole")
        );
        assert!(told("[]").contains("1:1 error[D-EXPORT]: it is an array; expected an object"));
    }

    #[test]
    fn a_cut_off_export_is_told_at_its_end() {
        for text in ["", "{", "{\"a\": \"b", "{\"a\": [{}]\n", "{\"a\": tr"] {
            let told = read(text).3;
            assert!(
                told.contains("error[D-EXPORT]: the export is cut off here") && told.lines().count() == 1,
                "{told}"
            );
        }
        assert!(read("{\"a\": [{}\n]\n").3.starts_with("e.json:2:1 "));
        assert!(read("{\"a\": 1,}").3.contains("error[E-JSON]: a comma before the closing bracket"));
        assert!(read("{}}").3.contains("error[E-JSON]: something stands behind the document"));
    }

    #[test]
    fn faults_are_bounded() {
        let told = read(&format!("{{\"O\": [{}1]}}", "1,".repeat(2 * FAULTS_MAX))).3;
        assert_eq!(told.lines().count(), FAULTS_MAX);
    }
}
