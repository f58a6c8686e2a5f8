//! Dates as programs write them in text: ISO 8601, what Java prints of a `Date`, and numbers since 1970.

use super::calendar::civil;
use super::form::unzoned;
use super::{Form, Moment, Value};
use crate::time::{Interval, Span, Timestamp, parse_rfc5322};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// A date as a field has it that holds nothing else: RFC 3339, or as near to it as machines write it.
pub(super) fn stated(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Unset;
    }
    iso(text).map_or(
        Value::Invalid("it is no date such as 2026-01-02T03:04:05Z"),
        Value::At,
    )
}

/// Seconds since 1970, with a fraction or without.
pub(super) fn seconds(text: &str) -> Value {
    match u8::try_from(text.len()) {
        Ok(0) => Value::Unset,
        Ok(length) => Form::PaxDecimal(length).decode(text.as_bytes()),
        Err(_) => Value::Invalid("it is no decimal number"),
    }
}

/// Milliseconds since 1970.
pub(super) fn millis(text: &str) -> Value {
    match text.trim().parse::<i64>() {
        Ok(millis) => {
            let at = Timestamp::from_nanos(i128::from(millis) * 1_000_000);
            Value::At(as_precise(at, 1_000_000))
        }
        Err(_) => Value::Invalid("it is no whole number of milliseconds since 1970"),
    }
}

/// A date in any of these ways; `None` for what is none of them.
pub(super) fn free(text: &str) -> Option<Moment> {
    let text = text.trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        13 if is_number => millis(text).moment().copied(),
        10 if is_number => seconds(text).moment().copied(),
        _ => iso(text)
            .or_else(|| java(text))
            .or_else(|| compact(text))
            .or_else(|| parse_rfc5322(text).ok().map(Moment::of)),
    }
}

/// A time in a known zone, to the worth of its last digit in nanoseconds.
fn as_precise(at: Timestamp, worth: i128) -> Moment {
    Moment::of(Interval::between(at, at.later(Span::from_nanos(worth - 1))))
}

/// What a zone says: how far it is ahead of UTC, in seconds; `None` for one that says nothing or too little.
fn placed(civil: Timestamp, zone: Option<i64>, worth: i128) -> Moment {
    match zone {
        Some(ahead) => as_precise(civil.earlier(Span::from_secs(ahead)), worth),
        None => {
            let rounding = i64::try_from(worth.div_euclid(SECOND)).unwrap_or(0);
            unzoned(civil, rounding)
        }
    }
}

/// ISO 8601 with a day and the time of day or without, with a zone or without.
pub(super) fn iso(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let mut parts = day.splitn(3, '-');
    let date = [
        number(parts.next()?, 4)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    ];
    if rest.is_empty() {
        return Some(placed(civil(date, [0; 3])?, None, DAY));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let to = rest.find(|found: char| !found.is_ascii_digit() && !matches!(found, ':' | '.' | ','));
    let (clock, zone) = rest.split_at(to.unwrap_or(rest.len()));
    let (at, nanos, worth) = time_of_day(date, clock)?;
    let zone = match zone.trim() {
        "" => None,
        zone => Some(offset(zone)?),
    };
    Some(placed(at.later(Span::from_nanos(nanos)), zone, worth))
}

/// `03:04`, `03:04:05`, `03:04:05.678`: the second, the nanoseconds in it, and the worth of the last digit.
fn time_of_day(date: [i64; 3], clock: &str) -> Option<(Timestamp, i128, i128)> {
    let (clock, fraction) = clock
        .split_once(['.', ','])
        .map_or((clock, ""), |(clock, fraction)| (clock, fraction));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (second, mut worth) = match parts.next() {
        Some(second) => (number(second, 2)?, SECOND),
        None => (0, 60 * SECOND),
    };
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut nanos = 0;
    for digit in fraction.bytes().take(9) {
        worth /= 10;
        nanos += i128::from(digit - b'0') * worth;
    }
    Some((civil(date, [hour, minute, second])?, nanos, worth.max(1)))
}

/// How far a zone is ahead of UTC, in seconds: `Z`, `UTC`, `GMT`, `+0100`, `+01:00`, `+01`, `GMT+01:00`.
fn offset(zone: &str) -> Option<i64> {
    let rest = ["UTC", "GMT"]
        .iter()
        .find_map(|name| zone.strip_prefix(name))
        .unwrap_or(zone);
    if rest.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (number(digits, 2)?, 0),
        4 => (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?),
        5 if digits.as_bytes().get(2) == Some(&b':') => {
            (number(digits.get(..2)?, 2)?, number(digits.get(3..)?, 2)?)
        }
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// What `java.util.Date.toString` and C's `ctime` give: `Mon Jul 03 10:38:18 PDT 2017`, the zone left out or not. A
/// name other than UTC and GMT may mean several zones, so it says nothing.
pub(super) fn java(text: &str) -> Option<Moment> {
    let mut words = text.split_ascii_whitespace();
    let (weekday, month) = (words.next()?, words.next()?);
    let (day, clock, mut next) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)?;
    let mut zone = None;
    if let Some(year) = words.next() {
        zone = offset(next);
        next = year;
    }
    if !WEEKDAYS.contains(&weekday) || words.next().is_some() {
        return None;
    }
    let day = number(day, day.len().clamp(1, 2))?;
    let date = [number(next, 4)?, i64::try_from(month).ok()? + 1, day];
    let (at, nanos, worth) = time_of_day(date, clock)?;
    Some(placed(at.later(Span::from_nanos(nanos)), zone, worth))
}

/// What stamps in the names of builds look like: `20260102`, `20260102-0304`, `20260102030405`.
fn compact(text: &str) -> Option<Moment> {
    let digits = text.replacen(['-', '.', '_', ' ', 'T'], "", 1);
    let digits = digits.strip_suffix('Z').unwrap_or(&digits);
    let zone = text.ends_with('Z').then_some(0);
    let part = |from: usize, to: usize| number(digits.get(from..to)?, to - from);
    let date = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
    // Anything else of this length is more likely to be a version.
    (1980..2200).contains(&date[0]).then_some(())?;
    match digits.len() {
        8 => Some(placed(civil(date, [0; 3])?, zone, DAY)),
        12 => {
            let time = [part(8, 10)?, part(10, 12)?, 0];
            Some(placed(civil(date, time)?, zone, 60 * SECOND))
        }
        14 => {
            let time = [part(8, 10)?, part(10, 12)?, part(12, 14)?];
            Some(placed(civil(date, time)?, zone, SECOND))
        }
        _ => None,
    }
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{free, iso, java, millis, seconds, stated};
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
        assert_eq!(local.time.width(), Span::from_secs(26 * 3600 + 2));
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

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]{0,14}[-+Z0-9:é ]{0,7}") {
            for text in [&text, &near] {
                let _moment = (iso(text), java(text), free(text), stated(text), seconds(text), millis(text));
            }
        }
    }
}
