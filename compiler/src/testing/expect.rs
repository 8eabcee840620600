//! What a test expects, and which statement a name in `by` means.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use dictum_vm::Decision;

use super::case::{StatementName, TestExpect};
use super::row::{RULE, Reading, cell_text, one_of};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::{Document, SourceId, Span};
use crate::syntax::ast::Text;

/// Words behind `expect`.
const OUTCOMES: [(&str, Option<Decision>); 4] = [
    ("allow", Some(Decision::Allow)),
    ("deny", None),
    ("explicit_deny", Some(Decision::ExplicitDeny)),
    ("implicit_deny", Some(Decision::ImplicitDeny)),
];

/// Whether a word means something by itself behind `expect`.
pub(super) fn is_word(name: &str) -> bool {
    name == "error" || OUTCOMES.iter().any(|(word, _)| *word == name)
}

/// Whether it is a malformed request that the test is about, so that its parts are not looked at before.
pub(super) fn is_of_request(outcome: Text<'_>, code: Option<Text<'_>>) -> bool {
    outcome.text == "error" && code.is_some_and(|code| matches!(code.text, "E-REQUEST" | "E-CASE"))
}

/// Reads the line.
pub(super) fn read(
    outcome: Text<'_>,
    code: Option<Text<'_>>,
    by: Option<&[Text<'_>]>,
    reading: &mut Reading<'_>,
) -> Option<TestExpect> {
    if outcome.text == "error" {
        return error(outcome, code, by, reading);
    }
    let name = outcome.text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    if let Some(name) = name.filter(|name| reading.column(name).is_none()) {
        reading.unknown(outcome.span, name);
        return None;
    }
    let filled = match reading.cell(name.unwrap_or(outcome.text)) {
        Some(cell) => cell_text(cell),
        None => outcome,
    };
    if let Some(code) = code {
        let error = reading.error(code.span, format!("unexpected `{}` behind `{}`", shown(code.text), outcome.text));
        error.help = Some(match code.text.starts_with("E-") {
            true => format!("write `expect error {}`", code.text),
            false => format!("statements are named behind `by`: `expect {} by {}`", outcome.text, code.text),
        });
        return None;
    }
    let Some(&(word, decision)) = OUTCOMES.iter().find(|(word, _)| *word == filled.text) else {
        unknown_outcome(outcome, filled, reading);
        return None;
    };
    let by: Option<Vec<StatementName>> = by.map(|names| {
        let name = |name: &Text<'_>| StatementName { span: name.span, text: reading.fill(*name) };
        names.iter().map(name).collect()
    });
    if let (Some(Decision::ImplicitDeny), Some([first, ..])) = (decision, by.as_deref()) {
        let error = reading.error(first.span, format!("`{word}` with a deciding statement"));
        error.help = Some("an implicit deny is decided by no statement: leave `by` out".to_owned());
        return None;
    }
    Some(TestExpect::Decision(decision, by))
}

fn unknown_outcome(outcome: Text<'_>, filled: Text<'_>, reading: &mut Reading<'_>) {
    let mut words: Vec<&str> = OUTCOMES.iter().map(|(word, _)| *word).collect();
    words.push("error E-…");
    let parameters: Vec<&str> = reading.parameters.iter().map(|parameter| parameter.text).collect();
    let is_written = outcome.span == filled.span;
    let candidates = words.iter().copied().chain(parameters.into_iter().filter(|_| is_written));
    let near = nearest(filled.text, candidates).map(|near| format!("did you mean `{near}`?"));
    let error = reading.error(filled.span, format!("no outcome `{}`", shown(filled.text)));
    error.expected = Some(one_of(&words));
    error.help = match filled.text {
        "error" => Some("a row has a decision; write a test of its own for an error".to_owned()),
        _ => near,
    };
}

fn error(
    outcome: Text<'_>,
    code: Option<Text<'_>>,
    by: Option<&[Text<'_>]>,
    reading: &mut Reading<'_>,
) -> Option<TestExpect> {
    if let Some([first, ..]) = by {
        let error = reading.error(first.span, "`error` with a deciding statement");
        error.help = Some("an error is decided by no statement: leave `by` out".to_owned());
        return None;
    }
    let Some(code) = code else {
        let error = reading.error(outcome.span, "`error` without a class");
        error.expected = Some("the class of the error, such as `error E-ACTION`".to_owned());
        return None;
    };
    let errors = || Code::ALL.iter().copied().filter(|code| code.severity() == crate::diagnostic::Severity::Error);
    if let Some(found) = errors().find(|class| class.name() == code.text) {
        return Some(TestExpect::Error(found));
    }
    let near = nearest(code.text, errors().map(Code::name));
    let error = reading.error(code.span, format!("no class of errors `{}`", shown(code.text)));
    error.expected = Some("one that `dictum explain-code` knows, such as `E-ACTION`".to_owned());
    error.help = near.map(|near| format!("did you mean `{near}`?"));
    None
}

/// A policy in force, as names of statements are looked up in it.
#[derive(Clone, Copy, Debug)]
pub struct NamedPolicy<'p> {
    /// Its name.
    pub name: &'p str,
    /// Where it begins: equal for a policy that is in force in several members.
    pub place: (SourceId, u32),
    /// The Sid of each statement, `None` where it has none.
    pub sids: &'p [Option<String>],
}

impl<'p> NamedPolicy<'p> {
    /// A document with the Sids of its statements.
    pub fn new(document: &'p Document, sids: &'p [Option<String>]) -> NamedPolicy<'p> {
        NamedPolicy { name: &document.name, place: (document.source, document.range.start), sids }
    }
}

