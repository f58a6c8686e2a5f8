//! When a build began and ended, and who says so: skewgate's own record, or what others wrote.

mod account;
mod combined;
mod fleet;
mod foreign;
// Only in a build for the fuzzers in `fuzz/`.
#[cfg(fuzzing)]
pub mod fuzzing;
mod own;
mod stated;

pub use account::{Account, Consulted, Documented};
pub use combined::{Contradiction, combined};
#[cfg(test)]
pub(crate) use fleet::tests as sample;
pub use fleet::{BuildDrift, BuilderDrift, Point, fleet};
pub(crate) use foreign::unwrap_base64;
pub use foreign::{CI, Given, GivenError, PROVENANCES, Provenance, Variables, given};
pub(crate) use own::Shape;
pub use own::{
    Begun, Closing, Command, Here, Host, KeyError, LoadError, Mismatch, Mount, Phase, Plan, Record,
    Recorded, Recorder, RecorderError, Signer, Store, StoreError, Surroundings, Tree, TrustedKey,
    default_place, load, load_signed, mismatches,
};
pub use stated::{Error, stated};

use crate::time::Interval;
use std::fmt;

/// When a build began and ended. Each side is known only if somebody says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub began: Option<Bound>,
    /// Its end.
    pub ended: Option<Bound>,
}

impl Window {
    /// The start, as artifacts are held against it: of one that is only known to be no earlier, that instant.
    /// `None` where nothing is known to be too early.
    pub fn start(&self) -> Option<Interval> {
        let at = self.began.as_ref()?.at;
        let least = Interval::exactly(at.earliest()?);
        Some(if at.latest().is_some() { at } else { least })
    }

    /// The end, as artifacts are held against it: of one that is only known to be no later, that instant.
    /// `None` where nothing is known to be too late.
    pub fn end(&self) -> Option<Interval> {
        let at = self.ended.as_ref()?.at;
        let most = Interval::exactly(at.latest()?);
        Some(if at.earliest().is_some() { at } else { most })
    }
}

/// One side of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// When it was. Open on one side where it is only known to be no earlier, or no later.
    pub at: Interval,
    /// Who says so.
    pub source: String,
    /// How far that can be relied on.
    pub trust: Trust,
}

/// What was stated as it was written, anything else as when it was and who says so.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.earliest().or(self.at.latest());
        match (self.trust, at) {
            (Trust::Stated, _) | (_, None) => write!(f, "{}", self.source),
            (trust, Some(at)) => write!(f, "{at}, by {} ({})", trust.clock(), self.source),
        }
    }
}

/// How far a bound can be relied on, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// Whoever runs this audit stated it.
    Stated,
    /// skewgate's own record, by a clock from outside the builder.
    Verified,
    /// The clock of the CI system's server.
    Server,
    /// The builder's own clock.
    Builder,
    /// Whoever wrote it, a commit's author say, by a clock of theirs.
    Author,
}

impl Trust {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Verified => "verified",
            Self::Server => "server",
            Self::Builder => "builder",
            Self::Author => "author",
        }
    }

    /// Whose clock that is, as people say it.
    pub const fn clock(self) -> &'static str {
        match self {
            Self::Stated => "the word of whoever runs this audit",
            Self::Verified => "a clock from outside the builder",
            Self::Server => "the CI server's clock",
            Self::Builder => "the builder's own clock",
            Self::Author => "the author's clock",
        }
    }
}
