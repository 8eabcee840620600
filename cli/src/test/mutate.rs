//! Policies with one thing changed, and whether a test notices.
//!
//! A mutant is made in the tree of its policy and resolved; the other policies in force are resolved once. Tests that fail
//! as it is say nothing, and are left out.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt::Write;

use bumpalo::Bump;
use dictum_compiler::mutate::{Mutation, mutations};
use dictum_compiler::pipeline::compile_resolved;
use dictum_compiler::policy::Policy;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, PolicyType};
use dictum_compiler::{Options, resolve_document, resolve_tree};
use dictum_corpus::answer::{Answer, StatementId};
use dictum_corpus::machine;

use super::judge::labels;
use super::world::{Group, Place, PolicyKey};
use crate::exit::counted;

/// What came of all mutants.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Mutants that there are.
    pub found: usize,
    /// Those that were tried.
    pub tried: usize,
    pub killed: usize,
    /// Those that are no policies.
    pub broken: usize,
    /// Those that compile to the same.
    pub same: usize,
    /// Those that no test notices, in order.
    pub alive: Vec<Survivor>,
}

/// A mutant that no test notices.
#[derive(Debug)]
pub struct Survivor {
    pub place: Place,
    pub statement: String,
    pub what: String,
}

/// Where a policy is in force.
#[derive(Clone, Copy)]
struct Use {
    group: usize,
    policy: usize,
}

/// A group, resolved when first needed.
struct Base<'g> {
    group: &'g Group,
    resolved: OnceCell<(Vec<Policy>, Vec<u8>)>,
}

/// Tries the mutants of every policy that is in force in these groups, at most so many of them: then evenly chosen.
pub fn run(groups: &[Group], tries_max: usize) -> Outcome {
    let bases: Vec<Base<'_>> = groups.iter().map(|group| Base { group, resolved: OnceCell::new() }).collect();
    let mut uses: HashMap<&PolicyKey, Vec<Use>> = HashMap::new();
    let mut order: Vec<&PolicyKey> = Vec::new();
    for (at, group) in groups.iter().enumerate().filter(|(_, group)| group.world.compiled.is_ok()) {
        for (policy, origin) in group.world.origins.iter().enumerate() {
            let known = uses.entry(&origin.key).or_insert_with(|| {
                order.push(&origin.key);
                Vec::new()
            });
            known.push(Use { group: at, policy });
        }
    }
    let found: Vec<(&[Use], Vec<Mutation>)> = order
        .iter()
        .map(|key| {
            let uses = uses[key].as_slice();
            (uses, mutations_of(groups, uses[0]))
        })
        .collect();
    let count: usize = found.iter().map(|(_, mutations)| mutations.len()).sum();
    let mut outcome = Outcome { found: count, ..Outcome::default() };
    let mut number = 0;
    for (uses, mutations) in &found {
        let chosen = mutations.iter().filter(|_| {
            number += 1;
            // Of `count` every one, or `tries_max` at equal distances.
            count <= tries_max || number * tries_max / count > (number - 1) * tries_max / count
        });
        let chosen: Vec<&Mutation> = chosen.collect();
        policy(&bases, uses, &chosen, &mut outcome);
    }
    outcome
}

fn document(group: &Group, policy: usize) -> Option<&Document> {
    group.world.documents().nth(policy)
}

fn mutations_of(groups: &[Group], first: Use) -> Vec<Mutation> {
    let arena = Bump::new();
    let group = &groups[first.group];
    let Some(document) = document(group, first.policy) else { return Vec::new() };
    let (tree, _) = Reader::new(&group.world.sources, &arena).read(document, &arena);
    tree.map_or_else(Vec::new, |tree| mutations(&tree))
}

