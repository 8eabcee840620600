//! Whether one pattern takes in all that another one does, and whether two have anything in common.
//!
//! Both are exact for globs. The alphabet is infinite, so a wildcard of the covered pattern can always bring a character
//! that the covering one does not spell: the worst that a `?` can be is such a *fresh* character, or a colon, which alone
//! may be forbidden to a wildcard. That leaves finitely many sets of states to look at.
//!
//! A variable is one symbol: it is covered by itself and by a run. So a claim about patterns with variables holds for
//! every value, and some claims that would hold are not made.

use std::collections::HashSet;

use dictum_compiler::pattern::{Pattern, Piece};

/// Sets of states looked at for one question; beyond them the answer is no.
const STATES_MAX: usize = 2_000;
/// Longest pattern that is looked at, in tokens.
const TOKENS_MAX: usize = 4_096;

/// One token of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// This character.
    Literal(char),
    /// One character; `false`: any but a colon.
    One(bool),
    /// Any run of characters; `false`: without colons.
    Run(bool),
    /// The value of this key, lower-cased, with its default; `true`: it cannot bring a colon.
    Variable(String, Option<String>, bool),
}

/// What one step of the covered pattern brings.
enum Symbol<'t> {
    Literal(char),
    Fresh,
    Variable(&'t Token),
}

/// A pattern as its tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Glob(pub Vec<Token>);

impl Glob {
    /// Of a text with the free wildcards `*` and `?`.
    pub fn free(text: &str) -> Glob {
        let token = |character| match character {
            '*' => Token::Run(true),
            '?' => Token::One(true),
            character => Token::Literal(character),
        };
        Glob(text.chars().map(token).collect())
    }

    /// Of a resolved pattern; `None` where how far a wildcard reaches depends on a variable's value.
    pub fn of(pattern: &Pattern) -> Option<Glob> {
        let mut tokens = Vec::new();
        for piece in &pattern.pieces {
            match piece {
                Piece::Text(text) => tokens.extend(text.chars().map(Token::Literal)),
                Piece::One => tokens.push(Token::One(true)),
                Piece::OneNotColon => tokens.push(Token::One(false)),
                Piece::Run => tokens.push(Token::Run(true)),
                Piece::RunNotColon => tokens.push(Token::Run(false)),
                Piece::ArnOne | Piece::ArnRun => return None,
                Piece::Variable { key, default, colon_free } => {
                    tokens.push(Token::Variable(key.to_ascii_lowercase(), default.clone(), *colon_free));
                }
            }
        }
        Some(Glob(tokens))
    }

