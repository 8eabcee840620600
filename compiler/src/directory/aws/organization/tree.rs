//! The answers put together: roots, units and accounts in one tree, and the guardrails on them.

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::aws::owner;
use crate::directory::export::{Export, RULE};
use crate::directory::model::{Directory, Guardrail, Named, Node, Organization};
use crate::fast_hash::FastMap;
use crate::source::{Document, PolicyType, SourceId, Span};

use super::VENDOR;
use super::answers::{Answers, Owner, Policy};

/// Puts the organization of some answers into the directory; `files` are those that the answers were read from.
pub(super) fn build(answers: Answers, files: &[SourceId], directory: &mut Directory, export: &mut Export<'_>) {
    let Answers { owner, roots, children, policies, targets, accounts } = answers;
    let Some(&first) = files.first() else { return };
    let start = Span { source: first, start: 0, end: 0 };
    let Some(owner) = owner else {
        let message = "no answer tells which organization this is";
        return absent(export, start, message, "organization.json", "describe-organization");
    };
    if let Some(known) = &directory.organization {
        let diagnostic = Diagnostic::new(Code::D_TWICE, owner.id.span, RULE, "a second organization");
        return export.tell(diagnostic.related(known.id.span, "the first one"));
    }
    let types: FastMap<String, Option<PolicyType>> = types(&policies);
    let is_present = |policy_type| {
        let is_attached = |policy: &Named| types.get(&policy.text) == Some(&Some(policy_type));
        policies.iter().any(|policy| is_attached(&policy.id)) || targets.iter().any(|(policy, _)| is_attached(policy))
    };
    let (has_scps, has_rcps) = match &roots {
        Some(roots) => (roots.iter().any(|root| root.has_scps), roots.iter().any(|root| root.has_rcps)),
        None => (is_present(PolicyType::Scp), is_present(PolicyType::Rcp)),
    };
    let top: Vec<Named> = match roots {
        Some(roots) => roots.into_iter().map(|root| root.id).collect(),
        None => children.iter().map(|(parent, _)| parent).filter(|id| id.text.starts_with("r-")).cloned().collect(),
    };
    if top.is_empty() {
        absent(export, start, "no answer tells the root", "roots.json", "list-roots");
    }
    let partition = owner.partition.as_deref().unwrap_or("aws");
    let mut nodes: Vec<Node> = top.into_iter().map(|id| Node { id, ..Node::default() }).collect();
    for (parent, children) in &children {
        for child in children {
            if child.is_account {
                place(&child.id, parent, partition, directory, export);
            } else {
                nodes.push(Node { id: child.id.clone(), parent: Some(parent.clone()), ..Node::default() });
            }
        }
    }
    check_children(&nodes, &children.iter().map(|(parent, _)| parent).collect::<Vec<_>>(), export);
    check_accounts(&accounts, directory, export);
    check_targets(&policies, &targets, export);
    attach(&targets, &types, &mut nodes, directory, export);
    let guardrails = guardrails(policies, directory);
    let Owner { id, management_account, .. } = owner;
    directory.organization = Some(Organization { id, management_account, nodes, has_scps, has_rcps, guardrails });
}

/// Tells that a file is wanted and not there, and which command prints it.
fn absent(export: &mut Export<'_>, span: Span, message: impl Into<String>, file: &str, command: &str) {
    let diagnostic = Diagnostic::new(Code::D_EXPORT, span, RULE, message);
    export.tell(diagnostic.help(format!("`{file}` is wanted, what `aws organizations {command}` prints")));
}

/// Types of policies by id: of the vendor's, and of those that have a file; `None` for what is no guardrail.
fn types(policies: &[Policy]) -> FastMap<String, Option<PolicyType>> {
    let own = policies.iter().map(|it| (it.id.text.clone(), it.document.as_ref().map(|document| document.policy_type)));
    own.chain(VENDOR.map(|(id, policy_type)| (id.to_owned(), Some(policy_type)))).collect()
}

/// Puts an account under its parent.
fn place(number: &Named, parent: &Named, partition: &str, directory: &mut Directory, export: &mut Export<'_>) {
    let account = owner::account(directory, number, partition);
    let parent = Named { text: parent.text.clone(), span: number.span };
    match &account.parent {
        None => account.parent = Some(parent),
        Some(first) => {
            let message = format!("account `{}` is in two places, `{}` and `{}`", number.text, first.text, parent.text);
            let diagnostic = Diagnostic::new(Code::D_TREE, number.span, "DIR-8", message);
            export.tell(diagnostic.related(first.span, "the first one"));
        }
    }
}

