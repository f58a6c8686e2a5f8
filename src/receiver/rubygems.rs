//! `rubygems`: whatever reads a gem.

use super::limit::{Limit, Reading};
use super::way::{is_direct, readings, within};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "rubygems",
    summary: "RubyGems, when it reads a package: .gem",
    rule: "\
raises ArgumentError for a header in the .gem or its data.tar whose mtime is not written in octal: outside \
1970-01-01T00:00:00Z to 2242-03-16T12:56:31Z (one in between that is written in base 256, which no packer does, is not judged)",
    source: "rubygems/rubygems@69ec4a3a lib/rubygems/package/tar_header.rb:114,129-134",
    looks: Looks::Inside {
        calm: |_now| (FIRST, LAST),
        signatures: false,
        judge,
    },
};

/// What eleven octal digits can hold.
const FIRST: Timestamp = Timestamp::from_unix(0, 0);
const LAST: Timestamp = Timestamp::from_unix(0o777_7777_7777, 0);

fn judge(delivery: &Delivery<'_>, _now: Interval) -> Vec<Rejection> {
    let is_gem = delivery.is_named(&[".gem"]);
    let is_read = |member: &[u8]| {
        let archive = within(member).map(|(archive, _)| archive);
        is_direct(member) || archive.is_some_and(|archive| archive.starts_with(b"data.tar"))
    };
    let readings = readings(delivery.content, "tar.mtime", |kept| {
        is_gem && is_read(&kept.member)
    });
    let readings: Vec<Reading<'_>> = readings.collect();
    let limits = [
        (Limit::First(Interval::exactly(FIRST)), "before 1970"),
        (
            Limit::Last(Interval::exactly(LAST)),
            "after 2242-03-16T12:56:31Z",
        ),
    ];
    let passed = limits.into_iter().filter_map(|(limit, when)| {
        let passed = limit.passed(delivery, readings.iter().copied())?;
        let counted = passed.members();
        let what = format!("RubyGems would not read this gem (ArgumentError): {counted} {when}");
        Some(passed.rejection(Answer::Refuses, what))
    });
    passed.collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::certainties;

    #[test]
    fn a_time_is_what_octal_digits_can_say() {
        for (at, expected) in [(-1, 1), (0, 0), (8_589_934_591, 0), (8_589_934_592, 1)] {
            for member in ["metadata.gz", "data.tar.gz!lib/a.rb"] {
                let found = certainties(&RECEIVER, "a-1.gem", &[(member, "tar.mtime", at)]);
                assert_eq!(found, vec![true; expected], "{member} {at}");
            }
        }
        let inner = [("data.tar.gz!a.tar!b", "tar.mtime", -1)];
        assert_eq!(certainties(&RECEIVER, "a-1.gem", &inner), [true; 0]);
    }
}
