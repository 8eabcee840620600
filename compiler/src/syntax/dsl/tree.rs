//! A file of the Dictum language as written: names are not looked up, groups not expanded, operators not chosen.
//!
//! Everything that an author wrote is here with its span, comments included, so that a formatter can print it back and an
//! editor can find what the cursor is on. Texts borrow from the source or stand in the arena.

use crate::source::Span;
use crate::syntax::ast::{Metadata, Text};

/// A file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct File<'a> {
    /// `type scp`, as the first line.
    pub policy_type: Option<TypeLine<'a>>,
    /// What stands in it, in order.
    pub items: &'a [Item<'a>],
    /// Every comment, in order, doc comments included.
    pub comments: &'a [Comment<'a>],
    /// Where the syntax is at fault, in order: what else is found there is but the consequence.
    pub faulty: &'a [Span],
}

/// `type scp`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypeLine<'a> {
    /// From `type` to the name.
    pub span: Span,
    /// The name of the type.
    pub name: Text<'a>,
}

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comment<'a> {
    /// From the first `#`, without the line end.
    pub span: Span,
    /// The same as text, blanks at its end left out.
    pub text: &'a str,
}

impl<'a> Comment<'a> {
    /// Whether it begins with `##`, and documents the item behind it.
    pub fn is_doc(&self) -> bool {
        self.text.starts_with("##")
    }

    /// What it says: without the number signs and the one blank behind them.
    pub fn content(&self) -> &'a str {
        let text = self.text.trim_start_matches('#');
        text.strip_prefix(' ').unwrap_or(text)
    }
}

/// What stands in a file or in a `policy` block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item<'a> {
    /// The item, its doc comment aside.
    pub span: Span,
    /// The lines of its doc comment.
    pub doc: &'a [Text<'a>],
    /// Which it is.
    pub kind: ItemKind<'a>,
}

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ItemKind<'a> {
    /// `use "common.dct" as common`
    Use(Use<'a>),
    /// `let reads = s3:{Get*, List*}`
    Let(Let<'a>),
    /// `cond mfa = aws:MultiFactorAuthPresent == true`
    Cond(Cond<'a>),
    /// `policy NAME version="2008-10-17" { … }`
    Policy(PolicyBlock<'a>),
    /// `allow … on … if …`
    Statement(&'a Statement<'a>),
    /// `test "…" { … }`
    Test(Test<'a>),
}

/// An import.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Use<'a> {
    /// The path, relative to the importing file.
    pub path: Text<'a>,
    /// The name that its lets and conds go by.
    pub name: Text<'a>,
}

/// A named list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Let<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// What it stands for.
    pub value: LetValue<'a>,
}

/// What a `let` stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LetValue<'a> {
    /// Actions, resources or values; or names only, which may be of principals too.
    Entries(Entries<'a>),
    /// Principals, of which at least one is no name.
    Principals(&'a [PrincipalTerm<'a>]),
}

/// A named conjunction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cond<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// All of which must hold.
    pub clauses: &'a [Clause<'a>],
}

/// A policy in a block of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicyBlock<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// `version="2008-10-17"`, `type=scp` and their kin.
    pub attributes: &'a [Attribute<'a>],
    /// What stands between the braces: statements; anything else is an error of whoever expands it.
    pub items: &'a [Item<'a>],
    /// The braces and what is between them.
    pub body: Span,
}

/// An attribute of a `policy` block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Its value.
    pub value: Text<'a>,
    /// Whether the value is a string in quotes.
    pub is_quoted: bool,
}

/// A statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statement<'a> {
    /// `@owner("team-data")`, in order.
    pub metadata: &'a [Metadata<'a>],
    /// The Sids, of which there should be one at most: without the `@`, quotes included in the span.
    pub sids: &'a [Text<'a>],
    /// `allow` or `deny`.
    pub effect: Text<'a>,
    /// Behind the effect.
    pub actions: Selection<'a>,
    /// Behind `from`, with the place of that word.
    pub principals: Option<(Span, Principals<'a>)>,
    /// Behind `on`, with the place of that word.
    pub resources: Option<(Span, Selection<'a>)>,
    /// Behind `if`, with the place of that word.
    pub condition: Option<(Span, &'a [Clause<'a>])>,
}

