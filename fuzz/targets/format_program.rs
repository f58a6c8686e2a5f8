//! A program, or a library.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/pe/signed.exe")[..],
            include_bytes!("../../fixtures/formats/macho/libfat.dylib"),
            include_bytes!("../../fixtures/formats/pyc/late.pyc"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
