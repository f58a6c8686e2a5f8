//! A time as it is written in bytes: read, written anew, and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::format::fuzzing::form;

fuzz_target!(
    init: assert!(form(b"\x07946684800 ").is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = form(data);
    }
);
