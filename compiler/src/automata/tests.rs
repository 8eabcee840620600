//! Tables against the plain matcher, and against the budget.

use std::time::{Duration, Instant};

use dictum_vm::table::Table;
use proptest::prelude::*;

use super::*;

/// A pattern text as tokens.
fn tokens(pattern: &str) -> Vec<GlobToken<'_>> {
    let pieces = pattern.split_inclusive(['*', '?']).flat_map(|piece| {
        let (literal, wildcard) = match piece.chars().last() {
            Some('*') => (&piece[..piece.len() - 1], Some(GlobToken::Run)),
            Some('?') => (&piece[..piece.len() - 1], Some(GlobToken::One)),
            _ => (piece, None),
        };
        let literal = (!literal.is_empty()).then_some(GlobToken::Literal(literal.as_bytes()));
        literal.into_iter().chain(wildcard)
    });
    pieces.collect()
}

/// Builds a table of patterns whose ids are ten times their indices.
fn table(patterns: &[impl AsRef<str>], fold: bool, budget: &mut Budget) -> Option<Vec<u8>> {
    let tokens: Vec<_> = patterns.iter().map(|pattern| tokens(pattern.as_ref())).collect();
    let patterns: Vec<_> = (0..).step_by(10).zip(tokens.iter().map(Vec::as_slice)).collect();
    build(&patterns, fold, budget)
}

/// Ids of the patterns that match, by simulating all states (GLB-6).
fn plain(patterns: &[impl AsRef<str>], fold: bool, text: &str) -> Vec<u32> {
    let folded =
        |text: &str| -> Vec<char> { text.chars().map(|c| if fold { c.to_ascii_lowercase() } else { c }).collect() };
    let text = folded(text);
    let matches = |pattern: &str| {
        let mut ends = vec![false; text.len() + 1]; // ends[i]: the pattern so far matches text[..i]
        ends[0] = true;
        for token in folded(pattern) {
            let mut following = vec![false; text.len() + 1];
            for i in 0..=text.len() {
                following[i] = match token {
                    '*' => ends[i] || i > 0 && following[i - 1],
                    '?' => i > 0 && ends[i - 1],
                    c => i > 0 && ends[i - 1] && text[i - 1] == c,
                };
            }
            ends = following;
        }
        ends[text.len()]
    };
    (0..).step_by(10).zip(patterns).filter(|(_, pattern)| matches(pattern.as_ref())).map(|(id, _)| id).collect()
}

/// The shape of a table: states and classes.
fn shape(patterns: &[&str]) -> (usize, usize) {
    let bytes = table(patterns, false, &mut Budget::new()).unwrap();
    let table = Table::parse(&bytes).unwrap();
    (table.state_count(), table.class_count())
}

/// The vectors of section 3.
#[test]
fn globs() {
    for (pattern, text, expected) in [
        ("a*b*c", "abc", true),
        ("a?c", "ac", false),
        ("a.c", "abc", false),
        ("[ab]*", "a1", false),
        ("a?c", "a\u{1f600}c", true),
        ("a??c", "a\u{1f600}c", false),
        ("a?é", "a\u{e9}\u{e9}", true),
        ("?", "é", true),
        ("??", "é", false),
        ("?*", "", false),
        ("*?", "\u{1f600}", true),
        ("*?*?", "é", false),
        ("**", "", true),
        ("", "", true),
        ("", "a", false),
        ("*\u{a9}", "é", false), // shares its last byte
        ("*a*a*a*a*a*a*b", &"a".repeat(4_000), false),
    ] {
        let bytes = table(&[pattern], false, &mut Budget::new()).expect(pattern);
        let table = Table::parse(&bytes).expect(pattern);
        assert_eq!(table.matches_any(text.as_bytes()), expected, "{pattern} {text}");
        assert_eq!(table.matches(text.as_bytes()).eq([0]), expected, "{pattern} {text}");
    }
}

#[test]
fn tables_are_minimal() {
    // Dead, start, and a state for each further byte; a trailing star needs none of its own.
    assert_eq!(shape(&["abc"]), (5, 4));
    assert_eq!(shape(&["abc*"]), (5, 4));
    // A class for other bytes, and with `?` one for continuation bytes.
    assert_eq!(shape(&["*"]), (2, 1));
    assert_eq!(shape(&["?"]), (3, 2));
    // The states of Knuth, Morris and Pratt, of one pattern with any number of stars.
    assert_eq!(shape(&["*a*b*c*d*"]), (6, 5));
    // Common ends are shared where the same patterns match.
    assert_eq!(shape(&["xab", "xab"]).0, 5);
    assert_eq!(shape(&[]), (1, 1));
}

