//! How the clocks of builders ran, build by build: one record, or those of a whole fleet.

use super::own::{Phase, Record, Recorded};
use crate::clock::{Reading, Trusted};
use crate::drift::{Claim, Diagnosis, Drift, gain_between};
use crate::sys::RulerId;
use crate::time::{Interval, Rate, Span, Timestamp};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How the clock ran during one build.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildDrift {
    /// Where its record is.
    pub path: PathBuf,
    /// What the record is called.
    pub id: String,
    /// The machine, as it calls itself.
    pub host: Option<String>,
    /// What tells the machine from others for good.
    machine: Option<String>,
    /// When it began: by a clock from outside where one answered, else by the builder's.
    pub began: Timestamp,
    /// What was read, in order.
    pub points: Vec<Point>,
    /// What that comes to.
    pub drift: Drift,
    /// What is proven of the limit.
    pub claim: Claim,
    /// What it comes from.
    pub diagnoses: Vec<Diagnosis>,
}

/// A reading of a build, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What it was taken for.
    pub phase: Phase,
    /// How long into the build it was, by the true time as far as it is known.
    pub into: Span,
    /// What programs saw on the wall clock.
    pub wall: Timestamp,
    /// How far the wall clock was ahead of a clock from outside, the least and the most; negative for
    /// behind. Why that is not known, in a sentence.
    pub ahead: Result<(Span, Span), String>,
    /// How much the clock gained since the last reading of a clock from outside.
    pub gain: Option<Rate>,
}

/// How the clock of one builder ran, build after build.
#[derive(Debug, Clone, PartialEq)]
pub struct BuilderDrift {
    /// What the machine calls itself, or a part of the digest that tells it from others.
    pub name: String,
    /// Its builds among all, in the order of time.
    pub builds: Vec<usize>,
    /// What was proven of the last build.
    pub last: Claim,
    /// The gain that is proven to have been worst.
    pub worst: Option<Rate>,
    /// The build with which it went bad: the first that exceeds the limit after the last that was within.
    pub went_bad: Option<usize>,
}

impl BuildDrift {
    /// That of a record, held against a limit in parts per million.
    pub fn of(path: &Path, record: &Record, limit: u32) -> Self {
        let drift = record.drift();
        Self {
            path: path.to_owned(),
            id: record.id.clone(),
            host: record.host.name.clone(),
            machine: record.host.machine.clone(),
            began: record
                .readings
                .first()
                .map_or(Timestamp::from_unix(0, 0), began),
            points: points(&record.readings, &drift),
            claim: drift.claim(limit),
            diagnoses: drift.diagnoses(limit),
            drift,
        }
    }

    /// Whether its clock is proven to have been unfit to date anything: beyond the limit, set or jumped.
    pub fn is_bad(&self) -> bool {
        self.claim == Claim::Exceeds || !self.drift.steps.is_empty()
    }
}

fn began(first: &Recorded) -> Timestamp {
    let reading = &first.reading;
    let trusted = verified(reading).and_then(|trusted| trusted.time.middle());
    trusted.unwrap_or(reading.local.clocks.wall)
}

/// What a clock from outside said.
fn verified(reading: &Reading) -> Option<&Trusted> {
    let trusted = reading.trusted.as_ref().ok()?;
    trusted.class.is_verified().then_some(trusted)
}

fn points(readings: &[Recorded], drift: &Drift) -> Vec<Point> {
    let mut last: Option<(&RulerId, &Trusted)> = None;
    let mut first: Option<(Timestamp, &Reading)> = None;
    let mut points = Vec::with_capacity(readings.len());
    for Recorded { phase, reading } in readings {
        let local = &reading.local;
        let located = drift.at(&local.ruler, local.clocks.taken);
        let truly = located.and_then(|located| located.time.middle());
        let (zero, began) = *first.get_or_insert((truly.unwrap_or(local.clocks.wall), reading));
        let into = match truly {
            Some(at) => at.since(zero),
            None => local.clocks.taken.since(began.local.clocks.taken),
        };
        let trusted = verified(reading);
        let gain = trusted.and_then(|trusted| {
            let (ruler, earlier) = last.filter(|(ruler, _)| **ruler == local.ruler)?;
            ruler.boot.as_ref()?;
            gain_between(earlier, trusted)
        });
        points.push(Point {
            phase: *phase,
            into,
            wall: local.clocks.wall,
            ahead: ahead(reading),
            gain,
        });
        if let Some(trusted) = trusted {
            last = Some((&local.ruler, trusted));
        }
    }
    points
}

