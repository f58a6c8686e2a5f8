//! What comes out of a decompressor: the same, however it is read, and no more than is asked for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::bytes::{Codec, Flaw, Limits, decoder};
use std::io::{ErrorKind, Read as _};

const CODECS: [(Codec, &[u8]); 6] = [
    (
        Codec::Gzip,
        include_bytes!("../../fixtures/formats/gzip/members.gz"),
    ),
    (
        Codec::Xz,
        include_bytes!("../../fixtures/formats/tar/pair.tar.xz"),
    ),
    (
        Codec::Lzma,
        include_bytes!("../../fixtures/formats/tar/pair.tar.lzma"),
    ),
    (
        Codec::Zstd,
        include_bytes!("../../fixtures/formats/tar/pair.tar.zst"),
    ),
    (
        Codec::Bzip2,
        include_bytes!("../../fixtures/formats/tar/pair.tar.bz2"),
    ),
    (
        Codec::Lz4,
        include_bytes!("../../fixtures/formats/tar/pair.tar.lz4"),
    ),
];

/// More than that is not read of what may have no end.
const MOST: usize = 1 << 18;

/// What comes out, so many bytes at a time, and whether it comes to an end.
fn all(codec: Codec, data: &[u8], chunk: usize) -> (Vec<u8>, bool) {
    let Ok(mut decoder) = decoder(codec, data, &Limits::DEFAULT) else {
        return (Vec::new(), false);
    };
    let (mut out, mut buffer) = (Vec::new(), vec![0; chunk]);
    while out.len() < MOST {
        match decoder.read(&mut buffer) {
            Ok(0) => return (out, true),
            Ok(read) => out.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                assert!(Flaw::from(error).message.len() < 500);
                break;
            }
        }
    }
    out.truncate(MOST);
    (out, false)
}

fuzz_target!(
    init: {
        for (codec, good) in CODECS {
            assert!(all(codec, good, 4096).1, "a good one is refused: {codec:?}");
        }
    },
    |data: &[u8]| {
        // What is told by its first bytes is read as that, and anything as what has no such bytes.
        let known = CODECS.iter().find(|(_, good)| data.get(..2) == good.get(..2));
        let codec = known.map_or(Codec::Deflate, |(codec, _)| *codec);
        for codec in [codec, Codec::Zlib] {
            let (whole, parts) = (all(codec, data, 4096), all(codec, data, 61));
            assert_eq!(whole.1, parts.1, "{codec:?} ends or not, as it is read");
            // Of a damaged chunk liblzma may give more or less of what is wrong, and so libbz2 of a damaged block.
            let is_loose = matches!(codec, Codec::Xz | Codec::Bzip2) && !whole.1;
            let begins = whole.0.starts_with(&parts.0) || parts.0.starts_with(&whole.0);
            assert!(whole.0 == parts.0 || is_loose && begins, "{codec:?} depends on how it is read");
        }
    }
);
