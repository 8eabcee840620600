//! The page of a check: why it matters, a policy that it fires on with what it says, one that is right, and how to accept
//! a finding.

use dictum_compiler::diagnostic::Diagnostics;

use crate::check::{Check, Example, Run};
use crate::run::{Options, lint};

/// Longest example that is shown, in bytes.
const EXAMPLE_BYTES_MAX: usize = 1_500;
/// The day on which the example is looked at: 2026-01-01 in milliseconds since 1970.
const NOW: i64 = 1_767_225_600_000;

/// The page in Markdown; its heading is the id. Lints the example, so it costs what that does.
pub fn page(check: &Check) -> String {
    let Check { code, rule, why, bad, good, .. } = check;
    let level = code.severity().name();
    let level = level[..1].to_ascii_uppercase() + &level[1..];
    let mut page = format!("# {}\n\n{level}. {} By {rule}.\n\n{why}\n", code.name(), code.meaning());
    page += &format!("\n## Wrong\n\n{}", example(bad));
    if let Some(report) = report(check) {
        page += &format!("\n```text\n{report}\n```\n");
    }
    page += &format!("\n## Right\n\n{}", example(good));
    if !matches!(check.run, Run::Suppression | Run::Baseline) {
        page += &acceptance(code.name());
    }
    page
}

fn example(example: &Example) -> String {
    match example.text.len() {
        0..=EXAMPLE_BYTES_MAX => format!("```{}\n{}\n```\n", example.extension(), example.text.trim_end()),
        bytes => format!("A policy of {bytes} bytes.\n"),
    }
}

/// What the check says of its bad example, where that is a policy.
fn report(check: &Check) -> Option<String> {
    let sources = check.bad.sources()?;
    let found = lint(&sources, &Options { now: Some(NOW), ..Options::everything() });
    let found = found.into_iter().map(|finding| finding.diagnostic).filter(|found| found.code == check.code);
    Some(Diagnostics(found.collect()).render(&sources).trim_end().to_owned())
}

fn acceptance(id: &str) -> String {
    format!(
        "
## To accept it

Each with its reason: in a `.dct` file by a comment before the statement or behind it,

```dct
# dictum: allow {id} reason=\"why it is right here\"
```

else in `dictum-lint.toml`, by file and Sid or index:

```toml
[[allow]]
file = \"policy.json\"
sid = \"Sid\"
id = \"{id}\"
reason = \"why it is right here\"
```
"
    )
}
