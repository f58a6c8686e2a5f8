//! The builder's own clocks: what the machine under audit says of itself. Evidence, never the ruler.

use crate::sys::{Boottime, Discipline, clocks, discipline};
use crate::time::{Span, Timestamp};
use std::env;

/// What this machine says of its own clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// What its wall clock says, as the programs of a build see it.
    pub wall_clock: Timestamp,
    /// When it said so.
    pub taken: Boottime,
    /// How its kernel says the clock is kept; `None` where it does not say.
    pub discipline: Option<Discipline>,
    /// How far the clock that programs see is from the kernel's, when it is not the same.
    pub interposed: Option<Span>,
    /// A library or a setting in the environment that is known to fake time.
    pub faking: Option<String>,
}

impl Builder {
    /// Looks at them.
    pub fn look() -> Self {
        let clocks = clocks();
        Self {
            wall_clock: clocks.wall,
            taken: clocks.taken,
            discipline: discipline(),
            interposed: clocks.interposed(),
            faking: faking(),
        }
    }

    /// What its wall clock said, or will say, at another reading of the ruler, unless it is set between:
    /// the kernel runs and slews both as one.
    pub const fn at(&self, ruler: Boottime) -> Timestamp {
        self.wall_clock.later(ruler.since(self.taken))
    }
}

/// What in the environment is known to fake time: libfaketime and its settings.
fn faking() -> Option<String> {
    let preloaded = env::var_os("LD_PRELOAD")
        .is_some_and(|preloaded| preloaded.to_string_lossy().contains("faketime"));
    let setting = env::vars_os().find(|(name, _)| name.to_string_lossy().starts_with("FAKETIME"));
    match (preloaded, setting) {
        (true, _) => Some("LD_PRELOAD names libfaketime".to_owned()),
        (false, Some((name, _))) => Some(format!("{} is set", name.to_string_lossy())),
        (false, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Builder;
    use crate::time::Span;

    #[test]
    fn nobody_fakes_the_clock_of_a_test() {
        assert_eq!(Builder::look().interposed, None);
    }

    #[test]
    fn a_builder_is_taken_to_another_instant_by_the_ruler() {
        let builder = Builder::look();
        let at = |seconds| builder.at(builder.taken.later(Span::from_secs(seconds)));
        let moved = [-5, 0, 5].map(|seconds| at(seconds).since(builder.wall_clock));
        assert_eq!(moved, [-5, 0, 5].map(Span::from_secs));
    }
}
