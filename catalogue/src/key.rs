//! A condition key, and what more is known of a global one.

use std::fmt;

use crate::fold;
use crate::table::{GlobalRow, KeyRow, Tables};
use crate::vocabulary::{Group, KeyType};

/// A condition key.
#[derive(Clone, Copy)]
pub struct Key<'c> {
    pub(crate) tables: &'c Tables,
    pub(crate) row: u32,
}

impl<'c> Key<'c> {
    fn data(self) -> &'c KeyRow {
        &self.tables.keys[self.row as usize]
    }

    /// As AWS spells it, a variable part included: `aws:ResourceTag/${TagKey}`.
    pub fn name(self) -> &'c str {
        self.tables.name(&self.data().name)
    }

    /// The type of its values.
    pub fn key_type(self) -> KeyType {
        self.data().key_type
    }

    /// Whether a request has a list of values under it.
    pub fn is_multivalued(self) -> bool {
        self.data().multi
    }

    /// Whether its name has a part that authors fill in.
    pub fn is_template(self) -> bool {
        self.name().contains("${")
    }

    /// Whether it is this key, whatever the letter case; the variable part takes any text but an empty one.
    pub fn is_called(self, name: &str) -> bool {
        self.variable_part(name).is_some()
    }

    /// What a name has in place of the variable part (empty for a key without one); `None` where it is not this key.
    pub fn variable_part(self, name: &str) -> Option<&str> {
        let Some((head, tail)) = self.name().split_once("${") else {
            return self.name().eq_ignore_ascii_case(name).then_some("");
        };
        let suffix = tail.split_once('}').map_or("", |(_, suffix)| suffix);
        let part = fold::strip_suffix(fold::strip_prefix(name, head)?, suffix)?;
        Some(part).filter(|part| !part.is_empty())
    }

    /// The name with its literal parts spelled as AWS does and what an author wrote in the variable part.
    pub fn canonical(self, name: &str) -> String {
        let Some((head, tail)) = self.name().split_once("${") else { return self.name().to_owned() };
        let suffix = tail.split_once('}').map_or("", |(_, suffix)| suffix);
        format!("{head}{}{suffix}", self.variable_part(name).unwrap_or(""))
    }

    /// What is known of it as a global key; `None` for the key of a service.
    pub fn global(self) -> Option<Global<'c>> {
        let global = self.data().global?;
        Some(Global { tables: self.tables, row: &self.tables.globals[global as usize] })
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && std::ptr::eq(self.tables, other.tables)
    }
}

impl Eq for Key<'_> {}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of a global key.
#[derive(Clone, Copy)]
pub struct Global<'c> {
    tables: &'c Tables,
    row: &'c GlobalRow,
}

impl<'c> Global<'c> {
    /// What it is about.
    pub fn group(self) -> Group {
        self.row.group
    }

    /// Whether every request has it.
    pub fn is_always_there(self) -> bool {
        self.row.always
    }

    /// Whether AWS advises against wildcards in its values.
    pub fn is_sensitive(self) -> bool {
        self.row.sensitive
    }

    /// Whether another key has taken its place.
    pub fn is_deprecated(self) -> bool {
        self.row.deprecated
    }

    /// A second type that its values may be written as.
    pub fn also_type(self) -> Option<KeyType> {
        self.row.also_type
    }

    /// When requests have it; empty where all have.
    pub fn when(self) -> &'c str {
        self.tables.name(&self.row.when)
    }

    /// Its value in a request that nobody signed; empty where it is then absent, or not known.
    pub fn anonymous_value(self) -> &'c str {
        self.tables.name(&self.row.anonymous_value)
    }

    /// The prefixes of the only services whose requests have it; none where all may.
    pub fn services(self) -> impl Iterator<Item = &'c str> + Clone {
        self.tables.parts(&self.row.services)
    }

    /// The actions whose requests never have it; they may hold wildcards.
    pub fn except_actions(self) -> impl Iterator<Item = &'c str> + Clone {
        self.tables.parts(&self.row.except_actions)
    }

    /// Whether requests for an action may have it, as far as `services` and `except_actions` tell.
    pub fn applies_to(self, prefix: &str, action: &str) -> bool {
        let mut services = self.services().peekable();
        let is_set = services.peek().is_none() || services.any(|service| service.eq_ignore_ascii_case(prefix));
        let is_named = |except: &str| match except.split_once(':') {
            Some((service, name)) => service.eq_ignore_ascii_case(prefix) && fold::matches(name, action),
            None => false,
        };
        is_set && !self.except_actions().any(is_named)
    }
}
