//! `cab`: cabinets of Windows, with the times of their files.

use super::piece::cms;
use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Visit};
use crate::bytes::{Extent, Flaw, Straight, Stream as _, array, le16, le32};

pub(super) const FORMAT: Format = Format {
    name: "cab",
    summary: "Cabinets of Windows (CAB): the local time of each file, and when they were signed (Authenticode); what lies in the \
files is compressed, and is not looked into",
    names: &[".cab"],
    is,
    layer: Layer::Archive,
    fields: &[&FILE, &SIGNED, &COUNTERSIGNED, &STAMPED],
    reads: Reads::Extent(read),
};

static FILE: Field = Field::modified(
    "cab.file",
    "date and time of a file: MS-DOS date and time in steps of two seconds, the writer's local time ([MS-CAB] 2.3 CFFILE)",
);

static SIGNED: Field = cms::Fields::signed("cab.signing-time");
static COUNTERSIGNED: Field = cms::Fields::countersigned("cab.countersigning-time");
static STAMPED: Field = cms::Fields::stamped("cab.timestamp-token");

const SIGNATURE: cms::Fields = cms::Fields {
    signed: &SIGNED,
    countersigned: &COUNTERSIGNED,
    stamped: &STAMPED,
};

/// The header without what is reserved, and an entry without its name.
const HEADER: usize = 36;
const ENTRY: usize = 16;
/// How long a name may be, its end included.
const NAME: usize = 257;

/// The flag that there is a reserved area.
const RESERVED: u16 = 4;

fn is(head: &Head<'_>) -> bool {
    // Four zeros, and version 1.3, the only one that there is.
    head.has(0, b"MSCF\0\0\0\0") && head.has(24, b"\x03\x01") && head.first.len() >= HEADER
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let header: [u8; HEADER] = extent.array(0)?;
    let files = u64::from(le32(&header, 16).unwrap_or(0));
    let count = le16(&header, 28).unwrap_or(0);
    let message = certificate(visit, extent, &header)?;
    let mut stream = Straight::new(extent);
    stream.skip(files)?;
    for number in 0..count {
        visit.entry()?;
        let place = stream.position();
        let entry = stream.peek(ENTRY + NAME)?;
        let name = entry.get(ENTRY..).unwrap_or_default();
        let end = name.iter().take(NAME).position(|byte| *byte == 0);
        let (Some(raw), Some(end)) = (array::<4>(entry, 10), end) else {
            return Err(Flaw::truncated(format!(
                "the cabinet was to have {count} files, and the entry of number {} at {place} is cut off or has no name: \
its time and those behind it were not found",
                u32::from(number) + 1
            )));
        };
        let form = Form::DosDateTime;
        // Checksums cover the data, and not the entries; a signature covers all.
        let slot = Slot::new(extent.origin(place + 10), form, Mend::Nothing);
        let stamp = Stamp {
            field: &FILE,
            raw: &raw,
            value: form.decode(&raw),
            slot: slot.filter(|_| message.is_none()),
        };
        visit.at(&name[..end], |visit| visit.stamp(&stamp));
        let length = ENTRY + end + 1;
        stream.skip(u64::try_from(length).unwrap_or(u64::MAX))?;
    }
    if let Some(message) = message {
        visit.signed("Authenticode", true);
        cms::read(visit, &SIGNATURE, &message);
    }
    Ok(())
}

/// The Authenticode signature, if there is one: where it lies stands in the reserved area of the header.
fn certificate(
    visit: &mut Visit<'_>,
    extent: Extent<'_>,
    header: &[u8; HEADER],
) -> Result<Option<Vec<u8>>, Flaw> {
    if le16(header, 30).unwrap_or(0) & RESERVED == 0 {
        return Ok(None);
    }
    let reserved = extent.bytes(36, 24)?;
    let [size, mark, at, length] = [
        le16(&reserved, 0).map(u32::from),
        le32(&reserved, 4),
        le32(&reserved, 8),
        le32(&reserved, 12),
    ];
    let (Some(20..), Some(0x0010_0000), Some(at), Some(length @ 1..)) = (size, mark, at, length)
    else {
        return Ok(None);
    };
    let most = u64::from(length).min(visit.budget().limits.header);
    let message = extent.bytes(u64::from(at), usize::try_from(most).unwrap_or(usize::MAX))?;
    if message.is_empty() {
        visit.flaw(Flaw::truncated(format!(
            "its signature was to be at {at}, behind its end: it was cut off"
        )));
    }
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use crate::format::piece::cms::tests::message;
    use crate::format::piece::listing::{lines, signatures};

    /// A cabinet of two files without data.
    fn cab(reserved: &[u8]) -> Vec<u8> {
        let files = u32::try_from(36 + reserved.len()).unwrap();
        let flags = if reserved.is_empty() { 0 } else { 4_u16 };
        let mut bytes = b"MSCF\0\0\0\0".to_vec();
        bytes.extend([0; 8]);
        bytes.extend(files.to_le_bytes());
        bytes.extend([0, 0, 0, 0, 3, 1, 1, 0, 2, 0]);
        bytes.extend(flags.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(reserved);
        for (name, date, time) in [("a.txt", 0x5c22_u16, 0x1883_u16), ("zero", 0, 0)] {
            bytes.extend([0; 10]);
            bytes.extend(date.to_le_bytes());
            bytes.extend(time.to_le_bytes());
            bytes.extend([0x20, 0]);
            bytes.extend(name.as_bytes());
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn the_date_comes_before_the_time() {
        let bytes = cab(b"");
        let expected = [
            "a.txt cab.file 2026-01-02T03:04:06.000000000Z unknown",
            "zero cab.file unset",
        ];
        assert_eq!(lines(&bytes), expected);
        for end in 36..bytes.len() {
            let told = lines(&bytes[..end]);
            assert!(told.last().unwrap().contains("truncated"), "{end} {told:?}");
        }
    }

    #[test]
    fn a_signed_cabinet_says_when() {
        let message = message();
        let length = u32::try_from(message.len()).unwrap().to_le_bytes();
        let reserved = |at: u32| {
            [
                &[20, 0, 0, 0, 0, 0, 0x10, 0],
                &at.to_le_bytes()[..],
                &length,
                &[0; 8],
            ]
            .concat()
        };
        let mut bytes = cab(&reserved(0));
        let at = u32::try_from(bytes.len()).unwrap();
        bytes = cab(&reserved(at));
        bytes.extend(message);
        let told = lines(&bytes);
        assert_eq!(told.len(), 5);
        assert_eq!(signatures(&bytes), [("Authenticode", true)]);
        assert_eq!(signatures(&cab(b"")), []);
        assert!(told[2].contains("cab.signing-time 2026"), "{told:?}");
    }
}
