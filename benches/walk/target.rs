//! The targets: what is compared with what, and the bound that it must keep.

use std::time::Duration;

use crate::child::Run;
use crate::contender::Tool;
use crate::options::GROWTH;
use crate::ratio::{Bound, Thousandths, peak, ratio};
use crate::run::{Runs, ShapeResult};
use crate::shape::cores;

/// What is measured, with the labels of the contenders.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    /// CPU time of the first over that of the second.
    Cpu(&'static str, &'static str),
    /// Wall time of the first over that of the second.
    Wall(&'static str, &'static str),
    /// Peak memory, in MiB.
    Peak(&'static str),
    /// Peak memory over that of the same contender in the warm shape.
    PeakOverWarm(&'static str),
}

/// One row of the targets.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) work: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) measure: Measure,
    pub(crate) bound: Bound,
}

const fn target(work: &'static str, shape: &'static str, measure: Measure, bound: Bound) -> Target {
    Target {
        work,
        shape,
        measure,
        bound,
    }
}

/// Every target for the walk of a tree.
#[rustfmt::skip]
pub(crate) const TARGETS: &[Target] = &[
    target("nothing to report, warm", "warm", Measure::Cpu("skewgate", "floor"), Bound::AtMost(1_150)),
    target("nothing to report, warm", "warm", Measure::Cpu("skewgate", "find"), Bound::AtMost(950)),
    target("nothing to report, warm", "warm", Measure::Cpu("skewgate", "fd"), Bound::AtMost(700)),
    target("nothing to report, warm", "warm", Measure::Wall("skewgate", "find"), Bound::AtMost(600)),
    target("nothing to report, cold", "cold", Measure::Wall("skewgate", "find"), Bound::AtMost(450)),
    target("20 globs", "warm", Measure::Cpu("skewgate globs", "floor"), Bound::AtMost(1_500)),
    target("a window", "warm", Measure::Cpu("skewgate window", "floor"), Bound::AtMost(1_200)),
    target("178k findings as NDJSON", "warm", Measure::Cpu("skewgate ndjson", "floor"), Bound::AtMost(2_000)),
    target("memory, nothing to report", "warm", Measure::Peak("skewgate"), Bound::AtMost(16_000)),
    // A tenth is how far an allocator varies by itself; anything kept a file would make it four times as much.
    target("memory, four times the files", GROWTH, Measure::PeakOverWarm("skewgate"), Bound::AtMost(1_100)),
    target("memory, 178k findings", "warm", Measure::Peak("skewgate human"), Bound::AtMost(120_000)),
    target("memory, 178k findings as JSON", "warm", Measure::Peak("skewgate json"), Bound::AtMost(120_000)),
    // Findings that are written as they are found take no more memory than none.
    target("memory, 178k findings as NDJSON", "warm", Measure::Peak("skewgate ndjson"), Bound::AtMost(16_000)),
    target("one big directory", "wide", Measure::Cpu("skewgate", "floor"), Bound::AtMost(1_300)),
    target("a deep chain", "deep", Measure::Cpu("skewgate", "floor"), Bound::AtMost(1_300)),
    target("100k empty directories", "empty-dirs", Measure::Cpu("skewgate", "floor"), Bound::AtMost(1_300)),
    target("start-up, an empty directory", "empty", Measure::Wall("skewgate", "fd"), Bound::AtMost(1_500)),
    target("scaling, 1 to 2 threads", "scaling", Measure::Wall("skewgate 1", "skewgate 2"), Bound::AtLeast(1_800)),
    // Noise shows in the one, a second core that is busy elsewhere in the other.
    target("the floor against itself", "warm", Measure::Cpu("floor again", "floor"), Bound::None),
    target("the floor's own scaling", "scaling", Measure::Wall("floor 1", "floor 2"), Bound::None),
];

impl Target {
    /// The measured value, or why there is none.
    pub(crate) fn measured(&self, results: &[ShapeResult]) -> Result<Thousandths, String> {
        let find = |name| results.iter().find(|result| result.shape.name == name);
        let absent = |name| format!("shape {name} was not walked");
        let result = find(self.shape).ok_or_else(|| absent(self.shape))?;
        match self.measure {
            Measure::Cpu(one, other) => result.ratio(one, other, |run| run.cpu),
            // One core has no second to give.
            Measure::Wall(..) if self.shape == "scaling" && cores() < 2 => {
                Err("this machine has one core".to_owned())
            }
            Measure::Wall(one, other) => result.ratio(one, other, |run| run.wall),
            Measure::Peak(one) => Ok(peak(result.runs(one)?) * 1000 / 1024),
            Measure::PeakOverWarm(one) => {
                let warm = find("warm").ok_or_else(|| absent("warm"))?;
                let (many, few) = (peak(result.runs(one)?), peak(warm.runs(one)?));
                Ok(many * 1000 / few.max(1))
            }
        }
    }
}

impl ShapeResult {
    /// The runs of the contender with this label, or why there are none.
    fn runs(&self, label: &str) -> Result<&[Run], String> {
        let mut rows = self.rows.iter();
        match rows.find(|(contender, _)| contender.label == label) {
            Some((_, Ok(runs))) => Ok(runs),
            Some((_, Err(_))) => Err(format!("{label} failed")),
            None => Err(format!("{label} did not take part")),
        }
    }

    fn ratio(
        &self,
        one: &str,
        other: &str,
        quantity: fn(&Run) -> Duration,
    ) -> Result<Thousandths, String> {
        let ratio = ratio(self.runs(one)?, self.runs(other)?, quantity);
        ratio.ok_or_else(|| "too short to compare".to_owned())
    }

    /// The first row of a program whose runs succeeded: what the others are compared with.
    pub(crate) fn baseline(&self, tool: Tool) -> Option<&[Run]> {
        let mut rows = self.rows.iter();
        let row = rows.find(|(contender, runs)| contender.tool == tool && runs.is_ok());
        row.and_then(|(_, runs): &(_, Runs)| runs.as_deref().ok())
    }
}
