//! One artifact with its times, as the rules see it.

use super::{Cause, Written};
use crate::drift::{Drift, Located, Quality};
use crate::sys::{Filesystem, Kind, Stamper};
use crate::time::{Interval, Span, Timestamp};

/// The times of one artifact, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// `mtime`: when the content was written, or what somebody set.
    pub modified: Timestamp,
    /// `ctime`: when the inode last changed, which nobody can set.
    pub changed: Option<Timestamp>,
    /// `btime`: when the inode was made.
    pub created: Option<Timestamp>,
}

/// An artifact before a rule.
#[derive(Debug, Clone, Copy)]
pub struct Artifact {
    /// What it is.
    pub kind: Kind,
    /// Its times.
    pub times: Times,
    /// What it is on.
    pub filesystem: Filesystem,
    /// How far the clock that stamps files lags the wall clock.
    pub lag: Span,
    /// Whether its `mtime` was set on purpose: `SOURCE_DATE_EPOCH` or another constant.
    pub is_deliberate: bool,
    /// When it was really written, if the record of the build tells.
    pub really: Option<Written>,
}

/// A time that is known no better than this helps nobody.
const VAGUE: Span = Span::from_secs(3600);

impl Artifact {
    /// When something happened that was stamped with `at`. Stamps are early, never late: the kernel
    /// takes the time of its last tick, and file systems round down to what they can hold.
    pub(super) fn written(&self, at: Timestamp) -> Interval {
        let granularity = match at.subsecond() {
            0 if self.filesystem.two_seconds => Span::from_secs(2),
            // Perhaps chance, but every file system and tool that keeps whole seconds looks like this.
            0 => Span::from_secs(1),
            _ => Span::ZERO,
        };
        Interval::between(at, at.later(self.lag).later(granularity))
    }

    /// When it was really written, by how the builder's clock ran. The kernel stamps with that clock; what
    /// somebody set, and what another machine stamped, says nothing of it.
    pub(super) fn really_written(&self, drift: &Drift) -> Option<Written> {
        if self.filesystem.stamper != Stamper::Local {
            return None;
        }
        let Times {
            modified, changed, ..
        } = self.times;
        // The inode changes with its content: an mtime after the ctime was set.
        let is_own = !self.is_deliberate && changed.is_none_or(|changed| modified <= changed);
        let tell = |field, at| {
            let Located { time, .. } = drift.locate(self.written(at))?;
            // How far the stamp may lag can reach past the last reading; the stamp itself does not.
            let quality = drift.locate(Interval::exactly(at))?.quality;
            let located = Located { time, quality };
            (located.time.width() <= VAGUE).then_some(Written { field, located })
        };
        let by_mtime = is_own.then(|| tell("mtime", modified)).flatten();
        let is_inside = |written: &Written| written.located.quality != Quality::Extrapolated;
        if by_mtime.as_ref().is_some_and(is_inside) {
            return by_mtime;
        }
        // An inode that changed in the build beside an mtime from before it: the file was copied or unpacked with
        // the time of another clock.
        let by_ctime = changed.and_then(|changed| tell("ctime", changed));
        by_ctime
            .filter(|written| by_mtime.is_none() || is_inside(written))
            .or(by_mtime)
    }

    /// Why the artifact bears a time after `bound`, by its other times.
    pub(super) fn cause_of_later(&self, bound: Interval) -> Cause {
        let later = |at: Option<Timestamp>| at.is_some_and(|at| Some(at) > bound.latest());
        // What nobody can set is ahead as well, so a clock was; the inode may have been changed since,
        // under a clock put right, but it was made but once.
        let stamped = later(self.times.changed) || later(self.times.created);
        match (self.filesystem.stamper, stamped) {
            (Stamper::Server, true) => Cause::Filesystem,
            (Stamper::Local, true) => Cause::Clock,
            (Stamper::Image, _) | (Stamper::Local | Stamper::Server, false) => Cause::Imported,
        }
    }

    /// Whether the inode changed no earlier than `bound`: something was done to the artifact since.
    pub(super) fn touched_since(&self, bound: Interval) -> bool {
        let own = self.filesystem.stamper != Stamper::Image;
        let changed = self.times.changed.filter(|_| own);
        changed.is_some_and(|at| self.written(at).latest() >= bound.earliest())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Artifact, Times};
    use crate::drift::Drift;
    use crate::drift::tests::{EPOCH, MILLI, Machine, Random, SECOND};
    use crate::rule::Cause;
    use crate::sys::{Filesystem, Kind, Stamper};
    use crate::time::{Interval, Span, Timestamp};

