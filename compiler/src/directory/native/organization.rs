//! `org.toml`, and the guardrails in `scp/` and `rcp/`.

use super::document::Reading;
use super::fault::at_start;
use super::form::{ACCOUNT, Form, GUARDRAIL, NODE, ORGANIZATION, TITLE};
use super::layout::{DocumentFiles, Layout};
use super::table::{Members, read_file};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::{Guardrail, Named, Node, Organization};
use crate::source::{PolicyType, SourceId};

/// The rule about roots, units and what is attached to them.
const RULE: &str = "DIR-8";

/// An entry of `policy-types`.
const KIND: Form = Form {
    what: "kind of guardrail",
    expected: "`scp` or `rcp`",
    holds: |text| GUARDRAILS.iter().any(|(policy_type, _)| policy_type.name() == text),
};

/// The kinds of guardrails, each with the vendor's full-access policy, which is known without a file.
const GUARDRAILS: [(PolicyType, &str); 2] = [(PolicyType::Scp, "FullAWSAccess"), (PolicyType::Rcp, "RCPFullAWSAccess")];

/// Reads the organization with its guardrails, where there is one; whether nothing of its table was wrong.
pub(super) fn read(layout: &Layout<'_>, reading: &mut Reading<'_>) -> bool {
    let before = reading.faults.count();
    let organization = layout.organization.map(|source| read_settings(source, reading));
    let is_whole = reading.faults.count() == before;
    let has_organization = organization.is_some();
    reading.directory.organization = organization;
    for ((policy_type, full_access), files) in GUARDRAILS.into_iter().zip([&layout.scps, &layout.rcps]) {
        if has_organization {
            read_guardrails(files, policy_type, full_access, reading);
        } else if let Some(&(_, first)) = files.files.first() {
            let message = format!("`{}/` without an organization", policy_type.name());
            let fault = Diagnostic::new(Code::D_MISSING, at_start(first), RULE, message);
            reading.faults.push(fault.expected("`org.toml` at the top of the tree"));
        }
    }
    is_whole
}

fn read_settings(source: SourceId, reading: &mut Reading<'_>) -> Organization {
    read_file(reading.sources, source, "an organization", &mut reading.faults, |members| {
        let id = members.require("id", "`id = \"o-…\"`").and_then(|id| members.text_in("id", id, ORGANIZATION));
        let account = members.require("management-account", "`management-account = \"123456789012\"`");
        let account = account.and_then(|it| members.text_in("management-account", it, ACCOUNT));
        let example = "`policy-types`, a list of those of \"scp\" and \"rcp\" that are enabled";
        let types = match members.require("policy-types", example) {
            Some(value) => members.texts_in("policy-types", value, KIND, "an array of strings"),
            None => Vec::new(),
        };
        let has = |policy_type: PolicyType| types.iter().any(|it| it.text == policy_type.name());
        Organization {
            id: id.unwrap_or_default(),
            management_account: account.unwrap_or_default(),
            nodes: members.table("units", read_nodes).unwrap_or_default(),
            has_scps: has(PolicyType::Scp),
            has_rcps: has(PolicyType::Rcp),
            guardrails: Vec::new(),
        }
    })
}

fn read_nodes(members: &mut Members<'_, '_>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (id, value) in members.all() {
        members.faults.has_form(&id.text, id.span, NODE);
        let is_root = id.text.starts_with("r-");
        let owner = if is_root { "a root" } else { "a unit" };
        let node = members.table_in(&id.text, value, owner, id.span, |members| {
            members.text("name", TITLE);
            let parent = match is_root {
                true => None,
                false => members.require("parent", "`parent`, the id of the root or unit above"),
            };
            let parent = parent.and_then(|parent| members.text_in("parent", parent, NODE));
            Node {
                id: id.clone(),
                parent,
                scps: members.texts("scp", GUARDRAIL),
                rcps: members.texts("rcp", GUARDRAIL),
            }
        });
        nodes.extend(node);
    }
    nodes
}

fn read_guardrails(files: &DocumentFiles<'_>, policy_type: PolicyType, full_access: &str, reading: &mut Reading<'_>) {
    for &(name, source) in &files.files {
        let span = at_start(source);
        reading.faults.has_form(name, span, GUARDRAIL);
        if name == full_access {
            let message = format!("`{name}` is the vendor's, and known without a file");
            let fault = Diagnostic::new(Code::D_TWICE, span, RULE, message);
            reading.faults.push(fault.help("leave the file out, or call the guardrail something else"));
            continue;
        }
        let document = reading.add_document(source, name, policy_type);
        let guardrail = Guardrail { name: Named { text: name.to_owned(), span }, id: None, document };
        if let Some(organization) = &mut reading.directory.organization {
            organization.guardrails.push(guardrail);
        }
    }
}

/// Reports what is attached although its kind is not enabled: it would have no effect.
pub(super) fn check_kinds(reading: &mut Reading<'_>) {
    let Some(organization) = &reading.directory.organization else { return };
    let accounts = reading.directory.accounts.iter().map(|account| (&account.scps, &account.rcps));
    for (scps, rcps) in organization.nodes.iter().map(|node| (&node.scps, &node.rcps)).chain(accounts) {
        for (is_enabled, name, attached) in [(organization.has_scps, "scp", scps), (organization.has_rcps, "rcp", rcps)]
        {
            let Some(first) = attached.first().filter(|_| !is_enabled) else { continue };
            let message = format!("`{}` is attached, but `{name}` is not enabled", shown(&first.text));
            let fault = Diagnostic::new(Code::D_VALUE, first.span, RULE, message);
            reading.faults.push(fault.expected(format!("`\"{name}\"` among the `policy-types` of `org.toml`")));
        }
    }
}
