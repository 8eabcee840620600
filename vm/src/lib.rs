//! The decision machine of Dictum: loads a bundle, decides requests, explains decisions.
//!
//! ```
//! # fn run(bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! use dictum_vm::{Bundle, Machine, Principal, Value};
//!
//! let bundle = Bundle::from_bytes(bytes)?;         // reads and verifies
//! let mut machine = Machine::new(&bundle);         // one a thread: owns the scratch memory
//! let context = [("aws:ResourceTag/team", Value::from("blue"))];
//! let request = bundle
//!     .request()
//!     .principal(Principal::Arn("arn:aws:iam::123456789012:user/ana"))
//!     .action("connect:DescribeUser")
//!     .resource("arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1")
//!     .context(&context)
//!     .build()?;                                   // what is wrong with a request is refused here
//! let allowed = machine.decide(&request).is_allowed(); // never fails, never allocates
//! let reasons = machine.explain(&request);         // the same walk, written down
//! # assert_eq!(allowed, reasons.decision.is_allowed());
//! # Ok(())
//! # }
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod limits;
pub mod operator;
pub mod value;

pub mod hash;
mod scan;
pub mod words;
pub mod table;

pub mod op;
pub mod glob;
pub mod anchor;
pub mod decision;
pub mod context;
pub mod bundle;

pub mod error;
pub mod name;
pub mod principal;
mod lookup;
mod asked;
pub mod directory;
pub mod session;
mod derive;
pub mod request;

mod bind;
mod chain;
mod condition;
mod record;
pub mod tree;
mod gates;
pub mod verify;
mod text;
pub mod explain;
mod layers;
pub mod machine;
pub mod profile;
pub mod listing;

pub use bundle::{Bundle, BundleError, Notes, PolicyInfo, StatementInfo};
pub use context::{Context, ContextSource, KeyHandle, Value, ValueHandle};
pub use decision::{Decision, Effect, Layer, MatchKind, StatementId};
pub use error::RequestError;
pub use explain::{Considered, Element, Explanation, Failure};
pub use layers::LayerPolicies;
pub use machine::Machine;
pub use principal::Principal;
pub use profile::{AccountProfile, PrincipalProfile, ResourceProfile};
pub use request::{ActionHandle, PrincipalHandle, Request, RequestBuilder, ResourceHandle};
pub use session::{Session, SessionError, SessionFacts};
pub use value::number::Number;
