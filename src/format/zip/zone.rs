//! In which zone the DOS times of an archive are.

use crate::format::form::{DOS_ROUNDING, ZONES, dos_seconds, unzoned};
use crate::format::{Form, Moment, Value, ZipZone, Zone};
use crate::time::{Interval, Span, Timestamp};

/// Quarter hours, which all zones are multiples of.
const QUARTER: i64 = 900;

/// 1980-01-01: what a DOS time is of which the true one is earlier.
pub(super) const FLOOR: u32 = 0x0021_0000;
/// 2107-12-31 23:59:58: what it is of which the true one is later.
pub(super) const CEILING: u32 = 0xff9f_bf7d;

/// Seconds since 1970 of a DOS time as if in UTC.
pub(super) fn seconds(dos: u32) -> Option<i64> {
    let [low, high, date_low, date_high] = dos.to_le_bytes();
    let time = u16::from_le_bytes([low, high]);
    dos_seconds(u16::from_le_bytes([date_low, date_high]), time)
}

/// How far ahead of UTC the zone is in which `dos` is what `exact` was, both in seconds; `None` if there is no such
/// zone.
pub(super) fn offset(dos: i64, exact: i64) -> Option<i64> {
    let ahead = dos.saturating_sub(exact);
    let offset = ahead.saturating_add(QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    let is_zone = (-ZONES.1..=ZONES.0).contains(&offset);
    (is_zone && ahead.abs_diff(offset) <= DOS_ROUNDING.unsigned_abs()).then_some(offset)
}

/// Whether a DOS time can be what `exact` was in some zone, or in a zone that does not count summer time.
pub(super) fn agree(raw: u32, dos: i64, exact: i64) -> bool {
    let ahead = dos.saturating_sub(exact);
    ahead.unsigned_abs() <= (ZONES.0 + DOS_ROUNDING).unsigned_abs()
        || raw == FLOOR && exact < dos
        || raw == CEILING && exact > dos
}

/// What is known of the zone of DOS times.
#[derive(Debug, Clone)]
pub(super) enum Known {
    Nothing,
    /// This far ahead of UTC, the user says.
    Ahead(Span),
    /// This machine's, the user says.
    Here(jiff::tz::TimeZone),
    /// So far ahead of UTC, from the least to the most, in seconds: what other members say.
    Between(i64, i64),
}

impl Known {
    /// What the user says.
    pub(super) fn stated(zone: &ZipZone) -> Self {
        match zone {
            ZipZone::Unknown => Self::Nothing,
            ZipZone::Ahead(ahead) => Self::Ahead(*ahead),
            ZipZone::Local => Self::Here(jiff::tz::TimeZone::system()),
        }
    }

    /// What other members say, unless the user says something.
    pub(super) fn or(self, offsets: Option<(i64, i64)>) -> Self {
        match (self, offsets) {
            (Self::Nothing, Some((least, most))) => Self::Between(least, most),
            (known, _) => known,
        }
    }

    /// How far ahead of UTC and how far behind it can be at most, in seconds.
    pub(super) fn widest(&self) -> (i64, i64) {
        let (ahead, behind) = ZONES;
        match self {
            Self::Ahead(span) => {
                let seconds = Timestamp::from_unix(0, 0).later(*span).seconds();
                let after = seconds.saturating_add(1);
                (ahead.max(after), behind.max(seconds.saturating_neg()))
            }
            Self::Nothing | Self::Here(_) | Self::Between(..) => (ahead, behind),
        }
    }

    /// When a DOS time was.
    pub(super) fn value(&self, dos: u32) -> Value {
        match Form::DosTimeDate.decode(&dos.to_le_bytes()) {
            Value::At(moment) => Value::At(self.moment(moment.written)),
            other => other,
        }
    }

    fn moment(&self, written: Timestamp) -> Moment {
        let rounding = Span::from_secs(DOS_ROUNDING);
        let ahead = |least: Span, most: Span, zone| Moment {
            written,
            time: Interval::between(written.earlier(most), written.earlier(least))
                .widened(rounding),
            zone,
        };
        match self {
            Self::Nothing => unzoned(written, DOS_ROUNDING),
            Self::Ahead(span) => ahead(*span, *span, Zone::Stated),
            Self::Between(least, most) => {
                let [least, most] = [*least, *most].map(Span::from_secs);
                ahead(least, most, Zone::Inferred)
            }
            Self::Here(zone) => {
                let Some((least, most)) = offsets(zone, written) else {
                    return unzoned(written, DOS_ROUNDING);
                };
                ahead(least, most, Zone::Stated)
            }
        }
    }
}

/// How far ahead of UTC a zone is at a local time: two values where clocks are put back or forward.
fn offsets(zone: &jiff::tz::TimeZone, written: Timestamp) -> Option<(Span, Span)> {
    use jiff::tz::AmbiguousOffset;
    let as_utc = jiff::Timestamp::from_second(written.seconds()).ok()?;
    let civil = jiff::tz::Offset::UTC.to_datetime(as_utc);
    let (one, other) = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, offset),
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
            (before, after)
        }
    };
    let [one, other] = [one, other].map(|offset| Span::from_secs(i64::from(offset.seconds())));
    Some((one.min(other), one.max(other)))
}

