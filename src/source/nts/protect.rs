//! The fields behind a packet that prove it (RFC 8915 §5, in the form of RFC 7822).

use crate::source::Refusal;
use crate::source::ntp::Envelope;
use crate::source::ntp::packet::{LENGTH, Packet};
use crate::source::random::random;
use aes_siv::KeyInit as _;
use aes_siv::siv::Aes128Siv;

/// The length of a key of `AEAD_AES_SIV_CMAC_256` (RFC 5297).
pub(in crate::source) const KEY: usize = 32;

/// What a server says that cannot read a cookie (RFC 8915 §5.7).
pub(super) const UNKNOWN_COOKIE: &str = "NTSN";

/// The length of a nonce, and of a unique identifier.
const NONCE: usize = 16;
const UNIQUE: usize = 32;

/// The types of fields (RFC 8915 §7.5).
const UNIQUE_IDENTIFIER: u16 = 0x0104;
const COOKIE: u16 = 0x0204;
const AUTHENTICATOR: u16 = 0x0404;

/// The keys of both directions.
#[derive(Debug)]
pub(in crate::source) struct Keys {
    to_server: Aes128Siv,
    from_server: Aes128Siv,
}

impl Keys {
    pub(in crate::source) fn new(to_server: [u8; KEY], from_server: [u8; KEY]) -> Self {
        Self {
            to_server: Aes128Siv::new(&to_server.into()),
            from_server: Aes128Siv::new(&from_server.into()),
        }
    }
}

/// What proves a request to the server, and its answer to us.
#[derive(Debug)]
pub(in crate::source) struct Protection {
    keys: Keys,
    cookies: Vec<Vec<u8>>,
    /// That of the last request.
    unique: [u8; UNIQUE],
    /// What is known of answers that were dropped.
    dropped: Option<Refusal>,
}

impl Protection {
    /// With keys that were established, and at least one cookie for them.
    pub(in crate::source) fn new(keys: Keys, cookies: Vec<Vec<u8>>) -> Self {
        Self {
            keys,
            cookies,
            unique: [0; UNIQUE],
            dropped: None,
        }
    }

    /// A cookie that was not shown before, as long as there is one: who sees one twice knows that it is the
    /// same client.
    fn cookie(&mut self) -> Result<Vec<u8>, Refusal> {
        let cookie = match self.cookies.as_slice() {
            [last] => Some(last.clone()),
            _ => self.cookies.pop(),
        };
        cookie.ok_or_else(|| Refusal::Useless("it gave no cookie".to_owned()))
    }
}

impl Envelope for Protection {
    fn seal(&mut self, request: &[u8; LENGTH]) -> Result<Vec<u8>, Refusal> {
        self.unique = random()?;
        self.dropped = None;
        let nonce: [u8; NONCE] = random()?;
        let mut datagram = request.to_vec();
        write_field(&mut datagram, UNIQUE_IDENTIFIER, &self.unique);
        write_field(&mut datagram, COOKIE, &self.cookie()?);
        let sealed = self
            .keys
            .to_server
            .encrypt([datagram.as_slice(), &nonce], &[]);
        let sealed = sealed
            .map_err(|_never| Refusal::Unavailable("no encryption of a request".to_owned()))?;
        write_field(
            &mut datagram,
            AUTHENTICATOR,
            &authenticator(&nonce, &sealed),
        );
        Ok(datagram)
    }

    /// What is not proven is dropped, and waiting goes on: who can see requests but not stop answers must
    /// not be able to keep the true one out.
    fn is_genuine(&mut self, datagram: &[u8]) -> bool {
        let fields = open_fields(datagram).filter(|fields| fields.unique == self.unique);
        let Some(fields) = fields else {
            return false;
        };
        let Some(proof) = fields.proof else {
            let is_kiss = Packet::parse(datagram).is_some_and(|packet| {
                packet.stratum == 0 && packet.reference_id == *UNKNOWN_COOKIE.as_bytes()
            });
            self.dropped = Some(match is_kiss {
                true => Refusal::Kiss {
                    code: UNKNOWN_COOKIE.to_owned(),
                },
                false => Refusal::Forged("it carries no proof".to_owned()),
            });
            return false;
        };
        // What is inside, new cookies, is of no use: the next question is asked with new keys.
        let opened = self
            .keys
            .from_server
            .decrypt([proof.covered, proof.nonce], proof.ciphertext);
        if opened.is_err() {
            self.dropped = Some(Refusal::Forged(
                "it was changed on the way, or made without the keys".to_owned(),
            ));
        }
        opened.is_ok()
    }

    fn complaint(&self) -> Option<Refusal> {
        self.dropped.clone()
    }
}

/// Adds a field, filled up with zeros to a multiple of four bytes.
fn write_field(datagram: &mut Vec<u8>, kind: u16, body: &[u8]) {
    let padded = body.len().next_multiple_of(4);
    let length = u16::try_from(4 + padded).unwrap_or(u16::MAX);
    datagram.extend(kind.to_be_bytes());
    datagram.extend(length.to_be_bytes());
    datagram.extend(body);
    datagram.resize(datagram.len() + padded - body.len(), 0);
}

