//! `beyond-source-date`: an artifact is younger than the date it should be clamped to.

use super::{
    Artifact, Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Rule, embedded,
};
use crate::format::Kept;
use crate::sys::Kind;
use crate::time::Interval;

pub(super) const RULE: Rule = Rule {
    id: "beyond-source-date",
    summary: "a time of a file, or inside it, is later than SOURCE_DATE_EPOCH",
    level: Level::Warning,
    why: "\
With SOURCE_DATE_EPOCH set, no time in a deliverable should be later: one that is differs from build \
to build: inside a file that is proven. A file's own time gets into the package that it is put in, unless the packer clamps it, which \
cannot be seen from here: such a finding is possible, never proven, and reported under --strict only.",
    example: "\
    warning beyond-source-date  stage/usr/bin/app (possible)\n      \
mtime 2026-11-23T11:09:12Z is 4 d 3 h after SOURCE_DATE_EPOCH (2026-11-19T08:00:00Z)",
    remedy: "\
Have the packer clamp (`tar --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime`, dpkg-deb, rpm's \
build_mtime_policy), or set the times before packing (`find stage -newermt @$SOURCE_DATE_EPOCH \
-exec touch -hd @$SOURCE_DATE_EPOCH {} +`).",
    checks: &[
        Check::Artifact { calm, judge },
        Check::Stamp {
            calm,
            judge: judge_inside,
        },
    ],
};

fn calm(facts: &Facts<'_>) -> Calm {
    facts.source_date.map_or(Calm::ALWAYS, Calm::until)
}

fn judge(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let date = facts.source_date?;
    let found = Interval::exactly(artifact.times.modified);
    Certainty::later(found, date, facts.tolerance).filter(|_| artifact.kind != Kind::Special)?;
    let bound = Bound {
        name: BoundName::SourceDate,
        at: date,
    };
    Some(Observation::of_time(
        "mtime",
        found,
        bound,
        Certainty::Possible,
    ))
}

/// What a packer wrote into an artifact, it should have clamped.
fn judge_inside(kept: &Kept, _artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let bound = Bound {
        name: BoundName::SourceDate,
        at: facts.source_date?,
    };
    embedded::later(kept, bound, facts.tolerance)
}