    /// A file on a local disk with these seconds as its times; odd nanoseconds, so that nothing looks
    /// rounded.
    pub(in crate::rule) fn file(modified: i64, changed: i64, created: i64) -> Artifact {
        let at = |seconds| Timestamp::from_unix(seconds, 1);
        Artifact {
            kind: Kind::File,
            times: Times {
                modified: at(modified),
                changed: Some(at(changed)),
                created: Some(at(created)),
            },
            filesystem: Filesystem::UNKNOWN,
            lag: Span::from_millis(10),
            is_deliberate: false,
            really: None,
        }
    }

    fn bound() -> Interval {
        Interval::exactly(Timestamp::from_unix(1000, 0))
    }

    #[test]
    fn what_came_with_the_time_of_another_clock_says_when_it_came() {
        // A builder that is a minute ahead, with a record of ten minutes.
        let mut machine = Machine::even(0);
        machine.walls[0].1 += 60 * SECOND;
        let at = [0, 300, 600].map(|at| at * SECOND);
        let drift = Drift::of(&machine.readings(&at, MILLI, &mut Random(1)));
        let began = i64::try_from(EPOCH / SECOND).unwrap() + 60;
        let see = |modified: i64, changed: i64| {
            let artifact = file(began + modified, began + changed, began + changed);
            let written = artifact.really_written(&drift)?;
            let truly = written.located.time.middle().unwrap().seconds() - began + 60;
            Some((written.field, truly))
        };
        assert_eq!(see(100, 100), Some(("mtime", 100)));
        assert_eq!(see(100, 400), Some(("mtime", 100)));
        // An mtime after the ctime was set, and one from before the record came along.
        assert_eq!(see(400, 100), Some(("ctime", 100)));
        assert_eq!(see(-200, 100), Some(("ctime", 100)));
        assert_eq!(see(-86_400, 100), Some(("ctime", 100)));
        // Outside the record nothing tells the two apart.
        assert_eq!(see(-200, -100), Some(("mtime", -200)));
        assert_eq!(see(700, 700), Some(("mtime", 700)));
        assert_eq!(see(-86_400, -86_400), None);
        let served = Artifact {
            filesystem: Filesystem {
                stamper: Stamper::Server,
                ..Filesystem::UNKNOWN
            },
            ..file(began, began, began)
        };
        assert_eq!(served.really_written(&drift), None);
    }

    #[test]
    fn a_time_that_nobody_can_set_betrays_the_clock() {
        assert_eq!(file(2000, 2000, 2000).cause_of_later(bound()), Cause::Clock);
        assert_eq!(file(2000, 900, 2000).cause_of_later(bound()), Cause::Clock);
        assert_eq!(
            file(2000, 900, 900).cause_of_later(bound()),
            Cause::Imported
        );
    }

    #[test]
    fn the_filesystem_says_whose_clock_it_was() {
        let on = |stamper| Filesystem {
            stamper,
            ..Filesystem::UNKNOWN
        };
        let served = Artifact {
            filesystem: on(Stamper::Server),
            ..file(2000, 2000, 2000)
        };
        assert_eq!(served.cause_of_later(bound()), Cause::Filesystem);
        let image = Artifact {
            filesystem: on(Stamper::Image),
            ..file(2000, 2000, 2000)
        };
        assert_eq!(image.cause_of_later(bound()), Cause::Imported);
        assert!(!image.touched_since(bound()));
    }

    #[test]
    fn a_stamp_is_as_wide_as_what_made_it() {
        let width = |artifact: &Artifact, at| artifact.written(at).width();
        let exact = file(0, 0, 0);
        assert_eq!(
            width(&exact, Timestamp::from_unix(5, 1)),
            Span::from_millis(10)
        );
        assert_eq!(
            width(&exact, Timestamp::from_unix(5, 0)),
            Span::from_millis(1010)
        );
        let fat = Filesystem {
            two_seconds: true,
            ..Filesystem::UNKNOWN
        };
        let fat = Artifact {
            filesystem: fat,
            ..exact
        };
        assert_eq!(
            width(&fat, Timestamp::from_unix(4, 0)),
            Span::from_millis(2010)
        );
    }
}
