//! `source-disagrees`: somebody who was asked the time is wrong.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::clock::{Answer, Standing};

pub(super) const RULE: Rule = Rule {
    id: "source-disagrees",
    summary: "a time source lies outside what the others agree on",
    level: Level::Warning,
    why: "\
More than half of those who were asked agree, so the time is known; but one of them is wrong, or somebody \
answers in its name. Whoever relies on that one alone has a wrong clock, and with one more like it there \
would be no agreement.",
    example: "\
    warning source-disagrees\n      \
source 2026-11-20T14:59:15Z is 3 d before trusted now (2026-11-23T14:59:15Z): `ntp:10.0.0.7` says so, \
3 of 4 agree on the other",
    remedy: "\
Mend that server or take it off the list. If it is the builder's own clock that disagrees, see clock-skewed.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let others = facts.clock.answers().iter();
    let others = others.filter(|answer| !is_of_files(answer));
    others.filter_map(|answer| outside(answer, facts)).collect()
}

/// Whether it is a file system's clock, of which another rule speaks.
pub(super) fn is_of_files(answer: &Answer) -> bool {
    answer.scheme == "filesystem"
}

/// What is to be said of a source that lies outside the agreement.
pub(super) fn outside(answer: &Answer, facts: &BuildFacts<'_>) -> Option<Observation> {
    let Standing::Outside { .. } = answer.standing else {
        return None;
    };
    let at = facts.clock.taken();
    let trusted = facts.clock.at(at);
    let said = answer.said.as_ref().ok()?.at(at);
    let certainty = Certainty::apart(said, trusted, facts.tolerance)?;
    let votes = facts.clock.votes();
    let detail = format!(
        "`{}` says so, {} of {} agree on the other",
        answer.address, votes.agreeing, votes.of
    );
    Some(Observation {
        subject: Some(answer.address.clone()),
        detail: Some(detail.into()),
        ..Observation::of_clock("source", said, trusted, certainty)
    })
}

#[cfg(test)]
mod tests {
    use crate::clock::Clock;
    use crate::rule::clock_skewed::tests::{answer, builder, facts};
    use crate::rule::{Certainty, Check, Observation, find};
    use crate::source::Class;
    use crate::time::Span;

    fn seen(rule: &str, clock: &Clock) -> Vec<Observation> {
        let [Check::Build(judge)] = find(rule).unwrap().checks else {
            panic!("{rule} is about the build");
        };
        judge(&facts(clock, &builder(0, true)))
    }

    #[test]
    fn who_lies_outside_is_named_by_the_rule_that_speaks_of_it() {
        let network = |off, after| answer("ntp", Class::Network, off, after);
        let clock = Clock::test(vec![
            network(0, 0),
            network(500, 0),
            // As far on as the ruler is: it says the same as the first.
            network(0, 60),
            answer("filesystem", Class::FileServer, -30, 20),
            answer("system", Class::System, 9, 0),
            // Outside, but perhaps by no more than is let pass.
            answer("ntp", Class::SelfAsserted, 3, 0),
        ]);
        let told = |rule| {
            let seen = seen(rule, &clock);
            let proven = seen
                .iter()
                .filter(|seen| seen.certainty == Certainty::Proven);
            let told = proven.map(|seen| {
                assert!(
                    seen.detail
                        .as_ref()
                        .unwrap()
                        .contains("2 of 3 agree on the other")
                );
                (
                    seen.field,
                    seen.subject.clone().unwrap(),
                    seen.by().unwrap(),
                )
            });
            told.collect::<Vec<_>>()
        };
        let named = |field, address: &str, by| (field, address.to_owned(), Span::from_secs(by));
        let sources = [
            named("source", "ntp:500", 498),
            named("source", "system:9", 7),
        ];
        assert_eq!(told("source-disagrees"), sources);
        assert_eq!(
            told("filesystem-clock-skewed"),
            [named("mount", "filesystem:-30", 28)]
        );
    }
}
