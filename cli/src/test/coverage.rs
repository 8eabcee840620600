//! What of the policies the tests have seen: statements that decided, and conditions that held and did not.

use std::collections::HashMap;
use std::fmt::Write;

use bumpalo::Bump;
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Document, Sources};
use dictum_corpus::machine::statement_id;
use dictum_corpus::reference::{self, PolicySet};
use dictum_corpus::request;
use dictum_vm::Decision;
use serde::Serialize;

use super::judge::Verdict;
use super::world::{Place, PolicyKey, Trial, World};

/// Lines of what was never seen, behind which the rest is counted.
const SHOWN_MAX: usize = 100;

/// What was seen of all policies that were in force in some test.
#[derive(Default)]
pub struct Coverage {
    policies: Vec<PolicySeen>,
    by_key: HashMap<PolicyKey, usize>,
}

#[derive(Serialize)]
struct PolicySeen {
    policy: String,
    file: String,
    statements: Vec<StatementSeen>,
}

#[derive(Serialize)]
struct StatementSeen {
    /// As `by` of a test names it.
    name: String,
    #[serde(flatten)]
    place: At,
    /// Tests whose decision it made, or whose Allow of a layer it was.
    decided: u64,
    /// Tests that it fitted in principal, action and resource, so that its conditions mattered.
    evaluated: u64,
    conditions: Vec<ConditionSeen>,
}

#[derive(Serialize)]
struct ConditionSeen {
    condition: String,
    #[serde(flatten)]
    place: At,
    /// Times it held.
    held: u64,
    /// Times it did not.
    failed: u64,
}

#[derive(Serialize)]
struct At {
    file: String,
    line: u64,
    column: u64,
}

/// The sums, over all policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sums {
    statements: u64,
    decided: u64,
    evaluated: u64,
    conditions: u64,
    /// Of both sides of every condition.
    sides: u64,
    /// Of statements and sides of conditions; 100 where there are none.
    percent: f64,
}

impl From<Place> for At {
    fn from(place: Place) -> At {
        At { file: place.file, line: place.line, column: place.column }
    }
}

impl Coverage {
    /// Takes the policies of a world in, so that they count even where nothing is asked of them; not those of a world in
    /// which one is not valid.
    pub fn know(&mut self, world: &World) {
        if world.compiled.is_err() {
            return;
        }
        for (policy, document) in world.documents().enumerate() {
            let key = &world.origins[policy].key;
            if !self.by_key.contains_key(key) {
                self.by_key.insert(key.clone(), self.policies.len());
                self.policies.push(unseen(world, policy, document));
            }
        }
    }

    /// Counts what one test has seen. `set` are the world's policies as the reference takes them.
    pub fn add(&mut self, world: &World, set: &PolicySet<'_>, trial: &Trial, verdict: &Verdict) {
        let (Ok(compiled), Some(explanation)) = (&world.compiled, &verdict.explanation) else { return };
        let supporting = match explanation.decision {
            Decision::Allow => explanation.supporting.as_slice(),
            _ => &[],
        };
        for id in explanation.by.iter().chain(supporting) {
            let Some(id) = statement_id(&compiled.bundle, None, *id) else { continue };
            if let Some(seen) = self.statement(world, id.policy, id.statement) {
                seen.decided += 1;
            }
        }
        let Ok(Ok(examined)) = request::parse(&trial.request).map(|request| reference::examine(set, &request)) else {
            return;
        };
        for one in examined {
            let Some(seen) = self.statement(world, one.id.policy, one.id.statement) else { continue };
            seen.evaluated += 1;
            for (condition, holds) in seen.conditions.iter_mut().zip(one.conditions) {
                *(if holds { &mut condition.held } else { &mut condition.failed }) += 1;
            }
        }
    }

    fn statement(&mut self, world: &World, policy: u32, statement: u32) -> Option<&mut StatementSeen> {
        let key = &world.origins.get(policy as usize)?.key;
        let policy = *self.by_key.get(key)?;
        self.policies[policy].statements.get_mut(statement as usize)
    }

