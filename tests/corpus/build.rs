//! The smallest files of a few formats, by hand: no tool at hand writes these times.

use std::io::Write as _;

/// A tar of empty files.
pub(crate) fn tar(members: &[(&str, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, seconds) in members {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(b"00000000000\0");
        header[136..148].copy_from_slice(format!("{seconds:011o}\0").as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A gzip file with this MTIME.
pub(crate) fn gzip(content: &[u8], seconds: u32) -> Vec<u8> {
    let packed = flate2::GzBuilder::new().mtime(seconds);
    let mut packed = packed.write(Vec::new(), flate2::Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

/// A zip of empty files with these DOS times: the date above the time.
pub(crate) fn zip(members: &[(&str, u32)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, dos) in members {
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        // Version, flags, method; the time; checksum, sizes; the lengths of name and extra field.
        let common = [
            &[20, 0, 0, 0, 0, 0],
            &dos.to_le_bytes()[..],
            &[0; 12],
            &length,
            &[0; 2],
        ]
        .concat();
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes()].concat());
        directory.extend(
            [
                b"PK\x01\x02\x14\x03",
                &common[..],
                &[0; 10],
                &at,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (size, at) = (number(directory.len()), number(bytes.len()));
    bytes.extend(directory);
    bytes.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &size,
            &at,
            &[0; 2],
        ]
        .concat(),
    );
    bytes
}

/// An ar archive of empty members with these dates as text.
pub(crate) fn ar(members: &[(&str, &str)]) -> Vec<u8> {
    let header = |(name, date): &(&str, &str)| {
        format!("{name:<16}{date:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 644, 0)
    };
    let headers: String = members.iter().map(header).collect();
    format!("!<arch>\n{headers}").into_bytes()
}

/// The header of a font of one table, last changed so many seconds after 1970.
pub(crate) fn font(seconds: i64) -> Vec<u8> {
    let mut table = vec![0; 54];
    table[12..16].copy_from_slice(&0x5f0f_3cf5_u32.to_be_bytes());
    let at = (seconds + 2_082_844_800).to_be_bytes();
    table[20..28].copy_from_slice(&at);
    table[28..36].copy_from_slice(&at);
    let directory = b"\0\x01\0\0\0\x01\0\x10\0\0\0\0head\0\0\0\0\0\0\0\x1c\0\0\0\x36";
    [&directory[..], &table].concat()
}

/// The header of a flat executable, linked so many seconds after 1970.
pub(crate) fn bflt(seconds: u32) -> Vec<u8> {
    let mut bytes = b"bFLT\0\0\0\x04".to_vec();
    bytes.resize(64, 0);
    bytes[40..44].copy_from_slice(&seconds.to_be_bytes());
    bytes
}

/// A compiled catalogue of gettext with nothing but this header.
pub(crate) fn catalogue(header: &str) -> Vec<u8> {
    let length = u32::try_from(header.len()).unwrap();
    let words = [0x9504_12de, 0, 1, 28, 36, 0, 0, 0, 44, length, 44];
    let words = words.into_iter().flat_map(u32::to_le_bytes);
    words.chain(header.bytes()).collect()
}
