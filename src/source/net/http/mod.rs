//! One HTTP/1.1 request after another on one connection, each with when it was sent and answered.
//!
//! Why not a client library: those hide when a request left and when its answer came, follow redirects
//! and caches, and check certificates by the builder's clock. What is left is this page
//! (`docs/decisions/0007-own-http-exchange.md`).

use super::tls::{self, Authorities, Protocol, Secured};
use super::{Endpoint, Stream};
use crate::source::{AddressError, Budget, Certificate, Refusal};
use crate::sys::{Boottime, boottime};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;

/// The most bytes of a response's head that are read.
const HEAD_LIMIT: usize = 16 << 10;

/// The most bytes of a response's body that are read: a time-stamp token with its certificates has some
/// kilobytes.
const BODY_LIMIT: usize = 256 << 10;

/// The most interim answers to one request.
const INTERIM_LIMIT: usize = 8;

/// The most header fields of a response.
pub(in crate::source) const FIELD_LIMIT: usize = 100;

/// Where a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Url {
    pub(in crate::source) is_secure: bool,
    pub(in crate::source) endpoint: Endpoint,
    /// As the request has it: with its query, never empty.
    pub(in crate::source) path: String,
}

impl Url {
    /// Reads what follows the scheme: `//host[:port][/path]`.
    pub(in crate::source) fn parse(is_secure: bool, rest: &str) -> Result<Self, AddressError> {
        let refused = |why| AddressError::Server {
            server: rest.to_owned(),
            why,
        };
        let rest = rest
            .strip_prefix("//")
            .ok_or(refused("write `//` after the scheme"))?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // What stands before an `@` may be a password, so it is not repeated.
        if let Some((_secret, host)) = authority.rsplit_once('@') {
            return Err(AddressError::Server {
                server: host.to_owned(),
                why: "no name or password is sent: write the host alone",
            });
        }
        if path.chars().any(|letter| !letter.is_ascii_graphic()) {
            return Err(refused("its path has letters that must be percent-encoded"));
        }
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let endpoint = Endpoint::parse(authority, if is_secure { 443 } else { 80 })?;
        Ok(Self {
            is_secure,
            endpoint,
            path,
        })
    }

    fn host(&self) -> String {
        let shown = self.endpoint.to_string();
        let default = if self.is_secure { ":443" } else { ":80" };
        shown.strip_suffix(default).unwrap_or(&shown).to_owned()
    }
}

/// A connection to a server.
#[derive(Debug)]
pub(in crate::source) struct Connection {
    url: Url,
    stream: Either,
    /// The server's certificate, when the connection is secure.
    pub(in crate::source) certificate: Option<Certificate>,
    /// Who is there.
    pub(in crate::source) server: SocketAddr,
}

#[derive(Debug)]
enum Either {
    Plain(Stream),
    Secured(Box<Secured>),
}

/// What a server answered.
#[derive(Debug)]
pub(in crate::source) struct Response {
    pub(in crate::source) status: u16,
    /// Names in lower case, values as they came.
    headers: Vec<(String, Vec<u8>)>,
    /// Empty for `HEAD`.
    pub(in crate::source) body: Vec<u8>,
    /// Before the first byte of the request left.
    pub(in crate::source) sent: Boottime,
    /// Once all that was asked for was here: the head, and the body if there is one.
    pub(in crate::source) received: Boottime,
    /// Whether another request may follow.
    pub(in crate::source) stays_open: bool,
}

impl Response {
    /// The value of a header that is there once and is text.
    pub(in crate::source) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.values(name);
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        std::str::from_utf8(value).ok().map(str::trim)
    }

    /// Every header, its name in lower case.
    pub(in crate::source) fn fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of a header, in order.
    pub(in crate::source) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let same = self.fields().filter(move |(other, _)| *other == name);
        same.map(|(_, value)| value)
    }

    /// Whether a header is there at all.
    pub(in crate::source) fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// Whether the server ends the connection after it (RFC 9112 §9.6).
    fn closes(&self) -> bool {
        self.values("connection").any(|options| {
            let mut options = options.split(|&byte| byte == b',');
            options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
        })
    }

    /// The response a test wishes for.
    #[cfg(test)]
    pub(in crate::source) fn with(fields: &[(&str, &str)], sent: i128, received: i128) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.as_bytes().to_vec());
        Self {
            status: 200,
            headers: fields.iter().map(owned).collect(),
            body: Vec::new(),
            sent: Boottime::at(sent),
            received: Boottime::at(received),
            stays_open: true,
        }
    }
}

/// A body to send, with what it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct Body<'bytes> {
    pub(in crate::source) content_type: &'static str,
    pub(in crate::source) bytes: &'bytes [u8],
}

impl Connection {
    /// Connects. A secure connection has its handshake behind it, so that the time of a request is the
    /// request's own.
    pub(in crate::source) fn open(
        url: &Url,
        authorities: &Authorities,
        budget: Budget,
    ) -> Result<Self, Refusal> {
        let stream = url.endpoint.connect(budget)?;
        let server = stream.server;
        let url = url.clone();
        if !url.is_secure {
            let stream = Either::Plain(stream);
            return Ok(Self {
                url,
                stream,
                certificate: None,
                server,
            });
        }
        let protocol = Protocol {
            alpn: b"http/1.1",
            exclusive: false,
        };
        let secured = tls::secure(stream, &url.endpoint.host, authorities, protocol)?;
        let certificate = Some(secured.certificate);
        let stream = Either::Secured(Box::new(secured));
        Ok(Self {
            url,
            stream,
            certificate,
            server,
        })
    }

