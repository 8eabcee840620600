//! Lints: what means what it says, and may not be what was meant. None changes a decision.
//!
//! Those about one text are found where that text is read; here are the others.

use std::collections::HashSet;

use dictum_vm::operator::{Operator, Quantifier, Test};

use super::scope::Scope;
use crate::diagnostic::{Code, shown};
use crate::policy::{Condition, Effect, Operand, Statement};
use crate::source::{Notation, PolicyType, SourceId, Span};
use crate::syntax::ast::{self, KeyBlock};

/// SIZ-3: the first character beyond U+00FF.
pub(super) fn characters(text: &[u8], base: u32, source: SourceId, scope: &mut Scope<'_>) {
    // In UTF-8 these are the characters whose first byte is 0xC4 or more.
    let found = match scope.file.notation {
        Notation::Json => text.iter().position(|&byte| byte >= 0xC4),
        Notation::Dictum => outside_comments(text, |byte| byte >= 0xC4),
    };
    if let Some(at) = found {
        let length = text[at + 1..].iter().take_while(|&&byte| byte & 0xC0 == 0x80).count() + 1;
        let start = base + at as u32;
        let span = Span { source, start, end: start + length as u32 };
        let message = "a character beyond U+00FF";
        scope.lint(Code::L_CHARACTER, span, "SIZ-3", message, "the service stores none such");
    }
}

/// The first byte of a text of the Dictum language that is wanted and in no comment. Strings end in their line.
fn outside_comments(text: &[u8], is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let (mut in_string, mut in_comment, mut is_escaped) = (false, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'\n' => (in_string, in_comment) = (false, false),
            _ if in_comment => {}
            b'"' if !is_escaped => in_string = !in_string,
            b'#' if !in_string => in_comment = true,
            byte if is_wanted(byte) => return Some(at),
            _ => {}
        }
        is_escaped = byte == b'\\' && in_string && !is_escaped;
    }
    None
}

/// GRM-12.
pub(super) fn id(span: Span, scope: &mut Scope<'_>) {
    if matches!(scope.policy_type, PolicyType::Identity | PolicyType::Boundary | PolicyType::Session) {
        let message = format!("{} in a policy that is attached to a principal", scope.words.id);
        scope.lint(Code::L_ID, span, "GRM-12", message, "it has no effect");
    }
}

/// TYP-1.
pub(super) fn old_scp(span: Span, scope: &mut Scope<'_>) {
    let message = "an scp of another version than `2012-10-17`";
    scope.lint(Code::L_VERSION, span, "TYP-1", message, scope.words.write_version);
}

/// GRM-25.
pub(super) fn empty_list(span: Span, message: &str, negated: bool, scope: &mut Scope<'_>) {
    let help = if negated { scope.words.except_nothing } else { "it matches nothing" };
    scope.lint(Code::L_EMPTY, span, "GRM-25", message, help);
}

/// PRN-32.
pub(super) fn allow_not_principal(span: Span, scope: &mut Scope<'_>) {
    let message = scope.words.allow_not_principal;
    let help = "it allows everybody else, anonymous requests included";
    scope.lint(Code::L_NOTPRINCIPAL, span, "PRN-32", message, help);
}

/// GRM-25, CND-13, CND-46.
pub(super) fn key_and_values(test: Test, block: &KeyBlock<'_>, scope: &mut Scope<'_>) {
    let key = block.key;
    if block.values.is_empty() {
        let message = format!("an empty list under `{}`", shown(key.text));
        let help = if test.operator.is_negated() { "every value satisfies it" } else { "no value satisfies it" };
        scope.lint(Code::L_EMPTY, block.span, "GRM-25", message, help);
    }
    if test.operator == Operator::Bool && block.values.len() > 1 {
        let help = "they are alternatives, so `[true, false]` asks only whether the key is there";
        scope.lint(Code::L_BOOL_LIST, block.span, "CND-46", scope.words.bools, help);
    }
    if test.quantifier.is_none() && test.operator != Operator::Null && is_multivalued(key.text) {
        let name = shown(key.text);
        let (message, help) = match scope.is_dictum() {
            true => (
                format!("`{name}` has many values, and without `any` or `all` the condition is false of them"),
                format!("write `any {name} …` or `all {name} …`"),
            ),
            false => (
                format!("`{name}` has many values, and `{test}` is false of them"),
                format!("write `ForAnyValue:{test}` or `ForAllValues:{test}`"),
            ),
        };
        scope.lint(Code::L_MULTIVALUED, key.span, "CND-13", message, &help);
    }
}

/// The keys of semantics.md 10.2 that always have a list of values.
const MULTIVALUED: [&str; 8] = [
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:VpceOrgPaths",
    "sts:TransitiveTagKeys",
];

fn is_multivalued(key: &str) -> bool {
    let starts_with = |prefix: &str| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_amr = key.rsplit_once(':').is_some_and(|(_, name)| name.eq_ignore_ascii_case("amr"));
    MULTIVALUED.iter().any(|name| name.eq_ignore_ascii_case(key)) || starts_with("saml:edu") || is_amr
}

/// CND-26, for the conditions of an Allow, whose keys stand at `spans`.
pub(super) fn for_all_values(conditions: &[Condition], spans: &[Span], scope: &mut Scope<'_>) {
    let is_for_all = |condition: &Condition| condition.test.quantifier == Some(Quantifier::ForAllValues);
    if !conditions.iter().any(is_for_all) {
        return;
    }
    let wants_presence = |condition: &&Condition| {
        let values = &condition.values;
        condition.test.operator == Operator::Null
            && values.iter().all(|value| matches!(value.operand, Operand::Null(false)))
    };
    let present = conditions.iter().filter(wants_presence).map(|condition| condition.key.to_ascii_lowercase());
    let present: HashSet<String> = present.collect();
    for (condition, span) in conditions.iter().zip(spans) {
        if is_for_all(condition) && !present.contains(&condition.key.to_ascii_lowercase()) {
            let key = shown(&condition.key);
            let (message, help) = match scope.is_dictum() {
                true => (format!("`all {key} …` holds where `{key}` is absent"), format!("add `and {key} exists`")),
                false => (
                    format!("`{}` holds where `{key}` is absent", condition.test),
                    format!("add `\"Null\": {{\"{key}\": \"false\"}}`"),
                ),
            };
            scope.lint(Code::L_FORALLVALUES, *span, "CND-26", message, &help);
        }
    }
}

/// Keys that say on whose behalf a service calls (CTX-22).
const ON_BEHALF: [&str; 4] = ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// CTX-22.
pub(super) fn deputy(element: &ast::Statement<'_>, statement: &Statement, scope: &mut Scope<'_>) {
    let Some(ast::Principals::Map { members, .. }) = element.principal.and_then(|given| given.value) else { return };
    let is_bound = |condition: &Condition| ON_BEHALF.iter().any(|key| key.eq_ignore_ascii_case(&condition.key));
    let concerned = scope.is_resource_side() && statement.effect == Effect::Allow;
    if !concerned || statement.conditions.iter().any(is_bound) {
        return;
    }
    for (member, list) in members {
        if member.text == "Service" && list.is_some_and(|list| !list.entries.is_empty()) {
            let message = "a service is allowed on anybody's behalf";
            let help = "add a condition on `aws:SourceArn` or `aws:SourceAccount`";
            scope.lint(Code::L_DEPUTY, member.span, "CTX-22", message, help);
        }
    }
}
