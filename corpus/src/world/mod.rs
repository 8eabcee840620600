//! Small worlds: a few policies and a request, enumerated whole or drawn from a seed. A failing world prints itself as a
//! case, with the reference's answer as its expectation.

mod dice;
mod json;
mod scene;
mod pattern;
mod condition;
mod statement;
mod random;
mod small;
mod grant;
mod tree;
mod caller;
mod organization;

use std::fmt;

use crate::answer::{Answer, Layer, Member, StatementId};
use crate::case::{self, Case, Organizations};
use crate::decide::by_reference;
use crate::raw::{self, quote};
pub use dice::Dice;
pub use organization::OrganizationWorld;
pub use small::small_worlds;

/// A few policies and a request. The policies are valid; the request need not be.
#[derive(Clone, Debug)]
pub struct World {
    /// Tells it from other worlds, and says how to make it again.
    pub id: String,
    /// The policies, in the order of the members and levels.
    pub policies: Vec<WorldPolicy>,
    /// For each member of [`Member::ALL`]: `None` where it is missing, else its number of levels (1 without levels).
    pub levels: [Option<u32>; 6],
    /// The request's JSON text.
    pub request: String,
}

/// A policy of a world.
#[derive(Clone, Debug)]
pub struct WorldPolicy {
    /// Its name; no other policy of the world has it.
    pub name: String,
    /// Where it stands.
    pub layer: Layer,
    /// The document's JSON text.
    pub document: String,
}

impl World {
    /// The world of a seed.
    pub fn from_seed(seed: u64) -> World {
        random::world(seed)
    }

    /// The case that this world is, without expectation.
    pub fn case(&self) -> Case {
        let line = format!("{}}}", self.open_line());
        let raw = raw::scan(&line).expect("a world writes JSON");
        case::parse(&line, raw, 1, None, &mut Organizations::default()).expect("a world is a case")
    }

    /// The members of the case but its expectation, not closed.
    fn open_line(&self) -> String {
        let policies = |layer: Layer| {
            let policies = self.policies.iter().filter(|policy| policy.layer == layer);
            let entry =
                |policy: &WorldPolicy| format!("{{\"name\":{},\"policy\":{}}}", quote(&policy.name), policy.document);
            format!("[{}]", policies.map(entry).collect::<Vec<_>>().join(","))
        };
        let member = |member: Member| {
            let levels = self.levels[member as usize]?;
            let lists: Vec<String> = (0..levels).map(|level| policies(Layer { member, level })).collect();
            let value = if member.has_levels() { format!("[{}]", lists.join(",")) } else { lists.concat() };
            Some(format!("\"{}\":{value}", member.name()))
        };
        let members: Vec<String> = Member::ALL.into_iter().filter_map(member).collect();
        format!("{{\"id\":{},\"policies\":{{{}}},\"request\":{}", quote(&self.id), members.join(","), self.request)
    }
}

impl fmt::Display for World {
    /// A line for a file of cases.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expect = match by_reference(&self.case()).0 {
            Answer::Error(kind, errors) => format!("\"error\":\"{}\",\"code\":\"{}\"", kind.name(), errors[0].code),
            Answer::Decision(decision, by) => {
                let named = |id: &StatementId| {
                    let policy = quote(&self.policies[id.policy as usize].name);
                    format!("{{\"policy\":{policy},\"statement\":{}}}", id.statement)
                };
                let by: Vec<String> = by.iter().map(named).collect();
                format!("\"decision\":\"{}\",\"by\":[{}]", decision.name(), by.join(","))
            }
        };
        write!(f, "{},\"expect\":{{{expect}}}}}", self.open_line())
    }
}
