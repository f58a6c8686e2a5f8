//! `font`: TrueType and OpenType fonts, alone, in collections and in WOFF, with when they were made and changed.

use super::{Field, Format, Head, Layer, Moment, Reads, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, array, be16, be32};
use crate::time::{Span, Timestamp};
use std::io::Read as _;

pub(super) const FORMAT: Format = Format {
    name: "font",
    summary: "TrueType and OpenType fonts, collections of them, and WOFF: when they were made and changed; WOFF2 is not read",
    names: &[".ttf", ".otf", ".ttc", ".otc", ".woff"],
    is,
    layer: Layer::Leaf,
    fields: &[&CREATED, &MODIFIED],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::event(
    "font.created",
    "created in the table head: seconds since 1904 UTC in 64 bits, big-endian, of which some writers leave the upper 32 at \
rubbish (OpenType 1.9, head)",
);
static MODIFIED: Field = Field::event(
    "font.modified",
    "modified in the table head: seconds since 1904 UTC in 64 bits, big-endian (OpenType 1.9, head)",
);

/// 1904-01-01 in seconds since 1970.
const BEGIN: i64 = -2_082_844_800;

/// How many fonts of a collection are read, and how many tables of a font.
const FONTS: u32 = 1024;
const TABLES: usize = 4096;

/// The bytes of the table.
const HEAD: usize = 54;

fn is(head: &Head<'_>) -> bool {
    // The directory's own numbers: a power of two and what belongs to it.
    let is_directory = |at: usize| {
        let [count, range, selector] =
            [4_usize, 6, 8].map(|place| be16(head.first, at + place).unwrap_or(0));
        let power = count.checked_ilog2().unwrap_or(16);
        (1..=256).contains(&count)
            && u32::from(selector) == power
            && u32::from(range) == 16 << power
    };
    let is_known = |at| {
        [b"\0\x01\0\0", b"OTTO", b"true"]
            .iter()
            .any(|tag| head.has(at, *tag))
    };
    let is_font = is_known(0) && is_directory(0);
    let is_packed = head.has(0, b"wOFF") && is_known(4) && head.first.len() >= 44;
    is_font || is_packed || head.has(0, b"ttcf\0\x01\0\0") || head.has(0, b"ttcf\0\x02\0\0")
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    match &extent.array(0)? {
        b"ttcf" => {
            let count = u32::from_be_bytes(extent.array(8)?);
            if count > FONTS {
                visit.flaw(Flaw::malformed(format!(
                    "the collection claims to have {count} fonts; those behind the first {FONTS} were not read"
                )));
            }
            for number in 0..count.min(FONTS) {
                let font: [u8; 4] = extent.array(12 + u64::from(number) * 4)?;
                let at = u64::from(u32::from_be_bytes(font));
                visit.at(number.to_string().as_bytes(), |visit| {
                    plain(visit, extent, at)
                })?;
            }
            Ok(())
        }
        b"wOFF" => packed(visit, extent),
        _ => plain(visit, extent, 0),
    }
}

/// A font whose directory is here.
fn plain(visit: &mut Visit<'_>, extent: Extent<'_>, at: u64) -> Result<(), Flaw> {
    let count = usize::from(u16::from_be_bytes(extent.array(at + 4)?)).min(TABLES);
    let tables = extent.bytes(at + 12, count * 16)?;
    let head = tables
        .chunks_exact(16)
        .find(|table| table.starts_with(b"head"));
    let Some(place) = head.and_then(|table| be32(table, 8)) else {
        return Err(without_head());
    };
    let table: [u8; HEAD] = extent.array(u64::from(place))?;
    tell(visit, &table);
    Ok(())
}

/// A font in WOFF 1.0, of which each table is compressed by itself, where that makes it smaller.
fn packed(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let count = usize::from(u16::from_be_bytes(extent.array(12)?)).min(TABLES);
    let tables = extent.bytes(44, count * 20)?;
    let head = tables
        .chunks_exact(20)
        .find(|table| table.starts_with(b"head"));
    let Some([place, size, whole]) = head.and_then(|table| {
        let [place, size, whole] = [4, 8, 12].map(|at| be32(table, at));
        Some([place?, size?, whole?])
    }) else {
        return Err(without_head());
    };
    let stored = extent.bytes(u64::from(place), 4 * HEAD)?;
    let mut table = [0; HEAD];
    if size < whole {
        flate2::read::ZlibDecoder::new(&stored[..]).read_exact(&mut table)?;
    } else {
        table = array(&stored, 0).ok_or_else(without_head)?;
    }
    tell(visit, &table);
    Ok(())
}

fn without_head() -> Flaw {
    Flaw::malformed(
        "the font has no table of the name head, or it ends before that: its times were not found",
    )
}

fn tell(visit: &mut Visit<'_>, table: &[u8; HEAD]) {
    if be32(table, 12) != Some(0x5f0f_3cf5) {
        visit.flaw(Flaw::malformed(
            "the table head of the font lacks its mark (5F0F3CF5): it is damaged, and its times were not read",
        ));
        return;
    }
    for (field, at) in [(&CREATED, 20), (&MODIFIED, 28)] {
        let raw: [u8; 8] = array(table, at).unwrap_or_default();
        let value = match i64::from_be_bytes(raw) {
            0 => Value::Unset,
            since => {
                let at = Timestamp::from_unix(BEGIN, 0).later(Span::from_secs(since));
                Value::At(Moment::exactly(at))
            }
        };
        // The table has a checksum, and the font one of all.
        let slot = None;
        visit.stamp(&Stamp {
            field,
            raw: &raw,
            value,
            slot,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::HEAD;
    use crate::format::piece::listing::lines;
    use std::io::Write as _;

    fn head() -> Vec<u8> {
        let mut table = vec![0; HEAD];
        table[12..16].copy_from_slice(&0x5f0f_3cf5_u32.to_be_bytes());
        let at = |seconds: i64| (seconds + 2_082_844_800).to_be_bytes();
        table[20..28].copy_from_slice(&at(1_767_323_046));
        table[28..36].copy_from_slice(&at(2_223_374_400));
        table
    }

    fn plain(table: &[u8], from: u32) -> Vec<u8> {
        let directory = [
            &b"\0\x01\0\0\0\x01\0\x10\0\0\0\0head\0\0\0\0"[..],
            &(from + 28).to_be_bytes(),
            &54_u32.to_be_bytes(),
        ];
        [&directory.concat(), table].concat()
    }

    fn woff(table: &[u8], size: usize) -> Vec<u8> {
        let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        let mut bytes = b"wOFF\0\x01\0\0\0\0\0\0\0\x01".to_vec();
        bytes.resize(44, 0);
        bytes.extend(b"head");
        for word in [64, size, HEAD, 0] {
            bytes.extend(number(word));
        }
        bytes.extend(table);
        bytes
    }

    #[test]
    fn a_font_has_times_however_it_is_packed() {
        let times = [
            "font.created 2026-01-02T03:04:06.000000000Z known",
            "font.modified 2040-06-15T12:00:00.000000000Z known",
        ];
        let alone = times.map(|time| format!(" {time}"));
        assert_eq!(lines(&plain(&head(), 0)), alone);
        let collection = [
            b"ttcf\0\x01\0\0\0\0\0\x01\0\0\0\x10".to_vec(),
            plain(&head(), 16),
        ]
        .concat();
        assert_eq!(lines(&collection), times.map(|time| format!("0 {time}")));
        assert_eq!(lines(&woff(&head(), HEAD)), alone);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&head()).unwrap();
        let small = encoder.finish().unwrap();
        assert_eq!(lines(&woff(&small, small.len())), alone);
        assert!(lines(&woff(&small[..9], 9))[0].contains("truncated"));
    }

    #[test]
    fn what_is_no_head_has_no_times() {
        let mut table = head();
        table[12] ^= 1;
        assert!(lines(&plain(&table, 0))[0].contains("damaged"));
        let mut bytes = plain(&head(), 0);
        bytes[12] = b'x';
        assert!(lines(&bytes)[0].contains("no table"));
        // A directory that does not fit its own count.
        bytes[5] = 2;
        assert_eq!(lines(&bytes), [""; 0]);
    }
}
