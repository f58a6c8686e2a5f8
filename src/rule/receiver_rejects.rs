//! `receiver-rejects`: a receiver that was named will refuse the artifact.

use super::{Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Opened, Rule};
use crate::receiver::Delivery;

pub(super) const RULE: Rule = Rule {
    id: "receiver-rejects",
    summary: "a receiver that was named with --for would refuse this file for the times in it",
    level: Level::Error,
    why: "\
Archives and registries check the times in what is uploaded, each by a rule of its own and by its own clock, and say so \
only after the build, the tests and the upload. Here their rules are held against the trusted time beforehand.",
    example: "\
    error receiver-rejects  dist/app_1.0_amd64.deb!data.tar.xz!./usr/bin/app\n      \
tar.mtime 2026-11-25T11:21:00Z is 23 h 58 min after what the receiver accepts: Debian's archive would reject this .deb: \
3 members are later than its clock + 24 h",
    remedy: "\
Set the clock of the builder right and build again, or have the packer clamp the times. `skewgate list receivers` says \
who looks at what.",
    checks: &[Check::Stamp { calm, judge: none }, Check::Content(judge)],
};

/// What no receiver has anything against.
fn calm(facts: &Facts<'_>) -> Calm {
    let receivers = facts.receivers.iter();
    receivers.fold(Calm::ALWAYS, |all, receiver| {
        let (from, to) = (receiver.calm)(facts.now);
        all.and(Calm {
            from,
            to,
            ..Calm::ALWAYS
        })
    })
}

/// A receiver looks at a file as a whole.
fn none(
    _kept: &crate::format::Kept,
    _artifact: &super::Artifact,
    _facts: &Facts<'_>,
) -> Option<Observation> {
    None
}

fn judge(opened: &Opened<'_>, facts: &Facts<'_>) -> Vec<Observation> {
    let delivery = Delivery {
        name: opened.name,
        modified: opened.artifact.times.modified,
        content: opened.content,
    };
    let by = facts.receivers.iter().flat_map(|receiver| {
        let rejections = (receiver.judge)(&delivery, facts.now).into_iter();
        rejections.map(|rejection| (receiver.name, rejection))
    });
    let seen = by.map(|(name, rejection)| {
        let bound = Bound {
            name: BoundName::Receiver,
            at: rejection.limit,
        };
        let certainty = if rejection.is_proven {
            Certainty::Proven
        } else {
            Certainty::Possible
        };
        Observation {
            subject: Some(name.to_owned()),
            ..Observation::of_time(rejection.field, rejection.found, bound, certainty)
        }
        .inside(&rejection.member)
        .saying(rejection.what)
    });
    seen.collect()
}
