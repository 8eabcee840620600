//! What to do about a fault of the grammar, where that can be guessed.

use super::fault::Fault;
use super::token::{KEYWORDS, Token};
use crate::diagnostic::near::nearest;
use crate::diagnostic::shown;

impl Fault<'_, '_> {
    /// What to do about it, where that can be guessed.
    pub(super) fn advice(&self, token: &Token<'_>) -> Option<String> {
        let say = |text: &str| Some(text.to_owned());
        if let Token::Bare(word) = token {
            return self.advice_on_word(word);
        }
        if token.word().is_some() {
            return self.advice_on_keyword(token);
        }
        let has = |name: &str| self.takes(name);
        let touches = self.before.last().is_some_and(|(span, _)| span.end == self.start);
        match (token, self.last()?) {
            (Token::Greater, Token::Less) if touches => say("write `!=`"),
            (Token::Less, Token::Assign) if touches => say("write `<=`"),
            (Token::Greater, Token::Assign) if touches => say("write `>=`"),
            (Token::Assign, Token::Equal) if touches => say("write `==`"),
            (Token::Assign, _) if has("==") => say("write `==`"),
            (Token::Equal, _) if has("=") => say("write `=`"),
            (_, last @ (Token::Exists | Token::Absent)) if !has("==") && is_comparison(token) => {
                Some(format!("`{}` takes no value", last.word().unwrap_or_default()))
            }
            (Token::Comma, _) if has("and") => say("several values stand in brackets, as in `in [\"a\", \"b\"]`"),
            (Token::RightBrace, _) if has("let") => say("remove it: no brace is open here"),
            (Token::GroupClose, Token::GroupOpen) => say("quote the text if the braces are literal"),
            (Token::LeftBrace, Token::In) => say("a list stands in brackets, as in `in [\"a\", \"b\"]`"),
            (Token::LeftBrace, Token::Bare(_)) => say("a brace group touches the text before it: remove the blank"),
            (Token::LeftBrace, _) if has("typed") => {
                say("a brace group stands behind text that it touches, as in `s3:{Get*, List*}`")
            }
            (Token::LeftParenthesis, _) if has("all") => {
                say("conditions only conjoin, so that they need no parentheses")
            }
            (Token::LeftParenthesis, _) if has(")") => {
                say("close the kind before it: kinds stand side by side, as in `aws(…), service(…)`")
            }
            (Token::LeftBracket, Token::Comma) => say("brackets stand around the whole list, or nowhere"),
            (Token::At(_), Token::Allow | Token::Deny) => say("a Sid stands before `allow` or `deny`"),
            (Token::String(_) | Token::Typed(..), _) if has(",") => say("a comma is missing before it"),
            (Token::RightBracket | Token::RightBrace | Token::RightParenthesis | Token::GroupClose, Token::Comma) => {
                say("remove the comma before it")
            }
            (Token::Numbered(_), _) => say("quote the text: `#` begins a comment"),
            _ => None,
        }
    }

    fn advice_on_keyword(&self, token: &Token<'_>) -> Option<String> {
        let has = |name: &str| self.takes(name);
        let say = |text: &str| Some(text.to_owned());
        match (token, self.last()) {
            (Token::Exists, Some(Token::Not)) => say("write `absent`"),
            (Token::Absent, Some(Token::Not)) => say("write `exists`"),
            (Token::Not, Some(Token::Is)) => say("write `!=`, `not in` or `not like` in place of `is not`"),
            (Token::Not, Some(Token::Allow | Token::Deny)) => say("all actions but some are `* except …`"),
            (Token::Not, _) if has("on") => say("all resources but some are `on * except …`"),
            (Token::Not, _) if has("all") => say(NO_NEGATION),
            (Token::All | Token::Any, _) if has("==") => {
                let word = token.word().unwrap_or_default();
                Some(format!("`{word}` stands before the key, as in `{word} aws:TagKeys in [\"a\", \"b\"]`"))
            }
            (Token::All | Token::Any, _) if has("typed") => say("everything is `*`"),
            (Token::Type, _) if has("let") => say("`type` stands in the first line, before everything else"),
            (Token::With, _) if has("if") => say("conditions stand behind `if`"),
            (Token::For, _) if has("on") => say("principals stand behind `from`, resources behind `on`"),
            (Token::On, _) if self.stands_already(Token::On) => say("`on` stands once: join the lists by a comma"),
            (Token::From, _) if self.stands_already(Token::From) => {
                say("`from` stands once: join the lists by a comma")
            }
            (Token::If, _) if has("and") => say("`if` stands once: conditions are joined by `and`"),
            (Token::On | Token::From, _) if has("and") || has("if") => {
                say("the order is: actions, `from` principals, `on` resources, `if` conditions")
            }
            (Token::In, _) if has("==") => None,
            (token, _) => {
                let word = token.word().filter(|_| (has("bare") || has("member")) && !has("let"))?;
                Some(format!("`{word}` is a word of the language; quote it if it is meant as a text"))
            }
        }
    }

