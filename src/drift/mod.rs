//! How the builder's clock ran beside the true time: from readings to rates, steps and what they mean,
//! and back from what the builder's clock showed to when it really was.

use crate::clock::Reading;
use crate::sys::{Boottime, RulerId};
use crate::time::{Interval, Rate, Span, Timestamp};

/// How the builder's clock ran beside the true time.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// What one line fits, in the order of time. One when the ruler ran evenly.
    pub segments: Vec<Segment>,
    /// Where the clock was set, or jumped against the true time.
    pub steps: Vec<Step>,
}

/// Readings through all of which one line goes: an even rate explains them.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Which ruler it is.
    pub ruler: RulerId,
    /// The first of them.
    pub from: Boottime,
    /// The last of them.
    pub to: Boottime,
    /// How many.
    pub readings: usize,
    /// How much the true time gained on the ruler; `None` for a single reading.
    pub rate: Option<Rate>,
}

/// The clock was set, or jumped against the true time.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which ruler it is.
    pub ruler: RulerId,
    /// After this reading of it …
    pub after: Boottime,
    /// … and before this one.
    pub before: Boottime,
    /// By how much the wall clock moved forward, the least and the most; negative for back.
    pub by: (Span, Span),
    /// What moved.
    pub kind: StepKind,
    /// When that really was, as far as it is known.
    pub when: Option<Interval>,
    /// What the wall clock said before and after.
    pub wall: (Timestamp, Timestamp),
}

/// What moved in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// The wall clock against this machine's others: somebody set it.
    Set,
    /// All clocks of this machine together against the true time: it stood still, or a source was set.
    Jumped,
}

/// What a measured rate says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Wherever in its bounds the rate lies, it is beyond the limit.
    Exceeds,
    /// Wherever in its bounds the rate lies, it is within.
    Within,
    /// The bounds reach over the limit.
    Inconclusive {
        /// How long a baseline would decide it; `None` where nothing was measured.
        needs: Option<Span>,
    },
}

/// When something really was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// When.
    pub time: Interval,
    /// How that is known.
    pub quality: Quality,
}

/// How it is known when something really was, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// It lies between two readings.
    Between,
    /// It lies before the first or after the last.
    Extrapolated,
    /// The clock showed this time more than once, or not at all.
    Ambiguous,
}

impl Quality {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Between => "between",
            Self::Extrapolated => "extrapolated",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl Drift {
    /// What readings come to, in the order in which they were taken.
    pub fn of(_readings: &[Reading]) -> Self {
        Self {
            segments: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// How much the builder's clock gained on the true time, over all that was measured; `None` without a
    /// measurement.
    pub fn gain(&self) -> Option<Rate> {
        None
    }

    /// What is proven of a limit in parts per million.
    pub fn claim(&self, _limit: u32) -> Claim {
        Claim::Inconclusive { needs: None }
    }

    /// When the ruler really showed this.
    pub fn at(&self, _ruler: &RulerId, _at: Boottime) -> Option<Located> {
        None
    }

    /// When the builder's wall clock really showed this, as its kernel has it: the clock that stamps files.
    /// `None` where no reading from outside tells.
    pub fn locate(&self, _wall: Interval) -> Option<Located> {
        None
    }
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing was measured")
    }
}
