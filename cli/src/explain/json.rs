//! An explanation for programs. Its members are those of `docs/explain.schema.json`, and a test holds them together.

use dictum_corpus::answer::{Named, SidOrIndex};
use dictum_corpus::request::CaseRequest;
use dictum_vm::{Considered, Element, Layer, MatchKind};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::output;
use crate::picture::Picture;

#[derive(Serialize)]
struct Explanation<'p> {
    decision: &'static str,
    by: Vec<Box<RawValue>>,
    supporting: Vec<Box<RawValue>>,
    blocking: Vec<String>,
    statements: Vec<Statement<'p>>,
    ruled_out: usize,
    missing_keys: &'p [String],
}

#[derive(Serialize)]
struct Statement<'p> {
    policy: String,
    #[serde(rename = "in")]
    layer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<u32>,
    effect: &'static str,
    file: &'p str,
    line: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doc: Vec<&'p str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<Metadata<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'p str>,
    applies: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<Failed<'p>>,
}

#[derive(Serialize)]
struct Metadata<'p> {
    name: &'p str,
    values: Vec<&'p str>,
}

#[derive(Serialize)]
struct Failed<'p> {
    element: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    negated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'p str>,
    expected: &'p [String],
    got: Option<&'p [String]>,
}

/// The picture as one line of JSON, without line end.
pub fn render(picture: &Picture<'_>, request: &CaseRequest) -> String {
    output::json(&Explanation {
        decision: picture.decision.name(),
        by: raw(&picture.list(&picture.by)),
        supporting: raw(&picture.list(&picture.supporting)),
        blocking: picture.blocking.iter().map(Layer::to_string).collect(),
        statements: picture.statements.iter().map(|considered| statement(picture, considered, request)).collect(),
        ruled_out: picture.ruled_out,
        missing_keys: &picture.missing_keys,
    })
}

fn raw(names: &[Named]) -> Vec<Box<RawValue>> {
    names.iter().filter_map(|name| RawValue::from_string(name.to_string()).ok()).collect()
}

fn statement<'p>(picture: &'p Picture<'_>, considered: &'p Considered, request: &'p CaseRequest) -> Statement<'p> {
    let info = picture.info(considered.statement);
    let notes = picture.notes(considered.statement);
    let name = picture.name(considered.statement);
    let (sid, index) = match name.statement {
        SidOrIndex::Sid(sid) => (Some(sid), None),
        SidOrIndex::Index(index) => (None, Some(index)),
    };
    let kind = (considered.applies && considered.layer == Layer::Resource).then_some(match considered.kind {
        MatchKind::None => "none",
        MatchKind::Account => "account",
        MatchKind::Role => "role",
        MatchKind::Direct => "direct",
    });
    Statement {
        policy: name.policy,
        layer: considered.layer.to_string(),
        sid,
        statement: index,
        effect: info.effect.name(),
        file: info.file,
        line: info.line,
        doc: notes.doc().collect(),
        metadata: notes.metadata().map(|(name, values)| Metadata { name, values: values.collect() }).collect(),
        resource: (request.resources.len() > 1).then(|| request.resources[considered.resource].as_str()),
        applies: considered.applies,
        kind,
        failed: considered.failure.as_ref().map(|failure| {
            let (element, negated, operator, key) = match &failure.element {
                Element::Never => ("never", None, None, None),
                Element::Principal { negated } => ("principal", Some(*negated), None, None),
                Element::Action { negated } => ("action", Some(*negated), None, None),
                Element::Resource { negated } => ("resource", Some(*negated), None, None),
                Element::Condition { operator, key } => {
                    ("condition", None, Some(operator.to_string()), Some(key.as_str()))
                }
            };
            Failed { element, negated, operator, key, expected: &failure.expected, got: failure.got.as_deref() }
        }),
    }
}
