//! How fast one clock may run beside another.

use super::Span;

/// Parts in a whole.
const BILLION: i128 = 1_000_000_000;

/// Parts per billion in a part per million.
const PPM: i128 = 1000;

/// How much the true time may gain on a ruler, as a part of what the ruler shows: the least and the most,
/// in parts per billion.
///
/// A ruler that runs a fifth too fast shows 12 s while 10 s pass: the true time gains -166,667 ppm on it,
/// and it gains 200,000 ppm on the true time ([`Rate::inverse`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    least: i128,
    most: i128,
}

impl Rate {
    /// That of a ruler about which nothing is known but that it is a clock: between half and one and a
    /// half times as fast. The builder that this tool was made for ran a fifth too fast.
    pub const UNKNOWN: Self = Self::within(500_000);

    /// Within this many parts per million of the same.
    pub const fn within(ppm: u32) -> Self {
        let ppb = ppm as i128 * PPM;
        Self {
            least: -ppb,
            most: ppb,
        }
    }

    /// The most that a kernel slews a clock beside its rate (`adjtime(3)`, RFC 5905 §11.3), in parts per
    /// million: what a ruler may change its rate by from one reading to the next.
    pub const UNSTEADY_PPM: u32 = 500;

    /// That of a ruler which shows `elapsed` while true time passes of which the least and the most are known,
    /// rounded outward. `None` where the ruler does not go forward.
    pub fn of((least, most): (Span, Span), elapsed: Span) -> Option<Self> {
        let by = elapsed.as_nanos();
        let gain = |passed: Span| passed.as_nanos().saturating_sub(by).saturating_mul(BILLION);
        (by > 0).then(|| Self {
            least: down(gain(least), by),
            most: up(gain(most), by),
        })
    }

    /// Between two gains in parts per billion, given in any order.
    pub fn between(one: i128, other: i128) -> Self {
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }

    /// The least gain, in parts per billion.
    pub const fn least(self) -> i128 {
        self.least
    }

    /// The greatest gain, in parts per billion.
    pub const fn most(self) -> i128 {
        self.most
    }

    /// The least and the most true time that passes while the ruler shows `elapsed`, rounded outward.
    /// `elapsed` may be negative: then it is how long ago something was.
    pub fn over(self, elapsed: Span) -> (Span, Span) {
        let nanos = elapsed.as_nanos();
        let gain = |ppb: i128| nanos.saturating_mul(ppb);
        let (one, other) = (gain(self.least), gain(self.most));
        (
            elapsed.plus(Span::from_nanos(down(one.min(other), BILLION))),
            elapsed.plus(Span::from_nanos(up(one.max(other), BILLION))),
        )
    }

    /// How much the ruler gains on the true time: the same rate, seen from the other side, rounded
    /// outward. `None` where the ruler would stand still or run backwards.
    pub fn inverse(self) -> Option<Self> {
        if self.least <= -BILLION {
            return None;
        }
        // 1 / (1 + s) - 1 = -s / (1 + s), which falls as s rises.
        let of = |ppb: i128| (-ppb * BILLION, BILLION + ppb);
        let ((least, over_least), (most, over_most)) = (of(self.most), of(self.least));
        Some(Self {
            least: down(least, over_least),
            most: up(most, over_most),
        })
    }

    /// Where both can be true; `None` where they exclude each other.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (least, most) = (self.least.max(other.least), self.most.min(other.most));
        (least <= most).then_some(Self { least, most })
    }

    /// Both rates, and all between.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    /// Whether every rate that the other can be is one that this can be.
    pub fn holds(self, other: Self) -> bool {
        self.least <= other.least && other.most <= self.most
    }

    /// How far two rates lie apart at least, in parts per billion: zero where both can be one.
    pub fn distance(self, other: Self) -> i128 {
        (self.least - other.most)
            .max(other.least - self.most)
            .max(0)
    }

    /// The rate with this many parts per million more on both sides.
    pub const fn widened(self, ppm: u32) -> Self {
        let ppb = ppm as i128 * PPM;
        Self {
            least: self.least.saturating_sub(ppb),
            most: self.most.saturating_add(ppb),
        }
    }
}

/// A quotient rounded down; the divisor is positive.
fn down(of: i128, by: i128) -> i128 {
    of.div_euclid(by)
}

/// A quotient rounded up; the divisor is positive.
fn up(of: i128, by: i128) -> i128 {
    of.saturating_neg().div_euclid(by).saturating_neg()
}

#[cfg(test)]
mod tests {
    use super::Rate;
    use crate::time::Span;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn whatever_the_rate_the_truth_is_inside(
            least in -900_000_000..900_000_000_i128, width in 0..100_000_000_i128, of in 0..=1000_i128, elapsed in -1_000_000_000_000..1_000_000_000_000_i128,
        ) {
            let rate = Rate::between(least + width, least);
            let truly = elapsed + elapsed * (least * 1000 + width * of) / 1_000_000_000_000;
            let (from, to) = rate.over(Span::from_nanos(elapsed));
            assert!(from.as_nanos() <= truly && truly <= to.as_nanos(), "{from:?} {truly} {to:?}");
        }
    }

    #[test]
    fn a_rate_is_rounded_outward() {
        let (from, to) = Rate::within(500).over(Span::from_nanos(3));
        assert_eq!((from.as_nanos(), to.as_nanos()), (2, 4));
        let (from, to) = Rate::UNKNOWN.over(Span::from_secs(-10));
        assert_eq!((from, to), (Span::from_secs(-15), Span::from_secs(-5)));
    }

    #[test]
    fn twelve_is_the_new_ten() {
        let rate = Rate::between(-166_666_667, -166_666_666);
        let fast = rate.inverse().unwrap();
        assert!(fast.least() <= 200_000_000 && fast.most() >= 200_000_000);
        assert!(fast.most() - fast.least() < 4, "{fast:?}");
        assert_eq!(Rate::within(1_000_000).inverse(), None);
    }

    proptest! {
        #[test]
        fn seen_from_the_other_side_twice_it_holds_what_it_held(
            least in -900_000_000..900_000_000_i128, width in 0..100_000_000_i128,
        ) {
            let rate = Rate::between(least, least + width);
            let again = rate.inverse().and_then(Rate::inverse).unwrap();
            assert!(again.least() <= rate.least() && again.most() >= rate.most(), "{again:?}");
            assert!(again.most() - rate.most() < 1000 && rate.least() - again.least() < 1000);
        }
    }
}
