//! `ext`: images of the file systems ext2, ext3 and ext4.

use super::{Field, Format, Head, Layer, Moment, Reads, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, array, le16, le32};
use crate::time::Timestamp;

pub(super) const FORMAT: Format = Format {
    name: "ext",
    summary: "images of ext2, ext3 and ext4: the times in the superblock. Files in it are not looked at: mount it, or audit \
the tree it was made of",
    names: &[".ext2", ".ext3", ".ext4", ".img"],
    is,
    layer: Layer::Leaf,
    fields: &[&MADE, &WRITTEN, &MOUNTED, &CHECKED],
    reads: Reads::Extent(read),
};

static MADE: Field = Field::event(
    "ext.mkfs-time",
    "s_mkfs_time, when the file system was made, seconds since 1970 UTC, 32 bits and 8 more in s_mkfs_time_hi (Linux \
ext4, \"Super Block\"); 0 where it was not said",
);

static WRITTEN: Field = Field::event(
    "ext.wtime",
    "s_wtime, when the superblock was last written, as mkfs-time",
);

static MOUNTED: Field = Field::event(
    "ext.mtime",
    "s_mtime, when it was last mounted, as mkfs-time; 0 if it never was",
);

static CHECKED: Field = Field::event(
    "ext.lastcheck",
    "s_lastcheck, when it was last checked, or made, as mkfs-time",
);

/// Each with where it stands in the superblock, and where its upper byte.
const TIMES: [(&Field, usize, usize); 4] = [
    (&MADE, 0x108, 0x276),
    (&WRITTEN, 0x30, 0x274),
    (&MOUNTED, 0x2c, 0x275),
    (&CHECKED, 0x40, 0x277),
];

/// Where the superblock stands in every image, and how long it is.
const AT: u64 = 1024;
const LENGTH: usize = 1024;

/// Whether these 1024 bytes can be a superblock: two bytes of magic number are too few to tell.
fn is_superblock(block: &[u8]) -> bool {
    let word = |at| le32(block, at).unwrap_or(0);
    let (inodes, blocks, first) = (word(0), word(4), word(0x14));
    let size = word(0x18);
    let (blocks_a_group, inodes_a_group) = (word(0x20), word(0x28));
    // What a block or a group can hold at most, and the revision.
    let most = 8_u64 << (10 + size.min(6));
    le16(block, 0x38) == Some(0xef53)
        && size <= 6
        && inodes > 0
        && blocks > first
        && first == u32::from(size == 0)
        && (1..=most).contains(&u64::from(blocks_a_group))
        && (1..=most).contains(&u64::from(inodes_a_group))
        && word(0x4c) <= 1
        && le16(block, 0x3c).is_some_and(|errors| errors <= 7)
}

fn is(head: &Head<'_>) -> bool {
    head.has(1080, &[0x53, 0xef]) && head.first.get(LENGTH..).is_some_and(is_superblock)
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let block: [u8; LENGTH] = extent.array(AT)?;
    for (field, at, above) in TIMES {
        let (Some(raw), Some(upper)) = (array::<4>(&block, at), block.get(above)) else {
            continue;
        };
        let low = u32::from_le_bytes(raw);
        let seconds = (i64::from(*upper) << 32) | i64::from(low);
        let value = if seconds == 0 {
            Value::Unset
        } else {
            Value::At(Moment::exactly(Timestamp::from_unix(seconds, 0)))
        };
        // No slot: with metadata_csum the superblock has a checksum, and kernels compare these times.
        visit.stamp(&Stamp::fixed(field, &raw, value));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    fn image() -> Vec<u8> {
        let mut image = vec![0; 4096];
        for (at, word) in [
            (0x00, 16_u32),
            (0x04, 64),
            (0x14, 1),
            (0x20, 8192),
            (0x28, 16),
            (0x30, 1_767_323_046),
            (0x38, 0x0001_ef53),
            (0x3c, 1),
            (0x40, 5),
            (0x4c, 1),
            (0x108, 1_767_323_045),
        ] {
            image[1024 + at..1024 + at + 4].copy_from_slice(&word.to_le_bytes());
        }
        image[1024 + 0x277] = 1;
        image
    }

    #[test]
    fn the_superblock_has_four_times() {
        assert_eq!(
            lines(&image()),
            [
                " ext.mkfs-time 2026-01-02T03:04:05.000000000Z known",
                " ext.wtime 2026-01-02T03:04:06.000000000Z known",
                " ext.mtime unset",
                " ext.lastcheck 2106-02-07T06:28:21.000000000Z known",
            ]
        );
    }

    #[test]
    fn two_bytes_of_magic_are_not_enough() {
        for (at, word) in [
            (0x00, 0_u32),
            (0x04, 1),
            (0x14, 2),
            (0x18, 7),
            (0x20, 0),
            (0x28, 8193),
            (0x4c, 2),
        ] {
            let mut image = image();
            image[1024 + at..1024 + at + 4].copy_from_slice(&word.to_le_bytes());
            assert_eq!(lines(&image), [""; 0], "{at:x}");
        }
    }
}
