//! Times as text: RFC 3339 and `@seconds` for instants, `1h 30m` for lengths.

use super::{Interval, NANOS, Span, Timestamp};
use jiff::SpanRelativeTo;
use std::fmt;

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not an instant.
    #[error(
        "`{0}` is not an instant: write RFC 3339 with its zone (2026-01-02T03:04:05Z) or @seconds since 1970"
    )]
    Instant(String),
    /// Not a date as mail has it.
    #[error("`{0}` is not a date such as Fri, 02 Jan 2026 03:04:05 +0000")]
    Mail(String),
    /// Not a length of time.
    #[error("`{0}` is not a length of time: write a number with its unit (2s, 500ms, 1h 30m, 2d)")]
    Duration(String),
}

/// Reads an instant as precisely as it is written.
///
/// `2026-01-02T03:04:05Z` names a second, not its first nanosecond: the interval is as wide as the
/// last digit. RFC 3339 with a zone, or `@` and seconds since 1970 with any number of decimals.
///
/// # Errors
/// When the text is neither, or has more digits than a nanosecond.
pub fn parse_instant(text: &str) -> Result<Interval, ParseError> {
    let parsed = match text.strip_prefix('@') {
        Some(seconds) => parse_seconds(seconds),
        None => parse_rfc3339(text),
    };
    let (at, precision) = parsed.ok_or_else(|| ParseError::Instant(text.to_owned()))?;
    let last = at.later(precision).earlier(Span::from_nanos(1));
    Ok(Interval::between(at, last))
}

/// Reads a length of time, such as `2s`, `500ms`, `1h 30m`, `2d` (a day has 24 hours).
///
/// # Errors
/// When the text has no unit or is not a number.
pub fn parse_duration(text: &str) -> Result<Span, ParseError> {
    let refused = || ParseError::Duration(text.to_owned());
    if text.trim() == "0" {
        return Ok(Span::ZERO);
    }
    let span: jiff::Span = text.parse().ok().ok_or_else(refused)?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours());
    Ok(Span::from_nanos(
        length.ok().ok_or_else(refused)?.as_nanos(),
    ))
}

/// Reads a date as mail and Debian's changelogs have it (RFC 5322 §3.3; deb-changelog(5)), with its seconds and
/// its zone as an offset: `Fri, 02 Jan 2026 03:04:05 +0000`. It names that second.
///
/// # Errors
/// When the text is another, or the day of the week is not that of the date.
pub fn parse_rfc5322(text: &str) -> Result<Interval, ParseError> {
    let refused = || ParseError::Mail(text.to_owned());
    let mut words = text.split_ascii_whitespace().rev();
    // What jiff reads beside that: names of zones, and no seconds.
    let (zone, clock) = words.next().zip(words.next()).ok_or_else(refused)?;
    let is_offset = zone.starts_with(['+', '-']);
    let shaped = is_offset && clock.bytes().filter(|&byte| byte == b':').count() == 2;
    let at = jiff::fmt::rfc2822::parse(text).ok().filter(|_| shaped);
    let at = at.ok_or_else(refused)?.timestamp();
    let second = Timestamp::from_nanos(at.as_nanosecond());
    let last = second.later(Span::from_nanos(NANOS - 1));
    Ok(Interval::between(second, last))
}

/// Seconds with decimals; the instant and the worth of its last digit.
fn parse_seconds(text: &str) -> Option<(Timestamp, Span)> {
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, None), |(w, f)| (w, Some(f)));
    let seconds: i64 = whole.parse().ok()?;
    let (nanos, precision) = fraction.map_or(Some((0, NANOS)), parse_fraction)?;
    let nanos = if whole.starts_with('-') {
        -nanos
    } else {
        nanos
    };
    let at = Timestamp::from_nanos(i128::from(seconds) * NANOS + nanos);
    Some((at, Span::from_nanos(precision)))
}

