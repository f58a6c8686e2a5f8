//! What a time-stamp token says: `TSTInfo` of RFC 3161 §2.4.2.
//!
//! An own parser, because those there are cannot read a `genTime` with a fraction, which the standard
//! allows and `openssl ts` writes.

use super::asn1::{Elements, ONE, ONE_PRIMITIVE, ZERO, ZERO_PRIMITIVE};
use crate::source::Refusal;
use crate::time::{Interval, Span, Timestamp};
use der::Tag;
use der::asn1::ObjectIdentifier;
use ring::digest;

/// How far a stamp may be off that states no accuracy, or that states to be perfect.
const UNSTATED: Span = Span::from_secs(1);

/// The longest serial number that is repeated. RFC 3161 §2.4.2 asks that 20 bytes be handled, and a sign may
/// come before them.
const MOST_SERIAL: usize = 64;

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What a token says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) struct Info<'der> {
    pub(super) policy: ObjectIdentifier,
    /// The digest that was stamped.
    imprint: &'der [u8],
    /// The content of an INTEGER.
    pub(in crate::source) serial: &'der [u8],
    /// The instant that is written there, and the worth of its last digit.
    pub(in crate::source) generated: Timestamp,
    resolution: Span,
    /// As it is stated; `None` when it is not.
    pub(super) accuracy: Option<Span>,
    /// The content of an INTEGER.
    pub(super) nonce: Option<&'der [u8]>,
}

impl<'der> Info<'der> {
    /// Reads what was signed.
    pub(in crate::source) fn parse(bytes: &'der [u8]) -> Result<Self, Refusal> {
        let mut info = Elements::inside(bytes, Tag::Sequence, "TSTInfo")?;
        if info.content(Tag::Integer)? != [1] {
            return Err(info.refused("its version is not 1"));
        }
        let policy = info.oid()?;
        let mut imprint = info.enter(Tag::Sequence, "messageImprint")?;
        if imprint.algorithm()? != SHA_256 {
            return Err(imprint.refused("it is made with something else than SHA-256"));
        }
        let hashed = imprint.content(Tag::OctetString)?;
        imprint.end()?;
        let serial = info.content(Tag::Integer)?;
        if serial.len() > MOST_SERIAL {
            return Err(info.refused("its serial number is too long"));
        }
        let written = info.content(Tag::GeneralizedTime)?;
        let (generated, resolution) =
            instant(written).map_err(|why| info.refused(&format!("genTime: {why}")))?;
        let accuracy = info.optional(Tag::Sequence)?.map(accuracy).transpose()?;
        let _ordering = info.optional(Tag::Boolean)?;
        let nonce = info.optional(Tag::Integer)?;
        let _tsa = info.optional(ZERO)?;
        if let Some(extensions) = info.optional(ONE)? {
            refuse_critical(extensions)?;
        }
        info.end()?;
        Ok(Self {
            policy,
            imprint: hashed,
            serial,
            generated,
            resolution,
            accuracy,
            nonce,
        })
    }

    /// Whether it is about this.
    pub(super) fn stamps(&self, challenge: &[u8]) -> bool {
        digest::digest(&digest::SHA256, challenge).as_ref() == self.imprint
    }

    /// When it was made: at the written instant or before the next that can be written, give or take
    /// its accuracy.
    pub(in crate::source) fn time(&self) -> Interval {
        let error = match self.accuracy {
            Some(stated) if stated > Span::ZERO => stated,
            _ => UNSTATED,
        };
        Interval::between(self.generated, self.generated.later(self.resolution)).widened(error)
    }
}

/// A `GeneralizedTime` as RFC 3161 has it: `YYYYMMDDhhmmss[.s...]Z`. Zeros at the end of the fraction
/// are forbidden and harmless, so they count as digits. A leap second has no number in POSIX time.
fn instant(written: &[u8]) -> Result<(Timestamp, Span), &'static str> {
    const SHAPE: &str = "it is not YYYYMMDDhhmmss[.s...]Z";
    let text = std::str::from_utf8(written).map_err(|_not_text| SHAPE)?;
    let text = text.strip_suffix('Z').ok_or(SHAPE)?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !fraction.is_none_or(digits) {
        return Err(SHAPE);
    }
    let part = |from: usize, to: usize| {
        let part = whole.get(from..to).and_then(|part| part.parse::<i8>().ok());
        part.ok_or(SHAPE)
    };
    if part(12, 14)? == 60 {
        return Err("it is in a leap second; ask again");
    }
    let year = i16::from(part(0, 2)?) * 100 + i16::from(part(2, 4)?);
    let second = jiff::civil::DateTime::new(
        year,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
        0,
    )
    .and_then(|date| jiff::tz::Offset::UTC.to_timestamp(date))
    .map_err(|_no_such_time| "there is no such time")?
    .as_second();
    let mut nanos = 0;
    let mut worth = 1_000_000_000;
    // What is finer than a nanosecond is rounded down, and its worth up.
    for digit in fraction.unwrap_or_default().bytes().take(9) {
        worth /= 10;
        nanos += u32::from(digit - b'0') * worth;
    }
    let resolution = Span::from_nanos(i128::from(worth));
    Ok((Timestamp::from_unix(second, nanos), resolution))
}

