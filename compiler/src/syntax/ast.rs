//! The tree of a policy: its elements as written, in a bump arena, with their spans.
//!
//! Shape only: a tree may lack elements, hold both of a pair, or name operators that do not exist. What stood at the right
//! place but had the wrong shape is kept as an [`Element`] without value, so that it is not also reported as missing.

use crate::source::Span;

/// The Version that has variables (VAR-1), and that of every policy in the Dictum language that names none.
pub(crate) const VERSION: &str = "2012-10-17";

/// The kinds of principals: the words of the language, and the members of a Principal element (PRN-2).
pub const PRINCIPAL_KINDS: [(&str, &str); 4] =
    [("aws", "AWS"), ("service", "Service"), ("federated", "Federated"), ("canonical", "CanonicalUser")];

/// A text and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Where, quotes included.
    pub span: Span,
    /// The text, decoded.
    pub text: &'a str,
}

impl Text<'_> {
    /// Where bytes `start..end` of the text stand; the whole span where the source is neither the text nor the text
    /// between two quotes.
    pub fn part(&self, start: usize, end: usize) -> Span {
        let quotes = match (self.span.end - self.span.start).checked_sub(self.text.len() as u32) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return self.span,
        };
        let first = self.span.start + quotes;
        Span { start: first + start as u32, end: first + end as u32, ..self.span }
    }
}

/// An element that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<T> {
    /// Where its name stands.
    pub name: Span,
    /// `None` where the value has the wrong shape, which is reported already.
    pub value: Option<T>,
}

/// A list of texts, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<'a> {
    /// Where, brackets included.
    pub span: Span,
    /// Whether it is an array, and not the one entry itself.
    pub is_array: bool,
    /// Entries in order.
    pub entries: &'a [Text<'a>],
}

/// The name of an element of a policy or a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub enum ElementName {
    Version,
    Id,
    Statement,
    Sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
}

impl ElementName {
    /// Those of a policy, in the order of the normal form (dsl.md).
    pub const POLICY: &'static [ElementName] = &[ElementName::Version, ElementName::Id, ElementName::Statement];

    /// Those of a statement, in the order of the normal form.
    pub const STATEMENT: &'static [ElementName] = &[
        ElementName::Sid,
        ElementName::Effect,
        ElementName::Principal,
        ElementName::NotPrincipal,
        ElementName::Action,
        ElementName::NotAction,
        ElementName::Resource,
        ElementName::NotResource,
        ElementName::Condition,
    ];

    /// As JSON spells it.
    pub const fn name(self) -> &'static str {
        match self {
            ElementName::Version => "Version",
            ElementName::Id => "Id",
            ElementName::Statement => "Statement",
            ElementName::Sid => "Sid",
            ElementName::Effect => "Effect",
            ElementName::Principal => "Principal",
            ElementName::NotPrincipal => "NotPrincipal",
            ElementName::Action => "Action",
            ElementName::NotAction => "NotAction",
            ElementName::Resource => "Resource",
            ElementName::NotResource => "NotResource",
            ElementName::Condition => "Condition",
        }
    }
}

/// A note beside a statement, which explanations repeat and decisions do not know: `@owner("team-data", "sev2")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// What stands between the parentheses.
    pub values: &'a [Text<'a>],
}

/// A policy document (GRM-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub struct Policy<'a> {
    pub span: Span,
    pub version: Option<Element<Text<'a>>>,
    pub id: Option<Element<Text<'a>>>,
    pub statements: Option<Element<&'a [Statement<'a>]>>,
    /// Whether the statements are an array, and not the one statement itself.
    pub is_array: bool,
    /// The elements that are there, as ordered in JSON; one that is not there may be named too.
    pub order: &'a [ElementName],
    /// What lets and conds of the file stand for that nothing uses, as statements: no part of the policy, but held to the
    /// same rules.
    pub unused: &'a [Statement<'a>],
}

/// A statement (GRM-20).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub struct Statement<'a> {
    pub span: Span,
    pub sid: Option<Element<Text<'a>>>,
    pub effect: Option<Element<Text<'a>>>,
    pub principal: Option<Element<Principals<'a>>>,
    pub not_principal: Option<Element<Principals<'a>>>,
    pub action: Option<Element<List<'a>>>,
    pub not_action: Option<Element<List<'a>>>,
    pub resource: Option<Element<List<'a>>>,
    pub not_resource: Option<Element<List<'a>>>,
    pub condition: Option<Element<&'a [OperatorBlock<'a>]>>,
    /// The elements that are there, as ordered in JSON; one that is not there may be named too.
    pub order: &'a [ElementName],
    /// The lines of the doc comment, which only the Dictum language has.
    pub doc: &'a [Text<'a>],
    /// Likewise its metadata.
    pub metadata: &'a [Metadata<'a>],
}

/// The value of Principal or NotPrincipal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principals<'a> {
    /// A string, of which only `*` is good (PRN-2).
    Text(Text<'a>),
    /// A map of kinds of principals.
    Map {
        /// Where, braces included.
        span: Span,
        /// `AWS`, `Service` and so on, each with its entries; one whose entries have the wrong shape has `None`.
        members: &'a [(Text<'a>, Option<List<'a>>)],
    },
}

/// One operator of a Condition, with what stands under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorBlock<'a> {
    /// The operator as written.
    pub operator: Text<'a>,
    /// Its keys, in order.
    pub keys: &'a [KeyBlock<'a>],
}

/// One key under an operator, with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyBlock<'a> {
    /// The key as written.
    pub key: Text<'a>,
    /// Where the values stand.
    pub span: Span,
    /// Whether they are an array, and not the one value itself.
    pub is_array: bool,
    /// Its values, in order.
    pub values: &'a [Scalar<'a>],
}

/// A condition value (GRM-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// The text; of a number its digits as written.
    pub text: Text<'a>,
    /// What JSON writes it as.
    pub kind: ScalarKind,
}

/// What JSON writes a condition value as. It makes no difference to what the value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// A string.
    String,
    /// A number, whose text is still to be brought to plain form (GRM-28).
    Number,
    /// `true` or `false`.
    Bool,
}