    fn advice_on_word(&self, word: &str) -> Option<String> {
        let folded = word.to_ascii_lowercase();
        let candidates = self.expected.iter().copied().filter(|name| KEYWORDS.contains(name));
        if let Some((_, help)) = FOREIGN.iter().find(|(foreign, _)| *foreign == folded) {
            return Some((*help).to_owned());
        }
        if let Some(near) = nearest(word, candidates).filter(|_| word.len() > 1) {
            return Some(format!("did you mean `{near}`?"));
        }
        if let Some(help) = self.advice_by_last(word) {
            return Some(help);
        }
        let help = match () {
            () if self.takes("==") && is_operator(word) => {
                return Some(format!("an operator as JSON spells it stands behind `is`: `is {word}`"));
            }
            () if self.takes("allow") && !self.takes("let") => "write `allow` or `deny` before the actions",
            () if self.takes("let") && matches!(self.last(), None | Some(Token::Policy)) && word.contains(':') => {
                "write `allow` or `deny` before the actions"
            }
            () if self.takes("and") && word.contains(':') => "`and` is missing before it",
            () if self.takes("as") && self.takes("expect") => return None,
            () if self.takes(",") => {
                "a comma or a word such as `on` is missing before it; a text with a blank stands in quotes"
            }
            () => return None,
        };
        Some(help.to_owned())
    }

    /// What is to be done where the word before is the wrong one.
    fn advice_by_last(&self, word: &str) -> Option<String> {
        let Some(Token::Bare(last)) = self.last() else { return None };
        let before_last = self.before.len().checked_sub(2).map(|at| self.before[at].1);
        match (before_last, last) {
            (Some(Token::If | Token::And), "ForAllValues") => {
                return Some("write `all` in place of `ForAllValues`".to_owned());
            }
            (Some(Token::If | Token::And), "ForAnyValue") => {
                return Some("write `any` in place of `ForAnyValue`".to_owned());
            }
            (Some(Token::If | Token::And), _) if word.contains(':') => {
                if let Some(near) = nearest(last, ["all", "any"]) {
                    return Some(format!("did you mean `{near}`?"));
                }
            }
            (Some(quantifier @ (Token::All | Token::Any)), _) if self.takes("==") && word.contains(':') => {
                let quantifier = quantifier.word().unwrap_or_default();
                return Some(format!("the key stands directly behind `{quantifier}`: remove `{}`", shown(last)));
            }
            (Some(Token::As), _) if self.takes("do") && word.starts_with("arn:") => {
                return Some(format!("the ARN stands directly behind `as`: remove `{}`", shown(last)));
            }
            _ => {}
        }
        if is_operator(last) {
            let quantifier = match last {
                last if last.starts_with("ForAllValues:") => "all ",
                last if last.starts_with("ForAnyValue:") => "any ",
                _ => "",
            };
            let key = shown(word);
            return Some(format!(
                "the key comes first, then its comparison, as in `{quantifier}{key} in [\"a\", \"b\"]`"
            ));
        }
        if let Some(name) = last.strip_suffix(':').filter(|_| self.takes("=")) {
            return Some(format!("write `{} = …`", shown(name)));
        }
        let is_effect = matches!(before_last, Some(Token::Allow | Token::Deny));
        let is_filler = is_effect && ["to", "action", "actions", "access", "the", "for"].contains(&last);
        is_filler.then(|| format!("actions stand directly behind the effect: remove `{}`", shown(last)))
    }
}

/// Whether a word is an operator as JSON spells it.
pub(super) fn is_operator(word: &str) -> bool {
    let base = word.rsplit(':').next().unwrap_or(word);
    let base = base.strip_suffix("IfExists").unwrap_or(base);
    dictum_vm::operator::Operator::from_name(base).is_some()
}

fn is_comparison(token: &Token<'_>) -> bool {
    use Token::{Equal, EqualIgnoreCase, Greater, GreaterEqual, Less, LessEqual, NotEqual, NotEqualIgnoreCase};
    matches!(token, Equal | EqualIgnoreCase | Greater | GreaterEqual | Less | LessEqual | NotEqual | NotEqualIgnoreCase)
}

const NO_NEGATION: &str = "conditions cannot be negated as a whole; write the negated comparison, such as `!=`, `not in` or \
                           `not like`, or a second `cond`";

/// Words of other languages, and what they are here.
const FOREIGN: &[(&str, &str)] = &[
    ("or", "conditions only conjoin, as in IAM; for an alternative write a list, or a second statement"),
    ("permit", "write `allow`"),
    ("grant", "write `allow`"),
    ("forbid", "write `deny`"),
    ("effect", "a statement begins with `allow` or `deny`"),
    ("when", "write `if`"),
    ("where", "write `if`"),
    ("unless", "write `if` and the negated comparison, such as `!=` or `not in`"),
    ("to", "resources stand behind `on`"),
    ("for", "principals stand behind `from`, resources behind `on`"),
    ("resource", "resources stand behind `on`"),
    ("principal", "principals stand behind `from`"),
    ("action", "actions stand directly behind `allow` or `deny`"),
    ("condition", "conditions stand behind `if`"),
    ("import", "write `use \"PATH\" as NAME`"),
    ("include", "write `use \"PATH\" as NAME`"),
    ("var", "write `let`"),
    ("const", "write `let`"),
    ("def", "write `let` for a list, `cond` for a conjunction"),
    ("equals", "write `==`"),
    ("matches", "write `like`"),
    ("startswith", "write `like \"…*\"`"),
    ("starts_with", "write `like \"…*\"`"),
    ("beginswith", "write `like \"…*\"`"),
    ("endswith", "write `like \"*…\"`"),
    ("ends_with", "write `like \"*…\"`"),
    ("between", "write two comparisons: `KEY >= … and KEY < …`"),
    ("contains", "write `any KEY == …` or `like`"),
    ("null", "write `KEY exists` or `KEY absent`"),
    ("missing", "write `absent`"),
    ("sid", "write `@Sid` before the effect"),
];
