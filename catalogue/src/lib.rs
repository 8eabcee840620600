//! The service catalogue: what the services of AWS call their actions, resource types and condition keys.
//!
//! ```text
//! catalogue.json.gz, global-keys.json -> make -> compact text -> pack -> catalogue.bin -> read -> Catalogue
//! ```
//!
//! Facts for linters and editors. No decision depends on it: catalogues age (ACT-7). Names compare without regard to ASCII
//! letter case, as IAM does.
//!
//! ```
//! use dictum_catalogue::{Access, Catalogue};
//!
//! let catalogue = Catalogue::builtin();
//! let action = catalogue.action("S3:getobject").unwrap();
//! assert_eq!(action.to_string(), "s3:GetObject");
//! assert_eq!(action.access(), Access::Read);
//! assert!(catalogue.key("aws:ResourceTag/team").is_some());
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod error;
mod fold;
mod arn;
mod vocabulary;
mod table;
mod read;
mod pack;
mod make;
mod key;
mod resource;
mod action;
mod service;
mod catalogue;

pub use action::{Action, Grant};
pub use arn::meets;
pub use catalogue::Catalogue;
pub use error::CatalogueError;
pub use fold::matches;
pub use key::{Global, Key};
pub use make::make;
pub use pack::{pack, unpack};
pub use resource::ResourceType;
pub use service::Service;
pub use vocabulary::{Access, Group, KeyType};
