//! A picture or a document: what is told from text, from JSON and from XML, too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::file;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/formats/png/texts.png")[..],
            include_bytes!("../../fixtures/formats/pdf/dated.pdf"),
            include_bytes!("../../fixtures/formats/sbom/hello.cdx.xml"),
            include_bytes!("../../fixtures/formats/attestation/slsa-v1.dsse.json"),
            include_bytes!("../../fixtures/formats/oci/layout/index.json"),
            include_bytes!("../../fixtures/formats/deb/hello_1.0-1_all.buildinfo"),
        ] {
            assert!(file(good).stamps > 0, "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = file(data);
    }
);
