//! What is wrong with a tree, gathered on the way through it.

use super::form::Form;
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::NAME_SEARCHES_MAX;
use crate::source::{SourceId, Span};

/// The rule that says what entities there are, and what belongs to them.
pub(super) const RULE: &str = "DIR-2";

/// The start of a file, for what is wrong with it as a whole or what its name says.
pub(super) const fn at_start(source: SourceId) -> Span {
    Span { source, start: 0, end: 0 }
}

/// Errors so far.
pub(super) struct Faults {
    list: Vec<Diagnostic>,
    /// Wrong names for which a near one among many is still looked for.
    searches_left: usize,
}

impl Faults {
    /// None so far.
    pub(super) fn new() -> Faults {
        Faults { list: Vec::new(), searches_left: NAME_SEARCHES_MAX }
    }

    /// Takes an error in.
    pub(super) fn push(&mut self, fault: Diagnostic) {
        self.list.push(fault);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Forgets all but the first ones.
    pub(super) fn truncate(&mut self, count: usize) {
        self.list.truncate(count);
    }

    /// Reports a text that has not the form it should have; whether it has.
    pub(super) fn has_form(&mut self, text: &str, span: Span, form: Form) -> bool {
        let holds = (form.holds)(text);
        if !holds {
            let message = format!("`{}` is no {}", shown(text), form.what);
            self.push(Diagnostic::new(Code::D_VALUE, span, RULE, message).expected(form.expected));
        }
        holds
    }

    /// Reports that something is there twice.
    pub(super) fn twice(&mut self, span: Span, first: Span, message: String) {
        self.push(Diagnostic::new(Code::D_TWICE, span, RULE, message).related(first, "here first"));
    }

    /// The nearest of many names; `None` too once it has been asked for often, since it costs O(names).
    pub(super) fn near<'c>(&mut self, word: &str, names: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
        self.searches_left = self.searches_left.checked_sub(1)?;
        nearest(word, names)
    }

    /// All of them, file by file and in the order of the file.
    pub(super) fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|fault| fault.span);
        self.list
    }
}
