//! What the process exits with. Anything but 0 keeps a gate shut.

use crate::gate::Verdict;
use std::process::{ExitCode, Termination};

/// What the process exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was read, and nothing fails.
    Pass = 0,
    /// Findings at or above the level to fail on.
    Findings = 1,
    /// The request was wrong, or a report could not be written.
    Error = 2,
    /// No verdict is possible: no trusted time where one is needed, nothing to audit, or artifacts
    /// that could not be read.
    NoVerdict = 3,
}

impl Exit {
    /// Every code with what it means, for the documentation.
    pub const ALL: [(Self, &'static str); 4] = [
        (
            Self::Pass,
            "pass: everything was read, and nothing at or above `--fail-on` was found",
        ),
        (Self::Findings, "fail: findings at or above `--fail-on`"),
        (
            Self::Error,
            "error: wrong usage or configuration, and nothing was judged; or a pass whose report could not be written",
        ),
        (
            Self::NoVerdict,
            "no verdict: no trusted time where one is needed, nothing to audit, or artifacts that could not be read",
        ),
    ];
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Findings,
            Verdict::Incomplete | Verdict::Unknown => Self::NoVerdict,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