/// An `Accuracy`: what is missing is zero.
fn accuracy(content: &[u8]) -> Result<Span, Refusal> {
    let mut parts = Elements::of(content, "accuracy")?;
    let mut part = |tag, nanos: i128, most: u64| match parts.optional(tag)? {
        None => Ok(0),
        Some(content) => natural(content)
            .filter(|&number| number <= most)
            .map(|number| i128::from(number) * nanos)
            .ok_or(parts.refused("a part of it is out of its range")),
    };
    let nanos = part(Tag::Integer, 1_000_000_000, u64::from(u32::MAX))?
        + part(ZERO_PRIMITIVE, 1_000_000, 999)?
        + part(ONE_PRIMITIVE, 1000, 999)?;
    parts.end()?;
    Ok(Span::from_nanos(nanos))
}

/// The content of an INTEGER that is not negative and not too large to be of use.
fn natural(content: &[u8]) -> Option<u64> {
    let is_short = matches!(content, [0..=0x7F, rest @ ..] if rest.len() < 8);
    let push = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    is_short.then(|| content.iter().fold(0, push))
}

/// Whoever marks an extension as critical wants a token not to be used by those who do not know it; none
/// is known here.
fn refuse_critical(extensions: &[u8]) -> Result<(), Refusal> {
    let mut extensions = Elements::of(extensions, "extensions")?;
    while !extensions.is_at_end() {
        let mut extension = extensions.enter(Tag::Sequence, "extension")?;
        let name = extension.oid()?;
        if extension
            .optional(Tag::Boolean)?
            .is_some_and(|value| value != [0])
        {
            return Err(Refusal::Unhandled(format!(
                "its token has the critical extension {name}, which is not known here"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Info, accuracy, instant, natural, refuse_critical};
    use crate::source::Refusal;
    use crate::source::tsa::asn1::element;
    use crate::time::{Interval, Span, Timestamp};
    use der::Tag;
    use proptest::prelude::{any, proptest};

    fn at(seconds: i64, nanos: u32) -> Timestamp {
        Timestamp::from_unix(seconds, nanos)
    }

    #[test]
    fn an_instant_is_as_sharp_as_it_is_written() {
        let read = |text: &str| instant(text.as_bytes());
        let ok = |seconds, nanos, worth| Ok((at(seconds, nanos), Span::from_nanos(worth)));
        assert_eq!(read("20261123085735Z"), ok(1_795_424_255, 0, 1_000_000_000));
        assert_eq!(
            read("20261123085735.585Z"),
            ok(1_795_424_255, 585_000_000, 1_000_000)
        );
        assert_eq!(
            read("20261123085735.50Z"),
            ok(1_795_424_255, 500_000_000, 10_000_000)
        );
        let finer = "20261123085735.0000000019999999999Z";
        assert_eq!(read(finer), ok(1_795_424_255, 1, 1));
        assert_eq!(read("19700101000000Z"), ok(0, 0, 1_000_000_000));
        assert_eq!(read("20240229000000Z"), ok(1_709_164_800, 0, 1_000_000_000));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for no in [
            "",
            "Z",
            "20261123085735",
            "20261123085735+0100",
            "20261123085735.Z",
            "20261123085735,5Z",
            "20261123085735.5.5Z",
            "20261123085735.-5Z",
            "202611230857Z",
            "2026112308Z",
            "261123085735Z",
            "20261323085735Z",
            "20260229085735Z",
            "20261123245735Z",
            "20261123085735z",
            "+0261123085735Z",
            "2026112308573\u{663}Z",
        ] {
            assert!(instant(no.as_bytes()).is_err(), "{no}");
        }
        assert!(instant(&[0xFF; 15]).is_err());
        let leap = instant(b"20161231235960Z").unwrap_err();
        assert!(leap.contains("leap second"), "{leap}");
        assert!(instant(b"20161231235961Z").is_err());
    }

    #[test]
    fn an_accuracy_is_the_sum_of_its_parts() {
        let nanos = |content: &[u8]| accuracy(content).map(Span::as_nanos);
        assert_eq!(nanos(&[]), Ok(0));
        assert_eq!(
            nanos(&[2, 1, 1, 0x80, 2, 1, 0xF4, 0x81, 1, 100]),
            Ok(1_500_100_000)
        );
        assert_eq!(nanos(&[0x81, 2, 3, 0xE7]), Ok(999_000));
        assert_eq!(
            nanos(&[2, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
            Ok(4_294_967_295_000_000_000)
        );
        for no in [
            &[2, 1, 0xFF][..],
            &[2, 5, 1, 0, 0, 0, 0],
            &[2, 0],
            &[0x80, 2, 3, 0xE8],
            &[0x81, 1, 0xFF],
            &[0x81, 1, 1, 0x80, 1, 1],
            &[4, 0],
        ] {
            assert!(accuracy(no).is_err(), "{no:?}");
        }
        assert_eq!(natural(&[0x7F; 8]), Some(0x7F7F_7F7F_7F7F_7F7F));
        assert_eq!(natural(&[0; 9]), None);
    }

    #[test]
    fn the_time_is_wide_enough_for_what_is_not_said() {
        let info = |accuracy| Info {
            policy: super::SHA_256,
            imprint: &[],
            serial: &[],
            generated: at(1000, 0),
            resolution: Span::from_secs(1),
            accuracy,
            nonce: None,
        };
        let from = |before, after| Interval::between(at(before, 0), at(after, 0));
        assert_eq!(info(Some(Span::from_secs(5))).time(), from(995, 1006));
        assert_eq!(info(None).time(), from(999, 1002));
        assert_eq!(info(Some(Span::ZERO)).time(), from(999, 1002));
    }

    #[test]
    fn only_a_critical_extension_matters() {
        let extension = |critical: &[u8]| {
            let length = u8::try_from(critical.len() + 7).unwrap();
            [&[0x30, length, 6, 3, 0x2A, 3, 4], critical, &[4, 0]].concat()
        };
        assert_eq!(refuse_critical(&extension(&[])), Ok(()));
        let refusal = refuse_critical(&extension(&[1, 1, 0xFF]));
        assert!(matches!(refusal, Err(Refusal::Unhandled(_))), "{refusal:?}");
    }

    #[test]
    fn only_the_version_and_the_digest_that_were_asked_for_are_read() {
        const SHA_256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
        const SHA_512: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
        let element = |tag, content: &[u8]| element(tag, content).unwrap();
        let info_of = |version, digest: &[u8], serial: &[u8], after: &[u8]| {
            let algorithm = element(Tag::Sequence, digest);
            let imprint = [&algorithm[..], &[4, 1, 7]].concat();
            let fields = [
                &[2, 1, version, 6, 3, 42, 3, 4][..],
                &element(Tag::Sequence, &imprint),
                &element(Tag::Integer, serial),
                &element(Tag::GeneralizedTime, b"20261123085735Z"),
                after,
            ];
            element(Tag::Sequence, &fields.concat())
        };
        let info = |version, digest: &[u8], after: &[u8]| info_of(version, digest, &[9], after);
        let good = info(1, SHA_256, &[2, 1, 5]);
        let good = Info::parse(&good).unwrap();
        assert_eq!(
            (good.imprint, good.serial, good.nonce),
            (&[7][..], &[9][..], Some(&[5][..]))
        );
        let says = |der: &[u8], word| {
            let refusal = Info::parse(der).unwrap_err().to_string();
            assert!(refusal.contains(word), "{refusal}");
        };
        says(&info(2, SHA_256, &[]), "version is not 1");
        says(&info(1, SHA_512, &[]), "something else than SHA-256");
        says(&info(1, SHA_256, &[5, 0]), "follows its end");
        let serial = |length| info_of(1, SHA_256, &vec![9; length], &[]);
        assert!(Info::parse(&serial(64)).is_ok());
        says(&serial(65), "serial number is too long");
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>, digits in "[0-9]{14}(\\.[0-9]{0,12})?Z", tag in any::<u8>()) {
            let _whatever = (Info::parse(&bytes), accuracy(&bytes), refuse_critical(&bytes));
            let _whatever = (instant(&bytes), instant(digits.as_bytes()));
            let length = u8::try_from(bytes.len() % 128).unwrap();
            let _whatever = Info::parse(&[&[0x30, length + 3, 2, 1, 1, tag], &bytes[..]].concat());
        }
    }
}
