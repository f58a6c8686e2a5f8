//! A package, an image of a container or a package manager's own file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/rpm/hello-1.0-1.noarch.rpm")[..],
            include_bytes!("../../fixtures/formats/deb/hello_1.0-1_all.deb"),
            include_bytes!("../../fixtures/formats/conda/hello-1.0-0.conda"),
            include_bytes!("../../fixtures/formats/gem/hello-1.0.gem"),
            include_bytes!("../../fixtures/formats/msi/hello.msi"),
            include_bytes!("../../fixtures/formats/oci/layout.tar"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
