//! What a server answers that establishes keys for NTS (RFC 8915 §4).

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::nts_records;

fuzz_target!(
    init: assert!(nts_records(include_bytes!("../seeds/nts_records/chronyd")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = nts_records(data);
    }
);
