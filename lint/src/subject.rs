//! What a check looks at: a policy that resolved, its tree and its meaning side by side.
//!
//! Only a document without errors becomes a subject, so no check has to ask what an unreadable part might have meant.

use dictum_catalogue::Catalogue;
use dictum_compiler::policy::{self, Effect, Policy};
use dictum_compiler::source::{Document, PolicyType, SourceFile, Sources, Span};
use dictum_compiler::syntax::ast::{self, Element, List, OperatorBlock, Principals, Scalar, Text};
use dictum_vm::operator::Test;

use crate::glob::Glob;
use crate::known::Known;

/// A policy.
pub struct Subject<'a> {
    /// All that was read.
    pub sources: &'a Sources,
    /// The document, with its name and type.
    pub document: &'a Document,
    /// The file that it stands in.
    pub file: &'a SourceFile,
    /// As written.
    pub tree: &'a ast::Policy<'a>,
    /// Its statements, in order.
    pub statements: Vec<Statement<'a>>,
    /// What there is to know of services.
    pub catalogue: &'a Catalogue,
}

/// A statement of a policy.
pub struct Statement<'a> {
    /// The type of its policy.
    pub policy_type: PolicyType,
    /// The file that it stands in.
    pub file: &'a SourceFile,
    /// Its place in the policy, from 0.
    pub index: usize,
    /// As written.
    pub tree: &'a ast::Statement<'a>,
    /// As understood.
    pub resolved: &'a policy::Statement,
    /// Allow or Deny.
    pub effect: Effect,
    /// Every operator and key of its Condition, in order.
    pub clauses: Vec<Clause<'a>>,
    /// What there is to know of services.
    pub catalogue: &'a Catalogue,
    /// What the catalogue knows of its actions and resources.
    pub known: Known<'a>,
}

/// One operator and key of a Condition, with the values.
#[derive(Clone, Copy)]
pub struct Clause<'a> {
    /// The operator with all that stands under it.
    pub block: &'a OperatorBlock<'a>,
    /// The operator, as understood.
    pub test: Test,
    /// The key, as written.
    pub key: Text<'a>,
    /// Where the values stand.
    pub span: Span,
    /// Whether they are a list, and not the one value itself.
    pub is_array: bool,
    /// The values, as written.
    pub values: &'a [Scalar<'a>],
    /// The same, as understood; entry by entry.
    pub resolved: &'a policy::Condition,
}

/// Action or NotAction, Resource or NotResource.
#[derive(Clone, Copy)]
pub struct Entries<'a> {
    /// Whether everything but the entries is meant.
    pub negated: bool,
    /// Where the element's name stands.
    pub name: Span,
    /// The entries.
    pub list: List<'a>,
}

/// One entry of a Principal or NotPrincipal.
#[derive(Clone, Copy)]
pub struct PrincipalText<'a> {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`; `*` where there is but this.
    pub kind: &'a str,
    /// The entry.
    pub text: Text<'a>,
}

impl<'a> Subject<'a> {
    /// A document with its tree and what that resolved to.
    pub fn new(
        sources: &'a Sources,
        document: &'a Document,
        tree: &'a ast::Policy<'a>,
        policy: &'a Policy,
        catalogue: &'a Catalogue,
    ) -> Subject<'a> {
        let file = sources.file(document.source);
        let trees = tree.statements.and_then(|given| given.value).unwrap_or_default();
        let pairs = trees.iter().zip(&policy.statements).enumerate();
        let statements = pairs.map(|(index, (tree, resolved))| Statement {
            policy_type: document.policy_type,
            file,
            index,
            tree,
            resolved,
            effect: resolved.effect,
            clauses: clauses(tree, resolved),
            catalogue,
            known: known(tree, catalogue),
        });
        Subject { sources, document, file, tree, statements: statements.collect(), catalogue }
    }

    /// The type that the policy is taken for.
    pub fn policy_type(&self) -> PolicyType {
        self.document.policy_type
    }

    /// The Allow of everything on everything that nothing in the policy takes anything away from.
    pub fn limitless(&self) -> Option<&Statement<'a>> {
        let has_deny = self.statements.iter().any(|statement| !statement.is_allow());
        let is_open = |statement: &&Statement<'_>| statement.is_allow() && statement.is_unlimited();
        self.statements.iter().find(is_open).filter(|_| !has_deny)
    }

    /// What to underline where the policy as a whole is meant.
    pub fn anchor(&self) -> Span {
        self.tree.span.start()
    }
}

fn known<'a>(tree: &'a ast::Statement<'a>, catalogue: &'a Catalogue) -> Known<'a> {
    let list = |entries: Option<Entries<'a>>| entries.map_or(&[][..], |entries| entries.list.entries);
    let actions = entries(tree.action, tree.not_action);
    let is_negated = actions.is_some_and(|actions| actions.negated);
    Known::new(catalogue, is_negated, list(actions), list(entries(tree.resource, tree.not_resource)))
}

fn clauses<'a>(tree: &'a ast::Statement<'a>, resolved: &'a policy::Statement) -> Vec<Clause<'a>> {
    let blocks = tree.condition.and_then(|given| given.value).unwrap_or_default();
    let keys = blocks.iter().flat_map(|block| block.keys.iter().map(move |key| (block, key)));
    let clause = |((block, key), resolved): ((_, &'a ast::KeyBlock<'a>), &'a policy::Condition)| Clause {
        block,
        test: resolved.test,
        key: key.key,
        span: key.span,
        is_array: key.is_array,
        values: key.values,
        resolved,
    };
    keys.zip(&resolved.conditions).map(clause).collect()
}

