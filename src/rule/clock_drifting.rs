//! `clock-drifting`: the builder's clock runs too fast or too slow.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::drift::{Claim, Diagnosis, Gain};

pub(super) const RULE: Rule = Rule {
    id: "clock-drifting",
    summary: "the builder's clock ran too fast or too slow while it built",
    level: Level::Error,
    why: "\
A clock that is wrong by a fixed amount can be set right; one that gains two minutes in every ten is wrong \
again an hour later, by more each hour, and whatever sets it makes the times of one build contradict each \
other. The rate is measured from the readings in the build's record against sources outside this machine, \
and it is proven only where no even rate within the limit goes through all of them. Healthy clocks are \
within 100 parts per million, and a kernel steers by 500 at most. A clock whose timer is right and that a \
time daemon only slewed towards the true time is not drifting: its timer's rate counts.",
    example: "\
    error clock-drifting\n      \
clock: the timer itself runs wrong, and all clocks with it: 200,000 ppm ± 14 fast: it gains 120 s in 600 s (its raw \
count, which nobody slews: 200,000 ppm ± 15 fast); the limit is 500 ppm",
    remedy: "\
Do not set the clock again and again: find what makes its timer run wrong (`skewgate doctor`). On a virtual \
machine look at its host first, at CPU frequency scaling there; nothing inside the guest mends that.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let account = facts.record.map(|(_, account)| account);
    let Some(drift) = account.and_then(|account| account.drift.as_ref()) else {
        return Vec::new();
    };
    if drift.claim(facts.drift_limit) != Claim::Exceeds {
        return Vec::new();
    }
    let limit = facts.drift_limit;
    let is_rate = |found: &Diagnosis| {
        matches!(
            found,
            Diagnosis::Timer { .. } | Diagnosis::Slewed { .. } | Diagnosis::Runs { .. }
        )
    };
    let why = drift.diagnoses(limit).into_iter().find(is_rate);
    let why = why.map(|why| why.to_string());
    let gain = || drift.gain().map(|gain| Gain(gain).to_string());
    let said = why.or_else(gain).unwrap_or_default();
    let detail = format!("{said}; the limit is {limit} ppm");
    vec![Observation::of_state("clock", Certainty::Proven, detail)]
}
