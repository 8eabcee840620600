//! Inputs and instruments of the benches.
//!
//! ```text
//! corpus::data -> input (compiled, loaded, decisions checked) -> prepare (handles, strings) -> curve, criterion
//!     `> grow -'
//! ```
//!
//! Every input is named and sized, its decisions are compared with the expected ones before any time counts, and every
//! program here counts its allocations.

pub mod alloc;
pub mod grow;
pub mod input;
pub mod prepare;
pub mod floor;
pub mod rounds;
pub mod language;
pub mod organization;
