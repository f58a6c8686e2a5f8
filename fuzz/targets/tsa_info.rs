//! What a time-stamp token says (`TSTInfo`, RFC 3161 §2.4.2).

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use skewgate::source::fuzzing::tsa_info;

fuzz_target!(
    init: assert!(tsa_info(include_bytes!("../seeds/tsa_info/openssl-p256")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = tsa_info(data);
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    skewgate_fuzz::mutate(data, size, max_size, seed)
});
