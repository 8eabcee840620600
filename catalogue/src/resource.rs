//! A resource type of a service.

use std::fmt;

use crate::arn;
use crate::key::Key;
use crate::table::{Tables, TypeRow};

/// A resource type of a service.
#[derive(Clone, Copy)]
pub struct ResourceType<'c> {
    pub(crate) tables: &'c Tables,
    pub(crate) row: u32,
}

impl<'c> ResourceType<'c> {
    fn data(self) -> &'c TypeRow {
        &self.tables.types[self.row as usize]
    }

    /// Its name, unique in its service only.
    pub fn name(self) -> &'c str {
        self.tables.name(&self.data().name)
    }

    /// Its position among all resource types of the catalogue, for a set of them.
    pub fn position(self) -> usize {
        self.row as usize
    }

    /// The prefix of the service that lists it; its ARN may be another's.
    pub fn prefix(self) -> &'c str {
        self.tables.name(&self.tables.services[self.data().service as usize].prefix)
    }

    /// The format of its ARNs: `arn:${Partition}:s3:::${BucketName}`; of several the first.
    pub fn arn(self) -> &'c str {
        self.arns().next().unwrap_or("")
    }

    /// The formats of its ARNs, of which a few types have two.
    pub fn arns(self) -> impl Iterator<Item = &'c str> + Clone {
        self.tables.name(&self.data().arn).split(", ")
    }

    /// The keys that requests for it may have.
    pub fn keys(self) -> impl ExactSizeIterator<Item = Key<'c>> + Clone {
        let tables = self.tables;
        tables.list(&self.data().keys).iter().map(move |&row| Key { tables, row })
    }

    /// Whether some ARN of this type fits a resource pattern of a policy; see [`arn::meets`].
    pub fn meets(self, pattern: &str) -> bool {
        self.arns().any(|format| arn::meets(pattern, format, false))
    }
}

impl PartialEq for ResourceType<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && std::ptr::eq(self.tables, other.tables)
    }
}

impl Eq for ResourceType<'_> {}

impl fmt::Debug for ResourceType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.prefix(), self.name())
    }
}
