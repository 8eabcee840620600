//! Test blocks of the Dictum language to the decisions that they state (dsl.md, "Beyond JSON, lowered by the compiler").
//!
//! ```text
//! tree::Test -> row by row -> under, request, expect -> TestBlock
//! ```
//!
//! A typo must not silently weaken a test: whatever is not understood is an error. The policies that a test names are
//! looked up once all sources are there, and the statements behind `by` once it is known which policies are in force.

mod case;
mod row;
mod under;
mod request;
mod expect;
mod force;
mod check;

pub use case::{
    PolicyReference, StatementName, TestBlock, TestCase, TestExpect, TestPrincipal, TestRequest, TestScalar, TestValue,
    Under,
};
pub use check::{Test, check, sids};
pub use expect::{NamedPolicy, NamedStatements};
pub use force::{PolicyInForce, in_force};

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::limits::{FAULTS_MAX, LINTS_MAX};
use crate::source::Span;
use crate::syntax::ast::Text;
use crate::syntax::dsl::tree::{self, Entries, Entry, File, ItemKind, Pair, Requester, Table, TestLine, TestLineKind};
use row::{RULE, Reading, cell_text};

#[cfg(test)]
mod tests;

/// The tests of a file, in order, as far as they are understood, and what is wrong with them.
///
/// O(bytes of all texts over all rows), which is bounded.
pub fn read(file: &File<'_>) -> (Vec<TestBlock>, Vec<Diagnostic>) {
    let mut reading = Reading::new();
    let mut blocks = Vec::new();
    let mut names: HashMap<&str, Span> = HashMap::new();
    for item in file.items {
        let ItemKind::Test(test) = item.kind else { continue };
        if let Some(first) = names.insert(test.name.text, test.name.span) {
            let message = format!("two tests have the name `{}`", shown(test.name.text));
            let error = Diagnostic::new(Code::E_TEST, test.name.span, RULE, message).related(first, "first here");
            reading.diagnostics.push(error);
        }
        let is_inside = |fault: &Span| fault.start < test.body.end && test.body.start < fault.end;
        reading.is_faulty = file.faulty.iter().any(is_inside);
        blocks.push(block(&test, item.span, &mut reading));
    }
    // What is wrong with the text of a line is found again with each row.
    let mut seen = HashSet::new();
    let mut diagnostics = reading.diagnostics;
    diagnostics.retain(|found| seen.insert((found.span, found.message.clone())));
    diagnostics.sort_by_key(|found| found.span);
    bound(&mut diagnostics);
    (blocks, diagnostics)
}

/// Leaves as many errors and warnings as are told of one file.
fn bound(diagnostics: &mut Vec<Diagnostic>) {
    let (mut errors, mut warnings) = (0, 0);
    diagnostics.retain(|found| {
        let (count, max) = if found.is_error() { (&mut errors, FAULTS_MAX) } else { (&mut warnings, LINTS_MAX) };
        *count += 1;
        *count <= max
    });
}

fn block<'a>(test: &tree::Test<'a>, whole: Span, reading: &mut Reading<'a>) -> TestBlock {
    if test.name.text.is_empty() {
        reading.error(test.name.span, "a test without a name").expected = Some("what it is about".to_owned());
    }
    let under = under::read(test.under, reading);
    let lines = lines(test, reading);
    let mut cases = Vec::new();
    reading.open(&[]);
    match (&test.table, lines) {
        (_, None) => {}
        (None, Some(lines)) => cases.extend(case(test.name.text.to_owned(), test.name.span, &lines, reading)),
        (Some(table), Some(lines)) => rows(test, table, &lines, reading, &mut cases),
    }
    reading.open(&[]);
    TestBlock {
        name: test.name.text.to_owned(),
        span: test.name.span,
        whole,
        is_table: test.table.is_some(),
        under,
        cases,
    }
}

/// The lines of a test, each of which stands once.
struct Lines<'a> {
    requester: Requester<'a>,
    as_span: Span,
    action: Entry<'a>,
    do_span: Span,
    resources: Option<Entries<'a>>,
    account: Option<Entry<'a>>,
    context: &'a [Pair<'a>],
    outcome: Text<'a>,
    code: Option<Text<'a>>,
    by: Option<&'a [Text<'a>]>,
}

