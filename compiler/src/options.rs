//! What a caller chooses of a compilation.

use crate::opt::{PASSES, Pass};
use crate::progress::Reporter;

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The passes to run over the IR. Decisions are the same with any of them left out.
    pub passes: &'static [Pass],
    /// Told from time to time how far a long compilation has come.
    pub progress: Reporter,
}

impl Default for Options {
    fn default() -> Self {
        Options { passes: PASSES, progress: Reporter::default() }
    }
}
