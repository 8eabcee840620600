//! What a decision costs from ten statements to a million: one process, interleaved rounds, every answer checked.
//!
//! ```sh
//! cargo run --release -p dictum-benches --bin curve            # W1 to W4, W6, and W4 grown to 100,000 statements
//! cargo run --release -p dictum-benches --bin curve -- --million
//! ```

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use dictum_benches::floor::{self, Floor};
use dictum_benches::grow::grow;
use dictum_benches::input::{self, Input};
use dictum_benches::prepare::{FORMS, Form, Handles, Messages, Order, Prepared, Texts, handles};
use dictum_benches::rounds::{grouped, least, median, print_table, quantile, time};
use dictum_vm::Bundle;

const ROUNDS: usize = 15;
/// Decisions a round and column; a multiple of 64 and of 10,000.
const DECISIONS: usize = 40_000;
const USAGE: &str = "usage: curve [--million]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_million = match arguments.as_slice() {
        [] => false,
        [argument] if argument == "--million" => true,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(3);
        }
    };
    let inputs = inputs(with_million);
    let messages: Vec<Messages> = inputs.iter().map(Messages::of).collect();
    let texts: Vec<Vec<Texts<'_>>> =
        inputs.iter().zip(&messages).map(|(input, messages)| messages.texts(input)).collect();
    let handles: Vec<Vec<Handles<'_>>> =
        inputs.iter().zip(&texts).map(|(input, texts)| handles(input, texts)).collect();
    let parts = inputs.iter().zip(&texts).zip(&handles);
    let mut prepared: Vec<Prepared<'_>> =
        parts.map(|((input, texts), handles)| Prepared::new(input, texts, handles)).collect();
    if inputs.is_empty() {
        return ExitCode::SUCCESS;
    }
    for prepared in &mut prepared {
        prepared.check();
    }
    print_inputs(&inputs);
    print_allocations(&mut prepared);
    let rounds = measure(&inputs, &texts, &mut prepared);
    print_floors(&rounds);
    print_decisions(&inputs, &rounds);
    print_units(&inputs, &rounds);
    print_singles(&inputs, &rounds);
    print_loads(&inputs, &rounds);
    ExitCode::SUCCESS
}

/// Reads and compiles; empty, with a line that says so, where the data folder is not there.
fn inputs(with_million: bool) -> Vec<Input> {
    let Some(folder) = input::folder() else { return Vec::new() };
    let mut worlds: Vec<_> = ["W1", "W2", "W3", "W4"].map(|name| input::world(&folder, name)).into();
    let largest = worlds[3].clone();
    worlds.push(grow(&largest, "10^5", 10));
    if with_million {
        worlds.push(grow(&largest, "10^6", 100));
    }
    worlds.push(input::world(&folder, "W6"));
    worlds.into_iter().map(Input::new).collect()
}

/// What was measured, each list a value a round.
struct Rounds {
    /// The strings hashed, their bytes, and nanoseconds hot and streaming: of W1, then of W2 with its context.
    floors: Vec<(Floor, usize, [Vec<f64>; 2])>,
    /// Nanoseconds for each input and each of [`FORMS`].
    decisions: Vec<[Vec<f64>; 4]>,
    /// Nanoseconds of single decisions, clock subtracted, all rounds together; by input and form.
    singles: Vec<[Vec<f64>; 2]>,
    /// Nanoseconds to load all bundles of an input.
    loads: Vec<Vec<f64>>,
}

fn measure(inputs: &[Input], texts: &[Vec<Texts<'_>>], prepared: &mut [Prepared<'_>]) -> Rounds {
    let hashed: Vec<(Floor, Vec<Vec<&str>>)> = Floor::ALL
        .into_iter()
        .map(|floor| (floor, floor::strings(&texts[usize::from(floor != Floor::Question)], floor)))
        .collect();
    let mut rounds = Rounds {
        floors: hashed.iter().map(|(floor, texts)| (*floor, floor::mean_bytes(texts), Default::default())).collect(),
        decisions: vec![Default::default(); inputs.len()],
        singles: vec![Default::default(); inputs.len()],
        loads: vec![Vec::new(); inputs.len()],
    };
    for round in 0..ROUNDS {
        for ((_, texts), (.., figures)) in hashed.iter().zip(&mut rounds.floors) {
            for (order, figures) in [Order::Hot, Order::Streaming].into_iter().zip(figures) {
                let count = if order == Order::Hot { 64 } else { texts.len() };
                figures.push(time(DECISIONS, |at| _ = black_box(floor::hash_all(&texts[at % count]))));
            }
        }
        // The order rotates, so that nobody always comes behind the same neighbour.
        for at in 0..inputs.len() {
            let at = (at + round) % inputs.len();
            measure_input(&inputs[at], &mut prepared[at], round, at, &mut rounds);
        }
    }
    rounds
}

fn measure_input(input: &Input, prepared: &mut Prepared<'_>, round: usize, at: usize, rounds: &mut Rounds) {
    for column in 0..FORMS.len() {
        let column = (column + round) % FORMS.len();
        let (form, order) = FORMS[column];
        let decide = |at| _ = black_box(prepared.decide(form, prepared.number(order, at)));
        rounds.decisions[at][column].push(time_warm(decide));
    }
    for (form, figures) in [Form::Handles, Form::Strings].into_iter().zip(&mut rounds.singles[at]) {
        let clock = median(&(0..101).map(|_| single(|| ())).collect::<Vec<_>>());
        let each = |number| (single(|| _ = black_box(prepared.decide(form, number))) - clock).max(0.0);
        figures.extend((0..input.world.asked.len()).map(each));
    }
    let start = Instant::now();
    for bundle in &input.bundles {
        let loaded = Bundle::from_bytes(black_box(bundle.bytes()));
        assert!(black_box(loaded).is_ok());
    }
    rounds.loads[at].push(start.elapsed().as_nanos() as f64);
}

