//! `cran`: the archive of R packages, by what `R CMD check --as-cran` says.

use super::limit::{Limit, Reading, until};
use super::way::{bare, is_direct, mtimes};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "cran",
    summary: "CRAN, by R CMD check --as-cran: .tar.gz of a package's source",
    rule: "\
warns if the mtime of a file or folder that lies right in the package's folder is more than 5 minutes ahead of its clock; \
what lies deeper is not looked at. A package that gives warnings has to be mended and submitted again, so this \
counts as a refusal; that is CRAN's checklist for submissions, and not in code that was read",
    source: "\
r-devel/r-svn@b5b3719f src/library/tools/R/check.R:521-603,7676 (2026-08-22); CRAN, Checklist for CRAN submissions",
    looks: Looks::Inside {
        // A second earlier, so that the pax record beside a header that is rounded up is kept, too.
        calm: |now| {
            let latest = until(now, GRACE).earlier(Span::from_secs(1));
            (Timestamp::DISTANT_PAST, latest)
        },
        signatures: false,
        judge,
    },
};

/// How far a file may be ahead: `_R_CHECK_FUTURE_FILE_TIMESTAMPS_LEEWAY_`.
const GRACE: Span = Span::from_secs(300);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let is_source = delivery.is_named(&[".tar.gz"]);
    let readings = mtimes(delivery.content).into_iter();
    let readings = readings.filter(|reading: &Reading<'_>| is_source && is_top(reading.member));
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, readings);
    let rejection = passed.map(|passed| {
        let (would, counted) = (passed.would(), passed.members());
        let from = passed.accepted_from(GRACE);
        let what = format!(
            "R CMD check --as-cran {would} warn of \"Files with future time stamps\", with which CRAN takes no package: \
{counted} later than its clock + 5 min; it would not from {from}"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

/// Whether it lies right in the package's folder.
fn is_top(member: &[u8]) -> bool {
    let slashes = bare(member).iter().filter(|&&byte| byte == b'/').count();
    is_direct(member) && slashes == 1
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{NOW, certainties, edge, judged, rounded};

    #[test]
    fn what_lies_right_in_the_package_may_be_five_minutes_ahead() {
        for member in ["pkg/DESCRIPTION", "pkg/R/", "./pkg/.hidden"] {
            edge(&RECEIVER, "pkg_1.tar.gz", (member, "tar.mtime"), NOW + 300);
        }
        for member in ["pkg/", "pkg/R/a.R", "a", "pkg/a.tar!b"] {
            let late = [(member, "tar.mtime", NOW + 301)];
            assert_eq!(
                certainties(&RECEIVER, "pkg_1.tar.gz", &late),
                [true; 0],
                "{member}"
            );
        }
    }

    #[test]
    fn a_header_that_was_rounded_up_proves_nothing() {
        // The record is in time, the header is not.
        let found = judged(&RECEIVER, "pkg_1.tar.gz", rounded("pkg/a", NOW + 300));
        assert!(found.len() == 1 && !found[0].is_proven, "{found:?}");
        let found = judged(&RECEIVER, "pkg_1.tar.gz", rounded("pkg/a", NOW + 301));
        assert!(found.len() == 1 && found[0].is_proven, "{found:?}");
    }
}
