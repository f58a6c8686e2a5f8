//! The head of an HTTP response, and its Date (RFC 9112, RFC 9110).

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::http_head;

fuzz_target!(
    init: assert!(http_head(include_bytes!("../seeds/http_head/nginx")).is_some(), "a good one is refused"),
    |data: &[u8]| {
        let _any = http_head(data);
    }
);
