//! What a machine says of its own clock, and what that means: the table of facts.
//!
//! A fact looks at one thing of a machine and says whether it is as it should be, what it saw, and what to do.
//! What cannot be seen is unknown, never an error: in a container most of it is. From all facts, and from how
//! the clock really ran where that was measured, a verdict ranks the causes there may be.
//!
//! To add a fact: write `doctor/<id_with_underscores>.rs` with its `FACT`, and list it below, twice. What
//! others may conclude from it is a [`Mark`].

mod clocksource;
mod container;
mod cpu_frequency;
mod daemon_sources;
mod daemon_state;
mod faked_time;
mod guest_agent;
mod guest_options;
mod guests;
mod host_clock;
mod hypervisor;
mod kernel_discipline;
mod kernel_options;
mod lost_ticks;
mod mounts;
mod plausible_time;
mod rtc;
mod scaling_daemons;
mod smp_kernel;
mod steal;
mod steps;
mod suspend;
mod ticks;
mod time_daemons;
mod time_namespace;
mod time_zone;
mod tsc_flags;
mod tsc_frequency;
mod two_masters;
mod watchdog;

mod machine;
mod measured;
mod sign;
mod verdict;

/// Every fact, in the order in which reports show them: what the machine is, what counts time in it, what
/// scales that, who keeps the clock, what happened to it, and who fakes it.
pub const FACTS: &[Fact] = &[
    hypervisor::FACT,
    container::FACT,
    guests::FACT,
    clocksource::FACT,
    kernel_options::FACT,
    guest_options::FACT,
    smp_kernel::FACT,
    tsc_flags::FACT,
    tsc_frequency::FACT,
    watchdog::FACT,
    lost_ticks::FACT,
    ticks::FACT,
    cpu_frequency::FACT,
    scaling_daemons::FACT,
    steal::FACT,
    time_daemons::FACT,
    guest_agent::FACT,
    two_masters::FACT,
    daemon_state::FACT,
    daemon_sources::FACT,
    kernel_discipline::FACT,
    host_clock::FACT,
    rtc::FACT,
    steps::FACT,
    suspend::FACT,
    plausible_time::FACT,
    mounts::FACT,
    time_zone::FACT,
    faked_time::FACT,
    time_namespace::FACT,
];

pub use machine::{Capture, Error, Machine};
pub use measured::Measured;
pub use sign::{Mark, Sign, State};
pub use verdict::{CAUSES, Cause, Suspect};

use std::path::PathBuf;

/// One thing that a machine says of its clock.
#[derive(Debug)]
pub struct Fact {
    /// What it is about; never changed, never used again for something else.
    pub id: &'static str,
    /// What is looked at, in a phrase.
    pub summary: &'static str,
    /// Where it is read.
    pub place: &'static str,
    /// What it means, and what a bad value is.
    pub meaning: &'static str,
    /// What to do about one.
    pub remedy: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// How it is looked at.
    pub look: fn(&Machine) -> Sign,
}

/// What an examination came to.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The version of skewgate.
    pub version: &'static str,
    /// Where the captured tree is; `None` for this machine.
    pub captured: Option<PathBuf>,
    /// What was seen of every fact, in the order of [`FACTS`].
    pub signs: Vec<(&'static Fact, Sign)>,
    /// How the clock really ran, where that was measured.
    pub measured: Option<Measured>,
    /// Why it was not, when somebody wanted it to be.
    pub unmeasured: Option<String>,
    /// What may be the cause, the likeliest first.
    pub suspects: Vec<Suspect>,
}

impl Examination {
    /// How many facts are in this state.
    pub fn count(&self, state: State) -> usize {
        let signs = self.signs.iter();
        signs.filter(|(_, sign)| sign.state == state).count()
    }

    /// Whether anything is suspicious: a fact, or a clock that was measured to run further off than a time
    /// daemon can correct.
    pub fn is_suspicious(&self) -> bool {
        let runs_off = self.measured.as_ref().is_some_and(Measured::is_gross);
        runs_off || self.count(State::Suspicious) > 0
    }

    /// What was seen of a fact.
    pub fn sign(&self, id: &str) -> Option<&Sign> {
        let found = self.signs.iter().find(|(fact, _)| fact.id == id);
        found.map(|(_, sign)| sign)
    }
}

/// Looks at every fact of a machine, and ranks what may be the cause.
pub fn examine(machine: &Machine, measured: Option<Measured>) -> Examination {
    let signs: Vec<(&'static Fact, Sign)> = FACTS
        .iter()
        .map(|fact| (fact, (fact.look)(machine)))
        .collect();
    let suspects = verdict::rank(machine, &signs, measured.as_ref());
    Examination {
        version: env!("CARGO_PKG_VERSION"),
        captured: machine.captured().map(PathBuf::from),
        signs,
        measured,
        unmeasured: None,
        suspects,
    }
}
