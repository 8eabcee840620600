//! Every world of at most two statements over a fixed alphabet.
//!
//! ```text
//! statement  type x effect x (action, resource) x condition x (resource only) principal     6 2 3 4 3
//! request    requester x action x resource                                                  3 2 3
//! ```
//!
//! Two statements of one type stand in one policy (identity, resource), in two policies (boundary, session, rcp) or in two
//! levels (scp), so that each way of putting policies side by side is met.

use super::json::{Json, object, text, texts};
use super::{World, WorldPolicy};
use crate::answer::{Layer, Member};

const ANA: &str = "arn:aws:iam::111111111111:user/ana";
const OPS: &str = "arn:aws:iam::111111111111:role/ops";
const OPS_SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ops/s1";
const EVE: &str = "arn:aws:iam::222222222222:user/eve";
const OBJECT: &str = "arn:aws:s3:::b/k";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/k";
const ACTIONS: [&str; 2] = ["s3:GetObject", "kms:Decrypt"];
const RESOURCES: [&str; 3] = [OBJECT, KEY, "*"];

/// A statement of the alphabet: the member it stands in, and its text.
type Letter = (Member, String);

/// Every world of at most two statements, in a fixed order: 299,754 of them.
pub fn small_worlds() -> impl Iterator<Item = World> {
    let letters = letters();
    let requests = requests();
    let pairs = (0..letters.len()).flat_map(|second| (0..=second).map(move |first| vec![first, second]));
    let singles = (0..letters.len()).map(|only| vec![only]);
    let chosen = std::iter::once(vec![]).chain(singles).chain(pairs);
    chosen.flat_map(move |chosen| {
        let statements: Vec<Letter> = chosen.iter().map(|at| letters[*at].clone()).collect();
        let (policies, levels) = arrange(&statements);
        let name: Vec<String> = chosen.iter().map(usize::to_string).collect();
        let world = |(at, request): (usize, &String)| World {
            id: format!("small/{}/{at}", name.join("+")),
            policies: policies.clone(),
            levels,
            request: request.clone(),
        };
        requests.iter().enumerate().map(world).collect::<Vec<_>>()
    })
}

fn requests() -> Vec<String> {
    let session = object([("session", text(OPS_SESSION)), ("role", text(OPS))]);
    let mut requests = Vec::new();
    for principal in [text(ANA), session, text(EVE)] {
        for action in ACTIONS {
            for resource in RESOURCES {
                let members =
                    [("principal", principal.clone()), ("action", text(action)), ("resource", text(resource))];
                requests.push(object(members).to_string());
            }
        }
    }
    requests
}

fn letters() -> Vec<Letter> {
    let conditions = [
        None,
        Some(("StringEquals", "aws:username", text("ana"))),
        Some(("StringNotEquals", "aws:PrincipalAccount", text("111111111111"))),
        Some(("Null", "aws:username", texts(["true"]))),
    ];
    let mut letters = Vec::new();
    for member in Member::ALL {
        for effect in ["Allow", "Deny"] {
            for (action, resource) in scopes(member) {
                for condition in &conditions {
                    for principal in principals(member) {
                        let statement = statement(member, effect, principal, action, resource, condition.as_ref());
                        letters.push((member, statement));
                    }
                    // TYP-3: the one Allow of an rcp.
                    if member == Member::Rcp && effect == "Allow" {
                        break;
                    }
                }
                if member == Member::Rcp && effect == "Allow" {
                    break;
                }
            }
        }
    }
    letters
}

/// Actions and resources of statements; the first is the full-access scope.
fn scopes(member: Member) -> [(&'static str, &'static str); 3] {
    [("*", "*"), ("s3:Get*", "arn:aws:s3:::b/*"), ("kms:*", if member == Member::Resource { "*" } else { KEY })]
}

fn principals(member: Member) -> Vec<Option<Json>> {
    match member {
        Member::Resource => vec![
            Some(object([("AWS", texts([ANA, OPS]))])),
            Some(object([("AWS", texts(["111111111111", "222222222222"]))])),
            Some(text("*")),
        ],
        Member::Rcp => vec![Some(text("*"))],
        _ => vec![None],
    }
}

fn statement(
    member: Member,
    effect: &str,
    principal: Option<Json>,
    action: &str,
    resource: &str,
    condition: Option<&(&str, &str, Json)>,
) -> String {
    // TYP-1: an rcp may not deny every action at once.
    let is_rcp_deny = member == Member::Rcp && effect == "Deny" && action == "*";
    let action = if is_rcp_deny { texts(["s3:*", "kms:*"]) } else { text(action) };
    let mut members = vec![("Effect", text(effect))];
    members.extend(principal.map(|principal| ("Principal", principal)));
    members.extend([("Action", action), ("Resource", text(resource))]);
    if let Some((operator, key, value)) = condition {
        members.push(("Condition", object([(*operator, object([(*key, value.clone())]))])));
    }
    object(members).to_string()
}

/// The statements as policies.
fn arrange(statements: &[Letter]) -> (Vec<WorldPolicy>, [Option<u32>; 6]) {
    let (mut policies, mut levels) = (Vec::new(), [None; 6]);
    for member in Member::ALL {
        let own: Vec<&str> =
            statements.iter().filter(|(it, _)| *it == member).map(|(_, statement)| statement.as_str()).collect();
        let documents = match member {
            _ if own.is_empty() => continue,
            Member::Identity | Member::Resource => vec![own.join(",")],
            _ => own.into_iter().map(str::to_owned).collect(),
        };
        levels[member as usize] = Some(if member == Member::Scp { documents.len() as u32 } else { 1 });
        for (at, statements) in (0..).zip(documents) {
            policies.push(WorldPolicy {
                name: format!("{}-{at}", member.name()),
                layer: Layer { member, level: if member == Member::Scp { at } else { 0 } },
                document: format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}"),
            });
        }
    }
    (policies, levels)
}
