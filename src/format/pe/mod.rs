//! `pe`: programs, libraries and drivers of Windows and of UEFI, with when they were linked and signed.
//!
//! A linker that is told to give the same image again (`/Brepro`, .NET's deterministic builds) puts a hash in the
//! place of every time, and says so by a debug entry of type 16: these count as unset.

mod image;

use super::piece::cms;
use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, array, le16, le32};
use image::{
    BOUND_IMPORTS, CERTIFICATES, DEBUG, DELAYED_IMPORTS, EXPORTS, IMPORTS, Image, LOAD_CONFIG,
    RESOURCES,
};
use std::collections::HashSet;

pub(super) const FORMAT: Format = Format {
    name: "pe",
    summary: "Programs, libraries and drivers of Windows and UEFI: when they were linked, in the COFF header and the directories, \
unless these are hashes (IMAGE_DEBUG_TYPE_REPRO), and when they were signed (Authenticode); the stamps of imports are another \
image's, and those in resources below their root are not looked at",
    names: &[
        ".exe", ".dll", ".sys", ".efi", ".ocx", ".scr", ".cpl", ".drv", ".mui", ".winmd", ".pyd",
        ".xll",
    ],
    is,
    layer: Layer::Leaf,
    fields: &[
        &COFF,
        &EXPORT,
        &RESOURCE,
        &DEBUGGED,
        &LOAD,
        &IMPORT,
        &BOUND,
        &DELAYED,
        &SIGNED,
        &COUNTERSIGNED,
        &STAMPED,
    ],
    reads: Reads::Extent(read),
};

static COFF: Field = Field::event(
    "pe.coff",
    "TimeDateStamp of the COFF header: when it was linked, 32 bits, seconds since 1970 UTC",
);
static EXPORT: Field = Field::event(
    "pe.export",
    "TimeDateStamp of the export directory: when that was made, 32 bits, seconds since 1970 UTC",
);
static RESOURCE: Field = Field::in_text(
    "pe.resource",
    "TimeDateStamp of a directory of the resources: when they were compiled, 32 bits, seconds since 1970 UTC, in what Borland's \
linkers made MS-DOS date and time; many compilers leave it at 0",
);
static DEBUGGED: Field = Field::event(
    "pe.debug",
    "TimeDateStamp of an entry of the debug directory, 32 bits, seconds since 1970 UTC",
);
static LOAD: Field = Field::in_text(
    "pe.load-config",
    "TimeDateStamp of the load configuration, 32 bits, seconds since 1970 UTC; hardly any linker sets it",
);
static IMPORT: Field = Field::in_text(
    "pe.import",
    "TimeDateStamp of an import descriptor that is bound in the old way: the stamp of the imported image, which may be a hash",
);
static BOUND: Field = Field::in_text(
    "pe.bound-import",
    "TimeDateStamp of a bound import: the stamp of the imported image, which may be a hash",
);
static DELAYED: Field = Field::in_text(
    "pe.delay-import",
    "TimeDateStamp of a delayed import that is bound: the stamp of the imported image, which may be a hash",
);
static SIGNED: Field = cms::Fields::signed("pe.signing-time");
static COUNTERSIGNED: Field = cms::Fields::countersigned("pe.countersigning-time");
static STAMPED: Field = cms::Fields::stamped("pe.timestamp-token");

const SIGNATURE: cms::Fields = cms::Fields {
    signed: &SIGNED,
    countersigned: &COUNTERSIGNED,
    stamped: &STAMPED,
};

/// The stamp of everything that Borland's linkers and Delphi's made, with MS-DOS times in the resources.
const BORLAND: u32 = 0x2a42_5e19;

/// How many signatures are read; a second one lies within the first, so that there is one in practice.
const SIGNATURES: u32 = 64;

/// `IMAGE_DEBUG_TYPE_REPRO`.
const REPRO: u32 = 16;

