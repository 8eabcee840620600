//! `dictum inspect`: a bundle in numbers.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use dictum_vm::bundle::members;
use dictum_vm::listing::{IndexShape, index_shape};
use dictum_vm::{Bundle, Effect, Layer};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::input;
use crate::output::{Out, ResultFormat, json};

const HELP: &str = "\
Counts of policies and statements by layer; which way the statements go through the index: how many are kept at its root
and so looked at for every request, how many branches ask for which dimension; and every section with its size in bytes.

Exit codes: 0 shown; 2 not a bundle.

Examples:
  dictum inspect set.dctb
  dictum inspect --format json set.dctb";

/// Show a bundle in numbers: sections, counts, index
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Inspect {
    /// A bundle; `-` is standard input
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// How the numbers are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ResultFormat,
}

#[derive(Serialize)]
struct Shape {
    file: String,
    bytes: usize,
    version: u32,
    generation: String,
    layers: Vec<LayerShape>,
    policies: usize,
    statements: u32,
    context_keys: usize,
    index: Index,
    sections: Vec<SectionShape>,
}

/// One layer that is present.
#[derive(Serialize)]
struct LayerShape {
    layer: String,
    policies: usize,
    allows: usize,
    denies: usize,
}

/// Which way statements go through the index.
#[derive(Serialize)]
struct Index {
    nodes: usize,
    /// Kept at the root: looked at for every request.
    residual: usize,
    /// Most statements at one node.
    records_max: usize,
    /// Distinct keys of resources by which statements are filed.
    anchors: u32,
    /// Branches that ask for the action, the principal, a condition's value, and a part of the resource.
    by_action: usize,
    by_principal: usize,
    by_condition: usize,
    by_resource: usize,
}

#[derive(Serialize)]
struct SectionShape {
    name: &'static str,
    bytes: usize,
    holds: &'static str,
}

pub fn run(command: &Inspect, out: &Out) -> Result<Exit, Failure> {
    let bundle = input::bundle(&command.bundle)?;
    let shape = shape(command.bundle.display().to_string(), &bundle);
    match command.format {
        ResultFormat::Json => out.line(&json(&shape))?,
        ResultFormat::Text => out.print(&text(&shape))?,
    }
    Ok(Exit::Well)
}

fn shape(file: String, bundle: &Bundle<Vec<u8>>) -> Shape {
    let IndexShape { nodes, residual, children, records_max } = index_shape(bundle);
    let [by_action, by_principal, by_condition, by_resource] = children;
    Shape {
        file,
        bytes: bundle.bytes().len(),
        version: dictum_vm::bundle::VERSION,
        generation: format!("{:016x}", bundle.generation()),
        layers: layers(bundle),
        policies: bundle.policies().count(),
        statements: bundle.statement_count(),
        context_keys: bundle.keys().count(),
        index: Index {
            nodes,
            residual,
            records_max,
            anchors: bundle.meta().anchors,
            by_action,
            by_principal,
            by_condition,
            by_resource,
        },
        sections: bundle
            .sections()
            .map(|(section, bytes)| SectionShape { name: section.name(), bytes, holds: section.meaning().trim() })
            .collect(),
    }
}

/// The layers that have policies or, without any, are present; guardrails first, as they are evaluated.
fn layers_of(bundle: &Bundle<Vec<u8>>) -> Vec<Layer> {
    let meta = bundle.meta();
    let has_policies: HashSet<Layer> = bundle.policies().map(|(_, layer)| layer).collect();
    let levels = (0..meta.rcp_levels).map(Layer::Rcp).chain((0..meta.scp_levels).map(Layer::Scp));
    let plain = [
        (members::RESOURCE, Layer::Resource),
        (members::IDENTITY, Layer::Identity),
        (members::BOUNDARY, Layer::Boundary),
        (members::SESSION, Layer::Session),
    ];
    let plain = plain.into_iter().filter(|(bit, layer)| meta.members & bit != 0 || has_policies.contains(layer));
    levels.chain(plain.map(|(_, layer)| layer)).collect()
}

fn layers(bundle: &Bundle<Vec<u8>>) -> Vec<LayerShape> {
    let mut layers: Vec<(Layer, [usize; 3])> = layers_of(bundle).into_iter().map(|layer| (layer, [0; 3])).collect();
    let mut count = |layer: Layer, what: usize| {
        if let Some((_, counts)) = layers.iter_mut().find(|(other, _)| *other == layer) {
            counts[what] += 1;
        }
    };
    for (_, layer) in bundle.policies() {
        count(layer, 0);
    }
    for (_, statement) in bundle.statements() {
        count(statement.layer, if statement.effect == Effect::Allow { 1 } else { 2 });
    }
    let shape = |(layer, [policies, allows, denies]): (Layer, [usize; 3])| LayerShape {
        layer: layer.to_string(),
        policies,
        allows,
        denies,
    };
    layers.into_iter().map(shape).collect()
}

fn text(shape: &Shape) -> String {
    let mut out = format!("{}: {} bytes, format version {}\n", shape.file, shape.bytes, shape.version);
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").unwrap_or_default();
    line(format_args!("\nlayer       policies    allows    denies"));
    for layer in &shape.layers {
        line(format_args!("{:<10}{:>10}{:>10}{:>10}", layer.layer, layer.policies, layer.allows, layer.denies));
    }
    line(format_args!("in all    {:>10}{:>20} statements", shape.policies, shape.statements));
    let index = &shape.index;
    line(format_args!("\nindex"));
    for (count, what) in [
        (index.nodes, "nodes"),
        (index.residual, "statements at the root, looked at for every request"),
        (index.records_max, "statements at one node, at most"),
        (index.by_action, "branches by action"),
        (index.by_principal, "branches by principal"),
        (index.by_condition, "branches by the value of a condition key"),
        (index.by_resource, "branches by a part of the resource"),
        (index.anchors as usize, "parts of resources to look for"),
        (shape.context_keys, "context keys"),
    ] {
        line(format_args!("{count:>10}  {what}"));
    }
    line(format_args!("\nsection              bytes"));
    for section in &shape.sections {
        line(format_args!("{:<16}{:>10}  {}", section.name, section.bytes, section.holds));
    }
    out
}
