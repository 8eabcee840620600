//! The machine, one a thread: it owns the scratch memory, and every step of a decision is one call here.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::asked::Resource;
use crate::bind::{Aside, Frame, Known, Sections};
use crate::bundle::gates_by_number::{FIRST_LEVEL_GATE, gate_of};
use crate::bundle::{Bundle, View, members};
use crate::chain;
use crate::context::{CoreKey, DerivedKey, DirectoryKey, Value};
use crate::decision::{Decision, Layer, MatchKind, StatementId};
use crate::derive;
use crate::directory::{AccountRow, NONE, Place, Scope, Unit, gate};
use crate::error::RequestError;
use crate::explain::{Considered, Explainer, Explanation};
use crate::gates::{self, Gates, InForce, Open, Question};
use crate::layers::{self, LayerPolicies};
use crate::limits::*;
use crate::lookup::find_principal;
use crate::principal::{PrincipalKey, Requester, RequesterKind};
use crate::record::{Miss, Offer, Record};
use crate::request::{PRINCIPAL_KEYS_MAX, Request, action_handle};
use crate::session::Session;
use crate::tree::{ANCHOR_SLACK, Anchors, Recorder, Walk};

/// Decides requests against one bundle. Not shared: give each thread its own. Making one allocates all it will need,
/// some 40 KiB and four bytes for each anchor of the bundle, at most 82 KiB; deciding allocates nothing.
pub struct Machine<'b> {
    sections: Sections<'b>,
    scratch: Scratch,
    /// Which levels of guardrails are open, a bit each.
    levels: Vec<u64>,
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
}

/// Most anchors that one resource can offer: at each byte at most a token, two prefixes, a start and four bytes.
const ANCHORS_OFFERED_MAX: usize = 5 * (RESOURCE_BYTES_MAX + 1);

/// One resource of a request, and what is known of it before anything is walked.
struct Scene<'r> {
    request: &'r Request<'r>,
    resource: &'r Resource<'r>,
    resource_account: Option<&'r str>,
    /// What the directory says; `None` where the bundle has none.
    known: Option<Known<'r>>,
    in_force: InForce,
    /// Whether a boundary, and whether session policies, must allow.
    has_boundary: bool,
    has_session: bool,
}

