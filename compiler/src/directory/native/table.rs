//! Files of TOML, member by member: what is asked for is taken, of the right type or with a fault that says where it is
//! wrong; what is there and nobody asks for is one too.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Faults, RULE, at_start};
use super::form::{Form, TAG_KEY, TAG_VALUE};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::Named;
use crate::limits::SYNTAX_ERRORS_MAX;
use crate::source::{SourceId, Sources, Span};

/// A value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The members of one table.
pub(super) struct Members<'m, 't> {
    /// Where faults go.
    pub(super) faults: &'m mut Faults,
    /// Whether the file has faults of syntax: what is absent may stand in the part that could not be read.
    pub(super) is_broken: bool,
    /// Members that are read but not offered where another one is unknown.
    pub(super) unoffered: &'static [&'static str],
    source: SourceId,
    table: &'t DeTable<'t>,
    /// Whose members they are, as in `a user`.
    owner: &'static str,
    /// Where something absent would stand.
    span: Span,
    asked: Vec<&'static str>,
    /// Whether the names of the members are the author's.
    is_open: bool,
}

/// Reads a file of TOML. Of one with faults of syntax only these are told, and what could be read is read.
///
/// O(bytes of the file). Depth is bounded by the parser.
pub(super) fn read_file<R>(
    sources: &Sources,
    source: SourceId,
    owner: &'static str,
    faults: &mut Faults,
    read: impl FnOnce(&mut Members<'_, '_>) -> R,
) -> R {
    let before = faults.count();
    let bytes = sources.file(source).text();
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| {
        let start = error.valid_up_to();
        let span = span_of(source, start..start + 1);
        faults.push(Diagnostic::new(Code::D_TOML, span, RULE, "not UTF-8"));
        std::str::from_utf8(&bytes[..start]).unwrap_or_default()
    });
    let (table, errors) = DeTable::parse_recoverable(text);
    faults_of_syntax(text, source, &errors, faults);
    let told = faults.count();
    let is_broken = told > before;
    let span = at_start(source);
    let result = members(source, table.get_ref(), owner, span, is_broken, faults, read);
    if is_broken {
        faults.truncate(told);
    }
    result
}

fn faults_of_syntax(text: &str, source: SourceId, errors: &[toml::de::Error], faults: &mut Faults) {
    let mut last = None;
    for error in errors.iter().take(SYNTAX_ERRORS_MAX) {
        let range = error.span().unwrap_or(0..0);
        let (message, expected) = match error.message().split_once(", expected ") {
            Some((message, expected)) => (message, Some(expected)),
            None => (error.message(), None),
        };
        let message = match text.get(range.clone()) {
            Some(key) if message == "duplicate key" => format!("{message} `{}`", shown(key)),
            _ => message.to_owned(),
        };
        let mut fault = Diagnostic::new(Code::D_TOML, span_of(source, range), RULE, message);
        fault.expected = expected.map(str::to_owned);
        // The parser may meet one fault on two ways.
        if last.as_ref() != Some(&fault) {
            faults.push(fault.clone());
        }
        last = Some(fault);
    }
}

fn members<'t, R>(
    source: SourceId,
    table: &'t DeTable<'t>,
    owner: &'static str,
    span: Span,
    is_broken: bool,
    faults: &mut Faults,
    read: impl FnOnce(&mut Members<'_, 't>) -> R,
) -> R {
    let (asked, unoffered, is_open) = (Vec::new(), &[][..], false);
    let mut members = Members { faults, is_broken, unoffered, source, table, owner, span, asked, is_open };
    let result = read(&mut members);
    members.report_unknown();
    result
}

fn span_of(source: SourceId, range: std::ops::Range<usize>) -> Span {
    Span { source, start: range.start as u32, end: range.end as u32 }
}

/// A type, as in `is an array`.
fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

