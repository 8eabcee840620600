//! What of an IAM policy means what it says, and may not be what was meant.
//!
//! ```text
//! sources -> resolve -> subjects -> the table of checks -> findings -> suppressions, baseline
//! ```
//!
//! A check is a row of a table: id, level, group, explanation, a policy that it fires on and one that it does not, and a
//! function. Reports, pages and documentation are made of the table. The compiler's own remarks and its errors are part of
//! the same report.
//!
//! ```
//! use dictum_compiler::source::{PolicyType, Sources};
//!
//! let mut sources = Sources::new();
//! let text = r#"{"Version": "2012-10-17", "Id": "x", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}"#;
//! let file = sources.add_file("read.json", text);
//! sources.add(PolicyType::Identity, "Read", file, sources.whole(file));
//! let findings = dictum_lint::lint(&sources, &dictum_lint::Options::default());
//! assert_eq!(findings[0].diagnostic.code.name(), "L-ID");
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod glob;
pub mod arn;
pub mod place;
pub mod known;
pub mod subject;
pub mod edit;
mod overlap;
pub mod check;
pub mod checks;
mod suppress;
mod run;
mod page;
pub mod config;
pub mod baseline;

pub use config::Config;
pub use page::page;
pub use run::{Finding, Options, StatementName, lint};
