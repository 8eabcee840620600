//! The folder of an account.

use super::document::Reading;
use super::entity::{self, Owner};
use super::fault::{RULE, at_start};
use super::form::{ACCOUNT, CANONICAL_USER, GUARDRAIL, ISSUER, NODE, PARTITION, PATH, POLICY, PROFILE, PROVIDER, ROLE};
use super::form::{Form, TITLE};
use super::layout::{AccountFiles, DocumentFiles};
use super::resource;
use super::table::{Members, read_file};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::{Account, InstanceProfile, ManagedPolicy, Named, Provider};
use crate::source::PolicyType;

/// The partition of an account that names none, and of the vendor's managed policies.
pub(super) const PARTITION_DEFAULT: &str = "aws";

/// The kinds of identity providers: the member, the resource type in ARNs, and the form.
const PROVIDERS: [(&str, &str, Form); 2] = [("saml", "saml-provider", PROVIDER), ("oidc", "oidc-provider", ISSUER)];

/// Reads an account with all that is in it.
pub(super) fn read(number: &str, files: &AccountFiles<'_>, reading: &mut Reading<'_>) {
    let span = at_start(files.settings.unwrap_or(files.first));
    reading.faults.has_form(number, span, ACCOUNT);
    let mut account = match files.settings {
        Some(source) => {
            let read = |members: &mut Members<'_, '_>| read_settings(number, members);
            let (account, profiles) = read_file(reading.sources, source, "an account", &mut reading.faults, read);
            reading.directory.profiles.extend(profiles);
            account
        }
        None => {
            let message = format!("the account `{}` has no table", shown(number));
            let fault = Diagnostic::new(Code::D_MISSING, span, RULE, message);
            reading
                .faults
                .push(fault.expected(format!("`accounts/{}/account.toml`, which may be empty", shown(number))));
            Account { partition: PARTITION_DEFAULT.to_owned(), ..Account::default() }
        }
    };
    account.number = Named { text: number.to_owned(), span };
    let partition = account.partition.clone();
    reading.directory.accounts.push(account);
    let owner = Owner { number, partition: &partition };
    read_managed(&files.policies, owner, reading);
    read_providers(owner, files, reading);
    entity::read(owner, files, reading);
    resource::read(owner, files, reading);
}

fn read_settings(number: &str, members: &mut Members<'_, '_>) -> (Account, Vec<InstanceProfile>) {
    members.text("name", TITLE);
    let parent = members.text("unit", NODE);
    let partition = members.text("partition", PARTITION).map_or(PARTITION_DEFAULT.to_owned(), |it| it.text);
    let canonical_user = members.text("canonical-user", CANONICAL_USER);
    let (scps, rcps) = (members.texts("scp", GUARDRAIL), members.texts("rcp", GUARDRAIL));
    let owner = Owner { number, partition: &partition };
    let profiles = members.table("instance-profiles", |members| {
        let mut profiles = Vec::new();
        for (name, value) in members.all() {
            members.faults.has_form(&name.text, name.span, PROFILE);
            let text = owner.arn(&format!("instance-profile/{}", name.text));
            let roles = members.one_or_more(&name.text, value, ROLE);
            profiles.push(InstanceProfile { arn: Named { text, span: name.span }, roles });
        }
        profiles
    });
    let number = Named::default();
    (Account { number, partition, parent, scps, rcps, canonical_user }, profiles.unwrap_or_default())
}

fn read_providers(owner: Owner<'_>, files: &AccountFiles<'_>, reading: &mut Reading<'_>) {
    let Some(source) = files.providers else { return };
    let read = |members: &mut Members<'_, '_>| {
        let mut providers = Vec::new();
        for (member, resource_type, form) in PROVIDERS {
            for name in members.texts(member, form) {
                let text = owner.arn(&format!("{resource_type}/{}", name.text));
                providers.push(Provider { arn: Named { text, span: name.span } });
            }
        }
        providers
    };
    let providers = read_file(reading.sources, source, "`providers.toml`", &mut reading.faults, read);
    reading.directory.providers.extend(providers);
}

/// Reads managed policies; those of the vendor have `aws` for the account. Folders are their path.
pub(super) fn read_managed(files: &DocumentFiles<'_>, owner: Owner<'_>, reading: &mut Reading<'_>) {
    for &(path, source) in &files.files {
        let span = at_start(source);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        reading.faults.has_form(name, span, POLICY);
        if !folder.is_empty() {
            reading.faults.has_form(&format!("/{folder}/"), span, PATH);
        }
        let document = reading.add_document(source, name, PolicyType::Identity);
        let arn = Named { text: owner.arn(&format!("policy/{path}")), span };
        reading.directory.managed.push(ManagedPolicy { arn, document, version: None });
    }
}
