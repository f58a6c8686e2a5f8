//! `source-date-future`: the date that everything is clamped to is itself from the future.

use super::{Bound, BoundName, BuildFacts, Certainty, Check, Level, Observation, Rule};

pub(super) const RULE: Rule = Rule {
    id: "source-date-future",
    summary: "SOURCE_DATE_EPOCH is later than the trusted time",
    level: Level::Error,
    why: "\
Tools that clamp to SOURCE_DATE_EPOCH write it into every deliverable. When it comes from a clock that \
was ahead, or from a file or commit that was made under one, the whole build is consistent, reproducible \
and wrong, and nothing that looks at the files alone can tell.",
    example: "\
    error source-date-future\n      \
SOURCE_DATE_EPOCH 2026-11-26T08:00:00Z is 2 d 20 h after trusted now (2026-11-23T11:22:41Z)",
    remedy: "\
Take it from the commit that is built (`git log -1 --format=%ct`), not from `date` or the newest file. \
If the commit itself is from the future, it was made on a machine whose clock was ahead.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let see = |date| {
        let certainty = Certainty::later(date, facts.now, facts.tolerance)?;
        let bound = Bound {
            name: BoundName::Now,
            at: facts.now,
        };
        Some(Observation::of_time(
            "SOURCE_DATE_EPOCH",
            date,
            bound,
            certainty,
        ))
    };
    facts.source_date.and_then(see).into_iter().collect()
}
