//! A Roughtime response (RFC 10049). Without the keys nothing else is signed than the time that is known to
//! be.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::source::fuzzing::roughtime;
use skewgate::time::Interval;
use std::sync::LazyLock;

static SIGNED: LazyLock<Interval> = LazyLock::new(|| {
    let signed = roughtime(include_bytes!("../seeds/roughtime/honest"));
    signed.expect("a good one is refused")
});

fuzz_target!(
    init: LazyLock::force(&SIGNED),
    |data: &[u8]| {
        if let Some(time) = roughtime(data) {
            assert_eq!(time, *SIGNED, "it is forged");
        }
    }
);
