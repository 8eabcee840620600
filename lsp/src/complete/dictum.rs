//! Completions in a `.dct` file.

use dictum_catalogue::{Catalogue, KeyType};
use dictum_compiler::expand::PRINCIPAL_KINDS;
use dictum_compiler::source::PolicyType;
use lsp_types::CompletionItemKind;

use super::item::{Item, Slot};
use super::names;
use crate::dsl::context::{Context, Next, context};
use crate::dsl::isolate::with_statement;
use crate::dsl::known::{Known, known};
use crate::page::Page;

/// What may stand at the cursor, and where it is put in.
pub fn complete(page: &Page, offset: usize, takes_snippets: bool, catalogue: &Catalogue) -> Option<(Vec<Item>, Slot)> {
    let text = page.text.as_str();
    let context = context(text, offset);
    let items = items(page, &context, catalogue);
    let quote = usize::from(context.is_quoted);
    let end = match context.is_quoted {
        // The closing quote stays where it is.
        true => offset,
        false => context.range.end.max(offset),
    };
    let range = page.text.range(context.range.start + quote, end);
    Some((items, Slot { range, is_json: false, is_quoted: false, goes_on: false, takes_snippets }))
}

fn items(page: &Page, context: &Context, catalogue: &Catalogue) -> Vec<Item> {
    let actions = || actions_at_hand(page, &context.actions);
    let known = |is: fn(&Known) -> bool| {
        let all = known(page).into_iter().filter(is);
        all.map(|it| Item::plain(CompletionItemKind::CONSTANT, it.path, it.text).rank(0)).collect::<Vec<_>>()
    };
    match &context.next {
        Next::Item => [forms(), keywords(&["allow", "deny", "let", "cond", "use", "policy", "test"])].concat(),
        Next::Effect => keywords(&["allow", "deny"]),
        Next::Action => [known(Known::is_let), action_names(context, catalogue), all_except("actions")].concat(),
        Next::Resource => [known(Known::is_let), resources(&actions(), catalogue), all_except("resources")].concat(),
        Next::Entry => {
            let mut items = [known(Known::is_let), action_names(context, catalogue)].concat();
            items.push(Item::snippet(
                "arn:",
                "arn:${1:aws}:${2:service}:${3:region}:${4:account}:${5:*}",
                "a resource",
            ));
            items
        }
        Next::Clause => keywords(&["from", "on", "if", "except"]),
        Next::Principal => [principals(), known(Known::is_let)].concat(),
        Next::PrincipalEntry(kind) => principal_entries(kind),
        Next::Key => {
            let actions = actions();
            let names: Vec<&str> = actions.iter().map(String::as_str).collect();
            let keys = names::keys(&names, None, catalogue);
            [known(Known::is_cond), keys, keywords(&["all", "any"])].concat()
        }
        Next::Comparison(key) => comparisons(key, catalogue),
        Next::Operator => names::operators(),
        Next::Value(key) => [known(Known::is_let), values(key, context, catalogue)].concat(),
        Next::And => keywords(&["and"]),
        Next::Attribute => attributes(),
        Next::AttributeValue(name) => attribute_values(name),
        Next::TestLine => keywords(&["as", "do", "on", "with", "account", "expect", "by"]),
        Next::Decision => ["allow", "deny", "explicit_deny", "implicit_deny", "error"].map(|it| value(it, "")).to_vec(),
        Next::By => keywords(&["by"]),
        Next::StatementName => known(Known::is_sid),
        Next::Requester => requesters(),
        Next::Under => [keywords(&["under", "for"]), members(), known(Known::is_policy)].concat(),
        Next::Nothing => Vec::new(),
    }
}

/// The actions of a statement's text, every name replaced; none where they are everything but a list.
fn actions_at_hand(page: &Page, text: &str) -> Vec<String> {
    let text = match text.split_whitespace().next() {
        Some("allow" | "deny") => format!("{text} on *"),
        Some(_) => format!("allow {text} on *"),
        None => return Vec::new(),
    };
    let entries = with_statement(page, &text, |statement, _| {
        let list = statement.action.and_then(|action| action.value)?;
        Some(list.entries.iter().map(|entry| entry.text.to_owned()).collect())
    });
    entries.flatten().unwrap_or_default()
}

