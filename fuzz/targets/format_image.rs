//! An image of a file system, or one to boot.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/squashfs/gzip.squashfs")[..],
            include_bytes!("../../fixtures/formats/ext/superblock.ext4"),
            include_bytes!("../../fixtures/formats/uboot/late.uimage"),
            include_bytes!("../../fixtures/formats/uboot/late.itb"),
            include_bytes!("../../fixtures/formats/iso/rockridge.iso.gz"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
