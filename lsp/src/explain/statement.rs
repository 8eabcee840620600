//! A statement in a sentence.

use dictum_catalogue::{Action, Catalogue, ResourceType, Service};
use dictum_compiler::syntax::ast::{Element, List, Principals, Statement};

use super::condition::Clauses;
use super::words::{code, counted, list};

/// Parts of a list that are named; the rest is counted.
const SHOWN: usize = 3;
/// Likewise of exceptions, whose patterns say more than their number.
const EXCEPTIONS_SHOWN: usize = 6;

/// What a statement means, as Markdown: `Allows 3 actions of Amazon Connect on …, when …, unless …`.
pub fn sentence(statement: &Statement<'_>, catalogue: &Catalogue) -> String {
    let mut said = match value(statement.effect).map(|effect| effect.text) {
        Some("Allow") => "Allows ".to_owned(),
        Some("Deny") => "Denies ".to_owned(),
        _ => "Without an effect yet: ".to_owned(),
    };
    let actions = (value(statement.action), value(statement.not_action));
    said += &match actions {
        (_, Some(except)) if except.entries.len() <= EXCEPTIONS_SHOWN => {
            let names: Vec<String> = except.entries.iter().map(|entry| code(entry.text)).collect();
            format!("every action except {}", list(&names, "and", EXCEPTIONS_SHOWN))
        }
        (_, Some(except)) => format!("every action except {}", several(&except, catalogue)),
        (Some(own), _) => several(&own, catalogue),
        (None, None) => "nothing yet".to_owned(),
    };
    match (value(statement.principal), value(statement.not_principal)) {
        (_, Some(except)) => said += &format!(" to everyone except {}", principals(&except)),
        (Some(own), _) => said += &format!(" to {}", principals(&own)),
        (None, None) => {}
    }
    let own = actions.0.filter(|_| actions.1.is_none());
    match (value(statement.resource), value(statement.not_resource)) {
        (_, Some(except)) => said += &format!(" on every resource except {}", resources(&except, own, catalogue)),
        (Some(list), _) => said += &format!(" on {}", resources(&list, own, catalogue)),
        (None, None) => {}
    }
    let clauses = Clauses::of(value(statement.condition).unwrap_or_default());
    format!("{said}{clauses}.")
}

fn value<T>(element: Option<Element<T>>) -> Option<T> {
    element.and_then(|element| element.value)
}

/// Actions by name where they are few, else by number and service.
fn several(actions: &List<'_>, catalogue: &Catalogue) -> String {
    let names: Vec<&str> = actions.entries.iter().map(|entry| entry.text).collect();
    if names.iter().any(|name| ["*", "*:*"].contains(name)) {
        return "every action".to_owned();
    }
    if let [name] = names[..]
        && let Some((prefix, "*")) = name.split_once(':')
        && let Some(service) = catalogue.service(prefix)
    {
        return format!("every action of {}", service.name());
    }
    let is_plain = names.len() <= SHOWN && !names.iter().any(|name| name.contains(['*', '?']));
    let matched: Vec<Action<'_>> = actions_of(&names, catalogue);
    if is_plain || matched.is_empty() {
        let shown: Vec<String> = names.iter().map(|name| code(name)).collect();
        return list(&shown, "and", SHOWN);
    }
    let mut services: Vec<Service<'_>> = matched.iter().filter_map(|it| catalogue.service(it.prefix())).collect();
    services.dedup();
    let services: Vec<String> = services.iter().map(|service| service.name().to_owned()).collect();
    let of =
        if services.len() > SHOWN { format!("{} services", services.len()) } else { list(&services, "and", SHOWN) };
    format!("{} of {of}", counted(matched.len(), "action", "actions"))
}

/// The actions that any of these entries matches, each once, by service.
pub fn actions_of<'c>(entries: &[&str], catalogue: &'c Catalogue) -> Vec<Action<'c>> {
    let mut found: Vec<Action<'c>> = entries.iter().flat_map(|entry| catalogue.actions_matching(entry)).collect();
    found.sort_by_key(|action| (action.prefix(), action.name()));
    found.dedup();
    found
}

