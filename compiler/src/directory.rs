//! Organizations: sources -> entities -> IR (semantics.md 11).
//!
//! ```text
//! native tree, AWS exports -> model -> check -> links -> lower -> IR
//! ```

pub mod model;
mod arn;
mod export;
pub mod native;
pub mod aws;
pub mod managed;
pub mod read;
pub mod vendor;
pub mod check;
pub mod lower;
