//! Dates in text, as documents, pictures and signatures have them: with less of a date, and without a zone.

use super::calendar::civil;
use super::form::ZONES;
use super::{Moment, Zone};
use crate::time::{Interval, Span, Timestamp, parse_rfc5322};

/// How wide a date is of which so many parts are written: a year, a month, … a second.
const WIDTHS: [i64; 6] = [366 * 86_400, 31 * 86_400, 86_400, 3600, 60, 1];

/// What is left of a text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// The next so many digits, if all of them are there.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let number = digits.iter().try_fold(0, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
            Some(number * 10 + digit?)
        })?;
        self.0 = rest;
        Some(number)
    }

    /// Goes over the next byte, if it is one of these.
    fn eat(&mut self, any: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        any.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// The decimals of a second in nanoseconds, and the worth of the last.
    fn fraction(&mut self) -> Option<(u32, i128)> {
        let (mut nanos, mut worth, mut count) = (0, 1_000_000_000, 0);
        while let Some(digit) = self.digits(1) {
            count += 1;
            // What is finer than a nanosecond is cut off.
            if worth > 1 {
                worth /= 10;
                nanos += u32::try_from(digit).ok()? * worth;
            }
        }
        (count > 0).then_some((nanos, i128::from(worth)))
    }

    /// How far ahead of UTC it is, in seconds: `Z`, `+05:30`, `+0530`, `+05'30'`, `+05`. `None` where that is no
    /// zone; nothing at all says that the zone is not known.
    fn zone(&mut self) -> Option<Option<i64>> {
        let _space = self.eat(b" ");
        let ahead = match self.eat(b"Zz+-") {
            None => None,
            Some(sign) => {
                let is_utc = matches!(sign, b'Z' | b'z');
                let hours = self.digits(2).or(is_utc.then_some(0))?;
                let _between = self.eat(b":'");
                let minutes = self.digits(2).unwrap_or(0);
                let _after = self.eat(b"'");
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let ahead = hours * 3600 + minutes * 60;
                Some(if sign == b'-' { -ahead } else { ahead })
            }
        };
        self.0.is_empty().then_some(ahead)
    }
}

/// A date of which the parts are divided like this, from the year on as far as it goes.
fn date(text: &[u8], between: [&[u8]; 5]) -> Option<Moment> {
    let mut rest = Rest(text.trim_ascii());
    let mut parts = [rest.digits(4)?, 1, 1, 0, 0, 0];
    let mut written = 1;
    for (part, between) in parts[1..].iter_mut().zip(between) {
        let before = rest.0;
        let is_divided = between.is_empty() || rest.eat(between).is_some();
        let Some(number) = rest.digits(2).filter(|_| is_divided) else {
            rest.0 = before;
            break;
        };
        *part = number;
        written += 1;
    }
    let mut width = i128::from(*WIDTHS.get(written - 1)?) * 1_000_000_000;
    let mut nanos = 0;
    if written == 6 && rest.eat(b".,").is_some() {
        (nanos, width) = rest.fraction()?;
    }
    let [year, month, day, hour, minute, second] = parts;
    let whole = civil([year, month, day], [hour, minute, second])?;
    let at = Timestamp::from_unix(whole.seconds(), nanos);
    Some(moment(at, width, rest.zone()?))
}

/// A date with its zone, `ahead` of UTC by so many seconds, or without.
fn moment(at: Timestamp, width: i128, ahead: Option<i64>) -> Moment {
    let last = Span::from_nanos(width - 1);
    if let Some(ahead) = ahead {
        let at = at.earlier(Span::from_secs(ahead));
        return Moment::of(Interval::between(at, at.later(last)));
    }
    let (ahead, behind) = ZONES;
    let from = at.earlier(Span::from_secs(ahead));
    let to = at.later(Span::from_secs(behind)).later(last);
    Moment {
        written: at,
        time: Interval::between(from, to),
        zone: Zone::Unknown,
    }
}

