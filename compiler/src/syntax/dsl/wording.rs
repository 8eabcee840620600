//! A fault of the grammar in the author's words: what stands there, what would be right, what to do.

use super::advice::is_operator;
use super::fault::{Fault, closing, describe};
use super::token::{KEYWORDS, Token};

/// What is told of a fault.
pub(super) struct Told {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) help: Option<String>,
}

impl Fault<'_, '_> {
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
            let before = self.before.len().checked_sub(2).map(|at| self.before[at].1);
            let help = match (before, token) {
                (_, Token::Comma) => Some("remove the comma, or write what comes behind it".to_owned()),
                (Some(Token::Is), Token::Bare(word)) if !is_operator(word) => Some(format!("write `== {word}`")),
                _ => None,
            };
            return Told { help, ..told(span.start, span.end, message, self.wanted()) };
        }
        let message = match &self.token {
            Some(token) => format!("unexpected {}", describe(token)),
            None => "the file ends too early".to_owned(),
        };
        let help = self.token.and_then(|token| self.advice(&token));
        Told { help, ..told(start, end, message, self.wanted()) }
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
            Some(Token::Bare(name)) if self.takes("==") && !name.contains(':') => {
                "`and` or the next statement, or a comparison such as `==`, `in`, `like` or `exists`"
            }
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
}
