//! How statements stand to each other: whether one takes in all that another does, and whether they have anything in common.
//!
//! What is said here holds for every request: where it cannot be told, as with NotPrincipal or different variables, the
//! answer is the one that claims nothing.

use std::collections::{HashMap, HashSet};

use dictum_compiler::pattern::Pattern;
use dictum_compiler::policy::{self, ActionPattern, PrincipalEntry};

use crate::glob::Glob;
use crate::subject::Statement;

/// A statement prepared for comparisons.
pub struct Shape<'s> {
    /// The statement.
    pub statement: &'s Statement<'s>,
    actions: Vec<Glob>,
    /// `None` where a pattern cannot be compared, and where no resource is named.
    resources: Option<Vec<Glob>>,
    /// Every condition as a text that is equal for equal ones.
    conditions: HashSet<String>,
}

/// Most entries of one list that are compared with those of another.
const ENTRIES_MAX: usize = 32;

impl<'s> Shape<'s> {
    /// O(bytes of the statement).
    pub fn new(statement: &'s Statement<'s>) -> Shape<'s> {
        let resolved = statement.resolved;
        let glob = |pattern: &ActionPattern| Glob::free(&pattern.folded);
        let resources = resolved.resources.as_ref();
        Shape {
            statement,
            actions: resolved.actions.patterns.iter().map(glob).collect(),
            resources: resources.and_then(|all| all.patterns.iter().map(resource).collect()),
            conditions: resolved.conditions.iter().map(condition).collect(),
        }
    }

    /// What decides about the statement, as a text that is equal for equal statements; order and doubles aside.
    pub fn key(&self) -> String {
        let resolved = self.statement.resolved;
        let mut actions: Vec<&str> = resolved.actions.patterns.iter().map(|pattern| pattern.folded.as_str()).collect();
        let texts = |resources: &'s policy::Resources| resources.patterns.iter().map(|pattern| pattern.text.as_str());
        let mut resources: Vec<&str> = resolved.resources.iter().flat_map(texts).collect();
        let mut conditions: Vec<&String> = self.conditions.iter().collect();
        let all = resolved.principals.iter().flat_map(|all| &all.entries);
        let mut principals: Vec<String> = all.map(|entry| format!("{entry:?}")).collect();
        for list in [&mut actions, &mut resources] {
            list.sort_unstable();
            list.dedup();
        }
        conditions.sort_unstable();
        principals.sort_unstable();
        principals.dedup();
        let negated = (
            resolved.actions.negated,
            resolved.resources.as_ref().map(|all| all.negated),
            resolved.principals.as_ref().map(|all| all.negated),
        );
        format!("{:?} {negated:?} {actions:?} {resources:?} {principals:?} {conditions:?}", resolved.effect)
    }

    /// Whether each request that the other statement applies to is one that this one applies to; effects aside.
    pub fn covers(&self, other: &Shape<'_>) -> bool {
        self.conditions.is_subset(&other.conditions)
            && self.covers_principals(other)
            && self.covers_actions(other)
            && self.covers_resources(other)
    }

    fn covers_principals(&self, other: &Shape<'_>) -> bool {
        match (&self.statement.resolved.principals, &other.statement.resolved.principals) {
            (None, None) => true,
            (Some(ours), Some(theirs)) if !ours.negated && !theirs.negated => {
                let is_everyone = ours.entries.contains(&PrincipalEntry::Everyone);
                let is_short = ours.entries.len() <= ENTRIES_MAX;
                let are_named = || theirs.entries.iter().all(|entry| ours.entries.contains(entry));
                is_everyone || ours.entries == theirs.entries || (is_short && are_named())
            }
            (Some(ours), Some(theirs)) => ours.negated == theirs.negated && ours.entries == theirs.entries,
            _ => false,
        }
    }

    fn covers_actions(&self, other: &Shape<'_>) -> bool {
        let (ours, theirs) = (&self.statement.resolved.actions, &other.statement.resolved.actions);
        match (ours.negated, theirs.negated) {
            (false, false) => every(&other.actions, &self.actions),
            // What ours leaves out, theirs leaves out too.
            (true, true) => every(&self.actions, &other.actions),
            (true, false) => none_meet(&self.actions, &other.actions) && !other.actions.is_empty(),
            (false, true) => self.actions.iter().any(Glob::is_everything),
        }
    }

    fn covers_resources(&self, other: &Shape<'_>) -> bool {
        let (ours, theirs) = (&self.statement.resolved.resources, &other.statement.resolved.resources);
        let (Some(our_list), Some(their_list)) = (&self.resources, &other.resources) else {
            // Without the element the statement covers whatever the request names.
            return ours.is_none();
        };
        let is_negated = |resources: &Option<policy::Resources>| resources.as_ref().is_some_and(|all| all.negated);
        match (is_negated(ours), is_negated(theirs)) {
            (false, false) => every(their_list, our_list),
            (false, true) => our_list.iter().any(Glob::is_everything),
            // An entry with an unresolved variable excludes nothing or everything, by effect: equal lists only.
            (true, true) => our_list == their_list,
            (true, false) => false,
        }
    }

    /// Whether some request may be one that both apply to, as far as actions and resources tell.
    pub fn meets(&self, other: &Shape<'_>) -> bool {
        let (ours, theirs) = (self.statement.resolved, other.statement.resolved);
        let actions = match (ours.actions.negated, theirs.actions.negated) {
            (false, false) => !none_meet(&self.actions, &other.actions),
            (true, false) => !every(&other.actions, &self.actions),
            (false, true) => !every(&self.actions, &other.actions),
            (true, true) => true,
        };
        let is_negated = |statement: &policy::Statement| statement.resources.as_ref().is_some_and(|all| all.negated);
        let resources = match (&self.resources, &other.resources) {
            (Some(ours_list), Some(theirs_list)) if !is_negated(ours) && !is_negated(theirs) => {
                !none_meet(ours_list, theirs_list)
            }
            _ => true,
        };
        actions && resources
    }
}