/// As [`time`], behind a short run that brings code and tables back into the caches.
fn time_warm(mut run: impl FnMut(usize)) -> f64 {
    time(1_024, &mut run);
    time(DECISIONS, run)
}

fn single(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64
}

fn print_inputs(inputs: &[Input]) {
    let rows = inputs.iter().map(|input| {
        let Input { world, statements, bundle_bytes, text_bytes, compile_time, bundles } = input;
        let seconds = compile_time.as_secs_f64();
        vec![
            world.name.clone(),
            grouped(*statements),
            grouped(bundles.len()),
            grouped(*text_bytes),
            grouped(*bundle_bytes),
            (bundle_bytes / statements).to_string(),
            format!("{:.1}", seconds * 1e3),
            grouped((*statements as f64 / seconds) as usize),
        ]
    });
    println!("\nInputs and compiling:\n");
    let head =
        ["world", "statements", "bundles", "text bytes", "bundle bytes", "B/statement", "compile ms", "statements/s"];
    print_table(&head, &rows.collect::<Vec<_>>());
}

fn print_allocations(prepared: &mut [Prepared<'_>]) {
    let count: u64 = prepared.iter_mut().map(Prepared::assert_no_allocations).sum();
    println!("\nallocations per decision: {count} (every request of every world, built from strings and from handles)");
}

fn print_floors(rounds: &Rounds) {
    let figure = |figures: &[f64]| format!("{:.1} ({:.1})", median(figures), least(figures));
    let rows = rounds.floors.iter().map(|(floor, bytes, [hot, streaming])| {
        vec![floor.name().to_owned(), bytes.to_string(), figure(hot), figure(streaming)]
    });
    println!("\nFloor, ns to hash a request's strings once, median of {ROUNDS} rounds (least):\n");
    print_table(&["strings", "bytes", "hot", "streaming"], &rows.collect::<Vec<_>>());
}

fn decision_rows(inputs: &[Input], rounds: &Rounds, figure: impl Fn(&[f64], Order) -> String) {
    let rows = inputs.iter().zip(&rounds.decisions).map(|(input, columns)| {
        let cells = columns.iter().zip(FORMS).map(|(figures, (_, order))| figure(figures, order));
        [input.world.name.clone(), grouped(input.statements)].into_iter().chain(cells).collect()
    });
    let columns = FORMS.map(|(form, order)| format!("{} {}", form.name(), order.name()));
    let head = ["world", "statements"].into_iter().chain(columns.iter().map(String::as_str));
    print_table(&head.collect::<Vec<_>>(), &rows.collect::<Vec<_>>());
}

fn print_decisions(inputs: &[Input], rounds: &Rounds) {
    println!("\nDecisions, ns, median of {ROUNDS} rounds (least):\n");
    decision_rows(inputs, rounds, |figures, _| format!("{:.0} ({:.0})", median(figures), least(figures)));
}

fn print_units(inputs: &[Input], rounds: &Rounds) {
    let (_, bytes, [hot, streaming]) = &rounds.floors[0];
    println!(
        "\nDecisions in units of hashing {bytes} bytes in the same order, median of the ratios within each round:\n"
    );
    decision_rows(inputs, rounds, |figures, order| {
        let units = if order == Order::Hot { hot } else { streaming };
        let ratios: Vec<f64> = figures.iter().zip(units).map(|(figure, unit)| figure / unit).collect();
        format!("{:.1}", median(&ratios))
    });
}

fn print_singles(inputs: &[Input], rounds: &Rounds) {
    let rows = inputs.iter().zip(&rounds.singles).map(|(input, forms)| {
        let cells = forms.iter().flat_map(|figures| {
            let (p50, p99) = (quantile(figures, 0.5), quantile(figures, 0.99));
            [format!("{p50:.0}"), format!("{p99:.0}"), format!("{:.1}", p99 / p50)]
        });
        [input.world.name.clone()].into_iter().chain(cells).collect()
    });
    println!("\nSingle decisions, streaming, ns, the clock's own time subtracted:\n");
    let head = ["world", "handles p50", "p99", "p99/p50", "strings p50", "p99", "p99/p50"];
    print_table(&head, &rows.collect::<Vec<_>>());
}

fn print_loads(inputs: &[Input], rounds: &Rounds) {
    let rows = inputs.iter().zip(&rounds.loads).map(|(input, figures)| {
        let middle = median(figures);
        vec![
            input.world.name.clone(),
            grouped(input.bundle_bytes),
            format!("{:.1} ({:.1})", middle / 1e3, least(figures) / 1e3),
            format!("{:.0}", input.bundle_bytes as f64 * 1e3 / middle),
        ]
    });
    println!("\nLoading and verifying, µs, median of {ROUNDS} rounds (least):\n");
    print_table(&["world", "bundle bytes", "load µs", "MB/s"], &rows.collect::<Vec<_>>());
}
