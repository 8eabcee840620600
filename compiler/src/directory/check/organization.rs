//! The tree of an organization: paths, and the guardrails of each level (DIR-8).

use super::{Checker, FastMap, GUARDRAILS_MAX};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, shown};
use crate::directory::model::{Named, Node, Organization};
use crate::source::PolicyType;

/// Index into [`Organization::guardrails`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuardrailId(pub u32);

/// Where an account stands in its organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// `o-…/r-…/ou-…/`.
    pub path: String,
    /// For each node from the root, the account being the last, its service control policies; `None` where the member is
    /// omitted (DIR-8).
    pub scps: Option<Vec<Vec<GuardrailId>>>,
    /// Likewise.
    pub rcps: Option<Vec<Vec<GuardrailId>>>,
}

/// Units in one another: the service has five and a root.
const DEPTH_MAX: usize = 64;

impl Checker<'_> {
    /// Path and guardrails of each account.
    pub(super) fn organization(&mut self) -> Vec<Option<Levels>> {
        let directory = self.directory;
        let Some(organization) = &directory.organization else {
            for account in &directory.accounts {
                if let Some(parent) = &account.parent {
                    let message = format!("`{}` is a unit of an organization, and there is none", shown(&parent.text));
                    self.error(Code::D_REFERENCE, parent, message);
                }
            }
            return directory.accounts.iter().map(|_| None).collect();
        };
        self.unique("the unit", organization.nodes.iter().map(|node| (node.id.text.clone(), &node.id)));
        let named = organization.guardrails.iter().map(|it| {
            let policy_type = directory.documents[it.document.0 as usize].policy_type;
            (format!("{} {}", policy_type.name(), it.name.text), &it.name)
        });
        self.unique("the guardrail", named);
        let nodes: FastMap<&str, &Node> = organization.nodes.iter().map(|node| (node.id.text.as_str(), node)).collect();
        self.roots(organization);
        let mut paths: FastMap<&str, Option<Vec<&Node>>> = FastMap::default();
        for node in &organization.nodes {
            let path = self.path(node, &nodes);
            paths.insert(&node.id.text, path);
            self.guardrails(organization, PolicyType::Scp, &node.scps);
            self.guardrails(organization, PolicyType::Rcp, &node.rcps);
        }
        let at_nodes = organization.nodes.iter().map(|node| (&node.scps, &node.rcps));
        let at_accounts = directory.accounts.iter().map(|account| (&account.scps, &account.rcps));
        for (scps, rcps) in at_nodes.chain(at_accounts) {
            self.at_most(GUARDRAILS_MAX, scps, "service control policies are attached");
            self.at_most(GUARDRAILS_MAX, rcps, "resource control policies are attached");
        }
        let accounts = directory.accounts.iter().map(|account| {
            let parent = account.parent.as_ref()?;
            let Some(path) = paths.get(parent.text.as_str()) else {
                let near = nearest(&parent.text, nodes.keys().copied());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("there is no unit `{}`", shown(&parent.text));
                self.error(Code::D_REFERENCE, parent, message).help = help;
                return None;
            };
            let nodes = path.as_ref()?;
            let mut text = format!("{}/", organization.id.text);
            nodes.iter().for_each(|node| text.extend([node.id.text.as_str(), "/"]));
            let is_exempt = account.number.text == organization.management_account.text;
            let mut levels = |is_enabled: bool, policy_type, of: fn(&Node) -> &[Named], own: &[Named]| {
                let levels = nodes.iter().map(|node| of(node)).chain([own]);
                let levels = levels.map(|names| self.guardrails(organization, policy_type, names)).collect();
                (is_enabled && !is_exempt).then_some(levels)
            };
            let scps = levels(organization.has_scps, PolicyType::Scp, |node| &node.scps, &account.scps);
            let rcps = levels(organization.has_rcps, PolicyType::Rcp, |node| &node.rcps, &account.rcps);
            Some(Levels { path: text, scps, rcps })
        });
        accounts.collect()
    }

    fn roots(&mut self, organization: &Organization) {
        let mut roots = organization.nodes.iter().filter(|node| node.parent.is_none());
        match roots.next() {
            None => _ = self.error(Code::D_TREE, &organization.id, "the organization has no root"),
            Some(first) => {
                for other in roots {
                    let message = format!("`{}` is a second root", shown(&other.id.text));
                    self.error(Code::D_TREE, &other.id, message).help =
                        Some(format!("a unit has a parent; the root is `{}`", first.id.text));
                }
            }
        }
    }

    /// A node and those above it, from the root. `None` where they lead to no root, which is told of every node that is
    /// above itself, and of one whose parent is not there.
    fn path<'n>(&mut self, node: &'n Node, nodes: &FastMap<&str, &'n Node>) -> Option<Vec<&'n Node>> {
        let mut path = vec![node];
        while let Some(parent) = &path.last()?.parent {
            let is_own = path.len() == 1;
            let Some(&above) = nodes.get(parent.text.as_str()) else {
                if is_own {
                    let near = nearest(&parent.text, nodes.keys().copied());
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no unit `{}`", shown(&parent.text));
                    self.error(Code::D_REFERENCE, parent, message).help = help;
                }
                return None;
            };
            if std::ptr::eq(above, node) {
                let message = format!("`{}` is above itself", shown(&node.id.text));
                self.error(Code::D_TREE, parent, message).expected = Some("units that lead to the root".to_owned());
                return None;
            }
            if path.len() > DEPTH_MAX {
                let message = format!("`{}` leads to no root within {DEPTH_MAX} units", shown(&node.id.text));
                self.error(Code::D_TREE, &node.id, message);
                return None;
            }
            path.push(above);
        }
        path.reverse();
        Some(path)
    }

    fn guardrails(
        &mut self,
        organization: &Organization,
        policy_type: PolicyType,
        names: &[Named],
    ) -> Vec<GuardrailId> {
        let of_type = |at: &usize| {
            let document = organization.guardrails[*at].document;
            self.directory.documents[document.0 as usize].policy_type == policy_type
        };
        let all: Vec<usize> = (0..organization.guardrails.len()).filter(of_type).collect();
        let mut found = Vec::new();
        for name in names {
            let is_it = |at: &&usize| {
                let guardrail = &organization.guardrails[**at];
                let id = guardrail.id.as_ref().map(|id| id.text.as_str());
                guardrail.name.text == name.text || id == Some(&name.text)
            };
            match all.iter().find(is_it) {
                Some(&at) => found.push(GuardrailId(at as u32)),
                None => {
                    let known = all.iter().map(|&at| organization.guardrails[at].name.text.as_str());
                    let help = nearest(&name.text, known).map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no {} `{}`", policy_type.name(), shown(&name.text));
                    self.error(Code::D_REFERENCE, name, message).help = help;
                }
            }
        }
        found
    }
}
