//! Organizations made of the traces and worlds of the shared data folder, for tests and benches of bundle mode.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use dictum_compiler::directory::model::{
    Account, Directory, DocumentId, Guardrail, ManagedPolicy, Named, Node, Organization, Policies, Role, User,
};
use dictum_compiler::source::{Document, PolicyType, Sources};

use crate::data::{self, PrincipalFile, TraceFile, World, WorldFile};

/// What the compiler takes.
#[derive(Debug, Default)]
pub struct Built {
    /// The documents' texts.
    pub sources: Sources,
    /// The entities.
    pub directory: Directory,
}

/// A name without a place.
pub fn named(text: impl Into<String>) -> Named {
    Named { text: text.into(), ..Named::default() }
}

/// The ARN of a vendor's policy.
pub fn vendor_arn(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

impl Built {
    /// Takes a document in.
    pub fn document(&mut self, name: &str, policy_type: PolicyType, text: &str) -> DocumentId {
        let source = self.sources.add_file(format!("{name}.json"), text);
        let range = self.sources.whole(source);
        self.directory.add_document(Document { name: name.to_owned(), policy_type, source, range })
    }

    /// A user or role by its ARN; a role is trusted to itself alone, which no request of the data asks.
    fn principal(&mut self, file: &PrincipalFile, policies: Policies, boundary: Option<&str>) {
        let arn = named(&file.arn);
        let unique_id = Some(&file.unique_id).filter(|id| !id.is_empty()).map(named);
        let tags = file.tags.iter().map(|(key, value)| (named(key), value.clone())).collect();
        let boundaries = boundary.map(|name| named(vendor_arn(name))).into_iter().collect();
        if file.arn.contains(":role/") {
            let trust = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"sts:AssumeRole"}}}}"#,
                file.arn
            );
            let trust = Some(self.document("trust", PolicyType::Trust, &trust));
            self.directory.roles.push(Role { arn, unique_id, tags, trust, policies, boundaries });
        } else {
            self.directory.users.push(User { arn, unique_id, tags, policies, boundaries, ..User::default() });
        }
    }

    fn managed(&mut self, name: &str, text: &str) {
        let document = self.document(name, PolicyType::Identity, text);
        self.directory.managed.push(ManagedPolicy { arn: named(vendor_arn(name)), document, version: None });
    }
}

fn account(number: &str, parent: &str) -> Account {
    let (number, parent) = (named(number), Some(named(parent)));
    Account { number, parent, partition: "aws".to_owned(), ..Account::default() }
}

/// The organization of `traces/managed-50k`: accounts with their paths, principals with tags and managed policies. It has no
/// guardrails.
///
/// # Errors
/// A file is not there or not as its description says.
pub fn of_managed_trace(folder: &Path) -> io::Result<Built> {
    let file: TraceFile = data::whole(&folder.join("traces/managed-50k.principals.json.gz"))?;
    let texts: BTreeMap<String, String> = data::managed_policies(folder)?.into_iter().collect();
    let mut built = Built::default();
    let mut organization = Organization {
        id: named(file.organization.id),
        management_account: named(file.organization.management_account),
        ..Organization::default()
    };
    for place in &file.organization.accounts {
        let mut above: Option<&str> = None;
        for id in place.path.split('/').skip(1).filter(|id| !id.is_empty()) {
            if !organization.nodes.iter().any(|node| node.id.text == id) {
                organization.nodes.push(Node { id: named(id), parent: above.map(named), ..Node::default() });
            }
            above = Some(id);
        }
        built.directory.accounts.push(account(&place.account, above.unwrap_or_default()));
    }
    built.directory.organization = Some(organization);
    let names: BTreeSet<&String> = file.principals.iter().flat_map(|principal| &principal.identity).collect();
    for name in names {
        let text = texts.get(name).ok_or_else(|| io::Error::other(format!("no managed policy {name}")))?;
        built.managed(name, text);
    }
    for principal in &file.principals {
        let attached = principal.identity.iter().map(|name| named(vendor_arn(name))).collect();
        built.principal(principal, Policies { inline: Vec::new(), attached }, None);
    }
    Ok(built)
}

/// The organization of the world W6. Policies of one principal alone are inline, the others managed.
///
/// # Errors
/// As [`of_managed_trace`].
pub fn of_world(folder: &Path, name: &str) -> io::Result<Built> {
    let file: WorldFile = data::whole(&folder.join(format!("workloads/{name}.world.json.gz")))?;
    let world = World::read(folder, name)?;
    let mut built = Built::default();
    let mut organization = Organization {
        id: named("o-w6"),
        management_account: named("000000000000"),
        has_scps: true,
        ..Organization::default()
    };
    let guardrails: BTreeSet<&String> =
        file.accounts.values().flat_map(|account| account.scp.iter().flatten()).collect();
    for name in guardrails {
        let document = built.document(name, PolicyType::Scp, &world.policies[name]);
        organization.guardrails.push(Guardrail { name: named(name), id: None, document });
    }
    let names = |names: &[String]| names.iter().map(named).collect::<Vec<_>>();
    for (number, file) in &file.accounts {
        let [root, unit, own] = file.scp.as_slice() else { return Err(io::Error::other("other than three levels")) };
        if organization.nodes.is_empty() {
            organization.nodes.push(Node { id: named("r-root"), scps: names(root), ..Node::default() });
        }
        let id = format!("ou-{}", unit.join("-"));
        if !organization.nodes.iter().any(|node| node.id.text == id) {
            let parent = Some(named("r-root"));
            organization.nodes.push(Node { id: named(&id), parent, scps: names(unit), rcps: Vec::new() });
        }
        built.directory.accounts.push(Account { scps: names(own), ..account(number, &id) });
    }
    built.directory.organization = Some(organization);
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for principal in &file.principals {
        principal.identity.iter().for_each(|name| *holders.entry(name).or_default() += 1);
        principal.boundary.iter().for_each(|name| *holders.entry(name).or_default() += 2);
    }
    for (name, _) in holders.iter().filter(|(_, count)| **count > 1) {
        built.managed(name, &world.policies[*name]);
    }
    for principal in &file.principals {
        let (shared, own): (Vec<&String>, Vec<&String>) =
            principal.identity.iter().partition(|name| holders[name.as_str()] > 1);
        let inline = own.into_iter().map(|name| built.document(name, PolicyType::Identity, &world.policies[name]));
        let inline = inline.collect();
        let attached = shared.into_iter().map(|name| named(vendor_arn(name))).collect();
        built.principal(principal, Policies { inline, attached }, principal.boundary.as_deref());
    }
    Ok(built)
}
