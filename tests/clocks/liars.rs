//! `ntp:` against servers that lie, each in its own way.

use crate::lab::free_port;
use skewgate::source::{Budget, Named, Options, Refusal, Sample};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::{Span, Timestamp};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A packet in the making.
#[derive(Clone)]
struct Packet(Vec<u8>);

impl Packet {
    fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    fn kiss(self, code: &[u8; 4]) -> Self {
        self.with(0, &[0xe4, 0]).with(12, code)
    }

    fn wrong_origin(self) -> Self {
        self.with(24, b"guessed!")
    }

    fn times(self, received: Timestamp, sent: Timestamp) -> Self {
        let set = sent.earlier(Span::from_secs(8));
        self.with(16, &stamp(set))
            .with(32, &stamp(received))
            .with(40, &stamp(sent))
    }
}

fn stamp(at: Timestamp) -> [u8; 8] {
    let seconds = (at.seconds() + 2_208_988_800).rem_euclid(1 << 32);
    let fraction = (at.subsecond() << 32) / 1_000_000_000;
    let whole = (i128::from(seconds) << 32) | fraction;
    u64::try_from(whole).unwrap().to_be_bytes()
}

/// One request, as a liar hears it.
struct Heard<'socket> {
    socket: &'socket UdpSocket,
    client: SocketAddr,
    request: Vec<u8>,
    stop: &'socket AtomicBool,
}

impl Heard<'_> {
    /// What an honest server would answer.
    fn honest(&self) -> Packet {
        let now = wall_clock();
        let mut bytes = vec![0x24, 2, 0, 0xe7, 0, 0, 0, 1, 0, 0, 0, 1, 192, 0, 2, 77];
        bytes.resize(48, 0);
        Packet(bytes)
            .with(24, &self.request[40..48])
            .times(now, now)
    }

    fn answer(&self, packet: &Packet) {
        self.send(&packet.0);
    }

    fn send(&self, bytes: &[u8]) {
        // Nobody may listen any more.
        let _sent = self.socket.send_to(bytes, self.client);
    }
}

/// A server in this process, until it is dropped.
struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    fn new(bind: &str, mut answer: impl FnMut(&Heard<'_>) + Send + 'static) -> Self {
        let socket = UdpSocket::bind(bind).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let address = socket.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut buffer = [0; 2048];
            while !stopped.load(Ordering::Relaxed) {
                if let Ok((length, client)) = socket.recv_from(&mut buffer) {
                    answer(&Heard {
                        socket: &socket,
                        client,
                        request: buffer[..length].to_vec(),
                        stop: &stopped,
                    });
                }
            }
        });
        Self {
            address,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _panicked = self.thread.take().map(thread::JoinHandle::join);
    }
}

fn ask(address: SocketAddr) -> Result<Sample, Refusal> {
    let source = Named::open(&format!("ntp:{address}"), &Options::default()).unwrap();
    source.sample(Budget::of(Span::from_secs(5)))
}

/// A liar: what it is, what it answers, and what must be said of it; `time` when it must be believed.
type Liar = (&'static str, fn(&Heard<'_>), &'static str);

const TIMES: Span = Span::from_secs(1);
const TIME: &str = "the time";

