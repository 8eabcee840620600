//! Statements that apply -> decision: the order of evaluation (semantics.md 9.3 to 9.8), and nothing else decides it.

use crate::asked::{ActionTraits, Resource};
use crate::bundle::gates_by_number::FIRST_LEVEL_GATE;
use crate::bundle::{Meta, View};
use crate::decision::MatchKind;
use crate::directory::{NONE, Place};
use crate::principal::{Requester, RequesterKind};
use crate::request::Request;
use crate::tree::Recorder;

/// Which gates take part in a request (EVL-4, EVL-6, DIR-8).
#[derive(Clone, Copy, Debug)]
pub(crate) struct InForce {
    /// The first gate that is a level of rcp.
    first_rcp: u32,
    scp_levels: u32,
    rcp_levels: u32,
}

impl InForce {
    pub fn of(view: View<'_>, request: &Request<'_>, place: Place) -> Self {
        let meta = &view.layout.meta;
        if !view.has_directory() {
            return InForce::new(meta, request, meta.scp_levels, meta.rcp_levels);
        }
        let levels_of = |row: u32, levels: fn(crate::directory::AccountRow<'_>) -> u32| match row {
            NONE => 0,
            row => levels(view.account(row)),
        };
        let scp_levels = levels_of(request.standing.account, |account| account.scps().1);
        let rcp_levels = levels_of(place.account, |account| account.rcps().1);
        InForce::new(meta, request, scp_levels, rcp_levels)
    }

    /// Of so many levels, unless the requester or the action is exempt.
    #[inline]
    pub fn new(meta: &Meta, request: &Request<'_>, scp_levels: u32, rcp_levels: u32) -> Self {
        let is_linked = scp_levels + rcp_levels > 0 && request.who.is_service_linked();
        InForce {
            first_rcp: FIRST_LEVEL_GATE + meta.scp_levels,
            scp_levels: if is_linked { 0 } else { scp_levels },
            rcp_levels: if is_linked || request.action.traits.is_retire_grant { 0 } else { rcp_levels },
        }
    }

    #[inline]
    pub fn has(self, gate: u32) -> bool {
        match gate {
            0..FIRST_LEVEL_GATE => true,
            _ if gate < self.first_rcp => gate - FIRST_LEVEL_GATE < self.scp_levels,
            _ => gate - self.first_rcp < self.rcp_levels,
        }
    }

    pub fn has_scps(self) -> bool {
        self.scp_levels > 0
    }

    pub fn has_rcps(self) -> bool {
        self.rcp_levels > 0
    }

    /// Levels that must allow.
    pub fn level_count(self) -> u32 {
        self.scp_levels + self.rcp_levels
    }

    /// The gates of the levels that must allow.
    pub fn levels(self) -> impl Iterator<Item = u32> {
        let scps = FIRST_LEVEL_GATE..FIRST_LEVEL_GATE + self.scp_levels;
        scps.chain(self.first_rcp..self.first_rcp + self.rcp_levels)
    }
}

/// A recorder that knows which gates are open.
pub(crate) trait Gates: Recorder {
    fn open(&self) -> Open;
    fn guardrails_open(&self) -> bool;
    /// The statements that follow are an overlay's, numbered behind so many.
    fn enter_overlay(&mut self, statements: u32);
}

/// What the walk found open, for one resource. A gate that no policy of the request stands behind is shut here, and
/// whether that matters is settled below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub identity: bool,
    pub boundary: bool,
    pub session: bool,
    pub account: bool,
    pub role: bool,
    pub direct: bool,
}

impl Open {
    /// Opens the gate of a resource policy's Allow of a kind.
    pub fn resource(&mut self, kind: MatchKind) {
        match kind {
            MatchKind::Direct => self.direct = true,
            MatchKind::Role => self.role = true,
            MatchKind::Account => self.account = true,
            MatchKind::None => {}
        }
    }
}

/// What the order of evaluation asks besides.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub who: &'a Requester<'a>,
    /// The bundle holds the requester's account, or has no directory that could: of another account nobody is known, its
    /// root user included (DIR-9).
    pub has_account: bool,
    pub action: ActionTraits,
    pub resource: &'a Resource<'a>,
    pub resource_account: Option<&'a str>,
    pub has_boundary: bool,
    pub has_session: bool,
    /// The directory marks the resource as one whose policy must take part (EVL-41c).
    pub is_marked: bool,
    /// Every level of scp and rcp that is in force has an applicable Allow.
    pub guardrails_open: bool,
}

/// The sufficient grant paths of an allow, or the gates that stayed shut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub is_allowed: bool,
    /// Which Allows stand on a sufficient path (EVL-51).
    pub by_identity: bool,
    pub by_account: bool,
    pub by_role: bool,
    pub by_direct: bool,
    /// Whose Allow was missing on the way (EVL-52); guardrails aside.
    pub misses_identity: bool,
    pub misses_resource: bool,
    pub misses_boundary: bool,
    pub misses_session: bool,
}

/// EVL-41.
fn must_allow(action: ActionTraits, resource: &Resource<'_>) -> bool {
    resource.partition.is_some()
        && ((action.is_kms && resource.rest.starts_with("key/"))
            || (action.is_assume && resource.service == "iam" && resource.rest.starts_with("role/")))
}

/// The decision for one resource to which no Deny applies.
pub(crate) fn decide(open: Open, question: Question<'_>) -> Outcome {
    let who = question.who;
    let is_root = who.kind == RequesterKind::Root;
    let identity = open.identity || (is_root && question.has_account); // EVL-14, EVL-21
    let boundary = !question.has_boundary || open.boundary;
    let session = match question.has_session {
        true => open.session,
        false => who.kind != RequesterKind::FederatedUser, // EVL-15
    };
    let capped = boundary && session;
    let any_resource = open.direct || open.role || open.account;
    let missing = Outcome { misses_boundary: !boundary, misses_session: !session, ..Outcome::default() };

    let Some(account) = who.account else {
        // EVL-30
        let outcome = Outcome { by_direct: open.direct, misses_resource: !open.direct, ..Outcome::default() };
        return outcome.behind(question.guardrails_open);
    };
    if question.resource.partition.is_some_and(|partition| partition != who.partition) {
        return Outcome::default(); // EVL-24: nothing could allow, so nothing is missing
    }
    let outcome = if question.resource_account != Some(account) {
        // EVL-20 to EVL-23
        let all = any_resource && identity && capped;
        Outcome {
            by_identity: all,
            by_account: all,
            by_role: all,
            by_direct: all,
            misses_resource: !any_resource,
            misses_identity: !identity,
            ..missing
        }
    } else {
        let must = question.is_marked || must_allow(question.action, question.resource);
        let by_identity = identity && capped && (!must || (!is_root && any_resource)); // EVL-13, EVL-14, EVL-40
        Outcome {
            by_direct: open.direct,       // EVL-10
            by_role: open.role && capped, // EVL-11
            by_identity,
            by_account: by_identity && must,
            // A role's or parent's grant needs no identity policy: beside it only the caps can be missing.
            misses_identity: !identity && !open.role,
            misses_resource: must && !any_resource,
            ..missing
        }
    };
    outcome.behind(question.guardrails_open)
}

impl Outcome {
    /// The outcome behind the guardrails (EVL-9): without a grant path nothing is allowed, with one nothing is missing,
    /// and a shut guardrail takes the permission away.
    fn behind(self, guardrails_open: bool) -> Self {
        match self.by_direct || self.by_role || self.by_identity {
            true if guardrails_open => Outcome { is_allowed: true, ..self },
            true => Outcome::default(),
            false => Outcome { by_account: false, ..self },
        }
    }
}
