//! JSON as policies need it: every value has its span, numbers keep their digits, and no member is lost.
//!
//! Accepts exactly the texts of RFC 8259 up to a depth. What is not JSON is reported with its place and, where it is a
//! known habit (comments, trailing commas, single quotes), with its name; the lexer goes on behind such a fault, so that
//! one run finds them all. Members of the same name are all kept here; refusing them is the reader's part (GRM-2).
//!
//! ```text
//! bytes -> str -> Token -> Tokens (decoded, habits reported, depth bounded) -> json.lalrpop -> Value
//! ```

use bumpalo::Bump;
use lalrpop_util::lalrpop_mod;

use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};

mod errors;
mod text;
mod tokens;

use errors::Errors;
use tokens::Tokens;

lalrpop_mod!(
    #[allow(clippy::all, missing_docs, unused, reason = "made by LALRPOP")]
    grammar,
    "/syntax/json.rs"
);

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a> {
    /// From its first to behind its last character, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string's text; borrowed from the source where that has no escapes.
    String(&'a str),
    /// Elements in order.
    Array(&'a [Value<'a>]),
    /// Members in order; a name may occur more than once.
    Object(&'a [Member<'a>]),
}

/// A member of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where the name stands, quotes included.
    pub name_span: Span,
    /// Its value.
    pub value: Value<'a>,
}

impl Kind<'_> {
    /// What a message calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// Reads one JSON text. `base` is where it begins in its file; spans count from the file's start. `max_depth` bounds the
/// arrays and objects around a value, the outermost included.
///
/// O(bytes), and one pass; never recurses, so that nesting costs no stack.
///
/// # Errors
/// E-JSON for each fault of syntax, in order, and E-LIMIT for the first bracket that is nested too deeply.
pub fn parse<'a>(
    text: &'a [u8],
    base: u32,
    source: SourceId,
    arena: &'a Bump,
    max_depth: u32,
) -> Result<Value<'a>, Vec<Diagnostic>> {
    let mut errors = Errors::new(source);
    let (text, base) = match text.strip_prefix(b"\xEF\xBB\xBF") {
        None => (text, base),
        Some(rest) => {
            errors.add(base, base + 3, "a byte-order mark stands before the document").help_last("save it without one");
            (rest, base + 3)
        }
    };
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(fault) => {
            let start = base + fault.valid_up_to() as u32;
            let length = fault.error_len().unwrap_or(1) as u32;
            errors.add(start, start + length, "not UTF-8").help_last("save it as UTF-8");
            return Err(errors.list);
        }
    };
    if let Some(word) = first_word_of_dictum(text) {
        let start = base + (text.len() - text.trim_start().len()) as u32;
        let message = "this looks like the Dictum language and not like JSON";
        errors.add(start, start + word.len() as u32, message).help_last("give the file a name that ends in `.dct`");
        return Err(errors.list);
    }
    let mut builder = Builder { arena, source, values: Vec::new(), members: Vec::new() };
    let tokens = Tokens::new(text, base, arena, max_depth, &mut errors);
    let parsed = grammar::DocumentParser::new().parse(&mut builder, tokens);
    match parsed {
        Ok(value) if errors.list.is_empty() => Ok(value),
        Ok(_) => Err(errors.list),
        Err(fault) => {
            errors.add_parse_error(fault, text, base);
            Err(errors.list)
        }
    }
}

/// The word that a text of the Dictum language begins with, in which no text of JSON begins so.
fn first_word_of_dictum(text: &str) -> Option<&str> {
    const WORDS: [&str; 8] = ["allow", "deny", "let", "cond", "use", "policy", "test", "type"];
    let text = text.trim_start();
    if text.starts_with('@') || text.starts_with('#') {
        return Some(&text[..1]);
    }
    WORDS.into_iter().find(|word| text.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t', '\n'])))
}

/// The token stream ends early; why is already among the errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt;

/// Where the parser puts what it has read: parts of unfinished arrays and objects on two stacks, finished ones in the
/// arena.
pub(crate) struct Builder<'a> {
    arena: &'a Bump,
    source: SourceId,
    values: Vec<Value<'a>>,
    members: Vec<Member<'a>>,
}

impl<'a> Builder<'a> {
    fn value(&self, start: u32, end: u32, kind: Kind<'a>) -> Value<'a> {
        Value { span: Span { source: self.source, start, end }, kind }
    }

    pub(crate) fn null(&self, start: u32, end: u32) -> Value<'a> {
        self.value(start, end, Kind::Null)
    }

