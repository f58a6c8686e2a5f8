//! The times in extra fields.

use super::fields::Kind;
use crate::bytes::{le16, le32, le64};
use crate::format::{Form, Moment, Value};
use crate::time::Timestamp;

/// A time in an extra field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Where among the extra fields it stands.
    pub(super) at: usize,
    /// Its bytes as a number.
    pub(super) raw: u64,
}

/// Info-ZIP's extended timestamp.
const UT: u16 = 0x5455;
/// Info-ZIP's older one.
const UX: u16 = 0x5855;
/// NTFS.
const NTFS: u16 = 0x000a;
/// PKWARE's for Unix.
const PKWARE: u16 = 0x000d;

/// Tells of each time in the extra fields, and gives back what is wrong with them.
#[inline]
pub(super) fn each(
    extra: &[u8],
    is_central: bool,
    mut tell: impl FnMut(Found),
) -> Option<&'static str> {
    let mut wrong = None;
    let mut at = 0;
    // Up to three bytes behind the last are padding of old tools that align members.
    while let (Some(id), Some(size)) = (le16(extra, at), le16(extra, at + 2)) {
        let from = at + 4;
        at = from + usize::from(size);
        let Some(body) = extra.get(from..at) else {
            return Some("an extra field is longer than what holds it; readers skip it or give up");
        };
        let told = match id {
            UT => ut(body, is_central, from, &mut tell),
            NTFS => ntfs(body, from, &mut tell),
            UX => pair(body, from, [Kind::UxAccessed, Kind::UxModified], &mut tell),
            PKWARE => {
                let kinds = [Kind::PkwareAccessed, Kind::PkwareModified];
                pair(body, from, kinds, &mut tell)
            }
            _ => None,
        };
        wrong = wrong.or(told);
    }
    wrong
}

fn ut(
    body: &[u8],
    is_central: bool,
    from: usize,
    tell: &mut impl FnMut(Found),
) -> Option<&'static str> {
    const CUT: Option<&str> = Some("the extra field 0x5455 (UT) is too short for its times");
    let Some(flags) = body.first() else {
        return CUT;
    };
    // The flags of the central one describe the local one: of its times it has only the first.
    let kinds: &[Kind] = if is_central {
        &[Kind::UtModified]
    } else {
        &[Kind::UtModified, Kind::UtAccessed, Kind::UtCreated]
    };
    let mut at = 1;
    for (bit, kind) in kinds.iter().enumerate() {
        if flags & (1 << bit) == 0 {
            continue;
        }
        let Some(raw) = le32(body, at) else {
            return CUT;
        };
        tell(Found {
            kind: *kind,
            at: from + at,
            raw: u64::from(raw),
        });
        at += 4;
    }
    None
}

fn ntfs(body: &[u8], from: usize, tell: &mut impl FnMut(Found)) -> Option<&'static str> {
    const CUT: Option<&str> = Some("the extra field 0x000a (NTFS) is too short for its times");
    // Four bytes that mean nothing, then attributes like extra fields.
    let mut at = 4;
    while let (Some(tag), Some(size)) = (le16(body, at), le16(body, at + 2)) {
        at += 4;
        if tag == 1 {
            let kinds = [Kind::NtfsModified, Kind::NtfsAccessed, Kind::NtfsCreated];
            for (kind, at) in kinds
                .into_iter()
                .zip((at..at + usize::from(size)).step_by(8))
            {
                let Some(raw) = le64(body, at) else {
                    return CUT;
                };
                let at = from + at;
                tell(Found { kind, at, raw });
            }
            if size < 24 {
                return CUT;
            }
        }
        at += usize::from(size);
    }
    None
}

fn pair(
    body: &[u8],
    from: usize,
    kinds: [Kind; 2],
    tell: &mut impl FnMut(Found),
) -> Option<&'static str> {
    for (kind, at) in kinds.into_iter().zip([0, 4]) {
        let Some(raw) = le32(body, at) else {
            return Some("the extra field 0x5855 or 0x000d (Unix) is too short for its times");
        };
        tell(Found {
            kind,
            at: from + at,
            raw: u64::from(raw),
        });
    }
    None
}

impl Found {
    /// How it is written.
    pub(super) const fn form(self) -> Form {
        match self.kind {
            Kind::NtfsModified | Kind::NtfsAccessed | Kind::NtfsCreated => Form::FileTime,
            _ => Form::Unix32Le,
        }
    }

