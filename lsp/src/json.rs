//! JSON texts as they are while somebody types: tokens, a tree, and where the cursor is.

pub mod token;
pub mod tree;
pub mod policies;
pub mod spot;
