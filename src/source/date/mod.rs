//! The Date of a web server (RFC 9110 §6.6.1) as a source of time.
//!
//! One `HEAD` tells the time to about two seconds. When more is asked for, the same connection is asked
//! again and again until the Date turns to the next second: that moment is known as sharply as the
//! requests are close. Redirects are never followed: whoever sends one has a clock as well.

mod edge;
pub(in crate::source) mod reading;

use super::net::Authorities;
use super::net::http::{Connection, Url};
use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Source, Upstream,
};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Rate, Span};
use edge::{Hunt, gap};
use reading::Reading;
use std::thread;
use std::time::Duration;

/// The most requests that one sample makes: a guest is brief.
const MOST_REQUESTS: u32 = 40;

/// A web server that is asked for its Date.
#[derive(Debug)]
struct Dated {
    class: Class,
    url: Url,
    authorities: Authorities,
    /// How narrow an answer is wished for.
    wanted: Option<Span>,
}

/// Reads what follows the scheme.
pub(super) fn open(
    class: Class,
    is_secure: bool,
    rest: &str,
    options: &Options,
) -> Result<Box<dyn Source>, AddressError> {
    let both_sides = |error: Span| error.plus(error);
    Ok(Box::new(Dated {
        class,
        url: Url::parse(is_secure, rest)?,
        authorities: options.authorities.clone(),
        wanted: options.max_uncertainty.map(both_sides),
    }))
}

impl Source for Dated {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let mut visit = self.visit(budget, 0)?;
        let mut turn = None;
        if let Some(wanted) = self
            .wanted
            .filter(|&wanted| visit.reading.time().width() > wanted)
        {
            turn = match visit.hunt(wanted, budget)? {
                Ended::Turned(turn) => Some(turn),
                Ended::InVain => None,
                // Another connection may lead to another machine, so the hunt begins anew.
                Ended::Closed => match self.visit(budget, visit.requests) {
                    Ok(again) => {
                        visit = again;
                        visit.hunt(wanted, budget)?.turn()
                    }
                    Err(_what_was_had_stands) => None,
                },
            };
        }
        let (time, taken) = match &turn {
            Some(turn) => (turn.time, turn.taken),
            None => (visit.reading.time(), visit.reading.received),
        };
        visit.sample(self.class, time, taken, turn.as_ref())
    }
}

impl Dated {
    /// Connects and asks once. `requests` were made before.
    fn visit(&self, budget: Budget, requests: u32) -> Result<Visit, Refusal> {
        let mut connection = Connection::open(&self.url, &self.authorities, budget)?;
        let response = connection.ask(None)?;
        Ok(Visit {
            connection,
            reading: Reading::of(&response)?,
            stays_open: response.stays_open,
            requests: requests + 1,
        })
    }
}

/// A connection, and its first answer.
#[derive(Debug)]
struct Visit {
    connection: Connection,
    reading: Reading,
    stays_open: bool,
    requests: u32,
}

/// How a hunt ended.
#[derive(Debug)]
enum Ended {
    Turned(edge::Turn),
    /// Neither requests nor time are left, or the answers are of no use any more.
    InVain,
    /// The connection is.
    Closed,
}

impl Ended {
    fn turn(self) -> Option<edge::Turn> {
        match self {
            Self::Turned(turn) => Some(turn),
            Self::InVain | Self::Closed => None,
        }
    }
}

impl Visit {
    /// Asks until the Date turns. Whatever ends it but a contradiction, the first answer stands.
    fn hunt(&mut self, wanted: Span, budget: Budget) -> Result<Ended, Refusal> {
        let round_trip = self.reading.round_trip();
        let gap = gap(wanted, round_trip);
        let mut hunt = Hunt::from(self.reading);
        let mut sent = self.reading.sent;
        while self.stays_open {
            if self.requests >= MOST_REQUESTS || !wait(sent.later(gap), round_trip, budget) {
                return Ok(Ended::InVain);
            }
            let Ok(response) = self.connection.ask(None) else {
                return Ok(Ended::Closed);
            };
            self.requests += 1;
            self.stays_open = response.stays_open;
            let Ok(reading) = Reading::of(&response) else {
                return Ok(Ended::InVain);
            };
            sent = reading.sent;
            if let Some(turn) = hunt.see(reading)? {
                return Ok(Ended::Turned(turn));
            }
        }
        Ok(Ended::Closed)
    }

    fn sample(
        &self,
        class: Class,
        time: Interval,
        taken: Boottime,
        turn: Option<&edge::Turn>,
    ) -> Result<Sample, Refusal> {
        let certificate = self.connection.certificate;
        if let Some(certificate) = certificate {
            certificate.admit(time)?;
        }
        let date = turn.map_or(self.reading.date, |turn| turn.date);
        let mut facts = vec![
            ("date", date.to_string()),
            ("round-trip", self.reading.round_trip().to_string()),
            ("requests", self.requests.to_string()),
        ];
        if let Some(turn) = turn {
            facts.push(("date-turned-within", turn.within.to_string()));
        }
        let server = self.connection.server;
        Ok(Sample {
            class,
            time,
            taken,
            carry: Carry::Ruler(Rate::UNKNOWN),
            evidence: Evidence {
                server: Some(server),
                upstreams: vec![Upstream::of(server)],
                certificate,
                facts,
                token: None,
            },
        })
    }
}

/// Sleeps until `due`; not at all when the answer could not come within the budget.
fn wait(due: Boottime, round_trip: Span, budget: Budget) -> bool {
    let ahead = due.since(boottime()).max(Span::ZERO);
    let nanos = |span: Span| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    let needed = Duration::from_nanos(nanos(ahead.plus(round_trip)));
    let fits = budget.left().is_some_and(|left| left > needed);
    if fits {
        thread::sleep(Duration::from_nanos(nanos(ahead)));
    }
    fits
}
