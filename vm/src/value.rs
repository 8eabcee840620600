//! Readers of condition values: numbers, dates, addresses, base64, letter case.
//!
//! Every reader here works on text of a request as well as of a policy. None allocates (but [`case::to_lower`], which is
//! the compiler's) and none panics; each takes time linear in its text.
pub mod base64;
pub mod case;
pub mod date;
pub mod decimal;
pub mod ip;
pub mod number;
