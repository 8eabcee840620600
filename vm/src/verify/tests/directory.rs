//! The directory: rows, what they name, and the tables over them.

use alloc::vec;
use alloc::vec::Vec;

use super::draft::strings::{A, B, COUNT};
use super::draft::{Draft, LIST_LAST, LIST_NONE, SEED};
use super::refused_of;
use crate::bundle::Section::*;
use crate::bundle::write::{index, roster};
use crate::directory::entity_hash_of;
use crate::hash::{hash, hash_folded};
use crate::limits::PRINCIPAL_BYTES_MAX;

const NUMBER: u32 = COUNT;
const USER: u32 = COUNT + 1;
const ROLE: u32 = COUNT + 3;
const QUEUE: u32 = COUNT + 5;
const POLICY_ARN: u32 = COUNT + 6;
const TAG_KEY: u32 = COUNT + 7;
const TEAM: u32 = COUNT + 8;
const ORGANIZATION: u32 = COUNT + 9;
const ALL: [&str; 10] = [
    "222222222222",
    "arn:aws:iam::222222222222:user/eng/ana",
    "AIDA0000000000000001",
    "arn:aws:iam::222222222222:role/ops",
    "AROA0000000000000001",
    "arn:aws:sqs:eu-west-1:222222222222:q",
    "arn:aws:iam::222222222222:policy/P",
    "aws:PrincipalTag/Team",
    "team",
    "o-1",
];
const COUNT_OF_ALL: u32 = COUNT + ALL.len() as u32;

fn text(id: u32) -> &'static str {
    ALL[(id - COUNT) as usize]
}

/// The other draft with a user, a role that it may become, a queue, and their account.
pub fn draft() -> Draft {
    let mut draft = Draft::new();
    draft.meta.members = 0;
    draft.meta.directory = 1;
    draft.meta.scp_levels = 2;
    draft.meta.rcp_levels = 1;
    for text in ALL {
        draft.bytes(StringBytes).extend_from_slice(text.as_bytes());
        let end = draft.bytes(StringBytes).len() as u32;
        draft.edit(StringOffsets, |offsets| offsets.push(end));
    }
    draft.edit(Keys, |keys| keys.extend([TAG_KEY, crate::context::DerivedKey::number_of("aws:PrincipalTag/x")]));
    let names = ["x:t", "aws:username", "aws:PrincipalTag/Team"];
    let entries: Vec<_> = names.iter().map(|name| hash_folded(name.as_bytes(), SEED)).zip(0..).collect();
    draft.set(KeyIndex, &index(&entries, 0).unwrap());
    let by_text = |id: u32| hash(text(id).as_bytes(), SEED);
    draft.set(Accounts, &[NUMBER, ORGANIZATION + 1, 0, ORGANIZATION + 1, 1, 2, 1, 1]);
    draft.set(AccountIndex, &index(&[(by_text(NUMBER), 0)], 0).unwrap());
    draft.set(Scopes, &[0, 1, 0, 0, 1, 2, 0, 0, 0, 2]);
    draft.set(Entities, &[USER, 0, 4, 1, 0, ROLE, 0, 0, 0, 1]);
    let entities = [USER, ROLE].map(|arn| entity_hash_of(text(arn), SEED).unwrap());
    draft.set(EntityIndex, &roster(&entities, 0).unwrap());
    draft.set(TagSets, &[2, 2, u32::MAX, TEAM, A, u32::MAX, u32::MAX, A, B]);
    draft.set(Resources, &[QUEUE, 0, 1, 1, 1]);
    draft.set(ResourceIndex, &roster(&[by_text(QUEUE)], 0).unwrap());
    draft.set(Units, &[0, LIST_NONE]);
    draft.set(Managed, &[POLICY_ARN, 0]);
    draft.set(ManagedIndex, &index(&[(by_text(POLICY_ARN), 0)], 0).unwrap());
    draft
}

#[test]
fn the_mode() {
    refused_of(
        draft,
        &[
            (|draft| draft.meta.directory = 2, Meta, "neither with nor without a directory"),
            (|draft| draft.meta.members = 1, Meta, "a directory beside the members of a set of policies"),
            (|draft| draft.meta.base_high = 1, Meta, "a directory beside the members of a set of policies"),
            (|draft| draft.meta.directory = 0, Accounts, "a directory in a bundle that has none"),
        ],
    );
}

