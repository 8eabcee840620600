//! What may come next at a cursor, as the tokens before it tell: they are there however broken the rest is.

use bumpalo::Bump;
use dictum_compiler::source::SourceId;
use dictum_compiler::syntax::dsl::{self, Token};
use std::ops::Range;

/// What may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// An item.
    Item,
    /// `allow` or `deny`, behind a Sid.
    Effect,
    /// An entry of a list of actions.
    Action,
    /// An entry of a list of resources.
    Resource,
    /// An entry of a `let`.
    Entry,
    /// What goes on behind a list of actions, principals or resources: `on`, `if` and so on.
    Clause,
    /// A part of a list of principals.
    Principal,
    /// What stands between the parentheses behind this word.
    PrincipalEntry(String),
    /// A condition key, a quantifier or the name of a cond.
    Key,
    /// How this key is compared.
    Comparison(String),
    /// An operator as JSON spells it, behind `is`.
    Operator,
    /// What this key is compared with.
    Value(String),
    /// `and`, or the next item.
    And,
    /// An attribute of a `policy` block.
    Attribute,
    /// The value of this attribute.
    AttributeValue(String),
    /// A line of a test.
    TestLine,
    /// What the test expects.
    Decision,
    /// Behind a decision: `by`.
    By,
    /// The name of a statement.
    StatementName,
    /// Whoever asks, in a test.
    Requester,
    /// A member of a case's policies, or what comes behind it.
    Under,
    /// Nothing that could be offered.
    Nothing,
}

/// What may stand at the cursor, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What may stand there.
    pub next: Next,
    /// The word at the cursor, up to the cursor.
    pub word: String,
    /// What a completion takes the place of.
    pub range: Range<usize>,
    /// Whether the word is in quotes.
    pub is_quoted: bool,
    /// Of a member of a brace group what stands before the brace.
    pub group: Option<String>,
    /// The text of the statement's actions, with `* except` where it stands.
    pub actions: String,
}

/// What may come next at a byte of a text.
pub fn context(text: &str, offset: usize) -> Context {
    let arena = Bump::new();
    let (tokens, comments) = dsl::tokens(text, SourceId(0), &arena);
    // A comment goes on to the end of its line, blanks included.
    let in_comment = comments.iter().any(|comment| {
        let start = comment.span.start as usize;
        start < offset && !text[start..offset].contains('\n')
    });
    let at = tokens
        .iter()
        .position(|(span, token)| (span.start as usize) < offset && offset <= span.end as usize && is_word(token));
    let before = match at {
        Some(at) => &tokens[..at],
        None => &tokens[..tokens.partition_point(|(span, _)| span.end as usize <= offset)],
    };
    let mut walk = Walk { text, stage: Stage::Item, depth: 0, actions: 0..0, group: None, blocks: Vec::new() };
    before.iter().for_each(|(span, token)| walk.feed(token, span.start as usize, span.end as usize));
    let word = at.map(|at| tokens[at].0.start as usize..tokens[at].0.end as usize);
    let range = word.unwrap_or(offset..offset);
    let is_quoted = text[range.clone()].starts_with('"');
    let next = if in_comment { Next::Nothing } else { walk.next() };
    let word = text[range.start..offset].trim_start_matches('"').to_owned();
    Context { next, word, range, is_quoted, group: walk.group, actions: text[walk.actions].to_owned() }
}

fn is_word(token: &Token<'_>) -> bool {
    let is_text = matches!(
        token,
        Token::Bare(_) | Token::Member(_) | Token::Tail(_) | Token::Numbered(_) | Token::String(_) | Token::At(_)
    );
    is_text || matches!(token, Token::Typed(..) | Token::Json) || is_keyword(token)
}

fn is_keyword(token: &Token<'_>) -> bool {
    use Token::*;
    matches!(
        token,
        Allow | Deny | From | On | If | And | All | Any | Not | In | Like | Is | Exists | Absent | Except | Let | Cond
    ) || matches!(token, Use | As | Policy | Test | Type | Under | For | Do | With | Account | Expect | By)
}

/// Where the walk is: `true` where an entry is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Item,
    Sid,
    Actions(bool),
    Resources(bool),
    Principals(bool),
    Call(String),
    Key,
    Comparison(String),
    Operator(String),
    Value(String, bool),
    Name(bool),
    Entries(bool),
    Import,
    PolicyName,
    Attributes,
    Attribute(String),
    TestName,
    TestHead,
    TestLine,
    Requester,
    TestAction,
    TestResource(bool),
    TestKey,
    TestValue(String),
    Decision,
    Decided,
    By,
}

