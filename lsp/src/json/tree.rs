//! The tree of a JSON text that is being written, and where a cursor is in it.
//!
//! What is missing is left out or stands as an empty `null`; brackets that are not closed close at the end. So the
//! features that read a statement have the part of it that is there.

use bumpalo::Bump;
use dictum_compiler::source::{SourceId, Span};
use dictum_compiler::syntax::json::{Kind, Member, Value};

use super::token::{Shape, Token, tokens};

/// Brackets around a value that are followed; what is nested deeper is no policy.
const DEPTH_MAX: usize = 100;

/// The tree of a text, as far as there is one. O(bytes).
pub fn parse<'a>(text: &'a str, source: SourceId, arena: &'a Bump) -> Option<Value<'a>> {
    let mut builder = Builder { text, source, arena, open: Vec::new(), root: None };
    for token in tokens(text) {
        builder.feed(token);
        if builder.open.len() > DEPTH_MAX {
            break;
        }
    }
    builder.close_all(text.len());
    builder.root
}

/// A step from a value to one inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the member of this name.
    Member(String),
    /// Into the element of this number.
    Index(usize),
}

/// What stands, or would stand, at a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The name of a member.
    Name,
    /// Between a name and its colon.
    Colon,
    /// A value.
    Value,
}

/// Where a cursor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// From the root to the value that the cursor is in; of a name the object's.
    pub path: Vec<Step>,
    /// What stands there.
    pub role: Role,
    /// The string or word that the cursor touches.
    pub token: Option<Token>,
}

impl Cursor {
    /// The cursor at a byte. O(bytes before it).
    pub fn at(text: &str, offset: usize) -> Cursor {
        let arena = Bump::new();
        let mut builder = Builder { text, source: SourceId::default(), arena: &arena, open: Vec::new(), root: None };
        let mut touched = None;
        for token in tokens(text) {
            if token.touches(offset) {
                touched = Some(token);
                break;
            }
            if token.end > offset || builder.open.len() > DEPTH_MAX {
                break;
            }
            builder.feed(token);
        }
        let role = match builder.open.last() {
            Some(Open { name: None, is_object: true, .. }) => Role::Name,
            Some(Open { name: Some(_), has_colon: false, .. }) => Role::Colon,
            _ => Role::Value,
        };
        let step = |open: &Open<'_>| match (&open.name, open.is_object) {
            (Some(name), _) => Some(Step::Member(name.name.to_owned())),
            (None, true) => None,
            (None, false) => Some(Step::Index(open.elements.len())),
        };
        let path = builder.open.iter().filter_map(step).collect();
        Cursor { path, role, token: touched }
    }

    /// The names on the path, elements left out.
    pub fn names(&self) -> Vec<&str> {
        fn name(step: &Step) -> Option<&str> {
            match step {
                Step::Member(name) => Some(name),
                Step::Index(_) => None,
            }
        }
        self.path.iter().filter_map(name).collect()
    }
}

/// An array or object that is not closed yet.
struct Open<'a> {
    start: usize,
    is_object: bool,
    /// The member whose value is still to come.
    name: Option<Member<'a>>,
    has_colon: bool,
    members: Vec<Member<'a>>,
    elements: Vec<Value<'a>>,
}

struct Builder<'a> {
    text: &'a str,
    source: SourceId,
    arena: &'a Bump,
    open: Vec<Open<'a>>,
    root: Option<Value<'a>>,
}

impl<'a> Builder<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span { source: self.source, start: start as u32, end: end as u32 }
    }

    fn feed(&mut self, token: Token) {
        match token.shape {
            Shape::Mark(mark @ (b'{' | b'[')) => {
                let (members, elements) = (Vec::new(), Vec::new());
                let is_object = mark == b'{';
                self.open.push(Open { start: token.start, is_object, name: None, has_colon: false, members, elements });
            }
            Shape::Mark(mark @ (b'}' | b']')) => {
                let is_object = mark == b'}';
                let Some(depth) = self.open.iter().rposition(|open| open.is_object == is_object) else { return };
                while self.open.len() > depth + 1 {
                    self.close(token.start);
                }
                self.close(token.end);
            }
            Shape::Mark(b':') => {
                if let Some(open) = self.open.last_mut() {
                    open.has_colon = open.name.is_some();
                }
            }
            Shape::Mark(_) => self.finish_member(),
            Shape::Text { .. } | Shape::Word => self.scalar(token),
        }
    }

    fn scalar(&mut self, token: Token) {
        let text = self.text;
        let said = match token.text(text) {
            std::borrow::Cow::Borrowed(said) => said,
            std::borrow::Cow::Owned(said) => self.arena.alloc_str(&said),
        };
        let span = self.span(token.start, token.end);
        let is_value = self.open.last().is_none_or(|open| !open.is_object || open.has_colon);
        if is_value {
            let kind = match (token.shape, said) {
                (Shape::Text { .. }, said) => Kind::String(said),
                (_, "true") => Kind::Bool(true),
                (_, "false") => Kind::Bool(false),
                (_, "null") => Kind::Null,
                (_, word) if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Kind::Number(word),
                (_, word) => Kind::String(word),
            };
            self.value(Value { span, kind });
        } else {
            self.finish_member();
            let nothing = Value { span: self.span(token.end, token.end), kind: Kind::Null };
            if let Some(open) = self.open.last_mut() {
                open.name = Some(Member { name: said, name_span: span, value: nothing });
            }
        }
    }

    /// Ends a member whose value never came.
    fn finish_member(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.members.extend(open.name.take());
            open.has_colon = false;
        }
    }

    fn value(&mut self, value: Value<'a>) {
        match self.open.last_mut() {
            None => _ = self.root.get_or_insert(value),
            Some(open) if open.is_object => {
                if let Some(name) = open.name.take() {
                    open.members.push(Member { value, ..name });
                }
                open.has_colon = false;
            }
            Some(open) => open.elements.push(value),
        }
    }

    fn close(&mut self, end: usize) {
        self.finish_member();
        let Some(open) = self.open.pop() else { return };
        let kind = match open.is_object {
            true => Kind::Object(self.arena.alloc_slice_copy(&open.members)),
            false => Kind::Array(self.arena.alloc_slice_copy(&open.elements)),
        };
        self.value(Value { span: self.span(open.start, end), kind });
    }

    fn close_all(&mut self, end: usize) {
        while !self.open.is_empty() {
            self.close(end);
        }
    }
}

