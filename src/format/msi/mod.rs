//! `msi`: packages of Windows Installer, and other compound files (OLE): documents of Office before 2007.

mod compound;
mod properties;

use super::piece::cms;
use super::{Field, Form, Format, Head, Layer, Member, Reads, Stamp, Visit};
use crate::bytes::{Extent, Flaw};
use compound::{Compound, ENTRY, Entry, Kind, Small};

pub(super) const FORMAT: Format = Format {
    name: "msi",
    summary: "Windows Installer packages, patches and transforms, and Office documents before 2007 (compound files): the times of \
storages, those of the summary, and when they were signed (Authenticode); the cabinets and programs in them",
    names: &[
        ".msi", ".msp", ".msm", ".mst", ".doc", ".xls", ".ppt", ".vsd",
    ],
    is,
    layer: Layer::Archive,
    fields: &[
        &CREATED,
        &MODIFIED,
        &PRINTED,
        &MADE,
        &SAVED,
        &SIGNED,
        &COUNTERSIGNED,
        &STAMPED,
    ],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::event(
    "msi.created",
    "creation time of a storage: FILETIME, steps of 100 ns since 1601 UTC, 0 where its writer does not say ([MS-CFB] 2.6.1)",
);
static MODIFIED: Field = Field::event(
    "msi.modified",
    "modification time of a storage: FILETIME, steps of 100 ns since 1601 UTC, 0 where its writer does not say ([MS-CFB] 2.6.1)",
);
static PRINTED: Field = Field::event(
    "msi.summary.last-printed",
    "Last Printed in the summary (PIDSI_LASTPRINTED): FILETIME; of an administrative image, when that was made",
);
static MADE: Field = Field::event(
    "msi.summary.create-time",
    "Create Time/Date in the summary (PIDSI_CREATE_DTM): FILETIME",
);
static SAVED: Field = Field::event(
    "msi.summary.last-saved",
    "Last Save Time/Date in the summary (PIDSI_LASTSAVE_DTM): FILETIME",
);
static SIGNED: Field = cms::Fields::signed("msi.signing-time");
static COUNTERSIGNED: Field = cms::Fields::countersigned("msi.countersigning-time");
static STAMPED: Field = cms::Fields::stamped("msi.timestamp-token");

const SIGNATURE: cms::Fields = cms::Fields {
    signed: &SIGNED,
    countersigned: &COUNTERSIGNED,
    stamped: &STAMPED,
};

/// The times of a summary; Edit Time (10) is a length of time.
const PROPERTIES: [(u32, &Field); 3] = [(11, &PRINTED), (12, &MADE), (13, &SAVED)];

fn is(head: &Head<'_>) -> bool {
    // The signature, little-endian, and the version that goes with either size of sectors.
    let is_known = head.has(26, b"\x03\0\xfe\xff\x09\0") || head.has(26, b"\x04\0\xfe\xff\x0c\0");
    head.has(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") && is_known
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let file = Compound::read(extent)?;
    let mut chain = file.directory();
    let mut root: Option<Entry> = None;
    let mut wanted = Vec::new();
    while let Some(entries) = file.entries(&mut chain)? {
        for bytes in entries.chunks_exact(ENTRY) {
            let Some(entry) = Entry::parse(bytes).filter(|entry| entry.kind != Kind::Unused) else {
                continue;
            };
            visit.entry()?;
            tell(visit, &entry);
            let is_wanted =
                ["\u{5}SummaryInformation", "\u{5}DigitalSignature"].contains(&entry.name.as_str());
            // Storages of a document have summaries of their own, but not so many.
            if is_wanted && entry.kind == Kind::Stream && wanted.len() < 100 {
                wanted.push(entry);
            } else if root.is_none() {
                root = Some(entry);
            }
        }
    }
    let small = file.small(&root.unwrap_or_default())?;
    for entry in wanted {
        let most = usize::try_from(visit.budget().limits.header).unwrap_or(usize::MAX);
        let content = file.content(&entry, &small, visit.budget())?;
        let content = Extent::of_kept(&content).bytes(0, most)?;
        if entry.name.ends_with("DigitalSignature") {
            visit.signed("Authenticode", true);
            cms::read(visit, &SIGNATURE, &content);
            continue;
        }
        for (number, raw) in properties::times(&content) {
            let known = PROPERTIES.iter().find(|(known, _)| *known == number);
            if let Some((_, field)) = known {
                stamp(visit, field, &raw);
            }
        }
    }
    streams(visit, &file, &small)
}

/// Looks into streams: cabinets with the files to be installed, programs that run while they are, documents.
fn streams(visit: &mut Visit<'_>, file: &Compound<'_>, small: &Small) -> Result<(), Flaw> {
    let mut chain = file.directory();
    let mut left = file.size();
    while let Some(entries) = file.entries(&mut chain)? {
        let entries = entries.chunks_exact(ENTRY).filter_map(Entry::parse);
        for entry in entries.filter(|entry| entry.kind == Kind::Stream) {
            left = left.checked_sub(entry.size).ok_or_else(|| {
                Flaw::malformed(
                    "its streams together are larger than the file, as in a bomb: they were not all looked into",
                )
            })?;
            let name = entry.name.as_bytes();
            match file.content(&entry, small, visit.budget()) {
                Ok(content) => {
                    let member = Member { name, own: None };
                    visit.extent(member, Extent::of_kept(&content))?;
                }
                Err(flaw) if flaw.ends_file() => return Err(flaw),
                Err(flaw) => visit.at(name, |visit| visit.flaw(flaw)),
            }
        }
    }
    Ok(())
}

/// Tells the times of a storage; the root's name says nothing, and a stream has none.
fn tell(visit: &mut Visit<'_>, entry: &Entry) {
    let times = |visit: &mut Visit<'_>| {
        for (field, raw) in [(&CREATED, &entry.created), (&MODIFIED, &entry.modified)] {
            // Hardly anybody says, and it need not be said of each.
            if *raw != [0; 8] {
                stamp(visit, field, raw);
            }
        }
    };
    match entry.kind {
        Kind::Root => times(visit),
        Kind::Storage | Kind::Stream => visit.at(entry.name.as_bytes(), times),
        Kind::Unused => {}
    }
}

fn stamp(visit: &mut Visit<'_>, field: &'static Field, raw: &[u8; 8]) {
    visit.stamp(&Stamp::fixed(field, raw, Form::FileTime.decode(raw)));
}

#[cfg(test)]
mod tests;
