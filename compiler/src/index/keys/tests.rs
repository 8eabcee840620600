//! Whatever its wildcards and variables stand for, a pattern's match offers every anchor of the pattern (matching.md 10):
//! the index can take any of them.

use dictum_vm::anchor::{Kinds, offered};
use proptest::prelude::*;

use super::anchors;
use crate::ir::Piece;

const SEED: u64 = 0xD1C7;

/// Texts of the bytes that anchors are cut at, of some that are not, and of more than one byte.
const TEXT: &str = "([:/]|[ab]|é|名|longer-than-8){0,6}";

/// A piece with a text that it can stand for.
fn piece() -> impl Strategy<Value = (Piece, String)> {
    let variable = |colon_free| Piece::Variable { slot: 0, default: None, colon_free };
    let without_colon = || TEXT.prop_map(|text| text.replace(':', "-"));
    let one = prop_oneof![Just(":"), Just("/"), Just("a"), Just("名")];
    prop_oneof![
        6 => TEXT.prop_filter("not empty", |text| !text.is_empty()).prop_map(|text| (Piece::Text(text.as_str().into()), text)),
        3 => TEXT.prop_map(|text| (Piece::Run, text)),
        2 => without_colon().prop_map(|text| (Piece::RunNotColon, text)),
        1 => TEXT.prop_map(|text| (Piece::ArnRun, text)),
        2 => one.prop_map(|text| (Piece::One, text.to_owned())),
        1 => prop_oneof![Just("/"), Just("é")].prop_map(|text| (Piece::OneNotColon, text.to_owned())),
        1 => TEXT.prop_map(move |text| (variable(false), text)),
        1 => without_colon().prop_map(move |text| (variable(true), text)),
    ]
}

/// Patterns as lowering makes them: no two texts in a row.
fn pattern() -> impl Strategy<Value = (Vec<Piece>, String)> {
    proptest::collection::vec(piece(), 0..8).prop_map(|parts| {
        let mut pieces: Vec<Piece> = Vec::new();
        for (piece, _) in &parts {
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => *before = [&**before, &**text].concat().into(),
                _ => pieces.push(piece.clone()),
            }
        }
        (pieces, parts.into_iter().map(|(_, text)| text).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_match_offers_every_anchor((pieces, text) in pattern()) {
        let mut offer = Vec::new();
        offered(text.as_bytes(), Kinds::ALL, SEED, |hash| offer.push(hash));
        let mut missing = None;
        anchors(&pieces, SEED, true, |kind, hash, _| {
            // A machine computes the kinds in use and no others: each must be offered by itself, too.
            let mut of_kind = false;
            offered(text.as_bytes(), kind, SEED, |other| of_kind |= other == hash);
            if !of_kind || !offer.contains(&hash) {
                missing = Some(kind);
            }
        });
        prop_assert_eq!(missing, None, "{:?} matches {:?}", pieces, text);
    }
}