/// The member of this name of an object.
pub fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    members(value).iter().find(|member| member.name == name).map(|member| &member.value)
}

/// The members of an object; of anything else none.
pub fn members<'v, 'a>(value: &'v Value<'a>) -> &'v [Member<'a>] {
    match value.kind {
        Kind::Object(members) => members,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(value: &Value<'_>) -> String {
        match value.kind {
            Kind::Object(members) => {
                let shown: Vec<_> =
                    members.iter().map(|member| format!("{}={}", member.name, shown(&member.value))).collect();
                format!("{{{}}}", shown.join(" "))
            }
            Kind::Array(elements) => format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Kind::String(text) => format!("'{text}'"),
            Kind::Number(digits) => digits.to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Null => "null".to_owned(),
        }
    }

    #[test]
    fn what_is_there_is_kept() {
        for (text, expected) in [
            (r#"{"a": [1, true, "x"], "b": {}}"#, "{a=[1 true 'x'] b={}}"),
            (r#"{"Statement": [{"Effect": "Allow", "Action": "s3:"#, "{Statement=[{Effect='Allow' Action='s3:'}]}"),
            (r#"{"a" "b": 1 "c": }"#, "{a=null b=1 c=null}"),
            (r#"{"a": [{"b": 1], "c": 2}"#, "{a=[{b=1}] c=2}"),
            (r#"{"a": Allow,, "b"}"#, "{a='Allow' b=null}"),
            ("]", "none"),
            ("", "none"),
        ] {
            let arena = Bump::new();
            let value = parse(text, SourceId(0), &arena);
            assert_eq!(value.as_ref().map_or("none".to_owned(), shown), expected, "{text}");
        }
    }

    #[test]
    fn a_cursor_knows_its_way() {
        for (text, names, role, word) in [
            (r#"{"Statement": [{"Action": "s3:|"#, "Statement Action", Role::Value, "s3:"),
            (r#"{"Statement": [{}, {"Eff|": 1}]}"#, "Statement", Role::Name, "Eff"),
            (r#"{"Statement": [{"Condition": {"Bool": {|}}}]}"#, "Statement Condition Bool", Role::Name, ""),
            (r#"{"Version": |}"#, "Version", Role::Value, ""),
            (r#"{"Version" |"#, "Version", Role::Colon, ""),
            (r#"{"a": {"b": ["x"]}, |"#, "", Role::Name, ""),
            ("|", "", Role::Value, ""),
        ] {
            let offset = text.find('|').unwrap();
            let text = text.replace('|', "");
            let cursor = Cursor::at(&text, offset);
            let touched = cursor.token.map_or(String::new(), |token| token.text(&text).into_owned());
            assert_eq!(
                (cursor.names().join(" ").as_str(), cursor.role, touched.as_str()),
                (names, role, word),
                "{text}"
            );
        }
        assert_eq!(Cursor::at(r#"["a", "b"]"#, 7).path, [Step::Index(1)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_is_too_broken(text in "[a\"\\\\\\n{}:,\\[\\]1 ]{0,40}", at in 0usize..41) {
            let arena = Bump::new();
            parse(&text, SourceId(0), &arena);
            Cursor::at(&text, at);
        }

        /// What is JSON is read as the compiler reads it, spans and all.
        #[test]
        fn json_is_read_as_the_compiler_reads_it(value in json()) {
            let (one, other) = (Bump::new(), Bump::new());
            let strict = dictum_compiler::syntax::json::parse(value.as_bytes(), 0, SourceId(0), &one, 64);
            prop_assert_eq!(parse(&value, SourceId(0), &other), strict.ok());
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![Just("null"), Just("true"), Just("-1.5e3"), Just("\"\\u00e9\\n😀\""), Just("\"{\"")];
        leaf.prop_map(str::to_owned).prop_recursive(4, 20, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[ {} ]", all.join(" , ")));
            let members = prop::collection::vec(("[a-c]", inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name:?} : {value}")).collect();
                format!("{{{}}}", members.join(","))
            });
            prop_oneof![list, members]
        })
    }
}
