//! When `OpenPGP` signatures say they were made (RFC 9580 §5.2), in packets or in armor around them (§6).

use crate::bytes::{array, be16, be32};
use crate::format::{Field, Form, Stamp, Visit};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub(in crate::format) static SIGNATURE: Field = Field::event(
    "openpgp.signature",
    "when an OpenPGP signature was made, 32 bits, seconds since 1970 UTC, by the clock of the signer (RFC 9580 §5.2.3.11); \
it is itself signed",
);

/// As many signatures as are looked at: real files have one to three.
const MOST: usize = 64;

/// The tag of a signature packet.
const TAG: u8 = 2;

/// The type of a subpacket that says when its signature was made.
const CREATION: u8 = 2;

/// Tells when the signatures in a run of packets were made.
pub(in crate::format) fn tell(visit: &mut Visit<'_>, packets: &[u8]) {
    for raw in signature_times(packets) {
        let value = Form::Unix32Be.decode(&raw);
        visit.stamp(&Stamp::fixed(&SIGNATURE, &raw, value));
    }
}

/// When the signatures in a run of packets were made: seconds since 1970, big-endian, one each that says so.
fn signature_times(packets: &[u8]) -> Vec<[u8; 4]> {
    let (mut rest, mut times) = (packets, Vec::new());
    for _ in 0..MOST {
        let Some((tag, body, after)) = packet(rest) else {
            break;
        };
        if tag == TAG {
            times.extend(signature_time(body));
        }
        rest = after;
    }
    times
}

/// The tag and the body of the first packet, and what follows it (RFC 9580 §4.2). A body of parts, which no
/// signature has, ends the run.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (tag, length, from) = match first {
        0xc0.. => {
            let (length, from) = length(rest, 224)?;
            (first & 0x3f, length, from)
        }
        // The legacy form: how long the length is, in the last two bits.
        0x80.. => {
            let tag = (first >> 2) & 0x0f;
            match first & 3 {
                0 => (tag, usize::from(*rest.first()?), 1),
                1 => (tag, usize::from(be16(rest, 0)?), 2),
                2 => (tag, usize::try_from(be32(rest, 0)?).ok()?, 4),
                _ => (tag, rest.len(), 0),
            }
        }
        _ => return None,
    };
    let body = rest.get(from..)?;
    let (body, after) = body.split_at_checked(length)?;
    Some((tag, body, after))
}

/// A length, and how many bytes it takes: one, two from 192 on, or five after 255. What is from `parts` to 254 means
/// something else.
fn length(bytes: &[u8], parts: u8) -> Option<(usize, usize)> {
    match *bytes.first()? {
        one @ ..192 => Some((usize::from(one), 1)),
        255 => Some((usize::try_from(be32(bytes, 1)?).ok()?, 5)),
        two if two < parts => {
            let second = usize::from(*bytes.get(1)?);
            Some((usize::from(two - 192) * 256 + second + 192, 2))
        }
        _ => None,
    }
}

/// When one signature was made.
fn signature_time(body: &[u8]) -> Option<[u8; 4]> {
    let (hashed, from) = match *body.first()? {
        // The version, the length of what is hashed, the type, the time.
        2 | 3 => return array(body, 3),
        // The version, the type, two algorithms, the length of what is hashed.
        4 | 5 => (usize::from(be16(body, 4)?), 6),
        6 => (usize::try_from(be32(body, 4)?).ok()?, 8),
        _ => return None,
    };
    let mut rest = body.get(from..)?.get(..hashed)?;
    loop {
        let (length, from) = length(rest, 255)?;
        let (subpacket, after) = rest.get(from..)?.split_at_checked(length)?;
        let (&kind, value) = subpacket.split_first()?;
        // The first bit says whether it must be understood.
        if kind & 0x7f == CREATION {
            return value.try_into().ok();
        }
        rest = after;
    }
}