/// What an open brace belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Policy,
    Test,
}

struct Walk<'t> {
    text: &'t str,
    stage: Stage,
    /// Open brackets and parentheses.
    depth: usize,
    actions: Range<usize>,
    group: Option<String>,
    blocks: Vec<Block>,
}

impl Walk<'_> {
    fn next(&self) -> Next {
        match &self.stage {
            Stage::Item => Next::Item,
            Stage::Sid => Next::Effect,
            // A member of a group continues the entry before it.
            Stage::Actions(is_fresh) if *is_fresh || self.group.is_some() => Next::Action,
            Stage::Resources(is_fresh) if *is_fresh || self.group.is_some() => Next::Resource,
            Stage::Entries(is_fresh) if *is_fresh || self.group.is_some() => Next::Entry,
            Stage::Principals(true) => Next::Principal,
            Stage::Actions(_) | Stage::Resources(_) | Stage::Principals(_) if self.depth > 0 => Next::Nothing,
            Stage::Actions(_) | Stage::Resources(_) | Stage::Principals(_) => Next::Clause,
            Stage::Call(kind) => Next::PrincipalEntry(kind.clone()),
            Stage::Key | Stage::TestKey => Next::Key,
            Stage::Comparison(key) => Next::Comparison(key.clone()),
            Stage::Operator(_) => Next::Operator,
            Stage::Value(key, true) | Stage::TestValue(key) => Next::Value(key.clone()),
            Stage::Value(_, false) if self.depth > 0 => Next::Nothing,
            Stage::Value(_, false) => Next::And,
            Stage::Entries(_) => Next::Item,
            Stage::Attributes => Next::Attribute,
            Stage::Attribute(name) => Next::AttributeValue(name.clone()),
            Stage::TestHead => Next::Under,
            Stage::TestLine => Next::TestLine,
            Stage::Requester => Next::Requester,
            Stage::TestAction => Next::Action,
            Stage::TestResource(true) => Next::Resource,
            Stage::TestResource(false) => Next::TestLine,
            Stage::Decision => Next::Decision,
            Stage::Decided => Next::By,
            Stage::By => Next::StatementName,
            Stage::Name(_) | Stage::Import | Stage::PolicyName | Stage::TestName => Next::Nothing,
        }
    }

    fn feed(&mut self, token: &Token<'_>, start: usize, end: usize) {
        match token {
            Token::GroupOpen => {
                let head = self.text[..start].rfind(|c: char| c.is_whitespace() || "{}[](),".contains(c));
                self.group = Some(self.text[head.map_or(0, |at| at + 1)..start].to_owned());
                return;
            }
            Token::GroupClose => {
                self.group = None;
                return;
            }
            Token::Member(_) | Token::Tail(_) => return,
            Token::Comma if self.group.is_some() => return,
            Token::LeftBracket | Token::LeftParenthesis => self.depth += 1,
            Token::RightBracket | Token::RightParenthesis => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.blocks.last() == Some(&Block::Test) {
            self.test(token, start, end);
        } else if !self.item(token, start) {
            self.inner(token, start, end);
        }
    }

    /// Begins or ends an item or a block, if the token does.
    fn item(&mut self, token: &Token<'_>, start: usize) -> bool {
        let stage = match token {
            Token::LeftBrace if matches!(self.stage, Stage::PolicyName | Stage::Attributes | Stage::Attribute(_)) => {
                self.blocks.push(Block::Policy);
                Stage::Item
            }
            Token::LeftBrace if self.stage == Stage::TestHead => {
                self.blocks.push(Block::Test);
                Stage::TestLine
            }
            Token::RightBrace => {
                self.blocks.pop();
                Stage::Item
            }
            // The rows of a table hold decisions.
            _ if self.stage == Stage::TestHead => return false,
            Token::Allow | Token::Deny => {
                self.actions = start..start;
                Stage::Actions(true)
            }
            Token::At(_) => Stage::Sid,
            Token::Let | Token::Cond => Stage::Name(*token == Token::Cond),
            Token::Use => Stage::Import,
            Token::Policy => Stage::PolicyName,
            Token::Test => Stage::TestName,
            _ => return false,
        };
        self.stage = stage;
        self.depth = 0;
        self.group = None;
        true
    }

    /// A token inside of an item.
    fn inner(&mut self, token: &Token<'_>, start: usize, end: usize) {
        let word = || self.text[start..end].trim_matches('"').trim_end_matches('?').to_owned();
        let is_entry = matches!(token, Token::Bare(_) | Token::String(_) | Token::Typed(..) | Token::Numbered(_));
        let is_fresh = matches!(token, Token::Comma | Token::Except | Token::LeftBracket);
        if let Stage::Actions(_) = self.stage {
            let goes_on = is_entry || is_fresh || *token == Token::RightBracket;
            self.actions.end = if goes_on { end } else { self.actions.end };
        }
        self.stage = match (&self.stage, token) {
            (Stage::Call(_), Token::RightParenthesis) => Stage::Principals(false),
            (Stage::Call(kind), _) => Stage::Call(kind.clone()),
            (Stage::Principals(_), Token::LeftParenthesis) => {
                let kind = self.text[..start].rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
                Stage::Call(kind.unwrap_or_default().to_owned())
            }
            (Stage::Actions(_) | Stage::Principals(_) | Stage::Resources(_), Token::From) => Stage::Principals(true),
            (Stage::Actions(_) | Stage::Principals(_) | Stage::Resources(_), Token::On) => Stage::Resources(true),
            (Stage::Actions(_) | Stage::Principals(_) | Stage::Resources(_), Token::If) => Stage::Key,
            (Stage::Actions(_), _) if is_entry || is_fresh => Stage::Actions(is_fresh),
            (Stage::Resources(_), _) if is_entry || is_fresh => Stage::Resources(is_fresh),
            (Stage::Principals(_), _) if is_entry || is_fresh => Stage::Principals(is_fresh),
            (Stage::Entries(_), _) if is_entry || is_fresh => Stage::Entries(is_fresh),
            (Stage::Name(is_cond), Token::Assign) => {
                if *is_cond {
                    Stage::Key
                } else {
                    Stage::Entries(true)
                }
            }
            (Stage::Key, Token::All | Token::Any) => Stage::Key,
            // The name of a cond has no colon and no comparison.
            (Stage::Key, Token::Bare(name)) if !name.contains(':') => Stage::Value(String::new(), false),
            (Stage::Key, _) if is_entry => Stage::Comparison(word()),
            (Stage::Comparison(key), Token::Is) => Stage::Operator(key.clone()),
            (Stage::Comparison(key), Token::Exists | Token::Absent) => Stage::Value(key.clone(), false),
            (Stage::Comparison(key), Token::Not | Token::Question) => Stage::Comparison(key.clone()),
            (Stage::Comparison(key), _) => Stage::Value(key.clone(), true),
            (Stage::Operator(key), _) => Stage::Value(key.clone(), true),
            (Stage::Value(..), Token::And) => Stage::Key,
            (Stage::Value(key, _), _) if is_entry || is_fresh => Stage::Value(key.clone(), is_fresh),
            (Stage::PolicyName | Stage::Attribute(_), _) => Stage::Attributes,
            (Stage::Attributes, Token::Assign) => {
                let name = self.text[..start].trim_end().rsplit(char::is_whitespace).next();
                Stage::Attribute(name.unwrap_or_default().to_owned())
            }
            (Stage::TestName, _) => Stage::TestHead,
            (stage, _) => stage.clone(),
        };
    }

    /// A token between the braces of a test.
    fn test(&mut self, token: &Token<'_>, start: usize, end: usize) {
        let is_entry = matches!(token, Token::Bare(_) | Token::String(_) | Token::Typed(..));
        let word = || self.text[start..end].trim_matches('"').to_owned();
        self.stage = match (&self.stage, token) {
            (_, Token::RightBrace) => {
                self.blocks.pop();
                Stage::Item
            }
            (_, Token::As) => Stage::Requester,
            (_, Token::Do) => {
                self.actions = start..start;
                Stage::TestAction
            }
            (_, Token::On) => Stage::TestResource(true),
            (_, Token::With) => Stage::TestKey,
            (_, Token::Expect) => Stage::Decision,
            (_, Token::By) => Stage::By,
            (Stage::Requester, _) if self.depth == 0 => Stage::TestLine,
            (Stage::TestAction, _) if is_entry => {
                self.actions = start..end;
                Stage::TestResource(false)
            }
            (Stage::TestResource(_), Token::Comma) => Stage::TestResource(true),
            (Stage::TestResource(_), _) => Stage::TestResource(false),
            (Stage::TestKey, _) if is_entry => Stage::TestValue(word()),
            (Stage::TestValue(_), Token::Comma) if self.depth == 0 => Stage::TestKey,
            (Stage::TestValue(_), _) if is_entry && self.depth == 0 => Stage::TestLine,
            (Stage::TestLine, Token::Comma) if self.depth == 0 => Stage::TestKey,
            (Stage::Decision, _) => Stage::Decided,
            (stage, _) => stage.clone(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Context {
        let offset = text.find('|').unwrap();
        context(&text.replace('|', ""), offset)
    }

    #[test]
    fn the_tokens_before_the_cursor_tell() {
        let key = "aws:SourceIp".to_owned();
        for (text, next, word) in [
            ("|", Next::Item, ""),
            ("al|", Next::Item, "al"),
            ("@Read |", Next::Effect, ""),
            ("allow |", Next::Action, ""),
            ("allow s3:Ge|", Next::Action, "s3:Ge"),
            ("allow s3:{Get*, Li|", Next::Action, "Li"),
            ("allow s3:{Get*, List*} |", Next::Clause, ""),
            ("deny * except |", Next::Action, ""),
            ("allow [s3:Get*, |] on *", Next::Action, ""),
            ("allow s3:* on |", Next::Resource, ""),
            ("allow s3:* on arn:aws:s3:::b/*, |", Next::Resource, ""),
            ("allow s3:* on * |", Next::Clause, ""),
            ("allow s3:* from |", Next::Principal, ""),
            ("allow s3:* from aws(|", Next::PrincipalEntry("aws".to_owned()), ""),
            ("allow s3:* from aws(*), s|", Next::Principal, "s"),
            ("allow s3:* on * if |", Next::Key, ""),
            ("allow s3:* on * if all aws:T|", Next::Key, "aws:T"),
            ("allow s3:* on * if aws:SourceIp |", Next::Comparison(key.clone()), ""),
            ("allow s3:* on * if aws:SourceIp? not |", Next::Comparison(key.clone()), ""),
            ("allow s3:* on * if aws:SourceIp == |", Next::Value(key.clone()), ""),
            ("allow s3:* on * if aws:SourceIp in [\"a\", \"|", Next::Value(key.clone()), ""),
            ("allow s3:* on * if aws:SourceIp in [10.0.0.0/8] |", Next::And, ""),
            ("allow s3:* on * if mfa |", Next::And, ""),
            ("allow s3:* on * if mfa and |", Next::Key, ""),
            ("allow s3:* on * if a:b is |", Next::Operator, ""),
            ("cond mfa = |", Next::Key, ""),
            ("let reads = |", Next::Entry, ""),
            ("policy P |", Next::Attribute, ""),
            ("policy P type=|", Next::AttributeValue("type".to_owned()), ""),
            ("policy P { |", Next::Item, ""),
            ("policy P { allow s3:* on * } |", Next::Item, ""),
            ("test \"t\" |", Next::Under, ""),
            ("test \"t\" { |", Next::TestLine, ""),
            ("test \"t\" for (a) in [(allow)] { as |", Next::Requester, ""),
            ("test \"t\" { as arn:x |", Next::TestLine, ""),
            ("test \"t\" { do |", Next::Action, ""),
            ("test \"t\" { do s3:GetObject on |", Next::Resource, ""),
            ("test \"t\" { with |", Next::Key, ""),
            ("test \"t\" { with aws:SourceIp = |", Next::Value(key.clone()), ""),
            ("test \"t\" { with aws:SourceIp = \"x\", |", Next::Key, ""),
            ("test \"t\" { expect |", Next::Decision, ""),
            ("test \"t\" { expect allow |", Next::By, ""),
            ("test \"t\" { expect allow by |", Next::StatementName, ""),
            ("test \"t\" { expect allow } |", Next::Item, ""),
            ("# allow |", Next::Nothing, ""),
        ] {
            let context = at(text);
            assert_eq!((context.next, context.word.as_str()), (next, word), "{text}");
        }
    }

    #[test]
    fn groups_and_actions_are_at_hand() {
        let context = at("allow s3:{Get*, |} on *");
        assert_eq!(context.group.as_deref(), Some("s3:"));
        assert_eq!(at("allow s3:{Get*, List*}, kms:* on * if |").actions, "allow s3:{Get*, List*}, kms:*");
        assert_eq!(at("test \"t\" { do s3:GetObject on |").actions, "s3:GetObject");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_is_too_broken(words in prop::collection::vec(word(), 0..20), at in any::<prop::sample::Index>()) {
            let text = words.join(" ");
            let offset = at.index(text.len() + 1);
            context(&text, offset);
        }
    }

    fn word() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "allow", "deny", "@A", "s3:{Get*", "}", "{", "[", "]", "(", ")", ",", "on", "from", "if", "and", "test",
            "\"t", "\"u\"", "policy", "let", "=", "==", "aws:X?", "is", "#", "as", "do", "with", "expect", "by",
            "type", "use",
        ])
    }
}
