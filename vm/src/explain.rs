//! Why: the recorder of an explanation, and what it writes down (EVL-51, EVL-52).

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::bind::{Frame, Sections};
use crate::bundle::gates_by_number::layer_of;
use crate::condition::tests;
use crate::context::Value;
use crate::decision::{Decision, Effect, Layer, MatchKind, StatementId};
use crate::gates::{Gates, InForce, Open, Outcome};
use crate::op::Opcode;
use crate::operator;
use crate::record::{Miss, Record};
use crate::text;
use crate::tree::Recorder;

/// A decision and its reasons. Statements are in ascending order, which is that of layer, policy and index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The decision: always the one that [`Machine::decide`](crate::machine::Machine::decide) gives (INV-9).
    pub decision: Decision,
    /// The deciding statements (EVL-51); none for an implicit deny.
    pub by: Vec<StatementId>,
    /// Allows of boundary, session, scp and rcp that apply (EVL-52); none beside an explicit deny.
    pub supporting: Vec<StatementId>,
    /// For an implicit deny, the layers whose Allow was missing on the way (EVL-52).
    pub blocking: Vec<Layer>,
    /// Every statement that the index put forward, for each resource. [`Machine::consider`](crate::machine::Machine::consider)
    /// tells of the others.
    pub considered: Vec<Considered>,
    /// Absent context keys that mattered, as the policies spell them, sorted: those that a statement asked for which fits
    /// in principal, action and resource. In bundles of more than 1,000 statements also those by which the index asked.
    pub missing_keys: Vec<String>,
}

impl Default for Explanation {
    fn default() -> Self {
        Explanation {
            decision: Decision::ImplicitDeny,
            by: Vec::new(),
            supporting: Vec::new(),
            blocking: Vec::new(),
            considered: Vec::new(),
            missing_keys: Vec::new(),
        }
    }
}

/// What one statement says of one resource of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The statement.
    pub statement: StatementId,
    /// Position of the resource in the request.
    pub resource: usize,
    /// The layer for which it is asked: with a directory one policy may be an identity policy of one and a boundary of
    /// another.
    pub layer: Layer,
    /// Allow or deny.
    pub effect: Effect,
    /// Whether the statement applies.
    pub applies: bool,
    /// With what strength it names the requester; [`MatchKind::Direct`] where its policy type has no principals.
    pub kind: MatchKind,
    /// Why it does not apply.
    pub failure: Option<Failure>,
}

/// The element of a statement that does not fit the request, with both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which element.
    pub element: Element,
    /// What the policy has there.
    pub expected: Vec<String>,
    /// What the request has there; `None` for an absent context key.
    pub got: Option<Vec<String>>,
}

/// An element of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// The statement can apply to no request (GRM-25).
    Never,
    /// Principal, or NotPrincipal.
    Principal {
        /// NotPrincipal.
        negated: bool,
    },
    /// Action, or NotAction.
    Action {
        /// NotAction.
        negated: bool,
    },
    /// Resource, or NotResource.
    Resource {
        /// NotResource.
        negated: bool,
    },
    /// One operator and key of the condition.
    Condition {
        /// The operator with quantifier and suffix.
        operator: operator::Test,
        /// The context key as the policies spell it.
        key: String,
    },
}

/// The recorder of an explanation, for one resource.
pub(crate) struct Explainer<'m> {
    sections: Sections<'m>,
    in_force: InForce,
    resource: usize,
    open: Open,
    open_levels: Vec<u32>,
    applied: Vec<(u32, u32, MatchKind, bool)>,
    pub considered: Vec<Considered>,
    /// Added to the number of each statement: those of an overlay stand behind those of the bundle.
    first_statement: u32,
}

impl<'m> Explainer<'m> {
    pub fn new(sections: Sections<'m>, in_force: InForce, resource: usize) -> Self {
        Explainer {
            sections,
            in_force,
            resource,
            open: Open::default(),
            open_levels: Vec::new(),
            applied: Vec::new(),
            considered: Vec::new(),
            first_statement: 0,
        }
    }

