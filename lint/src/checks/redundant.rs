//! Entries that add nothing to their list.

use dictum_compiler::syntax::ast::List;

use super::identity;
use crate::check::Found;
use crate::edit;
use crate::glob::Glob;
use crate::subject::Statement;

checks! {
    "L-ACTION-TWICE" Suggestion Style "ACT-6; Access Analyzer: Redundant action" "An action that is listed twice."
    why: "Case makes no difference, and once is enough. One of the two may have been meant as another action.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["sqs:SendMessage", "SQS:sendmessage"], "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "*"}"#),
    Statement(action_twice);

    "L-ACTION-COVERED" Suggestion Style "ACT-6; Access Analyzer: Redundant action" "An action that a pattern of the same list takes in."
    why: "The pattern says it already. The entry may go, or the pattern is wider than was meant.",
    bad: identity(r#"{"Effect": "Allow", "Action": ["sqs:Send*", "sqs:SendMessage"], "Resource": "*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": ["sqs:Send*", "sqs:ReceiveMessage"], "Resource": "*"}"#),
    Statement(action_covered);

    "L-RESOURCE-TWICE" Suggestion Style "RES-11; Access Analyzer: Redundant resource" "A resource that is listed twice."
    why: "Once is enough. One of the two may have been meant as another resource.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::a/*"]}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}"#),
    Statement(resource_twice);

    "L-RESOURCE-COVERED" Suggestion Style "RES-11; Access Analyzer: Redundant resource" "A resource that a pattern of the same list takes in."
    why: "The pattern says it already. The entry may go, or the pattern is wider than was meant.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a*/*", "arn:aws:s3:::acme/*"]}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::acme/*"]}"#),
    Statement(resource_covered);
}

/// Longest list of which every pair is looked at.
const ENTRIES_MAX: usize = 1_000;

/// For each entry that an other one makes needless, the two. Of equal ones the later is needless.
fn needless(globs: &[Option<Glob>], wants_equal: bool) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    // Only a pattern takes in something else, so most lists cost one comparison an entry.
    let open: Vec<usize> =
        (0..globs.len()).filter(|&i| globs[i].as_ref().is_some_and(|glob| wants_equal || !glob.is_plain())).collect();
    for (i, glob) in globs.iter().enumerate().take(ENTRIES_MAX) {
        let Some(glob) = glob else { continue };
        let is_cover = |&&j: &&usize| match &globs[j] {
            Some(other) if wants_equal => j < i && other == glob,
            Some(other) => j != i && other != glob && other.covers(glob) && (j < i || !glob.covers(other)),
            None => false,
        };
        if let Some(&j) = open.iter().take(ENTRIES_MAX).find(is_cover) {
            pairs.push((i, j));
        }
    }
    pairs
}

fn report(
    list: &List<'_>,
    globs: &[Option<Glob>],
    wants_equal: bool,
    statement: &Statement<'_>,
    found: &mut Found<'_>,
) {
    for (i, j) in needless(globs, wants_equal) {
        let (entry, other) = (list.entries[i], list.entries[j]);
        let message = match wants_equal {
            true => format!("`{}` is listed twice", entry.text),
            false => format!("`{}` adds nothing to `{}`", entry.text, other.text),
        };
        let finding = found.at(entry.span, message).related(other.span, "this one takes it in").help("it may go");
        found.push(edit::removed(finding, statement, list.entries.iter().copied(), entry));
    }
}

fn actions(statement: &Statement<'_>, wants_equal: bool, found: &mut Found<'_>) {
    let Some(actions) = statement.actions() else { return };
    let patterns = &statement.resolved.actions.patterns;
    let globs: Vec<Option<Glob>> = patterns.iter().map(|pattern| Some(Glob::free(&pattern.folded))).collect();
    report(&actions.list, &globs, wants_equal, statement, found);
}

fn resources(statement: &Statement<'_>, wants_equal: bool, found: &mut Found<'_>) {
    let (Some(resources), Some(resolved)) = (statement.resources(), &statement.resolved.resources) else { return };
    // An Allow with NotResource does not apply where an entry has a variable without value (RES-12): no other entry says so.
    let is_all_or_nothing = resources.negated && statement.is_allow() && !wants_equal;
    let is_told = |glob: &Glob| !(is_all_or_nothing && glob.has_variables());
    let globs: Vec<Option<Glob>> = resolved.patterns.iter().map(|it| Glob::of(it).filter(is_told)).collect();
    report(&resources.list, &globs, wants_equal, statement, found);
}

fn action_twice(statement: &Statement<'_>, found: &mut Found<'_>) {
    actions(statement, true, found);
}

fn action_covered(statement: &Statement<'_>, found: &mut Found<'_>) {
    actions(statement, false, found);
}

fn resource_twice(statement: &Statement<'_>, found: &mut Found<'_>) {
    resources(statement, true, found);
}

fn resource_covered(statement: &Statement<'_>, found: &mut Found<'_>) {
    resources(statement, false, found);
}
