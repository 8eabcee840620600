//! Makes the compact catalogue: `make-catalogue catalogue.json.gz global-keys.json -o catalogue.bin`.

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;
use std::{env, fs};

use dictum_catalogue::{Catalogue, make, pack};
use flate2::read::GzDecoder;

const USAGE: &str = "usage: make-catalogue CATALOGUE.json[.gz] GLOBAL-KEYS.json -o FILE";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [services, globals, option, output] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(3);
    };
    if option != "-o" {
        eprintln!("{USAGE}");
        return ExitCode::from(3);
    }
    match run(services, globals, output) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("make-catalogue: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(services: &str, globals: &str, output: &str) -> Result<String, Box<dyn Error>> {
    let text = make(&contents(services)?, &contents(globals)?)?;
    let bytes = pack(&text);
    let catalogue = Catalogue::from_bytes(&bytes)?;
    let temporary = format!("{output}.new");
    fs::write(&temporary, &bytes).map_err(|error| format!("`{temporary}`: {error}"))?;
    fs::rename(&temporary, output).map_err(|error| format!("`{output}`: {error}"))?;
    Ok(format!("{catalogue:?}, {} bytes, {} packed", text.len(), bytes.len()))
}

/// A file, unpacked where its name says so.
fn contents(path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes = fs::read(path).map_err(|error| format!("`{path}`: {error}"))?;
    if !path.ends_with(".gz") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).map_err(|error| format!("`{path}`: {error}"))?;
    Ok(unpacked)
}
