//! The stages in order, on one page; the only file that calls them all.

use bumpalo::Bump;
use dictum_vm::Layer;
use dictum_vm::bundle::members;
use dictum_vm::verify::LEVELS_MAX;

use crate::cache::{Cache, NoCache};
use crate::codegen::{self, Report};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::directory;
use crate::directory::check::check;
use crate::directory::layout::Layout;
use crate::directory::memo::Memo;
use crate::directory::model::Directory;
use crate::directory::vendor::add_full_access;
use crate::ir::{self, Program};
use crate::opt;
pub use crate::options::Options;
use crate::organization::{self, Effort};
use crate::policy::Policy;
use crate::read::Reader;
use crate::resolve::resolve_tree;
use crate::source::{Document, SourceId, Sources, Span};

/// A bundle and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The bytes that [`dictum_vm::Bundle::from_bytes`] reads. Equal sources give equal bytes.
    pub bundle: Vec<u8>,
    /// Lints: they never change a decision.
    pub warnings: Diagnostics,
    /// What it came to be, in numbers.
    pub report: Report,
    /// What of an organization had to be done anew.
    pub effort: Effort,
}

/// Compiles all policies of the sources into one bundle, in which they are in force together.
///
/// Reads nothing but the sources, and no clock. Time grows with the policies' bytes, never with what their wildcards
/// could match (matching.md 7).
///
/// # Errors
/// Every error of every document, in document order, and the warnings among them.
pub fn compile(sources: &Sources, options: &Options) -> Result<Compiled, Diagnostics> {
    let (program, warnings) = lower(sources)?;
    let Some((bundle, report)) = generate(program, options) else {
        let span = sources.documents().next().map_or(Span::default(), |document| span_of(document).start());
        let message = "the policies make a bundle of more than 4 GiB";
        return Err(Diagnostics(vec![Diagnostic::new(Code::E_LIMIT, span, "LIM-1", message)]));
    };
    Ok(Compiled { bundle, warnings, report, effort: Effort::default() })
}

/// Compiles policies that are resolved already, one for each document of the sources, in their order. So a policy that is
/// tried in many forms costs the others nothing but lowering. `None` where the bundle would be of more than 4 GiB.
pub fn compile_resolved(sources: &Sources, policies: &[&Policy], options: &Options) -> Option<Vec<u8>> {
    let mut program = empty_program(sources);
    for ((layer, document), policy) in layers(sources).zip(policies) {
        ir::lower(policy, layer, &sources.file(document.source).name, &mut program);
    }
    generate(program, options).map(|(bundle, _)| bundle)
}

/// Compiles an organization: its entities with all their policies (semantics.md 11). The vendor's full-access guardrails are
/// added where they are missing.
///
/// # Errors
/// Every error of the entities, or where there is none every error of their policies, with the warnings.
pub fn compile_directory(
    sources: &mut Sources,
    directory: &mut Directory,
    options: &Options,
) -> Result<Compiled, Diagnostics> {
    let (layout, found) = lay_out(sources, directory);
    match layout {
        Some(layout) => link(sources, layout, found, &mut NoCache, options),
        None => Err(Diagnostics(found)),
    }
}

/// Compiles an organization from its sources, of which `collections` are collections of the vendor's policies
/// ([`read`](directory::read::read)). What the cache holds of an earlier compilation is not done again: documents that say
/// what they said, units of policies that do, and all entities as long as no file of theirs has changed. The bundle is the
/// same, byte by byte, whatever the cache holds.
///
/// # Errors
/// Every error of the entities, or where there is none every error of their policies, with the warnings.
pub fn compile_organization(
    sources: &mut Sources,
    collections: &[SourceId],
    cache: &mut dyn Cache,
    options: &Options,
) -> Result<Compiled, Diagnostics> {
    let memo = Memo::of(sources, collections, cache);
    if let Some((layout, found)) = memo.find(sources, cache) {
        return link(sources, layout, found, cache, options);
    }
    let (mut directory, mut found) = directory::read::read(sources, collections);
    if found.iter().any(Diagnostic::is_error) {
        return Err(Diagnostics(found));
    }
    let (layout, of_entities) = lay_out(sources, &mut directory);
    found.extend(of_entities);
    let Some(layout) = layout else { return Err(Diagnostics(found)) };
    memo.keep(sources, &layout, &found, cache);
    link(sources, layout, found, cache, options)
}

/// The rows of the entities, if they fit together.
fn lay_out(sources: &mut Sources, directory: &mut Directory) -> (Option<Layout>, Vec<Diagnostic>) {
    add_full_access(sources, directory);
    let (links, found) = check(directory);
    let is_good = !found.iter().any(Diagnostic::is_error);
    (is_good.then(|| Layout::of(sources, directory, &links)), found)
}