/// A list of actions or resources, or all `except` a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection<'a> {
    /// Of `X except`: X, which should be `*`, and the place of `except`.
    pub except: Option<(Entry<'a>, Span)>,
    /// The list.
    pub entries: Entries<'a>,
}

/// A list of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Entries<'a> {
    /// From the first entry to the last, or from bracket to bracket.
    pub span: Span,
    /// Whether it stands in brackets.
    pub is_array: bool,
    /// In order.
    pub list: &'a [Entry<'a>],
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry<'a> {
    /// Bare: a pattern, a literal, or a name.
    Bare(Bare<'a>),
    /// `"…"`.
    Quoted(Text<'a>),
    /// `arn"…"`: the prefix, and the string, whose span is that of the whole.
    Typed(Text<'a>, Text<'a>),
    /// `json(true)`: what stands between the parentheses, with the span of the whole.
    Json(Text<'a>),
}

impl Entry<'_> {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Entry::Bare(bare) => bare.span,
            Entry::Quoted(text) | Entry::Typed(_, text) | Entry::Json(text) => text.span,
        }
    }
}

/// A bare text, with its brace groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bare<'a> {
    /// The whole.
    pub span: Span,
    /// What stands before the first group.
    pub head: Text<'a>,
    /// The groups, each with what follows it.
    pub groups: &'a [Group<'a>],
}

/// `{A, B}` and the text that touches it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group<'a> {
    /// From brace to brace.
    pub span: Span,
    /// Its members, in order.
    pub members: &'a [Text<'a>],
    /// What touches the closing brace; may be empty.
    pub tail: Text<'a>,
}

/// What stands behind `from`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Principals<'a> {
    /// Of `X except`: X, which should be `*`, and the place of `except`.
    pub except: Option<(Text<'a>, Span)>,
    /// `*`, names and calls, in order.
    pub terms: &'a [PrincipalTerm<'a>],
}

/// A part of a list of principals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PrincipalTerm<'a> {
    /// `*`, or the name of a let.
    Word(Text<'a>),
    /// `aws(…)`.
    Call {
        /// `aws`, `service`, `federated` or `canonical`.
        kind: Text<'a>,
        /// From the kind to the closing parenthesis.
        span: Span,
        /// What stands between the parentheses, in which nothing is a name.
        entries: Entries<'a>,
    },
    /// In a `let` only: quoted, typed or with groups, and so no principal.
    Entry(Entry<'a>),
}

/// One part of a conjunction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clause<'a> {
    /// The whole.
    pub span: Span,
    /// Which it is.
    pub kind: ClauseKind<'a>,
}

/// The kinds of clauses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClauseKind<'a> {
    /// The name of a cond.
    Name(Text<'a>),
    /// A key, a comparison, and what it is compared with.
    Test(KeyTest<'a>),
    /// `{}`: a Condition without operators.
    Empty,
    /// `StringEquals {}`: an operator without keys.
    EmptyOperator(Text<'a>),
}

/// `all aws:TagKeys? in ["a", "b"]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyTest<'a> {
    /// `all` or `any`.
    pub quantifier: Option<Text<'a>>,
    /// The key, the question mark aside.
    pub key: Text<'a>,
    /// The question mark behind the key.
    pub if_exists: Option<Span>,
    /// How it is compared.
    pub comparison: Comparison<'a>,
    /// What it is compared with; nothing for `exists` and `absent`.
    pub values: Entries<'a>,
}

/// How a key is compared, and where that stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// The word or words.
    pub span: Span,
    /// Which it is.
    pub kind: ComparisonKind<'a>,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum ComparisonKind<'a> {
    Equal,
    NotEqual,
    In,
    NotIn,
    EqualIgnoreCase,
    NotEqualIgnoreCase,
    Like,
    NotLike,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Exists,
    Absent,
    /// `is OPERATOR`, as JSON spells it.
    Is(Text<'a>),
}

impl ComparisonKind<'_> {
    /// As it is written, the operator of `is` aside.
    pub const fn words(self) -> &'static str {
        match self {
            ComparisonKind::Equal => "==",
            ComparisonKind::NotEqual => "!=",
            ComparisonKind::In => "in",
            ComparisonKind::NotIn => "not in",
            ComparisonKind::EqualIgnoreCase => "~=",
            ComparisonKind::NotEqualIgnoreCase => "!~=",
            ComparisonKind::Like => "like",
            ComparisonKind::NotLike => "not like",
            ComparisonKind::Less => "<",
            ComparisonKind::LessEqual => "<=",
            ComparisonKind::Greater => ">",
            ComparisonKind::GreaterEqual => ">=",
            ComparisonKind::Exists => "exists",
            ComparisonKind::Absent => "absent",
            ComparisonKind::Is(_) => "is",
        }
    }
}

