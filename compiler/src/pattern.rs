//! Patterns of resources, condition values and texts with variables, as tokens (semantics.md 3, 5, 7.10, 8).

use serde::{Deserialize, Serialize};

/// One token of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Piece {
    /// These characters, including what `${*}`, `${?}` and `${$}` denote (VAR-4). Never empty; neighbours are joined.
    Text(String),
    /// Exactly one character.
    One,
    /// Exactly one character but `:` (RES-5).
    OneNotColon,
    /// Any run of characters.
    Run,
    /// Any run of characters but `:` (RES-5).
    RunNotColon,
    /// The `?` of an Arn operator's value that has variables: `OneNotColon` while fewer than five colons stand before it
    /// after substitution, `One` afterwards (CND-60, CND-61).
    ArnOne,
    /// The `*` of such a value: `RunNotColon` or `Run` likewise.
    ArnRun,
    /// The value of a context key, taken literally (VAR-7, VAR-8).
    Variable {
        /// The context key as written; a key without `:` counts as absent (VAR-3).
        key: String,
        /// Stands in where the key is absent or empty (VAR-9).
        default: Option<String>,
        /// In a resource entry before its fifth colon: a value or default with a `:` is unresolved (VAR-5).
        colon_free: bool,
    },
}

/// How a pattern's wildcards are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PatternKind {
    /// No wildcards: text and variables (String, StringIgnoreCase, Bool, Binary).
    Plain,
    /// Free globs (StringLike).
    Like,
    /// Resource and NotResource entries (RES-5, RES-6), already padded as RES-8 says.
    Resource,
    /// Values of Arn operators (CND-60).
    Arn,
}

/// A pattern: tokens to be matched against a whole text (GLB-2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pattern {
    /// As written in the policy.
    pub text: String,
    /// How its wildcards are read.
    pub kind: PatternKind,
    /// The tokens in normal form: no two `Run` in a row, and a `Run` behind its `One`s (`*?` is `?*`).
    /// A lone `*` of kind `Resource` or `Arn` is exactly `[Run]`, and means anything at all (RES-3), or any ARN (CND-63);
    /// no other resource entry is `[Run]`, for they begin with `arn:`.
    pub pieces: Vec<Piece>,
}
