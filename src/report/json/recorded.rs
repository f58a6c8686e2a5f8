//! The record of the build in the JSON reports: how the builder's clock ran, by its readings.

use super::drift::{Claim, Diagnosis, Segment, Step};
use super::scalar::{Gain, Path};
use crate::drift;
use crate::report::RecordEvidence;
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
struct Drift {
    #[serde(flatten)]
    claim: Claim,
    /// How far the clock may run too fast or too slow, in parts per million.
    limit_ppm: u32,
    /// How much it gained on the true time where that is proven to have been worst; absent where it was
    /// not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Gain>,
    /// Stretches that an even rate explains.
    segments: Vec<Segment>,
    /// Where a clock was set or jumped.
    steps: Vec<Step>,
    /// What it comes from.
    diagnoses: Vec<Diagnosis>,
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
    fn of((drift, (limit_ppm, claim)): (&drift::Drift, (u32, drift::Claim))) -> Self {
        let diagnoses = drift.diagnoses(limit_ppm);
        Self {
            claim: claim.into(),
            limit_ppm,
            gain: drift.gain().map(Gain::from),
            segments: drift.segments.iter().map(Segment::from).collect(),
            steps: drift.steps.iter().map(Step::from).collect(),
            diagnoses: diagnoses.iter().map(Diagnosis::from).collect(),
        }
    }
}
