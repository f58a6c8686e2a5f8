//! `only-sentinels`: nothing inside a file is evidence of when it was built.

use super::{Certainty, Check, Facts, Level, Observation, Opened, Rule};
use crate::time::grouped;

pub(super) const RULE: Rule = Rule {
    id: "only-sentinels",
    summary: "all times inside a file are well-known constants",
    level: Level::Note,
    why: "\
Reproducible builds write constants in place of times. That is in order, and it is no evidence: such a file says nothing \
of when it was built, so that no finding inside it is not the same as a clock that was right. F-Droid's check for \
APKs from the future was given up for this; here it is said.",
    example: "\
    note only-sentinels  dist/app-1.0.tgz\n      \
content: none of 5,421 times tells when it was built: they are constants of npm",
    remedy: "\
Nothing need be done. To know when it was built all the same, record the build (`skewgate begin`, `skewgate run`).",
    checks: &[Check::Content(judge)],
};

fn judge(opened: &Opened<'_>, _facts: &Facts<'_>) -> Vec<Observation> {
    let content = opened.content;
    let tally = &content.tally;
    // A compressed file that bears no time says so, and says nothing else.
    let is_silent = tally.constants.is_empty() && tally.entries == 0;
    if tally.stamps == 0 || tally.evidence > 0 || is_silent || !content.flaws.is_empty() {
        return Vec::new();
    }
    let whose = match tally.constants.join(", ") {
        none if none.is_empty() => "they are all unset".to_owned(),
        whose => format!("they are constants of {whose}"),
    };
    let all = grouped(tally.stamps.into());
    let what = format!("none of {all} times tells when it was built: {whose}");
    vec![Observation::of_state("content", Certainty::Proven, what)]
}
