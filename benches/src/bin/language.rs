//! What reading the Dictum language costs: parsing, parsing and resolving, formatting, of one file on one core.
//!
//! ```sh
//! cargo run --release -p dictum-benches --bin language
//! ```

use std::process::ExitCode;

use bumpalo::Bump;
use dictum_benches::language::{lines, sources};
use dictum_benches::rounds::{grouped, least, median, print_table, time};
use dictum_compiler::format::{WIDTH, format};
use dictum_compiler::resolve_document;
use dictum_compiler::source::{Notation, SourceId};
use dictum_compiler::syntax::dsl;

const LINES: [usize; 3] = [1_000, 10_000, 100_000];
const ROUNDS: usize = 9;

fn main() -> ExitCode {
    let mut rows = Vec::new();
    for count in LINES {
        let text = lines(count);
        let sources = sources(&text);
        let document = sources.documents().next().expect("there is one");
        let Some(policy) = resolve_document(&sources, document).0 else {
            eprintln!("the file of {count} lines does not compile");
            return ExitCode::FAILURE;
        };
        let stages: [(&str, &dyn Fn()); 3] = [
            ("parse", &|| assert!(dsl::parse(text.as_bytes(), SourceId(0), &Bump::new()).1.is_empty())),
            ("parse and resolve", &|| assert!(resolve_document(&sources, document).0.is_some())),
            ("format", &|| assert!(format(Notation::Dictum, text.as_bytes(), SourceId(0), WIDTH).is_ok())),
        ];
        for (stage, run) in stages {
            let rounds: Vec<f64> = (0..ROUNDS).map(|_| time(1, |_| run()) / 1e6).collect();
            rows.push(vec![
                stage.to_owned(),
                grouped(text.lines().count()),
                grouped(policy.statements.len()),
                grouped(text.len()),
                format!("{:.1}", median(&rounds)),
                format!("{:.1}", least(&rounds)),
                format!("{:.1}", text.len() as f64 / 1e3 / median(&rounds)),
            ]);
        }
    }
    print_table(&["stage", "lines", "statements", "bytes", "median, ms", "least, ms", "MB/s"], &rows);
    ExitCode::SUCCESS
}
