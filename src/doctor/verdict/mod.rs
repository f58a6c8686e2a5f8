//! What may be the cause: the table of causes, ranked by what speaks for and against each.
//!
//! Points are weighed against each other only: 20 for what alone would make one think of a cause, 60 for what
//! proves it.

mod rate;
mod time;

/// Every cause, of equals the likelier first.
pub const CAUSES: &[Cause] = &[
    time::FAKED,
    rate::TICK_LENGTH,
    rate::HOST_SCALING,
    rate::CYCLE_RATE,
    rate::MOVED,
    rate::SCALING_FOR_GUESTS,
    rate::SCALING_HERE,
    rate::LOST_TICKS,
    time::GUEST_OPTIONS,
    rate::UNSTEADY_COUNTER,
    time::TWO_MASTERS,
    rate::CORRECTION_USED_UP,
    time::ELSEWHERE,
    time::PAUSED,
    time::LOST_DATE,
    time::NOBODY_KEEPS_IT,
    time::FILE_SERVER,
];

use super::machine::Machine;
use super::{Fact, Mark, Measured, Sign};

/// What may make a clock wrong.
#[derive(Debug)]
pub struct Cause {
    /// What it is called; never changed, never used again for something else.
    pub id: &'static str,
    /// What it is, in a phrase.
    pub title: &'static str,
    /// What must all be so for it to be thought of.
    needs: &'static [Ground],
    /// Of which one at least must be so; none where that is empty.
    any: &'static [Ground],
    /// What speaks for and against it.
    weights: &'static [Weight],
    /// The cause in a sentence.
    say: fn(&Case<'_>) -> String,
    /// What to do.
    remedy: fn(&Case<'_>) -> String,
}

/// Something that is so or not.
#[derive(Debug, Clone, Copy)]
enum Ground {
    /// A fact says so.
    Is(Mark),
    /// No fact does.
    IsNot(Mark),
    /// It was measured to run further off than a time daemon can correct.
    Gross,
    /// It was measured to run so that one could.
    InStep,
    /// It was measured to run fast, further off than that.
    Fast,
    /// It was measured to run slow, further off than that.
    Slow,
    /// It was seen to be set, or to jump, while it was measured.
    Steps,
    /// What was measured is what this fact alone would come to.
    Explained(&'static str),
    /// What was measured is not.
    Contradicted(&'static str),
}

/// What speaks for a cause, or against it.
#[derive(Debug)]
struct Weight {
    ground: Ground,
    /// How much; negative for against.
    points: i32,
    /// In a clause.
    because: &'static str,
}

const fn weight(ground: Ground, points: i32, because: &'static str) -> Weight {
    Weight {
        ground,
        points,
        because,
    }
}

/// What speaks for most causes of a wrong rate.
const BEYOND: &str = "it is further off than any time daemon can correct";

/// A cause that is thought of.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// Which.
    pub cause: &'static Cause,
    /// How much speaks for it, less what speaks against it.
    pub points: i32,
    /// What it comes to here, in a sentence.
    pub sentence: String,
    /// What to do.
    pub remedy: String,
    /// What speaks for it.
    pub speaks_for: Vec<&'static str>,
    /// What speaks against it.
    pub against: Vec<&'static str>,
}

/// What is known when causes are weighed.
struct Case<'case> {
    machine: &'case Machine,
    signs: &'case [(&'static Fact, Sign)],
    measured: Option<&'case Measured>,
}

/// The causes that are thought of, the likeliest first.
pub(super) fn rank(
    machine: &Machine,
    signs: &[(&'static Fact, Sign)],
    measured: Option<&Measured>,
) -> Vec<Suspect> {
    let case = Case {
        machine,
        signs,
        measured,
    };
    let mut suspects: Vec<Suspect> = CAUSES
        .iter()
        .filter_map(|cause| case.weigh(cause))
        .collect();
    // Stable: of equals the one that stands first in the table.
    suspects.sort_by_key(|suspect| -suspect.points);
    suspects
}

impl Case<'_> {
    fn weigh(&self, cause: &'static Cause) -> Option<Suspect> {
        let is_so = |ground: &Ground| self.is_so(*ground);
        let thought_of =
            cause.needs.iter().all(is_so) && (cause.any.is_empty() || cause.any.iter().any(is_so));
        if !thought_of {
            return None;
        }
        let holds = || {
            cause
                .weights
                .iter()
                .filter(|weight| self.is_so(weight.ground))
        };
        let points = holds().map(|weight| weight.points).sum();
        if points <= 0 {
            return None;
        }
        let reasons = |is_for: bool| {
            let side = holds().filter(move |weight| (weight.points > 0) == is_for);
            side.map(|weight| weight.because).collect()
        };
        Some(Suspect {
            cause,
            points,
            sentence: (cause.say)(self),
            remedy: (cause.remedy)(self),
            speaks_for: reasons(true),
            against: reasons(false),
        })
    }

    fn is_so(&self, ground: Ground) -> bool {
        let measured = |says: fn(&Measured) -> bool| self.measured.is_some_and(says);
        match ground {
            Ground::Is(mark) => self.has(mark),
            Ground::IsNot(mark) => !self.has(mark),
            Ground::Gross => measured(Measured::is_gross),
            Ground::InStep => measured(Measured::is_in_step),
            Ground::Fast => measured(|measured| measured.is_gross() && measured.is_fast()),
            Ground::Slow => measured(|measured| measured.is_gross() && measured.is_slow()),
            Ground::Steps => measured(|measured| !measured.steps.is_empty()),
            Ground::Explained(id) => self.explains(id) == Some(true),
            Ground::Contradicted(id) => self.explains(id) == Some(false),
        }
    }

    fn has(&self, mark: Mark) -> bool {
        self.signs
            .iter()
            .any(|(_, sign)| sign.marks.contains(&mark))
    }

    /// Whether a fact alone would come to what was measured; `None` where it says no number or nothing was.
    fn explains(&self, id: &str) -> Option<bool> {
        let gain = self.sign(id)?.explains?;
        Some(self.measured?.is_explained_by(gain))
    }

    fn sign(&self, id: &str) -> Option<&Sign> {
        let found = self.signs.iter().find(|(fact, _)| fact.id == id);
        found.map(|(_, sign)| sign)
    }

    /// What was seen of a fact.
    fn seen(&self, id: &str) -> &str {
        self.sign(id).map_or("", |sign| sign.seen.as_str())
    }

    /// What the machine is called in a sentence.
    fn whose(&self) -> &'static str {
        if self.has(Mark::Guest) {
            "the guest's clock"
        } else {
            "this machine's clock"
        }
    }

    /// How the clock runs, in a clause.
    fn runs(&self) -> String {
        match self.measured {
            Some(measured) => format!(
                "{} runs {} against {}",
                self.whose(),
                measured.told(),
                measured.against
            ),
            None => format!("{} was not measured", self.whose()),
        }
    }
}
