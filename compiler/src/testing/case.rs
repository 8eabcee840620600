//! What a test block states: decisions, one for the block or one for each row of its table.

use dictum_vm::Decision;

use crate::diagnostic::Code;
use crate::source::{PolicyType, Span};
use crate::syntax::ast::ScalarKind;

/// A test block.
#[derive(Clone, Debug, PartialEq)]
pub struct TestBlock {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// From `test` to the closing brace.
    pub whole: Span,
    /// Whether it has a table.
    pub is_table: bool,
    /// The policies that are in force in place of the file's, by member.
    pub under: Vec<Under>,
    /// What it states, in order.
    pub cases: Vec<TestCase>,
}

/// A policy that a test puts in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Under {
    /// From the member to the policy.
    pub span: Span,
    /// The member, as the type of its policies.
    pub member: PolicyType,
    /// The level of an scp or rcp; 0 for other members.
    pub level: u32,
    /// Which policy.
    pub policy: PolicyReference,
}

/// How a test names a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyReference {
    /// `"cap.json"`, `"caps.dct#NAME"`.
    Path {
        /// Where it stands, quotes included.
        span: Span,
        /// Relative to the file, up to the `#`.
        path: String,
        /// Which policy of that file.
        policy: Option<String>,
    },
    /// `guard`, `common.guard`.
    Name {
        /// Where it stands.
        span: Span,
        /// The whole of it: a policy's name may have a dot in it.
        text: String,
    },
}

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCase {
    /// What reports call it: of a table with the row behind it, `who reads whose [2] (ana, bob, deny)`.
    pub name: String,
    /// The test's name, or the row.
    pub span: Span,
    /// What is asked.
    pub request: TestRequest,
    /// What must come out.
    pub expect: TestExpect,
}

/// A request as a test writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRequest {
    /// Who asks.
    pub principal: TestPrincipal,
    /// The action.
    pub action: String,
    /// The resources, in order.
    pub resources: Vec<String>,
    /// The resource account.
    pub account: Option<String>,
    /// The context, in order; no key twice.
    pub context: Vec<(String, TestValue)>,
}

/// Who asks (PRN-1).
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are those of case-format.md")]
pub enum TestPrincipal {
    Arn(String),
    Session { session: String, role: String },
    FederatedUser { session: String, user: String },
    Service(String),
    Federated(String),
    CanonicalUser(String),
    Anonymous,
}

/// The value of a context key.
#[derive(Clone, Debug, PartialEq)]
pub enum TestValue {
    /// Single-valued.
    One(TestScalar),
    /// Multivalued: it stands in brackets.
    Many(Vec<TestScalar>),
}

/// A text, and what JSON writes it as.
#[derive(Clone, Debug, PartialEq)]
pub struct TestScalar {
    /// The text.
    pub text: String,
    /// A string, a number or a boolean.
    pub kind: ScalarKind,
}

/// What must come out.
#[derive(Clone, Debug, PartialEq)]
pub enum TestExpect {
    /// A decision, `None` for either kind of deny; and exactly these deciding statements, if named.
    Decision(Option<Decision>, Option<Vec<StatementName>>),
    /// An error of this class.
    Error(Code),
}

/// A statement as `by` names it: `Sid`, `POLICY@Sid` or `POLICY#2`.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementName {
    /// Where it stands.
    pub span: Span,
    /// What stands there.
    pub text: String,
}
