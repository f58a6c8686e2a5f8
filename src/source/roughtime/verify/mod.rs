//! Whether an answer is to this request, and signed by who was asked (RFC 10049 §5.4).

use super::VERSIONS;
use crate::source::Refusal;
use ring::signature::{ED25519, UnparsedPublicKey};
use roughenough_protocol::cursor::ParseCursor;
use roughenough_protocol::header::RawHeader;
use roughenough_protocol::response::Response;
use roughenough_protocol::tag::Tag;
use roughenough_protocol::tags::Nonce;
use roughenough_protocol::wire::{FRAME_OVERHEAD, FromFrame as _};

/// What was asked, and of whom.
pub(in crate::source) struct Asked<'asked> {
    /// All of the packet.
    pub(in crate::source) request: &'asked [u8],
    pub(in crate::source) nonce: Nonce,
    /// The server's long-term key.
    pub(in crate::source) key: &'asked [u8; 32],
}

/// What the server put its name to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Signed {
    /// Seconds since 1970.
    pub(in crate::source) midpoint: i64,
    /// Seconds.
    pub(in crate::source) radius: u32,
}

/// What is wrong with an answer.
#[derive(Debug)]
pub(in crate::source) enum Wrong {
    /// It is not to this request: anybody can have sent it.
    NotToThis,
    /// It is, and cannot be relied on.
    Refused(Refusal),
}

/// The first half of SHA-512 (RFC 10049 §5.3).
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA512);
    for part in parts {
        context.update(part);
    }
    let mut half = [0; 32];
    for (to, from) in half.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    half
}

impl Asked<'_> {
    /// What an answer says, once everything in it is found to be as it should.
    pub(in crate::source) fn verify(&self, reply: &[u8]) -> Result<Signed, Wrong> {
        let mut bytes = reply.to_vec();
        let response = Response::from_frame(&mut ParseCursor::new(&mut bytes));
        let response = response.map_err(|_unreadable| Wrong::NotToThis)?;
        if *response.nonc() != self.nonce {
            return Err(Wrong::NotToThis);
        }
        let (srep, dele) = signed_parts(reply).ok_or(Wrong::NotToThis)?;
        let refused = |why: &str| Wrong::Refused(Refusal::Forged(why.to_owned()));

        let version = response.srep().ver();
        if !VERSIONS.contains(version) || !response.srep().vers().versions().contains(version) {
            return Err(refused("it is in a version that was not offered"));
        }
        let delegation = response.cert().dele();
        signed_by(
            self.key,
            &[version.dele_prefix(), dele],
            response.cert().sig().as_ref(),
        )
        .ok_or(refused(
            "its delegation is not signed by the key it was asked by",
        ))?;
        signed_by(
            delegation.pubk().as_ref(),
            &[version.srep_prefix(), srep],
            response.sig().as_ref(),
        )
        .ok_or(refused(
            "its time is not signed by the key it was delegated to",
        ))?;
        let root = response.srep().root();
        if self
            .root(&response)
            .is_none_or(|node| node.as_slice() != root.as_ref())
        {
            return Err(refused("its signature does not cover the request"));
        }
        let midpoint = response.srep().midp();
        if !(delegation.mint()..=delegation.maxt()).contains(&midpoint) {
            return Err(refused(
                "its time is not in the span its key was delegated for",
            ));
        }
        let too_late = |_beyond| Refusal::Malformed(format!("its time is second {midpoint}"));
        Ok(Signed {
            midpoint: i64::try_from(midpoint).map_err(|beyond| Wrong::Refused(too_late(beyond)))?,
            radius: response.srep().radi(),
        })
    }

    /// The root of the tree of requests that this one is a leaf of (§5.3).
    fn root(&self, response: &Response) -> Option<[u8; 32]> {
        let mut node = digest(&[&[0], self.request]);
        let mut index = response.indx();
        for sibling in response.path().elements() {
            node = if index & 1 == 0 {
                digest(&[&[1], &node, sibling])
            } else {
                digest(&[&[1], sibling, &node])
            };
            index >>= 1;
        }
        // A leaf farther right than the path is deep is in no tree.
        (index == 0).then_some(node)
    }
}

fn signed_by(key: &[u8], message: &[&[u8]], signature: &[u8]) -> Option<()> {
    let key = UnparsedPublicKey::new(&ED25519, key);
    key.verify(&message.concat(), signature).ok()
}

/// The SREP and the DELE of an answer as they came: what is signed is their bytes, with whatever tags a
/// later version adds to them.
fn signed_parts(reply: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = reply.get(8..FRAME_OVERHEAD)?.try_into().ok()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    let message = reply.get(FRAME_OVERHEAD..)?.get(..length)?;
    let srep = value(message, Tag::SREP)?;
    let dele = value(value(message, Tag::CERT)?, Tag::DELE)?;
    Some((srep, dele))
}

fn value(message: &[u8], tag: Tag) -> Option<&[u8]> {
    let (header, mut at) = RawHeader::parse(message).ok()?;
    for (other, length) in header.entries() {
        let value = message.get(at..)?.get(..length)?;
        if other == tag as u32 {
            return Some(value);
        }
        at += length;
    }
    None
}

#[cfg(test)]
mod tests;
