//! A policy: its statements, and the block around them where something has to be said that statements cannot.

use super::layout::{self, INDENT, WIDTH};
use super::spelling::{self, string};
use super::statement::present;
use super::{Printer, Shape};
use crate::guess::guess_tree;
use crate::source::PolicyType;
use crate::syntax::ast::{ElementName, Policy, Statement, VERSION};

/// The text of a `.dct` file that holds one policy, which a block in it would call `name`. With a type, the text says it
/// where its content alone would be taken for another.
///
/// `None` where the tree has an error. O(bytes of the document), but for lists, in which each entry is compared with some
/// tens of its neighbours.
pub fn dsl(policy: &Policy<'_>, name: &str, policy_type: Option<PolicyType>, shape: Shape) -> Option<String> {
    let printer = Printer { shape };
    let statements = policy.statements?.value?;
    let policy_type = policy_type.filter(|policy_type| *policy_type != guess_tree(policy));
    let attributes = printer.attributes(policy)?;
    if !attributes.is_empty() || statements.is_empty() {
        return printer.block(policy, name, policy_type);
    }
    let mut out = policy_type.map(|policy_type| format!("type {}\n\n", policy_type.name())).unwrap_or_default();
    printer.statements(statements, 0, &mut out)?;
    Some(out)
}

/// A `policy` block, one of several in a file; else as [`dsl`].
pub fn dsl_in_block(policy: &Policy<'_>, name: &str, policy_type: Option<PolicyType>, shape: Shape) -> Option<String> {
    let policy_type = policy_type.filter(|policy_type| *policy_type != guess_tree(policy));
    Printer { shape }.block(policy, name, policy_type)
}

impl Printer {
    fn block(&self, policy: &Policy<'_>, name: &str, policy_type: Option<PolicyType>) -> Option<String> {
        let statements = policy.statements?.value?;
        let mut head = vec!["policy".to_owned(), spelling::policy_name(name)];
        let mut attributes = self.attributes(policy)?;
        if let Some(policy_type) = policy_type {
            let behind = attributes.iter().take_while(|(name, _)| matches!(*name, "version" | "id")).count();
            attributes.insert(behind, ("type", policy_type.name().to_owned()));
        }
        head.extend(attributes.into_iter().map(|(name, value)| format!("{name}={value}")));
        if statements.is_empty() {
            return Some(format!("{} {{ }}\n", head.join(" ")));
        }
        let mut out = format!("{} {{\n", head.join(" "));
        self.statements(statements, INDENT, &mut out)?;
        out.push_str("}\n");
        Some(out)
    }

    /// What has to be said of a policy beside its statements and its type.
    fn attributes(&self, policy: &Policy<'_>) -> Option<Vec<(&'static str, String)>> {
        let mut attributes = Vec::new();
        match policy.version {
            None => attributes.push(("version", "none".to_owned())),
            Some(version) => match version.value?.text {
                VERSION => {}
                version => attributes.push(("version", string(version))),
            },
        }
        if let Some(id) = policy.id {
            attributes.push(("id", string(id.value?.text)));
        }
        if self.is_exact() {
            if !policy.is_array {
                attributes.push(("shape", string("object")));
            }
            let order = present(policy.order, |name| has(policy, name));
            if order != present(ElementName::POLICY, |name| has(policy, name)) {
                let names: Vec<&str> = order.iter().map(|name| name.name()).collect();
                attributes.push(("order", string(&names.join(", "))));
            }
        }
        Some(attributes)
    }

    fn statements(&self, statements: &[Statement<'_>], margin: usize, out: &mut String) -> Option<()> {
        for (index, statement) in statements.iter().enumerate() {
            if index > 0 {
                out.push('\n');
            }
            layout::statement(&self.statement(statement)?, margin, WIDTH, out);
        }
        Some(())
    }
}

/// Whether a policy has an element.
pub(super) fn has(policy: &Policy<'_>, name: ElementName) -> bool {
    match name {
        ElementName::Version => policy.version.is_some(),
        ElementName::Id => policy.id.is_some(),
        ElementName::Statement => policy.statements.is_some(),
        _ => false,
    }
}