    fn number(&self, record: Record<'_>) -> u32 {
        self.first_statement + record.statement()
    }

    fn note(&mut self, record: Record<'_>, gate: u32, kind: MatchKind, failure: Option<Failure>) {
        let statement = StatementId(self.number(record));
        let applies = failure.is_none();
        let layer = layer_of(gate, &self.sections.view.layout.meta);
        let effect = if record.is_deny() { Effect::Deny } else { Effect::Allow };
        let resource = self.resource;
        self.considered.push(Considered { statement, resource, layer, effect, applies, kind, failure });
    }
}

impl Gates for Explainer<'_> {
    fn open(&self) -> Open {
        self.open
    }

    fn guardrails_open(&self) -> bool {
        self.in_force.levels().all(|gate| self.open_levels.contains(&gate))
    }

    fn enter_overlay(&mut self, statements: u32) {
        self.first_statement = statements;
    }
}

impl Recorder for Explainer<'_> {
    fn wants(&self, _: Record<'_>, gate: u32) -> bool {
        self.in_force.has(gate)
    }

    fn enter(&mut self, _: u32) {}

    fn wants_allows(&self) -> bool {
        true
    }

    fn applies(&mut self, record: Record<'_>, gate: u32, kind: MatchKind) -> bool {
        self.note(record, gate, kind, None);
        self.applied.push((self.number(record), gate, kind, record.is_deny()));
        if !record.is_deny() {
            match gate {
                0 => self.open.identity = true,
                1 => self.open.resource(kind),
                2 => self.open.boundary = true,
                3 => self.open.session = true,
                gate => self.open_levels.push(gate),
            }
        }
        false
    }

    fn fails(&mut self, record: Record<'_>, gate: u32, miss: Miss, frame: &mut Frame<'_>) {
        let failure = failure(frame.sections, record, miss, frame);
        self.note(record, gate, MatchKind::None, Some(failure));
    }
}

fn failure(sections: &Sections<'_>, record: Record<'_>, miss: Miss, frame: &mut Frame<'_>) -> Failure {
    use Opcode::*;
    let of = |opcodes: &[Opcode]| record.instructions().find(|instruction| opcodes.contains(&instruction.opcode));
    let nothing = Failure { element: Element::Never, expected: Vec::new(), got: None };
    match miss {
        Miss::Never => nothing,
        Miss::Principal => {
            let opcodes = [PrincipalIn, PrincipalInList, PrincipalOut, PrincipalOutList];
            let Some(found) = of(&opcodes) else { return nothing };
            let negated = matches!(found.opcode, PrincipalOut | PrincipalOutList);
            let expected = text::principals(sections, found.ids(sections.lists));
            let who = &frame.request.who;
            let name = [who.arn, who.name].into_iter().find(|name| !name.is_empty()).unwrap_or("anonymous");
            Failure { element: Element::Principal { negated }, expected, got: Some(vec![name.to_string()]) }
        }
        Miss::Action => {
            let Some(found) = of(&[ActionIn, ActionInList, ActionOut, ActionOutList]) else { return nothing };
            let negated = matches!(found.opcode, ActionOut | ActionOutList);
            let expected = text::actions(sections, found.ids(sections.lists));
            let got = Some(vec![frame.request.action.text.to_string()]);
            Failure { element: Element::Action { negated }, expected, got }
        }
        Miss::Resource => {
            let Some(found) = of(&[ResourceIn, ResourceOut]) else { return nothing };
            let negated = found.opcode == ResourceOut;
            let expected = text::programs(sections, found.operands, 0);
            Failure {
                element: Element::Resource { negated },
                expected,
                got: Some(vec![frame.resource.text.to_string()]),
            }
        }
        Miss::Condition(at) => condition_failure(sections, record, at, frame).unwrap_or(nothing),
    }
}

