//! What names and entries stand for, once they are worked out.

use super::literal::LiteralFamily;
use crate::diagnostic::shown;
use crate::source::Span;
use crate::syntax::ast::{KeyBlock, Text};
use crate::syntax::dsl::tree::{Clause, LetValue};

/// An entry that is no name, without groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal<'a> {
    pub(super) text: Text<'a>,
    pub(super) form: Form,
}

/// How an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bare,
    Quoted,
    Typed(LiteralFamily),
    Json,
}

/// A clause as JSON has it: an operator, and a key with its values; without a key only the operator's empty block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared<'a> {
    pub(super) operator: Text<'a>,
    pub(super) key: Option<KeyBlock<'a>>,
}

/// The principals of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrincipalPart<'a> {
    pub(super) member: &'static str,
    pub(super) kind: Text<'a>,
    pub(super) span: Span,
    pub(super) is_array: bool,
    pub(super) texts: &'a [Text<'a>],
}

/// A let or a cond.
pub(super) struct Definition<'s> {
    pub(super) name: Text<'s>,
    pub(super) kind: DefinitionKind<'s>,
    pub(super) state: State<'s>,
}

#[derive(Clone, Copy)]
pub(super) enum DefinitionKind<'s> {
    Let(LetValue<'s>),
    Cond(&'s [Clause<'s>]),
}

pub(super) enum State<'s> {
    Untouched,
    /// Being worked out: a use of it now is one by itself.
    Open,
    Done(Meaning<'s>),
}

impl Definition<'_> {
    pub(super) fn is_cond(&self) -> bool {
        matches!(self.kind, DefinitionKind::Cond(_))
    }
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Meaning<'s> {
    /// Actions, resources or values.
    Entries(&'s [Literal<'s>]),
    /// Principals.
    Principals(&'s [PrincipalPart<'s>]),
    /// A conjunction.
    Clauses(&'s [Compared<'s>]),
    /// Nothing, for a reason that is told.
    Broken,
}

/// Where a name is used, for what is said where it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Action,
    Resource,
    Value,
    Principal,
    Condition,
    /// In a let, which may be of anything.
    Let,
}

impl Position {
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Position::Action => "`service:name`, `*`, or the name of a `let`",
            Position::Resource => "an ARN, `*`, or the name of a `let`",
            Position::Value => "a string in quotes, a literal, or the name of a `let`",
            Position::Principal => {
                "`*`, `aws(…)`, `service(…)`, `federated(…)`, `canonical(…)`, or the name of a `let`"
            }
            Position::Condition => "a condition key and a comparison, or the name of a `cond`",
            Position::Let => "an action, an ARN, a string in quotes, a literal, or a name",
        }
    }
}

impl Position {
    /// What else a word may have been meant as that is no name.
    pub(super) fn advice(self, word: &str) -> Option<String> {
        let word = shown(word);
        match self {
            Position::Value => Some(match word.to_ascii_lowercase().as_str() {
                literal @ ("true" | "false") => format!("write `{literal}`"),
                "null" | "none" => "whether a key is there is asked by `KEY exists` and `KEY absent`".to_owned(),
                _ => format!("if it is a string, write `\"{word}\"`"),
            }),
            Position::Action => Some(format!(
                "an action has its service before it, as in `s3:{}`",
                match word.as_str() {
                    word if word.starts_with(|c: char| c.is_ascii_uppercase()) => word,
                    _ => "GetObject",
                }
            )),
            Position::Resource => Some(format!(
                "if it is a bucket of S3, write `arn:aws:s3:::{word}`, and `arn:aws:s3:::{word}/*` for what is in it"
            )),
            Position::Condition => {
                Some(format!("define it by `cond {word} = …`, or compare a key that has its prefix"))
            }
            Position::Principal | Position::Let => None,
        }
    }
}

/// Whether a bare text can only be a name: letters, digits, `_`, `-`, and one dot behind the name of an import.
pub(super) fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    match text.split_once('.') {
        None => is_word(text),
        Some((import, name)) => is_word(import) && is_word(name),
    }
}
