//! Making the compact form of its two sources.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::CatalogueError;
use crate::fold;
use crate::read::HEADER;
use crate::table::{GlobalRow, Tables};
use crate::vocabulary::{Access, Group, KeyType};

#[derive(Deserialize)]
struct Services {
    source: Source,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Source {
    package: String,
    version: String,
    updated: String,
}

#[derive(Deserialize)]
struct Service {
    prefix: String,
    name: String,
    #[serde(default)]
    rcp: bool,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    resource_types: Vec<ResourceType>,
    #[serde(default)]
    condition_keys: Vec<ConditionKey>,
}

#[derive(Deserialize)]
struct Action {
    name: String,
    access: String,
    #[serde(default)]
    resources: Vec<Grant>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    dependent: Vec<String>,
}

#[derive(Deserialize)]
struct Grant {
    r#type: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    dependent: Vec<String>,
}

#[derive(Deserialize)]
struct ResourceType {
    name: String,
    arn: String,
    #[serde(default)]
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct ConditionKey {
    name: String,
    r#type: String,
    #[serde(default)]
    multi: bool,
}

#[derive(Deserialize)]
struct Globals {
    keys: Vec<GlobalKey>,
}

#[derive(Deserialize)]
struct GlobalKey {
    name: String,
    r#type: String,
    multi: bool,
    group: String,
    availability: String,
    #[serde(default)]
    when: String,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    also_type: Option<String>,
    #[serde(default)]
    anonymous_value: String,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    except_actions: Vec<String>,
}

/// The compact form, as text, of `catalogue.json` and `global-keys.json`. The same sources give the same text.
///
/// Where both type a key, the global one holds; where services differ about a key's values, it has many.
///
/// # Errors
/// Where a source is not JSON of the expected shape, names an unknown type or level, or refers to what it does not have.
pub fn make(services: &[u8], global_keys: &[u8]) -> Result<String, CatalogueError> {
    let globals: Globals = json("global-keys.json", global_keys)?;
    text(json("catalogue.json", services)?, &globals.keys)
}

/// Likewise, with the global keys of another catalogue.
pub(crate) fn make_beside(services: &[u8], other: &Tables) -> Result<String, CatalogueError> {
    let globals: Vec<GlobalKey> = other.globals.iter().map(|row| global_key(row, other)).collect();
    text(json("catalogue.json", services)?, &globals)
}

/// The global key of a row.
fn global_key(row: &GlobalRow, tables: &Tables) -> GlobalKey {
    let key = &tables.keys[row.key as usize];
    let name = |name| tables.name(name).to_owned();
    let parts = |name| tables.parts(name).map(str::to_owned).collect();
    GlobalKey {
        name: name(&key.name),
        r#type: key.key_type.name().to_owned(),
        multi: key.multi,
        group: row.group.name().to_owned(),
        availability: if row.always { "always" } else { "sometimes" }.to_owned(),
        when: name(&row.when),
        sensitive: row.sensitive,
        deprecated: row.deprecated,
        also_type: row.also_type.map(|it| it.name().to_owned()),
        anonymous_value: name(&row.anonymous_value),
        services: parts(&row.services),
        except_actions: parts(&row.except_actions),
    }
}

fn text(mut services: Services, globals: &[GlobalKey]) -> Result<String, CatalogueError> {
    services.services.sort_by(|one, other| fold::compare(&one.prefix, &other.prefix));
    let keys = Keys::new(&services.services, globals)?;
    let Source { package, version, updated } = &services.source;
    let mut text = format!("{HEADER}\nsource\t{package} {version}\ndate\t{updated}\n");
    keys.write(&mut text);
    for key in globals {
        write_global(key, &keys, &mut text)?;
    }
    for service in &mut services.services {
        write_service(service, &keys, &mut text)?;
    }
    Ok(text)
}

fn json<T: DeserializeOwned>(name: &'static str, bytes: &[u8]) -> Result<T, CatalogueError> {
    serde_json::from_slice(bytes).map_err(|error| CatalogueError::Source { name, message: error.to_string() })
}

fn fact(subject: &str, expected: &'static str) -> CatalogueError {
    CatalogueError::Fact { subject: subject.to_owned(), expected }
}

/// The name of a key, its variable part as `${…}`: the source has a few `<key>` and `tag-key`.
fn key_name(name: &str) -> String {
    match (name.split_once('<'), name.strip_suffix("/tag-key")) {
        (Some((head, tail)), _) => format!("{head}${{{}", tail.replacen('>', "}", 1)),
        (None, Some(head)) => format!("{head}/${{TagKey}}"),
        (None, None) => name.to_owned(),
    }
}

/// All keys, each once; by folded name.
struct Keys(BTreeMap<String, (String, KeyType, bool)>);

impl Keys {
    fn new(services: &[Service], globals: &[GlobalKey]) -> Result<Keys, CatalogueError> {
        let mut keys = BTreeMap::new();
        let key_type = |text: &str| KeyType::from_name(text).ok_or_else(|| fact(text, "the type of a key"));
        for key in services.iter().flat_map(|service| &service.condition_keys) {
            let (name, key_type) = (key_name(&key.name), key_type(&key.r#type)?);
            let (_, known, multi) = keys.entry(name.to_ascii_lowercase()).or_insert((name, key_type, key.multi));
            if *known != key_type {
                return Err(fact(&key.name, "one type of a key in all services"));
            }
            *multi |= key.multi;
        }
        for key in globals {
            let (name, key_type) = (key_name(&key.name), key_type(&key.r#type)?);
            keys.insert(name.to_ascii_lowercase(), (name, key_type, key.multi));
        }
        Ok(Keys(keys))
    }

    fn write(&self, text: &mut String) {
        for (name, key_type, multi) in self.0.values() {
            line(text, &["K", &format!("{}{}", key_type.letter(), if *multi { "*" } else { "" }), name]);
        }
    }

    /// Its position.
    fn position(&self, name: &str) -> Result<usize, CatalogueError> {
        let folded = key_name(name).to_ascii_lowercase();
        self.0.keys().position(|key| *key == folded).ok_or_else(|| fact(name, "a key of the catalogue"))
    }
}

fn write_global(key: &GlobalKey, keys: &Keys, text: &mut String) -> Result<(), CatalogueError> {
    let group = Group::from_name(&key.group).ok_or_else(|| fact(&key.group, "the group of a key"))?;
    let also = match &key.also_type {
        None => "",
        Some(name) => KeyType::from_name(name).ok_or_else(|| fact(name, "the type of a key"))?.letter(),
    };
    let availability = match key.availability.as_str() {
        "always" => "a",
        "sometimes" => "s",
        other => return Err(fact(other, "`always` or `sometimes`")),
    };
    let flags = format!("{}{}", if key.sensitive { "s" } else { "" }, if key.deprecated { "d" } else { "" });
    let (services, except) = (key.services.join(","), key.except_actions.join(","));
    let position = keys.position(&key.name)?.to_string();
    let group = group.letter();
    line(
        text,
        &["G", &position, group, availability, &flags, also, &services, &except, &key.anonymous_value, &key.when],
    );
    Ok(())
}

fn write_service(service: &mut Service, keys: &Keys, text: &mut String) -> Result<(), CatalogueError> {
    service.condition_keys.sort_by(|one, other| fold::compare(&one.name, &other.name));
    service.resource_types.sort_by(|one, other| fold::compare(&one.name, &other.name));
    service.actions.sort_by(|one, other| fold::compare(&one.name, &other.name));
    let own: Vec<String> = service.condition_keys.iter().map(|key| key_name(&key.name).to_ascii_lowercase()).collect();
    let list = |names: &[String]| -> Result<String, CatalogueError> {
        let position = |name: &String| {
            let folded = key_name(name).to_ascii_lowercase();
            let position = own.iter().position(|key| *key == folded);
            position.map(|at| at.to_string()).ok_or_else(|| fact(name, "a key of its service"))
        };
        Ok(names.iter().map(position).collect::<Result<Vec<String>, CatalogueError>>()?.join(","))
    };
    let positions = service.condition_keys.iter().map(|key| keys.position(&key.name).map(|at| at.to_string()));
    let positions = positions.collect::<Result<Vec<String>, CatalogueError>>()?.join(",");
    line(text, &["S", &service.prefix, if service.rcp { "1" } else { "0" }, &service.name, &positions]);
    for it in &service.resource_types {
        line(text, &["T", &it.name, &it.arn, &list(&it.keys)?]);
    }
    for action in &service.actions {
        let access = Access::from_name(&action.access).ok_or_else(|| fact(&action.access, "an access level"))?;
        let mut grants = Vec::new();
        for grant in &action.resources {
            let of_name = |it: &ResourceType| it.name == grant.r#type;
            let position = service.resource_types.iter().position(of_name);
            let position = position.ok_or_else(|| fact(&grant.r#type, "a resource type of its service"))?;
            let (mark, keys) = (if grant.required { "!" } else { "" }, list(&grant.keys)?);
            grants.push(format!("{position}{mark}{}{keys}", if keys.is_empty() { "" } else { ":" }));
        }
        let dependent = action.resources.iter().flat_map(|grant| &grant.dependent);
        let mut dependent: Vec<&str> = action.dependent.iter().chain(dependent).map(String::as_str).collect();
        dependent.dedup();
        line(text, &[access.letter(), &action.name, &list(&action.keys)?, &grants.join(";"), &dependent.join(",")]);
    }
    Ok(())
}

/// A line of fields; blanks of other kinds than a space become one.
fn line(text: &mut String, fields: &[&str]) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            text.push('\t');
        }
        text.extend(field.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    text.push('\n');
}
