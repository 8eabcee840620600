//! From sources to findings: every document is resolved, and every check of the table looks at what resolved.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bumpalo::Bump;
use dictum_catalogue::Catalogue;
use dictum_compiler::diagnostic::{Diagnostic, Severity};
use dictum_compiler::policy::Policy;
use dictum_compiler::read::Reader;
use dictum_compiler::resolve_tree;
use dictum_compiler::size::size_lints_of;
use dictum_compiler::source::{Document, SourceId, Sources, Span};
use dictum_compiler::syntax::ast;

use crate::check::{Check, Found, Group, Run};
use crate::checks;
use crate::subject::Subject;
use crate::suppress;

/// How to look.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Milliseconds since 1970; without it nothing is said about dates that are past.
    pub now: Option<i64>,
    /// What there is to know of services; without it the shipped catalogue.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Groups that are not as they are by default: all on but the pedantic one.
    pub groups: BTreeMap<Group, bool>,
    /// Checks that have another level than their own, or are off.
    pub levels: BTreeMap<String, Option<Severity>>,
}

impl Options {
    /// Every check is carried out.
    pub fn everything() -> Options {
        Options { groups: BTreeMap::from([(Group::Pedantic, true)]), ..Options::default() }
    }

    /// The level of a check's findings; `None` where it is off.
    pub fn level(&self, check: &Check) -> Option<Severity> {
        let is_on = self.groups.get(&check.group).copied().unwrap_or(check.group != Group::Pedantic);
        let usual = is_on.then_some(check.code.severity());
        self.levels.get(check.code.name()).copied().unwrap_or(usual)
    }
}

/// A diagnostic with the statement that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What there is to say.
    pub diagnostic: Diagnostic,
    /// The innermost statement around it, if it is about one.
    pub statement: Option<StatementName>,
}

/// What a statement is known by, in a suppression and in a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatementName {
    /// The name of its policy.
    pub policy: String,
    /// Its Sid, if it has one.
    pub sid: Option<String>,
    /// Its place in the policy, from 0.
    pub index: usize,
}

/// A document that was read.
struct Resolved<'a> {
    document: &'a Document,
    tree: Option<&'a ast::Policy<'a>>,
    policy: Option<Policy>,
}

/// Everything there is to say about the documents: errors, and the findings of every check but those switched off. In the
/// order of the files, in a file by place.
///
/// A document that is too large for the checks gets a finding that says so, and what the compiler remarks.
/// A document with errors gets these, and what the compiler remarks beside them; the other checks wait until it is mended.
/// Reads nothing but the sources, and no clock. O(n log n) in the bytes of the sources, comparisons of statements apart,
/// which are bounded.
pub fn lint(sources: &Sources, options: &Options) -> Vec<Finding> {
    let arena = Bump::new();
    let mut diagnostics = Vec::new();
    let catalogue = options.catalogue.as_deref().unwrap_or_else(|| Catalogue::builtin());
    let resolved = resolve(sources, &arena, &mut diagnostics);
    let subjects: Vec<Subject<'_>> =
        resolved.iter().filter_map(|resolved| subject(sources, resolved, catalogue)).collect();
    for check in checks::all().filter(|check| options.level(check).is_some()) {
        let mut found = Found { now: options.now, check, policy: None, out: &mut diagnostics };
        match check.run {
            Run::Compiler | Run::Suppression | Run::Baseline => {}
            Run::Statement(run) => {
                for subject in &subjects {
                    found.policy = Some(subject.document.name.clone());
                    subject.statements.iter().for_each(|statement| run(statement, &mut found));
                }
            }
            Run::Policy(run) => {
                for subject in &subjects {
                    found.policy = Some(subject.document.name.clone());
                    run(subject, &mut found);
                }
            }
            Run::All(run) => run(&subjects, &mut found),
        }
    }
    tell_excess(&resolved, &mut diagnostics);
    unname(sources, &mut diagnostics);
    grade(&mut diagnostics, options);
    suppress::apply(sources, &mut diagnostics);
    diagnostics.sort_by(|one, other| order(one).cmp(&order(other)));
    diagnostics.dedup();
    name(diagnostics, &resolved)
}

/// What is found in a file without policies, such as an import, is nobody's in particular: whoever imports it, it is the
/// same finding.
fn unname(sources: &Sources, diagnostics: &mut [Diagnostic]) {
    let homes: HashSet<SourceId> = sources.documents().map(|document| document.source).collect();
    diagnostics.iter_mut().filter(|it| !homes.contains(&it.span.source)).for_each(|it| it.policy = None);
}

