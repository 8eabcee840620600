//! Users, groups and roles of an export.

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::arn;
use crate::directory::export::{Export, Object, RULE};
use crate::directory::model::{Directory, Group, InstanceProfile, Named, Policies, Role, User};
use crate::source::PolicyType;

use super::owner::Owner;

/// What the members are called that a kind of entity has under names of its own.
struct Words {
    kind: &'static str,
    name: &'static str,
    id: &'static str,
    policies: &'static str,
}

const USER: Words = Words { kind: "user", name: "UserName", id: "UserId", policies: "UserPolicyList" };
const GROUP: Words = Words { kind: "group", name: "GroupName", id: "GroupId", policies: "GroupPolicyList" };
const ROLE: Words = Words { kind: "role", name: "RoleName", id: "RoleId", policies: "RolePolicyList" };

/// What every entity has.
struct Head {
    name: Named,
    arn: Named,
    unique_id: Option<Named>,
    policies: Policies,
}

/// Puts a user into the directory, unless what it is called cannot be told.
pub(super) fn user(object: Object<'_>, owner: &mut Owner, directory: &mut Directory, export: &mut Export<'_>) {
    let Some(Head { arn, unique_id, policies, .. }) = head(object, &USER, owner, directory, export) else { return };
    let groups = groups(object, export);
    let (tags, boundaries) = (tags(object, export), boundaries(object, export));
    directory.users.push(User { arn, unique_id, tags, groups, policies, boundaries });
}

/// The same of a group, with what the vendor gives none and another tool may.
pub(super) fn group(object: Object<'_>, owner: &mut Owner, directory: &mut Directory, export: &mut Export<'_>) {
    let Some(Head { arn, unique_id, policies, .. }) = head(object, &GROUP, owner, directory, export) else { return };
    let (boundaries, groups) = (boundaries(object, export), groups(object, export));
    directory.groups.push(Group { arn, unique_id, policies, boundaries, groups });
}

/// The same of a role and of the instance profiles that it is in.
pub(super) fn role(object: Object<'_>, owner: &mut Owner, directory: &mut Directory, export: &mut Export<'_>) {
    let Some(Head { name, arn, unique_id, policies }) = head(object, &ROLE, owner, directory, export) else { return };
    let trust = export.required(object, "AssumeRolePolicyDocument");
    let trust = trust.and_then(|value| export.document(&value, &name.text, PolicyType::Trust));
    let trust = trust.map(|document| directory.add_document(document));
    let (tags, boundaries) = (tags(object, export), boundaries(object, export));
    directory.roles.push(Role { arn, unique_id, tags, trust, policies, boundaries });
    for profile in export.objects(object, "InstanceProfileList") {
        let Some(arn) = export.required_text(profile, "Arn") else { continue };
        let roles = export.objects(profile, "Roles");
        let roles = roles.into_iter().filter_map(|role| export.required_text(role, "RoleName")).collect();
        if owner.has(&arn, "instance-profile", export) {
            directory.profiles.push(InstanceProfile { arn, roles });
        }
    }
}

fn head(
    object: Object<'_>,
    words: &Words,
    owner: &mut Owner,
    directory: &mut Directory,
    export: &mut Export<'_>,
) -> Option<Head> {
    let name = export.required_text(object, words.name);
    let arn = export.required_text(object, "Arn");
    let path = export.text(object, "Path");
    let unique_id = export.text(object, words.id);
    let policies = policies(object, words.policies, directory, export);
    let (name, arn) = (name?, arn?);
    if !owner.has(&arn, words.kind, export) {
        return None;
    }
    let resource = arn::parse(&arn.text)?.resource;
    let is_named = match &path {
        Some(path) => resource.strip_prefix(words.kind)?.strip_prefix(path.text.as_str()) == Some(name.text.as_str()),
        None => resource.rsplit('/').next() == Some(name.text.as_str()),
    };
    // Who changes names in an export, as to make it anonymous, may forget one of the two; neither is then the right one.
    if !is_named {
        let message = format!("`{}` is not the ARN of {} `{}`", shown(&arn.text), words.kind, shown(&name.text));
        let diagnostic = Diagnostic::new(Code::D_EXPORT, arn.span, RULE, message);
        export.tell(diagnostic.related(path.unwrap_or(name).span, "path and name are these"));
        return None;
    }
    Some(Head { name, arn, unique_id, policies })
}

fn policies(object: Object<'_>, inline: &str, directory: &mut Directory, export: &mut Export<'_>) -> Policies {
    let mut policies = Policies::default();
    for policy in export.objects(object, inline) {
        let name = export.required_text(policy, "PolicyName");
        let document = export.required(policy, "PolicyDocument");
        let (Some(name), Some(document)) = (name, document) else { continue };
        let document = export.document(&document, &name.text, PolicyType::Identity);
        policies.inline.extend(document.map(|document| directory.add_document(document)));
    }
    let attached = export.objects(object, "AttachedManagedPolicies");
    policies.attached = attached.into_iter().filter_map(|policy| export.required_text(policy, "PolicyArn")).collect();
    policies
}

fn groups(object: Object<'_>, export: &mut Export<'_>) -> Vec<Named> {
    let groups = export.list(object, "GroupList").iter();
    groups.filter_map(|group| export.string(group, "an element of `GroupList`")).collect()
}

fn boundaries(object: Object<'_>, export: &mut Export<'_>) -> Vec<Named> {
    let boundary = export.member_object(object, "PermissionsBoundary");
    boundary.and_then(|boundary| export.required_text(boundary, "PermissionsBoundaryArn")).into_iter().collect()
}

fn tags(object: Object<'_>, export: &mut Export<'_>) -> Vec<(Named, String)> {
    let tags = export.objects(object, "Tags").into_iter();
    tags.filter_map(|tag| Some((export.required_text(tag, "Key")?, export.required_text(tag, "Value")?.text))).collect()
}