fn is(head: &Head<'_>) -> bool {
    if !head.has(0, b"MZ") {
        return false;
    }
    let Some(at) = le32(head.first, 60) else {
        return false;
    };
    // The program for DOS before it may be of any size.
    match usize::try_from(at).ok() {
        Some(near) if near < Head::LENGTH - 4 => head.has(near, b"PE\0\0"),
        _ => {
            let far = head.extent.map(|extent| extent.array(u64::from(at)));
            far.is_some_and(|found| found.is_ok_and(|found: [u8; 4]| found == *b"PE\0\0"))
        }
    }
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let (image, lack) = Image::read(extent, &visit.budget().limits)?;
    let debug = image.content(DEBUG, u64::MAX, &visit.budget().limits)?;
    let debug = debug.unwrap_or_default();
    let coff: [u8; 4] = extent.array(image.coff + 4)?;
    let found = Found {
        image: &image,
        coff,
        is_hash: entries(&debug.bytes).any(|entry| le32(entry, 12) == Some(REPRO)),
        is_signed: image.directory(CERTIFICATES).is_some(),
    };
    found.tell(visit, &COFF, (image.coff + 4, Form::Unix32Le), coff);
    if let Some(lack) = lack {
        visit.flaw(lack);
    }
    found.first(visit, &EXPORT, EXPORTS, 4)?;
    found.resources(visit)?;
    for (entry, at) in entries(&debug.bytes).zip((debug.at + 4..).step_by(28)) {
        if let Some(raw) = array(entry, 4) {
            found.tell(visit, &DEBUGGED, (at, Form::Unix32Le), raw);
        }
    }
    if let Some(lack) = debug.lack {
        visit.flaw(lack);
    }
    found.first(visit, &LOAD, LOAD_CONFIG, 4)?;
    found.imports(visit, &IMPORT, IMPORTS, (20, 4))?;
    found.imports(visit, &DELAYED, DELAYED_IMPORTS, (32, 28))?;
    found.imports(visit, &BOUND, BOUND_IMPORTS, (8, 0))?;
    certificates(visit, &image)
}

/// The entries of a debug directory.
fn entries(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks_exact(28)
}

/// What is known of an image before its times are told.
struct Found<'a> {
    image: &'a Image<'a>,
    /// The stamp of the COFF header.
    coff: [u8; 4],
    /// Whether hashes stand in the place of times.
    is_hash: bool,
    /// Whether a signature covers it.
    is_signed: bool,
}

impl Found<'_> {
    /// Tells a time of the image itself.
    fn tell(
        &self,
        visit: &mut Visit<'_>,
        field: &'static Field,
        (at, form): (u64, Form),
        raw: [u8; 4],
    ) {
        let says = !self.is_hash && raw != [0; 4];
        let value = if says {
            form.decode(&raw)
        } else {
            Value::Unset
        };
        let (extent, optional) = (self.image.extent, self.image.optional);
        let mend = Mend::PeChecksum(extent.origin(optional));
        let slot = Slot::new(extent.origin(at), form, mend);
        visit.stamp(&Stamp {
            field,
            raw: &raw,
            value,
            slot: slot.filter(|_| !self.is_hash && !self.is_signed),
        });
    }

    /// Tells the time of a directory that has one.
    fn first(
        &self,
        visit: &mut Visit<'_>,
        field: &'static Field,
        number: usize,
        offset: u32,
    ) -> Result<(), Flaw> {
        let wanted = u64::from(offset) + 4;
        let content = self.image.content(number, wanted, &visit.budget().limits)?;
        let content = content.unwrap_or_default();
        if let Some(lack) = content.lack {
            visit.flaw(lack);
        }
        let raw = usize::try_from(offset)
            .ok()
            .and_then(|offset| array(&content.bytes, offset));
        if let Some(raw) = raw {
            let at = content.at + u64::from(offset);
            self.tell(visit, field, (at, Form::Unix32Le), raw);
        }
        Ok(())
    }

    /// Tells the times of the directories of resources: the root's, and those of the directories below that have one,
    /// which most compilers do not give them.
    fn resources(&self, visit: &mut Visit<'_>) -> Result<(), Flaw> {
        let limits = &visit.budget().limits;
        // The directories come first, and what they lead to may be large.
        let content = self.image.content(RESOURCES, limits.header, limits)?;
        let content = content.unwrap_or_default();
        if let Some(lack) = content.lack {
            visit.flaw(lack);
        }
        let form = if u32::from_le_bytes(self.coff) == BORLAND {
            Form::DosTimeDate
        } else {
            Form::Unix32Le
        };
        for at in directories(&content.bytes) {
            let raw = array(&content.bytes, at + 4);
            let (Some(raw), Ok(place)) = (raw, u64::try_from(at + 4)) else {
                continue;
            };
            if at > 0 && raw == [0; 4] {
                continue;
            }
            self.tell(visit, &RESOURCE, (content.at + place, form), raw);
        }
        Ok(())
    }

    /// Tells the stamps of imports that are bound, from descriptors of a size with the stamp at a place in each, to the
    /// first of zeros.
    fn imports(
        &self,
        visit: &mut Visit<'_>,
        field: &'static Field,
        number: usize,
        (size, at): (usize, usize),
    ) -> Result<(), Flaw> {
        let content = self
            .image
            .content(number, u64::MAX, &visit.budget().limits)?;
        let content = content.unwrap_or_default();
        let mut has_end = false;
        for descriptor in content.bytes.chunks_exact(size) {
            has_end = descriptor.iter().all(|byte| *byte == 0);
            if has_end {
                break;
            }
            if let Some(raw) = array(descriptor, at) {
                self.another(visit, field, raw);
            }
        }
        if let Some(lack) = content.lack.filter(|_| !has_end) {
            visit.flaw(lack);
        }
        Ok(())
    }

    /// Tells the stamp of another image. It must stay what that image has.
    fn another(&self, visit: &mut Visit<'_>, field: &'static Field, raw: [u8; 4]) {
        // Not bound, or bound in the newer way.
        if raw == [0; 4] || raw == [0xff; 4] {
            return;
        }
        // Linkers put the hash there, too, in the place of their own times.
        let is_own = self.is_hash && raw == self.coff;
        let value = if is_own {
            Value::Unset
        } else {
            Form::Unix32Le.decode(&raw)
        };
        visit.stamp(&Stamp::fixed(field, &raw, value));
    }
}

