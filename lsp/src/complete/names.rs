//! Actions, condition keys, resources and operators to choose from.

use std::collections::{BTreeMap, BTreeSet};

use dictum_catalogue::{Action, Catalogue, Key, KeyType};
use dictum_vm::operator::{Family, Operator, Quantifier, Test};
use lsp_types::CompletionItemKind;

use super::item::{Item, escaped};
use crate::explain::{operator, statement::actions_of};

/// Actions looked at for the keys that go with them; a statement on more is about everything.
const ACTIONS_MAX: usize = 1000;

/// Actions, by service: prefixes where no colon is there yet, else the names behind it, and patterns for verbs that many
/// of them begin with.
pub fn actions(word: &str, catalogue: &Catalogue) -> Vec<Item> {
    match word.split_once(':').and_then(|(prefix, _)| catalogue.service(prefix)) {
        None => {
            let prefixes = catalogue.services().map(|service| {
                let text = format!("{}:", service.prefix());
                let item = Item::plain(CompletionItemKind::MODULE, text, service.name());
                Item { goes_on: true, ..item }
            });
            let any = Item::plain(CompletionItemKind::CONSTANT, "*", "every action of every service").rank(8);
            prefixes.chain([any]).collect()
        }
        Some(service) => {
            let names = service
                .actions()
                .map(|action| Item::plain(CompletionItemKind::FUNCTION, action.to_string(), action.access().name()));
            names.chain(patterns(service.prefix(), service.actions())).collect()
        }
    }
}

/// `s3:*`, and `s3:Get*` for each first word that several names share.
fn patterns<'c>(prefix: &str, actions: impl Iterator<Item = Action<'c>>) -> Vec<Item> {
    let mut verbs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = 0;
    for action in actions {
        let name = action.name();
        let end = name.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(name.len(), |(at, _)| at);
        *verbs.entry(&name[..end]).or_default() += 1;
        count += 1;
    }
    let several = verbs.into_iter().filter(|&(_, count)| count > 1);
    let all = [("", count)].into_iter().chain(several);
    all.map(|(verb, count)| {
        Item::plain(CompletionItemKind::CONSTANT, format!("{prefix}:{verb}*"), format!("{count} actions")).rank(6)
    })
    .collect()
}

/// Keys that requests for these actions may have, first those of the service; of a statement on everything the global ones.
/// A key whose type fits the operator comes before one whose type does not.
pub fn keys(entries: &[&str], family: Option<Family>, catalogue: &Catalogue) -> Vec<Item> {
    let is_everything = entries.is_empty() || entries.iter().any(|entry| ["*", "*:*"].contains(entry));
    let actions = if is_everything { Vec::new() } else { actions_of(entries, catalogue) };
    let keys: Vec<Key<'_>> = match actions.len() {
        1..=ACTIONS_MAX => {
            let mut seen = BTreeSet::new();
            let all = actions.iter().flat_map(|action| action.all_keys());
            all.filter(|key| seen.insert(key.name())).collect()
        }
        _ => catalogue.global_keys().collect(),
    };
    keys.into_iter().map(|key| one_key(key, family)).collect()
}

fn one_key(key: Key<'_>, family: Option<Family>) -> Item {
    let many = if key.is_multivalued() { ", many values" } else { "" };
    let detail = format!("{}{many}", key.key_type().name());
    let fits = family.is_none_or(|family| fits(key.key_type(), family));
    let rank = match (fits, key.global().is_some()) {
        (true, false) => 1,
        (true, true) => 2,
        (false, _) => 7,
    };
    let item = match key.name().split_once("${") {
        None => Item::plain(CompletionItemKind::FIELD, key.name(), detail),
        Some((head, tail)) => {
            let (variable, suffix) = tail.split_once('}').unwrap_or((tail, ""));
            let item =
                Item::snippet(key.name(), format!("{}${{1:{variable}}}{}", escaped(head), escaped(suffix)), detail);
            Item { kind: CompletionItemKind::FIELD, ..item }
        }
    };
    item.rank(rank)
}

/// Whether keys of a type are compared by operators of a family.
pub fn fits(key: KeyType, family: Family) -> bool {
    match family {
        Family::String | Family::StringIgnoreCase | Family::StringLike => matches!(key, KeyType::String | KeyType::Arn),
        Family::Numeric => key == KeyType::Numeric,
        Family::Date => key == KeyType::Date,
        Family::Bool => key == KeyType::Bool,
        Family::IpAddress => key == KeyType::IpAddress,
        Family::Arn => key == KeyType::Arn,
        Family::Binary | Family::Null => true,
    }
}

/// The operators as JSON spells them: plain, with `IfExists`, and with a quantifier.
pub fn operators() -> Vec<Item> {
    let mut items = Vec::new();
    for &base in Operator::ALL {
        let plain = Test { operator: base, quantifier: None, if_exists: false };
        items.push((plain, 1));
        if base == Operator::Null {
            continue;
        }
        items.push((Test { if_exists: true, ..plain }, 3));
        for quantifier in [Quantifier::ForAllValues, Quantifier::ForAnyValue] {
            let quantifier = Some(quantifier);
            items.push((Test { quantifier, ..plain }, 4));
            items.push((Test { quantifier, if_exists: true, ..plain }, 5));
        }
    }
    let item = |(test, rank): (Test, u8)| {
        let item = Item::plain(CompletionItemKind::OPERATOR, test.to_string(), "").rank(rank);
        Item { then: ": {\"$1\": \"$2\"}".to_owned(), ..item.meaning(operator::meaning(test)) }
    };
    items.into_iter().map(item).collect()
}

