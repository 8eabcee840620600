//! `dictum list`: the disassembly of a bundle.

use std::path::PathBuf;

use clap::Args;
use dictum_vm::listing::listing;

use crate::exit::{Exit, Failure};
use crate::input;
use crate::output::Out;

const HELP: &str = "\
Statements come in order, each with its layer, policy, Sid or index, place and instructions; then the nodes of the index,
with the statements filed at each. The same bytes give the same listing.

Exit codes: 0 listed; 2 not a bundle.

Example:
  dictum list set.dctb";

/// List what a bundle holds: statements, instructions, index
#[derive(Args)]
#[command(after_help = HELP)]
pub struct List {
    /// A bundle; `-` is standard input
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
}

pub fn run(command: &List, out: &Out) -> Result<Exit, Failure> {
    let bundle = input::bundle(&command.bundle)?;
    out.print(&listing(&bundle))?;
    Ok(Exit::Well)
}
