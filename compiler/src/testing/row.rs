//! Texts of a test, with the parameters of its table replaced by the cells of one row.

use std::collections::{HashMap, HashSet};

use super::case::TestScalar;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::expand::{LiteralFamily, is_json_number};
use crate::limits::{NAME_SEARCHES_MAX, TEST_BYTES_MAX};
use crate::source::Span;
use crate::syntax::ast::{ScalarKind, Text};
use crate::syntax::dsl::tree::{Bare, Entry};

/// The rule of semantics.md that a test stands under: a typo must not weaken it.
pub(super) const RULE: &str = "ERR-1";

/// The row that is read, and what was found on the way.
pub(super) struct Reading<'a> {
    /// The names of the table's columns; none where there is no table.
    pub parameters: &'a [Text<'a>],
    /// Their positions; of two of one name the first.
    columns: HashMap<&'a str, usize>,
    /// The cells of this row, as many.
    pub cells: &'a [Entry<'a>],
    /// Whether a column is used, by any row.
    pub used: Vec<bool>,
    /// How many more bytes the texts of the file's tests may have, over all rows.
    pub bytes_left: usize,
    /// Whether the syntax of the test is at fault, so that a part may be lacking because of that.
    pub is_faulty: bool,
    /// Unknown parameters for which a near one is still looked for.
    searches_left: usize,
    /// What is unknown, with its place: each row finds it again.
    unknown: HashSet<(Span, String)>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// A text of a test, ready for a request.
pub(super) struct Filled {
    pub span: Span,
    pub scalar: TestScalar,
    /// Whether it stands bare and is no literal: as a value it may have been meant as anything.
    pub is_word: bool,
}

impl<'a> Reading<'a> {
    pub fn new() -> Reading<'a> {
        Reading {
            parameters: &[],
            columns: HashMap::new(),
            cells: &[],
            used: Vec::new(),
            bytes_left: TEST_BYTES_MAX,
            is_faulty: false,
            searches_left: NAME_SEARCHES_MAX,
            unknown: HashSet::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Turns to a table with these columns, none of which is used so far.
    pub fn open(&mut self, parameters: &'a [Text<'a>]) {
        (self.parameters, self.cells, self.used) = (parameters, &[], vec![false; parameters.len()]);
        self.columns.clear();
        for (at, parameter) in parameters.iter().enumerate() {
            self.columns.entry(parameter.text).or_insert(at);
        }
    }

