//! Into the members: those that carry times themselves.

use super::end::Directory;
use super::fields::Side;
use super::header::{Entry, Local};
use super::tell::{Header, Record};
use super::walk::Walk;
use super::window::Window;
use super::zone::Known;
use crate::bytes::{Codec, Decoded, Extent, Flaw, Limits, Origin, Reader, Straight, decoder};
use crate::format::{Embedded, FORMATS, Member, Visit, is_named};
use std::collections::HashSet;
use std::io::{BufRead, Cursor, Read};
use std::sync::OnceLock;

/// Whether a member is gone into.
#[inline]
pub(super) fn is_wanted(embedded: Embedded, entry: &Entry<'_>) -> bool {
    let is_file = entry.size.max(entry.packed) > 0 && entry.name.last() != Some(&b'/');
    is_file
        && match embedded {
            Embedded::Auto => may_be_named(entry.name) && is_named(entry.name),
            Embedded::All => true,
            Embedded::None => false,
        }
}

/// Whether the last two letters of a name are those of a name that says that it carries times: most do not.
#[inline]
fn may_be_named(name: &[u8]) -> bool {
    static ENDS: OnceLock<Vec<u64>> = OnceLock::new();
    let ends = ENDS.get_or_init(|| {
        let mut ends = vec![0; 1024];
        for (word, bit) in FORMATS
            .iter()
            .flat_map(|format| format.names)
            .filter_map(|name| place(name.as_bytes()))
        {
            if let Some(word) = ends.get_mut(word) {
                *word |= bit;
            }
        }
        ends
    });
    let is_set = |(word, bit): (usize, u64)| ends.get(word).is_some_and(|word| word & bit != 0);
    place(name).is_some_and(is_set)
}

/// The bit of a name's last two letters, small or not.
#[inline]
fn place(name: &[u8]) -> Option<(usize, u64)> {
    let [high, low] = name
        .last_chunk::<2>()?
        .map(|letter| letter.to_ascii_lowercase());
    let number = u16::from_le_bytes([low, high]);
    Some((usize::from(number >> 6), 1 << (number & 63)))
}

/// How many members are remembered, so that the same is not looked into twice.
const REMEMBERED: usize = 1 << 16;

/// Where a member lies, and where its entry.
#[derive(Debug, Clone, Copy)]
struct Row {
    local: u64,
    at: u64,
    is_wanted: bool,
}

/// The way into the members.
#[derive(Debug)]
struct Inside<'a> {
    extent: Extent<'a>,
    directory: &'a Directory,
    known: &'a Known,
    /// Checksum and sizes of those that were looked into.
    seen: HashSet<(u32, u64, u64)>,
    /// How many bytes they took together: more than there are if they lie in each other.
    packed: u64,
}

/// Goes into every member that may carry times.
///
/// # Errors
/// What ends the reading of the whole file.
pub(super) fn go(
    visit: &mut Visit<'_>,
    window: &mut Window<'_>,
    directory: &Directory,
    known: &Known,
) -> Result<(), Flaw> {
    let mut inside = Inside {
        extent: window.extent(),
        directory,
        known,
        seen: HashSet::new(),
        packed: 0,
    };
    let embedded = visit.options().embedded;
    let mut walk = Walk::new(directory);
    let mut rows: Vec<Row> = Vec::new();
    while let Some(batch) = walk.next(window)? {
        rows.clear();
        let next = batch.each(|_, at, entry| {
            rows.push(Row {
                local: directory.base.saturating_add(entry.local),
                at,
                is_wanted: is_wanted(embedded, entry),
            });
            Ok(())
        })?;
        rows.sort_unstable_by_key(|row| (row.local, row.at));
        let after = rows.iter().skip(1).map(|row| row.local).chain([u64::MAX]);
        for (row, after) in rows.iter().zip(after).filter(|(row, _)| row.is_wanted) {
            visit.budget().go_on()?;
            if let Some(entry) = batch.entry(row.at) {
                inside.member(visit, &entry, *row, after)?;
            }
        }
        walk.went(next);
    }
    Ok(())
}

