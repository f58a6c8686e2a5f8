//! Where a time can be written anew: its bytes are there, and another time written there is read again, and changes no
//! other.

use super::look::{all, bytes, Found, look};
use skewgate::bytes::{Extent, Limits, Origin, ReadAt as _, extent_decoder};
use skewgate::format::{Mend, Slot};
use skewgate::time::Timestamp;
use std::collections::BTreeMap;
use std::io::Read as _;

/// So many times of a fixture are written anew.
const MOST: usize = 60;

fn found(file: &[u8]) -> Vec<Found> {
    look(&file, Limits::DEFAULT).0.found
}

fn place(at: u64) -> usize {
    usize::try_from(at).unwrap()
}

/// CRC-32 (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

/// The length of a gzip header (RFC 1952).
fn gzip_header(bytes: &[u8]) -> usize {
    let flags = bytes[3];
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes[at..].iter().position(|&byte| byte == 0).unwrap() + 1;
        }
    }
    at
}

/// Changes what must change with a time.
fn mend(file: &mut [u8], mend: Mend) {
    let Some((_, origin)) = mend.told() else {
        return;
    };
    let Origin::File(at) = origin else {
        panic!("{mend:?} is somewhere else than its slot");
    };
    let at = place(at);
    match mend {
        Mend::Nothing => {}
        Mend::TarHeader(_) => {
            file[at + 148..at + 156].fill(b' ');
            let sum: u32 = file[at..at + 512].iter().map(|&byte| u32::from(byte)).sum();
            file[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        Mend::GzipHeader(_) => {
            let end = at + gzip_header(&file[at..]);
            let sum = crc32(&file[at..end]).to_le_bytes();
            file[end..end + 2].copy_from_slice(&sum[..2]);
        }
        Mend::PngChunk(_) => {
            let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
            let end = at + 8 + place(length.into());
            let sum = crc32(&file[at + 4..end]);
            file[end..end + 4].copy_from_slice(&sum.to_be_bytes());
        }
        Mend::ImageHeader(_) => {
            file[at + 4..at + 8].fill(0);
            let sum = crc32(&file[at..at + 64]);
            file[at + 4..at + 8].copy_from_slice(&sum.to_be_bytes());
        }
        Mend::PeChecksum(_) => {
            let field = at + 64;
            file[field..field + 4].fill(0);
            let words = file.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair.get(1).copied().unwrap_or(0)) << 8);
            let sum = words.fold(0, |sum, word| {
                let sum = sum + word;
                (sum & 0xffff) + (sum >> 16)
            });
            let sum = u32::try_from(sum + file.size()).unwrap();
            file[field..field + 4].copy_from_slice(&sum.to_le_bytes());
        }
    }
}

/// What stands in the place of a slot.
fn at_slot(file: &[u8], slot: Slot) -> Vec<u8> {
    let length = slot.form.length();
    match slot.at {
        Origin::File(at) => file[place(at)..place(at) + length].to_vec(),
        Origin::Decoded { codec, from, at } => {
            let whole = Extent::of_file(&file);
            let rest = whole.part(from, u64::MAX);
            let mut decoder = extent_decoder(codec, rest, Limits::DEFAULT.dictionary).unwrap();
            let mut decoded = Vec::new();
            // What is damaged further on does not matter.
            let _damage = decoder.read_to_end(&mut decoded);
            decoded[place(at)..place(at) + length].to_vec()
        }
        Origin::Deep => panic!("no slot is that deep"),
    }
}

/// What a time says that was read: of Unix times modulo 2^32 (zip's UT), another field may say which.
fn same(one: Option<Timestamp>, other: Option<Timestamp>, length: usize) -> bool {
    match (one, other) {
        (Some(one), Some(other)) if length == 4 => (one.seconds() - other.seconds()) % (1 << 32) == 0,
        _ => one == other,
    }
}

#[test]
fn the_bytes_of_a_time_are_where_it_says() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for name in all() {
        let file = bytes(&name);
        for one in found(&file) {
            let Some(slot) = one.slot else { continue };
            checked += 1;
            let there = at_slot(&file, slot);
            let decoded = slot.form.decode(&there).moment().map(|moment| moment.written);
            if there != one.raw || !same(decoded, one.at, there.len()) {
                wrong.push(format!("{name}: {one:?} has {there:02x?}, which is {decoded:?}"));
            }
        }
    }
    println!("{checked} slots");
    assert!(checked > 500);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_time_that_is_written_anew_is_read_and_changes_no_other() {
    let (mut wrong, mut written) = (Vec::new(), BTreeMap::<String, u32>::new());
    for name in all() {
        let file = bytes(&name);
        let before = found(&file);
        let slots = before.iter().enumerate().filter_map(|(index, one)| Some((index, one, one.slot?)));
        let in_file = slots.filter(|(.., slot)| matches!(slot.at, Origin::File(_)));
        for (index, one, slot) in in_file.take(MOST) {
            let Origin::File(at) = slot.at else { continue };
            // 2004-03-04T05:06:08Z, which ten octal digits hold as well; another day where that is there already.
            let to = [1_078_376_768, 1_046_840_768].map(|seconds| Timestamp::from_unix(seconds, 0));
            let to = if one.at == Some(to[0]) { to[1] } else { to[0] };
            let what = format!("{name}: {} of `{}`", one.field, one.member);
            let Some(raw) = slot.form.encode(to, &one.raw) else {
                wrong.push(format!("{what}: {:?} cannot hold {to} in place of {:02x?}", slot.form, one.raw));
                continue;
            };
            let mut new = file.clone();
            new[place(at)..place(at) + raw.len()].copy_from_slice(&raw);
            mend(&mut new, slot.mend);
            *written.entry(format!("{:?} {:?}", slot.form, slot.mend.told().map(|told| told.0))).or_default() += 1;
            let after = found(&new);
            if after.len() != before.len() {
                wrong.push(format!("{what}: {} times become {}", before.len(), after.len()));
                continue;
            }
            for (at, (old, new)) in before.iter().zip(&after).enumerate() {
                let is_it = at == index || old.slot == Some(slot);
                let expected = if is_it { Some(to) } else { old.at };
                if new.at != expected || new.member != old.member || new.field != old.field {
                    wrong.push(format!(
                        "{what}: {} of `{}` was {:?} and is {:?}, not {expected:?}",
                        old.field, old.member, old.at, new.at
                    ));
                }
            }
        }
    }
    println!("{written:#?}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
