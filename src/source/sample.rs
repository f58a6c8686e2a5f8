//! What a source answers: an interval at one reading of the ruler, and its evidence.

use super::Refusal;
use crate::sys::Boottime;
use crate::time::{Interval, Rate, Span, Timestamp};
use std::net::{IpAddr, SocketAddr};

/// How good a witness of the time a source is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Another machine, whose answer nobody on the way can have made up.
    Authenticated,
    /// Another machine, whose answer somebody on the way can have made up.
    Network,
    /// The machine that the builder is a guest of.
    Host,
    /// Somebody who vouches for this run stated it.
    Stated,
    /// The machine that keeps the files: it speaks for the times on its mount.
    FileServer,
    /// The builder's own clock, by what its kernel or its time daemon says of itself.
    SelfAsserted,
    /// The builder's own clock, of which nobody says anything.
    System,
}

impl Class {
    /// Every class, the best first.
    pub const ALL: [Self; 7] = [
        Self::Authenticated,
        Self::Network,
        Self::Host,
        Self::Stated,
        Self::FileServer,
        Self::SelfAsserted,
        Self::System,
    ];

    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticated => "authenticated",
            Self::Network => "network",
            Self::Host => "host",
            Self::Stated => "stated",
            Self::FileServer => "file-server",
            Self::SelfAsserted => "self-asserted",
            Self::System => "system",
        }
    }

    /// The class that is named so.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Whether it speaks for a clock other than the builder's, so that a release may rest on it.
    pub const fn is_independent(self) -> bool {
        match self {
            Self::Authenticated | Self::Network | Self::Host | Self::Stated => true,
            Self::FileServer | Self::SelfAsserted | Self::System => false,
        }
    }

    /// Whether skewgate itself had the time from outside. A stated time is somebody's word.
    pub const fn is_verified(self) -> bool {
        match self {
            Self::Authenticated | Self::Network | Self::Host => true,
            Self::Stated | Self::FileServer | Self::SelfAsserted | Self::System => false,
        }
    }
}

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How good a witness it is.
    pub class: Class,
    /// What the time was.
    pub time: Interval,
    /// When it was that.
    pub taken: Boottime,
    /// How the answer ages.
    pub carry: Carry,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// How an answer is carried to another reading of the ruler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carry {
    /// By the ruler, on which true time gains at this rate.
    Ruler(Rate),
    /// Forward in steps of its own uncertainty, which covers the time within a step: what is made from
    /// a stated time can be made again exactly.
    Steps(Span),
}

impl Sample {
    /// What the time is, or was, at another reading of the ruler.
    pub fn at(&self, ruler: Boottime) -> Interval {
        self.carry.from(self.time, ruler.since(self.taken))
    }
}

impl Carry {
    /// What becomes of a time when `elapsed` has passed on the ruler; negative for what it was before.
    pub fn from(self, time: Interval, elapsed: Span) -> Interval {
        match self {
            Self::Ruler(rate) => time.after(rate.over(elapsed)),
            Self::Steps(step) => {
                let steps = elapsed.max(Span::ZERO).as_nanos() / step.as_nanos().max(1);
                time.later(Span::from_nanos(steps.saturating_mul(step.as_nanos())))
            }
        }
    }
}

/// What speaks for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Who answered, as it was reached.
    pub server: Option<SocketAddr>,
    /// Where its time comes from, as far as it says. Sources that share one have one vote.
    pub upstreams: Vec<Upstream>,
    /// The certificate that the answer rests on.
    pub certificate: Option<Certificate>,
    /// What else is worth telling, each with its name: `stratum` and `2`, say.
    pub facts: Vec<(&'static str, String)>,
    /// A signed token that proves the answer to others, later.
    pub token: Option<Token>,
}

/// Where a time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Upstream {
    /// A machine on the network. An IPv6 reference of NTP is known by a part of its hash only (RFC 5905
    /// §7.3), which stands here as if it were an IPv4 address.
    Machine(IpAddr),
    /// A service on this machine, or forwarded through it: a loopback address says nothing of who is
    /// behind it, so each port is its own.
    Loopback(SocketAddr),
    /// The machine that the builder is a guest of.
    Host,
    /// The builder itself.
    Builder,
}

impl Upstream {
    /// That of a server, by the address it was reached at.
    pub fn of(server: SocketAddr) -> Self {
        let ip = server.ip().to_canonical();
        if ip.is_loopback() {
            Self::Loopback(server)
        } else {
            Self::Machine(ip)
        }
    }
}

/// A certificate, and how its validity was checked without a clock to trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    /// The first second it is valid.
    pub not_before: Timestamp,
    /// The last.
    pub not_after: Timestamp,
    /// Whether the builder's clock lies in its validity as well. If not, only the time that the answer
    /// itself gave does: someone with an old key could have given an old time.
    pub is_strict: bool,
}

impl Certificate {
    /// Lets only a time pass that lies in the validity: the other half of the check, which could not be
    /// made before the time was known.
    pub(super) fn admit(self, time: Interval) -> Result<(), Refusal> {
        let (not_before, not_after) = (self.not_before, self.not_after);
        let inside = time.earliest() >= Some(not_before)
            && time.latest().is_some_and(|latest| latest <= not_after);
        if inside {
            return Ok(());
        }
        Err(Refusal::Expired {
            not_before,
            not_after,
            time: time.middle(),
        })
    }
}

/// A signed token over a challenge (RFC 3161 §2.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The data whose digest was stamped: random, so that the token cannot be older than it.
    pub challenge: Vec<u8>,
    /// The `TimeStampToken`, in DER.
    pub der: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::{Carry, Class, Evidence, Sample};
    use crate::sys::Boottime;
    use crate::time::{Interval, Rate, Span, Timestamp};

    #[test]
    fn an_answer_ages_as_its_source_says() {
        let mut sample = Sample {
            class: Class::System,
            time: Interval::exactly(Timestamp::from_unix(0, 0)),
            taken: Boottime::at(0),
            carry: Carry::Ruler(Rate::within(500)),
            evidence: Evidence::default(),
        };
        let later = Boottime::at(10_000_000_000);
        let ten = Interval::around(Timestamp::from_unix(10, 0), Span::from_millis(5));
        assert_eq!(sample.at(later), ten);
        sample.carry = Carry::Steps(Span::from_secs(4));
        let eight = Interval::exactly(Timestamp::from_unix(8, 0));
        assert_eq!(sample.at(later), eight);
    }

    #[test]
    fn what_is_verified_is_independent() {
        for class in Class::ALL {
            assert!(class.is_independent() || !class.is_verified(), "{class:?}");
        }
    }
}