    pub(crate) fn boolean(&self, start: u32, end: u32, value: bool) -> Value<'a> {
        self.value(start, end, Kind::Bool(value))
    }

    pub(crate) fn number(&self, start: u32, end: u32, digits: &'a str) -> Value<'a> {
        self.value(start, end, Kind::Number(digits))
    }

    pub(crate) fn string(&self, start: u32, end: u32, text: &'a str) -> Value<'a> {
        self.value(start, end, Kind::String(text))
    }

    pub(crate) fn element(&mut self, value: Value<'a>) {
        self.values.push(value);
    }

    pub(crate) fn member(&mut self, start: u32, end: u32, name: &'a str, value: Value<'a>) {
        self.members.push(Member { name, name_span: Span { source: self.source, start, end }, value });
    }

    pub(crate) fn array(&mut self, start: u32, end: u32, count: usize) -> Value<'a> {
        let first = self.values.len() - count;
        let elements = self.arena.alloc_slice_copy(&self.values[first..]);
        self.values.truncate(first);
        self.value(start, end, Kind::Array(elements))
    }

    pub(crate) fn object(&mut self, start: u32, end: u32, count: usize) -> Value<'a> {
        let first = self.members.len() - count;
        let members = self.arena.alloc_slice_copy(&self.members[first..]);
        self.members.truncate(first);
        self.value(start, end, Kind::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn errors(text: &[u8]) -> Vec<String> {
        let arena = Bump::new();
        let list = parse(text, 0, SourceId(0), &arena, 64).err().unwrap_or_default();
        list.iter().map(|error| format!("{}..{} {error}", error.span.start, error.span.end)).collect()
    }

    #[test]
    fn values_have_spans_and_numbers_their_digits() {
        let arena = Bump::new();
        let text = br#" {"a\u0041": [1.50, -0, true, null], "a": {}} "#;
        let value = parse(text, 100, SourceId(3), &arena, 64).unwrap();
        let Kind::Object([first, second]) = value.kind else { panic!("{value:?}") };
        assert_eq!((first.name, first.name_span.start, first.name_span.end), ("aA", 102, 111));
        let Kind::Array(elements) = first.value.kind else { panic!("{value:?}") };
        let kinds: Vec<_> = elements.iter().map(|element| element.kind).collect();
        assert_eq!(kinds, [Kind::Number("1.50"), Kind::Number("-0"), Kind::Bool(true), Kind::Null]);
        assert_eq!(second.value.kind, Kind::Object(&[]));
        assert_eq!((value.span.start, value.span.end), (101, 145));
    }

    #[test]
    fn every_habit_is_named_and_found_in_one_run() {
        insta::assert_snapshot!(
            errors(b"{'a': 01, \"b\": True, // c\n \"d\": [1,], \"e\": \"\\x \\ud800\t\",}").join("\n")
        );
    }

    #[test]
    fn faults_of_structure_are_placed() {
        let texts = [
            "",
            "  ",
            "{",
            "[1 2]",
            "{\"a\" 1}",
            "{} {}",
            "{1:2}",
            "]",
            "[\"a",
            "{\"a\":}",
            "[@]",
            "\u{FEFF}{}",
            "[1,,2]",
        ];
        let mut out: String =
            texts.iter().map(|text| format!("{text:?}\n  {}\n", errors(text.as_bytes()).join("\n  "))).collect();
        out += &errors(b"[\"\xff\"]").join("\n");
        insta::assert_snapshot!(out);
    }

    /// LIM-1: the document is the first level; and depth costs no stack.
    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert_eq!(errors(&nested(64)), [""; 0]);
        assert_eq!(errors(&nested(65)), ["64..65 error[E-LIMIT]: nested more than 64 levels deep"]);
        assert_eq!(errors(&nested(100_000)).len(), 1);
        assert_eq!(errors(&vec![b'{'; 200_000]).len(), 1);
        let arena = Bump::new();
        assert!(parse(&nested(100_000), 0, SourceId(0), &arena, u32::MAX).is_ok());
    }

    fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
        use serde_json::Value::{Array, Bool, Null, Number, Object, String};
        match (ours.kind, theirs) {
            (Kind::Null, Null) => true,
            (Kind::Bool(a), Bool(b)) => a == *b,
            (Kind::Number(a), Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
            (Kind::String(a), String(b)) => a == b,
            (Kind::Array(a), Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Kind::Object(a), Object(b)) => b.iter().all(|(name, b)| {
                let last = a.iter().rfind(|member| member.name == name);
                last.is_some_and(|member| same(&member.value, b))
            }),
            _ => false,
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("false".to_owned()),
            "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9])?",
            ".{0,6}".prop_map(|text| serde_json::to_string(&text).unwrap()),
            r#""(a|\\[nrtbf/"]|\\u[0-9a-f]{4}|\\ud83d\\ude00){0,4}""#,
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            let list =
                prop::collection::vec(inner.clone(), 0..5).prop_map(|parts| format!("[ {} ]", parts.join(" ,\n")));
            let members = prop::collection::vec(("[a-c]", inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            });
            prop_oneof![list, members]
        })
    }

    fn agrees(text: &[u8]) -> Result<(), TestCaseError> {
        let arena = Bump::new();
        let ours = parse(text, 0, SourceId(0), &arena, 64);
        match (ours, serde_json::from_slice::<serde_json::Value>(text)) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{ours:?} {theirs:?}"),
            (Err(list), Err(_)) => prop_assert!(!list.is_empty()),
            (Ok(_), Err(fault)) => prop_assert!(fault.to_string().contains("number out of range"), "{fault}"),
            (Err(list), Ok(_)) => prop_assert!(false, "{list:?}"),
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// GRM-1: what is JSON is settled elsewhere; another reader of it agrees on every text.
        #[test]
        fn accepts_what_serde_json_accepts(text in json()) {
            agrees(text.as_bytes())?;
        }

        #[test]
        fn agrees_on_broken_texts(text in json(), at in any::<prop::sample::Index>(), with in r#"[]\[{}:,"'\\/0-9a-zA-Z.\t\x01é-]{0,2}"#, cut in 0usize..3) {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, with.into_bytes());
            agrees(&bytes)?;
        }
    }
}
