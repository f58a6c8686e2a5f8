//! `rpmlint`: the checker of RPM packages.

use super::limit::{Limit, until};
use super::way::readings;
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "rpmlint",
    summary: "rpmlint: .rpm, binary and source",
    rule: "\
error changelog-time-in-future: the latest entry of the changelog is more than 26 h ahead of its clock, whatever the zone; \
what it says of changelogs before 1995 is a warning, and of .pyc files that do not go with their source depends on \
times that are in order, so neither is judged here",
    source: "rpm-software-management/rpmlint@938f5177 rpmlint/checks/TagsCheck.py:31,570-584",
    looks: Looks::Inside {
        // A day's noon in UTC stands for what began 26 hours before: what is late as it is written must be kept.
        calm: |now| (Timestamp::DISTANT_PAST, until(now, Span::ZERO)),
        signatures: false,
        judge,
    },
};

/// How far an entry may be ahead: "26 hours, the largest difference between time zones".
const GRACE: Span = Span::from_secs(26 * 3600);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_package = delivery.is_named(&[".rpm"]);
    // It looks at the first entry, which rpmbuild sees to be the latest.
    let readings = readings(delivery.content, "rpm.changelog", |kept| {
        is_package && kept.member.is_empty()
    });
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, from) = (passed.would(), passed.accepted_from(GRACE));
        let what = format!(
            "rpmlint {would} end with the error changelog-time-in-future: the latest entry of the changelog is later than its \
clock + 26 h; it would not from {from}"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{NOW, certainties, edge};

    #[test]
    fn an_entry_may_be_a_day_and_two_hours_ahead() {
        edge(
            &RECEIVER,
            "a.src.rpm",
            ("", "rpm.changelog"),
            NOW + 26 * 3600,
        );
        let late = [("", "rpm.changelog", NOW + 27 * 3600)];
        assert_eq!(certainties(&RECEIVER, "a.spec", &late), [true; 0]);
    }
}