    /// The position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.get(name).copied()
    }

    /// Reports an error of the class E-TEST, to which more may be added.
    pub fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic::new(Code::E_TEST, span, RULE, message));
        self.diagnostics.last_mut().expect("it was pushed just now")
    }

    /// The cell of a parameter, which counts as used.
    pub fn cell(&mut self, name: &str) -> Option<&'a Entry<'a>> {
        let at = self.column(name)?;
        self.used[at] = true;
        self.cells.get(at)
    }

    /// A text with its parameters replaced.
    pub fn fill(&mut self, text: Text<'_>) -> String {
        let mut filled = String::with_capacity(text.text.len());
        let mut rest = text.text;
        while let Some(at) = rest.find("${") {
            let Some(length) = rest[at..].find('}') else { break };
            let (whole, name) = (&rest[at..=at + length], &rest[at + 2..at + length]);
            filled.push_str(&rest[..at]);
            match self.cell(name) {
                Some(cell) => filled.push_str(cell_text(cell).text),
                // Variables of policies have a colon; `${*}`, `${?}` and `${$}` are characters.
                None if name.contains(':') || matches!(name, "*" | "?" | "$") => filled.push_str(whole),
                None => {
                    let start = text.text.len() - rest.len() + at;
                    self.unknown(text.part(start, start + whole.len()), name);
                }
            }
            rest = &rest[at + length + 1..];
            if filled.len() > self.bytes_left {
                break;
            }
        }
        filled.push_str(rest);
        self.spend(filled.len(), text.span);
        filled
    }

    /// Reports a parameter that the table does not have.
    pub fn unknown(&mut self, span: Span, name: &str) {
        if !self.unknown.insert((span, name.to_owned())) {
            return;
        }
        let left = self.searches_left.checked_sub(1);
        self.searches_left = left.unwrap_or_default();
        let parameters: Vec<&str> = self.parameters.iter().take(SHOWN_MAX).map(|parameter| parameter.text).collect();
        let all = self.parameters.iter().map(|parameter| parameter.text);
        let near = left.and_then(|_| nearest(name, all));
        let error = self.error(span, format!("no parameter `{}`", shown(name)));
        error.help = match (near, parameters.is_empty()) {
            (Some(near), _) => Some(format!("did you mean `${{{near}}}`?")),
            (None, true) => Some("this test has no table; write `for (name) in [ (cell), … ]` before its brace".into()),
            (None, false) => {
                error.expected = Some(one_of(&parameters));
                None
            }
        };
    }

    /// The texts of an entry: several where it has brace groups.
    pub fn texts(&mut self, entry: &Entry<'a>) -> Vec<Filled> {
        let mut found = Vec::new();
        match entry {
            Entry::Bare(bare) => match bare.groups {
                [] if self.is_bare_parameter(bare) => {}
                [] => {
                    let count = self.diagnostics.len();
                    let text = self.fill(bare.head);
                    let cell_kind = self.cell_kind(bare.head.text);
                    let is_good = self.diagnostics.len() == count;
                    let is_word = is_good && cell_kind.is_none() && !is_literal(&text);
                    let kind = cell_kind.unwrap_or_else(|| kind_of(&text));
                    found.push(Filled { span: bare.span, scalar: TestScalar { text, kind }, is_word });
                }
                _ => self.expand(bare, &mut found),
            },
            Entry::Quoted(text) | Entry::Typed(_, text) => {
                let scalar = TestScalar { text: self.fill(*text), kind: ScalarKind::String };
                found.push(Filled { span: text.span, scalar, is_word: false });
            }
            Entry::Json(text) => {
                let filled = self.fill(*text);
                if let Some(kind) = self.json_kind(&filled, text.span) {
                    found.push(Filled { span: text.span, scalar: TestScalar { text: filled, kind }, is_word: false });
                }
            }
        }
        found
    }

    /// What JSON has a text of `json(…)` as; an error where it has it as neither a boolean nor a number.
    pub fn json_kind(&mut self, text: &str, span: Span) -> Option<ScalarKind> {
        let kind = Some(kind_of(text)).filter(|kind| *kind != ScalarKind::String);
        if kind.is_none() {
            let error = self.error(span, format!("`json({})`", shown(text)));
            error.expected = Some("`json(true)`, `json(false)` or a number of JSON".to_owned());
        }
        kind
    }

    /// The texts of an entry where there are no values: nothing says there of what type a text is.
    pub fn plain(&mut self, entry: &Entry<'a>, what: &str) -> Option<Vec<Filled>> {
        if matches!(entry, Entry::Typed(..) | Entry::Json(_)) {
            let error = self.error(entry.span(), format!("a typed value as the {what}"));
            error.help = Some("write it bare or in plain quotes".to_owned());
            return None;
        }
        Some(self.texts(entry))
    }

    /// The one text of such an entry.
    pub fn text(&mut self, entry: &Entry<'a>, what: &str) -> Option<Filled> {
        let mut texts = self.plain(entry, what)?;
        if texts.len() > 1 {
            let count = texts.len();
            let error = self.error(entry.span(), format!("a brace group that makes {count} texts"));
            error.expected = Some(format!("one {what}"));
            return None;
        }
        texts.pop()
    }

    /// A cell that is a parameter as a whole keeps what it is written as.
    fn cell_kind(&self, text: &str) -> Option<ScalarKind> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let at = self.column(name)?;
        match self.cells.get(at)? {
            Entry::Quoted(_) | Entry::Typed(..) => Some(ScalarKind::String),
            Entry::Bare(bare) => Some(kind_of(bare.head.text)),
            Entry::Json(text) => Some(kind_of(text.text)),
        }
    }

    /// A parameter without its `${…}` would be taken as it stands.
    fn is_bare_parameter(&mut self, bare: &Bare<'_>) -> bool {
        let name = bare.head.text;
        let is_parameter = self.cell(name).is_some();
        if is_parameter {
            let error = self.error(bare.span, format!("`{name}` is a parameter of the table"));
            error.expected = Some(format!("`${{{name}}}` for what the row has, or `\"{name}\"` for the word"));
        }
        is_parameter
    }

    fn expand(&mut self, bare: &Bare<'_>, found: &mut Vec<Filled>) {
        let count = bare.groups.iter().fold(1, |count: usize, group| count.saturating_mul(group.members.len()));
        if !self.spend(count.saturating_mul(bare.head.text.len().max(1)), bare.span) {
            return;
        }
        let mut texts = vec![bare.head.text.to_owned()];
        for group in bare.groups {
            let with = |text: &String| {
                let ends = group.members.iter().map(move |member| [member.text, group.tail.text].concat());
                ends.map(|end| [text, end.as_str()].concat()).collect::<Vec<_>>()
            };
            texts = texts.iter().flat_map(with).collect();
        }
        for text in texts {
            let text = self.fill(Text { span: bare.span, text: &text });
            let (kind, is_word) = (kind_of(&text), !is_literal(&text));
            found.push(Filled { span: bare.span, scalar: TestScalar { text, kind }, is_word });
        }
    }

    /// Whether there is room for so many more bytes; told once where there is not.
    fn spend(&mut self, bytes: usize, span: Span) -> bool {
        let is_enough = bytes <= self.bytes_left;
        if !is_enough && self.bytes_left > 0 {
            let message = "the texts of this file's tests are too long, over all their rows";
            let error = Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message);
            self.diagnostics.push(error.expected(format!("at most {TEST_BYTES_MAX} bytes")));
        }
        self.bytes_left = if is_enough { self.bytes_left - bytes } else { 0 };
        is_enough
    }
}

/// Parameters that a message lists.
const SHOWN_MAX: usize = 8;

/// The text of a cell.
pub(super) fn cell_text<'a>(cell: &Entry<'a>) -> Text<'a> {
    match cell {
        Entry::Bare(bare) => Text { span: bare.span, text: bare.head.text },
        Entry::Quoted(text) | Entry::Typed(_, text) | Entry::Json(text) => *text,
    }
}

/// Whether a bare text is a value by itself.
fn is_literal(text: &str) -> bool {
    LiteralFamily::of_bare(text).is_some() || is_json_number(text)
}

/// What JSON writes a bare text as.
fn kind_of(text: &str) -> ScalarKind {
    match text {
        "true" | "false" => ScalarKind::Bool,
        _ if is_json_number(text) => ScalarKind::Number,
        _ => ScalarKind::String,
    }
}

/// `a`, `b` or `c`.
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