    /// The sums.
    pub fn sums(&self) -> Sums {
        let statements = || self.policies.iter().flat_map(|policy| &policy.statements);
        let conditions = || statements().flat_map(|statement| &statement.conditions);
        let count = |count: usize| count as u64;
        let mut sums = Sums {
            statements: count(statements().count()),
            decided: count(statements().filter(|statement| statement.decided > 0).count()),
            evaluated: count(statements().filter(|statement| statement.evaluated > 0).count()),
            conditions: count(conditions().count()),
            sides: conditions().map(|it| u64::from(it.held > 0) + u64::from(it.failed > 0)).sum(),
            percent: 100.0,
        };
        let whole = sums.statements + 2 * sums.conditions;
        if whole > 0 {
            sums.percent = 100.0 * (sums.decided + sums.sides) as f64 / whole as f64;
        }
        sums
    }

    /// The report: sums, and the place of everything that was not seen.
    pub fn text(&self) -> String {
        let sums = self.sums();
        let mut out = format!(
            "coverage  {:.1} %: statements {}/{} decided, {}/{} evaluated; conditions {}/{} sides\n",
            sums.percent,
            sums.decided,
            sums.statements,
            sums.evaluated,
            sums.statements,
            sums.sides,
            2 * sums.conditions
        );
        let mut lines = Vec::new();
        for statement in self.policies.iter().flat_map(|policy| &policy.statements) {
            if statement.decided == 0 {
                let more = if statement.evaluated == 0 { ", and fits no request" } else { "" };
                lines.push(line(&statement.place, &format!("{} never decides{more}", statement.name)));
            }
            // Of a statement that fits no request nothing more is to be said.
            for condition in statement.conditions.iter().filter(|_| statement.evaluated > 0) {
                let missing = match (condition.held, condition.failed) {
                    (0, 0) => "is never asked",
                    (0, _) => "never holds",
                    (_, 0) => "never fails",
                    _ => continue,
                };
                let text = format!("{}: `{}` {missing}", statement.name, condition.condition);
                lines.push(line(&condition.place, &text));
            }
        }
        lines.iter().take(SHOWN_MAX).for_each(|line| out += line);
        if lines.len() > SHOWN_MAX {
            let _ = writeln!(out, "  and {} more (--coverage-out FILE has all)", lines.len() - SHOWN_MAX);
        }
        out
    }

    /// All of it as JSON.
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'c> {
            coverage: Sums,
            policies: &'c [PolicySeen],
        }
        crate::output::json(&Document { coverage: self.sums(), policies: &self.policies }) + "\n"
    }
}

impl Sums {
    /// Whether it is at least so many percent, rounding aside.
    pub fn reaches(&self, percent: f64) -> bool {
        self.percent + 1e-9 >= percent
    }
}

fn line(at: &At, text: &str) -> String {
    let place = Place { file: at.file.clone(), line: at.line, column: at.column };
    format!("  {:<32} {text}\n", place.to_string())
}

/// A policy of which nothing is seen yet; without statements where it cannot be read.
fn unseen(world: &World, policy: usize, document: &Document) -> PolicySeen {
    let arena = Bump::new();
    let (tree, _) = Reader::new(&world.sources, &arena).read(document, &arena);
    let statements = tree.and_then(|tree| tree.statements).and_then(|element| element.value).unwrap_or_default();
    let sids: Vec<Option<&str>> = statements
        .iter()
        .map(|statement| statement.sid.and_then(|sid| sid.value).map(|sid| sid.text).filter(|sid| !sid.is_empty()))
        .collect();
    let seen = statements.iter().enumerate().map(|(index, statement)| {
        let is_unique = |sid: &&str| sids.iter().filter(|other| other.as_deref() == Some(*sid)).count() == 1;
        let name = match sids[index].filter(is_unique) {
            Some(sid) => format!("{}@{sid}", document.name),
            None => format!("{}#{index}", document.name),
        };
        let blocks = statement.condition.and_then(|element| element.value).unwrap_or_default();
        let conditions = blocks.iter().flat_map(|block| {
            block.keys.iter().map(|key| ConditionSeen {
                condition: format!("{} {}", block.operator.text, key.key.text),
                place: world.place(policy, key.key.span).into(),
                held: 0,
                failed: 0,
            })
        });
        let place = world.place(policy, statement.span).into();
        StatementSeen { name, place, decided: 0, evaluated: 0, conditions: conditions.collect() }
    });
    let file = file_of(&world.sources, world, policy, document);
    PolicySeen { policy: document.name.clone(), file, statements: seen.collect() }
}

fn file_of(sources: &Sources, world: &World, policy: usize, document: &Document) -> String {
    match &world.origins[policy].case {
        Some(place) => place.file.clone(),
        None => sources.file(document.source).name.clone(),
    }
}
