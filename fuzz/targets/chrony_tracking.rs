//! The line of `chronyc -c tracking`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::chrony;

fuzz_target!(
    init: assert!(chrony(include_bytes!("../seeds/chrony_tracking/following")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = chrony(data);
    }
);
