//! What there is to say about one decision: the machine's explanation, put in order for people and programs.

use std::collections::{BTreeSet, HashSet};

use dictum_corpus::answer::{Named, Names, StatementId as AnswerId};
use dictum_corpus::machine::{labels_with, statement_id};
use dictum_vm::{
    AccountProfile, Bundle, Considered, Decision, Effect, Layer, LayerPolicies, Machine, Notes, Request, Session,
    StatementId, StatementInfo,
};

/// Where a request meets more statements than this only those are listed that the index put forward.
const LISTED_MAX: usize = 1_000;

/// A decision with its reasons.
pub struct Picture<'b> {
    /// The decision.
    pub decision: Decision,
    /// The deciding statements (EVL-51).
    pub by: Vec<StatementId>,
    /// Allows of boundary, session, scp and rcp that apply (EVL-52).
    pub supporting: Vec<StatementId>,
    /// The layers whose Allow was missing on the way (EVL-52).
    pub blocking: Vec<Layer>,
    /// For each resource of the request, the layers in the order of evaluation.
    pub layers: Vec<Vec<LayerView>>,
    /// Statements and what they say, by resource, layer, policy and index.
    pub statements: Vec<Considered>,
    /// Statements not among them, because the index ruled them out: a count over all resources.
    pub ruled_out: usize,
    /// Context keys that were asked for and absent.
    pub missing_keys: Vec<String>,
    bundle: &'b Bundle<Vec<u8>>,
    session: Option<&'b Session>,
    names: Names,
}

/// One layer, for one resource.
pub struct LayerView {
    /// The layer; for a guardrail that is absent, its first level.
    pub layer: Layer,
    /// The root, unit or account whose guardrails it has, where the bundle says.
    pub place: Option<String>,
    /// How it stands.
    pub state: State,
    /// Its statements that make it so: the Denies that apply, or else the Allows.
    pub statements: Vec<StatementId>,
}

/// How a layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No policies of this type: it does not take part.
    Absent,
    /// It has policies, but not for this requester or action (EVL-4, EVL-6).
    NotInForce,
    /// Some Deny of it applies.
    Denies,
    /// Some Allow of it applies.
    Open,
    /// None does.
    Shut,
}

/// Explains a request. `lists_all` asks every statement of the layers that it meets, however many there are.
pub fn explain<'b>(
    bundle: &'b Bundle<Vec<u8>>,
    session: Option<&'b Session>,
    request: &Request<'_>,
    lists_all: bool,
) -> Picture<'b> {
    let mut machine = Machine::new(bundle);
    let explanation = machine.explain(request);
    let mut statements = explanation.considered;
    let met = machine.layers(request);
    let places = places(bundle, request);
    let layers = (0..).zip(&met).map(|(resource, layers)| views(layers, &statements, resource, &places)).collect();
    let of_policy = statements_by_policy(bundle);
    let own: Vec<HashSet<_>> = met.iter().map(|layers| statements_of(layers, &of_policy).collect()).collect();
    let count = own.iter().map(HashSet::len).max().unwrap_or(0);
    let asks_all = lists_all || count <= LISTED_MAX;
    if asks_all {
        let seen: HashSet<_> = statements.iter().map(|one| (one.resource, one.layer, one.statement)).collect();
        // Each is asked once, for all resources.
        let once: BTreeSet<_> = own.iter().flatten().copied().collect();
        for (layer, statement) in once {
            let found = machine.consider(request, statement, layer).into_iter();
            statements.extend(found.filter(|one| {
                let is_met = own.get(one.resource).is_some_and(|own| own.contains(&(layer, statement)));
                is_met && !seen.contains(&(one.resource, layer, statement))
            }));
        }
        statements.sort_by_key(|one| (one.resource, one.layer, one.statement));
    }
    let all: usize = own.iter().map(HashSet::len).sum();
    let listed = statements.iter().filter(|one| one.statement.0 < bundle.statement_count()).count();
    Picture {
        decision: explanation.decision,
        by: explanation.by,
        supporting: explanation.supporting,
        blocking: explanation.blocking,
        layers,
        statements,
        ruled_out: if asks_all { 0 } else { all.saturating_sub(listed) },
        missing_keys: explanation.missing_keys,
        bundle,
        session,
        names: Names::new(labels_with(bundle, session)),
    }
}

/// The statements of each policy of a bundle.
fn statements_by_policy(bundle: &Bundle<Vec<u8>>) -> Vec<Vec<StatementId>> {
    let mut of_policy = vec![Vec::new(); bundle.policies().count()];
    for (id, statement) in bundle.statements() {
        of_policy[statement.policy_number as usize].push(id);
    }
    of_policy
}

