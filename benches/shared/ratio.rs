//! What runs are compared by: ratios in thousandths, and the bounds that they must keep.

use std::time::Duration;

use crate::child::Run;

/// Thousandths of a ratio or of a MiB: enough to compare, and integers.
pub(crate) type Thousandths = u64;

/// What a measured value must keep.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// No more than this.
    AtMost(Thousandths),
    /// No less than this.
    AtLeast(Thousandths),
    /// Nothing: the value tells how far the others can be trusted.
    None,
}

impl Bound {
    /// Says whether the value keeps the bound.
    pub(crate) fn verdict(self, value: Thousandths) -> &'static str {
        let kept = match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
            Self::None => return "for comparison",
        };
        if kept { "met" } else { "MISSED" }
    }
}

/// The median over the rounds of one contender's time over the other's.
pub(crate) fn ratio(
    one: &[Run],
    other: &[Run],
    quantity: fn(&Run) -> Duration,
) -> Option<Thousandths> {
    let rounds = one.iter().map(quantity).zip(other.iter().map(quantity));
    let ratios = rounds.map(|(one, other)| {
        let thousandths = (one.as_nanos() * 1000).checked_div(other.as_nanos())?;
        Thousandths::try_from(thousandths).ok()
    });
    median(ratios.collect::<Option<_>>()?)
}

/// The middle value; of two middle ones, the greater.
pub(crate) fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The peak memory of any of the runs, in KiB.
pub(crate) fn peak(runs: &[Run]) -> u64 {
    runs.iter().map(|run| run.peak).max().unwrap_or(0)
}