#[test]
fn ids_may_repeat_and_come_in_any_order() {
    let (a, b) = (tokens("a*"), tokens("*b"));
    let build = |patterns: &[(u32, &[GlobToken<'_>])]| build(patterns, false, &mut Budget::new()).unwrap();
    let bytes = build(&[(3, &a), (3, &b), (1, &b)]);
    assert_eq!(bytes, build(&[(1, &b), (3, &b), (3, &a)]));
    let table = Table::parse(&bytes).unwrap();
    assert_eq!(table.matches(b"ab").collect::<Vec<_>>(), [1, 3]);
    assert_eq!(table.matches(b"a").collect::<Vec<_>>(), [3]);
}

/// Families whose automata explode are given up, fast, and cost no more than the budget all together.
#[test]
fn growth_meets_the_budget() {
    let letters = |n: u8| (0..n).map(|i| char::from(b'a' + i));
    let products: Vec<_> = letters(16).map(|c| format!("*{c}*{}*", c.to_ascii_uppercase())).collect();
    let window = |n: usize| vec![format!("*a{}", "?".repeat(n))];
    let windows: Vec<_> = (0..64).map(|n| format!("*a{}b*", "?".repeat(n))).collect();
    let wide: Vec<_> = (0..3_000).map(|n| format!("*{n}*x{n}")).collect();
    let huge = vec!["*a?".repeat(100_000)];
    let now = Instant::now();
    for patterns in [products, window(12), window(2_000), windows, wide, huge] {
        assert_eq!(table(&patterns, false, &mut Budget::new()), None, "{}", &patterns[0][..patterns[0].len().min(40)]);
    }
    let limit = if cfg!(debug_assertions) { 30 } else { 5 };
    assert!(now.elapsed() < Duration::from_secs(limit), "{:?}", now.elapsed());
    assert!(table(&window(4), false, &mut Budget::new()).is_some());
}

#[test]
fn abandoned_work_counts() {
    let mut budget = Budget::new();
    let patterns: Vec<_> = (b'a'..b'q').map(|c| format!("*{}*x*", char::from(c))).collect();
    let mut tries = 0;
    while budget.expansions_left > 0 {
        assert_eq!(table(&patterns, false, &mut budget), None);
        tries += 1;
        assert!(tries < 1_000);
    }
    assert_eq!(table(&["a"], false, &mut budget), None);
}

fn pattern() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["a", "b", "A", "é", "\u{e8}", "\u{1f600}", "*", "*", "?", ":"]),
        0..7,
    )
    .prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["a", "b", "A", "B", "é", "\u{e8}", "\u{1f600}", "x", "*", ":"]),
        0..9,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn tables_agree_with_the_plain_matcher(
        patterns in prop::collection::vec(pattern(), 0..6),
        texts in prop::collection::vec(text(), 20),
        fold: bool,
    ) {
        if let Some(bytes) = table(&patterns, fold, &mut Budget::new()) {
            let table = Table::parse(&bytes).expect("a table of ours is valid");
            prop_assert_eq!(table.folds(), fold);
            for text in texts {
                let ids: Vec<_> = table.matches(text.as_bytes()).collect();
                prop_assert_eq!(&ids, &plain(&patterns, fold, &text), "{:?} {:?}", &patterns, &text);
                prop_assert_eq!(table.matches_any(text.as_bytes()), !ids.is_empty());
            }
        }
    }

    #[test]
    fn damaged_tables_never_panic(
        patterns in prop::collection::vec(pattern(), 1..4),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        text in text(),
    ) {
        if let Some(mut bytes) = table(&patterns, false, &mut Budget::new()) {
            for (place, with) in damage {
                *place.get_mut(&mut bytes) = with;
            }
            for table in [Table::view(&bytes), Table::parse(&bytes)].into_iter().flatten() {
                prop_assert!(table.matches(text.as_bytes()).count() <= bytes.len());
            }
        }
    }
}
