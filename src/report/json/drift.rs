//! What `skewgate drift` tells machines.

use super::Path;
use super::scalar::{Gain, Lengths, Ppm};
use super::shape::Tool;
use crate::drift::{self, Pace, StepKind};
use crate::record;
use crate::report::{self, Drifts};
use crate::sys::Boottime;
use crate::time::json::{Exact, Interval, Seconds};
use schemars::JsonSchema;
use serde::Serialize;
use std::iter::once;

/// The version of the shape.
const VERSION: &str = "skewgate/drift/v1";

/// How the clocks of builders ran, by skewgate.
///
/// Instants are RFC 3339 strings in UTC with nine digits; lengths of time are decimal strings in
/// seconds; rates are decimal strings in parts per million, positive where the builder's clock gains. What is not known is
/// absent. In the report by lines each line is a document with one record, and the last has the builders.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Drift", deny_unknown_fields)]
pub(super) struct Document<'all> {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    schema: &'static str,
    tool: Tool,
    /// Beyond how many parts per million a rate is too far off.
    limit_ppm: u32,
    /// Build by build.
    builds: Vec<Build<'all>>,
    /// Builder by builder, the worst first.
    builders: Vec<Builder<'all>>,
    /// Records that could not be read.
    unread: Vec<Unread<'all>>,
}

/// How the clock ran during one build.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Build<'all> {
    #[serde(flatten)]
    path: Path<'all>,
    /// What the record is called.
    id: &'all str,
    /// What the machine calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'all str>,
    /// When it began.
    began: Exact,
    #[serde(flatten)]
    claim: Claim,
    /// The gain that is proven to have been worst; absent when nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Gain>,
    /// What was read, in order.
    readings: Vec<Reading<'all>>,
    /// Stretches that an even rate explains.
    segments: Vec<Segment>,
    /// Where a clock was set or jumped.
    steps: Vec<Step>,
    /// How each source ran by itself.
    sources: Vec<Source<'all>>,
    /// What it comes from.
    diagnoses: Vec<Diagnosis>,
}

/// What is proven of the limit.
#[derive(Serialize, JsonSchema)]
pub(super) struct Claim {
    /// Whether the rate is beyond the limit, wherever in its bounds it lies.
    claim: Claimed,
    /// How long a baseline would decide it; absent when it is decided, or nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Seconds>,
}

/// Whether the rate is beyond the limit.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Claimed {
    /// It is.
    Exceeds,
    /// It is not.
    Within,
    /// Nothing is proven.
    Inconclusive,
}

/// A reading.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Reading<'all> {
    /// What it was taken for: `begin`, `during`, `step`, `end`.
    phase: &'static str,
    /// How long into the build it was.
    into: Seconds,
    /// What programs saw on the wall clock.
    wall: Exact,
    /// How far the wall clock was ahead; negative for behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<Lengths>,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'all str>,
    /// How much the clock gained since the last reading of a clock from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Gain>,
}

/// A stretch that an even rate explains.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Segment {
    /// What the ruler (`CLOCK_BOOTTIME`) showed at its first reading.
    from: Seconds,
    /// And at its last.
    to: Seconds,
    /// How many readings there are.
    readings: usize,
    /// How much the clock gained; absent for a single reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Gain>,
}

/// Where a clock was set or jumped.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Step {
    /// `set`: the wall clock, by somebody; `jumped`: all clocks of the machine, against the true time.
    kind: &'static str,
    /// What the ruler showed before.
    after: Seconds,
    /// And after.
    before: Seconds,
    /// How far the clock moved forward; negative for back.
    by: Lengths,
    /// When it really was.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Interval>,
    /// What programs saw on the wall clock before.
    wall_before: Exact,
    /// And after.
    wall_after: Exact,
}

/// How a source ran by itself.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Source<'all> {
    /// Its address.
    address: &'all str,
    /// How good a witness it is.
    class: &'static str,
    /// How it stands to the agreed rate: `keeps`, `strays`, `breaks` (no even rate explains it), `unknown`.
    pace: &'static str,
    /// Lengths how much at least its clock gains on the agreed time, when it strays; negative for loses.
    #[serde(skip_serializing_if = "Option::is_none")]
    strays_by: Option<Ppm>,
    /// Stretches that an even rate explains.
    segments: Vec<Segment>,
}

/// What it comes from.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Diagnosis {
    /// What it is called; later versions may know more.
    name: &'static str,
    /// Whether something is wrong.
    trouble: bool,
    /// In a sentence.
    message: String,
    /// What to do about it.
    remedy: &'static str,
}

/// How the clock of one builder ran, build after build.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Builder<'all> {
    /// What the machine calls itself, or a part of the digest that tells it from others.
    name: &'all str,
    /// The ids of its records, in the order of time.
    builds: Vec<&'all str>,
    /// What was proven of the last one.
    last: Claimed,
    /// The gain that is proven to have been worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<Gain>,
    /// The id of the record with which it went bad; absent while it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    went_bad: Option<&'all str>,
}

/// A record that could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Unread<'all> {
    #[serde(flatten)]
    path: Path<'all>,
    /// Why, in a sentence.
    reason: &'all str,
}