#[test]
fn rows() {
    refused_of(
        draft,
        &[
            (|draft| draft.edit(Accounts, |words| words.push(0)), Accounts, "its last entry is cut off"),
            (|draft| draft.put(Accounts, 0, COUNT_OF_ALL), Accounts, "no such string"),
            (|draft| draft.put(Accounts, 2, COUNT_OF_ALL + 1), Accounts, "no such string"),
            (|draft| draft.put(Accounts, 4, 2), Accounts, "no tree begins there"),
            (|draft| draft.put(Accounts, 5, 3), Accounts, "too many levels"),
            (|draft| draft.put(Accounts, 7, 2), Accounts, "too many levels"),
            (|draft| draft.edit(Entities, |words| words.push(0)), Entities, "its last entry is cut off"),
            (|draft| draft.put(Entities, 0, COUNT_OF_ALL - 1), Entities, "no such string"),
            (|draft| draft.put(Entities, 0, u32::MAX), Entities, "no such string"),
            (|draft| draft.put(Entities, 1, 1), Entities, "no such account"),
            (|draft| draft.put(Entities, 2, 1), Entities, "no scope begins there"),
            (|draft| draft.put(Entities, 3, 2), Entities, "no tags begin there"),
            (|draft| draft.put(Entities, 4, 2), Entities, "no tree begins there"),
            (|draft| draft.edit(Resources, |words| words.push(0)), Resources, "its last entry is cut off"),
            (|draft| draft.put(Resources, 0, COUNT_OF_ALL), Resources, "no such string"),
            (|draft| draft.put(Resources, 1, 1), Resources, "no such account"),
            (|draft| draft.put(Resources, 2, 2), Resources, "no tree begins there"),
            (|draft| draft.put(Resources, 3, 3), Resources, "no tags begin there"),
            (|draft| draft.put(Resources, 4, 2), Resources, "neither marked nor not"),
            (|draft| draft.edit(Managed, |words| words.push(0)), Managed, "its last entry is cut off"),
            (|draft| draft.put(Managed, 0, COUNT_OF_ALL), Managed, "no such string"),
            (|draft| draft.put(Managed, 1, 5), Managed, "no tree begins there"),
            (|draft| draft.edit(Units, |words| words.push(0)), Units, "its last entry is cut off"),
            (|draft| draft.put(Units, 0, 1), Units, "no tree begins there"),
            (|draft| draft.edit(Units, |words| words.extend([0, 0])), Units, "roots that do not ascend"),
            (|draft| draft.put(Units, 1, 1), Units, "no list begins there"),
            (|draft| draft.put(Units, 1, LIST_LAST), Units, "a list of other ids"),
        ],
    );
}

#[test]
fn scopes_and_tags() {
    refused_of(
        draft,
        &[
            (|draft| draft.put(Scopes, 0, 2), Scopes, "an entry ends outside the section"),
            (|draft| draft.put(Scopes, 5, 3), Scopes, "an entry ends outside the section"),
            (|draft| draft.put(Scopes, 2, 5), Scopes, "no tree begins there"),
            (|draft| draft.put(Scopes, 3, 1), Scopes, "a gate that no policy of a principal stands behind"),
            (|draft| draft.put(Scopes, 4, 0), Scopes, "a gate that no policy of a principal stands behind"),
            (|draft| draft.put(TagSets, 0, 3), TagSets, "an entry ends outside the section"),
            (|draft| draft.put(TagSets, 3, COUNT_OF_ALL), TagSets, "no such string"),
            (|draft| draft.put(TagSets, 4, COUNT_OF_ALL), TagSets, "no such string"),
            (|draft| draft.put(TagSets, 1, 3), TagSets, "the slot of another key"),
            (|draft| draft.put(TagSets, 1, 0), TagSets, "the slot of another key"),
            (|draft| draft.put(TagSets, 2, 2), TagSets, "the slot of another key"),
            (|draft| draft.put(TagSets, 5, 2), TagSets, "the slot of another key"),
        ],
    );
}

#[test]
fn unique_ids_are_no_longer_than_principals() {
    let mut draft = draft();
    let long = vec![b'A'; PRINCIPAL_BYTES_MAX + 1];
    draft.bytes(StringBytes).extend_from_slice(&long);
    let end = draft.bytes(StringBytes).len() as u32;
    // The text behind the ARN of the last string becomes its unique id.
    draft.edit(StringOffsets, |offsets| offsets.push(end));
    draft.put(Entities, 0, COUNT_OF_ALL - 1);
    assert_eq!(draft.error(), Some((Entities, "too long a unique id")));
}

#[test]
fn every_name_is_found() {
    refused_of(
        draft,
        &[
            (|draft| draft.edit(EntityIndex, |words| words.push(0)), EntityIndex, "its size is not a power of two"),
            (|draft| draft.set(EntityIndex, &[0; 4]), EntityIndex, "it holds another number of names"),
            (|draft| draft.put(Entities, 0, QUEUE), EntityIndex, "a row that its own name does not lead to"),
            (|draft| draft.put(Entities, 5, USER), EntityIndex, "a row that its own name does not lead to"),
            (|draft| draft.put(Resources, 0, USER), ResourceIndex, "a row that its own name does not lead to"),
            (|draft| draft.set(ResourceIndex, &[]), ResourceIndex, "it holds another number of names"),
            (
                |draft| draft.put(Accounts, 0, ORGANIZATION),
                AccountIndex,
                "an entry that its own name does not lead to, or twice",
            ),
            (
                |draft| draft.put(Managed, 0, USER),
                ManagedIndex,
                "an entry that its own name does not lead to, or twice",
            ),
            (|draft| draft.set(ManagedIndex, &[]), ManagedIndex, "it holds another number of names"),
        ],
    );
}
