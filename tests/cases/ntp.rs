//! Time servers that are as far off as a case wants them: plain NTP on loopback, in this process.

use skewgate::sys::wall_clock;
use skewgate::time::parse_duration;
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
    /// One for each offset from this machine's clock, such as `-3d`.
    pub(crate) fn start(offsets: &[String]) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (mut ports, mut threads) = (Vec::new(), Vec::new());
        for (place, offset) in offsets.iter().enumerate() {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            ports.push(socket.local_addr().unwrap().port());
            let behind = offset.starts_with('-');
            let span = parse_duration(offset.trim_start_matches(['-', '+'])).unwrap();
            let offset = if behind {
                -span.as_nanos()
            } else {
                span.as_nanos()
            };
            let upstream = [10, 0, 0, u8::try_from(place + 1).unwrap()];
            let over = Arc::clone(&over);
            threads.push(thread::spawn(move || {
                serve(&socket, offset, upstream, &over);
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

/// Answers as a server of stratum 2 does whose upstream is `upstream` (RFC 5905 §7.3).
fn serve(socket: &UdpSocket, offset: i128, upstream: [u8; 4], over: &AtomicBool) {
    let mut request = [0; 512];
    while !over.load(Ordering::Relaxed) {
        let Ok((length, client)) = socket.recv_from(&mut request) else {
            continue;
        };
        if length < 48 {
            continue;
        }
        let now = wall_clock().as_nanos() + offset;
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
