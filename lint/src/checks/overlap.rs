//! Statements that others make needless, and statements that others undo.

use std::collections::{HashMap, HashSet};

use dictum_compiler::source::PolicyType;

use super::{boundary, identity};
use crate::check::Found;
use crate::overlap::{PAIRS_MAX, Shape, pairs};
use crate::subject::{Statement, Subject};

checks! {
    "L-STATEMENT-TWICE" Warning Style "Access Analyzer" "A statement twice in one policy."
    why: "It adds nothing, and whoever changes one of the two will miss the other.",
    bad: identity(r#"[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Effect": "Allow", "Action": ["s3:getobject"], "Resource": "arn:aws:s3:::b/*"}]"#),
    good: identity(r#"[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::c/*"}]"#),
    Policy(twice);

    "L-ALLOW-COVERED" Suggestion Style "Access Analyzer" "An Allow that another Allow of the policy covers."
    why: "The other one allows all of it, with no further condition, so it adds nothing. Perhaps the other one is wider than was meant.",
    bad: identity(r#"[{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]"#),
    good: identity(r#"[{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]"#),
    Policy(allow_covered);

    "L-DENY-COVERED" Suggestion Style "Access Analyzer" "A Deny that another Deny of the policy covers."
    why: "The other one denies all of it already, so it adds nothing.",
    bad: identity(r#"[{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]"#),
    good: identity(r#"[{"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]"#),
    Policy(deny_covered);

    "L-SHADOWED" Warning Correctness "INV-3" "An Allow that a Deny of the policy undoes altogether."
    why: "The Deny applies wherever the Allow does, and a Deny always wins, so the Allow grants nothing. One of the two is wrong.",
    bad: identity(r#"[{"Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}]"#),
    good: identity(r#"[{"Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::vital*"}]"#),
    Policy(shadowed);

    "L-SHADOWED-ELSEWHERE" Warning Correctness "INV-3" "An Allow that a Deny of another policy of the file undoes altogether."
    why: "The policies of a file that have one type are in force together, so the Deny wins wherever the Allow applies. One of the two is wrong.",
    bad: identity("policy Readers { @Read allow s3:GetObject on arn:aws:s3:::b/* }\npolicy Guard { @NoReads deny s3:Get* on * }\n"),
    good: identity("policy Readers { @Read allow s3:GetObject on arn:aws:s3:::b/* }\npolicy Guard { @NoWrites deny s3:Put* on * }\n"),
    All(shadowed_elsewhere);

    "L-DENY-IDLE" Suggestion Style "EVL-13" "A Deny in a boundary or session policy of what it does not allow anyway."
    why: "Such a policy is a limit: what it does not allow is out already. The Deny adds something only against grants that a resource gives to the user directly, which is seldom what is meant.",
    bad: boundary(r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]"#),
    good: boundary(r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]"#),
    Policy(deny_idle);

    "L-POLICY-TWICE" Suggestion Style "ecosystem" "Two policies with the same statements."
    why: "Whoever changes one of the two will miss the other. Attach one of them in both places.",
    bad: identity("policy Readers { @Read allow s3:GetObject on arn:aws:s3:::b/* }\npolicy Viewers { @View allow s3:GetObject on arn:aws:s3:::b/* }\n"),
    good: identity("policy Readers { @Read allow s3:GetObject on arn:aws:s3:::b/* }\npolicy Viewers { @View allow s3:ListBucket on arn:aws:s3:::b }\n"),
    All(policy_twice);
}

fn shapes<'s>(subject: &'s Subject<'s>) -> Vec<Shape<'s>> {
    subject.statements.iter().map(Shape::new).collect()
}

fn by_effect<'p, 's>(shapes: &'p [Shape<'s>], is_allow: bool) -> Vec<&'p Shape<'s>> {
    shapes.iter().filter(|shape| shape.statement.is_allow() == is_allow).collect()
}

fn twice(subject: &Subject<'_>, found: &mut Found<'_>) {
    let mut seen: HashMap<String, &Statement<'_>> = HashMap::new();
    for statement in &subject.statements {
        let key = Shape::new(statement).key();
        if let Some(first) = seen.get(&key) {
            let message = format!("{} says the same as {}", statement.name(), first.name());
            let finding = found.at(statement.anchor(), message).help("leave it out");
            found.push(finding.related(first.anchor(), "first here"));
        } else {
            seen.insert(key, statement);
        }
    }
}

/// Says of each statement of an effect that another one of the same effect covers it.
fn covered(subject: &Subject<'_>, is_allow: bool, found: &mut Found<'_>) {
    let shapes = shapes(subject);
    let all = by_effect(&shapes, is_allow);
    let mut told = HashSet::new();
    for (wide, narrow) in pairs(&all, &all) {
        let (own, other) = (narrow.statement, wide.statement);
        // Equal ones have a check of their own; of two that cover each other the first stays.
        if told.contains(&own.index) || !wide.covers(narrow) || wide.key() == narrow.key() {
            continue;
        }
        if narrow.covers(wide) && own.index < other.index {
            continue;
        }
        told.insert(own.index);
        let message = format!("{} adds nothing to {}", own.name(), other.name());
        let finding = found.at(own.anchor(), message).help("leave it out, or narrow the other one");
        found.push(finding.related(other.anchor(), "this covers all of it"));
    }
}

fn allow_covered(subject: &Subject<'_>, found: &mut Found<'_>) {
    covered(subject, true, found);
}

fn deny_covered(subject: &Subject<'_>, found: &mut Found<'_>) {
    covered(subject, false, found);
}

/// Says of each Allow that a Deny covers it, and gives back how many pairs were compared.
fn undone<'s>(allows: &[Shape<'s>], denies: &[Shape<'s>], found: &mut Found<'_>) -> usize {
    let mut told = HashSet::new();
    let (denies, allows) = (by_effect(denies, false), by_effect(allows, true));
    let pairs = pairs(&denies, &allows);
    let count = pairs.len();
    for (deny, allow) in pairs {
        let (own, other) = (allow.statement, deny.statement);
        if deny.covers(allow) && told.insert(own.index) {
            let message = format!("{} allows nothing that {} does not deny", own.name(), other.name());
            let finding = found.at(own.anchor(), message).help("a Deny always wins");
            found.push(finding.related(other.anchor(), "this denies all of it"));
        }
    }
    count
}

fn shadowed(subject: &Subject<'_>, found: &mut Found<'_>) {
    let shapes = shapes(subject);
    undone(&shapes, &shapes, found);
}

/// Most policies of a file that are compared with each other.
const POLICIES_MAX: usize = 64;

fn shadowed_elsewhere(subjects: &[Subject<'_>], found: &mut Found<'_>) {
    let shapes: Vec<Vec<Shape<'_>>> = subjects.iter().take(POLICIES_MAX).map(shapes).collect();
    let mut compared = 0;
    for (own, allows) in subjects.iter().zip(&shapes) {
        for (other, denies) in subjects.iter().zip(&shapes) {
            let is_together = own.policy_type() == other.policy_type()
                && !matches!(own.policy_type(), PolicyType::Resource | PolicyType::Trust);
            if is_together && !std::ptr::eq(own, other) && compared < PAIRS_MAX {
                found.policy = Some(own.document.name.clone());
                compared += undone(allows, denies, found);
            }
        }
    }
}

fn deny_idle(subject: &Subject<'_>, found: &mut Found<'_>) {
    if !matches!(subject.policy_type(), PolicyType::Boundary | PolicyType::Session) {
        return;
    }
    let shapes = shapes(subject);
    let allows = by_effect(&shapes, true);
    let denies = by_effect(&shapes, false);
    if allows.is_empty() || allows.len().saturating_mul(denies.len()) > 10_000 {
        return;
    }
    for deny in denies {
        if !allows.iter().any(|allow| allow.meets(deny)) {
            let message = format!("{} denies what no Allow of the policy allows", deny.statement.name());
            found.say(deny.statement.anchor(), message, "leave it out");
        }
    }
}

fn policy_twice(subjects: &[Subject<'_>], found: &mut Found<'_>) {
    let mut seen: HashMap<(PolicyType, Vec<String>), &Subject<'_>> = HashMap::new();
    for subject in subjects.iter().filter(|subject| !subject.statements.is_empty()) {
        let mut keys: Vec<String> = subject.statements.iter().map(|statement| Shape::new(statement).key()).collect();
        keys.sort_unstable();
        match seen.entry((subject.policy_type(), keys)) {
            std::collections::hash_map::Entry::Occupied(first) => {
                let (own, first) = (&subject.document.name, first.get());
                found.policy = Some(subject.document.name.clone());
                let message = format!("`{own}` has the same statements as `{}`", first.document.name);
                let finding = found.at(subject.anchor(), message).help("attach one of them in both places");
                found.push(finding.related(first.anchor(), "the other one"));
            }
            std::collections::hash_map::Entry::Vacant(free) => _ = free.insert(subject),
        }
    }
}
