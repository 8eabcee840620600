//! How a command ends: exit codes, and what is said on standard error before.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use dictum_compiler::{Diagnostics, Sources};

/// Exit codes. The numbers are an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Allow, or all well.
    Well = 0,
    /// Deny of a single request, a failing test, findings.
    Denied = 1,
    /// Bad input: a file, policy, request or case that is none.
    BadInput = 2,
    /// A command line that is none.
    Usage = 3,
    /// A fault of this program.
    Internal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command ends before its end.
#[derive(Debug)]
pub enum Failure {
    /// Bad input.
    Input(Fault),
    /// Policies that are none: the diagnostics, and the sources that their places are in.
    Diagnosed(Box<(Diagnostics, Sources)>),
    /// A command line whose parts do not go together.
    Usage(clap::Error),
    /// Nobody reads standard output any more.
    Closed,
}

/// One fault of an input: its class, what is wrong, and where.
#[derive(Debug)]
pub struct Fault {
    code: String,
    message: String,
    file: String,
    line: Option<u64>,
}

impl Fault {
    /// A fault of a file as a whole. The classes are those of `codes`.
    pub fn new(code: impl Into<String>, file: &Path, message: impl fmt::Display) -> Fault {
        Fault { code: code.into(), message: message.to_string(), file: file.display().to_string(), line: None }
    }

    /// The fault of a line.
    pub fn at(self, line: u64) -> Fault {
        Fault { line: Some(line), ..self }
    }

    /// A file that cannot be read or written.
    pub fn io(file: &Path, error: &io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound => Fault::new("E-FILE", file, "there is no such file or folder"),
            io::ErrorKind::PermissionDenied => Fault::new("E-FILE", file, "it may not be opened: permission is denied"),
            _ => Fault::new("E-FILE", file, error),
        }
    }
}

impl Fault {
    /// Its class.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file, as it was named; empty where it is none.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line it is about, if it is one.
    pub fn line(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.message)?;
        match self.line {
            _ if self.file.is_empty() => Ok(()),
            Some(line) => write!(f, "\n --> {}:{line}", self.file),
            None => write!(f, "\n --> {}", self.file),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Input(fault)
    }
}

impl Failure {
    /// Policies that are none.
    pub fn diagnosed(errors: Diagnostics, sources: Sources) -> Failure {
        Failure::Diagnosed(Box::new((errors, sources)))
    }

    /// Says what there is to say, and gives the exit code.
    pub fn end(self) -> Exit {
        match self {
            Failure::Input(fault) => {
                say(&fault);
                Exit::BadInput
            }
            Failure::Diagnosed(found) => {
                say(&found.0.render(&found.1).trim_end());
                Exit::BadInput
            }
            Failure::Usage(error) => {
                // Help and version are no errors, and go to standard output.
                let _ = error.print();
                if error.use_stderr() { Exit::Usage } else { Exit::Well }
            }
            Failure::Closed => Exit::Well,
        }
    }
}

/// A count with its noun.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Writes a line to standard error; if that is closed, nobody is to be told.
pub fn say(text: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_class_and_place() {
        let fault = Fault::new("E-CASE", Path::new("a.jsonl"), "not JSON");
        assert_eq!(fault.to_string(), "error[E-CASE]: not JSON\n --> a.jsonl");
        assert_eq!(fault.at(7).to_string(), "error[E-CASE]: not JSON\n --> a.jsonl:7");
    }
}
