//! The faults of a text of the Dictum language, and what they are called.

use lalrpop_util::ParseError;

use super::Halt;
use super::token::{KEYWORDS, Token};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::DSL_ERRORS_MAX;
use crate::source::{SourceId, Span};

/// The faults found so far.
pub(super) struct Errors {
    pub(super) source: SourceId,
    pub(super) list: Vec<Diagnostic>,
}

/// The fault that was added last, for what else there is to say of it.
pub(super) struct Last<'e>(&'e mut Diagnostic);

impl Last<'_> {
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }
}

impl Errors {
    pub(super) fn new(source: SourceId) -> Errors {
        Errors { source, list: Vec::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= DSL_ERRORS_MAX
    }

    pub(super) fn add(&mut self, start: u32, end: u32, message: impl Into<String>) -> Last<'_> {
        let span = Span { source: self.source, start, end };
        let at = self.list.len();
        self.list.push(Diagnostic::new(Code::E_SYNTAX, span, "GRM-7", message));
        Last(&mut self.list[at])
    }

    /// A fault of the grammar, unless the lexer has named a cause of it just before.
    pub(super) fn add_parse_error(&mut self, fault: ParseError<u32, Token<'_>, Halt>, text: &str) {
        let (start, token, end, expected) = match fault {
            ParseError::User { error: Halt } => return,
            ParseError::UnrecognizedToken { token: (start, token, end), expected } => {
                (start, Some(token), end, expected)
            }
            ParseError::UnrecognizedEof { location, expected } => (location, None, location, expected),
            ParseError::ExtraToken { token: (start, token, end) } => (start, Some(token), end, Vec::new()),
            ParseError::InvalidToken { location } => (location, None, location, Vec::new()),
        };
        if self.is_echo(start, end, text) {
            return;
        }
        let bare: Vec<&str> = expected.iter().map(|name| name.trim_matches('"')).collect();
        let message = match &token {
            Some(token) => format!("unexpected {}", describe(token)),
            None => "the file ends too early".to_owned(),
        };
        let help = token.and_then(|token| advice(&token, &bare, start, text));
        let mut last = self.add(start, end, message);
        let wanted = wanted(&bare);
        if !wanted.is_empty() {
            last = last.expected(wanted);
        }
        if let Some(help) = help {
            last.help(help);
        }
    }

    /// Whether a fault lies in, or right behind, the line part of another.
    fn is_echo(&self, start: u32, end: u32, text: &str) -> bool {
        self.list.iter().any(|other| {
            let overlaps = other.span.start <= end && start <= other.span.end;
            let between = text.get(other.span.end as usize..start as usize);
            overlaps || between.is_some_and(|between| between.len() < 200 && between.trim_ascii().is_empty())
        })
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
        Token::String(text) => return format!("string `{}`", shown(text)),
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

/// What would be right, in the author's words, of the names that the grammar has for its tokens.
fn wanted(expected: &[&str]) -> String {
    let has = |name: &str| expected.contains(&name);
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| names.push(name.to_owned());
    if has("let") {
        add(if has("type") { "a statement, `policy`, `let`, `cond`, `use`, `test` or `type`" } else { "a new item" });
    }
    match () {
        () if has("==") => add("a comparison such as `==`, `in`, `like` or `exists`"),
        () if has("all") => add("a condition key or the name of a `cond`"),
        () if has("member") => add("a member of the group"),
        () if has("typed") => add("a pattern, a literal, a string or a name"),
        () if has("numbered") => add("the name of a statement"),
        () if has("bare") && has("string") => add("a name or a string"),
        () if has("bare") && !has("let") => add("a name"),
        () if has("string") && !has("let") => add("a string in double quotes"),
        () => {}
    }
    let signs = expected.iter().filter(|name| match **name {
        "allow" | "deny" | "let" | "cond" | "use" | "policy" | "test" | "type" | "at" => false,
        "==" | "!=" | "~=" | "!~=" | "<" | "<=" | ">" | ">=" | "exists" | "absent" | "not" | "is" | "?" => false,
        "like" => false,
        "in" => !has("=="),
        "all" | "any" | "json" | "tail" | "{group" => false,
        "{" => !has("all") && !has("and"),
        name => name == "group}" || KEYWORDS.contains(&name) || !name.starts_with(|c: char| c.is_alphanumeric()),
    });
    let signs: Vec<String> = signs.map(|sign| format!("`{}`", if *sign == "group}" { "}" } else { sign })).collect();
    names.extend(signs);
    if has("let") && names.len() > 1 {
        names.rotate_left(1);
    }
    match names.len() {
        0 | 1 => names.concat(),
        count => format!("{} or {}", names[..count - 1].join(", "), names[count - 1]),
    }
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
    ("contains", "write `any KEY == …` or `like`"),
    ("null", "write `KEY exists` or `KEY absent`"),
    ("missing", "write `absent`"),
    ("sid", "write `@Sid` before the effect"),
];

/// What to do about it, where that can be guessed.
fn advice(token: &Token<'_>, expected: &[&str], start: u32, text: &str) -> Option<String> {
    let has = |name: &str| expected.contains(&name);
    let before = text[..start as usize].trim_end();
    match token {
        Token::LeftBrace if before.is_empty() => Some(
            "this looks like JSON: name the file `.json`, or make it a `.dct` file with `dictum convert`".to_owned(),
        ),
        Token::Assign if has("==") => Some("write `==`".to_owned()),
        Token::Equal if has("=") => Some("write `=`".to_owned()),
        Token::Bare(word) => {
            let folded = word.to_ascii_lowercase();
            let candidates = expected.iter().copied().filter(|name| KEYWORDS.contains(name));
            if let Some((_, help)) = FOREIGN.iter().find(|(foreign, _)| *foreign == folded) {
                Some((*help).to_owned())
            } else if let Some(near) = nearest(word, candidates).filter(|_| word.len() > 1) {
                Some(format!("did you mean `{near}`?"))
            } else if has(",") {
                Some("a comma is missing before it, or a keyword such as `on` or `if`".to_owned())
            } else {
                None
            }
        }
        Token::String(_) | Token::Typed(..) if has(",") => Some("a comma is missing before it".to_owned()),
        Token::For if has("on") => Some("principals stand behind `from`, resources behind `on`".to_owned()),
        Token::RightBracket | Token::RightBrace | Token::RightParenthesis | Token::GroupClose
            if before.ends_with(',') =>
        {
            Some("remove the comma before it".to_owned())
        }
        Token::From if has("and") => {
            Some("the order is: actions, `from` principals, `on` resources, `if` conditions".to_owned())
        }
        Token::On | Token::From if has("and") || has("if") => {
            Some("the order is: actions, `from` principals, `on` resources, `if` conditions".to_owned())
        }
        Token::Numbered(_) => Some("quote the text: `#` begins a comment".to_owned()),
        Token::In if has("==") => None,
        token if token.word().is_some() && (has("bare") || has("member")) && !has("let") => Some(format!(
            "`{}` is a word of the language; quote it if it is meant as a text",
            token.word().unwrap_or_default()
        )),
        _ => None,
    }
}
