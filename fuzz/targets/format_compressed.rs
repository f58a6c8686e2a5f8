//! One file, compressed, and what lies in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/gzip/members.gz")[..],
            include_bytes!("../../fixtures/formats/tar/pair.tar.xz"),
            include_bytes!("../../fixtures/formats/tar/pair.tar.zst"),
            include_bytes!("../../fixtures/formats/tar/pair.tar.bz2"),
            include_bytes!("../../fixtures/formats/tar/pair.tar.lz4"),
            include_bytes!("../../fixtures/formats/tar/pair.tar.lzma"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
