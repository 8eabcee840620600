//! Dates of the date operators (CND-40 to CND-42): an ISO 8601 profile, or seconds since 1970.

/// Most digits of epoch seconds before the point (CND-40); keeps milliseconds within `i64`.
const EPOCH_DIGITS_MAX: usize = 15;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The instant a text denotes, in milliseconds since 1970-01-01T00:00:00Z; `None` for a malformed text.
///
/// Missing parts are the smallest, a missing zone is UTC (CND-41); digits beyond milliseconds are dropped from the text,
/// of negative numbers too (CND-42). Exactly four digits are a year, any other run of digits is epoch seconds.
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let four_digits = bytes.len() == 4 && bytes.iter().all(u8::is_ascii_digit);
    if four_digits { iso(bytes) } else { epoch(bytes).or_else(|| iso(bytes)) }
}

/// `-?digits[.digits]`.
fn epoch(bytes: &[u8]) -> Option<i64> {
    let mut rest = Reader(bytes);
    let negative = rest.take(b'-');
    let seconds = rest.digits();
    if seconds.is_empty() || seconds.len() > EPOCH_DIGITS_MAX {
        return None;
    }
    let seconds = seconds.iter().fold(0, |value, &digit| value * 10 + i64::from(digit - b'0'));
    let value = seconds * SECOND + rest.fraction()?;
    rest.end()?;
    Some(if negative { -value } else { value })
}

/// `YYYY[-MM[-DD[Thh:mm[:ss[.f+]][Z|±hh:mm]]]]`.
fn iso(bytes: &[u8]) -> Option<i64> {
    let mut rest = Reader(bytes);
    let year = rest.two_digits()? * 100 + rest.two_digits()?;
    let month = if rest.take(b'-') { rest.two_digits()? } else { return at_midnight(year, 1, 1, &rest) };
    let day = if rest.take(b'-') { rest.two_digits()? } else { return at_midnight(year, month, 1, &rest) };
    if !rest.take(b'T') {
        return at_midnight(year, month, day, &rest);
    }
    let (hour, minute) = rest.clock()?;
    let (mut second, mut fraction) = (0, 0);
    if rest.take(b':') {
        second = rest.two_digits().filter(|&second| second <= 59)?;
        fraction = rest.fraction()?;
    }
    let offset = rest.zone()?;
    let midnight = at_midnight(year, month, day, &rest)?;
    Some(midnight + hour * HOUR + minute * MINUTE + second * SECOND + fraction - offset)
}

