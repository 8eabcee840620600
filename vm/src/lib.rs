//! The decision machine of Dictum: loads a bundle, decides requests, explains decisions.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod limits;
pub mod operator;
pub mod value;

pub use value::number::Number;
