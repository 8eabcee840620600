//! The whole catalogue, and looking things up in it.

use std::fmt;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;

use crate::action::Action;
use crate::error::CatalogueError;
use crate::fold;
use crate::key::Key;
use crate::make;
use crate::pack;
use crate::read;
use crate::resource::ResourceType;
use crate::service::Service;
use crate::table::Tables;

static BUILTIN: &[u8] = include_bytes!("../data/catalogue.bin");

/// The services of AWS, with their actions, resource types and condition keys.
///
/// A few flat tables over one text; everything that is handed out is small, is copied, and points into it.
#[derive(Clone)]
pub struct Catalogue {
    tables: Tables,
}

impl Catalogue {
    /// The one that is shipped. Read once, at the first call; a few milliseconds.
    pub fn builtin() -> &'static Catalogue {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Catalogue::from_bytes(BUILTIN).expect("the shipped catalogue is whole"))
    }

    /// Reads and checks a catalogue: the compact form, or its source `catalogue.json`, compressed with gzip or not, to which
    /// the global keys of the shipped one are added.
    ///
    /// O(bytes), and never panics.
    ///
    /// # Errors
    /// Where the bytes are none of these, are broken, or do not hold together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Catalogue, CatalogueError> {
        let text = match bytes {
            // zlib's first byte for any window up to 32 KiB.
            [0x18 | 0x28 | 0x38 | 0x48 | 0x58 | 0x68 | 0x78, ..] => pack::unpack(bytes)?,
            [0x1F, 0x8B, ..] => {
                let mut json = Vec::new();
                let mut decoder = GzDecoder::new(bytes).take(CatalogueError::LIMIT + 1);
                decoder.read_to_end(&mut json).map_err(|_| CatalogueError::Packed)?;
                if json.len() as u64 > CatalogueError::LIMIT {
                    return Err(CatalogueError::Large);
                }
                make::make_beside(&json, &Catalogue::builtin().tables)?
            }
            [b'{', ..] => make::make_beside(bytes, &Catalogue::builtin().tables)?,
            _ => return Err(CatalogueError::Unknown),
        };
        Ok(Catalogue { tables: read::read(text)? })
    }

    /// The day of the data: `2026-09-26`.
    pub fn date(&self) -> &str {
        self.tables.name(&self.tables.date)
    }

    /// Where the data is from: the name and version of a package.
    pub fn source(&self) -> &str {
        self.tables.name(&self.tables.source)
    }

    /// All services, in the order of their prefixes.
    pub fn services(&self) -> impl ExactSizeIterator<Item = Service<'_>> + Clone {
        let tables = &self.tables;
        (0..tables.services.len() as u32).map(move |row| Service { tables, row })
    }

    /// The service of a prefix such as `s3`, in any case. O(log services).
    pub fn service(&self, prefix: &str) -> Option<Service<'_>> {
        let tables = &self.tables;
        let at = tables.services.binary_search_by(|row| fold::compare(tables.name(&row.prefix), prefix)).ok()?;
        Some(Service { tables, row: at as u32 })
    }

    /// All actions, by service.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> + Clone {
        let tables = &self.tables;
        (0..tables.actions.len() as u32).map(move |row| Action { tables, row })
    }

    /// The action of a name such as `s3:GetObject`, in any case. O(log actions).
    pub fn action(&self, name: &str) -> Option<Action<'_>> {
        let (prefix, name) = name.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// The actions that an entry of a policy matches (ACT-1 to ACT-5): `*`, `*:*`, `s3:Get*`. By service; none for what is
    /// no such entry.
    pub fn actions_matching(&self, pattern: &str) -> Box<dyn Iterator<Item = Action<'_>> + '_> {
        match pattern.split_once(':') {
            None if pattern == "*" => Box::new(self.actions()),
            None => Box::new(std::iter::empty()),
            Some(("*", "*")) => Box::new(self.actions()),
            Some((prefix, name)) => match self.service(prefix) {
                Some(service) => Box::new(service.actions_matching(name)),
                None => Box::new(std::iter::empty()),
            },
        }
    }

    /// All resource types, by service.
    pub fn resource_types(&self) -> impl ExactSizeIterator<Item = ResourceType<'_>> + Clone {
        let tables = &self.tables;
        (0..tables.types.len() as u32).map(move |row| ResourceType { tables, row })
    }

    /// The resource types whose ARNs are of a service, in any case; whichever service lists them. O(log resource types).
    pub fn resource_types_of(&self, service: &str) -> impl ExactSizeIterator<Item = ResourceType<'_>> + Clone {
        let tables = &self.tables;
        let rows = &tables.types_by_arn;
        let start = rows.partition_point(|&row| fold::compare(tables.arn_service(row), service).is_lt());
        let end = rows.partition_point(|&row| fold::compare(tables.arn_service(row), service).is_le());
        rows[start..end].iter().map(move |&row| ResourceType { tables, row })
    }

    /// The resource types that some ARN of a pattern is of, by service; all of them for `*`.
    pub fn resource_types_matching(&self, pattern: &str) -> impl Iterator<Item = ResourceType<'_>> {
        self.resource_types().filter(move |it| it.meets(pattern))
    }

    /// All condition keys, global ones and those of services, each once, in the order of their names.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = Key<'_>> + Clone {
        let tables = &self.tables;
        (0..tables.keys.len() as u32).map(move |row| Key { tables, row })
    }

    /// The global keys, by group.
    pub fn global_keys(&self) -> impl ExactSizeIterator<Item = Key<'_>> + Clone {
        let tables = &self.tables;
        tables.globals.iter().map(move |global| Key { tables, row: global.key })
    }

    /// The key of a name, in any case, a variable part filled in: `aws:ResourceTag/team`. O(log keys + those with a
    /// variable part); of several of these the one with the longest name.
    pub fn key(&self, name: &str) -> Option<Key<'_>> {
        let tables = &self.tables;
        if let Ok(at) = tables.keys.binary_search_by(|row| fold::compare(tables.name(&row.name), name)) {
            return Some(Key { tables, row: at as u32 });
        }
        let templates = tables.templates.iter().map(|&row| Key { tables, row });
        templates.filter(|key| key.is_called(name)).max_by_key(|key| key.name().len())
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (services, actions) = (self.services().len(), self.actions().len());
        write!(f, "Catalogue of {}: {services} services, {actions} actions", self.date())
    }
}
