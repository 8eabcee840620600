//! Organizations: sources -> entities (semantics.md 11).
//!
//! ```text
//! native tree, AWS exports -> model -> check -> what the IR takes
//! ```

pub mod model;
