//! The establishment of keys by TLS (NTS-KE, RFC 8915 §4).

use super::protect::{KEY, Keys};
use crate::source::net::Endpoint;
use crate::source::net::tls::{self, Authorities, Protocol, Secured};
use crate::source::{Budget, Certificate, Refusal, ntp};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv6Addr};

/// The most bytes of an answer that are read. One has some hundred.
const LIMIT: usize = 64 << 10;

/// The most cookies that are kept: as many as a server should give (RFC 8915 §4.1.6).
const COOKIES: usize = 8;

/// The longest cookie that is taken: it goes in a datagram that must not be taken apart on the way.
const COOKIE_LIMIT: usize = 1024;

/// Version 4 of NTP, among the protocols that keys can be for.
const NTPV4: u16 = 0;

/// `AEAD_AES_SIV_CMAC_256`, which every server must have (RFC 8915 §5.1).
const AES_SIV_CMAC_256: u16 = 15;

/// The bit that says who does not know a record must give up.
const CRITICAL: u16 = 0x8000;

/// The types of records (RFC 8915 §4.1).
mod record {
    pub(super) const END: u16 = 0;
    pub(super) const PROTOCOL: u16 = 1;
    pub(super) const ERROR: u16 = 2;
    pub(super) const WARNING: u16 = 3;
    pub(super) const AEAD: u16 = 4;
    pub(super) const COOKIE: u16 = 5;
    pub(super) const SERVER: u16 = 6;
    pub(super) const PORT: u16 = 7;
}

/// What was established.
#[derive(Debug)]
pub(super) struct Established {
    pub(super) keys: Keys,
    pub(super) cookies: Vec<Vec<u8>>,
    /// Whom to ask for the time.
    pub(super) server: Endpoint,
    /// That of the server of the keys; the time must lie in its validity.
    pub(super) certificate: Certificate,
}

/// Establishes keys.
pub(super) fn establish(
    endpoint: &Endpoint,
    authorities: &Authorities,
    budget: Budget,
) -> Result<Established, Refusal> {
    let protocol = Protocol {
        alpn: b"ntske/1",
        exclusive: true,
    };
    let stream = endpoint.connect(budget)?;
    let own = stream.server.ip();
    let mut secured = tls::secure(stream, &endpoint.host, authorities, protocol)?;
    let bytes = exchange(&mut secured)?;
    let agreed = parse_records(&bytes)?;
    let (to_server, from_server) = (export(&secured, 0)?, export(&secured, 1)?);
    // Nothing depends on the server hearing that this was all.
    secured.stream.conn.send_close_notify();
    let _unheard = secured.stream.flush();
    Ok(Established {
        keys: Keys::new(to_server, from_server),
        server: agreed.server(own)?,
        cookies: agreed.cookies,
        certificate: secured.certificate,
    })
}

/// The key of one direction, from the TLS connection (RFC 8915 §5.1).
fn export(secured: &Secured, direction: u8) -> Result<[u8; KEY], Refusal> {
    let [p0, p1] = NTPV4.to_be_bytes();
    let [a0, a1] = AES_SIV_CMAC_256.to_be_bytes();
    let context = [p0, p1, a0, a1, direction];
    let connection = &secured.stream.conn;
    connection
        .export_keying_material([0; KEY], b"EXPORTER-network-time-security", Some(&context))
        .map_err(|error| Refusal::Tls(error.to_string()))
}

/// Sends what is wanted, and reads what comes, to its end.
fn exchange(secured: &mut Secured) -> Result<Vec<u8>, Refusal> {
    let stream = &mut secured.stream;
    let sent = stream.write_all(&request()).and_then(|()| stream.flush());
    sent.map_err(|error| tls::refusal(&error, &stream.sock))?;
    gather(|buffer| {
        let read = stream.read(buffer);
        read.map_err(|error| tls::refusal(&error, &stream.sock))
    })
}

/// Reads to the end of an answer, and not much beyond the limit.
pub(in crate::source) fn gather(
    mut read: impl FnMut(&mut [u8]) -> Result<usize, Refusal>,
) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut walked = 0;
    let mut buffer = [0; 4096];
    while !is_ended(&bytes, &mut walked) {
        if bytes.len() >= LIMIT {
            return Err(malformed("what it sent does not end"));
        }
        match read(&mut buffer)? {
            0 => return Err(malformed("what it sent ends before its end")),
            length => bytes.extend(buffer.get(..length).unwrap_or_default()),
        }
    }
    Ok(bytes)
}

