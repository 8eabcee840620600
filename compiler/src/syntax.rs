//! Text to tree: the front ends of JSON and of the Dictum language, and the tree that both are read into.

mod json_token;
pub mod json;
pub mod ast;
pub mod document;
pub mod dsl;
