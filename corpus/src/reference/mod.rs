//! The plain evaluator: semantics.md section 9.8, over the parsed JSON of the policies, for one request.
//!
//! ```text
//! case mode     policies ---------------------------> evaluate
//! bundle mode   entities -> assemble -> policies, context -^
//! ```
//!
//! Slow and obvious on purpose: nothing is prepared, shared or cached, every list is walked, and every reader of a value is
//! its own. It presumes that the policies are valid and checks the request itself. What it decides is what every other
//! evaluator must decide.
//!
//! Absent: lints and bundles. Of the directory (section 11) it has what decides; whether entities fit together (DIR-10) is for
//! the compiler.

mod values;
mod shape;
mod context;
mod patterns;
mod variables;
mod operators;
mod conditions;
mod principals;
mod request;
mod evaluate;
mod entities;
mod session;
mod assemble;

use dictum_compiler::syntax::json::Value;

use crate::answer::{Decision, Label, Layer, StatementId};
use crate::request::{CaseRequest, RequestError};
pub use assemble::{Organization, decide as decide_in};

/// A policy that is known to be valid for the member it stands in.
#[derive(Clone, Debug)]
pub struct PolicyDocument<'a> {
    /// What an explanation calls it.
    pub name: &'a str,
    /// The member and level it stands in.
    pub layer: Layer,
    /// The document.
    pub document: Value<'a>,
}

/// The policies of a decision.
#[derive(Clone, Debug, Default)]
pub struct PolicySet<'a> {
    /// Every policy; answers number them as they stand here.
    pub documents: Vec<PolicyDocument<'a>>,
    /// For each member of [`Member::ALL`](crate::answer::Member::ALL): `None` where it is missing, else its number of
    /// levels (1 without levels).
    pub levels: [Option<u32>; 6],
}

impl PolicySet<'_> {
    /// What an answer says of each policy.
    pub fn labels(&self) -> Vec<Label> {
        let sid = |statement: &Value<'_>| {
            let sid = shape::member(statement, "Sid").map(shape::text).filter(|sid| !sid.is_empty());
            sid.map(str::to_owned)
        };
        let label = |policy: &PolicyDocument<'_>| Label {
            name: policy.name.to_owned(),
            layer: policy.layer,
            sids: shape::statements(&policy.document).into_iter().map(sid).collect(),
        };
        self.documents.iter().map(label).collect()
    }
}

/// A decision, and what it rests on. Every list is sorted and without repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The decision.
    pub decision: Decision,
    /// The deciding statements (EVL-51).
    pub by: Vec<StatementId>,
    /// The applicable Allows of boundary, session, scp and rcp (EVL-52), over the resources that have this decision; none
    /// for an explicit deny.
    pub supporting: Vec<StatementId>,
    /// For an implicit deny: each layer that had to allow and did not (EVL-52), over the resources that have this
    /// decision. All of them at once: guardrail levels, and where no grant path is whole, what that path lacks. A
    /// resource Allow of kind ROLE makes its path the one reported. Nothing where partitions differ (EVL-24).
    pub blocking: Vec<Layer>,
}

/// Decides a request.
///
/// # Errors
/// The first rule of 9.1 (or CND-5, CTX-3, LIM-2) that the request breaks.
///
/// # Panics
/// Where a policy is not valid for its member.
pub fn decide(policies: &PolicySet<'_>, request: &CaseRequest) -> Result<Outcome, RequestError> {
    let request = request::validate(request)?;
    evaluate::check_members(policies, &request.who)?;
    Ok(evaluate::decide(policies, &request))
}

/// A statement that takes part and fits a resource of the request in principal, action and resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The statement.
    pub id: StatementId,
    /// Whether each operator and key of its Condition holds, in document order; it applies where all do.
    pub conditions: Vec<bool>,
}

/// What the statements say of a request whose conditions matter to it, resource by resource.
///
/// # Errors
/// As [`decide`].
///
/// # Panics
/// As [`decide`].
pub fn examine(policies: &PolicySet<'_>, request: &CaseRequest) -> Result<Vec<Examined>, RequestError> {
    let request = request::validate(request)?;
    evaluate::check_members(policies, &request.who)?;
    Ok(evaluate::examine(policies, &request))
}