/// NTP, with the one AEAD.
fn request() -> Vec<u8> {
    let number = |kind, number: u16| write_record(CRITICAL | kind, &number.to_be_bytes());
    [
        number(record::PROTOCOL, NTPV4),
        number(record::AEAD, AES_SIV_CMAC_256),
        write_record(CRITICAL | record::END, &[]),
    ]
    .concat()
}

fn write_record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    [&kind.to_be_bytes(), &length.to_be_bytes(), body].concat()
}

/// The first record, and what follows it; `None` when it is not all there.
fn split_record(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (&[k0, k1, l0, l1], rest) = bytes.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let (body, rest) = rest.split_at_checked(length)?;
    Some((u16::from_be_bytes([k0, k1]), body, rest))
}

/// Whether the record that ends an answer is there. `walked` is how far was looked before.
fn is_ended(bytes: &[u8], walked: &mut usize) -> bool {
    while let Some((kind, body, _rest)) = bytes.get(*walked..).and_then(split_record) {
        if kind & !CRITICAL == record::END {
            return true;
        }
        *walked += 4 + body.len();
    }
    false
}

/// What a server agreed to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Agreed {
    pub(in crate::source) cookies: Vec<Vec<u8>>,
    server: Option<String>,
    port: Option<u16>,
}

impl Agreed {
    /// Whom to ask for the time: whom it names, or itself (RFC 8915 §4.1.7, §4.1.8).
    pub(in crate::source) fn server(&self, own: IpAddr) -> Result<Endpoint, Refusal> {
        let port = self.port.unwrap_or(ntp::PORT);
        let Some(server) = &self.server else {
            let host = own.to_string();
            return Ok(Endpoint { host, port });
        };
        let is_v6 = server.parse::<Ipv6Addr>().is_ok();
        let written = if is_v6 {
            format!("[{server}]")
        } else {
            server.clone()
        };
        Endpoint::parse(&written, port)
            .ok()
            .filter(|_| is_v6 || !server.contains([':', '[']))
            .ok_or_else(|| malformed("it names a time server that is no name"))
    }
}

fn malformed(why: &str) -> Refusal {
    Refusal::Malformed(why.to_owned())
}

/// Takes what may be there once only.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Refusal> {
    match place.replace(value) {
        None => Ok(()),
        Some(_first) => Err(malformed("it has two records of a kind that may come once")),
    }
}

/// The one number in a record.
fn number(body: &[u8]) -> Result<u16, Refusal> {
    let body = body.try_into();
    body.map(u16::from_be_bytes)
        .map_err(|_length| malformed("a record has another length than it must"))
}

/// Reads an answer: records to the one that ends it, which nothing follows.
pub(in crate::source) fn parse_records(mut bytes: &[u8]) -> Result<Agreed, Refusal> {
    let mut agreed = Agreed::default();
    let (mut protocol, mut aead) = (None, None);
    loop {
        let (kind, body, rest) =
            split_record(bytes).ok_or_else(|| malformed("a record is not all there"))?;
        bytes = rest;
        match kind & !CRITICAL {
            record::END if body.is_empty() && rest.is_empty() => break,
            record::END => return Err(malformed("something follows its end")),
            record::PROTOCOL => once(&mut protocol, body)?,
            record::AEAD => once(&mut aead, body)?,
            record::ERROR => return Err(reported("error", number(body)?)),
            // None is known yet, and an unknown one is as bad as an error (RFC 8915 §4.1.4).
            record::WARNING => return Err(reported("warning", number(body)?)),
            record::COOKIE => {
                if body.is_empty() || body.len() > COOKIE_LIMIT {
                    return Err(malformed("a cookie is empty or too long"));
                }
                if agreed.cookies.len() < COOKIES {
                    agreed.cookies.push(body.to_vec());
                }
            }
            record::SERVER => {
                let name = std::str::from_utf8(body)
                    .ok()
                    .filter(|name| name.is_ascii());
                let name = name.ok_or_else(|| malformed("it names a server not in ASCII"))?;
                once(&mut agreed.server, name.to_owned())?;
            }
            record::PORT => match number(body)? {
                0 => return Err(malformed("it names port 0")),
                port => once(&mut agreed.port, port)?,
            },
            unknown if kind & CRITICAL != 0 => {
                return Err(malformed(&format!(
                    "it insists on a record of the unknown type {unknown}"
                )));
            }
            _ => {}
        }
    }
    let useless = |why: &str| Err(Refusal::Useless(why.to_owned()));
    if protocol != Some(&NTPV4.to_be_bytes()) {
        return useless("it has no keys for NTPv4");
    }
    if aead != Some(&AES_SIV_CMAC_256.to_be_bytes()) {
        return useless("it does not agree to AEAD_AES_SIV_CMAC_256, which every server must have");
    }
    if agreed.cookies.is_empty() {
        return useless("it gave no cookie");
    }
    Ok(agreed)
}

