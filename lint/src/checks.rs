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

use dictum_compiler::source::PolicyType;

use crate::check::{Check, Example};

/// The rows, file by file; the compiler's own first.
const TABLES: &[&[Check]] = &[compiler::CHECKS, presence::CHECKS];

/// Every check, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Check> {
    TABLES.iter().copied().flatten()
}

/// The check of an id.
pub fn of(id: &str) -> Option<&'static Check> {
    all().find(|check| check.code.name() == id)
}

const fn identity(text: &'static str) -> Example {
    Example { policy_type: PolicyType::Identity, text }
}

const fn resource(text: &'static str) -> Example {
    Example { policy_type: PolicyType::Resource, text }
}

const fn scp(text: &'static str) -> Example {
    Example { policy_type: PolicyType::Scp, text }
}

const fn session(text: &'static str) -> Example {
    Example { policy_type: PolicyType::Session, text }
}
