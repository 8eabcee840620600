//! Parts of a policy in words.

pub mod words;
pub mod elements;
pub mod operator;
pub mod condition;
pub mod statement;
pub mod facts;
