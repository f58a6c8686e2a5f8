//! `clock-stepped`: the builder's clock was set while it built.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::drift::{Step, StepKind};
use crate::time::Span;

pub(super) const RULE: Rule = Rule {
    id: "clock-stepped",
    summary: "the builder's clock jumped while it built",
    level: Level::Error,
    why: "\
What was written before the step and what was written after it bear times that cannot be compared: a file \
can be older than what it was made from, or date from after the build. It is seen in the record of the \
build, either on this machine alone (the wall clock moved against the others, so somebody set it) or against \
sources outside it (all its clocks moved together, so it stood still, was restored from a snapshot or moved \
to another host; or a source was set).",
    example: "\
    error clock-stepped\n      \
clock: it was set back by 2 min while it showed 2026-11-23T10:59:12Z to 2026-11-23T10:57:13Z",
    remedy: "\
Let time be kept by slewing while builds run (chrony: no `makestep` but at the start), by one program only, \
and never suspend or migrate a builder in a build. Then build again.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let account = facts.record.map(|(_, account)| account);
    let drift = account.and_then(|account| account.drift.as_ref());
    let steps = drift.map_or(&[][..], |drift| &drift.steps);
    let observe = |(number, step): (usize, &Step)| {
        let least = least(step);
        let certainty = if least > facts.tolerance {
            Certainty::Proven
        } else {
            Certainty::Possible
        };
        Observation {
            subject: Some(format!("step {}", number + 1)),
            ..Observation::of_state("clock", certainty, sentence(step))
        }
    };
    steps.iter().enumerate().map(observe).collect()
}

/// By how much it moved at least, either way.
fn least(step: &Step) -> Span {
    let (least, most) = step.by;
    if least <= Span::ZERO && most >= Span::ZERO {
        return Span::ZERO;
    }
    least.abs().min(most.abs())
}

fn sentence(step: &Step) -> String {
    let (least, most) = step.by;
    let way = if most.plus(least) < Span::ZERO {
        "back"
    } else {
        "forward"
    };
    let middle = least.plus(most).half().abs();
    let what = match step.kind {
        StepKind::Set => "it was set",
        StepKind::Jumped => "it and all other clocks of this machine jumped against the true time,",
    };
    let (from, to) = step.wall;
    format!("{what} {way} by {middle} while it showed {from} to {to}")
}

#[cfg(test)]
mod tests {
    use super::{least, sentence};
    use crate::drift::{Step, StepKind};
    use crate::sys::{Boottime, RulerId};
    use crate::time::{Span, Timestamp};

    fn step(least: i64, most: i64, kind: StepKind) -> Step {
        Step {
            ruler: RulerId::default(),
            after: Boottime::at(0),
            before: Boottime::at(1),
            by: (Span::from_secs(least), Span::from_secs(most)),
            kind,
            when: None,
            wall: (Timestamp::from_unix(10, 0), Timestamp::from_unix(20, 0)),
        }
    }

    #[test]
    fn a_step_is_told_with_its_way_and_place() {
        assert_eq!(
            sentence(&step(-61, -59, StepKind::Set)),
            "it was set back by 1 min while it showed 1970-01-01T00:00:10Z to 1970-01-01T00:00:20Z"
        );
        let jumped = sentence(&step(119, 121, StepKind::Jumped));
        assert!(jumped.contains("forward by 2 min"), "{jumped}");
    }

    #[test]
    fn what_may_have_been_nothing_is_no_step() {
        let least = |from, to| least(&step(from, to, StepKind::Set));
        assert_eq!(least(-1, 5), Span::ZERO);
        assert_eq!(least(2, 5), Span::from_secs(2));
        assert_eq!(least(-5, -3), Span::from_secs(3));
    }
}
