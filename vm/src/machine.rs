//! The machine, one a thread: it owns the scratch memory, and every step of a decision is one call here.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::bind::{Derived, Frame, Sections};
use crate::bundle::gates_by_number::FIRST_LEVEL_GATE;
use crate::bundle::{Bundle, Meta, members};
use crate::chain;
use crate::context::{CoreKey, Value};
use crate::decision::{Decision, MatchKind, StatementId};
use crate::error::RequestError;
use crate::explain::{Considered, Explainer, Explanation};
use crate::gates::{self, Gates, InForce, Open, Question};
use crate::limits::*;
use crate::lookup::find_principal;
use crate::principal::{PrincipalKey, RequesterKind};
use crate::record::{Miss, Offer, Record};
use crate::request::{PRINCIPAL_KEYS_MAX, Request, Resource, Resources};
use crate::tree::{ANCHOR_SLACK, Anchors, Recorder, Walk};

/// Decides requests against one bundle. Not shared: give each thread its own. Making one allocates all it will need,
/// some 40 KiB and four bytes for each anchor of the bundle, at most 82 KiB; deciding allocates nothing.
pub struct Machine<'b> {
    sections: Sections<'b>,
    scratch: Scratch,
}

/// Most statements of a bundle whose explanations ask every statement for the keys it depends on.
const EXACT_STATEMENTS_MAX: usize = 1_000;

/// Memory that decisions use and leave.
struct Scratch {
    chain: Vec<u32>,
    anchors: Vec<u32>,
    principals: Vec<(u32, MatchKind)>,
    buffer: String,
    principal_arn: String,
    user_id: String,
    levels: Vec<u64>,
}

/// Most anchors that one resource can offer: at each byte at most a token, two prefixes, a start and four bytes.
const ANCHORS_OFFERED_MAX: usize = 5 * (RESOURCE_BYTES_MAX + 1);

impl<'b> Machine<'b> {
    /// A machine for a bundle.
    pub fn new<B: AsRef<[u8]>>(bundle: &'b Bundle<B>) -> Self {
        let meta = bundle.meta();
        let levels = (meta.scp_levels as usize + meta.rcp_levels as usize).div_ceil(64);
        let scratch = Scratch {
            chain: Vec::with_capacity(meta.chain_max as usize),
            anchors: Vec::with_capacity((meta.anchors as usize).min(ANCHORS_OFFERED_MAX) + ANCHOR_SLACK),
            principals: Vec::with_capacity(PRINCIPAL_KEYS_MAX + CONTEXT_VALUE_COUNT_MAX),
            buffer: String::with_capacity(3 * CONTEXT_VALUE_BYTES_MAX),
            principal_arn: String::with_capacity(PRINCIPAL_BYTES_MAX),
            user_id: String::with_capacity(PRINCIPAL_BYTES_MAX),
            levels: vec![0; levels],
        };
        Machine { sections: Sections::of(bundle), scratch }
    }

    /// Decides a request. Never fails, never allocates, takes bounded steps (matching.md 7).
    ///
    /// A request that was built against another bundle is denied, for nothing is known about it here; so is one whose
    /// context source gives a value beyond LIM-2 only now.
    pub fn decide(&mut self, request: &Request<'_>) -> Decision {
        if request.generation != self.sections.view.layout.generation {
            return Decision::ImplicitDeny;
        }
        let mut decision = Decision::Allow;
        for_each_resource(request, |resource, _| {
            match self.decide_one(request, resource) {
                Decision::Allow => {}
                Decision::ExplicitDeny => {
                    decision = Decision::ExplicitDeny;
                    return true;
                }
                Decision::ImplicitDeny => decision = Decision::ImplicitDeny,
            }
            false
        });
        decision
    }

    /// Whether a call may go ahead: what an enforcement point asks, with what building the request gave it. A request
    /// that could not be built is denied (INV-6).
    pub fn is_allowed(&mut self, request: Result<Request<'_>, RequestError>) -> bool {
        request.is_ok_and(|request| self.decide(&request).is_allowed())
    }

    /// Decides a request and says why: the same walk, to its end and written down. Allocates.
    pub fn explain(&mut self, request: &Request<'_>) -> Explanation {
        let mut explanation = Explanation::default();
        if request.generation != self.sections.view.layout.generation {
            return explanation;
        }
        for_each_resource(request, |resource, index| {
            let mut explainer = Explainer::new(self.sections, request, index);
            let (outcome, is_broken, asked) = self.walk(request, resource, &mut explainer, true);
            let missing = self.missing_keys(request, resource).unwrap_or(asked);
            explanation.add(explainer, outcome, is_broken, missing);
            false
        });
        explanation.finish();
        explanation
    }

