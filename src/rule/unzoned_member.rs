//! `unzoned-member`: a time decides nothing because nobody knows its zone.

use super::{Certainty, Check, Facts, Level, Observation, Opened, Rule};
use crate::time::grouped;

pub(super) const RULE: Rule = Rule {
    id: "unzoned-member",
    summary: "times inside a file decide nothing, because they are local times without a zone",
    level: Level::Note,
    why: "\
Zip and cab keep the packer's local time and not its zone, so such a time may be meant in any zone from UTC-12 to \
UTC+14. For a day it cannot be told from one that is from the future. Tools that take it for UTC raise false alarms, \
tools that allow a day for it miss a clock that is hours ahead.",
    example: "\
    note unzoned-member  dist/app.jar\n      \
content: 412 of 413 times have no zone and are too recent to be told from times of the future",
    remedy: "\
Say in which zone it was packed with --zip-tz (utc, local, +05:30). Better: have the packer write extended timestamps \
(zip without -X, jar since JDK 17 with --date, SOURCE_DATE_EPOCH), which are in UTC.",
    checks: &[Check::Content(judge)],
};

fn judge(opened: &Opened<'_>, _facts: &Facts<'_>) -> Vec<Observation> {
    let content = opened.content;
    let tally = &content.tally;
    if tally.undecided == 0 {
        return Vec::new();
    }
    let (some, all) = (
        grouped(tally.undecided.into()),
        grouped(tally.stamps.into()),
    );
    let what = format!(
        "{some} of {all} times have no zone and are too recent to be told from times of the future"
    );
    vec![Observation::of_state("content", Certainty::Proven, what)]
}
