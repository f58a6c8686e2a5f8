//! Each decompressor against what the real programs wrote.

use super::{GzipMembers, decoder, gzip};
use crate::bytes::{Codec, Flaw, FlawKind, Limit, Limits};
use std::io::Read;

/// What comes out, and why no more.
fn drain(decoder: Box<dyn Read + '_>) -> (Vec<u8>, Option<Flaw>) {
    drain_by(1000, decoder)
}

/// The same, with so much asked for at once.
fn drain_by(room: usize, mut decoder: Box<dyn Read + '_>) -> (Vec<u8>, Option<Flaw>) {
    let (mut all, mut buffer) = (Vec::new(), vec![0; room]);
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return (all, None),
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (all, Some(error.into())),
        }
    }
}

fn decode(codec: Codec, bytes: &[u8]) -> (Vec<u8>, Option<Flaw>) {
    drain(decoder(codec, bytes, &Limits::DEFAULT).unwrap())
}

fn fixture(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats/");
    std::fs::read(format!("{root}{name}")).unwrap()
}

const WHOLE: [(Codec, &str); 5] = [
    (Codec::Gzip, "gzip/late.gz"),
    (Codec::Xz, "compressed/late.txt.xz"),
    (Codec::Zstd, "compressed/late.txt.zst"),
    (Codec::Bzip2, "compressed/late.txt.bz2"),
    (Codec::Lz4, "compressed/late.txt.lz4"),
];

#[test]
fn files_of_real_programs_come_out_whole_alone_and_one_after_the_other() {
    let (expected, none) = decode(Codec::Gzip, &fixture("gzip/late.gz"));
    assert!(none.is_none() && !expected.is_empty());
    for (codec, name) in WHOLE {
        let bytes = fixture(name);
        assert_eq!(decode(codec, &bytes), (expected.clone(), None), "{name}");
        let twice = [bytes.as_slice(), &bytes].concat();
        assert_eq!(
            decode(codec, &twice),
            (expected.repeat(2), None),
            "{name} twice"
        );
        let (out, flaw) = decode(codec, &[bytes.as_slice(), b"something else"].concat());
        let flaw = flaw.unwrap();
        assert_eq!((out, flaw.kind), (expected.clone(), FlawKind::Malformed));
        // liblzma tells no other stream from a damaged one.
        let is_told = flaw.message.starts_with("after its") || codec == Codec::Xz;
        assert!(is_told, "{name}: {flaw}");
    }
}

#[test]
fn what_is_cut_off_is_truncated_and_what_is_damaged_never_passes_for_whole() {
    for (codec, name) in WHOLE {
        let bytes = fixture(name);
        let expected = decode(codec, &bytes);
        for length in 1..bytes.len() {
            let (out, flaw) = decode(codec, &bytes[..length]);
            let flaw = flaw.unwrap_or_else(|| panic!("{name} up to {length}"));
            assert_eq!(flaw.kind, FlawKind::Truncated, "{name} up to {length}");
            assert!(expected.0.starts_with(&out));
        }
        let mut flipped = bytes.clone();
        for at in 0..bytes.len() {
            flipped[at] ^= 0x10;
            let (out, flaw) = decode(codec, &flipped);
            // Only what says nothing of the content, such as gzip's time and name, may change unseen.
            assert!(
                flaw.is_some() || out == expected.0,
                "{name} with {at} flipped"
            );
            flipped[at] = bytes[at];
        }
    }
}

#[test]
fn as_much_comes_out_before_damage_however_much_is_asked_for() {
    for (codec, name) in [
        (Codec::Gzip, "tar/pair.tar.gz"),
        (Codec::Xz, "tar/pair.tar.xz"),
        (Codec::Lzma, "tar/pair.tar.lzma"),
        (Codec::Zstd, "tar/pair.tar.zst"),
        (Codec::Bzip2, "tar/pair.tar.bz2"),
        (Codec::Lz4, "tar/pair.tar.lz4"),
    ] {
        // A second piece, which is damaged as well.
        let mut bytes = fixture(name).repeat(2);
        for at in 0..bytes.len() {
            bytes[at] ^= 0x24;
            let by = |room| drain_by(room, decoder(codec, &bytes[..], &Limits::DEFAULT).unwrap());
            let ((least, flaw), (most, other)) = (by(61), by(1 << 17));
            let is_prefix = least.starts_with(&most) || most.starts_with(&least);
            // liblzma may run a little into what follows a damaged chunk, and libbz2 does not say how much of a damaged
            // block it has given.
            let may_differ = is_prefix && matches!(codec, Codec::Xz | Codec::Bzip2);
            assert!(least == most || may_differ, "{name} with {at} changed");
            let kind = |flaw: Option<Flaw>| flaw.map(|flaw| flaw.kind);
            assert_eq!(kind(flaw), kind(other), "{name} with {at} changed");
            bytes[at] ^= 0x24;
        }
    }
}

#[test]
fn blocks_of_zstd_before_damage_come_out_whole() {
    // With a window of 1 MiB, and with the size of it all, which would allow to make it at once.
    let size = 2_100_000_u32.to_le_bytes();
    for head in [&[0, 0x50][..], &[&[0xa0][..], &size].concat()] {
        // Blocks of one byte, repeated, and one of the kind that is reserved, with what it would say of its size.
        let block = |size: u32, kind: u32| (size << 3 | kind << 1).to_le_bytes()[..3].to_vec();
        let mut bytes = [&b"\x28\xb5\x2f\xfd"[..], head].concat();
        for byte in 0..20 {
            bytes.extend([block(100_000, 1), vec![byte]].concat());
        }
        bytes.extend([block(5, 3), vec![0; 100]].concat());
        for room in [61, 4096, 100_000, 150_000, 4 << 20] {
            let all = decoder(Codec::Zstd, &bytes[..], &Limits::DEFAULT).unwrap();
            let (out, flaw) = drain_by(room, all);
            assert_eq!(flaw.unwrap().kind, FlawKind::Malformed);
            assert_eq!(out.len(), 2_000_000, "by {room}, {head:?}");
        }
    }
}

