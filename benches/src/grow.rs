//! W4 grown to any size: copies of its policies under unique resource names, with requests spread over all of them.
//!
//! ```text
//! arn:aws:sqs:us-west-2:123456789012:billing-jasper3570-prod-*   copy 2 ->   …:billing-jasper13570-prod-*
//! "Resource":"*"                                                 copy 2 ->   "arn:aws:s3:::all-copies7-*", unique
//! ```
//!
//! Principals, actions and conditions stay as they are: a copy is about other resources and nothing else, so that a
//! request about the resource of a copy is decided as its original is.

use std::borrow::Cow;
use std::fmt::Write;

use dictum_corpus::data::{Asked, PolicySet, World};

/// Above every number that is part of a name in W4.
const NAMES: usize = 5_000;
/// A seed as good as any other.
const SEED: u64 = 4;

/// A world of `copies` times the statements, with as many requests.
pub fn grow(world: &World, name: &str, copies: usize) -> World {
    let mut grown = World { name: name.to_owned(), ..World::default() };
    let mut unique = 0;
    let mut names = Vec::new();
    for copy in 0..copies {
        for policy in world.sets.iter().flat_map(|set| &set.resource) {
            let mut text = renumbered(&world.policies[policy], copy).into_owned();
            if copy > 0 {
                text = bounded(&text, &mut unique);
            }
            let policy = format!("{policy}-{copy}");
            names.push(policy.clone());
            grown.policies.insert(policy, text);
        }
    }
    grown.sets = vec![PolicySet { resource: names, ..PolicySet::default() }];
    let mut state = SEED;
    for asked in &world.asked {
        let copy = next(&mut state) as usize % copies;
        let mut request = asked.request.clone();
        for resource in &mut request.resources {
            *resource = renumbered(resource, copy).into_owned();
        }
        grown.asked.push(Asked { request, ..asked.clone() });
    }
    grown
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// A text with the number of each name `word-word1234-` behind `:` or `/` raised for a copy.
fn renumbered(text: &str, copy: usize) -> Cow<'_, str> {
    if copy == 0 {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let run = |start: usize, is_in: fn(&u8) -> bool| {
        start + bytes[start..].iter().position(|byte| !is_in(byte)).unwrap_or(bytes.len() - start)
    };
    let (mut out, mut copied) = (String::with_capacity(text.len() + text.len() / 16), 0);
    for (at, _) in text.match_indices([':', '/']) {
        let team = run(at + 1, u8::is_ascii_lowercase);
        if team == at + 1 || bytes.get(team) != Some(&b'-') {
            continue;
        }
        let word = run(team + 1, u8::is_ascii_lowercase);
        let digits = run(word, u8::is_ascii_digit);
        if word == team + 1 || digits == word || bytes.get(digits) != Some(&b'-') {
            continue;
        }
        let number: usize = text[word..digits].parse().expect("a few digits");
        assert!(number < NAMES, "{number}");
        out.push_str(&text[copied..word]);
        write!(out, "{}", number + copy * NAMES).expect("a string takes all");
        copied = digits;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// A policy in which statements for every resource are for some each.
fn bounded(text: &str, unique: &mut usize) -> String {
    let mut parts = text.split(r#""Resource":"*""#);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        *unique += 1;
        write!(out, r#""Resource":"arn:aws:s3:::all-copies{unique}-*""#).expect("a string takes all");
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{bounded, renumbered};

    #[test]
    fn only_names_are_renumbered() {
        let texts = [
            (
                "arn:aws:sqs:eu-west-1:123456789012:ads-falcon12-test-*",
                "arn:aws:sqs:eu-west-1:123456789012:ads-falcon5012-test-*",
            ),
            ("arn:aws:iam::123456789012:user/svc-0123", "arn:aws:iam::123456789012:user/svc-0123"),
            ("arn:aws:s3:::ml-meteor7-prod/logs/ab-cd9-", "arn:aws:s3:::ml-meteor5007-prod/logs/ab-cd5009-"),
        ];
        for (text, expected) in texts {
            assert_eq!(renumbered(text, 1), expected);
            assert_eq!(renumbered(text, 0), text);
        }
        assert_eq!(bounded(r#"{"Resource":"*"}"#, &mut 6), r#"{"Resource":"arn:aws:s3:::all-copies7-*"}"#);
    }
}
