//! `future-mtime`: an artifact is from the future.

use super::{Artifact, Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Rule};
use crate::time::Interval;

pub(super) const RULE: Rule = Rule {
    id: "future-mtime",
    summary: "a file's modification time is later than the trusted time",
    level: Level::Error,
    why: "\
Make, ninja and cargo take it for newer than everything that is built after it, so it is not rebuilt \
until the time has passed. Debian, Hackage and NuGet refuse uploads that hold such times, tar warns \
when it unpacks them, and a signature made after it seems to precede what it signs. Where nothing \
imported the time, the builder's clock ran ahead.",
    example: "\
A build VM gained two minutes in every ten. A week later its deliverables were dated a day ahead:\n\
\n    error future-mtime  dist/app.tar.gz\n      \
mtime 2026-11-24T11:21:00Z is 23 h 58 min after trusted now (2026-11-23T11:22:41Z)\n      \
clock: the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too",
    remedy: "\
If the cause is the clock, set the builder's clock right first (a virtual machine's runs fast for \
reasons on its host), then build again. If it is imported, find what brings the time in (an archive, \
`cp -p`, `touch -d`) and have it use SOURCE_DATE_EPOCH. If it is meant, add an ignore with the reason.",
    checks: &[Check::Artifact { calm, judge }],
};

fn calm(facts: &Facts<'_>) -> Calm {
    Calm::until(facts.now)
}

fn judge(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let found = Interval::exactly(artifact.times.modified);
    let certainty = Certainty::later(found, facts.now, facts.tolerance)?;
    let bound = Bound {
        name: BoundName::Now,
        at: facts.now,
    };
    let cause = artifact.cause_of_later(facts.now);
    Some(Observation::of_time("mtime", found, bound, certainty).because(cause))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::record::Window;
    use crate::rule::artifact::tests::file;
    use crate::rule::{Cause, Certainty, Facts};
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn only_what_is_later_than_the_clock_can_be_is_proven() {
        let now = Interval::around(Timestamp::from_unix(1000, 0), Span::from_secs(10));
        let window = Window::default();
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance: Span::from_secs(2),
        };
        let certainty =
            |modified| judge(&file(modified, 900, 900), &facts).map(|seen| seen.certainty);
        assert_eq!(certainty(989), None);
        assert_eq!(certainty(1000), Some(Certainty::Possible));
        assert_eq!(certainty(1011), Some(Certainty::Possible));
        assert_eq!(certainty(1012), Some(Certainty::Proven));
        assert_eq!(
            judge(&file(2000, 900, 900), &facts).unwrap().cause,
            Some(Cause::Imported)
        );
    }
}
