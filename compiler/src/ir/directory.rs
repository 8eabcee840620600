//! What a bundle knows besides its statements: principals, accounts and resources, with every name a number.

/// Index into [`Directory::units`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u32);

/// Index into [`Directory::scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

/// Index into [`Directory::tag_sets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagSetId(pub u32);

/// Rows in the order of their sources; string ids are of the program's strings.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Policies that are always in force together, by number, ascending: each becomes a tree.
    pub units: Vec<Vec<u32>>,
    /// What principals bring, each once.
    pub scopes: Vec<Scope>,
    /// Tags, each set once: string ids of key and value, ascending by key without letter case.
    pub tag_sets: Vec<Vec<(u32, u32)>>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Users and roles.
    pub entities: Vec<Entity>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Managed policies: string id of the ARN, unit.
    pub managed: Vec<(u32, UnitId)>,
}

/// What a principal brings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// It has a boundary.
    pub has_boundary: bool,
    /// Units of identity policies, then of the boundary, each with its gate.
    pub units: Vec<(UnitId, u32)>,
}

/// An account. All ids but the units' are of strings.
#[derive(Clone, Debug, Default)]
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

/// A user or role.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its unique id, empty where the sources have none.
    pub unique_id: Box<str>,
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
#[derive(Clone, Debug)]
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
