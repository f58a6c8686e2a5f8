//! The 48 bytes of NTP (RFC 5905 §7.3).

use crate::source::FLOOR;
use crate::time::{Span, Timestamp};

/// The length of the header, and of everything in plain NTP.
pub(in crate::source) const LENGTH: usize = 48;

/// Version 4, mode 3 (client), leap 0: the first byte of a request.
const REQUEST: u8 = 4 << 3 | 3;

/// Seconds from 1900, where NTP begins, to 1970.
const FROM_1900_TO_1970: i64 = 2_208_988_800;

/// Seconds in an era of NTP.
const ERA: i64 = 1 << 32;

/// How long after the floor the middle of the era lies in which every time is taken to be: 34 years,
/// so that the floor is well inside, and the rest of the era ahead of it.
const AHEAD: Span = Span::from_secs(34 * 31_557_600);

/// What a packet says, as it says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Packet {
    /// Whether the month ends with a leap second; 3 for a clock that is not set.
    pub(in crate::source) leap: u8,
    pub(in crate::source) version: u8,
    pub(in crate::source) mode: u8,
    pub(in crate::source) stratum: u8,
    /// Of the server's clock, as a power of two in seconds.
    pub(in crate::source) precision: i8,
    /// There and back, to the clock that the server's time comes from.
    pub(in crate::source) root_delay: Span,
    /// How far off the server may be, apart from the delay.
    pub(in crate::source) root_dispersion: Span,
    pub(in crate::source) reference_id: [u8; 4],
    /// When the server's clock was set last.
    pub(in crate::source) reference: Stamp,
    /// What the request had as its `transmit`.
    pub(in crate::source) origin: Stamp,
    /// T2: when the request came.
    pub(in crate::source) receive: Stamp,
    /// T3: when the answer left.
    pub(in crate::source) transmit: Stamp,
}

/// A time as NTP has it: seconds since 1900 modulo 2^32, and as many fractions of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Stamp(pub(in crate::source) u64);

impl Stamp {
    /// What stands for "not known".
    pub(in crate::source) const NONE: Self = Self(0);

    /// The instant, rounded down to a nanosecond.
    ///
    /// NTP does not say which era (RFC 5905 §6). The builder's clock, which others take for a pivot, is
    /// the suspect here: so it is the era of 2^32 seconds around the floor and 34 years, 1992 to 2128.
    pub(in crate::source) fn instant(self) -> Timestamp {
        let first = FLOOR.later(AHEAD).seconds() - ERA / 2;
        let seconds = i64::try_from(self.0 >> 32).unwrap_or(0);
        let since_first = (seconds - FROM_1900_TO_1970 - first).rem_euclid(ERA);
        let nanos = ((self.0 & 0xffff_ffff) * 1_000_000_000) >> 32;
        Timestamp::from_unix(first + since_first, u32::try_from(nanos).unwrap_or(0))
    }
}

/// A request that tells nothing of the builder: all zero, but for random bits where its time would be,
/// which only who saw the request can give back.
pub(in crate::source) fn request(nonce: Stamp) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let [first, ..] = &mut bytes;
    *first = REQUEST;
    if let Some(transmit) = bytes.last_chunk_mut() {
        *transmit = nonce.0.to_be_bytes();
    }
    bytes
}

/// 2 to the power of `precision`, in seconds, rounded up; never zero.
pub(in crate::source) fn seconds_of(precision: i8) -> Span {
    const SECOND: i128 = 1_000_000_000;
    let power = u32::from(precision.unsigned_abs()).min(64);
    Span::from_nanos(match precision {
        0.. => SECOND << power,
        _ => (SECOND >> power) + 1,
    })
}

/// A length of time in 16 bits of seconds and 16 of their fractions, rounded up.
fn short(bytes: [u8; 4]) -> Span {
    let nanos = i128::from(u32::from_be_bytes(bytes)) * 1_000_000_000;
    Span::from_nanos(-(-nanos >> 16))
}

