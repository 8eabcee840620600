//! The condition operators (7.4 to 7.11): names, and how one request value compares with one policy value.

use std::cmp::Ordering;

use super::patterns::{Char, free_glob, literal_text, matches, plain};
use super::values::{base64, date, is_inside, lower_case, network, number, request_address};

/// How an operator meets several request values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// No set qualifier.
    None,
    ForAllValues,
    ForAnyValue,
}

/// An operator name, read (OPR-1, OPR-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    /// The base name in lower case; of a negated operator the positive one.
    positive: String,
    pub(super) negated: bool,
    pub(super) quantifier: Quantifier,
    pub(super) if_exists: bool,
}

/// Reads the name of a valid operator.
pub(super) fn operator(name: &str) -> Operator {
    let name = name.to_ascii_lowercase();
    let (quantifier, rest) = match name.split_once(':') {
        Some(("forallvalues", rest)) => (Quantifier::ForAllValues, rest),
        Some(("foranyvalue", rest)) => (Quantifier::ForAnyValue, rest),
        _ => (Quantifier::None, name.as_str()),
    };
    let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |rest| (rest, true));
    // CND-2: the negated operators are the ones with a `not` in their name.
    let (positive, negated) = (rest.replacen("not", "", 1), rest.contains("not"));
    Operator { positive, negated, quantifier, if_exists }
}

impl Operator {
    /// Whether this is `Null`.
    pub(super) fn is_null(&self) -> bool {
        self.positive == "null"
    }

    /// Whether variables are read in its values (VAR-5, VAR-6).
    pub(super) fn takes_variables(&self) -> bool {
        self.positive.starts_with("string") || self.positive.starts_with("arn") || self.positive == "bool"
    }

    /// CND-54, CND-62: a malformed request value makes these operators false, the negated ones too.
    pub(super) fn takes(&self, request: &str) -> bool {
        match self.positive.as_str() {
            "ipaddress" => request_address(request).is_some(),
            "arnequals" | "arnlike" => is_arn(request),
            _ => true,
        }
    }

    /// Whether a request value matches a policy value, by the positive operator.
    pub(super) fn compare(&self, request: &str, policy: &[Char]) -> bool {
        let text = || plain(policy);
        match self.positive.as_str() {
            "stringequals" => request == text(),                                    // CND-30
            "stringequalsignorecase" => lower_case(request) == lower_case(&text()), // CND-31
            "stringlike" => matches(&free_glob(policy), request),                   // CND-32
            "bool" => is_true(request) == is_true(&text()),                         // CND-45 to CND-47
            "binaryequals" => base64(request).is_some_and(|bytes| Some(bytes) == base64(&text())), // CND-49
            "ipaddress" => match (request_address(request), network(&text())) {
                (Some(address), Some(network)) => is_inside(address, network),
                _ => false,
            },
            "arnequals" | "arnlike" => arn_like(request, policy),
            name => match (name.strip_prefix("numeric"), name.strip_prefix("date")) {
                (Some(relation), _) => match (number(request), number(&text())) {
                    (Some(left), Some(right)) => holds(relation, left.order(&right)), // CND-34
                    _ => false,                                                       // CND-35
                },
                (_, Some(relation)) => match (date(request), date(&text())) {
                    (Some(left), Some(right)) => holds(relation, left.cmp(&right)), // CND-42
                    _ => false,                                                     // CND-43
                },
                _ => unreachable!("a valid policy has no operator `{name}`"),
            },
        }
    }
}

/// Whether the request value, which stands to the policy value in this order, satisfies the relation.
fn holds(relation: &str, order: Ordering) -> bool {
    match relation {
        "equals" => order.is_eq(),
        "lessthan" => order.is_lt(),
        "lessthanequals" => order.is_le(),
        "greaterthan" => order.is_gt(),
        "greaterthanequals" => order.is_ge(),
        _ => unreachable!("a valid policy has no relation `{relation}`"),
    }
}

