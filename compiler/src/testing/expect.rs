//! What a test expects, and which statement a name in `by` means.

use std::fmt::Write;

use dictum_vm::Decision;

use super::case::{StatementName, TestExpect};
use super::row::{RULE, Reading, cell_text, one_of};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::Span;
use crate::syntax::ast::Text;

/// Words behind `expect`.
const OUTCOMES: [(&str, Option<Decision>); 4] = [
    ("allow", Some(Decision::Allow)),
    ("deny", None),
    ("explicit_deny", Some(Decision::ExplicitDeny)),
    ("implicit_deny", Some(Decision::ImplicitDeny)),
];

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
    let filled = match reading.cell(outcome.text) {
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
    /// The Sid of each statement, `None` where it has none.
    pub sids: &'p [Option<String>],
}

/// The statement that a name means: the policy's position and the statement's.
///
/// # Errors
/// No such statement, or several: E-TEST, with a near name.
pub fn find_statement(name: &StatementName, policies: &[NamedPolicy<'_>]) -> Result<(usize, usize), Box<Diagnostic>> {
    let having = |sid: &str, wanted: Option<&str>| {
        let policies =
            policies.iter().enumerate().filter(move |(_, policy)| wanted.is_none_or(|name| name == policy.name));
        let sid = sid.to_owned();
        policies
            .flat_map(move |(at, policy)| {
                let sid = sid.clone();
                let matching =
                    policy.sids.iter().enumerate().filter(move |(_, it)| it.as_deref() == Some(sid.as_str()));
                matching.map(move |(index, _)| (at, index))
            })
            .collect::<Vec<_>>()
    };
    let text = name.text.as_str();
    let found = having(text, None);
    if !found.is_empty() {
        return unique(name, &found, policies);
    }
    if let Some((policy, sid)) = text.rsplit_once('@')
        && policies.iter().any(|it| it.name == policy)
    {
        let found = having(sid, Some(policy));
        return if found.is_empty() { Err(unknown(name, policies)) } else { unique(name, &found, policies) };
    }
    let Some((policy, index)) = text.rsplit_once('#') else { return Err(unknown(name, policies)) };
    match (policies.iter().position(|it| it.name == policy), index.parse::<usize>()) {
        (Some(at), Ok(index)) if index < policies[at].sids.len() => Ok((at, index)),
        (Some(at), _) => {
            let count = policies[at].sids.len();
            let error = fault(name.span, format!("`{}` has no statement `#{}`", shown(policy), shown(index)));
            Err(error.expected(format!("`#0` to `#{}`: statements are counted from 0", count.saturating_sub(1))).into())
        }
        (None, _) => Err(unknown(name, policies)),
    }
}

fn fault(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::E_TEST, span, RULE, message)
}

/// One statement, which may be in force in several members under the same name.
fn unique(
    name: &StatementName,
    found: &[(usize, usize)],
    policies: &[NamedPolicy<'_>],
) -> Result<(usize, usize), Box<Diagnostic>> {
    let (first, index) = found[0];
    if found.iter().all(|&(at, other)| policies[at].name == policies[first].name && other == index) {
        return Ok((first, index));
    }
    let mut ways: Vec<String> = Vec::new();
    for &(at, index) in found {
        let policy = policies[at].name;
        let twice = found.iter().any(|&(other, second)| policies[other].name == policy && second != index);
        let sid = policies[at].sids[index].as_deref().unwrap_or_default();
        let way = if twice { format!("{policy}#{index}") } else { format!("{policy}@{sid}") };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
    let error = fault(name.span, format!("`{}` names several statements", shown(&name.text)));
    Err(error.expected(one_of(&ways)).into())
}

fn unknown(name: &StatementName, policies: &[NamedPolicy<'_>]) -> Box<Diagnostic> {
    let mut names: Vec<String> = Vec::new();
    for policy in policies {
        for (index, sid) in policy.sids.iter().enumerate() {
            let in_policy = match sid {
                Some(sid) => format!("{}@{sid}", policy.name),
                None => format!("{}#{index}", policy.name),
            };
            let more = sid.clone().into_iter().chain([in_policy]);
            names.extend(more.filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
    }
    let near = nearest(&name.text, names.iter().map(String::as_str));
    let mut error = fault(name.span, format!("no statement `{}` among the policies in force", shown(&name.text)));
    if near.is_none() {
        let mut list = String::new();
        let plain: Vec<&String> = names.iter().filter(|name| !name.contains('@')).collect();
        for (at, name) in plain.iter().take(8).enumerate() {
            let _ = write!(list, "{}`{name}`", if at > 0 { ", " } else { "" });
        }
        if plain.len() > 8 {
            let _ = write!(list, " and {} more", plain.len() - 8);
        }
        error.expected = Some(if list.is_empty() { "a statement: these policies have none".to_owned() } else { list });
    }
    error.did_you_mean(near).into()
}
