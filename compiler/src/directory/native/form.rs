//! What names, ids and paths look like (IAM User Guide, "IAM identifiers" and "IAM and AWS STS quotas").

/// The form of a text of one kind.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// The kind, as in ``is no {what}``.
    pub(super) what: &'static str,
    /// The form in words.
    pub(super) expected: &'static str,
    /// Whether a text has it.
    pub(super) holds: fn(&str) -> bool,
}

const NAME_64: &str = "1 to 64 letters, digits and `+=,.@_-`";
const NAME_128: &str = "1 to 128 letters, digits and `+=,.@_-`";

macro_rules! forms {
    ($($(#[$doc:meta])* $constant:ident $what:literal $expected:expr, $holds:expr;)*) => {
        $($(#[$doc])* pub(super) const $constant: Form = Form { what: $what, expected: $expected, holds: $holds };)*
    };
}

forms! {
    USER "name of a user" NAME_64, |text| is_name(text, 64);
    GROUP "name of a group" NAME_128, |text| is_name(text, 128);
    ROLE "name of a role" NAME_64, |text| is_name(text, 64);
    POLICY "name of a policy" NAME_128, |text| is_name(text, 128);
    PROFILE "name of an instance profile" NAME_128, |text| is_name(text, 128);
    PROVIDER "name of a SAML provider" "1 to 128 letters, digits and `._-`",
        |text| is_name(text, 128) && !text.contains(['+', '=', ',', '@']);
    /// The issuer's address without its scheme, as it stands in the provider's ARN.
    ISSUER "issuer of an OIDC provider" "host and path without `https://`, such as `token.actions.githubusercontent.com`",
        |text| is_within(text, 1, 255) && is_visible(text) && !text.contains("://") && !text.contains(['*', '?'])
            && !text.starts_with('/') && !text.ends_with('/');
    /// Names in Organizations may be any text.
    GUARDRAIL "name of a guardrail" "1 to 128 characters", |text| is_within(text, 1, 128);
    /// Of accounts and units; for people only.
    TITLE "name" "1 to 128 characters", |text| is_within(text, 1, 128);
    ATTACHED "managed policy" "the name of a policy of this account, or an ARN",
        |text| if text.starts_with("arn:") { text.split(':').count() >= 6 } else { is_name(text, 128) };
    PATH "path" "`/`, or a text that begins and ends with `/`, without blanks, of at most 512 characters",
        |text| is_within(text, 1, 512) && is_visible(text) && text.starts_with('/') && text.ends_with('/');
    UNIQUE_ID "unique id" "16 to 128 upper-case letters and digits, such as `AIDACKCEVSQ6C2EXAMPLE`",
        |text| is_within(text, 16, 128) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    ACCOUNT "number of an account" "12 digits",
        |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    PARTITION "partition" "`aws`, or one such as `aws-cn`",
        |text| text == "aws" || text.strip_prefix("aws-").is_some_and(is_id);
    CANONICAL_USER "canonical user id" "lower-case letters and digits, 64 of them as a rule",
        |text| is_within(text, 1, 128) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    ORGANIZATION "id of an organization" "`o-` and lower-case letters and digits",
        |text| text.strip_prefix("o-").is_some_and(is_id);
    NODE "id of a root or unit" "`r-` or `ou-`, and lower-case letters, digits and `-`",
        |text| text.strip_prefix("r-").or(text.strip_prefix("ou-")).is_some_and(is_id);
    TAG_KEY "key of a tag" "1 to 128 characters", |text| is_within(text, 1, 128);
    TAG_VALUE "value of a tag" "at most 256 characters", |text| is_within(text, 0, 256);
    /// Of a file with the policy of a resource.
    FILE "name of a policy" "the name of a file in `resources/`, without its end", |text| !text.is_empty();
}

fn is_within(text: &str, least: usize, most: usize) -> bool {
    // A character has at most four bytes, so that a text of megabytes is not counted.
    text.len() <= most * 4 && (least..=most).contains(&text.chars().count())
}

fn is_name(text: &str, most: usize) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    (1..=most).contains(&text.len()) && text.bytes().all(is_good)
}

fn is_id(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_good)
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_hold_of_what_the_service_takes() {
        let long = |count| "x".repeat(count);
        for (form, good, bad) in [
            (USER, &["ana", "a+=,.@_-9", &long(64)][..], &["", "a b", "a/b", "é", &long(65)][..]),
            (GROUP, &[&long(128)], &[&long(129), "g:h"]),
            (ROLE, &["AWSReservedSSO_Admin_0123456789abcdef"], &[&long(65)]),
            (POLICY, &["ReadQueues"], &["Read*"]),
            (PROFILE, &["web"], &[""]),
            (PROVIDER, &["corp", "a.b_c-d"], &["a@b"]),
            (ISSUER, &["accounts.google.com", "oidc.eks.eu-west-1.amazonaws.com/id/E5"], &["https://x.org", "x/", "*"]),
            (GUARDRAIL, &["Deny all, but not here"], &["", &long(129)]),
            (ATTACHED, &["Read", "arn:aws:iam::aws:policy/ReadOnlyAccess"], &["arn:aws:iam", "a/b"]),
            (PATH, &["/", "/eng/", "/a/b/"], &["", "eng", "/eng", "eng/", "/a b/", &format!("/{}/", long(511))]),
            (UNIQUE_ID, &["AIDACKCEVSQ6C2EXAMPLE"], &["AIDA", "aidackcevsq6c2example", &long(16)]),
            (ACCOUNT, &["012345678901"], &["1", "01234567890a", "0123456789012"]),
            (PARTITION, &["aws", "aws-cn", "aws-us-gov"], &["", "aws-", "AWS", "azure"]),
            (CANONICAL_USER, &["79a59df900b949e5"], &["", "A", &long(129)]),
            (ORGANIZATION, &["o-a1b2c3d4e5"], &["o-", "a1b2", "O-A"]),
            (NODE, &["r-ab12", "ou-ab12-11111111"], &["o-x", "ou-", "ou_1"]),
            (TAG_KEY, &["team"], &["", &long(129)]),
            (TAG_VALUE, &["", &long(256)], &[&long(257), &long(5_000)]),
        ] {
            for text in good {
                assert!((form.holds)(text), "{text} is a {}", form.what);
            }
            for text in bad {
                assert!(!(form.holds)(text), "{text} is no {}", form.what);
            }
        }
    }
}