#[test]
fn the_first_reason_is_the_one_that_is_told() {
    let mut bytes = fixture("tar/pair.tar.gz");
    for at in 10..bytes.len() {
        bytes[at] ^= 0x24;
        for room in [61, 1 << 17] {
            let all = decoder(Codec::Gzip, &bytes[..], &Limits::DEFAULT).unwrap();
            let told = drain_by(room, all)
                .1
                .map_or_else(String::new, |flaw| flaw.to_string());
            assert!(!told.contains("repeated"), "{at} changed by {room}: {told}");
        }
        bytes[at] ^= 0x24;
    }
}

#[test]
fn a_member_s_header_is_told_with_its_place() {
    let members = GzipMembers::default();
    let bytes = fixture("gzip/header-checksums.gz");
    let (_, flaw) = drain(gzip(bytes.as_slice(), &Limits::DEFAULT, Some(&members)));
    assert_eq!(flaw, None);
    let found = members.take();
    assert_eq!(found.len(), 2);
    for member in found {
        let at = usize::try_from(member.at).unwrap();
        assert_eq!(bytes[at..at + 2], [0x1f, 0x8b]);
        assert_eq!(bytes[at + 4..at + 8], member.mtime);
        assert!(member.has_checksum && !member.is_damaged);
    }
    let bytes = fixture("gzip/hostile-header-checksum.gz");
    drop(drain(gzip(
        bytes.as_slice(),
        &Limits::DEFAULT,
        Some(&members),
    )));
    assert!(members.take()[0].is_damaged);
}

#[test]
fn a_large_dictionary_is_refused_by_the_name_of_its_limit() {
    for (codec, name) in [
        (Codec::Xz, "compressed/hostile-dictionary.xz"),
        (Codec::Zstd, "compressed/hostile-window.zst"),
    ] {
        let (out, flaw) = decode(codec, &fixture(name));
        let flaw = flaw.unwrap();
        assert_eq!(out, b"");
        assert_eq!(flaw.kind, FlawKind::Limit(Limit::Dictionary), "{name}");
        assert!(flaw.message.contains("--limit dictionary=N"), "{flaw}");
    }
}

#[test]
fn a_frame_to_be_skipped_that_never_ends_is_cut_off() {
    let (out, flaw) = decode(Codec::Zstd, &fixture("compressed/hostile-skippable.zst"));
    assert_eq!((out, flaw.unwrap().kind), (vec![], FlawKind::Truncated));
    let lz4 = [
        &b"\x5a\x2a\x4d\x18\x04\0\0\0abcd"[..],
        &fixture("compressed/late.txt.lz4"),
    ];
    let (out, flaw) = decode(Codec::Lz4, &lz4.concat());
    assert!(!out.is_empty() && flaw.is_none());
    let (_, flaw) = decode(Codec::Lz4, b"\x5a\x2a\x4d\x18\xff\xff\xff\xffabcd");
    assert_eq!(flaw.unwrap().kind, FlawKind::Truncated);
}

#[test]
fn members_and_headers_without_end_reach_a_limit() {
    let empty = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
    let mut limits = Limits::DEFAULT;
    limits.set(Limit::Entries, 99);
    let (out, flaw) = drain(decoder(Codec::Gzip, empty.repeat(100).as_slice(), &limits).unwrap());
    assert_eq!(
        (out, flaw.unwrap().kind),
        (vec![], FlawKind::Limit(Limit::Entries))
    );
    limits.set(Limit::Header, 1000);
    let name = [&b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"[..], &[b'n'; 200_000]].concat();
    let source = std::io::BufReader::new(name.as_slice());
    let (_, flaw) = drain(decoder(Codec::Gzip, source, &limits).unwrap());
    assert_eq!(flaw.unwrap().kind, FlawKind::Limit(Limit::Header));
}

#[test]
fn zeros_after_the_last_member_are_padding() {
    let (_, flaw) = decode(Codec::Gzip, &fixture("gzip/trailing-zeros.gz"));
    assert_eq!(flaw, None);
    let more = [fixture("gzip/trailing-zeros.gz"), vec![1]].concat();
    assert!(decode(Codec::Gzip, &more).1.is_some());
}

#[test]
fn a_deflate_stream_ends_where_it_ends() {
    // Stored, "abc".
    let raw = b"\x01\x03\0\xfc\xffabcrest";
    let mut source = &raw[..];
    let (out, flaw) = drain(decoder(Codec::Deflate, &mut source, &Limits::DEFAULT).unwrap());
    assert_eq!(
        (out.as_slice(), flaw, source),
        (&b"abc"[..], None, &b"rest"[..])
    );
    let zlib = b"\x78\x9c\x4b\x4c\x4a\x06\0\x02\x4d\x01\x27";
    assert_eq!(decode(Codec::Zlib, zlib), (b"abc".to_vec(), None));
    let wrong = b"\x78\x9c\x4b\x4c\x4a\x06\0\x02\x4d\x01\x28";
    assert_eq!(
        decode(Codec::Zlib, wrong).1.unwrap().kind,
        FlawKind::Malformed
    );
}