/// An RFC 3339 date-time; the instant and the worth of its last digit.
fn parse_rfc3339(text: &str) -> Option<(Timestamp, Span)> {
    // jiff reads more than RFC 3339 allows; what it leaves open here (no seconds, no zone) would
    // make the width a guess.
    let clock = text.get(10..)?.strip_prefix(['T', 't', ' '])?.as_bytes();
    let shaped = clock.len() > 8 && clock[2] == b':' && clock[5] == b':';
    // An offset has 23 hours at most (RFC 3339 §5.6); jiff takes more.
    let offset = text.get(11..)?.split_once(['+', '-']);
    let is_offset = offset.is_none_or(|(_, offset)| offset.get(..2) <= Some("23"));
    let at: jiff::Timestamp = (shaped && is_offset).then(|| text.parse().ok())??;
    let fraction = text.split_once('.').map(|(_, rest)| rest);
    let digits = fraction.map(|f| &f[..f.bytes().take_while(u8::is_ascii_digit).count()]);
    let (_, precision) = digits.map_or(Some((0, NANOS)), parse_fraction)?;
    Some((
        Timestamp::from_nanos(at.as_nanosecond()),
        Span::from_nanos(precision),
    ))
}

/// The digits behind a decimal point: nanoseconds, and the worth of the last one.
fn parse_fraction(digits: &str) -> Option<(i128, i128)> {
    let count = u32::try_from(digits.len())
        .ok()
        .filter(|count| (1..=9).contains(count))?;
    let precision = 10_i128.pow(9 - count);
    let value: u32 = digits
        .bytes()
        .all(|d| d.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    Some((i128::from(value) * precision, precision))
}

impl Timestamp {
    /// The instant with all nine digits, as the JSON reports write it.
    pub fn exact(self) -> String {
        match self.to_jiff() {
            Some(at) => format!("{at:.9}"),
            None => format!("@{}", Span(self.0).decimal_seconds()),
        }
    }

    /// The same instant for printing, if RFC 3339 can write it.
    fn to_jiff(self) -> Option<jiff::Timestamp> {
        let year_zero = Self::from_unix(-62_167_219_200, 0);
        jiff::Timestamp::from_nanosecond(self.0)
            .ok()
            .filter(|_| self >= year_zero)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_jiff() {
            Some(at) if self.subsecond() == 0 => write!(f, "{at:.0}"),
            Some(at) => write!(f, "{at:.3}"),
            None => write!(f, "@{}", self.0.div_euclid(NANOS)),
        }
    }
}

/// For people: the two largest units that matter, rounded down (`3 d 2 h`, `1.250 s`, `40 ms`).
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        let seconds = nanos / 1_000_000_000;
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        match seconds {
            0 if nanos == 0 => write!(f, "0 s"),
            0 if nanos < 1000 => write!(f, "{sign}{nanos} ns"),
            0 if nanos < 1_000_000 => write!(f, "{sign}{} us", nanos / 1000),
            0 => write!(f, "{sign}{} ms", nanos / 1_000_000),
            1..60 if nanos % 1_000_000_000 < 1_000_000 => write!(f, "{sign}{seconds} s"),
            1..60 => write!(f, "{sign}{seconds}.{:03} s", nanos / 1_000_000 % 1000),
            60..3600 => two(f, sign, (minutes, "min"), (seconds % 60, "s")),
            3600..86_400 => two(f, sign, (hours, "h"), (minutes, "min")),
            86_400..31_536_000 => two(f, sign, (days, "d"), (hours, "h")),
            _ => two(f, sign, (days / 365, "y"), (days % 365, "d")),
        }
    }
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

