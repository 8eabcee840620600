//! What a cache keeps of what was said.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Fix, Related};
use crate::source::Span;

/// A [`Diagnostic`] without references.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Warning {
    code: String,
    span: Place,
    message: String,
    expected: Option<String>,
    help: Option<String>,
    related: Vec<(Place, String)>,
    fix: Option<(Place, String)>,
    rule: String,
    policy: Option<String>,
}

/// A file, as whoever keeps it numbers files, and the bytes of a span.
pub(crate) type Place = (u32, u32, u32);

impl Warning {
    /// `None` where a place cannot be told.
    pub(crate) fn of(it: &Diagnostic, place: impl Fn(Span) -> Option<Place>) -> Option<Warning> {
        let related = it.related.iter().map(|it| Some((place(it.span)?, it.message.clone()))).collect::<Option<_>>()?;
        let fix = match &it.fix {
            Some(fix) => Some((place(fix.span)?, fix.replacement.clone())),
            None => None,
        };
        Some(Warning {
            code: it.code.name().to_owned(),
            span: place(it.span)?,
            message: it.message.clone(),
            expected: it.expected.clone(),
            help: it.help.clone(),
            related,
            fix,
            rule: it.rule.to_owned(),
            policy: it.policy.clone(),
        })
    }

    /// `None` where a place is not there any more.
    pub(crate) fn placed(self, span: impl Fn(Place) -> Option<Span>) -> Option<Diagnostic> {
        let mut diagnostic = Diagnostic::new(code(&self.code)?, span(self.span)?, rule(&self.rule), self.message);
        (diagnostic.expected, diagnostic.help, diagnostic.policy) = (self.expected, self.help, self.policy);
        for (place, message) in self.related {
            diagnostic.related.push(Related { span: span(place)?, message });
        }
        if let Some((place, replacement)) = self.fix {
            diagnostic.fix = Some(Fix { span: span(place)?, replacement });
        }
        Some(diagnostic)
    }
}

fn code(name: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.name() == name)
}

/// The rule of a diagnostic, as the program's own texts have it. There are some hundreds, so that what is leaked is little.
fn rule(text: &str) -> &'static str {
    static RULES: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&known) = rules.get(text) {
        return known;
    }
    let new: &'static str = Box::leak(text.into());
    rules.insert(new);
    new
}
