use alloc::vec::Vec;

use super::*;
use crate::words::{Strings, Words};

struct Fixed(Variable<'static>);

impl<'x> Variables<'x> for Fixed {
    fn variable(&mut self, _: u32) -> Variable<'x> {
        self.0
    }
}

fn program(pieces: &[Piece<'_>]) -> Vec<u8> {
    let mut words = Vec::new();
    write(pieces, &mut words);
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn matches_with(pieces: &[Piece<'_>], text: &str, variable: Variable<'static>) -> bool {
    let bytes = program(pieces);
    let words = Words::new(&bytes);
    assert_eq!(verify(words, 1, Strings::default()), Some(words.len()));
    Program::at(words, 0, Strings::default()).matches(text.as_bytes(), &mut Fixed(variable))
}

/// A free glob from text.
fn free(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let len = rest.find(['*', '?']).unwrap_or(rest.len());
        if len > 0 {
            pieces.push(Piece::Text(&rest.as_bytes()[..len]));
            rest = &rest[len..];
        } else {
            let piece = if c == '*' { Piece::Run } else { Piece::One };
            if !(piece == Piece::Run && pieces.last() == Some(&Piece::Run)) {
                pieces.push(piece);
            }
            rest = &rest[1..];
        }
    }
    pieces
}

fn free_matches(pattern: &str, text: &str) -> bool {
    matches_with(&free(pattern), text, Variable::Absent)
}

/// GLB-1 to GLB-6, the vectors of section 3.
#[test]
fn free_globs() {
    let long: alloc::string::String = core::iter::repeat_n('a', 4000).collect();
    for (pattern, text, expected) in [
        ("a*b*c", "abc", true),
        ("a?c", "ac", false),
        ("a.c", "abc", false),
        ("[ab]*", "a1", false),
        ("a?c", "a😀c", true),
        ("a??c", "a😀c", false),
        ("*a*a*a*a*a*a*b", long.as_str(), false),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("a*", "a\n/:b", true),
        ("*ab", "aab", true),
        ("*ab*ab", "ab", false),
        ("*ab*ab", "abab", true),
        ("a*?", "a", false),
        ("*é?", "xéé", true),
        ("*?x", "éx", true),
        ("*a?c*d", "acacab", false),
        ("*a?c*d", "xxabcd", true),
    ] {
        assert_eq!(free_matches(pattern, text), expected, "{pattern} {text}");
    }
}

/// RES-5, RES-6: the star classes of a resource entry, as `sets` and as `greedy`.
#[test]
fn stars_that_stop_at_colons() {
    use Piece::{Run, RunNotColon, Text};
    let inner = [Text(b"arn:aws:sns:u"), RunNotColon, Text(b"t-1:1:t")];
    assert!(matches_with(&inner, "arn:aws:sns:us-east-1:1:t", Variable::Absent));
    assert!(matches_with(&[Text(b"a:u"), RunNotColon, Text(b"t-1:t")], "a:us-east-t-1:t", Variable::Absent));
    assert!(!matches_with(&inner, "arn:aws:sns:us:east-1:1:t", Variable::Absent));
    let both = [Text(b"a:"), RunNotColon, Text(b"b"), Run, Text(b"c:"), RunNotColon, Text(b"d")];
    assert!(matches_with(&both, "a:xbb:c:c:yd", Variable::Absent));
    assert!(!matches_with(&both, "a:x:bc:d", Variable::Absent));
    let whole_field = [Text(b"a:"), RunNotColon, Text(b":c:"), Run];
    assert!(matches_with(&whole_field, "a:b:c:d", Variable::Absent));
    assert!(!matches_with(&whole_field, "a:b:b:c:d", Variable::Absent));
}

/// VAR-5, VAR-8 to VAR-11.
#[test]
fn variables_are_literal() {
    let variable = |colon_free| Piece::Variable { slot: 0, default: None, colon_free };
    let pieces = [Piece::Text(b"b/"), variable(false), Piece::Text(b"/"), Piece::Run];
    assert!(matches_with(&pieces, "b/ana/x", Variable::Text("ana")));
    assert!(!matches_with(&pieces, "b/anything/x", Variable::Text("*")));
    assert!(matches_with(&pieces, "b/*/x", Variable::Text("*")));
    assert!(!matches_with(&pieces, "b//x", Variable::Text("")));
    assert!(!matches_with(&pieces, "b/a/x", Variable::Many));
    let one_field = [Piece::Text(b"a:"), variable(true), Piece::Text(b":q")];
    assert!(matches_with(&one_field, "a:1:q", Variable::Text("1")));
    assert!(!matches_with(&one_field, "a:1:q:q", Variable::Text("1:q")));
}

/// CND-61, CND-63: colons that come with a variable separate components.
#[test]
fn arn_stars_count_substituted_colons() {
    let pieces = [
        Piece::Text(b"arn:aws:"),
        Piece::Variable { slot: 0, default: None, colon_free: false },
        Piece::Text(b":"),
        Piece::ArnRun,
    ];
    assert!(matches_with(&pieces, "arn:aws:iam::1:user/a:b", Variable::Text("iam::1")));
    assert!(!matches_with(&pieces, "arn:aws:iam:r:1:user/a", Variable::Text("iam")));
    assert!(!matches_with(&pieces, "arn:aws:iam::1:user", Variable::Text("iam:")));
}

/// Every form agrees with a plain recursive matcher on all short patterns and texts.
#[test]
fn agrees_with_a_plain_matcher() {
    fn plain(pieces: &[Piece<'_>], text: &str) -> bool {
        let Some((piece, rest)) = pieces.split_first() else { return text.is_empty() };
        let next = |text: &str| text.chars().next().map(char::len_utf8);
        match *piece {
            Piece::Text(wanted) => text.as_bytes().starts_with(wanted) && plain(rest, &text[wanted.len()..]),
            Piece::One => next(text).is_some_and(|n| plain(rest, &text[n..])),
            Piece::OneNotColon => !text.starts_with(':') && next(text).is_some_and(|n| plain(rest, &text[n..])),
            Piece::Run | Piece::RunNotColon => {
                let stop = if *piece == Piece::Run { text.len() } else { text.find(':').unwrap_or(text.len()) };
                text.char_indices().map(|(i, _)| i).chain([text.len()]).any(|i| i <= stop && plain(rest, &text[i..]))
            }
            _ => false,
        }
    }
    let alphabet = [
        Piece::Text(b"a"),
        Piece::Text(b":"),
        Piece::Text("é".as_bytes()),
        Piece::One,
        Piece::OneNotColon,
        Piece::Run,
        Piece::RunNotColon,
    ];
    let texts = ["", "a", ":", "aa", "a:", ":a", "aé", "é:a", "a:a", "aaa", "::", "a:é:a", "aéa:"];
    let mut patterns: Vec<Vec<Piece<'_>>> = alloc::vec![Vec::new()];
    for _ in 0..5 {
        let longer: Vec<_> = patterns
            .iter()
            .flat_map(|pattern| {
                alphabet.iter().map(move |piece| {
                    let mut longer = pattern.clone();
                    longer.push(*piece);
                    longer
                })
            })
            .collect();
        for pattern in &longer {
            let bytes = program(pattern);
            let program = Program::at(Words::new(&bytes), 0, Strings::default());
            for text in texts {
                assert_eq!(
                    program.matches(text.as_bytes(), &mut NoVariables),
                    plain(pattern, text),
                    "{pattern:?} {text}"
                );
            }
        }
        patterns = longer;
    }
}

#[test]
fn searching_stays_linear_and_right() {
    let text: Vec<u8> = core::iter::repeat_n(b'a', 8000).chain(*b"b").collect();
    let wanted: Vec<u8> = core::iter::repeat_n(b'a', 1000).chain(*b"b").collect();
    assert_eq!(find(&text, &wanted), Some(7000));
    assert_eq!(find(&text, b"bb"), None);
}
