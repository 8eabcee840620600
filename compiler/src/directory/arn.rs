//! ARNs of entities: the parts that say what they are of.

/// An ARN's parts; all but the resource without colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'t> {
    pub(super) partition: &'t str,
    pub(super) service: &'t str,
    /// 12 digits, `aws` for what the vendor owns, or nothing.
    pub(super) account: &'t str,
    /// All behind the fifth colon.
    pub(super) resource: &'t str,
}

/// The parts of an ARN; `None` where there are not six of them, or it has another first one.
pub(super) fn parse(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let mut part = || parts.next();
    let (Some("arn"), partition, service, _, account, resource) = (part(), part()?, part()?, part()?, part()?, part()?)
    else {
        return None;
    };
    Some(Arn { partition, service, account, resource })
}

impl<'t> Arn<'t> {
    /// Whether it names a managed policy of the vendor.
    pub(super) fn is_vendor_policy(&self) -> bool {
        self.service == "iam" && self.account == "aws" && self.resource.starts_with("policy/")
    }

    /// What stands behind the last slash.
    pub(super) fn name(&self) -> &'t str {
        self.resource.rsplit('/').next().unwrap_or_default()
    }
}

/// Whether a text is an account number: 12 digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_owners() {
        let arn = parse("arn:aws-cn:iam::aws:policy/job-function/Billing").unwrap();
        assert_eq!((arn.partition, arn.account, arn.name()), ("aws-cn", "aws", "Billing"));
        assert!(arn.is_vendor_policy());
        assert!(!parse("arn:aws:iam::111122223333:policy/Billing").unwrap().is_vendor_policy());
        assert_eq!(parse("arn:aws:sns:eu-west-1:111122223333:a:b").unwrap().resource, "a:b");
        assert_eq!(parse("arn:aws:s3:::b").unwrap().account, "");
        for text in ["", "arn", "arn:aws:iam::aws", "urn:aws:iam::aws:policy/x"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(is_account("111122223333"));
        assert!(!is_account("11112222333x") && !is_account("1"));
    }
}
