//! A time-stamp request: `TimeStampReq` of RFC 3161 §2.4.1.

use super::asn1::element;
use crate::source::Refusal;
use crate::source::random::random;
use der::{Encode as _, Tag};
use ring::digest;

/// `version` 1.
const VERSION: [u8; 3] = [2, 1, 1];

/// The `hashAlgorithm` of the `messageImprint`: SHA-256, with NULL for parameters.
const SHA_256: [u8; 15] = [0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];

/// `certReq`: the signer's certificate shall be in the answer, so that it can be verified alone.
const WITH_CERTIFICATE: [u8; 3] = [1, 1, 0xFF];

/// What is asked, and what the answer must hold of it.
pub(super) struct Request {
    /// The data whose digest shall be stamped: random, so that no stamp of it can be older than it.
    pub(super) challenge: Vec<u8>,
    /// The content of the INTEGER that must come back.
    pub(super) nonce: Vec<u8>,
    pub(super) der: Vec<u8>,
}

impl Request {
    /// One that nobody has ever asked.
    pub(super) fn new() -> Result<Self, Refusal> {
        Self::of(random()?, u64::from_be_bytes(random()?))
    }

    fn of(challenge: [u8; 32], nonce: u64) -> Result<Self, Refusal> {
        let digest = digest::digest(&digest::SHA256, &challenge);
        let hashed = element(Tag::OctetString, digest.as_ref())?;
        let imprint = element(Tag::Sequence, &[&SHA_256[..], &hashed].concat())?;
        let nonce = nonce
            .to_der()
            .map_err(|error| Refusal::Unavailable(error.to_string()))?;
        let fields = [&VERSION[..], &imprint, &nonce, &WITH_CERTIFICATE].concat();
        Ok(Self {
            challenge: challenge.to_vec(),
            nonce: nonce.get(2..).unwrap_or_default().to_vec(),
            der: element(Tag::Sequence, &fields)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_request_is_what_the_standard_says() {
        let request = Request::of([0; 32], 0x80).unwrap();
        // SHA-256 of 32 zero bytes (`head -c32 /dev/zero | sha256sum`).
        let digest = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        let hex: String = request
            .der
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let imprint = format!("3031300d060960864801650304020105000420{digest}");
        assert_eq!(hex, format!("303d020101{imprint}020200800101ff"));
        assert_eq!(request.nonce, [0, 0x80]);
    }

    #[test]
    fn no_request_is_like_another() {
        let (one, other) = (Request::new().unwrap(), Request::new().unwrap());
        assert!(one.challenge != other.challenge && one.nonce != other.nonce);
        assert_eq!(one.challenge.len(), 32);
    }
}
