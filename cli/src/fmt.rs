//! `dictum fmt`: policies in canonical form.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use dictum_compiler::diagnostic::{Code, Diagnostic};
use dictum_compiler::format::{self, format};
use dictum_compiler::source::{Notation, SourceId, Sources, Span};
use dictum_corpus::set;

use crate::codes;
use crate::exit::{Exit, Failure, Fault, say};
use crate::input::{self, NotationName};
use crate::output::{Out, replace};
use crate::report::{self, Format, Reporter};
use crate::walk::{self, Seen};

const HELP: &str = "\
Only white space changes, and the comma behind the last entry of a list goes: comments, spellings and every order stay. A
file that is named is taken for the Dictum language if its name ends in `.dct`, else for JSON. Of a folder, every `.dct`
file below it is formatted, and of its `.json` files those that hold a policy or a set of policies; the others are left
alone. A file is replaced as a whole, and only if it changes; one with errors of syntax stays as it is.

In the format `human` standard output has a line for each file that was changed, with --check that would be.

Exit codes: 2 any error; else 1 with --check if a file would change; else 0.

Examples:
  dictum fmt policies
  dictum fmt --check policies common.dct
  dictum fmt --stdin --from json < policy.json";

/// Ends of names that are formatted below a folder.
const ENDS: [&str; 2] = [".json", ".dct"];

/// Bring policies to canonical form, in place
#[derive(Args)]
#[command(after_help = format!("{HELP}\n\n{}", report::HELP))]
pub struct Fmt {
    /// Files, or folders of them
    #[arg(value_name = "PATH", required_unless_present = "stdin", conflicts_with = "stdin")]
    paths: Vec<PathBuf>,
    /// Write nothing; tell which files would change
    #[arg(long)]
    check: bool,
    /// Read standard input and write standard output, which stays empty if there is an error
    #[arg(long)]
    stdin: bool,
    /// What standard input is written in; without it, what begins with a brace or a bracket is JSON
    #[arg(long, value_name = "NOTATION", conflicts_with = "paths")]
    from: Option<NotationName>,
    /// Most characters of a line, as far as words allow; makes no difference to JSON
    #[arg(long, value_name = "N", default_value_t = format::WIDTH as u16, value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: u16,
    /// Tell also which files of a folder are left alone
    #[arg(long)]
    verbose: bool,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

pub fn run(command: &Fmt, out: &Out) -> Result<Exit, Failure> {
    let format = |reporter: &mut Reporter| {
        let mut run = Run { command, reporter, out, has_changes: false };
        if command.stdin {
            run.standard_input()?;
        }
        let mut seen = Seen::new(None);
        for path in &command.paths {
            run.path(path, &mut seen)?;
        }
        let has_changes = run.has_changes;
        Ok(match reporter.tally().exit(report::FailOn::Error) {
            Exit::Well if command.check && has_changes => Exit::Denied,
            exit => exit,
        })
    };
    match command.stdin {
        true => report::beside_text(command.format, format),
        false => report::with(command.format, out, format),
    }
}

struct Run<'r> {
    command: &'r Fmt,
    reporter: &'r mut Reporter,
    out: &'r Out,
    has_changes: bool,
}

impl Run<'_> {
    fn standard_input(&mut self) -> Result<(), Failure> {
        let name = Path::new("<stdin>");
        let mut text = Vec::new();
        if let Err(error) = io::stdin().read_to_end(&mut text) {
            return self.reporter.fault(&Fault::io(name, &error));
        }
        let notation = self.command.from.map_or_else(|| input::looks_like(&text), Notation::from);
        match self.formatted(name, text, notation)? {
            Some((sources, formatted)) if self.command.check => _ = self.compare(name, &sources, &formatted)?,
            Some((_, formatted)) => self.out.print(&formatted)?,
            None => {}
        }
        Ok(())
    }

    fn path(&mut self, path: &Path, seen: &mut Seen) -> Result<(), Failure> {
        if input::is_standard_input(path) {
            let message = "standard input has no place to write to: `dictum fmt --stdin` writes to standard output";
            return self.reporter.fault(&Fault::new("E-FILE", path, message));
        }
        match walk::files(path, &ENDS, seen) {
            Ok(files) if files.is_empty() && !std::mem::take(&mut seen.had_repeats) => {
                self.reporter.fault(&Fault::new("E-FILE", path, "no `.json` or `.dct` file is in it"))
            }
            Ok(files) => {
                let is_named = |file: &Path| file == path;
                files.iter().try_for_each(|file| self.file(file, is_named(file)))
            }
            Err((file, error)) => self.reporter.fault(&Fault::io(&file, &error)),
        }
    }

    fn file(&mut self, path: &Path, is_named: bool) -> Result<(), Failure> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) => return self.reporter.fault(&Fault::io(path, &error)),
        };
        let notation = Notation::of(&path.to_string_lossy());
        if notation == Notation::Json && !is_named && !set::may_be_policies(&text) {
            if self.command.verbose {
                say(&format!("{}: left alone, no policy", path.display()));
            }
            return Ok(());
        }
        let Some((sources, formatted)) = self.formatted(path, text, notation)? else { return Ok(()) };
        if !self.compare(path, &sources, &formatted)? || self.command.check {
            return Ok(());
        }
        match replace(path, formatted.as_bytes()) {
            Err(Failure::Input(fault)) => self.reporter.fault(&fault),
            ended => ended,
        }
    }

    /// The canonical form of a text, and the text as sources; `None` where it has none, which is reported.
    fn formatted(
        &mut self,
        name: &Path,
        text: Vec<u8>,
        notation: Notation,
    ) -> Result<Option<(Sources, String)>, Failure> {
        if text.len() as u64 > input::FILE_BYTES_MAX {
            self.reporter.fault(&Fault::new("E-FILE", name, "the file has more than 4 GiB"))?;
            return Ok(None);
        }
        let mut sources = Sources::new();
        let file = sources.add_file(name.display().to_string(), text);
        match format(notation, sources.file(file).text(), file, usize::from(self.command.width)) {
            Ok(formatted) => Ok(Some((sources, formatted))),
            Err(errors) => {
                self.reporter.diagnostics(&errors, &sources)?;
                Ok(None)
            }
        }
    }

    /// Whether a text is in another form, which is told.
    fn compare(&mut self, name: &Path, sources: &Sources, formatted: &str) -> Result<bool, Failure> {
        let text = sources.files[0].text();
        if text == formatted.as_bytes() {
            return Ok(false);
        }
        self.has_changes = true;
        if self.reporter.is_human() {
            self.out.line(&name.display().to_string())?;
        } else if self.command.check {
            let code = Code::new(&codes::UNFORMATTED);
            let finding = Diagnostic::new(code, first_change(text, formatted.as_bytes()), "", "not in canonical form");
            self.reporter.diagnostics(&[finding.help("run `dictum fmt`")], sources)?;
        }
        Ok(true)
    }
}

/// The first line that changes.
fn first_change(text: &[u8], formatted: &[u8]) -> Span {
    let same: usize = text
        .split_inclusive(|&byte| byte == b'\n')
        .zip(formatted.split_inclusive(|&byte| byte == b'\n'))
        .take_while(|(before, after)| before == after)
        .map(|(line, _)| line.len())
        .sum();
    let line = text[same..].iter().position(|&byte| byte == b'\n').unwrap_or(text.len() - same);
    Span { source: SourceId(0), start: same as u32, end: (same + line) as u32 }
}
