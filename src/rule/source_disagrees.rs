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
    check: Check::Build(judge),
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
