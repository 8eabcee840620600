//! What the catalogue knows of an action, a condition key or a resource, as Markdown.

use dictum_catalogue::{Access, Action, Catalogue, Key, ResourceType};

use super::statement::actions_of;
use super::words::{code, counted, list};

/// Names shown of a list.
const NAMES_SHOWN: usize = 24;

/// Of an entry of an Action element: of a name what it is, of a pattern what it stands for.
pub fn action(entry: &str, catalogue: &Catalogue) -> String {
    if entry.contains(['*', '?']) {
        return wildcard(entry, catalogue);
    }
    match catalogue.action(entry) {
        Some(action) => one_action(action, catalogue),
        None => format!("**{}**\n\nNo action of this name in the catalogue of {}.", code(entry), catalogue.date()),
    }
}

fn wildcard(entry: &str, catalogue: &Catalogue) -> String {
    stands_for(&code(entry), &catalogue.actions_matching(entry).collect::<Vec<_>>(), catalogue)
}

/// Of several entries what they stand for together.
pub fn actions(entries: &[String], catalogue: &Catalogue) -> String {
    let names: Vec<&str> = entries.iter().map(String::as_str).collect();
    let shown: Vec<String> = entries.iter().map(|entry| code(entry)).collect();
    stands_for(&list(&shown, "and", 4), &actions_of(&names, catalogue), catalogue)
}

/// Actions by access level.
fn stands_for(title: &str, matched: &[Action<'_>], catalogue: &Catalogue) -> String {
    let prefix = matched.first().map(|action| action.prefix());
    let service = prefix.filter(|prefix| matched.iter().all(|action| action.prefix() == *prefix));
    let service = service.and_then(|prefix| catalogue.service(prefix));
    let of = service.map_or_else(String::new, |service| format!(" of {}", service.name()));
    let mut lines = vec![format!("**{title}** stands for {}{of}", counted(matched.len(), "action", "actions"))];
    for &access in Access::ALL {
        let of_level: Vec<Action<'_>> = matched.iter().copied().filter(|action| action.access() == access).collect();
        if of_level.is_empty() {
            continue;
        }
        let names = of_level.iter().take(NAMES_SHOWN).map(|action| match service {
            Some(_) => code(action.name()),
            None => code(&action.to_string()),
        });
        let names: Vec<String> = names.collect();
        let more = of_level.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("*{}* ({}): {}{more}", access.name(), of_level.len(), names.join(", ")));
    }
    lines.push(dated(catalogue));
    lines.join("\n\n")
}

fn one_action(action: Action<'_>, catalogue: &Catalogue) -> String {
    let service = catalogue.service(action.prefix()).map_or("", |service| service.name());
    let mut lines = vec![format!("**{}** · {} · {service}", code(&action.to_string()), action.access().name())];
    let mut types: Vec<String> = Vec::new();
    for grant in action.grants() {
        let needed = if grant.is_required() { ", in every request" } else { "" };
        types.push(format!("- {} {}{needed}", code(grant.resource_type().name()), code(grant.resource_type().arn())));
    }
    lines.push(match types.is_empty() {
        true => "Resource types: none, so that only `*` grants it.".to_owned(),
        false => format!("Resource types:\n{}", types.join("\n")),
    });
    let own: Vec<String> = action.all_keys().filter(|key| key.global().is_none()).map(|key| code(key.name())).collect();
    let own = if own.is_empty() { "global ones only".to_owned() } else { list(&own, "and", NAMES_SHOWN) };
    lines.push(format!("Condition keys: {own}"));
    let also: Vec<String> = action.dependents().map(code).collect();
    if !also.is_empty() {
        lines.push(format!("Its caller also needs {}.", list(&also, "and", NAMES_SHOWN)));
    }
    lines.push(dated(catalogue));
    lines.join("\n\n")
}

/// Of a condition key: its type, whether it has many values, and where it is present.
pub fn key(name: &str, catalogue: &Catalogue) -> String {
    let Some(key) = catalogue.key(name) else {
        return format!(
            "**{}**\n\nNo condition key of this name in the catalogue of {}.",
            code(name),
            catalogue.date()
        );
    };
    let many = if key.is_multivalued() { "a list of values, for `ForAllValues` or `ForAnyValue`" } else { "one value" };
    let mut lines = vec![format!("**{}** · {} · {many}", code(&key.canonical(name)), key.key_type().name())];
    if key.is_template() {
        lines.push(format!("A key of the family {}.", code(key.name())));
    }
    lines.push(presence(key, catalogue));
    lines.push(dated(catalogue));
    lines.join("\n\n")
}

fn presence(key: Key<'_>, catalogue: &Catalogue) -> String {
    let Some(global) = key.global() else {
        let actions = catalogue.actions().filter(|action| action.has_key(key.name())).collect::<Vec<_>>();
        let shown: Vec<String> = actions.iter().take(6).map(|action| code(&action.to_string())).collect();
        let more = actions.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        return match actions.is_empty() {
            true => "In no request that the catalogue knows of.".to_owned(),
            false => format!("In requests for {}{more}.", shown.join(", ")),
        };
    };
    let mut said = match (global.is_always_there(), global.when()) {
        (true, _) => "In every request.".to_owned(),
        (false, "") => "In some requests.".to_owned(),
        (false, when) => format!("In some requests: {when}."),
    };
    let services: Vec<String> = global.services().map(code).collect();
    if !services.is_empty() {
        said += &format!(" Only for {}.", list(&services, "and", NAMES_SHOWN));
    }
    if let Some(also) = global.also_type() {
        said += &format!(" Its values may be written as {} too.", also.name());
    }
    if global.is_sensitive() {
        said += " Better without wildcards.";
    }
    if global.is_deprecated() {
        said += " Another key has taken its place.";
    }
    said
}

/// Of a resource pattern: which types of resources have such ARNs.
pub fn resource(pattern: &str, catalogue: &Catalogue) -> String {
    let title = format!("**{}**", code(pattern));
    if pattern == "*" {
        return format!("{title}\n\nAny resource of any service.");
    }
    let mut types: Vec<_> = catalogue.resource_types_matching(pattern).collect();
    // Services list the types of others too; each format is told of by the service that it belongs to.
    let is_own = |it: &ResourceType<'_>| it.arn().split(':').nth(2).is_some_and(|service| service == it.prefix());
    types.sort_by_key(|it| (it.arn(), !is_own(it)));
    types.dedup_by_key(|it| it.arn());
    types.sort_by_key(|it| std::cmp::Reverse(it.arn().len()));
    let lines: Vec<String> = types
        .iter()
        .take(NAMES_SHOWN)
        .map(|it| {
            let service = catalogue.service(it.prefix()).map_or(it.prefix(), |service| service.name());
            format!("- {} of {service}: {}", code(it.name()), code(it.arn()))
        })
        .collect();
    match lines.is_empty() {
        true => format!("{title}\n\nNo resource type of the catalogue has such ARNs."),
        false => format!("{title}\n\nARNs of these types fit:\n{}\n\n{}", lines.join("\n"), dated(catalogue)),
    }
}

fn dated(catalogue: &Catalogue) -> String {
    format!("*Catalogue of {}*", catalogue.date())
}
