//! Compound files made byte by byte.

use crate::format::piece::listing::{lines, signatures};

/// 2026-01-02T03:04:06Z, and 2040-06-15T12:00:00Z, as FILETIME.
const TODAY: u64 = 134_117_966_460_000_000;
const LATE: u64 = 138_678_480_000_000_000;

fn entry(name: &str, kind: u8, times: [u64; 2], first: u32, size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(bytes.len() + 2).unwrap();
    bytes.resize(64, 0);
    bytes.extend(length.to_le_bytes());
    bytes.push(kind);
    bytes.resize(100, 0);
    bytes.extend(times.iter().flat_map(|time| time.to_le_bytes()));
    bytes.extend(first.to_le_bytes());
    bytes.extend(u64::try_from(size).unwrap().to_le_bytes());
    bytes
}

fn summary() -> Vec<u8> {
    let mut bytes = b"\xfe\xff\0\0".to_vec();
    bytes.resize(24, 0);
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"\xe0\x85\x9f\xf2\xf9\x4f\x68\x10\xab\x91\x08\x00\x2b\x27\xb3\xd9");
    bytes.extend(48_u32.to_le_bytes());
    let values = [
        (10, 64, 600),
        (12, 64, TODAY),
        (13, 64, LATE),
        (11, 64, 0),
        (14, 3, 7),
    ];
    bytes.extend([0; 4]);
    bytes.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
    for (at, (number, _, _)) in values.iter().enumerate() {
        let place = 8 + values.len() * 8 + at * 12;
        bytes.extend(u32::to_le_bytes(*number));
        bytes.extend(u32::try_from(place).unwrap().to_le_bytes());
    }
    for (_, kind, value) in values {
        bytes.extend(u32::to_le_bytes(kind));
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// Sectors: 0 the table, 1 the directory, 2 the table of small sectors, 3 the small sectors.
fn compound() -> Vec<u8> {
    with_signature(0)
}

/// The same with a stream that is called a signature, if it is of the kind of streams.
fn with_signature(kind: u8) -> Vec<u8> {
    let content = summary();
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(24, 0);
    header.extend(b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0");
    header.resize(44, 0);
    let end = 0xffff_fffe_u32;
    for word in [1, 1, 0, 4096, 2, 1, end, 0, 0] {
        header.extend(u32::to_le_bytes(word));
    }
    header.resize(512, 0xff);
    let mut table: Vec<u8> = [0xffff_fffd, end, end, end]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    table.resize(512, 0xff);
    let directory = [
        entry("Root Entry", 5, [0, LATE], 3, 512),
        entry("\u{5}SummaryInformation", 2, [0, 0], 0, content.len()),
        entry("Store", 1, [TODAY, LATE], 0, 0),
        entry("\u{5}DigitalSignature", kind, [0, 0], 0, content.len()),
    ];
    let small: Vec<u8> = [1, 2, end]
        .iter()
        .flat_map(|word| u32::to_le_bytes(*word))
        .collect();
    assert!(content.len() <= 192);
    let pad = |mut bytes: Vec<u8>| {
        bytes.resize(512, 0);
        bytes
    };
    [header, table, directory.concat(), pad(small), pad(content)].concat()
}

#[test]
fn storages_and_the_summary_have_times() {
    let (today, late) = (
        "2026-01-02T03:04:06.000000000Z known",
        "2040-06-15T12:00:00.000000000Z known",
    );
    assert_eq!(
        lines(&compound()),
        [
            format!(" msi.modified {late}"),
            format!("Store msi.created {today}"),
            format!("Store msi.modified {late}"),
            format!(" msi.summary.create-time {today}"),
            format!(" msi.summary.last-saved {late}"),
            " msi.summary.last-printed unset".to_owned(),
        ]
    );
    assert_eq!(signatures(&compound()), []);
    assert_eq!(signatures(&with_signature(2)), [("Authenticode", true)]);
}

#[test]
fn streams_that_lie_in_each_other_are_not_all_read() {
    let mut bytes = with_signature(2);
    let size = 1024 + 3 * 128 + 120;
    bytes[size..size + 4].copy_from_slice(&100_000_u32.to_le_bytes());
    let told = lines(&bytes).join(" ");
    assert!(told.contains("ends after 512 bytes"), "{told}");
    // Not the signature, but another stream.
    bytes[1024 + 3 * 128 + 2] = b'X';
    let told = lines(&bytes).join(" ");
    assert!(told.contains("larger than the file"), "{told}");
}

#[test]
fn a_ring_of_sectors_ends() {
    let mut bytes = compound();
    // The directory is followed by itself.
    bytes[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
    let told = lines(&bytes);
    assert!(
        told.len() < 50 && told.last().unwrap().contains("ring"),
        "{told:?}"
    );
    // It leads to where there is no record of.
    bytes[512 + 4..512 + 8].copy_from_slice(&0xfff_u32.to_le_bytes());
    assert!(lines(&bytes).last().unwrap().contains("no record"));
}
