//! One account: what `aws iam get-account-authorization-details` prints.

use bumpalo::Bump;

use crate::diagnostic::Diagnostic;
use crate::directory::arn;
use crate::directory::export::{Export, Object, first};
use crate::directory::managed::default_version;
use crate::directory::model::{Directory, ManagedPolicy};
use crate::fast_hash::FastMap;
use crate::source::{PolicyType, SourceId, Sources};

use super::entity;
use super::owner::Owner;

/// Reads the users, groups, roles, instance profiles and managed policies of one account; the vendor's managed policies
/// among the latter are those of every account, and of two copies the later version counts. The account is put into the
/// directory unless it is there.
///
/// What of an account is in several files, as with `--filter`, is read one file after another. Documents stay in the
/// export, or in files that are added where they are encoded. O(bytes).
///
/// # Errors
/// D-EXPORT for what is cut off, has further pages, is of another shape or of two accounts; D-VALUE for ARNs that are none;
/// E-JSON and E-LIMIT for what is no JSON.
pub fn account(sources: &mut Sources, file: SourceId, directory: &mut Directory, found: &mut Vec<Diagnostic>) {
    let arena = Bump::new();
    let mut export = Export::new(sources, found);
    let value = export.parse(file, &arena);
    if let Some(object) = value.and_then(|value| export.object(&value, "an export of an account")) {
        read(object, directory, &mut export);
    }
    let decoded = export.finish();
    sources.files.extend(decoded);
}

const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

fn read(object: Object<'_>, directory: &mut Directory, export: &mut Export<'_>) {
    if !object.members.iter().any(|member| LISTS.contains(&member.name)) {
        let message = format!("no export of an account: it has none of `{}`", LISTS.join("`, `"));
        return export.fault(first(object.span), message);
    }
    export.complete(object);
    let mut owner = Owner::default();
    for user in export.objects(object, LISTS[0]) {
        entity::user(user, &mut owner, directory, export);
    }
    for group in export.objects(object, LISTS[1]) {
        entity::group(group, &mut owner, directory, export);
    }
    for role in export.objects(object, LISTS[2]) {
        entity::role(role, &mut owner, directory, export);
    }
    let mut vendors = vendors(directory);
    for policy in export.objects(object, LISTS[3]) {
        managed(policy, &mut owner, &mut vendors, directory, export);
    }
    owner.add_to(directory, export);
}

/// Where the vendor's policies stand in the directory.
fn vendors(directory: &Directory) -> FastMap<String, usize> {
    let is_vendor = |text: &str| arn::parse(text).is_some_and(|arn| arn.is_vendor_policy());
    let all = directory.managed.iter().enumerate().filter(|(_, policy)| is_vendor(&policy.arn.text));
    all.map(|(index, policy)| (policy.arn.text.clone(), index)).collect()
}

fn managed(
    object: Object<'_>,
    owner: &mut Owner,
    vendors: &mut FastMap<String, usize>,
    directory: &mut Directory,
    export: &mut Export<'_>,
) {
    let Some(arn) = export.required_text(object, "Arn") else { return };
    let parts = arn::parse(&arn.text);
    let is_vendor = parts.is_some_and(|parts| parts.is_vendor_policy());
    if !is_vendor && !owner.has(&arn, "policy", export) {
        return;
    }
    let Some(default) = default_version(object, export) else { return };
    let name = parts.map_or("", |parts| parts.name());
    let Some(document) = export.document(&default.document, name, PolicyType::Identity) else { return };
    let version = default.version;
    match vendors.get(&arn.text).filter(|_| is_vendor) {
        Some(&index) => {
            let known = &mut directory.managed[index];
            if known.version < version {
                directory.documents[known.document.0 as usize] = document;
                (known.arn, known.version) = (arn, version);
            }
        }
        None => {
            if is_vendor {
                vendors.insert(arn.text.clone(), directory.managed.len());
            }
            let document = directory.add_document(document);
            directory.managed.push(ManagedPolicy { arn, document, version });
        }
    }
}

#[cfg(test)]
mod tests;