/// CND-45, CND-46, CND-65.
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// CND-62.
fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

/// CND-60, CND-61: the components of a text at its first five colons, wherever they come from.
fn components(chars: &[Char]) -> Vec<&[Char]> {
    chars.splitn(6, |c| c.char() == Some(':')).collect()
}

/// CND-60 to CND-63.
fn arn_like(request: &str, policy: &[Char]) -> bool {
    if policy == [Char::Policy('*')] {
        return is_arn(request);
    }
    let request = literal_text(request);
    let (request, policy) = (components(&request), components(policy));
    policy.len() == 6
        && request.len() == 6
        && policy.iter().zip(request).all(|(pattern, text)| matches(&free_glob(pattern), &plain(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::patterns::policy_text;

    #[test]
    fn comparisons() {
        for (name, policy, request, expected) in [
            ("StringEquals", "a*", "abc", false),
            ("StringLike", "a*", "a\n/:b", true),
            ("StringEqualsIgnoreCase", "STRASSE", "straße", false),
            ("StringEqualsIgnoreCase", "ΟΔΟΣ", "οδος", true),
            ("StringEqualsIgnoreCase", "𐐀", "𐐨", false),
            ("StringEqualsIgnoreCase", "İx", "i̇X", true),
            ("NumericLessThanEquals", "10", "10.0", true),
            ("NumericGreaterThan", "10", "9", false),
            ("NumericEquals", "9007199254740993", "9007199254740992", false),
            ("NumericLessThan", "-1", "-1.5", true),
            ("NumericEquals", ".50", "+000.5", true),
            ("NumericEquals", "0", "-0.", true),
            ("NumericEquals", "1", "1e0", false),
            ("DateEquals", "2024-07-01", "2024-07-01T00:00:00.0009Z", true),
            ("DateEquals", "1719792000", "2024-07-01T02:00+02:00", true),
            ("DateLessThan", "1970", "-0.001", true),
            ("DateEquals", "2023-02-28", "2023-02-29", false),
            ("DateEquals", "0000-03", "-62162035200", true),
            ("DateEquals", "9999-12-31T23:59:59", "253402300799", true),
            ("Bool", "no", "yes", true),
            ("BinaryEquals", "QmluYXJ5", "qmluyxj5", false),
            ("BinaryEquals", "QQ==", "QR==", false),
            ("IpAddress", "0.0.0.0/0", "8.8.8.8", true),
            ("IpAddress", "::/0", "8.8.8.8", false),
            ("IpAddress", "10.1.2.3/8", "::ffff:10.9.9.9", true),
            ("IpAddress", "2001:db8::/32", "2001:0DB8:0:0::5", true),
            ("IpAddress", "::1", "::0.0.0.1", true),
            ("IpAddress", "::1", "1::1::1", false),
            ("IpAddress", "::/0", "1:2:3:4:5:6:7::8", false),
            ("IpAddress", "::/0", ":1:2:3:4:5:6:7", false),
            ("ArnLike", "arn:aws:sns:*:111111111111:t-?", "arn:aws:sns:us-east-1:111111111111:t-1", true),
            ("ArnLike", "arn:aws:logs:*:*:log-stream:s", "arn:aws:logs:r:1:log-group:g:log-stream:s", false),
            ("ArnLike", "*", "arn:a:b:c:d", false),
        ] {
            let got = operator(name).compare(request, &policy_text(policy));
            assert_eq!(got, expected, "{name} {policy} {request}");
        }
    }

    #[test]
    fn names() {
        let read = operator("forallvalues:STRINGNOTLIKEIFEXISTS");
        assert_eq!((read.positive.as_str(), read.negated, read.if_exists), ("stringlike", true, true));
        assert_eq!(read.quantifier, Quantifier::ForAllValues);
        assert_eq!(operator("NotIpAddress").positive, "ipaddress");
        assert!(operator("Null").is_null());
    }
}
