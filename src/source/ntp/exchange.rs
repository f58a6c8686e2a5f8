//! One request and the answer to it, among whatever else comes.

use super::check::{self, Seen};
use super::packet::{self, LENGTH, Packet, Stamp};
use crate::source::net;
use crate::source::random::random;
use crate::source::{Budget, Refusal};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Span};
use std::net::SocketAddr;

/// More than any answer has: a network that takes longer packets apart is no place to measure time.
const LONGEST: usize = 4096;

/// What goes around a packet: nothing in NTP, the fields that authenticate it in NTS.
pub(in crate::source) trait Envelope {
    /// The datagram for a request.
    fn seal(&mut self, request: &[u8; LENGTH]) -> Result<Vec<u8>, Refusal>;

    /// Whether a datagram, whose packet answers the request, is from whom it was sent to.
    fn is_genuine(&mut self, datagram: &[u8]) -> bool;

    /// Why nothing that came was genuine, if that says more than that nothing came.
    fn complaint(&self) -> Option<Refusal>;
}

/// NTP as it is: who knows the nonce is believed.
#[derive(Debug)]
pub(in crate::source) struct Plain;

impl Envelope for Plain {
    fn seal(&mut self, request: &[u8; LENGTH]) -> Result<Vec<u8>, Refusal> {
        Ok(request.to_vec())
    }

    fn is_genuine(&mut self, _datagram: &[u8]) -> bool {
        true
    }

    fn complaint(&self) -> Option<Refusal> {
        None
    }
}

/// An answer that passed every check.
#[derive(Debug)]
pub(in crate::source) struct Answer {
    pub(in crate::source) packet: Packet,
    pub(in crate::source) time: Interval,
    pub(in crate::source) taken: Boottime,
    /// From the request to the answer, on the ruler.
    pub(in crate::source) elapsed: Span,
    pub(in crate::source) server: SocketAddr,
    /// How many datagrams came that answer something else.
    pub(in crate::source) ignored: u32,
}

/// What one try may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// All tries together.
    pub(super) whole: Budget,
    /// This one.
    pub(super) one: Budget,
    pub(super) allow_local_reference: bool,
}

/// Asks `server` once, from a port of its own, so that what answers another request is not heard.
pub(super) fn with(
    server: SocketAddr,
    envelope: &mut dyn Envelope,
    limits: Limits,
    ignored: &mut u32,
) -> Result<Answer, Refusal> {
    let whole = limits.whole;
    let failed = |error: &std::io::Error| Refusal::of_io(error, server, whole.spent());
    let socket = net::datagrams(server).map_err(|error| failed(&error))?;
    let own = socket.local_addr().map_err(|error| failed(&error))?.ip();
    let nonce = Stamp(u64::from_be_bytes(random()?));
    let datagram = envelope.seal(&packet::request(nonce))?;
    let sent = boottime();
    socket.send(&datagram).map_err(|error| failed(&error))?;
    let mut buffer = [0; LONGEST];
    while let Some(left) = limits.one.left() {
        socket
            .set_read_timeout(Some(left))
            .map_err(|error| failed(&error))?;
        let received = socket.recv(&mut buffer);
        let taken = boottime();
        let length = match received {
            Ok(length) => length,
            Err(error) if is_no_answer_yet(&error) => continue,
            Err(error) => return Err(failed(&error)),
        };
        let datagram = buffer.get(..length).unwrap_or_default();
        let answer = Packet::parse(datagram).filter(|packet| is_to(packet, nonce));
        let Some(packet) = answer.filter(|_| envelope.is_genuine(datagram)) else {
            *ignored = ignored.saturating_add(1);
            continue;
        };
        let elapsed = taken.since(sent);
        let seen = Seen {
            elapsed,
            own,
            allow_local_reference: limits.allow_local_reference,
        };
        return Ok(Answer {
            packet,
            time: check::time(&packet, seen)?,
            taken,
            elapsed,
            server,
            ignored: *ignored,
        });
    }
    Err(envelope.complaint().unwrap_or(Refusal::Timeout {
        waited: whole.spent(),
        ignored: *ignored,
    }))
}

/// Whether it is a server's answer to the request with this nonce.
fn is_to(packet: &Packet, nonce: Stamp) -> bool {
    packet.mode == 4 && matches!(packet.version, 3 | 4) && packet.origin == nonce
}

/// Whether only the waiting ended, which the budget is asked about, or a signal came between.
fn is_no_answer_yet(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}