/// The packets in the armor of signatures in a text, one after another.
pub(in crate::format) fn armored_signatures(text: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let mut packets = Vec::new();
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    while lines.any(|line| line == BEGIN) {
        // Headers of the armor, up to a blank line.
        let mut body = lines.by_ref().skip_while(|line| !line.is_empty()).skip(1);
        let is_data = |line: &&[u8]| !line.starts_with(b"=") && !line.starts_with(b"-");
        let data = body
            .by_ref()
            .take_while(is_data)
            .collect::<Vec<_>>()
            .concat();
        if let Ok(mut decoded) = GeneralPurpose::new(&STANDARD, CONFIG).decode(data) {
            packets.append(&mut decoded);
        }
    }
    packets
}

#[cfg(test)]
mod tests {
    use super::{armored_signatures, signature_times};

    const TIME: [u8; 4] = [0x69, 0x57, 0x33, 0x4f];

    /// The body of a signature of version 4, of which these subpackets are hashed.
    fn body(hashed: &[u8]) -> Vec<u8> {
        let length = u16::try_from(hashed.len()).unwrap().to_be_bytes();
        [&[4, 0, 22, 8], &length[..], hashed, &[0, 0, 1, 2, 0, 1, 1]].concat()
    }

    fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[0xc0 | tag, u8::try_from(body.len()).unwrap()], body].concat()
    }

    #[test]
    fn the_time_is_where_the_version_puts_it() {
        let issuer = [9, 16, 1, 2, 3, 4, 5, 6, 7, 8];
        let hashed = [&issuer[..], &[5, 2], &TIME].concat();
        let four = body(&hashed);
        assert_eq!(signature_times(&packet(2, &four)), [TIME]);
        // It must be understood; in the old framing; after another packet.
        let critical = body(&[&[5, 0x82], &TIME[..]].concat());
        let old = [
            &[0x88, u8::try_from(critical.len()).unwrap()],
            &critical[..],
        ]
        .concat();
        let both = [packet(13, b"name"), old, packet(2, &four)].concat();
        assert_eq!(signature_times(&both), [TIME, TIME]);
        let three = [&[3, 5, 0], &TIME[..], &[1, 2, 3, 4, 5, 6, 7, 8, 1, 8, 0, 0]].concat();
        assert_eq!(signature_times(&packet(2, &three)), [TIME]);
        let six = [&[6, 0, 27, 8, 0, 0, 0, 6, 5, 2], &TIME[..], &[0, 0, 0, 0]].concat();
        assert_eq!(signature_times(&packet(2, &six)), [TIME]);
        // Not in what is hashed, and so not signed.
        let loose = [&[4, 0, 22, 8, 0, 0, 0, 6, 5, 2], &TIME[..], &[1, 2]].concat();
        assert!(signature_times(&packet(2, &loose)).is_empty());
    }

    #[test]
    fn what_is_cut_off_says_nothing_and_takes_no_time() {
        let whole = packet(2, &body(&[&[5, 2], &TIME[..]].concat()));
        for length in 0..whole.len() {
            assert!(signature_times(&whole[..length]).is_empty());
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                let _times = signature_times(&flipped);
            }
        }
        assert_eq!(signature_times(&whole.repeat(1000)).len(), super::MOST);
        assert!(signature_times(&[0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 4]).is_empty());
    }

    #[test]
    fn armor_is_taken_off_each_signature() {
        let text = b"-----BEGIN PGP SIGNATURE-----\r\nComment: x\r\n\r\nYWJj\r\nZGVm\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n\
-----BEGIN PGP SIGNATURE-----\n\nZw\n-----END PGP SIGNATURE-----\n";
        assert_eq!(armored_signatures(text), b"abcdefg");
        assert!(armored_signatures(b"-----BEGIN PGP SIGNATURE-----").is_empty());
        assert!(armored_signatures(b"-----BEGIN PGP SIGNATURE-----\n\n!!!\n").is_empty());
    }
}
