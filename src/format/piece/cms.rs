//! The times in a signed message (CMS, RFC 5652; PKCS#7): when its signer says that it was signed, and when others
//! say so, in a countersignature or a time-stamp token (RFC 3161).
//!
//! Nothing is verified here: what is told is what is written. Some write BER with indefinite lengths, so elements
//! are gone through one by one, and what is looked for is told by the names (OIDs) before it.

use super::dates;
use crate::bytes::Flaw;
use crate::format::{Field, Stamp, Value, Visit};

/// The fields of a format that carries signed messages.
#[derive(Debug)]
pub(in crate::format) struct Fields {
    /// `signingTime` of a signer.
    pub(in crate::format) signed: &'static Field,
    /// `signingTime` of a countersigner.
    pub(in crate::format) countersigned: &'static Field,
    /// `genTime` of a time-stamp token.
    pub(in crate::format) stamped: &'static Field,
}

/// Those of Authenticode.
impl Fields {
    pub(in crate::format) const fn signed(name: &'static str) -> Field {
        let what = "signingTime in an Authenticode signature: what the signer's clock said (RFC 5652 §11.3)";
        Field::event(name, what)
    }

    pub(in crate::format) const fn countersigned(name: &'static str) -> Field {
        let what = "signingTime in the countersignature of an Authenticode signature: what the time-stamping service's clock said";
        Field::event(name, what)
    }

    pub(in crate::format) const fn stamped(name: &'static str) -> Field {
        let what = "genTime of the RFC 3161 token in an Authenticode signature: what the time-stamp authority's clock said";
        Field::event(name, what)
    }
}

/// `signingTime`, 1.2.840.113549.1.9.5 (RFC 5652 §11.3).
const SIGNING_TIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
/// `countersignature`, 1.2.840.113549.1.9.6 (RFC 5652 §11.4).
const COUNTERSIGNATURE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06";
/// `id-ct-TSTInfo`, 1.2.840.113549.1.9.16.1.4 (RFC 3161 §2.4.2).
const TST_INFO: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";
/// `id-aa-timeStampToken`, 1.2.840.113549.1.9.16.2.14 (RFC 3161 appendix A), and what Microsoft has in its place,
/// 1.3.6.1.4.1.311.3.3.1.
const TOKENS: [&[u8]; 2] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e",
    b"\x2b\x06\x01\x04\x01\x82\x37\x03\x03\x01",
];

const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// How deep elements lie in each other at most; a signature with a countersigned signature in it has 30.
const DEPTH: usize = 100;

/// Whose words an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Countersigner,
    Authority,
}

/// Tells the times of a signed message.
pub(in crate::format) fn read(visit: &mut Visit<'_>, fields: &Fields, message: &[u8]) {
    if let Err(flaw) = tell(visit, fields, message) {
        visit.flaw(flaw);
    }
}

