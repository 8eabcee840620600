//! `dictum lsp`: the language server, over standard input and output.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use dictum_catalogue::Catalogue;
use dictum_compiler::limits::DSL_FILE_BYTES_MAX;
use dictum_lsp::{Ended, Setup};

use crate::exit::{Exit, Failure, Fault};
use crate::input;

const HELP: &str = "\
Speaks the Language Server Protocol: an editor starts it, nobody types it. For `.dct` files and for JSON that is evidently
a policy or a set of policies.

Exit codes: 0 after `shutdown` and `exit`; 1 after `exit` alone, or where the input ends; 2 what is no protocol.";

/// Serve an editor: diagnostics, hover, completion, formatting
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Lsp {
    /// What there is to know of services, instead of the catalogue that is shipped
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Accepted because many editors pass it; there is no other way
    #[arg(long)]
    stdio: bool,
}

pub fn run(command: &Lsp) -> Result<Exit, Failure> {
    let read_catalogue = |path: &PathBuf| {
        let catalogue = Catalogue::from_bytes(&input::read(path)?);
        catalogue.map(Arc::new).map_err(|error| Failure::from(Fault::new("E-FILE", path, error)))
    };
    let catalogue = command.catalogue.as_ref().map(read_catalogue).transpose()?;
    let ended = dictum_lsp::serve(BufReader::new(io::stdin()), io::stdout(), Setup { disk: read, catalogue });
    match ended {
        Ok(Ended::Orderly) => Ok(Exit::Well),
        Ok(Ended::Abrupt) => Ok(Exit::Denied),
        Ok(Ended::Broken(fault)) => Err(Fault::new("E-PROTOCOL", Path::new("<stdin>"), fault).into()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::Closed),
        Err(error) => Err(Fault::io(Path::new("standard output"), &error).into()),
    }
}

/// The bytes of a regular file; at most one more than the compiler takes, which then says so.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: a pipe would be waited for.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
    }
    let mut text = Vec::new();
    File::open(path)?.take(DSL_FILE_BYTES_MAX as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
