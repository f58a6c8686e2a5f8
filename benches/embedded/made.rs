//! Archives that are made here, the same in every run: no program is needed for them, and nothing in them is large.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

/// 2024-02-03 04:05:06 in seconds since 1970, and as a DOS date and time.
const AT: u32 = 1_706_933_106;
const DOS: [u8; 4] = [0xa3, 0x20, 0x43, 0x58];

/// A zip of this many stored members, no more than 65,535, of some 150 bytes each; with exact times in extra fields (0x5455) or without.
pub(crate) fn zip(members: u32, is_exact: bool) -> io::Result<Vec<u8>> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let mut extra = Vec::new();
    if is_exact {
        extra.extend_from_slice(b"UT\x05\0\x01");
        extra.extend_from_slice(&AT.to_le_bytes());
    }
    for number in 0..members {
        let name = format!("com/example/part{}/Class{number}.class", number % 97);
        let content = body(number);
        let (at, size) = (length(&bytes)?, length(&content)?);
        let mut common = Vec::new();
        common.extend_from_slice(&[20, 0, 0, 0, 0, 0]);
        common.extend_from_slice(&DOS);
        common.extend_from_slice(&crc32(&content).to_le_bytes());
        common.extend_from_slice(&size.to_le_bytes());
        common.extend_from_slice(&size.to_le_bytes());
        common.extend_from_slice(&short(name.len())?);
        common.extend_from_slice(&short(extra.len())?);
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&extra);
        bytes.extend_from_slice(&content);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        // No comment, the first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        directory.extend_from_slice(&extra);
    }
    let (at, size) = (length(&bytes)?, length(&directory)?);
    bytes.append(&mut directory);
    let count = short(usize::try_from(members).map_err(io::Error::other)?)?;
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&[count, count].concat());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    Ok(bytes)
}

/// A tar of this many members, compressed with gzip.
pub(crate) fn tar_gz(members: u32) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    for number in 0..members {
        let content = body(number);
        let mut header = [0; 512];
        let mut put = |at: usize, text: &str| {
            if let Some(room) = header.get_mut(at..at + text.len()) {
                room.copy_from_slice(text.as_bytes());
            }
        };
        put(0, &format!("src/part-{number}.rs"));
        put(100, "0000644\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(136, &format!("{AT:011o}\0"));
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\0");
        put(263, "00");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        if let Some(room) = header.get_mut(148..156) {
            room.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        packed.write_all(&header)?;
        packed.write_all(&content)?;
        packed.write_all(&vec![
            0;
            content.len().next_multiple_of(512) - content.len()
        ])?;
    }
    packed.write_all(&[0; 1024])?;
    packed.finish()
}

/// An ar archive of this many members.
pub(crate) fn ar(members: u32) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for number in 0..members {
        let mut content = body(number);
        content.truncate(content.len() & !1);
        let name = format!("unit{number}.o/");
        let size = content.len();
        let header = format!("{name:<16}{AT:<12}0     0     100644  {size:<10}`\n");
        bytes.extend_from_slice(header.as_bytes());
        bytes.append(&mut content);
    }
    bytes
}

/// The content of a member: 100 to 200 bytes that hold no times.
fn body(number: u32) -> Vec<u8> {
    let length = 100 + number * 37 % 101;
    let mut state = number.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // Letters: nothing that begins like any format.
        b"etaoinshrdlucmfw"[(state & 15) as usize]
    };
    (0..length).map(|_| next()).collect()
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

fn short(number: usize) -> io::Result<[u8; 2]> {
    let number = u16::try_from(number).map_err(io::Error::other)?;
    Ok(number.to_le_bytes())
}
