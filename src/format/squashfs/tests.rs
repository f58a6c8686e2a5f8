//! Images made by hand, their tables not compressed.

use crate::format::piece::listing::lines;

const AT: u32 = 1_767_323_046;

fn inode(kind: u16, mtime: u32, body: &[u8]) -> Vec<u8> {
    let head = [
        &kind.to_le_bytes()[..],
        &[0; 6],
        &mtime.to_le_bytes(),
        &[1, 0, 0, 0],
    ]
    .concat();
    [&head, body].concat()
}

/// A folder's inode of the short kind, whose names begin at `offset`.
fn folder(mtime: u32, size: u16, offset: u16) -> Vec<u8> {
    let body = [
        &[0; 4][..],
        &[2, 0, 0, 0],
        &size.to_le_bytes(),
        &offset.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    inode(1, mtime, &body)
}

fn entry(offset: u16, name: &[u8]) -> Vec<u8> {
    let length = u16::try_from(name.len() - 1).unwrap();
    [
        &offset.to_le_bytes()[..],
        &[0, 0, 2, 0],
        &length.to_le_bytes(),
        name,
    ]
    .concat()
}

fn head(count: u32) -> Vec<u8> {
    [&(count - 1).to_le_bytes()[..], &[0; 8]].concat()
}

fn block(bytes: &[u8]) -> Vec<u8> {
    let size = 0x8000 | u16::try_from(bytes.len()).unwrap();
    [&size.to_le_bytes()[..], bytes].concat()
}

/// The root, with `sub` and `two` in it; in `sub`, the root again.
fn sample() -> Vec<u8> {
    let sub_names = [head(1), entry(0, b"loop")].concat();
    let root_names = [head(2), entry(32, b"sub"), entry(72, b"two")].concat();
    let [sub_size, root_size] =
        [&sub_names, &root_names].map(|names| u16::try_from(names.len() + 3).unwrap());
    let root_offset: u16 = 4;
    let sub_offset = root_offset + root_size - 3;
    let long = [
        &[2, 0, 0, 0][..],
        &u32::from(sub_size).to_le_bytes(),
        &[0; 10],
        &sub_offset.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    let inodes = [
        folder(AT, root_size, root_offset),
        inode(8, AT + 1, &long),
        inode(2, AT + 2, &[0; 16]),
    ]
    .concat();
    let inodes = block(&inodes);
    let names = block(&[vec![0xff; 4], root_names, sub_names].concat());
    let mut image = vec![0; 96];
    image[..4].copy_from_slice(b"hsqs");
    image[8..12].copy_from_slice(&(AT + 3).to_le_bytes());
    image[20] = 1;
    image[28] = 4;
    image[64..72].copy_from_slice(&96_u64.to_le_bytes());
    image[72..80].copy_from_slice(&(96 + u64::try_from(inodes.len()).unwrap()).to_le_bytes());
    [image, inodes, names].concat()
}

#[test]
fn every_time_of_an_image_is_told() {
    assert_eq!(
        lines(&sample()),
        [
            " squashfs.mkfs-time 2026-01-02T03:04:09.000000000Z known",
            " squashfs.mtime 2026-01-02T03:04:06.000000000Z known",
            "sub squashfs.mtime 2026-01-02T03:04:07.000000000Z known",
            "sub/loop squashfs.mtime 2026-01-02T03:04:06.000000000Z known",
            "sub/loop malformed the image has this folder in two places, which makes a circle or a copy: it was gone into once",
            "two squashfs.mtime 2026-01-02T03:04:08.000000000Z known",
        ]
    );
}

#[test]
fn what_is_not_read_is_told() {
    let mut image = sample();
    image[20] = 3;
    let told = lines(&image);
    assert!(
        told.len() == 2 && told[1].contains("unsupported") && told[1].contains("lzo"),
        "{told:?}"
    );
    image[28] = 3;
    assert!(lines(&image)[0].contains("before 4"));
}

#[test]
fn no_damage_is_more_than_told() {
    let sample = sample();
    for cut in 0..sample.len() {
        let _told = lines(&sample[..cut]);
    }
    for at in 0..sample.len() {
        for by in [1, 0x80, 0xff] {
            let mut damaged = sample.clone();
            damaged[at] ^= by;
            let _told = lines(&damaged);
        }
    }
}
