//! `nuget`: the gallery of .NET packages.

use super::limit::{Limit, Reading, until};
use super::way::{is_direct, times};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "nuget",
    summary: "NuGet Gallery (nuget.org): .nupkg and .snupkg",
    rule: "\
refuses a package if the DOS time in the central directory of any entry, folders included, read as local time of its \
server, is later than its clock + 24 h; extra fields are not read. The server's zone is not in its code, and UTC unless it \
was set: proven is what it refuses as far ahead of UTC as zones go, 38 h, and possible what it refuses in UTC; what only a \
server behind UTC would refuse is not reported",
    source: "\
NuGet/NuGetGallery@55d8cc0b src/NuGetGallery/Helpers/ZipArchiveHelpers.cs:28-37, Controllers/ApiController.cs:556-566; \
dotnet/runtime@04da5a17 ZipHelper.DosTimeToDateTime",
    looks: Looks::Inside {
        // So much earlier, at most, is a DOS time taken to be whose zone is not known, or stated: what is late as it is
        // written must be kept.
        calm: |now| {
            let latest = until(now, GRACE).earlier(AHEAD).earlier(ROUNDING);
            (Timestamp::DISTANT_PAST, latest)
        },
        signatures: false,
        judge,
    },
};

/// How far an entry may be ahead: a day.
const GRACE: Span = Span::from_secs(86_400);

/// The zone that is furthest ahead of UTC.
const AHEAD: Span = Span::from_secs(14 * 3600);

/// In what steps DOS counts.
const ROUNDING: Span = Span::from_secs(2);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_package = delivery.is_named(&[".nupkg", ".snupkg"]);
    let entries = times(delivery.content, "zip.central");
    let entries = entries.filter(|(kept, _)| is_package && is_direct(&kept.member));
    let readings = entries.map(|(kept, written)| {
        Reading::of(kept, Interval::between(written.earlier(AHEAD), written))
    });
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, counted) = (passed.would(), passed.members());
        let from = passed.accepted_from(GRACE);
        let what = format!(
            "NuGet Gallery {would} reject this package: {counted} later than its clock + 24 h, read in the zone of its server; \
if that is UTC, it would take it from {from}"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::format::Value;
    use crate::receiver::Looks;
    use crate::receiver::sample::{Kind, NOW, at, judged, kept, value};
    use crate::time::Interval;

    fn certainties(name: &str, member: &str, field: &'static str, at: i64) -> Vec<bool> {
        let stamps = vec![kept(member, field, at, Kind::Dos)];
        let rejections = judged(&RECEIVER, name, stamps).into_iter();
        rejections.map(|rejection| rejection.is_proven).collect()
    }

    #[test]
    fn an_entry_may_be_a_day_ahead_in_the_servers_zone() {
        let (utc, furthest) = (NOW + 86_400, NOW + 86_400 + 14 * 3600);
        for (at, expected) in [
            (utc, vec![]),
            (utc + 2, vec![false]),
            (furthest, vec![false]),
            (furthest + 2, vec![true]),
        ] {
            for name in ["a.nupkg", "a.snupkg"] {
                assert_eq!(
                    certainties(name, "lib/", "zip.central", at),
                    expected,
                    "{at}"
                );
            }
        }
    }

    #[test]
    fn nothing_else_is_looked_at() {
        for (name, member, field) in [
            ("a.zip", "a", "zip.central"),
            ("a.nupkg", "a.zip!b", "zip.central"),
            ("a.nupkg", "a", "zip.local"),
            ("a.nupkg", "a", "zip.central.ut.mtime"),
        ] {
            let found = certainties(name, member, field, NOW + 9 * 86_400);
            assert_eq!(found, [true; 0], "{name} {member} {field}");
        }
    }

    #[test]
    fn what_is_late_as_it_is_written_is_kept_in_whatever_zone_it_is_said_to_be() {
        let Looks::Inside { calm, .. } = RECEIVER.looks else {
            panic!("it looks inside")
        };
        let (_, to) = calm(Interval::exactly(at(NOW)));
        let Value::At(late) = value(NOW + 86_400 + 2, Kind::Stated(14 * 3600)) else {
            panic!("it is a time")
        };
        assert!(late.time.latest() > Some(to));
    }
}