const LIARS: &[Liar] = &[
    ("honest", |heard| heard.answer(&heard.honest()), TIME),
    (
        "version 3",
        |heard| heard.answer(&heard.honest().with(0, &[0x1c])),
        TIME,
    ),
    (
        "garbage behind the packet",
        |heard| heard.send(&[heard.honest().0, vec![0xff; 1400]].concat()),
        TIME,
    ),
    (
        "no T2",
        |heard| heard.answer(&heard.honest().with(32, &[0; 8])),
        "does not say when",
    ),
    (
        "no T3",
        |heard| heard.answer(&heard.honest().with(40, &[0; 8])),
        "does not say when",
    ),
    (
        "T3 before T2",
        |heard| {
            let now = wall_clock();
            heard.answer(&heard.honest().times(now, now.earlier(Span::from_millis(2))));
        },
        "before the request came",
    ),
    (
        "thought for 5 s",
        |heard| {
            let now = wall_clock();
            heard.answer(&heard.honest().times(now, now.later(Span::from_secs(5))));
        },
        "took 5 s, but all was over",
    ),
    (
        "set in the future",
        |heard| {
            let later = wall_clock().later(Span::from_secs(60));
            heard.answer(&heard.honest().with(16, &stamp(later)));
        },
        "after the answer left",
    ),
    (
        "wrong origin",
        |heard| heard.answer(&heard.honest().wrong_origin()),
        "; 2 answers to something else came",
    ),
    (
        "origin zero",
        |heard| heard.answer(&heard.honest().with(24, &[0; 8])),
        "; 2 answers to something else came",
    ),
    (
        "wrong origin, then the answer",
        |heard| {
            heard.answer(&heard.honest().wrong_origin());
            heard.answer(&heard.honest());
        },
        "the time, 1 ignored",
    ),
    (
        "a kiss of somebody else, then the answer",
        |heard| {
            heard.answer(&heard.honest().kiss(b"DENY").wrong_origin());
            heard.answer(&heard.honest());
        },
        "the time, 1 ignored",
    ),
    (
        "asked too often",
        |heard| heard.answer(&heard.honest().kiss(b"RATE")),
        "(kiss-o'-death RATE); it was asked too often",
    ),
    (
        "denied",
        |heard| heard.answer(&heard.honest().kiss(b"DENY")),
        "(kiss-o'-death DENY); this machine may not ask it",
    ),
    (
        "restricted",
        |heard| heard.answer(&heard.honest().kiss(b"RSTR")),
        "(kiss-o'-death RSTR); this machine may not ask it",
    ),
    (
        "a kiss that nobody knows",
        |heard| heard.answer(&heard.honest().kiss(b"XYZW")),
        "(kiss-o'-death XYZW)",
    ),
    (
        "a kiss to take over a terminal",
        |heard| heard.answer(&heard.honest().kiss(b"\x1b[2J")),
        "(kiss-o'-death 27.91.50.74)",
    ),
    (
        "a client's packet",
        |heard| heard.answer(&heard.honest().with(0, &[0x23])),
        "answers to something else",
    ),
    (
        "a broadcast",
        |heard| heard.answer(&heard.honest().with(0, &[0x25])),
        "answers to something else",
    ),
    (
        "version 0",
        |heard| heard.answer(&heard.honest().with(0, &[0x04])),
        "answers to something else",
    ),
    (
        "version 7",
        |heard| heard.answer(&heard.honest().with(0, &[0x3c])),
        "answers to something else",
    ),
    (
        "stratum 16",
        |heard| heard.answer(&heard.honest().with(1, &[16])),
        "not synchronised (stratum 16)",
    ),
    (
        "leap 3",
        |heard| heard.answer(&heard.honest().with(0, &[0xe4])),
        "not synchronised (leap indicator 3",
    ),
    (
        "leap 3, stratum 0, no reference",
        |heard| heard.answer(&heard.honest().kiss(&[0; 4])),
        "not synchronised (leap indicator 3",
    ),
    (
        "stratum 0, no reference",
        |heard| heard.answer(&heard.honest().kiss(&[0; 4]).with(0, &[0x24])),
        "not synchronised (stratum 0",
    ),
    (
        "dispersion of 20 s",
        |heard| heard.answer(&heard.honest().with(8, &[0, 20, 0, 0])),
        "may be off by 20",
    ),
    (
        "delay of 18 h",
        |heard| heard.answer(&heard.honest().with(4, &[0xff; 4])),
        "may be off by 9 h",
    ),
    (
        "precision of 2^127 s",
        |heard| heard.answer(&heard.honest().with(3, &[0x7f])),
        "may be off by",
    ),
    (
        "another port",
        |heard| {
            let other = UdpSocket::bind("127.0.0.1:0").unwrap();
            other.send_to(&heard.honest().0, heard.client).unwrap();
        },
        "no answer within",
    ),
    (
        "47 bytes",
        |heard| heard.send(&heard.honest().0[..47]),
        "answers to something else",
    ),
    (
        "no bytes",
        |heard| heard.send(&[]),
        "answers to something else",
    ),
    (
        "its own clock, by name",
        |heard| heard.answer(&heard.honest().with(1, &[1]).with(12, b"LOCL")),
        "undisciplined clock (reference LOCL)",
    ),
    (
        "its own clock, by address",
        |heard| heard.answer(&heard.honest().with(1, &[9]).with(12, &[127, 127, 1, 0])),
        "undisciplined clock (reference 127.127.1.0)",
    ),
    ("silence", |_| {}, "no answer within 3"),
    (
        "slow",
        |heard| {
            let answer = heard.honest();
            thread::sleep(Duration::from_millis(1200));
            heard.answer(&answer);
        },
        "took 1.2",
    ),
    (
        "without end",
        |heard| {
            let began = boottime();
            let wrong = heard.honest().wrong_origin();
            while !heard.stop.load(Ordering::Relaxed)
                && boottime().since(began) < Span::from_millis(3500)
            {
                heard.answer(&wrong);
            }
        },
        "answers to something else",
    ),
    (
        "era 1, 2040",
        |heard| {
            let then = Timestamp::from_unix(2_208_988_800, 0);
            heard.answer(&heard.honest().times(then, then));
        },
        "2040-01-01T00:00:00",
    ),
    (
        "before this program",
        |heard| {
            let then = Timestamp::from_unix(1_700_000_000, 0);
            heard.answer(&heard.honest().times(then, then));
        },
        "earlier than this program",
    ),
];

