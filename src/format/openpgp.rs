//! When `OpenPGP` signatures were made (RFC 9580; RFC 4880).

/// The creation times of the signatures in a run of packets, as they stand there: seconds since 1970 UTC in 32 bits,
/// big-endian. Nothing is verified. What is no packet ends the run.
pub(super) fn signature_times(mut packets: &[u8]) -> Vec<[u8; 4]> {
    let mut times = Vec::new();
    while let Some((tag, body, rest)) = packet(packets) {
        if tag == SIGNATURE {
            times.extend(created(body));
        }
        packets = rest;
    }
    times
}

/// RFC 9580 §5.
const SIGNATURE: u8 = 2;

/// The first packet: its tag, its body, and what follows (RFC 9580 §4.2). A body in parts of unknown length is
/// none of a signature.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let number = |count: usize| {
        let (number, rest) = rest.split_at_checked(count)?;
        let number = number
            .iter()
            .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        Some((number, rest))
    };
    let (tag, (length, rest)) = match first {
        0..0x80 => return None,
        0x80..0xc0 => {
            let length = match first & 3 {
                0 => number(1)?,
                1 => number(2)?,
                2 => number(4)?,
                _ => (rest.len(), rest),
            };
            ((first >> 2) & 15, length)
        }
        0xc0.. => (first & 63, length(rest)?),
    };
    let (body, rest) = rest.split_at_checked(length)?;
    Some((tag, body, rest))
}

/// A length of one, two or five bytes, as packets of the new format and subpackets have it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..192 => Some((usize::from(first), rest)),
        192..=254 => {
            let (&second, rest) = rest.split_first()?;
            // From 224 on it is a part of a body whose length nobody knows yet.
            let length = (usize::from(first) - 192) * 256 + usize::from(second) + 192;
            (first < 224).then_some((length, rest))
        }
        255 => {
            let (length, rest) = rest.split_first_chunk()?;
            Some((usize::try_from(u32::from_be_bytes(*length)).ok()?, rest))
        }
    }
}

/// When a signature was made (RFC 9580 §5.2.2, §5.2.3 and §5.2.3.11).
fn created(body: &[u8]) -> Option<[u8; 4]> {
    let (count, from) = match *body.first()? {
        2 | 3 => return body.get(3..)?.first_chunk().copied(),
        4 | 5 => (
            u32::from(u16::from_be_bytes(*body.get(4..)?.first_chunk()?)),
            6,
        ),
        6 => (u32::from_be_bytes(*body.get(4..)?.first_chunk()?), 8),
        _ => return None,
    };
    let end = usize::try_from(count).ok()?.checked_add(from)?;
    let mut hashed = body.get(from..end)?;
    while let Some((size, rest)) = length(hashed) {
        let (subpacket, rest) = rest.split_at_checked(size)?;
        if let Some((kind, time)) = subpacket.split_first()
            && kind & 0x7f == 2
        {
            return time.try_into().ok();
        }
        hashed = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::signature_times;
    use proptest::prelude::{any, proptest};

    const TIME: [u8; 4] = [0x69, 0x57, 0x33, 0x46];

    /// A body of version 4 with a subpacket before the time.
    fn version_4() -> Vec<u8> {
        let subpackets = [&[2, 9, 0, 5, 0x82][..], &TIME].concat();
        let length = u8::try_from(subpackets.len()).unwrap();
        [&[4, 0, 1, 8, 0, length], &subpackets[..], &[0, 0, 1, 2]].concat()
    }

    #[test]
    fn the_time_is_found_in_every_version() {
        let v4 = version_4();
        let length = u8::try_from(v4.len()).unwrap();
        let old = [&[0x88, length], &v4[..]].concat();
        let old_long = [&[0x89, 0, length], &v4[..]].concat();
        let new = [&[0xc2, length], &v4[..]].concat();
        let new_long = [&[0xc2, 255, 0, 0, 0, length], &v4[..]].concat();
        let v3 = [&[0x88, 8, 3, 5, 0], &TIME[..], &[0]].concat();
        let v6 = [&[0xc2, 15, 6, 0, 1, 8, 0, 0, 0, 6, 5, 2], &TIME[..], &[0]].concat();
        for packets in [&old, &old_long, &new, &new_long, &v3, &v6] {
            assert_eq!(signature_times(packets), [TIME], "{packets:x?}");
        }
        // Of several, among others; what is cut off is none.
        let many = [&old[..], &[0xcd, 1, b'x'], &new, &old_long[..5]].concat();
        assert_eq!(signature_times(&many), [TIME, TIME]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut bytes in any::<Vec<u8>>(), at: usize, by: u8) {
            let _times = signature_times(&bytes);
            bytes.splice(..0, [&[0xc2, 19], &version_4()[..]].concat());
            let at = at % bytes.len();
            bytes[at] ^= by;
            let _times = signature_times(&bytes);
        }
    }
}
