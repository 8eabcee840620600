//! `resources.toml`: resources by their ARNs, with the documents in `resources/`.

use std::collections::HashMap;

use super::document::Reading;
use super::entity::Owner;
use super::fault::{RULE, at_start};
use super::form::FILE;
use super::layout::AccountFiles;
use super::table::{Members, read_file};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::{DocumentId, Named, Resource};
use crate::source::{PolicyType, SourceId};

/// A resource and the names of the files with its policies.
type Read = (Resource, Vec<Named>);

/// The documents in `resources/` by name.
struct Documents<'s> {
    files: HashMap<&'s str, SourceId>,
    /// Those that a resource has named.
    used: HashMap<&'s str, DocumentId>,
}

/// Reads the resources of an account.
pub(super) fn read(owner: Owner<'_>, files: &AccountFiles<'_>, reading: &mut Reading<'_>) {
    let documents = &files.resource_policies.files;
    let mut documents = Documents { files: documents.iter().copied().collect(), used: HashMap::new() };
    let mut is_broken = false;
    let resources = files.resources.map(|source| {
        read_file(reading.sources, source, "`resources.toml`", &mut reading.faults, |members| {
            is_broken = members.is_broken;
            read_resources(owner, members)
        })
    });
    for (mut resource, names) in resources.unwrap_or_default() {
        for name in names {
            resource.policies.extend(policy(&name, &mut documents, reading));
        }
        reading.directory.resources.push(resource);
    }
    for &(name, source) in files.resource_policies.files.iter().filter(|_| !is_broken) {
        if !documents.used.contains_key(name) {
            let message = format!("the document `{}` belongs to no resource", shown(name));
            let fault = Diagnostic::new(Code::D_MEMBER, at_start(source), RULE, message);
            reading.faults.push(fault.expected("`policy` of a resource in `resources.toml` that names it"));
        }
    }
}

fn read_resources(owner: Owner<'_>, members: &mut Members<'_, '_>) -> Vec<Read> {
    let mut resources = Vec::new();
    for (arn, value) in members.all() {
        check_arn(owner, &arn, members);
        let account = Some(Named { text: owner.number.to_owned(), span: arn.span });
        let read = members.table_in(&arn.text, value, "a resource", arn.span, |members| {
            let names = members.take("policy").map(|value| members.one_or_more("policy", value, FILE));
            let must_allow = members.mark("must-allow");
            let tags = members.tags();
            let (policies, attached) = (Vec::new(), Vec::new());
            (Resource { arn: arn.clone(), account, policies, attached, tags, must_allow }, names.unwrap_or_default())
        });
        resources.extend(read);
    }
    resources
}

/// Reports a key that is no ARN of a resource of the account.
fn check_arn(owner: Owner<'_>, arn: &Named, members: &mut Members<'_, '_>) {
    let parts: Vec<&str> = arn.text.splitn(6, ':').collect();
    let (message, expected) = match parts[..] {
        ["arn", partition, service, _, account, rest]
            if ![partition, service, rest].contains(&"") && !arn.text.contains(char::is_whitespace) =>
        {
            match (account, partition) {
                ("", _) if partition == owner.partition => return,
                _ if partition != owner.partition => {
                    ("is of another partition than the account", format!("`arn:{}:…`", owner.partition))
                }
                _ if account == owner.number => return,
                _ => ("is of another account", format!("account `{}`, whose folder it is", owner.number)),
            }
        }
        _ => ("is no ARN of a resource", "`arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`".to_owned()),
    };
    let message = format!("`{}` {message}", shown(&arn.text));
    members.faults.push(Diagnostic::new(Code::D_VALUE, arn.span, RULE, message).expected(expected));
}

/// The document that a resource names; several may name one.
fn policy<'s>(name: &Named, documents: &mut Documents<'s>, reading: &mut Reading<'_>) -> Option<DocumentId> {
    let Some((&file, &source)) = documents.files.get_key_value(name.text.as_str()) else {
        let message = format!("no file in `resources/` holds `{}`", shown(&name.text));
        let near = reading.faults.near(&name.text, documents.files.keys().copied());
        let fault = Diagnostic::new(Code::D_REFERENCE, name.span, RULE, message);
        reading.faults.push(fault.expected(FILE.expected).did_you_mean(near));
        return None;
    };
    Some(*documents.used.entry(file).or_insert_with(|| reading.add_document(source, file, PolicyType::Resource)))
}
