//! What comes out of a case: a decision with its deciding statements, or errors; and its output line (case-format.md).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use dictum_compiler::source::PolicyType;

use crate::raw::quote;

/// A member of a case's `policies`, in the order in which answers name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the format's")]
pub enum Member {
    Identity,
    Resource,
    Boundary,
    Session,
    Scp,
    Rcp,
}

impl Member {
    /// Every member, in order.
    pub const ALL: [Member; 6] =
        [Member::Identity, Member::Resource, Member::Boundary, Member::Session, Member::Scp, Member::Rcp];

    /// Where a policy of a type stands.
    pub const fn of(policy_type: PolicyType) -> Member {
        match policy_type {
            PolicyType::Identity => Member::Identity,
            PolicyType::Resource | PolicyType::Trust => Member::Resource,
            PolicyType::Boundary => Member::Boundary,
            PolicyType::Session => Member::Session,
            PolicyType::Scp => Member::Scp,
            PolicyType::Rcp => Member::Rcp,
        }
    }

    /// The name in a case.
    pub const fn name(self) -> &'static str {
        match self {
            Member::Identity => "identity",
            Member::Resource => "resource",
            Member::Boundary => "boundary",
            Member::Session => "session",
            Member::Scp => "scp",
            Member::Rcp => "rcp",
        }
    }

    /// Whether its value is a list of levels, each a list of policies.
    pub const fn has_levels(self) -> bool {
        matches!(self, Member::Scp | Member::Rcp)
    }
}

/// A place where policies stand: a member, and its level for `scp` and `rcp` (else 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer {
    /// The member.
    pub member: Member,
    /// The level, from 0 at the organization's root.
    pub level: u32,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.member.name())?;
        if self.member.has_levels() { write!(f, "[{}]", self.level) } else { Ok(()) }
    }
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum Decision {
    Allow,
    ExplicitDeny,
    ImplicitDeny,
}

impl Decision {
    /// The name in a case.
    pub const fn name(self) -> &'static str {
        match self {
            Decision::Allow => "allow",
            Decision::ExplicitDeny => "explicit_deny",
            Decision::ImplicitDeny => "implicit_deny",
        }
    }

    /// The decision of a name.
    pub fn from_name(name: &str) -> Option<Decision> {
        [Decision::Allow, Decision::ExplicitDeny, Decision::ImplicitDeny].into_iter().find(|it| it.name() == name)
    }
}

/// A statement of a case. Ordered as answers list them: member, policy, statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatementId {
    /// Index of the policy among all policies of the case, which stand in the order of the members.
    pub policy: u32,
    /// Index of the statement in its policy.
    pub statement: u32,
}

/// What an answer says of a policy and its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The policy's name.
    pub name: String,
    /// Where it stands.
    pub layer: Layer,
    /// The Sid of each statement, `None` where absent or empty (SID-1).
    pub sids: Vec<Option<String>>,
}

/// A statement as an answer names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// The policy's name.
    pub policy: String,
    /// Where the policy stands, if its name alone does not say so.
    pub layer: Option<Layer>,
    /// Sid or index.
    pub statement: SidOrIndex,
}

/// How a statement is named inside its policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SidOrIndex {
    /// Its Sid, which no other statement of the policy has.
    Sid(String),
    /// Its index.
    Index(u32),
}

impl fmt::Display for Named {
    /// The JSON object of case-format.md.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"policy\":{}", quote(&self.policy))?;
        if let Some(layer) = self.layer {
            write!(f, ",\"in\":\"{layer}\"")?;
        }
        match &self.statement {
            SidOrIndex::Sid(sid) => write!(f, ",\"sid\":{}}}", quote(sid)),
            SidOrIndex::Index(index) => write!(f, ",\"statement\":{index}}}"),
        }
    }
}

/// The unique Sid of a statement, if it has one.
pub fn unique_sid(label: &Label, statement: u32) -> Option<&str> {
    let sid = label.sids[statement as usize].as_deref()?;
    (label.sids.iter().filter(|other| other.as_deref() == Some(sid)).count() == 1).then_some(sid)
}

/// The names of the statements of many answers over the same policies.
#[derive(Clone, Debug)]
pub struct Names {
    labels: Vec<Label>,
    /// Whether another policy of the same name stands in another layer.
    is_elsewhere: Vec<bool>,
}

impl Names {
    /// The names that labels give; `labels[i]` is of the policy with index `i`.
    pub fn new(labels: Vec<Label>) -> Names {
        let mut layers: HashMap<&str, Option<Layer>> = HashMap::new();
        for label in &labels {
            let seen = layers.entry(&label.name).or_insert(Some(label.layer));
            *seen = seen.filter(|layer| *layer == label.layer);
        }
        let is_elsewhere = labels.iter().map(|label| layers[label.name.as_str()].is_none()).collect();
        Names { labels, is_elsewhere }
    }