/// What came of it, as far as it is of interest.
fn told(outcome: Result<Sample, Refusal>) -> String {
    let sample = match outcome {
        Ok(sample) => sample,
        Err(refusal) => return refusal.to_string(),
    };
    let ignored = sample.evidence.facts.iter();
    let mut ignored = ignored.filter(|(name, _)| *name == "ignored");
    let ignored = ignored
        .next()
        .map_or_else(String::new, |(_, count)| format!(", {count} ignored"));
    let middle = sample.time.middle().unwrap();
    let now = wall_clock();
    assert!(sample.time.width() < Span::from_millis(500));
    if middle.since(now).abs() < TIMES {
        format!("{TIME}{ignored}")
    } else {
        middle.to_string()
    }
}

#[test]
fn every_liar_is_refused_for_its_lie() {
    let asked: Vec<_> = LIARS
        .iter()
        .map(|&(name, answer, expected)| {
            let ask = move || {
                let server = Server::new("127.0.0.1:0", answer);
                let began = boottime();
                let told = told(ask(server.address));
                (told, boottime().since(began))
            };
            (name, expected, thread::spawn(ask))
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, expected, asked) in asked {
        let (told, took) = asked.join().unwrap();
        let is_it = if expected.starts_with(TIME) {
            told == expected
        } else {
            told.contains(expected)
        };
        if !is_it || took > Span::from_secs(6) {
            wrong.push(format!(
                "{name}: expected {expected}; after {took} got {told}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_old_answer_is_no_answer() {
    let mut recorded = None;
    let server = Server::new("127.0.0.1:0", move |heard| {
        let honest = heard.honest();
        heard.answer(recorded.get_or_insert(honest));
    });
    assert_eq!(told(ask(server.address)), TIME);
    let replayed = told(ask(server.address));
    assert!(
        replayed.contains("2 answers to something else"),
        "{replayed}"
    );
}

#[test]
fn where_nothing_listens_is_told_at_once() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let began = boottime();
    assert_eq!(ask(nobody), Err(Refusal::Refused { server: nobody }));
    assert!(boottime().since(began) < Span::from_millis(500));
}

#[test]
fn a_server_that_follows_this_machine_is_refused() {
    // Nothing is sent: the system only says which address it would be sent from.
    let way = UdpSocket::bind("0.0.0.0:0").unwrap();
    let own = way.connect("192.0.2.1:9").and_then(|()| way.local_addr());
    let Ok(SocketAddr::V4(own)) = own else {
        println!("not tested here: needs an address that is not loopback");
        return;
    };
    let id = own.ip().octets();
    let server = Server::new(&format!("{}:0", own.ip()), move |heard| {
        heard.answer(&heard.honest().with(12, &id));
    });
    let refusal = told(ask(server.address));
    assert!(
        refusal.contains("takes its time from this machine"),
        "{refusal}"
    );
}

#[test]
fn a_request_tells_nothing_of_the_builder() {
    let (tell, requests) = std::sync::mpsc::channel();
    let server = Server::new("127.0.0.1:0", move |heard| {
        tell.send((heard.request.clone(), heard.client)).unwrap();
        heard.answer(&heard.honest());
    });
    for _ in 0..2 {
        ask(server.address).unwrap();
    }
    let (one, other) = (requests.recv().unwrap(), requests.recv().unwrap());
    for (request, _) in [&one, &other] {
        assert_eq!(request.len(), 48);
        assert_eq!(request[0], 0x23);
        assert_eq!(request[1..40], [0; 39]);
    }
    assert_ne!(one.0[40..], other.0[40..], "a nonce is used once");
    assert_ne!(one.1.port(), other.1.port(), "a port is used once");
}

#[test]
fn who_asks_to_be_left_alone_is_asked_once() {
    for (code, times) in [(b"RATE", 1), (b"DENY", 1), (b"RSTR", 1), (b"XYZW", 1)] {
        let (tell, requests) = std::sync::mpsc::channel();
        let server = Server::new("127.0.0.1:0", move |heard| {
            tell.send(()).unwrap();
            heard.answer(&heard.honest().kiss(code));
        });
        assert!(matches!(ask(server.address), Err(Refusal::Kiss { .. })));
        drop(server);
        assert_eq!(requests.iter().count(), times);
    }
}