    /// Asks with `HEAD`, without a body, or else with `POST`.
    pub(in crate::source) fn ask(&mut self, body: Option<Body<'_>>) -> Result<Response, Refusal> {
        // What answers a request of HTTP/1.0 comes whole, not in chunks.
        let (method, version) = if body.is_some() {
            ("POST", "1.0")
        } else {
            ("HEAD", "1.1")
        };
        let mut request = format!(
            "{method} {} HTTP/{version}\r\nHost: {}\r\nUser-Agent: skewgate/{}\r\nAccept: */*\r\nCache-Control: no-cache\r\n",
            self.url.path,
            self.url.host(),
            env!("CARGO_PKG_VERSION"),
        )
        .into_bytes();
        if let Some(body) = body {
            let length = body.bytes.len();
            request.extend(
                format!(
                    "Content-Type: {}\r\nContent-Length: {length}\r\n",
                    body.content_type
                )
                .bytes(),
            );
        }
        request.extend(b"\r\n");
        request.extend(body.map(|body| body.bytes).unwrap_or_default());
        let sent = boottime();
        self.exchange(&request, sent, body.is_some())
            .map_err(|error| match error {
                Wrong::Io(error) => self.refusal(&error),
                Wrong::Http(why) => Refusal::Malformed(why.to_owned()),
            })
    }

    fn refusal(&self, error: &io::Error) -> Refusal {
        match &self.stream {
            Either::Plain(stream) => stream.refusal(error),
            Either::Secured(secured) => tls::refusal(error, &secured.stream.sock),
        }
    }

    fn exchange(
        &mut self,
        request: &[u8],
        sent: Boottime,
        wants_body: bool,
    ) -> Result<Response, Wrong> {
        self.stream.write_all(request)?;
        let mut bytes = Vec::new();
        for _ in 0..=INTERIM_LIMIT {
            let (mut response, used) = loop {
                if let Some(parsed) = parse(&bytes, sent)? {
                    break parsed;
                }
                if bytes.len() >= HEAD_LIMIT {
                    return Err(Wrong::Http("its head does not end"));
                }
                self.stream.read_some(&mut bytes)?;
            };
            bytes.drain(..used);
            match response.status {
                101 => {
                    return Err(Wrong::Http(
                        "it switches protocols, which was not asked for",
                    ));
                }
                // Other interim answers (RFC 9110 §15.2) say nothing.
                100..200 => continue,
                _ => {}
            }
            if wants_body {
                response.body = self.body(&response, bytes)?;
                // What the body says may have been decided after the head had left.
                response.received = boottime();
                response.stays_open = false;
            } else {
                // What follows a head without a body would be taken for the next answer.
                response.stays_open &= bytes.is_empty();
            }
            return Ok(response);
        }
        Err(Wrong::Http(
            "it puts off its answer again and again (status 1xx)",
        ))
    }

    /// The body, by RFC 9112 §6.3: chunked, of a stated length, or until the connection ends.
    fn body(&mut self, response: &Response, mut bytes: Vec<u8>) -> Result<Vec<u8>, Wrong> {
        const TOO_LARGE: Wrong = Wrong::Http("its body is too large");
        if response.has("transfer-encoding") {
            return Err(Wrong::Http(
                "its body comes in chunks, which was not asked for",
            ));
        }
        let length = match response.header("content-length") {
            Some(text) => Some(
                text.parse()
                    .map_err(|_no_number| Wrong::Http("its Content-Length is no number"))?,
            ),
            None if response.has("content-length") => {
                return Err(Wrong::Http("it has two lengths"));
            }
            None => None,
        };
        if length.is_some_and(|length: usize| length > BODY_LIMIT) {
            return Err(TOO_LARGE);
        }
        while length.is_none_or(|length| bytes.len() < length) {
            match self.stream.read_some(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && length.is_none() => {
                    break;
                }
                read => read?,
            }
            if length.is_none() && bytes.len() > BODY_LIMIT {
                return Err(TOO_LARGE);
            }
        }
        bytes.truncate(length.unwrap_or(BODY_LIMIT));
        Ok(bytes)
    }
}

/// What went wrong while asking.
pub(in crate::source) enum Wrong {
    Io(io::Error),
    Http(&'static str),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The head of a response and how many bytes it has, once it is whole.
pub(in crate::source) fn parse(
    bytes: &[u8],
    sent: Boottime,
) -> Result<Option<(Response, usize)>, Wrong> {
    let mut headers = [httparse::EMPTY_HEADER; FIELD_LIMIT];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(bytes).map_err(|why| match why {
        httparse::Error::TooManyHeaders => Wrong::Http("it has too many header fields"),
        _ => Wrong::Http("it is no HTTP/1.1"),
    })?;
    let httparse::Status::Complete(used) = parsed else {
        return Ok(None);
    };
    let headers: Vec<_> = head
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
        .collect();
    let mut response = Response {
        status: head.code.unwrap_or(0),
        headers,
        body: Vec::new(),
        sent,
        received: boottime(),
        stays_open: head.version == Some(1),
    };
    response.stays_open &= !response.closes();
    Ok(Some((response, used)))
}

impl Either {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Secured(secured) => {
                secured.stream.write_all(bytes)?;
                secured.stream.flush()
            }
        }
    }

    /// Reads what is there, at least a byte.
    fn read_some(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let mut buffer = [0; 4096];
        let read = match self {
            Self::Plain(stream) => stream.read(&mut buffer)?,
            Self::Secured(secured) => secured.stream.read(&mut buffer)?,
        };
        into.extend(buffer.get(..read).unwrap_or_default());
        if read == 0 {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
