//! The Gregorian calendar, as files write it.

use crate::time::Timestamp;

/// Days from 1970-01-01 to a date of the Gregorian calendar, which must be one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Counted from March, so that the leap day is a year's last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let century = year.div_euclid(100);
    let leap_days = year.div_euclid(4) - century + century.div_euclid(4);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The date of a day counted from 1970-01-01.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let first = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year + era * 400 + later, month, first)
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The second of a civil date and time as if in UTC; `None` where there is no such. A leap second is the one
/// before it.
pub(crate) fn civil(date: [i64; 3], time: [i64; 3]) -> Option<Timestamp> {
    civil_seconds(date, time).map(|seconds| Timestamp::from_unix(seconds, 0))
}

/// The same in seconds since 1970.
pub(crate) fn civil_seconds(date: [i64; 3], time: [i64; 3]) -> Option<i64> {
    let ([year, month, day], [hour, minute, second]) = (date, time);
    let length = match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let is_time =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    if !(1..=length).contains(&day) || !(-9999..=99_999).contains(&year) || !is_time {
        return None;
    }
    Some((days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second.min(59))
}

/// The date and the time of day of a second.
pub(in crate::format) fn fields(seconds: i64) -> ([i64; 3], [i64; 3]) {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    (
        [year, month, day],
        [of_day / 3600, of_day / 60 % 60, of_day % 60],
    )
}

#[cfg(test)]
mod tests {
    use super::{civil, fields};
    use crate::time::Timestamp;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn the_calendar_is_jiffs(seconds in -370_000_000_000..250_000_000_000_i64) {
            let (date, time) = fields(seconds);
            assert_eq!(civil(date, time), Some(Timestamp::from_unix(seconds, 0)));
            let theirs = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            let year = if date[0] < 0 { format!("-{:06}", -date[0]) } else { format!("{:04}", date[0]) };
            let ours = format!("{year}-{:02}-{:02}T{:02}:{:02}:{:02}Z", date[1], date[2], time[0], time[1], time[2]);
            assert_eq!(ours, theirs);
        }
    }
}
