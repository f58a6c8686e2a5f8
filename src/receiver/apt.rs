//! `apt`: what installs Debian packages, on the index of a repository.

use super::limit::{Limit, until};
use super::way::readings;
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "apt",
    summary: "apt on a repository's index: Release and InRelease",
    rule: "\
does not update from a repository whose Date, written in GMT, UTC or Z, is more than 10 s ahead of its clock \
(Acquire::Max-FutureTime; Acquire::Check-Date turns it off); what Valid-Until says depends on when it is read, \
and is not judged",
    source: "Debian/apt@6b128124 apt-pkg/deb/debmetaindex.cc:587-605, apt-pkg/acquire-item.cc:1849-1866",
    looks: Looks::Inside {
        calm: |now| (Timestamp::DISTANT_PAST, until(now, GRACE)),
        signatures: false,
        judge,
    },
};

/// How far a Date may be ahead: `Acquire::Max-FutureTime`.
const GRACE: Span = Span::from_secs(10);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_index = ["Release", "InRelease"]
        .iter()
        .any(|name| delivery.name == *name);
    // A date in another form is one that apt warns of and does not go by.
    let is_read = |raw: &[u8]| {
        let zone = raw.trim_ascii_end().rsplit(|&byte| byte == b' ').next();
        [b"GMT".as_slice(), b"UTC", b"Z"]
            .iter()
            .any(|known| zone == Some(known))
    };
    let readings = readings(delivery.content, "debian.date", |kept| {
        is_index && kept.member.is_empty() && is_read(&kept.raw)
    });
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, from) = (passed.would(), passed.accepted_from(GRACE));
        let what = format!(
            "apt {would} not update from this repository: \"Release file ... is not valid yet\"; it would from {from}"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{Kind, NOW, certainties, edge, judged, kept};

    #[test]
    fn a_date_may_be_ten_seconds_ahead() {
        edge(&RECEIVER, "InRelease", ("", "debian.date"), NOW + 10);
        edge(&RECEIVER, "Release", ("", "debian.date"), NOW + 10);
        let other = [("", "debian.date", NOW + 100)];
        assert_eq!(certainties(&RECEIVER, "a.changes", &other), [true; 0]);
    }

    #[test]
    fn a_date_that_it_does_not_read_counts_nothing() {
        for (raw, is_judged) in [
            ("Fri, 15 Jan 2027 08:01:40 UTC", true),
            ("Fri, 15 Jan 2027 08:01:40 GMT", true),
            ("Fri, 15 Jan 2027 08:01:40 Z ", true),
            ("Fri, 15 Jan 2027 10:01:40 +0200", false),
            ("", false),
        ] {
            let mut date = kept("", "debian.date", NOW + 100, Kind::Exact);
            date.raw = raw.into();
            assert_eq!(
                !judged(&RECEIVER, "Release", vec![date]).is_empty(),
                is_judged,
                "{raw}"
            );
        }
    }
}
