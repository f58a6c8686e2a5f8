//! The parsers of what a time server sends, opened to the fuzzers in `fuzz/` and to nobody else: this is
//! here only under `cfg(fuzzing)`.
//!
//! Each takes bytes as they come, holds what the parser makes of them against what must be true of any
//! bytes, and tells what was accepted.

use super::chrony::tracking::Tracking;
use super::date::reading::Reading;
use super::net::http;
use super::net::tls::validity;
use super::ntp::check::{self, Seen};
use super::ntp::packet::{LENGTH, Packet};
use super::ntp::{Answer, Envelope as _};
use super::nts::establish::{gather, parse_records};
use super::nts::protect::{KEY, Keys, Protection, open_fields};
use super::tsa::info::Info;
use super::tsa::{self, signer::Signer};
use super::{Authorities, Class, Refusal, Sample};
use crate::sys::Boottime;
use crate::time::{Interval, Rate, Span, Timestamp};
use rustls::pki_types::CertificateDer;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The longest message, and the longest fact, that bytes from outside may lead to.
const MOST_WORDS: usize = 1500;

/// Who is taken to have answered.
const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 123);

/// What an NTP packet says of the time. What follows the packet tells what was seen of the exchange: how
/// long it took (32 bits of nanoseconds), whether a local clock counts, the address of this machine.
pub fn ntp(datagram: &[u8]) -> Option<Interval> {
    let Some(packet) = Packet::parse(datagram) else {
        assert!(datagram.len() < LENGTH, "a packet is passed over");
        return None;
    };
    let behind = datagram.get(LENGTH..).unwrap_or_default();
    let told = |at: usize| {
        let bytes = behind.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let elapsed = Span::from_nanos(told(0).map_or(1_000_000, i128::from));
    let own = Ipv4Addr::from(told(5).unwrap_or_default());
    let seen = Seen {
        elapsed,
        own: IpAddr::V4(own),
        allow_local_reference: behind.get(4).is_some_and(|byte| byte % 2 == 1),
    };
    let time = accepted(check::time(&packet, seen))?;

    assert!((1..16).contains(&packet.stratum) && packet.leap != 3);
    let (sent, came) = (packet.transmit.instant(), packet.receive.instant());
    assert!(came <= sent, "it answered before it was asked");
    holds(time, sent);
    assert!(time.latest() >= Some(came.later(elapsed)));
    // Twice the distance, a leap second and the slack, and one and a half times the exchange.
    assert!(time.width() <= Span::from_millis(3000 + 2000 + 1500 + 10));

    let answer = Answer {
        packet,
        time,
        taken: Boottime::at(0),
        elapsed,
        server: SERVER,
        ignored: 0,
    };
    plain(&answer.sample(Class::Network));
    Some(time)
}

/// How many cookies the records of NTS-KE give.
pub fn nts_records(bytes: &[u8]) -> Option<usize> {
    let agreed = accepted(parse_records(bytes));
    // What is taken for an answer must also be what is read as one, however it comes.
    for chunk in [1, 7, 4096] {
        let mut left = bytes;
        let gathered = gather(|buffer| {
            let (now, later) = left.split_at(left.len().min(chunk));
            left = later;
            buffer[..now.len()].copy_from_slice(now);
            Ok(now.len())
        });
        match gathered {
            Ok(gathered) => assert!(bytes.starts_with(&gathered)),
            Err(refusal) => {
                brief(&refusal);
                assert!(agreed.is_none() || bytes.len() > 64 << 10, "{refusal}");
            }
        }
    }
    let agreed = agreed?;
    let cookies = &agreed.cookies;
    assert!((1..=8).contains(&cookies.len()));
    assert!(
        cookies
            .iter()
            .all(|cookie| (1..=1024).contains(&cookie.len()))
    );
    if let Some(server) = accepted(agreed.server(SERVER.ip())) {
        assert!(server.port > 0 && (1..=253).contains(&server.host.len()));
        assert!(!server.to_string().chars().any(char::is_control));
    }
    Some(cookies.len())
}

/// What the fields behind an NTP packet prove, to a client whose keys are 1 and 2 in every byte and that
/// has identified its request by zeros.
pub fn nts_fields(datagram: &[u8]) -> Option<&[u8]> {
    let mut client = Protection::new(Keys::new([1; KEY], [2; KEY]), vec![vec![0]]);
    let is_genuine = client.is_genuine(datagram);
    if let Some(refusal) = client.complaint() {
        brief(&refusal);
        assert!(!is_genuine);
    }
    let fields = open_fields(datagram)?;
    let Some(proof) = fields.proof else {
        assert!(!is_genuine, "nothing proves it");
        return None;
    };
    assert!(datagram.starts_with(proof.covered) && proof.covered.len() >= LENGTH);
    let parts = proof.covered.len() + proof.nonce.len() + proof.ciphertext.len();
    assert!(!proof.nonce.is_empty() && parts <= datagram.len());
    is_genuine.then_some(proof.covered)
}

/// What the Date in the head of an HTTP response says of the time.
pub fn http_head(bytes: &[u8]) -> Option<Interval> {
    let sent = Boottime::at(0);
    let (mut response, used) = http::parse(bytes, sent).ok()??;
    assert!((1..=bytes.len()).contains(&used));
    // A head is the same however much of what follows has come, and none until it is all there.
    let whole = |length: usize| {
        let again = http::parse(bytes.get(..length).unwrap_or_default(), sent);
        again.ok().flatten().map(|(_, used)| used)
    };
    assert_eq!((whole(used), whole(used - 1)), (Some(used), None));
    assert!(response.fields().count() <= http::FIELD_LIMIT);
    let is_lower = |name: &str| !name.bytes().any(|letter| letter.is_ascii_uppercase());
    assert!(response.fields().all(|(name, _)| is_lower(name)));

    response.body = bytes.get(used..).unwrap_or_default().to_vec();
    let _body = accepted(tsa::body(&response));
    let reading = accepted(Reading::of(&response))?;
    let time = reading.time();
    holds(time, reading.date);
    let (_least, most) = Rate::UNKNOWN.over(reading.round_trip());
    assert_eq!(time.width(), Span::from_secs(2).plus(most));
    Some(time)
}

/// The token in a time-stamp reply.
pub fn tsa_reply(reply: &[u8]) -> Option<&[u8]> {
    let token = accepted(tsa::reply::token(reply))?;
    assert!(reply.ends_with(token) && token.len() < reply.len());
    Some(token)
}

/// When a `TSTInfo` says that it was made.
pub fn tsa_info(bytes: &[u8]) -> Option<Interval> {
    let info = accepted(Info::parse(bytes))?;
    let time = info.time();
    holds(time, info.generated);
    assert!(time.width() > Span::ZERO);
    assert!(info.serial.len() <= 64);
    Some(time)
}

/// The validity of a certificate, and, when it may stamp at the given time, what is known of who does.
pub fn certificate(
    der: &[u8],
    at: Timestamp,
    authorities: &Authorities,
) -> Option<(Timestamp, Timestamp, bool)> {
    let validity = validity(&CertificateDer::from(der), at)?;
    assert!(validity.not_before <= validity.not_after);
    let signer = accepted(Signer::verified(der, &[der], at, authorities));
    if let Some(signer) = &signer {
        assert!((validity.not_before..=validity.not_after).contains(&at));
        let name = signer.name.as_deref().unwrap_or_default();
        assert!(name.len() <= MOST_WORDS && !name.chars().any(char::is_control));
    }
    Some((validity.not_before, validity.not_after, signer.is_some()))
}

/// What chronyd says of a clock that shows zero.
pub fn chrony(line: &[u8]) -> Option<Interval> {
    let tracking = match Tracking::parse(&String::from_utf8_lossy(line)) {
        Ok(tracking) => tracking,
        Err(why) => {
            assert!(why.len() <= MOST_WORDS, "{why}");
            return None;
        }
    };
    let uncertainty = tracking.uncertainty();
    assert!(uncertainty > Span::ZERO);
    accepted(tracking.admit(false))?;
    let took = Span::from_millis(1);
    let clock = Timestamp::from_unix(0, 0);
    let sample = super::chrony::answer(&tracking, clock, Boottime::at(0), took);
    holds(sample.time, clock.later(tracking.correction));
    assert!(sample.time.width() >= uncertainty.plus(uncertainty));
    plain(&sample);
    Some(sample.time)
}

/// What a Roughtime server signs, who is the one in the unit tests and was asked what is asked there.
#[cfg(feature = "roughtime")]
pub fn roughtime(reply: &[u8]) -> Option<Interval> {
    use super::roughtime::verify::{Asked, Wrong};
    // The public key of the seed that is 1 in every byte.
    const KEY: [u8; 32] = [
        0x8a, 0x88, 0xe3, 0xdd, 0x74, 0x09, 0xf1, 0x95, 0xfd, 0x52, 0xdb, 0x2d, 0x3c, 0xba, 0x5d,
        0x72, 0xca, 0x67, 0x09, 0xbf, 0x1d, 0x94, 0x12, 0x1b, 0xf3, 0x74, 0x88, 0x01, 0xb4, 0x0f,
        0x6f, 0x5c,
    ];
    let asked = Asked {
        request: b"all of the request",
        nonce: [7; 32].into(),
        key: &KEY,
    };
    let signed = match asked.verify(reply) {
        Ok(signed) => signed,
        Err(Wrong::NotToThis) => return None,
        Err(Wrong::Refused(refusal)) => {
            brief(&refusal);
            return None;
        }
    };
    let (sent, took) = (Boottime::at(0), Span::from_millis(1));
    let sample = signed.sample(SERVER, sent, sent.later(took));
    holds(sample.time, Timestamp::from_unix(signed.midpoint, 0));
    plain(&sample);
    Some(sample.time)
}

/// What was made of bytes, once a refusal has been seen to be short.
fn accepted<T>(made: Result<T, Refusal>) -> Option<T> {
    made.inspect_err(brief).ok()
}

fn brief(refusal: &Refusal) {
    let words = refusal.to_string();
    assert!(words.len() <= MOST_WORDS, "{words}");
}

/// That an interval has both ends, in order, with an instant between them.
fn holds(time: Interval, instant: Timestamp) {
    let (earliest, latest) = (time.earliest(), time.latest());
    assert!(
        earliest.is_some_and(|earliest| earliest <= instant)
            && latest.is_some_and(|latest| instant <= latest),
        "{time:?} without {instant}"
    );
}

/// That a sample can be shown, and ages into one that can be.
fn plain(sample: &Sample) {
    for (name, value) in &sample.evidence.facts {
        assert!(value.len() <= MOST_WORDS, "{name}: {value}");
        assert!(!value.chars().any(char::is_control), "{name}: {value}");
    }
    let later = sample.taken.later(Span::from_secs(86_400));
    assert!(sample.at(later).width() >= sample.time.width());
}
