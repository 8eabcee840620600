//! `docs/lints.md` says what the table says.

use std::fmt::Write;
use std::fs;

use dictum_lint::check::{Check, Example, Group};
use dictum_lint::checks;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/lints.md");
/// Set to write the page anew.
const BLESS: &str = "DICTUM_BLESS";
/// Longest example that is printed, in bytes.
const EXAMPLE_BYTES_MAX: usize = 1_500;

const HEAD: &str = "\
# Lints

What `dictum lint` looks for. The table is made from the one in `lint/src/checks`, by
`DICTUM_BLESS=1 cargo test -p dictum-lint --test docs`.

A level says how grave a finding is: `suggestion`, `warning`, `security`, `error`. Checks of the group `pedantic` are off
unless they are asked for.
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn example(title: &str, example: &Example) -> String {
    let text = if example.text.len() > EXAMPLE_BYTES_MAX { "(a long policy)" } else { example.text };
    format!("{title}:\n\n```{}\n{}\n```\n", example.extension(), text.trim_end())
}

fn section(check: &Check) -> String {
    let Check { code, why, rule, bad, good, .. } = check;
    let (id, level, meaning) = (code.name(), code.severity().name(), code.meaning());
    let (bad, good) = (example("Bad", bad), example("Good", good));
    format!("### {id}\n\n{meaning} Level `{level}`; {rule}.\n\n{why}\n\n{bad}\n{good}")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for group in Group::ALL {
        let checks: Vec<&Check> = checks::all().filter(|check| check.group == group).collect();
        write!(page, "\n## {}\n\n| id | level | about |\n| --- | --- | --- |\n", group.name()).unwrap();
        for check in &checks {
            let (id, level) = (check.code.name(), check.code.severity().name());
            writeln!(page, "| [{id}](#{}) | {level} | {} |", id.to_lowercase(), cell(check.code.meaning())).unwrap();
        }
        for check in &checks {
            write!(page, "\n{}", section(check)).unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_the_table() {
    let page = page();
    if std::env::var_os(BLESS).is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let there = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(there == page, "docs/lints.md is not what the table says; set {BLESS}=1 to write it anew");
}