    /// Whether it is one text only.
    pub fn is_plain(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Literal(_)))
    }

    /// Whether it depends on the value of a variable.
    pub fn has_variables(&self) -> bool {
        self.0.iter().any(|token| matches!(token, Token::Variable(..)))
    }

    /// Whether it is a lone run, and so takes in everything.
    pub fn is_everything(&self) -> bool {
        self.0 == [Token::Run(true)]
    }

    /// Whether every text that `other` matches is matched by this one. `false` also where that takes too long to find out.
    ///
    /// O(tokens of one × tokens of the other) for patterns as people write them.
    pub fn covers(&self, other: &Glob) -> bool {
        if self.is_everything() {
            return true;
        }
        if !self.may_cover(other) {
            return false;
        }
        let width = self.0.len() / 64 + 1;
        let mut start = Set(vec![0; width]);
        start.add(0);
        self.close(&mut start);
        let mut seen = HashSet::from([(0, start.clone())]);
        let mut waiting = vec![(0, start)];
        while let Some((at, set)) = waiting.pop() {
            if seen.len() > STATES_MAX {
                return false;
            }
            let Some(token) = other.0.get(at) else {
                if set.has(self.0.len()) {
                    continue;
                }
                return false;
            };
            let (symbols, stays): (&[Symbol<'_>], bool) = match token {
                Token::Literal(character) => (&[Symbol::Literal(*character)], false),
                Token::One(true) => (&[Symbol::Fresh, Symbol::Literal(':')], false),
                Token::One(false) => (&[Symbol::Fresh], false),
                Token::Run(true) => (&[Symbol::Fresh, Symbol::Literal(':')], true),
                Token::Run(false) => (&[Symbol::Fresh], true),
                Token::Variable(..) => (&[Symbol::Variable(token)], false),
            };
            let steps = symbols.iter().map(|symbol| self.step(&set, symbol)).collect::<Vec<_>>();
            let next = if stays { at } else { at + 1 };
            let skip = stays.then_some((at + 1, set));
            for state in steps.into_iter().map(|set| (next, set)).chain(skip) {
                if state.1.is_empty() {
                    return false;
                }
                if seen.insert(state.clone()) {
                    waiting.push(state);
                }
            }
        }
        true
    }

    /// A cheap test that most pairs fail: what stands before the first wildcard of this one.
    fn may_cover(&self, other: &Glob) -> bool {
        let is_short = self.0.len() <= TOKENS_MAX && other.0.len() <= TOKENS_MAX;
        let literals = |tokens: &[Token]| tokens.iter().take_while(|token| matches!(token, Token::Literal(_))).count();
        let lead = literals(&self.0);
        is_short && other.0.len() >= lead && self.0[..lead] == other.0[..lead]
    }

    /// The states behind a symbol.
    fn step(&self, set: &Set, symbol: &Symbol<'_>) -> Set {
        let mut next = Set(vec![0; set.0.len()]);
        for at in set.states() {
            match (self.0.get(at), symbol) {
                (None, _) => {}
                (Some(Token::Literal(own)), Symbol::Literal(character)) if own == character => next.add(at + 1),
                (Some(Token::Literal(_)), _) => {}
                (Some(Token::One(colons)), Symbol::Literal(':')) if !colons => {}
                (Some(Token::One(_)), Symbol::Literal(_) | Symbol::Fresh) => next.add(at + 1),
                (Some(Token::One(_)), Symbol::Variable(_)) => {}
                (Some(Token::Run(colons)), Symbol::Literal(':')) if !colons => {}
                (Some(Token::Run(false)), Symbol::Variable(Token::Variable(_, _, false))) => {}
                (Some(Token::Run(_)), _) => next.add(at),
                (Some(own @ Token::Variable(..)), Symbol::Variable(token)) if own == *token => next.add(at + 1),
                (Some(Token::Variable(..)), _) => {}
            }
        }
        self.close(&mut next);
        next
    }

    /// Adds what is reached by an empty run.
    fn close(&self, set: &mut Set) {
        for at in 0..self.0.len() {
            if set.has(at) && matches!(self.0[at], Token::Run(_)) {
                set.add(at + 1);
            }
        }
    }

    /// Whether some text is matched by both, whatever the values of variables are; `true` also where the patterns are too
    /// long to tell.
    ///
    /// O(tokens of one × tokens of the other).
    pub fn meets(&self, other: &Glob) -> bool {
        if self.0.len().saturating_mul(other.0.len()) > 1 << 20 {
            return true;
        }
        let (rows, columns) = (self.0.len() + 1, other.0.len() + 1);
        let mut reached = vec![false; rows * columns];
        reached[0] = true;
        for at in 0..rows * columns {
            if !reached[at] {
                continue;
            }
            let (row, column) = (at / columns, at % columns);
            let (one, two) = (self.0.get(row), other.0.get(column));
            // A variable may be any text.
            let is_run = |token: Option<&Token>| matches!(token, Some(Token::Run(_) | Token::Variable(..)));
            if is_run(one) {
                reached[at + columns] = true;
            }
            if is_run(two) {
                reached[at + 1] = true;
            }
            let (Some(one), Some(two)) = (one, two) else { continue };
            if have_common_character(one, two) {
                let down = if is_run(Some(one)) { 0 } else { columns };
                let right = usize::from(!is_run(Some(two)));
                reached[at + down + right] = true;
            }
        }
        reached[rows * columns - 1]
    }
}

