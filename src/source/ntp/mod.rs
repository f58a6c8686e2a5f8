//! `ntp:HOST[:PORT]`, a time server (RFC 5905) asked as a client that keeps nothing: SNTP without its
//! habit of believing.

pub(in crate::source) mod check;
mod exchange;
pub(in crate::source) mod packet;

pub(in crate::source) use exchange::{Answer, Envelope};

use super::net::Endpoint;
use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
    Upstream,
};
use crate::time::{Rate, Span};
use std::net::{IpAddr, SocketAddr};

pub(super) const SCHEME: Scheme = Scheme {
    name: "ntp",
    form: "ntp:HOST[:PORT]",
    summary: "a time server (NTP); whoever is on the way can forge its answer",
    class: Class::Network,
    open,
};

/// Where a time server listens (RFC 5905 §7.2).
pub(in crate::source) const PORT: u16 = 123;

/// How long an answer is waited for before the request counts as lost.
const TRY: Span = Span::from_millis(1500);

/// How often an address is asked: packets get lost, but a server that is silent may mean it.
const TRIES: u32 = 2;

#[derive(Debug)]
struct Ntp {
    endpoint: Endpoint,
    allow_local_reference: bool,
}

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    Ok(Box::new(Ntp {
        endpoint: Endpoint::parse(rest, PORT)?,
        allow_local_reference: options.allow_local_reference,
    }))
}

impl Source for Ntp {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let addresses = self.endpoint.resolve(budget)?;
        let answer = ask(
            &addresses,
            &mut exchange::Plain,
            self.allow_local_reference,
            budget,
        )?;
        Ok(answer.sample(SCHEME.class))
    }
}

/// Asks two of the addresses in turn, until one of them tells the time.
pub(in crate::source) fn ask(
    addresses: &[SocketAddr],
    envelope: &mut dyn Envelope,
    allow_local_reference: bool,
    budget: Budget,
) -> Result<Answer, Refusal> {
    let mut ignored = 0;
    let mut refusal: Option<Refusal> = None;
    for server in two(addresses) {
        for _try in 0..TRIES {
            let Some(_left) = budget.left() else { break };
            let limits = exchange::Limits {
                whole: budget,
                one: budget.at_most(TRY),
                allow_local_reference,
            };
            let error = match exchange::with(server, envelope, limits, &mut ignored) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if is_final(&error) {
                return Err(error);
            }
            let may_be_chance = matches!(error, Refusal::Timeout { .. } | Refusal::TooSlow(_));
            // What a server answered says more than that another one did not.
            let silent = refusal.as_ref().is_none_or(is_of_the_way);
            if silent || !is_of_the_way(&error) {
                refusal = Some(error);
            }
            if !may_be_chance {
                break;
            }
        }
    }
    Err(refusal.unwrap_or(Refusal::Timeout {
        waited: budget.spent(),
        ignored,
    }))
}

/// The first address, and the first of the other family, which may be the one that has a way; else the
/// second.
fn two(addresses: &[SocketAddr]) -> impl Iterator<Item = SocketAddr> {
    let first = addresses.first().copied();
    let is_other =
        |address: &&SocketAddr| first.is_some_and(|it| it.is_ipv4() != address.is_ipv4());
    let other = addresses.iter().find(is_other).or(addresses.get(1));
    first.into_iter().chain(other.copied())
}

/// Whether no other try may follow: the server does not want to be asked (RFC 5905 §7.4), or does not
/// know the keys, which asking another address does not change.
fn is_final(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Kiss { code } if matches!(code.as_str(), "RATE" | "DENY" | "RSTR" | "NTSN"))
}

/// Whether nobody answered.
fn is_of_the_way(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Timeout { .. }
            | Refusal::Refused { .. }
            | Refusal::Unreachable { .. }
            | Refusal::Broken { .. }
    )
}

