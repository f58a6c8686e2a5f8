//! Changes what must change with a time that is written anew.

use skewgate::bytes::Origin;
use skewgate::format::Mend;

/// A place as an index.
pub(crate) fn place(at: u64) -> usize {
    usize::try_from(at).unwrap()
}

/// CRC-32 (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            crc >> 1 ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc))
    })
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
pub(crate) fn mend(file: &mut [u8], mend: Mend) {
    let Some((_, Origin::File(at))) = mend.told() else {
        assert_eq!(mend, Mend::Nothing, "it is somewhere else than its slot");
        return;
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
            let words = file
                .chunks(2)
                .map(|pair| u64::from(pair[0]) | u64::from(pair.get(1).copied().unwrap_or(0)) << 8);
            let sum = words.fold(0, |sum, word| {
                let sum = sum + word;
                (sum & 0xffff) + (sum >> 16)
            });
            let sum = u32::try_from(sum + u64::try_from(file.len()).unwrap()).unwrap();
            file[field..field + 4].copy_from_slice(&sum.to_le_bytes());
        }
    }
}