type Unit = (u128, &'static str);

fn two(f: &mut fmt::Formatter<'_>, sign: &str, large: Unit, small: Unit) -> fmt::Result {
    write!(f, "{sign}{} {}", large.0, large.1)?;
    if small.0 == 0 {
        Ok(())
    } else {
        write!(f, " {} {}", small.0, small.1)
    }
}

impl Span {
    /// The span in seconds as an exact decimal, as the JSON reports write it.
    pub fn decimal_seconds(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        format!(
            "{sign}{}.{:09}",
            nanos / 1_000_000_000,
            nanos % 1_000_000_000
        )
    }

    /// Reads what [`Self::decimal_seconds`] wrote; `None` for anything else.
    pub(super) fn from_decimal_seconds(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if fraction.len() != 9 || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let nanos = whole
            .checked_mul(NANOS)?
            .checked_add(fraction.parse().ok()?)?;
        Some(Self(sign * nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, Span, Timestamp, parse_duration, parse_instant, parse_rfc5322};
    use proptest::prelude::{any, proptest};

    fn nanos(text: &str) -> (i128, i128) {
        let interval = parse_instant(text).unwrap();
        let earliest = interval.earliest().unwrap().as_nanos();
        (earliest, interval.width().as_nanos() + 1)
    }

    #[test]
    fn an_instant_is_as_wide_as_its_last_digit() {
        assert_eq!(nanos("@10"), (10_000_000_000, 1_000_000_000));
        assert_eq!(nanos("@10.25"), (10_250_000_000, 10_000_000));
        assert_eq!(nanos("@-1.5"), (-1_500_000_000, 100_000_000));
        assert_eq!(
            nanos("1970-01-01T00:00:10Z"),
            (10_000_000_000, 1_000_000_000)
        );
        assert_eq!(
            nanos("1970-01-01T01:00:10.5+01:00"),
            (10_500_000_000, 100_000_000)
        );
        assert_eq!(nanos("1970-01-01 00:00:00.000000007z"), (7, 1));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "@",
            "10",
            "@1e3",
            "@1.",
            "@1.0123456789",
            "now",
            "2026-01-02",
            "2026-01-02T03:04Z",
            "2026-01-02T03:04:05",
            "2026-02-30T03:04:05Z",
            "2026-01-02T03:04:05Zjunk",
            "2026-01-02T03:04:05+24:00",
            "€€€€€€€€€€",
        ] {
            let error = parse_instant(text).expect_err(text);
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_date_of_mail_has_its_seconds_and_its_offset() {
        let nanos = |text: &str| {
            let read = parse_rfc5322(text).ok()?;
            Some((read.earliest()?.seconds(), read.width().as_nanos() + 1))
        };
        let second = Some((1_767_323_045, 1_000_000_000));
        assert_eq!(nanos("Fri, 02 Jan 2026 03:04:05 +0000"), second);
        assert_eq!(nanos("Fri, 2 Jan 2026 12:34:05 +0930"), second);
        for text in [
            "",
            "Fri, 02 Jan 2026 03:04:05",
            "Fri, 02 Jan 2026 03:04:05 GMT",
            "Fri, 02 Jan 2026 03:04:05 EST",
            "Fri, 02 Jan 2026 03:04 +0000",
            "Sat, 02 Jan 2026 03:04:05 +0000",
            "2026-01-02T03:04:05Z",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("2s"), Ok(Span::from_secs(2)));
        assert_eq!(parse_duration("1h 30m"), Ok(Span::from_secs(5400)));
        assert_eq!(parse_duration("500ms"), Ok(Span::from_millis(500)));
        assert_eq!(parse_duration("2d"), Ok(Span::from_secs(172_800)));
        assert_eq!(parse_duration("0"), Ok(Span::ZERO));
        for text in ["2", "", "two seconds", "1y", "s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_rfc_3339_cannot_write_is_printed_raw() {
        assert_eq!(
            Timestamp::from_unix(i64::MAX, 5).exact(),
            "@9223372036854775807.000000005"
        );
        assert_eq!(
            Timestamp::from_unix(-62_167_219_201, 0).to_string(),
            "@-62167219201"
        );
        assert_eq!(
            Timestamp::from_unix(-62_167_219_200, 0).to_string(),
            "0000-01-01T00:00:00Z"
        );
        assert_eq!(
            Timestamp::from_unix(0, 1_500_000).to_string(),
            "1970-01-01T00:00:00.001Z"
        );
        assert_eq!(
            Timestamp::from_unix(253_402_207_200, 0).to_string(),
            "9999-12-30T22:00:00Z"
        );
    }

    #[test]
    fn spans_read_well() {
        for (nanos, text) in [
            (0, "0 s"),
            (999, "999 ns"),
            (40_000_000, "40 ms"),
            (2_000_000_000, "2 s"),
            (-2_250_000_000, "-2.250 s"),
            (120_000_000_000, "2 min"),
            (125_000_000_000, "2 min 5 s"),
            (7_260_000_000_000, "2 h 1 min"),
            (266_400_000_000_000, "3 d 2 h"),
            (i128::from(i64::MAX) * 1_000_000_000, "292471208677 y 195 d"),
        ] {
            assert_eq!(Span::from_nanos(nanos).to_string(), text);
        }
        assert_eq!(Span::from_millis(-1500).decimal_seconds(), "-1.500000000");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(seconds in -62_167_219_200..253_402_207_200_i64, nanos in 0..1_000_000_000_u32) {
            let at = Timestamp::from_unix(seconds, nanos);
            assert_eq!(parse_instant(&at.exact()), Ok(Interval::exactly(at)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _read = (parse_instant(&text), parse_duration(&text), parse_rfc5322(&text));
        }
    }
}
