//! `before-build-start`: an artifact is older than the build.

use super::{
    Artifact, Bound, BoundName, Calm, Cause, Certainty, Check, Facts, Level, Observation, Rule,
};
use crate::drift::{Located, Quality};
use crate::sys::{Kind, Stamper};
use crate::time::{Interval, Order};

pub(super) const RULE: Rule = Rule {
    id: "before-build-start",
    summary: "a file's modification time is earlier than the start of the build",
    level: Level::Warning,
    why: "\
A deliverable that is older than its build was not made by it: left over from an earlier one, restored \
from a cache, or taken for up to date because another file bore a time from the future. Systems have \
tested and shipped last week's program that way.",
    example: "\
    warning before-build-start  dist/plugin.so\n      \
mtime 2026-11-20T08:00:00Z is 3 d 2 h before the start of the build (2026-11-23T10:12:00Z)\n      \
untouched: nothing wrote it in this build: its ctime is as old",
    remedy: "\
If nothing wrote it in this build, find out why it was not rebuilt, or remove the output folder first. \
If it was imported (copied or unpacked with its old time) and that is meant, set a tolerance or an \
ignore for its path. Well-known constants and SOURCE_DATE_EPOCH itself are not held against it while \
its ctime shows that this build wrote it. The kernel's coarse clock and whole-second file systems are \
allowed for.",
    checks: &[Check::Artifact { calm, judge }],
};

/// What is calm by the builder's clock and by the true time: the file system decides which it is held
/// against.
fn calm(facts: &Facts<'_>) -> Calm {
    let starts = facts.window.start();
    let starts = starts.into_iter().chain(facts.begin_by_builder);
    starts.fold(Calm::ALWAYS, |all, start| all.and(Calm::since(start)))
}

/// The start of the build, by the clock that stamped the artifact where that is known.
fn start(artifact: &Artifact, facts: &Facts<'_>) -> Option<Interval> {
    let by_builder = facts.begin_by_builder;
    let by_builder = by_builder.filter(|_| artifact.filesystem.stamper == Stamper::Local);
    by_builder.or_else(|| facts.window.start())
}

