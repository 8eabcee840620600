//! Compiles IAM policies into Dictum bundles.
//!
//! ```text
//! text -> syntax (JSON, tree) -> resolve -> policy
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod source;
pub mod diagnostic;
pub mod limits;
pub mod pattern;
pub mod policy;
pub mod syntax;
pub mod resolve;

pub use diagnostic::Diagnostics;
pub use resolve::{guess_type, resolve_document, size_lints};
pub use source::Sources;
