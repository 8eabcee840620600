//! An action of a service, and what it may be granted on.

use std::fmt;

use crate::key::Key;
use crate::resource::ResourceType;
use crate::table::{ActionRow, GrantRow, Tables};
use crate::vocabulary::Access;

/// An action of a service; shown as `s3:GetObject`.
#[derive(Clone, Copy)]
pub struct Action<'c> {
    pub(crate) tables: &'c Tables,
    pub(crate) row: u32,
}

impl<'c> Action<'c> {
    fn data(self) -> &'c ActionRow {
        &self.tables.actions[self.row as usize]
    }

    /// As AWS spells it, without its service.
    pub fn name(self) -> &'c str {
        self.tables.name(&self.data().name)
    }

    /// Its position among all actions of the catalogue, for a set of them.
    pub fn position(self) -> usize {
        self.row as usize
    }

    /// The prefix of its service.
    pub fn prefix(self) -> &'c str {
        self.tables.name(&self.tables.services[self.data().service as usize].prefix)
    }

    /// What it does to what it is about.
    pub fn access(self) -> Access {
        self.data().access
    }

    /// What it may be granted on; an action without can be granted on `*` only.
    pub fn grants(self) -> impl ExactSizeIterator<Item = Grant<'c>> + Clone {
        let (tables, rows) = (self.tables, self.data().grants.clone());
        tables.grants[rows.start as usize..rows.end as usize].iter().map(move |row| Grant { tables, row })
    }

    /// The condition keys of the action itself; see [`Action::all_keys`].
    pub fn keys(self) -> impl ExactSizeIterator<Item = Key<'c>> + Clone {
        let tables = self.tables;
        tables.list(&self.data().keys).iter().map(move |&row| Key { tables, row })
    }

    /// Every condition key that a request for it may have: its own, those of its resource types, and the global ones
    /// that its service sets. In the order of their names, each once.
    pub fn all_keys(self) -> impl Iterator<Item = Key<'c>> {
        let tables = self.tables;
        let grants = self.grants().flat_map(|grant| grant.keys().chain(grant.resource_type().keys()));
        let mut rows: Vec<u32> = self.keys().chain(grants).map(|key| key.row).collect();
        rows.extend(tables.globals.iter().map(|global| global.key));
        rows.sort_unstable();
        rows.dedup();
        let (prefix, name) = (self.prefix(), self.name());
        let keys = rows.into_iter().map(move |row| Key { tables, row });
        keys.filter(move |key| key.global().is_none_or(|global| global.applies_to(prefix, name)))
    }

    /// Whether its service sets a key of its own, or of its resource types, under this name; global keys aside.
    pub fn has_key(self, name: &str) -> bool {
        let is_called = |key: Key<'c>| key.is_called(name);
        let has = |grant: Grant<'c>| grant.keys().any(is_called) || grant.resource_type().keys().any(is_called);
        self.keys().any(is_called) || self.grants().any(has)
    }

    /// The actions that its caller has to be allowed besides, as `service:Name`.
    pub fn dependents(self) -> impl Iterator<Item = &'c str> + Clone {
        self.tables.parts(&self.data().dependents)
    }
}

impl PartialEq for Action<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && std::ptr::eq(self.tables, other.tables)
    }
}

impl Eq for Action<'_> {}

impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.prefix(), self.name())
    }
}

impl fmt::Debug for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A resource type that an action may be granted on.
#[derive(Clone, Copy)]
pub struct Grant<'c> {
    tables: &'c Tables,
    row: &'c GrantRow,
}

impl<'c> Grant<'c> {
    /// Which type.
    pub fn resource_type(self) -> ResourceType<'c> {
        ResourceType { tables: self.tables, row: self.row.resource_type }
    }

    /// Whether every request for the action names a resource of this type.
    pub fn is_required(self) -> bool {
        self.row.required
    }

    /// The keys that such a request may have besides those of the action and of the type.
    pub fn keys(self) -> impl ExactSizeIterator<Item = Key<'c>> + Clone {
        let tables = self.tables;
        tables.list(&self.row.keys).iter().map(move |&row| Key { tables, row })
    }
}

impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.resource_type(), if self.is_required() { "" } else { "?" })
    }
}
