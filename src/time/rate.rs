//! How fast one clock may run beside another.

use super::Span;

/// Parts in a whole.
const MILLION: i128 = 1_000_000;

/// How much the true time may gain on a ruler, in parts per million of what the ruler shows: the least
/// and the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        let ppm = ppm as i128;
        Self {
            least: -ppm,
            most: ppm,
        }
    }

    /// Between two gains in parts per million, given in any order.
    pub fn between(one: i128, other: i128) -> Self {
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }

    /// The least and the most true time that passes while the ruler shows `elapsed`, rounded outward.
    /// `elapsed` may be negative: then it is how long ago something was.
    pub fn over(self, elapsed: Span) -> (Span, Span) {
        let nanos = elapsed.as_nanos();
        let gain = |ppm: i128| nanos.saturating_mul(ppm);
        let (one, other) = (gain(self.least), gain(self.most));
        let down = one.min(other).div_euclid(MILLION);
        let up = -((-one.max(other)).div_euclid(MILLION));
        (
            elapsed.plus(Span::from_nanos(down)),
            elapsed.plus(Span::from_nanos(up)),
        )
    }

    /// Where both can be true; `None` where they exclude each other.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (least, most) = (self.least.max(other.least), self.most.min(other.most));
        (least <= most).then_some(Self { least, most })
    }

    /// The rate with this many parts per million more on both sides.
    pub const fn widened(self, ppm: u32) -> Self {
        Self {
            least: self.least.saturating_sub(ppm as i128),
            most: self.most.saturating_add(ppm as i128),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;
    use crate::time::Span;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn whatever_the_rate_the_truth_is_inside(
            least in -900_000..900_000_i128, width in 0..100_000_i128, of in 0..=1000_i128, elapsed in -1_000_000_000_000..1_000_000_000_000_i128,
        ) {
            let rate = Rate::between(least + width, least);
            let truly = elapsed + elapsed * (least * 1000 + width * of) / 1_000_000_000;
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
}
