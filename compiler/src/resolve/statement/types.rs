//! What the type of a policy refuses in a statement (TYP-1 to TYP-3).

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::{Effect, PrincipalEntry, Statement};
use crate::resolve::scope::Scope;
use crate::source::{PolicyType, Span};
use crate::syntax::ast;

/// What a message calls a policy of a type.
pub(super) fn name(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::Identity => "an identity policy",
        PolicyType::Resource => "a resource policy",
        PolicyType::Trust => "a trust policy",
        PolicyType::Boundary => "a permissions boundary",
        PolicyType::Session => "a session policy",
        PolicyType::Scp => "an scp",
        PolicyType::Rcp => "an rcp",
    }
}

pub(super) fn refuse(span: Span, what: &str, rule: &'static str, help: &str, scope: &mut Scope<'_>) {
    let message = format!("{what} in {}", name(scope.policy_type));
    let diagnostic = Diagnostic::new(Code::E_POLICYTYPE, span, rule, message);
    scope.report(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
}

/// Checks a statement that is resolved as far as it is good.
pub(super) fn check(
    element: &ast::Statement<'_>,
    effect: Option<Effect>,
    statement: &Statement,
    scope: &mut Scope<'_>,
) {
    match scope.policy_type {
        PolicyType::Trust => {
            let words = scope.words;
            let resources = [(element.resource, words.resource), (element.not_resource, words.not_resource)];
            for (given, what) in resources {
                if let Some(given) = given {
                    refuse(given.name, what, "TYP-2", "it covers the role it is attached to", scope);
                }
            }
            if let Some(given) = element.not_principal {
                refuse(given.name, scope.words.not_principal, "TYP-2", "", scope);
            }
        }
        PolicyType::Rcp => check_rcp(element, effect, statement, scope),
        _ => {}
    }
}

fn check_rcp(element: &ast::Statement<'_>, effect: Option<Effect>, statement: &Statement, scope: &mut Scope<'_>) {
    if let Some(given) = element.not_principal {
        refuse(given.name, scope.words.not_principal, "TYP-1", "", scope);
    }
    if let Some(given) = element.principal {
        let entries = statement.principals.as_ref().map_or(&[][..], |principals| &principals.entries);
        if entries.is_empty() || entries.iter().any(|entry| *entry != PrincipalEntry::Everyone) {
            refuse(given.name, "a principal other than `*`", "TYP-1", scope.words.rcp_principal, scope);
        }
    }
    if let Some(given) = element.not_action {
        refuse(given.name, scope.words.not_action, "TYP-1", "", scope);
    }
    let actions = &statement.actions.patterns;
    match effect {
        Some(Effect::Deny) => {
            let span = element.action.map_or(element.span, |given| given.name);
            if actions.iter().any(|action| action.folded == "*") {
                refuse(span, scope.words.bare_deny, "TYP-1", "name a service, as in `s3:*`", scope);
            }
        }
        Some(Effect::Allow) if !is_full_access(element, statement) => {
            let span = element.effect.map_or(element.span, |given| given.value.map_or(given.name, |value| value.span));
            refuse(span, scope.words.an_allow, "TYP-3", scope.words.full_access, scope);
        }
        _ => {}
    }
}

/// TYP-3: the vendor's full-access statement, of which an empty Condition is no part.
fn is_full_access(element: &ast::Statement<'_>, statement: &Statement) -> bool {
    let is_star = |texts: &mut dyn Iterator<Item = &String>| {
        texts.next().is_some_and(|text| text == "*") && texts.next().is_none()
    };
    let resources = statement.resources.as_ref().filter(|resources| !resources.negated);
    element.condition.is_none()
        && !statement.actions.negated
        && is_star(&mut statement.actions.patterns.iter().map(|pattern| &pattern.text))
        && resources.is_some_and(|resources| is_star(&mut resources.patterns.iter().map(|pattern| &pattern.text)))
}
