//! Time servers that are as far off as a case wants them: plain NTP on loopback, in this process.

use skewgate::sys::{Boottime, boottime, wall_clock};
use skewgate::time::{Span, parse_duration};
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The servers of a case; all of them end with it.
pub(crate) struct Servers {
    ports: Vec<u16>,
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Servers {
    /// One for each way in which one is off from this machine's clock ([`Off::parse`]).
    pub(crate) fn start(all: &[String]) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (mut ports, mut threads) = (Vec::new(), Vec::new());
        for (place, off) in all.iter().enumerate() {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            ports.push(socket.local_addr().unwrap().port());
            let off = Off::parse(off);
            let upstream = [10, 0, 0, u8::try_from(place + 1).unwrap()];
            let over = Arc::clone(&over);
            threads.push(thread::spawn(move || {
                serve(&socket, off, upstream, &over);
            }));
        }
        Self {
            ports,
            over,
            threads,
        }
    }

    /// The text with `NTP1`, `NTP2` … as the servers' addresses.
    pub(crate) fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (place, port) in self.ports.iter().enumerate() {
            text = text.replace(
                &format!("NTP{}", place + 1),
                &format!("ntp:127.0.0.1:{port}"),
            );
        }
        text
    }

    /// The text with the servers' addresses as `NTP1`, `NTP2` …, and without what they say just now.
    pub(crate) fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (place, port) in self.ports.iter().enumerate() {
            text = text.replace(
                &format!("ntp:127.0.0.1:{port}"),
                &format!("NTP{}", place + 1),
            );
        }
        let mut parts = text.split("` answered ");
        let mut masked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let address = masked.rsplit('`').next().unwrap_or_default();
            let is_ours = address.starts_with("NTP");
            let end = part.find('\n').unwrap_or(part.len());
            let (said, rest) = part.split_at(end);
            masked.push_str("` answered ");
            masked.push_str(if is_ours { "TIME" } else { said });
            masked.push_str(rest);
        }
        masked
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// How a server is off from this machine's clock.
#[derive(Clone, Copy)]
struct Off {
    began: Boottime,
    by: Span,
    /// How many of its microseconds pass in a second of this machine.
    pace: i128,
    /// From when on it is off by so much more.
    then: Option<(Span, Span)>,
}

impl Off {
    /// `-3d`: behind. `0s x0.833333`: it runs slower, as seen from a builder that is too fast. `0s then -60s
    /// after 2s`: it is set back.
    fn parse(text: &str) -> Self {
        let (text, then) = match text.split_once(" then ") {
            Some((text, then)) => (text, then.split_once(" after ")),
            None => (text, None),
        };
        let (by, pace) = text.split_once(" x").unwrap_or((text, "1.000000"));
        let pace: String = pace.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(pace.len(), 7, "write a pace with six decimals: {text}");
        Self {
            began: boottime(),
            by: signed(by),
            pace: pace.parse().unwrap(),
            then: then.map(|(by, after)| (signed(by), signed(after))),
        }
    }

    fn now(self) -> i128 {
        let elapsed = boottime().since(self.began);
        let slower = elapsed.as_nanos() * (self.pace - 1_000_000) / 1_000_000;
        let then = self.then.filter(|(_, after)| elapsed >= *after);
        let by = self.by.plus(then.map_or(Span::ZERO, |(by, _)| by));
        wall_clock().later(by).as_nanos() + slower
    }
}

fn signed(text: &str) -> Span {
    let span = parse_duration(text.trim_start_matches(['-', '+'])).unwrap();
    if text.starts_with('-') {
        span.negated()
    } else {
        span
    }
}

/// Answers as a server of stratum 2 does whose upstream is `upstream` (RFC 5905 §7.3).
fn serve(socket: &UdpSocket, off: Off, upstream: [u8; 4], over: &AtomicBool) {
    let mut request = [0; 512];
    while !over.load(Ordering::Relaxed) {
        let Ok((length, client)) = socket.recv_from(&mut request) else {
            continue;
        };
        if length < 48 {
            continue;
        }
        let now = off.now();
        let seconds =
            u32::try_from((now.div_euclid(1_000_000_000) + 2_208_988_800) & 0xffff_ffff).unwrap();
        let fraction =
            u32::try_from((now.rem_euclid(1_000_000_000) << 32) / 1_000_000_000).unwrap();
        let stamp = [seconds.to_be_bytes(), fraction.to_be_bytes()].concat();
        let mut answer = vec![0x24, 2, 6, 0xec];
        answer.extend([0; 8]);
        answer.extend(upstream);
        answer.extend(&stamp);
        answer.extend(&request[40..48]);
        answer.extend(&stamp);
        answer.extend(&stamp);
        let _gone = socket.send_to(&answer, client);
    }
}