impl Packet {
    /// Reads what comes first in a datagram; what follows is left to others. `None` when it is too
    /// short. Every other 48 bytes are some packet.
    pub(in crate::source) fn parse(datagram: &[u8]) -> Option<Self> {
        let (head, rest) = datagram.split_first_chunk::<16>()?;
        let (stamps, _behind) = rest.split_first_chunk::<32>()?;
        let [first, stratum, _poll, precision, delays @ ..] = *head;
        let [d0, d1, d2, d3, e0, e1, e2, e3, r0, r1, r2, r3] = delays;
        let mut stamps = stamps.chunks_exact(8).map(|bytes| {
            Stamp(
                bytes
                    .iter()
                    .fold(0, |stamp, &byte| stamp << 8 | u64::from(byte)),
            )
        });
        Some(Self {
            leap: first >> 6,
            version: first >> 3 & 7,
            mode: first & 7,
            stratum,
            precision: i8::from_be_bytes([precision]),
            root_delay: short([d0, d1, d2, d3]),
            root_dispersion: short([e0, e1, e2, e3]),
            reference_id: [r0, r1, r2, r3],
            reference: stamps.next()?,
            origin: stamps.next()?,
            receive: stamps.next()?,
            transmit: stamps.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FROM_1900_TO_1970, LENGTH, Packet, Stamp, request, seconds_of};
    use crate::time::{Span, Timestamp, parse_instant};
    use proptest::prelude::{any, proptest};

    /// The stamp that NTP has for a time, whatever its era.
    fn stamp(text: &str) -> Stamp {
        let at = parse_instant(text).unwrap().earliest().unwrap();
        Stamp(((at.seconds() + FROM_1900_TO_1970).rem_euclid(1 << 32) as u64) << 32)
    }

    #[test]
    fn a_time_is_taken_in_the_era_around_the_floor() {
        for text in [
            "1992-10-14T00:00:00Z",
            "2026-11-23T12:00:00Z",
            "2036-02-07T06:28:15Z",
            "2036-02-07T06:28:16Z",
            "2036-02-07T06:28:17Z",
            "2100-01-01T00:00:00Z",
            "2128-11-01T00:00:00Z",
        ] {
            assert_eq!(stamp(text).instant().to_string(), text);
        }
        assert_eq!(stamp("2036-02-07T06:28:16Z"), Stamp(0));
        // What lies outside is taken for what has the same bits inside.
        assert_eq!(
            stamp("1990-01-01T00:00:00Z").instant().to_string(),
            "2126-02-07T06:28:16Z"
        );
    }

    #[test]
    fn a_fraction_is_rounded_down() {
        let whole = stamp("2026-11-23T12:00:00Z");
        let plus = |fraction| {
            Stamp(whole.0 | fraction)
                .instant()
                .since(whole.instant())
                .as_nanos()
        };
        assert_eq!(plus(1 << 31), 500_000_000);
        assert_eq!(plus(4), 0);
        assert_eq!(plus(5), 1);
        assert_eq!(plus(0xffff_ffff), 999_999_999);
    }

    #[test]
    fn a_packet_is_read_field_by_field() {
        let mut bytes = [0; LENGTH];
        bytes[..16].copy_from_slice(&[
            0b01_100_100,
            2,
            6,
            0xe7,
            0,
            1,
            0x80,
            0,
            0,
            0,
            0,
            1,
            192,
            0,
            2,
            7,
        ]);
        for (index, byte) in bytes[16..].iter_mut().enumerate() {
            *byte = u8::try_from(index / 8 + 1).unwrap();
        }
        let packet = Packet {
            leap: 1,
            version: 4,
            mode: 4,
            stratum: 2,
            precision: -25,
            root_delay: Span::from_millis(1500),
            root_dispersion: Span::from_nanos(15_259),
            reference_id: [192, 0, 2, 7],
            reference: Stamp(0x0101_0101_0101_0101),
            origin: Stamp(0x0202_0202_0202_0202),
            receive: Stamp(0x0303_0303_0303_0303),
            transmit: Stamp(0x0404_0404_0404_0404),
        };
        assert_eq!(Packet::parse(&bytes), Some(packet));
        assert_eq!(Packet::parse(&bytes[..47]), None);
        let longer = [bytes.as_slice(), b"more"].concat();
        assert_eq!(Packet::parse(&longer), Some(packet));
    }

    #[test]
    fn a_request_holds_nothing_but_the_nonce() {
        let bytes = request(Stamp(0x0102_0304_0506_0708));
        assert_eq!(bytes[0], 0x23);
        assert_eq!(bytes[1..40], [0; 39]);
        assert_eq!(bytes[40..], [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn a_precision_is_rounded_up() {
        assert_eq!(seconds_of(0), Span::from_secs(1));
        assert_eq!(seconds_of(-1), Span::from_nanos(500_000_001));
        assert_eq!(seconds_of(-30), Span::from_nanos(1));
        assert_eq!(seconds_of(i8::MIN), Span::from_nanos(1));
        assert!(seconds_of(i8::MAX) > Span::from_secs(1 << 62));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(datagram in proptest::collection::vec(any::<u8>(), 0..100)) {
            let parsed = Packet::parse(&datagram);
            assert_eq!(parsed.is_some(), datagram.len() >= LENGTH);
            let era = Timestamp::from_unix(719_000_000, 0)..Timestamp::from_unix(5_015_000_000, 0);
            assert!(parsed.is_none_or(|packet| era.contains(&packet.transmit.instant())));
        }
    }
}
