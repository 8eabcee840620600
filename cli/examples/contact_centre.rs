//! A contact centre, end to end: the policies of a set are compiled, the bundle is loaded, and requests are decided.
//!
//! Each request is told in two lines: who asks for what, then the decision and the statements that made it. Where nothing
//! allows, the layers follow whose Allow is missing, each with what failed in the statements that came nearest.

use std::fmt::Write as _;
use std::path::Path;

use dictum_compiler::{Options, compile};
use dictum_corpus::machine::Borrowed;
use dictum_corpus::{questions, request, set};
use dictum_vm::{Bundle, Considered, Decision, Effect, Element, Failure, Layer, Machine, Request, StatementId};

/// The policies: the value of `policies` of a decision case.
const SET: &str = "corpus/policies/connect/set.json";
/// The requests, one a line.
const REQUESTS: &str = "corpus/policies/connect/requests.jsonl";
/// Most values of a list that are printed.
const VALUES_MAX: usize = 2;

type Failing = Box<dyn std::error::Error>;

fn main() -> Result<(), Failing> {
    print!("{}", report()?);
    Ok(())
}

/// What the example prints.
pub fn report() -> Result<String, Failing> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = set::set(SET, std::fs::read(root.join(SET))?, None).map_err(|_| format!("{SET} is no set"))?;
    let compiled = compile(&sources, &Options::default()).map_err(|errors| errors.render(&sources))?;
    let bundle = Bundle::from_bytes(compiled.bundle)?; // verifies: the last step that bad bytes can stop
    let mut machine = Machine::new(&bundle); // one a thread: it owns the scratch memory
    let mut out = format!("{SET}: {} statements\n", bundle.statement_count());

    let requests = std::fs::read(root.join(REQUESTS))?;
    for question in questions::lines(requests.as_slice()) {
        let question = question?;
        let parsed = request::parse(&question.request)?;
        let parts = Borrowed::new(&parsed);
        let (resources, context) = (texts(&parsed.resources), parts.context());
        let builder = bundle.request().principal(parts.principal()).action(&parsed.action);
        let request = builder.resources(&resources).context(&context).build()?; // refuses what is wrong with a request
        let decision = machine.decide(&request); // neither fails nor allocates
        let who = match &parsed.principal {
            request::Principal::Arn(arn) => short(arn).to_owned(),
            other => format!("{other:?}"),
        };
        let on: Vec<&str> = resources.iter().map(|resource| short(resource)).collect();
        writeln!(out, "\n{:<24}{who} -> {} on {}", question.id, parsed.action, on.join(", "))?;
        out += &why(&bundle, &mut machine, &request, decision)?;
    }
    Ok(out)
}

/// The decision and its reasons.
fn why(
    bundle: &Bundle<Vec<u8>>,
    machine: &mut Machine<'_>,
    request: &Request<'_>,
    decision: Decision,
) -> Result<String, Failing> {
    let explanation = machine.explain(request); // the same walk, written down
    let by: Vec<String> = explanation.by.iter().map(|&id| name(bundle, id)).collect();
    let layers: Vec<String> = explanation.blocking.iter().map(Layer::to_string).collect();
    let reason = match decision {
        Decision::ImplicitDeny => format!("no Allow from {}", layers.join(", ")),
        Decision::Allow | Decision::ExplicitDeny => format!("by {}", by.join(", ")),
    };
    let mut out = format!("  {:<22}{reason}\n", decision.name());
    for &layer in &explanation.blocking {
        for line in nearest(bundle, machine, request, layer) {
            writeln!(out, "{:<24}{layer}: {line}", "")?;
        }
    }
    if !decision.is_allowed() && !explanation.missing_keys.is_empty() {
        writeln!(out, "{:<24}absent: {}", "", explanation.missing_keys.join(", "))?;
    }
    Ok(out)
}

/// For each resource to which no Allow of a layer applies: the Allows that came nearest, and what failed in them.
fn nearest(bundle: &Bundle<Vec<u8>>, machine: &mut Machine<'_>, request: &Request<'_>, layer: Layer) -> Vec<String> {
    let allows = bundle.statements().filter(|(_, info)| info.layer == layer && info.effect == Effect::Allow);
    let considered: Vec<Considered> = allows.flat_map(|(id, info)| machine.consider(request, id, info.layer)).collect();
    let mut lines = Vec::new();
    for resource in 0..considered.iter().map(|item| item.resource + 1).max().unwrap_or(0) {
        let here: Vec<&Considered> = considered.iter().filter(|item| item.resource == resource).collect();
        if here.iter().any(|item| item.applies) {
            continue;
        }
        let reached = |item: &&&Considered| item.failure.as_ref().map_or(0, |failure| depth(&failure.element));
        let deepest = here.iter().map(|item| reached(&item)).max().unwrap_or(0);
        if deepest <= ACTION {
            lines.push("no statement for the action".to_owned());
            continue;
        }
        for item in here.iter().filter(|item| reached(item) == deepest) {
            let Some(failure) = &item.failure else { continue };
            let line = format!("{} {}", name(bundle, item.statement), told(failure));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
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

fn told(failure: &Failure) -> String {
    let element = match &failure.element {
        Element::Never => "can never apply".to_owned(),
        Element::Action { .. } => "Action".to_owned(),
        Element::Principal { .. } => "Principal".to_owned(),
        Element::Resource { .. } => "Resource".to_owned(),
        Element::Condition { operator, key } => format!("{operator} {key}"),
    };
    let got = failure.got.as_ref().map_or("nothing".to_owned(), |values| listed(values, " and "));
    format!("{element}: expected {}, got {got}", listed(&failure.expected, " or "))
}

fn listed(values: &[String], between: &str) -> String {
    let shown: Vec<&str> = values.iter().take(VALUES_MAX).map(|value| short(value)).collect();
    let rest = values.len().saturating_sub(VALUES_MAX);
    shown.join(between) + &if rest > 0 { format!(" and {rest} more") } else { String::new() }
}

/// Policy, Sid or index, and place of a statement.
fn name(bundle: &Bundle<Vec<u8>>, id: StatementId) -> String {
    let Some(info) = bundle.statement(id) else { return "?".to_owned() };
    let statement = info.sid.map_or(info.index.to_string(), str::to_owned);
    let file = info.file.rsplit('/').next().unwrap_or(info.file);
    format!("{}/{statement} ({file}:{})", info.policy, info.line)
}

/// What is behind the fifth colon of an ARN; other texts as they are.
fn short(text: &str) -> &str {
    match text.starts_with("arn:") {
        true => text.splitn(6, ':').last().unwrap_or(text),
        false => text,
    }
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
