//! `disagreeing-stamps`: two records of one thing exclude each other.

use super::{Bound, BoundName, Certainty, Check, Facts, Level, Observation, Opened, Rule};
use crate::format::Disagreement;
use crate::time::grouped;
use std::collections::HashMap;

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
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    let mut known = HashMap::new();
    for (member, disagreement) in &opened.content.disagreements {
        let (one, other) = (disagreement.one.0.name, disagreement.other.0.name);
        let key = (one, other, disagreement.what.as_str());
        let number = *known.entry(key).or_insert(kinds.len());
        match kinds.get_mut(number) {
            Some(kind) => kind.others += 1,
            None => kinds.push(Kind {
                member,
                disagreement,
                others: 0,
            }),
        }
    }
    kinds.iter().map(observation).collect()
}

/// What is the same between members.
struct Kind<'a> {
    member: &'a [u8],
    disagreement: &'a Disagreement,
    /// How many members there are beside this one.
    others: u128,
}

fn observation(kind: &Kind<'_>) -> Observation {
    let disagreement = kind.disagreement;
    let ((one, found), (other, bound)) = (disagreement.one, disagreement.other);
    let bound = bound.map(|at| Bound {
        name: BoundName::Record,
        at,
    });
    let more = match kind.others {
        0 => String::new(),
        1 => "; so with 1 more member".to_owned(),
        others => format!("; so with {} more members", grouped(others)),
    };
    let detail = format!("{} ({}){more}", disagreement.what, other.name);
    Observation {
        found,
        bound,
        subject: Some(disagreement.what.clone()),
        ..Observation::of_state(one.name, Certainty::Proven, detail)
    }
    .inside(kind.member)
}
