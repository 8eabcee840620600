//! JSON numbers as texts (GRM-28): the exact plain decimal, computed from the source digits and kept without heap.

use core::fmt;

use crate::limits::NUMBER_DIGITS_MAX;

/// Room for a sign, the digits and a point.
const TEXT_BYTES_MAX: usize = NUMBER_DIGITS_MAX + 2;
/// An exponent with more digits than this, leading zeros aside, is [`NumberError::TooLong`] unless the number is zero.
const EXPONENT_DIGITS_MAX: usize = 6;
const _: () = assert!(TEXT_BYTES_MAX <= u8::MAX as usize);

/// The plain decimal of a number: no exponent, no leading `+`, no leading or trailing zeros to spare, no minus zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    length: u8,
    /// INVARIANT: ASCII up to `length`, zero from there on.
    bytes: [u8; TEXT_BYTES_MAX],
}

/// Why a number has no plain decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not a JSON number (RFC 8259, section 6).
    NotJson,
    /// The plain form would have more than [`NUMBER_DIGITS_MAX`] digits, the `0` of `0.5` included.
    TooLong,
}

impl Number {
    /// The plain decimal of a JSON number, by its source text. O(bytes of the source), whatever the exponent says.
    ///
    /// # Errors
    /// [`NumberError::NotJson`] where the source is no JSON number; [`NumberError::TooLong`] where the plain form has
    /// too many digits.
    pub fn from_json(source: &str) -> Result<Number, NumberError> {
        let parts = Parts::split(source).ok_or(NumberError::NotJson)?;
        let digit_count = parts.whole.len() + parts.fraction.len();
        let Some(first) = (0..digit_count).find(|&i| parts.digit(i) != b'0') else {
            return Ok(Number::from(0));
        };
        let last = (first..digit_count).rfind(|&i| parts.digit(i) != b'0').unwrap_or(first);

        // The digits stand at first ..= last, the point before `point`, which may lie to either side of them:
        //     whole     first .. point    or `0` where that is empty
        //     fraction  point ..= last    or nothing; what lies outside the digits is `0`
        let exponent = parts.exponent().ok_or(NumberError::TooLong)?;
        let place = |index: usize| i64::try_from(index).map_err(|_| NumberError::TooLong);
        let (first, last, point) = (place(first)?, place(last)?, place(parts.whole.len())?.saturating_add(exponent));
        let whole_count = point.saturating_sub(first).max(1);
        let fraction_count = last.saturating_add(1).saturating_sub(point).max(0);
        if whole_count.saturating_add(fraction_count) > NUMBER_DIGITS_MAX as i64 {
            return Err(NumberError::TooLong);
        }

        let mut number = Number::empty();
        if parts.negative {
            number.push(b'-');
        }
        if first >= point {
            number.push(b'0');
        }
        for i in first.min(point)..point {
            number.push(parts.digit_at(i));
        }
        if fraction_count > 0 {
            number.push(b'.');
        }
        for i in point..=last {
            number.push(parts.digit_at(i));
        }
        Ok(number)
    }

    /// The text. Never empty.
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    fn empty() -> Number {
        Number { length: 0, bytes: [0; TEXT_BYTES_MAX] }
    }

    /// Appends a byte; the callers have counted.
    fn push(&mut self, byte: u8) {
        debug_assert!(byte.is_ascii() && usize::from(self.length) < TEXT_BYTES_MAX);
        if let Some(free) = self.bytes.get_mut(usize::from(self.length)) {
            *free = byte;
            self.length += 1;
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Number {
        const DIGITS_MAX: usize = 19; // of i64::MIN
        let mut digits = [b'0'; DIGITS_MAX];
        let mut rest = value.unsigned_abs();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let first = digits.iter().position(|&d| d != b'0').unwrap_or(DIGITS_MAX - 1);
        let mut number = Number::empty();
        if value < 0 {
            number.push(b'-');
        }
        digits.iter().skip(first).for_each(|&digit| number.push(digit));
        number
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.as_str())
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NumberError::NotJson => f.write_str("not a JSON number"),
            NumberError::TooLong => write!(f, "a number of more than {NUMBER_DIGITS_MAX} digits in its plain form"),
        }
    }
}

impl core::error::Error for NumberError {}

/// A JSON number, taken apart: `-` whole `.` fraction `e` exponent.
struct Parts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent_negative: bool,
    exponent: &'a [u8],
}

