//! `clock-skewed`: the builder's clock is wrong.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::time::Interval;

pub(super) const RULE: Rule = Rule {
    id: "clock-skewed",
    summary: "the builder's clock is off from the trusted time",
    level: Level::Error,
    why: "\
What the compiler, the linker, the packer and the signer write as \"now\" comes from this clock. A clock \
that is ahead makes deliverables from the future, which uploads refuse and incremental builds stumble \
over; one that is behind makes signatures that are not yet valid. It is held against sources outside \
this machine only: a clock that somebody stated judges artifacts, not the builder.",
    example: "\
    error clock-skewed\n      \
clock 2026-11-26T14:59:15Z is 3 d after trusted now (2026-11-23T14:59:15Z)",
    remedy: "\
Set the builder's clock right, then build again. On a virtual machine look at its host first: a timer \
that runs fast is often the host's CPU frequency scaling, and nothing inside the guest mends that.",
    check: Check::Build(judge),
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    if !facts.clock.class().is_verified() {
        return Vec::new();
    }
    let trusted = facts.clock.at(facts.clock.taken());
    let seen = Interval::exactly(facts.builder.at(facts.clock.taken()));
    let certainty = Certainty::apart(seen, trusted, facts.tolerance);
    let observe = |certainty| Observation::of_clock("clock", seen, trusted, certainty);
    certainty.map(observe).into_iter().collect()
}
