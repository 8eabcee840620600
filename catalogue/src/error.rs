//! Why bytes are no catalogue.

use std::fmt;

/// Why bytes are no catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogueError {
    /// Neither the compact form nor one of its sources.
    Unknown,
    /// The compressed bytes are broken.
    Packed,
    /// More than [`CatalogueError::LIMIT`] bytes when unpacked.
    Large,
    /// What was unpacked is not UTF-8.
    Encoding,
    /// Another version of the compact form than this library reads.
    Version,
    /// A line of the compact form that is wrong, counted from 1.
    Line {
        /// Which.
        line: u32,
        /// What it should be.
        expected: &'static str,
    },
    /// A source that is not the JSON that is expected.
    Source {
        /// Which of the sources.
        name: &'static str,
        /// What the JSON reader says.
        message: String,
    },
    /// A source says something that does not hold together.
    Fact {
        /// What it is about.
        subject: String,
        /// What should be.
        expected: &'static str,
    },
}

impl CatalogueError {
    /// Bytes that a catalogue may have when unpacked: eight times as many as the one that is built in.
    pub const LIMIT: u64 = 8 << 20;
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CatalogueError::Unknown => write!(f, "neither a compact catalogue nor a `catalogue.json`"),
            CatalogueError::Packed => write!(f, "the compressed catalogue is broken"),
            CatalogueError::Large => write!(f, "the catalogue has more than {} bytes", CatalogueError::LIMIT),
            CatalogueError::Encoding => write!(f, "the catalogue is not UTF-8"),
            CatalogueError::Version => write!(f, "a catalogue of another version than this tool reads"),
            CatalogueError::Line { line, expected } => {
                write!(f, "line {line} of the catalogue is wrong; expected {expected}")
            }
            CatalogueError::Source { name, message } => write!(f, "`{name}` cannot be read: {message}"),
            CatalogueError::Fact { subject, expected } => write!(f, "`{subject}`: expected {expected}"),
        }
    }
}

impl std::error::Error for CatalogueError {}
