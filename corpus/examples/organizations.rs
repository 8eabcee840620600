//! Decides the requests of managed-50k and W6 in bundle mode, compares each decision with the one that is due, and says
//! how many a second the machine decides.
//!
//! ```sh
//! cargo run --release -p dictum-corpus --example organizations
//! ```

use std::process::ExitCode;
use std::time::Instant;

use dictum_compiler::{Options, compile_directory};
use dictum_corpus::data::{self, World};
use dictum_corpus::machine::{Borrowed, load};
use dictum_corpus::organization::{self, Built};
use dictum_vm::Machine;

/// Rounds over all requests, of which the quickest counts.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let Some(folder) = data::folder() else {
        println!("skipped: {} names no folder of data, and none lies beside the repository", data::FOLDER_VARIABLE);
        return ExitCode::SUCCESS;
    };
    let read = |built: std::io::Result<Built>, world: std::io::Result<World>| Ok((built?, world?));
    let all: [std::io::Result<(Built, World)>; 2] = [
        read(organization::of_managed_trace(&folder), World::read_managed_trace(&folder)),
        read(organization::of_world(&folder, "W6"), World::read(&folder, "W6")),
    ];
    let mut is_good = true;
    for one in all {
        match one {
            Ok((built, world)) => is_good &= run(built, &world),
            Err(error) => {
                eprintln!("{}: {error}", folder.display());
                return ExitCode::FAILURE;
            }
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether every decision is the one that is due.
fn run(mut built: Built, world: &World) -> bool {
    let start = Instant::now();
    let compiled = match compile_directory(&mut built.sources, &mut built.directory, &Options::default()) {
        Ok(compiled) => compiled,
        Err(errors) => {
            eprintln!("{}: {}", world.name, errors.render(&built.sources));
            return false;
        }
    };
    let compile = start.elapsed();
    let bytes = compiled.bundle.len();
    let start = Instant::now();
    let bundle = load(compiled.bundle);
    println!(
        "{}: {} policies, {} statements, {bytes} bytes, compiled in {compile:.1?}, loaded in {:.1?}",
        world.name,
        compiled.report.policies,
        compiled.report.statements,
        start.elapsed()
    );
    let borrowed: Vec<_> = world.asked.iter().map(|asked| Borrowed::new(&asked.request)).collect();
    let contexts: Vec<_> = borrowed.iter().map(Borrowed::context).collect();
    let mut machine = Machine::new(&bundle);
    let (mut wrong, mut refused) = (0, 0);
    for ((asked, borrowed), context) in world.asked.iter().zip(&borrowed).zip(&contexts) {
        match borrowed.build(&bundle, context, None) {
            Ok(request) => {
                let decision = machine.decide(&request);
                if dictum_corpus::answer::Decision::from(decision) != asked.expected {
                    wrong += 1;
                    if wrong <= 3 {
                        println!("  {decision} and not {}: {:?}", asked.expected.name(), asked.request);
                    }
                }
            }
            Err(error) => {
                refused += 1;
                if refused <= 3 {
                    println!("  {error} ({}): {:?}", error.rule(), asked.request);
                }
            }
        }
    }
    let total = world.asked.len();
    println!("  {} of {total} as due, {wrong} otherwise, {refused} refused", total - wrong - refused);
    if refused > 0 {
        return false;
    }
    let build = |i: usize| borrowed[i].build(&bundle, &contexts[i], None).expect("it was built before");
    let requests: Vec<_> = (0..total).map(build).collect();
    let mut best = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        requests.iter().for_each(|request| _ = std::hint::black_box(machine.decide(request)));
        best[0] = best[0].min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        (0..total).for_each(|i| _ = std::hint::black_box(machine.decide(&build(i))));
        best[1] = best[1].min(start.elapsed().as_secs_f64());
    }
    let [decided, built] = best.map(|seconds| total as f64 / seconds);
    println!("  {decided:.0} decisions a second of requests that stand ready, {built:.0} from strings");
    wrong == 0
}
