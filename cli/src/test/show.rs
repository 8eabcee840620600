//! A failing test as text: what was expected, what came out and by which statements, and what in the statements that came
//! near did not fit, with both sides.

use std::fmt::Write;

use dictum_corpus::answer::{Answer, Decision, SidOrIndex};
use dictum_corpus::expect::{Expect, Mismatch};
use dictum_corpus::machine::Borrowed;
use dictum_corpus::request::{self, CaseRequest};
use dictum_vm::{Bundle, Considered, Effect, Element, Explanation, Failure, Layer, Machine, StatementId};

use super::judge::{Problem, Verdict};
use super::world::{Trial, World};
use crate::explain;

/// Statements of more than this are not all asked how near they came.
const ASKED_MAX: u32 = 1_000;
/// Statements of one layer that are shown for having come near.
const NEAR_MAX: usize = 3;
/// Values of one element that are shown before the rest is counted.
const VALUES_MAX: usize = 4;

/// What to do with a failure beside telling it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The nearest statements.
    Near,
    /// The whole explanation.
    Full,
}

/// What an expectation says, as a test writes it.
pub fn expected(expect: &Expect) -> String {
    match expect {
        Expect::Decision(decision, by) => {
            let by = by.as_ref().map_or(String::new(), |by| {
                let names: Vec<String> = by.iter().map(|one| statement_name(&one.policy, &one.statement)).collect();
                if names.is_empty() { " by no statement".into() } else { format!(" by {}", names.join(", ")) }
            });
            format!("{}{by}", decision.map_or("deny", Decision::name))
        }
        Expect::Error(kind, code) => match code {
            Some(code) => format!("error {code} of the {}", kind.name()),
            None => format!("an error of the {}", kind.name()),
        },
    }
}

fn statement_name(policy: &str, statement: &SidOrIndex) -> String {
    match statement {
        SidOrIndex::Sid(sid) => format!("{policy}@{sid}"),
        SidOrIndex::Index(index) => format!("{policy}#{index}"),
    }
}

/// What came out, in one line.
pub fn got(world: &World, verdict: &Verdict) -> String {
    match (&verdict.answer, &verdict.explanation, &world.compiled) {
        (None, ..) => "nothing".to_owned(),
        (Some(Answer::Error(kind, errors)), ..) => {
            let error = &errors[0];
            format!("error {} of the {}: {}", error.code, kind.name(), error.message)
        }
        (Some(Answer::Decision(decision, _)), Some(explanation), Ok(compiled)) => {
            let by: Vec<String> = explanation.by.iter().map(|&id| named(world, &compiled.bundle, id)).collect();
            let blocking: Vec<String> = explanation.blocking.iter().map(Layer::to_string).collect();
            let reason = match decision {
                Decision::Allow if by.is_empty() => "by no statement: the root user in its own account".to_owned(),
                Decision::Allow | Decision::ExplicitDeny => format!("by {}", by.join(", ")),
                Decision::ImplicitDeny if blocking.is_empty() => "no grant is possible".to_owned(),
                Decision::ImplicitDeny => format!("no Allow applies in {}", blocking.join(", ")),
            };
            format!("{}   {reason}", decision.name())
        }
        (Some(Answer::Decision(decision, _)), ..) => decision.name().to_owned(),
    }
}

/// Policy, Sid or index, and place of a statement.
fn named(world: &World, bundle: &Bundle<Vec<u8>>, id: StatementId) -> String {
    let Some(info) = bundle.statement(id) else { return "?".to_owned() };
    let name = match info.sid {
        Some(sid) => format!("{}@{sid}", info.policy),
        None => format!("{}#{}", info.policy, info.index),
    };
    let is_own_file = world.origins.get(info.policy_number as usize).is_none_or(|origin| origin.case.is_none());
    if is_own_file { format!("{name} ({}:{})", info.file, info.line) } else { name }
}

/// A failure, below the line with its name and place.
pub fn failure(world: &World, trial: &Trial, verdict: &Verdict, problem: &str, detail: Detail) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: &str| _ = writeln!(out, "      {name:<9} {text}");
    let is_plain = matches!(verdict.problem, Some(Problem::Mismatch(Mismatch::Outcome | Mismatch::By(_))));
    if !is_plain || verdict.problem.as_ref().is_none_or(|own| own.to_string() != problem) {
        line("problem", problem);
    }
    line("expected", &expected(&trial.expect));
    line("got", &got(world, verdict));
    let (Ok(compiled), Some(explanation)) = (&world.compiled, &verdict.explanation) else { return out };
    let Ok(request) = request::parse(&trial.request) else { return out };
    for told in near(world, &compiled.bundle, &request, explanation, &trial.expect) {
        line(told.heading, &told.statement);
        if let Some(fits) = told.element {
            line("", &fits);
        }
    }
    if detail == Detail::Full
        && let Some(text) = explain::of_request(&compiled.bundle, &request)
    {
        for text in text.lines() {
            out += format!("        {text}").trim_end();
            out.push('\n');
        }
    }
    out
}