/// ARNs of the resource types that these actions are granted on, with places to fill in.
pub fn resources(entries: &[&str], catalogue: &Catalogue) -> Vec<Item> {
    let mut seen = BTreeSet::new();
    let mut items = vec![Item::plain(CompletionItemKind::CONSTANT, "*", "any resource").rank(1)];
    let actions = actions_of(entries, catalogue);
    for action in actions.into_iter().take(ACTIONS_MAX) {
        for grant in action.grants() {
            let it = grant.resource_type();
            if seen.insert(it.arn()) {
                let own = if grant.is_required() { 2 } else { 3 };
                items.push(Item::snippet(it.arn(), template(it.arn()), it.name()).rank(own));
            }
        }
    }
    items
}

/// The format of an ARN as a snippet: the partition is `aws` unless somebody changes it.
fn template(arn: &str) -> String {
    let mut out = String::new();
    let mut rest = arn;
    let mut number = 0;
    while let Some((head, tail)) = rest.split_once("${") {
        let (name, after) = tail.split_once('}').unwrap_or((tail, ""));
        number += 1;
        let name = if name == "Partition" { "aws" } else { name };
        out += &format!("{}${{{number}:{}}}", escaped(head), escaped(name));
        rest = after;
    }
    out + &escaped(rest)
}

/// Values that a key may have, where they are few.
pub fn values(key: &str, family: Option<Family>, catalogue: &Catalogue) -> Vec<Item> {
    let key_type = catalogue.key(key).map(|key| key.key_type());
    let value = |text: &str| Item::plain(CompletionItemKind::VALUE, text, "").rank(1);
    let is_bool = matches!(family, Some(Family::Bool | Family::Null)) || key_type == Some(KeyType::Bool);
    let mut items = Vec::new();
    if is_bool {
        items.extend(["true", "false"].map(value));
    }
    if key_type == Some(KeyType::Arn) {
        items.push(
            Item::snippet("arn:aws:iam::ACCOUNT:role/ROLE", "arn:aws:iam::${1:123456789012}:role/${2:*}", "").rank(2),
        );
    }
    items.extend(variables(catalogue));
    items
}

/// Policy variables: the global keys of one value.
pub fn variables(catalogue: &Catalogue) -> Vec<Item> {
    let single = catalogue.global_keys().filter(|key| !key.is_multivalued() && key.key_type() == KeyType::String);
    let variable = |key: Key<'_>| match key.name().split_once("${") {
        None => Item::plain(CompletionItemKind::VARIABLE, format!("${{{}}}", key.name()), ""),
        Some((head, tail)) => {
            let name = tail.split_once('}').map_or(tail, |(name, _)| name);
            let text = format!("\\${{{}${{1:{name}}}\\}}", escaped(head));
            Item { kind: CompletionItemKind::VARIABLE, ..Item::snippet(format!("${{{head}…}}"), text, "") }
        }
    };
    single.map(|key| variable(key).rank(6)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.label.as_str()).collect()
    }

    #[test]
    fn prefixes_come_before_names() {
        let catalogue = Catalogue::builtin();
        assert!(labels(&actions("", catalogue)).contains(&"s3:"));
        let of_s3 = actions("s3:Ge", catalogue);
        assert!(labels(&of_s3).contains(&"s3:GetObject") && labels(&of_s3).contains(&"s3:Get*"));
        assert!(!labels(&of_s3).contains(&"ec2:RunInstances"));
    }

    #[test]
    fn keys_are_those_of_the_actions() {
        let catalogue = Catalogue::builtin();
        let of_list = keys(&["s3:ListBucket"], None, catalogue);
        assert!(labels(&of_list).contains(&"s3:prefix"));
        assert!(labels(&of_list).contains(&"aws:SourceIp"));
        assert!(!labels(&keys(&["ec2:RunInstances"], None, catalogue)).contains(&"s3:prefix"));
        let everything = keys(&["*"], Some(Family::Bool), catalogue);
        let first = everything.iter().min_by_key(|item| item.rank).unwrap();
        assert_eq!(first.detail, "Bool");
    }

    #[test]
    fn resources_are_those_of_the_actions() {
        let items = resources(&["s3:GetObject"], Catalogue::builtin());
        let object = items.iter().find(|item| item.detail == "object").unwrap();
        assert_eq!(object.text, "arn:${1:aws}:s3:::${2:BucketName}/${3:ObjectName}");
    }

    #[test]
    fn every_operator_is_offered_once() {
        let items = operators();
        let names: BTreeSet<_> = labels(&items).into_iter().collect();
        assert_eq!((names.len(), items.len()), (26 * 6 + 1, 26 * 6 + 1));
        assert!(items.iter().all(|item| operator::read(&item.label).is_some()));
    }
}
