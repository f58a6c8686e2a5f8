//! `rpm-sequoia`: what verifies RPM packages before they are installed.

use super::limit::{Limit, until};
use super::way::readings;
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "rpm-sequoia",
    summary: "rpm with rpm-sequoia, when it verifies: signed .rpm",
    rule: "\
fails to verify an OpenPGP signature of a package that was made more than 5 minutes ahead of its clock, and rpm 6 does not \
install such a package (%_pkgverify_level all; --nosignature turns it off); when the key was made or expires is not judged \
here, and build and file times rpm does not look at",
    source: "\
rpm-software-management/rpm-sequoia@401dbd9a src/lib.rs:227-233,800-806; rpm-software-management/rpm@a8f0192a \
macros.in:686, lib/rpmvs.cc:624-641",
    looks: Looks::Inside {
        calm: |now| (Timestamp::DISTANT_PAST, until(now, GRACE)),
        signatures: false,
        judge,
    },
};

/// How far a signature may be ahead.
const GRACE: Span = Span::from_secs(300);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_package = delivery.is_named(&[".rpm"]);
    let readings = readings(delivery.content, "openpgp.signature", |kept| {
        is_package && kept.member.is_empty()
    });
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, from) = (passed.would(), passed.accepted_from(GRACE));
        let what = format!(
            "rpm {would} not verify this package: it is signed more than 5 min ahead of its clock (\"signature is not alive\"); \
it would from {from}"
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
    fn a_signature_may_be_five_minutes_ahead() {
        edge(&RECEIVER, "a.rpm", ("", "openpgp.signature"), NOW + 300);
        for (name, member, field) in [
            ("a.rpm", "", "rpm.build-time"),
            ("a.rpm", "/usr/bin/a", "rpm.file-mtime"),
            ("a.zip", "a.rpm", "openpgp.signature"),
        ] {
            let late = [(member, field, NOW + 301)];
            assert_eq!(
                certainties(&RECEIVER, name, &late),
                [true; 0],
                "{name} {field}"
            );
        }
    }
}