fn judge(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let start = start(artifact, facts)?;
    if artifact.kind != Kind::File {
        return None;
    }
    let modified = artifact.times.modified;
    let touched = artifact.touched_since(start);
    if touched && artifact.is_deliberate {
        return None;
    }
    let found = artifact.written(modified);
    let certainty = Certainty::earlier(found, start, facts.tolerance)?;
    let bound = Bound {
        name: BoundName::BuildStart,
        at: start,
    };
    // Where that clock was set since the build began, only the record tells.
    let in_time = artifact.really.is_some_and(|really| {
        let Located { time, quality } = really.located;
        really.field == "mtime" && quality == Quality::Between && time.order(start) != Order::Before
    });
    let cause = if in_time {
        Cause::Drift
    } else if touched {
        Cause::Imported
    } else {
        Cause::Untouched
    };
    Some(Observation::of_time("mtime", found, bound, certainty).because(cause))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::drift::{Located, Quality};
    use crate::record::{Bound, Trust, Window};
    use crate::rule::artifact::tests::file;
    use crate::rule::{Artifact, Cause, Certainty, Facts, Written};
    use crate::sys::{Filesystem, Kind, Stamper};
    use crate::time::{Interval, Span, Timestamp};

    fn see(artifact: &Artifact) -> Option<(Certainty, Cause)> {
        see_from(Interval::exactly(Timestamp::from_unix(1000, 0)), artifact)
    }

    fn see_from(start: Interval, artifact: &Artifact) -> Option<(Certainty, Cause)> {
        let window = Window {
            began: Some(Bound {
                at: start,
                source: "@1000".to_owned(),
                trust: Trust::Stated,
            }),
            ended: None,
        };
        let now = Interval::exactly(Timestamp::from_unix(5000, 0));
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance: Span::ZERO,
        };
        judge(artifact, &facts).map(|seen| (seen.certainty, seen.cause.unwrap()))
    }

    #[test]
    fn the_ctime_tells_imported_from_untouched() {
        assert_eq!(
            see(&file(900, 1100, 1100)),
            Some((Certainty::Proven, Cause::Imported))
        );
        assert_eq!(
            see(&file(900, 900, 900)),
            Some((Certainty::Proven, Cause::Untouched))
        );
        assert_eq!(see(&file(1000, 1000, 1000)), None);
        let directory = Artifact {
            kind: Kind::Directory,
            ..file(900, 900, 900)
        };
        assert_eq!(see(&directory), None);
    }

    #[test]
    fn what_the_builder_stamped_is_held_against_its_own_clock() {
        // It is an hour behind: by its own clock the build began at 1000, while it was 4600.
        let at = |seconds| Interval::exactly(Timestamp::from_unix(seconds, 0));
        let window = Window {
            began: Some(Bound {
                at: at(4600),
                source: String::new(),
                trust: Trust::Verified,
            }),
            ended: None,
        };
        let facts = Facts {
            now: at(9000),
            window: &window,
            begin_by_builder: Some(at(1000)),
            source_date: None,
            receivers: &[],
            tolerance: Span::ZERO,
        };
        let see = |artifact: &Artifact| judge(artifact, &facts).map(|seen| seen.cause);
        assert_eq!(see(&file(1100, 1100, 1100)), None);
        assert_eq!(see(&file(900, 900, 900)), Some(Some(Cause::Untouched)));
        let served = Filesystem {
            stamper: Stamper::Server,
            ..Filesystem::UNKNOWN
        };
        let served = Artifact {
            filesystem: served,
            ..file(1100, 1100, 1100)
        };
        assert_eq!(see(&served), Some(Some(Cause::Untouched)));
    }

    #[test]
    fn what_the_record_knows_to_be_of_the_build_is_not_called_left_over() {
        let see = |field, at, quality| {
            let time = Interval::exactly(Timestamp::from_unix(at, 0));
            let located = Located { time, quality };
            let really = Some(Written { field, located });
            let artifact = Artifact {
                really,
                ..file(900, 900, 900)
            };
            see(&artifact).unwrap()
        };
        let proven = |cause| (Certainty::Proven, cause);
        for at in [1000, 1100] {
            assert_eq!(see("mtime", at, Quality::Between), proven(Cause::Drift));
            assert_eq!(see("ctime", at, Quality::Between), proven(Cause::Untouched));
            for quality in [Quality::Extrapolated, Quality::Ambiguous] {
                assert_eq!(see("mtime", at, quality), proven(Cause::Untouched));
            }
        }
        assert_eq!(
            see("mtime", 999, Quality::Between),
            proven(Cause::Untouched)
        );
    }

    #[test]
    fn a_start_that_is_only_known_to_be_no_earlier_is_held_at_that_instant() {
        let start = Interval::from(Timestamp::from_unix(1000, 0));
        for modified in [500, 900, 999, 1000, 1001, 4000, 9000] {
            let artifact = file(modified, 900, 900);
            assert_eq!(see_from(start, &artifact), see(&artifact), "{modified}");
        }
        // What only is known to be no later than some instant may have been long before.
        let start = Interval::until(Timestamp::from_unix(1000, 0));
        assert_eq!(see_from(start, &file(1, 1, 1)), None);
    }

    #[test]
    fn a_coarse_clock_is_no_proof() {
        let mut just_before = file(999, 1100, 1100);
        just_before.times.modified = Timestamp::from_unix(999, 995_000_000);
        assert_eq!(
            see(&just_before),
            Some((Certainty::Possible, Cause::Imported))
        );
        just_before.times.modified = Timestamp::from_unix(999, 985_000_000);
        assert_eq!(
            see(&just_before),
            Some((Certainty::Proven, Cause::Imported))
        );
        // A whole second may be all that the file system keeps.
        just_before.times.modified = Timestamp::from_unix(999, 0);
        assert_eq!(
            see(&just_before),
            Some((Certainty::Possible, Cause::Imported))
        );
    }

    #[test]
    fn a_constant_is_not_held_against_what_this_build_wrote() {
        let deliberate = |artifact| Artifact {
            is_deliberate: true,
            ..artifact
        };
        assert_eq!(see(&deliberate(file(1, 1100, 1100))), None);
        assert_eq!(
            see(&deliberate(file(1, 900, 900))),
            Some((Certainty::Proven, Cause::Untouched))
        );
    }
}
