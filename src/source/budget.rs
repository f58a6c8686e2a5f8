//! How long an answer is waited for.

use crate::sys::{Boottime, boottime};
use crate::time::Span;
use std::time::Duration;

/// How long an answer is waited for, by the ruler.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    began: Boottime,
    ends: Boottime,
}

impl Budget {
    /// From now on, this long.
    pub fn of(span: Span) -> Self {
        let began = boottime();
        Self {
            began,
            ends: began.later(span),
        }
    }

    /// The same, but for no longer than `span` from now.
    #[must_use]
    pub fn at_most(self, span: Span) -> Self {
        Self {
            began: self.began,
            ends: self.ends.min(boottime().later(span)),
        }
    }

    /// What is left of it; `None` when it is spent. Never so little that a socket takes it for
    /// forever.
    pub fn left(self) -> Option<Duration> {
        let left = self.ends.since(boottime()).as_nanos();
        let nanos = u64::try_from(left).ok().filter(|&nanos| nanos > 0)?;
        Some(Duration::from_nanos(nanos.max(1_000_000)))
    }

    /// How long it was waited for.
    pub fn spent(self) -> Span {
        boottime().since(self.began)
    }
}