fn tell(visit: &mut Visit<'_>, fields: &Fields, message: &[u8]) -> Result<(), Flaw> {
    let mut elements = Elements::of(message);
    let mut speakers: Vec<(usize, Speaker)> = Vec::new();
    // At which depth the name of a time was met, and of a token's content.
    let (mut time, mut token) = (None, None);
    while let Some(Element {
        tag,
        depth,
        content,
    }) = elements.next()?
    {
        while speakers.pop_if(|(from, _)| depth < *from).is_some() {}
        time = time.filter(|from| depth >= *from);
        token = token.filter(|from| depth >= *from);
        let speaker = speakers.last().map(|(_, speaker)| *speaker);
        match tag {
            OID => match content {
                SIGNING_TIME => time = Some(depth),
                TST_INFO => token = Some(depth),
                COUNTERSIGNATURE => speakers.push((depth, Speaker::Countersigner)),
                name if TOKENS.contains(&name) => speakers.push((depth, Speaker::Authority)),
                _ => time = None,
            },
            UTC_TIME | GENERALIZED_TIME if time.take().is_some() => {
                let field = match speaker {
                    None => fields.signed,
                    Some(Speaker::Countersigner) => fields.countersigned,
                    // An authority's own signing time says no more than its token.
                    Some(Speaker::Authority) => continue,
                };
                stamp(visit, field, tag, content);
            }
            OCTET_STRING if token.take().is_some() => {
                let mut info = Elements::of(content);
                while let Some(Element {
                    tag,
                    depth,
                    content,
                }) = info.next()?
                {
                    if tag == GENERALIZED_TIME && depth == 1 {
                        stamp(visit, fields.stamped, tag, content);
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn stamp(visit: &mut Visit<'_>, field: &'static Field, tag: u8, content: &[u8]) {
    // A year of two digits is from 1950 to 2049 (RFC 5280 §4.1.2.5.1).
    let century: &[u8] = match (tag, content.first()) {
        (UTC_TIME, Some(b'5'..=b'9')) => b"19",
        (UTC_TIME, _) => b"20",
        _ => b"",
    };
    let at = (content.len() < 40).then(|| dates::compact(&[century, content].concat()));
    let none = Value::Invalid("it is no time of ASN.1 (X.680)");
    let value = at.flatten().map_or(none, Value::At);
    visit.stamp(&Stamp::fixed(field, content, value));
}

/// One element of BER (X.690 §8.1), or the beginning of one that has others in it.
#[derive(Debug, Clone, Copy)]
struct Element<'a> {
    tag: u8,
    /// In how many others it lies.
    depth: usize,
    /// What it holds; nothing where it has others in it, which come next.
    content: &'a [u8],
}

/// The elements of a message, those that lie in others after these.
struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where those end that it is in; `None` where a mark of their end comes.
    open: Vec<Option<usize>>,
}

impl<'a> Elements<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            open: Vec::new(),
        }
    }

    fn next(&mut self) -> Result<Option<Element<'a>>, Flaw> {
        loop {
            while self
                .open
                .pop_if(|end| end.is_some_and(|end| end <= self.at))
                .is_some()
            {}
            // Behind the message comes what fills up the space that it was given.
            if self.at >= self.bytes.len() || (self.at > 0 && self.open.is_empty()) {
                return Ok(None);
            }
            let from = self.at;
            let tag = self.byte()?;
            if tag & 0x1f == 0x1f {
                // The number of the tag in further bytes.
                while self.byte()? & 0x80 != 0 {}
            }
            let length = self.length()?;
            if tag == 0 && length == Some(0) && self.open.last() == Some(&None) {
                self.open.pop();
                continue;
            }
            let depth = self.open.len();
            let is_constructed = tag & 0x20 != 0;
            let end = match length {
                Some(length) => Some(self.at.checked_add(length).ok_or_else(|| overrun(from))?),
                None if is_constructed => None,
                None => return Err(overrun(from)),
            };
            let within = self.open.iter().rev().find_map(|end| *end);
            let most = within.unwrap_or(self.bytes.len()).min(self.bytes.len());
            if end.is_some_and(|end| end > most) {
                return Err(overrun(from));
            }
            if is_constructed {
                if depth >= DEPTH {
                    return Err(Flaw::malformed(format!(
                        "its signature has more than {DEPTH} elements in each other; its times were not looked for"
                    )));
                }
                self.open.push(end);
                let content = &[];
                return Ok(Some(Element {
                    tag,
                    depth,
                    content,
                }));
            }
            let to = end.unwrap_or(self.at);
            let content = self.bytes.get(self.at..to).unwrap_or_default();
            self.at = to;
            return Ok(Some(Element {
                tag,
                depth,
                content,
            }));
        }
    }

    fn byte(&mut self) -> Result<u8, Flaw> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| overrun(self.at - 1))
    }

    /// How long the content is; `None` where a mark ends it.
    fn length(&mut self) -> Result<Option<usize>, Flaw> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(Some(usize::from(first)));
        }
        if first == 0x80 {
            return Ok(None);
        }
        let (from, mut length) = (self.at, 0_usize);
        for _ in 0..first & 0x7f {
            let byte = usize::from(self.byte()?);
            length = length
                .checked_mul(256)
                .and_then(|length| length.checked_add(byte))
                .ok_or_else(|| overrun(from))?;
        }
        Ok(Some(length))
    }
}

