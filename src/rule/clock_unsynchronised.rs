//! `clock-unsynchronised`: nobody keeps the builder's clock.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::source::Class;

pub(super) const RULE: Rule = Rule {
    id: "clock-unsynchronised",
    summary: "nothing keeps the builder's clock in step",
    level: Level::Note,
    why: "\
The kernel says that no time daemon disciplines its clock, so the clock runs as its timer does: \
seconds a day on a good machine, minutes an hour on a virtual one with a bad timer. It may be right \
today. In containers and on many CI runners nobody keeps it.",
    example: "\
    note clock-unsynchronised\n      \
adjtimex: nothing keeps this machine's clock in step; it may be off by any amount",
    remedy: "\
Run chrony or systemd-timesyncd on the machine (on the host, for a container), or have the audit use an \
outside clock. A hypervisor's guest tools do as well, but never both at once.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let detail = match facts.clock.class() {
        // A stated time judges artifacts, never the builder's clock.
        Class::Stated => return Vec::new(),
        Class::FileServer | Class::SelfAsserted | Class::System => {
            "nothing keeps this machine's clock in step; it may be off by any amount"
        }
        Class::Authenticated | Class::Network | Class::Host => {
            "nothing keeps this machine's clock in step; how far it is off now says nothing of an hour ago"
        }
    };
    let kept = facts.builder.discipline;
    if kept.is_none_or(|state| state.synchronised) {
        return Vec::new();
    }
    vec![Observation::of_state("adjtimex", Certainty::Proven, detail)]
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::clock::{Builder, Clock};
    use crate::rule::clock_skewed::tests::{answer, builder, facts};
    use crate::source::Class;

    #[test]
    fn a_clock_that_nobody_keeps_is_told_unless_the_time_is_stated() {
        let told = |class, builder: &Builder| {
            let clock = Clock::test(vec![answer("test", class, 0, 0)]);
            judge(&facts(&clock, builder)).len()
        };
        for class in Class::ALL {
            let expected = usize::from(class != Class::Stated);
            assert_eq!(told(class, &builder(0, false)), expected, "{class:?}");
            assert_eq!(told(class, &builder(0, true)), 0);
        }
        let silent = Builder {
            discipline: None,
            ..builder(0, false)
        };
        assert_eq!(told(Class::System, &silent), 0);
    }
}