/// A DOS time of which the true one is known by another record of the same header.
pub(super) fn beside(dos: u32, exact: i64, known: &Known) -> Value {
    let own = seconds(dos).and_then(|dos| offset(dos, exact));
    own.map_or_else(
        || known.value(dos),
        |own| Known::Between(own, own).value(dos),
    )
}

#[cfg(test)]
mod tests {
    use super::{FLOOR, Known, agree, offset, seconds};
    use crate::format::{Form, ZipZone, Zone};
    use crate::time::Timestamp;

    #[test]
    fn seconds_are_those_of_the_form() {
        // Every date, and times of which some are none.
        for date in 0..=u16::MAX {
            for time in [0, 0x5b3d, 0xbf7d, 0xbf7e, 0xc000, 0x0780, 0xffff] {
                let dos = u32::from(date) << 16 | time;
                let value = Form::DosTimeDate.decode(&dos.to_le_bytes());
                let slow = value.moment().map(|moment| moment.written.seconds());
                assert_eq!(seconds(dos), slow, "{dos:#010x}");
            }
        }
    }

    #[test]
    fn an_offset_is_a_zones_or_none() {
        for (dos, expected) in [
            (0, Some(0)),
            (2, Some(0)),
            (-2, Some(0)),
            (3, None),
            (5 * 3600 + 1800 + 1, Some(5 * 3600 + 1800)),
            (5 * 3600 + 2700 - 2, Some(5 * 3600 + 2700)),
            (-12 * 3600, Some(-12 * 3600)),
            (-12 * 3600 - 900, None),
            (14 * 3600, Some(14 * 3600)),
            (14 * 3600 + 900, None),
        ] {
            assert_eq!(
                offset(1_000_000_000 + dos, 1_000_000_000),
                expected,
                "{dos}"
            );
        }
    }

    #[test]
    fn no_zone_is_further_than_fourteen_hours() {
        let dos = 0x5c21_0000;
        let at = seconds(dos).unwrap();
        assert!(agree(dos, at, at - 14 * 3600 - 2) && !agree(dos, at, at - 14 * 3600 - 3));
        assert!(agree(dos, at, at + 14 * 3600 + 2) && !agree(dos, at, at + 14 * 3600 + 3));
        let floor = seconds(FLOOR).unwrap();
        assert!(agree(FLOOR, floor, 0) && !agree(FLOOR, floor, 1_000_000_000));
    }

    #[test]
    fn a_local_time_is_what_its_zone_says() {
        let zone = jiff::tz::TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let known = Known::Here(zone);
        let at = |written: i64| known.moment(Timestamp::from_unix(written, 0));
        // 2026-01-01 12:00, 2026-07-01 12:00, and 01:30 of the night that has it twice.
        for (written, least, most) in [
            (1_767_268_800, 5, 5),
            (1_782_907_200, 4, 4),
            (1_793_496_600, 4, 5),
        ] {
            let moment = at(written);
            assert_eq!(moment.zone, Zone::Stated);
            let ends = [moment.time.earliest(), moment.time.latest()];
            let ends = ends.map(|end| end.unwrap().seconds() - written);
            assert_eq!(ends, [least * 3600 - 2, most * 3600 + 2]);
        }
        assert_eq!(
            Known::stated(&ZipZone::Unknown).widest(),
            (14 * 3600, 12 * 3600)
        );
    }
}
