//! Policy -> IR: names become numbers, values take the form in which they are compared. Cannot fail.

use dictum_vm::operator::Family;
use dictum_vm::principal::PrincipalKey;
use dictum_vm::value::case;
use dictum_vm::value::ip::Network;
use dictum_vm::{Effect, Layer};

use super::{IdTest, Ids, Notes, Operand, Pattern, Piece, PolicyName, Program, ResourceTest, Statement, Table, Test};
use crate::pattern;
use crate::policy::{self, ConditionValue, Policy, PrincipalEntry};

/// Adds a policy of a layer. Policies must come in the order of their layers.
pub fn lower(policy: &Policy, layer: Layer, file: &str, program: &mut Program) {
    let number = program.policies.len() as u32;
    let name = program.strings.text(&policy.name);
    let file = program.strings.text(file);
    program.policies.push(PolicyName { name, file, layer });
    for (index, item) in policy.statements.iter().enumerate() {
        notes(&item.notes, program);
        let lowered = statement(item, number, index as u32, program);
        program.statements.push(lowered);
    }
}

/// The notes of the statement that comes next.
fn notes(notes: &policy::Notes, program: &mut Program) {
    if notes.doc.is_empty() && notes.metadata.is_empty() {
        return;
    }
    let texts = &mut program.note_texts;
    let ids = |lines: &[String], texts: &mut Table<Box<str>>| lines.iter().map(|text| texts.text(text)).collect();
    let doc = ids(&notes.doc, texts);
    let metadata = notes.metadata.iter().map(|(name, values)| (texts.text(name), ids(values, texts))).collect();
    program.notes.push(Notes { statement: program.statements.len() as u32, doc, metadata });
}

fn statement(item: &policy::Statement, policy: u32, index: u32, program: &mut Program) -> Statement {
    let effect = item.effect;
    let mut actions: Ids = item.actions.patterns.iter().map(|pattern| action(pattern, program)).collect();
    sort(&mut actions);
    Statement {
        policy,
        index,
        sid: item.sid.as_deref().map(|sid| program.strings.text(sid)),
        place: item.place,
        effect,
        never: effect == Effect::Allow && lists_nothing_but(item),
        principals: item.principals.as_ref().map(|principals| {
            let mut ids = Ids::new();
            principals.entries.iter().for_each(|entry| principal(entry, &mut ids, program));
            sort(&mut ids);
            IdTest { negated: principals.negated, ids }
        }),
        actions: IdTest { negated: item.actions.negated, ids: actions },
        resources: item.resources.as_ref().map(|resources| ResourceTest {
            negated: resources.negated,
            patterns: patterns(resources.patterns.iter(), program),
        }),
        block: block(&item.conditions, program),
    }
}

/// GRM-25: NotAction, NotResource or NotPrincipal with an empty list, which applies to nothing with Allow.
fn lists_nothing_but(item: &policy::Statement) -> bool {
    let is_open = |negated: bool, count: usize| negated && count == 0;
    is_open(item.actions.negated, item.actions.patterns.len())
        || item.resources.as_ref().is_some_and(|resources| is_open(resources.negated, resources.patterns.len()))
        || item.principals.as_ref().is_some_and(|principals| is_open(principals.negated, principals.entries.len()))
}

fn block(conditions: &[policy::Condition], program: &mut Program) -> Option<u32> {
    let tests: Vec<Test> = conditions.iter().map(|condition| test(condition, program)).collect();
    (!tests.is_empty()).then(|| program.blocks.number(tests))
}

fn action(pattern: &policy::ActionPattern, program: &mut Program) -> u32 {
    let id = program.actions.text(&pattern.folded);
    if id as usize == program.action_names.len() {
        let name = program.strings.text(&pattern.text);
        program.action_names.push(name);
    }
    id
}

fn sort(ids: &mut Ids) {
    ids.sort_unstable();
    ids.dedup();
}

/// The keys under which a requester can offer an entry. A role has two: requesters whose role's ARN is known are
/// compared by it, bare sessions by partition, account and role name (PRN-13).
fn principal(entry: &PrincipalEntry, ids: &mut Ids, program: &mut Program) {
    let mut add = |key, text: &str| ids.push(program.principals.number((key, text.into())));
    match entry {
        PrincipalEntry::Everyone => add(PrincipalKey::Everyone, ""),
        PrincipalEntry::Account(account) => add(PrincipalKey::Account, account),
        PrincipalEntry::Root { partition, account } => add(PrincipalKey::Root, &format!("{partition}:{account}")),
        PrincipalEntry::Role { arn } => {
            add(PrincipalKey::RoleArn, arn);
            let fields: Vec<&str> = arn.splitn(6, ':').collect();
            if let [_, partition, _, _, account, rest] = fields[..] {
                let name = rest.rsplit('/').next().unwrap_or("");
                add(PrincipalKey::RoleName, &format!("{partition}:{account}:{name}"));
            }
        }
        PrincipalEntry::Arn(arn) => add(PrincipalKey::Arn, arn),
        PrincipalEntry::UniqueId(id) => add(PrincipalKey::UniqueId, id),
        PrincipalEntry::Service(name) => add(PrincipalKey::Service, name),
        PrincipalEntry::Federated(name) => add(PrincipalKey::Federated, name),
        PrincipalEntry::CanonicalUser(id) => add(PrincipalKey::CanonicalUser, id),
    }
}

