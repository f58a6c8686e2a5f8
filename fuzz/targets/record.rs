//! A file that may be a record of when a build ran: JSON in its envelopes, or Debian's fields.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::record::fuzzing::record;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../../fixtures/records/slsa-v1/bundle.sigstore.json")[..],
            include_bytes!("../../fixtures/records/buildinfo/signed.buildinfo"),
            include_bytes!("../../fixtures/records/github-run/completed.json"),
        ] {
            assert!(record(good).is_some(), "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = record(data);
    }
);