impl<'a> Inside<'a> {
    /// Goes into one member, after which something else begins at `after`.
    fn member(
        &mut self,
        visit: &mut Visit<'_>,
        entry: &Entry<'_>,
        row: Row,
        after: u64,
    ) -> Result<(), Flaw> {
        let key = (entry.crc, entry.size, entry.packed);
        if self.seen.contains(&key) {
            return Ok(());
        }
        if self.seen.len() < REMEMBERED {
            self.seen.insert(key);
        }
        let content = match self.content(entry, row, after) {
            Ok(content) => content,
            Err(flaw) if flaw.ends_file() => return Err(flaw),
            Err(flaw) => {
                visit.at(entry.name, |visit| visit.flaw(flaw));
                return Ok(());
            }
        };
        let header = Header::read(Record {
            side: Side::Central,
            dos: entry.dos,
            dos_at: row.at,
            extra: entry.extra,
            extra_at: row.at,
            is_locked: false,
        });
        let (field, dos) = header.dos(None, self.known);
        let own = header.modified();
        let own = own.or_else(|| dos.moment().map(|moment| (field, *moment)));
        let member = Member {
            name: entry.name,
            own,
        };
        let codec = match entry.method {
            // What is written anew in it changes its checksum.
            0 => return visit.sealed(true, |visit| visit.extent(member, content)),
            8 => Codec::Deflate,
            12 => Codec::Bzip2,
            14 => Codec::Lzma,
            93 => Codec::Zstd,
            95 => Codec::Xz,
            method => {
                let flaw = Flaw::unsupported(format!(
                    "it is compressed by method {method}, which skewgate cannot undo: the times in it were not looked at"
                ));
                visit.at(entry.name, |visit| visit.flaw(flaw));
                return Ok(());
            }
        };
        let budget = visit.budget();
        let mut packed = Straight::new(content);
        let decoder = match unpacked(codec, entry, Reader(&mut packed), &budget.limits) {
            Ok(decoder) => decoder,
            Err(flaw) => {
                visit.at(entry.name, |visit| visit.flaw(flaw));
                return Ok(());
            }
        };
        // What is written anew in it changes its sizes: no place of it can be reached.
        let mut stream = Decoded::new(decoder, Origin::Deep, codec, budget);
        visit.stream(member, &mut stream)
    }

    /// Where the content of a member lies.
    fn content(&mut self, entry: &Entry<'_>, row: Row, after: u64) -> Result<Extent<'a>, Flaw> {
        if entry.is_encrypted() {
            return Err(Flaw::unsupported(
                "it is encrypted: the times in it were not looked at",
            ));
        }
        let head = self.extent.bytes(row.local, Local::FIXED)?;
        let length = Local::length(&head).and_then(|length| u64::try_from(length).ok());
        let Some(length) = length else {
            // Told with the local headers, if these are read.
            return Err(Flaw::malformed(format!(
                "its content is not at {}, where the central directory says: it was not looked at",
                row.local
            )));
        };
        let start = row.local.saturating_add(length);
        let end = start.saturating_add(entry.packed);
        self.packed = self.packed.saturating_add(entry.packed);
        let reaches = row.local < self.directory.start && end > self.directory.start;
        if end > after || reaches || self.packed > self.extent.size() {
            return Err(Flaw::malformed(format!(
                "its content ({start} to {end}) reaches into another member or into the central directory, as in a bomb: \
it was not looked at"
            )));
        }
        let content = self.extent.part(start, entry.packed);
        if content.size() < entry.packed {
            return Err(Flaw::truncated(format!(
                "its content of {} bytes at {start} is cut off by the end of the archive",
                entry.packed
            )));
        }
        Ok(content)
    }
}

/// What comes out of a member.
fn unpacked<'a>(
    codec: Codec,
    entry: &Entry<'_>,
    packed: impl BufRead + 'a,
    limits: &Limits,
) -> Result<Box<dyn Read + 'a>, Flaw> {
    if codec != Codec::Lzma {
        return decoder(codec, packed, limits);
    }
    // Two bytes of version, the length of the properties, and these (APPNOTE 5.8.8): the head of an .lzma file
    // is the properties and the size.
    let mut packed = packed;
    let mut head = [0; 9];
    packed.read_exact(&mut head)?;
    let has_end_mark = entry.flags & 2 != 0;
    let size = if has_end_mark { u64::MAX } else { entry.size };
    let head = [&head[4..], &size.to_le_bytes()].concat();
    decoder(codec, Cursor::new(head).chain(packed), limits)
}

#[cfg(test)]
mod tests {
    use super::may_be_named;
    use crate::format::is_named;

    #[test]
    fn no_name_is_passed_over() {
        for name in [
            "a.jar", "A.JAR", "b.ZiP", "x.class", "p", "", "LICENSE", "é.jar", "m.pyc",
        ] {
            let name = name.as_bytes();
            assert!(may_be_named(name) || !is_named(name), "{name:?}");
        }
        assert!(may_be_named(b"lib/inner.jar") && !may_be_named(b"a/B.class"));
    }
}
