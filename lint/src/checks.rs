//! The table of checks, by what they are about. A check is a row, and a small function beside it.

/// Rows of the table: id, level, group, rule, title; why; a policy that it fires on, its like on which it is silent; how.
macro_rules! checks {
    ($($id:literal $severity:ident $group:ident $rule:literal $meaning:literal
       why: $why:literal,
       bad: $bad:expr,
       good: $good:expr,
       $run:ident($function:path);)*) => {
        pub(super) const CHECKS: &[$crate::check::Check] = &[$($crate::check::Check {
            code: dictum_compiler::diagnostic::Code::new(&dictum_compiler::diagnostic::Class {
                name: $id,
                severity: dictum_compiler::diagnostic::Severity::$severity,
                meaning: $meaning,
            }),
            group: $crate::check::Group::$group,
            rule: $rule,
            why: $why,
            bad: $bad,
            good: $good,
            run: $crate::check::Run::$run($function),
        }),*];
    };
}

mod compiler;
mod presence;
mod action;
mod redundant;
mod arn;
mod reach;
mod known_key;
mod key_type;
mod known_value;
mod pass_role;
mod tag;
mod service_principal;
mod layer;
mod risk;
mod network;
mod value;
mod contradiction;
mod moment;
mod key;
mod variable;
mod overlap;
mod document;
mod access;
mod trust_policy;
mod federation;
mod sharing;
mod guardrail;
mod pedantic;
mod suppression;

use dictum_compiler::source::PolicyType;

use crate::check::{Check, Example};

/// The rows, file by file; the compiler's own first.
const TABLES: &[&[Check]] = &[
    compiler::CHECKS,
    presence::CHECKS,
    action::CHECKS,
    redundant::CHECKS,
    arn::CHECKS,
    reach::CHECKS,
    known_key::CHECKS,
    key_type::CHECKS,
    known_value::CHECKS,
    pass_role::CHECKS,
    tag::CHECKS,
    service_principal::CHECKS,
    layer::CHECKS,
    risk::CHECKS,
    network::CHECKS,
    value::CHECKS,
    contradiction::CHECKS,
    moment::CHECKS,
    key::CHECKS,
    variable::CHECKS,
    overlap::CHECKS,
    document::CHECKS,
    access::CHECKS,
    trust_policy::CHECKS,
    federation::CHECKS,
    sharing::CHECKS,
    guardrail::CHECKS,
    pedantic::CHECKS,
    suppression::CHECKS,
];

/// Every check, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Check> {
    TABLES.iter().copied().flatten()
}

/// The check of an id.
pub fn of(id: &str) -> Option<&'static Check> {
    all().find(|check| check.code.name() == id)
}

pub(crate) use suppression::{BASELINE, CONFIG, NO_REASON, SYNTAX, UNCHECKED, UNKNOWN, UNUSED};

/// Whether it is about suppressions and the configuration.
pub(crate) fn is_of_suppressions(check: &Check) -> bool {
    suppression::CHECKS.iter().any(|other| other.code == check.code)
}

const fn config(text: &'static str) -> Example {
    Example { policy_type: None, text }
}

const fn identity(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Identity), text }
}

const fn resource(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Resource), text }
}

const fn boundary(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Boundary), text }
}

const fn rcp(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Rcp), text }
}

const fn trust(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Trust), text }
}

const fn scp(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Scp), text }
}

const fn session(text: &'static str) -> Example {
    Example { policy_type: Some(PolicyType::Session), text }
}
