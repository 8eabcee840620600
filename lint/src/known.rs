//! What the catalogue knows of a statement: the actions that each entry takes in, and the resources by field.

use dictum_catalogue::{Action, Catalogue, Service, matches};
use dictum_compiler::syntax::ast::Text;

use crate::arn::Arn;

/// What is known of a statement.
pub struct Known<'a> {
    catalogue: &'a Catalogue,
    /// NotAction.
    pub is_negated: bool,
    /// The entries of Action or NotAction, in order.
    pub actions: Vec<ActionEntry<'a>>,
    /// The entries of Resource or NotResource that are ARNs, in order.
    pub arns: Vec<Arn<'a>>,
    /// Whether one of them is `*`, or there are none.
    pub is_every_resource: bool,
}

/// An entry of Action or NotAction.
pub struct ActionEntry<'a> {
    /// As written.
    pub text: Text<'a>,
    /// What stands before the colon; empty in `*`.
    pub prefix: &'a str,
    /// What stands behind it; `*` in `*`.
    pub name: &'a str,
    /// The service, where the catalogue has it.
    pub service: Option<Service<'a>>,
    /// The actions that it matches; left empty for [every action](ActionEntry::is_everything).
    pub actions: Vec<Action<'a>>,
}

impl ActionEntry<'_> {
    /// Whether it is `*` or `*:*`.
    pub fn is_everything(&self) -> bool {
        self.prefix.is_empty() || self.prefix == "*"
    }

    /// Whether its name has a wildcard.
    pub fn is_open(&self) -> bool {
        self.name.contains(['*', '?'])
    }

    /// Whether it is a whole service: `s3:*`.
    pub fn is_whole_service(&self) -> bool {
        !self.is_everything() && !self.name.is_empty() && self.name.bytes().all(|byte| byte == b'*')
    }
}

impl<'a> Known<'a> {
    /// What the catalogue knows of these entries.
    pub fn new(
        catalogue: &'a Catalogue,
        is_negated: bool,
        actions: &'a [Text<'a>],
        resources: &'a [Text<'a>],
    ) -> Known<'a> {
        let actions = actions.iter().map(|&text| {
            let (prefix, name) = text.text.split_once(':').unwrap_or(("", text.text));
            let service = catalogue.service(prefix);
            let actions = service.map(|service| service.actions_matching(name).collect()).unwrap_or_default();
            ActionEntry { text, prefix, name, service, actions }
        });
        Known {
            catalogue,
            is_negated,
            actions: actions.collect(),
            arns: resources.iter().filter_map(|&text| Arn::new(text)).collect(),
            is_every_resource: resources.is_empty() || resources.iter().any(|text| text.text == "*"),
        }
    }

    /// Whether its Action is, or holds, `*`.
    pub fn is_every_action(&self) -> bool {
        !self.is_negated && self.actions.iter().any(ActionEntry::is_everything)
    }

    /// Whether the catalogue has every action that is meant: no entry is of an unknown service or action, and it is no
    /// NotAction and no `*`, which take in what the catalogue does not have.
    pub fn is_complete(&self) -> bool {
        !self.is_negated && self.actions.iter().all(|entry| !entry.actions.is_empty())
    }

    /// Whether it applies to this action, be it in the catalogue or not.
    pub fn takes(&self, prefix: &str, name: &str) -> bool {
        let is_named = |entry: &ActionEntry<'_>| {
            entry.is_everything() || entry.prefix.eq_ignore_ascii_case(prefix) && matches(entry.name, name)
        };
        self.actions.iter().any(is_named) != self.is_negated
    }

    /// The actions that the entries name, each once, in the order of the entries; none for `*`.
    pub fn named(&self) -> Vec<Action<'a>> {
        let mut seen = vec![false; self.catalogue.actions().len()];
        let all = self.actions.iter().flat_map(|entry| &entry.actions).copied();
        all.filter(|action| !std::mem::replace(&mut seen[action.position()], true)).collect()
    }

    /// Every action of the catalogue that the statement applies to. O(actions of the catalogue) for `*` and NotAction.
    pub fn reached(&self) -> Vec<Action<'a>> {
        let has_everything = self.actions.iter().any(ActionEntry::is_everything);
        match (self.is_negated, has_everything) {
            (false, true) => self.catalogue.actions().collect(),
            (true, true) => Vec::new(),
            (false, false) => self.named(),
            (true, false) => {
                let mut is_named = vec![false; self.catalogue.actions().len()];
                self.actions.iter().flat_map(|entry| &entry.actions).for_each(|it| is_named[it.position()] = true);
                self.catalogue.actions().filter(|action| !is_named[action.position()]).collect()
            }
        }
    }

    /// The services that the entries name, each once, in their order; none for `*`.
    pub fn services(&self) -> Vec<Service<'a>> {
        let mut services: Vec<Service<'a>> = Vec::new();
        for service in self.actions.iter().filter_map(|entry| entry.service) {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        services
    }

    /// Of which resource types, by their [position](dictum_catalogue::ResourceType::position), some resource may be that
    /// the entries name. O(entries × resource types of their services).
    pub fn types_met(&self) -> Vec<bool> {
        let mut met = vec![self.is_every_resource; self.catalogue.resource_types().len()];
        let services = self.services();
        for arn in &self.arns {
            let types = services.iter().flat_map(|service| service.resource_types());
            for it in types.filter(|it| !met[it.position()]).filter(|it| it.meets(arn.text.text)).collect::<Vec<_>>() {
                met[it.position()] = true;
            }
        }
        met
    }
}
