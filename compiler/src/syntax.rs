//! Text to tree: the JSON front end, and the tree that every notation of a policy is read into.

mod json_token;
pub mod json;
pub mod ast;
pub mod document;
