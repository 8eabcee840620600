//! A fault of the grammar in the author's words: what stands there, what would be right, what to do.

use super::token::{KEYWORDS, Token};
use crate::diagnostic::near::nearest;
use crate::diagnostic::shown;
use crate::source::Span;

/// A token that cannot stand where it stands, or the end of the file.
pub(super) struct Fault<'t, 'a> {
    pub(super) start: u32,
    pub(super) end: u32,
    /// `None` at the end of the file.
    pub(super) token: Option<Token<'a>>,
    /// The tokens before it.
    pub(super) before: &'t [(Span, Token<'a>)],
    /// The names that the grammar has for the tokens that could stand there.
    pub(super) expected: &'t [&'t str],
}

/// What is told of a fault.
pub(super) struct Told {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) help: Option<String>,
}

impl<'a> Fault<'_, 'a> {
    /// Whether the grammar could go on with a token of this name.
    fn takes(&self, name: &str) -> bool {
        self.expected.contains(&name)
    }

    fn last(&self) -> Option<Token<'a>> {
        self.before.last().map(|(_, token)| *token)
    }

    /// Whether the fault is but the consequence of another one further up: of a header that could not be read, whose block
    /// was taken for statements, or of a name that is a word of the language.
    pub(super) fn is_echo(&self, named: &[&'static str]) -> bool {
        let is_effect = matches!(self.last(), Some(Token::Allow | Token::Deny));
        let second_last = self.before.len().checked_sub(2).map(|at| self.before[at].1);
        match self.token {
            _ if is_effect && self.takes("typed") && matches!(second_last, Some(Token::Expect)) => true,
            Some(Token::RightParenthesis) if is_effect => true,
            Some(Token::RightBrace) if self.takes("let") => self.opening('{').is_some(),
            Some(token) if token.word().is_some() && !self.is_definition() => {
                token.word().is_some_and(|word| named.contains(&word))
            }
            _ => false,
        }
    }

    /// Whether a name is being defined here.
    fn is_definition(&self) -> bool {
        matches!(self.last(), Some(Token::Let | Token::Cond | Token::As)) && self.takes("bare") && !self.takes("typed")
    }

    pub(super) fn told(&self) -> Told {
        let (start, end) = (self.start, self.end);
        let told = |start, end, message: String, expected: String| Told { start, end, message, expected, help: None };
        if let Some((span, sign)) = self.unclosed() {
            let close = closing(sign);
            return Told {
                help: Some(format!("write `{close}` where it ends")),
                ..told(span.start, span.start + 1, format!("a `{sign}` without its `{close}`"), String::new())
            };
        }
        if let Some(word) = self.token.and_then(|token| token.word()).filter(|_| self.is_definition()) {
            let message = format!("`{word}` is a word of the language and cannot be a name");
            return told(start, end, message, "another name".to_owned());
        }
        if self.is_cut() {
            let Some((span, token)) = self.before.last() else {
                return told(start, end, "the file ends too early".to_owned(), self.wanted());
            };
            let message = format!("something is missing behind {}", describe(token));
            let is_comma = *token == Token::Comma;
            let help = is_comma.then(|| "remove the comma, or write what comes behind it".to_owned());
            return Told { help, ..told(span.start, span.end, message, self.wanted()) };
        }
        let message = match &self.token {
            Some(token) => format!("unexpected {}", describe(token)),
            None => "the file ends too early".to_owned(),
        };
        let help = self.token.and_then(|token| self.advice(&token));
        Told { help, ..told(start, end, message, self.wanted()) }
    }

    /// The bracket that should have been closed before this token.
    fn unclosed(&self) -> Option<(Span, char)> {
        let ends_list = match self.token {
            None => true,
            Some(token) => {
                token.begins_item()
                    || matches!(token, Token::On | Token::From | Token::If | Token::And | Token::RightBrace)
            }
        };
        let is_inside = !self.takes("let") || self.token.is_none();
        ['[', '(', '{']
            .into_iter()
            .find(|&sign| ends_list && is_inside && self.takes(&closing(sign).to_string()))
            .and_then(|sign| Some((self.opening(sign)?, sign)))
    }

    /// The innermost open bracket, if it is of this kind.
    fn opening(&self, sign: char) -> Option<Span> {
        let mut depth = 0;
        for (span, token) in self.before.iter().rev().take(SCAN_MAX) {
            match token {
                Token::RightBrace | Token::RightBracket | Token::RightParenthesis | Token::GroupClose => depth += 1,
                Token::LeftBrace | Token::LeftBracket | Token::LeftParenthesis | Token::GroupOpen if depth > 0 => {
                    depth -= 1;
                }
                Token::LeftBrace if sign == '{' => return Some(*span),
                Token::LeftBracket if sign == '[' => return Some(*span),
                Token::LeftParenthesis if sign == '(' => return Some(*span),
                Token::LeftBrace | Token::LeftBracket | Token::LeftParenthesis | Token::GroupOpen => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether what was begun breaks off before this token, which by itself is good.
    fn is_cut(&self) -> bool {
        let Some(token) = self.token else { return true };
        let wants_more = !self.takes("let") && !self.takes("and");
        let is_clause = matches!(token, Token::On | Token::From | Token::If | Token::And | Token::RightBrace);
        let wants_entry = self.takes("typed") || self.takes("all");
        let is_sid = matches!(token, Token::At(_)) && matches!(self.last(), Some(Token::Allow | Token::Deny));
        wants_more && !is_sid && (token.begins_item() || (is_clause && wants_entry))
    }

    /// What would be right, of the names that the grammar has for its tokens.
    fn wanted(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        let has = |name: &str| self.takes(name);
        if let Some(entry) = self.wanted_entry() {
            return entry.to_owned();
        }
        if has("allow") && !has("let") {
            return "`allow` or `deny`".to_owned();
        }
        if has("bare") && !has("let") {
            names.push(if has("string") { "a name or a string" } else { "a name" }.to_owned());
        } else if has("string") && !has("let") {
            names.push("a string in double quotes".to_owned());
        }
        // The end of a word of the author's may be followed by a group or a parenthesis; nobody waits for these.
        let unsaid = ["except", "group}", "(", "[", "?"];
        let signs = self.expected.iter().filter(|name| match **name {
            "allow" | "deny" | "let" | "cond" | "use" | "policy" | "test" | "type" | "at" => false,
            "in" | "like" | "not" | "is" | "exists" | "absent" | "all" | "any" => {
                has("for") || self.expected.len() == 1
            }
            "{" => !has("and") && !has("all"),
            name => KEYWORDS.contains(&name) || !name.starts_with(|c: char| c.is_alphanumeric()),
        });
        let signs: Vec<&str> = signs.copied().collect();
        let said: Vec<&str> = signs.iter().copied().filter(|sign| !unsaid.contains(sign)).collect();
        let said = if said.is_empty() { signs } else { said };
        names.extend(said.iter().filter(|sign| !sign.starts_with("{group")).map(|sign| format!("`{sign}`")));
        if has("let") {
            let items = "a statement, `policy`, `let`, `cond`, `use`, `test` or `type`";
            names.push(if has("type") { items } else { "the next statement" }.to_owned());
        }
        match names.len() {
            0 | 1 => names.concat(),
            count => format!("{} or {}", names[..count - 1].join(", "), names[count - 1]),
        }
    }

    /// What would be right where a part of a list, of a condition or of a test is to come.
    fn wanted_entry(&self) -> Option<&'static str> {
        let last = self.last();
        let value = "a string in quotes, an ARN, a number, a date, an address, `true` or `false`";
        Some(match last {
            _ if self.takes("==") => "a comparison such as `==`, `in`, `like` or `exists`",
            _ if self.takes("all") => "a condition key and a comparison, or the name of a `cond`",
            _ if self.takes("member") => "a member of the group",
            _ if self.takes("numbered") => "the name of a statement",
            Some(Token::From) => "`*`, `aws(…)`, `service(…)`, `federated(…)`, `canonical(…)` or the name of a `let`",
            Some(Token::Is) => "an operator as JSON spells it, such as `StringLike`",
            Some(Token::String(_)) if self.takes("as") => "`as` and a name",
            _ if !self.takes("typed") => return None,
            Some(Token::Allow | Token::Deny) => "an action such as `s3:GetObject`, or `*`",
            Some(Token::Do) => "an action such as `s3:GetObject`",
            Some(Token::On) => "an ARN such as `arn:aws:s3:::acme-home/*`, or `*`",
            Some(Token::Except) => "what is left out of all",
            Some(Token::As) => {
                "an ARN, `session(ARN, ROLE)`, `service(x)`, `federated(x)`, `canonical(x)` or `anonymous`"
            }
            Some(Token::In) => "a list such as `[\"a\", \"b\"]`, or the name of a `let`",
            Some(Token::Comma) => "another entry",
            Some(Token::Assign) => "a list of actions, resources, principals or values",
            Some(Token::LeftBracket | Token::LeftParenthesis) => "an entry",
            _ => value,
        })
    }

    /// What to do about it, where that can be guessed.
    fn advice(&self, token: &Token<'_>) -> Option<String> {
        let has = |name: &str| self.takes(name);
        let say = |text: &str| Some(text.to_owned());
        let touches = self.before.last().is_some_and(|(span, _)| span.end == self.start);
        match (token, self.last()) {
            (Token::Greater, Some(Token::Less)) if touches => say("write `!=`"),
            (Token::Less, Some(Token::Assign)) if touches => say("write `<=`"),
            (Token::Greater, Some(Token::Assign)) if touches => say("write `>=`"),
            (Token::Assign, Some(Token::Equal)) if touches => say("write `==`"),
            (Token::Assign, _) if has("==") => say("write `==`"),
            (Token::Equal, _) if has("=") => say("write `=`"),
            (Token::Not, _) if has("all") => say(NO_NEGATION),
            (Token::All | Token::Any, _) if has("typed") => say("everything is `*`"),
            (Token::Comma, _) if has("and") => say("several values stand in brackets, as in `in [\"a\", \"b\"]`"),
            (Token::Type, _) if has("let") => say("`type` stands in the first line, before everything else"),
            (Token::RightBrace, _) if has("let") => say("remove it: no brace is open here"),
            (Token::GroupClose, Some(Token::GroupOpen)) => say("quote the text if the braces are literal"),
            (Token::LeftBrace, Some(Token::Bare(_))) => {
                say("a brace group touches the text before it: remove the blank")
            }
            (Token::LeftBrace, _) if has("typed") => {
                say("a brace group stands behind text that it touches, as in `s3:{Get*, List*}`")
            }
            (Token::LeftBracket, Some(Token::Comma)) => say("brackets stand around the whole list, or nowhere"),
            (Token::At(_), Some(Token::Allow | Token::Deny)) => say("a Sid stands before `allow` or `deny`"),
            (Token::Bare(word), _) => self.advice_on_word(word),
            (Token::String(_) | Token::Typed(..), _) if has(",") => say("a comma is missing before it"),
            (
                Token::RightBracket | Token::RightBrace | Token::RightParenthesis | Token::GroupClose,
                Some(Token::Comma),
            ) => say("remove the comma before it"),
            (Token::For, _) if has("on") => say("principals stand behind `from`, resources behind `on`"),
            (Token::On, _) if self.stands_already(Token::On) => say("`on` stands once: join the lists by a comma"),
            (Token::From, _) if self.stands_already(Token::From) => {
                say("`from` stands once: join the lists by a comma")
            }
            (Token::If, _) if has("and") => say("`if` stands once: conditions are joined by `and`"),
            (Token::On | Token::From, _) if has("and") || has("if") => {
                say("the order is: actions, `from` principals, `on` resources, `if` conditions")
            }
            (Token::Numbered(_), _) => say("quote the text: `#` begins a comment"),
            (Token::In, _) if has("==") => None,
            (token, _) => {
                let word = token.word().filter(|_| (has("bare") || has("member")) && !has("let"))?;
                Some(format!("`{word}` is a word of the language; quote it if it is meant as a text"))
            }
        }
    }

    /// Whether a clause is in this statement already.
    fn stands_already(&self, clause: Token<'_>) -> bool {
        let tokens = self.before.iter().rev().map(|(_, token)| token);
        tokens.take_while(|token| !matches!(token, Token::Allow | Token::Deny)).any(|token| *token == clause)
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
        let is_operator = |word: &str| {
            let base = word.rsplit(':').next().unwrap_or(word);
            let base = base.strip_suffix("IfExists").unwrap_or(base);
            dictum_vm::operator::Operator::from_name(base).is_some()
        };
        match () {
            () if matches!(self.last(), Some(Token::Bare(last)) if is_operator(last)) => {
                let quantifier = match self.last() {
                    Some(Token::Bare(last)) if last.starts_with("ForAllValues:") => "all ",
                    Some(Token::Bare(last)) if last.starts_with("ForAnyValue:") => "any ",
                    _ => "",
                };
                let key = shown(word);
                Some(format!("the key comes first, then its comparison, as in `{quantifier}{key} in [\"a\", \"b\"]`"))
            }
            () if self.takes("==") && is_operator(word) => {
                Some(format!("an operator as JSON spells it stands behind `is`: `is {word}`"))
            }
            () if self.takes("allow") && !self.takes("let") => {
                Some("write `allow` or `deny` before the actions".to_owned())
            }
            () if self.takes("let") && matches!(self.last(), None | Some(Token::Policy)) && word.contains(':') => {
                Some("write `allow` or `deny` before the actions".to_owned())
            }
            () if self.takes("and") && word.contains(':') => Some("`and` is missing before it".to_owned()),
            () if self.takes("as") && self.takes("expect") => None,
            () if self.takes(",") => Some(
                "a comma or a word such as `on` is missing before it; a text with a blank stands in quotes".to_owned(),
            ),
            () => None,
        }
    }
}

/// Tokens among which an open bracket is looked for, so that many faults of a long file stay cheap.
const SCAN_MAX: usize = 100_000;

/// The keywords that stand where a `let` or `cond` has its name.
pub(super) fn keywords_as_names(tokens: &[(Span, Token<'_>)]) -> Vec<&'static str> {
    let pairs = tokens.windows(2).filter(|pair| matches!(pair[0].1, Token::Let | Token::Cond));
    let mut named: Vec<&str> = pairs.filter_map(|pair| pair[1].1.word()).collect();
    named.sort_unstable();
    named.dedup();
    named
}

const NO_NEGATION: &str = "conditions cannot be negated as a whole; write the negated comparison, such as `!=`, `not in` or \
                           `not like`, or a second `cond`";

fn closing(sign: char) -> char {
    match sign {
        '[' => ']',
        '(' => ')',
        _ => '}',
    }
}

fn describe(token: &Token<'_>) -> String {
    if let Some(word) = token.word() {
        return format!("`{word}`");
    }
    let sign = match token {
        Token::Bare(text) | Token::Member(text) | Token::Tail(text) | Token::Numbered(text) => {
            return format!("`{}`", shown(text));
        }
        Token::At(text) => return format!("`@{}`", shown(text)),
        Token::String(text) => return format!("`\"{}\"`", shown(text)),
        Token::Typed(prefix, text) => return format!("`{prefix}\"{}\"`", shown(text)),
        Token::Question => "?",
        Token::Json => "json",
        Token::GroupOpen | Token::LeftBrace => "{",
        Token::GroupClose | Token::RightBrace => "}",
        Token::LeftBracket => "[",
        Token::RightBracket => "]",
        Token::LeftParenthesis => "(",
        Token::RightParenthesis => ")",
        Token::Comma => ",",
        Token::Assign => "=",
        Token::Equal => "==",
        Token::NotEqual => "!=",
        Token::EqualIgnoreCase => "~=",
        Token::NotEqualIgnoreCase => "!~=",
        Token::Less => "<",
        Token::LessEqual => "<=",
        Token::Greater => ">",
        Token::GreaterEqual => ">=",
        _ => "",
    };
    format!("`{sign}`")
}

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
    ("contains", "write `any KEY == …` or `like`"),
    ("null", "write `KEY exists` or `KEY absent`"),
    ("missing", "write `absent`"),
    ("sid", "write `@Sid` before the effect"),
];
