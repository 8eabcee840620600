//! Results as JUnit XML, which build servers read.
//!
//! The format has no standard; this writes the elements and attributes that Jenkins, GitLab and GitHub's readers share.

use std::fmt::Write;
use std::time::Duration;

/// The tests of one file.
pub struct Suite {
    pub file: String,
    pub time: Duration,
    pub cases: Vec<Case>,
}

/// One test.
pub struct Case {
    pub name: String,
    pub line: u64,
    pub time: Duration,
    pub outcome: Outcome,
}

/// What came of it.
pub enum Outcome {
    Passed,
    /// In one line, and in full.
    Failed(String, String),
    /// It differs as listed.
    Excepted,
    /// It is none, and why.
    Error(String),
}

/// The document.
pub fn document(suites: &[Suite]) -> String {
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    let time = suites.iter().map(|suite| suite.time).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"dictum test\" {}>", counts(all(), time));
    for suite in suites {
        let name = escaped(&suite.file);
        let counts = counts(suite.cases.iter(), suite.time);
        let _ = writeln!(out, "  <testsuite name=\"{name}\" file=\"{name}\" {counts}>");
        for case in &suite.cases {
            self::case(&name, case, &mut out);
        }
        out += "  </testsuite>\n";
    }
    out += "</testsuites>\n";
    out
}

fn case(file: &str, case: &Case, out: &mut String) {
    let (name, line, time) = (escaped(&case.name), case.line, seconds(case.time));
    let _ = write!(
        out,
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\" time=\"{time}\""
    );
    let _ = match &case.outcome {
        Outcome::Passed => writeln!(out, "/>"),
        Outcome::Excepted => writeln!(out, ">\n      <skipped message=\"differs as listed\"/>\n    </testcase>"),
        Outcome::Failed(message, text) => {
            let (message, text) = (escaped(message), escaped(text));
            writeln!(out, ">\n      <failure message=\"{message}\" type=\"decision\">{text}</failure>\n    </testcase>")
        }
        Outcome::Error(message) => {
            let message = escaped(message);
            writeln!(out, ">\n      <error message=\"{message}\" type=\"input\"/>\n    </testcase>")
        }
    };
}

fn counts<'c>(cases: impl Iterator<Item = &'c Case>, time: Duration) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        match case.outcome {
            Outcome::Passed => {}
            Outcome::Failed(..) => failures += 1,
            Outcome::Error(_) => errors += 1,
            Outcome::Excepted => skipped += 1,
        }
    }
    let time = seconds(time);
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time}\"")
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// A text as XML 1.0 has it, in an attribute or between tags: what no document may hold at all is shown as an escape.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out += "&#10;",
            '\t' => out += "&#9;",
            '\r' => out += "&#13;",
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", character as u32);
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_every_outcome() {
        let time = Duration::from_micros(1500);
        let case = |name: &str, outcome| Case { name: name.into(), line: 7, time, outcome };
        let cases = vec![
            case("good", Outcome::Passed),
            case(
                "<bad> & \"worse\"\u{1b}",
                Outcome::Failed("allow\nnot".into(), "expected ]]>\n\u{0}got\u{ffff}".into()),
            ),
            case("known", Outcome::Excepted),
            case("none", Outcome::Error("not JSON".into())),
        ];
        insta::assert_snapshot!(document(&[Suite { file: "a&b.dct".into(), time, cases }]));
    }
}