/// The mutants of one policy.
fn policy(bases: &[Base<'_>], uses: &[Use], chosen: &[&Mutation], outcome: &mut Outcome) {
    let first = uses[0];
    let group = bases[first.group].group;
    let Some(own) = document(group, first.policy) else { return };
    let arena = Bump::new();
    let (Some(tree), _) = Reader::new(&group.world.sources, &arena).read(own, &arena) else { return };
    for mutation in chosen {
        let arena = Bump::new();
        let mutant = mutation.apply(&tree, &arena);
        let mut by_type: HashMap<PolicyType, Option<Policy>> = HashMap::new();
        let mut fate = Fate::Broken;
        for one in uses {
            let Some(policy_type) = document(bases[one.group].group, one.policy).map(|it| it.policy_type) else {
                continue;
            };
            let resolved = by_type.entry(policy_type).or_insert_with(|| {
                let document = Document { policy_type, ..own.clone() };
                resolve_tree(Some(&mutant), Vec::new(), &group.world.sources, &document).0
            });
            let Some(resolved) = resolved else { continue };
            fate = fate.max(bases[one.group].fate(one.policy, resolved, mutation.dropped()));
            if fate == Fate::Killed {
                break;
            }
        }
        outcome.tried += 1;
        match fate {
            Fate::Broken => outcome.broken += 1,
            Fate::Same => outcome.same += 1,
            Fate::Killed => outcome.killed += 1,
            Fate::Alive => outcome.alive.push(Survivor {
                place: group.world.place(first.policy, mutation.span),
                statement: statement_name(group, first.policy, mutation.statement),
                what: mutation.what.clone(),
            }),
        }
    }
}

fn statement_name(group: &Group, policy: usize, statement: usize) -> String {
    let Some(label) = labels(&group.world).get(policy) else { return format!("#{statement}") };
    match label.sids.get(statement) {
        Some(Some(sid)) => format!("{}@{sid}", label.name),
        _ => format!("{}#{statement}", label.name),
    }
}

/// What becomes of a mutant; from the least telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Broken,
    Same,
    Alive,
    Killed,
}

impl Base<'_> {
    /// The group's policies as they are, and their bundle.
    fn resolved(&self) -> &(Vec<Policy>, Vec<u8>) {
        self.resolved.get_or_init(|| {
            let sources = &self.group.world.sources;
            let policies = sources.documents().filter_map(|document| resolve_document(sources, document).0);
            let policies: Vec<Policy> = policies.collect();
            let bundle = compile_resolved(sources, &policies.iter().collect::<Vec<_>>(), &Options::default());
            (policies, bundle.unwrap_or_default())
        })
    }

    /// What the tests of this group say of a mutant of one of its policies, which may lack a statement.
    fn fate(&self, policy: usize, mutant: &Policy, dropped: Option<usize>) -> Fate {
        let (policies, original) = self.resolved();
        let mut changed: Vec<&Policy> = policies.iter().collect();
        changed[policy] = mutant;
        let sources = &self.group.world.sources;
        let Some(bundle) = compile_resolved(sources, &changed, &Options::default()) else { return Fate::Broken };
        if bundle == *original {
            return Fate::Same;
        }
        let bundle = machine::load(bundle);
        let mut labels = machine::labels(&bundle);
        if let Some(dropped) = dropped {
            labels[policy].sids.insert(dropped, None);
        }
        let notices = self.group.trials.iter().any(|trial| {
            let (mut answer, _) = machine::answer(&bundle, &trial.request);
            if let (Some(dropped), Answer::Decision(_, by)) = (dropped, &mut answer) {
                renumber(by, policy, dropped);
            }
            trial.expect.check(&answer, &labels).is_err()
        });
        if notices { Fate::Killed } else { Fate::Alive }
    }
}

/// Gives the statements of a policy that lacks one the numbers that they have in the policy as it is: tests name them by
/// these, and would else notice every statement that is dropped before.
fn renumber(by: &mut [StatementId], policy: usize, dropped: usize) {
    let behind = by.iter_mut().filter(|id| id.policy as usize == policy && id.statement as usize >= dropped);
    behind.for_each(|id| id.statement += 1);
}

impl Outcome {
    /// The report: sums, and every mutant that no test notices.
    pub fn text(&self) -> String {
        let mut out = format!("mutants   {} killed, {} not", self.killed, self.alive.len());
        let rest = [
            (self.same, "makes no difference", "make no difference"),
            (self.broken, "is no policy", "are no policies"),
        ];
        for (count, one, many) in rest.into_iter().filter(|(count, ..)| *count > 0) {
            let _ = write!(out, "; {}", counted(count as u64, one, many));
        }
        if self.tried < self.found {
            let _ = write!(out, "; {} of {} tried (--mutate-max)", self.tried, self.found);
        }
        out.push('\n');
        for survivor in &self.alive {
            let place = survivor.place.to_string();
            let _ = writeln!(out, "  {place:<32} {}: {}", survivor.statement, survivor.what);
        }
        out
    }
}
