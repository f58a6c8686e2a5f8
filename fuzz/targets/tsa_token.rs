//! A time-stamp token, to the signature (RFC 3161, RFC 5652). Without the authority's keys nothing else
//! verifies than what the tokens in `fixtures/tsa` say.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use skewgate::source::{Authorities, Stamped, Token, verify_token};
use std::path::Path;
use std::sync::LazyLock;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/tsa/root.pem");
const CHALLENGE: &[u8] = include_bytes!("../../fixtures/tsa/challenge.bin");
const GOOD: [&[u8]; 5] = [
    include_bytes!("../../fixtures/tsa/p256.der"),
    include_bytes!("../../fixtures/tsa/p384.der"),
    include_bytes!("../../fixtures/tsa/rsa.der"),
    include_bytes!("../../fixtures/tsa/ess512.der"),
    include_bytes!("../../fixtures/tsa/key-identifier.der"),
];

static AUTHORITIES: LazyLock<Authorities> =
    LazyLock::new(|| Authorities::with_file(Path::new(ROOT)).expect("a root"));

static STAMPED: LazyLock<[Stamped; 5]> =
    LazyLock::new(|| GOOD.map(|der| verified(der).expect("a good one is refused")));

fn verified(der: &[u8]) -> Option<Stamped> {
    let token = Token {
        challenge: CHALLENGE.to_vec(),
        der: der.to_vec(),
    };
    let verified = verify_token(&token, &AUTHORITIES);
    if let Err(refusal) = &verified {
        assert!(refusal.to_string().len() < 1500, "{refusal}");
    }
    verified.ok()
}

fuzz_target!(
    init: LazyLock::force(&STAMPED),
    |data: &[u8]| {
        if let Some(stamped) = verified(data) {
            assert!(STAMPED.contains(&stamped), "it is forged: {stamped:?}");
        }
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    skewgate_fuzz::mutate(data, size, max_size, seed)
});
