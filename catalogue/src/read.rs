//! Reading the compact form: lines of fields with tabs between them.
//!
//! ```text
//! dictum-catalogue  1
//! source  PACKAGE VERSION
//! date    2026-09-26
//! K  TYPE[*]  NAME                            a key, `*` where it has many values; by name
//! G  KEY  GROUP  a|s  FLAGS  ALSO  SERVICES  EXCEPT  ANONYMOUS  WHEN       what more is known of a global key
//! S  PREFIX  0|1  NAME  KEYS                  a service, with what follows; by prefix. KEYS are positions among the K lines
//! T  NAME  ARN  KEYS                          a resource type; by name. KEYS are positions in the list of the service
//! l|r|w|t|p  NAME  KEYS  GRANTS  DEPENDENTS   an action; by name. GRANTS: `TYPE[!][:KEYS]` with `;` between them
//! ```
//!
//! Everything is checked here: what the rows point at is there, and what is searched is in order.

use std::cmp::Ordering;

use crate::error::CatalogueError;
use crate::fold;
use crate::table::{ActionRow, GlobalRow, GrantRow, KeyRow, Name, Rows, ServiceRow, Tables, TypeRow};
use crate::vocabulary::{Access, Group, KeyType};

/// The first line.
pub(crate) const HEADER: &str = "dictum-catalogue\t1";

/// Reads and checks the unpacked compact form. O(bytes); never panics.
///
/// # Errors
/// The first line that is wrong, and what was expected there.
pub(crate) fn read(text: String) -> Result<Tables, CatalogueError> {
    let mut reader = Reader { text: &text, at: 0, line: 0, tables: Tables::default() };
    reader.file()?;
    let mut tables = reader.tables;
    tables.text = text;
    let mut by_arn: Vec<u32> = (0..tables.types.len() as u32).collect();
    by_arn.sort_by(|&one, &other| fold::compare(tables.arn_service(one), tables.arn_service(other)));
    tables.types_by_arn = by_arn;
    Ok(tables)
}

struct Reader<'t> {
    text: &'t str,
    /// Where the next line begins.
    at: usize,
    /// The number of the last line, from 1.
    line: u32,
    tables: Tables,
}

/// A field: its text, and where it is.
#[derive(Clone, Copy)]
struct Field<'t> {
    text: &'t str,
    start: u32,
}

impl Field<'_> {
    fn name(self) -> Name {
        self.start..self.start + self.text.len() as u32
    }
}

type Answer<T> = Result<T, CatalogueError>;

impl<'t> Reader<'t> {
    fn file(&mut self) -> Answer<()> {
        if self.next_line().map(|line| line.text) != Some(HEADER) {
            return Err(CatalogueError::Version);
        }
        self.tables.source = self.header("source", "`source` and a name")?;
        self.tables.date = self.header("date", "`date` and a day")?;
        if !is_date(&self.text[self.tables.date.start as usize..self.tables.date.end as usize]) {
            return Err(self.wrong("a day such as `2026-09-26`"));
        }
        while let Some(line) = self.next_line() {
            let (tag, rest) = split(line, '\t').unwrap_or((line, Field { text: "", ..line }));
            match tag.text {
                "K" => self.key(rest)?,
                "G" => self.global(rest)?,
                "S" => self.service(rest)?,
                "T" => self.resource_type(rest)?,
                letter => match Access::from_letter(letter) {
                    Some(access) => self.action(access, rest)?,
                    None => return Err(self.wrong("a line of a known kind")),
                },
            }
        }
        Ok(())
    }

    fn wrong(&self, expected: &'static str) -> CatalogueError {
        CatalogueError::Line { line: self.line, expected }
    }