/// A statement that came near, and what of it did not fit.
struct Near {
    heading: &'static str,
    statement: String,
    element: Option<String>,
}

/// The statements that should have decided and did not; else those that came nearest to what was expected.
fn near(
    world: &World,
    bundle: &Bundle<Vec<u8>>,
    request: &CaseRequest,
    explanation: &Explanation,
    expect: &Expect,
) -> Vec<Near> {
    let Expect::Decision(expected, by) = expect else { return Vec::new() };
    let borrowed = Borrowed::new(request);
    let context = borrowed.context();
    let Ok(built) = borrowed.build(bundle, &context, None) else { return Vec::new() };
    let mut machine = Machine::new(bundle);
    let considered: Vec<Considered> = if bundle.statement_count() <= ASKED_MAX {
        bundle.statements().flat_map(|(id, info)| machine.consider(&built, id, info.layer)).collect()
    } else {
        explanation.considered.clone()
    };
    let is_named = |one: &Considered| {
        let Some(info) = bundle.statement(one.statement) else { return false };
        by.iter().flatten().any(|name| {
            name.policy == info.policy
                && match &name.statement {
                    SidOrIndex::Sid(sid) => info.sid == Some(sid),
                    SidOrIndex::Index(index) => info.index == *index,
                }
        })
    };
    let tell = |heading: &'static str, one: &Considered| {
        let resource = borrowed.resources().get(one.resource).filter(|_| borrowed.resources().len() > 1);
        let resource = resource.map_or(String::new(), |resource| format!("  on {resource}"));
        let statement = named(world, bundle, one.statement) + &resource;
        Near { heading, statement, element: one.failure.as_ref().map(element) }
    };
    let missed: Vec<&Considered> = considered.iter().filter(|one| is_named(one) && !one.applies).collect();
    if !missed.is_empty() {
        return missed.into_iter().map(|one| tell("because", one)).collect();
    }
    let of = |effect: Effect, layer: Option<Layer>| -> Vec<&Considered> {
        let wanted = considered.iter().filter(|one| {
            let info = bundle.statement(one.statement);
            info.is_some_and(|info| info.effect == effect && layer.is_none_or(|layer| info.layer == layer))
        });
        wanted.collect()
    };
    let wanted: Vec<Vec<&Considered>> = match (expected, explanation.decision) {
        (Some(Decision::Allow), dictum_vm::Decision::ImplicitDeny) => {
            explanation.blocking.iter().map(|&layer| of(Effect::Allow, Some(layer))).collect()
        }
        (Some(Decision::ExplicitDeny), _) | (None, dictum_vm::Decision::Allow) => vec![of(Effect::Deny, None)],
        _ => Vec::new(),
    };
    wanted.into_iter().flat_map(|statements| nearest(&statements)).map(|one| tell("nearest", one)).collect()
}

/// Of statements that do not apply those that were followed furthest; where all fail at their action, only if they are few.
fn nearest<'c>(considered: &[&'c Considered]) -> Vec<&'c Considered> {
    let failing = || considered.iter().copied().filter(|one| one.failure.is_some());
    let reached = |one: &Considered| one.failure.as_ref().map_or(0, |failure| depth(&failure.element));
    let deepest = failing().map(reached).max().unwrap_or(0);
    let is_telling = deepest > ACTION || failing().count() <= NEAR_MAX;
    failing().filter(|one| is_telling && reached(one) == deepest).take(NEAR_MAX).collect()
}

/// The depth of what fails at its action.
const ACTION: u32 = 1;

/// How far a statement was followed before it failed; elements are asked in this order.
fn depth(element: &Element) -> u32 {
    match element {
        Element::Never => 0,
        Element::Action { .. } => ACTION,
        Element::Principal { .. } => 2,
        Element::Resource { .. } => 3,
        Element::Condition { .. } => 4,
    }
}

/// The element that did not fit, with both sides.
fn element(failure: &Failure) -> String {
    let (what, negated) = match &failure.element {
        Element::Never => return "it can apply to no request".to_owned(),
        Element::Principal { negated } => ("principal".to_owned(), *negated),
        Element::Action { negated } => ("action".to_owned(), *negated),
        Element::Resource { negated } => ("resource".to_owned(), *negated),
        Element::Condition { operator, key } => (format!("condition {operator} {key}"), false),
    };
    let except = if negated { "none of " } else { "" };
    let got = failure.got.as_ref().map_or("nothing: the key is absent".to_owned(), |got| values(got));
    format!("{what}: the policy has {except}{}, the request has {got}", values(&failure.expected))
}

fn values(values: &[String]) -> String {
    let shown: Vec<String> = values.iter().take(VALUES_MAX).map(|value| format!("{value:?}")).collect();
    match values.len().saturating_sub(VALUES_MAX) {
        0 if values.len() == 1 => shown.concat(),
        0 => format!("[{}]", shown.join(", ")),
        more => format!("[{}, and {more} more]", shown.join(", ")),
    }
}
