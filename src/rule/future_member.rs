//! `future-member`: a time inside an artifact is from the future.

use super::{Artifact, Bound, BoundName, Calm, Check, Facts, Level, Observation, Rule, embedded};
use crate::format::Kept;

pub(super) const RULE: Rule = Rule {
    id: "future-member",
    summary: "a time inside a file is later than the trusted time",
    level: Level::Error,
    why: "\
What unpacks it gets files from the future: make and ninja build them again and again, tar warns, and Debian, \
Hackage, NuGet and CRAN refuse the upload. A file's own time is only the outside, which a copy or a download \
sets anew; what is inside keeps the time of the clock that packed it.",
    example: "\
    error future-member  dist/app.deb!data.tar.xz!./usr/bin/app\n      \
tar.mtime 2026-11-24T11:21:00Z is 23 h 58 min after trusted now (2026-11-23T11:22:41Z)\n      \
embedded: only the time inside is wrong: it came with what was packed, or from another clock",
    remedy: "\
If the file's own times are ahead as well, set the builder's clock right first. Otherwise find which of the packed \
files brought the time in. Have the packer clamp: `tar --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime`, `jar --date`, \
`strip-nondeterminism`. A time in a zip that has no zone is from the future only if it is in the zone furthest ahead; \
say which zone the packer was in with --zip-tz.",
    checks: &[Check::Stamp { calm, judge }],
};

fn calm(facts: &Facts<'_>) -> Calm {
    Calm::until(facts.now)
}

fn judge(kept: &Kept, artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    let bound = Bound {
        name: BoundName::Now,
        at: facts.now,
    };
    let observation = embedded::later(kept, bound, facts.tolerance)?;
    Some(observation.because(embedded::cause(artifact, facts)))
}
