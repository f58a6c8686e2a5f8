//! How the clocks of builders ran, build by build: one record, or those of a whole fleet.

use super::own::{Phase, Record, Recorded};
use crate::clock::{Reading, Trusted};
use crate::drift::{Claim, Diagnosis, Drift, Step, gain_between};
use crate::sys::{Boottime, RulerId};
use crate::time::{Rate, Span, Timestamp};
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
    /// How long into the build each step of `drift` was.
    pub steps: Vec<Span>,
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
    /// How long into the build it was: by the true time where it is known all along, else by the ruler.
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
        let times = Times::of(&record.readings, &drift);
        let points = times.as_ref().map(|times| points(&record.readings, times));
        let steps = times.map(|times| drift.steps.iter().map(|step| times.step(step)).collect());
        Self {
            path: path.to_owned(),
            id: record.id.clone(),
            host: record.host.name.clone(),
            machine: record.host.machine.clone(),
            began: record
                .readings
                .first()
                .map_or(Timestamp::from_unix(0, 0), began),
            points: points.unwrap_or_default(),
            steps: steps.unwrap_or_default(),
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

/// Where in the build readings are.
struct Times<'all> {
    drift: &'all Drift,
    first: &'all Reading,
    /// When it began, if the true time is known throughout and never runs back: it does when what the builder
    /// is compared with was set.
    zero: Option<Timestamp>,
}

impl<'all> Times<'all> {
    fn of(readings: &'all [Recorded], drift: &'all Drift) -> Option<Self> {
        let first = &readings.first()?.reading;
        let mut times = Self {
            drift,
            first,
            zero: None,
        };
        let truly: Option<Vec<Timestamp>> = readings
            .iter()
            .map(|one| times.truly(&one.reading.local.ruler, one.reading.local.clocks.taken))
            .collect();
        times.zero = truly
            .filter(|all| all.is_sorted())
            .and_then(|all| all.first().copied());
        Some(times)
    }

    fn truly(&self, ruler: &RulerId, at: Boottime) -> Option<Timestamp> {
        self.drift.at(ruler, at)?.time.middle()
    }

    /// How long into the build the ruler showed this.
    fn into(&self, ruler: &RulerId, at: Boottime) -> Span {
        let truly = self
            .zero
            .and_then(|zero| Some((zero, self.truly(ruler, at)?)));
        match truly {
            Some((zero, truly)) => truly.since(zero),
            None => at.since(self.first.local.clocks.taken),
        }
    }

    /// How long into the build a step was: in the middle between the readings around it.
    fn step(&self, step: &Step) -> Span {
        let (after, before) = (
            self.into(&step.ruler, step.after),
            self.into(&step.ruler, step.before),
        );
        after.plus(before.plus(after.negated()).half())
    }
}

fn points(readings: &[Recorded], times: &Times<'_>) -> Vec<Point> {
    let mut last: Option<(&RulerId, &Trusted)> = None;
    let mut points = Vec::with_capacity(readings.len());
    for Recorded { phase, reading } in readings {
        let local = &reading.local;
        let mut point = Point {
            phase: *phase,
            into: times.into(&local.ruler, local.clocks.taken),
            wall: local.clocks.wall,
            ahead: ahead(reading),
            gain: None,
        };
        if let Some(trusted) = verified(reading) {
            let of_same = last.filter(|(ruler, _)| **ruler == local.ruler && ruler.boot.is_some());
            if of_same.is_some_and(|(_, earlier)| earlier.taken == trusted.taken) {
                point.ahead = Err("no source was asked again since the reading before".to_owned());
            }
            point.gain = of_same.and_then(|(_, earlier)| gain_between(earlier, trusted));
            last = Some((&local.ruler, trusted));
        }
        points.push(point);
    }
    points
}

