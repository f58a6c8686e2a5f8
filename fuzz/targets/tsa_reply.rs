//! A time-stamp reply: its status, and where its token is (RFC 3161 §2.4.2).

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use skewgate::source::fuzzing::tsa_reply;

fuzz_target!(
    init: assert!(tsa_reply(include_bytes!("../seeds/tsa_reply/openssl")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = tsa_reply(data);
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    skewgate_fuzz::mutate(data, size, max_size, seed)
});