/// The statements of policies that are in force together, to be found by their names.
pub struct NamedStatements<'p> {
    policies: Vec<NamedPolicy<'p>>,
    /// The statements of a Sid: the policy's position and the statement's.
    by_sid: HashMap<&'p str, Vec<(usize, usize)>>,
}

impl<'p> NamedStatements<'p> {
    /// O(statements).
    pub fn new(policies: Vec<NamedPolicy<'p>>) -> NamedStatements<'p> {
        let mut by_sid: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        for (at, policy) in policies.iter().enumerate() {
            for (index, sid) in policy.sids.iter().enumerate() {
                if let Some(sid) = sid {
                    by_sid.entry(sid).or_default().push((at, index));
                }
            }
        }
        NamedStatements { policies, by_sid }
    }

    /// The policies, in the order that was given.
    pub fn policies(&self) -> &[NamedPolicy<'p>] {
        &self.policies
    }

    /// The statement that a name means: the policy's position and the statement's. While `searches_left` is not 0 a near
    /// name is looked for where there is none, which takes O(statements).
    ///
    /// # Errors
    /// No such statement, or several: E-TEST, with a near name.
    pub fn find(&self, name: &StatementName, searches_left: &mut usize) -> Result<(usize, usize), Box<Diagnostic>> {
        let text = name.text.as_str();
        if let Some(found) = self.by_sid.get(text) {
            return self.unique(name, found);
        }
        let is_in = |wanted: &str| self.policies.iter().any(|it| it.name == wanted);
        if let Some((policy, sid)) = text.rsplit_once('@').filter(|(policy, _)| is_in(policy)) {
            let found = self.by_sid.get(sid).into_iter().flatten().copied();
            let found: Vec<_> = found.filter(|(at, _)| self.policies[*at].name == policy).collect();
            return match found.is_empty() {
                true => Err(self.unknown(name, searches_left)),
                false => self.unique(name, &found),
            };
        }
        let Some((policy, index)) = text.rsplit_once('#').filter(|(policy, _)| is_in(policy)) else {
            return Err(self.unknown(name, searches_left));
        };
        let of_name = (0..self.policies.len()).filter(|&at| self.policies[at].name == policy);
        let of_name: Vec<(usize, usize)> = of_name.map(|at| (at, 0)).collect();
        let (at, _) = self.unique(name, &of_name)?;
        let count = self.policies[at].sids.len();
        match index.parse::<usize>() {
            Ok(index) if index < count => Ok((at, index)),
            _ => {
                let error = fault(name.span, format!("`{}` has no statement `#{}`", shown(policy), shown(index)));
                let last = count.saturating_sub(1);
                Err(error.expected(format!("`#0` to `#{last}`: statements are counted from 0")).into())
            }
        }
    }

    /// One statement, whose policy may be in force in several members.
    fn unique(&self, name: &StatementName, found: &[(usize, usize)]) -> Result<(usize, usize), Box<Diagnostic>> {
        let (first, index) = found[0];
        let policy = |at: usize| &self.policies[at];
        if found.iter().all(|&(at, other)| policy(at).place == policy(first).place && other == index) {
            return Ok((first, index));
        }
        let error = fault(name.span, format!("`{}` names several statements", shown(&name.text)));
        let mut named: HashMap<&str, (SourceId, u32)> = HashMap::new();
        for &(at, _) in found {
            let NamedPolicy { name: policy_name, place, .. } = *policy(at);
            if *named.entry(policy_name).or_insert(place) != place {
                let message = format!("two policies in force have the name `{}`", shown(policy_name));
                return Err(error.help(format!("{message}: give one of them another")).into());
            }
        }
        let mut ways: Vec<String> = Vec::new();
        for &(at, index) in found {
            let twice = found.iter().any(|&(other, second)| policy(other).name == policy(at).name && second != index);
            let sid = policy(at).sids[index].as_deref().unwrap_or_default();
            let way = if twice { format!("{}#{index}", policy(at).name) } else { format!("{}@{sid}", policy(at).name) };
            if !ways.contains(&way) {
                ways.push(way);
            }
            if ways.len() == SHOWN_MAX {
                break;
            }
        }
        let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
        Err(error.expected(one_of(&ways)).into())
    }

    fn unknown(&self, name: &StatementName, searches_left: &mut usize) -> Box<Diagnostic> {
        let mut error = fault(name.span, format!("no statement `{}` among the policies in force", shown(&name.text)));
        let Some(left) = searches_left.checked_sub(1) else { return error.into() };
        *searches_left = left;
        let mut seen: HashSet<String> = HashSet::new();
        let mut names: Vec<String> = Vec::new();
        for policy in &self.policies {
            for (index, sid) in policy.sids.iter().enumerate() {
                let in_policy = match sid {
                    Some(sid) => format!("{}@{sid}", policy.name),
                    None => format!("{}#{index}", policy.name),
                };
                names.extend(sid.clone().into_iter().chain([in_policy]).filter(|name| seen.insert(name.clone())));
            }
        }
        let near = nearest(&name.text, names.iter().map(String::as_str));
        if near.is_none() {
            let mut list = String::new();
            let plain: Vec<&String> = names.iter().filter(|name| !name.contains('@')).collect();
            for (at, name) in plain.iter().take(SHOWN_MAX).enumerate() {
                let _ = write!(list, "{}`{name}`", if at > 0 { ", " } else { "" });
            }
            if plain.len() > SHOWN_MAX {
                let _ = write!(list, " and {} more", plain.len() - SHOWN_MAX);
            }
            let none = "a statement: these policies have none";
            error.expected = Some(if list.is_empty() { none.to_owned() } else { list });
        }
        error.did_you_mean(near).into()
    }
}

/// Names that a message lists.
const SHOWN_MAX: usize = 8;

fn fault(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::E_TEST, span, RULE, message)
}
