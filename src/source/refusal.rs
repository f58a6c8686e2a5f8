//! Why a source did not tell the time.

use crate::time::{Span, Timestamp};
use std::io;
use std::net::SocketAddr;

/// Why a source did not tell the time. Each reads on after the source's address and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // ---- of the builder itself
    /// The kernel's clock is kept by nobody.
    #[error("nothing keeps this machine's clock in step (adjtimex: not synchronised)")]
    Unsynchronised,
    /// The system has no such source.
    #[error("this system does not say how its clock is kept")]
    Unsupported,
    /// A device, a program or a directory that the source needs is not there or does not serve.
    #[error("{0}")]
    Unavailable(String),

    // ---- of the way to a server
    /// The name has no address.
    #[error("`{host}` has no address: {why}")]
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// Nobody listens there (ICMP port unreachable, TCP reset).
    #[error("nothing listens at {server}")]
    Refused {
        /// Where.
        server: SocketAddr,
    },
    /// The network has no way there.
    #[error("no way to {server}: {why}")]
    Unreachable {
        /// Where.
        server: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// No answer in time.
    #[error("no answer within {waited}{}", spoofs(*.ignored))]
    Timeout {
        /// How long it was waited for.
        waited: Span,
        /// Answers that were not to what was asked, and dropped: somebody may be spoofing.
        ignored: u32,
    },
    /// The connection broke.
    #[error("the connection to {server} broke: {why}")]
    Broken {
        /// With whom.
        server: SocketAddr,
        /// What the system said.
        why: String,
    },

    // ---- of what a server says of itself
    /// The server's own clock is not set (NTP leap 3, stratum 0 or 16).
    #[error("its own clock is not synchronised ({0})")]
    ServerUnsynchronised(String),
    /// The server wants not to be asked (RFC 5905 §7.4).
    #[error("it asks to be left alone (kiss-o'-death {code}); {}", kiss(.code))]
    Kiss {
        /// Its code: RATE, DENY, RSTR …
        code: String,
    },
    /// It serves its own undisciplined clock.
    #[error(
        "it serves its own undisciplined clock (reference {reference}), which looks perfect and proves nothing; \
         allow-local-reference lets it count"
    )]
    LocalReference {
        /// What it says.
        reference: String,
    },
    /// It takes its time from this very machine.
    #[error("it takes its time from this machine ({reference}): the suspect would confirm itself")]
    Loop {
        /// What it says.
        reference: String,
    },
    /// A time-stamp authority does not grant a stamp (RFC 3161 §2.4.2, `PKIStatus`).
    #[error("it does not grant a time stamp ({0})")]
    Rejected(String),
    /// It claims to be farther from the truth than is of use.
    #[error("it may be off by {distance}, by its own account; the limit is {limit}")]
    TooFar {
        /// What it claims.
        distance: Span,
        /// What is let pass.
        limit: Span,
    },

    // ---- of an answer that cannot be
    /// It is not what the protocol says.
    #[error("its answer is malformed: {0}")]
    Malformed(String),
    /// It may be right, but is of a kind that is not read here.
    #[error("its answer cannot be used here: {0}")]
    Unhandled(String),
    /// It contradicts itself or what was measured here.
    #[error("its answer contradicts itself: {0}")]
    Inconsistent(String),
    /// It took so long that it says too little.
    #[error("its answer took {0}, too long to say anything")]
    TooSlow(Span),
    /// It is earlier than this program.
    #[error("it says {said}, which is earlier than this program ({floor}) and cannot be")]
    BeforeFloor {
        /// What it says.
        said: Timestamp,
        /// When this source was written.
        floor: Timestamp,
    },

    // ---- of authenticity
    /// The certificate or the handshake.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The certificate's validity does not hold the time that was obtained.
    #[error(
        "its certificate is valid from {not_before} to {not_after}, and the time it gives, {}, is not in that", shown(*.time)
    )]
    Expired {
        /// The first second it is valid.
        not_before: Timestamp,
        /// The last.
        not_after: Timestamp,
        /// The middle of what was obtained.
        time: Option<Timestamp>,
    },
    /// Nobody answered to the key that was asked by: Roughtime servers are silent to another's.
    #[error(
        "no answer within {waited}: the key in the address may be wrong (a server does not answer to a key that \
         is not its own), or no server is there{}", spoofs(*.ignored)
    )]
    UnansweredKey {
        /// How long it was waited for.
        waited: Span,
        /// Answers that were not to what was asked, and dropped: somebody may be spoofing.
        ignored: u32,
    },
    /// The answer is not what the keys say it should be.
    #[error("its answer is not authentic: {0}")]
    Forged(String),

    // ---- of HTTP
    /// The server answered with something else than a time.
    #[error("its answer is of no use: {0}")]
    Useless(String),
}

fn shown(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "no end".to_owned(), |time| time.to_string())
}

fn spoofs(answers: u32) -> String {
    match answers {
        0 => String::new(),
        1 => "; an answer to something else came and was ignored: somebody may be spoofing"
            .to_owned(),
        several => format!(
            "; {several} answers to something else came and were ignored: somebody may be spoofing"
        ),
    }
}

fn kiss(code: &str) -> &'static str {
    match code {
        "RATE" => "it was asked too often",
        "DENY" | "RSTR" => "this machine may not ask it",
        "NTSN" => "it does not know the cookie",
        "INIT" | "STEP" => "its own clock is not set yet",
        _ => "it does not say why",
    }
}

impl Refusal {
    /// What an error of the network between here and `server` means.
    pub(super) fn of_io(error: &io::Error, server: SocketAddr, waited: Span) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                Self::Timeout { waited, ignored: 0 }
            }
            io::ErrorKind::ConnectionRefused => Self::Refused { server },
            io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied => Self::Unreachable {
                server,
                why: error.to_string(),
            },
            _ => Self::Broken {
                server,
                why: error.to_string(),
            },
        }
    }
}
