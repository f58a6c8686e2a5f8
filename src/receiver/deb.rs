//! What the receivers of Debian packages share.

use super::limit::{Limit, Passed, Reading, until};
use super::way::{readings, within};
use super::{Answer, Delivery, Rejection};
use crate::time::{Interval, Span, Timestamp};

/// How far a member may be ahead: 24 hours.
pub(super) const GRACE: Span = Span::from_secs(86_400);

/// 1975-01-01T00:00:00 in the zone of the server, from 14 hours ahead of UTC to 12 behind.
const YEAR_1975: (i64, i64) = (157_766_400 - 14 * 3600, 157_766_400 + 12 * 3600);

/// What a server that looks at every member of a package has nothing against.
pub(super) fn calm(now: Interval) -> (Timestamp, Timestamp) {
    (Timestamp::from_unix(YEAR_1975.1, 0), until(now, GRACE))
}

/// The times in the headers of the members of the archives in a package whose name begins so.
pub(super) fn members<'a>(
    delivery: &Delivery<'a>,
    archives: &'static [&'static str],
) -> impl Iterator<Item = Reading<'a>> {
    readings(delivery.content, "tar.mtime", |kept| {
        let archive = within(&kept.member).map(|(archive, _)| archive);
        let is = |name: &&str| archive.is_some_and(|archive| archive.starts_with(name.as_bytes()));
        archives.iter().any(is)
    })
}

/// What a server says that goes by its clock + 24 h and by the year 1975.
pub(super) fn rejections(delivery: &Delivery<'_>, now: Interval, who: &str) -> Vec<Rejection> {
    let members = || members(delivery, &["control.tar", "data.tar"]);
    let late = Limit::Last(now.later(GRACE)).passed(delivery, members());
    let (from, to) = YEAR_1975;
    let year = Interval::between(Timestamp::from_unix(from, 0), Timestamp::from_unix(to, 0));
    let early = Limit::First(year).passed(delivery, members());
    let late = late.map(|passed| {
        let counted = passed.members();
        let from = passed.accepted_from(GRACE);
        refusal(
            &passed,
            who,
            &format!("{counted} later than its clock + 24 h; it would take it from {from}"),
        )
    });
    let early = early.map(|passed| {
        let counted = passed.members();
        refusal(
            &passed,
            who,
            &format!("{counted} before 1975 in the zone of its server"),
        )
    });
    late.into_iter().chain(early).collect()
}

fn refusal(passed: &Passed<'_>, who: &str, why: &str) -> Rejection {
    let would = passed.would();
    passed.rejection(
        Answer::Refuses,
        format!("{who} {would} reject this package: {why}"),
    )
}
