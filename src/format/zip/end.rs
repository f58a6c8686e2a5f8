//! Where the central directory is: what the records at the end of an archive say of it, and whether another could
//! be found there.

use super::header::{CENTRAL, LOCAL};
use super::window::Window;
use crate::bytes::{Flaw, array, le16, le32, le64};

/// A central directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory {
    /// Where it begins.
    pub(super) start: u64,
    /// How many bytes it is said to take.
    pub(super) size: u64,
    /// How many entries it is said to have.
    pub(super) entries: u64,
    /// Whether that is only its lowest 16 bits, as old writers of many entries do.
    pub(super) is_narrow: bool,
    /// How much lies in front of the archive: what places in it are counted from.
    pub(super) base: u64,
}

/// The end record (APPNOTE 4.3.16), without its comment.
const RECORD: usize = 22;
const SIGNATURE: &[u8; 4] = b"PK\x05\x06";
/// The longest comment.
const COMMENT: usize = 0xffff;
/// The zip64 locator (APPNOTE 4.3.15), right before the end record.
const LOCATOR: u64 = 20;
/// The zip64 end record (APPNOTE 4.3.14), without what may be added to it.
const WIDE_RECORD: u64 = 56;
/// How many readings of one archive are followed: enough for every way that readers differ in.
const READINGS: usize = 4;
/// How many things that look like an end record are looked at.
const ATTEMPTS: usize = 64;

/// What the records at the end say: the directory that most readers see first, then those that others may see.
///
/// # Errors
/// When there is none that can be read.
pub(super) fn find(window: &mut Window<'_>) -> Result<Vec<Directory>, Flaw> {
    let size = window.extent().size();
    let longest = RECORD + COMMENT;
    let tail_at = size.saturating_sub(u64::try_from(longest).unwrap_or(0));
    let places = records(window.at(tail_at, longest, longest)?);
    if places.is_empty() {
        return Err(Flaw::truncated(
            "it has no end-of-central-directory record in its last 65557 bytes, so nobody can say which members it has: \
it is cut off, or was not written to its end",
        ));
    }
    let mut found: Vec<Directory> = Vec::new();
    let mut refused = None;
    // The end of the directory in force, and where its record stands.
    let mut first: Option<(u64, u64)> = None;
    for place in places.into_iter().rev().take(ATTEMPTS) {
        let offset = u64::try_from(place).unwrap_or(u64::MAX);
        let at = tail_at.saturating_add(offset);
        if let Some((directory_end, first_at)) = first {
            let record: Option<[u8; RECORD]> = array(window.at(at, RECORD, RECORD)?, 0);
            let comment = record.and_then(|record| le16(&record, 20)).unwrap_or(0);
            // One that lies in a member is the end of that member.
            let is_around = at + 22 + u64::from(comment) >= first_at + 4;
            if !is_around && at < directory_end {
                continue;
            }
        }
        match readings(window, at) {
            Ok(readings) => {
                if let (None, Some(reading)) = (first, readings.first()) {
                    first = Some((reading.start.saturating_add(reading.size), at));
                }
                for reading in readings {
                    let is_new = found.iter().all(|other| other.start != reading.start);
                    let is_likely = found.is_empty() || is_member(window, &reading)?;
                    if is_new && is_likely && found.len() < READINGS {
                        found.push(reading);
                    }
                }
            }
            Err(flaw) if flaw.ends_file() => return Err(flaw),
            Err(flaw) => refused = refused.or(Some(flaw)),
        }
    }
    match refused {
        Some(flaw) if found.is_empty() => Err(flaw),
        _ => Ok(found),
    }
}

/// Where something looks like an end record.
fn records(tail: &[u8]) -> Vec<usize> {
    const STEP: usize = 64;
    let mut places = Vec::new();
    let marks = tail.get(2..).unwrap_or_default();
    let next = tail.get(3..).unwrap_or_default();
    for (step, (marks, next)) in marks.chunks(STEP).zip(next.chunks(STEP)).enumerate() {
        // Without a branch for each byte, so that many are looked at at once.
        let pairs = marks.iter().zip(next);
        if !pairs.fold(false, |any, (mark, next)| {
            any | ((*mark == 5) & (*next == 6))
        }) {
            continue;
        }
        let from = step * STEP;
        let near = tail.get(from..).unwrap_or_default();
        let is_one = |at: &usize| {
            near.get(*at..)
                .is_some_and(|rest| rest.starts_with(SIGNATURE) && rest.len() >= RECORD)
        };
        places.extend((0..STEP).filter(is_one).map(|at| from + at));
    }
    places
}

/// The numbers of an end record, of either width.
struct Told {
    disks: [u64; 2],
    entries: u64,
    size: u64,
    start: u64,
    /// Where the record stands.
    at: u64,
    is_narrow: bool,
}