fn slot(key: &str, program: &mut Program) -> u32 {
    let slot = program.keys.number(key.to_ascii_lowercase().into());
    if slot as usize == program.key_names.len() {
        let name = program.strings.text(key);
        program.key_names.push(name);
    }
    slot
}

/// Patterns in a fixed order, without repetition.
fn patterns<'p>(items: impl Iterator<Item = &'p pattern::Pattern>, program: &mut Program) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> =
        items.map(|item| item.pieces.iter().map(|item| piece(item, program)).collect()).collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

fn piece(item: &pattern::Piece, program: &mut Program) -> Piece {
    match item {
        pattern::Piece::Text(text) => Piece::Text(text.as_str().into()),
        pattern::Piece::One => Piece::One,
        pattern::Piece::OneNotColon => Piece::OneNotColon,
        pattern::Piece::Run => Piece::Run,
        pattern::Piece::RunNotColon => Piece::RunNotColon,
        pattern::Piece::ArnOne => Piece::ArnOne,
        pattern::Piece::ArnRun => Piece::ArnRun,
        pattern::Piece::Variable { key, default, colon_free } => Piece::Variable {
            // VAR-3: a key without a colon counts as absent.
            slot: if key.contains(':') { slot(key, program) } else { dictum_vm::glob::NO_SLOT },
            default: default.as_deref().map(|text| program.strings.text(text)),
            colon_free: *colon_free,
        },
    }
}

/// The text of a pattern without wildcards and variables.
pub(crate) fn literal(pattern: &[Piece]) -> Option<&str> {
    match pattern {
        [] => Some(""),
        [Piece::Text(text)] => Some(text),
        _ => None,
    }
}

fn test(condition: &policy::Condition, program: &mut Program) -> Test {
    let slot = slot(&condition.key, program);
    let family = condition.test.operator.family();
    Test { operator: condition.test, slot, operand: operand(family, &condition.values, program) }
}

fn operand(family: Family, values: &[ConditionValue], program: &mut Program) -> Operand {
    let texts = values.iter().filter_map(|value| match &value.operand {
        policy::Operand::Pattern(pattern) => Some(pattern),
        _ => None,
    });
    let sorted = |mut ids: Vec<u32>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    match family {
        Family::String | Family::Binary => {
            let (ids, rest) = literals(patterns(texts, program), |text| text.into(), program);
            Operand::Text(ids, rest)
        }
        Family::StringIgnoreCase => {
            let (ids, rest) = literals(patterns(texts, program), case::to_lower, program);
            Operand::TextIgnoreCase(ids, rest)
        }
        Family::StringLike => Operand::Like(patterns(texts, program)),
        Family::Arn => Operand::Arn(patterns(texts, program)),
        Family::Bool => {
            let patterns = patterns(texts, program);
            let reads_true = |pattern: &Pattern| literal(pattern).map(|text| text.eq_ignore_ascii_case("true"));
            let has = |wanted| patterns.iter().any(|pattern| reads_true(pattern) == Some(wanted));
            let (is_true, is_false) = (has(true), has(false));
            let rest = patterns.into_iter().filter(|pattern| literal(pattern).is_none()).collect();
            Operand::Bool(is_true, is_false, rest)
        }
        Family::Numeric => {
            Operand::Number(sorted(values.iter().map(|value| program.strings.text(&value.text)).collect()))
        }
        Family::Date => {
            let mut dates: Vec<(i64, u32)> = values
                .iter()
                .filter_map(|value| match value.operand {
                    policy::Operand::Date(instant) => Some((instant, program.strings.text(&value.text))),
                    _ => None,
                })
                .collect();
            dates.sort_unstable();
            dates.dedup_by_key(|date| date.0);
            Operand::Date(dates)
        }
        Family::IpAddress => {
            let networks = values.iter().filter_map(|value| match value.operand {
                policy::Operand::Network(network) => Some(network),
                _ => None,
            });
            disjoint(networks)
        }
        Family::Null => {
            let wants =
                |absent| values.iter().any(|value| matches!(value.operand, policy::Operand::Null(it) if it == absent));
            Operand::Null(wants(true), wants(false))
        }
    }
}

/// Tells literal texts, as string ids, from patterns with variables.
fn literals(patterns: Vec<Pattern>, form: impl Fn(&str) -> String, program: &mut Program) -> (Vec<u32>, Vec<Pattern>) {
    let mut ids: Vec<u32> =
        patterns.iter().filter_map(|pattern| literal(pattern)).map(|text| program.strings.text(&form(text))).collect();
    ids.sort_unstable();
    ids.dedup();
    (ids, patterns.into_iter().filter(|pattern| literal(pattern).is_none()).collect())
}

/// Networks of each family, ascending; one that lies in another is left out, and any two others are disjoint.
fn disjoint(networks: impl Iterator<Item = Network>) -> Operand {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for network in networks {
        match network {
            Network::V4(address, length) => old.push((address, length)),
            Network::V6(address, length) => new.push((address, length)),
        }
    }
    old.sort_unstable();
    new.sort_unstable();
    old.dedup_by(|next, before| (next.0 ^ before.0).checked_shr(32 - u32::from(before.1)).unwrap_or(0) == 0);
    new.dedup_by(|next, before| (next.0 ^ before.0).checked_shr(128 - u32::from(before.1)).unwrap_or(0) == 0);
    Operand::Address(old, new)
}
