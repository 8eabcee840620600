//! What a literal is, and so which family of operators it chooses.

use std::net::Ipv6Addr;

use dictum_vm::value::number::{Number, NumberError};
use dictum_vm::value::{date, decimal::Decimal, ip::Network};

/// A family of operators, as literals choose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralFamily {
    /// `"…"`.
    String,
    /// `arn:…`, `arn"…"`.
    Arn,
    /// `10`, `-5`, `0.5`, `num"…"`.
    Numeric,
    /// `2026-01-01`, `date"…"`.
    Date,
    /// `10.0.0.0/8`, `2001:db8::/32`, `ip"…"`.
    Ip,
    /// `true`, `false`, `bool"…"`.
    Bool,
    /// `bin"…"`.
    Binary,
}

impl LiteralFamily {
    /// What a message calls a value of it.
    pub const fn name(self) -> &'static str {
        match self {
            LiteralFamily::String => "a string",
            LiteralFamily::Arn => "an ARN",
            LiteralFamily::Numeric => "a number",
            LiteralFamily::Date => "a date",
            LiteralFamily::Ip => "an address",
            LiteralFamily::Bool => "a boolean",
            LiteralFamily::Binary => "binary",
        }
    }

    /// The family of a typed string's prefix.
    pub fn of_prefix(prefix: &str) -> Option<LiteralFamily> {
        Some(match prefix {
            "arn" => LiteralFamily::Arn,
            "date" => LiteralFamily::Date,
            "num" => LiteralFamily::Numeric,
            "ip" => LiteralFamily::Ip,
            "bin" => LiteralFamily::Binary,
            "bool" => LiteralFamily::Bool,
            _ => return None,
        })
    }

    /// The family of a bare literal; `None` of what is none, such as a name. A bare number has digits around its point and
    /// no plus sign; four digits are a number and no year.
    pub fn of_bare(text: &str) -> Option<LiteralFamily> {
        if text == "true" || text == "false" {
            return Some(LiteralFamily::Bool);
        }
        if text.starts_with("arn:") {
            return Some(LiteralFamily::Arn);
        }
        if is_number(text) {
            return Some(LiteralFamily::Numeric);
        }
        let first = text.as_bytes().first()?;
        if first.is_ascii_digit() && date::parse(text).is_some() {
            return Some(LiteralFamily::Date);
        }
        // IPv4 octets, or groups of hexadecimal digits: also those of networks that do not exist, which is told later.
        let address = text.split('/').next().unwrap_or_default();
        let is_old = address.split('.').count() == 4 && address.split('.').all(is_octet);
        let is_address = is_old || address.parse::<Ipv6Addr>().is_ok() || Network::parse(text).is_some();
        is_address.then_some(LiteralFamily::Ip)
    }
}

/// Whether JSON has a text as a number; one of too many digits is one still, and refused as such.
pub(crate) fn is_json_number(text: &str) -> bool {
    !matches!(Number::from_json(text), Err(NumberError::NotJson))
}

fn is_octet(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('.') {
        None => is_digits(digits),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
    }
}

/// What a string might have been meant as, of what has an order: the prefix to write before it.
pub(super) fn ordered_prefix(text: &str) -> Option<&'static str> {
    let is_year = text.len() == 4 && is_number(text) && (text.starts_with("19") || text.starts_with("20"));
    if Decimal::parse(text).is_some() && !is_year {
        return Some("num");
    }
    date::parse(text).is_some().then_some("date")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        let long = "9".repeat(100_000);
        for (text, is_number) in [
            ("0", true),
            ("-5", true),
            ("0.50", true),
            ("1e3", true),
            (long.as_str(), true),
            ("007", false),
            ("5.", false),
            ("+5", false),
            ("1e", false),
        ] {
            assert_eq!(is_json_number(text), is_number, "{text}");
        }
    }

    #[test]
    fn bare_literals_choose_their_family() {
        use LiteralFamily::*;
        for (text, expected) in [
            ("true", Some(Bool)),
            ("True", None),
            ("10", Some(Numeric)),
            ("-5", Some(Numeric)),
            ("0.5", Some(Numeric)),
            ("5.", None),
            ("2024", Some(Numeric)),
            ("2026-01", Some(Date)),
            ("2026-01-01", Some(Date)),
            ("2026-01-01T00:00:00Z", Some(Date)),
            ("2026-13-01", None),
            ("10.0.0.0/8", Some(Ip)),
            ("10.0.0.1", Some(Ip)),
            ("10.0.0.0/33", Some(Ip)),
            ("2001:db8::/32", Some(Ip)),
            ("2001:db8::1", Some(Ip)),
            ("arn:aws:s3:::b", Some(Arn)),
            ("mfa", None),
            ("common.regions", None),
            ("*", None),
        ] {
            assert_eq!(LiteralFamily::of_bare(text), expected, "{text}");
        }
    }
}