fn lines<'a>(test: &tree::Test<'a>, reading: &mut Reading<'a>) -> Option<Lines<'a>> {
    let mut found: [Option<TestLine<'a>>; 4] = [None; 4];
    for line in test.lines {
        let (at, name) = match line.kind {
            TestLineKind::As(_) => (0, "as"),
            TestLineKind::Do { .. } => (1, "do"),
            TestLineKind::With(_) => (2, "with"),
            TestLineKind::Expect { .. } => (3, "expect"),
        };
        if let Some(first) = found[at] {
            let error = Diagnostic::new(Code::E_TEST, line.span, RULE, format!("`{name}` stands twice in this test"));
            let help = match at {
                2 => "join them: `with aws:SourceIp = \"10.1.2.3\", aws:MultiFactorAuthPresent = true`",
                _ => "a test asks one question; write a second test, or a table",
            };
            reading.diagnostics.push(error.related(first.span, "first here").help(help));
        } else {
            found[at] = Some(*line);
        }
    }
    let wanted = [
        (0, "as", "who asks: `as arn:aws:iam::123456789012:user/ana`"),
        (1, "do", "what is asked: `do s3:GetObject on arn:aws:s3:::acme-home/ana/x`"),
        (3, "expect", "what must come out: `expect allow`"),
    ];
    for (at, name, expected) in wanted {
        if found[at].is_none() && !reading.is_faulty {
            let error = reading.error(test.name.span, format!("a test without `{name}`"));
            error.expected = Some(expected.to_owned());
        }
    }
    let [asks, does, with, expect] = found;
    let (asks, does, expect) = (asks?, does?, expect?);
    let TestLineKind::As(requester) = asks.kind else { return None };
    let TestLineKind::Do { action, resources, account } = does.kind else { return None };
    let TestLineKind::Expect { outcome, code, by } = expect.kind else { return None };
    let context = match with.map(|line| line.kind) {
        Some(TestLineKind::With(pairs)) => pairs,
        _ => &[],
    };
    let (as_span, do_span) = (asks.span, does.span);
    Some(Lines { requester, as_span, action, do_span, resources, account, context, outcome, code, by })
}

fn case<'a>(name: String, span: Span, lines: &Lines<'a>, reading: &mut Reading<'a>) -> Option<TestCase> {
    let checks = !expect::is_of_request(lines.outcome, lines.code);
    let principal = request::principal(&lines.requester, lines.as_span, checks, reading);
    let action = request::action(&lines.action, checks, reading);
    let resources = request::resources(lines.resources.as_ref(), lines.do_span, checks, reading);
    let account = lines.account.as_ref().map(|entry| request::account(entry, checks, reading));
    let context = request::context(lines.context, checks, reading);
    let expect = expect::read(lines.outcome, lines.code, lines.by, reading);
    let account = match account {
        Some(None) => return None,
        Some(account) => account,
        None => None,
    };
    let request = TestRequest { principal: principal?, action: action?, resources: resources?, account, context };
    Some(TestCase { name, span, request, expect: expect? })
}

fn rows<'a>(
    test: &tree::Test<'a>,
    table: &Table<'a>,
    lines: &Lines<'a>,
    reading: &mut Reading<'a>,
    cases: &mut Vec<TestCase>,
) {
    let before = reading.diagnostics.len();
    reading.open(table.parameters);
    for parameter in table.parameters {
        if parameter.text.contains([':', ',']) {
            let error = reading.error(parameter.span, format!("`{}` cannot be a parameter", shown(parameter.text)));
            error.help = Some("a name with a colon is that of a policy variable".to_owned());
        }
        if expect::is_word(parameter.text) {
            let error = reading.error(parameter.span, format!("`{}` cannot be a parameter", shown(parameter.text)));
            error.help = Some("behind `expect` the word means itself".to_owned());
        }
        let first = reading.column(parameter.text).map(|at| table.parameters[at].span);
        if let Some(first) = first.filter(|first| *first != parameter.span) {
            let message = format!("the parameter `{}` stands twice", shown(parameter.text));
            let error = Diagnostic::new(Code::E_TEST, parameter.span, RULE, message);
            reading.diagnostics.push(error.related(first, "first here"));
        }
    }
    let mut has_good_row = false;
    for (number, row) in (1..).zip(table.rows) {
        if row.cells.len() != table.parameters.len() {
            let error = reading.error(
                row.span,
                format!("a row of {} cell{}", row.cells.len(), if row.cells.len() == 1 { "" } else { "s" }),
            );
            let names: Vec<&str> = table.parameters.iter().map(|parameter| parameter.text).collect();
            error.expected = Some(format!("{}: {}", names.len(), names.join(", ")));
            continue;
        }
        if let Some(cell) = row.cells.iter().find(|cell| matches!(cell, Entry::Bare(bare) if !bare.groups.is_empty())) {
            reading.error(cell.span(), "a brace group in a cell").help = Some("write a row for each".to_owned());
            continue;
        }
        for cell in row.cells {
            if let Entry::Json(text) = cell {
                reading.json_kind(text.text, text.span);
            }
        }
        reading.cells = row.cells;
        has_good_row = true;
        let cells: Vec<&str> = row.cells.iter().map(|cell| cell_text(cell).text).collect();
        let name = format!("{} [{number}] ({})", test.name.text, cells.join(", "));
        cases.extend(case(name, row.span, lines, reading));
        if reading.bytes_left == 0 {
            return;
        }
    }
    let meant: HashSet<String> = reading.diagnostics[before..].iter().filter_map(|found| found.help.clone()).collect();
    let is_misspelt = |name: &str| meant.contains(&format!("did you mean `${{{name}}}`?"));
    for (parameter, used) in table.parameters.iter().zip(reading.used.clone()) {
        if used || !has_good_row || is_misspelt(parameter.text) {
            continue;
        }
        let message = format!("the parameter `{}` is not used", shown(parameter.text));
        let lint = Diagnostic::new(Code::L_UNUSED, parameter.span, RULE, message);
        let help = format!("write `${{{}}}` where it belongs, or leave the column out", parameter.text);
        reading.diagnostics.push(lint.help(help));
    }
}
