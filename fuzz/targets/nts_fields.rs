//! The fields behind an NTP packet that prove it (RFC 8915 §5). Without the key nothing else is proven than
//! the one answer that is known to be.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::nts_fields;

const GENUINE: &[u8] = include_bytes!("../seeds/nts_fields/genuine");

fuzz_target!(
    init: assert!(nts_fields(GENUINE).is_some(), "a good one is refused"),
    |data: &[u8]| {
        if let Some(proven) = nts_fields(data) {
            assert!(GENUINE.starts_with(proven), "it is forged");
        }
    }
);