/// A test block, or a table of tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test<'a> {
    /// What it is called.
    pub name: Text<'a>,
    /// The policies that are in force, by member; where there are none, the file's.
    pub under: &'a [Under<'a>],
    /// `for (…) in [ … ]`.
    pub table: Option<Table<'a>>,
    /// What stands between the braces, in order; each kind of line at most once, which whoever reads it checks.
    pub lines: &'a [TestLine<'a>],
    /// The braces and what is between them.
    pub body: Span,
}

/// `scp[0] common.guard` or `boundary "cap.json"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Under<'a> {
    /// The whole.
    pub span: Span,
    /// The member of a case's `policies`.
    pub member: Text<'a>,
    /// The number in brackets.
    pub level: Option<Text<'a>>,
    /// A path in quotes, or the name of a policy.
    pub policy: Text<'a>,
    /// Whether it is a path in quotes.
    pub is_path: bool,
}

/// The parameters of a table, and its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Table<'a> {
    /// From `for` to the closing bracket.
    pub span: Span,
    /// The names in order.
    pub parameters: &'a [Text<'a>],
    /// The rows in order.
    pub rows: &'a [Row<'a>],
}

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// From parenthesis to parenthesis.
    pub span: Span,
    /// A cell for each parameter, which whoever reads it checks.
    pub cells: &'a [Entry<'a>],
}

/// A line of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestLine<'a> {
    /// The whole.
    pub span: Span,
    /// Which it is.
    pub kind: TestLineKind<'a>,
}

/// The kinds of lines in a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TestLineKind<'a> {
    /// `as arn:…`, or `as session(ARN, ROLE)` and its kin.
    As(Requester<'a>),
    /// `do s3:GetObject on arn:…, arn:… account 123456789012`
    Do {
        /// The action.
        action: Entry<'a>,
        /// The resources.
        resources: Option<Entries<'a>>,
        /// The resource account.
        account: Option<Entry<'a>>,
    },
    /// `with aws:SourceIp = "10.1.2.3", …`
    With(&'a [Pair<'a>]),
    /// `expect allow by ReadHome`
    Expect {
        /// `allow`, `deny`, `explicit_deny`, `implicit_deny`, `error`, or a parameter of the table.
        outcome: Text<'a>,
        /// The code behind `error`.
        code: Option<Text<'a>>,
        /// Names of statements: `Sid`, `POLICY@Sid`, `POLICY#2`.
        by: Option<&'a [Text<'a>]>,
    },
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Requester<'a> {
    /// An ARN, or the word `anonymous`.
    Word(Entry<'a>),
    /// `session(ARN, ROLE)`, `service(x)` and their kin.
    Call {
        /// The word before the parenthesis.
        kind: Text<'a>,
        /// What stands between the parentheses.
        entries: Entries<'a>,
    },
}

/// A context key and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The key.
    pub key: Text<'a>,
    /// The value; in brackets a list.
    pub values: Entries<'a>,
}