/// Every root and unit has a list of children, and no list is of something else: below it nothing would be known to
/// belong to the organization.
fn check_children(nodes: &[Node], parents: &[&Named], export: &mut Export<'_>) {
    let listed: FastMap<&str, ()> = parents.iter().map(|parent| (parent.text.as_str(), ())).collect();
    let known: FastMap<&str, ()> = nodes.iter().map(|node| (node.id.text.as_str(), ())).collect();
    for node in nodes.iter().filter(|node| !listed.contains_key(node.id.text.as_str())) {
        let id = shown(&node.id.text);
        let message = format!("no answer tells the children of `{id}`");
        absent(export, node.id.span, message, &format!("children/{id}.json"), "list-children");
    }
    for parent in parents.iter().filter(|parent| !known.contains_key(parent.text.as_str())) {
        let message = format!("`{}` has children, but is neither a root nor itself a child", shown(&parent.text));
        export.tell(Diagnostic::new(Code::D_REFERENCE, parent.span, "DIR-8", message));
    }
}

/// Every account has its place: one without would be free of all guardrails.
fn check_accounts(accounts: &[Named], directory: &Directory, export: &mut Export<'_>) {
    let placed = placed(directory);
    for account in accounts.iter().filter(|account| !placed.contains_key(account.text.as_str())) {
        let message = format!("account `{}` is in no list of children", shown(&account.text));
        export.tell(Diagnostic::new(Code::D_EXPORT, account.span, "DIR-8", message));
    }
}

/// The accounts of the organization, by number.
fn placed(directory: &Directory) -> FastMap<String, usize> {
    let all = directory.accounts.iter().enumerate().filter(|(_, account)| account.parent.is_some());
    all.map(|(index, account)| (account.number.text.clone(), index)).collect()
}

/// Every guardrail of the organization's own has a list of targets.
fn check_targets(policies: &[Policy], targets: &[(Named, Vec<Named>)], export: &mut Export<'_>) {
    let listed: FastMap<&str, ()> = targets.iter().map(|(policy, _)| (policy.text.as_str(), ())).collect();
    for Policy { id, .. } in policies.iter().filter(|policy| policy.document.is_some()) {
        if !listed.contains_key(id.text.as_str()) && !is_vendor(&id.text) {
            let id_text = shown(&id.text);
            let message = format!("no answer tells where `{id_text}` is attached");
            absent(export, id.span, message, &format!("targets/{id_text}.json"), "list-targets-for-policy");
        }
    }
}

fn is_vendor(id: &str) -> bool {
    VENDOR.iter().any(|(vendor, _)| *vendor == id)
}

fn attach(
    targets: &[(Named, Vec<Named>)],
    types: &FastMap<String, Option<PolicyType>>,
    nodes: &mut [Node],
    directory: &mut Directory,
    export: &mut Export<'_>,
) {
    let accounts = placed(directory);
    let by_id: FastMap<String, usize> =
        nodes.iter().enumerate().map(|(index, node)| (node.id.text.clone(), index)).collect();
    for (policy, ids) in targets {
        let policy_type = match types.get(&policy.text) {
            Some(Some(policy_type)) => *policy_type,
            Some(None) => continue,
            None => {
                let id = shown(&policy.text);
                let message = format!("policy `{id}` has targets, but no answer tells what it says");
                let diagnostic = Diagnostic::new(Code::D_REFERENCE, policy.span, RULE, message);
                let wanted = format!("`policies/{id}.json` is wanted, what `aws organizations describe-policy` prints");
                export.tell(diagnostic.help(wanted));
                continue;
            }
        };
        for id in ids {
            let lists = match (by_id.get(&id.text), accounts.get(&id.text)) {
                (Some(&index), _) => (&mut nodes[index].scps, &mut nodes[index].rcps),
                (None, Some(&index)) => {
                    let account = &mut directory.accounts[index];
                    (&mut account.scps, &mut account.rcps)
                }
                (None, None) => {
                    let message = format!("policy `{}` is attached to `{}`", shown(&policy.text), shown(&id.text));
                    let diagnostic = Diagnostic::new(Code::D_REFERENCE, id.span, "DIR-10", message);
                    export.tell(diagnostic.expected("a root, unit or account that is in the tree"));
                    continue;
                }
            };
            let list = if policy_type == PolicyType::Rcp { lists.1 } else { lists.0 };
            list.push(Named { text: policy.text.clone(), span: id.span });
        }
    }
}

fn guardrails(policies: Vec<Policy>, directory: &mut Directory) -> Vec<Guardrail> {
    let own = policies.into_iter().filter(|policy| !is_vendor(&policy.id.text));
    let guardrail = |Policy { id, name, document }: Policy| {
        let document: Document = document?;
        Some(Guardrail { name, id: Some(id), document: directory.add_document(document) })
    };
    own.filter_map(guardrail).collect()
}