impl<'all> Document<'all> {
    pub(super) fn of(drifts: &'all Drifts) -> Self {
        Self {
            builds: drifts.builds.iter().map(Build::of).collect(),
            builders: builders(drifts),
            unread: drifts.unread.iter().map(Unread::of).collect(),
            ..Self::empty(drifts)
        }
    }

    /// The same in parts: each record, and at last the builders.
    pub(super) fn parts(drifts: &'all Drifts) -> impl Iterator<Item = Self> {
        let builds = drifts.builds.iter().map(|build| Self {
            builds: vec![Build::of(build)],
            ..Self::empty(drifts)
        });
        let unread = drifts.unread.iter().map(|unread| Self {
            unread: vec![Unread::of(unread)],
            ..Self::empty(drifts)
        });
        let last = Self {
            builders: builders(drifts),
            ..Self::empty(drifts)
        };
        builds.chain(unread).chain(once(last))
    }

    fn empty(drifts: &Drifts) -> Self {
        Self {
            schema: VERSION,
            tool: Tool::of(drifts.version),
            limit_ppm: drifts.limit,
            builds: Vec::new(),
            builders: Vec::new(),
            unread: Vec::new(),
        }
    }
}

fn builders(drifts: &Drifts) -> Vec<Builder<'_>> {
    let id = |index: &usize| drifts.builds.get(*index).map(|build| build.id.as_str());
    let all = drifts.builders.iter().map(|one| Builder {
        name: &one.name,
        builds: one.builds.iter().filter_map(id).collect(),
        last: Claimed::from(one.last),
        worst: one.worst.map(Gain::from),
        went_bad: one.went_bad.as_ref().and_then(id),
    });
    all.collect()
}

impl<'all> Build<'all> {
    fn of(build: &'all record::BuildDrift) -> Self {
        let drift = &build.drift;
        Self {
            path: Path::of(&build.path),
            id: &build.id,
            host: build.host.as_deref(),
            began: Exact(build.began),
            claim: Claim::from(build.claim),
            gain: drift.gain().map(Gain::from),
            readings: build.points.iter().map(Reading::of).collect(),
            segments: drift.segments.iter().map(Segment::from).collect(),
            steps: drift.steps.iter().map(Step::from).collect(),
            sources: drift.sources.iter().map(Source::of).collect(),
            diagnoses: build.diagnoses.iter().map(Diagnosis::from).collect(),
        }
    }
}

impl<'all> Reading<'all> {
    fn of(point: &'all record::Point) -> Self {
        Self {
            phase: point.phase.name(),
            into: Seconds(point.into),
            wall: Exact(point.wall),
            ahead: point.ahead.as_ref().ok().map(|by| Lengths::from(*by)),
            unknown: point.ahead.as_ref().err().map(String::as_str),
            gain: point.gain.map(Gain::from),
        }
    }
}

impl<'all> Source<'all> {
    fn of(source: &'all drift::SourceDrift) -> Self {
        let (pace, by) = match source.pace {
            Pace::Unknown => ("unknown", None),
            Pace::Keeps => ("keeps", None),
            Pace::Strays(by) => ("strays", Some(Ppm(by))),
            Pace::Breaks => ("breaks", None),
        };
        Self {
            address: &source.address,
            class: source.class.name(),
            pace,
            strays_by: by,
            segments: source.segments.iter().map(Segment::from).collect(),
        }
    }
}

impl<'all> Unread<'all> {
    fn of(unread: &'all report::Unread) -> Self {
        Self {
            path: Path::of(&unread.path),
            reason: &unread.reason,
        }
    }
}

impl From<&drift::Diagnosis> for Diagnosis {
    fn from(diagnosis: &drift::Diagnosis) -> Self {
        Self {
            name: diagnosis.name(),
            trouble: diagnosis.is_trouble(),
            message: diagnosis.to_string(),
            remedy: diagnosis.remedy(),
        }
    }
}

impl From<&drift::Segment> for Segment {
    fn from(segment: &drift::Segment) -> Self {
        Self {
            from: ruler(segment.from),
            to: ruler(segment.to),
            readings: segment.readings,
            gain: segment.gain().map(Gain::from),
        }
    }
}

impl From<&drift::Step> for Step {
    fn from(step: &drift::Step) -> Self {
        Self {
            kind: match step.kind {
                StepKind::Set => "set",
                StepKind::Jumped => "jumped",
            },
            after: ruler(step.after),
            before: ruler(step.before),
            by: Lengths::from(step.by),
            when: step.when.map(Interval::from),
            wall_before: Exact(step.wall.0),
            wall_after: Exact(step.wall.1),
        }
    }
}

impl From<drift::Claim> for Claim {
    fn from(claim: drift::Claim) -> Self {
        let needs = match claim {
            drift::Claim::Inconclusive { needs } => needs,
            drift::Claim::Exceeds | drift::Claim::Within => None,
        };
        Self {
            claim: Claimed::from(claim),
            needs: needs.map(Seconds),
        }
    }
}

impl From<drift::Claim> for Claimed {
    fn from(claim: drift::Claim) -> Self {
        match claim {
            drift::Claim::Exceeds => Self::Exceeds,
            drift::Claim::Within => Self::Within,
            drift::Claim::Inconclusive { .. } => Self::Inconclusive,
        }
    }
}

/// What the ruler showed, as a length of time since the machine booted.
fn ruler(at: Boottime) -> Seconds {
    Seconds(at.since(Boottime::at(0)))
}
