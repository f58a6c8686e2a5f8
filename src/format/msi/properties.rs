//! A set of properties as a stream of a compound file holds it ([MS-OLEPS]): which of them are times.

use crate::bytes::{array, le16, le32};

/// `FMTID_SummaryInformation`, {F29F85E0-4FF9-1068-AB91-08002B27B3D9}.
const SUMMARY: [u8; 16] = *b"\xe0\x85\x9f\xf2\xf9\x4f\x68\x10\xab\x91\x08\x00\x2b\x27\xb3\xd9";

/// `VT_FILETIME`.
const FILE_TIME: u32 = 64;

/// The times of a summary, each with the number of its property.
pub(super) fn times(stream: &[u8]) -> Vec<(u32, [u8; 8])> {
    sets(stream).unwrap_or_default()
}

fn sets(stream: &[u8]) -> Option<Vec<(u32, [u8; 8])>> {
    // The mark of its byte order; a stream has one set, or two.
    if le16(stream, 0)? != 0xfffe {
        return None;
    }
    let count = usize::try_from(le32(stream, 24)?).ok()?.min(2);
    let mut found = Vec::new();
    for at in (28..).step_by(20).take(count) {
        if array(stream, at) == Some(SUMMARY) {
            let from = usize::try_from(le32(stream, at + 16)?).ok()?;
            set(stream.get(from..)?, &mut found);
        }
    }
    Some(found)
}

fn set(set: &[u8], found: &mut Vec<(u32, [u8; 8])>) {
    let count = le32(set, 4).and_then(|count| usize::try_from(count).ok());
    let entries = set.get(8..).unwrap_or_default().chunks_exact(8);
    for entry in entries.take(count.unwrap_or(0)) {
        let at = le32(entry, 4).and_then(|at| usize::try_from(at).ok());
        let value = at.and_then(|at| set.get(at..)).unwrap_or_default();
        if le32(value, 0) == Some(FILE_TIME)
            && let (Some(number), Some(raw)) = (le32(entry, 0), array(value, 4))
        {
            found.push((number, raw));
        }
    }
}
