//! `squashfs`: images of the read-only file system of live systems and snaps.

mod metadata;
mod tree;

use super::{Field, Form, Format, Layer, Reads, Stamp, Visit};
use crate::bytes::{Extent, Flaw, le16, le64};
use metadata::{Packing, Tables};
use tree::Tree;

pub(super) const FORMAT: Format = Format {
    name: "squashfs",
    summary: "squashfs 4 images: when the image was made, and the modification times of all in it. The contents of files are \
not looked at",
    names: &[".squashfs", ".sqfs", ".sfs", ".snap"],
    is: |head| head.has(0, b"hsqs") || head.has(0, b"sqsh"),
    layer: Layer::Archive,
    fields: &[&MADE, &MODIFIED],
    reads: Reads::Extent(read),
};

static MADE: Field = Field::event(
    "squashfs.mkfs-time",
    "when the image was made, 32 bits in the superblock, seconds since 1970 UTC (Linux fs/squashfs/squashfs_fs.h)",
);

static MODIFIED: Field = Field::modified(
    "squashfs.mtime",
    "the modification time of a file or folder, 32 bits in its inode, seconds since 1970 UTC",
);

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let block: [u8; 96] = extent.array(0)?;
    let short = |at| le16(&block, at).unwrap_or(0);
    let long = |at| le64(&block, at).unwrap_or(0);
    if (&block[..4], short(28)) != (b"hsqs", 4) {
        return Err(Flaw::unsupported(
            "it is squashfs of a version before 4 (of before 2009), whose times are not read: unpack it with unsquashfs, and \
audit what comes out",
        ));
    }
    let made = &block[8..12];
    // It could be written anew, but not those of the inodes, which are compressed.
    visit.stamp(&Stamp::fixed(&MADE, made, Form::Unix32Le.decode(made)));
    let Some(packing) = Packing::of(short(20)) else {
        let number = short(20);
        return Err(Flaw::unsupported(format!(
            "its tables are compressed in a way that is not read (compressor {number}; 3 is lzo), so only the time of \
the image itself was: make it with mksquashfs -comp zstd, xz, gzip or lz4"
        )));
    };
    let tables = Tables::new(extent, packing, visit.budget());
    Tree::new(tables, (long(64), long(72)), long(32)).walk(visit)
}

#[cfg(test)]
mod tests;