/// The first instant of a day of the Gregorian calendar, where the text ends here and there is such a day.
fn at_midnight(year: i64, month: i64, day: i64, rest: &Reader) -> Option<i64> {
    /// Days before the first of each month in a year without leap day, and those of the whole year.
    const DAYS_BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    rest.end()?;
    let index = usize::try_from(month).ok()?.checked_sub(1)?;
    let (before, after) = (*DAYS_BEFORE.get(index)?, *DAYS_BEFORE.get(index + 1)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = after - before + i64::from(leap && month == 2);
    if !(1..=days_in_month).contains(&day) {
        return None;
    }
    let days = days_before_year(year) - days_before_year(1970) + before + i64::from(leap && month > 2) + day - 1;
    Some(days * DAY)
}

/// Days from the first of January of year 0 to that of a year from 0 on.
fn days_before_year(year: i64) -> i64 {
    year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400
}

/// What is left to read of a text.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Takes this byte, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Takes all digits that come next.
    fn digits(&mut self) -> &'a [u8] {
        let (digits, rest) = self.0.split_at(self.0.iter().take_while(|b| b.is_ascii_digit()).count());
        self.0 = rest;
        digits
    }

    fn two_digits(&mut self) -> Option<i64> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.0 else { return None };
        self.0 = rest;
        Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    }

    /// `hh:mm`.
    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.two_digits().filter(|&hour| hour <= 23)?;
        let minute = if self.take(b':') { self.two_digits().filter(|&minute| minute <= 59)? } else { return None };
        Some((hour, minute))
    }

    /// Milliseconds of `.digits`; 0 where no point comes next.
    fn fraction(&mut self) -> Option<i64> {
        if !self.take(b'.') {
            return Some(0);
        }
        let digits = self.digits();
        let digit = |index: usize| digits.get(index).map_or(0, |digit| i64::from(digit - b'0'));
        (!digits.is_empty()).then_some(digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    /// Milliseconds that the zone is ahead of UTC; 0 where none is given.
    fn zone(&mut self) -> Option<i64> {
        if self.take(b'Z') || self.0.is_empty() {
            return Some(0);
        }
        let west = self.take(b'-');
        if !west && !self.take(b'+') {
            return None;
        }
        let (hours, minutes) = self.clock()?;
        let ahead = hours * HOUR + minutes * MINUTE;
        Some(if west { -ahead } else { ahead })
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const JULY: i64 = 1_719_792_000_000; // 2024-07-01T00:00:00Z

    /// CND-40, CND-41, CND-42, and the vectors of 7.6.
    #[test]
    fn dates() {
        for (text, expected) in [
            ("2024-07-01T00:00:00Z", JULY),
            ("1719792001", JULY + 1_000),
            ("1719792000", JULY),
            ("2024-07-01T01:00:00+02:00", JULY - HOUR),
            ("2024-07-01T00:00:00.0009Z", JULY),
            ("2024-07-01T00:00:00.0019", JULY + 1),
            ("2024-07-01T00:00:00.5", JULY + 500),
            ("2024-07-01", JULY),
            ("2024-07", JULY),
            ("2024-07-01T00:00", JULY),
            ("2024-07-01T00:00-00:30", JULY + 30 * MINUTE),
            ("2024-07-01T23:59:59+23:59", JULY + 59 * SECOND),
            ("2024-07-01T00:00:00+00:00", JULY),
            ("2024-07-01T00:00:00-23:59", JULY + DAY - MINUTE),
            ("2024", 1_704_067_200_000),
            ("1970", 0),
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0000", -62_167_219_200_000),
            ("0000-02-29", -62_167_219_200_000 + 59 * DAY),
            ("0000-01-01T00:00+23:59", -62_167_219_200_000 - DAY + MINUTE),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2000-02-29", 951_782_400_000),
            ("2024-12-31", 1_735_603_200_000),
            ("0", 0),
            ("00000", 0),
            ("-0", 0),
            ("-1.5", -1_500),
            ("-1.0019", -1_001),
            ("-0.9999", -999),
            ("1.5", 1_500),
            ("2024.5", 2_024_500),
            ("-2024", -2_024_000),
            ("02024", 2_024_000),
            ("999999999999999.999", 999_999_999_999_999_999),
            ("-999999999999999", -999_999_999_999_999_000),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    /// CND-40.
    #[test]
    fn no_dates() {
        for text in [
            "",
            "tomorrow",
            "2024-13-01",
            "2024-00-01",
            "2024-00",
            "2024-13",
            "2024-01-00",
            "2024-01-32",
            "2024-04-31",
            "2023-02-29",
            "1900-02-29",
            "2024-7-1",
            "2024-07-01T",
            "2024-07-01T00",
            "2024-07-01T00:00:",
            "24-07-01",
            "2024-07-01t00:00:00Z",
            "2024-07-01T00:00:00z",
            "2024-07-01 00:00:00",
            "2024-07-01T24:00:00",
            "2024-07-01T00:60",
            "2024-07-01T23:59:60Z",
            "2024-07-01T00:00:00.Z",
            "2024-07-01T00:00.5Z",
            "2024-07-01T00:00:00+24:00",
            "2024-07-01T00:00:00+00:60",
            "2024-07-01T00:00:00+0200",
            "2024-07-01T00:00:00+02",
            "2024-07-01Z",
            "2024Z",
            "2024-07Z",
            "2024-07-01+02:00",
            "2024-",
            "2024-07-",
            "+2024-07-01",
            "-2024-07-01",
            "12024-07-01",
            "+5",
            "1e3",
            "1.",
            ".5",
            "-",
            "-.5",
            "1000000000000000",
            "0000000000000000",
            " 2024",
            "2024 ",
            "2024\n",
            "1719792000\n",
            "2024-07-01T00:00:00ZZ",
            "2024-07-01T00:00:00Z+02:00",
            "2024-182",
            "2024-W27",
            "\u{662}\u{660}\u{662}\u{664}",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    /// Every day of the calendar follows the one before it.
    #[test]
    fn days_follow_each_other() {
        let mut expected = parse("0000-01-01").unwrap();
        for year in 0..10_000 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(instant) = parse(&format!("{year:04}-{month:02}-{day:02}")) {
                        assert_eq!(instant, expected, "{year} {month} {day}");
                        expected += DAY;
                    } else {
                        assert!(day > 28, "{year} {month} {day}");
                    }
                }
            }
        }
        assert_eq!(expected, parse("9999-12-31").unwrap() + DAY);
    }
}
