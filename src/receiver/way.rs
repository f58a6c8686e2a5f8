//! Which members of a delivery a receiver means.
//!
//! A way is names joined by `!`, which a name may have in it, too: such a member seems to lie one archive deeper, and
//! is not judged.

use super::Delivery;
use super::limit::Reading;
use crate::format::{Content, Kept};
use crate::time::{Interval, Timestamp};
use std::collections::BTreeMap;

impl Delivery<'_> {
    /// Whether its name ends in one of these.
    pub(super) fn is_named(&self, ends: &[&str]) -> bool {
        let name = self.name.as_encoded_bytes();
        ends.iter().any(|end| name.ends_with(end.as_bytes()))
    }
}

/// The times of a field that were kept, as they are written.
pub(super) fn times<'a>(
    content: &'a Content,
    field: &'static str,
) -> impl Iterator<Item = (&'a Kept, Timestamp)> {
    let kept = content
        .stamps
        .iter()
        .filter(move |kept| kept.field.name == field);
    kept.filter_map(|kept| Some((kept, kept.value.moment()?.written)))
}

/// The same as a receiver reads it that takes them for exact and looks at some.
pub(super) fn readings<'a>(
    content: &'a Content,
    field: &'static str,
    looks_at: impl Fn(&Kept) -> bool,
) -> impl Iterator<Item = Reading<'a>> {
    let some = times(content, field).filter(move |(kept, _)| looks_at(kept));
    some.map(|(kept, at)| Reading::of(kept, Interval::exactly(at)))
}

/// When the members of tar archives are said to be modified, in their header or in the pax record before it: from one to the
/// other, where both were kept.
///
/// Where they contradict each other, so that one of them may be calm and not kept, nothing is sure.
pub(super) fn mtimes(content: &Content) -> Vec<Reading<'_>> {
    let headers = times(content, "tar.mtime");
    let all = headers.chain(times(content, "tar.pax.mtime"));
    let mut readings: BTreeMap<&[u8], Reading<'_>> = BTreeMap::new();
    for (kept, at) in all {
        let at = Interval::exactly(at);
        let reading = readings
            .entry(&kept.member)
            .or_insert(Reading::of(kept, at));
        reading.at = reading.at.hull(at);
    }
    let doubtful = content.disagreements.iter();
    let doubtful = doubtful.filter(|(_, which)| which.one.0.name.starts_with("tar."));
    for (member, which) in doubtful {
        if let Some(reading) = readings.get_mut(member.as_slice()) {
            let said = [which.one.1, which.other.1].into_iter().flatten();
            reading.at = said.fold(reading.at, Interval::hull);
        }
    }
    readings.into_values().collect()
}

/// Whether a way leads to what lies right in the file.
pub(super) fn is_direct(member: &[u8]) -> bool {
    !member.contains(&b'!')
}

/// The archive that lies right in the file, and the name of the member that lies right in that.
pub(super) fn within(member: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = member.iter().position(|&byte| byte == b'!')?;
    let (archive, name) = (&member[..at], &member[at + 1..]);
    is_direct(name).then_some((archive, name))
}

/// A member's name without what packers put before and after it.
pub(super) fn bare(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    name.strip_suffix(b"/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{bare, is_direct, within};

    #[test]
    fn a_way_is_taken_apart() {
        assert!(is_direct(b"./a") && is_direct(b"") && !is_direct(b"a!b"));
        let (archive, name) = within(b"data.tar.xz!./usr/bin/app").unwrap();
        assert_eq!(
            (archive, name),
            (b"data.tar.xz".as_slice(), b"./usr/bin/app".as_slice())
        );
        assert_eq!((within(b"a"), within(b"a!b!c")), (None, None));
        assert_eq!(
            (bare(b"./a/b/"), bare(b"a")),
            (b"a/b".as_slice(), b"a".as_slice())
        );
    }
}
