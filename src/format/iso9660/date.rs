//! The two ways in which ISO 9660 writes a date: with its zone in quarter hours ahead of UTC.

use crate::format::form::unzoned;
use crate::format::piece::calendar::civil;
use crate::format::{Moment, Value};
use crate::time::{Interval, Span, Timestamp};

/// Bytes of a date in numbers (ECMA-119 9.1.5).
pub(super) const SHORT: usize = 7;
/// Bytes of a date in digits (ECMA-119 8.4.26.1).
pub(super) const LONG: usize = 17;

/// The zones that ECMA-119 allows, in quarter hours.
const ZONES: std::ops::RangeInclusive<i8> = -48..=52;

/// What a date says in either way; which, its length tells.
pub(super) fn decode(raw: &[u8]) -> Value {
    let Some((zone, digits)) = raw.split_last() else {
        return Value::Invalid("it is cut off");
    };
    let (date, nanos) = match *digits {
        [0, 0, 0, 0, 0, 0] => return Value::Unset,
        [year, month, day, hour, minute, second] => {
            let [year, month, day] = [year, month, day].map(i64::from);
            let time = [hour, minute, second].map(i64::from);
            (civil([year + 1900, month, day], time), None)
        }
        _ if digits.iter().all(|digit| matches!(digit, b'0' | b' ' | 0)) => return Value::Unset,
        _ => match spelled(digits) {
            Some((at, hundredths)) => (at, Some(hundredths)),
            None => return Value::Invalid("it is no sixteen digits"),
        },
    };
    let zone = i8::from_le_bytes([*zone]);
    let Some(at) = date else {
        return Value::Invalid("no such day or time in the calendar");
    };
    if !ZONES.contains(&zone) {
        // genisoimage writes zones a day off for some dates beyond 2037. Readers leave them out, and so the time is
        // that of any zone.
        return Value::At(unzoned(at, 0));
    }
    let at = at.earlier(Span::from_secs(i64::from(zone) * 900));
    let Some(hundredths) = nanos else {
        return Value::At(Moment::exactly(at));
    };
    const HUNDREDTH: i128 = 10_000_000;
    let at = at.later(Span::from_nanos(hundredths * HUNDREDTH));
    let last = at.later(Span::from_nanos(HUNDREDTH - 1));
    Value::At(Moment::of(Interval::between(at, last)))
}

/// The time in sixteen digits, and its hundredths of a second.
fn spelled(digits: &[u8]) -> Option<(Option<Timestamp>, i128)> {
    let text = str::from_utf8(digits).ok()?;
    let is_number = text.len() == LONG - 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |from: usize, to: usize| -> Option<i64> {
        text.get(from..to).filter(|_| is_number)?.parse().ok()
    };
    let date = [number(0, 4)?, number(4, 6)?, number(6, 8)?];
    let time = [number(8, 10)?, number(10, 12)?, number(12, 14)?];
    Some((civil(date, time), i128::from(number(14, 16)?)))
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::format::{Value, Zone};
    use proptest::prelude::{any, proptest};

    fn exact(raw: &[u8]) -> Option<String> {
        decode(raw).moment().map(|moment| moment.written.exact())
    }

    #[test]
    fn both_ways_have_their_zone() {
        let at = Some("2026-01-02T03:04:06.000000000Z".to_owned());
        assert_eq!(exact(&[126, 1, 2, 3, 4, 6, 0]), at);
        assert_eq!(exact(&[126, 1, 2, 8, 34, 6, 22]), at);
        assert_eq!(exact(&[126, 1, 1, 22, 4, 6, 0xec]), at);
        assert_eq!(exact(b"2026010203040600\0"), at);
        assert_eq!(
            exact(b"2026010203040675\x04").as_deref(),
            Some("2026-01-02T02:04:06.750000000Z")
        );
        assert_eq!(decode(b"0000000000000000\0"), Value::Unset);
        assert_eq!(decode(&[0; 7]), Value::Unset);
        for wrong in [
            &b"2026010203040x00\0"[..],
            b"2026023000000000\0",
            &[126, 13, 1, 0, 0, 0, 0],
            b"",
        ] {
            assert!(matches!(decode(wrong), Value::Invalid(_)), "{wrong:?}");
        }
    }

    #[test]
    fn a_zone_that_there_is_not_is_any() {
        for raw in [&[126, 1, 2, 3, 4, 6, 0xb6][..], b"2026010203040600\x35"] {
            assert_eq!(
                exact(raw).as_deref(),
                Some("2026-01-02T03:04:06.000000000Z")
            );
            assert_eq!(
                decode(raw).moment().map(|moment| moment.zone),
                Some(Zone::Unknown)
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(raw in any::<Vec<u8>>()) {
            let _value = decode(&raw);
        }
    }
}
