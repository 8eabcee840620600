//! `dictum lsp`: the language server, over standard input and output.

use std::fs;
use std::io::{self, BufReader};
use std::path::Path;

use clap::Args;
use dictum_lsp::Ended;

use crate::exit::{Exit, Failure, Fault};

const HELP: &str = "\
Speaks the Language Server Protocol: an editor starts it, nobody types it. For `.dct` files and for JSON that is evidently
a policy or a set of policies.

Exit codes: 0 after `shutdown` and `exit`; 1 after `exit` alone, or where the input ends; 2 what is no protocol.";

/// Serve an editor: diagnostics, hover, completion, formatting
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Lsp {
    /// Accepted because many editors pass it; there is no other way
    #[arg(long)]
    stdio: bool,
}

pub fn run(_command: &Lsp) -> Result<Exit, Failure> {
    let ended = dictum_lsp::serve(BufReader::new(io::stdin()), io::stdout(), |path| fs::read(path));
    match ended {
        Ok(Ended::Orderly) => Ok(Exit::Well),
        Ok(Ended::Abrupt) => Ok(Exit::Denied),
        Ok(Ended::Broken(fault)) => Err(Fault::new("E-PROTOCOL", Path::new("<stdin>"), fault).into()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::Closed),
        Err(error) => Err(Fault::io(Path::new("standard output"), &error).into()),
    }
}
