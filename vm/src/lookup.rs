//! Texts of a request -> ids of a bundle: what stands before every decision, and before every handle.

use crate::anchor::{filter_place, offered};
use crate::bundle::{Section, View};
use crate::context::NO_SYMBOL;
use crate::glob::{NoVariables, Programs};
use crate::hash::{hash, hash_folded};
use crate::limits::ACTION_BYTES_MAX;
use crate::principal::{KeyText, PrincipalKey, key_hash};
use crate::table;

/// The string id of a text, [`NO_SYMBOL`] if the bundle does not hold it.
#[inline]
pub(crate) fn find_symbol(view: View<'_>, text: &str) -> u32 {
    let strings = view.strings();
    view.index(Section::SymbolIndex)
        .find(hash(text.as_bytes(), view.layout.seed), |id| strings.get(id) == text.as_bytes())
        .unwrap_or(NO_SYMBOL)
}

/// The slot of a context key, if a policy names it.
pub(crate) fn find_slot(view: View<'_>, key: &str) -> Option<u32> {
    let keys = view.words(Section::Keys);
    let strings = view.strings();
    view.index(Section::KeyIndex).find(hash_folded(key.as_bytes(), view.layout.seed), |slot| {
        strings.get(keys.at(slot as usize * 2)).eq_ignore_ascii_case(key.as_bytes())
    })
}

/// The id of a principal key, if a policy names it.
pub(crate) fn find_principal(view: View<'_>, key: PrincipalKey, parts: KeyText<'_>) -> Option<u32> {
    let index = view.index(Section::PrincipalIndex);
    if index.capacity() == 0 {
        return None;
    }
    let used = 3 - parts.iter().rev().take_while(|part| part.is_empty()).count();
    let principals = view.words(Section::Principals);
    let strings = view.strings();
    index.find(key_hash(key, &parts, view.layout.seed), |id| {
        let at = id as usize * 2;
        principals.at(at) == key as u32 && is_joined(strings.get(principals.at(at + 1)), &parts[..used])
    })
}

/// Whether a text is the parts joined by `:`.
fn is_joined(mut text: &[u8], parts: &[&str]) -> bool {
    for (i, part) in parts.iter().enumerate() {
        let Some(rest) = text.strip_prefix(part.as_bytes()) else { return false };
        text = rest;
        if i + 1 < parts.len() {
            let Some(rest) = text.strip_prefix(b":") else { return false };
            text = rest;
        }
    }
    text.is_empty()
}

/// Offset of the list of patterns that match an action's name, if a policy spells the name out.
#[inline]
pub(crate) fn find_action(view: View<'_>, action: &str) -> Option<u32> {
    let names = view.words(Section::Actions);
    let strings = view.strings();
    let known = view.index(Section::ActionIndex).find(hash_folded(action.as_bytes(), view.layout.seed), |id| {
        strings.get(names.at(id as usize * 2)).eq_ignore_ascii_case(action.as_bytes())
    });
    known.map(|id| names.at(id as usize * 2 + 1))
}

/// Calls `each` with every wildcard pattern that matches an action, in no order.
pub(crate) fn find_wildcard_patterns(view: View<'_>, action: &str, each: &mut impl FnMut(u32)) {
    if let Some(id) = view.layout.meta.any_action.checked_sub(1) {
        each(id);
    }
    let mut folded = [0u8; ACTION_BYTES_MAX];
    let Some(folded) = folded.get_mut(..action.len()) else { return };
    folded.copy_from_slice(action.as_bytes());
    folded.make_ascii_lowercase();
    let Some(colon) = folded.iter().position(|&byte| byte == b':') else { return };
    let (service, name) = (&folded[..colon], &folded[colon + 1..]);
    let (services, strings) = (view.words(Section::Services), view.strings());
    let found = view.index(Section::ServiceIndex).find(hash_folded(service, view.layout.seed), |number| {
        strings.get(services.at(number as usize * 2)) == service
    });
    let Some(number) = found else { return };
    let fallbacks = view.words(Section::Fallbacks);
    let at = services.at(number as usize * 2 + 1) as usize;
    if let Some(offset) = fallbacks.at(at + 2).checked_sub(1) {
        if let Some(table) = table::stored(view.section(Section::Tables), offset as usize) {
            table.matches(name).for_each(&mut *each);
        }
        return;
    }
    let entries = fallbacks.slice(at + FALLBACK_HEAD..at + fallbacks.at(at + 1) as usize);
    let mut entry = 0;
    while entry < entries.len() {
        let Some(program) = Programs::new(entries, entry + 1, strings).next() else { return };
        if program.matches(name, &mut NoVariables) {
            each(entries.at(entry));
        }
        entry += 1 + program.word_count().max(1);
    }
}

/// Words of a service's entry before its patterns: patterns, words, table.
pub(crate) const FALLBACK_HEAD: usize = 3;

/// Calls `each` with the anchors of the bundle that a resource offers, with repetitions.
pub(crate) fn find_anchors(view: View<'_>, text: &str, mut each: impl FnMut(u32)) {
    let meta = &view.layout.meta;
    if meta.anchors == 0 || text == "*" {
        return;
    }
    let filter = view.words(Section::AnchorFilter);
    let index = view.index(Section::AnchorIndex);
    offered(text.as_bytes(), meta.anchor_kinds, view.layout.seed, |hash| {
        let (word, bit) = filter_place(hash, filter.len());
        if filter.at(word) >> bit & 1 == 1
            && let Some(id) = index.find(hash, |_| true)
        {
            each(id);
        }
    });
}
