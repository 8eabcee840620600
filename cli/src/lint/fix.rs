//! Carrying out fixes.

use std::collections::BTreeMap;
use std::path::Path;

use dictum_compiler::diagnostic::Fix;
use dictum_compiler::source::{SourceId, Sources};
use dictum_lint::Finding;

use crate::exit::Failure;
use crate::output;

/// How often a file is fixed anew; fixes that overlap wait for the next round.
pub const ROUNDS_MAX: u32 = 16;

/// Writes files anew with every fix that does not overlap an earlier one, and gives back how many were carried out. Only
/// files that may be changed are.
pub fn apply(findings: &[Finding], sources: &Sources, may_change: impl Fn(&Path) -> bool) -> Result<u64, Failure> {
    let mut fixes: BTreeMap<SourceId, Vec<&Fix>> = BTreeMap::new();
    let all = findings.iter().filter_map(|finding| finding.diagnostic.fix.as_ref());
    for fix in all.filter(|fix| may_change(Path::new(&sources.file(fix.span.source).name))) {
        fixes.entry(fix.span.source).or_default().push(fix);
    }
    let mut count = 0;
    for (source, fixes) in fixes {
        let file = sources.file(source);
        let (text, done) = fixed(file.text(), fixes);
        if done > 0 {
            output::replace(Path::new(&file.name), &text)?;
            count += done;
        }
    }
    Ok(count)
}

fn fixed(text: &[u8], mut fixes: Vec<&Fix>) -> (Vec<u8>, u64) {
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let (mut out, mut at, mut done) = (Vec::with_capacity(text.len()), 0, 0);
    for fix in fixes {
        let (start, end) = (fix.span.start as usize, fix.span.end as usize);
        if start < at || (start == at && done > 0) {
            continue;
        }
        out.extend_from_slice(&text[at..start]);
        out.extend_from_slice(fix.replacement.as_bytes());
        (at, done) = (end, done + 1);
    }
    out.extend_from_slice(&text[at..]);
    (out, done)
}

#[cfg(test)]
mod tests {
    use dictum_compiler::source::Span;

    use super::*;

    #[test]
    fn fixes_that_overlap_wait() {
        let fix = |start, end, replacement: &str| Fix {
            span: Span { start, end, ..Span::default() },
            replacement: replacement.into(),
        };
        let (one, two, three) = (fix(4, 5, "x"), fix(0, 2, ""), fix(1, 3, "y"));
        assert_eq!(fixed(b"abcdef", vec![&one, &two, &three]), (b"cdxf".to_vec(), 2));
    }
}
