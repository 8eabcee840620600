//! Every check of the table fires on its bad example and is silent on its good one.

use std::collections::BTreeSet;

use dictum_compiler::diagnostic::{Code, Diagnostics, page};
use dictum_compiler::source::Sources;
use dictum_lint::baseline::Baseline;
use dictum_lint::check::{Example, Run};
use dictum_lint::{Config, Finding, Options, checks, lint};

/// 2026-01-01.
const NOW: i64 = 1_767_225_600_000;

fn findings(example: &Example, run: &Run) -> (Sources, Vec<Finding>) {
    if let Some(sources) = example.sources() {
        let found = lint(&sources, &Options { now: Some(NOW), ..Options::everything() });
        return (sources, found);
    }
    let mut sources = Sources::new();
    let file = sources.add_file("example", example.text);
    let faults = match run {
        Run::Baseline => Baseline::parse(file, example.text).0.stale(|_| true),
        _ => Config::parse(file, example.text).1,
    };
    (sources, faults.into_iter().map(|diagnostic| Finding { diagnostic, statement: None }).collect())
}

fn report(sources: &Sources, found: &[Finding]) -> String {
    Diagnostics(found.iter().map(|finding| finding.diagnostic.clone()).collect()).render(sources)
}

#[test]
fn every_check_fires_and_is_silent() {
    let mut wrong = Vec::new();
    for check in checks::all() {
        let id = check.code.name();
        for (what, example, wanted) in [("bad", &check.bad, true), ("good", &check.good, false)] {
            let (sources, found) = findings(example, &check.run);
            if found
                .iter()
                .any(|finding| finding.diagnostic.is_error() && !finding.diagnostic.code.name().starts_with("L-"))
            {
                wrong.push(format!("{id}: the {what} example has errors\n{}", report(&sources, &found)));
            } else if found.iter().any(|finding| finding.diagnostic.code == check.code) != wanted {
                wrong.push(format!("{id}: wrong about the {what} example\n{}", report(&sources, &found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A message is lower case and has no full stop, and says in which policy.
#[test]
fn findings_are_worded_alike() {
    for check in checks::all() {
        let (_, found) = findings(&check.bad, &check.run);
        for finding in found.iter().filter(|finding| finding.diagnostic.code == check.code) {
            let texts = std::iter::once(&finding.diagnostic.message).chain(&finding.diagnostic.help);
            for text in texts {
                let first = text.chars().next().unwrap_or('A');
                assert!(!first.is_uppercase() || text.starts_with("Id"), "{}: {text}", check.code.name());
                assert!(!text.ends_with('.'), "{}: {text}", check.code.name());
            }
            let is_of_policy = !matches!(check.run, Run::Suppression | Run::Baseline);
            assert!(!is_of_policy || finding.diagnostic.policy.is_some(), "{}", check.code.name());
        }
    }
}

#[test]
fn the_table_is_in_order() {
    let mut ids = BTreeSet::new();
    for check in checks::all() {
        let id = check.code.name();
        assert!(ids.insert(id), "{id} is there twice");
        let name = id.strip_prefix("L-").unwrap_or_else(|| panic!("{id} does not begin with L-"));
        let is_good =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        assert!(name.split('-').all(is_good), "{id} is not upper-case words with hyphens");
        assert!(check.why.ends_with('.') && check.why.len() > 40, "{id} is not explained");
        assert!(check.code.meaning().ends_with('.'), "{id} has no title");
        assert!(!check.rule.is_empty(), "{id} has no rule");
    }
    let of_entities: Vec<Code> = page::entity_lints().map(|(code, _)| code).collect();
    let lints = Code::ALL.iter().filter(|code| code.name().starts_with("L-"));
    for code in lints.filter(|code| !of_entities.contains(code)) {
        assert!(ids.contains(code.name()), "the compiler's {} is not in the table", code.name());
    }
}

/// A fix that is offered mends what it is offered for, and breaks nothing.
#[test]
fn fixes_mend() {
    for check in checks::all() {
        let (_, found) = findings(&check.bad, &check.run);
        for finding in found.iter().filter(|finding| finding.diagnostic.code == check.code) {
            let Some(fix) = &finding.diagnostic.fix else { continue };
            let mut text = check.bad.document();
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let sources = check.bad.changed(text).expect("a configuration has no fixes");
            let after = lint(&sources, &Options { now: Some(NOW), ..Options::everything() });
            let id = check.code.name();
            let count =
                |found: &[Finding]| found.iter().filter(|finding| finding.diagnostic.code == check.code).count();
            assert!(count(&after) < count(&found), "{id}: the fix mends nothing\n{}", report(&sources, &after));
            let broken = after.iter().any(|finding| finding.diagnostic.is_error());
            assert!(!broken, "{id}: the fix breaks the policy\n{}", report(&sources, &after));
        }
    }
}
