//! Wildcards (section 3), and the token strings of resource entries (RES-5, RES-6).
//!
//! A pattern is first a list of characters that know whether they are policy text or literal, then a list of tokens.

/// A character on its way into a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Char {
    /// Policy text: `*` and `?` are wildcards where wildcards count (GLB-5).
    Policy(char),
    /// From a variable, a default or `${*}`: itself (VAR-4, VAR-8).
    Literal(char),
    /// Where an empty default stood: nothing, but a `*` before it is not the last character of its field (RES-6).
    Nothing,
}

impl Char {
    /// The character.
    pub(super) fn char(self) -> Option<char> {
        match self {
            Char::Policy(c) | Char::Literal(c) => Some(c),
            Char::Nothing => None,
        }
    }
}

/// Characters as they stand in a policy.
pub(super) fn policy_text(text: &str) -> Vec<Char> {
    text.chars().map(Char::Policy).collect()
}

/// Characters without any meaning.
pub(super) fn literal_text(text: &str) -> Vec<Char> {
    text.chars().map(Char::Literal).collect()
}

/// The text, for operators without wildcards (CND-30).
pub(super) fn plain(chars: &[Char]) -> String {
    chars.iter().filter_map(|c| c.char()).collect()
}

/// One token of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Is(char),
    /// Any one character.
    One,
    /// Any one character but `:`.
    OneNotColon,
    /// Any run of characters.
    Run,
    /// Any run of characters but `:`.
    RunNotColon,
}

/// The tokens of a free glob (GLB-1, GLB-3).
pub(super) fn free_glob(chars: &[Char]) -> Vec<Token> {
    let token = |c: &Char| match *c {
        Char::Policy('*') => Some(Token::Run),
        Char::Policy('?') => Some(Token::One),
        c => c.char().map(Token::Is),
    };
    chars.iter().filter_map(token).collect()
}

/// The tokens of a resource entry (RES-1, RES-5, RES-6): the first five colons of its policy text separate fields.
pub(super) fn resource_pattern(chars: &[Char]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut field = 1;
    for (i, c) in chars.iter().enumerate() {
        let last_of_field = matches!(chars.get(i + 1), None | Some(Char::Policy(':')));
        match *c {
            Char::Policy(':') => {
                field += 1;
                tokens.push(Token::Is(':'));
            }
            Char::Policy('?') => tokens.push(if field < 6 { Token::OneNotColon } else { Token::One }),
            Char::Policy('*') if field < 6 && !last_of_field => tokens.push(Token::RunNotColon),
            Char::Policy('*') => tokens.push(Token::Run),
            c => tokens.extend(c.char().map(Token::Is)),
        }
    }
    tokens
}

/// Whether the tokens match the whole text (GLB-2).
///
/// `reached[i]` says whether the tokens so far can end before character `i`; one token at a time moves that line on, so
/// the time is tokens times characters (GLB-6).
pub(super) fn matches(tokens: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        for i in 0..=text.len() {
            next[i] = match *token {
                Token::Is(c) => i > 0 && reached[i - 1] && text[i - 1] == c,
                Token::One => i > 0 && reached[i - 1],
                Token::OneNotColon => i > 0 && reached[i - 1] && text[i - 1] != ':',
                Token::Run => reached[i] || (i > 0 && next[i - 1]),
                Token::RunNotColon => reached[i] || (i > 0 && next[i - 1] && text[i - 1] != ':'),
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_globs() {
        for (pattern, text, expected) in [
            ("a*b*c", "abc", true),
            ("a?c", "ac", false),
            ("a.c", "abc", false),
            ("[ab]*", "a1", false),
            ("a?c", "a😀c", true),
            ("a??c", "a😀c", false),
            ("**", "", true),
            ("*", "a\n/:", true),
        ] {
            assert_eq!(matches(&free_glob(&policy_text(pattern)), text), expected, "{pattern} {text}");
        }
        assert!(!matches(&free_glob(&literal_text("a*")), "ab"));
    }

    #[test]
    fn stars_in_fields() {
        let is = |pattern, text| matches(&resource_pattern(&policy_text(pattern)), text);
        assert!(is("arn:aws:logs:*:*:log-stream:s", "arn:aws:logs:r:1:log-group:g:log-stream:s"));
        assert!(!is("arn:aws:sns:u*t-1:1:t", "arn:aws:sns:us:east-1:1:t"));
        assert!(!is("arn:aws:sns:us-*:t:*", "arn:aws:sns:us-east-1:1:t"));
        assert!(is("arn:aws:s3:::b/*/t", "arn:aws:s3:::b/a:b/t"));
    }
}