    /// What is known of the policies.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The name of a statement.
    ///
    /// # Panics
    /// Where the labels have no such statement.
    pub fn name(&self, id: StatementId) -> Named {
        let label = &self.labels[id.policy as usize];
        let statement = match unique_sid(label, id.statement) {
            Some(sid) => SidOrIndex::Sid(sid.to_owned()),
            None => SidOrIndex::Index(id.statement),
        };
        let layer = self.is_elsewhere[id.policy as usize].then_some(label.layer);
        Named { policy: label.name.clone(), layer, statement }
    }

    /// Names the statements of an answer: sorted by member, policy, statement, without repetition.
    pub fn list(&self, statements: &[StatementId]) -> Vec<Named> {
        let mut sorted = statements.to_vec();
        sorted.sort_unstable();
        let mut seen = HashSet::new();
        sorted.into_iter().map(|id| self.name(id)).filter(|named| seen.insert(named.clone())).collect()
    }

    /// The output line of an answer, without line end.
    pub fn output_line(&self, id: &str, answer: &Answer) -> String {
        let id = quote(id);
        match answer {
            Answer::Decision(decision, by) => {
                let by: Vec<String> = self.list(by).iter().map(Named::to_string).collect();
                format!("{{\"id\":{id},\"decision\":\"{}\",\"by\":[{}]}}", decision.name(), by.join(","))
            }
            Answer::Error(kind, errors) => format!(
                "{{\"id\":{id},\"error\":\"{}\",\"code\":{},\"message\":{}}}",
                kind.name(),
                quote(&errors[0].code),
                quote(&errors[0].message)
            ),
        }
    }
}

/// Names the statements of one answer: see [`Names::list`].
pub fn names(labels: &[Label], statements: &[StatementId]) -> Vec<Named> {
    Names::new(labels.to_vec()).list(statements)
}

/// The names of statements as an expectation has them, without the places of their policies: in a bundle with a directory a
/// managed policy is one, whether it is attached, a boundary or passed with a session.
pub fn plain_names(labels: &[Label], statements: &[StatementId]) -> BTreeSet<String> {
    let named = names(labels, statements).into_iter();
    named.map(|named| Named { layer: None, ..named }.to_string()).collect()
}

/// Whether an error is of a policy or of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A policy does not parse or validate.
    Policy,
    /// The request is malformed.
    Request,
}

impl ErrorKind {
    /// The name in a case.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorKind::Policy => "policy",
            ErrorKind::Request => "request",
        }
    }
}

/// One error of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodedError {
    /// The class of semantics.md 2.8.
    pub code: String,
    /// For people.
    pub message: String,
}

/// What comes out of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A decision, and the statements that decided (EVL-51), in any order.
    Decision(Decision, Vec<StatementId>),
    /// The errors found, of one kind, in document order; never empty.
    Error(ErrorKind, Vec<CodedError>),
}

/// The output line of a case, without line end.
pub fn output_line(id: &str, answer: &Answer, labels: &[Label]) -> String {
    Names::new(labels.to_vec()).output_line(id, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, member: Member, level: u32, sids: &[&str]) -> Label {
        let sids = sids.iter().map(|sid| (!sid.is_empty()).then(|| (*sid).to_owned())).collect();
        Label { name: name.to_owned(), layer: Layer { member, level }, sids }
    }

    #[test]
    fn a_line_names_by_unique_sid_and_by_place_where_needed() {
        let labels = [
            label("p", Member::Identity, 0, &["A", "A", ""]),
            label("p", Member::Scp, 1, &["B"]),
            label("q", Member::Scp, 1, &["B", "b"]),
        ];
        let by = [(2, 0), (1, 0), (0, 1), (0, 1), (0, 2)].map(|(policy, statement)| StatementId { policy, statement });
        assert_eq!(
            output_line("a\"b", &Answer::Decision(Decision::ExplicitDeny, by.to_vec()), &labels),
            r#"{"id":"a\"b","decision":"explicit_deny","by":[{"policy":"p","in":"identity","statement":1},{"policy":"p","in":"identity","statement":2},{"policy":"p","in":"scp[1]","sid":"B"},{"policy":"q","sid":"B"}]}"#
        );
    }

    #[test]
    fn two_policies_of_one_name_in_one_place_are_said_once() {
        let labels = [label("p", Member::Identity, 0, &[""]), label("p", Member::Identity, 0, &[""])];
        let by = [0, 1].map(|policy| StatementId { policy, statement: 0 });
        assert_eq!(names(&labels, &by).len(), 1);
    }
}
