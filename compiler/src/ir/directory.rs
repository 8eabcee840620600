//! What a bundle knows besides its statements: principals, accounts and resources, with every name a number.

use serde::{Deserialize, Serialize};

/// A unit of policies that are always in force together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnitId(pub u32);

/// Index into [`Directory::scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScopeId(pub u32);

/// Index into [`Directory::tag_sets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagSetId(pub u32);

/// Rows in the order of their sources; string ids are of its own strings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Directory {
    /// Its strings.
    pub strings: Vec<Box<str>>,
    /// What principals bring, each once.
    pub scopes: Vec<Scope>,
    /// Tags, each set once: string ids of key and value, ascending by key without letter case.
    pub tag_sets: Vec<Vec<(u32, u32)>>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Users and roles.
    pub entities: Vec<Entity>,
    /// ARN and unique id of each of them in turn; an id is empty where the sources have none.
    pub texts: Texts,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Managed policies: string id of the ARN, unit.
    pub managed: Vec<(u32, UnitId)>,
}

/// Many texts in one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Texts {
    /// One behind the other.
    pub joined: String,
    /// Where each ends.
    pub ends: Vec<u32>,
}

impl Texts {
    /// Adds one.
    pub fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        self.ends.push(self.joined.len() as u32);
    }

    /// One of them.
    pub fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.joined[start as usize..self.ends[at] as usize]
    }
}

/// What a principal brings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// It has a boundary.
    pub has_boundary: bool,
    /// Units of identity policies, then of the boundary, each with its gate.
    pub units: Vec<(UnitId, u32)>,
}

/// An account. All ids but the units' are of strings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// 12 digits.
    pub number: u32,
    /// Id of its organization.
    pub organization: Option<u32>,
    /// That organization's management account.
    pub management_account: Option<u32>,
    /// Root and units from the root.
    pub path: Option<u32>,
    /// The unit of all levels of service control policies, and their number, where they apply.
    pub scps: Option<(UnitId, u32)>,
    /// Likewise.
    pub rcps: Option<(UnitId, u32)>,
}

/// A user or role, without its texts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entity {
    /// Index into [`Directory::accounts`].
    pub account: u32,
    /// What it brings.
    pub scope: ScopeId,
    /// Its tags.
    pub tags: Option<TagSetId>,
    /// Of a role, its trust policy.
    pub trust: Option<UnitId>,
}

/// A resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    /// String id of its ARN.
    pub arn: u32,
    /// Index into [`Directory::accounts`].
    pub account: u32,
    /// Its policies.
    pub policies: Option<UnitId>,
    /// Its tags.
    pub tags: Option<TagSetId>,
    /// Its policies must take part (EVL-41c).
    pub must_allow: bool,
}
