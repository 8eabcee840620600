//! Exports as the AWS CLI prints them -> entities.
//!
//! ```text
//! get-account-authorization-details     -> account       users, groups, roles, managed policies
//! describe-organization, list-roots, …  -> organization  tree, guardrails and where they are attached
//! ARN -> resource policy                -> resource      resources
//! ```
//!
//! Nothing here reads a disk: the caller has put the files into [`Sources`](crate::source::Sources). Names stay as the
//! vendor has them; whether entities fit together is asked in `check`.

mod owner;
mod entity;
mod account;
mod organization;
mod resource;

pub use account::account;
pub use organization::organization;
pub use resource::resource_policies;

use crate::source::PolicyType;

use super::export::{Mark, outline};

/// What a JSON file holds, by its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Account authorization details: what [`account`] reads.
    Export,
    /// Policies by their type.
    PolicySet,
    /// Resource policies by ARN: what [`resource_policies`] reads.
    ResourceMap,
    /// Anything else, a single policy among it.
    Other,
}

/// What a JSON file holds. Of a text that is cut off or no JSON, as far as its members tell, so that whoever reads it as
/// that kind can say what is wrong. O(bytes), but for an export mostly the first few.
pub fn kind(text: &[u8]) -> Kind {
    let (mut depth, mut in_policies, mut resources, mut others) = (0_i64, false, 0, 0);
    for mark in outline(text) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth -= 1,
            Mark::Name(range) => match (depth, std::str::from_utf8(&text[range]).unwrap_or_default()) {
                (1, "UserDetailList" | "GroupDetailList" | "RoleDetailList") => return Kind::Export,
                (3, "PolicyVersionList") if in_policies => return Kind::Export,
                (1, name) if PolicyType::from_name(name).is_some() => return Kind::PolicySet,
                (1, name) => {
                    in_policies = name == "Policies";
                    *(if name.starts_with("arn:") { &mut resources } else { &mut others }) += 1;
                }
                _ => {}
            },
            Mark::Text(_) | Mark::Unclosed => {}
        }
    }
    if resources > 0 && others == 0 { Kind::ResourceMap } else { Kind::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_members() {
        for (text, expected) in [
            (r#"{"UserDetailList": [], "Policies": []}"#, Kind::Export),
            (r#"{"IsTruncated": false, "RoleDetailList": [{"#, Kind::Export),
            (r#"{"Policies": [{"PolicyName": "x", "PolicyVersionList": []}]}"#, Kind::Export),
            (r#"{"Policies": [{"PolicyName": "x"}], "X": [{"PolicyVersionList": 1}]}"#, Kind::Other),
            (r#"{"identity": [], "note": 1}"#, Kind::PolicySet),
            (r#"{"arn:aws:s3:::b": {"Statement": [], "identity": 1}}"#, Kind::ResourceMap),
            (r#"{"arn:aws:s3:::b": {}, "Version": "2012-10-17"}"#, Kind::Other),
            (r#"{"Version": "2012-10-17", "Statement": []}"#, Kind::Other),
            ("[{\"UserDetailList\": 1}]", Kind::Other),
            ("{}", Kind::Other),
            ("", Kind::Other),
            ("]]]{\"identity\": \"\\", Kind::Other),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
    }
}