    fn next_line(&mut self) -> Option<Field<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let text = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let line = Field { text, start: self.at as u32 };
        self.at += text.len() + 1;
        self.line += 1;
        Some(line)
    }

    fn header(&mut self, name: &str, expected: &'static str) -> Answer<Name> {
        let line = self.next_line().and_then(|line| split(line, '\t'));
        match line {
            Some((tag, rest)) if tag.text == name && !rest.text.is_empty() => Ok(rest.name()),
            _ => Err(self.wrong(expected)),
        }
    }

    /// Exactly `N` fields.
    fn fields<const N: usize>(&self, rest: Field<'t>, expected: &'static str) -> Answer<[Field<'t>; N]> {
        let mut fields = [rest; N];
        let mut rest = rest;
        if let Some((last, others)) = fields.split_last_mut() {
            for field in others {
                (*field, rest) = split(rest, '\t').ok_or_else(|| self.wrong(expected))?;
            }
            *last = rest;
        }
        if rest.text.contains('\t') { Err(self.wrong(expected)) } else { Ok(fields) }
    }

    /// What is searched is ascending, so no name is there twice.
    fn ascending(&self, last: Option<&Name>, name: Field<'_>) -> Answer<()> {
        let is_after = |last: &Name| {
            let last = &self.text[last.start as usize..last.end as usize];
            fold::compare(last, name.text) == Ordering::Less
        };
        if name.text.is_empty() {
            return Err(self.wrong("a name"));
        }
        if last.is_none_or(is_after) { Ok(()) } else { Err(self.wrong("names in ascending order")) }
    }

    /// A number below a limit.
    fn number(&self, text: &str, limit: usize) -> Answer<u32> {
        let number = text.parse::<u32>().ok().filter(|&number| (number as usize) < limit);
        number.ok_or_else(|| self.wrong("the number of a line above"))
    }

    fn key(&mut self, rest: Field<'t>) -> Answer<()> {
        let [kind, name] = self.fields(rest, "a type and a name")?;
        if !self.tables.services.is_empty() || !self.tables.globals.is_empty() {
            return Err(self.wrong("keys before global keys and services"));
        }
        self.ascending(self.tables.keys.last().map(|row| &row.name), name)?;
        let letter = kind.text.trim_end_matches('*');
        let key_type = KeyType::from_letter(letter).ok_or_else(|| self.wrong("the type of a key"))?;
        let row = self.tables.keys.len() as u32;
        match name.text.matches("${").count() {
            0 => {}
            1 if name.text.split_once("${").is_some_and(|(_, rest)| rest.contains('}')) => {
                self.tables.templates.push(row);
            }
            _ => return Err(self.wrong("at most one `${…}` in a key")),
        }
        let multi = kind.text.ends_with('*');
        self.tables.keys.push(KeyRow { name: name.name(), key_type, multi, global: None });
        Ok(())
    }

    fn global(&mut self, rest: Field<'t>) -> Answer<()> {
        let [key, group, availability, flags, also, services, except, anonymous, when] =
            self.fields(rest, "nine fields of a global key")?;
        let key = self.number(key.text, self.tables.keys.len())?;
        let group = Group::from_letter(group.text).ok_or_else(|| self.wrong("the group of a key"))?;
        let also_type = match also.text {
            "" => None,
            letter => Some(KeyType::from_letter(letter).ok_or_else(|| self.wrong("the type of a key"))?),
        };
        let global = self.tables.globals.len() as u32;
        if self.tables.keys[key as usize].global.replace(global).is_some() {
            return Err(self.wrong("a key that is not global yet"));
        }
        self.tables.globals.push(GlobalRow {
            key,
            group,
            always: availability.text == "a",
            sensitive: flags.text.contains('s'),
            deprecated: flags.text.contains('d'),
            also_type,
            services: services.name(),
            except_actions: except.name(),
            anonymous_value: anonymous.name(),
            when: when.name(),
        });
        Ok(())
    }

    fn service(&mut self, rest: Field<'t>) -> Answer<()> {
        let [prefix, rcp, name, keys] = self.fields(rest, "four fields of a service")?;
        self.ascending(self.tables.services.last().map(|row| &row.prefix), prefix)?;
        let start = self.tables.lists.len() as u32;
        for part in parts(keys.text, ',') {
            let key = self.number(part, self.tables.keys.len())?;
            self.tables.lists.push(key);
        }
        let keys = start..self.tables.lists.len() as u32;
        let (actions, types) = (self.tables.actions.len() as u32, self.tables.types.len() as u32);
        self.tables.services.push(ServiceRow {
            prefix: prefix.name(),
            name: name.name(),
            rcp: rcp.text == "1",
            actions: actions..actions,
            types: types..types,
            keys,
        });
        Ok(())
    }

    /// The service that the lines speak of, and its position.
    fn current(&self) -> Answer<(u32, &ServiceRow)> {
        let row = self.tables.services.last().ok_or_else(|| self.wrong("a service first"))?;
        Ok((self.tables.services.len() as u32 - 1, row))
    }

    /// Positions in the list of the service's keys, as positions of keys.
    fn list(&mut self, text: &str) -> Answer<Rows> {
        let start = self.tables.lists.len() as u32;
        if !text.is_empty() {
            let own = self.current()?.1.keys.clone();
            for part in parts(text, ',') {
                let at = self.number(part, own.len())?;
                let key = self.tables.lists[(own.start + at) as usize];
                self.tables.lists.push(key);
            }
        }
        Ok(start..self.tables.lists.len() as u32)
    }

    fn resource_type(&mut self, rest: Field<'t>) -> Answer<()> {
        let [name, arn, keys] = self.fields(rest, "three fields of a resource type")?;
        let (service, row) = self.current()?;
        if !row.actions.is_empty() {
            return Err(self.wrong("resource types before actions"));
        }
        let last = self.tables.types.last().filter(|last| last.service == service).map(|row| &row.name);
        self.ascending(last, name)?;
        let keys = self.list(keys.text)?;
        self.tables.types.push(TypeRow { name: name.name(), arn: arn.name(), service, keys });
        let end = self.tables.types.len() as u32;
        if let Some(row) = self.tables.services.last_mut() {
            row.types.end = end;
        }
        Ok(())
    }

    fn action(&mut self, access: Access, rest: Field<'t>) -> Answer<()> {
        let [name, keys, grants, dependents] = self.fields(rest, "four fields of an action")?;
        let (service, row) = self.current()?;
        let types = row.types.clone();
        let last = self.tables.actions.last().filter(|last| last.service == service).map(|row| &row.name);
        self.ascending(last, name)?;
        let keys = self.list(keys.text)?;
        let start = self.tables.grants.len() as u32;
        for part in parts(grants.text, ';') {
            let (head, list) = part.split_once(':').unwrap_or((part, ""));
            let resource_type = types.start + self.number(head.trim_end_matches('!'), types.len())?;
            let keys = self.list(list)?;
            self.tables.grants.push(GrantRow { resource_type, required: head.ends_with('!'), keys });
        }
        let grants = start..self.tables.grants.len() as u32;
        let (name, dependents) = (name.name(), dependents.name());
        self.tables.actions.push(ActionRow { name, access, service, keys, grants, dependents });
        let end = self.tables.actions.len() as u32;
        if let Some(row) = self.tables.services.last_mut() {
            row.actions.end = end;
        }
        Ok(())
    }
}

/// What stands before and behind the first such character.
fn split(field: Field<'_>, at: char) -> Option<(Field<'_>, Field<'_>)> {
    let (head, tail) = field.text.split_once(at)?;
    let after = field.start + (field.text.len() - tail.len()) as u32;
    Some((Field { text: head, ..field }, Field { text: tail, start: after }))
}

fn parts(text: &str, at: char) -> impl Iterator<Item = &str> {
    let is_empty = text.is_empty();
    text.split(at).filter(move |_| !is_empty)
}

/// `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10 && (0..10).all(|i| if i == 4 || i == 7 { bytes[i] == b'-' } else { bytes[i].is_ascii_digit() })
}
