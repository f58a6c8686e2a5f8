//! `dak`: Debian's archive.

use super::deb;
use super::limit::Limit;
use super::way::readings;
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "dak",
    summary: "Debian's archive: .deb, .udeb and .changes",
    rule: "\
refuses a .deb or .udeb if the mtime in the ustar header of any member of control.tar or data.tar, directories and links \
included, is later than its clock + 24 h, or before 1975 in its server's zone (pax records are not read); and a .changes \
whose OpenPGP signature is more than 7 days ahead of its clock (one of more than 365 days ago is refused, too, and not \
judged here)",
    source: "\
Debian/dak@1d539f9a daklib/checks.py:461-500 and 202-218, daklib/archive.py:879-884 (2023-03); \
Debian/apt@6b128124 apt-pkg/contrib/extracttar.cc:132-323",
    looks: Looks::Inside {
        calm: deb::calm,
        signatures: false,
        judge,
    },
};

/// How far a signature may be ahead: 7 days.
const SIGNED: Span = Span::from_secs(7 * 86_400);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    if delivery.is_named(&[".deb", ".udeb"]) {
        return deb::rejections(delivery, now, "Debian's archive (dak)");
    }
    let is_upload = delivery.is_named(&[".changes"]);
    let readings = readings(delivery.content, "openpgp.signature", |kept| {
        is_upload && kept.member.is_empty()
    });
    let passed = Limit::Last(now.later(SIGNED)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, from) = (passed.would(), passed.accepted_from(SIGNED));
        let what = format!(
            "Debian's archive (dak) {would} reject this upload: it is signed more than 7 days ahead of its clock; it would \
take it from {from}"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{NOW, certainties, edge, whats};

    #[test]
    fn a_member_may_be_a_day_ahead_and_not_a_second_more() {
        for member in ["data.tar.xz!./usr/", "control.tar.gz!./control"] {
            edge(
                &RECEIVER,
                "a_1_all.deb",
                (member, "tar.mtime"),
                NOW + 86_400,
            );
        }
        edge(
            &RECEIVER,
            "a.udeb",
            ("data.tar!./a", "tar.mtime"),
            NOW + 86_400,
        );
    }

    #[test]
    fn a_member_is_from_1975_wherever_the_server_stands() {
        let judged = |at| certainties(&RECEIVER, "a.deb", &[("data.tar.xz!./a", "tar.mtime", at)]);
        assert_eq!(judged(157_766_400 - 14 * 3600 - 1), [true]);
        assert_eq!(judged(157_766_400 - 14 * 3600), [false]);
        assert_eq!(judged(157_766_400 + 12 * 3600 - 1), [false]);
        assert_eq!(judged(157_766_400 + 12 * 3600), [true; 0]);
        assert_eq!(judged(0), [true]);
    }

    #[test]
    fn a_signature_may_be_a_week_ahead() {
        edge(
            &RECEIVER,
            "a_1_amd64.changes",
            ("", "openpgp.signature"),
            NOW + 7 * 86_400,
        );
        let other = certainties(
            &RECEIVER,
            "a.dsc",
            &[("", "openpgp.signature", NOW + 8 * 86_400)],
        );
        assert_eq!(other, [true; 0]);
    }

    #[test]
    fn nothing_else_is_looked_at() {
        for (name, member, field) in [
            ("a.deb", "data.tar.xz", "ar.date"),
            ("a.deb", "data.tar.xz!./a", "tar.pax.mtime"),
            ("a.deb", "data.tar.xz!./a.tar!b", "tar.mtime"),
            ("a.deb", "other.tar!./a", "tar.mtime"),
            ("a.tar", "data.tar.xz!./a", "tar.mtime"),
        ] {
            let judged = certainties(&RECEIVER, name, &[(member, field, NOW + 90_000)]);
            assert_eq!(judged, [true; 0], "{name} {member} {field}");
        }
    }

    #[test]
    fn it_says_how_many_and_when_it_would_take_it() {
        let late = |member| (member, "tar.mtime", NOW + 2 * 86_400);
        let members = [
            late("data.tar.xz!./a"),
            late("data.tar.xz!./b"),
            late("control.tar.xz!./"),
        ];
        assert_eq!(
            whats(&RECEIVER, "a.deb", &members),
            [
                "Debian's archive (dak) would reject this package: 3 members are later than its clock + 24 h; it would \
take it from 2027-01-16T08:00:00Z"
            ]
        );
    }
}
