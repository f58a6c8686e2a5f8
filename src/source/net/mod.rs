//! Reaching a server: names, connections and how long they may take.

pub(super) mod http;
pub(super) mod tls;

pub use tls::{Authorities, AuthoritiesError};

use super::{AddressError, Budget, Refusal};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};

/// A server as an address names it: a host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// A name, or an IP address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Endpoint {
    /// `host`, `host:port`, `[v6]` or `[v6]:port`.
    pub(super) fn parse(text: &str, default_port: u16) -> Result<Self, AddressError> {
        let refused = |why| AddressError::Server {
            server: text.to_owned(),
            why,
        };
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, behind) = rest.split_once(']').ok_or(refused("a `]` is missing"))?;
                host.parse::<Ipv6Addr>()
                    .map_err(|_not_one| refused("no IPv6 address"))?;
                match behind {
                    "" => (host, None),
                    _ => (
                        host,
                        Some(
                            behind
                                .strip_prefix(':')
                                .ok_or(refused("what follows `]` is no port"))?,
                        ),
                    ),
                }
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let is_name = |host: &str| {
            let ok =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
            !host.is_empty() && host.len() <= 253 && !host.starts_with('-') && host.chars().all(ok)
        };
        if host.parse::<Ipv6Addr>().is_err() && !is_name(host) {
            return Err(refused("write HOST, HOST:PORT, or [IPV6]:PORT"));
        }
        let port = match port {
            None => default_port,
            Some(port) => port
                .parse()
                .ok()
                .filter(|&port| port > 0)
                .ok_or(refused("no port: write 1 to 65535"))?,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }

    /// Every address of it, in the order of the resolver.
    ///
    /// The system's resolver has no deadline.
    pub(super) fn resolve(&self, budget: Budget) -> Result<Vec<SocketAddr>, Refusal> {
        if let Ok(ip) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, self.port)]);
        }
        let unresolved = |why: String| Refusal::Unresolved {
            host: self.host.clone(),
            why,
        };
        let asked = (self.host.clone(), self.port);
        match budget.bound(move || asked.to_socket_addrs().map(Vec::from_iter)) {
            Some(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            Some(Ok(_none)) => Err(unresolved("it has none".to_owned())),
            Some(Err(error)) => Err(unresolved(error.to_string())),
            None => Err(unresolved(format!(
                "the resolver did not answer within {}",
                budget.spent()
            ))),
        }
    }

    /// Connects by TCP to the first of its addresses that answers.
    pub(super) fn connect(&self, budget: Budget) -> Result<Stream, Refusal> {
        let addresses = self.resolve(budget)?;
        let mut refusal = None;
        for (tried, &server) in addresses.iter().enumerate() {
            let Some(left) = budget.left() else { break };
            // An address that swallows everything must not use up the time of those after it.
            let share = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            match TcpStream::connect_timeout(&server, left / share) {
                Ok(stream) => {
                    // Without it a short request may wait for the acknowledgement of the one before.
                    let _slower = stream.set_nodelay(true);
                    return Ok(Stream {
                        stream,
                        server,
                        budget,
                    });
                }
                Err(error) => refusal = Some(Refusal::of_io(&error, server, budget.spent())),
            }
        }
        Err(refusal.unwrap_or_else(|| budget.timeout()))
    }
}

/// A UDP socket that hears only this server, and at once when nothing listens there: the word of that
/// (ICMP port unreachable) reaches connected sockets only.
pub(super) fn datagrams(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    Ok(socket)
}

/// As a `Host` header has it but for the port's default: IPv6 in brackets.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.parse::<Ipv6Addr>() {
            Ok(v6) => write!(f, "[{v6}]:{}", self.port),
            Err(_) => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// A TCP connection, each of whose reads and writes ends with the budget.
#[derive(Debug)]
pub(super) struct Stream {
    stream: TcpStream,
    pub(super) server: SocketAddr,
    pub(super) budget: Budget,
}

impl Stream {
    fn left(&self) -> io::Result<std::time::Duration> {
        self.budget
            .left()
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
    }

    /// What an error of it means.
    pub(super) fn refusal(&self, error: &io::Error) -> Refusal {
        Refusal::of_io(error, self.server, self.budget.spent())
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(self.left()?))?;
            match self.stream.read(into) {
                // A wait with a timeout is not taken up again after a signal (signal(7)).
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Endpoint};
    use crate::source::Refusal;
    use crate::time::Span;

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let parse =
            |text| Endpoint::parse(text, 123).map(|at| (at.host.clone(), at.port, at.to_string()));
        let server = |host: &str, port, shown: &str| Ok((host.to_owned(), port, shown.to_owned()));
        assert_eq!(
            parse("time.example"),
            server("time.example", 123, "time.example:123")
        );
        assert_eq!(
            parse("10.0.0.1:11123"),
            server("10.0.0.1", 11123, "10.0.0.1:11123")
        );
        assert_eq!(parse("[::1]"), server("::1", 123, "[::1]:123"));
        assert_eq!(parse("[fe80::1]:9"), server("fe80::1", 9, "[fe80::1]:9"));
        for no in [
            "", ":1", "a:0", "a:65536", "a:b", "a b", "a\r\nb", "::1", "[::1", "[x]", "[::1]9",
            "-a", "a@b",
        ] {
            assert!(parse(no).is_err(), "{no:?}");
        }
    }

    #[test]
    fn a_name_without_an_address_is_told_from_a_server_that_is_silent() {
        let refusal = Endpoint::parse("no-such-name.invalid", 123)
            .unwrap()
            .resolve(Budget::of(Span::from_secs(5)));
        assert!(
            matches!(refusal, Err(Refusal::Unresolved { .. })),
            "{refusal:?}"
        );
    }

    #[test]
    fn a_port_where_nothing_listens_is_told_at_once() {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let refusal = Endpoint::parse(&free.to_string(), 1)
            .unwrap()
            .connect(Budget::of(Span::from_secs(5)));
        assert_eq!(refusal.map(|_| ()), Err(Refusal::Refused { server: free }));
    }
}
