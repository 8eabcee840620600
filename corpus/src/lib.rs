//! Decision cases, the plain reference evaluator, and small worlds to compare evaluators on.
//!
//! ```text
//! reader -> case -> request --+
//!                `> policies -+-> reference (or the machine) -> answer -> expect
//! tree -> directory -^           in place of policies: an organization
//! world  -> case
//! set -> policies, questions -> request: the two halves of a case, each in files of its own
//! ```
//!
//! The reference is written straight from semantics.md, section 9.8, and shares no matching, no reading of policy values
//! and no order of evaluation with the compiler and the machine: where they differ, one of the two is wrong, or the text
//! is. Common to both are the JSON reader, the text of a request's numbers, and the checks of a policy's form.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod raw;
pub mod folder;
pub mod tree;
pub mod directory;
pub mod answer;
pub mod expect;
pub mod case;
pub mod request;
pub mod reference;
pub mod decide;
pub mod machine;
pub mod set;
pub mod reader;
pub mod questions;
pub mod world;
pub mod data;
pub mod organization;
