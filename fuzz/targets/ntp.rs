//! What an NTP packet says of the time, and the checks on it (RFC 5905).

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::ntp;

fuzz_target!(
    init: assert!(ntp(include_bytes!("../seeds/ntp/chronyd")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = ntp(data);
    }
);
