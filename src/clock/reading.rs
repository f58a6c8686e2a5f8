//! A reading: the builder's local clocks and what the sources said, taken together at one moment, as
//! plain data that can be written down and compared later.

use super::{Answer, Clock, Error, Standing, Votes};
use crate::source::{Carry, Class};
use crate::sys::{Boottime, Clocks, Discipline, RulerId, clocks, discipline};
use crate::time::{Interval, Rate};

/// The builder's local clocks and what the sources said, taken together at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The builder's clocks.
    pub local: Local,
    /// What the time was, or why nobody knows, in a sentence.
    pub trusted: Result<Trusted, String>,
    /// What every source said; empty where nobody was asked for this reading.
    pub witnesses: Vec<Witness>,
}

/// What the builder's own clocks said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// All of them, as of one instant.
    pub clocks: Clocks,
    /// Which ruler it is.
    pub ruler: RulerId,
    /// How the kernel says the clock is kept; `None` where it does not say.
    pub discipline: Option<Discipline>,
}

/// What the sources agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted {
    /// What the time was …
    pub time: Interval,
    /// … at this reading of the ruler, which need not be that of the local clocks.
    pub taken: Boottime,
    /// How good the best witness is.
    pub class: Class,
    /// How many agreed.
    pub votes: Votes,
}

/// What one source said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its address.
    pub address: String,
    /// How good a witness it is, what it said the time was, and when; or why it did not.
    pub said: Result<(Class, Interval, Boottime), String>,
    /// How it stood to the agreement.
    pub standing: Standing,
}

impl Local {
    /// Reads them.
    pub fn now() -> Self {
        Self {
            clocks: clocks(),
            ruler: RulerId::here(),
            discipline: discipline(),
        }
    }
}

impl Reading {
    /// The local clocks alone, and why nobody was asked beside them.
    pub fn unasked(local: Local, why: &str) -> Self {
        Self {
            local,
            trusted: Err(why.to_owned()),
            witnesses: Vec::new(),
        }
    }

    /// What the sources came to, beside the local clocks.
    pub fn of(local: Local, asked: &Result<Clock, Error>) -> Self {
        match asked {
            Ok(clock) => Self::by(local, clock),
            Err(error) => Self {
                local,
                trusted: Err(error.summary()),
                witnesses: error.answers().iter().map(Witness::of).collect(),
            },
        }
    }

    /// What the sources came to a short while before, beside the local clocks: nobody was asked again, so no
    /// source is a witness of this reading.
    pub fn carried(local: Local, asked: &Result<Clock, Error>) -> Self {
        Self {
            witnesses: Vec::new(),
            ..Self::of(local, asked)
        }
    }

    /// What a clock says, beside the local ones.
    pub fn by(local: Local, clock: &Clock) -> Self {
        Self {
            local,
            trusted: Ok(Trusted::of(clock)),
            witnesses: clock.answers().iter().map(Witness::of).collect(),
        }
    }
}

impl Trusted {
    /// What a clock says at the instant at which it is sharpest.
    pub fn of(clock: &Clock) -> Self {
        Self {
            time: clock.at(clock.taken()),
            taken: clock.taken(),
            class: clock.class(),
            votes: clock.votes(),
        }
    }

    /// What the time was at another reading of the same ruler, of whose rate nothing is known.
    pub fn at(&self, ruler: Boottime) -> Interval {
        Carry::Ruler(Rate::UNKNOWN).from(self.time, ruler.since(self.taken))
    }
}

impl Witness {
    fn of(answer: &Answer) -> Self {
        Self {
            address: answer.address.clone(),
            said: match &answer.said {
                Ok(sample) => Ok((sample.class, sample.time, sample.taken)),
                Err(refusal) => Err(refusal.to_string()),
            },
            standing: answer.standing,
        }
    }
}
