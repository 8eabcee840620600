//! A language server for IAM policies, in JSON and in the Dictum language.
//!
//! ```text
//! messages -> server -> page (text, sources, diagnostics) -> report, hover, completion, … -> messages
//! ```
//!
//! All but `server` are functions from a text to an answer.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod place;
pub mod uri;
pub mod json;
pub mod page;
pub mod report;
pub mod outline;
pub mod explain;
pub mod dsl;
pub mod hover;
pub mod complete;
pub mod fixes;
pub mod navigate;
pub mod reformat;
pub mod server;

pub use server::{Ended, Setup, serve};
