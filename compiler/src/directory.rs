//! Organizations: sources -> entities -> IR (semantics.md 11).
//!
//! ```text
//! native tree, AWS exports -> model -> check -> links -> lower -> IR
//! ```

pub mod model;
pub mod native;
pub mod vendor;
pub mod check;
pub mod lower;