fn condition_failure(sections: &Sections<'_>, record: Record<'_>, at: usize, frame: &mut Frame<'_>) -> Option<Failure> {
    let found = record.instructions().find(|instruction| instruction.opcode == Opcode::Conditions)?;
    let (_, test) = tests(sections.blocks, found.operands.at(0) as usize).find(|&(place, _)| place == at)?;
    let element = Element::Condition { operator: test.flags.test()?, key: text::key(sections, test.slot).to_string() };
    let got = frame.value(test.slot).map(|value| match value {
        Value::One(text) => vec![text.to_string()],
        Value::Many(texts) => texts.iter().map(|text| text.to_string()).collect(),
    });
    Some(Failure { element, expected: text::operands(sections, &test), got })
}

impl Explanation {
    /// Adds what was found for one resource (EVL-50).
    pub(crate) fn add(&mut self, found: Explainer<'_>, outcome: Outcome, is_broken: bool, missing: Vec<String>) {
        let is_first = found.resource == 0;
        let denies: Vec<u32> = found.applied.iter().filter(|applied| applied.3).map(|applied| applied.0).collect();
        let decision = match () {
            () if !denies.is_empty() => Decision::ExplicitDeny,
            () if outcome.is_allowed && !is_broken => Decision::Allow,
            () => Decision::ImplicitDeny,
        };
        let rank = |decision| match decision {
            Decision::Allow => 0,
            Decision::ImplicitDeny => 1,
            Decision::ExplicitDeny => 2,
        };
        if is_first || rank(decision) > rank(self.decision) {
            self.decision = decision;
            self.by.clear();
            self.supporting.clear();
            self.blocking.clear();
        }
        if decision == self.decision {
            let supports = |applied: &&(u32, u32, MatchKind, bool)| !applied.3 && applied.1 > 1;
            if decision != Decision::ExplicitDeny {
                self.supporting.extend(found.applied.iter().filter(supports).map(|applied| StatementId(applied.0)));
            }
            match decision {
                Decision::ExplicitDeny => self.by.extend(denies.into_iter().map(StatementId)),
                Decision::Allow => self.by.extend(deciding(&found, outcome)),
                Decision::ImplicitDeny => self.blocking.extend(blocking(&found, outcome)),
            }
        }
        self.missing_keys.extend(missing);
        self.considered.extend(found.considered);
    }

    /// Sorts, and weeds out what several paths through the index found.
    pub(crate) fn finish(&mut self) {
        for statements in [&mut self.by, &mut self.supporting] {
            statements.sort_unstable();
            statements.dedup();
        }
        self.blocking.sort_unstable();
        self.blocking.dedup();
        self.missing_keys.sort_unstable();
        self.missing_keys.dedup();
        self.considered.sort_by_key(|considered| (considered.resource, considered.statement, considered.layer));
        self.considered.dedup_by_key(|considered| (considered.resource, considered.statement, considered.layer));
    }
}

/// The Allows on sufficient grant paths (EVL-51).
fn deciding(found: &Explainer<'_>, outcome: Outcome) -> impl Iterator<Item = StatementId> {
    found.applied.iter().filter_map(move |&(statement, gate, kind, _)| {
        let counts = match (gate, kind) {
            (0, _) => outcome.by_identity,
            (1, MatchKind::Direct) => outcome.by_direct,
            (1, MatchKind::Role) => outcome.by_role,
            (1, _) => outcome.by_account,
            _ => false,
        };
        counts.then_some(StatementId(statement))
    })
}

/// The layers that stayed shut (EVL-52).
fn blocking(found: &Explainer<'_>, outcome: Outcome) -> Vec<Layer> {
    let meta = &found.sections.view.layout.meta;
    let shut = found.in_force.levels().filter(|gate| !found.open_levels.contains(gate));
    let mut layers: Vec<Layer> = shut.map(|gate| layer_of(gate, meta)).collect();
    for (misses, layer) in [
        (outcome.misses_identity, Layer::Identity),
        (outcome.misses_resource, Layer::Resource),
        (outcome.misses_boundary, Layer::Boundary),
        (outcome.misses_session, Layer::Session),
    ] {
        layers.extend(misses.then_some(layer));
    }
    layers
}