/// The body of the field that authenticates what is before it. The nonce is as long as the AEAD wants, so
/// that no more padding is asked for (RFC 8915 §5.6).
fn authenticator(nonce: &[u8; NONCE], sealed: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut body = [length(nonce), length(sealed)].concat();
    body.extend(nonce);
    body.extend(sealed);
    body
}

/// The fields of a datagram that matter.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) struct Fields<'datagram> {
    pub(in crate::source) unique: &'datagram [u8],
    pub(in crate::source) proof: Option<Proof<'datagram>>,
}

/// What an authenticator holds, and what it speaks for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) struct Proof<'datagram> {
    /// All before the authenticator.
    pub(in crate::source) covered: &'datagram [u8],
    pub(in crate::source) nonce: &'datagram [u8],
    pub(in crate::source) ciphertext: &'datagram [u8],
}

/// Finds the fields up to the one that authenticates; what follows it is nobody's word, and not looked at.
/// `None` when the fields are malformed, or none or more than one identifies the request.
pub(in crate::source) fn open_fields(datagram: &[u8]) -> Option<Fields<'_>> {
    let mut at = LENGTH;
    let mut unique = None;
    loop {
        let rest = datagram.get(at..)?;
        if rest.is_empty() {
            return unique.map(|unique| Fields {
                unique,
                proof: None,
            });
        }
        let (&[k0, k1, l0, l1], _body) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if length % 4 != 0 {
            return None;
        }
        let body = rest.get(4..length)?;
        match u16::from_be_bytes([k0, k1]) {
            UNIQUE_IDENTIFIER if unique.replace(body).is_some() => return None,
            AUTHENTICATOR => {
                let (nonce, ciphertext) = split_authenticator(body)?;
                let proof = Some(Proof {
                    covered: datagram.get(..at)?,
                    nonce,
                    ciphertext,
                });
                return unique.map(|unique| Fields { unique, proof });
            }
            _ => {}
        }
        at += length;
    }
}