    /// The slots of absent keys that some statement depends on which fits in principal, action and resource: whatever
    /// the index would have asked for. `None` for a bundle of too many statements to ask each.
    fn missing_keys(&mut self, request: &Request<'_>, resource: Resource<'_>) -> Option<Vec<u32>> {
        let view = self.sections.view;
        let statements = 0..view.statement_count();
        if statements.len() > EXACT_STATEMENTS_MAX {
            return None;
        }
        let mut aside = Aside(InForce::of(&view.layout.meta, request));
        let (_, missing) = self.with_walk(request, resource, &mut aside, true, |walk| {
            statements.filter_map(|id| view.record_of(StatementId(id))).any(|record| walk.record(record))
        });
        Some(missing)
    }

    /// What one statement says of a request, for each of its resources: for statements that an explanation does not
    /// list because the index ruled them out. Empty if the bundle has no such statement. Allocates.
    pub fn consider(&mut self, request: &Request<'_>, statement: StatementId) -> Vec<Considered> {
        let mut considered = Vec::new();
        let Some(offset) = self.sections.view.record_of(statement) else { return considered };
        if request.generation != self.sections.view.layout.generation {
            return considered;
        }
        for_each_resource(request, |resource, index| {
            let mut explainer = Explainer::new(self.sections, request, index);
            self.with_walk(request, resource, &mut explainer, false, |walk| walk.record(offset));
            considered.append(&mut explainer.considered);
            false
        });
        considered
    }

    fn decide_one(&mut self, request: &Request<'_>, resource: Resource<'_>) -> Decision {
        let mut levels = core::mem::take(&mut self.scratch.levels);
        // PERF: filling an empty slice costs 60 ns where the C library does it with masked stores.
        if !levels.is_empty() {
            levels.fill(0);
        }
        let mut recorder = Fast::new(&self.sections.view.layout.meta, request, levels);
        let (outcome, is_broken, _) = self.walk(request, resource, &mut recorder, false);
        let is_denied = recorder.is_denied;
        self.scratch.levels = recorder.levels;
        match outcome {
            _ if is_denied => Decision::ExplicitDeny,
            outcome if outcome.is_allowed && !is_broken => Decision::Allow,
            _ => Decision::ImplicitDeny,
        }
    }

    /// Walks the tree and asks the gates.
    fn walk(
        &mut self,
        request: &Request<'_>,
        resource: Resource<'_>,
        recorder: &mut impl Gates,
        notes_missing: bool,
    ) -> (gates::Outcome, bool, Vec<u32>) {
        let present = self.sections.view.layout.meta.members;
        let (is_broken, missing) = self.with_walk(request, resource, recorder, notes_missing, |walk| walk.run());
        let question = Question {
            who: &request.who,
            action: request.action.traits,
            resource: &resource,
            resource_account: request.account_of(&resource),
            has_boundary: present & members::BOUNDARY != 0,
            has_session: present & members::SESSION != 0,
            guardrails_open: recorder.guardrails_open(),
        };
        (gates::decide(recorder.open(), question), is_broken, missing)
    }

    /// Joins a resource of a request to the bundle, and runs a walk over it.
    fn with_walk<R: Recorder>(
        &mut self,
        request: &Request<'_>,
        resource: Resource<'_>,
        recorder: &mut R,
        notes_missing: bool,
        run: impl FnOnce(&mut Walk<'_, '_, R>) -> bool,
    ) -> (bool, Vec<u32>) {
        let Machine { sections, scratch } = self;
        let Scratch { chain, anchors, principals, buffer, principal_arn, user_id, .. } = scratch;
        derive_texts(request, principal_arn, user_id);
        let derived = Derived { principal_arn, user_id };
        let mut frame = Frame::new(sections, request, resource, derived);
        frame.missing = notes_missing.then(Vec::new);
        let chain = chain::patterns(sections, &request.action, chain);
        let principals = match request.who.kind {
            RequesterKind::Service => service_keys(&mut frame, principals),
            _ => request.keys.as_slice(),
        };
        let is_found = take_anchors(request, anchors);
        let has_boundary = sections.view.layout.meta.members & members::BOUNDARY != 0;
        let mut walk = Walk {
            frame: &mut frame,
            offer: Offer { chain, principals, has_boundary },
            anchors: Anchors { ids: anchors, is_found },
            buffer,
            recorder,
        };
        run(&mut walk);
        (frame.is_broken, frame.missing.unwrap_or_default())
    }
}

/// Calls `each` with every resource and its position, until it returns true. The resources were parsed before.
fn for_each_resource<'a>(request: &Request<'a>, mut each: impl FnMut(Resource<'a>, usize) -> bool) {
    match request.resources {
        Resources::One(resource) => {
            each(resource, 0);
        }
        Resources::Many(texts) => {
            for (i, text) in texts.iter().enumerate() {
                if Resource::parse(text).is_ok_and(|resource| each(resource, i)) {
                    return;
                }
            }
        }
    }
}

