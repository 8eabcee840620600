//! What is asked for: a resource, taken apart, and what the order of evaluation asks of an action.

use crate::error::RequestError;
use crate::limits::RESOURCE_BYTES_MAX;
use crate::principal::is_account;
use crate::scan::arn_fields;

/// What the order of evaluation asks of an action (EVL-6, EVL-41).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ActionTraits {
    pub is_kms: bool,
    pub is_assume: bool,
    pub is_retire_grant: bool,
}

impl ActionTraits {
    /// Those of an action's service and name.
    pub fn of(service: &str, name: &str) -> ActionTraits {
        let mut traits = ActionTraits::default();
        if service.len() == 3 {
            if service.eq_ignore_ascii_case("kms") {
                traits.is_kms = true;
                traits.is_retire_grant = name.eq_ignore_ascii_case("RetireGrant");
            } else if service.eq_ignore_ascii_case("sts") {
                const ASSUME: [&str; 6] = [
                    "AssumeRole",
                    "AssumeRoleWithSAML",
                    "AssumeRoleWithWebIdentity",
                    "TagSession",
                    "SetSourceIdentity",
                    "SetContext",
                ];
                traits.is_assume = ASSUME.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
            }
        }
        traits
    }
}

/// A requested resource, taken apart (RES-1, RES-9).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    pub text: &'a str,
    /// `None` for `*`.
    pub partition: Option<&'a str>,
    pub service: &'a str,
    /// The account field, if it is an account.
    pub account: Option<&'a str>,
    /// The sixth field.
    pub rest: &'a str,
}

impl<'a> Resource<'a> {
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if text.len() > RESOURCE_BYTES_MAX {
            return Err(RequestError::ResourceTooLong);
        }
        if text == "*" {
            return Ok(Resource { text, partition: None, service: "", account: None, rest: "" });
        }
        let [arn, partition, service, _, account, rest] = arn_fields(text).ok_or(RequestError::Resource)?;
        if arn != "arn" {
            return Err(RequestError::Resource);
        }
        let account = Some(account).filter(|account| is_account(account));
        Ok(Resource { text, partition: Some(partition), service, account, rest })
    }
}
