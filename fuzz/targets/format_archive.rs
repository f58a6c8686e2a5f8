//! An archive, and what lies in it: zip, tar, ar, cpio, cab.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/zip/extras.zip")[..],
            include_bytes!("../../fixtures/formats/tar/pax.tar"),
            include_bytes!("../../fixtures/formats/ar/libhello.a"),
            include_bytes!("../../fixtures/formats/cpio/newc.cpio"),
            include_bytes!("../../fixtures/formats/cab/hello.cab"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