/// The nonce and the ciphertext, each filled up to a multiple of four bytes.
fn split_authenticator(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[n0, n1, c0, c1], rest) = body.split_first_chunk()?;
    let nonce_length = usize::from(u16::from_be_bytes([n0, n1]));
    let length = usize::from(u16::from_be_bytes([c0, c1]));
    let nonce = rest.get(..nonce_length).filter(|nonce| !nonce.is_empty())?;
    let rest = rest.get(nonce_length.next_multiple_of(4)..)?;
    Some((nonce, rest.get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::{
        AUTHENTICATOR, COOKIE, Envelope as _, KEY, Keys, LENGTH, Protection, UNIQUE_IDENTIFIER,
        authenticator, open_fields, write_field,
    };
    use crate::source::Refusal;
    use proptest::prelude::{any, proptest};

    /// A client that has asked, and its request.
    fn asked() -> (Protection, Vec<u8>) {
        let keys = Keys::new([1; KEY], [2; KEY]);
        let mut client = Protection::new(keys, vec![b"first".to_vec(), b"second".to_vec()]);
        let request = client.seal(&[7; LENGTH]).unwrap();
        (client, request)
    }

    /// What an honest server would answer.
    fn answer(client: &Protection) -> Vec<u8> {
        let mut answer = vec![0; LENGTH];
        write_field(&mut answer, UNIQUE_IDENTIFIER, &client.unique);
        write_field(&mut answer, 0x7777, b"unknown");
        let mut keys = Keys::new([1; KEY], [2; KEY]);
        let nonce = [3; 16];
        let sealed = keys
            .from_server
            .encrypt([answer.as_slice(), &nonce], b"a new cookie...");
        let body = authenticator(&nonce, &sealed.unwrap());
        write_field(&mut answer, AUTHENTICATOR, &body);
        answer
    }

    /// Fields as they come, behind an empty packet.
    fn fields(fields: &[(u16, &[u8])]) -> Vec<u8> {
        let mut datagram = vec![0; LENGTH];
        for (kind, body) in fields {
            write_field(&mut datagram, *kind, body);
        }
        datagram
    }

    #[test]
    fn a_request_proves_itself_and_shows_each_cookie_once() {
        let (mut client, first) = asked();
        let second = client.seal(&[7; LENGTH]).unwrap();
        let third = client.seal(&[7; LENGTH]).unwrap();
        // Identifier, then cookie, then proof; all padded.
        assert_eq!(first[..LENGTH], [7; LENGTH]);
        assert_eq!(first[48..52], [1, 4, 0, 36]);
        assert_eq!(first[84..88], [2, 4, 0, 12]);
        let shown = [&first, &second, &third].map(|request| request[88..93].to_vec());
        assert_eq!(
            shown,
            [b"secon".to_vec(), b"first".to_vec(), b"first".to_vec()]
        );
        assert_eq!(second[84..88], [2, 4, 0, 12]);
        assert_eq!(first[96..100], [4, 4, 0, 40]);
        assert_eq!(first.len(), 136);
        assert_ne!(first[52..84], second[52..84], "an identifier is used once");
        let proof = open_fields(&first).unwrap().proof.unwrap();
        let mut keys = Keys::new([1; KEY], [2; KEY]);
        let opened = keys
            .to_server
            .decrypt([proof.covered, proof.nonce], proof.ciphertext);
        assert_eq!(opened.unwrap(), b"");
        assert_eq!(proof.covered.len(), 96);
    }

    #[test]
    fn an_answer_with_the_proof_is_genuine_and_nothing_behind_it_counts() {
        let (mut client, _) = asked();
        let answer = answer(&client);
        assert!(client.is_genuine(&answer));
        assert!(client.is_genuine(&[answer.as_slice(), b"whatever"].concat()));
        assert_eq!(client.complaint(), None);
    }

    #[test]
    fn a_bit_flipped_anywhere_is_noticed() {
        let (mut client, _) = asked();
        let answer = answer(&client);
        // The padding at the very end is nobody's.
        for bit in 0..(answer.len() - 1) * 8 {
            let mut flipped = answer.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!client.is_genuine(&flipped), "bit {bit}");
        }
        assert!(matches!(client.complaint(), Some(Refusal::Forged(_))));
    }

    #[test]
    fn a_request_is_not_its_own_answer() {
        let (mut client, request) = asked();
        assert!(!client.is_genuine(&request));
    }

    #[test]
    fn an_answer_to_another_request_is_dropped_without_a_word() {
        let (mut client, _) = asked();
        let old = answer(&client);
        client.seal(&[7; LENGTH]).unwrap();
        assert!(!client.is_genuine(&old));
        assert_eq!(client.complaint(), None);
    }

    #[test]
    fn a_kiss_is_only_remembered() {
        let (mut client, _) = asked();
        let mut kiss = fields(&[(UNIQUE_IDENTIFIER, &client.unique)]);
        assert!(!client.is_genuine(&kiss));
        assert!(matches!(client.complaint(), Some(Refusal::Forged(_))));
        kiss[12..16].copy_from_slice(b"NTSN");
        assert!(!client.is_genuine(&kiss));
        let code = "NTSN".to_owned();
        assert_eq!(client.complaint(), Some(Refusal::Kiss { code }));
        assert!(client.is_genuine(&answer(&client)));
        // Of another request it is not even that.
        client.seal(&[7; LENGTH]).unwrap();
        assert!(!client.is_genuine(&kiss));
        assert_eq!(client.complaint(), None);
    }

    #[test]
    fn malformed_fields_are_none() {
        let unique: (u16, &[u8]) = (UNIQUE_IDENTIFIER, &[9; 32]);
        let good = fields(&[unique, (COOKIE, b"what a server does not send")]);
        assert!(open_fields(&good).is_some_and(|fields| fields.proof.is_none()));
        let mut odd = good.clone();
        odd[51] = 35;
        let mut empty = good.clone();
        empty[51] = 0;
        let mut beyond = good.clone();
        beyond[86..88].copy_from_slice(&[0xff, 0xfc]);
        let proof = |body: &[u8]| fields(&[unique, (AUTHENTICATOR, body)]);
        for bad in [
            Vec::new(),
            vec![0; 47],
            vec![0; LENGTH],
            good[..LENGTH + 3].to_vec(),
            good[..good.len() - 4].to_vec(),
            odd,
            empty,
            beyond,
            fields(&[unique, unique]),
            fields(&[(AUTHENTICATOR, &authenticator(&[3; 16], &[4; 16])), unique]),
            proof(&[]),
            proof(&[0, 0, 0, 4, 1, 2, 3, 4]),
            proof(&[0, 16, 0, 16, 1, 2, 3, 4]),
            proof(&[0, 4, 0, 16, 1, 2, 3, 4]),
            proof(&[0xff; 40]),
        ] {
            assert_eq!(open_fields(&bad), None, "{bad:?}");
        }
        // A nonce of another length than ours, with its padding.
        let odd = proof(&[0, 1, 0, 2, 5, 0, 0, 0, 6, 7, 0, 0]);
        let proof = open_fields(&odd).unwrap().proof.unwrap();
        assert_eq!(
            (proof.nonce, proof.ciphertext),
            ([5].as_slice(), [6, 7].as_slice())
        );
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(behind in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (mut client, _) = asked();
            let identified = fields(&[(UNIQUE_IDENTIFIER, &client.unique)]);
            for before in [Vec::new(), vec![0; LENGTH], identified] {
                assert!(!client.is_genuine(&[before, behind.clone()].concat()));
            }
        }
    }
}
