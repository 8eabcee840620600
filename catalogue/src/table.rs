//! The tables that a catalogue is read into: flat rows that point into one text and into each other by position.

use std::ops::Range;

use crate::vocabulary::{Access, Group, KeyType};

/// Bytes of the text.
pub(crate) type Name = Range<u32>;
/// Positions in another table.
pub(crate) type Rows = Range<u32>;

/// Everything, as read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// The compact form, unpacked; all names are parts of it.
    pub(crate) text: String,
    pub(crate) source: Name,
    pub(crate) date: Name,
    /// By prefix, ascending in any case.
    pub(crate) services: Vec<ServiceRow>,
    /// By service, then by name.
    pub(crate) actions: Vec<ActionRow>,
    /// By action, as the source orders them.
    pub(crate) grants: Vec<GrantRow>,
    /// By service, then by name.
    pub(crate) types: Vec<TypeRow>,
    /// Positions of `types`, by the service of their ARNs.
    pub(crate) types_by_arn: Vec<u32>,
    /// By name, global ones and those of services; no name twice.
    pub(crate) keys: Vec<KeyRow>,
    /// As the source orders them.
    pub(crate) globals: Vec<GlobalRow>,
    /// Lists of keys that other rows point into.
    pub(crate) lists: Vec<u32>,
    /// The keys with a variable part.
    pub(crate) templates: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceRow {
    pub(crate) prefix: Name,
    pub(crate) name: Name,
    pub(crate) rcp: bool,
    pub(crate) actions: Rows,
    pub(crate) types: Rows,
    /// In `lists`.
    pub(crate) keys: Rows,
}

#[derive(Clone, Debug)]
pub(crate) struct ActionRow {
    pub(crate) name: Name,
    pub(crate) access: Access,
    pub(crate) service: u32,
    /// In `lists`.
    pub(crate) keys: Rows,
    pub(crate) grants: Rows,
    /// Actions with commas between them.
    pub(crate) dependents: Name,
}

#[derive(Clone, Debug)]
pub(crate) struct GrantRow {
    pub(crate) resource_type: u32,
    pub(crate) required: bool,
    /// In `lists`.
    pub(crate) keys: Rows,
}

#[derive(Clone, Debug)]
pub(crate) struct TypeRow {
    pub(crate) name: Name,
    pub(crate) arn: Name,
    pub(crate) service: u32,
    /// In `lists`.
    pub(crate) keys: Rows,
}

#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) name: Name,
    pub(crate) key_type: KeyType,
    pub(crate) multi: bool,
    /// In `globals`.
    pub(crate) global: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct GlobalRow {
    pub(crate) key: u32,
    pub(crate) group: Group,
    pub(crate) always: bool,
    pub(crate) sensitive: bool,
    pub(crate) deprecated: bool,
    pub(crate) also_type: Option<KeyType>,
    /// Prefixes with commas between them; empty where the key is for all services.
    pub(crate) services: Name,
    /// Actions with commas between them.
    pub(crate) except_actions: Name,
    pub(crate) anonymous_value: Name,
    pub(crate) when: Name,
}

impl Tables {
    pub(crate) fn name(&self, name: &Name) -> &str {
        &self.text[name.start as usize..name.end as usize]
    }

    /// The parts of a text with commas between them.
    pub(crate) fn parts(&self, name: &Name) -> impl Iterator<Item = &str> + Clone {
        self.name(name).split(',').filter(|part| !part.is_empty())
    }

    /// The service in the ARN of a resource type.
    pub(crate) fn arn_service(&self, row: u32) -> &str {
        self.name(&self.types[row as usize].arn).split(':').nth(2).unwrap_or("")
    }

    pub(crate) fn list(&self, rows: &Rows) -> &[u32] {
        &self.lists[rows.start as usize..rows.end as usize]
    }
}