fn principals(principals: &Principals<'_>) -> String {
    match principals {
        Principals::Text(text) if text.text == "*" => "anyone".to_owned(),
        Principals::Text(text) => code(text.text),
        Principals::Map { members, .. } => {
            let named = members.iter().flat_map(|(kind, entries)| {
                let entries = entries.map(|list| list.entries).unwrap_or_default();
                entries.iter().map(|entry| principal(kind.text, entry.text))
            });
            list(&named.collect::<Vec<_>>(), "and", SHOWN + 1)
        }
    }
}

fn principal(kind: &str, text: &str) -> String {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let root = text.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    match (kind, root) {
        ("AWS", _) if text == "*" => "anyone".to_owned(),
        ("AWS", Some(root)) if account(root) => format!("account {}", code(root)),
        ("AWS", _) if account(text) => format!("account {}", code(text)),
        ("Service", _) => format!("the service {}", code(text)),
        ("Federated", _) => format!("whoever comes from {}", code(text)),
        _ => code(text),
    }
}

fn resources(resources: &List<'_>, actions: Option<List<'_>>, catalogue: &Catalogue) -> String {
    let texts: Vec<&str> = resources.entries.iter().map(|entry| entry.text).collect();
    if texts.contains(&"*") {
        return "any resource".to_owned();
    }
    let names: Vec<&str> = actions.iter().flat_map(|list| list.entries).map(|entry| entry.text).collect();
    let types = granted(&names, catalogue);
    let shown: Vec<String> = texts.iter().map(|text| resource(text, &types)).collect();
    list(&shown, "and", SHOWN)
}

/// The resource types that some of these actions may be granted on.
fn granted<'c>(actions: &[&str], catalogue: &'c Catalogue) -> Vec<ResourceType<'c>> {
    let mut types: Vec<ResourceType<'c>> = Vec::new();
    for action in actions_of(actions, catalogue) {
        for grant in action.grants().filter(|grant| grant.resource_type().prefix() == action.prefix()) {
            if !types.contains(&grant.resource_type()) {
                types.push(grant.resource_type());
            }
        }
    }
    types
}

/// Of several types whose ARNs fit a pattern, the one that shares most words with it.
pub fn likeliest<'c>(pattern: &str, types: &[ResourceType<'c>]) -> Option<ResourceType<'c>> {
    let words = |text: &str| text.split([':', '/']).map(str::to_owned).collect::<Vec<_>>();
    let written = words(pattern);
    let rank = |it: &ResourceType<'_>| {
        let literal = words(it.arn()).into_iter().filter(|word| !word.is_empty() && !word.contains("${"));
        let (shared, other): (Vec<_>, Vec<_>) = literal.partition(|word| written.contains(word));
        (shared.len(), std::cmp::Reverse(other.len()))
    };
    types.iter().copied().filter(|it| it.meets(pattern)).max_by_key(rank)
}

fn resource(pattern: &str, types: &[ResourceType<'_>]) -> String {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [_, _, _, region, account, own] = parts[..] else { return code(pattern) };
    let is_wild = own.contains(['*', '?']) || own.contains("${");
    let named = match (likeliest(pattern, types), is_wild) {
        (Some(it), true) => format!("every {} matching {}", code(it.name()), code(own)),
        (Some(it), false) => format!("the {} {}", code(it.name()), code(own)),
        (None, true) => format!("whatever matches {}", code(own)),
        (None, false) => code(own),
    };
    let is_fixed = |part: &str| !part.is_empty() && part != "*";
    let region = if is_fixed(region) { format!(" in {}", code(region)) } else { String::new() };
    let account = if is_fixed(account) { format!(" of account {}", code(account)) } else { String::new() };
    format!("{named}{region}{account}")
}
