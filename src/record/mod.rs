//! When a build began and ended, and who says so: skewgate's own record, or what others wrote.

mod fleet;
mod own;
mod stated;

#[cfg(test)]
pub(crate) use fleet::tests as sample;
pub use fleet::{BuildDrift, BuilderDrift, Point, fleet};
pub use own::{Command, Host, Mismatch, Mount, Phase, Record, Recorded, Tree};
pub use stated::{Error, stated};

use crate::time::Interval;

/// When a build began and ended. Each side is known only if somebody says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub began: Option<Bound>,
    /// Its end.
    pub ended: Option<Bound>,
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
}
