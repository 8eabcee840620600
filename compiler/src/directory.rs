//! Organizations: sources -> entities (semantics.md 11).
//!
//! ```text
//! native tree, AWS exports -> model -> check -> what the IR takes
//! ```

pub mod model;
pub mod vendor;
pub mod check;
pub mod lower;
