//! How the times that a receiver looks at lie to the last or the first that it accepts.

use super::{Answer, Delivery, Rejection};
use crate::format::Kept;
use crate::time::{Interval, Span, Timestamp, grouped};
use std::collections::BTreeSet;

/// The last time that a receiver accepts, or the first; an interval as far as its clock or its zone is not known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// It accepts nothing later than this.
    Last(Interval),
    /// It accepts nothing earlier than this.
    First(Interval),
}

/// A time as a receiver reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The way to its member.
    pub(super) member: &'a [u8],
    /// Which of its times.
    pub(super) field: &'static str,
    /// When that is to the receiver; an interval as far as its zone is not known.
    pub(super) at: Interval,
}

impl<'a> Reading<'a> {
    /// A time that was kept, as a receiver reads it.
    pub(super) fn of(kept: &'a Kept, at: Interval) -> Self {
        Self {
            member: &kept.member,
            field: kept.field.name,
            at,
        }
    }
}

/// The readings that are beyond a limit.
#[derive(Debug)]
pub(super) struct Passed<'a> {
    /// The one that is farthest beyond it.
    worst: Reading<'a>,
    limit: Limit,
    /// How many members have one.
    members: usize,
    /// Whether there are more of which nothing was kept.
    is_cut: bool,
    is_proven: bool,
}

/// `span` after `now`, which nobody knows better: what is no later is not later than that.
pub(super) fn until(now: Interval, span: Span) -> Timestamp {
    now.earliest()
        .map_or(Timestamp::DISTANT_PAST, |now| now.later(span))
}

fn ends(interval: Interval) -> (Timestamp, Timestamp) {
    (
        interval.earliest().unwrap_or(Timestamp::DISTANT_PAST),
        interval.latest().unwrap_or(Timestamp::DISTANT_FUTURE),
    )
}

impl Limit {
    /// Whether a time is beyond it in any case; `None` where it is not in any case.
    pub(super) fn is_passed(self, at: Interval) -> Option<bool> {
        let (earliest, latest) = ends(at);
        match self {
            Self::Last(limit) => {
                let (first, last) = ends(limit);
                (latest > first).then_some(earliest > last)
            }
            Self::First(limit) => {
                let (first, last) = ends(limit);
                (earliest < last).then_some(latest < first)
            }
        }
    }

    const fn at(self) -> Interval {
        match self {
            Self::Last(at) | Self::First(at) => at,
        }
    }

    /// What of a delivery is beyond it: those that are in any case, or else those that may be.
    pub(super) fn passed<'a>(
        self,
        delivery: &Delivery<'_>,
        readings: impl IntoIterator<Item = Reading<'a>>,
    ) -> Option<Passed<'a>> {
        let found = readings
            .into_iter()
            .filter_map(|reading| Some((self.is_passed(reading.at)?, reading)));
        let mut found: Vec<(bool, Reading<'a>)> = found.collect();
        let is_proven = found.iter().any(|(is_proven, _)| *is_proven);
        found.retain(|(proven, _)| *proven == is_proven);
        let all = found.iter().map(|(_, reading)| reading);
        let members: BTreeSet<&[u8]> = all.clone().map(|reading| reading.member).collect();
        let worst = match self {
            Self::Last(_) => all.rev().max_by_key(|reading| ends(reading.at)),
            Self::First(_) => all.min_by_key(|reading| ends(reading.at)),
        };
        Some(Passed {
            worst: *worst?,
            limit: self,
            members: members.len(),
            is_cut: delivery.content.is_cut(),
            is_proven,
        })
    }
}

impl Passed<'_> {
    /// "3 members are", "1 member may be".
    pub(super) fn members(&self) -> String {
        let number = u128::try_from(self.members).unwrap_or(u128::MAX);
        let (noun, is) = match (self.members, self.is_proven) {
            (1, true) => ("member", "is"),
            (_, true) => ("members", "are"),
            (1, false) => ("member", "may be"),
            (_, false) => ("members", "may be"),
        };
        let least = if self.is_cut { "at least " } else { "" };
        format!("{least}{} {noun} {is}", grouped(number))
    }

    /// "would", or "may" where that depends on what is not known.
    pub(super) const fn would(&self) -> &'static str {
        if self.is_proven { "would" } else { "may" }
    }

    /// When its clock must be there that nothing is more than `grace` ahead of it.
    pub(super) fn accepted_from(&self, grace: Span) -> Timestamp {
        ends(self.worst.at).1.earlier(grace)
    }

    /// It all as one rejection.
    pub(super) fn rejection(&self, answer: Answer, what: String) -> Rejection {
        Rejection {
            answer,
            member: self.worst.member.to_vec(),
            field: self.worst.field,
            found: self.worst.at,
            limit: self.limit.at(),
            is_proven: self.is_proven,
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Reading};
    use crate::receiver::sample::{at, content, delivery};
    use crate::time::Interval;

    #[test]
    fn a_limit_is_passed_for_sure_only_where_all_of_it_is() {
        let span = |from, to| Interval::between(at(from), at(to));
        let last = Limit::Last(span(100, 110));
        let first = Limit::First(span(100, 110));
        for (reading, after, before) in [
            (span(90, 99), None, Some(true)),
            (span(90, 100), None, Some(false)),
            (span(100, 100), None, Some(false)),
            (span(101, 101), Some(false), Some(false)),
            (span(110, 110), Some(false), None),
            (span(110, 111), Some(false), None),
            (span(111, 111), Some(true), None),
        ] {
            assert_eq!(last.is_passed(reading), after, "{reading:?}");
            assert_eq!(first.is_passed(reading), before, "{reading:?}");
        }
        let open = Limit::Last(Interval::from(at(100)));
        assert_eq!(open.is_passed(span(900, 900)), Some(false));
    }

    #[test]
    fn members_are_counted_once_and_the_worst_is_named() {
        let content = content(&[]);
        let delivery = delivery("a", &content);
        let reading = |member, seconds| Reading {
            member,
            field: "tar.mtime",
            at: Interval::exactly(at(seconds)),
        };
        let readings = [
            reading(b"a".as_slice(), 112),
            reading(b"b", 120),
            reading(b"a", 115),
            reading(b"c", 105),
        ];
        let limit = Limit::Last(Interval::between(at(100), at(110)));
        let passed = limit.passed(&delivery, readings).unwrap();
        assert_eq!(
            (passed.members().as_str(), passed.worst.member),
            ("2 members are", b"b".as_slice())
        );
        let passed = limit.passed(&delivery, [readings[3]]).unwrap();
        assert_eq!(
            (passed.members().as_str(), passed.would()),
            ("1 member may be", "may")
        );
    }
}
