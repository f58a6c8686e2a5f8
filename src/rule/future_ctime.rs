//! `future-ctime`: the clock that stamped an artifact was ahead.

use super::{
    Artifact, Bound, BoundName, Calm, Cause, Certainty, Check, Facts, Level, Observation, Rule,
};
use crate::sys::Stamper;
use crate::time::{Interval, Timestamp};

pub(super) const RULE: Rule = Rule {
    id: "future-ctime",
    summary: "a file's inode change time, which no program can set, is later than the trusted time",
    level: Level::Error,
    why: "\
The kernel stamps ctime itself, with the clock it had: tools that keep or set modification times \
(cp -p, tar, touch) cannot touch it. A ctime from the future is proof that the clock of the builder, \
or of the file server, was ahead when the file was last written, renamed or changed, even where every \
modification time looks right.",
    example: "\
A release was unpacked with its old modification times on a builder three days ahead:\n\
\n    error future-ctime  dist/LICENSE\n      \
ctime 2026-11-26T11:21:00Z is 2 d 23 h after trusted now (2026-11-23T11:22:41Z)",
    remedy: "\
Set the clock right where the file system is stamped: on the builder, or on the server that it is \
mounted from. Then build again; changing the files' times does not change their ctime back.",
    checks: &[Check::Artifact { calm, judge }],
};

fn calm(facts: &Facts<'_>) -> Calm {
    let earliest = facts.now.earliest().unwrap_or(Timestamp::DISTANT_PAST);
    Calm {
        changed_to: earliest,
        ..Calm::ALWAYS
    }
}

fn judge(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let found = Interval::exactly(artifact.times.changed?);
    // An image's ctime is whatever its maker wrote.
    let cause = match artifact.filesystem.stamper {
        Stamper::Local => Cause::Clock,
        Stamper::Server => Cause::Filesystem,
        Stamper::Image => return None,
    };
    let certainty = Certainty::later(found, facts.now, facts.tolerance)?;
    let bound = Bound {
        name: BoundName::Now,
        at: facts.now,
    };
    Some(Observation::of_time("ctime", found, bound, certainty).because(cause))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::record::Window;
    use crate::rule::artifact::tests::file;
    use crate::rule::{Artifact, Cause, Facts};
    use crate::sys::{Filesystem, Stamper};
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn a_ctime_ahead_is_the_clock_that_stamps_there() {
        let now = Interval::exactly(Timestamp::from_unix(1000, 0));
        let window = Window::default();
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance: Span::ZERO,
        };
        let cause = |stamper| {
            let filesystem = Filesystem {
                stamper,
                ..Filesystem::UNKNOWN
            };
            judge(
                &Artifact {
                    filesystem,
                    ..file(500, 2000, 500)
                },
                &facts,
            )
            .map(|seen| seen.cause)
        };
        assert_eq!(cause(Stamper::Local), Some(Some(Cause::Clock)));
        assert_eq!(cause(Stamper::Server), Some(Some(Cause::Filesystem)));
        assert_eq!(cause(Stamper::Image), None);
        assert_eq!(judge(&file(2000, 500, 500), &facts), None);
    }
}
