//! What is measured: worlds, each compiled and loaded, by name and size.

use std::path::Path;
use std::time::{Duration, Instant};

use dictum_compiler::source::Sources;
use dictum_compiler::{Compiled, Options, compile};
use dictum_corpus::data::{self, World};
use dictum_vm::Bundle;

/// A world with the bundles that decide its requests.
pub struct Input {
    /// Policies and requests.
    pub world: World,
    /// A bundle for each set of policies, in the order of [`World::sets`].
    pub bundles: Vec<Bundle<Vec<u8>>>,
    /// Statements of all bundles together.
    pub statements: usize,
    /// Bytes of all bundles together.
    pub bundle_bytes: usize,
    /// Bytes of the policies that were compiled.
    pub text_bytes: usize,
    /// How long compiling took.
    pub compile_time: Duration,
}

impl Input {
    /// Compiles and loads a world.
    ///
    /// # Panics
    /// Where that fails: a bench measures what is known to work.
    pub fn new(world: World) -> Input {
        let mut input = Input {
            world,
            bundles: Vec::new(),
            statements: 0,
            bundle_bytes: 0,
            text_bytes: 0,
            compile_time: Duration::ZERO,
        };
        for set in &input.world.sets {
            let sources = input.world.sources(set);
            let start = Instant::now();
            let compiled = compiled(&sources);
            input.compile_time += start.elapsed();
            input.text_bytes += sources.files.iter().map(|file| file.text().len()).sum::<usize>();
            input.statements += compiled.report.statements;
            input.bundle_bytes += compiled.bundle.len();
            input.bundles.push(Bundle::from_bytes(compiled.bundle).expect("the compiler's bundles load"));
        }
        input
    }

    /// Name, statements, bytes and request mix, as a line.
    pub fn title(&self) -> String {
        let Input { world, statements, bundle_bytes, bundles, .. } = self;
        let (name, requests, bundles) = (&world.name, world.asked.len(), bundles.len());
        let share = |wanted| {
            let count = world.asked.iter().filter(|asked| asked.expected.name() == wanted).count();
            count * 100 / requests
        };
        let (allow, deny) = (share("allow"), share("explicit_deny"));
        format!(
            "{name}: {statements} statements in {bundles} bundles of {bundle_bytes} bytes; \
             {requests} requests, {allow} % allowed, {deny} % denied explicitly"
        )
    }
}

/// Compiles what must compile.
///
/// # Panics
/// Where it does not.
pub fn compiled(sources: &Sources) -> Compiled {
    compile(sources, &Options::default()).unwrap_or_else(|errors| panic!("{}", errors.render(sources)))
}

/// The data folder, or a line that says what is left out.
pub fn folder() -> Option<std::path::PathBuf> {
    let folder = data::folder();
    if folder.is_none() {
        println!("skipped: the data folder is not there; {} names its place", data::FOLDER_VARIABLE);
    }
    folder
}

/// Whether a bench runs under `cargo test`, which is to show that it still works, and quickly; `cargo bench` says so.
pub fn is_test() -> bool {
    !std::env::args().any(|argument| argument == "--bench")
}

/// A world by its name.
///
/// # Panics
/// Where it cannot be read.
pub fn world(folder: &Path, name: &str) -> World {
    World::read(folder, name).unwrap_or_else(|error| panic!("{name}: {error}"))
}