impl<'a> Parts<'a> {
    /// `None` where the source is no JSON number.
    fn split(source: &'a str) -> Option<Parts<'a>> {
        let (negative, rest) = match source.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (whole, rest) = take_digits(rest);
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with(b"0")) {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => Some(take_digits(rest)).filter(|(fraction, _)| !fraction.is_empty())?,
            rest => (&[][..], rest),
        };
        let (exponent_negative, exponent, rest) = match rest {
            [b'e' | b'E', rest @ ..] => {
                let (exponent_negative, rest) = match rest {
                    [b'-', rest @ ..] => (true, rest),
                    [b'+', rest @ ..] => (false, rest),
                    rest => (false, rest),
                };
                let (exponent, rest) = take_digits(rest);
                if exponent.is_empty() {
                    return None;
                }
                (exponent_negative, exponent, rest)
            }
            rest => (false, &[][..], rest),
        };
        rest.is_empty().then_some(Parts { negative, whole, fraction, exponent_negative, exponent })
    }

    /// The exponent, or `None` where it has too many digits.
    fn exponent(&self) -> Option<i64> {
        let zeros = self.exponent.iter().take_while(|&&d| d == b'0').count();
        let digits = self.exponent.get(zeros..).filter(|digits| digits.len() <= EXPONENT_DIGITS_MAX)?;
        let value = digits.iter().fold(0, |value, &d| value * 10 + i64::from(d - b'0'));
        Some(if self.exponent_negative { -value } else { value })
    }

    /// The digit at an index into whole and fraction together; `0` behind them.
    fn digit(&self, index: usize) -> u8 {
        let behind_point = index.checked_sub(self.whole.len());
        let digit = behind_point.map_or_else(|| self.whole.get(index), |i| self.fraction.get(i));
        digit.copied().unwrap_or(b'0')
    }

    /// The same for a place that may lie before the digits.
    fn digit_at(&self, place: i64) -> u8 {
        usize::try_from(place).map_or(b'0', |index| self.digit(index))
    }
}

/// The ASCII digits that the bytes begin with, and the rest.
fn take_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|b| b.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};

    fn text(source: &str) -> Result<String, NumberError> {
        Number::from_json(source).map(|number| number.as_str().to_string())
    }

    /// GRM-28.
    #[test]
    fn plain_decimals() {
        for (source, plain) in [
            ("12345678901234567890", "12345678901234567890"),
            ("10.0", "10"),
            ("10.50", "10.5"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("-0", "0"),
            ("-0.000e7", "0"),
            ("0e999999999999", "0"),
            ("-0.0e-999999999999", "0"),
            ("1e-3", "0.001"),
            ("-12.5e-1", "-1.25"),
            ("12.5e1", "125"),
            ("12.5e2", "1250"),
            ("0.0010e3", "1"),
            ("0.00001e6", "10"),
            ("120e-1", "12"),
            ("120e-3", "0.12"),
            ("1e00000000000002", "100"),
            ("1e-0", "1"),
        ] {
            assert_eq!(text(source).as_deref(), Ok(plain), "{source}");
        }
    }

    /// GRM-28: at most 64 digits, however they come about.
    #[test]
    fn length_bound() {
        let ok = |source: &str| {
            assert_eq!(text(source).map(|t| t.matches(|c| c != '-' && c != '.').count()), Ok(64), "{source}")
        };
        let long = |source: &str| assert_eq!(text(source), Err(NumberError::TooLong), "{source}");
        let nines = "9".repeat(64);
        ok(&nines);
        ok(&format!("-{nines}"));
        ok(&format!("{nines}.000"));
        ok(&format!("{nines}000e-3"));
        long(&format!("{nines}9"));
        long(&format!("{nines}.1"));
        ok("1e63");
        long("1e64");
        ok("1e-63");
        long("1e-64");
        long("1e999999");
        long("1e-999999");
        for exponent in ["1000000", "-1000000", "9223372036854775807", "-9223372036854775808", &"9".repeat(400)] {
            long(&format!("1e{exponent}"));
        }
        let zeros = "0".repeat(1_000);
        assert_eq!(text(&format!("0.{zeros}1e1001")).as_deref(), Ok("1"));
        assert_eq!(text(&format!("1{zeros}e-1000")).as_deref(), Ok("1"));
        assert_eq!(text(&format!("1.5{zeros}")).as_deref(), Ok("1.5"));
    }

    #[test]
    fn no_json_numbers() {
        for source in [
            "", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "1.e3", "e3", "1 ", "0x1", "NaN", "--1", "1.2.3",
            "\u{661}",
        ] {
            assert_eq!(text(source), Err(NumberError::NotJson), "{source:?}");
        }
    }

    #[test]
    fn integers() {
        for value in [0, 1, -1, 10, -10, 1_719_792_000, i64::MAX, i64::MIN] {
            assert_eq!(Number::from(value).as_str(), value.to_string());
            assert_eq!(Number::from_json(&value.to_string()), Ok(Number::from(value)));
        }
    }

    #[test]
    fn the_plain_form_is_a_fixed_point() {
        for source in ["-12.5e-1", "1e63", "1e-63", "0.5"] {
            let number = Number::from_json(source).unwrap();
            assert_eq!(Number::from_json(number.as_str()), Ok(number));
            assert!(crate::value::decimal::Decimal::parse(number.as_str()).is_some());
        }
    }
}
