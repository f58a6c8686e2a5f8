//! How long an answer is waited for.

use super::Refusal;
use crate::sys::{Boottime, boottime};
use crate::time::Span;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The longest that is waited at once, in nanoseconds: a day. Systems take no longer times for sure.
const LONGEST: i128 = 86_400_000_000_000;

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
        let left = self.ends.since(boottime()).as_nanos().min(LONGEST);
        let nanos = u64::try_from(left).ok().filter(|&nanos| nanos > 0)?;
        Some(Duration::from_nanos(nanos.max(1_000_000)))
    }

    /// What some work comes to that looks at no budget itself; `None` when that takes too long. A thread
    /// does it, and is left behind then.
    pub(crate) fn bound<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            // When nobody waits any more, nobody is told.
            let _late = tell.send(work());
        });
        told.recv_timeout(self.left()?).ok()
    }

    /// That it is spent, and nothing came that was heard.
    pub fn timeout(self) -> Refusal {
        Refusal::Timeout {
            waited: self.spent(),
            ignored: 0,
        }
    }

    /// How long it was waited for.
    pub fn spent(self) -> Span {
        boottime().since(self.began)
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::time::Span;
    use std::time::Duration;

    #[test]
    fn what_is_left_is_never_nothing_nor_too_much_for_a_socket() {
        assert_eq!(Budget::of(Span::ZERO).left(), None);
        assert_eq!(Budget::of(Span::from_secs(-1)).left(), None);
        let short = Budget::of(Span::from_nanos(500_000)).left();
        assert!(short.is_none_or(|left| left == Duration::from_millis(1)));
        let centuries = Budget::of(Span::from_secs(i64::MAX)).left();
        assert_eq!(centuries, Some(Duration::from_secs(86_400)));
    }
}
