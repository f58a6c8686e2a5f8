//! `filesystem-clock-skewed`: files are stamped by a clock that is wrong.

use super::source_disagrees::{is_of_files, outside};
use super::{BuildFacts, Check, Level, Observation, Rule};

pub(super) const RULE: Rule = Rule {
    id: "filesystem-clock-skewed",
    summary: "the clock that stamps the files of a mount differs from the trusted one",
    level: Level::Warning,
    why: "\
On a network mount the server stamps what is written, on a shared folder the host; the builder's own clock \
may be right and its deliverables still dated wrong. make and ninja compare such times with each other \
across mounts. It is known when the audit is told to write a probe there: `--clock filesystem:DIR`.",
    example: "\
    warning filesystem-clock-skewed\n      \
mount 2026-11-23T15:09:15Z is 10 min after trusted now (2026-11-23T14:59:15Z): `filesystem:dist` says so, \
2 of 2 agree on the other",
    remedy: "\
Set the clock of the machine that keeps the files right (the file server, or the host of a shared folder), \
then build again.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let mounts = facts.clock.answers().iter();
    let mounts = mounts.filter(|answer| is_of_files(answer));
    let skewed = mounts.filter_map(|answer| outside(answer, facts));
    skewed
        .map(|observation| Observation {
            field: "mount",
            ..observation
        })
        .collect()
}
