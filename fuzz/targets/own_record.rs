//! A record of skewgate's own, as anybody may have changed it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skewgate::record::fuzzing::own_record;

fuzz_target!(
    init: {
        for good in [
            &include_bytes!("../seeds/own_record/whole.json")[..],
            include_bytes!("../seeds/own_record/steps.json"),
        ] {
            assert!(own_record(good).is_some(), "a good one is refused");
        }
    },
    |data: &[u8]| {
        let _any = own_record(data);
    }
);
