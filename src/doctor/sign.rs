//! What was seen of a fact, and what others may conclude from it.

use crate::time::Rate;

/// Whether a fact is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It is.
    Good,
    /// It is not, or speaks for a cause.
    Suspicious,
    /// It cannot be seen from here, or does not decide anything here.
    Unknown,
}

impl State {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Suspicious => "suspicious",
            Self::Unknown => "unknown",
        }
    }
}

/// What was seen of a fact. What it quotes may come from anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Whether it is as it should be.
    pub state: State,
    /// What was seen, in a phrase.
    pub seen: String,
    /// What that means here, in a sentence.
    pub meaning: String,
    /// What to do about it here.
    pub remedy: Option<String>,
    /// What others may conclude from it.
    pub marks: Vec<Mark>,
    /// How much this alone would make the clock gain on the true time; `None` where it says no number.
    pub explains: Option<Rate>,
}

impl Sign {
    /// It is as it should be.
    pub(super) fn good(seen: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            state: State::Good,
            seen: seen.into(),
            meaning: meaning.into(),
            remedy: None,
            marks: Vec::new(),
            explains: None,
        }
    }

    /// It is not.
    pub(super) fn suspicious(
        seen: impl Into<String>,
        meaning: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Suspicious,
            remedy: Some(remedy.into()),
            ..Self::good(seen, meaning)
        }
    }

    /// It cannot be seen, or decides nothing.
    pub(super) fn unknown(seen: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            state: State::Unknown,
            ..Self::good(seen, meaning)
        }
    }

    /// Nothing there says anything.
    pub(super) fn absent(place: &str) -> Self {
        Self::unknown(
            format!("{place} cannot be read here"),
            "it says nothing, neither for nor against the clock",
        )
    }

    /// The same, with something to conclude from it.
    pub(super) fn mark(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }

    /// The same, with something to conclude from it if so.
    pub(super) fn mark_if(self, is_so: bool, mark: Mark) -> Self {
        if is_so { self.mark(mark) } else { self }
    }

    /// The same, with how much it alone would make the clock gain.
    pub(super) fn explaining(self, gain: Rate) -> Self {
        Self {
            explains: Some(gain),
            ..self
        }
    }
}

/// What can be concluded from a fact: the words in which causes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It is a guest of a hypervisor.
    Guest,
    /// Of one that commonly runs on somebody's workstation, under whatever scales its processor.
    Hosted,
    /// No sign of a hypervisor, where one would be seen.
    Metal,
    /// A container: the clock is the host's.
    Container,
    /// Other machines run as guests on it.
    HostsGuests,
    /// The kernel counts time by a clock of its own choice that is slow, coarse or lossy.
    WeakClocksource,
    /// It counts the processor's cycles.
    CountsCycles,
    /// It counts timer interrupts.
    CountsTicks,
    /// The cycle counter was found to be unsteady.
    UnsteadyCycles,
    /// The cycle counter keeps its rate whatever the processor does, by the processor's own word.
    ConstantCycles,
    /// It does not.
    VaryingCycles,
    /// The kernel takes the counter to run at another rate than the processor says.
    CycleRatio,
    /// A kernel option that is wrong here.
    WrongOption,
    /// A kernel option that the maker of the hypervisor asks for is missing.
    MissingOption,
    /// A kernel for one processor on several, or the other way round.
    WrongKernel,
    /// Timer interrupts were lost.
    LostTicks,
    /// Something scales the processor.
    Scales,
    /// Nothing does, as far as can be seen.
    ScalesNot,
    /// The hypervisor lets this machine wait for a processor.
    Steal,
    /// A time daemon runs.
    Daemon,
    /// The hypervisor's agent runs, or the clock is the hypervisor's own.
    Agent,
    /// It does not.
    AgentMissing,
    /// More than one master sets the clock.
    TwoMasters,
    /// The kernel says that nothing keeps its clock.
    Unsynchronised,
    /// Whoever keeps it is at the end of what can be corrected.
    Saturated,
    /// The length of a tick is not what it should be.
    OddTick,
    /// The host's clock can be read.
    HostClock,
    /// The battery-backed clock is whole hours off.
    RtcZone,
    /// It is off by something else.
    RtcApart,
    /// The clock was set since it booted.
    Stepped,
    /// The machine was suspended.
    Suspended,
    /// The date cannot be.
    Implausible,
    /// Another machine stamps the files.
    ServerStamps,
    /// A library fakes the time.
    Faked,
}
