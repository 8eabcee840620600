//! Policies and statements: which elements there must be, which may not stand together, and what a type of policy refuses
//! (semantics.md 2.2 to 2.5).

use std::collections::HashMap;

use super::scope::Scope;
use super::{action, condition, lint, principal, resource};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::policy::{Actions, Effect, Notes, Policy, Principals, Resources, Statement};
use crate::source::{PolicyType, Span};
use crate::syntax::ast::{self, Element, List, Text, VERSION};

mod types;

const OLD_VERSION: &str = "2008-10-17";

/// The whole policy, as far as it is good.
pub(super) fn policy(tree: &ast::Policy<'_>, name: &str, scope: &mut Scope<'_>) -> Policy {
    version(tree, scope);
    if let Some(id) = &tree.id {
        lint::id(id.name, scope);
    }
    let elements = match &tree.statements {
        None => {
            missing("a policy without Statement", opening(tree.span), "GRM-10", "", scope);
            &[][..]
        }
        Some(element) => element.value.unwrap_or_default(),
    };
    let mut statements = Vec::with_capacity(elements.len());
    let mut sids: HashMap<&str, Span> = HashMap::new();
    for element in elements {
        if let Some(sid) = element.sid.and_then(|sid| sid.value).filter(|sid| !sid.text.is_empty()) {
            if let Some(first) = sids.get(sid.text) {
                repeated_sid(&sid, *first, scope);
            } else {
                sids.insert(sid.text, sid.span);
            }
        }
        statements.push(statement(element, scope));
    }
    Policy { name: name.to_owned(), policy_type: scope.policy_type, statements }
}

/// The brace that opens an object: where something is missing in it.
fn opening(span: Span) -> Span {
    Span { end: span.start + 1, ..span }
}

fn missing(message: impl Into<String>, span: Span, rule: &'static str, expected: &str, scope: &mut Scope<'_>) {
    let diagnostic = Diagnostic::new(Code::E_MISSING, span, rule, message);
    scope.report(if expected.is_empty() { diagnostic } else { diagnostic.expected(expected) });
}

/// Whether a name that is near to an element's was told of already within a span: then the element is not missing but
/// misspelt.
fn is_misspelt(element: &str, span: Span, scope: &Scope<'_>) -> bool {
    let inside = |found: &&Diagnostic| found.span.start >= span.start && found.span.end <= span.end;
    let near = format!("`{element}`?");
    let mut told = scope.diagnostics.iter().filter(|found| found.code == Code::E_ELEMENT).filter(inside);
    told.any(|found| found.help.as_ref().is_some_and(|help| help.ends_with(&near)))
}

/// Where it is said that something is missing in a statement: its brace, or its effect where there is no brace.
fn head(element: &ast::Statement<'_>, scope: &Scope<'_>) -> Span {
    match (scope.is_dictum(), &element.effect) {
        (true, Some(effect)) => effect.name,
        _ => opening(element.span),
    }
}

/// GRM-11, TYP-1.
fn version(tree: &ast::Policy<'_>, scope: &mut Scope<'_>) {
    let given = tree.version.map(|version| version.value);
    let (text, span) = match &given {
        None => (OLD_VERSION, opening(tree.span)),
        Some(Some(version)) => (version.text, version.span),
        Some(None) => (VERSION, tree.span),
    };
    // A Version that does not exist was meant to be the new one: so its variables are checked.
    scope.has_variables = text != OLD_VERSION;
    if text != VERSION && text != OLD_VERSION {
        let diagnostic = Diagnostic::new(Code::E_VERSION, span, "GRM-11", format!("unknown version `{}`", shown(text)))
            .expected(format!("`{VERSION}` or `{OLD_VERSION}`"));
        scope.report(diagnostic.did_you_mean(nearest(text, [VERSION, OLD_VERSION])));
    } else if text == OLD_VERSION && scope.policy_type == PolicyType::Rcp {
        let message = if given.is_none() { scope.words.no_version } else { "an rcp of the old version" };
        scope.report(Diagnostic::new(Code::E_VERSION, span, "TYP-1", message).expected(format!("`{VERSION}`")));
    } else if text == OLD_VERSION && scope.policy_type == PolicyType::Scp {
        lint::old_scp(span, scope);
    }
}

