//! What there is to say about one decision: the machine's explanation, put in order for people and programs.

use std::collections::HashSet;

use dictum_corpus::answer::{Named, Names, StatementId as AnswerId};
use dictum_corpus::machine::{labels_with, statement_id};
use dictum_vm::bundle::{Meta, members};
use dictum_vm::{
    Bundle, Considered, Decision, Effect, Layer, Machine, Notes, Request, Session, StatementId, StatementInfo,
};

/// Bundles with more statements than this list only those that the index put forward.
const LISTED_MAX: u32 = 1_000;

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

/// The layers that are present, in the order of evaluation.
pub fn layers_of(meta: &Meta) -> Vec<Layer> {
    let has = |bit: u32, layer: Layer| (meta.members & bit != 0).then_some(layer);
    let levels = (0..meta.rcp_levels).map(Layer::Rcp).chain((0..meta.scp_levels).map(Layer::Scp));
    let plain = [
        has(members::RESOURCE, Layer::Resource),
        has(members::IDENTITY, Layer::Identity),
        has(members::BOUNDARY, Layer::Boundary),
        has(members::SESSION, Layer::Session),
    ];
    levels.chain(plain.into_iter().flatten()).collect()
}

/// Explains a request. `lists_all` asks every statement, however many there are.
pub fn explain<'b>(
    bundle: &'b Bundle<Vec<u8>>,
    session: Option<&'b Session>,
    request: &Request<'_>,
    resources: usize,
    lists_all: bool,
) -> Picture<'b> {
    let mut machine = Machine::new(bundle);
    let explanation = machine.explain(request);
    let mut statements = explanation.considered;
    let layers = (0..resources).map(|resource| layers(bundle, request, &mut machine, &statements, resource)).collect();
    let seen: HashSet<_> = statements.iter().map(|one| (one.resource, one.statement)).collect();
    let count = bundle.statement_count();
    if lists_all || count <= LISTED_MAX {
        for statement in (0..count).map(StatementId) {
            if (0..resources).any(|resource| !seen.contains(&(resource, statement))) {
                let found = machine.consider(request, statement);
                statements.extend(found.into_iter().filter(|one| !seen.contains(&(one.resource, statement))));
            }
        }
        statements.sort_by_key(|one| (one.resource, one.statement));
    }
    let ruled_out = if lists_all || count <= LISTED_MAX { 0 } else { count as usize * resources - statements.len() };
    Picture {
        decision: explanation.decision,
        by: explanation.by,
        supporting: explanation.supporting,
        blocking: explanation.blocking,
        layers,
        statements,
        ruled_out,
        missing_keys: explanation.missing_keys,
        bundle,
        session,
        names: Names::new(labels_with(bundle, session)),
    }
}

/// How the layers stand for one resource.
fn layers(
    bundle: &Bundle<Vec<u8>>,
    request: &Request<'_>,
    machine: &mut Machine<'_>,
    considered: &[Considered],
    resource: usize,
) -> Vec<LayerView> {
    let present = layers_of(bundle.meta());
    let applied: Vec<(StatementId, StatementInfo<'_>)> = considered
        .iter()
        .filter(|one| one.resource == resource && one.applies)
        .filter_map(|one| Some((one.statement, bundle.statement(one.statement)?)))
        .collect();
    // A guardrail that is not in force says nothing of any of its statements; without any it does not matter.
    let mut is_in_force = |is_asked: fn(Layer) -> bool| {
        let first = bundle.statements().find(|(_, statement)| is_asked(statement.layer));
        first.is_none_or(|(id, _)| !machine.consider(request, id).is_empty())
    };
    let scp = is_in_force(|layer| matches!(layer, Layer::Scp(_)));
    let rcp = is_in_force(|layer| matches!(layer, Layer::Rcp(_)));
    let all = [Layer::Rcp(0), Layer::Scp(0), Layer::Resource, Layer::Identity, Layer::Boundary, Layer::Session];
    let mut views = Vec::new();
    for wanted in all {
        let is_same = |layer: &&Layer| std::mem::discriminant(*layer) == std::mem::discriminant(&wanted);
        let before = views.len();
        for &layer in present.iter().filter(is_same) {
            let here = applied.iter().filter(|(_, statement)| statement.layer == layer);
            let denies = here.clone().any(|(_, statement)| statement.effect == Effect::Deny);
            let tells = |effect: Effect| !denies || effect == Effect::Deny;
            let statements: Vec<_> = here.filter(|(_, it)| tells(it.effect)).map(|(id, _)| *id).collect();
            let state = match layer {
                Layer::Scp(_) if !scp => State::NotInForce,
                Layer::Rcp(_) if !rcp => State::NotInForce,
                _ if denies => State::Denies,
                _ if statements.is_empty() => State::Shut,
                _ => State::Open,
            };
            views.push(LayerView { layer, state, statements });
        }
        if views.len() == before {
            views.push(LayerView { layer: wanted, state: State::Absent, statements: Vec::new() });
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