/// How far the wall clock that programs see was ahead when the sources were asked.
fn ahead(reading: &Reading) -> Result<(Span, Span), String> {
    let trusted = reading.trusted.as_ref().map_err(Clone::clone)?;
    let own = || "no clock from outside told the time".to_owned();
    let trusted = Some(trusted)
        .filter(|trusted| trusted.class.is_verified())
        .ok_or_else(own)?;
    let clocks = &reading.local.clocks;
    // The kernel runs both as one; it was read at some time in the bracket.
    let latest = clocks.wall.later(trusted.taken.since(clocks.taken));
    let wall = Interval::between(latest.earlier(clocks.bracket), latest);
    let (Some(earliest), Some(until)) = (trusted.time.earliest(), trusted.time.latest()) else {
        return Err("the time is bounded on one side only".to_owned());
    };
    let least = wall.earliest().unwrap_or(latest).since(until);
    Ok((least, latest.since(earliest)))
}

/// Builders by what is proven of them, the worst first; their builds are among these.
pub fn fleet(builds: &[BuildDrift]) -> Vec<BuilderDrift> {
    let mut order: Vec<usize> = (0..builds.len()).collect();
    order.sort_by_key(|index| builds.get(*index).map(|build| build.began));
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for index in order {
        let Some(build) = builds.get(index) else {
            continue;
        };
        // Names change hands; the digest is the machine's for good.
        let key = build.machine.as_deref().or(build.host.as_deref());
        let place = *known.entry(key.unwrap_or_default()).or_insert_with(|| {
            all.push(Vec::new());
            all.len() - 1
        });
        if let Some(own) = all.get_mut(place) {
            own.push(index);
        }
    }
    let mut fleet: Vec<BuilderDrift> = all
        .into_iter()
        .filter_map(|own| builder(own, builds))
        .collect();
    // The sort is stable: builders of whom as much is proven stand as they first built.
    fleet.sort_by_key(|builder| {
        std::cmp::Reverse((builder.went_bad.is_some(), proven(builder.worst)))
    });
    fleet
}

fn builder(own: Vec<usize>, builds: &[BuildDrift]) -> Option<BuilderDrift> {
    let all = || own.iter().filter_map(|index| builds.get(*index));
    let last = all().next_back()?;
    let gains = all().filter_map(|build| build.drift.gain());
    let is_good = |build: &BuildDrift| build.claim == Claim::Within && !build.is_bad();
    let good = own
        .iter()
        .rposition(|index| builds.get(*index).is_some_and(is_good));
    let since = good.map_or(0, |good| good + 1);
    let mut later = own.iter().skip(since);
    let went_bad = later.find(|index| builds.get(**index).is_some_and(BuildDrift::is_bad));
    let digest = last.machine.as_deref().map(|digest| {
        let start: String = digest.chars().take(12).collect();
        format!("machine {start}")
    });
    Some(BuilderDrift {
        name: last
            .host
            .clone()
            .or(digest)
            .unwrap_or_else(|| "a machine without a name".to_owned()),
        last: last.claim,
        worst: gains.max_by_key(|gain| proven(Some(*gain))),
        went_bad: went_bad.copied(),
        builds: own,
    })
}

/// How far from none a gain is proven to be, in parts per billion.
fn proven(gain: Option<Rate>) -> i128 {
    gain.map_or(0, |gain| gain.least().max(-gain.most()).max(0))
}