/// Actions; in a brace group without what stands before the brace.
fn action_names(context: &Context, catalogue: &Catalogue) -> Vec<Item> {
    let Some(head) = &context.group else { return names::actions(&context.word, catalogue) };
    let items = names::actions(&format!("{head}{}", context.word), catalogue).into_iter();
    let inner = items.filter_map(|item| {
        let text = item.text.strip_prefix(head.as_str())?.to_owned();
        Some(Item { label: text.clone(), text, ..item })
    });
    inner.collect()
}

fn resources(actions: &[String], catalogue: &Catalogue) -> Vec<Item> {
    let names: Vec<&str> = actions.iter().map(String::as_str).collect();
    names::resources(&names, catalogue)
}

fn all_except(what: &str) -> Vec<Item> {
    vec![value("* except ", &format!("all {what} but these")).rank(8)]
}

fn values(key: &str, context: &Context, catalogue: &Catalogue) -> Vec<Item> {
    let is_text = catalogue.key(key).is_none_or(|key| key.key_type() == KeyType::String);
    let mut items = names::values(key, None, catalogue);
    if context.is_quoted {
        return items;
    }
    // Bare, a variable is a name and no value.
    items.retain(|item| item.kind != CompletionItemKind::VARIABLE);
    if is_text {
        items.push(Item::snippet("\"…\"", "\"$1\"", "a text").rank(0));
    }
    match catalogue.key(key).map(|key| key.key_type()) {
        Some(KeyType::IpAddress) => items.push(Item::snippet("10.0.0.0/8", "${1:10.0.0.0/8}", "a network").rank(0)),
        Some(KeyType::Date) => items.push(Item::snippet("2026-01-01", "${1:2026-01-01}", "a date").rank(0)),
        _ => {}
    }
    items
}

/// How a key may be compared, by the type of its values: what is written, and what it means.
fn comparisons(key: &str, catalogue: &Catalogue) -> Vec<Item> {
    let found = catalogue.key(key);
    let order = [("<", "less than"), ("<=", "at most"), (">", "greater than"), (">=", "at least")];
    let equal = [("==", "equal to"), ("!=", "not equal to")];
    let among = [("in [", "one of"), ("not in [", "none of")];
    let like = [("like ", "matching, with `*` and `?`"), ("not like ", "not matching")];
    let fold = [("~=", "equal to, whatever the letter case"), ("!~=", "not equal to, whatever the letter case")];
    let presence = [("exists", "present in the request"), ("absent", "not present in the request")];
    let lists: Vec<&[(&str, &str)]> = match found.map(|key| key.key_type()) {
        Some(KeyType::Numeric | KeyType::Date) => vec![&order, &equal, &among, &presence],
        Some(KeyType::Bool) => vec![&[("== true", "true"), ("== false", "false")], &presence],
        Some(KeyType::IpAddress) => vec![&among, &equal, &presence],
        Some(KeyType::Arn) => vec![&like, &equal, &among, &presence],
        Some(KeyType::String) | None => vec![&equal, &among, &like, &fold, &presence],
    };
    let ranked = lists.into_iter().enumerate();
    let items = ranked.flat_map(|(rank, list)| list.iter().map(move |(words, meaning)| (rank, words, meaning)));
    let item = |(rank, words, meaning): (usize, &&str, &&str)| {
        let text = if words.ends_with('[') { format!("{words}$1]") } else { (*words).to_owned() };
        let label = words.trim_end_matches([' ', '[']);
        let item = Item::snippet(label, text, *meaning);
        Item { kind: CompletionItemKind::OPERATOR, ..item.rank(rank as u8) }
    };
    let is = Item::plain(CompletionItemKind::OPERATOR, "is ", "an operator as JSON spells it").rank(8);
    items.map(item).chain([is]).collect()
}