/// The bundle's statements in layers that are in force. A session's own are not among them: the index puts all of those
/// forward that could apply.
fn statements_of<'l>(
    layers: &'l [LayerPolicies],
    of_policy: &'l [Vec<StatementId>],
) -> impl Iterator<Item = (Layer, StatementId)> + 'l {
    let in_force = layers.iter().filter(|layer| layer.is_in_force);
    in_force.flat_map(|layer| {
        let policies = layer.policies.iter().filter_map(|&policy| of_policy.get(policy as usize));
        policies.flatten().map(move |&statement| (layer.layer, statement))
    })
}

/// Root and units above the principal's account and above each resource's, with the account itself: whose guardrails each
/// level has. Empty without a directory.
struct Places {
    scp: Vec<String>,
    rcp: Vec<Vec<String>>,
}

fn places(bundle: &Bundle<Vec<u8>>, request: &Request<'_>) -> Places {
    let nodes = |account: Option<AccountProfile<'_>>| -> Vec<String> {
        let Some(account) = account else { return Vec::new() };
        let units = account.path.unwrap_or_default().split('/').skip(1).filter(|unit| !unit.is_empty());
        units.chain([account.number]).map(str::to_owned).collect()
    };
    let accounts = bundle.accounts_of(request);
    Places { scp: nodes(accounts.principal), rcp: accounts.resources.into_iter().map(nodes).collect() }
}

/// How the layers stand for one resource.
fn views(met: &[LayerPolicies], considered: &[Considered], resource: usize, places: &Places) -> Vec<LayerView> {
    let applied = || considered.iter().filter(|one| one.resource == resource && one.applies);
    let all = [Layer::Rcp(0), Layer::Scp(0), Layer::Resource, Layer::Identity, Layer::Boundary, Layer::Session];
    let mut views = Vec::new();
    for wanted in all {
        let is_same = |layer: &&LayerPolicies| std::mem::discriminant(&layer.layer) == std::mem::discriminant(&wanted);
        let before = views.len();
        for met in met.iter().filter(is_same) {
            let here = || applied().filter(|one| one.layer == met.layer);
            let denies = here().any(|one| one.effect == Effect::Deny);
            let tells = |effect: Effect| !denies || effect == Effect::Deny;
            let statements: Vec<_> = here().filter(|one| tells(one.effect)).map(|one| one.statement).collect();
            let state = match () {
                () if !met.is_in_force => State::NotInForce,
                () if denies => State::Denies,
                () if statements.is_empty() => State::Shut,
                () => State::Open,
            };
            let place = match met.layer {
                Layer::Scp(level) => places.scp.get(level as usize),
                Layer::Rcp(level) => places.rcp.get(resource).and_then(|nodes| nodes.get(level as usize)),
                _ => None,
            };
            views.push(LayerView { layer: met.layer, place: place.cloned(), state, statements });
        }
        if views.len() == before {
            views.push(LayerView { layer: wanted, place: None, state: State::Absent, statements: Vec::new() });
        }
    }
    views
}

impl<'b> Picture<'b> {
    /// Name and place of a statement.
    pub fn info(&self, id: StatementId) -> StatementInfo<'b> {
        let (bundle, id) = self.place(id);
        bundle.statement(id).expect("explanations name statements of their bundle")
    }

    /// The bundle or overlay that holds a statement, and its number there.
    fn place(&self, id: StatementId) -> (&'b Bundle<Vec<u8>>, StatementId) {
        self.session.and_then(|session| session.statement(self.bundle, id)).unwrap_or((self.bundle, id))
    }

    /// Its doc comment and metadata.
    pub fn notes(&self, id: StatementId) -> Notes<'b> {
        let (bundle, id) = self.place(id);
        bundle.notes(id)
    }

    fn answer_id(&self, id: StatementId) -> AnswerId {
        statement_id(self.bundle, self.session, id).expect("explanations name statements of their bundle")
    }

    /// A statement as an answer names it.
    pub fn name(&self, id: StatementId) -> Named {
        self.names.name(self.answer_id(id))
    }

    /// Statements as an answer names them: sorted, without repetition.
    pub fn list(&self, ids: &[StatementId]) -> Vec<Named> {
        let ids: Vec<AnswerId> = ids.iter().map(|&id| self.answer_id(id)).collect();
        self.names.list(&ids)
    }
}