impl Answer {
    /// What it amounts to, as a witness of this class.
    pub(in crate::source) fn sample(&self, class: Class) -> Sample {
        let packet = &self.packet;
        let mut facts = vec![
            ("stratum", packet.stratum.to_string()),
            ("reference", check::reference(packet)),
            ("root-delay", packet.root_delay.to_string()),
            ("root-dispersion", packet.root_dispersion.to_string()),
            ("round-trip", self.elapsed.to_string()),
        ];
        if packet.leap != 0 {
            let what = if packet.leap == 1 { "more" } else { "less" };
            let told = format!("the month ends with a second {what}; taken as off by up to 1 s");
            facts.push(("leap", told));
        }
        if self.ignored > 0 {
            facts.push(("ignored", self.ignored.to_string()));
        }
        let reference =
            check::upstream(packet).map(|machine| Upstream::Machine(IpAddr::V4(machine)));
        Sample {
            class,
            time: self.time,
            taken: self.taken,
            carry: Carry::Ruler(Rate::UNKNOWN),
            evidence: Evidence {
                server: Some(self.server),
                upstreams: [Upstream::of(self.server)]
                    .into_iter()
                    .chain(reference)
                    .collect(),
                facts,
                ..Evidence::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::exchange::Plain;
    use super::{Answer, ask, two};
    use crate::source::ntp::packet::{Packet, Stamp, request};
    use crate::source::{Budget, Class, Refusal, Upstream};
    use crate::sys::Boottime;
    use crate::time::{Interval, Span, Timestamp};
    use std::net::{SocketAddr, UdpSocket};
    use std::thread;

    #[test]
    fn two_addresses_are_asked_one_of_each_family_if_there_are() {
        let chosen = |addresses: &[&str]| {
            let addresses: Vec<SocketAddr> = addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect();
            two(&addresses)
                .map(|address| address.to_string())
                .collect::<Vec<_>>()
        };
        let (a, b, c) = ("[2001:db8::1]:123", "[2001:db8::2]:123", "192.0.2.1:123");
        assert!(chosen(&[]).is_empty());
        assert_eq!(chosen(&[a]), [a]);
        assert_eq!(chosen(&[a, b]), [a, b]);
        assert_eq!(chosen(&[a, b, c]), [a, c]);
        assert_eq!(chosen(&[c, a, b]), [c, a]);
    }

    #[test]
    fn who_asks_to_be_left_alone_ends_it_and_who_has_no_time_does_not() {
        let asked = |code: [u8; 4]| {
            let sockets = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
            let addresses = sockets
                .each_ref()
                .map(|socket| socket.local_addr().unwrap());
            let servers = sockets.map(|socket| {
                thread::spawn(move || {
                    let mut packet = [0; 48];
                    let mut count = 0;
                    // An empty datagram is the end.
                    while let Ok((1.., client)) = socket.recv_from(&mut packet) {
                        count += 1;
                        packet[0] = 0xe4;
                        packet[12..16].copy_from_slice(&code);
                        packet.copy_within(40..48, 24);
                        socket.send_to(&packet, client).unwrap();
                    }
                    count
                })
            });
            let budget = Budget::of(Span::from_secs(5));
            let refusal = ask(&addresses, &mut Plain, false, budget).unwrap_err();
            let end = UdpSocket::bind("127.0.0.1:0").unwrap();
            for address in addresses {
                end.send_to(&[], address).unwrap();
            }
            (refusal, servers.map(|server| server.join().unwrap()))
        };
        for code in ["RATE", "DENY", "RSTR"] {
            let kiss = Refusal::Kiss {
                code: code.to_owned(),
            };
            let id = code.as_bytes().try_into().unwrap();
            assert_eq!(asked(id), (kiss, [1, 0]));
        }
        assert_eq!(asked(*b"INIT").1, [1, 1]);
        let (unset, counts) = asked([0; 4]);
        assert!(matches!(unset, Refusal::ServerUnsynchronised(_)), "{unset}");
        assert_eq!(counts, [1, 1]);
    }

    #[test]
    fn what_a_server_answered_says_more_than_that_another_did_not() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let answering = socket.local_addr().unwrap();
        let closed = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let server = thread::spawn(move || {
            for _ in 0..2 {
                let mut packet = [0; 48];
                let (_, client) = socket.recv_from(&mut packet).unwrap();
                packet[0] = 0xe4;
                packet.copy_within(40..48, 24);
                socket.send_to(&packet, client).unwrap();
            }
        });
        for addresses in [[answering, closed], [closed, answering]] {
            let budget = Budget::of(Span::from_secs(5));
            let refusal = ask(&addresses, &mut Plain, false, budget).unwrap_err();
            assert!(
                matches!(refusal, Refusal::ServerUnsynchronised(_)),
                "{refusal}"
            );
        }
        server.join().unwrap();
    }

    #[test]
    fn an_answer_tells_whence_its_time_comes() {
        let mut packet = Packet::parse(&request(Stamp(1))).unwrap();
        (packet.stratum, packet.leap, packet.reference_id) = (2, 2, [192, 0, 2, 7]);
        let server = "192.0.2.1:123".parse().unwrap();
        let answer = Answer {
            packet,
            time: Interval::exactly(Timestamp::from_unix(1, 0)),
            taken: Boottime::at(0),
            elapsed: Span::from_millis(3),
            server,
            ignored: 4,
        };
        let evidence = answer.sample(Class::Network).evidence;
        let machine = |ip: &str| Upstream::Machine(ip.parse().unwrap());
        assert_eq!(evidence.server, Some(server));
        assert_eq!(
            evidence.upstreams,
            [machine("192.0.2.1"), machine("192.0.2.7")]
        );
        let facts: Vec<_> = evidence
            .facts
            .iter()
            .map(|(name, fact)| format!("{name} {fact}"))
            .collect();
        assert_eq!(
            facts,
            [
                "stratum 2",
                "reference 192.0.2.7",
                "root-delay 0 s",
                "root-dispersion 0 s",
                "round-trip 3 ms",
                "leap the month ends with a second less; taken as off by up to 1 s",
                "ignored 4",
            ]
        );
    }
}