    /// Whether it is a time of modification.
    pub(super) const fn is_modified(self) -> bool {
        matches!(
            self.kind,
            Kind::UtModified | Kind::NtfsModified | Kind::UxModified | Kind::PkwareModified
        )
    }

    /// What it says, beside a DOS time of so many seconds since 1970, as if in UTC.
    pub(super) fn value(self, dos: Option<i64>) -> Value {
        match self.form() {
            Form::FileTime => Form::FileTime.decode(&self.raw.to_le_bytes()),
            _ => Value::At(Moment::exactly(Timestamp::from_unix(
                unwrapped(self.raw, dos),
                0,
            ))),
        }
    }

    /// Whole seconds since 1970; `None` where it does not say.
    #[inline]
    pub(super) fn seconds(self, dos: Option<i64>) -> Option<i64> {
        match (self.form(), self.raw) {
            (Form::FileTime, 0) => None,
            (Form::FileTime, steps) => i64::try_from(steps / 10_000_000)
                .map(|at| at - 11_644_473_600)
                .ok(),
            (_, raw) => Some(unwrapped(raw, dos)),
        }
    }
}

/// Seconds of which only 32 bits were kept: the reading that is nearest to the DOS time, and without one that of
/// an unsigned number. Before 1970 is one of them: a DOS time is then at its floor.
fn unwrapped(raw: u64, dos: Option<i64>) -> i64 {
    const WRAP: i64 = 1 << 32;
    let first = i64::try_from(raw).unwrap_or(0);
    let Some(dos) = dos else { return first };
    let readings = [first, first + WRAP, first - WRAP];
    let nearest = readings.into_iter().min_by_key(|at| at.abs_diff(dos));
    nearest.unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::{Found, each, unwrapped};
    use crate::format::zip::fields::Kind;
    use proptest::prelude::{any, proptest};

    fn all(extra: &[u8], is_central: bool) -> (Vec<Found>, Option<&'static str>) {
        let mut found = Vec::new();
        let wrong = each(extra, is_central, |one| found.push(one));
        (found, wrong)
    }

    #[test]
    fn the_flags_of_the_central_one_describe_the_local_one() {
        let central = b"UT\x05\0\x07\x01\0\0\0";
        let (found, wrong) = all(central, true);
        let (kind, at, raw) = (Kind::UtModified, 5, 1);
        assert_eq!((found, wrong), (vec![Found { kind, at, raw }], None));
        assert!(all(central, false).1.is_some());
        let local = b"\xfe\xca\0\0UT\x09\0\x06\x02\0\0\0\x03\0\0\0";
        let (found, wrong) = all(local, false);
        let kinds: Vec<_> = found
            .iter()
            .map(|one| (one.kind, one.at, one.raw))
            .collect();
        assert_eq!(kinds, [(Kind::UtAccessed, 9, 2), (Kind::UtCreated, 13, 3)]);
        assert_eq!(wrong, None);
        // Not for the mtime: nothing is there.
        assert_eq!(all(local, true), (Vec::new(), None));
    }

    #[test]
    fn seconds_of_32_bits_go_to_where_the_dos_time_is() {
        let at_2040 = 2_223_374_400_i64;
        let at_2107 = 4_337_496_000_i64;
        let cut = |at: i64| u64::from(u32::try_from(at & 0xffff_ffff).unwrap());
        for at in [0, 1_767_323_046, at_2040, at_2107] {
            assert_eq!(unwrapped(cut(at), Some(at + 50_000)), at);
        }
        // A file from before 1970 is not from 2106: Info-ZIP writes the floor of DOS beside it.
        for at in [-1, -18_000, -315_619_200] {
            assert_eq!(unwrapped(cut(at), Some(315_532_800)), at);
        }
        assert_eq!(unwrapped(cut(at_2107), None), at_2107 - (1 << 32));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(extra in proptest::collection::vec(any::<u8>(), 0..64), at in 0..4_usize) {
            let ids = [b"UT", b"UX", b"\x0a\0", b"\x0d\0"];
            let extra = [&ids[at][..], &extra].concat();
            for is_central in [true, false] {
                for one in all(&extra, is_central).0 {
                    assert!(one.at + one.form().length() <= extra.len());
                    let seconds = one.value(Some(5)).moment().map(|moment| moment.written.seconds());
                    assert_eq!(seconds, one.seconds(Some(5)));
                }
            }
        }
    }
}
