//! Dates in text, as programs, documents, pictures and signatures write them: ISO 8601 or less of it, what Java prints of
//! a `Date`, mail, and numbers since 1970.

use super::calendar::civil;
use crate::format::form::ZONES;
use crate::format::{Form, Moment, Value, Zone};
use crate::time::{Interval, Span, Timestamp, parse_rfc5322};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How wide a date is of which so many parts are written: a year, a month, … a second.
const WIDTHS: [i64; 6] = [366 * 86_400, 31 * 86_400, 86_400, 3600, 60, 1];

/// What stands between the parts of a date, from the year on; nothing at all where it is empty.
type Style = [&'static [u8]; 5];
const BARE: Style = [b""; 5];
const ISO: Style = [b"-", b"-", b"Tt ", b":", b":"];
const EXIF: Style = [b":", b":", b" ", b":", b":"];

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

    /// How far ahead of UTC it is, in seconds: `Z`, `UTC`, `+05:30`, `+0530`, `+05'30'`, `+05`, `GMT+05:30`. `None` where
    /// that is no zone; nothing at all says that the zone is not known.
    fn zone(&mut self) -> Option<Option<i64>> {
        self.0 = self.0.trim_ascii();
        let names: [&[u8]; 4] = [b"UTC", b"GMT", b"Z", b"z"];
        let named = names.iter().find_map(|name| self.0.strip_prefix(*name));
        self.0 = named.unwrap_or(self.0);
        let zero = named.map(|_| 0);
        let Some(sign) = self.eat(b"+-") else {
            // PDF may write `Z00'00'`.
            let is_zero = self.0.iter().all(|byte| matches!(byte, b'0' | b'\''));
            let is_end = self.0.is_empty() || (named.is_some() && is_zero);
            return is_end.then_some(zero);
        };
        let hours = self.digits(2)?;
        let is_divided = self.eat(b":'").is_some();
        let minutes = match self.digits(2) {
            Some(minutes) => minutes,
            None if is_divided => return None,
            None => 0,
        };
        let _after = self.eat(b"'");
        if hours > 23 || minutes > 59 || !self.0.is_empty() {
            return None;
        }
        let ahead = hours * 3600 + minutes * 60;
        Some(Some(if sign == b'-' { -ahead } else { ahead }))
    }
}

