//! Images made by hand.

use crate::format::piece::listing::lines;

const AT: [u8; 7] = [126, 1, 2, 3, 4, 6, 0];

fn record(name: &[u8], (block, size): (u32, u32), is_folder: bool, system_use: &[u8]) -> Vec<u8> {
    let mut record = vec![0; (33 + name.len()).next_multiple_of(2)];
    record[2..6].copy_from_slice(&block.to_le_bytes());
    record[10..14].copy_from_slice(&size.to_le_bytes());
    record[18..25].copy_from_slice(&AT);
    record[25] = if is_folder { 2 } else { 0 };
    record[32] = u8::try_from(name.len()).unwrap();
    record[33..33 + name.len()].copy_from_slice(name);
    record.extend_from_slice(system_use);
    record[0] = u8::try_from(record.len()).unwrap();
    record
}

/// An image with these sectors from 18 on; the root is the first of them.
fn image(sectors: &[Vec<u8>]) -> Vec<u8> {
    let mut image = vec![0; 18 * 2048];
    let primary = &mut image[32_768..];
    primary[..7].copy_from_slice(b"\x01CD001\x01");
    primary[128..130].copy_from_slice(&[0, 8]);
    primary[156..190].copy_from_slice(&record(&[0], (18, 2048), true, &[]));
    primary[813..830].copy_from_slice(b"2026010203040650\0");
    primary[830..847].copy_from_slice(b"0000000000000000\0");
    primary[847..864].copy_from_slice(b"2040010203040650\0");
    primary[2048..2055].copy_from_slice(b"\xffCD001\x01");
    for sector in sectors {
        let from = image.len();
        image.extend_from_slice(sector);
        image.resize(from + 2048, 0);
    }
    image
}

fn tf(flags: u8, dates: &[&[u8]]) -> Vec<u8> {
    let body = dates.concat();
    let length = u8::try_from(5 + body.len()).unwrap();
    [&[b'T', b'F', length, 1, flags], &body[..]].concat()
}

const LATE: [u8; 7] = [140, 6, 15, 12, 0, 0, 0];
const SP: [u8; 7] = [b'S', b'P', 7, 1, 0xbe, 0xef, 0];

fn sample() -> Vec<u8> {
    let root = [
        record(&[0], (18, 2048), true, &SP),
        record(&[1], (18, 2048), true, &[]),
        record(b"SUB", (19, 2048), true, &[]),
        record(
            b"A.PYC;1",
            (20, 16),
            false,
            &[
                &tf(0b1_1010, &[&AT, &LATE, &LATE])[..],
                b"NM\x0a\x01\0a.pyc",
            ]
            .concat(),
        ),
    ];
    let continuation = [20_u32, 20, 64, 64, 22, 22];
    let mut more = b"CE\x1c\x01".to_vec();
    for (at, word) in continuation.into_iter().enumerate() {
        more.extend(if at % 2 == 0 {
            word.to_le_bytes()
        } else {
            word.to_be_bytes()
        });
    }
    let sub = [
        record(&[0], (19, 2048), true, &[]),
        record(&[1], (18, 2048), true, &[]),
        record(b"LOOP", (18, 2048), true, &[]),
        record(b"LONG.;1", (0, 0), false, &more),
    ];
    let mut data = [
        &3495_u16.to_le_bytes()[..],
        b"\r\n\0\0\0\0",
        &1_767_323_046_u32.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    data.resize(64, 0);
    data.extend_from_slice(&tf(0x82, &[b"2040061512000000\0"]));
    image(&[root.concat(), sub.concat(), data])
}

#[test]
fn every_time_of_an_image_is_told() {
    const RECORDED: &str = "iso9660.recorded 2026-01-02T03:04:06.000000000Z known";
    const LATE: &str = "2040-06-15T12:00:00.000000000Z known";
    let disagree = "disagree iso9660.recorded iso9660.tf.modified: two records of this member's time exclude each other: which \
one counts depends on who unpacks it";
    assert_eq!(
        lines(&sample()),
        [
            " iso9660.volume-created 2026-01-02T03:04:06.500000000Z known".to_owned(),
            " iso9660.volume-modified unset".to_owned(),
            format!(" {RECORDED}"),
            format!("SUB {RECORDED}"),
            format!("SUB/LOOP {RECORDED}"),
            "SUB/LOOP malformed the image has this folder in two places, which makes a circle or a copy: it was gone into once"
                .to_owned(),
            format!("SUB/LONG {RECORDED}"),
            format!("SUB/LONG iso9660.tf.modified {LATE}"),
            format!("SUB/LONG {disagree}"),
            format!("a.pyc {RECORDED}"),
            "a.pyc iso9660.tf.modified 2026-01-02T03:04:06.000000000Z known".to_owned(),
            format!("a.pyc iso9660.tf.attributes {LATE}"),
            format!("a.pyc iso9660.tf.backup {LATE}"),
            "a.pyc pyc.source 2026-01-02T03:04:06.000000000Z known".to_owned(),
        ]
    );
}

#[test]
fn a_continuation_that_leads_to_itself_ends() {
    let mut image = sample();
    let at = 20 * 2048 + 64;
    let mut entry = b"CE\x1c\x01".to_vec();
    for word in [20_u32, 0, 64, 0, 28, 0] {
        entry.extend(word.to_le_bytes());
    }
    image[at..at + 28].copy_from_slice(&entry);
    let from = image
        .windows(4)
        .position(|bytes| bytes == b"CE\x1c\x01")
        .unwrap();
    image[from + 20] = 28;
    assert!(lines(&image).join("\n").contains("goes on more often"));
}

#[test]
fn no_damage_is_more_than_told() {
    let sample = sample();
    for cut in (0..18 * 2048).step_by(997).chain(18 * 2048..sample.len()) {
        let _told = lines(&sample[..cut]);
    }
    for at in 32_768..sample.len() {
        for by in [1, 0xff] {
            let mut damaged = sample.clone();
            damaged[at] ^= by;
            let _told = lines(&damaged);
        }
    }
}