/// Tells the times of the signatures in the certificate table, which is told by its place in the file.
fn certificates(visit: &mut Visit<'_>, image: &Image<'_>) -> Result<(), Flaw> {
    let Some((at, size)) = image.directory(CERTIFICATES) else {
        return Ok(());
    };
    let table = image.extent.part(u64::from(at), u64::from(size));
    if table.size() < u64::from(size) {
        visit.flaw(Flaw::truncated(format!(
            "its signatures were to take {size} bytes at {at}, and it ends before: it was cut off, or added to after it was signed"
        )));
    }
    let (mut at, mut count) = (0, 0);
    while at + 8 <= table.size() {
        count += 1;
        if count > SIGNATURES {
            visit.flaw(Flaw::malformed(format!(
                "its certificate table has more than {SIGNATURES} signatures; those behind them were not read"
            )));
            break;
        }
        let head: [u8; 8] = table.array(at)?;
        let length = u64::from(le32(&head, 0).unwrap_or(0));
        if length < 8 {
            visit.flaw(Flaw::malformed(format!(
                "the signature at {at} of its certificate table claims to have {length} bytes; those behind it were not read"
            )));
            break;
        }
        // WIN_CERT_TYPE_PKCS_SIGNED_DATA.
        if le16(&head, 6) == Some(2) {
            let most = usize::try_from((length - 8).min(visit.budget().limits.header));
            let message = table.bytes(at + 8, most.unwrap_or(usize::MAX))?;
            visit.signed("Authenticode", true);
            cms::read(visit, &SIGNATURE, &message);
        }
        at += length.next_multiple_of(8);
    }
    Ok(())
}

/// Where the directories of resources begin, the root first (Microsoft, "PE Format", "The .rsrc Section").
fn directories(content: &[u8]) -> Vec<usize> {
    let mut found = vec![0];
    let mut met = HashSet::from([0]);
    // Each entry counts once, so that directories in each other come to an end.
    let mut left = content.len() / 8;
    let mut next = 0;
    while let Some(&at) = found.get(next) {
        next += 1;
        let Some(directory) = content.get(at..).filter(|rest| rest.len() >= 16) else {
            continue;
        };
        let count = |at| usize::from(le16(directory, at).unwrap_or(0));
        let entries = (count(12) + count(14)).min(left);
        left -= entries;
        for entry in directory[16..].chunks_exact(8).take(entries) {
            let below = le32(entry, 4).and_then(|below| below.checked_sub(1 << 31));
            let below = below.and_then(|below| usize::try_from(below).ok());
            found.extend(below.filter(|below| met.insert(*below)));
        }
    }
    found
}

#[cfg(test)]
mod tests;
