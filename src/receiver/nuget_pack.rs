//! `nuget-pack`: what makes .NET packages.

use super::limit::Limit;
use super::{Answer, Looks, Receiver, Rejection};
use crate::time::{Interval, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "nuget-pack",
    summary: "NuGet pack: files that will be put into a .nupkg",
    rule: "\
warns of a file whose mtime is before 1980-01-01T00:00:00Z or after 2107-12-31T23:59:58Z (NU5132) and packs it with that \
instant; it has no rule about the future",
    source: "NuGet/NuGet.Client@fac35579 src/NuGet.Core/NuGet.Packaging/PackageCreation/Authoring/PackageBuilder.cs:30-31,1011-1031",
    looks: Looks::Outside {
        calm: |_now| (FIRST, LAST),
        judge,
    },
};

/// 1980-01-01T00:00:00Z and 2107-12-31T23:59:58Z.
const FIRST: Timestamp = Timestamp::from_unix(315_532_800, 0);
const LAST: Timestamp = Timestamp::from_unix(4_354_819_198, 0);

fn judge(modified: Timestamp, _now: Interval) -> Option<Rejection> {
    let found = Interval::exactly(modified);
    let limits = [Limit::First, Limit::Last]
        .into_iter()
        .zip([FIRST, LAST].map(Interval::exactly));
    limits.into_iter().find_map(|(limit, at)| {
        let is_proven = limit(at).is_passed(found)?;
        Some(Rejection {
            answer: Answer::Warns,
            member: Vec::new(),
            field: "mtime",
            found,
            limit: at,
            is_proven,
            what: format!(
                "NuGet pack would warn of this file (NU5132) and write {at} for it",
                at = limit_text(at)
            ),
        })
    })
}

fn limit_text(at: Interval) -> String {
    at.earliest().map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::outside;

    #[test]
    fn a_file_is_of_the_years_that_zip_can_hold() {
        let outside = |seconds, nanos| outside(&RECEIVER, seconds, nanos).is_some();
        assert!(outside(315_532_799, 999_999_999) && !outside(315_532_800, 0));
        assert!(!outside(4_354_819_198, 0) && outside(4_354_819_198, 1));
    }
}