impl<'a> Statement<'a> {
    /// Whether it is an Allow.
    pub fn is_allow(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// Whether a text stands in the statement just as it reads, and so may be changed there: not escaped, not made of a
    /// group or another name, not shared with another statement.
    pub fn has(&self, text: Text<'_>) -> bool {
        let (around, inner) = (self.tree.span, text.part(0, text.text.len()));
        let is_inside = around.source == inner.source && around.start <= inner.start && inner.end <= around.end;
        is_inside && self.file.text().get(inner.start as usize..inner.end as usize) == Some(text.text.as_bytes())
    }

    /// What to underline where the statement as a whole is meant: its Sid, else its effect.
    pub fn anchor(&self) -> Span {
        let value = |element: Option<Element<Text<'_>>>| element.and_then(|given| given.value).map(|text| text.span);
        let sid = value(self.tree.sid).filter(|_| self.resolved.sid.is_some());
        sid.or(value(self.tree.effect)).unwrap_or(self.tree.span.start())
    }

    /// What a message calls it: `` `Sid` `` or `statement 3`, from 1.
    pub fn name(&self) -> String {
        match &self.resolved.sid {
            Some(sid) => format!("`{sid}`"),
            None => format!("statement {}", self.index + 1),
        }
    }

    /// Its Action or NotAction.
    pub fn actions(&self) -> Option<Entries<'a>> {
        entries(self.tree.action, self.tree.not_action)
    }

    /// Its Resource or NotResource.
    pub fn resources(&self) -> Option<Entries<'a>> {
        entries(self.tree.resource, self.tree.not_resource)
    }

    /// The entries of its Principal or NotPrincipal, and whether it is the latter.
    pub fn principals(&self) -> Option<(bool, Vec<PrincipalText<'a>>)> {
        let (negated, given) = match (self.tree.principal, self.tree.not_principal) {
            (Some(given), _) => (false, given),
            (None, Some(given)) => (true, given),
            (None, None) => return None,
        };
        Some((negated, principal_texts(given.value?)))
    }

    /// Whether it applies to every action.
    pub fn is_every_action(&self) -> bool {
        let actions = &self.resolved.actions;
        !actions.negated && actions.patterns.iter().any(|pattern| pattern.folded == "*")
    }

    /// Whether it applies to every resource.
    pub fn is_every_resource(&self) -> bool {
        let resources = self.resolved.resources.as_ref();
        resources.is_none_or(|all| !all.negated && all.patterns.iter().any(|pattern| pattern.text == "*"))
    }

    /// Whether it applies to every action and every resource, under no condition.
    pub fn is_unlimited(&self) -> bool {
        self.is_every_action() && self.is_every_resource() && self.clauses.is_empty()
    }

    /// Whether its Principal names everyone.
    pub fn is_everyone(&self) -> bool {
        let principals = self.resolved.principals.as_ref();
        principals.is_some_and(|all| !all.negated && all.entries.contains(&policy::PrincipalEntry::Everyone))
    }

    /// Whether its Action reaches this action, given in lower case. NotAction included.
    pub fn reaches(&self, action: &str) -> bool {
        let wanted = Glob::free(action);
        let actions = &self.resolved.actions;
        let is_named = actions.patterns.iter().any(|pattern| Glob::free(&pattern.folded).covers(&wanted));
        is_named != actions.negated
    }

    /// The conditions on a key, given in any letter case.
    pub fn on_key<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s Clause<'a>> {
        self.clauses.iter().filter(move |clause| clause.is_key(key))
    }
}

fn entries<'a>(positive: Option<Element<List<'a>>>, negative: Option<Element<List<'a>>>) -> Option<Entries<'a>> {
    let (negated, given) = match (positive, negative) {
        (Some(given), _) => (false, given),
        (None, given) => (true, given?),
    };
    Some(Entries { negated, name: given.name, list: given.value? })
}

fn principal_texts(principals: Principals<'_>) -> Vec<PrincipalText<'_>> {
    match principals {
        Principals::Text(text) => vec![PrincipalText { kind: "*", text }],
        Principals::Map { members, .. } => {
            let lists = members.iter().filter_map(|(kind, list)| Some((kind.text, list.as_ref()?)));
            lists.flat_map(|(kind, list)| list.entries.iter().map(move |&text| PrincipalText { kind, text })).collect()
        }
    }
}

impl<'a> Clause<'a> {
    /// The values, as texts.
    pub fn texts(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.values.iter().map(|value| value.text)
    }

    /// Whether the operator names a negation of its comparison.
    pub fn is_negated(&self) -> bool {
        self.test.operator.is_negated()
    }

    /// Whether it is about this key, given in any letter case (CND-4).
    pub fn is_key(&self, key: &str) -> bool {
        self.key.text.eq_ignore_ascii_case(key)
    }

    /// Whether its key begins so, in any letter case.
    pub fn key_starts_with(&self, prefix: &str) -> bool {
        self.key.text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// Whether it is false where the key is absent (CND-6, CND-20, CND-21, CND-23, CND-65).
    pub fn needs_presence(&self) -> bool {
        use dictum_vm::operator::{Operator, Quantifier};
        let wants_absence = |value: &policy::ConditionValue| matches!(value.operand, policy::Operand::Null(true));
        match (self.test.operator, self.test.quantifier) {
            (Operator::Null, _) => !self.resolved.values.iter().any(wants_absence),
            _ if self.test.if_exists => false,
            (_, Some(Quantifier::ForAllValues)) => false,
            (_, Some(Quantifier::ForAnyValue)) => true,
            (operator, None) => !operator.is_negated(),
        }
    }
}
