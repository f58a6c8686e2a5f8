//! `launchpad`: Ubuntu's archive and its PPAs.

use super::deb;
use super::{Delivery, Looks, Receiver, Rejection};
use crate::time::Interval;

pub(super) const RECEIVER: Receiver = Receiver {
    name: "launchpad",
    summary: "Launchpad (Ubuntu, PPAs): .deb and .ddeb",
    rule: "\
refuses a .deb or .ddeb if the mtime in the ustar header of any member of control.tar or data.tar, directories and links \
included, is later than its clock + 24 h, or before 1975 in its server's zone; a .udeb is not looked at",
    source: "\
lgp171188/launchpad@eafda459 lib/lp/archiveuploader/nascentuploadfile.py:69-102 and 842-896, uploadpolicy.py:80-83 \
(2025-07-31, a developer's clone)",
    looks: Looks::Inside {
        calm: deb::calm,
        signatures: false,
        judge,
    },
};

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    if delivery.is_named(&[".deb", ".ddeb"]) {
        deb::rejections(delivery, now, "Launchpad")
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{NOW, certainties, edge};

    #[test]
    fn a_member_may_be_a_day_ahead_and_not_a_second_more() {
        for name in ["a.deb", "a-dbgsym.ddeb"] {
            edge(
                &RECEIVER,
                name,
                ("data.tar.zst!./a", "tar.mtime"),
                NOW + 86_400,
            );
        }
        let installer = [("data.tar.xz!./a", "tar.mtime", NOW + 90_000)];
        assert_eq!(certainties(&RECEIVER, "a.udeb", &installer), [true; 0]);
    }

    #[test]
    fn both_limits_are_told_of() {
        let judged = certainties(
            &RECEIVER,
            "a.deb",
            &[
                ("data.tar.xz!./late", "tar.mtime", NOW + 90_000),
                (
                    "data.tar.xz!./old",
                    "tar.mtime",
                    157_766_400 - 14 * 3600 - 1,
                ),
            ],
        );
        assert_eq!(judged, [true, true]);
    }
}
