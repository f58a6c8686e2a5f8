//! How the clock really ran, and how that is said.

use crate::drift::Drift;
use crate::time::{Rate, Span, grouped};

/// The most that a time daemon can correct: the kernel slews no faster (`MAXFREQ`, `adjtimex(2)`).
const CORRECTABLE: Rate = Rate::within(500);

/// Parts per billion in a tenth of a percent.
const TENTH_OF_PERCENT: i128 = 1_000_000;

/// How the clock really ran beside clocks from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// How much this machine's clock gained on the true time.
    pub gain: Rate,
    /// Who said what the time was.
    pub against: String,
    /// For how long.
    pub over: Span,
    /// By how much it was set, or jumped, meanwhile: the least and the most of each; negative for back.
    pub steps: Vec<(Span, Span)>,
}

impl Measured {
    /// What a drift comes to; `None` where no rate was measured.
    pub fn of(drift: &Drift, against: String) -> Option<Self> {
        let spans = drift
            .segments
            .iter()
            .map(|segment| segment.to.since(segment.from));
        Some(Self {
            gain: drift.gain()?,
            against,
            over: spans.fold(Span::ZERO, Span::plus),
            steps: drift.steps.iter().map(|step| step.by).collect(),
        })
    }

    /// Whether it is proven to run further off than a time daemon can correct.
    pub fn is_gross(&self) -> bool {
        self.gain.distance(CORRECTABLE) > 0
    }

    /// Whether it is proven to run so that a time daemon could correct it.
    pub fn is_in_step(&self) -> bool {
        CORRECTABLE.holds(self.gain)
    }

    /// Whether it is proven to run fast.
    pub fn is_fast(&self) -> bool {
        self.gain.least() > 0
    }

    /// Whether it is proven to run slow.
    pub fn is_slow(&self) -> bool {
        self.gain.most() < 0
    }

    /// The gain in words, such as `20 % fast`.
    pub fn told(&self) -> String {
        let middle = (self.gain.least() + self.gain.most()) / 2;
        if self.is_fast() || self.is_slow() {
            let side = if self.is_fast() { "fast" } else { "slow" };
            return format!("{} {side}", part(middle.saturating_abs()));
        }
        let most = self
            .gain
            .least()
            .saturating_abs()
            .max(self.gain.most().saturating_abs());
        format!("within {} of the true time's rate", part(most))
    }

    /// The bounds in words.
    pub fn bounds(&self) -> String {
        let side = |ppb: i128| {
            let sign = if ppb < 0 { "-" } else { "+" };
            format!("{sign}{} ppm", ppm(ppb.saturating_abs()))
        };
        let (least, most) = (side(self.gain.least()), side(self.gain.most()));
        format!("between {least} and {most}")
    }

    /// Whether this alone explains it: the two overlap, each widened by a hundredth of the whole. A processor's
    /// stated rate is no sharper than that.
    pub(super) fn is_explained_by(&self, gain: Rate) -> bool {
        const HUNDREDTH: u32 = 10_000;
        self.is_gross() && self.gain.widened(HUNDREDTH).intersection(gain).is_some()
    }
}

/// A part of a whole: in percent where that says it, else in parts per million.
pub(super) fn part(ppb: i128) -> String {
    let tenths = (ppb + TENTH_OF_PERCENT / 2).div_euclid(TENTH_OF_PERCENT);
    if tenths < 10 {
        return format!("{} ppm", ppm(ppb));
    }
    match tenths % 10 {
        0 => format!("{} %", tenths / 10),
        rest => format!("{}.{rest} %", tenths / 10),
    }
}

/// Parts per million, with a decimal only below ten and commas between thousands.
fn ppm(ppb: i128) -> String {
    let whole = ppb / 1000;
    if whole < 10 {
        return format!("{whole}.{}", ppb % 1000 / 100);
    }
    grouped(whole.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::{Measured, part};
    use crate::time::{Rate, Span};

    fn measured(least: i128, most: i128) -> Measured {
        Measured {
            gain: Rate::between(least, most),
            against: "ntp:example".to_owned(),
            over: Span::from_secs(600),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_gain_is_told_in_the_unit_that_says_it() {
        let told = |least, most| measured(least, most).told();
        assert_eq!(told(199_900_000, 200_100_000), "20 % fast");
        assert_eq!(told(-41_000_000, -39_000_000), "4 % slow");
        assert_eq!(told(1_149_000_000, 1_151_000_000), "115 % fast");
        assert_eq!(told(12_400_000, 12_600_000), "1.3 % fast");
        assert_eq!(told(1_200_000, 1_300_000), "1,250 ppm fast");
        assert_eq!(told(-3000, 4000), "within 4.0 ppm of the true time's rate");
        assert_eq!(part(9_400_000), "9,400 ppm");
        assert_eq!(
            measured(-700, 1_234_567_000).bounds(),
            "between -0.7 ppm and +1,234,567 ppm"
        );
    }

    #[test]
    fn only_what_is_proven_is_gross_or_in_step() {
        assert!(measured(500_001, 600_000).is_gross() && measured(-600_000, -500_001).is_gross());
        assert!(!measured(500_000, 600_000).is_gross());
        assert!(measured(-500_000, 500_000).is_in_step() && !measured(0, 500_001).is_in_step());
        let fifth = measured(199_000_000, 201_000_000);
        assert!(fifth.is_explained_by(Rate::between(205_000_000, 207_000_000)));
        assert!(!fifth.is_explained_by(Rate::between(215_000_000, 217_000_000)));
        assert!(!measured(-1, 1).is_explained_by(Rate::between(-1, 1)));
    }
}