fn overrun(at: usize) -> Flaw {
    Flaw::malformed(format!(
        "its signature is damaged: the element at byte {at} of it is longer than the space that it has; the times after \
it were not found"
    ))
}

#[cfg(test)]
pub(in crate::format) mod tests {
    use super::{COUNTERSIGNATURE, Elements, SIGNING_TIME, TOKENS, TST_INFO};

    /// An element, its length in as many bytes as it takes.
    pub(in crate::format) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = u16::try_from(content.len()).unwrap();
        let length = match length {
            0..=127 => vec![u8::try_from(length).unwrap()],
            _ => [&[0x82], &length.to_be_bytes()[..]].concat(),
        };
        [&[tag][..], &length, &content].concat()
    }

    fn attribute(name: &[u8], value: &[u8]) -> Vec<u8> {
        element(0x30, &[&element(6, &[name]), &element(0x31, &[value])])
    }

    /// A message with a signing time, one of a countersigner, and a token of an authority.
    pub(in crate::format) fn message() -> Vec<u8> {
        let signed = attribute(SIGNING_TIME, &element(0x17, &[b"260102030406Z"]));
        let early = attribute(SIGNING_TIME, &element(0x17, &[b"260102030407Z"]));
        let counter = attribute(
            COUNTERSIGNATURE,
            &element(0x30, &[&element(0xa0, &[&early])]),
        );
        let info = element(
            0x30,
            &[
                &element(2, &[&[1]]),
                &element(6, &[b"\x2a\x03"]),
                &element(0x18, &[b"20400615120000.5Z"]),
            ],
        );
        let encapsulated = element(
            0x30,
            &[
                &element(6, &[TST_INFO]),
                &element(0xa0, &[&element(4, &[&info])]),
            ],
        );
        let kind = attribute(
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03",
            &element(6, &[TST_INFO]),
        );
        let digest = attribute(
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04",
            &element(4, &[b"no info"]),
        );
        let own = element(
            0xa0,
            &[
                &kind,
                &digest,
                &attribute(SIGNING_TIME, &element(0x17, &[b"400615120000Z"])),
            ],
        );
        let token = attribute(TOKENS[1], &element(0x30, &[&encapsulated, &own]));
        element(
            0x30,
            &[
                &element(0xa0, &[&signed]),
                &element(0xa1, &[&counter, &token]),
            ],
        )
    }

    #[test]
    fn elements_of_both_lengths_are_gone_through() {
        let bytes = b"\x30\x80\x31\x03\x02\x01\x07\x24\x80\x04\x01x\0\0\0\0\0";
        let mut elements = Elements::of(bytes);
        let mut seen = Vec::new();
        while let Some(element) = elements.next().unwrap() {
            seen.push((element.tag, element.depth, element.content.len()));
        }
        assert_eq!(
            seen,
            [
                (0x30, 0, 0),
                (0x31, 1, 0),
                (2, 2, 1),
                (0x24, 1, 0),
                (4, 2, 1)
            ]
        );
    }

    #[test]
    fn what_is_longer_than_its_space_is_damaged() {
        for bytes in [
            &b"\x30\x05\x02\x04abcde"[..],
            b"\x30\x7f",
            b"\x30",
            b"\x30\x89\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x04\x80",
        ] {
            let mut elements = Elements::of(bytes);
            let outcome = loop {
                match elements.next() {
                    Ok(Some(_)) => {}
                    other => break other,
                }
            };
            assert!(outcome.is_err(), "{bytes:?}");
        }
        let deep = vec![[0x30, 0x80]; 200].concat();
        let mut elements = Elements::of(&deep);
        assert!((0..200).any(|_| elements.next().is_err()));
    }
}
