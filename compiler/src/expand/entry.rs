//! Lists of entries: names replaced by what they stand for, groups expanded.

use bumpalo::Bump;

use super::Files;
use super::literal::LiteralFamily;
use super::meaning::{Form, Literal, Meaning, Position, is_name};
use crate::diagnostic::Code;
use crate::limits::LIST_ENTRIES_MAX;
use crate::source::{SourceId, Span};
use crate::syntax::ast::List;
use crate::syntax::dsl::tree::{Entries, Entry};

impl<'s> Files<'s> {
    /// One entry that is no name.
    pub(super) fn literal<'a>(
        &mut self,
        source: SourceId,
        entry: &Entry<'s>,
        arena: &'a Bump,
        found: &mut Vec<Literal<'a>>,
    ) where
        's: 'a,
    {
        match *entry {
            Entry::Bare(bare) => {
                let mut texts = Vec::new();
                self.texts(source, &bare, arena, &mut texts);
                found.extend(texts.into_iter().map(|text| Literal { text, form: Form::Bare }));
            }
            Entry::Quoted(text) => found.push(Literal { text, form: Form::Quoted }),
            Entry::Typed(prefix, text) => {
                let form = LiteralFamily::of_prefix(prefix.text).map_or(Form::Quoted, Form::Typed);
                found.push(Literal { text, form });
            }
            Entry::Json(text) => found.push(Literal { text, form: Form::Json }),
        }
    }

    /// The entries of a list, names replaced.
    pub(super) fn literals<'a>(
        &mut self,
        source: SourceId,
        entries: &Entries<'s>,
        position: Position,
        depth: usize,
        arena: &'a Bump,
    ) -> Vec<Literal<'a>>
    where
        's: 'a,
    {
        let mut found = Vec::new();
        for entry in entries.list {
            let name = match entry {
                Entry::Bare(bare) if bare.groups.is_empty() => Some(bare.head),
                _ => None,
            };
            let is_literal = |text: &str| position == Position::Value && LiteralFamily::of_bare(text).is_some();
            match name.filter(|name| is_name(name.text) && !is_literal(name.text)) {
                None => self.literal(source, entry, arena, &mut found),
                Some(name) => match self.meaning(source, &name, position, depth) {
                    Meaning::Entries(more) => found.extend(more),
                    Meaning::Principals(_) => self.wrong_kind(&name, "a `let` of principals", position),
                    Meaning::Clauses(_) => self.wrong_kind(&name, "a `cond`", position),
                    Meaning::Broken => self.broken += 1,
                },
            }
        }
        self.check_entries(found.len(), entries.span);
        found
    }

    /// LIM-1.
    pub(super) fn check_entries(&mut self, count: usize, span: Span) {
        if count > LIST_ENTRIES_MAX {
            let fault = self.error(Code::E_LIMIT, span, format!("a list of {count} entries"));
            fault.rule = "LIM-1";
            fault.expected = Some(format!("at most {LIST_ENTRIES_MAX}"));
        }
    }

    /// A list of actions or resources.
    pub(super) fn list<'a>(
        &mut self,
        source: SourceId,
        entries: &Entries<'s>,
        position: Position,
        arena: &'a Bump,
    ) -> List<'a>
    where
        's: 'a,
    {
        let literals = self.literals(source, entries, position, 0, arena);
        let (code, word) = match position {
            Position::Action => (Code::E_ACTION, "action"),
            _ => (Code::E_RESOURCE, "resource"),
        };
        // `arn"…"` in a `let` serves as a value too.
        let is_odd = |form: Form| match form {
            Form::Typed(LiteralFamily::Arn) => position == Position::Action,
            form => matches!(form, Form::Typed(_) | Form::Json),
        };
        if let Some(odd) = literals.iter().find(|literal| is_odd(literal.form)) {
            let fault = self.error(code, odd.text.span, format!("a typed value among {word}s"));
            fault.help = Some(format!("write the {word} bare or in plain quotes"));
        }
        let is_array = entries.is_array || literals.len() != 1;
        let entries_of = arena.alloc_slice_fill_iter(literals.iter().map(|literal| literal.text));
        List { span: entries.span, is_array, entries: entries_of }
    }
}