/// Whether one character can be taken by both tokens.
fn have_common_character(one: &Token, two: &Token) -> bool {
    let takes_colon = |token: &Token| !matches!(token, Token::One(false) | Token::Run(false));
    match (one, two) {
        (Token::Literal(one), Token::Literal(two)) => one == two,
        (Token::Literal(':'), other) | (other, Token::Literal(':')) => takes_colon(other),
        _ => true,
    }
}

/// A set of states.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Set(Vec<u64>);

impl Set {
    fn add(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] & 1 << (at % 64) != 0
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    fn states(&self) -> impl Iterator<Item = usize> + '_ {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(word, &bits)| (0..64).filter(move |bit| bits & 1 << bit != 0).map(move |bit| word * 64 + bit))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn covering_is_exact() {
        for (one, two, expected) in [
            ("*", "", true),
            ("s3:*", "s3:Get*", true),
            ("s3:Get*", "s3:*", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("*?", "?*", true),
            ("??*", "a*b", true),
            ("???*", "a*b", false),
            ("*a*", "*ba?*", true),
            ("a*a", "a", false),
            ("a*", "a", true),
            ("", "", true),
            ("", "*", false),
            ("*:*", "?*", false),
        ] {
            assert_eq!(Glob::free(one).covers(&Glob::free(two)), expected, "{one} over {two}");
        }
    }

    #[test]
    fn colons_and_variables_stop_what_may_not_take_them() {
        let field = |text: &str| {
            let token = |token| if token == Token::Run(true) { Token::Run(false) } else { token };
            Glob(Glob::free(text).0.into_iter().map(token).collect())
        };
        assert!(!field("a*").covers(&Glob::free("a*")));
        assert!(Glob::free("a*").covers(&field("a*")));
        assert!(!field("a*").meets(&Glob::free("a:b")));
        let name = |colon_free| Token::Variable("aws:username".to_owned(), None, colon_free);
        let own = Glob(vec![Token::Literal('h'), name(false), Token::Run(true)]);
        assert!(own.covers(&own) && Glob::free("h*").covers(&own));
        assert!(!Glob::free("h?*").covers(&own) && !field("h*").covers(&own));
        assert!(own.meets(&Glob::free("habc")));
    }

    fn matches(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => matches(&pattern[1..], text) || (!text.is_empty() && matches(pattern, &text[1..])),
            (Some('?'), Some(_)) => matches(&pattern[1..], &text[1..]),
            (Some(one), Some(other)) => one == other && matches(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    /// Every text of up to eight of these characters; `f` stands in no pattern. Two patterns of four characters each that share a
    /// text share one of these.
    fn texts() -> Vec<Vec<char>> {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..8 {
            let longer = |text: &Vec<char>| ['a', ':', 'f'].map(|character| [text.clone(), vec![character]].concat());
            last = last.iter().flat_map(longer).collect();
            all.extend(last.clone());
        }
        all
    }

    proptest! {
        #[test]
        fn both_questions_are_those_of_matching(one in "[a:?*]{0,4}", two in "[a:?*]{0,4}") {
            let (own, other) = (one.chars().collect::<Vec<_>>(), two.chars().collect::<Vec<_>>());
            let texts = texts();
            let in_both = |text: &Vec<char>| matches(&own, text) && matches(&other, text);
            let only_other = |text: &Vec<char>| !matches(&own, text) && matches(&other, text);
            prop_assert_eq!(Glob::free(&one).covers(&Glob::free(&two)), !texts.iter().any(only_other));
            prop_assert_eq!(Glob::free(&one).meets(&Glob::free(&two)), texts.iter().any(in_both));
        }
    }
}
