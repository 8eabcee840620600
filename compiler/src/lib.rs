//! Compiles IAM policies into Dictum bundles.
//!
//! ```text
//! text -> syntax (JSON, tree) -> resolve -> policy -> ir -> opt -> index, automata -> codegen -> bundle
//! ```
//!
//! ```
//! use dictum_compiler::source::{PolicyType, Sources};
//! use dictum_compiler::{Options, compile};
//!
//! let mut sources = Sources::new();
//! let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
//! let file = sources.add_file("read.json", text);
//! sources.add(PolicyType::Identity, "Read", file, sources.whole(file));
//! let compiled = compile(&sources, &Options::default()).map_err(|errors| errors.render(&sources))?;
//! assert_eq!(compiled.report.statements, 1);
//! # Ok::<(), String>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod digest;
pub mod cache;
pub mod source;
pub mod diagnostic;
pub mod limits;
pub mod pattern;
mod plain;
pub mod policy;
pub mod syntax;
pub mod guess;
pub mod expand;
pub mod read;
pub mod resolve;
pub mod print;
pub mod size;
pub mod format;
pub mod mutate;
pub mod testing;
mod fast_hash;
pub mod ir;
pub mod progress;
mod warning;
pub mod directory;
pub mod opt;
pub mod options;
pub mod index;
pub mod automata;
pub mod codegen;
mod stored;
pub mod organization;
pub mod pipeline;
pub mod session;

pub use cache::{Cache, MemoryCache, NoCache};
pub use codegen::Report;
pub use diagnostic::Diagnostics;
pub use digest::Digest;
pub use guess::{guess_tree, guess_type};
pub use organization::Effort;
pub use pipeline::{Compiled, Options, compile, compile_directory, compile_organization};
pub use progress::{Progress, Reporter};
pub use resolve::{resolve_document, resolve_library, resolve_tree};
pub use session::{SessionFault, compile_session};
pub use size::size_lints;
pub use source::Sources;