/// Whether one of the patterns covers each entry of a list. Of long lists only equal entries are looked for.
fn every(list: &[Glob], by: &[Glob]) -> bool {
    if by.iter().any(Glob::is_everything) {
        return true;
    }
    let is_short = list.len() <= ENTRIES_MAX && by.len() <= ENTRIES_MAX;
    if !is_short {
        let all: HashSet<&Glob> = by.iter().collect();
        return list.iter().all(|entry| all.contains(entry));
    }
    list.iter().all(|entry| by.iter().any(|other| other.covers(entry)))
}

/// Whether no entry of one list has anything in common with one of the other. Long lists are taken to.
fn none_meet(one: &[Glob], other: &[Glob]) -> bool {
    let is_short = one.len() <= ENTRIES_MAX && other.len() <= ENTRIES_MAX;
    is_short && !one.iter().any(|entry| other.iter().any(|other| entry.meets(other)))
}

fn resource(pattern: &Pattern) -> Option<Glob> {
    Glob::of(pattern)
}

/// A condition in a form that is equal for equal ones.
fn condition(condition: &policy::Condition) -> String {
    let mut values: Vec<&str> = condition.values.iter().map(|value| value.text.as_str()).collect();
    values.sort_unstable();
    values.dedup();
    format!("{} {} {values:?}", condition.test, condition.key.to_ascii_lowercase())
}

/// Pairs of statements, of which the first one may cover the second one: those that share a service, or of which the first
/// has `*` or NotAction. At most `PAIRS_MAX`, so that a policy of very many statements stays cheap.
pub fn pairs<'p, 's>(first: &[&'p Shape<'s>], second: &[&'p Shape<'s>]) -> Vec<(&'p Shape<'s>, &'p Shape<'s>)> {
    let mut by_service: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut broad = Vec::new();
    for (at, shape) in first.iter().enumerate() {
        let actions = &shape.statement.resolved.actions;
        if actions.negated || shape.actions.iter().any(Glob::is_everything) {
            broad.push(at);
            continue;
        }
        let services: HashSet<&str> = actions.patterns.iter().map(service).collect();
        services.into_iter().for_each(|service| by_service.entry(service).or_default().push(at));
    }
    let mut pairs = Vec::new();
    for &shape in second {
        let actions = &shape.statement.resolved.actions;
        let named = actions.patterns.first().filter(|_| !actions.negated).map(service);
        let same = named.and_then(|service| by_service.get(service)).into_iter().flatten();
        for &at in broad.iter().chain(same) {
            if pairs.len() >= PAIRS_MAX {
                return pairs;
            }
            if !std::ptr::eq(first[at], shape) {
                pairs.push((first[at], shape));
            }
        }
    }
    pairs
}

/// Most pairs of statements that are compared in one policy.
pub const PAIRS_MAX: usize = 20_000;

fn service(pattern: &ActionPattern) -> &str {
    pattern.folded.split(':').next().unwrap_or_default()
}
