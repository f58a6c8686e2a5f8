//! The certificate of a server, which is read before anything is known of it, and that of a time-stamp
//! authority. Without its authority's key nobody else may stamp than the one who is known to.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use skewgate::source::{Authorities, fuzzing};
use skewgate::time::Timestamp;
use std::path::Path;
use std::sync::LazyLock;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/tsa/root.pem");
const SIGNERS: [&[u8]; 2] = [
    include_bytes!("../seeds/certificate/openssl-p256"),
    include_bytes!("../seeds/certificate/openssl-rsa"),
];

/// 2026-11-23T08:57:35Z, in their validity.
const AT: Timestamp = Timestamp::from_unix(1_795_424_255, 0);

static AUTHORITIES: LazyLock<Authorities> =
    LazyLock::new(|| Authorities::with_file(Path::new(ROOT)).expect("a root"));

fn may_stamp(der: &[u8]) -> bool {
    let read = fuzzing::certificate(der, AT, &AUTHORITIES);
    read.is_some_and(|(_, _, may_stamp)| may_stamp)
}

fuzz_target!(
    init: assert!(SIGNERS.into_iter().all(may_stamp), "a good one is refused"),
    |data: &[u8]| {
        assert!(!may_stamp(data) || SIGNERS.contains(&data), "it is forged");
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    skewgate_fuzz::mutate(data, size, max_size, seed)
});