impl<'t> Members<'_, 't> {
    /// The place of a value.
    pub(super) fn place(&self, value: &Value<'_>) -> Span {
        span_of(self.source, value.span())
    }

    /// A member that may be absent.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'t Value<'t>> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// A member that may not be absent; the example says what it would be.
    pub(super) fn require(&mut self, key: &'static str, example: &str) -> Option<&'t Value<'t>> {
        let value = self.take(key);
        if value.is_none() {
            let message = format!("{} without `{key}`", self.owner);
            self.faults.push(Diagnostic::new(Code::D_MISSING, self.span, RULE, message).expected(example));
        }
        value
    }

    /// All members in the order of the file, where their names are the author's.
    pub(super) fn all(&mut self) -> Vec<(Named, &'t Value<'t>)> {
        self.is_open = true;
        let named = |key: &Spanned<_>| Named {
            text: String::from(AsRef::<str>::as_ref(key.get_ref())),
            span: span_of(self.source, key.span()),
        };
        let mut all: Vec<_> = self.table.iter().map(|(key, value)| (named(key), value)).collect();
        all.sort_by_key(|(key, _)| key.span);
        all
    }

    /// A text of a form.
    pub(super) fn text(&mut self, key: &'static str, form: Form) -> Option<Named> {
        let value = self.take(key)?;
        self.text_in(key, value, form)
    }

    /// The text in a value.
    pub(super) fn text_in(&mut self, name: &str, value: &Value<'_>, form: Form) -> Option<Named> {
        let span = self.place(value);
        let DeValue::String(text) = value.get_ref() else {
            self.report_type(name, value, "a string");
            return None;
        };
        self.faults.has_form(text, span, form).then(|| Named { text: text.clone().into_owned(), span })
    }

    /// An array of texts, each there once; without those that are wrong.
    pub(super) fn texts(&mut self, key: &'static str, form: Form) -> Vec<Named> {
        match self.take(key) {
            Some(value) => self.texts_in(key, value, form, "an array of strings"),
            None => Vec::new(),
        }
    }

    /// The texts in an array; `expected` says what else than an array would do.
    pub(super) fn texts_in(&mut self, name: &str, value: &Value<'_>, form: Form, expected: &str) -> Vec<Named> {
        let DeValue::Array(entries) = value.get_ref() else {
            self.report_type(name, value, expected);
            return Vec::new();
        };
        let entry_name = format!("{name}[]");
        let mut seen = HashMap::new();
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries.iter() {
            let Some(text) = self.text_in(&entry_name, entry, form) else { continue };
            match seen.entry(text.text.clone()) {
                Entry::Occupied(first) => {
                    self.faults.twice(text.span, *first.get(), format!("`{}` is in `{name}` twice", shown(&text.text)));
                }
                Entry::Vacant(place) => {
                    place.insert(text.span);
                    texts.push(text);
                }
            }
        }
        texts
    }

    /// One text, or an array of texts.
    pub(super) fn one_or_more(&mut self, name: &str, value: &Value<'_>, form: Form) -> Vec<Named> {
        match value.get_ref() {
            DeValue::String(_) => self.text_in(name, value, form).into_iter().collect(),
            _ => self.texts_in(name, value, form, "a string or an array of strings"),
        }
    }

    /// A mark, which is not set where it is absent.
    pub(super) fn mark(&mut self, key: &'static str) -> bool {
        match self.take(key) {
            None => false,
            Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                self.report_type(key, value, "`true` or `false`");
                false
            }),
        }
    }

    /// The members of a table that may be absent.
    pub(super) fn table<R>(&mut self, key: &'static str, read: impl FnOnce(&mut Members<'_, 't>) -> R) -> Option<R> {
        let value = self.take(key)?;
        self.table_in(key, value, key, self.place(value), read)
    }

    /// The members of the table in a value; the span is where something absent would stand.
    pub(super) fn table_in<R>(
        &mut self,
        name: &str,
        value: &'t Value<'t>,
        owner: &'static str,
        span: Span,
        read: impl FnOnce(&mut Members<'_, 't>) -> R,
    ) -> Option<R> {
        let DeValue::Table(table) = value.get_ref() else {
            self.report_type(name, value, "a table");
            return None;
        };
        Some(members(self.source, table, owner, span, self.is_broken, self.faults, read))
    }

    /// The table `tags`.
    pub(super) fn tags(&mut self) -> Vec<(Named, String)> {
        let tags = self.table("tags", |members| {
            let mut tags = Vec::new();
            for (key, value) in members.all() {
                let is_key = members.faults.has_form(&key.text, key.span, TAG_KEY);
                let text = members.text_in(&key.text, value, TAG_VALUE);
                tags.extend(text.filter(|_| is_key).map(|text| (key, text.text)));
            }
            tags
        });
        tags.unwrap_or_default()
    }

    /// Reports a value of the wrong type.
    pub(super) fn report_type(&mut self, name: &str, value: &Value<'_>, expected: &str) {
        let message = format!("`{}` is {}", shown(name), type_of(value.get_ref()));
        self.faults.push(Diagnostic::new(Code::D_VALUE, self.place(value), RULE, message).expected(expected));
    }

    fn report_unknown(&mut self) {
        if self.is_open {
            return;
        }
        let offered: Vec<&str> = self.asked.iter().copied().filter(|name| !self.unoffered.contains(name)).collect();
        for key in self.table.keys() {
            let (name, span) = (AsRef::<str>::as_ref(key.get_ref()), span_of(self.source, key.span()));
            if self.asked.contains(&name) {
                continue;
            }
            let message = format!("{} has no `{}`", self.owner, shown(name));
            let fault = Diagnostic::new(Code::D_MEMBER, span, RULE, message);
            let fault = match &offered[..] {
                [only] => fault.expected(format!("`{only}`")),
                _ => fault.expected(format!("one of `{}`", offered.join("`, `"))),
            };
            self.faults.push(fault.did_you_mean(nearest(name, offered.iter().copied())));
        }
    }
}
