//! The resolved policy: every name known, every value typed, every default spelled out. What resolve gives and lowering takes.

pub use dictum_vm::Effect;
use dictum_vm::operator::Test;
use dictum_vm::value::ip::Network;
use serde::{Deserialize, Serialize};

use crate::pattern::Pattern;
use crate::plain;
use crate::source::Place;
pub use crate::source::PolicyType;

/// A resolved policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// The name its source gave it.
    pub name: String,
    /// The type it was resolved under.
    pub policy_type: PolicyType,
    /// Statements in document order; the position is the statement's index (GRM-13).
    pub statements: Vec<Statement>,
}

/// A resolved statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// The Sid, `None` where absent or empty (SID-1).
    pub sid: Option<String>,
    /// Where the statement begins.
    pub place: Place,
    /// Allow or Deny.
    #[serde(with = "plain::effect")]
    pub effect: Effect,
    /// Present exactly in `Resource` and `Trust` policies; an rcp's is always `*` and is not kept.
    pub principals: Option<Principals>,
    /// Action or NotAction.
    pub actions: Actions,
    /// Resource or NotResource; `None` covers whatever resource the request names (TYP-2).
    pub resources: Option<Resources>,
    /// Every operator and key, all of which must hold (CND-1).
    pub conditions: Vec<Condition>,
    /// What stands beside it for its readers.
    pub notes: Notes,
}

/// What explanations repeat of a statement and decisions do not know (dsl.md).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The lines of the doc comment.
    pub doc: Vec<String>,
    /// Names with their values, in order.
    pub metadata: Vec<(String, Vec<String>)>,
}

/// Principal or NotPrincipal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Principals {
    /// NotPrincipal.
    pub negated: bool,
    /// Alternatives (PRN-6), in document order.
    pub entries: Vec<PrincipalEntry>,
}

/// One entry of a Principal element (PRN-3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PrincipalEntry {
    /// `*` or `{"AWS": "*"}` (PRN-10).
    Everyone,
    /// A bare 12-digit account id, whatever the partition (PRN-15).
    Account(String),
    /// `arn:P:iam::A:root` (PRN-15).
    Root {
        /// P.
        partition: String,
        /// A.
        account: String,
    },
    /// A role's ARN (PRN-13).
    Role {
        /// The whole ARN.
        arn: String,
    },
    /// A user, role-session, federated-user or origin-identity ARN, compared whole (PRN-11, PRN-12, PRN-14).
    Arn(String),
    /// A unique id, which matches nobody without a directory (PRN-19).
    UniqueId(String),
    /// A service's name (PRN-16).
    Service(String),
    /// An identity provider (PRN-17).
    Federated(String),
    /// A canonical user id (PRN-18).
    CanonicalUser(String),
}

/// Action or NotAction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actions {
    /// NotAction.
    pub negated: bool,
    /// Alternatives, in document order.
    pub patterns: Vec<ActionPattern>,
}

/// One action entry (ACT-1): `*`, or `service:name`, in which the name may hold wildcards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActionPattern {
    /// As written.
    pub text: String,
    /// ASCII-lower-cased and in normal form: `*:*` is `*`, `**` is `*`, and in a run of wildcards every `?` stands before
    /// the `*`.
    pub folded: String,
}

/// Resource or NotResource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resources {
    /// NotResource.
    pub negated: bool,
    /// Alternatives, in document order.
    pub patterns: Vec<Pattern>,
}

/// One operator and key of a Condition element, with its values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Condition {
    /// Quantifier, operator and suffix.
    #[serde(with = "plain::test")]
    pub test: Test,
    /// The key as written; compares ASCII-case-insensitively (CND-4).
    pub key: String,
    /// Alternatives, in document order (CND-1, CND-2).
    pub values: Vec<ConditionValue>,
    /// Where the key stands.
    pub place: Place,
}

/// One policy value of a condition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConditionValue {
    /// As written (a JSON number or boolean as GRM-28 reads it).
    pub text: String,
    /// As the operator's family reads it.
    pub operand: Operand,
}

/// A policy value as its operator's family reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Operand {
    /// String, StringIgnoreCase, Bool and Binary families: only text and variables; StringLike and Arn: with wildcards.
    /// A StringIgnoreCase pattern is *not* lower-cased yet. A Bool text other than `true` counts as false (CND-46).
    Pattern(Pattern),
    /// Numeric: the decimal is the value's `text`, which is known to read as one (CND-33).
    Number,
    /// Date: milliseconds since 1970 (CND-42).
    Date(i64),
    /// IpAddress: a network (CND-50).
    Network(#[serde(with = "plain::network")] Network),
    /// Null: the wanted absence (CND-65).
    Null(bool),
}
