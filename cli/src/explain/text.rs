//! An explanation for people.

use std::fmt::Write;

use dictum_corpus::answer::SidOrIndex;
use dictum_corpus::request::{CaseRequest, ContextValue, Principal};
use dictum_vm::{Considered, Decision, Element, Failure, Layer, MatchKind, StatementId};

use crate::picture::{LayerView, Picture, State};

/// Values of one element that are shown before the rest is counted.
const SHOWN_MAX: usize = 8;

/// The picture as text, with a line end.
pub fn render(picture: &Picture<'_>, request: &CaseRequest) -> String {
    let mut out = Text(String::new());
    out.line(format_args!("{}", verdict(picture)));
    out.line(format_args!(""));
    asked(request, &mut out);
    for (i, layers) in picture.layers.iter().enumerate() {
        if picture.layers.len() > 1 {
            out.line(format_args!("\nlayers, in order of evaluation, for {}", request.resources[i]));
        } else {
            out.line(format_args!("\nlayers, in order of evaluation"));
        }
        for view in layers {
            layer(picture, view, &mut out);
        }
    }
    statements(picture, request, &mut out);
    if !picture.missing_keys.is_empty() {
        out.line(format_args!("\ncontext keys that were asked for and absent"));
        for key in &picture.missing_keys {
            out.line(format_args!("  {key}"));
        }
    }
    out.0
}

struct Text(String);

impl Text {
    /// A line, without blanks at its end.
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let start = self.0.len();
        write!(self.0, "{text}").unwrap_or_default();
        let end = start + self.0[start..].trim_end_matches(' ').len();
        self.0.truncate(end);
        self.0.push('\n');
    }
}

/// The decision, in one line.
fn verdict(picture: &Picture<'_>) -> String {
    let by: Vec<String> = picture.by.iter().map(|&id| name(picture, id)).collect();
    let blocking: Vec<String> = picture.blocking.iter().map(Layer::to_string).collect();
    match picture.decision {
        Decision::Allow if by.is_empty() => "ALLOW   by no statement: the root user in its own account".into(),
        Decision::Allow => format!("ALLOW   by {}", by.join(", ")),
        Decision::ExplicitDeny => format!("EXPLICIT DENY   by {}", by.join(", ")),
        Decision::ImplicitDeny if blocking.is_empty() => "IMPLICIT DENY   no grant is possible".into(),
        Decision::ImplicitDeny => format!("IMPLICIT DENY   no Allow applies in {}", blocking.join(", ")),
    }
}

fn asked(request: &CaseRequest, out: &mut Text) {
    match &request.principal {
        Principal::Arn(arn) => out.line(format_args!("  as    {arn}")),
        Principal::Session { session, role: other } | Principal::FederatedUser { session, user: other } => {
            out.line(format_args!("  as    {session} of {other}"));
        }
        Principal::Service(name) => out.line(format_args!("  as    service {name}")),
        Principal::Federated(name) => out.line(format_args!("  as    federated {name}")),
        Principal::CanonicalUser(id) => out.line(format_args!("  as    canonical user {id}")),
        Principal::Anonymous => out.line(format_args!("  as    anonymous")),
    }
    out.line(format_args!("  do    {}", request.action));
    for resource in &request.resources {
        out.line(format_args!("  on    {resource}"));
    }
    if let Some(account) = &request.resource_account {
        out.line(format_args!("  of    account {account}"));
    }
    for (key, value) in &request.context {
        match value {
            ContextValue::One(text) => out.line(format_args!("  with  {key} = {text:?}")),
            ContextValue::Many(texts) => out.line(format_args!("  with  {key} = {texts:?}")),
        }
    }
}

