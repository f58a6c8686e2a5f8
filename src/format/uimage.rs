//! `uimage`: what U-Boot boots in its legacy format, with when it was made.

use super::{Field, Form, Format, Head, Layer, Member, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, be32};

pub(super) const FORMAT: Format = Format {
    name: "uimage",
    summary: "Images for U-Boot in the legacy format (mkimage): when they were made; the first image in one is looked into",
    names: &["uimage", ".uimg", ".ub", ".scr.uimg"],
    is,
    layer: Layer::Archive,
    fields: &[&MADE],
    reads: Reads::Extent(read),
};

static MADE: Field = Field::event(
    "uimage.time",
    "ih_time: when it was made, 32 bits big-endian, seconds since 1970 UTC (U-Boot, include/image.h)",
);

const HEADER: u64 = 64;

/// Of which types the data is a list of sizes and then images: `IH_TYPE_MULTI` and `IH_TYPE_SCRIPT`.
const LISTS: [u8; 2] = [4, 6];

fn is(head: &Head<'_>) -> bool {
    // The number, and a system, a machine, a type and a compression that there can be.
    let known = |at: usize, most: u8| head.first.get(at).is_some_and(|value| *value <= most);
    head.has(0, b"\x27\x05\x19\x56")
        && head.first.len() >= 64
        && known(28, 64)
        && known(29, 64)
        && known(31, 16)
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let header: [u8; 64] = extent.array(0)?;
    let form = Form::Unix32Be;
    let raw = &header[8..12];
    let value = match be32(raw, 0) {
        Some(0) => Value::Unset,
        _ => form.decode(raw),
    };
    let mut checksum = flate2::Crc::new();
    for part in [&header[..4], &[0; 4], &header[8..]] {
        checksum.update(part);
    }
    let is_damaged = be32(&header, 4) != Some(checksum.sum());
    let mend = Mend::ImageHeader(extent.origin(0));
    visit.stamp(&Stamp {
        field: &MADE,
        raw,
        value,
        // A header that is damaged stays so.
        slot: Slot::new(extent.origin(8), form, mend).filter(|_| !is_damaged),
    });
    if is_damaged {
        visit.flaw(Flaw::malformed(
            "the checksum of its header is wrong: U-Boot will not boot it, and its time may not be what was written there",
        ));
    }
    let size = u64::from(be32(&header, 12).unwrap_or(0));
    let data = extent.part(HEADER, size);
    if data.size() < size {
        visit.flaw(Flaw::truncated(format!(
            "its data was to take {size} bytes behind the header, and it ends after {} of them: it was cut off",
            data.size()
        )));
    }
    visit.entry()?;
    let (at, size) = if LISTS.contains(&header[30]) {
        first(data)?
    } else {
        (0, data.size())
    };
    let name = b"data";
    let own = None;
    // The header has a checksum of the data.
    visit.sealed(true, |visit| {
        visit.extent(Member { name, own }, data.part(at, size))
    })
}

/// Where the first image begins behind the list of sizes, which ends with a zero, and how long it is.
fn first(data: Extent<'_>) -> Result<(u64, u64), Flaw> {
    let sizes = data.bytes(0, 4 * 1024)?;
    let mut sizes = sizes.chunks_exact(4).map(|size| be32(size, 0).unwrap_or(0));
    let first = sizes.next().unwrap_or(0);
    let more = sizes.position(|size| size == 0).unwrap_or(0);
    let list = u64::try_from(more).unwrap_or(0).saturating_add(2) * 4;
    Ok((list, u64::from(first)))
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::{lines, slots};

    /// An image of a type with data.
    fn image(kind: u8, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..4].copy_from_slice(b"\x27\x05\x19\x56");
        bytes[8..12].copy_from_slice(&2_223_374_400_u32.to_be_bytes());
        bytes[12..16].copy_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes[28..32].copy_from_slice(&[5, 2, kind, 0]);
        let mut checksum = flate2::Crc::new();
        checksum.update(&bytes);
        bytes[4..8].copy_from_slice(&checksum.sum().to_be_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn what_is_in_it_is_looked_into() {
        let inner = image(2, b"");
        let late = "uimage.time 2040-06-15T12:00:00.000000000Z known";
        assert_eq!(
            lines(&image(2, &inner)),
            [format!(" {late}"), format!("data {late}")]
        );
        let size = u32::try_from(inner.len()).unwrap().to_be_bytes();
        let list = [&size, &[0; 4], &inner[..]].concat();
        assert_eq!(
            lines(&image(4, &list)),
            [format!(" {late}"), format!("data {late}")]
        );
    }

    #[test]
    fn damage_is_told() {
        let mut bytes = image(2, b"data");
        bytes.pop();
        let told = lines(&bytes);
        assert!(told[1].contains("truncated"), "{told:?}");
        assert_eq!(slots(&bytes), [true]);
        bytes[40] ^= 1;
        assert_eq!(slots(&bytes), [false], "it would pass for whole again");
        assert!(lines(&bytes)[1].contains("checksum"));
    }
}
