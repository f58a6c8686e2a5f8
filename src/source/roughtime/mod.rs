//! `roughtime:`, a server that signs its time for whoever asks (RFC 10049).
//!
//! It needs no certificate and no clock to begin with: the server's long-term key is part of the address.
//! Without the key an answer would prove nothing, so there is no such address.

pub(in crate::source) mod verify;

use super::net::{Endpoint, datagrams};
use super::random::random;
use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
    Upstream,
};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Rate, Span, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use roughenough_protocol::request::{MAX_RESPONSE_SIZE, Request};
use roughenough_protocol::tags::{Nonce, ProtocolVersion, SrvCommitment};
use roughenough_protocol::wire::ToFrame as _;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use verify::{Asked, Signed, Wrong, digest};

/// Where servers listen (RFC 10049 §12.1).
const PORT: u16 = 5319;

/// How long a request is waited for before it is taken to be lost.
const TRY: Span = Span::from_millis(1500);

/// How often each address is asked.
const TRIES: u32 = 2;

/// What is spoken: that of the RFC, and that of the drafts before it, in the order of §5.1.1.
const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::RFC, ProtocolVersion::DRAFT];

pub(super) const SCHEME: Scheme = Scheme {
    name: "roughtime",
    form: "roughtime:HOST[:PORT]?key=KEY",
    summary: "a Roughtime server, to some seconds, by its long-term public key (hex or base64)",
    class: Class::Authenticated,
    open,
};

/// A server and its key.
#[derive(Debug)]
struct Roughtime {
    endpoint: Endpoint,
    key: [u8; 32],
}

fn open(rest: &str, _options: &Options) -> Result<Box<dyn Source>, AddressError> {
    let refused = |why| AddressError::Server {
        server: rest.to_owned(),
        why,
    };
    let (server, key) = rest.split_once("?key=").ok_or(refused(
        "without its key an answer proves nothing: write HOST:PORT?key=KEY",
    ))?;
    Ok(Box::new(Roughtime {
        endpoint: Endpoint::parse(server, PORT)?,
        key: key_of(key).ok_or(refused("its key is not 32 bytes in hex or base64"))?,
    }))
}

/// A key as people write it.
fn key_of(text: &str) -> Option<[u8; 32]> {
    let bytes = if text.len() == 64 {
        let digit = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| (0..64).step_by(2).map(digit).collect())?
    } else {
        let padded = STANDARD.decode(text).ok();
        padded.or_else(|| STANDARD_NO_PAD.decode(text).ok())
    };
    bytes?.try_into().ok()
}

impl Source for Roughtime {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let mut ignored = 0;
        let mut refusal = None;
        for server in self.endpoint.resolve(budget)? {
            let socket = match datagrams(server) {
                Ok(socket) => socket,
                Err(error) => {
                    refusal = Some(Refusal::of_io(&error, server, budget.spent()));
                    continue;
                }
            };
            for _try in 0..TRIES {
                match self.exchange(&socket, server, budget, &mut ignored) {
                    Ok(Some(sample)) => return Ok(sample),
                    Ok(None) => {}
                    Err(forged @ Refusal::Forged(_)) => return Err(forged),
                    Err(other) => {
                        refusal = Some(other);
                        break;
                    }
                }
            }
        }
        Err(refusal.unwrap_or(Refusal::UnansweredKey {
            waited: budget.spent(),
            ignored,
        }))
    }
}

impl Roughtime {
    /// Asks once; `None` when no answer to this request came in time.
    fn exchange(
        &self,
        socket: &UdpSocket,
        server: SocketAddr,
        budget: Budget,
        ignored: &mut u32,
    ) -> Result<Option<Sample>, Refusal> {
        let unavailable = |what: &str| Refusal::Unavailable(what.to_owned());
        let named = SrvCommitment::from(digest(&[SrvCommitment::HASH_PREFIX_SRV, &self.key]));
        let nonce = Nonce::from(random::<32>()?);
        let request = Request::new_with_server_and_versions(&nonce, &named, &VERSIONS)
            .as_frame_bytes()
            .map_err(|error| unavailable(&error.to_string()))?;
        let asked = Asked {
            request: &request,
            nonce,
            key: &self.key,
        };
        let try_ends = budget.at_most(TRY);
        let refusal = |error: &io::Error| Refusal::of_io(error, server, budget.spent());
        let sent = boottime();
        socket.send(&request).map_err(|error| refusal(&error))?;
        // A byte more than there may be shows what is too long.
        let mut reply = [0; MAX_RESPONSE_SIZE + 1];
        while let Some(left) = try_ends.left() {
            let received = socket
                .set_read_timeout(Some(left))
                .and_then(|()| socket.recv(&mut reply));
            let read = match received {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => match refusal(&error) {
                    Refusal::Timeout { .. } => break,
                    other => return Err(other),
                },
            };
            let received = boottime();
            match asked.verify(reply.get(..read).unwrap_or_default()) {
                Ok(signed) => return Ok(Some(signed.sample(server, sent, received))),
                Err(Wrong::Refused(refusal)) => return Err(refusal),
                Err(Wrong::NotToThis) => *ignored = ignored.saturating_add(1),
            }
        }
        Ok(None)
    }
}

impl Signed {
    pub(in crate::source) fn sample(
        &self,
        server: SocketAddr,
        sent: Boottime,
        received: Boottime,
    ) -> Sample {
        let round_trip = received.since(sent);
        let (_least, most) = Rate::UNKNOWN.over(round_trip);
        let radius = Span::from_secs(i64::from(self.radius));
        let middle = Timestamp::from_unix(self.midpoint, 0);
        let latest = middle.later(radius).later(most);
        Sample {
            class: SCHEME.class,
            time: Interval::between(middle.earlier(radius), latest),
            taken: received,
            carry: Carry::Ruler(Rate::UNKNOWN),
            evidence: Evidence {
                server: Some(server),
                upstreams: vec![Upstream::of(server)],
                facts: vec![
                    ("midpoint", middle.to_string()),
                    ("radius", radius.to_string()),
                    ("round-trip", round_trip.to_string()),
                ],
                ..Evidence::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{key_of, open};
    use crate::source::Options;

    const KEY: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";

    #[test]
    fn a_key_is_hex_or_base64() {
        let key = key_of(KEY).unwrap();
        assert_eq!((key[0], key[31]), (0x3b, 0x29));
        for same in [
            &KEY.to_uppercase(),
            "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=",
            "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik",
        ] {
            assert_eq!(key_of(same), Some(key), "{same}");
        }
        let foreign = "é".repeat(32);
        for no in [
            "",
            "00",
            &KEY[..62],
            "AAAA",
            &foreign,
            &KEY.replace('3', "+"),
        ] {
            assert_eq!(key_of(no), None, "{no}");
        }
    }

    #[test]
    fn an_address_has_a_key() {
        for rest in ["a", "a:1", "a:1?key=", "a:1?key=00", "?key=00", "a:0?key="] {
            assert!(open(rest, &Options::default()).is_err(), "{rest}");
        }
        for server in ["a", "a:1", "[::1]:2002"] {
            assert!(open(&format!("{server}?key={KEY}"), &Options::default()).is_ok());
        }
    }
}