/// How far the wall clock that programs see was ahead when the sources were asked.
fn ahead(reading: &Reading) -> Result<(Span, Span), String> {
    let trusted = reading.trusted.as_ref().map_err(Clone::clone)?;
    if !trusted.class.is_verified() {
        return Err("no clock from outside told the time".to_owned());
    }
    let (Some(earliest), Some(latest)) = (trusted.time.earliest(), trusted.time.latest()) else {
        return Err("the time is bounded on one side only".to_owned());
    };
    let wall = reading.local.clocks.wall_at(trusted.taken);
    let (Some(least), Some(most)) = (wall.earliest(), wall.latest()) else {
        return Err("the wall clock is out of all reason".to_owned());
    };
    Ok((least.since(latest), most.since(earliest)))
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
    gain.map_or(0, |gain| gain.distance(Rate::within(0)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{BuildDrift, fleet};
    use crate::clock::Reading;
    use crate::drift::Claim;
    use crate::drift::tests::{MILLI, Machine, Random, SECOND};
    use crate::record::{Host, Phase, Record, Recorded, Tree};
    use crate::time::Span;
    use std::path::{Path, PathBuf};

    /// A record of these readings, of a machine with this name.
    pub(crate) fn record(host: &str, readings: Vec<Reading>) -> Record {
        let last = readings.len().saturating_sub(1);
        let phase = |index| match index {
            0 => Phase::Begin,
            _ if index == last => Phase::End,
            _ => Phase::During,
        };
        let recorded = |(index, reading)| Recorded {
            phase: phase(index),
            reading,
        };
        Record {
            id: format!("id of {host}"),
            version: "0.1.0".to_owned(),
            host: Host {
                name: Some(host.to_owned()),
                machine: None,
            },
            tree: Tree {
                path: PathBuf::from("/build"),
                identity: None,
                commit: None,
            },
            mounts: Vec::new(),
            facts: Vec::new(),
            command: None,
            readings: readings.into_iter().enumerate().map(recorded).collect(),
        }
    }

    /// Readings of a machine, every 60 s, so many minutes after it booted.
    pub(crate) fn minutes(machine: &Machine, from: i128) -> Vec<Reading> {
        let at: Vec<i128> = (from..from + 6).map(|at| at * 60 * SECOND).collect();
        machine.readings(&at, MILLI, &mut Random(9))
    }

    fn build(host: &str, machine: &Machine, from: i128) -> BuildDrift {
        BuildDrift::of(
            Path::new("r.json"),
            &record(host, minutes(machine, from)),
            500,
        )
    }

    #[test]
    fn the_worst_builder_comes_first_with_the_build_it_went_bad_with() {
        let (good, bad, worse) = (
            Machine::even(0),
            Machine::even(-MILLI),
            Machine::even(-200 * MILLI),
        );
        let mut set = Machine::even(0);
        set.walls
            .push((130 * 60 * SECOND, set.walls[0].1 + 5 * SECOND));
        let builds = [
            build("steady", &good, 0),
            build("drifts", &bad, 100),
            build("drifts", &good, 40),
            build("drifts", &bad, 10),
            build("drifts", &bad, 80),
            build("mended", &worse, 0),
            build("mended", &good, 20),
            build("worse", &worse, 5),
            build("set", &set, 127),
        ];
        let fleet = fleet(&builds);
        let told: Vec<(&str, &[usize], Option<usize>)> = fleet
            .iter()
            .map(|one| (one.name.as_str(), one.builds.as_slice(), one.went_bad))
            .collect();
        let expected: [(&str, &[usize], Option<usize>); 5] = [
            ("worse", &[7], Some(7)),
            ("drifts", &[3, 2, 4, 1], Some(4)),
            ("set", &[8], Some(8)),
            ("mended", &[5, 6], None),
            ("steady", &[0], None),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            (fleet[0].last, fleet[3].last),
            (Claim::Exceeds, Claim::Within)
        );
    }

    #[test]
    fn every_reading_says_how_far_ahead_the_clock_was_and_what_it_gained() {
        let machine = Machine::even(-200 * MILLI);
        let build = build("one", &machine, 0);
        assert_eq!(build.points.len(), 6);
        for (index, point) in build.points.iter().enumerate() {
            // The true time falls behind by 12 s a minute of the ruler.
            let ahead = Span::from_secs(12 * i64::try_from(index).unwrap());
            let (least, most) = point.ahead.clone().unwrap();
            assert!(least <= ahead && ahead <= most, "{point:?}");
            let into = Span::from_secs(48 * i64::try_from(index).unwrap());
            assert!(
                point.into.plus(into.negated()).abs() < Span::from_millis(2),
                "{point:?}"
            );
            assert_eq!(point.gain.is_some(), index > 0);
        }
    }

    #[test]
    fn a_reading_that_asked_nobody_again_is_told_so() {
        let mut readings = minutes(&Machine::even(0), 0);
        readings[5].trusted = readings[4].trusted.clone();
        let build = BuildDrift::of(Path::new("r.json"), &record("one", readings), 500);
        assert_eq!(
            build.points[5].ahead.clone().unwrap_err(),
            "no source was asked again since the reading before"
        );
        assert_eq!(build.points[5].gain, None);
    }

    #[test]
    fn where_the_true_time_runs_back_the_ruler_tells_how_long_it_took() {
        let mut machine = Machine::even(0);
        machine.pieces.push((150 * SECOND, 0, -3600 * SECOND));
        let build = build("one", &machine, 0);
        let into: Vec<Span> = build.points.iter().map(|point| point.into).collect();
        assert!(
            into.is_sorted() && into[5] == Span::from_secs(300),
            "{into:?}"
        );
        assert_eq!(build.steps, [Span::from_secs(150)]);
    }
}