/// A date in a style from the year on, as far as it goes, and how many of its parts are written.
fn date(text: &[u8], style: Style) -> Option<(Moment, usize)> {
    let mut rest = Rest(text.trim_ascii());
    let mut parts = [rest.digits(4)?, 1, 1, 0, 0, 0];
    let mut written = 1;
    for (part, between) in parts[1..].iter_mut().zip(style) {
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
    Some((moment(at, width, rest.zone()?), written))
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
pub(in crate::format) fn compact(text: &[u8]) -> Option<Moment> {
    date(text, BARE).map(|(moment, _)| moment)
}

/// A day as ISO 8601 has it, with the time of day or without, and with that a zone or none.
pub(in crate::format) fn iso(text: &str) -> Option<Moment> {
    let (moment, written) = date(text.as_bytes(), ISO)?;
    let is_day = written == 3 && moment.zone == Zone::Unknown;
    (is_day || written > 4).then_some(moment)
}

/// A date as ISO 8601 has it, `2026-01-02T03:04:06Z` or less of it, or Exif: `2026:01:02 03:04:06`.
pub(in crate::format) fn partial(text: &[u8]) -> Option<Moment> {
    let read = date(text, ISO).or_else(|| date(text, EXIF))?;
    Some(read.0)
}

/// A date as mail has it: `Fri, 02 Jan 2026 03:04:06 GMT` (RFC 1123 §5.2.14).
fn mail(text: &str) -> Option<Moment> {
    let text = text.trim();
    let utc = ["GMT", "UTC", "UT", "Z"];
    let bare = utc.iter().find_map(|utc| text.strip_suffix(utc));
    let read = bare.map_or_else(
        || parse_rfc5322(text),
        |bare| parse_rfc5322(&format!("{bare}+0000")),
    );
    read.ok().map(Moment::of)
}

/// A date as ISO 8601 has it or less of it, Exif, or mail: what stands in pictures and documents.
pub(in crate::format) fn documented(text: &[u8]) -> Option<Moment> {
    partial(text).or_else(|| mail(str::from_utf8(text).ok()?))
}

/// What `java.util.Date.toString` and C's `ctime` give: `Mon Jul 03 10:38:18 PDT 2017`, the zone left out or not. A
/// name other than UTC and GMT may mean several zones, so it says nothing.
pub(in crate::format) fn java(text: &str) -> Option<Moment> {
    let mut words = text.split_ascii_whitespace();
    let (weekday, month) = (words.next()?, words.next()?);
    let (day, clock, next) = (words.next()?, words.next()?, words.next()?);
    let (zone, year) = words.next().map_or(("", next), |year| (next, year));
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    if !WEEKDAYS.contains(&weekday) || words.next().is_some() {
        return None;
    }
    let is_known = Rest(zone.as_bytes()).zone().is_some();
    let zone = if is_known { zone } else { "" };
    iso(&format!("{year}-{month:02}-{day:0>2}T{clock}{zone}"))
}

/// What stamps in the names of builds look like: `20260102`, `20260102-0304`, `20260102030405`, in UTC if they say so.
fn build(text: &str) -> Option<Moment> {
    let bare = text.replacen(['-', '.', '_', ' ', 'T'], "", 1);
    let digits = bare.strip_suffix('Z').unwrap_or(&bare);
    let is_stamp =
        matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Anything else of this length is more likely to be a version.
    let is_year = ("1980".."2200").contains(&digits.get(..4)?);
    (is_stamp && is_year).then(|| compact(bare.as_bytes()))?
}

/// A date as a field has it that holds nothing else: RFC 3339, or as near to it as machines write it.
pub(in crate::format) fn stated(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Unset;
    }
    iso(text).map_or(
        Value::Invalid("it is no date such as 2026-01-02T03:04:05Z"),
        Value::At,
    )
}

/// Seconds since 1970, with a fraction or without.
pub(in crate::format) fn seconds(text: &str) -> Value {
    match u8::try_from(text.len()) {
        Ok(0) => Value::Unset,
        Ok(length) => Form::PaxDecimal(length).decode(text.as_bytes()),
        Err(_) => Value::Invalid("it is no decimal number"),
    }
}

/// Milliseconds since 1970.
pub(in crate::format) fn millis(text: &str) -> Value {
    match text.trim().parse::<i64>() {
        Ok(millis) => {
            let at = Timestamp::from_nanos(i128::from(millis) * 1_000_000);
            Value::At(moment(at, 1_000_000, Some(0)))
        }
        Err(_) => Value::Invalid("it is no whole number of milliseconds since 1970"),
    }
}

/// A date in any of these ways; `None` for what is none of them.
pub(in crate::format) fn free(text: &str) -> Option<Moment> {
    let text = text.trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        13 if is_number => millis(text).moment().copied(),
        10 if is_number => seconds(text).moment().copied(),
        _ => iso(text)
            .or_else(|| java(text))
            .or_else(|| build(text))
            .or_else(|| mail(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::{compact, documented, free, iso, java, millis, partial, seconds, stated};
    use crate::format::{Moment, Value, Zone};
    use crate::time::Span;
    use proptest::prelude::{any, proptest};

    fn told(moment: Option<Moment>) -> Option<(String, Zone)> {
        moment.map(|moment| (moment.written.exact(), moment.zone))
    }

    fn known(text: &str) -> Option<(String, Zone)> {
        Some((text.to_owned(), Zone::Known))
    }

    const AT: &str = "2026-01-02T03:04:05.000000000Z";

    #[test]
    fn a_zone_is_taken_as_machines_write_it() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02 03:04:05 UTC",
            "2026-01-02T08:34:05+05:30",
            "2026-01-02T08:34:05+0530",
            "2026-01-01T22:04:05-05",
            "2026-01-02 03:04:05.000000000 Z",
        ] {
            assert_eq!(told(iso(text)), known(AT), "{text}");
        }
        for text in [
            "2026-02-30T00:00:00Z",
            "2026-01-02T03:04:05+24:00",
            "2026-01-02T03:04:05 PST",
            "2026-1-2",
            "20260102",
            "2026-01-02T03",
            "2026-01-02T03:04:05:06",
            "2026-01-02Z",
            "@1",
            "２０２６-01-02",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_as_wide_as_its_last_digit() {
        let width = |text| iso(text).unwrap().time.width().as_nanos() + 1;
        assert_eq!(width("2026-01-02T03:04:05Z"), 1_000_000_000);
        assert_eq!(width("2026-01-02T03:04:05.12Z"), 10_000_000);
        assert_eq!(width("2026-01-02T03:04Z"), 60_000_000_000);
        assert_eq!(width("2026-01-02T03:04:05.1234567890123Z"), 1);
        let local = iso("2026-01-02T03:04:05").unwrap();
        assert_eq!(local.zone, Zone::Unknown);
        assert_eq!(
            local.time.width(),
            Span::from_nanos(26 * 3600 * 1_000_000_000 + 999_999_999)
        );
    }

    #[test]
    fn a_name_that_means_several_zones_says_nothing() {
        let pacific = java("Fri Jan 02 03:04:05 PST 2026").unwrap();
        assert_eq!(pacific.zone, Zone::Unknown);
        assert_eq!(told(java("Fri Jan 02 03:04:05 UTC 2026")), known(AT));
        assert_eq!(told(java("Fri Jan 02 05:04:05 GMT+02:00 2026")), known(AT));
        assert_eq!(
            java("Fri Jan  2 03:04:05 2026").unwrap().zone,
            Zone::Unknown
        );
        for text in [
            "Fri Jan 02 2026",
            "a b c d e f",
            "Fri Foo 02 03:04:05 UTC 2026",
            "",
        ] {
            assert_eq!(java(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_and_stamps_are_dates_only_where_they_are_as_long_as_one() {
        assert_eq!(told(free("1767323045000")), known(AT));
        assert_eq!(told(free("1767323045")), known(AT));
        assert_eq!(told(free("20260102030405Z")), known(AT));
        assert_eq!(told(free("Fri, 02 Jan 2026 03:04:05 +0000")), known(AT));
        assert_eq!(free("20260102-0304").unwrap().zone, Zone::Unknown);
        for text in ["176732304", "12345678", "1.2.3", "@timestamp@", "${date}"] {
            assert_eq!(free(text), None, "{text}");
        }
        assert_eq!(seconds(""), Value::Unset);
        assert_eq!(stated(" "), Value::Unset);
        assert!(matches!(millis("1.5"), Value::Invalid(_)));
    }

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
            assert_eq!(shown(partial(text.as_bytes())), zoned(at, second), "{text}");
        }
        let mail = b"Fri, 02 Jan 2026 03:04:06 GMT";
        assert_eq!(shown(documented(mail)), zoned(at, second));
        assert_eq!(
            shown(partial(b"2026-01-02T03:04:06.25Z")),
            zoned("2026-01-02T03:04:06.250000000Z", second / 100)
        );
        let zones = 26 * 3600;
        for (text, width) in [
            ("2026-01-02T03:04:06", 1),
            ("2026-01-02T03:04", 60),
            ("2026-01-02", 86_400),
            ("2026", 366 * 86_400),
        ] {
            let moment = partial(text.as_bytes()).unwrap();
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
            assert!(documented(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]{0,14}[-+Z0-9:é ]{0,7}") {
            for text in [&text, &near] {
                let _bytes = (compact(text.as_bytes()), documented(text.as_bytes()));
                let _moment = (iso(text), java(text), free(text), stated(text), seconds(text), millis(text));
            }
        }
    }
}
