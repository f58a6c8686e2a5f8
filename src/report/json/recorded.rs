//! The record of the build in the JSON reports: how the builder's clock ran, by its readings.

use super::clock::Ahead;
use super::scalar::{Path, Ppm};
use crate::drift::{self, Claim, StepKind};
use crate::report::RecordEvidence;
use crate::time::json::{Exact, Interval};
use schemars::JsonSchema;
use serde::Serialize;

/// skewgate's own record of the build, and what it tells.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Record<'report> {
    #[serde(flatten)]
    path: Path<'report>,
    /// What it is called; absent where it is damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'report str>,
    /// The machine on which it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'report str>,
    /// How many readings there are.
    readings: usize,
    /// How the builder's clock ran; absent where nothing of the record can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Drift>,
    /// Whether this audit ended it; absent where it had ended before.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<bool>,
    /// Why it is still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<&'report str>,
    /// Why it does not belong to what was audited, in a sentence each.
    mismatches: &'report [String],
}

/// How the builder's clock ran beside the true time.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Drift {
    /// What is proven of the limit: `exceeds`, `within` or `inconclusive`.
    claim: &'static str,
    /// How far the clock may run too fast or too slow, in parts per million.
    limit_ppm: u32,
    /// How much it gained on the true time, in parts per million: the least and the most. Absent where
    /// that was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Gain>,
    /// Where it jumped.
    steps: Vec<Step>,
}

/// How much one clock gains on another, in parts per million.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Gain {
    least: Ppm,
    most: Ppm,
}

/// A jump of the clock.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Step {
    /// `set`: the wall clock moved against the machine's others; `jumped`: all of them moved against the
    /// true time.
    kind: &'static str,
    /// By how much it moved forward; negative for back.
    by: Ahead,
    /// What the clock showed before.
    before: Exact,
    /// What the clock showed after.
    after: Exact,
    /// When that really was; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Interval>,
}

impl<'report> Record<'report> {
    pub(in crate::report) fn of(record: &'report RecordEvidence) -> Self {
        let of = record.of.as_ref();
        Self {
            path: Path::of(&record.path),
            id: of.map(|(id, _)| id.as_str()),
            host: of.and_then(|(_, host)| host.as_deref()),
            readings: record.readings,
            drift: record.drift.as_ref().zip(record.claim).map(Drift::of),
            ended: record.ended.as_ref().map(Result::is_ok),
            open: record
                .ended
                .as_ref()
                .and_then(|ended| ended.as_ref().err())
                .map(String::as_str),
            mismatches: &record.mismatches,
        }
    }
}

impl Drift {
    fn of((drift, (limit_ppm, claim)): (&drift::Drift, (u32, Claim))) -> Self {
        Self {
            claim: match claim {
                Claim::Exceeds => "exceeds",
                Claim::Within => "within",
                Claim::Inconclusive { .. } => "inconclusive",
            },
            limit_ppm,
            gain: drift.gain().map(|gain| Gain {
                least: Ppm(gain.least()),
                most: Ppm(gain.most()),
            }),
            steps: drift.steps.iter().map(Step::of).collect(),
        }
    }
}

impl Step {
    fn of(step: &drift::Step) -> Self {
        Self {
            kind: match step.kind {
                StepKind::Set => "set",
                StepKind::Jumped => "jumped",
            },
            by: Ahead::of(step.by),
            before: Exact(step.wall.0),
            after: Exact(step.wall.1),
            when: step.when.map(Interval::from),
        }
    }
}
