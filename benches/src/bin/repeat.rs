//! Decides the requests of one world over and over, for profilers.
//!
//! ```sh
//! CARGO_PROFILE_RELEASE_DEBUG=true cargo build --release -p dictum-benches --bin repeat
//! valgrind --tool=callgrind --toggle-collect='repeat::decisions*' target/release/repeat W2 strings streaming 20000
//! ```

use std::hint::black_box;
use std::process::ExitCode;

use dictum_benches::input::{self, Input};
use dictum_benches::prepare::{FORMS, Form, Messages, Order, Prepared, handles};
use dictum_benches::rounds::time;

const USAGE: &str = "usage: repeat WORLD handles|strings hot|streaming COUNT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, form, order, count] = arguments.as_slice() else { return usage() };
    let Some((form, order)) = FORMS.into_iter().find(|(f, o)| f.name() == form && o.name() == order) else {
        return usage();
    };
    let Ok(count) = count.parse() else { return usage() };
    let Some(folder) = input::folder() else { return ExitCode::SUCCESS };
    let input = Input::new(input::world(&folder, world));
    let messages = Messages::of(&input);
    let texts = messages.texts(&input);
    let handles = handles(&input, &texts);
    let mut prepared = Prepared::new(&input, &texts, &handles);
    let nanoseconds = decisions(&mut prepared, form, order, count);
    println!("{}\n{nanoseconds:.0} ns a decision", input.title());
    ExitCode::SUCCESS
}

/// Not inlined, so that a profiler finds it by name.
#[inline(never)]
fn decisions(prepared: &mut Prepared<'_>, form: Form, order: Order, count: usize) -> f64 {
    time(count, |at| _ = black_box(prepared.decide(form, prepared.number(order, at))))
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(3)
}
