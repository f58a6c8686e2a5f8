//! Deliveries for tests of receivers.

use super::{Delivery, Looks, Receiver, Rejection};
use crate::format::{Content, FORMATS, Field, Kept, Moment, Value, Zone};
use crate::time::{Interval, Span, Timestamp};
use std::ffi::OsStr;

/// 2027-01-15T08:00:00Z: when the tests are.
pub(super) const NOW: i64 = 1_800_000_000;

/// How a time is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// In UTC.
    Exact,
    /// As DOS does, in a zone that nobody knows.
    Dos,
    /// As DOS does, in the zone that was stated: so far ahead of UTC, in seconds.
    Stated(i64),
    /// The noon of a day in any zone.
    Day,
}

/// A member, a field, and what it says in seconds since 1970.
pub(super) type Told<'a> = (&'a str, &'static str, i64);

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds, 0)
}

/// The field of this name, which has to be one that a format tells.
pub(super) fn field(name: &str) -> &'static Field {
    let mut fields = FORMATS.iter().flat_map(|format| format.fields);
    let found = fields.find(|field| field.name == name);
    found.unwrap_or_else(|| panic!("no format tells {name}"))
}

/// A time as its reader tells it.
pub(super) fn value(seconds: i64, kind: Kind) -> Value {
    let written = at(seconds);
    let (earlier, later, zone) = match kind {
        Kind::Exact => (0, 0, Zone::Known),
        Kind::Dos => (14 * 3600 + 2, 12 * 3600 + 2, Zone::Unknown),
        Kind::Stated(ahead) => (ahead + 2, 2 - ahead, Zone::Stated),
        Kind::Day => (26 * 3600, 24 * 3600, Zone::Unknown),
    };
    let time = Interval::between(
        written.earlier(Span::from_secs(earlier)),
        written.later(Span::from_secs(later)),
    );
    Value::At(Moment {
        written,
        time,
        zone,
    })
}

pub(super) fn kept(member: &str, name: &'static str, seconds: i64, kind: Kind) -> Kept {
    Kept {
        member: member.into(),
        field: field(name),
        raw: b"Fri, 15 Jan 2027 08:00:00 UTC".into(),
        value: value(seconds, kind),
    }
}

/// A header that was rounded up beside its pax record.
pub(super) fn rounded(member: &str, seconds: i64) -> Vec<Kept> {
    vec![
        kept(member, "tar.mtime", seconds + 1, Kind::Exact),
        kept(member, "tar.pax.mtime", seconds, Kind::Exact),
    ]
}

pub(super) fn content(told: &[Told<'_>]) -> Content {
    let stamps = told
        .iter()
        .map(|&(member, field, at)| kept(member, field, at, Kind::Exact));
    Content::of(stamps.collect())
}

pub(super) fn delivery<'a>(name: &'a str, content: &'a Content) -> Delivery<'a> {
    Delivery {
        name: OsStr::new(name),
        content,
    }
}

/// What a receiver of what lies inside says at `now`.
pub(super) fn judged_at(
    receiver: &Receiver,
    name: &str,
    stamps: Vec<Kept>,
    now: Interval,
) -> Vec<Rejection> {
    let Looks::Inside { judge, .. } = receiver.looks else {
        panic!("{} looks at files", receiver.name)
    };
    judge(&delivery(name, &Content::of(stamps)), now)
}

pub(super) fn judged(receiver: &Receiver, name: &str, stamps: Vec<Kept>) -> Vec<Rejection> {
    judged_at(receiver, name, stamps, Interval::exactly(at(NOW)))
}

pub(super) fn judged_of(receiver: &Receiver, name: &str, told: &[Told<'_>]) -> Vec<Rejection> {
    judged(receiver, name, content(told).stamps)
}

/// Of each of its rejections, whether it is proven.
pub(super) fn certainties(receiver: &Receiver, name: &str, told: &[Told<'_>]) -> Vec<bool> {
    let rejections = judged_of(receiver, name, told).into_iter();
    rejections.map(|rejection| rejection.is_proven).collect()
}

/// Of each of its rejections, what it says.
pub(super) fn whats(receiver: &Receiver, name: &str, told: &[Told<'_>]) -> Vec<String> {
    let rejections = judged_of(receiver, name, told).into_iter();
    rejections.map(|rejection| rejection.what).collect()
}

/// What a receiver of files says of one with this `mtime`.
pub(super) fn outside(receiver: &Receiver, seconds: i64, nanos: u32) -> Option<Rejection> {
    let Looks::Outside { judge, .. } = receiver.looks else {
        panic!("{} looks inside", receiver.name)
    };
    judge(
        Timestamp::from_unix(seconds, nanos),
        Interval::exactly(at(NOW)),
    )
}

/// Holds that `last` is the last second that a receiver accepts: by a clock that is known, to the second or in
/// between, and by one of which ten seconds are not known.
pub(super) fn edge(
    receiver: &Receiver,
    name: &str,
    (member, field): (&str, &'static str),
    last: i64,
) {
    let judged = |now, seconds| {
        let stamps = vec![kept(member, field, seconds, Kind::Exact)];
        let found = judged_at(receiver, name, stamps, now);
        assert!(found.len() <= 1, "{found:?}");
        found.first().map(|found| found.is_proven)
    };
    let half = Timestamp::from_unix(NOW, 500_000_000);
    for now in [Interval::exactly(at(NOW)), Interval::exactly(half)] {
        assert_eq!(judged(now, last), None, "{name} {member}");
        assert_eq!(judged(now, last + 1), Some(true), "{name} {member}");
    }
    let now = Interval::between(at(NOW), at(NOW + 10));
    for (seconds, expected) in [
        (0, None),
        (1, Some(false)),
        (10, Some(false)),
        (11, Some(true)),
    ] {
        assert_eq!(judged(now, last + seconds), expected, "{name} {member}");
    }
}