/// SID-2.
fn repeated_sid(sid: &Text<'_>, first: Span, scope: &mut Scope<'_>) {
    let code = if scope.is_resource_side() { Code::L_SID } else { Code::E_SID };
    let diagnostic = Diagnostic::new(code, sid.span, "SID-2", format!("the Sid `{}` is given twice", shown(sid.text)));
    scope.report(diagnostic.related(first, "it stands here already"));
}

fn statement(element: &ast::Statement<'_>, scope: &mut Scope<'_>) -> Statement {
    let effect = effect(element, scope);
    exclusive("Action", &element.action, &element.not_action, "GRM-22", scope);
    exclusive("Resource", &element.resource, &element.not_resource, "GRM-23", scope);
    exclusive("Principal", &element.principal, &element.not_principal, "GRM-23", scope);
    let blocks = element.condition.and_then(|condition| condition.value).unwrap_or_default();
    let statement = Statement {
        sid: sid(element, scope),
        place: scope.file.place(element.span.start),
        effect: effect.unwrap_or(Effect::Deny),
        principals: principals(element, effect, scope),
        actions: actions(element, scope),
        resources: resources(element, scope),
        conditions: condition::conditions(blocks, effect, element.span, scope),
        notes: notes(element),
    };
    types::check(element, effect, &statement, scope);
    // An rcp's principal is known to be everyone.
    let keep = scope.is_resource_side();
    let statement = Statement { principals: statement.principals.filter(|_| keep), ..statement };
    lint::deputy(element, &statement, scope);
    statement
}

fn notes(element: &ast::Statement<'_>) -> Notes {
    let texts = |texts: &[Text<'_>]| texts.iter().map(|text| text.text.to_owned()).collect();
    let metadata = element.metadata.iter().map(|item| (item.name.text.to_owned(), texts(item.values)));
    Notes { doc: texts(element.doc), metadata: metadata.collect() }
}

/// SID-1, SID-2.
fn sid(element: &ast::Statement<'_>, scope: &mut Scope<'_>) -> Option<String> {
    let sid = element.sid?.value.filter(|sid| !sid.text.is_empty())?;
    if !scope.is_resource_side()
        && let Some((at, character)) = sid.text.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric())
    {
        let span = sid.part(at, at + character.len_utf8());
        let message = format!("the Sid `{}` has other characters than letters and digits", shown(sid.text));
        scope.report(Diagnostic::new(Code::E_SID, span, "SID-2", message).expected("A–Z, a–z, 0–9"));
    }
    Some(sid.text.to_owned())
}

/// GRM-21.
fn effect(element: &ast::Statement<'_>, scope: &mut Scope<'_>) -> Option<Effect> {
    let Some(given) = &element.effect else {
        if !is_misspelt("Effect", element.span, scope) {
            missing("a statement without Effect", opening(element.span), "GRM-21", "`Allow` or `Deny`", scope);
        }
        return None;
    };
    let value = given.value?;
    match value.text {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        text => {
            let message = format!("unknown effect `{}`", shown(text));
            let diagnostic = Diagnostic::new(Code::E_EFFECT, value.span, "GRM-21", message);
            let diagnostic = diagnostic.expected("`Allow` or `Deny`").did_you_mean(nearest(text, ["Allow", "Deny"]));
            scope.report(diagnostic);
            None
        }
    }
}

/// GRM-22, GRM-23: the second of the two is one too many.
fn exclusive<T>(
    name: &str,
    one: &Option<Element<T>>,
    other: &Option<Element<T>>,
    rule: &'static str,
    scope: &mut Scope<'_>,
) {
    if let (Some(one), Some(other)) = (one, other) {
        let message = format!("a statement with both `{name}` and `Not{name}`");
        let (first, second) = (one.name.min(other.name), one.name.max(other.name));
        let diagnostic = Diagnostic::new(Code::E_EXCLUSIVE, second, rule, message).help("make two statements of it");
        scope.report(diagnostic.related(first, "the other stands here"));
    }
}