fn layer(picture: &Picture<'_>, view: &LayerView, out: &mut Text) {
    let state = match view.state {
        State::Absent => "absent",
        State::NotInForce => "not in force",
        State::Denies => "DENIES",
        State::Open => "open",
        State::Shut => "shut",
    };
    let title = match (view.state, view.layer) {
        (State::Absent, Layer::Scp(_)) => "scp".to_owned(),
        (State::Absent, Layer::Rcp(_)) => "rcp".to_owned(),
        (_, layer) => layer.to_string(),
    };
    let is_blocking = picture.blocking.contains(&view.layer) && matches!(view.state, State::Shut | State::Absent);
    let mut notes: Vec<String> = view.statements.iter().take(SHOWN_MAX).map(|&id| name(picture, id)).collect();
    if view.statements.len() > SHOWN_MAX {
        notes.push(format!("and {} more", view.statements.len() - SHOWN_MAX));
    }
    if is_blocking {
        notes.push("<- an Allow is missing here".into());
    }
    let mark = match view.state {
        State::Open => '✓',
        State::Denies | State::Shut => '✗',
        State::Absent if is_blocking => '✗',
        State::Absent | State::NotInForce => '·',
    };
    let place = view.place.as_ref().map_or(String::new(), |place| format!("{place:<17} "));
    out.line(format_args!("  {mark} {title:<9} {state:<13} {place}{}", notes.join(", ")));
}

fn statements(picture: &Picture<'_>, request: &CaseRequest, out: &mut Text) {
    let (applying, other): (Vec<&Considered>, Vec<&Considered>) =
        picture.statements.iter().partition(|considered| considered.applies);
    if !applying.is_empty() {
        out.line(format_args!("\nstatements that apply"));
    }
    for considered in applying {
        out.line(format_args!("  {}", heading(picture, considered, request)));
        notes(picture, considered, out);
    }
    if !other.is_empty() {
        out.line(format_args!("\nstatements that do not apply"));
    }
    for considered in other {
        out.line(format_args!("  {}", heading(picture, considered, request)));
        notes(picture, considered, out);
        if let Some(failure) = &considered.failure {
            failed(failure, out);
        }
    }
    if picture.ruled_out > 0 {
        out.line(format_args!(
            "\n{} more statements were ruled out by the index (--all shows them)",
            picture.ruled_out
        ));
    }
}

/// The doc comment and the metadata.
fn notes(picture: &Picture<'_>, considered: &Considered, out: &mut Text) {
    for line in picture.notes(considered.statement).lines() {
        out.line(format_args!("        {line}"));
    }
}

/// Effect, layer, name and place of a statement; and the resource, where there are several.
fn heading(picture: &Picture<'_>, considered: &Considered, request: &CaseRequest) -> String {
    let info = picture.info(considered.statement);
    let name = name(picture, considered.statement);
    let mut text =
        format!("{:<5} {:<9} {name}  {}:{}", info.effect.name(), considered.layer.to_string(), info.file, info.line);
    if considered.applies && considered.layer == Layer::Resource {
        text += match considered.kind {
            MatchKind::Account => "  (names the account)",
            MatchKind::Role => "  (names the role, or the user that made the session)",
            MatchKind::Direct | MatchKind::None => "",
        };
    }
    if request.resources.len() > 1 {
        text += &format!("  on {}", request.resources[considered.resource]);
    }
    text
}

fn name(picture: &Picture<'_>, id: StatementId) -> String {
    let named = picture.name(id);
    match &named.statement {
        SidOrIndex::Sid(sid) => format!("{} {sid:?}", named.policy),
        SidOrIndex::Index(index) => format!("{} statement {index}", named.policy),
    }
}

fn failed(failure: &Failure, out: &mut Text) {
    let list = values(&failure.expected);
    let of = |negated: bool| match (negated, failure.expected.len()) {
        (true, _) => format!("anything but {list}"),
        (false, 1) => list.clone(),
        (false, _) => format!("one of {list}"),
    };
    let (element, expected) = match &failure.element {
        Element::Never => {
            out.line(format_args!("        never     it can apply to no request"));
            return;
        }
        Element::Principal { negated } => ("principal", of(*negated)),
        Element::Action { negated } => ("action", of(*negated)),
        Element::Resource { negated } => ("resource", of(*negated)),
        Element::Condition { operator, key } => ("condition", format!("{operator} {key} {list}")),
    };
    out.line(format_args!("        {element:<9} expected {expected}"));
    let got = failure.got.as_ref().map_or("nothing: the key is absent".to_owned(), |got| values(got));
    out.line(format_args!("        {:<9} got      {got}", ""));
}

fn values(values: &[String]) -> String {
    let shown: Vec<String> = values.iter().take(SHOWN_MAX).map(|value| format!("{value:?}")).collect();
    match values.len().saturating_sub(SHOWN_MAX) {
        0 if values.len() == 1 => shown.concat(),
        0 => format!("[{}]", shown.join(", ")),
        more => format!("[{}, and {more} more]", shown.join(", ")),
    }
}
