//! `iso9660`: images of CDs and DVDs.

mod date;
mod record;
mod tree;

use super::{Field, Format, Head, Layer, Reads, Stamp, Visit};
use crate::bytes::{Extent, Flaw, le16, le32};
use tree::Tree;

pub(super) const FORMAT: Format = Format {
    name: "iso9660",
    summary: "ISO 9660 images: the times of the volume, of every file and folder, and those of Rock Ridge. When a volume \
expires or takes effect is not read, which lies ahead on purpose. Joliet's tree, which repeats the files of the other, is \
not gone through",
    names: &[".iso"],
    is,
    layer: Layer::Archive,
    fields: &[
        &VOLUME_CREATED,
        &VOLUME_MODIFIED,
        &RECORDED,
        &CREATED,
        &MODIFIED,
        &ACCESSED,
        &ATTRIBUTES,
        &BACKUP,
    ],
    reads: Reads::Extent(read),
};

static VOLUME_CREATED: Field = Field::event(
    "iso9660.volume-created",
    "when the volume was made, hundredths of a second with the zone's quarter hours (ECMA-119 8.4.26.1, of every volume \
descriptor); zeros where it was not said",
);

static VOLUME_MODIFIED: Field = Field::event(
    "iso9660.volume-modified",
    "when the volume was last changed, as volume-created; boot loaders find the volume by it",
);

static RECORDED: Field = Field::modified(
    "iso9660.recorded",
    "the time of a file or folder in its directory record, seconds with the zone's quarter hours (ECMA-119 9.1.5): tools \
write the modification time; zeros where it was not said",
);

static CREATED: Field = Field::event(
    "iso9660.tf.created",
    "Rock Ridge TF, creation (RRIP 1.12 4.1.6)",
);

static MODIFIED: Field = Field::modified(
    "iso9660.tf.modified",
    "Rock Ridge TF, modification (RRIP 1.12 4.1.6)",
);

static ACCESSED: Field = Field::event(
    "iso9660.tf.accessed",
    "Rock Ridge TF, last access (RRIP 1.12 4.1.6)",
);

static ATTRIBUTES: Field = Field::event(
    "iso9660.tf.attributes",
    "Rock Ridge TF, last change of attributes, the ctime (RRIP 1.12 4.1.6)",
);

static BACKUP: Field = Field::event(
    "iso9660.tf.backup",
    "Rock Ridge TF, last backup (RRIP 1.12 4.1.6)",
);

/// How long a sector is, in which descriptors are written whatever the size of a block (ECMA-119 6.1.2).
const SECTOR: u64 = 2048;
/// The first that is not for the system's own use (ECMA-119 6.2.1).
const FIRST: u64 = 16;
/// How many descriptors are looked at. Real images have five at most.
const DESCRIPTORS: u64 = 64;

const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
const LAST: u8 = 255;

fn is(head: &Head<'_>) -> bool {
    !head.is_object() && head.has(32_769, b"CD001\x01")
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let mut tree = None;
    for at in FIRST..FIRST + DESCRIPTORS {
        let descriptor: [u8; 2048] = extent.array(at * SECTOR)?;
        if !descriptor[1..].starts_with(b"CD001") {
            visit.flaw(Flaw::malformed(format!(
                "a volume descriptor should be at {}, and something else stands there: the list of them does not end as it \
should",
                at * SECTOR
            )));
            break;
        }
        match descriptor[0] {
            LAST => break,
            kind @ (PRIMARY | SUPPLEMENTARY) => {
                volume(visit, &descriptor);
                if kind == PRIMARY && tree.is_none() {
                    tree = root(extent, &descriptor);
                }
            }
            _ => {}
        }
    }
    let Some(tree) = tree else {
        return Err(Flaw::malformed(
            "it has no primary volume descriptor that makes sense, so its files could not be found",
        ));
    };
    tree.walk(visit)
}

/// The times of a volume (ECMA-119 8.4.26).
fn volume(visit: &mut Visit<'_>, descriptor: &[u8; 2048]) {
    for (field, at) in [(&VOLUME_CREATED, 813), (&VOLUME_MODIFIED, 830)] {
        let raw = &descriptor[at..at + date::LONG];
        // It can be written anew, but then boot loaders do not find the volume.
        visit.stamp(&Stamp::fixed(field, raw, date::decode(raw)));
    }
}

/// The tree that a descriptor tells of.
fn root<'a>(extent: Extent<'a>, descriptor: &[u8; 2048]) -> Option<Tree<'a>> {
    let block = u64::from(le16(descriptor, 128)?);
    let is_size = block.is_power_of_two() && (512..=SECTOR).contains(&block);
    // The root's directory record stands in the descriptor (ECMA-119 8.4.18).
    let (at, size) = (le32(descriptor, 158)?, le32(descriptor, 166)?);
    is_size.then(|| Tree::new(extent, block, (at, size)))
}

#[cfg(test)]
mod tests;
