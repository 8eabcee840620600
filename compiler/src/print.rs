//! Tree to text: a policy as the Dictum language writes it (dsl.md), and as JSON.
//!
//! Both are written in one of two shapes. The normal form of dsl.md says what a document means in the fewest ways; the exact
//! one keeps also what makes no difference, so that the same JSON value comes back with its members in their order. dsl.md
//! leaves two exact forms open, which are settled here: an operator without keys is the clause `StringEquals {}`, and members
//! in another order than the default one are listed before their statement as `@json("Action", "Effect", "Resource")`, those
//! of the policy as `order="Statement, Version"`.
//!
//! Only the tree of a document without errors has such a text. Of any other, what is missing or wrong may be impossible to
//! say, and then the functions here give `None`; they never leave something out.

pub mod layout;
pub mod spelling;
mod group;
mod condition;
mod statement;
mod policy;
mod json;

pub use json::{Spacing, json};
pub use policy::{dsl, dsl_in_block};

/// How much of a document's shape its text keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The normal form of dsl.md: what makes no difference is written one way.
    Normal,
    /// All of it: the JSON value and the order of its members come back.
    Exact,
}

/// Prints in one shape.
struct Printer {
    shape: Shape,
}

impl Printer {
    fn is_exact(&self) -> bool {
        self.shape == Shape::Exact
    }
}
