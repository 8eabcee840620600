//! Tests of files together with the policies and statements that they name.

use std::time::{Duration, Instant};

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Code, Diagnostic};
use dictum_compiler::expand::policies_of;
use dictum_compiler::limits::{LINTS_MAX, NAME_SEARCHES_MAX};
use dictum_compiler::read::Reader;
use dictum_compiler::source::Sources;
use dictum_compiler::testing;

/// What is wrong with the tests of the first of some files, as far as it is one.
fn found(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let mut sources = Sources::new();
    let ids: Vec<_> = files.iter().map(|(name, text)| sources.add_file(*name, *text)).collect();
    let arena = Bump::new();
    let mut reader = Reader::new(&sources, &arena);
    let own = policies_of(&sources, ids[0], "p", None);
    testing::check(ids[0], &own, &sources, &mut reader).1
}

const ASKS: &str = "as arn:aws:iam::123456789012:user/ana do s3:GetObject on *";

/// Policies of one name are not one for that: neither their numbers nor their Sids tell them apart.
#[test]
fn policies_of_one_name_are_told_apart_by_their_place() {
    let (one, other) = ("@Same allow s3:Get* on *", "@Same deny s3:Put* on *\n@Own deny s3:Delete* on *");
    let codes = |under: &str, by: &str| -> Vec<&str> {
        let text = format!("allow s3:List* on *\ntest \"t\" under {under} {{ {ASKS} expect allow by {by} }}");
        let files = [("p.dct", text.as_str()), ("a/cap.dct", one), ("b/cap.dct", other)];
        found(&files).iter().map(|found| found.code.name()).collect()
    };
    let two = "identity \"a/cap.dct\", boundary \"b/cap.dct\"";
    for by in ["Same", "cap@Same", "cap#0"] {
        assert_eq!(codes(two, by), ["E-TEST"], "{by}");
        assert_eq!(codes("identity \"a/cap.dct\", boundary \"a/cap.dct\"", by), [""; 0], "{by}");
    }
    assert_eq!(codes(two, "Own"), [""; 0]);
}

/// Every unknown name is told; for a near one all known ones are searched a few times only.
#[test]
fn many_unknown_statements_are_told_soon() {
    let statements: String = (0..2_000).map(|at| format!("@Statement{at} allow s3:Get{at} on *\n")).collect();
    let by: Vec<String> = (0..900).map(|at| format!("Statment{at}")).collect();
    let text = format!("{statements}test \"t\" {{ {ASKS} expect allow by {} }}", by.join(", "));
    let started = Instant::now();
    let found = found(&[("p.dct", &text)]);
    assert_eq!((found.len(), found.iter().filter(|it| it.help.is_some()).count()), (900, NAME_SEARCHES_MAX));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn warnings_of_tests_are_bounded() {
    let columns: Vec<String> = (0..LINTS_MAX + 5).map(|at| format!("c{at}")).collect();
    let columns = columns.join(", ");
    let test = format!("test \"t\" for ({columns}) in [ ({columns}) ] {{ {ASKS} expect allow }}\n");
    let found = found(&[("p.dct", &format!("allow s3:Get* on *\n{test}"))]);
    assert!(found.iter().all(|found| found.code == Code::L_UNUSED));
    assert_eq!(found.len(), LINTS_MAX);
}

/// A table costs what it holds, however many stand before it and however many columns it has.
#[test]
fn many_tables_are_read_soon() {
    let asks = "as anonymous do s3:Get on * expect allow";
    let tables: String = (0..20_000).map(|at| format!("test \"t{at}\" for (a) in [ (x) ] {{ {asks} }}\n")).collect();
    let columns: Vec<String> = (0..100_000).map(|at| format!("c{at}")).collect();
    let uses: Vec<String> = columns.iter().map(|name| format!("a:{name} = ${{{name}}}")).collect();
    let columns = columns.join(", ");
    let wide = format!(
        "test \"wide\" for ({columns}) in [ ({columns}) ] {{ as anonymous do s3:Get on * with {} expect allow }}",
        uses.join(", ")
    );
    let started = Instant::now();
    assert_eq!(found(&[("p.dct", &format!("allow s3:Get* on *\n{tables}"))]).len(), LINTS_MAX);
    assert_eq!(found(&[("p.dct", &format!("allow s3:Get* on *\n{wide}"))]), []);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