/// Both of a pair, `false` for the plain one, in the order in which they are to be looked at.
fn pair<'e, T>(one: &'e Option<Element<T>>, other: &'e Option<Element<T>>) -> [(bool, Option<&'e Element<T>>); 2] {
    [(false, one.as_ref()), (true, other.as_ref())]
}

/// GRM-22.
fn actions(element: &ast::Statement<'_>, scope: &mut Scope<'_>) -> Actions {
    let mut actions = None;
    for (negated, list) in pair(&element.action, &element.not_action) {
        let Some(list) = list else { continue };
        let empty = if negated { scope.words.no_excepted_actions } else { scope.words.no_actions };
        let entries = entries(list, empty, negated, scope);
        let patterns = entries.iter().filter_map(|entry| action::entry(entry, scope)).collect();
        actions.get_or_insert(Actions { negated, patterns });
    }
    actions.unwrap_or_else(|| {
        if !["Action", "NotAction"].iter().any(|name| is_misspelt(name, element.span, scope)) {
            missing("a statement without Action or NotAction", opening(element.span), "GRM-22", "", scope);
        }
        Actions { negated: false, patterns: Vec::new() }
    })
}

/// TYP-1, TYP-2.
fn resources(element: &ast::Statement<'_>, scope: &mut Scope<'_>) -> Option<Resources> {
    let mut resources = None;
    for (negated, list) in pair(&element.resource, &element.not_resource) {
        let Some(list) = list else { continue };
        let empty = if negated { scope.words.no_excepted_resources } else { scope.words.no_resources };
        let entries = entries(list, empty, negated, scope);
        let patterns = entries.iter().filter_map(|entry| resource::entry(entry, scope)).collect();
        resources.get_or_insert(Resources { negated, patterns });
    }
    let is_misspelt = || ["Resource", "NotResource"].iter().any(|name| is_misspelt(name, element.span, scope));
    if resources.is_none() && !scope.is_resource_side() && !is_misspelt() {
        let message = format!("a statement of {} {}", types::name(scope.policy_type), scope.words.without_resource);
        missing(message, head(element, scope), "TYP-1", scope.words.expected_resource, scope);
    }
    resources
}

/// GRM-25.
fn entries<'a>(
    element: &Element<List<'a>>,
    empty: &'static str,
    negated: bool,
    scope: &mut Scope<'_>,
) -> &'a [Text<'a>] {
    let Some(list) = &element.value else { return &[] };
    if list.entries.is_empty() {
        lint::empty_list(list.span, empty, negated, scope);
    }
    list.entries
}

/// TYP-1, PRN-32.
fn principals(element: &ast::Statement<'_>, effect: Option<Effect>, scope: &mut Scope<'_>) -> Option<Principals> {
    let takes_principals = scope.is_resource_side() || scope.policy_type == PolicyType::Rcp;
    let mut principals = None;
    for (negated, given) in pair(&element.principal, &element.not_principal) {
        let Some(given) = given else { continue };
        let name = if negated { scope.words.not_principal } else { scope.words.principal };
        if !takes_principals {
            types::refuse(given.name, name, "TYP-1", scope.words.attached, scope);
            continue;
        }
        if negated && effect == Some(Effect::Allow) {
            lint::allow_not_principal(given.name, scope);
        }
        let entries = given.value.as_ref().map(|value| principal::entries(value, scope)).unwrap_or_default();
        principals.get_or_insert(Principals { negated, entries });
    }
    let is_misspelt = || ["Principal", "NotPrincipal"].iter().any(|name| is_misspelt(name, element.span, scope));
    if principals.is_none() && takes_principals && !is_misspelt() {
        let message = format!("a statement of {} {}", types::name(scope.policy_type), scope.words.without_principal);
        let expected = match scope.policy_type {
            PolicyType::Rcp => scope.words.expected_everyone,
            _ => scope.words.expected_principal,
        };
        missing(message, head(element, scope), "TYP-1", expected, scope);
    }
    principals
}
