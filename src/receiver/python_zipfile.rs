//! `python-zipfile`: what makes zip archives and wheels in Python.

use super::limit::Limit;
use super::{Answer, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "python-zipfile",
    summary: "Python's zipfile (wheels, eggs, aws, sam, az): files that will be put into a zip",
    rule: "\
raises ValueError for a file whose mtime as local time is before 1980, and struct.error for one after 2107, unless \
strict_timestamps=False or the caller clamps, as wheel does from below; proven is what it does in every zone",
    source: "\
python/cpython@00af1200 Lib/zipfile/__init__.py ZipInfo.from_file and FileHeader; run with Python 3.11",
    looks: Looks::Outside {
        calm: |_now| (in_zone(FIRST, BEHIND), in_zone(LAST, AHEAD)),
        judge,
    },
};

/// 1980-01-01T00:00:00 and the last nanosecond of 2107, in local time.
const FIRST: Timestamp = Timestamp::from_unix(315_532_800, 0);
const LAST: Timestamp = Timestamp::from_unix(4_354_819_199, 999_999_999);

/// How far zones are from UTC.
const AHEAD: Span = Span::from_secs(14 * 3600);
const BEHIND: Span = Span::from_secs(-12 * 3600);

const fn in_zone(local: Timestamp, ahead: Span) -> Timestamp {
    local.earlier(ahead)
}

fn judge(modified: Timestamp, _now: Interval) -> Option<Rejection> {
    let found = Interval::exactly(modified);
    let zones = |local| Interval::between(in_zone(local, AHEAD), in_zone(local, BEHIND));
    let early = (
        Limit::First(zones(FIRST)),
        zones(FIRST),
        "is before 1980 (ValueError)",
    );
    let late = (
        Limit::Last(zones(LAST)),
        zones(LAST),
        "is after 2107 (struct.error)",
    );
    [early, late].into_iter().find_map(|(limit, at, why)| {
        let is_proven = limit.is_passed(found)?;
        let would = if is_proven { "would" } else { "may" };
        Some(Rejection {
            answer: Answer::Refuses,
            member: Vec::new(),
            field: "mtime",
            found,
            limit: at,
            is_proven,
            what: format!("Python's zipfile {would} refuse this file: its local time {why}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::outside;

    #[test]
    fn a_file_is_of_the_years_that_zip_can_hold_in_its_zone() {
        let judged =
            |seconds, nanos| outside(&RECEIVER, seconds, nanos).map(|found| found.is_proven);
        let (year_1980, year_2108) = (315_532_800, 4_354_819_200);
        assert_eq!(judged(year_1980 - 14 * 3600 - 1, 999_999_999), Some(true));
        assert_eq!(judged(year_1980 - 14 * 3600, 0), Some(false));
        assert_eq!(judged(year_1980 + 12 * 3600 - 1, 999_999_999), Some(false));
        assert_eq!(judged(year_1980 + 12 * 3600, 0), None);
        assert_eq!(judged(year_2108 - 14 * 3600 - 1, 999_999_999), None);
        assert_eq!(judged(year_2108 - 14 * 3600, 0), Some(false));
        assert_eq!(judged(year_2108 + 12 * 3600 - 1, 999_999_999), Some(false));
        assert_eq!(judged(year_2108 + 12 * 3600, 0), Some(true));
    }
}
