//! `disagreeing-stamps`: two records of one thing exclude each other.

use super::{Bound, BoundName, Certainty, Check, Facts, Level, Observation, Opened, Rule};
use crate::format::Contradiction;

pub(super) const RULE: Rule = Rule {
    id: "disagreeing-stamps",
    summary: "two records inside a file exclude each other",
    level: Level::Warning,
    why: "\
A zip has every member's time twice and more, and tar may have it twice. Where they exclude each other, it \
depends on the reader which one counts: unzip takes one, bsdtar the other. So does what a check sees, and what the \
user gets. It is made by tools that patch one of them, and by people who want to be seen differently.",
    example: "\
    warning disagreeing-stamps  dist/app.zip!bin/app\n      \
zip.local 2040-06-15T12:00:00 is 14 y 164 d after what its other record says: two records of this member's time \
exclude each other: which one counts depends on who unpacks it",
    remedy: "\
Pack the file again with one tool, from files whose times are in order.",
    checks: &[Check::Content(judge)],
};

fn judge(opened: &Opened<'_>, _facts: &Facts<'_>) -> Vec<Observation> {
    // A tool that patches one record does so in every member: that is one finding, about the first of them.
    let kinds = opened.content.contradictions();
    kinds.map(observation).collect()
}

fn observation(contradiction: Contradiction<'_>) -> Observation {
    let disagreement = contradiction.disagreement;
    let ((one, found), (other, bound)) = (disagreement.one, disagreement.other);
    let bound = bound.map(|at| Bound {
        name: BoundName::Record,
        at,
    });
    let more = contradiction.elsewhere();
    let detail = format!("{} ({}){more}", disagreement.what, other.name);
    Observation {
        found,
        bound,
        subject: Some(disagreement.what.clone()),
        ..Observation::of_state(one.name, Certainty::Proven, detail)
    }
    .inside(contradiction.member)
}