/// What an end record can mean, the usual meaning first.
fn readings(window: &mut Window<'_>, at: u64) -> Result<Vec<Directory>, Flaw> {
    let record = window.at(at, RECORD, RECORD)?;
    let short = |at| le16(record, at).map_or(0, u64::from);
    let long = |at| le32(record, at).map_or(0, u64::from);
    let narrow = Told {
        disks: [short(4), short(6)],
        entries: short(10),
        size: long(12),
        start: long(16),
        at,
        is_narrow: true,
    };
    let is_full = narrow.entries == 0xffff
        || narrow.size == 0xffff_ffff
        || narrow.start == 0xffff_ffff
        || narrow.disks.contains(&0xffff);
    let wide = match wide(window, at) {
        // Who finds no wide numbers and needs none goes by the narrow ones.
        Err(flaw) if !is_full && !flaw.ends_file() => None,
        wide => wide?,
    };
    let mut found = Vec::new();
    // Some readers take the wide numbers where there are any, some where the narrow ones are full.
    let told = match wide {
        Some(wide) if is_full => vec![wide],
        Some(wide) => vec![narrow, wide],
        None => vec![narrow],
    };
    let mut refused = None;
    for told in told {
        match placed(window, &told) {
            Ok(some) => found.extend(some),
            Err(flaw) => refused = refused.or(Some(flaw)),
        }
    }
    match refused {
        Some(flaw) if found.is_empty() => Err(flaw),
        _ => Ok(found),
    }
}

/// The zip64 end record that belongs to an end record.
fn wide(window: &mut Window<'_>, at: u64) -> Result<Option<Told>, Flaw> {
    let Some(locator_at) = at.checked_sub(LOCATOR) else {
        return Ok(None);
    };
    let locator = window.array::<20>(locator_at)?;
    let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) else {
        return Ok(None);
    };
    let said = le64(&locator, 8).unwrap_or(u64::MAX);
    // Where something lies in front of the archive, it is not where it is said to be.
    for record_at in [Some(said), locator_at.checked_sub(WIDE_RECORD)] {
        let Some(record_at) = record_at.filter(|at| *at < locator_at) else {
            continue;
        };
        let Ok(record) = window.extent().array::<56>(record_at) else {
            continue;
        };
        if !record.starts_with(b"PK\x06\x06") {
            continue;
        }
        let long = |at| le32(&record, at).map_or(0, u64::from);
        let wide = |at| le64(&record, at).unwrap_or(0);
        return Ok(Some(Told {
            disks: [long(16), long(20)],
            entries: wide(32),
            size: wide(40),
            start: wide(48),
            at: record_at,
            is_narrow: false,
        }));
    }
    Err(Flaw::malformed(format!(
        "a zip64 locator stands at {locator_at}, but the zip64 end record is not where it says ({said}): readers give up \
or take the older record"
    )))
}

/// Where the directory is of which a record tells.
fn placed(window: &mut Window<'_>, told: &Told) -> Result<Vec<Directory>, Flaw> {
    let disks = told.disks.map(|disk| disk & 0xffff);
    if disks.iter().any(|disk| *disk != 0 && *disk != 0xffff) {
        return Err(Flaw::unsupported(format!(
            "it is the last part (number {}) of an archive that was split: join the parts first, as with `zip -s 0 \
--out joined.zip`",
            disks[0].saturating_add(1)
        )));
    }
    let directory = |start: u64, base| Directory {
        start,
        size: told.size,
        entries: told.entries,
        is_narrow: told.is_narrow,
        base,
    };
    if told.entries == 0 && told.size == 0 {
        return Ok(vec![directory(told.at, 0)]);
    }
    // It ends where its record begins, whatever was put in front of the archive; or else it stands where the
    // record says, as in Mozilla's archives, which begin with it.
    let before = told.at.checked_sub(told.size);
    let mut found = Vec::new();
    for start in [before, Some(told.start)].into_iter().flatten() {
        let head = window.array(start)?;
        if head == Some(*b"PK\x06\x08") {
            return Err(Flaw::unsupported(
                "its central directory is encrypted: nobody sees its members without the password",
            ));
        }
        if head == Some(*CENTRAL) && start < told.at {
            let base = if Some(start) == before {
                start.saturating_sub(told.start)
            } else {
                0
            };
            found.push(directory(start, base));
        }
    }
    found.dedup_by_key(|directory| directory.start);
    if found.is_empty() {
        return Err(Flaw::malformed(format!(
            "the end record at {} says that the central directory of {} bytes is at {}, where there is none: the file is \
damaged, or no zip archive",
            told.at, told.size, told.start
        )));
    }
    Ok(found)
}

/// Whether the first entry of a directory has a member.
fn is_member(window: &mut Window<'_>, directory: &Directory) -> Result<bool, Flaw> {
    use super::header::Entry;
    let bytes = window.extent().bytes(directory.start, Entry::LONGEST)?;
    let Some(entry) = Entry::parse(&bytes) else {
        return Ok(false);
    };
    let at = directory.base.saturating_add(entry.local);
    Ok(window.extent().bytes(at, 4)? == LOCAL)
}

#[cfg(test)]
mod tests {
    use super::records;

    #[test]
    fn every_record_is_seen_wherever_it_stands() {
        for at in 0..200 {
            let mut bytes = vec![5; at];
            bytes.extend_from_slice(b"PK\x05\x06");
            bytes.extend_from_slice(&[0; 18]);
            assert_eq!(records(&bytes), [at]);
            bytes.pop();
            assert_eq!(records(&bytes), [0; 0]);
        }
    }
}
