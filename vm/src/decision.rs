//! What a decision is, and the names in which it is explained.

use core::fmt;

/// The outcome of a request (semantics.md 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// No deny applies, and every permission that is needed is given.
    Allow,
    /// Some Deny statement applies.
    ExplicitDeny,
    /// No Deny applies, and some required Allow is absent.
    ImplicitDeny,
}

impl Decision {
    /// Whether the request may go ahead. An enforcement point asks this, and counts an error as a denial (INV-6).
    pub const fn is_allowed(self) -> bool {
        matches!(self, Decision::Allow)
    }

    /// `allow`, `explicit_deny` or `implicit_deny`.
    pub const fn name(self) -> &'static str {
        match self {
            Decision::Allow => "allow",
            Decision::ExplicitDeny => "explicit_deny",
            Decision::ImplicitDeny => "implicit_deny",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are IAM's")]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    /// `allow` or `deny`.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        }
    }
}

/// A policy type, or one level of an organization's guardrails: what must allow, or may deny, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Identity policies.
    Identity,
    /// Resource policies.
    Resource,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// One level of service control policies, from the root on.
    Scp(u32),
    /// One level of resource control policies, from the root on.
    Rcp(u32),
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layer::Identity => f.write_str("identity"),
            Layer::Resource => f.write_str("resource"),
            Layer::Boundary => f.write_str("boundary"),
            Layer::Session => f.write_str("session"),
            Layer::Scp(level) => write!(f, "scp[{level}]"),
            Layer::Rcp(level) => write!(f, "rcp[{level}]"),
        }
    }
}

/// With what strength a statement of a resource policy names the requester (semantics.md 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// Not at all.
    None,
    /// By its account (PRN-15).
    Account,
    /// By its role, or by the user that made its session (PRN-11, PRN-13).
    Role,
    /// Itself (PRN-10, PRN-11, PRN-12, PRN-14, PRN-16 to PRN-18).
    Direct,
}

/// A statement of a bundle, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct StatementId(pub u32);
