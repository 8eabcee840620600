//! A random world: a scene, policies aimed at it, and sometimes a fault in the request.

use super::dice::Dice;
use super::json::{Json, object, text, texts};
use super::scene::{Scene, scene};
use super::statement::document;
use super::{World, WorldPolicy};
use crate::answer::{Layer, Member};

/// Most policies, and most statements of all of them, in one world.
const POLICIES_MAX: usize = 4;
const STATEMENTS_MAX: usize = 8;

/// The world of a seed.
pub(super) fn world(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let scene = scene(&mut dice);
    let mut levels = levels(&mut dice, &scene);
    let layers = layers(&mut dice, &mut levels, &scene);

    let mut policies: Vec<WorldPolicy> = Vec::new();
    let mut left = STATEMENTS_MAX - layers.len();
    for layer in layers {
        let more = dice.weighted(&[(4, 0), (3, 1), (2, 2)]).min(left);
        left -= more;
        let count = if dice.chance(2) { 0 } else { 1 + more };
        let grants = matches!(layer.member, Member::Identity | Member::Resource);
        let opens = dice.chance(if grants { 15 } else { 80 });
        policies.push(WorldPolicy {
            name: format!("{}-{}", layer.member.name(), policies.len()),
            layer,
            document: document(&mut dice, &scene, layer.member, count, opens),
        });
    }
    World { id: format!("seed/{seed}"), policies, levels, request: request(&mut dice, &scene) }
}

/// Which members are present, and with how many levels.
fn levels(dice: &mut Dice, scene: &Scene) -> [Option<u32>; 6] {
    let own_side = scene.who.account.is_some() && (!scene.who.is_root || dice.chance(5));
    let any_account = scene.who.account.is_some();
    let session = if scene.who.is_federated_user { 70 } else { 15 };
    let mut levels = [None; 6];
    // REQ-5 is broken now and then, and met by the rest.
    for (member, percent) in [
        (Member::Identity, if own_side { 88 } else { 1 }),
        (Member::Resource, if any_account { 62 } else { 96 }),
        (Member::Boundary, if own_side { 18 } else { 1 }),
        (Member::Session, if own_side { session } else { 1 }),
        (Member::Scp, if any_account { 22 } else { 1 }),
        (Member::Rcp, 18),
    ] {
        if dice.chance(percent) {
            let count = if member.has_levels() { dice.weighted(&[(1, 0), (20, 1), (8, 2), (1, 3)]) } else { 1 };
            levels[member as usize] = Some(count);
        }
    }
    levels
}

/// Where the policies stand, in order: one in nearly every level that is present, some more in the granting ones.
fn layers(dice: &mut Dice, levels: &mut [Option<u32>; 6], scene: &Scene) -> Vec<Layer> {
    let mut layers = Vec::new();
    for member in Member::ALL {
        for level in 0..levels[member as usize].unwrap_or(0) {
            if dice.chance(96) {
                layers.push(Layer { member, level });
            }
        }
        // A guardrail whose levels do not all fit would only close the world.
        if layers.len() > POLICIES_MAX {
            layers.retain(|layer| layer.member != member);
            levels[member as usize] = None;
        }
    }
    while layers.is_empty() || layers.len() < POLICIES_MAX && dice.chance(20) {
        let own_side = scene.who.account.is_some() && !scene.who.is_root;
        let member = if own_side && dice.chance(60) { Member::Identity } else { Member::Resource };
        levels[member as usize] = Some(1);
        layers.push(Layer { member, level: 0 });
    }
    layers.sort();
    layers
}

fn request(dice: &mut Dice, scene: &Scene) -> String {
    let resource = match scene.resources.as_slice() {
        [one] if dice.chance(90) => text(one),
        several => texts(several),
    };
    let mut members = vec![
        ("principal", scene.who.principal.clone()),
        ("action", text(&scene.action)),
        ("resource", resource),
        ("context", Json::Object(scene.context.clone())),
    ];
    if let Some(account) = &scene.resource_account {
        members.push(("resource_account", text(account)));
    }
    if scene.context.is_empty() && dice.chance(50) {
        members.retain(|(name, _)| *name != "context");
    }
    if dice.chance(5) {
        spoil(dice, &mut members);
    }
    object(members).to_string()
}

/// Puts one fault into a request.
fn spoil(dice: &mut Dice, members: &mut Vec<(&str, Json)>) {
    let written = |json: &str| Json::Written(json.to_owned());
    let (name, value) = match dice.below(16) {
        0 => ("action", text(dice.pick(&["s3", "s3:Get*", "s3:", ":x", "s3:a:b", "s 3:Get", "s3:G et", "s3:a\u{7f}"]))),
        1 => ("action", text(format!("s3:{}", "x".repeat(254)))),
        2 => ("resource", text(dice.pick(&["b/k", "arn:aws:s3:::", "arn:aws:s3::b", "", "arn:aws:s3:::b/k "]))),
        3 => ("resource", written(dice.pick(&["[]", "[\"*\",\"arn:aws:s3:::b\"]", "null", "[[]]", "[\"*\"]"]))),
        4 => ("resource_account", text(dice.pick(&["222222222222", "22222222222", "", "１１１１１１１１１１１１"]))),
        5 => ("principal", text(dice.pick(&["ana", "*", "arn:aws:iam::111111111111:group/g", "arn:aws:iam::1:root"]))),
        6 => ("principal", written(dice.pick(&["{\"service\":\"\"}", "{\"anonymous\":false}", "{}", "null", "7"]))),
        7 => (
            "principal",
            written(
                r#"{"session":"arn:aws:sts::111111111111:assumed-role/ops/s","role":"arn:aws:iam::111111111111:role/dev"}"#,
            ),
        ),
        8 => ("context", written(r#"{"x:team":"a","X:Team":"a"}"#)),
        9 => ("context", written(r#"{"x:team":"a","x:team":"a"}"#)),
        10 => (
            "context",
            written(dice.pick(&["{\"x:n\":null}", "{\"x:n\":[[1]]}", "{\"x:n\":{}}", "[]", "{\"x:n\":1e64}"])),
        ),
        11 => ("context", written(r#"{"aws:PrincipalAccount":"999999999999"}"#)),
        12 => ("context", written(r#"{"aws:username":"nobody"}"#)),
        13 => ("context", written(r#"{"x:n":"\ud800"}"#)),
        14 => ("context", written(r#"{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/team/ana"}"#)),
        _ => ("extra", written("1")),
    };
    members.retain(|(other, _)| *other != name);
    members.push((name, value));
}