fn link(
    sources: &Sources,
    layout: Layout,
    mut found: Vec<Diagnostic>,
    cache: &mut dyn Cache,
    options: &Options,
) -> Result<Compiled, Diagnostics> {
    let (image, of_policies, effort) = organization::lower(sources, layout, cache, options);
    found.extend(of_policies);
    let Some(image) = image else { return Err(Diagnostics(found)) };
    options.progress.tell("writing the bundle", 0, 1);
    let Some((bundle, report)) = image.write(cache) else {
        let message = "the policies make a bundle of more than 4 GiB";
        return Err(Diagnostics(vec![Diagnostic::new(Code::E_LIMIT, Span::default(), "LIM-1", message)]));
    };
    Ok(Compiled { bundle, warnings: Diagnostics(found), report, effort })
}

pub(crate) fn generate(program: Program, options: &Options) -> Option<(Vec<u8>, Report)> {
    codegen::generate(&mut optimize(program, options))
}

/// Nothing but what the members of the sources are.
fn empty_program(sources: &Sources) -> Program {
    let levels = |levels: &Option<Vec<Vec<Document>>>| levels.as_ref().map_or(0, Vec::len) as u32;
    let (scp_levels, rcp_levels) = (levels(&sources.scp), levels(&sources.rcp));
    Program { members: members_of(sources), scp_levels, rcp_levels, ..Program::default() }
}

/// Resolves every document and lowers all of them into one program.
///
/// # Errors
/// As [`compile`].
pub fn lower(sources: &Sources) -> Result<(Program, Diagnostics), Diagnostics> {
    let mut program = empty_program(sources);
    let mut found = Vec::new();
    let mut has_errors = false;
    for (name, levels) in [("scp", program.scp_levels), ("rcp", program.rcp_levels)] {
        if levels > LEVELS_MAX {
            let message = format!("`{name}` has {levels} levels, more than {LEVELS_MAX}");
            found.push(Diagnostic::new(Code::E_LIMIT, Span::default(), "LIM-1", message));
            has_errors = true;
        }
    }
    let shared = Bump::new();
    let mut reader = Reader::new(sources, &shared);
    for (layer, document) in layers(sources) {
        let arena = Bump::new();
        let (tree, diagnostics) = reader.read(document, &arena);
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, sources, document);
        found.extend(diagnostics);
        match policy {
            Some(policy) if !has_errors => {
                let file = &sources.file(document.source).name;
                ir::lower(&policy, layer, file, &mut program);
            }
            Some(_) => {}
            None => has_errors = true,
        }
    }
    if has_errors { Err(Diagnostics(found)) } else { Ok((program, Diagnostics(found))) }
}

/// Runs the passes.
pub fn optimize(mut program: Program, options: &Options) -> Program {
    opt::run(&mut program, options.passes);
    program
}

fn span_of(document: &Document) -> Span {
    Span { source: document.source, start: document.range.start, end: document.range.end }
}

/// Every document with its layer, in the order of the layers' gates.
fn layers(sources: &Sources) -> impl Iterator<Item = (Layer, &Document)> {
    let plain = [
        (Layer::Identity, &sources.identity),
        (Layer::Resource, &sources.resource),
        (Layer::Boundary, &sources.boundary),
        (Layer::Session, &sources.session),
    ];
    let plain =
        plain.into_iter().flat_map(|(layer, documents)| documents.iter().flatten().map(move |item| (layer, item)));
    let scp = (0..)
        .zip(sources.scp.iter().flatten())
        .flat_map(|(i, level)| level.iter().map(move |item| (Layer::Scp(i), item)));
    let rcp = (0..)
        .zip(sources.rcp.iter().flatten())
        .flat_map(|(i, level)| level.iter().map(move |item| (Layer::Rcp(i), item)));
    plain.chain(scp).chain(rcp)
}

fn members_of(sources: &Sources) -> u32 {
    let has_identity = sources.identity.as_ref().is_some_and(|documents| !documents.is_empty());
    [
        (has_identity, members::IDENTITY),
        (sources.resource.is_some(), members::RESOURCE),
        (sources.boundary.is_some(), members::BOUNDARY),
        (sources.session.is_some(), members::SESSION),
        (sources.scp.is_some(), members::SCP),
        (sources.rcp.is_some(), members::RCP),
    ]
    .into_iter()
    .fold(0, |bits, (is_there, bit)| bits | if is_there { bit } else { 0 })
}