/// A date without anything between its parts: `20260102030406Z`, `202601`, `20260102083406+05'30'` (ISO 32000-1 §7.9.4;
/// X.680 §46 and §47).
pub(super) fn compact(text: &[u8]) -> Option<Moment> {
    date(text, [b"", b"", b"", b"", b""])
}

/// A date as ISO 8601 has it, `2026-01-02T03:04:06Z` or less of it, or Exif: `2026:01:02 03:04:06`.
pub(super) fn iso(text: &[u8]) -> Option<Moment> {
    date(text, [b"-:", b"-:", b"Tt ", b":", b":"])
}

/// A date as ISO 8601 has it, or mail: `Fri, 02 Jan 2026 03:04:06 GMT` (RFC 1123 §5.2.14).
pub(super) fn any(text: &[u8]) -> Option<Moment> {
    iso(text).or_else(|| {
        let text = std::str::from_utf8(text).ok()?.trim();
        let utc = ["GMT", "UTC", "UT", "Z"];
        let bare = utc.iter().find_map(|utc| text.strip_suffix(utc));
        let read = bare.map_or_else(
            || parse_rfc5322(text),
            |bare| parse_rfc5322(&format!("{bare}+0000")),
        );
        read.ok().map(Moment::of)
    })
}

#[cfg(test)]
mod tests {
    use super::{any, compact, iso};
    use crate::format::{Moment, Zone};
    use crate::time::Span;
    use proptest::prelude::{any as every, proptest};

    fn shown(moment: Option<Moment>) -> Option<(String, Zone, i128)> {
        moment.map(|moment| {
            let width = moment.time.width().as_nanos() + 1;
            (moment.written.exact(), moment.zone, width)
        })
    }

    #[test]
    fn a_date_is_as_wide_as_it_is_written() {
        let second = 1_000_000_000;
        let zoned = |text: &str, width: i128| Some((text.to_owned(), Zone::Known, width));
        let at = "2026-01-02T03:04:06.000000000Z";
        for text in [
            "20260102030406Z",
            "20260102083406+05'30'",
            "20260102083406+05'30",
            "20260102083406+0530",
            "20260102020406-01",
            "20260102030406Z00'00'",
        ] {
            assert_eq!(shown(compact(text.as_bytes())), zoned(at, second), "{text}");
        }
        for text in ["2026-01-02T08:34:06+05:30", "2026:01:02 03:04:06 +0000"] {
            assert_eq!(shown(iso(text.as_bytes())), zoned(at, second), "{text}");
        }
        let mail = b"Fri, 02 Jan 2026 03:04:06 GMT";
        assert_eq!(shown(any(mail)), zoned(at, second));
        assert_eq!(
            shown(iso(b"2026-01-02T03:04:06.25Z")),
            zoned("2026-01-02T03:04:06.250000000Z", second / 100)
        );
        let zones = 26 * 3600;
        for (text, width) in [
            ("2026-01-02T03:04:06", 1),
            ("2026-01-02T03:04", 60),
            ("2026-01-02", 86_400),
            ("2026", 366 * 86_400),
        ] {
            let moment = iso(text.as_bytes()).unwrap();
            let wide = Span::from_secs(zones + width).as_nanos();
            assert_eq!(moment.zone, Zone::Unknown);
            assert_eq!(moment.time.width().as_nanos() + 1, wide, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "now",
            "202",
            "20261399",
            "20260102030406+24'00'",
            "20260102030406Q",
            "20260230",
            "2026010",
            "20260102030406.Z",
        ] {
            assert!(compact(text.as_bytes()).is_none(), "{text}");
        }
        for text in [
            "2026-01-02T03:04:06+",
            "2026-1-2",
            "yesterday",
            "2026-01-02T25:00:00Z",
        ] {
            assert!(any(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(every::<u8>(), 0..40), digits in "[0-9:+Z'. -]{0,30}") {
            let _read = (compact(&text), any(&text), compact(digits.as_bytes()), any(digits.as_bytes()));
        }
    }
}
