//! Organizations: sources -> entities -> rows (semantics.md 11).
//!
//! ```text
//! native tree, AWS exports -> model -> check -> links -> layout
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
pub mod layout;
pub mod memo;