/// Gives each finding the level that is asked for, and leaves out what is off.
fn grade(diagnostics: &mut Vec<Diagnostic>, options: &Options) {
    diagnostics.retain_mut(|diagnostic| {
        let Some(check) = checks::of(diagnostic.code.name()) else { return true };
        // One check may have findings that are graver than others.
        let is_usual = !options.levels.contains_key(check.code.name());
        match options.level(check) {
            Some(_) if is_usual => true,
            Some(level) => {
                diagnostic.severity = level;
                true
            }
            None => false,
        }
    });
}

/// Most entries of Action and NotAction in one policy that are looked up in the catalogue.
const ACTIONS_MAX: usize = 20_000;
/// Most statements of one policy that are checked.
const STATEMENTS_MAX: usize = 20_000;
/// Most conditions, and most principals, of one statement.
const PARTS_MAX: usize = 1_000;

/// What of a policy is more than the checks are made for: they compare parts with each other, and look up what a wildcard
/// takes in.
fn excess(policy: &Policy) -> Option<String> {
    let statements = &policy.statements;
    let actions: usize = statements.iter().map(|statement| statement.actions.patterns.len()).sum();
    let conditions = statements.iter().map(|statement| statement.conditions.len()).max().unwrap_or(0);
    let principals =
        statements.iter().filter_map(|statement| statement.principals.as_ref()).map(|all| all.entries.len());
    let principals = principals.max().unwrap_or(0);
    let counts = [
        (statements.len(), STATEMENTS_MAX, "statements"),
        (actions, ACTIONS_MAX, "actions"),
        (conditions, PARTS_MAX, "conditions in a statement"),
        (principals, PARTS_MAX, "principals in a statement"),
    ];
    let (count, most, what) = counts.into_iter().find(|(count, most, _)| count > most)?;
    Some(format!("{count} {what}, of which at most {most} are checked"))
}

/// Says which policies are too large for the checks.
fn tell_excess(resolved: &[Resolved<'_>], found: &mut Vec<Diagnostic>) {
    for Resolved { document, policy, .. } in resolved {
        let Some(excess) = policy.as_ref().and_then(excess) else { continue };
        let span = Span { source: document.source, start: document.range.start, end: document.range.start };
        let diagnostic = Diagnostic::new(checks::UNCHECKED, span, "dictum lint", format!("the policy has {excess}"));
        let policy = Some(document.name.clone());
        found.push(Diagnostic { policy, ..diagnostic }.help("make several policies of it"));
    }
}

/// By place; of what stands at one place the gravest first.
fn order(diagnostic: &Diagnostic) -> impl Ord + '_ {
    let severity = std::cmp::Reverse::<Severity>(diagnostic.severity);
    (diagnostic.span, severity, diagnostic.code.name(), &diagnostic.policy, &diagnostic.message)
}

fn resolve<'a>(sources: &'a Sources, arena: &'a Bump, found: &mut Vec<Diagnostic>) -> Vec<Resolved<'a>> {
    let mut reader = Reader::new(sources, arena);
    let mut all = Vec::new();
    for document in sources.documents() {
        let (tree, diagnostics) = reader.read(document, arena);
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, sources, document);
        found.extend(diagnostics);
        found.extend(size_lints_of(sources, document, tree.as_ref()));
        all.push(Resolved { document, tree: tree.map(|tree| &*arena.alloc(tree)), policy });
    }
    all
}

fn subject<'a>(sources: &'a Sources, resolved: &'a Resolved<'a>, catalogue: &'a Catalogue) -> Option<Subject<'a>> {
    let policy = resolved.policy.as_ref().filter(|policy| excess(policy).is_none())?;
    Some(Subject::new(sources, resolved.document, resolved.tree?, policy, catalogue))
}

/// The diagnostics, each with its statement.
fn name(diagnostics: Vec<Diagnostic>, resolved: &[Resolved<'_>]) -> Vec<Finding> {
    let mut spans: Vec<(Span, StatementName)> = Vec::new();
    for Resolved { document, tree, .. } in resolved {
        let statements = tree.and_then(|tree| tree.statements?.value).unwrap_or_default();
        for (index, statement) in statements.iter().enumerate() {
            let sid = statement.sid.and_then(|given| given.value).map(|sid| sid.text.to_owned());
            let sid = sid.filter(|sid| !sid.is_empty());
            spans.push((statement.span, StatementName { policy: document.name.clone(), sid, index }));
        }
    }
    spans.sort();
    spans.dedup();
    let statement = |span: Span| {
        let before = spans.partition_point(|(other, _)| (other.source, other.start) <= (span.source, span.start));
        let (around, name) = spans[..before].last()?;
        (around.source == span.source && span.start < around.end).then(|| name.clone())
    };
    diagnostics.into_iter().map(|diagnostic| Finding { statement: statement(diagnostic.span), diagnostic }).collect()
}