impl<'b> Machine<'b> {
    /// A machine for a bundle.
    pub fn new<B: AsRef<[u8]>>(bundle: &'b Bundle<B>) -> Self {
        let meta = bundle.meta();
        let levels = (meta.scp_levels as usize + meta.rcp_levels as usize).div_ceil(64);
        // A session's overlay may have more of both than the bundle.
        let (chain, anchors) = match meta.directory {
            0 => (meta.chain_max as usize, (meta.anchors as usize).min(ANCHORS_OFFERED_MAX)),
            _ => ((meta.chain_max as usize).max(OVERLAY_CHAIN_MAX), ANCHORS_OFFERED_MAX),
        };
        let scratch = Scratch {
            chain: Vec::with_capacity(chain),
            anchors: Vec::with_capacity(anchors + ANCHOR_SLACK),
            principals: Vec::with_capacity(PRINCIPAL_KEYS_MAX + CONTEXT_VALUE_COUNT_MAX),
            buffer: String::with_capacity(3 * CONTEXT_VALUE_BYTES_MAX),
            principal_arn: String::with_capacity(PRINCIPAL_BYTES_MAX),
            user_id: String::with_capacity(2 * PRINCIPAL_BYTES_MAX),
        };
        Machine { sections: Sections::of(bundle), scratch, levels: vec![0; levels] }
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
        request.each_resource(|resource, _| {
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

    /// Decides a request and says why: the same walk, to its end and written down. Allocates. Statements of a session's
    /// own policies have the numbers behind those of the bundle: [`Session::statement`](crate::Session::statement) names
    /// them.
    pub fn explain(&mut self, request: &Request<'_>) -> Explanation {
        let mut explanation = Explanation::default();
        if request.generation != self.sections.view.layout.generation {
            return explanation;
        }
        request.each_resource(|resource, index| {
            let scene = &Scene::new(self.sections.view, request, resource);
            let mut explainer = Explainer::new(self.sections, scene.in_force, index);
            let mut missing = Vec::new();
            let (outcome, is_broken) = self.scratch.walk(&self.sections, scene, &mut explainer, Some(&mut missing));
            let exact = self.missing_keys(scene);
            explanation.add(explainer, outcome, is_broken, exact.unwrap_or(missing));
            false
        });
        explanation.finish();
        explanation
    }

    /// The absent keys that some statement depends on which fits in principal, action and resource: whatever the index
    /// would have asked for. `None` for a bundle of too many statements to ask each, and for one with a directory, in which
    /// most apply to others.
    fn missing_keys(&mut self, scene: &Scene<'_>) -> Option<Vec<String>> {
        let view = self.sections.view;
        let statements = 0..view.statement_count();
        if statements.len() > EXACT_STATEMENTS_MAX || view.has_directory() {
            return None;
        }
        let mut missing = Vec::new();
        let mut aside = Asking(scene.in_force);
        self.scratch.with_walk(&self.sections, scene, &mut aside, Some(&mut missing), |walk| {
            statements.filter_map(|id| view.record_of(StatementId(id))).any(|record| walk.record(record))
        });
        Some(missing)
    }

    /// The layers that a request meets, for each of its resources in the order of evaluation. Empty for a request of another
    /// bundle. Allocates.
    pub fn layers(&self, request: &Request<'_>) -> Vec<Vec<LayerPolicies>> {
        let view = self.sections.view;
        let mut layers = Vec::new();
        if request.generation == view.layout.generation {
            request.each_resource(|resource, _| {
                layers.push(layers::layers(view, request, resource, request.place_of(view, resource)));
                false
            });
        }
        layers
    }

    /// What one statement says of a request as one of a layer, for each of its resources: for statements that an explanation
    /// does not list because the index ruled them out. Empty if the bundle has no such statement, or the layer is not in
    /// force. Allocates.
    pub fn consider(&mut self, request: &Request<'_>, statement: StatementId, layer: Layer) -> Vec<Considered> {
        let mut considered = Vec::new();
        let Some(offset) = self.sections.view.record_of(statement) else { return considered };
        if request.generation != self.sections.view.layout.generation {
            return considered;
        }
        request.each_resource(|resource, index| {
            let scene = &Scene::new(self.sections.view, request, resource);
            let mut explainer = Explainer::new(self.sections, scene.in_force, index);
            self.scratch.with_walk(&self.sections, scene, &mut explainer, None, |walk| {
                walk.gate = gate_of(layer, walk.frame.sections.view.layout.meta.scp_levels);
                walk.record(offset)
            });
            considered.append(&mut explainer.considered);
            false
        });
        considered
    }

    fn decide_one(&mut self, request: &Request<'_>, resource: &Resource<'_>) -> Decision {
        let Machine { sections, scratch, levels } = self;
        let scene = &Scene::new(sections.view, request, resource);
        // PERF: filling an empty slice costs 60 ns where the C library does it with masked stores.
        if !levels.is_empty() {
            levels.fill(0);
        }
        let mut recorder = Fast::new(sections.view.layout.meta.open_gates, scene.in_force, levels);
        let (outcome, is_broken) = scratch.walk(sections, scene, &mut recorder, None);
        match outcome {
            _ if recorder.is_denied => Decision::ExplicitDeny,
            outcome if outcome.is_allowed && !is_broken => Decision::Allow,
            _ => Decision::ImplicitDeny,
        }
    }
}

impl<'r> Scene<'r> {
    #[inline]
    fn new(view: View<'r>, request: &'r Request<'r>, resource: &'r Resource<'r>) -> Self {
        if view.has_directory() {
            return Scene::of_directory(view, request, resource);
        }
        let meta = &view.layout.meta;
        Scene {
            request,
            resource,
            resource_account: request.account_of(view, resource, Place::NOWHERE),
            known: None,
            in_force: InForce::new(meta, request, meta.scp_levels, meta.rcp_levels),
            has_boundary: meta.members & members::BOUNDARY != 0,
            has_session: meta.members & members::SESSION != 0,
        }
    }

    /// Not inlined, as all that only a directory leads to: without one nobody comes here.
    #[inline(never)]
    fn of_directory(view: View<'r>, request: &'r Request<'r>, resource: &'r Resource<'r>) -> Self {
        let place = request.place_of(view, resource);
        Scene {
            request,
            resource,
            resource_account: request.account_of(view, resource, place),
            known: Some(Known { base: view, place }),
            in_force: InForce::of(view, request, place),
            has_boundary: view.scope_of(request.standing).has_boundary,
            has_session: request.session.is_some_and(Session::has_policies),
        }
    }
}

impl Scratch {
    /// Walks the trees that apply and asks the gates; not those, if the recorder broke it off, for it knows the decision.
    fn walk<R: Gates>(
        &mut self,
        sections: &Sections<'_>,
        scene: &Scene<'_>,
        recorder: &mut R,
        mut missing: Option<&mut Vec<String>>,
    ) -> (gates::Outcome, bool) {
        let &Scene { request, resource, ref known, .. } = scene;
        let mut is_over = false;
        let mut is_broken = self.with_walk(sections, scene, recorder, missing.as_deref_mut(), |walk| {
            is_over = match known {
                None => walk.run(Unit { root: sections.view.layout.meta.root, gate: gate::OWN }),
                Some(known) => walk_units(walk, known, scene),
            };
            is_over
        });
        if known.is_some() && !is_over {
            is_broken |= self.walk_overlay(sections, scene, recorder, missing);
        }
        if is_over {
            return (gates::Outcome::default(), is_broken);
        }
        let question = Question {
            who: &request.who,
            has_account: known.is_none() || request.standing.account != NONE,
            action: request.action.traits,
            resource,
            resource_account: scene.resource_account,
            has_boundary: scene.has_boundary,
            has_session: scene.has_session,
            is_marked: known.as_ref().is_some_and(Known::is_marked),
            guardrails_open: recorder.guardrails_open(),
        };
        (gates::decide(recorder.open(), question), is_broken)
    }

    /// Walks the policies that are the session's own, if it has any; true as of `with_walk`.
    #[inline(never)]
    fn walk_overlay<R: Gates>(
        &mut self,
        sections: &Sections<'_>,
        scene: &Scene<'_>,
        recorder: &mut R,
        missing: Option<&mut Vec<String>>,
    ) -> bool {
        let Some(overlay) = scene.request.session.and_then(Session::view) else { return false };
        // What was looked up for the bundle means nothing in an overlay.
        let Ok(action) = action_handle(overlay, scene.request.action.text) else { return true };
        let request = &Request { action, handle: None, ..*scene.request };
        recorder.enter_overlay(sections.view.statement_count());
        self.with_walk(&Sections::of_view(overlay), &Scene { request, ..*scene }, recorder, missing, |walk| {
            walk.run(Unit { root: overlay.layout.meta.root, gate: SESSION_GATE })
        })
    }

    /// Joins a resource of a request to the bundle, or to an overlay, and runs a walk over it. True if a context source broke
    /// LIM-2 or said otherwise than the directory.
    fn with_walk<R: Recorder>(
        &mut self,
        sections: &Sections<'_>,
        scene: &Scene<'_>,
        recorder: &mut R,
        missing: Option<&mut Vec<String>>,
        run: impl FnOnce(&mut Walk<'_, '_, R>) -> bool,
    ) -> bool {
        let &Scene { request, resource, resource_account, ref known, .. } = scene;
        let Scratch { chain, anchors, principals, buffer, principal_arn, user_id } = self;
        // PERF: what has to be put together is so only where a policy can ask for it.
        if sections.names(DerivedKey::Core(CoreKey::PrincipalArn)) {
            derive_principal_arn(&request.who, principal_arn);
        }
        if sections.names(DerivedKey::Core(CoreKey::UserId)) {
            derive_user_id(request, known.as_ref(), user_id);
        }
        let paths = match known {
            Some(known) if PATHS.iter().any(|&key| sections.names(key)) => &known.paths(request),
            _ => &[""; 2],
        };
        let aside = Aside { principal_arn, user_id, resource_account, paths };
        let mut frame = Frame::new(sections, request, resource, aside, known.as_ref());
        frame.missing = missing.is_some().then(Vec::new);
        let chain = chain::patterns(sections, &request.action, chain);
        let principals = match request.who.kind {
            RequesterKind::Service => service_keys(&mut frame, principals),
            _ => request.keys.as_slice(),
        };
        let is_found = take_anchors(request, anchors);
        let mut walk = Walk {
            frame: &mut frame,
            offer: Offer { chain, principals, has_boundary: scene.has_boundary },
            anchors: Anchors { ids: anchors, is_found },
            buffer,
            recorder,
            gate: gate::OWN,
        };
        run(&mut walk);
        if let (Some(slots), Some(missing)) = (frame.missing, missing) {
            missing.extend(slots.into_iter().map(|slot| crate::text::key(sections, slot).into()));
        }
        frame.is_broken
    }
}

/// The keys that have the paths of accounts.
const PATHS: [DerivedKey; 2] =
    [DerivedKey::Directory(DirectoryKey::PrincipalOrgPaths), DerivedKey::Directory(DirectoryKey::ResourceOrgPaths)];

const RESOURCE_GATE: u32 = 1;
const SESSION_GATE: u32 = 3;

/// Walks every unit that applies. True if the recorder broke it off.
#[inline(never)]
fn walk_units<R: Recorder>(walk: &mut Walk<'_, '_, R>, known: &Known<'_>, scene: &Scene<'_>) -> bool {
    let scope = known.base.scope_of(scene.request.standing);
    units(known, scene, scope).any(|unit| walk.run(unit))
}

/// The units of a bundle with a directory that apply to one resource of a request (DIR-3 to DIR-8), those of the principal
/// first.
fn units<'b>(known: &Known<'b>, scene: &Scene<'_>, scope: Scope<'b>) -> impl Iterator<Item = Unit> {
    let &Scene { request, resource, in_force, .. } = scene;
    let &Known { base: view, place, .. } = known;
    let guardrails = |row: u32, is_in_force: bool, root: fn(AccountRow<'b>) -> Option<u32>| {
        let root = if row == NONE || !is_in_force { None } else { root(view.account(row)) };
        root.map(|root| Unit { root, gate: gate::LEVELS })
    };
    let scps = guardrails(request.standing.account, in_force.has_scps(), |account| account.scps().0);
    let rcps = guardrails(place.account, in_force.has_rcps(), |account| account.rcps().0);
    let resource = view.policies_of(resource, place, request.action.traits);
    let resource = resource.map(|root| Unit { root, gate: RESOURCE_GATE });
    let managed = request.session.map_or(&[][..], |session| session.managed());
    let managed = (0..managed.len()).map(move |i| Unit { root: managed[i], gate: SESSION_GATE });
    scope.units().chain(scps).chain(rcps).chain(resource).chain(managed)
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

/// `aws:PrincipalArn` of a bare session. The buffer has room for any (LIM-2).
#[inline(never)]
fn derive_principal_arn(who: &Requester<'_>, principal_arn: &mut String) {
    if who.kind == RequesterKind::Session && who.role_arn.is_none() {
        let account = who.account.unwrap_or("");
        join(&["arn:", who.partition, ":iam::", account, ":role/", who.role_name], principal_arn);
    }
}

/// `aws:userid` where it stands nowhere in one piece. The buffer has room for any (LIM-2): a unique id is no longer than an
/// ARN.
#[inline(never)]
fn derive_user_id(request: &Request<'_>, known: Option<&Known<'_>>, user_id: &mut String) {
    // What another request left must not be taken for this one's.
    user_id.clear();
    let who = &request.who;
    if who.kind == RequesterKind::FederatedUser {
        join(&[who.account.unwrap_or(""), ":", who.name], user_id);
    }
    match known.and_then(|known| derive::user_id(known.base, request.subject())) {
        Some((unique_id, Some(session))) => join(&[unique_id, ":", session], user_id),
        Some((unique_id, None)) => join(&[unique_id], user_id),
        None => {}
    }
}

fn join(parts: &[&str], text: &mut String) {
    text.clear();
    parts.iter().for_each(|part| text.push_str(part));
}

/// The keys of a service with its further names (PRN-16).
#[inline(never)]
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
struct Asking(InForce);

impl Recorder for Asking {
    fn wants(&self, _: Record<'_>, gate: u32) -> bool {
        self.0.has(gate)
    }

    fn enter(&mut self, _: u32) {}

    fn wants_allows(&self) -> bool {
        true
    }

    fn applies(&mut self, _: Record<'_>, _: u32, _: MatchKind) -> bool {
        false
    }

    fn fails(&mut self, _: Record<'_>, _: u32, _: Miss, _: &mut Frame<'_>) {}
}

/// The recorder of a decision: which gates are open, and nothing else.
struct Fast<'m> {
    open: Open,
    levels: &'m mut [u64],
    in_force: InForce,
    shut_levels: u32,
    /// Gates that an allow of the unit that is walked can still open. PERF: counted when the unit is entered, for it is
    /// asked before each allow and each dimension of a node.
    pending: u32,
    is_denied: bool,
}

impl<'m> Fast<'m> {
    fn new(open_gates: u32, in_force: InForce, levels: &'m mut [u64]) -> Self {
        let shut_levels = in_force.level_count();
        Fast { open: Open::default(), levels, in_force, shut_levels, pending: open_gates, is_denied: false }
    }

    /// Whether an allow behind a gate can still change anything.
    #[inline]
    fn is_shut(&self, gate: u32) -> bool {
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
}

impl Gates for Fast<'_> {
    fn open(&self) -> Open {
        self.open
    }

    fn guardrails_open(&self) -> bool {
        self.shut_levels == 0
    }

    fn enter_overlay(&mut self, _: u32) {}
}

impl Recorder for Fast<'_> {
    #[inline]
    fn wants(&self, record: Record<'_>, gate: u32) -> bool {
        if record.is_deny() { self.in_force.has(gate) } else { self.is_shut(gate) }
    }

    #[inline]
    fn enter(&mut self, unit_gate: u32) {
        self.pending = match unit_gate {
            // The one unit of its bundle.
            gate::OWN => self.pending,
            gate::LEVELS => self.shut_levels,
            gate => u32::from(self.is_shut(gate)),
        };
    }

    #[inline]
    fn wants_allows(&self) -> bool {
        self.pending > 0
    }

    #[inline]
    fn applies(&mut self, record: Record<'_>, gate: u32, kind: MatchKind) -> bool {
        if record.is_deny() {
            self.is_denied = true;
            return true;
        }
        match gate {
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
    fn fails(&mut self, _: Record<'_>, _: u32, _: Miss, _: &mut Frame<'_>) {}
}

// One bundle serves many threads, whatever keeps its bytes.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Bundle<alloc::sync::Arc<[u8]>>>();
    shared::<Machine<'static>>();
};
