//! Users, groups and roles of an account: a table each, and the documents beside it.

use std::collections::HashMap;

use super::document::Reading;
use super::fault::{RULE, at_start};
use super::form::{ATTACHED, Form, GROUP, PATH, POLICY, ROLE, UNIQUE_ID, USER};
use super::layout::{AccountFiles, EntityFiles};
use super::table::{Members, read_file};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::{DocumentId, Group, Named, Policies, Role, User};
use crate::source::{PolicyType, SourceId};

/// Longest name of an entity, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// What the file of a role's trust policy has in the place of a policy's name.
const TRUST: &str = "trust";

/// The account that entities are read of.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// 12 digits.
    pub(super) number: &'a str,
    /// As ARNs begin.
    pub(super) partition: &'a str,
}

impl Owner<'_> {
    /// An ARN of IAM in this account, with what stands behind the account.
    pub(super) fn arn(&self, rest: &str) -> String {
        format!("arn:{}:iam::{}:{rest}", self.partition, self.number)
    }
}

/// A kind of entity.
#[derive(Clone, Copy)]
struct Kind {
    /// As its ARN says.
    name: &'static str,
    /// With its article.
    owner: &'static str,
    form: Form,
}

const USERS: Kind = Kind { name: "user", owner: "a user", form: USER };
const GROUPS: Kind = Kind { name: "group", owner: "a group", form: GROUP };
const ROLES: Kind = Kind { name: "role", owner: "a role", form: ROLE };

/// An entity's files: its name, its table, and names and files of the documents beside it.
struct Entity<'s> {
    name: &'s str,
    source: SourceId,
    documents: Vec<(&'s str, SourceId)>,
}

/// Reads the users, groups and roles of an account.
pub(super) fn read(owner: Owner<'_>, files: &AccountFiles<'_>, reading: &mut Reading<'_>) {
    for entity in entities(USERS, &files.users, reading) {
        let mut user = table(USERS, &entity, owner, reading, |arn, members| User {
            arn,
            unique_id: members.text("id", UNIQUE_ID),
            groups: members.texts("groups", GROUP),
            policies: attached(members),
            boundaries: members.text("boundary", ATTACHED).into_iter().collect(),
            tags: members.tags(),
        });
        user.policies.inline = inline(&entity.documents, reading);
        reading.directory.users.push(user);
    }
    for entity in entities(GROUPS, &files.groups, reading) {
        let mut group = table(GROUPS, &entity, owner, reading, |arn, members| {
            // What no group can have is read all the same, so that it can be told why (DIR-10).
            members.unoffered = &["boundary", "groups"];
            Group {
                arn,
                unique_id: members.text("id", UNIQUE_ID),
                policies: attached(members),
                boundaries: members.text("boundary", ATTACHED).into_iter().collect(),
                groups: members.texts("groups", GROUP),
            }
        });
        group.policies.inline = inline(&entity.documents, reading);
        reading.directory.groups.push(group);
    }
    for entity in entities(ROLES, &files.roles, reading) {
        let mut role = table(ROLES, &entity, owner, reading, |arn, members| Role {
            arn,
            unique_id: members.text("id", UNIQUE_ID),
            policies: attached(members),
            boundaries: members.text("boundary", ATTACHED).into_iter().collect(),
            tags: members.tags(),
            trust: None,
        });
        let (trust, others): (Vec<_>, Vec<_>) = entity.documents.iter().partition(|(name, _)| *name == TRUST);
        role.trust = match trust.first() {
            Some(&(_, source)) => Some(reading.add_document(source, TRUST, PolicyType::Trust)),
            None => {
                let message = format!("the role `{}` has no trust policy", shown(entity.name));
                let fault = Diagnostic::new(Code::D_MISSING, at_start(entity.source), RULE, message);
                let file = format!("`{0}.{TRUST}.json` or `{0}.{TRUST}.dct` beside it", shown(entity.name));
                reading.faults.push(fault.expected(file));
                None
            }
        };
        role.policies.inline = inline(&others, reading);
        reading.directory.roles.push(role);
    }
}

/// Reads the table of an entity, given its ARN.
fn table<T>(
    kind: Kind,
    entity: &Entity<'_>,
    owner: Owner<'_>,
    reading: &mut Reading<'_>,
    read: impl FnOnce(Named, &mut Members<'_, '_>) -> T,
) -> T {
    let span = at_start(entity.source);
    reading.faults.has_form(entity.name, span, kind.form);
    read_file(reading.sources, entity.source, kind.owner, &mut reading.faults, |members| {
        let path = members.text("path", PATH);
        let path = path.as_ref().map_or("/", |path| &path.text);
        let text = owner.arn(&format!("{}{path}{}", kind.name, entity.name));
        read(Named { text, span }, members)
    })
}

fn attached(members: &mut Members<'_, '_>) -> Policies {
    Policies { inline: Vec::new(), attached: members.texts("policies", ATTACHED) }
}

fn inline(documents: &[(&str, SourceId)], reading: &mut Reading<'_>) -> Vec<DocumentId> {
    let mut inline = Vec::with_capacity(documents.len());
    for &(name, source) in documents {
        reading.faults.has_form(name, at_start(source), POLICY);
        inline.push(reading.add_document(source, name, PolicyType::Identity));
    }
    inline
}

/// The entities of a kind, each with its documents. Names may have dots: a document is that of the longest name that
/// its file's begins with. Documents of nobody are reported.
fn entities<'s>(kind: Kind, files: &EntityFiles<'s>, reading: &mut Reading<'_>) -> Vec<Entity<'s>> {
    let mut entities: Vec<Entity<'s>> = Vec::with_capacity(files.entities.len());
    let mut by_name: HashMap<&str, usize> = HashMap::with_capacity(files.entities.len());
    for &(name, source) in &files.entities {
        by_name.insert(name, entities.len());
        entities.push(Entity { name, source, documents: Vec::new() });
    }
    for &(stem, source) in &files.documents.files {
        let dots = stem.match_indices('.').map(|(at, _)| at).take_while(|&at| at <= NAME_BYTES_MAX);
        let found = dots.filter_map(|at| Some((*by_name.get(&stem[..at])?, &stem[at + 1..]))).last();
        match found {
            Some((index, name)) => entities[index].documents.push((name, source)),
            None => {
                let message = format!("the document `{}` belongs to no {}", shown(stem), kind.name);
                let fault = Diagnostic::new(Code::D_MEMBER, at_start(source), RULE, message);
                let (name, rest) = stem.rsplit_once('.').unwrap_or((stem, "POLICY"));
                let fault = fault.expected(format!("`NAME.POLICY`, with `NAME.toml` for {}", kind.owner));
                let near = match by_name.contains_key(stem) {
                    true => Some(stem),
                    false => reading.faults.near(name, entities.iter().map(|entity| entity.name)),
                };
                let near = near.map(|near| format!("{near}.{rest}"));
                reading.faults.push(fault.did_you_mean(near.as_deref()));
            }
        }
    }
    entities
}
