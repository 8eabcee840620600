//! Readers of numbers, dates, base64, addresses and networks, and lower-casing (GRM-28, CND-31 to CND-55).

use std::cmp::Ordering;

/// GRM-28: the plain decimal of a JSON number, by its source text; `None` where it would have more than 64 digits.
pub(super) fn plain_decimal(source: &str) -> Option<String> {
    let (sign, unsigned) = source.strip_prefix('-').map_or(("", source), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // The point stands before digits[point]; beyond a few thousand either way the zeros alone are too many.
    let exponent: i64 = exponent.parse().ok().filter(|exponent: &i64| exponent.unsigned_abs() < 1 << 40)?;
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
    if point.abs() > 100 || digits.len() > 64 {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let padded = format!("{}{digits}{}", zeros(-point), zeros(point - digits.len() as i64));
    let (whole, fraction) = padded.split_at(usize::try_from(point).unwrap_or(0));
    let whole = if whole.is_empty() { "0" } else { whole };
    if whole.len() + fraction.len() > 64 {
        return None;
    }
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    Some(format!("{sign}{whole}{fraction}"))
}

/// CND-33: an exact decimal, without redundant zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

/// CND-33.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
    let negative = text.starts_with('-') && !(whole.is_empty() && fraction.is_empty());
    Some(Decimal { negative, whole, fraction })
}

impl Decimal {
    /// CND-34.
    pub(super) fn order(&self, other: &Decimal) -> Ordering {
        let size = self.whole.len().cmp(&other.whole.len());
        let size = size.then_with(|| self.whole.cmp(&other.whole)).then_with(|| self.fraction.cmp(&other.fraction));
        match (self.negative, other.negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// CND-40 to CND-42: milliseconds since 1970.
pub(super) fn date(text: &str) -> Option<i64> {
    iso_date(text).or_else(|| epoch_seconds(text))
}

/// The first three digits of a fraction, as milliseconds (CND-42).
fn milliseconds(fraction: &str) -> i64 {
    fraction.bytes().chain(*b"000").take(3).fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

fn epoch_seconds(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (seconds, fraction) = match unsigned.split_once('.') {
        Some((seconds, fraction)) if all_digits(fraction) => (seconds, fraction),
        Some(_) => return None,
        None => (unsigned, ""),
    };
    if !all_digits(seconds) || seconds.len() > 15 {
        return None;
    }
    let value = seconds.parse::<i64>().ok()? * 1000 + milliseconds(fraction);
    Some(if text.starts_with('-') { -value } else { value })
}

/// Takes a number of exactly `count` digits, at most `max`, from the front.
fn take(rest: &mut &str, count: usize, max: i64) -> Option<i64> {
    let digits = rest.get(..count).filter(|digits| all_digits(digits))?;
    *rest = &rest[count..];
    digits.parse().ok().filter(|number| *number <= max)
}

/// Takes this text from the front, if it is there.
fn skip(rest: &mut &str, text: &str) -> bool {
    let behind = rest.strip_prefix(text);
    *rest = behind.unwrap_or(rest);
    behind.is_some()
}

fn iso_date(text: &str) -> Option<i64> {
    let rest = &mut &*text;
    let year = take(rest, 4, 9999)?;
    let (mut month, mut day, mut minutes, mut second, mut ms) = (1, 1, 0, 0, 0);
    if skip(rest, "-") {
        month = take(rest, 2, 12)?;
        if skip(rest, "-") {
            day = take(rest, 2, 31)?;
            if skip(rest, "T") {
                minutes = take(rest, 2, 23)? * 60;
                minutes += skip(rest, ":").then(|| take(rest, 2, 59))??;
                if skip(rest, ":") {
                    second = take(rest, 2, 59)?;
                    if skip(rest, ".") {
                        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                        let (fraction, behind) = rest.split_at(end);
                        if fraction.is_empty() {
                            return None;
                        }
                        (ms, *rest) = (milliseconds(fraction), behind);
                    }
                }
                minutes -= zone_minutes(rest)?;
            }
        }
    }
    if !rest.is_empty() || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let days =
        days_before_year(year) - days_before_year(1970) + (1..month).map(|m| days_in_month(year, m)).sum::<i64>();
    Some((((days + day - 1) * 24 * 60 + minutes) * 60 + second) * 1000 + ms)
}

/// The zone at the front, in minutes east of UTC; none means UTC (CND-41).
fn zone_minutes(rest: &mut &str) -> Option<i64> {
    let sign = if skip(rest, "+") {
        1
    } else if skip(rest, "-") {
        -1
    } else {
        skip(rest, "Z");
        return Some(0);
    };
    let hours = take(rest, 2, 23)?;
    let minutes = skip(rest, ":").then(|| take(rest, 2, 59))??;
    Some(sign * (hours * 60 + minutes))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of January of the year 0 to that of this year.
fn days_before_year(year: i64) -> i64 {
    (0..year).map(|year| 365 + i64::from(is_leap(year))).sum()
}

/// CND-49: the bytes of padded standard base64 with zero unused bits.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - unpadded.len() > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for c in unpadded.chars() {
        let digit = match c {
            'A'..='Z' => u32::from(c) - u32::from('A'),
            'a'..='z' => u32::from(c) - u32::from('a') + 26,
            '0'..='9' => u32::from(c) - u32::from('0') + 52,
            '+' => 62,
            '/' => 63,
            _ => return None,
        };
        bits.extend((0..6).rev().map(|i| digit >> i & 1 == 1));
    }
    let (bytes, unused) = bits.split_at(bits.len() / 8 * 8);
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    (!unused.contains(&true)).then(|| bytes.chunks(8).map(byte).collect())
}

/// An address: its family's bits (32 or 128), and the number.
pub(super) type Address = (u32, u128);

/// CND-52: IPv4, four decimal octets of one to three digits.
fn ipv4(text: &str) -> Option<u128> {
    let octet = |octet: &str| octet.parse::<u8>().ok().filter(|_| all_digits(octet) && octet.len() <= 3);
    let octets: Vec<u8> = text.split('.').map(octet).collect::<Option<_>>()?;
    (octets.len() == 4).then(|| octets.iter().fold(0, |number, octet| number << 8 | u128::from(*octet)))
}

/// CND-52: IPv6 in the forms of RFC 4291, 2.2.
fn ipv6(text: &str) -> Option<u128> {
    // One `::` at most; each side of it is groups between single colons, the last of all perhaps an IPv4 address.
    let (left, right) = text.split_once("::").map_or((text, None), |(left, right)| (left, Some(right)));
    let left = groups(left, right.is_none())?;
    let Some(right) = right else { return (left.len() == 8).then(|| join(&left)) };
    let right = groups(right, true)?;
    let zeros = 8usize.checked_sub(left.len() + right.len()).filter(|zeros| *zeros > 0)?;
    Some(join(&[left, vec![0; zeros], right].concat()))
}

fn groups(part: &str, ends_the_address: bool) -> Option<Vec<u16>> {
    let mut groups = Vec::new();
    let mut pieces = part.split(':').filter(|_| !part.is_empty()).peekable();
    while let Some(piece) = pieces.next() {
        if piece.contains('.') && ends_the_address && pieces.peek().is_none() {
            let number = ipv4(piece)?;
            groups.extend([(number >> 16) as u16, number as u16]);
        } else {
            let hexadecimal = piece.bytes().all(|c| c.is_ascii_hexdigit()) && (1..=4).contains(&piece.len());
            groups.push(u16::from_str_radix(piece, 16).ok().filter(|_| hexadecimal)?);
        }
    }
    Some(groups)
}

fn join(groups: &[u16]) -> u128 {
    groups.iter().fold(0, |number, group| number << 16 | u128::from(*group))
}

/// CND-52: a request's address; an IPv4-mapped one is its IPv4 address.
pub(super) fn request_address(text: &str) -> Option<Address> {
    match (ipv4(text), ipv6(text)) {
        (Some(number), _) => Some((32, number)),
        (None, Some(number)) if number >> 32 == 0xFFFF => Some((32, number & 0xFFFF_FFFF)),
        (None, Some(number)) => Some((128, number)),
        (None, None) => None,
    }
}

/// CND-50, CND-51: a policy's network, as an address in it and the length of the prefix.
pub(super) fn network(text: &str) -> Option<(Address, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let (bits, number) =
        ipv4(address).map(|number| (32, number)).or_else(|| ipv6(address).map(|number| (128, number)))?;
    let length = length.map_or(Some(bits), |length| length.parse().ok())?;
    Some(((bits, number), length))
}

/// CND-53, CND-55.
pub(super) fn is_inside((bits, number): Address, ((network_bits, network), length): (Address, u32)) -> bool {
    // Shifting all 128 bits out is not a shift; a prefix of no bits is the same for all.
    let prefix = |number: u128| number.checked_shr(bits - length).unwrap_or(0);
    bits == network_bits && prefix(number) == prefix(network)
}

/// CND-31: lower case with the final-sigma rule, characters above U+FFFF as they are.
pub(super) fn lower_case(text: &str) -> String {
    let lowered = text.to_lowercase();
    let mut lowered = lowered.chars();
    let mut out = String::new();
    for c in text.chars() {
        // The whole text is lower-cased for the sigma's sake; each character has as many there as it has alone.
        let own: String = lowered.by_ref().take(c.to_lowercase().count()).collect();
        if u32::from(c) > 0xFFFF { out.push(c) } else { out.push_str(&own) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals() {
        for (source, plain) in [
            ("10.50", "10.5"),
            ("1e3", "1000"),
            ("-0.0e9", "0"),
            ("12345678901234567890", "12345678901234567890"),
            ("0.00120e1", "0.012"),
            ("-120E-2", "-1.2"),
            ("1E+2", "100"),
            ("0e99999999999999999999", "0"),
        ] {
            assert_eq!(plain_decimal(source).as_deref(), Some(plain), "{source}");
        }
        assert_eq!(plain_decimal("1e63").map(|text| text.len()), Some(64));
        assert_eq!(plain_decimal("1e-63").map(|text| text.len()), Some(65), "64 digits and a point");
        for source in ["1e64", "1e-64", "1e99999999999999999999", "1e-4000000000"] {
            assert_eq!(plain_decimal(source), None, "{source}");
        }
        assert_eq!(plain_decimal(&format!("0.{}1e200", "0".repeat(200))).as_deref(), Some("0.1"));
    }

    #[test]
    fn both_readers_of_json_numbers_agree() {
        use dictum_vm::value::number::Number;
        for whole in ["0", "7", "100", "12345678901234567890123456789012345678901234567890"] {
            for fraction in ["", ".0", ".5", ".050", ".00000000000000000000000000000000000001"] {
                for exponent in ["", "e0", "E+2", "e-2", "e30", "e-30", "e63", "e-64", "e0000000000000001", "e1000000"]
                {
                    for sign in ["", "-"] {
                        let source = format!("{sign}{whole}{fraction}{exponent}");
                        let other = Number::from_json(&source).ok();
                        assert_eq!(plain_decimal(&source).as_deref(), other.as_ref().map(Number::as_str), "{source}");
                    }
                }
            }
        }
    }
}