/// Anchors that a resource handle brings.
fn take_anchors(request: &Request<'_>, anchors: &mut Vec<u32>) -> bool {
    anchors.clear();
    match request.handle {
        Some(handle) => match handle.anchor_count {
            Some(count) => {
                anchors.extend_from_slice(&handle.anchors[..usize::from(count)]);
                true
            }
            None => false,
        },
        None => false,
    }
}

/// The derived texts that stand nowhere in the request in one piece. The buffers have room for any (LIM-2).
fn derive_texts(request: &Request<'_>, principal_arn: &mut String, user_id: &mut String) {
    let who = &request.who;
    let account = who.account.unwrap_or("");
    match who.kind {
        RequesterKind::Session if who.role_arn.is_none() => {
            principal_arn.clear();
            for part in ["arn:", who.partition, ":iam::", account, ":role/", who.role_name] {
                principal_arn.push_str(part);
            }
        }
        RequesterKind::FederatedUser => {
            user_id.clear();
            for part in [account, ":", who.name] {
                user_id.push_str(part);
            }
        }
        _ => {}
    }
}

/// The keys of a service with its further names (PRN-16).
fn service_keys<'m>(frame: &mut Frame<'_>, keys: &'m mut Vec<(u32, MatchKind)>) -> &'m [(u32, MatchKind)] {
    keys.clear();
    keys.extend_from_slice(frame.request.keys.as_slice());
    if let Some(Value::Many(names)) = frame.given(CoreKey::PrincipalServiceNamesList) {
        for name in names {
            if let Some(id) = find_principal(frame.sections.view, PrincipalKey::Service, [name, "", ""])
                && keys.len() < keys.capacity()
                && !keys.iter().any(|&(known, _)| known == id)
            {
                keys.push((id, MatchKind::Direct));
            }
        }
    }
    keys
}

/// A recorder that writes nothing down: for what statements in force ask of the request.
struct Aside(InForce);

impl Recorder for Aside {
    fn wants(&self, record: Record<'_>) -> bool {
        self.0.has(record.gate())
    }

    fn wants_allows(&self) -> bool {
        true
    }

    fn applies(&mut self, _: Record<'_>, _: MatchKind) -> bool {
        false
    }

    fn fails(&mut self, _: Record<'_>, _: Miss, _: &mut Frame<'_>) {}
}

/// The recorder of a decision: which gates are open, and nothing else.
struct Fast {
    open: Open,
    levels: Vec<u64>,
    in_force: InForce,
    shut_levels: u32,
    /// Gates that an allow can still open.
    pending: u32,
    is_denied: bool,
}

impl Fast {
    fn new(meta: &Meta, request: &Request<'_>, levels: Vec<u64>) -> Self {
        let in_force = InForce::of(meta, request);
        let shut_levels = in_force.level_count();
        Fast { open: Open::default(), levels, in_force, shut_levels, pending: meta.open_gates, is_denied: false }
    }
}

impl Gates for Fast {
    fn open(&self) -> Open {
        self.open
    }

    fn guardrails_open(&self) -> bool {
        self.shut_levels == 0
    }
}

impl Recorder for Fast {
    #[inline]
    fn wants(&self, record: Record<'_>) -> bool {
        let gate = record.gate();
        if record.is_deny() {
            return self.in_force.has(gate);
        }
        match gate {
            0 => !self.open.identity,
            1 => !self.open.direct,
            2 => !self.open.boundary,
            3 => !self.open.session,
            _ => {
                let level = (gate - FIRST_LEVEL_GATE) as usize;
                self.in_force.has(gate) && self.levels.get(level / 64).is_some_and(|word| word >> (level % 64) & 1 == 0)
            }
        }
    }

    #[inline]
    fn wants_allows(&self) -> bool {
        self.pending > 0
    }

    #[inline]
    fn applies(&mut self, record: Record<'_>, kind: MatchKind) -> bool {
        if record.is_deny() {
            self.is_denied = true;
            return true;
        }
        match record.gate() {
            0 => self.open.identity = true,
            1 => {
                self.open.resource(kind);
                if kind != MatchKind::Direct {
                    return false;
                }
            }
            2 => self.open.boundary = true,
            3 => self.open.session = true,
            gate => {
                let level = (gate - FIRST_LEVEL_GATE) as usize;
                if let Some(word) = self.levels.get_mut(level / 64) {
                    *word |= 1 << (level % 64);
                }
                self.shut_levels = self.shut_levels.saturating_sub(1);
            }
        }
        self.pending = self.pending.saturating_sub(1);
        false
    }

    #[inline]
    fn fails(&mut self, _: Record<'_>, _: Miss, _: &mut Frame<'_>) {}
}

// One bundle serves many threads, whatever keeps its bytes.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Bundle<alloc::sync::Arc<[u8]>>>();
    shared::<Machine<'static>>();
};
