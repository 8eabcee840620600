//! A service.

use std::fmt;

use crate::action::Action;
use crate::fold;
use crate::key::Key;
use crate::resource::ResourceType;
use crate::table::{ServiceRow, Tables};

/// A service.
#[derive(Clone, Copy)]
pub struct Service<'c> {
    pub(crate) tables: &'c Tables,
    pub(crate) row: u32,
}

impl<'c> Service<'c> {
    fn data(self) -> &'c ServiceRow {
        &self.tables.services[self.row as usize]
    }

    /// What stands before the colon of its actions: `s3`.
    pub fn prefix(self) -> &'c str {
        self.tables.name(&self.data().prefix)
    }

    /// What people call it: `Amazon S3`.
    pub fn name(self) -> &'c str {
        self.tables.name(&self.data().name)
    }

    /// Whether resource control policies apply to it.
    pub fn takes_rcps(self) -> bool {
        self.data().rcp
    }

    /// Its actions, in the order of their names.
    pub fn actions(self) -> impl ExactSizeIterator<Item = Action<'c>> + Clone {
        let tables = self.tables;
        self.data().actions.clone().map(move |row| Action { tables, row })
    }

    /// The action of a name, in any case. O(log actions).
    pub fn action(self, name: &str) -> Option<Action<'c>> {
        let (tables, rows) = (self.tables, self.data().actions.clone());
        let all = &tables.actions[rows.start as usize..rows.end as usize];
        let at = all.binary_search_by(|row| fold::compare(tables.name(&row.name), name)).ok()?;
        Some(Action { tables, row: rows.start + at as u32 })
    }

    /// Its actions that a pattern such as `Get*` matches, in the order of their names. Only those that begin with what
    /// stands before the first wildcard are looked at.
    pub fn actions_matching(self, pattern: &str) -> impl Iterator<Item = Action<'c>> + use<'c> {
        let (tables, rows) = (self.tables, self.data().actions.clone());
        let all = &tables.actions[rows.start as usize..rows.end as usize];
        let literal = &pattern[..pattern.find(['*', '?']).unwrap_or(pattern.len())];
        let start = all.partition_point(|row| fold::compare(tables.name(&row.name), literal).is_lt());
        let (pattern, literal) = (pattern.to_owned(), literal.to_owned());
        let first = rows.start + start as u32;
        (first..rows.end)
            .map(move |row| Action { tables, row })
            .take_while(move |action| fold::strip_prefix(action.name(), &literal).is_some())
            .filter(move |action| fold::matches(&pattern, action.name()))
    }

    /// Its resource types, in the order of their names.
    pub fn resource_types(self) -> impl ExactSizeIterator<Item = ResourceType<'c>> + Clone {
        let tables = self.tables;
        self.data().types.clone().map(move |row| ResourceType { tables, row })
    }

    /// The condition keys that it names, some of them global, in the order of their names.
    pub fn keys(self) -> impl ExactSizeIterator<Item = Key<'c>> + Clone {
        let tables = self.tables;
        tables.list(&self.data().keys).iter().map(move |&row| Key { tables, row })
    }

    /// Its key of a name, in any case, a variable part filled in.
    pub fn key(self, name: &str) -> Option<Key<'c>> {
        self.keys().find(|key| key.is_called(name))
    }
}

impl PartialEq for Service<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && std::ptr::eq(self.tables, other.tables)
    }
}

impl Eq for Service<'_> {}

impl fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix())
    }
}
