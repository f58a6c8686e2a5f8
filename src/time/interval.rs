//! An uncertain instant, and the one comparison that rules use.

use super::{Span, Timestamp};

/// An uncertain instant: it lies somewhere in `[earliest, latest]`, both ends included. Either side
/// may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    earliest: Timestamp,
    latest: Timestamp,
}

/// How one uncertain instant lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Wherever the two really are, the first is earlier.
    Before,
    /// Either may be the earlier one.
    Overlaps,
    /// Wherever the two really are, the first is later.
    After,
}

impl Interval {
    /// The interval between two instants, given in any order.
    pub fn between(one: Timestamp, other: Timestamp) -> Self {
        Self {
            earliest: one.min(other),
            latest: one.max(other),
        }
    }

    /// An instant that is known exactly.
    pub const fn exactly(at: Timestamp) -> Self {
        Self {
            earliest: at,
            latest: at,
        }
    }

    /// The instant `at`, give or take `error` (whose sign does not matter).
    pub const fn around(at: Timestamp, error: Span) -> Self {
        Self {
            earliest: at.earlier(error.abs()),
            latest: at.later(error.abs()),
        }
    }

    /// At `at` or any time after it.
    pub const fn from(at: Timestamp) -> Self {
        Self {
            earliest: at,
            latest: Timestamp::DISTANT_FUTURE,
        }
    }

    /// At `at` or any time before it.
    pub const fn until(at: Timestamp) -> Self {
        Self {
            earliest: Timestamp::DISTANT_PAST,
            latest: at,
        }
    }

    /// The earliest the instant can be; `None` when nothing bounds it.
    pub fn earliest(self) -> Option<Timestamp> {
        (self.earliest != Timestamp::DISTANT_PAST).then_some(self.earliest)
    }

    /// The latest the instant can be; `None` when nothing bounds it.
    pub fn latest(self) -> Option<Timestamp> {
        (self.latest != Timestamp::DISTANT_FUTURE).then_some(self.latest)
    }

    /// How uncertain the instant is.
    pub const fn width(self) -> Span {
        self.latest.since(self.earliest)
    }

    /// Where this lies to `other`, given that either is uncertain.
    pub fn order(self, other: Self) -> Order {
        if self.latest < other.earliest {
            Order::Before
        } else if self.earliest > other.latest {
            Order::After
        } else {
            Order::Overlaps
        }
    }

    /// The least distance between the two: zero where they overlap.
    pub fn distance(self, other: Self) -> Span {
        match self.order(other) {
            Order::Before => other.earliest.since(self.latest),
            Order::Overlaps => Span::ZERO,
            Order::After => self.earliest.since(other.latest),
        }
    }

    /// The interval moved to a later time.
    pub const fn later(self, span: Span) -> Self {
        Self {
            earliest: self.earliest.later(span),
            latest: self.latest.later(span),
        }
    }

    /// The interval after a time of which only the least and the most are known.
    pub const fn after(self, (least, most): (Span, Span)) -> Self {
        Self {
            earliest: self.earliest.later(least),
            latest: self.latest.later(most),
        }
    }

    /// Where the middle is; `None` when a side is open.
    pub fn middle(self) -> Option<Timestamp> {
        let (earliest, latest) = (self.earliest()?, self.latest()?);
        Some(earliest.later(latest.since(earliest).half()))
    }

    /// The interval made wider by `span` on both sides.
    pub const fn widened(self, span: Span) -> Self {
        Self {
            earliest: self.earliest.earlier(span.abs()),
            latest: self.latest.later(span.abs()),
        }
    }

    /// From where one begins to where the other ends, whichever comes first.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            earliest: self.earliest.min(other.earliest),
            latest: self.latest.max(other.latest),
        }
    }

    /// Where both can be true; `None` where they exclude each other.
    pub fn intersection(self, other: Self) -> Option<Self> {
        (self.order(other) == Order::Overlaps).then(|| Self {
            earliest: self.earliest.max(other.earliest),
            latest: self.latest.min(other.latest),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, Order};
    use crate::time::{Span, Timestamp};
    use proptest::prelude::{Strategy, any, proptest};

    fn interval() -> impl Strategy<Value = Interval> {
        (any::<i32>(), 0..1000_i64).prop_map(|(start, width)| {
            let start = Timestamp::from_unix(i64::from(start % 5000), 0);
            Interval::between(start, start.later(Span::from_secs(width)))
        })
    }

    proptest! {
        #[test]
        fn order_is_antisymmetric(a in interval(), b in interval()) {
            let mirrored = match b.order(a) {
                Order::Before => Order::After,
                Order::Overlaps => Order::Overlaps,
                Order::After => Order::Before,
            };
            assert_eq!(a.order(b), mirrored);
        }

        #[test]
        fn only_overlapping_intervals_intersect(a in interval(), b in interval()) {
            assert_eq!(a.intersection(b).is_some(), a.order(b) == Order::Overlaps);
            assert_eq!(a.intersection(b).is_some(), a.distance(b) == Span::ZERO);
            assert_eq!(a.distance(b), b.distance(a));
        }

        #[test]
        fn widening_never_proves_anything(a in interval(), b in interval(), by in 0..500_i64) {
            let wider = a.widened(Span::from_secs(by));
            assert!(wider.order(b) == a.order(b) || wider.order(b) == Order::Overlaps);
        }
    }

    #[test]
    fn touching_intervals_overlap() {
        let (a, b) = (Timestamp::from_unix(1, 0), Timestamp::from_unix(2, 0));
        assert_eq!(
            Interval::exactly(a).order(Interval::between(a, b)),
            Order::Overlaps
        );
        assert_eq!(
            Interval::exactly(a).order(Interval::exactly(b)),
            Order::Before
        );
    }

    #[test]
    fn an_open_side_is_never_passed() {
        let open = Interval::from(Timestamp::from_unix(10, 0));
        let far = Interval::exactly(Timestamp::from_unix(i64::MAX, 0));
        assert_eq!(far.order(open), Order::Overlaps);
        assert_eq!(open.latest(), None);
        assert_eq!(open.later(Span::from_secs(5)).latest(), None);
        let open = Interval::until(Timestamp::from_unix(10, 0));
        assert_eq!(open.earliest(), None);
        let near = Interval::exactly(Timestamp::from_unix(11, 0));
        assert_eq!(near.order(open), Order::After);
    }
}