/// What an error or a warning of the server amounts to (RFC 8915 §4.1.3).
fn reported(what: &str, code: u16) -> Refusal {
    let meaning = match (what, code) {
        ("error", 0) => "it does not know a record that it was sent",
        ("error", 1) => "it takes the request for malformed",
        ("error", 2) => "something failed in it",
        _ => "it does not say why",
    };
    Refusal::Useless(format!(
        "key establishment ended with {what} {code}: {meaning}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{
        Agreed, CRITICAL, LIMIT, gather, is_ended, parse_records, record, request, write_record,
    };
    use crate::source::Refusal;
    use proptest::prelude::{any, proptest};

    /// A good answer, with other records before its end.
    fn answer(more: &[(u16, &[u8])]) -> Vec<u8> {
        let good: [(u16, &[u8]); 3] = [
            (CRITICAL | record::PROTOCOL, &[0, 0]),
            (record::AEAD, &[0, 15]),
            (record::COOKIE, b"cookie"),
        ];
        ended(&[good.as_slice(), more].concat())
    }

    fn ended(records: &[(u16, &[u8])]) -> Vec<u8> {
        let end: (u16, &[u8]) = (CRITICAL | record::END, &[]);
        let all = records.iter().chain([&end]);
        all.flat_map(|(kind, body)| write_record(*kind, body))
            .collect()
    }

    #[test]
    fn a_request_wants_ntp_with_the_one_aead() {
        let wanted = [0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0];
        assert_eq!(request(), wanted);
    }

    #[test]
    fn a_good_answer_is_read() {
        let agreed = parse_records(&answer(&[
            (record::COOKIE, b"another"),
            (record::SERVER, b"time.example"),
            (CRITICAL | record::PORT, &[0x30, 0x39]),
            (0x4000, b"unknown, and not critical"),
        ]))
        .unwrap();
        let cookies = vec![b"cookie".to_vec(), b"another".to_vec()];
        let own = "192.0.2.1".parse().unwrap();
        let server = agreed.server(own).unwrap().to_string();
        assert_eq!(
            (agreed.cookies, server.as_str()),
            (cookies, "time.example:12345")
        );
        let agreed = parse_records(&answer(&[])).unwrap();
        assert_eq!(agreed.server(own).unwrap().to_string(), "192.0.2.1:123");
        let v6 = agreed.server("2001:db8::1".parse().unwrap()).unwrap();
        assert_eq!(v6.to_string(), "[2001:db8::1]:123");
    }

    #[test]
    fn only_a_name_is_a_server() {
        let named = |server: &str| {
            let server = Some(server.to_owned());
            let agreed = Agreed {
                server,
                ..Agreed::default()
            };
            let endpoint = agreed.server("192.0.2.1".parse().unwrap());
            endpoint.map(|endpoint| endpoint.to_string())
        };
        assert_eq!(named("2001:db8::1"), Ok("[2001:db8::1]:123".to_owned()));
        assert_eq!(named("192.0.2.7"), Ok("192.0.2.7:123".to_owned()));
        for no in ["", "a:5", "[::1]", "a b", "a\n", "-x"] {
            assert!(matches!(named(no), Err(Refusal::Malformed(_))), "{no:?}");
        }
    }

    fn all_refused(bytes_and_why: &[(Vec<u8>, &str)]) {
        for (bytes, expected) in bytes_and_why {
            let refused = parse_records(bytes).unwrap_err().to_string();
            assert!(refused.contains(expected), "{expected}: {refused}");
        }
    }

    #[test]
    fn a_server_that_agrees_to_something_else_is_of_no_use() {
        fn protocol(body: &[u8]) -> (u16, &[u8]) {
            (record::PROTOCOL, body)
        }
        fn aead(body: &[u8]) -> (u16, &[u8]) {
            (record::AEAD, body)
        }
        let cookie: (u16, &[u8]) = (record::COOKIE, b"cookie");
        let (ntp, siv) = (protocol(&[0, 0]), aead(&[0, 15]));
        let (no_ntp, no_siv) = ("no keys for NTPv4", "does not agree to AEAD");
        all_refused(&[
            (ended(&[]), no_ntp),
            (ended(&[siv, cookie]), no_ntp),
            (ended(&[protocol(&[]), siv, cookie]), no_ntp),
            (ended(&[protocol(&[0, 1]), siv, cookie]), no_ntp),
            (ended(&[ntp, cookie]), no_siv),
            (ended(&[ntp, aead(&[]), cookie]), no_siv),
            (ended(&[ntp, aead(&[0, 30]), cookie]), no_siv),
            (ended(&[ntp, siv]), "no cookie"),
        ]);
    }

    #[test]
    fn what_is_not_as_it_must_be_is_refused() {
        let with = |kind: u16, body: &[u8]| answer(&[(kind, body)]);
        let twice = |kind: u16, body: &[u8]| answer(&[(kind, body), (kind, body)]);
        let (two, good) = ("two records of a kind", answer(&[]));
        all_refused(&[
            (with(record::COOKIE, &[]), "a cookie is empty"),
            (with(record::COOKIE, &[0; 1025]), "empty or too long"),
            (with(record::PROTOCOL, &[0, 0]), two),
            (with(record::AEAD, &[0, 15]), two),
            (twice(record::PORT, &[0, 1]), two),
            (twice(record::SERVER, b"a"), two),
            (with(record::PORT, &[0, 0]), "port 0"),
            (with(record::PORT, &[1]), "another length"),
            (with(record::SERVER, b"\xff"), "not in ASCII"),
            (with(CRITICAL | record::ERROR, &[0, 1]), "error 1: it takes"),
            (with(CRITICAL | record::ERROR, &[0, 9]), "error 9"),
            (with(record::ERROR, &[]), "another length"),
            (with(CRITICAL | record::WARNING, &[0, 0]), "warning 0"),
            (with(CRITICAL | 0x4000, &[]), "unknown type 16384"),
            ([good.clone(), vec![0]].concat(), "follows its end"),
            (write_record(record::END, &[1]), "follows its end"),
            (good[..good.len() - 1].to_vec(), "not all there"),
            (Vec::new(), "not all there"),
        ]);
    }

    #[test]
    fn an_answer_is_read_to_its_end_but_not_for_ever() {
        let good = answer(&[]);
        let mut bytes = good.iter();
        let one_by_one = gather(|buffer| {
            buffer[0] = *bytes.next().unwrap();
            Ok(1)
        });
        assert_eq!(one_by_one, Ok(good));
        let mut given = 0;
        let endless = gather(|buffer| {
            buffer.fill(1);
            given += buffer.len();
            Ok(buffer.len())
        });
        assert!(endless.unwrap_err().to_string().contains("does not end"));
        assert!((LIMIT..=LIMIT + 4096).contains(&given), "{given}");
        let cut = gather(|_| Ok(0)).unwrap_err().to_string();
        assert!(cut.contains("ends before its end"), "{cut}");
    }

    #[test]
    fn more_cookies_than_are_of_use_are_dropped() {
        let many = [(record::COOKIE, b"x".as_slice()); 100];
        assert_eq!(parse_records(&answer(&many)).unwrap().cookies.len(), 8);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..60_usize) {
            let _any = parse_records(&bytes);
            let good = answer(&[]);
            let cut = good.len().saturating_sub(cut);
            assert_eq!(is_ended(&good[..cut], &mut 0), cut == good.len());
            assert_eq!(parse_records(&good[..cut]).is_ok(), cut == good.len());
        }

        #[test]
        fn an_end_is_found_however_it_comes_in_pieces(at in 0..30_usize) {
            let good = answer(&[]);
            let (mut walked, at) = (0, at.min(good.len() - 1));
            assert!(!is_ended(&good[..at], &mut walked));
            assert!(is_ended(&good, &mut walked) && walked < LIMIT);
        }
    }
}
