//! `gnu-tar`: whoever unpacks an archive with GNU tar.

use super::limit::{Limit, Reading, until};
use super::way::{is_direct, mtimes};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "gnu-tar",
    summary: "GNU tar, when it unpacks: tar archives, however they are compressed",
    rule: "\
warns of every member, directories and links included, whose mtime is later than its clock, or before 1970, and unpacks it \
all the same; --warning=no-timestamp and -m turn that off",
    source: "OrenKohavi/tar-1.34-finebti@ec55f5c8 src/extract.c:306-331; run with GNU tar",
    looks: Looks::Inside {
        // A second earlier, so that the pax record beside a header that is rounded up is kept, too.
        calm: |now| (YEAR_1970, until(now, Span::from_secs(-1))),
        signatures: false,
        judge,
    },
};

const YEAR_1970: Timestamp = Timestamp::from_unix(0, 0);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let readings = mtimes(delivery.content).into_iter();
    let direct = readings.filter(|reading: &Reading<'_>| is_direct(reading.member));
    let readings: Vec<Reading<'_>> = direct.collect();
    let limits = [
        (Limit::Last(now), "later than its clock"),
        (Limit::First(Interval::exactly(YEAR_1970)), "before 1970"),
    ];
    let passed = limits.into_iter().filter_map(|(limit, than)| {
        let passed = limit.passed(delivery, readings.iter().copied())?;
        let (would, counted) = (passed.would(), passed.members());
        let what = format!("GNU tar {would} warn when it unpacks this: {counted} {than}");
        Some(passed.rejection(Answer::Warns, what))
    });
    passed.collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::Answer;
    use crate::receiver::sample::{Kind, NOW, edge, judged, kept, rounded};

    #[test]
    fn a_member_is_not_later_than_now() {
        edge(&RECEIVER, "a.tar.xz", ("a", "tar.mtime"), NOW);
        edge(&RECEIVER, "a.tgz", ("./a/", "tar.pax.mtime"), NOW);
        let found = judged(&RECEIVER, "a.tar", rounded("a", NOW));
        assert!(found.len() == 1 && !found[0].is_proven);
        assert_eq!(found[0].answer, Answer::Warns);
    }

    #[test]
    fn a_member_is_not_before_1970() {
        let judged = |at| {
            judged(
                &RECEIVER,
                "a.tar",
                vec![kept("a", "tar.mtime", at, Kind::Exact)],
            )
        };
        assert!(judged(0).is_empty());
        assert!(judged(-1)[0].is_proven);
    }

    #[test]
    fn an_archive_in_an_archive_is_not_unpacked() {
        let inner = kept("data.tar.xz!a", "tar.mtime", NOW + 1, Kind::Exact);
        assert!(judged(&RECEIVER, "a.deb", vec![inner]).is_empty());
    }
}
