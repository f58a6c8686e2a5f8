//! `hackage`: the archive of Haskell packages.

use super::limit::{Limit, until};
use super::way::{is_direct, readings};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "hackage",
    summary: "Hackage: .tar.gz of a package's source",
    rule: "\
refuses a source archive if the mtime in the ustar header of any entry, directories and links included, is later than its \
clock was when the upload began + 30 s; it has no rule about the past; archives in pax or GNU format it refuses for that",
    source: "\
haskell/hackage-server@adbe9017 src/Distribution/Server/Packages/Unpack.hs:384,400-417, Features/Upload.hs:428-434; \
haskell/tar@76283be4 Codec/Archive/Tar/Read.hs:180,219-245",
    looks: Looks::Inside {
        calm: |now| (Timestamp::DISTANT_PAST, until(now, GRACE)),
        signatures: false,
        judge,
    },
};

/// How far an entry may be ahead.
const GRACE: Span = Span::from_secs(30);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_source = delivery.is_named(&[".tar.gz"]);
    let readings = readings(delivery.content, "tar.mtime", |kept| {
        is_source && is_direct(&kept.member)
    });
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, counted) = (passed.would(), passed.members());
        let from = passed.accepted_from(GRACE);
        let what = format!(
            "Hackage {would} reject this archive: {counted} later than its clock + 30 s (it names the first, and that sum \
as its server's time); it would take it from {from}"
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
    fn an_entry_may_be_thirty_seconds_ahead() {
        edge(&RECEIVER, "a-1.tar.gz", ("a-1/src/", "tar.mtime"), NOW + 30);
        for (name, member, field) in [
            ("a-1.tar", "a", "tar.mtime"),
            ("a-1.tar.gz", "a.tar!b", "tar.mtime"),
            ("a-1.tar.gz", "", "gzip.mtime"),
        ] {
            let late = [(member, field, NOW + 31)];
            assert_eq!(
                certainties(&RECEIVER, name, &late),
                [true; 0],
                "{name} {member}"
            );
        }
    }
}
