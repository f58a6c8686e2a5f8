//! `after-build-end`: an artifact is younger than the build.

use super::{
    Artifact, Bound, BoundName, Calm, Cause, Certainty, Check, Facts, Level, Observation, Rule,
    embedded,
};
use crate::format::Kept;
use crate::sys::Kind;
use crate::time::{Interval, Order};

pub(super) const RULE: Rule = Rule {
    id: "after-build-end",
    summary: "a time of a file, or inside it, is later than the end of the build",
    level: Level::Error,
    why: "\
A gate that runs an hour after the build finds every time in the past, even those of a builder that \
was ten minutes ahead. Held against the end of the build they are still from its future. Otherwise \
something changed the deliverable after the build had finished.",
    example: "\
    error after-build-end  dist/app.bin\n      \
mtime 2026-11-23T11:09:12Z is 9 min 12 s after the end of the build (2026-11-23T11:00:00Z)\n      \
late: written after the build ended, unless the builder's clock ran ahead",
    remedy: "\
Look at what ran after the build and writes there (signing, stripping, packaging): let the build end \
after it. If nothing did, the builder's clock was ahead. Directories are not judged: their times \
change with every file put into them.",
    checks: &[
        Check::Artifact { calm, judge },
        Check::Stamp {
            calm,
            judge: judge_inside,
        },
    ],
};

fn calm(facts: &Facts<'_>) -> Calm {
    facts.window.end().map_or(Calm::ALWAYS, Calm::until)
}

fn judge(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let end = facts.window.end()?;
    if artifact.kind == Kind::Directory {
        return None;
    }
    let found = Interval::exactly(artifact.times.modified);
    let certainty = Certainty::later(found, end, facts.tolerance)?;
    let in_time = artifact.really.filter(|really| really.field == "mtime");
    let in_time = in_time.is_some_and(|really| really.located.time.order(end) != Order::After);
    // Later than the build but not than now: whoever wrote it may simply have come late.
    let cause = match artifact.cause_of_later(facts.now) {
        _ if in_time => Cause::Drift,
        Cause::Imported if artifact.touched_since(end) => Cause::Late,
        cause => cause,
    };
    let bound = Bound {
        name: BoundName::BuildEnd,
        at: end,
    };
    Some(Observation::of_time("mtime", found, bound, certainty).because(cause))
}

/// What was packed in the build cannot be younger than it.
fn judge_inside(kept: &Kept, artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let bound = Bound {
        name: BoundName::BuildEnd,
        at: facts.window.end()?,
    };
    let observation = embedded::later(kept, bound, facts.tolerance)?;
    Some(observation.because(embedded::cause(artifact, facts)))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::record::{Bound, Trust, Window};
    use crate::rule::artifact::tests::file;
    use crate::rule::{Artifact, Cause, Certainty, Facts};
    use crate::sys::Kind;
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn the_end_of_the_build_is_held_against_files() {
        let at = |seconds| Interval::exactly(Timestamp::from_unix(seconds, 0));
        let ended = Some(Bound {
            at: at(1000),
            source: "@1000".to_owned(),
            trust: Trust::Stated,
        });
        let window = Window { began: None, ended };
        let now = at(5000);
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance: Span::from_secs(2),
        };
        let see =
            |artifact: Artifact| judge(&artifact, &facts).map(|seen| (seen.certainty, seen.cause));
        assert_eq!(see(file(999, 4000, 999)), None);
        assert_eq!(
            see(file(1500, 1500, 900)),
            Some((Certainty::Proven, Some(Cause::Late)))
        );
        assert_eq!(
            see(file(1500, 900, 900)),
            Some((Certainty::Proven, Some(Cause::Imported)))
        );
        assert_eq!(
            see(file(9000, 9000, 9000)),
            Some((Certainty::Proven, Some(Cause::Clock)))
        );
        assert_eq!(
            see(Artifact {
                kind: Kind::Directory,
                ..file(1500, 1500, 900)
            }),
            None
        );
    }

    #[test]
    fn an_end_that_is_only_known_to_be_no_later_is_held_at_that_instant() {
        let see = |at: Interval, modified| {
            let (source, trust) = (String::new(), Trust::Builder);
            let ended = Some(Bound { at, source, trust });
            let facts = Facts {
                now: Interval::exactly(Timestamp::from_unix(5000, 0)),
                window: &Window { began: None, ended },
                begin_by_builder: None,
                source_date: None,
                receivers: &[],
                tolerance: Span::from_secs(2),
            };
            judge(&file(modified, 4000, 900), &facts).map(|seen| seen.certainty)
        };
        let at = Timestamp::from_unix(1000, 0);
        for modified in [1, 999, 1000, 1001, 1003, 9000] {
            let exact = see(Interval::exactly(at), modified);
            assert_eq!(see(Interval::until(at), modified), exact, "{modified}");
            assert_eq!(see(Interval::from(at), modified), None);
        }
    }
}
