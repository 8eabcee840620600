//! Where results go: standard output, line by line, and files that are written whole or not at all.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, IsTerminal, Read, Stdout, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::ValueEnum;

use crate::exit::{Failure, Fault};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResultFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Standard output, buffered. Clones write to the same buffer.
#[derive(Clone)]
pub struct Out(Rc<RefCell<BufWriter<Stdout>>>);

impl Out {
    /// Standard output.
    pub fn new() -> Out {
        Out(Rc::new(RefCell::new(BufWriter::with_capacity(1 << 16, io::stdout()))))
    }

    /// Writes a text.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        self.0.borrow_mut().write_all(text.as_bytes()).map_err(closed)
    }

    /// Writes a text and a line end.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        let mut out = self.0.borrow_mut();
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(closed)
    }

    /// Hands on what is buffered.
    pub fn flush(&self) -> Result<(), Failure> {
        self.0.borrow_mut().flush().map_err(closed)
    }

    /// Begins anew under a heading: on an empty screen, where standard output is one.
    pub fn separate(&self, heading: &str) -> Result<(), Failure> {
        let clear = if io::stdout().is_terminal() { "\u{1b}[2J\u{1b}[H" } else { "\n" };
        self.print(clear)?;
        self.line(heading)
    }

    /// A reader that hands on what is buffered here before it waits for more input: a partner who waits for the answer
    /// to each line gets it, and whoever sends many lines at once pays for few writes.
    pub fn tie<R: Read>(&self, reader: R) -> impl Read + use<R> {
        Tied { reader, out: self.clone() }
    }
}

fn closed(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Fault::new("E-FILE", Path::new("standard output"), error).into(),
    }
}

struct Tied<R> {
    reader: R,
    out: Out,
}

impl<R: Read> Read for Tied<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A failure comes again with the next write, where it can be told.
        let _ = self.out.flush();
        self.reader.read(buffer)
    }
}

/// Writes a file whole or not at all: beside its place under another name, then renamed. What stood there before stays
/// until then, and leaves its permissions to what comes. Only plain files are replaced.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error: &io::Error| Failure::from(Fault::io(path, error));
    let permissions = match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(Fault::new("E-FILE", path, "is a directory").into()),
        Ok(there) if !there.is_file() => return Err(Fault::new("E-FILE", path, "is not a plain file").into()),
        Ok(there) => Some(there.permissions()),
        Err(_) => None,
    };
    let Some(temporary) = temporary(path) else {
        return Err(Fault::new("E-FILE", path, "is not the name of a file").into());
    };
    let written = write_synced(&temporary, bytes, permissions).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(fail(&error));
    }
    // The rename itself becomes durable with its folder, where the system knows how.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Writes a file in place of the one that is there, behind links if need be.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let target = path.canonicalize().map_err(|error| Fault::io(path, &error))?;
    let is_fixed = fs::metadata(&target).is_ok_and(|there| there.permissions().readonly());
    if is_fixed {
        return Err(Fault::new("E-FILE", path, "may not be written").into());
    }
    write_whole(&target, bytes)
}

fn temporary(path: &Path) -> Option<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name()?);
    name.push(format!(".{}.partial", std::process::id()));
    Some(path.with_file_name(name))
}

fn write_synced(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// A value as one line of JSON.
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain structs with text keys are JSON")
}
