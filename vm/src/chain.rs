//! The action patterns that match a request's action (matching.md 4.1).

use alloc::vec::Vec;

use crate::bind::Sections;
use crate::lookup::find_wildcard_patterns;
use crate::request::{ActionHandle, ActionPatterns};
use crate::words::Words;

/// The patterns that match a request's action, ascending. `many` has room for
/// [`Meta::chain_max`](crate::bundle::Meta) ids, and is filled for a name that too many match.
#[inline]
pub(crate) fn patterns<'m>(sections: &Sections<'m>, action: &'m ActionHandle<'_>, many: &'m mut Vec<u32>) -> Chain<'m> {
    match &action.patterns {
        ActionPatterns::Listed(list) => {
            let start = *list as usize + 1;
            Chain::Listed(sections.lists.slice(start..start + sections.lists.at(*list as usize) as usize))
        }
        ActionPatterns::Found(ids, count) => Chain::Found(&ids[..usize::from(*count)]),
        ActionPatterns::Many => Chain::Found(found_again(sections, action, many)),
    }
}

#[cold]
#[inline(never)]
fn found_again<'m>(sections: &Sections<'_>, action: &ActionHandle<'_>, many: &'m mut Vec<u32>) -> &'m [u32] {
    many.clear();
    find_wildcard_patterns(sections.view, action.text, &mut |id| {
        if many.len() < many.capacity() {
            many.push(id);
        }
    });
    many.sort_unstable();
    many
}

/// The ids of the patterns that match a request's action, ascending.
#[derive(Clone, Copy)]
pub(crate) enum Chain<'m> {
    Listed(Words<'m>),
    Found(&'m [u32]),
}

impl Chain<'_> {
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Chain::Listed(words) => words.len(),
            Chain::Found(ids) => ids.len(),
        }
    }

    #[inline]
    pub fn at(self, index: usize) -> u32 {
        match self {
            Chain::Listed(words) => words.at(index),
            Chain::Found(ids) => ids.get(index).copied().unwrap_or(u32::MAX),
        }
    }

    /// Whether some of the ascending ids is in the chain. Chains are short, mostly of one to seven patterns.
    #[inline]
    pub fn meets(self, ids: Words<'_>) -> bool {
        (0..self.len()).any(|i| ids.contains_sorted(self.at(i)))
    }
}