fn keywords(words: &[&str]) -> Vec<Item> {
    words.iter().map(|word| Item::plain(CompletionItemKind::KEYWORD, *word, "").rank(4)).collect()
}

fn value(text: &str, detail: &str) -> Item {
    Item::plain(CompletionItemKind::VALUE, text, detail).rank(1)
}

/// Whole items to fill in.
fn forms() -> Vec<Item> {
    let form = |label: &str, text: &str, detail: &str| Item::snippet(label, text, detail).rank(3);
    vec![
        form("allow …", "@${1:Sid} allow ${2:service:Action}\n  on ${3:*}$0", "a statement that allows"),
        form("deny …", "@${1:Sid} deny ${2:service:Action}\n  on ${3:*}$0", "a statement that denies"),
        form("let …", "let ${1:name} = $0", "a named list of actions, resources, principals or values"),
        form("cond …", "cond ${1:name} = $0", "a named condition"),
        form("use …", "use \"${1:common}.dct\" as ${2:common}", "the names of another file"),
        form("policy …", "policy ${1:Name} {\n  $0\n}", "one of several policies of a file"),
        form(
            "test …",
            "test \"${1:what is decided}\" {\n  as arn:aws:iam::${2:123456789012:user/ana}\n  do ${3:service:Action} on ${4:*}\n  expect ${5|allow,deny|}\n}",
            "a decision that must come out",
        ),
    ]
}

fn principals() -> Vec<Item> {
    let kinds = PRINCIPAL_KINDS.iter().map(|(word, kind)| Item::snippet(*word, format!("{word}($1)"), *kind).rank(1));
    kinds.chain([value("*", "everyone"), value("* except ", "everyone but these")]).collect()
}

fn principal_entries(kind: &str) -> Vec<Item> {
    match kind {
        "aws" => vec![
            value("*", "anyone"),
            Item::snippet(
                "arn:aws:iam::ACCOUNT:root",
                "arn:aws:iam::${1:123456789012}:${2:root}",
                "an account, user or role",
            ),
        ],
        "service" => vec![Item::snippet("SERVICE.amazonaws.com", "${1:lambda}.amazonaws.com", "a service")],
        _ => Vec::new(),
    }
}

fn requesters() -> Vec<Item> {
    let form = |label: &str, text: &str| Item::snippet(label, text, "").rank(1);
    vec![
        form("arn:aws:iam::ACCOUNT:user/NAME", "arn:aws:iam::${1:123456789012}:user/${2:ana}"),
        form(
            "session(ARN, ROLE)",
            "session(arn:aws:sts::${1:123456789012}:assumed-role/${2:role}/${3:session}, arn:aws:iam::$1:role/$2)",
        ),
        form("service(…)", "service(${1:lambda}.amazonaws.com)"),
        form("federated(…)", "federated($1)"),
        form("canonical(…)", "canonical($1)"),
        value("anonymous", "a request that nobody signed"),
    ]
}

fn types() -> Vec<Item> {
    PolicyType::ALL.iter().map(|it| value(it.name(), "")).collect()
}

fn attributes() -> Vec<Item> {
    let attribute = |name: &str, text: &str, detail: &str| Item::snippet(name, text, detail).rank(1);
    vec![
        attribute("type=", "type=", "the type of the policy"),
        attribute("version=", "version=\"${1|2012-10-17,2008-10-17|}\"", "2012-10-17 unless it is said"),
        attribute("id=", "id=\"$1\"", "the Id of a resource policy"),
    ]
}

fn attribute_values(name: &str) -> Vec<Item> {
    match name {
        "type" => types(),
        "version" => ["\"2012-10-17\"", "\"2008-10-17\"", "none"].map(|text| value(text, "")).to_vec(),
        _ => Vec::new(),
    }
}

/// The members of a case's policies.
fn members() -> Vec<Item> {
    let levels = ["scp[0] ", "rcp[0] "].map(|text| value(text, "a level of the organization"));
    let plain = ["identity ", "resource ", "boundary ", "session "].map(|text| value(text, ""));
    plain.into_iter().chain(levels).collect()
}
