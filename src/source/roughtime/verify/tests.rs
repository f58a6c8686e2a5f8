//! A server that signs, and everything that can be wrong with what it signs.

use super::{Asked, Signed, Wrong, digest, value};
use crate::source::Refusal;
use proptest::prelude::{any, prop, proptest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use roughenough_protocol::response::Response;
use roughenough_protocol::tag::Tag;
use roughenough_protocol::tags::{
    Certificate, Delegation, MerklePath, MerkleRoot, Nonce, ProtocolVersion, PublicKey, Signature,
    SignedResponse, SupportedVersions,
};
use roughenough_protocol::wire::{ToFrame as _, ToWire as _};

const NOW: u64 = 1_795_000_000;
const NONCE: [u8; 32] = [7; 32];
const REQUEST: &[u8] = b"all of the request";

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(pair: &Ed25519KeyPair) -> [u8; 32] {
    pair.public_key().as_ref().try_into().unwrap()
}

fn sign(pair: &Ed25519KeyPair, prefix: &[u8], message: &[u8]) -> Signature {
    let signature = pair.sign(&[prefix, message].concat());
    Signature::from(<[u8; 64]>::try_from(signature.as_ref()).unwrap())
}

/// Makes a server do wrong.
type Plant = fn(&mut Server);

/// How a server answers.
struct Server {
    long_term: Ed25519KeyPair,
    online: Ed25519KeyPair,
    /// Whom it delegates to.
    delegate: Ed25519KeyPair,
    version: ProtocolVersion,
    nonce: [u8; 32],
    request: &'static [u8],
    index: u32,
    from: u64,
    midpoint: u64,
}

impl Server {
    fn honest() -> Self {
        Self {
            long_term: pair(1),
            online: pair(2),
            delegate: pair(2),
            version: ProtocolVersion::RFC,
            nonce: NONCE,
            request: REQUEST,
            index: 1,
            from: NOW - 100,
            midpoint: NOW,
        }
    }

    /// As the second of two requests.
    fn answer(&self) -> Vec<u8> {
        let delegate = PublicKey::from(public(&self.delegate));
        let day = std::time::Duration::from_secs(86_400);
        let delegation = Delegation::new(delegate, self.from, day);
        let dele = delegation.as_bytes().unwrap();
        let signed = sign(&self.long_term, self.version.dele_prefix(), &dele);

        let sibling = [9; 32];
        let mut path = MerklePath::default();
        path.push_element(&sibling);
        let leaf = digest(&[&[0], self.request]);
        let root = digest(&[&[1], &sibling, &leaf]);
        let mut srep = SignedResponse::default();
        srep.set_ver(self.version);
        srep.set_radi(5);
        srep.set_midp(self.midpoint);
        srep.set_vers(&SupportedVersions::new(&[self.version]));
        srep.set_root(&MerkleRoot::from(root));

        let mut response = Response::default();
        let bytes = srep.as_bytes().unwrap();
        response.set_sig(sign(&self.online, self.version.srep_prefix(), &bytes));
        response.set_nonc(Nonce::from(self.nonce));
        response.set_path(path);
        response.set_srep(srep);
        response.set_cert(Certificate::new(signed, delegation));
        response.set_indx(self.index);
        response.as_frame_bytes().unwrap()
    }
}

fn verify(reply: &[u8]) -> Result<Signed, Wrong> {
    let asked = Asked {
        request: REQUEST,
        nonce: Nonce::from(NONCE),
        key: &public(&pair(1)),
    };
    asked.verify(reply)
}

#[test]
fn an_honest_answer_is_believed() {
    let said = Signed {
        midpoint: i64::try_from(NOW).unwrap(),
        radius: 5,
    };
    assert_eq!(verify(&Server::honest().answer()).unwrap(), said);
    let draft = Server {
        version: ProtocolVersion::DRAFT,
        ..Server::honest()
    };
    assert_eq!(verify(&draft.answer()).unwrap(), said);
}

#[test]
fn an_answer_to_somebody_else_is_passed_over() {
    let other = Server {
        nonce: [8; 32],
        ..Server::honest()
    };
    assert!(matches!(verify(&other.answer()), Err(Wrong::NotToThis)));
    let whole = Server::honest().answer();
    for length in 0..whole.len() {
        assert!(
            matches!(verify(&whole[..length]), Err(Wrong::NotToThis)),
            "{length}"
        );
    }
}

#[test]
fn every_link_from_the_key_to_the_time_must_hold() {
    let faults: [(&str, Plant); 8] = [
        ("delegation", |server| server.long_term = pair(3)),
        ("delegated to", |server| server.online = pair(3)),
        ("delegated to", |server| server.delegate = pair(3)),
        ("cover the request", |server| server.request = b"another"),
        ("cover the request", |server| server.index = 0),
        ("cover the request", |server| server.index = 3),
        ("delegated for", |server| server.from = NOW + 1),
        ("delegated for", |server| server.from = NOW - 86_401),
    ];
    for (at, (why, plant)) in faults.into_iter().enumerate() {
        let mut server = Server::honest();
        plant(&mut server);
        let Err(Wrong::Refused(Refusal::Forged(said))) = verify(&server.answer()) else {
            panic!("{at} {why}");
        };
        assert!(said.contains(why), "{at}: {said}");
    }
    let beyond = Server {
        from: u64::MAX - 5,
        midpoint: u64::MAX - 1,
        ..Server::honest()
    };
    let beyond = verify(&beyond.answer());
    assert!(
        matches!(beyond, Err(Wrong::Refused(Refusal::Malformed(_)))),
        "{beyond:?}"
    );
}

#[test]
fn no_byte_that_matters_can_be_changed() {
    let whole = Server::honest().answer();
    let message = &whole[12..];
    let range = |part: &[u8]| {
        let from = whole
            .windows(part.len())
            .position(|window| window == part)
            .unwrap();
        from..from + part.len()
    };
    for tag in [Tag::SIG, Tag::PATH, Tag::SREP, Tag::CERT, Tag::INDX] {
        for at in range(value(message, tag).unwrap()) {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            assert!(verify(&changed).is_err(), "{tag:?} {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_none(
        bytes in prop::collection::vec(any::<u8>(), 0..600), at in 0..600_usize, to in any::<u8>(),
    ) {
        assert!(verify(&bytes).is_err());
        let mut framed = b"ROUGHTIM".to_vec();
        framed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        framed.extend(&bytes);
        assert!(verify(&framed).is_err());
        let mut changed = Server::honest().answer();
        if let Some(byte) = changed.get_mut(at) {
            *byte = to;
        }
        let _any = verify(&changed).is_ok();
    }
}
