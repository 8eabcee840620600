//! Random statements, valid for the member they stand in.

use super::condition::condition;
use super::dice::Dice;
use super::json::{Json, object, text, texts};
use super::pattern;
use super::scene::{ACCOUNTS, Scene};
use crate::answer::Member;

/// A policy document of this many statements. `opens` asks that the first of them be a wide Allow.
pub(super) fn document(dice: &mut Dice, scene: &Scene, member: Member, count: usize, opens: bool) -> String {
    let version = match member {
        Member::Rcp => Some("2012-10-17"), // TYP-1
        _ => dice.weighted(&[(7, Some("2012-10-17")), (1, Some("2008-10-17")), (1, None)]),
    };
    let mut statements = Vec::new();
    for index in 0..count {
        let sid = sid(dice, member, index);
        let mut members: Vec<(&str, Json)> = sid.into_iter().map(|sid| ("Sid", text(sid))).collect();
        members.extend(match opens && index == 0 {
            true => wide_allow(dice, member),
            false => statement(dice, scene, member, version == Some("2012-10-17")),
        });
        if dice.chance(10) {
            members.reverse();
        }
        statements.push(object(members));
    }
    let statements = if count == 1 && dice.chance(30) { statements.remove(0) } else { Json::List(statements) };
    let mut members: Vec<(&str, Json)> = version.into_iter().map(|version| ("Version", text(version))).collect();
    members.push(("Statement", statements));
    object(members).to_string()
}

/// SID-1, SID-2.
fn sid(dice: &mut Dice, member: Member, index: usize) -> Option<String> {
    match (dice.below(10), member) {
        (0..5, _) => None,
        (5, _) => Some(String::new()),
        (6 | 7, Member::Resource) => Some(dice.pick(&["Allow it", "again", "é-1"]).to_owned()),
        _ => Some(format!("S{index}")),
    }
}

fn wide_allow(dice: &mut Dice, member: Member) -> Vec<(&'static str, Json)> {
    let everyone = if dice.chance(50) { text("*") } else { object([("AWS", text("*"))]) };
    let mut members = vec![("Effect", text("Allow"))];
    if matches!(member, Member::Resource | Member::Rcp) {
        members.push(("Principal", everyone));
    }
    members.extend([("Action", texts(["*"])), ("Resource", text("*"))]);
    members
}

fn statement(dice: &mut Dice, scene: &Scene, member: Member, version_2012: bool) -> Vec<(&'static str, Json)> {
    if member == Member::Rcp && dice.chance(10) {
        return wide_allow(dice, member); // TYP-3
    }
    let deny = member == Member::Rcp || dice.chance(15);
    let mut members = vec![("Effect", text(if deny { "Deny" } else { "Allow" }))];
    match member {
        Member::Resource => members.push(principals(dice, scene)),
        Member::Rcp => {
            let everyone = [text("*"), object([("AWS", text("*"))]), object([("AWS", texts(["*", "*"]))])];
            members.push(("Principal", dice.pick(&everyone)));
        }
        _ => {}
    }
    members.push(actions(dice, scene, member));
    if member != Member::Resource || dice.chance(75) {
        members.push(resources(dice, scene, member));
    }
    if dice.chance(if deny { 65 } else { 50 }) {
        members.push(("Condition", condition(dice, scene, version_2012)));
    }
    members
}

/// Up to two more entries behind the first; sometimes none at all; a lone one as a string or a list.
fn list(dice: &mut Dice, first: String, mut more: impl FnMut(&mut Dice) -> String) -> Json {
    if dice.chance(2) {
        return Json::List(vec![]); // GRM-25
    }
    let mut entries = vec![first];
    for _ in 0..dice.weighted(&[(6, 0), (2, 1), (1, 2)]) {
        entries.push(more(dice));
    }
    if dice.chance(50) {
        entries.reverse();
    }
    if entries.len() == 1 && dice.chance(60) { text(entries.remove(0)) } else { texts(entries) }
}

fn actions(dice: &mut Dice, scene: &Scene, member: Member) -> (&'static str, Json) {
    let negated = member != Member::Rcp && dice.chance(10);
    let first = match negated && dice.chance(70) {
        true => pattern::other_action(dice),
        false => pattern::action(dice, &scene.action),
    };
    let first = if member == Member::Rcp && first.starts_with('*') { "s3:*".to_owned() } else { first };
    let list = list(dice, first, pattern::other_action);
    (if negated { "NotAction" } else { "Action" }, list)
}

fn resources(dice: &mut Dice, scene: &Scene, member: Member) -> (&'static str, Json) {
    let negated = dice.chance(10);
    let one = |dice: &mut Dice| {
        let target = dice.pick(&scene.resources);
        let target = if negated && dice.chance(60) { "arn:aws:sns:us-east-1:333333333333:t" } else { &target };
        pattern::resource(dice, target, member, &scene.facts)
    };
    let first = one(dice);
    (if negated { "NotResource" } else { "Resource" }, list(dice, first, one))
}

/// Principal or NotPrincipal of a resource policy (PRN-2).
fn principals(dice: &mut Dice, scene: &Scene) -> (&'static str, Json) {
    let negated = dice.chance(15);
    let name = if negated { "NotPrincipal" } else { "Principal" };
    if dice.chance(if negated { 3 } else { 18 }) {
        return (name, if dice.chance(50) { text("*") } else { object([("AWS", texts(["*"]))]) });
    }
    let mut map: Vec<(&'static str, Vec<String>)> = Vec::new();
    for at in 0..dice.weighted(&[(4, 1), (3, 2), (1, 3)]) {
        let own = !scene.who.entries.is_empty() && (at > 0 || dice.chance(if negated { 60 } else { 80 }));
        let (member, entry) = if own { dice.pick(&scene.who.entries) } else { stranger(dice) };
        match map.iter_mut().find(|(it, _)| *it == member) {
            Some((_, entries)) => entries.push(entry),
            None => map.push((member, vec![entry])),
        }
    }
    if dice.chance(2) {
        map = vec![("AWS", vec![])]; // GRM-25
    }
    let written = |mut entries: Vec<String>| match entries.len() {
        1 => text(entries.remove(0)),
        _ => texts(entries),
    };
    (name, object(map.into_iter().map(|(member, entries)| (member, written(entries)))))
}

fn stranger(dice: &mut Dice) -> (&'static str, String) {
    let account = dice.pick(&ACCOUNTS);
    match dice.below(10) {
        0 => ("AWS", account.to_owned()),
        1 => ("AWS", format!("arn:aws-cn:iam::{account}:root")),
        2 => ("AWS", format!("arn:aws:iam::{account}:user/ana")),
        3 => ("AWS", format!("arn:aws:iam::{account}:role/other/ana")),
        4 => ("AWS", format!("arn:aws:sts::{account}:assumed-role/ana/s2")),
        5 => ("AWS", "AROAEXAMPLE123456789".to_owned()),
        6 => ("Service", "lambda.amazonaws.com".to_owned()),
        7 => ("Federated", "accounts.google.com".to_owned()),
        8 => ("CanonicalUser", "79a5".to_owned()),
        _ => ("AWS", "arn:aws:iam::cloudfront:user/E2".to_owned()),
    }
}
